/**
 * A venue that says whatever a test wants, down to the byte: requests are read off bare TCP connections, and what comes
 * back is written by the test. It keeps count of what it was asked, since nothing may be asked twice.
 */
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';

export interface SeenRequest {
	/** Counted from 0. */
	readonly index: number;
	readonly path: string;
	readonly orderIds: readonly string[];
	readonly connection: Socket;
}

export interface SeenMessage {
	readonly index: number;
	readonly requestId: string;
	readonly orderIds: readonly string[];
	send(text: string): void;
	/** Below the frames: whatever these bytes are. */
	readonly connection: Duplex;
}

export interface Script {
	readonly request?: (request: SeenRequest) => void;
	/** An order operation; logins and pings are answered by themselves. */
	readonly message?: (message: SeenMessage) => void;
}

export class ScriptedVenue implements AsyncDisposable {
	readonly requests: SeenRequest[] = [];
	readonly messages: SeenMessage[] = [];
	readonly #connections = new Set<Duplex>();
	readonly #script: Script;
	readonly #http = createServer({ allowHalfOpen: true }, (connection) => this.#serve(connection));
	readonly #trade = createHttpServer();

	static async open(script: Script): Promise<ScriptedVenue> {
		const venue = new ScriptedVenue(script);
		for (const server of [venue.#http, venue.#trade]) {
			await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
		}
		return venue;
	}

	constructor(script: Script) {
		this.#script = script;
		const sockets = new WebSocketServer({ noServer: true });
		this.#trade.on('upgrade', (message, connection, head) => {
			this.#keep(connection);
			sockets.handleUpgrade(message, connection, head, (socket) => {
				socket.on('error', () => {});
				socket.on('message', (data: Buffer) => this.#hear(data.toString(), connection, (text) => socket.send(text)));
			});
		});
	}

	get address() {
		const portOf = (server: { address(): unknown }) => (server.address() as AddressInfo).port;
		return {
			rest: `http://127.0.0.1:${portOf(this.#http)}`,
			trade: `ws://127.0.0.1:${portOf(this.#trade)}/v5/trade`,
			apiKey: 'KEY',
			apiSecret: 'SECRET',
		};
	}

	async [Symbol.asyncDispose](): Promise<void> {
		for (const connection of this.#connections) connection.destroy();
		for (const server of [this.#http, this.#trade]) await new Promise((resolve) => server.close(resolve));
	}

	#keep(connection: Duplex): void {
		this.#connections.add(connection);
		connection.on('error', () => {}).once('close', () => this.#connections.delete(connection));
	}

	#serve(connection: Socket): void {
		this.#keep(connection);
		let unread = '';
		// Our requests are ASCII, so characters are bytes.
		connection.setEncoding('latin1').on('data', (text: string) => {
			unread += text;
			for (;;) {
				const [whole, path = '', length = ''] = REQUEST_HEAD.exec(unread) ?? [];
				if (whole === undefined || unread.length < whole.length + Number(length)) return;
				const body = unread.slice(whole.length, whole.length + Number(length));
				unread = unread.slice(whole.length + Number(length));
				const seen = { index: this.requests.length, path, orderIds: orderIdsIn(body), connection };
				this.requests.push(seen);
				this.#script.request?.(seen);
			}
		});
		connection.on('end', () => connection.end());
	}

	#hear(text: string, connection: Duplex, send: (text: string) => void): void {
		const { op, reqId = '' } = JSON.parse(text) as { readonly op: string; readonly reqId?: string };
		if (op === 'auth') return send(JSON.stringify({ reqId, retCode: 0, retMsg: 'OK', op, connId: 'c' }));
		if (op === 'ping') return send('{"op":"pong","retCode":0}');
		const seen = { index: this.messages.length, requestId: reqId, orderIds: orderIdsIn(text), send, connection };
		this.messages.push(seen);
		this.#script.message?.(seen);
	}
}

const REQUEST_HEAD = /^POST (\S+) HTTP\/1\.1\r\n(?:.+\r\n)*?content-length: (\d+)\r\n(?:.+\r\n)*\r\n/i;

function orderIdsIn(text: string): readonly string[] {
	return [...text.matchAll(/"orderLinkId":"([^"]*)"/g)].map(([, id = '']) => id);
}

/** All taken, in the venue's words. */
export function takenBatch(orderIds: readonly string[]): string {
	const list = orderIds.map((orderLinkId) => ({ category: 'linear', orderId: `v-${orderLinkId}`, orderLinkId }));
	const retExtInfo = { list: list.map(() => ({ code: 0, msg: 'OK' })) };
	return JSON.stringify({ retCode: 0, retMsg: 'OK', result: { list }, retExtInfo, time: 1_771_000_000_000 });
}

/** The same on the trade socket. */
export function takenMessage({ requestId, orderIds }: Pick<SeenMessage, 'requestId' | 'orderIds'>): string {
	const { result, ...others } = JSON.parse(takenBatch(orderIds)) as { readonly result: object };
	return JSON.stringify({ ...others, reqId: requestId, op: 'order.create-batch', data: result, header: {} });
}

/** One whole HTTP reply, with further header lines where some are given. */
export function httpReply(body: string, { status = 200, headers = '' }: { status?: number; headers?: string } = {}): string {
	return `HTTP/1.1 ${status} Whatever\r\ncontent-type: application/json\r\n${headers}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
}
