/**
 * What the sentinel needs of Binance: which open orders bear the tag of one of our runs, and an end to them. Only by id,
 * never by symbol: others may trade there.
 */
import { parseOrderId } from '../../domain/order-id.ts';
import type { Transport } from '../../network/transport.ts';
import type { Clock } from '../../ports/clock.ts';
import { NO_METER } from '../../ports/meter.ts';
import type { Rng } from '../../ports/rng.ts';
import { BRIEF_PATIENCE, CANCEL_PATIENCE, type PatienceOptions } from '../wire/patience.ts';
import { isObject } from '../wire/plain-values.ts';
import { VenueClock } from '../wire/venue-clock.ts';
import { accountNameOf } from './account-name.ts';
import { Ban } from './ban.ts';
import { binanceCapabilities } from './capabilities.ts';
import type { Market } from './codec/frames.ts';
import { mayTrade } from './doctor-account.ts';
import { BinanceReads } from './reads.ts';
import { BinanceRest, ORDER_POOL, type Params, type RestAnswer } from './rest.ts';
import type { Credentials } from './sign.ts';
import type { BinanceUrls } from './urls.ts';
import { Weights } from './weights.ts';

export interface OpenOwnOrder {
	readonly symbol: string;
	readonly clientOrderId: string;
}

const CANCEL_TIMEOUT_MS = 2_000;
const READ_TIMEOUT_MS = 5_000;

interface Where {
	readonly category: 'spot' | 'linear' | 'inverse';
	/** Of the engine whose orders are meant, where that is known. */
	readonly account?: string | undefined;
}

/** What a rehearsal came to; `unsure`: able, if a thing that nobody could tell is as it should be. */
type Rehearsed =
	| { readonly kind: 'able' }
	| { readonly kind: 'unsure'; readonly detail: string }
	| { readonly kind: 'unable'; readonly detail: string };

export interface OwnOrdersOptions {
	readonly urls: Pick<BinanceUrls, 'spotRest' | 'futuresRest'>;
	readonly credentials: Credentials;
	readonly recvWindowMs: number;
	/** What figures call it. */
	readonly name?: string;
	/** Of cancels. */
	readonly patience?: PatienceOptions;
}

interface MarketDoor {
	readonly rest: BinanceRest;
	readonly reads: BinanceReads;
	readonly venueClock: VenueClock;
	readonly isReady: Promise<void>;
}

/** Keeps the venue's time from the first question on. Whoever opens one disposes of it; the transport stays open. */
export class BinanceOwnOrders implements Disposable {
	readonly #options: OwnOrdersOptions;
	readonly #parts: { readonly transport: Transport; readonly clock: Clock; readonly rng: Rng };
	readonly #ban: Ban;
	readonly #doors = new Map<Market, MarketDoor>();
	/** Whose our key is, once it was told. */
	#account: string | undefined;

	constructor(options: OwnOrdersOptions, parts: { readonly transport: Transport; readonly clock: Clock; readonly rng: Rng }) {
		this.#options = options;
		this.#parts = parts;
		this.#ban = new Ban(parts.clock);
	}

	[Symbol.dispose](): void {
		for (const { venueClock } of this.#doors.values()) venueClock.stop();
	}

	/** Whether this key could cancel orders there: the venue takes it for the market, it may trade, and is of the account that is meant. */
	async rehearse(where: Where): Promise<Rehearsed> {
		const market = marketOf(where);
		const refused = await this.#mayNotTrade(market);
		if (refused !== undefined) return { kind: 'unable', detail: refused };
		await this.#askAccount();
		const listed = await this.list(where, new Set());
		if (typeof listed === 'string') return { kind: 'unable', detail: listed };
		if (where.account !== undefined && this.#account !== undefined) return { kind: 'able' };
		const whose = where.account === undefined ? "which account the engine's key" : 'which account the API key';
		return { kind: 'unsure', detail: `Binance does not say ${whose} is of: make sure that both are of the same` };
	}

	/** A sentence where the list is not whole, or shows nothing because it is somebody else's. */
	async list(where: Where, runTags: ReadonlySet<string>): Promise<readonly OpenOwnOrder[] | string> {
		const { reads } = await this.#ready(marketOf(where));
		const read = await reads.openOrderRows();
		if (read.kind === 'failed') return read.sentence;
		const ours = read.value.flatMap((row) => {
			const { clientOrderId, symbol } = namesOf(row);
			const runTag = parseOrderId(clientOrderId)?.runTag;
			return runTag !== undefined && runTags.has(runTag) ? [{ symbol, clientOrderId }] : [];
		});
		// Orders of ours prove it by themselves, and are not to wait for another question.
		return ours.length > 0 ? ours : ((await this.#strange(where)) ?? ours);
	}

	/** All of them at once, in as few calls as can be; what became of each, the next list tells. */
	async cancel(where: Pick<Where, 'category'>, orders: readonly OpenOwnOrder[]): Promise<void> {
		const market = marketOf(where);
		const batchMax = binanceCapabilities('').categories[market]?.verbs.cancel.batchMax ?? 1;
		if (batchMax === 1) return await this.#cancelOneByOne(market, orders);
		const calls: Promise<void>[] = [];
		for (const ofSymbol of Map.groupBy(orders, ({ symbol }) => symbol).values()) {
			for (let at = 0; at < ofSymbol.length; at += batchMax) calls.push(this.#cancelBatch(ofSymbol.slice(at, at + batchMax)));
		}
		await Promise.all(calls);
	}

	/** A venue that does not take the batch may take each of it, but not where one call was too many already (F52). */
	async #cancelBatch(orders: readonly OpenOwnOrder[]): Promise<void> {
		const [first] = orders;
		if (first === undefined || orders.length === 1) return await this.#cancelOneByOne('linear', orders);
		const origClientOrderIdList = JSON.stringify(orders.map(({ clientOrderId }) => clientOrderId));
		const answer = await this.#delete('linear', '/fapi/v1/batchOrders', { symbol: first.symbol, origClientOrderIdList });
		if (answer.kind === 'refused' && answer.verdict.class !== 'rate-limited') await this.#cancelOneByOne('linear', orders);
	}

	async #cancelOneByOne(market: Market, orders: readonly OpenOwnOrder[]): Promise<void> {
		const path = market === 'spot' ? '/api/v3/order' : '/fapi/v1/order';
		const of = ({ symbol, clientOrderId }: OpenOwnOrder): Params => ({ symbol, origClientOrderId: clientOrderId });
		await Promise.all(orders.map((order) => this.#delete(market, path, of(order))));
	}

	async #delete(market: Market, path: string, params: Params): Promise<RestAnswer> {
		const { rest } = await this.#ready(market);
		const patience = this.#options.patience ?? CANCEL_PATIENCE;
		const call = { method: 'DELETE', path, params, security: 'signed', kind: 'order', weight: 1, pool: ORDER_POOL } as const;
		return await rest.askAsync({ ...call, timeoutMs: CANCEL_TIMEOUT_MS, patience });
	}

	/** A sentence where the account or its key says that it may not; a key that is not taken at all shows there too. */
	async #mayNotTrade(market: Market): Promise<string | undefined> {
		const { reads } = await this.#ready(market);
		const account = market === 'spot' ? await reads.spotAccount() : await reads.futuresConfig();
		if (account.kind === 'failed') return account.sentence;
		// Places for play do not say what a key may do.
		const rights = await (await this.#ready('spot')).reads.keyRights();
		if (account.value.canTrade && (rights.kind === 'failed' || mayTrade(rights.value, market))) return undefined;
		return `the API key may not cancel ${market === 'spot' ? 'spot' : 'futures'} orders: give it the right to trade there`;
	}

	/** A sentence where the key is of another account than the engine's: what it sees there is no proof of anything. */
	async #strange({ account }: Where): Promise<string | undefined> {
		if (account === undefined) return undefined;
		await this.#askAccount();
		if (this.#account === undefined || this.#account === account) return undefined;
		return `the API key is of the account ${this.#account}, and the engine trades on ${account}: take a key of that one`;
	}

	async #askAccount(): Promise<void> {
		if (this.#account !== undefined) return;
		const [spot, linear] = await Promise.all([this.#ready('spot'), this.#ready('linear')]);
		this.#account = await accountNameOf({ spot: spot.reads, linear: linear.reads });
	}

	async #ready(market: Market): Promise<MarketDoor> {
		let door = this.#doors.get(market);
		if (door === undefined) {
			door = this.#open(market);
			this.#doors.set(market, door);
		}
		await door.isReady;
		return door;
	}

	#open(market: Market): MarketDoor {
		const { urls, credentials, recvWindowMs, name: venue = 'binance' } = this.#options;
		const { clock } = this.#parts;
		const venueClock = new VenueClock({ venue, clock, sink: () => {} });
		const rest = new BinanceRest({
			...{ ...this.#parts, market, venueClock, venue, credentials, recvWindowMs, ban: this.#ban, meter: NO_METER },
			// The engine beside us may have spent nearly all of the address's weight before it fell silent.
			weights: new Weights(market, true),
			origin: market === 'spot' ? urls.spotRest : urls.futuresRest,
		});
		venueClock.start((heard) => rest.askVenueTime(heard));
		const isReady = new Promise<void>((resolve) => venueClock.remeasure(() => resolve()));
		return { rest, reads: new BinanceReads(rest, BRIEF_PATIENCE, READ_TIMEOUT_MS), venueClock, isReady };
	}
}

/** The engine trades no other market here. */
function marketOf({ category }: Pick<Where, 'category'>): Market {
	if (category === 'inverse') throw new Error('invariant broken: Binance is traded on spot and linear futures alone');
	return category;
}

function namesOf(row: unknown): { readonly clientOrderId: string; readonly symbol: string } {
	const { clientOrderId, symbol } = isObject(row) ? row : NOTHING;
	const text = (value: unknown): string => (typeof value === 'string' ? value : '');
	return { clientOrderId: text(clientOrderId), symbol: text(symbol) };
}

const NOTHING: Readonly<Record<string, unknown>> = {};
