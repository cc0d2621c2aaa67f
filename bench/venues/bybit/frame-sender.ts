/**
 * The sending end of frame-feed.ts, a process of its own: `frame-sender.ts <frame count>`. It makes all frames with their
 * WebSocket headers before it listens, and answers each request by writing a stretch of those bytes to the socket.
 */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import { makeBookFrames } from './book-frames.ts';

const TEXT_FRAME = 0x81;
const LENGTH_IN_TWO_BYTES = 126;
const CHUNK = 2_000;

const frameCount = Number(process.argv[2]);
const { bytes, ends } = packed(frameCount);
const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false });
server.on('connection', (socket: WebSocket & { readonly _socket: NodeJS.WritableStream }) => {
	let next = 0;
	socket.on('message', (count: Buffer) => {
		const from = ends[next - 1] ?? 0;
		next += Number(count.toString());
		socket._socket.write(bytes.subarray(from, ends[next - 1]));
	});
});
await once(server, 'listening');
process.on('disconnect', () => process.exit(0));
process.send?.((server.address() as AddressInfo).port);

/** Frame after frame, each with the header of an unmasked text message; and where each ends. */
function packed(count: number): { bytes: Buffer; ends: number[] } {
	const frames = makeBookFrames(count);
	const parts: Buffer[] = [];
	const ends: number[] = [];
	let end = 0;
	for (let from = 0; from < count; from += CHUNK) {
		for (const frame of frames.deltas(from, Math.min(from + CHUNK, count))) {
			const header = Buffer.from([TEXT_FRAME, frame.length]);
			const longHeader = Buffer.from([TEXT_FRAME, LENGTH_IN_TWO_BYTES, frame.length >> 8, frame.length & 0xff]);
			const part = Buffer.concat([frame.length < LENGTH_IN_TWO_BYTES ? header : longHeader, frame]);
			parts.push(part);
			end += part.length;
			ends.push(end);
		}
	}
	return { bytes: Buffer.concat(parts), ends };
}
