/** The scanners against their plain twins, with frames that are nearly right (decoder-fuzz.suite.ts). */
import { fuzzDecoders, type Pair, pairOf } from '../../wire/decoder-fuzz.suite.ts';
import {
	DELTA,
	EXECUTION,
	FAST,
	ORDER,
	PONG,
	PrivateEar,
	PublicEar,
	privateInstruments,
	publicTopics,
	RECEIVED_AT,
	SNAPSHOT,
	SPOT_TRADE,
	TINY_PRICES,
	TOP,
	TRADES,
	WALLET,
} from './codec.fixture.ts';
import { PlainPrivateDecoder } from './plain-private.ts';
import { PlainPublicDecoder } from './plain-public.ts';
import { createPrivateDecoder, PrivateScanner } from './scan-private.ts';
import { createPublicDecoder, PublicScanner } from './scan-public.ts';

const PUBLIC = [SNAPSHOT, DELTA, TOP, TINY_PRICES, TRADES, SPOT_TRADE, PONG];
const PRIVATE = [ORDER, EXECUTION, FAST, WALLET];

const WORDS = [
	'"Buy"',
	'"Sell"',
	'"Trade"',
	'"Funding"',
	'"Settle"',
	'"Market"',
	'"spot"',
	'"linear"',
	'"New"',
	'"Cancelled"',
	'""',
	'"ETHUSDT"',
];

function publicPair(): Pair {
	const topics = publicTopics();
	const scanner = new PublicScanner(topics);
	const [plain, both] = [new PlainPublicDecoder(topics), createPublicDecoder(topics)];
	return pairOf({
		makeEar: () => new PublicEar(),
		scan: (bytes, ear) => scanner.scan(bytes, ear, RECEIVED_AT),
		plain: (bytes, ear) => plain.decode(bytes, ear, RECEIVED_AT),
		both: (bytes, ear) => both.decode(bytes, ear, RECEIVED_AT),
	});
}

function privatePair(): Pair {
	const instruments = privateInstruments();
	const scanner = new PrivateScanner(instruments);
	const [plain, both] = [new PlainPrivateDecoder(instruments), createPrivateDecoder(instruments)];
	return pairOf({
		makeEar: () => new PrivateEar(),
		scan: (bytes, ear) => scanner.scan(bytes, ear),
		plain: (bytes, ear) => plain.decode(bytes, ear),
		both: (bytes, ear) => both.decode(bytes, ear),
	});
}

fuzzDecoders(
	[
		{ name: 'public frames', frames: PUBLIC, pair: publicPair() },
		{ name: 'private frames', frames: PRIVATE, pair: privatePair() },
	],
	{ words: WORDS, names: ['x', '__proto__', 'price', 'u', 's', 'toString'] },
);
