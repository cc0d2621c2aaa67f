/**
 * What keeps a book from the bytes of diffs: ours, JSON.parse alone (which keeps none), and ccxt, which is entered by the
 * function its own socket calls for a message, and handed the text that `ws` makes of it, so that all of its own work is
 * in and none of its network is.
 */
import { createBook } from '../../../src/domain/book.ts';
import type { TimeMs } from '../../../src/domain/units.ts';
import { BookSync } from '../../../src/venues/binance/codec/book-sync.ts';
import { DepthDecoder } from '../../../src/venues/binance/codec/depth-snapshot.ts';
import type { BookFrame, Market, PublicDecoder, PublicSink } from '../../../src/venues/binance/codec/frames.ts';
import { PlainPublicDecoder } from '../../../src/venues/binance/codec/plain-public.ts';
import { createPublicDecoder } from '../../../src/venues/binance/codec/scan-public.ts';
import { StreamTable } from '../../../src/venues/binance/codec/stream-table.ts';
import { makeTestInstrument } from '../../../test/fixtures/instruments.ts';
import { importPeer } from '../../peers.ts';
import { hashOfPeerBook, type PeerLevels } from '../peer-book.ts';
import { SYMBOL, UNITS } from './book-frames.ts';

export interface Contestant {
	/** The answer to a question about depth. */
	start(snapshot: Uint8Array): void;
	/** One frame as `ws` hands it over. */
	take(frame: Buffer): void;
	/** Of the best bid, in lots; 0 for whoever keeps no book. */
	bestBidLots(): number;
	/** Of all levels, in ticks and lots; undefined for whoever keeps no book. */
	hash(): number | undefined;
}

export interface Contestants extends Readonly<Record<string, Contestant>> {
	readonly ours: Contestant;
	readonly 'JSON.parse alone': Contestant;
	readonly ccxt: Contestant;
	readonly twin: Contestant;
}

export async function contestants(market: Market): Promise<Contestants> {
	const instrument = makeTestInstrument({ venue: 'binance', category: market, symbol: SYMBOL });
	const streams = new StreamTable(market);
	streams.set(instrument);
	return {
		ours: ours(createPublicDecoder(streams), streams),
		'JSON.parse alone': parseAlone(),
		ccxt: await ccxt(market),
		twin: ours(new PlainPublicDecoder(streams), streams),
	};
}

/** With all checks on: update ids, crossed book. */
function ours(decoder: PublicDecoder, streams: StreamTable): Contestant {
	const book = createBook();
	const sync = new BookSync(streams.market);
	const refuse = (message: unknown): never => {
		throw new Error(`no book frame: ${JSON.stringify(message)}`);
	};
	const sink: PublicSink = {
		book(frame: BookFrame) {
			if (sync.judge(frame) !== 'apply') throw new Error(`the book is ${sync.state.kind} at frame ${frame.delta.sequence}`);
			book.apply(frame.delta);
			if (sync.checkTop(book) === 'broken') throw new Error(`the book is crossed at frame ${frame.delta.sequence}`);
		},
		top: refuse,
		trade: refuse,
		mark: refuse,
		other: refuse,
	};
	return {
		start(snapshot) {
			const { instrument } = streams.findSymbolText(SYMBOL) ?? refuse(SYMBOL);
			const delta = new DepthDecoder().decode(snapshot, instrument, 0 as TimeMs);
			if (delta.kind === 'bad') return refuse(delta.where);
			if (sync.judgeSnapshot(delta.sequence, undefined) !== 'apply') return refuse(delta.sequence);
			book.apply(delta);
		},
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
		start() {},
		take(frame) {
			last = JSON.parse(frame.toString());
		},
		bestBidLots: () => (last === undefined ? 1 : 0),
		hash: () => undefined,
	};
}

interface CcxtModule {
	readonly default: { readonly pro: { readonly binance: new () => CcxtBinance } };
}
interface CcxtBook {
	readonly bids: PeerLevels;
	readonly asks: PeerLevels;
	readonly nonce: number;
}
interface CcxtBinance {
	setMarkets(markets: object[]): void;
	safeMarketStructure(market: object): object;
	client(url: string): { onMessage(event: { readonly data: string }): void };
	parseOrderBook(answer: object, symbol: string): { nonce: number };
	orderBook(snapshot: object, depth: number): CcxtBook;
	readonly orderbooks: Record<string, CcxtBook | undefined>;
}

/** What it keeps by its own default. */
const CCXT_DEPTH = 1000;
const URLS: Readonly<Record<Market, string>> = {
	spot: 'wss://stream.binance.com:9443/stream/ws',
	linear: 'wss://fstream.binance.com/public/ws',
};

async function ccxt(market: Market): Promise<Contestant> {
	const { default: library } = await importPeer<CcxtModule>('ccxt');
	const exchange = new library.pro.binance();
	const isSpot = market === 'spot';
	const symbol = isSpot ? 'BTC/USDT' : 'BTC/USDT:USDT';
	const parts = { id: SYMBOL, symbol, base: 'BTC', quote: 'USDT', ...(isSpot ? {} : { settle: 'USDT' }) };
	const kinds = { type: isSpot ? 'spot' : 'swap', spot: isSpot, swap: !isSpot, future: false, option: false };
	const contract = { contract: !isSpot, linear: !isSpot, inverse: false };
	exchange.setMarkets([exchange.safeMarketStructure({ ...parts, ...kinds, ...contract })]);
	const client = exchange.client(URLS[market]);
	const book = (): CcxtBook => {
		const found = exchange.orderbooks[symbol];
		// It drops a book that it finds broken, and would be fast from there on.
		if (found === undefined) throw new Error('ccxt lost its book');
		return found;
	};
	return {
		start(snapshot) {
			const answer = JSON.parse(Buffer.from(snapshot).toString()) as { lastUpdateId: number };
			const parsed = exchange.parseOrderBook(answer, symbol);
			parsed.nonce = answer.lastUpdateId;
			exchange.orderbooks[symbol] = exchange.orderBook(parsed, CCXT_DEPTH);
		},
		take(frame) {
			client.onMessage({ data: frame.toString() });
		},
		bestBidLots: () => Math.round((book().bids[0]?.[1] ?? 0) * UNITS[market].lotsPerOne),
		hash: () => hashOfPeerBook([...book().bids], [...book().asks], UNITS[market]),
	};
}
