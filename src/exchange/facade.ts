/**
 * What a wire façade is to whoever carries its bytes: pure handlers of requests and frames that take the time as an
 * argument and answer at once. Real sockets are one carrier, a process of its own; a virtual network is another. A
 * façade opens nothing, sets no timer and reads no clock.
 */
export interface HttpRequest {
	readonly method: string;
	/** Without the query, such as `/v5/order/create`. */
	readonly path: string;
	/** As it stood on the wire, without the question mark; signatures cover these very characters. */
	readonly query: string;
	/** Names in lower case; of repeated headers the last. */
	readonly headers: Readonly<Record<string, string>>;
	readonly body: string;
	/** Address of the client, for limits by address. */
	readonly remote: string;
}

export interface HttpReply {
	readonly status: number;
	readonly headers: Readonly<Record<string, string>>;
	readonly body: string;
}

/** The client's end of a WebSocket, as a façade sees it. */
export interface Peer {
	send(text: string): void;
	close(code: number, reason: string): void;
}

/** A façade's end of a WebSocket. */
export interface Connection {
	receive(text: string, nowMs: number): void;
	/** The socket is gone, whoever closed it. */
	closed(nowMs: number): void;
}

export interface ConnectTarget {
	readonly path: string;
	readonly query: string;
	readonly remote: string;
}

/** Pings that the venue sends, and how long its client may take for the answer. */
export interface Heartbeat {
	readonly everyMs: number;
	readonly answerMsMax: number;
}

export type Connected =
	/** Without a heartbeat the venue sends no pings of the protocol's own. */
	| { readonly kind: 'connected'; readonly connection: Connection; readonly heartbeat?: Heartbeat }
	| { readonly kind: 'refused'; readonly status: number; readonly reason: string };

export interface Facade {
	request(request: HttpRequest, nowMs: number): HttpReply;
	connect(target: ConnectTarget, peer: Peer, nowMs: number): Connected;
	/** Called every `FACADE_TICK_MS`: repeats, expiries and batches that only time brings about. */
	tick(nowMs: number): void;
}

export const FACADE_TICK_MS = 10;
