/**
 * The way out: HTTP calls and WebSockets, as callbacks. A real implementation opens sockets, a virtual one calls façades
 * in virtual time; one suite holds both to the same promises. Nothing here knows an exchange, retries, or reads a clock
 * of its own. Callbacks, not promises: the order path must not wait for a turn of the job queue, and the same bytes
 * must come in the same order on every run.
 */
export interface HttpCall {
	/** Scheme, host and port: `https://api.example.com`. */
	readonly origin: string;
	readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
	/** Path with its query, exactly as it goes on the wire and as it was signed. */
	readonly target: string;
	/** Names and values in turn. */
	readonly headers: readonly string[];
	readonly body?: string;
	/** Which connections carry it: orders have a pool of their own, so that reads never stand in their way. */
	readonly pool: string;
	/** For all of it, from this call to the last byte of the reply. */
	readonly timeoutMs: number;
}

export type LostReason =
	| 'timeout'
	| 'refused' // nobody listens, or the name does not resolve
	| 'tls'
	| 'reset'
	| 'too-large'
	| 'aborted' // by the caller, or because the transport is closed
	| 'exhausted'; // the pool's queue is full

export type HttpHeard =
	| {
			readonly kind: 'reply';
			readonly status: number;
			/** Of a name, in lower case; repeated ones joined with a comma. */
			header(name: string): string | undefined;
			/** The caller's own: no later call changes it. */
			readonly body: Uint8Array;
	  }
	/** `sent`: a byte may have reached the server, so what was asked may have been done. Never `false` when in doubt. */
	| { readonly kind: 'lost'; readonly sent: boolean; readonly reason: LostReason; readonly detail: string };

export interface SocketTarget {
	/** `wss://host:port/path?query` */
	readonly url: string;
	readonly headers?: readonly string[];
	readonly handshakeTimeoutMs: number;
	/** Frames that came together are told one a turn of the loop, so that what waits on other sockets is not held up by them. */
	readonly givesWay?: true;
}

export type SocketEnd =
	/** The server said why, or we did. */
	| { readonly kind: 'closed'; readonly code: number; readonly reason: string }
	/** Never opened: an HTTP status instead, or no connection at all. */
	| { readonly kind: 'refused'; readonly status: number | undefined; readonly detail: string }
	/** Died without a word, or we ended it with `terminate`. */
	| { readonly kind: 'lost'; readonly detail: string };

/** None of these is called from inside `connect`, `send` or any other call of ours. */
export interface SocketHandler {
	opened(): void;
	/** One whole text message, as bytes: valid until this returns. */
	received(frame: Uint8Array): void;
	/** A protocol-level pong. */
	ponged(): void;
	/** Exactly once, last, also when it never opened. */
	ended(end: SocketEnd): void;
}

export interface Socket {
	/** Handed over and not yet taken by the operating system. */
	readonly bufferedBytes: number;
	/** False when the socket is not open: then nothing was sent. */
	send(text: string): boolean;
	ping(): void;
	/** Politely: says good-bye, and ends at the latest after a second. */
	close(): void;
	/** At once; what has not left is lost. */
	terminate(): void;
}

export interface PoolFigures {
	readonly origin: string;
	readonly pool: string;
	readonly connections: number;
	readonly active: number;
	readonly idle: number;
	readonly queued: number;
}

export interface Transport extends AsyncDisposable {
	/** Calls back exactly once, never from inside this call. Never resends anything by itself. */
	request(call: HttpCall, heard: (heard: HttpHeard) => void): Abortable;
	connect(target: SocketTarget, handler: SocketHandler): Socket;
	/** Opens connections ahead of need, so that the first flush does not pay for handshakes. */
	warm(origin: string, pool: string, connections: number): void;
	pools(): readonly PoolFigures[];
}

export interface Abortable {
	/** Heard as `lost` with reason `aborted`, unless the reply came first. */
	abort(): void;
}
