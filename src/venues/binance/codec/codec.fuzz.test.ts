/** The scanners of both markets against their plain twins, with frames that are nearly right (decoder-fuzz.suite.ts). */
import { fuzzDecoders, type Pair, pairOf } from '../../wire/decoder-fuzz.suite.ts';
import {
	ACCOUNT,
	ACK,
	AGG_TRADE,
	asEvent,
	combined,
	contextOf,
	DIFF,
	FAST,
	MARK,
	ORDER,
	PrivateEar,
	PublicEar,
	RECEIVED_AT,
	SPOT_ACCOUNT,
	SPOT_AGG_TRADE,
	SPOT_DIFF,
	SPOT_ORDER,
	SPOT_PARTIAL,
	SPOT_TOP,
	SPOT_TRADE,
	streamsOf,
	TINY_PRICES,
	TOP,
	TRADE,
} from './codec.fixture.ts';
import type { Market } from './frames.ts';
import { PlainPrivateDecoder } from './plain-private.ts';
import { PlainPublicDecoder } from './plain-public.ts';
import { createPrivateDecoder, PrivateScanner } from './scan-private.ts';
import { createPublicDecoder, PublicScanner } from './scan-public.ts';

const PUBLIC: Readonly<Record<Market, readonly string[]>> = {
	spot: [
		SPOT_DIFF,
		combined('btcusdt@depth@100ms', SPOT_DIFF),
		combined('btcusdt@depth20', SPOT_PARTIAL),
		SPOT_TOP,
		combined('btcusdt@bookTicker', SPOT_TOP),
		SPOT_TRADE,
		combined('btcusdt@aggTrade', SPOT_AGG_TRADE),
		ACK,
	],
	linear: [
		DIFF,
		combined('btcusdt@depth', DIFF),
		combined('btcusdt@depth5', DIFF),
		TINY_PRICES,
		TOP,
		TRADE,
		combined('btcusdt@trade', TRADE),
		AGG_TRADE,
		MARK,
	],
};
const PRIVATE: Readonly<Record<Market, readonly string[]>> = {
	spot: [SPOT_ORDER, asEvent(SPOT_ORDER), SPOT_ACCOUNT],
	linear: [ORDER, combined('listenKey', ORDER), FAST, ACCOUNT],
};

const WORDS = `BUY SELL TRADE CALCULATED NEW CANCELED EXPIRED_IN_MATCH REPLACED MARKET trade aggTrade depthUpdate bookTicker
	executionReport ORDER_TRADE_UPDATE TRADE_LITE ETHUSDT btcusdt@depth 11`
	.split(/\s+/)
	.map((word) => `"${word}"`);
const NAMES = [
	'x',
	'X',
	'e',
	'E',
	's',
	'o',
	'u',
	'U',
	'pu',
	'C',
	'Q',
	'er',
	'eR',
	'st',
	'event',
	'stream',
	'__proto__',
	'toString',
];

function publicPair(market: Market): Pair {
	const streams = streamsOf(market);
	const scanner = new PublicScanner(streams);
	const [plain, both] = [new PlainPublicDecoder(streams), createPublicDecoder(streams)];
	return pairOf({
		makeEar: () => new PublicEar(),
		scan: (bytes, ear) => scanner.scan(bytes, ear, RECEIVED_AT),
		plain: (bytes, ear) => plain.decode(bytes, ear, RECEIVED_AT),
		both: (bytes, ear) => both.decode(bytes, ear, RECEIVED_AT),
	});
}

function privatePair(market: Market): Pair {
	const context = contextOf(market);
	const scanner = new PrivateScanner(context);
	const [plain, both] = [new PlainPrivateDecoder(context), createPrivateDecoder(context)];
	return pairOf({
		makeEar: () => new PrivateEar(),
		scan: (bytes, ear) => scanner.scan(bytes, ear),
		plain: (bytes, ear) => plain.decode(bytes, ear),
		both: (bytes, ear) => both.decode(bytes, ear),
	});
}

fuzzDecoders(
	[
		{ name: 'public frames of spot', frames: PUBLIC.spot, pair: publicPair('spot') },
		{ name: 'public frames of futures', frames: PUBLIC.linear, pair: publicPair('linear') },
		{ name: 'private frames of spot', frames: PRIVATE.spot, pair: privatePair('spot') },
		{ name: 'private frames of futures', frames: PRIVATE.linear, pair: privatePair('linear') },
	],
	{ words: [...WORDS, '""', 'null'], names: NAMES },
);
