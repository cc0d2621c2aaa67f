/**
 * The scanners may only agree with the plain decoders or leave a frame to them. Tens of thousands of frames that are
 * nearly right say so: bytes changed, numbers put in that are hard to read, members moved, dropped, doubled and added.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { somewhere, turnsWith } from '../../wire/frame-turns.suite.ts';
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
	type Told,
	TRADES,
	WALLET,
} from './codec.fixture.ts';
import type { Decoded } from './frames.ts';
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
const turn = turnsWith({ words: WORDS, names: ['x', '__proto__', 'price', 'u', 's', 'toString'] });

interface Pair {
	/** The scanner alone: what the sink was told, or undefined when it left the frame. */
	scan(bytes: Uint8Array): readonly Told[] | undefined;
	plain(bytes: Uint8Array): { readonly decoded: Decoded; readonly told: readonly Told[] };
	both(bytes: Uint8Array): { readonly decoded: Decoded; readonly told: readonly Told[] };
}

function publicPair(): Pair {
	const topics = publicTopics();
	const scanner = new PublicScanner(topics);
	const decoders = { plain: new PlainPublicDecoder(topics), both: createPublicDecoder(topics) };
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

function privatePair(): Pair {
	const instruments = privateInstruments();
	const scanner = new PrivateScanner(instruments);
	const decoders = { plain: new PlainPrivateDecoder(instruments), both: createPrivateDecoder(instruments) };
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
	{ name: 'public frames', frames: PUBLIC, pair: publicPair() },
	{ name: 'private frames', frames: PRIVATE, pair: privatePair() },
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
			{ numRuns: 3_000 },
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
			{ numRuns: 2_000 },
		);
	});
});
