/**
 * REST of both markets: finds the route, has it served, and writes status, headers and body as clients read them. One
 * port serves all; the lists that some clients ask for at their start are there, and empty.
 */
import type { HttpReply, HttpRequest } from '../facade.ts';
import { authenticateRequest } from './auth.ts';
import { printJson } from './numbers.ts';
import { Params } from './params.ts';
import { bad, Refusal, refusalBody } from './refusal.ts';
import { type RouteTable, type Served, serve } from './rest-route.ts';
import type { BinanceMarket, BinanceVenue } from './venue.ts';
import { inMicroseconds } from './ws-time-unit.ts';

/** Longer than any request could be. */
const LENGTH_MAX = 262_144;
const MS_PER_SEC = 1_000;
const NOT_FOUND = new Refusal(404, -1, 'Not Found');
const TOO_LONG = new Refusal(413, -1, 'Request Entity Too Large');
const JSON_TYPE = { 'content-type': 'application/json;charset=UTF-8' };

/** What is asked of other markets, by its path: there is nothing of them here. */
const EMPTY_LISTS: ReadonlyMap<string, string> = new Map([
	['/sapi/v1/capital/config/getall', '[]'],
	['/sapi/v1/margin/allPairs', '[]'],
	['/sapi/v1/margin/isolated/allPairs', '[]'],
	['/dapi/v1/exchangeInfo', '{"timezone":"UTC","rateLimits":[],"exchangeFilters":[],"symbols":[]}'],
]);

export function createRest(
	venue: BinanceVenue,
	routes: Readonly<Record<BinanceMarket, RouteTable>>,
): (request: HttpRequest, nowMs: number) => HttpReply {
	return (request, nowMs) => {
		const empty = EMPTY_LISTS.get(request.path);
		if (empty !== undefined) return { status: 200, headers: JSON_TYPE, body: empty };
		const market = marketOf(request.path);
		if (market === undefined) return reply({ result: NOT_FOUND, countedAccountId: null }, {}, nowMs);
		const served = answer({ venue, market, remote: request.remote, nowMs }, routes[market], request);
		const replied = reply(served, venue.limits[market].headers(request.remote, served.countedAccountId, nowMs), nowMs);
		return wantsMicroseconds(market, request) ? { ...replied, body: inMicroseconds(replied.body) } : replied;
	};
}

function wantsMicroseconds(market: BinanceMarket, { headers }: HttpRequest): boolean {
	return market === 'spot' && headers['x-mbx-time-unit']?.toUpperCase() === 'MICROSECOND';
}

function marketOf(path: string): BinanceMarket | undefined {
	if (path.startsWith('/api/') || path.startsWith('/sapi/')) return 'spot';
	return path.startsWith('/fapi/') ? 'futures' : undefined;
}

function answer(
	visitor: { readonly venue: BinanceVenue; readonly market: BinanceMarket; readonly remote: string; readonly nowMs: number },
	routes: RouteTable,
	request: HttpRequest,
): Served {
	const refused = (result: Refusal): Served => ({ result, countedAccountId: null });
	const route = routes.get(`${request.method} ${request.path}`);
	if (route === undefined) return refused(NOT_FOUND);
	if (request.query.length + request.body.length > LENGTH_MAX) return refused(TOO_LONG);
	const given = Params.ofRequest(request.query, request.body);
	if (given instanceof Refusal) return refused(given);
	return serve(route, visitor, given, (security) => authenticateRequest(visitor, security, request, given));
}

function reply({ result }: Served, limits: Readonly<Record<string, string>>, nowMs: number): HttpReply {
	const headers = { ...JSON_TYPE, ...limits };
	if (!(result instanceof Refusal)) return { status: 200, headers, body: printJson(result) };
	const { retryAtMs } = result.more;
	const retry =
		retryAtMs === undefined ? {} : { 'retry-after': String(Math.max(1, Math.ceil((retryAtMs - nowMs) / MS_PER_SEC))) };
	return { status: result.status, headers: { ...headers, ...retry }, body: printJson(refusalBody(result)) };
}

/** For routes of things that are not there. */
export const NOT_SUPPORTED = bad(-1020, 'This operation is not supported.');
