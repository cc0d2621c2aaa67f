/**
 * The scanners may only agree with the plain decoders or leave a frame to them. Tens of thousands of frames that are
 * nearly right say so: bytes changed, numbers put in that are hard to read, members moved, dropped, doubled and added.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
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

const NUMBERS = `0 -0 -1 00 01 1. .5 1e3 1E-7 1.50 0.1 0.10000000000000001 64999.9 64999.95 65000.000000000001 3.1000 999999999
	1000000000 999999999999999 1000000000000000 9007199254740991 9007199254740992 9007199254740993 900719925474099.1
	12345678901234567890 0.00000001 0.000000010 +1 0x10 1_000 Infinity NaN ٣`
	.split(/\s+/)
	.filter((text) => text !== '');
const VALUES = [
	...NUMBERS,
	'null',
	'true',
	'false',
	'[]',
	'{}',
	'""',
	'"x"',
	'{"a":1}',
	'[1]',
	'"\\u0031"',
	'"\\n"',
	'"ä"',
	'{"a":"b"}',
];
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
const BYTES = ['"', '{', '}', '[', ']', ',', ':', '\\', '.', '0', '9', '-', 'e', ' ', '\n', '\u0000', 'é', '\u007f', 's', 'S'];

type Turn = (frame: string) => string;

const spot = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const pick = <Value>(all: readonly Value[], where: number): Value | undefined => all[Math.floor(where * all.length)];

/** Replaces one of the places where the pattern matches. */
function swap(frame: string, pattern: RegExp, where: number, text: string): string {
	const found = pick([...frame.matchAll(pattern)], where);
	return found === undefined ? frame : frame.slice(0, found.index) + text + frame.slice(found.index + found[0].length);
}

const MEMBER = /"\w+":(?:"[^"]*"|-?[\d.]+|true|false)/g;

const turn: fc.Arbitrary<Turn> = fc.oneof(
	// single bytes: put in, put in the place of one, taken out
	fc.record({ at: spot, byte: fc.constantFrom(...BYTES), cut: fc.nat({ max: 1 }) }).map(
		({ at, byte, cut }): Turn =>
			(frame) => {
				const index = Math.floor(at * (frame.length + 1));
				return frame.slice(0, index) + byte + frame.slice(index + cut);
			},
	),
	fc.tuple(spot, fc.integer({ min: 1, max: 40 })).map(
		([at, length]): Turn =>
			(frame) => {
				const index = Math.floor(at * frame.length);
				return frame.slice(0, index) + frame.slice(index + length);
			},
	),
	// numbers, bare and in quotes; values; words
	fc.tuple(spot, fc.constantFrom(...NUMBERS)).map(
		([at, text]): Turn =>
			(frame) =>
				swap(frame, /(?<=")\d[\d.]*(?=")/g, at, text),
	),
	fc.tuple(spot, fc.constantFrom(...NUMBERS)).map(
		([at, text]): Turn =>
			(frame) =>
				swap(frame, /(?<=:)\d+/g, at, text),
	),
	fc.tuple(spot, fc.constantFrom(...VALUES)).map(
		([at, text]): Turn =>
			(frame) =>
				swap(frame, /(?<=":)("[^"]*"|\d+|true|false)/g, at, text),
	),
	fc.tuple(spot, fc.constantFrom(...WORDS)).map(
		([at, text]): Turn =>
			(frame) =>
				swap(frame, /(?<=":)"[A-Za-z]+"/g, at, text),
	),
	// members: renamed, dropped, doubled, swapped
	fc.tuple(spot, fc.constantFrom('x', '__proto__', 'price', 'u', 's', 'toString')).map(
		([at, name]): Turn =>
			(frame) =>
				swap(frame, /(?<=[{,]")\w+(?=":)/g, at, name),
	),
	spot.map(
		(at): Turn =>
			(frame) =>
				swap(frame, new RegExp(`${MEMBER.source},`, 'g'), at, ''),
	),
	fc.tuple(spot, spot).map(
		([from, to]): Turn =>
			(frame) => {
				const member = pick([...frame.matchAll(MEMBER)], from)?.[0] ?? '';
				return swap(frame, /(?<=[{,])(?=")/g, to, `${member},`);
			},
	),
	fc.tuple(spot, spot).map(
		([from, to]): Turn =>
			(frame) => {
				const member = pick([...frame.matchAll(new RegExp(`${MEMBER.source},`, 'g'))], from)?.[0];
				return member === undefined ? frame : swap(frame.replace(member, ''), /(?<=[{,])(?="\w+":)/g, to, member);
			},
	),
	// levels and rows: doubled
	spot.map(
		(at): Turn =>
			(frame) => {
				const level = pick([...frame.matchAll(/\["[\d.]*","[\d.]*"\]/g)], at)?.[0];
				return level === undefined ? frame : frame.replace(level, `${level},${level}`);
			},
	),
	fc.constant<Turn>((frame) => frame.replace(/\[(\{[^[\]]*\})\]/, '[$1,$1]')),
	// the frame as a whole
	fc.constantFrom<Turn>(
		(frame) => ` ${frame}`,
		(frame) => `${frame}\n`,
		(frame) => `${frame}${frame}`,
		(frame) => `\ufeff${frame}`,
		(frame) => frame.replaceAll(',', ', '),
	),
);

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
			fc.property(fc.uint8Array({ maxLength: 60 }), fc.constantFrom(...frames), spot, (noise, frame, at) => {
				const bytes = Buffer.from(frame);
				bytes.set(noise.subarray(0, bytes.length - Math.floor(at * bytes.length)), Math.floor(at * bytes.length));
				expect(pair.both(bytes)).toEqual(pair.plain(bytes));
				expect(pair.both(noise)).toEqual(pair.plain(noise));
			}),
			{ numRuns: 2_000 },
		);
	});
});
