/**
 * Keeping an order book: messages of 12 level changes against 50 and 1000 levels a side. It stands for the work that every
 * book frame of every instrument costs before anything can be decided; what is lost here is lost on each of them.
 * All variants get the same messages, already parsed to numbers and newly built as a parser leaves them (building is not
 * timed). Ours pays for filling the BookDelta too. Peers: ccxt's OrderBook as its Bybit handler feeds it, without
 * the handler's parsing of decimal strings; orderbooks as its README shows. Final books are compared level by level.
 */
import { createBook, type OrderBook } from '../../src/domain/book.ts';
import { BookDelta } from '../../src/domain/book-delta.ts';
import type { Lots, Ticks, TimeMs } from '../../src/domain/units.ts';
import { type Benchmark, type BenchOptions, type BenchResult, measurePaired, type Variant } from '../harness.ts';
import { importPeer, importPeerFile } from '../peers.ts';
import { BookStream, type ParsedMessage } from './book-stream.ts';

const CHANGES_PER_MESSAGE = 12;
const SIZES = { tiny: { rounds: 3, warmupRounds: 1, perRun: 20 }, full: { rounds: 200, warmupRounds: 20, perRun: 200 } };

/** What is timed: take one message. What is compared: the levels, best first. */
interface Contestant {
	take(message: ParsedMessage): void;
	bestBidLots(): number;
	levels(): { bids: number[][]; asks: number[][] };
}

export default {
	name: 'domain/book',
	async run(options: BenchOptions): Promise<BenchResult> {
		const shallow = await compare(50, options);
		const deep = await compare(1000, options);
		return { cases: [...shallow.cases, ...deep.cases], ratios: { ...shallow.ratios, ...deep.ratios } };
	},
} satisfies Benchmark;

async function compare(levelCount: number, { tiny }: BenchOptions): Promise<BenchResult> {
	const { rounds, warmupRounds, perRun } = tiny ? SIZES.tiny : SIZES.full;
	const messageCount = (rounds + warmupRounds) * perRun;
	const stream = new BookStream({ seed: 7, levelCount, messageCount, changesPerMessage: CHANGES_PER_MESSAGE });
	const contestants = { ours: ours(stream), ccxt: await ccxt(stream), orderbooks: await orderbooks(stream, levelCount) };
	const { cases, ratio } = await measurePaired({
		variants: {
			ours: replay(stream, contestants.ours, perRun),
			ccxt: replay(stream, contestants.ccxt, perRun),
			orderbooks: replay(stream, contestants.orderbooks, perRun),
		},
		rounds,
		warmupRounds,
		workPerRun: perRun,
		work: 'message',
	});
	assertSameBooks(contestants);
	return {
		cases: Object.values(cases).map((one) => ({ ...one, name: `${levelCount} levels, ${one.name}` })),
		ratios: {
			[`oursVsCcxt${levelCount}`]: ratio({ theirs: 'ccxt', ours: 'ours' }),
			[`oursVsOrderbooks${levelCount}`]: ratio({ theirs: 'orderbooks', ours: 'ours' }),
		},
	};
}

/** Each run takes the next piece of the stream, so that the book lives on as it would in a day of trading. */
function replay(stream: BookStream, contestant: Contestant, perRun: number): Variant {
	let next = 0;
	let messages: ParsedMessage[] = [];
	return {
		prepare() {
			messages = stream.parse(next, next + perRun);
			next += perRun;
		},
		run() {
			for (let i = 0; i < messages.length; i++) contestant.take(messages[i] as ParsedMessage);
			return contestant.bestBidLots();
		},
	};
}

function ours(stream: BookStream): Contestant {
	const book: OrderBook = createBook();
	const delta = new BookDelta();
	let sequence = 0;
	const fill = ({ bids, asks }: ParsedMessage) => {
		for (let i = 0; i < bids.length; i++) {
			const level = bids[i] as [Ticks, Lots];
			delta.push('bid', level[0], level[1]);
		}
		for (let i = 0; i < asks.length; i++) {
			const level = asks[i] as [Ticks, Lots];
			delta.push('ask', level[0], level[1]);
		}
	};
	delta.reset('snapshot', sequence, 0 as TimeMs, 0 as TimeMs);
	fill(stream.snapshot);
	book.apply(delta);
	return {
		take(message) {
			sequence++;
			delta.reset('delta', sequence, sequence as TimeMs, sequence as TimeMs);
			fill(message);
			book.apply(delta);
		},
		bestBidLots: () => book.bestBidLots,
		levels: () => ({
			bids: Array.from({ length: book.bidCount }, (_, i) => [book.bidTicksAt(i), book.bidLotsAt(i)]),
			asks: Array.from({ length: book.askCount }, (_, i) => [book.askTicksAt(i), book.askLotsAt(i)]),
		}),
	};
}

interface CcxtSide extends Array<[number, number]> {
	storeArray(level: [number, number]): void;
}
interface CcxtBook {
	readonly bids: CcxtSide;
	readonly asks: CcxtSide;
	reset(snapshot: object): void;
	timestamp: number;
}

async function ccxt(stream: BookStream): Promise<Contestant> {
	const { OrderBook } = await importPeerFile<{ OrderBook: new () => CcxtBook }>('ccxt', 'js/src/base/ws/OrderBook.js');
	const book = new OrderBook();
	const copy = (levels: [number, number][]) => levels.map(([price, size]) => [price, size]);
	book.reset({ bids: copy(stream.snapshot.bids), asks: copy(stream.snapshot.asks) });
	const handleDeltas = (side: CcxtSide, levels: [number, number][]) => {
		for (let i = 0; i < levels.length; i++) {
			// The handler builds a new pair for each level, and the book keeps it.
			const level = levels[i] as [number, number];
			side.storeArray([level[0], level[1]]);
		}
	};
	return {
		take(message) {
			handleDeltas(book.asks, message.asks);
			handleDeltas(book.bids, message.bids);
			book.timestamp = 1;
		},
		bestBidLots: () => book.bids[0]?.[1] ?? 0,
		levels: () => ({ bids: [...book.bids], asks: [...book.asks] }),
	};
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

async function orderbooks(stream: BookStream, levelCount: number): Promise<Contestant> {
	const { OrderBookLevel, OrderBooksStore } = await importPeer<OrderbooksModule>('orderbooks');
	const symbol = 'BTCUSDT';
	const store = new OrderBooksStore({ maxDepth: levelCount * 2, checkTimestamps: false });
	const snapshot = [
		...stream.snapshot.bids.map(([price, size]) => OrderBookLevel(symbol, price, 'Buy', size)),
		...stream.snapshot.asks.map(([price, size]) => OrderBookLevel(symbol, price, 'Sell', size)),
	];
	store.handleSnapshot(symbol, snapshot, 1);
	const sideOf = (side: 'Buy' | 'Sell') =>
		store
			.getBook(symbol)
			.book.filter((level) => level[2] === side)
			.map((level) => [level[1], level[3]]);
	return {
		take({ bids, asks }) {
			const gone: OrderbooksLevel[] = [];
			const changed: OrderbooksLevel[] = [];
			for (const [price, size] of bids) (size === 0 ? gone : changed).push(OrderBookLevel(symbol, price, 'Buy', size));
			for (const [price, size] of asks) (size === 0 ? gone : changed).push(OrderBookLevel(symbol, price, 'Sell', size));
			store.handleDelta(symbol, gone, changed, [], 1);
		},
		bestBidLots: () => store.getBook(symbol).book[levelCount]?.[3] ?? 0,
		levels: () => ({ bids: sideOf('Buy'), asks: sideOf('Sell').reverse() }),
	};
}

function assertSameBooks(contestants: Readonly<Record<string, Contestant>>): void {
	const books = Object.entries(contestants).map(([name, one]) => ({ name, levels: JSON.stringify(one.levels()) }));
	const odd = books.find(({ levels }) => levels !== books[0]?.levels);
	if (odd !== undefined)
		throw new Error(`${odd.name} and ${books[0]?.name} end with different books:\n${odd.levels}\n${books[0]?.levels}`);
}
