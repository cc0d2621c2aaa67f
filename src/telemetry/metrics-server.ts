/**
 * `/metrics` for a scraper, `/healthz` and `/readyz` for a supervisor, on a port of their own. Loopback only, and therefore without
 * a token; nothing here changes anything or contains a secret (SEC11). The only file of this room that opens a socket.
 * Whoever opens it disposes of it; that takes no longer than closing its sockets.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';

export interface MetricsServerOptions {
	/** Where the text comes from. */
	readonly metrics: { readonly contentType: string; text(): Promise<string> };
	/** What has to be well for trading; without it `/readyz` only knows that it does not know. */
	readonly health?: () => Health;
	/** 127.0.0.1 unless said; anything but loopback is refused (SEC1). */
	readonly host?: string;
	/** 0: any that is free. */
	readonly port: number;
	/** Hears why a text could not be made (the scraper only hears 500) or a connection not be taken. */
	readonly onBug: (error: unknown) => void;
}

/** For `/readyz`: 200 where all is well, 503 where not, with why. */
export interface Health {
	readonly isReady: boolean;
	readonly checks: readonly { readonly name: string; readonly isGood: boolean; readonly sentence: string }[];
}

export interface MetricsServer extends AsyncDisposable {
	readonly host: string;
	readonly port: number;
}

export type MetricsServerOpened =
	| { readonly kind: 'open'; readonly server: MetricsServer }
	| { readonly kind: 'refused'; readonly host: string; readonly reason: string }
	/** The system's code for why not, such as EADDRINUSE. */
	| { readonly kind: 'unavailable'; readonly code: string; readonly host: string; readonly port: number };

const LOOPBACK = ['127.0.0.1', '::1'];
const SOCKETS_MAX = 20;
const HEADERS_MS_MAX = 5_000;
const REQUEST_MS_MAX = 10_000;
const HEADERS_BYTES_MAX = 8_192;
const TEXT = 'text/plain; charset=utf-8';

export async function openMetricsServer(options: MetricsServerOptions): Promise<MetricsServerOpened> {
	const { host = '127.0.0.1', port } = options;
	if (!LOOPBACK.includes(host)) {
		const reason = `metrics are served without a token, so only on ${LOOPBACK.join(' or ')}; found ${host}`;
		return { kind: 'refused', host, reason };
	}
	const server = createServer({
		headersTimeout: HEADERS_MS_MAX,
		requestTimeout: REQUEST_MS_MAX,
		maxHeaderSize: HEADERS_BYTES_MAX,
	});
	server.maxConnections = SOCKETS_MAX;
	const failure = await listen(server, host, port);
	if (failure !== undefined) return { kind: 'unavailable', code: failure, host, port };
	const address = server.address();
	const taken = address === null || typeof address === 'string' ? port : address.port;
	server.on('error', options.onBug);
	server.on('request', (request, response) => answer(request, response, { ...options, hosts: namesOf(taken) }));
	return { kind: 'open', server: { host, port: taken, [Symbol.asyncDispose]: () => close(server) } };
}

/** A page in a browser may reach loopback under a name of its own; it cannot send one of these (SEC3). */
function namesOf(port: number): readonly string[] {
	return [...LOOPBACK, '[::1]', 'localhost'].map((name) => `${name}:${port}`);
}

const PATHS = ['/metrics', '/healthz', '/readyz'];

type Answering = Pick<MetricsServerOptions, 'metrics' | 'onBug' | 'health'> & { readonly hosts: readonly string[] };

function answer(request: IncomingMessage, response: ServerResponse, { metrics, onBug, health, hosts }: Answering): void {
	// What a client sends along is not read, and its connection is not kept for more of it.
	if (request.headers['content-length'] !== undefined || request.headers['transfer-encoding'] !== undefined) {
		response.setHeader('connection', 'close');
	}
	if (!hosts.includes(request.headers.host ?? '')) return reply(response, 421, TEXT, 'this server is not known by that name\n');
	const path = (request.url ?? '').split('?', 1)[0] ?? '';
	if (!PATHS.includes(path)) return reply(response, 404, TEXT, 'there are /metrics, /healthz and /readyz\n');
	if (request.method !== 'GET' && request.method !== 'HEAD') {
		response.setHeader('allow', 'GET, HEAD');
		return reply(response, 405, TEXT, 'only GET and HEAD\n');
	}
	if (path === '/healthz') return reply(response, 200, 'application/json', '{"status":"alive"}\n');
	if (path === '/readyz') return replyReady(response, health, onBug);
	metrics.text().then(
		(text) => reply(response, 200, metrics.contentType, text),
		(error: unknown) => {
			onBug(error);
			reply(response, 500, TEXT, 'the metrics could not be collected\n');
		},
	);
}

function replyReady(
	response: ServerResponse,
	health: MetricsServerOptions['health'],
	onBug: MetricsServerOptions['onBug'],
): void {
	try {
		const { isReady, checks } = health?.() ?? { isReady: false, checks: [] };
		const body = `${JSON.stringify({ status: isReady ? 'ready' : 'not ready', checks })}\n`;
		reply(response, isReady ? 200 : 503, 'application/json', body);
	} catch (error) {
		onBug(error);
		reply(response, 500, TEXT, 'it could not be found out\n');
	}
}

function reply(response: ServerResponse, status: number, contentType: string, body: string): void {
	response.writeHead(status, {
		'content-type': contentType,
		'content-length': Buffer.byteLength(body),
		'cache-control': 'no-store',
		'x-content-type-options': 'nosniff',
	});
	// For HEAD node leaves the body out by itself.
	response.end(body);
}

async function listen(server: Server, host: string, port: number): Promise<string | undefined> {
	const { promise, resolve } = Promise.withResolvers<string | undefined>();
	const onError = (error: NodeJS.ErrnoException): void => resolve(error.code ?? error.message);
	server.once('error', onError).listen({ host, port }, () => resolve(undefined));
	const failure = await promise;
	server.off('error', onError);
	return failure;
}

function close(server: Server): Promise<void> {
	return new Promise((resolve) => {
		// Also when it is closed already.
		server.close(() => resolve());
		server.closeAllConnections();
	});
}
