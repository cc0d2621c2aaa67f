import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { instrumentIndex } from '../domain/instrument.ts';
import type { Side } from '../domain/side.ts';
import { monoMs } from '../domain/units.ts';
import { FillGuard, SIDE_FILLS_MAX } from './runaway.ts';

interface TestFill {
	readonly atMs: number;
	readonly symbol?: number;
	readonly side?: Side;
	readonly lots?: number;
	readonly limitLots?: number;
}

/** What the guard says to each of these fills. */
function reasonsOf(fills: readonly TestFill[]): (string | undefined)[] {
	const guard = new FillGuard();
	return fills.map(({ atMs, symbol = 0, side = 'buy', lots = 1, limitLots = 1_000 }) =>
		guard.apply({ instrument: instrumentIndex(symbol), side, qtyLots: lots, monoMs: monoMs(atMs), positionLotsMax: limitLots }),
	);
}

const times = (count: number, fill: TestFill): TestFill[] => Array.from({ length: count }, () => fill);
const TOO_OFTEN = 'more than 30 buys filled within 10 s';

describe('fills of one side', () => {
	test('thirty in ten seconds pass, the next one does not', () => {
		expect(SIDE_FILLS_MAX).toBe(30);
		expect(reasonsOf([...times(30, { atMs: 0 }), { atMs: 9_999 }])).toEqual([
			...times(30, { atMs: 0 }).map(() => undefined),
			TOO_OFTEN,
		]);
	});

	test('thirty-one that take ten seconds pass', () => {
		expect(reasonsOf([...times(30, { atMs: 0 }), { atMs: 10_000 }]).at(-1)).toBeUndefined();
	});

	test('go on being too many until ten seconds hold no more than thirty', () => {
		const reasons = reasonsOf([
			...times(15, { atMs: 0 }),
			...times(16, { atMs: 5_000 }),
			{ atMs: 9_999 },
			...times(2, { atMs: 15_000 }),
		]);
		expect(reasons.slice(-4)).toEqual([TOO_OFTEN, TOO_OFTEN, undefined, undefined]);
	});

	test('are counted apart from the other side and from other symbols', () => {
		const fills = [...times(30, { atMs: 0 }), ...times(30, { atMs: 0, side: 'sell' }), ...times(30, { atMs: 0, symbol: 7 })];
		expect(reasonsOf(fills).every((reason) => reason === undefined)).toBe(true);
		expect(reasonsOf([...fills, { atMs: 0, side: 'sell' }]).at(-1)).toBe('more than 30 sells filled within 10 s');
	});
});

describe('lots of one side', () => {
	test('up to the position limit pass within a minute, one more does not', () => {
		const fills = [
			{ atMs: 0, lots: 600 },
			{ atMs: 30_000, lots: 400 },
			{ atMs: 59_999, lots: 1 },
		];
		expect(reasonsOf(fills)).toEqual([
			undefined,
			undefined,
			'buys of 1001 lots filled within 60 s, above the position limit of 1000 lots',
		]);
	});

	test('are forgotten after a minute, or a second later at the latest', () => {
		const later = (atMs: number) =>
			reasonsOf([
				{ atMs: 900, lots: 1_000 },
				{ atMs, lots: 1 },
			]).at(-1);
		expect(later(60_899)).toBeDefined();
		expect(later(61_900)).toBeUndefined();
	});

	test('are measured against the limit of today', () => {
		expect(
			reasonsOf([
				{ atMs: 0, lots: 10, limitLots: 10 },
				{ atMs: 1, lots: 0, limitLots: 9 },
			]).map((reason) => reason === undefined),
		).toEqual([true, false]);
	});

	test('hold where nobody knows the limit or the quantity', () => {
		expect(reasonsOf([{ atMs: 0, limitLots: Number.NaN }])[0]).toBeDefined();
		expect(reasonsOf([{ atMs: 0, lots: Number.NaN }])[0]).toBeDefined();
	});
});

/** The same with all fills kept: `windowMs` says for how long lots count. */
function plainReasons(fills: readonly TestFill[], windowMs: number): { readonly isTooOften: boolean; readonly lots: number }[] {
	return fills.map(({ atMs, side }, index) => {
		const before = fills.slice(0, index + 1).filter((fill) => fill.side === side);
		return {
			isTooOften: before.filter((fill) => atMs - fill.atMs < 10_000).length > 30,
			lots: before.filter((fill) => atMs - fill.atMs < windowMs).reduce((sum, fill) => sum + (fill.lots ?? 0), 0),
		};
	});
}

test('agrees with a guard that forgets nothing: exactly on how often, to a second on how much', () => {
	const gap = fc.oneof({ weight: 60, arbitrary: fc.nat(250) }, fc.nat(9_000), fc.nat(100_000));
	const anyFill = fc.record({ gap, side: fc.constantFrom<Side>('buy', 'sell'), lots: fc.nat(60) });
	const seen = { often: 0, much: 0, fine: 0 };
	fc.assert(
		fc.property(
			fc.array(anyFill, { minLength: 20, maxLength: 120, size: 'max' }),
			fc.integer({ min: -70_000, max: 70_000 }),
			(drawn, startMs) => {
				let atMs = startMs;
				const fills = drawn.map(({ gap: gapMs, side, lots }) => {
					atMs += gapMs;
					return { atMs, side, lots, limitLots: 1_000 };
				});
				const least = plainReasons(fills, 60_000);
				const most = plainReasons(fills, 61_000);
				reasonsOf(fills).forEach((reason, index) => {
					const isTooOften = least[index]?.isTooOften ?? false;
					if (isTooOften) seen.often += 1;
					expect(reason?.startsWith('more than') ?? false, `fill ${index}`).toBe(isTooOften);
					if (isTooOften) return;
					if ((least[index]?.lots ?? 0) > 1_000) expect(reason, `fill ${index}`).toBeDefined();
					if ((most[index]?.lots ?? 0) <= 1_000) expect(reason, `fill ${index}`).toBeUndefined();
					if (reason === undefined) seen.fine += 1;
					else seen.much += 1;
				});
			},
		),
		{ numRuns: 200 },
	);
	for (const [what, count] of Object.entries(seen)) expect(count, what).toBeGreaterThan(100);
});
