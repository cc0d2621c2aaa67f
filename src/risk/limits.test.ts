import { expect, test } from 'vitest';
import { BTCUSDT } from '../../test/fixtures/instruments.ts';
import { isAllowed, isLooser, RISK_LIMITS, type RiskLimits } from './limits.ts';

type Key = Exclude<keyof RiskLimits, 'symbolsAllowed' | 'flattensAfterKill'>;
const KEYS = Object.keys(RISK_LIMITS) as Key[];
const GREATER_IS_STRICTER: readonly Key[] = ['twinWindowMs', 'freeMarginFactor'];

test.each(KEYS)('a higher %s is looser, but for those that ask for more the higher they are', (key) => {
	const higher = { ...RISK_LIMITS, [key]: RISK_LIMITS[key] * 2 };
	const isStricter = GREATER_IS_STRICTER.includes(key);
	expect([isLooser(higher, RISK_LIMITS), isLooser(RISK_LIMITS, higher)]).toEqual([!isStricter, isStricter]);
	expect(isLooser(higher, higher)).toBe(false);
});

test('one that is looser outweighs all that are stricter', () => {
	const half = Object.fromEntries(KEYS.map((key) => [key, RISK_LIMITS[key] / 2])) as unknown as RiskLimits;
	expect(isLooser({ ...half, freeMarginFactor: 5, twinWindowMs: 5_000 }, RISK_LIMITS)).toBe(false);
	expect(isLooser({ ...half, freeMarginFactor: 5, twinWindowMs: 5_000, leverageMax: 3.1 }, RISK_LIMITS)).toBe(true);
});

test.each<[name: string, after: readonly string[] | undefined, before: readonly string[] | undefined, looser: boolean]>([
	['a list where there was none', ['A'], undefined, false],
	['no list where there was one', undefined, ['A'], true],
	['a shorter list', ['A'], ['A', 'B'], false],
	['the same in another order', ['B', 'A'], ['A', 'B'], false],
	['a symbol more', ['A', 'B'], ['A'], true],
	['another symbol', ['B'], ['A'], true],
	['an empty list', [], ['A'], false],
	['no list, as before', undefined, undefined, false],
])('%s', (_, after, before, looser) => {
	const withList = (symbolsAllowed: readonly string[] | undefined): RiskLimits => ({ ...RISK_LIMITS, symbolsAllowed });
	expect(isLooser(withList(after), withList(before))).toBe(looser);
});

test('orders that leave after a kill are more than none', () => {
	const flattening = { ...RISK_LIMITS, flattensAfterKill: true };
	expect([isLooser(flattening, RISK_LIMITS), isLooser(RISK_LIMITS, flattening), isLooser(flattening, flattening)]).toEqual([
		true,
		false,
		false,
	]);
});

test('a symbol is allowed where it is on the list, or where there is none (PT2)', () => {
	const allowed = (symbolsAllowed: readonly string[] | undefined) => isAllowed(BTCUSDT, { ...RISK_LIMITS, symbolsAllowed });
	expect([allowed(undefined), allowed([]), allowed(['ETHUSDT']), allowed(['ETHUSDT', 'BTCUSDT'])]).toEqual([
		true,
		false,
		false,
		true,
	]);
});
