/**
 * One market of Binance as a client alone, for programs of somebody's own that want neither engine nor strategy: market
 * data, account and orders in decimal text. It is the adapter's own REST client, reads and streams, with nothing in between.
 * What fails is a value; a mistake in an argument is a RangeError. No risk gate looks at its orders.
 */
import type { InstrumentSpec } from '../../domain/instrument.ts';
import { printMoney } from '../../domain/money.ts';
import { OrderIdSource, RUN_TAGS, type RunTag, runTagOf } from '../../domain/order-id.ts';
import { timeMs } from '../../domain/units.ts';
import { mapConcurrent } from '../../network/map-concurrent.ts';
import { RECONNECT_POLICY } from '../../network/reconnect.ts';
import type { Transport } from '../../network/transport.ts';
import type { Clock } from '../../ports/clock.ts';
import { NO_METER } from '../../ports/meter.ts';
import type { Rng } from '../../ports/rng.ts';
import { BRIEF_PATIENCE } from '../wire/patience.ts';
import { VenueClock } from '../wire/venue-clock.ts';
import { readCoinRow } from './account-rows.ts';
import { ClientFeed } from './client-feed.ts';
import { ClientOrders } from './client-orders.ts';
import type {
	AccountInfo,
	Balance,
	BinanceClient,
	ClientOrder,
	FeedListener,
	ModifyWish,
	OrderRef,
	OrderResult,
	OrderWish,
	SymbolData,
	Ticker,
} from './client-types.ts';
import { readOrder, symbolText } from './client-words.ts';
import type { Market } from './codec/frames.ts';
import { BinanceInstruments } from './instruments.ts';
import type { Kline, KlinesAsked } from './klines.ts';
import { type OpenMarket, type OpenMarkets, openMarkets } from './markets.ts';
import type { Read, ReadFailed } from './read.ts';
import { BinanceReads, type OrderName } from './reads.ts';
import type { Credentials } from './sign.ts';
import type { BinanceUrls } from './urls.ts';

export interface BinanceClientOptions {
	readonly market: 'spot' | 'futures';
	readonly urls: BinanceUrls;
	/** Without them there is market data only. */
	readonly credentials: Credentials | undefined;
	readonly recvWindowMs?: number;
}

export interface BinanceClientParts {
	readonly transport: Transport;
	readonly clock: Clock;
	readonly rng: Rng;
	/** What was opened for it alone: disposed of after it. */
	readonly closing?: AsyncDisposable;
}

const RECV_WINDOW_MS = 5_000;
const READ_TIMEOUT_MS = 5_000;
const BOOK_LEVELS = 100;
/** Of several symbols, so many at once. */
const SYMBOLS_AT_ONCE = 10;
const READY_WITHIN_MS = 10_000;
const VENUE = 'binance';

export class MarketClient implements BinanceClient {
	readonly market: 'spot' | 'futures';
	readonly #options: BinanceClientOptions;
	readonly #parts: BinanceClientParts;
	readonly #venueClock: VenueClock;
	readonly #markets: OpenMarkets;
	readonly #reads: BinanceReads;
	readonly #instruments: BinanceInstruments;
	readonly #orders: ClientOrders;
	readonly #feeds = new Set<ClientFeed>();
	readonly #ids: OrderIdSource;

	constructor(options: BinanceClientOptions, parts: BinanceClientParts) {
		const { urls, credentials, recvWindowMs = RECV_WINDOW_MS } = options;
		const { clock, rng } = parts;
		this.market = options.market;
		this.#options = options;
		this.#parts = parts;
		const venueClock = new VenueClock({ venue: VENUE, clock, sink: () => {} });
		this.#venueClock = venueClock;
		this.#markets = openMarkets({ ...parts, meter: NO_METER, venueClock, venue: VENUE, urls, credentials, recvWindowMs });
		const { rest, weights } = this.#own;
		this.#reads = new BinanceReads(rest, BRIEF_PATIENCE, READ_TIMEOUT_MS);
		this.#instruments = new BinanceInstruments({
			venue: VENUE,
			markets: { [rest.market]: { reads: this.#reads, weights } },
			...{ clock, venueNowMs: () => venueClock.venueNowMs(), hasFees: credentials !== undefined, sink: () => {} },
		});
		this.#ids = new OrderIdSource(runTagOf(rng.below(RUN_TAGS)) satisfies RunTag, undefined);
		const newId = ({ symbol, side }: OrderWish): string => this.#ids.next(symbol, side, timeMs(clock.wallMs()));
		this.#orders = new ClientOrders({ rest, reads: this.#reads, clock, venueClock, newId });
		venueClock.start((heard) => rest.askVenueTime(heard));
	}

	/** Measures how far the venue's clock is from ours, which every signature needs. */
	async connect(): Promise<boolean> {
		return await new Promise((resolve) => this.#venueClock.remeasure(resolve));
	}

	async [Symbol.asyncDispose](): Promise<void> {
		this.#venueClock.stop();
		this.#instruments.stop();
		await Promise.all([...this.#feeds].map((feed) => feed[Symbol.asyncDispose]()));
		await this.#parts.closing?.[Symbol.asyncDispose]();
	}

	// ---- market data ----

	async getServerTime(): Promise<Read<number>> {
		return await this.#reads.serverTimeMs();
	}

	async getLatestPrice(symbol: string): Promise<Read<string>> {
		return await this.#reads.lastPrice(symbolText(symbol));
	}

	async getOrderBook(symbol: string, levels = BOOK_LEVELS): Promise<Read<SymbolData['book']>> {
		return await this.#reads.book(symbolText(symbol), levels);
	}

	async getKlines(symbol: string, asked: KlinesAsked): Promise<Read<readonly Kline[]>> {
		return await this.#reads.klines(symbolText(symbol), asked);
	}

	async getInstruments(symbols: readonly string[]): Promise<Read<readonly InstrumentSpec[]>> {
		const category = this.#own.rest.market;
		const loaded = await this.#instruments.load(symbols.map((symbol) => ({ category, symbol: symbolText(symbol) })));
		if (loaded.kind === 'loaded') return { kind: 'ok', value: loaded.specs, askedAtMs: this.#venueClock.venueNowMs() };
		return { kind: 'failed', class: 'fatal', code: undefined, sentence: loaded.sentences.join('\n') };
	}

	async getMultipleSymbolsData(
		symbols: readonly string[],
		{ interval = '1m', limit = 10 }: Partial<Pick<KlinesAsked, 'interval' | 'limit'>> = {},
	): Promise<ReadonlyMap<string, Read<SymbolData>>> {
		const unique = [...new Set(symbols.map(symbolText))];
		const read = await mapConcurrent(
			unique,
			async (symbol) => ({ kind: 'ok', value: [symbol, await this.#dataOf(symbol, { interval, limit })] as const }),
			{ concurrency: SYMBOLS_AT_ONCE, settle: false },
		);
		if (read.kind !== 'ok') throw new Error('invariant broken: a read that failed is a value');
		return new Map(read.value);
	}

	// ---- streams ----

	async subscribe(symbols: readonly string[], listener: FeedListener): Promise<Read<AsyncDisposable>> {
		const specs = await this.getInstruments(symbols);
		if (specs.kind === 'failed') return specs;
		const { transport, clock, rng } = this.#parts;
		const { rest } = this.#own;
		const basics = { transport, clock, rng: rng.fork('feed'), policy: RECONNECT_POLICY };
		const parts = { ...basics, venue: VENUE, urls: this.#options.urls, rests: { [rest.market]: rest } };
		const feed = new ClientFeed(parts, specs.value, listener);
		this.#feeds.add(feed);
		const subscription: AsyncDisposable = {
			[Symbol.asyncDispose]: async () => {
				this.#feeds.delete(feed);
				await feed[Symbol.asyncDispose]();
			},
		};
		if (await feed.ready(READY_WITHIN_MS)) return { ...specs, value: subscription };
		await subscription[Symbol.asyncDispose]();
		const sentence = `the books of ${symbols.join(', ')} did not come within ${READY_WITHIN_MS / 1_000} s`;
		return { kind: 'failed', class: 'transient', code: undefined, sentence };
	}

	async subscribeToTicker(symbols: string | readonly string[], heard: (ticker: Ticker) => void): Promise<Read<AsyncDisposable>> {
		return await this.subscribe(typeof symbols === 'string' ? [symbols] : symbols, { ticker: heard });
	}

	// ---- account ----

	async getBalance(currency?: string): Promise<Read<readonly Balance[]>> {
		const read = await this.#coinRows();
		if (read.kind === 'failed') return read;
		const balances = balancesIn(read.value, this.#own.rest.market);
		if (balances === undefined) return unreadable('a balance');
		return { ...read, value: balances.filter((each) => currency === undefined || each.currency === currency) };
	}

	async getAccountInfo(): Promise<Read<AccountInfo>> {
		if (this.market === 'spot') {
			const account = await this.#reads.spotAccount();
			if (account.kind === 'failed') return account;
			const balances = balancesIn(account.value.balances, 'spot');
			if (balances === undefined) return unreadable('a balance');
			return { ...account, value: { canTrade: account.value.canTrade, balances, positions: [] } };
		}
		const [config, balances, positions] = await Promise.all([
			this.#reads.futuresConfig(),
			this.getBalance(),
			this.#reads.positions(),
		]);
		for (const each of [config, balances, positions]) if (each.kind === 'failed') return each;
		if (config.kind === 'failed' || balances.kind === 'failed' || positions.kind === 'failed') return unreadable('the account');
		const held = positions.value.map((row) => ({
			symbol: row.symbol,
			qty: row.positionAmt,
			entryPrice: row.entryPrice,
			markPrice: row.markPrice,
			unrealisedProfit: row.unRealizedProfit,
		}));
		return { ...config, value: { canTrade: config.value.canTrade, balances: balances.value, positions: held } };
	}

	// ---- orders ----

	async createOrder(wish: OrderWish): Promise<OrderResult> {
		return await this.#orders.place(wish);
	}

	async createBatchOrders(wishes: readonly OrderWish[]): Promise<readonly OrderResult[]> {
		return await this.#orders.placeAll(wishes);
	}

	async modifyOrder(wish: ModifyWish, ref: OrderRef): Promise<OrderResult> {
		if (this.market === 'spot') throw new RangeError('spot cannot change an order: cancel it and create another');
		return await this.#orders.modify(wish, nameOf(ref));
	}

	async cancelOrder(symbol: string, ref: OrderRef): Promise<OrderResult> {
		return await this.#orders.cancel(symbol, nameOf(ref));
	}

	async cancelAllOrders(symbol: string): Promise<{ readonly kind: 'done' } | ReadFailed> {
		return await this.#reads.cancelAll(symbolText(symbol));
	}

	async getOrder(symbol: string, ref: OrderRef): Promise<Read<ClientOrder>> {
		const read = await this.#reads.orderRow(symbolText(symbol), nameOf(ref));
		if (read.kind === 'failed') return read;
		const row = readOrder(read.value);
		return row === undefined ? unreadable('the order') : { ...read, value: row.order };
	}

	async getOpenOrders(symbol?: string): Promise<Read<readonly ClientOrder[]>> {
		const read = await this.#reads.openOrderRows(symbol === undefined ? undefined : symbolText(symbol));
		if (read.kind === 'failed') return read;
		const orders = read.value.flatMap((row) => readOrder(row)?.order ?? []);
		return orders.length === read.value.length ? { ...read, value: orders } : unreadable('an order');
	}

	get #own(): OpenMarket {
		return this.#markets[this.market === 'spot' ? 'spot' : 'linear'];
	}

	async #coinRows(): Promise<Read<readonly unknown[]>> {
		if (this.market === 'spot') {
			const account = await this.#reads.spotAccount();
			return account.kind === 'ok' ? { ...account, value: account.value.balances } : account;
		}
		const account = await this.#reads.futuresAccount();
		return account.kind === 'ok' ? { ...account, value: account.value.assets } : account;
	}

	async #dataOf(symbol: string, asked: KlinesAsked): Promise<Read<SymbolData>> {
		const [price, book, klines] = await Promise.all([
			this.getLatestPrice(symbol),
			this.getOrderBook(symbol),
			this.getKlines(symbol, asked),
		]);
		if (price.kind === 'failed') return price;
		if (book.kind === 'failed') return book;
		if (klines.kind === 'failed') return klines;
		return { ...price, value: { price: price.value, book: book.value, klines: klines.value } };
	}
}

function balancesIn(rows: readonly unknown[], market: Market): readonly Balance[] | undefined {
	const balances: Balance[] = [];
	for (const row of rows) {
		const coin = readCoinRow(row, market);
		if (coin === 'bad') return undefined;
		balances.push({ currency: coin.currency, free: printMoney(coin.free), total: printMoney(coin.total) });
	}
	return balances;
}

function nameOf(ref: OrderRef): OrderName {
	if ('orderId' in ref) {
		if (/^\d{1,20}$/.test(ref.orderId)) return { venueOrderId: ref.orderId };
		throw new RangeError(`the orderId is '${ref.orderId}', expected its digits as text: a number would lose some of them`);
	}
	return { clientOrderId: ref.clientOrderId };
}

function unreadable(what: string): ReadFailed {
	return { kind: 'failed', class: 'transient', code: undefined, sentence: `${what} in the answer cannot be read` };
}
