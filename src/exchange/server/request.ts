/**
 * From what Node parsed to what a façade reads: query and body exactly as they stood on the wire, since signatures
 * cover them, and headers by their lower-case names. A body that is too long or no text is refused here.
 */
import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import type { ConnectTarget, HttpRequest } from '../facade.ts';

export type BodyRead =
	| { readonly kind: 'body'; readonly text: string }
	| { readonly kind: 'refused'; readonly status: 400 | 413; readonly reason: string; readonly drained: boolean };

/** A body up to so many times the limit is read and thrown away, since a client still writing may not see its answer. */
const DRAIN_FACTOR = 8;
const EMPTY: BodyRead = { kind: 'body', text: '' };

/** Calls back once; never when the client goes away first. */
export function readBody(message: IncomingMessage, bytesMax: number, done: (read: BodyRead) => void): void {
	const declared = message.headers['content-length'];
	if (declared === undefined && message.headers['transfer-encoding'] === undefined) return done(EMPTY);
	const tooLong = (drained: boolean): BodyRead => ({
		kind: 'refused',
		status: 413,
		reason: `the body is longer than ${bytesMax} bytes; send less in one request`,
		drained,
	});
	const drainMax = bytesMax * DRAIN_FACTOR;
	if (Number(declared) > drainMax) return done(tooLong(false));

	const chunks: Buffer[] = [];
	let bytes = 0;
	const onData = (chunk: Buffer): void => {
		bytes += chunk.length;
		if (bytes <= bytesMax) chunks.push(chunk);
		else chunks.length = 0;
		if (bytes > drainMax) {
			message.off('data', onData).off('end', onEnd);
			done(tooLong(false));
		}
	};
	const onEnd = (): void => {
		if (bytes > bytesMax) return done(tooLong(true));
		const [only] = chunks;
		const body = chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks);
		if (isUtf8(body)) return done({ kind: 'body', text: body.toString('utf8') });
		done({ kind: 'refused', status: 400, reason: 'the body is not UTF-8 text', drained: true });
	};
	// A broken connection is not an error of ours; Node closes it.
	message
		.on('data', onData)
		.on('end', onEnd)
		.on('error', () => {});
}

export function requestOf(message: IncomingMessage, body: string): HttpRequest {
	const { path, query, remote } = targetOf(message);
	return { method: message.method ?? '', path, query, headers: headersOf(message.rawHeaders), body, remote };
}

export function targetOf(message: IncomingMessage): ConnectTarget {
	const url = message.url ?? '';
	const mark = url.indexOf('?');
	return {
		path: mark === -1 ? url : url.slice(0, mark),
		query: mark === -1 ? '' : url.slice(mark + 1),
		remote: message.socket.remoteAddress ?? '',
	};
}

/** Without a prototype, so that a header cannot be mistaken for something inherited. */
function headersOf(raw: readonly string[]): Record<string, string> {
	const headers = Object.create(null) as Record<string, string>;
	for (let i = 0; i + 1 < raw.length; i += 2) headers[(raw[i] ?? '').toLowerCase()] = raw[i + 1] ?? '';
	return headers;
}
