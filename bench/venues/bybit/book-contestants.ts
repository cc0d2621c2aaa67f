/**
 * What keeps a book from the bytes of book frames: ours, JSON.parse alone (which keeps none), ccxt, and bybit-api with
 * orderbooks. Each peer is entered by the function its own socket calls for a message, and handed the text that `ws` makes
 * of it, so that all of its own work is in and none of its network is.
 */
import { createBook } from '../../../src/domain/book.ts';
import type { TimeMs } from '../../../src/domain/units.ts';
import { BookSync } from '../../../src/venues/bybit/codec/book-sync.ts';
import type { BookFrame, PublicDecoder, PublicSink } from '../../../src/venues/bybit/codec/frames.ts';
import { PlainPublicDecoder } from '../../../src/venues/bybit/codec/plain-public.ts';
import { createPublicDecoder } from '../../../src/venues/bybit/codec/scan-public.ts';
import { TopicTable } from '../../../src/venues/bybit/codec/topic-table.ts';
import { BTCUSDT } from '../../../test/fixtures/instruments.ts';
import { importPeer } from '../../peers.ts';
import { hashOfPeerBook, type PeerLevels } from '../peer-book.ts';
import { LOTS_PER_ONE, TICKS_PER_ONE } from './book-frames.ts';

export interface Contestant {
	/** One frame as `ws` hands it over. */
	take(frame: Buffer): void;
	/** Of the best bid, in lots; 0 for whoever keeps no book. */
	bestBidLots(): number;
	/** Of all levels, in ticks and lots; undefined for whoever keeps no book. */
	hash(): number | undefined;
}

export interface Contestants extends Readonly<Record<string, Contestant>> {
	readonly ours: Contestant;
	readonly twin: Contestant;
	readonly 'JSON.parse alone': Contestant;
	readonly ccxt: Contestant;
	readonly 'bybit-api + orderbooks': Contestant;
}

export async function contestants(): Promise<Contestants> {
	const topics = new TopicTable();
	topics.set(BTCUSDT);
	return {
		ours: ours(createPublicDecoder(topics)),
		twin: ours(new PlainPublicDecoder(topics)),
		'JSON.parse alone': parseAlone(),
		ccxt: await ccxt(),
		'bybit-api + orderbooks': await bybitApi(),
	};
}

/** With all checks on: update id, cross sequence, crossed book. */
function ours(decoder: PublicDecoder): Contestant {
	const book = createBook();
	const sync = new BookSync();
	const sink: PublicSink = {
		book(frame: BookFrame) {
			if (sync.judge(frame) !== 'apply') throw new Error(`the book is ${sync.state.kind} at frame ${frame.delta.sequence}`);
			book.apply(frame.delta);
			if (sync.checkTop(book) === 'broken') throw new Error(`the book is crossed at frame ${frame.delta.sequence}`);
		},
		trade() {},
		other(message) {
			throw new Error(`no book frame: ${JSON.stringify(message)}`);
		},
	};
	return {
		take(frame) {
			const decoded = decoder.decode(frame, sink, 0 as TimeMs);
			if (decoded !== 'taken') throw new Error(`a frame was not taken: ${JSON.stringify(decoded)}`);
		},
		bestBidLots: () => book.bestBidLots,
		hash: () => book.hash(),
	};
}

function parseAlone(): Contestant {
	let last: unknown;
	return {
		take(frame) {
			last = JSON.parse(frame.toString());
		},
		bestBidLots: () => (last === undefined ? 1 : 0),
		hash: () => undefined,
	};
}

const UNITS = { ticksPerOne: TICKS_PER_ONE, lotsPerOne: LOTS_PER_ONE };

interface CcxtModule {
	readonly default: { readonly pro: { readonly bybit: new () => CcxtBybit } };
}
interface CcxtBybit {
	setMarkets(markets: object[]): void;
	safeMarketStructure(market: object): object;
	client(url: string): { onMessage(event: { readonly data: string }): void };
	readonly orderbooks: Record<string, { readonly bids: PeerLevels; readonly asks: PeerLevels } | undefined>;
}

async function ccxt(): Promise<Contestant> {
	const { default: library } = await importPeer<CcxtModule>('ccxt');
	const exchange = new library.pro.bybit();
	const symbol = 'BTC/USDT:USDT';
	const parts = { id: 'BTCUSDT', symbol, base: 'BTC', quote: 'USDT', settle: 'USDT', type: 'swap' };
	const kinds = { spot: false, swap: true, future: false, option: false, contract: true, linear: true, inverse: false };
	exchange.setMarkets([exchange.safeMarketStructure({ ...parts, ...kinds })]);
	const client = exchange.client('wss://stream.bybit.com/v5/public/linear');
	const book = () => exchange.orderbooks[symbol] ?? { bids: [], asks: [] };
	return {
		take(frame) {
			client.onMessage({ data: frame.toString() });
		},
		bestBidLots: () => Math.round((book().bids[0]?.[1] ?? 0) * LOTS_PER_ONE),
		hash: () => hashOfPeerBook([...book().bids], [...book().asks], UNITS),
	};
}

interface BybitFrame {
	readonly type: string;
	readonly ts: number;
	readonly data: { readonly s: string; readonly b: readonly [string, string][]; readonly a: readonly [string, string][] };
}
interface BybitApiModule {
	readonly WebsocketClient: new (options: object, logger: object) => BybitApiClient;
}
interface BybitApiClient {
	on(event: 'update', listener: (frame: BybitFrame) => void): void;
	onWsMessage(
		event: { readonly type: 'message'; readonly data: string; readonly target: object },
		wsKey: string,
		ws: object,
	): void;
}
type OrderbooksLevel = readonly [symbol: string, price: number, side: 'Buy' | 'Sell', qty: number];
interface OrderbooksModule {
	OrderBookLevel(symbol: string, price: number, side: 'Buy' | 'Sell', qty: number): OrderbooksLevel;
	OrderBooksStore: new (options: { maxDepth: number; checkTimestamps: boolean }) => OrderbooksStore;
}
interface OrderbooksStore {
	handleSnapshot(symbol: string, levels: OrderbooksLevel[], timestamp: number): void;
	handleDelta(symbol: string, gone: OrderbooksLevel[], changed: OrderbooksLevel[], added: OrderbooksLevel[], at: number): void;
	getBook(symbol: string): { readonly book: readonly OrderbooksLevel[] };
}

const LEVELS_KEPT = 100;

async function bybitApi(): Promise<Contestant> {
	const { WebsocketClient } = await importPeer<BybitApiModule>('bybit-api');
	const { OrderBookLevel, OrderBooksStore } = await importPeer<OrderbooksModule>('orderbooks');
	const silent = { trace() {}, info() {}, error() {} };
	const client = new WebsocketClient({}, silent);
	const store = new OrderBooksStore({ maxDepth: LEVELS_KEPT, checkTimestamps: false });
	client.on('update', ({ type, ts, data: { s, b, a } }) => {
		const gone: OrderbooksLevel[] = [];
		const changed: OrderbooksLevel[] = [];
		for (const [price, size] of b) (size === '0' ? gone : changed).push(OrderBookLevel(s, +price, 'Buy', +size));
		for (const [price, size] of a) (size === '0' ? gone : changed).push(OrderBookLevel(s, +price, 'Sell', +size));
		if (type === 'snapshot') store.handleSnapshot(s, changed, ts);
		else store.handleDelta(s, gone, changed, [], ts);
	});
	const sideOf = (side: 'Buy' | 'Sell') =>
		store
			.getBook('BTCUSDT')
			.book.filter((level) => level[2] === side)
			.map((level) => [level[1], level[3]]);
	const target = {};
	return {
		take(frame) {
			client.onWsMessage({ type: 'message', data: frame.toString(), target }, 'v5LinearPublic', target);
		},
		bestBidLots: () => Math.round((sideOf('Buy')[0]?.[1] ?? 0) * LOTS_PER_ONE),
		hash: () => hashOfPeerBook(sideOf('Buy'), sideOf('Sell').reverse(), UNITS),
	};
}
