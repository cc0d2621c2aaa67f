/**
 * The server itself: who is heard (guard.ts), who may (access.ts), how often, and what is answered (routes.ts). Whatever
 * route there is needs a token, unless it says of itself that it is open.
 */
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import helmet from '@fastify/helmet';
import rateLimit from '@fastify/rate-limit';
import websocket from '@fastify/websocket';
import Fastify, { type FastifyError, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { may } from './access.ts';
import { ApiError, type ApiErrorCode } from './api-error.ts';
import { whyNotHeard } from './guard.ts';
import { addRoutes, FEED_PATH } from './routes.ts';
import type { ServerParts } from './server-parts.ts';

const BODY_BYTES_MAX = 64 * 1024;
const HEAD_BYTES_MAX = 16 * 1024;
const HEAD_MS_MAX = 5_000;
const REQUEST_MS_MAX = 10_000;
const IDLE_MS_MAX = 10_000;
/** More than the live feeds and the requests of as many pages need. */
const CONNECTIONS_MAX = 200;
const REQUESTS_PER_SEC_MAX = 60;
const FEED_BYTES_MAX = 16 * 1024;

export async function makeServer(parts: ServerParts): Promise<FastifyInstance> {
	const app = Fastify({
		bodyLimit: BODY_BYTES_MAX,
		forceCloseConnections: true,
		// Of a program on this host or of the next proxy; never what a client says of itself.
		trustProxy: parts.isBehindProxy ? (_address, hop) => hop === 0 : false,
		serverFactory: (handler) => listenerOf(parts.tls, handler),
		// No hook has been or will be called: neither the headers are there nor is an upgraded connection ever closed.
		frameworkErrors: (_error, request, reply) => {
			reply.raw.once('finish', () => request.raw.socket.destroy());
			sayFailure(reply.headers(BARE_HEADERS), new ApiError('API_ADDRESS'));
		},
	});
	app.server.maxConnections = CONNECTIONS_MAX;
	app.decorateRequest('identity', undefined);
	app.removeContentTypeParser('text/plain');
	await app.register(helmet, HEADERS);
	// Before the guard: it closes what was refused.
	await app.register(websocket, { options: { maxPayload: FEED_BYTES_MAX, perMessageDeflate: false } });
	app.addHook('onRequest', async (request, reply) => {
		reply.header('cache-control', 'no-store');
		hearOrRefuse(request, parts);
	});
	await app.register(rateLimit, {
		max: REQUESTS_PER_SEC_MAX,
		timeWindow: 1_000,
		addHeaders: NO_LIMIT_HEADERS,
		addHeadersOnExceeding: NO_LIMIT_HEADERS,
		keyGenerator: (request) => request.ip,
		allowList: ({ identity, routeOptions: { config } }) =>
			config.isUrgent === true && identity !== undefined && may(identity, config.role ?? 'admin'),
		errorResponseBuilder: () => new ApiError('API_TOO_MANY'),
	});
	app.setErrorHandler((error, _request, reply) => sayFailure(reply, failureOf(error, parts.onBug)));
	app.setNotFoundHandler({ preHandler: app.rateLimit() }, (_request, reply) => sayFailure(reply, new ApiError('API_NOT_FOUND')));
	await addRoutes(app, parts);
	return app;
}

const NO_LIMIT_HEADERS = {
	'x-ratelimit-limit': false,
	'x-ratelimit-remaining': false,
	'x-ratelimit-reset': false,
	'retry-after': true,
};

/** SEC8. What a page of ours needs is its own script, its own style and this server. */
const HEADERS = {
	contentSecurityPolicy: {
		useDefaults: false,
		directives: {
			defaultSrc: ["'none'"],
			scriptSrc: ["'self'"],
			styleSrc: ["'self'"],
			connectSrc: ["'self'"],
			frameAncestors: ["'none'"],
			baseUri: ["'none'"],
			formAction: ["'none'"],
		},
	},
	referrerPolicy: { policy: 'no-referrer' },
	frameguard: { action: 'deny' },
	crossOriginResourcePolicy: { policy: 'same-origin' },
	// Says something of other ports of this host too.
	strictTransportSecurity: false,
} as const;

/** The same, for a reply that helmet has no part in. */
const BARE_HEADERS = {
	'cache-control': 'no-store',
	'content-security-policy': Object.entries(HEADERS.contentSecurityPolicy.directives)
		.map(([name, values]) => `${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)} ${values.join(' ')}`)
		.join(';'),
	'x-content-type-options': 'nosniff',
	'x-frame-options': 'DENY',
	'referrer-policy': HEADERS.referrerPolicy.policy,
	'cross-origin-resource-policy': HEADERS.crossOriginResourcePolicy.policy,
} as const;

function listenerOf(tls: ServerParts['tls'], handler: RequestListener): Server {
	const limits = {
		headersTimeout: HEAD_MS_MAX,
		requestTimeout: REQUEST_MS_MAX,
		keepAliveTimeout: IDLE_MS_MAX,
		maxHeaderSize: HEAD_BYTES_MAX,
		connectionsCheckingInterval: 1_000,
	};
	if (tls === undefined) return createServer(limits, handler);
	const files = { cert: Buffer.from(tls.cert), key: Buffer.from(tls.key) };
	return createTlsServer({ ...limits, ...files, minVersion: 'TLSv1.2' }, handler);
}

/** Throws an `ApiError` unless it is one that we answer. */
function hearOrRefuse(request: FastifyRequest, { names, access }: ServerParts): void {
	const { method, headers, raw } = request;
	const isUpgrade = headers.upgrade !== undefined;
	const why = whyNotHeard({ method, url: raw.url ?? '', headers, rawHeaders: raw.rawHeaders, isUpgrade }, names());
	if (why !== undefined) throw new ApiError(why);
	// The framework would make a socket of any route, also of one that needs no token.
	if (isUpgrade && request.routeOptions.url !== FEED_PATH) throw new ApiError('API_NOT_FOUND');
	const { isOpen = false, isUrgent = false } = request.routeOptions.config;
	if (isOpen) return;
	const { authorization, cookie } = headers;
	const identity = access.identify({ address: request.ip, authorization, cookie }, { isUrgent });
	request.identity = identity;
	if (identity.session === undefined) return;
	// A browser sends the cookie by itself; that the page is ours it has to show.
	const changes = method === 'POST' || isUpgrade;
	if (changes && headers.origin === undefined) throw new ApiError('API_ORIGIN');
	if (method !== 'POST') return;
	const csrf = headers['x-evenkeel-csrf'];
	if (typeof csrf !== 'string' || !access.isSameSecret(csrf, identity.session.csrf)) throw new ApiError('API_CSRF');
}

function sayFailure(reply: FastifyReply, error: ApiError): FastifyReply {
	return reply.code(error.status).type('application/json; charset=utf-8').send(JSON.stringify(error.told));
}

/** Of the framework's own, by its code; anything else is a bug of ours. */
const OF_FRAMEWORK: Readonly<Record<string, ApiErrorCode>> = {
	FST_ERR_CTP_BODY_TOO_LARGE: 'API_SIZE',
	FST_ERR_CTP_INVALID_MEDIA_TYPE: 'API_TYPE',
	FST_ERR_CTP_EMPTY_JSON_BODY: 'API_BODY',
	FST_ERR_CTP_INVALID_JSON_BODY: 'API_BODY',
	FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'API_BODY',
	FST_ERR_BAD_URL: 'API_ADDRESS',
};

function failureOf(error: unknown, onBug: (error: unknown) => void): ApiError {
	if (error instanceof ApiError) return error;
	const { code, statusCode = 500 } = error as Partial<FastifyError>;
	const known = OF_FRAMEWORK[code ?? ''];
	if (known !== undefined) return new ApiError(known);
	// Files that are not there or not for anybody, and what else a client may get wrong.
	if (statusCode >= 400 && statusCode < 500) return new ApiError('API_NOT_FOUND');
	onBug(error);
	return new ApiError('API_BUG');
}
