import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Refusals, type Tried } from './refusals.ts';

const WISH: Tried = { priceTicks: 640_000, qtyLots: 100 };
const SLOT = 7;
const MINUTE_MS = 60_000;

interface Try {
	readonly atMs: number;
	readonly tried?: Tried;
	readonly reason?: string;
}

/** A slot with these refusals behind it. */
function refusedAt(tries: readonly Try[]): Refusals {
	const refusals = new Refusals();
	for (const { atMs, tried = WISH, reason = 'would take' } of tries) refusals.refused(SLOT, { tried, reason }, atMs);
	return refusals;
}

const times = (count: number, atMs = 0): Try[] => Array.from({ length: count }, () => ({ atMs }));
const moved = (share: number): Tried => ({ ...WISH, priceTicks: WISH.priceTicks * (1 + share) });

const WAITS: readonly { name: string; tries: readonly Try[]; wanted?: Tried; slot?: number; freeAtMs: number }[] = [
	{ name: 'nothing was refused', tries: [], freeAtMs: 0 },
	{ name: 'once', tries: times(1), freeAtMs: 0 },
	{ name: 'twice', tries: times(2), freeAtMs: 0 },
	{ name: 'three times the same', tries: times(3), freeAtMs: 1_000 },
	{ name: 'four times', tries: times(4), freeAtMs: 2_000 },
	{ name: 'five times', tries: times(5), freeAtMs: 4_000 },
	{ name: 'eight times', tries: times(8), freeAtMs: 32_000 },
	{ name: 'nine times, from where it doubles no more', tries: times(9), freeAtMs: MINUTE_MS },
	{
		name: 'forty times, one a minute',
		tries: Array.from({ length: 40 }, (_, at) => ({ atMs: at * MINUTE_MS })),
		freeAtMs: 40 * MINUTE_MS,
	},
	{ name: 'the wait counts from the last one', tries: [...times(2), { atMs: 500 }], freeAtMs: 1_500 },
	{ name: 'another slot', tries: times(9), slot: 8, freeAtMs: 0 },
	{ name: 'three times, each for another reason', tries: ['a', 'b', 'c'].map((reason) => ({ atMs: 0, reason })), freeAtMs: 0 },
	{ name: 'another reason in between', tries: [...times(2), { atMs: 0, reason: 'band' }, ...times(2)], freeAtMs: 0 },
	{ name: 'another price in between', tries: [...times(2), { atMs: 0, tried: moved(0.01) }, ...times(2)], freeAtMs: 0 },
	{ name: 'now it wants another price', tries: times(5), wanted: moved(0.0006), freeAtMs: 0 },
	{ name: 'the other way, too', tries: times(5), wanted: moved(-0.0006), freeAtMs: 0 },
	{ name: 'now it wants hardly another price', tries: times(5), wanted: moved(0.0004), freeAtMs: 4_000 },
	{ name: 'now it wants another quantity', tries: times(5), wanted: { ...WISH, qtyLots: 111 }, freeAtMs: 0 },
	{ name: 'now it wants hardly another quantity', tries: times(5), wanted: { ...WISH, qtyLots: 91 }, freeAtMs: 4_000 },
	{ name: 'ten of any kind fill a minute', tries: times(10), wanted: moved(0.01), freeAtMs: MINUTE_MS },
	{
		name: 'which begins with the first of the last ten',
		tries: Array.from({ length: 11 }, (_, at) => ({ atMs: at * 100, tried: moved(at * 0.01) })),
		wanted: moved(0.5),
		freeAtMs: MINUTE_MS + 100,
	},
];

test.each(WAITS)('$name: free after $freeAtMs ms', ({ tries, wanted = WISH, slot = SLOT, freeAtMs }) => {
	const refusals = refusedAt(tries);
	expect([refusals.mayTry(slot, wanted, Math.max(0, freeAtMs - 1)), refusals.mayTry(slot, wanted, freeAtMs)]).toEqual([
		freeAtMs === 0,
		true,
	]);
});

test('says once of each row that the slot begins to wait', () => {
	const refusals = new Refusals();
	const refuse = (reason: string): boolean => refusals.refused(SLOT, { tried: WISH, reason }, 0);
	expect(['a', 'a', 'a', 'a', 'b', 'b', 'b'].map(refuse)).toEqual([false, false, true, false, false, false, true]);
});

describe('an order that the venue shows', () => {
	const shownAt = (tries: readonly Try[], atMs: number): Refusals => {
		const refusals = refusedAt(tries);
		refusals.shown(SLOT, atMs);
		return refusals;
	};

	test('ends the waiting of its slot once it stands, and of no other', () => {
		const refusals = shownAt(times(9), 500);
		for (let count = 0; count < 9; count += 1) refusals.refused(8, { tried: WISH, reason: 'would take' }, 0);
		expect(refusals.mayTry(SLOT, WISH, 1_499)).toBe(false);
		expect([refusals.mayTry(SLOT, WISH, 1_500), refusals.mayTry(8, WISH, 1_500)]).toEqual([true, false]);
	});

	test('lets it begin to count anew', () => {
		const refusals = shownAt(times(9), 0);
		for (let count = 0; count < 2; count += 1) refusals.refused(SLOT, { tried: WISH, reason: 'would take' }, 1_000);
		expect(refusals.mayTry(SLOT, WISH, 1_000)).toBe(true);
	});

	test('and refuses within a second does not stand', () => {
		const refusals = shownAt(times(4), 2_000);
		refusals.refused(SLOT, { tried: WISH, reason: 'would take' }, 2_999);
		expect([refusals.mayTry(SLOT, WISH, 6_998), refusals.mayTry(SLOT, WISH, 6_999)]).toEqual([false, true]);
	});
});

describe('a slot that is always refused, whatever it asks for and however often', () => {
	const steps = fc.array(
		fc.record({ gapMs: fc.integer({ min: 0, max: 3_000 }), share: fc.double({ min: -0.01, max: 0.01, noNaN: true }) }),
		{
			minLength: 50,
			maxLength: 400,
		},
	);

	/** The moments at which it may try. */
	function triesOf(wishes: readonly { readonly gapMs: number; readonly share: number }[], drift: number): number[] {
		const refusals = new Refusals();
		const tries: number[] = [];
		let nowMs = 0;
		for (const { gapMs, share } of wishes) {
			nowMs += gapMs;
			const wanted = moved(share * drift);
			if (!refusals.mayTry(SLOT, wanted, nowMs)) continue;
			tries.push(nowMs);
			refusals.refused(SLOT, { tried: wanted, reason: 'would take' }, nowMs);
		}
		return tries;
	}

	test('tries ten times in any minute at most', () => {
		fc.assert(
			fc.property(steps, (wishes) => {
				const tries = triesOf(wishes, 1);
				for (const [at, firstMs] of tries.entries()) {
					expect(tries.slice(at).filter((ms) => ms - firstMs < MINUTE_MS).length).toBeLessThanOrEqual(10);
				}
			}),
		);
	});

	test('waits ever longer where it asks for the same, and never for more than a minute', () => {
		fc.assert(
			fc.property(steps, (wishes) => {
				const tries = triesOf(wishes, 0);
				for (let at = 3; at < tries.length; at += 1) {
					const waitedMs = (tries[at] ?? 0) - (tries[at - 1] ?? 0);
					const dueMs = Math.min(MINUTE_MS, 1_000 * 2 ** (at - 3));
					expect(waitedMs).toBeGreaterThanOrEqual(dueMs);
					expect(waitedMs).toBeLessThanOrEqual(MINUTE_MS + 3_000);
				}
			}),
		);
	});
});
