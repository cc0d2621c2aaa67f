/**
 * What holds for every scanner whatever the venue: it agrees with the plain decoder, its twin, or leaves the frame to it, and
 * no bytes make either throw. Tens of thousands of frames that are nearly right say so (frame-turns.suite.ts).
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { somewhere, type TurnOptions, turnsWith } from './frame-turns.suite.ts';

/** Writes down what a decoder tells it, and copies at once, since what it is handed is lent. */
export interface Ear {
	readonly told: readonly unknown[];
}

/** Decoders as the suite asks them; what the answer is called when a frame is bad is the venue's own affair. */
type Decode<EarOf extends Ear> = (bytes: Uint8Array, ear: EarOf) => unknown;

export interface Decoders<EarOf extends Ear> {
	readonly makeEar: () => EarOf;
	/** The scanner alone; false when it leaves the frame, of which it has told nothing then. */
	readonly scan: (bytes: Uint8Array, ear: EarOf) => boolean;
	readonly plain: Decode<EarOf>;
	/** The scanner, and the plain decoder behind it. */
	readonly both: Decode<EarOf>;
}

interface Heard {
	readonly decoded: unknown;
	readonly told: readonly unknown[];
}

/** Decoders behind one type, whatever ear they speak to. */
export interface Pair {
	/** What the scanner told, or undefined when it left the frame. */
	scan(bytes: Uint8Array): readonly unknown[] | undefined;
	plain(bytes: Uint8Array): Heard;
	both(bytes: Uint8Array): Heard;
}

export function pairOf<EarOf extends Ear>({ makeEar, scan, plain, both }: Decoders<EarOf>): Pair {
	const hear = (decode: Decode<EarOf>, bytes: Uint8Array): Heard => {
		const ear = makeEar();
		return { decoded: decode(bytes, ear), told: ear.told };
	};
	return {
		scan(bytes) {
			const ear = makeEar();
			const taken = scan(bytes, ear);
			if (!taken) expect(ear.told).toEqual([]);
			return taken ? ear.told : undefined;
		},
		plain: (bytes) => hear(plain, bytes),
		both: (bytes) => hear(both, bytes),
	};
}

export interface Fuzzed {
	readonly name: string;
	/** Right ones, at least one of each kind. */
	readonly frames: readonly string[];
	readonly pair: Pair;
}

const FRAMES_PER_RUN = 10;
/** As many as it takes for each way that a frame can go to be seen often enough, also in the worst of the groups. */
const RUNS = 4_000;
const NOISE_RUNS = 2_000;
/** None of the ways a frame can go is so rare that the property says nothing of it. */
const SEEN_MIN = 500;

export function fuzzDecoders(groups: readonly Fuzzed[], options: TurnOptions): void {
	const turn = turnsWith(options);
	describe.each(groups)('$name', ({ frames, pair }) => {
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
				{ numRuns: RUNS },
			);
			for (const [way, count] of Object.entries(seen)) expect(count, way).toBeGreaterThan(SEEN_MIN);
		});

		test('of any bytes at all throw nothing', () => {
			fc.assert(
				fc.property(fc.uint8Array({ maxLength: 60 }), fc.constantFrom(...frames), somewhere, (noise, frame, at) => {
					const bytes = Buffer.from(frame);
					bytes.set(noise.subarray(0, bytes.length - Math.floor(at * bytes.length)), Math.floor(at * bytes.length));
					expect(pair.both(bytes)).toEqual(pair.plain(bytes));
					expect(pair.both(noise)).toEqual(pair.plain(noise));
				}),
				{ numRuns: NOISE_RUNS },
			);
		});
	});
}
