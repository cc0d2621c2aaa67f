/**
 * One connection of the WS API, of either market: requests by method and named parameters, each run by the same route as
 * its REST twin and answered with status, result or error, and the state of the limits. A session may log on with an
 * Ed25519 key and then leave key and signature out; a request that brings its own is judged by those alone.
 */
import type { Peer } from '../facade.ts';
import { authenticateFrame, checkRights, checkTime, type Security } from './auth.ts';
import { printJson } from './numbers.ts';
import { Params } from './params.ts';
import { bad, illegal, KEY_WRONG, missing, Refusal, refusalBody, TOO_MANY } from './refusal.ts';
import { type RouteTable, type Served, serve, type Visitor } from './rest-route.ts';
import type { BinanceKey, BinanceMarket, BinanceVenue } from './venue.ts';
import { Logon } from './ws-api-logon.ts';
import { type FrameId, parseFrame } from './ws-frame.ts';
import type { Session } from './ws-session.ts';

/** What all connections of one market share. */
export interface ApiFloor {
	readonly venue: BinanceVenue;
	readonly market: BinanceMarket;
	/** By name, such as `order.place`. */
	readonly methods: RouteTable;
	/** What a connection can do beside that, with a state of its own. */
	readonly extras?: (session: ApiSession) => ApiExtras;
}

export interface ApiExtras {
	readonly methods: RouteTable;
	/** True if events of the account come over this connection. */
	hasUserData(): boolean;
	/** The key that had logged on is gone, by logout or because it was revoked. */
	loggedOut(nowMs: number): void;
	closed(): void;
	tick?(nowMs: number): void;
}

const OK = 200;
const CONFLICT = 409;
const VERSION = /^v\d+\//;

const NOT_JSON = bad(-1135, 'Invalid JSON Request');
const UNKNOWN_METHOD = bad(-1020, 'This operation is not supported.');
const ID_RANGE = '^[a-zA-Z0-9-_]{1,36}$';

export class ApiSession implements Session {
	readonly floor: ApiFloor;
	readonly #remote: string;
	/** As the address asked; a request may ask otherwise for itself. */
	readonly #showsLimits: boolean;
	readonly #peer: Peer;
	readonly #logon: Logon;
	readonly #extras: ApiExtras | null;

	constructor(
		floor: ApiFloor,
		start: { readonly peer: Peer; readonly remote: string; readonly query: URLSearchParams; readonly nowMs: number },
	) {
		this.floor = floor;
		this.#remote = start.remote;
		this.#showsLimits = start.query.get('returnRateLimits') !== 'false';
		this.#peer = start.peer;
		this.#logon = new Logon({
			venue: floor.venue,
			connectedAtMs: start.nowMs,
			returnsRateLimits: this.#showsLimits,
			hasUserData: () => this.#extras?.hasUserData() ?? null,
			loggedOut: (nowMs) => this.#extras?.loggedOut(nowMs),
		});
		this.#extras = floor.extras?.(this) ?? null;
	}

	receive(text: string, nowMs: number): void {
		this.#forgetRevoked(nowMs);
		const frame = parseFrame(text);
		if (frame.kind === 'bad') {
			const refusal = frame.fault === 'not-json' ? NOT_JSON : frame.fault === 'id' ? illegal('id', ID_RANGE) : missing('method');
			this.#answer(frame.id, { result: refusal, countedAccountId: null }, { nowMs, showsLimits: this.#showsLimits });
			return;
		}
		const given = Params.ofJson(frame.params ?? {});
		const asked = given?.flag('returnRateLimits');
		const showsLimits = typeof asked === 'boolean' ? asked : this.#showsLimits;
		this.#answer(frame.id, this.#serve(frame.method, given, nowMs), { nowMs, showsLimits });
	}

	closed(): void {
		this.#extras?.closed();
	}

	tick(nowMs: number): void {
		this.#forgetRevoked(nowMs);
		this.#extras?.tick?.(nowMs);
	}

	sayGoodbye(nowMs: number): void {
		this.say({ event: { e: 'serverShutdown', E: nowMs } });
	}

	say(message: object): void {
		this.#peer.send(printJson(message));
	}

	/** A text that is JSON already. */
	sayText(text: string): void {
		this.#peer.send(text);
	}

	/** The key that has logged on, while it is valid. */
	get key(): BinanceKey | null {
		return this.#logon.key;
	}

	#serve(method: string, given: Params | undefined, nowMs: number): Served {
		const route = this.#route(method) ?? this.#route(method.replace(VERSION, ''));
		if (route === undefined) return { result: UNKNOWN_METHOD, countedAccountId: null };
		if (given === undefined) return { result: missing('params'), countedAccountId: null };
		const { venue, market } = this.floor;
		const visitor: Visitor = { venue, market, remote: this.#remote, nowMs };
		return serve(route, visitor, given, (security) => this.#prove(visitor, security, given));
	}

	#route(method: string): ReturnType<RouteTable['get']> {
		return this.#logon.methods.get(method) ?? this.#extras?.methods.get(method) ?? this.floor.methods.get(method);
	}

	#prove(visitor: Visitor, security: Exclude<Security, 'none'>, given: Params): BinanceKey | Refusal {
		if (given.has('apiKey') || given.has('signature')) return authenticateFrame(visitor, security, given);
		const { key } = this;
		if (key === null) return missing('apiKey');
		const stale = security === 'key' ? null : checkTime(given, visitor.nowMs);
		return stale ?? checkRights(visitor, key, security) ?? key;
	}

	#forgetRevoked(nowMs: number): void {
		if (this.#logon.dropRevoked(nowMs))
			this.#answer(null, { result: KEY_WRONG, countedAccountId: null }, { nowMs, showsLimits: false });
	}

	#answer(
		id: FrameId,
		{ result, countedAccountId }: Served,
		{ nowMs, showsLimits }: { readonly nowMs: number; readonly showsLimits: boolean },
	): void {
		const { venue, market } = this.floor;
		const limits = showsLimits ? { rateLimits: venue.limits[market].counts(this.#remote, countedAccountId, nowMs) } : {};
		if (!(result instanceof Refusal)) this.say({ id, status: OK, result, ...limits });
		else this.say({ id, status: statusOf(result), error: errorOf(result, nowMs), ...limits });
	}
}

/** A replacement whose cancel was done, and whose order was one too many, is half done here; REST says too many. */
function statusOf({ status, more }: Refusal): number {
	return status === TOO_MANY && more.data !== undefined ? CONFLICT : status;
}

/** Where REST has a header, a socket has the instant beside the venue's time. */
function errorOf(refusal: Refusal, nowMs: number): object {
	const { retryAtMs } = refusal.more;
	const body = refusalBody(refusal);
	return retryAtMs === undefined ? body : { ...body, data: { serverTime: nowMs, retryAfter: retryAtMs } };
}
