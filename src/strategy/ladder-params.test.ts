import { describe, expect, test } from 'vitest';
import { LADDER_DEFAULTS, type LadderParams, parseLadderParams } from './ladder-params.ts';

test('nothing said means the defaults', () => {
	expect(parseLadderParams(undefined)).toEqual({ kind: 'ok', params: LADDER_DEFAULTS });
	expect(parseLadderParams({})).toEqual({ kind: 'ok', params: LADDER_DEFAULTS });
	expect(parseLadderParams({ levels: {}, edge: {} })).toEqual({ kind: 'ok', params: LADDER_DEFAULTS });
});

test('the defaults and whatever was parsed are accepted as they are', () => {
	expect(parseLadderParams(LADDER_DEFAULTS)).toEqual({ kind: 'ok', params: LADDER_DEFAULTS });
});

test('keys may be spelled as in the file', () => {
	const read = parseLadderParams({
		levels: { count: 3, half_spread_bps: 8, step_bps: 2.5 },
		size: { unit: 'lots', per_level: 20, curve: { kind: 'geometric', ratio: 1.2 } },
		inventory: { unit: 'lots', limit: 200, skew_bps: 12, size_skew: 0.5 },
		edge: { min_edge_bps: 1, holding_hours: 4, funding_interval_hours: 1 },
		fair_value: { price: 'micro', depth_levels: 3, imbalance_shift_bps: 2 },
		signal: { source: 'model', max_shift_bps: 4, veto_above: 0.8 },
	});
	expect(read).toEqual({
		kind: 'ok',
		params: {
			levels: { count: 3, halfSpreadBps: 8, stepBps: 2.5 },
			size: { unit: 'lots', perLevel: 20, curve: { kind: 'geometric', ratio: 1.2 } },
			inventory: { unit: 'lots', limit: 200, skewBps: 12, sizeSkew: 0.5 },
			edge: { minEdgeBps: 1, holdingHours: 4, fundingIntervalHours: 1 },
			fairValue: { price: 'micro', depthLevels: 3, imbalanceShiftBps: 2 },
			signal: { source: 'model', maxShiftBps: 4, vetoAbove: 0.8 },
		},
	});
});

test('what was parsed cannot be changed', () => {
	const read = parseLadderParams({ size: { curve: { kind: 'linear' } } });
	if (read.kind === 'refused') throw new Error(read.key);
	const groups: object[] = [read.params, ...Object.keys(read.params).map((key) => read.params[key as keyof LadderParams])];
	for (const group of [...groups, read.params.size.curve]) expect(Object.isFrozen(group)).toBe(true);
});

describe('what is wrong is said by key, as the user spelled it', () => {
	test.each([
		{ raw: 7, key: 'params', found: '7', expected: 'a group of settings' },
		{ raw: { levels: [] }, key: 'levels', found: 'a list', expected: 'a group of settings' },
		{ raw: { levels: { count: 0 } }, key: 'levels.count', found: '0', expected: 'a whole number from 1 to 16' },
		{ raw: { levels: { count: 17 } }, key: 'levels.count', found: '17', expected: 'a whole number from 1 to 16' },
		{ raw: { levels: { count: 2.5 } }, key: 'levels.count', found: '2.5', expected: 'a whole number from 1 to 16' },
		{ raw: { levels: { count: '5' } }, key: 'levels.count', found: '5', expected: 'a whole number from 1 to 16' },
		{
			raw: { levels: { half_spread_bps: -1 } },
			key: 'levels.half_spread_bps',
			found: '-1',
			expected: 'a number from 0 to 10000',
		},
		{
			raw: { levels: { halfSpreadBps: Number.NaN } },
			key: 'levels.halfSpreadBps',
			found: 'NaN',
			expected: 'a number from 0 to 10000',
		},
		{
			raw: { levels: { count: 16, step_bps: 700 } },
			key: 'levels.step_bps',
			found: '700',
			expected: 'a last level less than 10000 bps away; it is 10505 bps away',
		},
		{
			raw: { size: { per_level: 0 } },
			key: 'size.per_level',
			found: '0',
			expected: 'a number above 0 and up to 1000000000000000',
		},
		{ raw: { size: { unit: 'coins' } }, key: 'size.unit', found: 'coins', expected: 'one of lots, notional' },
		{ raw: { size: { curve: 'flat' } }, key: 'size.curve', found: 'flat', expected: 'a group of settings' },
		{
			raw: { size: { curve: { kind: 'flat', ratio: 2 } } },
			key: 'size.curve.ratio',
			found: '2',
			expected: 'no such key, but one of kind',
		},
		{ raw: { inventory: { size_skew: 1.01 } }, key: 'inventory.size_skew', found: '1.01', expected: 'a number from 0 to 1' },
		{
			raw: { edge: { funding_interval_hours: 0 } },
			key: 'edge.funding_interval_hours',
			found: '0',
			expected: 'a number above 0 and up to 24',
		},
		{ raw: { fair_value: { price: 'last' } }, key: 'fair_value.price', found: 'last', expected: 'one of mid, micro' },
		{ raw: { signal: { source: '' } }, key: 'signal.source', found: '', expected: 'a name, or null for none' },
		{
			raw: { edge: { min_egde_bps: 2 } },
			key: 'edge.min_egde_bps',
			found: '2',
			expected: 'no such key, but one of min_edge_bps, holding_hours, funding_interval_hours',
		},
		{
			raw: { spread: 3 },
			key: 'spread',
			found: '3',
			expected: 'no such key, but one of levels, size, inventory, edge, fair_value, signal',
		},
		{
			raw: { edge: { min_edge_bps: 1, minEdgeBps: 2 } },
			key: 'edge.minEdgeBps',
			found: '2',
			expected: 'this setting once, in one spelling',
		},
	])('$key: $found', ({ raw, key, found, expected }) => {
		expect(parseLadderParams(raw)).toEqual({ kind: 'refused', key, found, expected });
	});

	test('the first of several', () => {
		const read = parseLadderParams({ signal: { veto_above: 9 }, levels: { count: 99 } });
		expect(read).toMatchObject({ key: 'levels.count' });
	});

	test('and what was found is cut to a length that fits on a line', () => {
		const read = parseLadderParams({ size: { unit: 'x'.repeat(1_000) } });
		expect(read.kind === 'refused' && read.found.length).toBe(81);
	});
});
