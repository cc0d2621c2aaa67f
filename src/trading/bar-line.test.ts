import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BAR_MS, type Bar, type BarHeard, type BarsAsked, type MarketRead } from '../domain/market-read.ts';
import { timeMs } from '../domain/units.ts';
import { pass, START_MS, settle, virtualClock } from '../network/in-virtual-time.suite.ts';
import type { Rng } from '../ports/rng.ts';
import { seededRng } from '../simulation/seeded-rng.ts';
import { BAR_GRACE_MS, BarLine } from './bar-line.ts';

const LENGTH_MS = BAR_MS['1m'];
const HISTORY = 5;
const DOWN: MarketRead<never> = { kind: 'failed', class: 'transient', sentence: 'the venue is down' };

/** The bar number `number` since 1970, which closes at its number. */
function barOf(number: number): Bar {
	const [startAtMs, endAtMs] = [timeMs(number * LENGTH_MS), timeMs((number + 1) * LENGTH_MS - 1)];
	return { startAtMs, endAtMs, open: number, high: number, low: number, close: number, volume: 1 };
}
const numberOf = (bar: Bar | undefined) => (bar === undefined ? undefined : bar.startAtMs / LENGTH_MS);

interface Faults {
	/** Of streamed closes. */
	drop: number;
	repeat: number;
	failReads: number;
	/** A close is known to reads so much later. */
	lagMs: number;
	/** Bars before this one are not to be had any more. */
	oldest: number;
	isFollowable: boolean;
}

function lineOn(given: Partial<Faults> = {}, rng: Rng = seededRng(1)) {
	const faults: Faults = { drop: 0, repeat: 0, failReads: 0, lagMs: 0, oldest: 0, isFollowable: true, ...given };
	const clock = virtualClock();
	const first = START_MS / LENGTH_MS;
	const reads: BarsAsked[] = [];
	const applied: { numbers: number[]; how: string }[] = [];
	const troubles: (string | undefined)[] = [];
	let heard: BarHeard | undefined;

	const line = new BarLine({
		clock,
		interval: '1m',
		historyCount: HISTORY,
		read: (asked) => {
			reads.push(asked);
			const answer = (): MarketRead<readonly Bar[]> => {
				if (rng.next() < faults.failReads) return DOWN;
				const newest = Math.floor((clock.wallMs() - faults.lagMs) / LENGTH_MS) - 1;
				const oldest = Math.max(newest - asked.count + 1, faults.oldest);
				return { kind: 'ok', value: Array.from({ length: Math.max(0, newest - oldest + 1) }, (_, at) => barOf(oldest + at)) };
			};
			return new Promise((resolve) => clock.after(100 + rng.below(300), () => resolve(answer())));
		},
		follow: (listener) => {
			if (!faults.isFollowable) return undefined;
			heard = listener;
			return {
				[Symbol.dispose]: () => {
					heard = undefined;
				},
			};
		},
		apply: (bars, how) => applied.push({ numbers: bars.map((bar) => numberOf(bar) as number), how }),
		onTrouble: (sentence) => troubles.push(sentence),
	});

	/** The stream of the venue: each close a little later, some twice, some never. */
	const stream = (number: number): void => {
		clock.after((number + 1) * LENGTH_MS + 200 - clock.wallMs(), () => {
			heard?.({ ...barOf(number), close: -1 }, false);
			if (rng.next() >= faults.drop) heard?.(barOf(number), true);
			if (rng.next() < faults.repeat) heard?.(barOf(number - rng.below(3)), true);
			stream(number + 1);
		});
	};
	stream(first);
	return {
		line,
		clock,
		faults,
		reads,
		applied,
		troubles,
		first,
		say: (bar: Bar) => heard?.(bar, true),
		isFollowed: () => heard !== undefined,
	};
}

describe('a line of bars', () => {
	test('begins with its history and then costs no call', async () => {
		const { line, clock, reads, applied, first, troubles } = lineOn();
		void line.start();
		await pass(clock, 3 * LENGTH_MS + 1_000);
		expect(applied).toEqual([
			{ numbers: [5, 4, 3, 2, 1].map((before) => first - before), how: 'anew' },
			...[0, 1, 2].map((number) => ({ numbers: [first + number], how: 'joined' })),
		]);
		expect(reads).toEqual([{ interval: '1m', count: HISTORY }]);
		expect(troubles).toEqual([]);
		expect(numberOf(line.last)).toBe(first + 2);
	});

	test('asks for a close that nobody told of, a few seconds later, and tells nobody that it was missed', async () => {
		const { line, clock, faults, reads, applied, first, troubles } = lineOn();
		void line.start();
		faults.drop = 1;
		await pass(clock, LENGTH_MS + BAR_GRACE_MS - 1);
		expect(reads).toHaveLength(1);
		await pass(clock, 1_000);
		expect(reads[1]).toEqual({ interval: '1m', count: 2 });
		faults.drop = 0;
		await pass(clock, LENGTH_MS);
		expect(applied.slice(1)).toEqual([
			{ numbers: [first], how: 'joined' },
			{ numbers: [first + 1], how: 'joined' },
		]);
		expect([reads.length, troubles.length]).toEqual([2, 0]);
	});

	test('keeps a close that is heard before the ones in between, and reads those', async () => {
		const { line, clock, faults, applied, first, reads, say } = lineOn();
		void line.start();
		faults.drop = 1;
		await pass(clock, LENGTH_MS + 1_000);
		// The clock of the venue is ahead of ours.
		say(barOf(first + 1));
		await pass(clock, 1_000);
		expect(applied.slice(1)).toEqual([
			{ numbers: [first], how: 'joined' },
			{ numbers: [first + 1], how: 'joined' },
		]);
		expect(reads).toHaveLength(2);
	});

	test('hears each close once, however often it is told, while it reads as well', async () => {
		const { line, clock, applied, first, say } = lineOn();
		void line.start();
		for (const number of [first - 1, first - 2, first - 1]) say(barOf(number));
		await pass(clock, LENGTH_MS + 1_000);
		for (const number of [first, first - 3, first]) say(barOf(number));
		expect(applied.flatMap(({ numbers }) => numbers)).toEqual([5, 4, 3, 2, 1, 0].map((before) => first - before));
	});

	test('lives by reading where there is no room to follow', async () => {
		const { line, clock, reads, applied, first } = lineOn({ isFollowable: false });
		void line.start();
		await pass(clock, 3 * LENGTH_MS + BAR_GRACE_MS + 1_000);
		expect(applied.slice(1).flatMap(({ numbers }) => numbers)).toEqual([first, first + 1, first + 2]);
		expect(reads).toHaveLength(4);
	});

	test('says once that bars are missing and once that they are back, and asks less often in between', async () => {
		const { line, clock, faults, reads, applied, troubles } = lineOn({ failReads: 1 });
		void line.start();
		await pass(clock, 4 * LENGTH_MS);
		expect(applied).toEqual([]);
		expect(troubles).toEqual(['the venue is down']);
		expect(reads.length).toBeLessThan(10);
		faults.failReads = 0;
		await pass(clock, 2 * LENGTH_MS);
		expect(troubles).toEqual(['the venue is down', undefined]);
		expect(applied[0]).toMatchObject({ how: 'anew' });
	});

	test('begins anew with a whole history where what lies between is not to be had', async () => {
		const { line, clock, faults, applied, first } = lineOn();
		void line.start();
		await pass(clock, LENGTH_MS / 2);
		Object.assign(faults, { drop: 1, failReads: 1 });
		await pass(clock, 20 * LENGTH_MS);
		Object.assign(faults, { drop: 0, failReads: 0, oldest: first + 18 });
		await pass(clock, 2 * LENGTH_MS);
		expect(applied[1]?.how).toBe('anew');
		expect(applied[1]?.numbers[0]).toBe(first + 18);
		expect(numberOf(line.last)).toBe(first + 21);
	});

	test('has a first bar where there is no history yet', async () => {
		const { line, clock, applied, first, faults } = lineOn({ oldest: Number.MAX_SAFE_INTEGER });
		void line.start();
		await pass(clock, LENGTH_MS + 2_000);
		faults.oldest = 0;
		expect(applied).toEqual([{ numbers: [first], how: 'anew' }]);
	});

	test('is silent once it is disposed', async () => {
		const { line, clock, reads, applied, isFollowed } = lineOn();
		void line.start();
		await settle();
		line[Symbol.dispose]();
		await pass(clock, 3 * LENGTH_MS);
		expect([reads.length, applied.length, isFollowed()]).toEqual([1, 0, false]);
	});

	test('hands on every bar once and in order, whatever is lost, repeated, late or down', async () => {
		const share = fc.constantFrom(0, 0.1, 0.5, 0.9);
		const anyFaults = fc.record({
			drop: share,
			repeat: share,
			failReads: share,
			lagMs: fc.constantFrom(0, 2_000, 30_000, 90_000),
			isFollowable: fc.boolean(),
		});
		await fc.assert(
			fc.asyncProperty(fc.nat(), anyFaults, async (seed, faulty) => {
				const { line, clock, faults, applied, first } = lineOn(faulty, seededRng(seed));
				void line.start();
				await pass(clock, 30 * LENGTH_MS);
				Object.assign(faults, { drop: 0, repeat: 0, failReads: 0, lagMs: 0 });
				await pass(clock, 3 * LENGTH_MS);

				const runs: number[][] = [];
				for (const { numbers, how } of applied) {
					if (how === 'anew') runs.push([...numbers]);
					else runs.at(-1)?.push(...numbers);
				}
				for (const run of runs) expect(run).toEqual(run.map((_, at) => (run[0] as number) + at));
				expect(numberOf(line.last)).toBeGreaterThanOrEqual(first + 31);
				line[Symbol.dispose]();
			}),
			{ numRuns: 100, endOnFailure: true },
		);
	});
});
