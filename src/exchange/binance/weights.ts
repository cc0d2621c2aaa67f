/**
 * Rate limits in fixed windows that begin at whole seconds, minutes and days: request weight per address, orders per
 * account. Who goes on after a 429 is banned, each time for longer. One instance a market, for REST and sockets together.
 */
import { BANNED, Refusal, TOO_MANY } from './refusal.ts';

const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

type Interval = 'SECOND' | 'MINUTE' | 'DAY';
const INTERVAL_MS: Record<Interval, number> = { SECOND: SECOND_MS, MINUTE: MINUTE_MS, DAY: DAY_MS };

export interface LimitSpec {
	readonly rateLimitType: 'REQUEST_WEIGHT' | 'ORDERS' | 'RAW_REQUESTS';
	readonly interval: Interval;
	readonly intervalNum: number;
	readonly limit: number;
}

/** As `exchangeInfo` shows it, with the count where somebody has one. */
export interface LimitCount extends LimitSpec {
	readonly count: number;
}

export interface MarketLimits {
	readonly weight: LimitSpec;
	/** Shown, and never reached before the weight is. */
	readonly raw: LimitSpec | null;
	/** The short window first. */
	readonly orders: readonly [LimitSpec, LimitSpec];
}

/** What a call counts in the short and in the long window of orders. */
export interface OrderCost {
	readonly short: number;
	readonly long: number;
}

export const NO_ORDERS: OrderCost = { short: 0, long: 0 };
export const ONE_ORDER: OrderCost = { short: 1, long: 1 };

export const SPOT_LIMITS: MarketLimits = {
	weight: { rateLimitType: 'REQUEST_WEIGHT', interval: 'MINUTE', intervalNum: 1, limit: 6_000 },
	raw: { rateLimitType: 'RAW_REQUESTS', interval: 'MINUTE', intervalNum: 5, limit: 300_000 },
	orders: [
		{ rateLimitType: 'ORDERS', interval: 'SECOND', intervalNum: 10, limit: 50 },
		{ rateLimitType: 'ORDERS', interval: 'DAY', intervalNum: 1, limit: 160_000 },
	],
};

export const FUTURES_LIMITS: MarketLimits = {
	weight: { rateLimitType: 'REQUEST_WEIGHT', interval: 'MINUTE', intervalNum: 1, limit: 2_400 },
	raw: null,
	orders: [
		{ rateLimitType: 'ORDERS', interval: 'SECOND', intervalNum: 10, limit: 300 },
		{ rateLimitType: 'ORDERS', interval: 'MINUTE', intervalNum: 1, limit: 1_200 },
	],
};

/** Requests refused within one window before the address is banned. */
const REFUSALS_BEFORE_BAN = 50;
const FIRST_BAN_MS = 2 * MINUTE_MS;
const LONGEST_BAN_MS = 3 * DAY_MS;
/** Addresses remembered; the longest known is forgotten first. */
const ADDRESSES_KEPT = 10_000;
/** What a client sees as unlimited. */
const UNLIMITED_SHOWN = 1_000_000_000;

/** What was used in the window that runs now. */
class Window {
	readonly spec: LimitSpec;
	readonly #lengthMs: number;
	readonly #most: number;
	#startMs = 0;
	#used = 0;

	constructor(spec: LimitSpec, factor: number) {
		this.spec = spec;
		this.#lengthMs = INTERVAL_MS[spec.interval] * spec.intervalNum;
		this.#most = limitOf(spec, factor);
	}

	used(nowMs: number): number {
		this.#turn(nowMs);
		return this.#used;
	}

	hasRoom(units: number, nowMs: number): boolean {
		return this.used(nowMs) + units <= this.#most;
	}

	/** Less than nothing gives back, though never below what was used in this window. */
	add(units: number, nowMs: number): void {
		this.#used = Math.max(0, this.used(nowMs) + units);
	}

	nextMs(nowMs: number): number {
		this.#turn(nowMs);
		return this.#startMs + this.#lengthMs;
	}

	shown(nowMs: number): LimitCount {
		return { ...this.spec, limit: Math.min(this.#most, UNLIMITED_SHOWN), count: this.used(nowMs) };
	}

	#turn(nowMs: number): void {
		const startMs = Math.floor(nowMs / this.#lengthMs) * this.#lengthMs;
		if (startMs <= this.#startMs) return;
		this.#startMs = startMs;
		this.#used = 0;
	}
}

interface Address {
	readonly weight: Window;
	/** In the window of the weight. */
	readonly refused: Window;
	bannedUntilMs: number;
	banMs: number;
}

export class Limits {
	readonly specs: MarketLimits;
	readonly #factor: number;
	readonly #addresses = new Map<string, Address>();
	/** As many as accounts with keys. */
	readonly #accounts = new Map<string, readonly [Window, Window]>();

	constructor(specs: MarketLimits, factor: number) {
		this.specs = specs;
		this.#factor = factor;
	}

	/** What a request weighs is used even if it is then refused, unless it is given back. */
	useWeight(remote: string, weight: number, nowMs: number): Refusal | null {
		const address = this.#address(remote);
		if (nowMs < address.bannedUntilMs) return banned(address.bannedUntilMs);
		if (address.weight.hasRoom(weight, nowMs)) {
			address.weight.add(weight, nowMs);
			return null;
		}
		return this.#refuse(address, nowMs);
	}

	giveBackWeight(remote: string, weight: number, nowMs: number): void {
		this.#address(remote).weight.add(-weight, nowMs);
	}

	/** From now until then, whatever the address asks is refused with 418. */
	ban(remote: string, untilMs: number): void {
		this.#address(remote).bannedUntilMs = untilMs;
	}

	useOrders(accountId: string, cost: OrderCost, nowMs: number): Refusal | null {
		const [short, long] = this.#account(accountId);
		for (const [window, units] of [
			[short, cost.short],
			[long, cost.long],
		] as const) {
			if (!window.hasRoom(units, nowMs)) return tooManyOrders(window.shown(nowMs), window.nextMs(nowMs));
		}
		short.add(cost.short, nowMs);
		long.add(cost.long, nowMs);
		return null;
	}

	/** An order that was refused, or one that has traded where that counts. Whoever never came over this wire has none. */
	giveBackOrders(accountId: string, cost: OrderCost, nowMs: number): void {
		const [short, long] = this.#accounts.get(accountId) ?? [];
		short?.add(-cost.short, nowMs);
		long?.add(-cost.long, nowMs);
	}

	/** Order counts are an account's, so without one only the weight is told. */
	headers(remote: string, accountId: string | null, nowMs: number): Record<string, string> {
		const weight = String(this.#address(remote).weight.used(nowMs));
		const headers: Record<string, string> = { 'x-mbx-used-weight': weight, 'x-mbx-used-weight-1m': weight };
		if (accountId === null) return headers;
		for (const window of this.#account(accountId)) {
			const { interval, intervalNum } = window.spec;
			headers[`x-mbx-order-count-${intervalNum}${interval.charAt(0).toLowerCase()}`] = String(window.used(nowMs));
		}
		return headers;
	}

	/** With counts, for answers on sockets. */
	counts(remote: string, accountId: string | null, nowMs: number): readonly LimitCount[] {
		const weight = this.#address(remote).weight.shown(nowMs);
		return accountId === null ? [weight] : [...this.orderCounts(accountId, nowMs), weight];
	}

	orderCounts(accountId: string, nowMs: number): readonly LimitCount[] {
		return this.#account(accountId).map((window) => window.shown(nowMs));
	}

	/** Without counts, for `exchangeInfo`. */
	list(): readonly LimitSpec[] {
		const { weight, raw, orders } = this.specs;
		return [weight, ...orders, ...(raw === null ? [] : [raw])].map((spec) => ({
			...spec,
			limit: Math.min(limitOf(spec, this.#factor), UNLIMITED_SHOWN),
		}));
	}

	#refuse(address: Address, nowMs: number): Refusal {
		address.refused.add(1, nowMs);
		if (address.refused.used(nowMs) > REFUSALS_BEFORE_BAN) {
			address.banMs = Math.min(LONGEST_BAN_MS, Math.max(FIRST_BAN_MS, 2 * address.banMs));
			address.bannedUntilMs = nowMs + address.banMs;
			return banned(address.bannedUntilMs);
		}
		return tooMuchWeight(address.weight.shown(nowMs), address.weight.nextMs(nowMs));
	}

	#address(remote: string): Address {
		const known = this.#addresses.get(remote);
		if (known !== undefined) return known;
		if (this.#addresses.size >= ADDRESSES_KEPT) this.#forgetOldest();
		const { weight } = this.specs;
		const address = {
			weight: new Window(weight, this.#factor),
			refused: new Window(weight, this.#factor),
			bannedUntilMs: 0,
			banMs: 0,
		};
		this.#addresses.set(remote, address);
		return address;
	}

	#account(accountId: string): readonly [Window, Window] {
		const known = this.#accounts.get(accountId);
		if (known !== undefined) return known;
		const [short, long] = this.specs.orders;
		const windows = [new Window(short, this.#factor), new Window(long, this.#factor)] as const;
		this.#accounts.set(accountId, windows);
		return windows;
	}

	#forgetOldest(): void {
		for (const remote of this.#addresses.keys()) {
			this.#addresses.delete(remote);
			return;
		}
	}
}

function limitOf({ limit }: LimitSpec, factor: number): number {
	return Math.max(1, Math.floor(limit * factor));
}

function tooMuchWeight({ limit, interval, intervalNum }: LimitSpec, retryAtMs: number): Refusal {
	return new Refusal(
		TOO_MANY,
		-1003,
		`Too much request weight used; current limit is ${limit} request weight per ${intervalNum} ${interval}. Please use WebSocket Streams for live updates to avoid polling the API.`,
		{ retryAtMs },
	);
}

function tooManyOrders({ limit, interval, intervalNum }: LimitSpec, retryAtMs: number): Refusal {
	return new Refusal(TOO_MANY, -1015, `Too many new orders; current limit is ${limit} orders per ${intervalNum} ${interval}.`, {
		retryAtMs,
	});
}

function banned(untilMs: number): Refusal {
	return new Refusal(
		BANNED,
		-1003,
		`Way too much request weight used; IP banned until ${untilMs}. Please use WebSocket Streams for live updates to avoid bans.`,
		{ retryAtMs: untilMs },
	);
}
