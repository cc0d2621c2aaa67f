/**
 * What the sentinel needs of Bybit: which open orders bear the tag of one of our runs, and an end to them. Only by id,
 * never by symbol: others may trade there.
 */
import { parseOrderId } from '../../domain/order-id.ts';
import type { Transport } from '../../network/transport.ts';
import type { Clock } from '../../ports/clock.ts';
import { NO_METER } from '../../ports/meter.ts';
import type { Rng } from '../../ports/rng.ts';
import { BRIEF_PATIENCE, CANCEL_PATIENCE, type PatienceOptions } from '../wire/patience.ts';
import { VenueClock } from '../wire/venue-clock.ts';
import { bybitCapabilities } from './capabilities.ts';
import { accountOf, keyRefused, missingRights } from './doctor-account.ts';
import { BybitReads, type Read, type Selection } from './reads.ts';
import type { KeyState } from './reads-schemas.ts';
import { BybitRest, ORDER_POOL } from './rest.ts';
import type { RestAnswer } from './rest-answer.ts';
import type { Credentials } from './sign.ts';
import type { BybitUrls } from './urls.ts';

export interface OpenOwnOrder {
	readonly symbol: string;
	readonly clientOrderId: string;
}

const BATCH_PATH = '/v5/order/cancel-batch';
const SINGLE_PATH = '/v5/order/cancel';
const CANCEL_TIMEOUT_MS = 2_000;
const READ_TIMEOUT_MS = 5_000;

type Where = Pick<Selection, 'category'> & {
	readonly settleCoin: string;
	/** Of the engine whose orders are meant, where that is known. */
	readonly account?: string | undefined;
};

/** What a rehearsal came to; `unsure`: able, if a thing that nobody could tell is as it should be. */
type Rehearsed =
	| { readonly kind: 'able' }
	| { readonly kind: 'unsure'; readonly detail: string }
	| { readonly kind: 'unable'; readonly detail: string };

export interface OwnOrdersOptions {
	readonly urls: Pick<BybitUrls, 'environment' | 'rest'>;
	readonly credentials: Credentials;
	readonly recvWindowMs: number;
	/** Of cancels. */
	readonly patience?: PatienceOptions;
}

/** Keeps the venue's time from the first question on. Whoever opens one disposes of it; the transport stays open. */
export class BybitOwnOrders implements Disposable {
	readonly #options: OwnOrdersOptions;
	readonly #venueClock: VenueClock;
	readonly #rest: BybitRest;
	readonly #reads: BybitReads;
	readonly #ready: Promise<void>;
	/** Whose our key is, once it was told. */
	#account: string | undefined;

	constructor(
		options: OwnOrdersOptions,
		{ transport, clock, rng }: { readonly transport: Transport; readonly clock: Clock; readonly rng: Rng },
	) {
		const { urls, credentials, recvWindowMs } = options;
		this.#options = options;
		this.#venueClock = new VenueClock({ venue: 'bybit', clock, sink: () => {} });
		this.#rest = new BybitRest({
			...{ transport, clock, rng, venueClock: this.#venueClock, meter: NO_METER, venue: 'bybit' },
			...{ origin: urls.rest, credentials, recvWindowMs },
		});
		this.#reads = new BybitReads(this.#rest, BRIEF_PATIENCE, READ_TIMEOUT_MS);
		this.#venueClock.start((heard) => this.#rest.askVenueTime(heard));
		this.#ready = new Promise((resolve) => this.#venueClock.remeasure(() => resolve()));
	}

	[Symbol.dispose](): void {
		this.#venueClock.stop();
	}

	/** Whether this key could cancel orders there: it is known, may do more than read, and is of the account that is meant. */
	async rehearse(where: Where): Promise<Rehearsed> {
		await this.#ready;
		const { category } = where;
		const key = await this.#key();
		if (key.kind === 'failed') return unable(keyRefused(key, this.#options.urls.environment).sentence);
		const missing = missingRights(key.value, [{ category, symbol: '' }]).find(({ level }) => level === 'problem');
		if (missing !== undefined) return unable(missing.sentence);
		const listed = await this.list(where, new Set());
		if (typeof listed === 'string') return unable(listed);
		if (where.account !== undefined && this.#account !== undefined) return { kind: 'able' };
		const whose = where.account === undefined ? "which account the engine's key" : 'which account the API key';
		return { kind: 'unsure', detail: `Bybit does not say ${whose} is of: make sure that both are of the same` };
	}

	/** A sentence where the list is not whole, or shows nothing because it is somebody else's. */
	async list(where: Where, runTags: ReadonlySet<string>): Promise<readonly OpenOwnOrder[] | string> {
		await this.#ready;
		const { category, settleCoin } = where;
		const read = await this.#reads.openOrderRows(category === 'spot' ? { category } : { category, settleCoin });
		if (read.kind === 'failed') return read.sentence;
		const ours = read.value.flatMap((row) => {
			const { orderLinkId, symbol } = namesOf(row);
			const runTag = parseOrderId(orderLinkId)?.runTag;
			return runTag !== undefined && runTags.has(runTag) ? [{ symbol, clientOrderId: orderLinkId }] : [];
		});
		// Orders of ours prove it by themselves, and are not to wait for another question.
		return ours.length > 0 ? ours : ((await this.#strange(where)) ?? ours);
	}

	/** A sentence where the key is of another account than the engine's: what it sees there is no proof of anything. */
	async #strange({ account }: Where): Promise<string | undefined> {
		if (account === undefined) return undefined;
		if (this.#account === undefined) await this.#key();
		if (this.#account === undefined || this.#account === account) return undefined;
		return `the API key is of the account ${this.#account}, and the engine trades on ${account}: take a key of that one`;
	}

	async #key(): Promise<Read<KeyState>> {
		const key = await this.#reads.key();
		if (key.kind === 'ok') this.#account = accountOf(key.value);
		return key;
	}

	/** All of them at once, in as few calls as can be; what became of each, the next list tells. */
	async cancel({ category }: Pick<Where, 'category'>, orders: readonly OpenOwnOrder[]): Promise<void> {
		const batchMax = this.#batchMax(category);
		if (batchMax === 1) return await this.#cancelOneByOne(category, orders);
		const calls: Promise<void>[] = [];
		for (let at = 0; at < orders.length; at += batchMax) calls.push(this.#cancelBatch(category, orders.slice(at, at + batchMax)));
		await Promise.all(calls);
	}

	#batchMax(category: Where['category']): number {
		const { environment } = this.#options.urls;
		return bybitCapabilities('bybit', environment).categories[category]?.verbs.cancel.batchMax ?? 1;
	}

	/** A venue that does not take the batch may take each of it. */
	async #cancelBatch(category: Where['category'], orders: readonly OpenOwnOrder[]): Promise<void> {
		const request = orders.map(({ symbol, clientOrderId }) => ({ symbol, orderLinkId: clientOrderId }));
		const answer = await this.#ask(BATCH_PATH, { category, request });
		if (answer.kind === 'refused' && !answer.isBan) await this.#cancelOneByOne(category, orders);
	}

	async #cancelOneByOne(category: Where['category'], orders: readonly OpenOwnOrder[]): Promise<void> {
		const bodies = orders.map(({ symbol, clientOrderId }) => ({ category, symbol, orderLinkId: clientOrderId }));
		await Promise.all(bodies.map((body) => this.#ask(SINGLE_PATH, body)));
	}

	async #ask(path: string, body: object): Promise<RestAnswer> {
		return await this.#rest.askAsync({
			method: 'POST',
			path,
			body: JSON.stringify(body),
			signed: true,
			kind: 'order',
			pool: ORDER_POOL,
			timeoutMs: CANCEL_TIMEOUT_MS,
			patience: this.#options.patience ?? CANCEL_PATIENCE,
		});
	}
}

function unable(detail: string): Rehearsed {
	return { kind: 'unable', detail };
}

function namesOf(row: unknown): { readonly orderLinkId: string; readonly symbol: string } {
	const text = (value: unknown): string => (typeof value === 'string' ? value : '');
	if (typeof row !== 'object' || row === null) return { orderLinkId: '', symbol: '' };
	return {
		orderLinkId: text('orderLinkId' in row ? row.orderLinkId : ''),
		symbol: text('symbol' in row ? row.symbol : ''),
	};
}
