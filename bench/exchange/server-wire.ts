/**
 * Client connections that cost next to nothing: ready-made bytes go out in one write, replies are cut out of what comes
 * back and handed on as text. An HTTP or WebSocket library in the client would cost as much as the server that is to be
 * measured, and hide what the server costs. Replies come in the order of their requests, as both servers send them.
 */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

export type Protocol = 'http' | 'ws';

const TEXT_FRAME = 0x81;
const MASKED = 0x80;
const LENGTH_16 = 126;
const LENGTH_64 = 127;
const HEAD_END = '\r\n\r\n';
const CONTENT_LENGTH = /\r\ncontent-length: (\d+)/i;
/** Any will do; the server unmasks whatever it is. */
const MASK = Buffer.from([0, 0, 0, 0]);

export class Wire {
	onText: (text: string) => void = () => {};
	/** The server hung up: between jobs it may, after a while; within one it must not. */
	onClosed: () => void = () => {};
	readonly #socket: Socket;
	readonly #read: (bytes: Buffer, deliver: (text: string) => void) => Buffer;
	#rest: Buffer = Buffer.alloc(0);

	private constructor(socket: Socket, protocol: Protocol) {
		this.#socket = socket;
		this.#read = protocol === 'http' ? readReplies : readFrames;
	}

	static async open(port: number, protocol: Protocol, path: string): Promise<Wire> {
		const socket = connect({ port, host: '127.0.0.1', noDelay: true });
		await once(socket, 'connect');
		if (protocol === 'ws') await upgrade(socket, path);
		const wire = new Wire(socket, protocol);
		socket.on('data', (chunk: Buffer) => wire.#receive(chunk));
		socket.on('error', () => {}).on('close', () => wire.onClosed());
		return wire;
	}

	get isOpen(): boolean {
		return !this.#socket.destroyed && this.#socket.readyState === 'open';
	}

	write(bytes: Buffer): void {
		this.#socket.write(bytes);
	}

	/** For what is not timed. */
	async ask(bytes: Buffer): Promise<string> {
		const { promise, resolve, reject } = Promise.withResolvers<string>();
		this.onText = resolve;
		this.onClosed = () => reject(new Error('the connection was closed instead of an answer'));
		this.write(bytes);
		return await promise;
	}

	close(): void {
		this.#socket.destroy();
	}

	#receive(chunk: Buffer): void {
		const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
		this.#rest = this.#read(bytes, (text) => this.onText(text));
	}
}

export function httpRequest(
	method: 'GET' | 'POST',
	target: string,
	headers: Readonly<Record<string, string>>,
	body: string,
): Buffer {
	const lines = Object.entries({ host: '127.0.0.1', ...headers }).map(([name, value]) => `${name}: ${value}\r\n`);
	const length = method === 'GET' ? '' : `content-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n`;
	return Buffer.from(`${method} ${target} HTTP/1.1\r\n${lines.join('')}${length}\r\n${body}`);
}

export function wsFrame(text: string): Buffer {
	const payload = Buffer.from(text);
	const { length } = payload;
	const head = length < LENGTH_16 ? [TEXT_FRAME, MASKED | length] : [TEXT_FRAME, MASKED | LENGTH_16, length >> 8, length & 0xff];
	return Buffer.concat([Buffer.from(head), MASK, payload]);
}

async function upgrade(socket: Socket, path: string): Promise<void> {
	const headers = [
		'Connection: Upgrade',
		'Upgrade: websocket',
		'Sec-WebSocket-Version: 13',
		'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
	];
	socket.write(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\n${headers.join('\r\n')}${HEAD_END}`);
	const [chunk] = (await once(socket, 'data')) as [Buffer];
	const text = chunk.toString('latin1');
	if (!text.startsWith('HTTP/1.1 101') || !text.endsWith(HEAD_END)) throw new Error(`no handshake, but: ${text}`);
}

/** Answers with the bytes of what is not complete yet. */
function readReplies(bytes: Buffer, deliver: (text: string) => void): Buffer {
	let at = 0;
	for (;;) {
		const headEnd = bytes.indexOf(HEAD_END, at, 'latin1');
		if (headEnd === -1) return bytes.subarray(at);
		const length = CONTENT_LENGTH.exec(bytes.toString('latin1', at, headEnd))?.[1];
		if (length === undefined) throw new Error(`a reply without a length: ${bytes.toString('latin1', at, headEnd)}`);
		const from = headEnd + HEAD_END.length;
		const end = from + Number(length);
		if (end > bytes.length) return bytes.subarray(at);
		deliver(bytes.toString('latin1', from, end));
		at = end;
	}
}

function readFrames(bytes: Buffer, deliver: (text: string) => void): Buffer {
	let at = 0;
	while (bytes.length - at >= 2) {
		const short = bytes.readUInt8(at + 1);
		const head = short < LENGTH_16 ? 2 : short === LENGTH_16 ? 4 : 10;
		if (bytes.length - at < head) break;
		const length =
			short < LENGTH_16 ? short : short === LENGTH_64 ? Number(bytes.readBigUInt64BE(at + 2)) : bytes.readUInt16BE(at + 2);
		const end = at + head + length;
		if (end > bytes.length) break;
		if (bytes[at] !== TEXT_FRAME) throw new Error(`a frame that is no text: ${bytes.toString('latin1', at, end)}`);
		deliver(bytes.toString('latin1', at + head, end));
		at = end;
	}
	return bytes.subarray(at);
}
