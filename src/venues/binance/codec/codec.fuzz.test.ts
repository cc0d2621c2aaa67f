/**
 * The scanners may only agree with the plain decoders or leave a frame to them. Tens of thousands of frames that are
 * nearly right say so (frame-turns.suite.ts).
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { somewhere, turnsWith } from '../../wire/frame-turns.suite.ts';
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
	type Told,
	TRADE,
} from './codec.fixture.ts';
import type { Decoded, Market } from './frames.ts';
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
const turn = turnsWith({ words: [...WORDS, '""', 'null'], names: NAMES });

interface Pair {
	/** The scanner alone: what the sink was told, or undefined when it left the frame. */
	scan(bytes: Uint8Array): readonly Told[] | undefined;
	plain(bytes: Uint8Array): { readonly decoded: Decoded; readonly told: readonly Told[] };
	both(bytes: Uint8Array): { readonly decoded: Decoded; readonly told: readonly Told[] };
}

function publicPair(market: Market): Pair {
	const streams = streamsOf(market);
	const scanner = new PublicScanner(streams);
	const decoders = { plain: new PlainPublicDecoder(streams), both: createPublicDecoder(streams) };
	const hear = (which: 'plain' | 'both', bytes: Uint8Array) => {
		const ear = new PublicEar();
		return { decoded: decoders[which].decode(bytes, ear, RECEIVED_AT), told: ear.told };
	};
	return {
		scan(bytes) {
			const ear = new PublicEar();
			const taken = scanner.scan(bytes, ear, RECEIVED_AT);
			if (!taken) expect(ear.told).toEqual([]);
			return taken ? ear.told : undefined;
		},
		plain: (bytes) => hear('plain', bytes),
		both: (bytes) => hear('both', bytes),
	};
}

function privatePair(market: Market): Pair {
	const context = contextOf(market);
	const scanner = new PrivateScanner(context);
	const decoders = { plain: new PlainPrivateDecoder(context), both: createPrivateDecoder(context) };
	const hear = (which: 'plain' | 'both', bytes: Uint8Array) => {
		const ear = new PrivateEar();
		return { decoded: decoders[which].decode(bytes, ear), told: ear.told };
	};
	return {
		scan(bytes) {
			const ear = new PrivateEar();
			const taken = scanner.scan(bytes, ear);
			if (!taken) expect(ear.told).toEqual([]);
			return taken ? ear.told : undefined;
		},
		plain: (bytes) => hear('plain', bytes),
		both: (bytes) => hear('both', bytes),
	};
}

const FRAMES_PER_RUN = 10;

describe.each([
	{ name: 'public frames of spot', frames: PUBLIC.spot, pair: publicPair('spot') },
	{ name: 'public frames of futures', frames: PUBLIC.linear, pair: publicPair('linear') },
	{ name: 'private frames of spot', frames: PRIVATE.spot, pair: privatePair('spot') },
	{ name: 'private frames of futures', frames: PRIVATE.linear, pair: privatePair('linear') },
])('$name', ({ frames, pair }) => {
	test('read the same by scanner and twin, or are left to the twin', () => {
		const seen = { taken: 0, takenWhenChanged: 0, left: 0, bad: 0 };
		const mutated = fc.tuple(fc.constantFrom(...frames), fc.array(turn, { maxLength: 3 }));
		fc.assert(
			fc.property(fc.array(mutated, { minLength: FRAMES_PER_RUN, maxLength: FRAMES_PER_RUN }), (drawn) => {
				for (const [frame, turns] of drawn) {
					const text = turns.reduce((one, change) => change(one), frame);
					const bytes = Buffer.from(text);
					const plain = pair.plain(bytes);
					expect(pair.both(bytes), text).toEqual(plain);
					const scanned = pair.scan(bytes);
					if (scanned === undefined) {
						seen.left++;
						if (typeof plain.decoded !== 'string') seen.bad++;
						continue;
					}
					seen.taken++;
					if (text !== frame) seen.takenWhenChanged++;
					expect({ decoded: 'taken', told: scanned }, text).toEqual(plain);
				}
			}),
			{ numRuns: 4_000 },
		);
		// None of the ways a frame can go is so rare that the property says nothing of it.
		for (const [way, count] of Object.entries(seen)) expect(count, way).toBeGreaterThan(500);
	});

	test('of any bytes at all throw nothing', () => {
		fc.assert(
			fc.property(fc.uint8Array({ maxLength: 60 }), fc.constantFrom(...frames), somewhere, (noise, frame, at) => {
				const bytes = Buffer.from(frame);
				bytes.set(noise.subarray(0, bytes.length - Math.floor(at * bytes.length)), Math.floor(at * bytes.length));
				expect(pair.both(bytes)).toEqual(pair.plain(bytes));
				expect(pair.both(noise)).toEqual(pair.plain(noise));
			}),
			{ numRuns: 1_000 },
		);
	});
});
