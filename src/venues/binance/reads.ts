/**
 * Everything that can be asked of one market of Binance over REST apart from order entry, each answer checked by schema. A
 * failure is a value with a class and one sentence. A list is whole or it is a failure: half a list and an answer of the
 * wrong shape prove nothing, and nobody may act on them (F31, F32).
 */
import type { z } from 'zod';
import { CANCEL_PATIENCE, type PatienceOptions } from '../wire/patience.ts';
import type { Market } from './codec/frames.ts';
import { FUTURES_KLINES_MAX, type Kline, type KlinesAsked, klinesOf, klinesWeight, SPOT_KLINES_MAX } from './klines.ts';
import type { Read, ReadFailed } from './read.ts';
import {
	ANYTHING,
	BOOK,
	BOOK_TICKER,
	BOOK_TICKERS,
	type BookTicker,
	EXCHANGE_INFO,
	FUTURES_ACCOUNT,
	FUTURES_CONFIG,
	FUTURES_FEES,
	type FuturesAccount,
	type FuturesConfig,
	KEY_RIGHTS,
	type KeyRights,
	KLINES,
	LAST_PRICE,
	POSITIONS,
	PREMIUM,
	PREMIUMS,
	type Premium,
	ROWS,
	SERVER_TIME,
	SPOT_ACCOUNT,
	SPOT_FEES,
	type SpotAccount,
	SYMBOL_CONFIGS,
	type SymbolConfig,
} from './reads-schemas.ts';
import { type BinanceRest, ORDER_POOL, type Params, READ_POOL, type RestAnswer, type RestCall, TIME_PATH } from './rest.ts';
import { paymentId, readTrades, tradeId } from './trade-pages.ts';

/** By the venue's id where it is known, else by ours. */
export type OrderName = { readonly venueOrderId: string } | { readonly clientOrderId: string };

export interface FeeRates {
	readonly makerFeeRate: string;
	readonly takerFeeRate: string;
}

const TIMEOUT_MS = 10_000;
const CANCEL_TIMEOUT_MS = 2_000;
const PREFIX: Record<Market, string> = { spot: '/api/v3', linear: '/fapi/v1' };

type Access = Pick<RestCall, 'security' | 'weight' | 'rank'>;

export class BinanceReads {
	readonly market: Market;
	readonly #rest: BinanceRest;
	readonly #patience: PatienceOptions | undefined;
	readonly #timeoutMs: number;
	readonly #terms: Pick<RestCall, 'rank' | 'isWanted'>;

	/**
	 * `patience`, and the time for each attempt, are for those who would rather hear a failure than wait; `terms` for those
	 * whose reads come after all others, or are not wanted for ever.
	 */
	constructor(
		rest: BinanceRest,
		patience?: PatienceOptions,
		timeoutMs = TIMEOUT_MS,
		terms: Pick<RestCall, 'rank' | 'isWanted'> = {},
	) {
		this.#rest = rest;
		this.market = rest.market;
		this.#patience = patience;
		this.#timeoutMs = timeoutMs;
		this.#terms = terms;
	}

	async serverTimeMs(): Promise<Read<number>> {
		return mapped(await this.#get(TIME_PATH[this.market], {}, SERVER_TIME, open(1)), ({ serverTime }) => serverTime);
	}

	/** Symbols as the venue writes them, for instruments.ts: one row that is wrong must not hide the others. */
	exchangeInfo(): Promise<Read<z.infer<typeof EXCHANGE_INFO>>> {
		return this.#get(this.#path('exchangeInfo'), {}, EXCHANGE_INFO, open(this.#isSpot ? 20 : 1));
	}

	bookTicker(symbol: string): Promise<Read<BookTicker>> {
		return this.#get(this.#path('ticker/bookTicker'), { symbol }, BOOK_TICKER, open(2));
	}

	bookTickers(): Promise<Read<readonly BookTicker[]>> {
		return this.#get(this.#path('ticker/bookTicker'), {}, BOOK_TICKERS, open(this.#isSpot ? 4 : 5));
	}

	/**
	 * Last and best prices of up to twenty symbols of spot, as rows for `market-reader.ts`. A symbol that there is not fails the
	 * others with it.
	 */
	dayRows(symbols: readonly string[]): Promise<Read<readonly unknown[]>> {
		return this.#get('/api/v3/ticker/24hr', { symbols: JSON.stringify(symbols) }, ROWS, open(2));
	}

	/** Of futures: a list of all of them, or the row of one. */
	futuresRows(kind: keyof typeof FUTURES_ROWS, symbol?: string): Promise<Read<unknown>> {
		const { path, one, every } = FUTURES_ROWS[kind];
		return this.#get(path, { symbol }, ANYTHING, open(symbol === undefined ? every : one));
	}

	async lastPrice(symbol: string): Promise<Read<string>> {
		const read = await this.#get(this.#path('ticker/price'), { symbol }, LAST_PRICE, open(this.#isSpot ? 2 : 1));
		return mapped(read, ({ price }) => price);
	}

	/** In decimal text; for books that are kept up to date see `depth`. */
	book(symbol: string, limit: number): Promise<Read<z.infer<typeof BOOK>>> {
		return this.#get(this.#path('depth'), { symbol, limit }, BOOK, open(depthWeight(this.market, limit)));
	}

	/** The bytes as they came, for `codec/depth-snapshot.ts`. */
	async depth(symbol: string, limit: number): Promise<Read<Uint8Array>> {
		const path = this.#path('depth');
		const access = open(depthWeight(this.market, limit));
		const answer = await this.#rest.askAsync({ ...this.#call(path, { symbol, limit }, access), isRaw: true });
		return answer.kind === 'ok' ? { kind: 'ok', value: answer.body, askedAtMs: answer.askedAtMs } : failedOf(path, answer);
	}

	async klines(symbol: string, asked: KlinesAsked): Promise<Read<readonly Kline[]>> {
		const limit = asked.limit ?? (this.#isSpot ? SPOT_KLINES_MAX : FUTURES_KLINES_MAX);
		const access = open(klinesWeight(this.market, limit));
		return mapped(await this.#get(this.#path('klines'), { symbol, ...asked, limit }, KLINES, access), klinesOf);
	}

	/** Mark price and funding; futures alone have them. */
	premium(symbol: string): Promise<Read<Premium>> {
		return this.#get('/fapi/v1/premiumIndex', { symbol }, PREMIUM, open(1));
	}

	premiums(): Promise<Read<readonly Premium[]>> {
		return this.#get('/fapi/v1/premiumIndex', {}, PREMIUMS, open(10));
	}

	/** Of one symbol, or of all, which weighs as much as many. */
	openOrderRows(symbol?: string): Promise<Read<readonly unknown[]>> {
		const one = this.#isSpot ? 6 : 1;
		const every = this.#isSpot ? 80 : 40;
		return this.#get(this.#path('openOrders'), { symbol }, ROWS, ofAccount(symbol === undefined ? every : one));
	}

	/** A refusal of class `benign`: there is no such order, or not yet. */
	orderRow(symbol: string, name: OrderName): Promise<Read<unknown>> {
		const id = 'venueOrderId' in name ? { orderId: name.venueOrderId } : { origClientOrderId: name.clientOrderId };
		return this.#get(this.#path('order'), { symbol, ...id }, ANYTHING, ofAccount(this.#isSpot ? 4 : 1));
	}

	/** All since then, each once. */
	tradeRows(symbol: string, sinceMs: number, venueNowMs: () => number): Promise<Read<readonly unknown[]>> {
		const path = this.#isSpot ? '/api/v3/myTrades' : '/fapi/v1/userTrades';
		const access = ofAccount(this.#isSpot ? 20 : 5);
		const { market } = this;
		return readTrades({
			market,
			sinceMs,
			venueNowMs,
			idOf: tradeId,
			page: (of) => this.#get(path, { symbol, ...of }, ROWS, access),
		});
	}

	/** Of one order; it cannot have more than a page of them. */
	tradeRowsOf(symbol: string, venueOrderId: string): Promise<Read<readonly unknown[]>> {
		const path = this.#isSpot ? '/api/v3/myTrades' : '/fapi/v1/userTrades';
		return this.#get(path, { symbol, orderId: venueOrderId, limit: 1_000 }, ROWS, ofAccount(5));
	}

	/** Funding of futures since then, of every symbol. */
	fundingRows(sinceMs: number, venueNowMs: () => number): Promise<Read<readonly unknown[]>> {
		const params = { incomeType: 'FUNDING_FEE' };
		const page = (of: Params) => this.#get('/fapi/v1/income', { ...params, ...of }, ROWS, ofAccount(30));
		return readTrades({ market: 'linear', sinceMs, venueNowMs, idOf: paymentId, page });
	}

	spotAccount(): Promise<Read<SpotAccount>> {
		return this.#get('/api/v3/account', { omitZeroBalances: 'true' }, SPOT_ACCOUNT, ofAccount(20));
	}

	futuresAccount(): Promise<Read<FuturesAccount>> {
		return this.#get('/fapi/v3/account', {}, FUTURES_ACCOUNT, ofAccount(5));
	}

	/** Of the key, for both markets; asked of spot's host alone. */
	keyRights(): Promise<Read<KeyRights>> {
		return this.#get('/sapi/v1/account/apiRestrictions', {}, KEY_RIGHTS, signed(1));
	}

	/** Modes of the account. */
	futuresConfig(): Promise<Read<FuturesConfig>> {
		return this.#get('/fapi/v1/accountConfig', {}, FUTURES_CONFIG, signed(5));
	}

	/** Leverage and margin of every symbol. */
	symbolConfigs(): Promise<Read<readonly SymbolConfig[]>> {
		return this.#get('/fapi/v1/symbolConfig', {}, SYMBOL_CONFIGS, signed(5));
	}

	/** Coins of the wallet of this market. On futures without what positions win and lose: that is in the account. */
	async balanceRows(): Promise<Read<readonly unknown[]>> {
		if (this.#isSpot) return mapped(await this.spotAccount(), ({ balances }) => balances);
		return this.#get('/fapi/v3/balance', {}, ROWS, signed(5));
	}

	/** Symbols with a position or an order; spot has none. */
	positionRows(): Promise<Read<readonly unknown[]>> {
		return this.#get('/fapi/v3/positionRisk', {}, ROWS, ofAccount(5));
	}

	/** The same in decimal text. */
	positions(): Promise<Read<z.infer<typeof POSITIONS>>> {
		return this.#get('/fapi/v3/positionRisk', {}, POSITIONS, signed(5));
	}

	/** What this account pays in a symbol. */
	async fees(symbol: string): Promise<Read<FeeRates>> {
		if (this.#isSpot) {
			const read = await this.#get('/api/v3/account/commission', { symbol }, SPOT_FEES, signed(20));
			return mapped(read, ({ standardCommission: { maker, taker } }) => ({ makerFeeRate: maker, takerFeeRate: taker }));
		}
		const read = await this.#get('/fapi/v1/commissionRate', { symbol }, FUTURES_FEES, signed(20));
		return mapped(read, (row) => ({ makerFeeRate: row.makerCommissionRate, takerFeeRate: row.takerCommissionRate }));
	}

	/** Nothing open is as good as everything cancelled. */
	async cancelAll(symbol: string): Promise<{ readonly kind: 'done' } | ReadFailed> {
		const path = this.#isSpot ? '/api/v3/openOrders' : '/fapi/v1/allOpenOrders';
		const answer = await this.#rest.askAsync({
			method: 'DELETE',
			path,
			params: { symbol },
			...signed(1),
			kind: 'order',
			pool: ORDER_POOL,
			timeoutMs: CANCEL_TIMEOUT_MS,
			patience: this.#patience ?? CANCEL_PATIENCE,
		});
		if (answer.kind === 'ok') return { kind: 'done' };
		const read = failedOf(path, answer);
		return read.class === 'benign' ? { kind: 'done' } : read;
	}

	get #isSpot(): boolean {
		return this.market === 'spot';
	}

	#path(name: string): string {
		return `${PREFIX[this.market]}/${name}`;
	}

	#call(path: string, params: Params, access: Access): RestCall {
		return {
			method: 'GET',
			path,
			params,
			...access,
			kind: 'read',
			pool: READ_POOL,
			timeoutMs: this.#timeoutMs,
			...(this.#patience === undefined ? {} : { patience: this.#patience }),
			...this.#terms,
		};
	}

	async #get<Schema extends z.ZodType>(
		path: string,
		params: Params,
		schema: Schema,
		access: Access,
	): Promise<Read<z.infer<Schema>>> {
		const answer = await this.#rest.askAsync(this.#call(path, params, access));
		if (answer.kind !== 'ok') return failedOf(path, answer);
		const parsed = schema.safeParse(answer.result);
		if (!parsed.success) return unreadable(path, issueOf(parsed.error));
		return { kind: 'ok', value: parsed.data, askedAtMs: answer.askedAtMs };
	}
}

function open(weight: number): Access {
	return { security: 'none', weight };
}

/** Which orders stand, what has filled, what is held. */
function ofAccount(weight: number): Access {
	return { security: 'signed', weight, rank: 'account' };
}

function signed(weight: number): Access {
	return { security: 'signed', weight };
}

/** What they weigh. */
const FUTURES_ROWS = {
	last: { path: '/fapi/v1/ticker/price', one: 1, every: 2 },
	best: { path: '/fapi/v1/ticker/bookTicker', one: 2, every: 5 },
	mark: { path: '/fapi/v1/premiumIndex', one: 1, every: 10 },
} as const;

export function depthWeight(market: Market, limit: number): number {
	const steps = market === 'spot' ? SPOT_DEPTH_WEIGHTS : FUTURES_DEPTH_WEIGHTS;
	return steps.find(([upTo]) => limit <= upTo)?.[1] ?? steps[steps.length - 1]?.[1] ?? 1;
}

const SPOT_DEPTH_WEIGHTS: readonly (readonly [upTo: number, weight: number])[] = [
	[100, 5],
	[500, 25],
	[1_000, 50],
	[5_000, 250],
];
const FUTURES_DEPTH_WEIGHTS: readonly (readonly [upTo: number, weight: number])[] = [
	[50, 2],
	[100, 5],
	[500, 10],
	[1_000, 20],
];

function mapped<From, To>(read: Read<From>, map: (value: From) => To): Read<To> {
	return read.kind === 'ok' ? { ...read, value: map(read.value) } : read;
}

function failedOf(path: string, answer: Exclude<RestAnswer, { kind: 'ok' }>): ReadFailed {
	switch (answer.kind) {
		case 'refused': {
			const { code, message, verdict } = answer;
			const sentence = `Binance refuses ${path}: ${verdict.meaning} (${code}${message === '' ? '' : `: ${message}`})`;
			return { kind: 'failed', class: verdict.class, code, sentence };
		}
		case 'lost':
			return { kind: 'failed', class: 'transient', code: undefined, sentence: `no answer to ${path}: ${answer.detail}` };
		case 'unreadable':
			return unreadable(path, answer.detail);
	}
}

function unreadable(path: string, why: string): ReadFailed {
	return { kind: 'failed', class: 'transient', code: undefined, sentence: `the answer to ${path} cannot be used: ${why}` };
}

/** Where and what was expected; never the value that was found, which is the venue's text. */
function issueOf(error: z.ZodError): string {
	const [issue] = error.issues;
	if (issue === undefined) return 'it has another shape';
	const where = issue.path.map((part) => String(part).slice(0, 32)).join('.');
	return `${where === '' ? 'result' : where}: ${issue.message.slice(0, 160)}`;
}
