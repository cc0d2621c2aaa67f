/**
 * The REST façade of Bybit: a request and the time in, a reply out. Business errors are HTTP 200 with the venue's
 * envelope; other statuses are for what never reaches a handler: wrong path, no signature, an address that asks too
 * often. It answers anything whatever, throws on nothing, and a refused request changes nothing in the exchange.
 */
import type { HttpReply, HttpRequest } from '../facade.ts';
import { authenticate } from './auth.ts';
import { CODE_OK, params, Refusal, TOO_MANY_VISITS } from './codes.ts';
import type { Json } from './json-views.ts';
import { runLimited } from './limited-entry.ts';
import type { Answer, OrderOperation } from './operations.ts';
import { refusedAnswer } from './order-entry.ts';
import { Params } from './params.ts';
import { Market } from './rest-market.ts';
import type { PublicCaller } from './rest-route.ts';
import { ORDER_ROUTES, PRIVATE_ROUTES, type PrivateRoute } from './rest-routes.ts';
import type { Tapes } from './tape.ts';
import type { BybitKey, BybitVenue } from './venue.ts';

type Headers = Readonly<Record<string, string>>;
type PublicRoute = (caller: PublicCaller, given: Params) => Json | Refusal;

const BODY_LENGTH_MAX = 262_144;
const ROUTE_NOT_FOUND = new Refusal(10017, 'Route not found.');
const METHOD_WRONG = params('the method must be GET or POST');
const TOO_FREQUENT = 'access too frequent';
const TRACE_ID_LENGTH = 32;

/** What a handler made of a request, before it becomes bytes. */
interface Outcome {
	readonly status: number;
	readonly answer: Partial<Answer> & Pick<Answer, 'retCode' | 'retMsg'>;
	readonly headers?: Headers;
}

export function createBybitRest(venue: BybitVenue, tapes: Tapes): (request: HttpRequest, nowMs: number) => HttpReply {
	const publicRoutes = publicRoutesOf(new Market(venue, tapes));
	let requestCount = 0;
	return (request, nowMs) => {
		requestCount += 1;
		const traceId = requestCount.toString(16).padStart(TRACE_ID_LENGTH, '0');
		if (!venue.desk.limits.admits(request.remote, nowMs) || (request.method === 'GET' && request.body !== '')) {
			return { status: 403, headers: { 'content-type': 'text/plain', Traceid: traceId }, body: TOO_FREQUENT };
		}
		return replyOf(serve({ venue, publicRoutes }, request, nowMs), traceId, nowMs);
	};
}

function serve(
	{ venue, publicRoutes }: { readonly venue: BybitVenue; readonly publicRoutes: ReadonlyMap<string, PublicRoute> },
	request: HttpRequest,
	nowMs: number,
): Outcome {
	const { method, path } = request;
	if (method !== 'GET' && method !== 'POST') return { status: 400, answer: refusedAnswer(METHOD_WRONG) };
	const publicRoute = method === 'GET' ? publicRoutes.get(path) : undefined;
	if (publicRoute !== undefined) {
		return { status: 200, answer: answerOf(publicRoute({ venue, nowMs }, Params.ofQuery(request.query))) };
	}
	const operation = method === 'POST' ? ORDER_ROUTES.get(path) : undefined;
	const route = PRIVATE_ROUTES.get(`${method} ${path}`);
	if (operation === undefined && route === undefined) return { status: 404, answer: refusedAnswer(ROUTE_NOT_FOUND) };
	const caller = authenticate(venue, request, nowMs);
	if (caller.kind !== 'known') {
		return { status: caller.kind === 'unsigned' ? 401 : 200, answer: refusedAnswer(caller.refusal) };
	}
	const { key } = caller;
	if (operation !== undefined) return enter({ venue, key, nowMs }, operation, request);
	return route === undefined
		? { status: 404, answer: refusedAnswer(ROUTE_NOT_FOUND) }
		: ask({ venue, key, nowMs }, route, request);
}

function enter(
	{ venue, key, nowMs }: PublicCaller & { readonly key: BybitKey },
	operation: OrderOperation,
	request: HttpRequest,
): Outcome {
	return { status: 200, ...runLimited(venue, operation, { key, body: parseJson(request.body), nowMs }) };
}

function ask(caller: PublicCaller & { readonly key: BybitKey }, route: PrivateRoute, request: HttpRequest): Outcome {
	const { venue, key, nowMs } = caller;
	const bucket = { name: `${request.method} ${request.path}`, perSec: route.perSec };
	const grant = venue.desk.limits.take(key.accountId, bucket, { units: 1, partly: false }, nowMs);
	const { headers } = grant;
	if (grant.units === 0) return { status: 200, answer: refusedAnswer(TOO_MANY_VISITS), headers };
	const given = request.method === 'GET' ? Params.ofQuery(request.query) : Params.ofJson(parseJson(request.body));
	if (given === undefined) return { status: 200, answer: refusedAnswer(params('the body must be a JSON object')), headers };
	const result = route.run(caller, given);
	if (route.bare && !(result instanceof Refusal)) {
		return { status: 200, answer: { retCode: CODE_OK, retMsg: route.retMsg ?? 'OK' }, headers };
	}
	return { status: 200, answer: answerOf(result), headers };
}

/** No maintenance is ever announced here, nor anything else. */
function publicRoutesOf(market: Market): ReadonlyMap<string, PublicRoute> {
	return new Map<string, PublicRoute>([
		['/v5/market/time', (caller) => market.time(caller)],
		['/v5/market/instruments-info', (caller, given) => market.instruments(caller, given)],
		['/v5/market/tickers', (caller, given) => market.tickers(caller, given)],
		['/v5/market/orderbook', (caller, given) => market.orderbook(caller, given)],
		['/v5/market/full_orderbook', (caller, given) => market.fullOrderbook(caller, given)],
		['/v5/market/kline', (caller, given) => market.kline(caller, given)],
		['/v5/market/recent-trade', (caller, given) => market.recentTrades(caller, given)],
		['/v5/market/price-limit', (caller, given) => market.priceLimit(caller, given)],
		['/v5/system/status', () => ({ list: [] })],
		['/v5/announcements/index', () => ({ total: 0, list: [] })],
	]);
}

function answerOf(result: Json | Refusal): Answer {
	if (result instanceof Refusal) return refusedAnswer(result);
	return { retCode: CODE_OK, retMsg: 'OK', result, retExtInfo: {} };
}

function replyOf({ status, answer, headers }: Outcome, traceId: string, nowMs: number): HttpReply {
	return {
		status,
		headers: {
			'content-type': 'application/json; charset=utf-8',
			Traceid: traceId,
			Timenow: String(nowMs),
			Ret_code: String(answer.retCode),
			...headers,
		},
		body: JSON.stringify({ ...answer, time: nowMs }),
	};
}

/** Undefined for what is no JSON, or longer than any request could be: the body is no object then. */
function parseJson(text: string): unknown {
	if (text.length > BODY_LENGTH_MAX) return undefined;
	try {
		return JSON.parse(text) as unknown;
	} catch (error) {
		if (error instanceof SyntaxError) return undefined;
		throw error;
	}
}
