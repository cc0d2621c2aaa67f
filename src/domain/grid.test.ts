import { Big } from 'big.js';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { drawCount, NOT_DECIMALS, seededWords } from '../../test/fixtures/numbers.ts';
import { countSteps, type Grid, gridOf, printScaled, printSteps, SCALE_MAX, stepsToNumber } from './grid.ts';

const STEPS = [
	'0.1',
	'0.25',
	'0.00000001',
	'5',
	'1000',
	'1',
	'0.01',
	'0.001',
	'0.05',
	'0.5',
	'0.125',
	'2.5',
	'0.000000000000000001',
];
const MAX = Number.MAX_SAFE_INTEGER;

/** Whole quotients, in a constructor of their own because big.js keeps its settings there. */
const Floor = Big();
Floor.DP = 0;
Floor.RM = 0;
const Ceiling = Big();
Ceiling.DP = 0;
Ceiling.RM = 3;

function mustGrid(step: string): Grid {
	const grid = gridOf(step);
	if (grid === undefined) throw new Error(`${step} must be a step`);
	return grid;
}

describe('a step', () => {
	test.each([
		['0.10', '0.1', 1, 1],
		['0.25', '0.25', 25, 2],
		['5.00', '5', 5, 0],
		['1000', '1000', 1000, 0],
		['0.00000001', '0.00000001', 1, 8],
		['00.50', '0.5', 5, 1],
	])('%s is kept as %s', (text, step, stepUnits, scale) => {
		expect(gridOf(text)).toEqual({ step, stepUnits, scale });
	});

	test.each(['0', '0.00', '-0.1', `0.${'0'.repeat(SCALE_MAX)}1`, '9007199254740992', ...NOT_DECIMALS])(
		'%j is refused',
		(text) => {
			expect(gridOf(text)).toBeUndefined();
		},
	);

	test('a step may have up to 18 digits behind the point, not counting zeros at the end', () => {
		expect(gridOf(`0.${'0'.repeat(SCALE_MAX - 1)}1000`)?.scale).toBe(SCALE_MAX);
	});
});

describe('counting steps', () => {
	test.each([
		['0.1', '65000.1', 650_001],
		['0.1', '65000.10000', 650_001],
		['0.1', '0', 0],
		['0.1', '-0', 0],
		['0.25', '1.75', 7],
		['5', '65000', 13_000],
		['1000', '65000', 65],
		['0.00000001', '0.00000008', 8],
		['0.00000001', '90071992.54740991', MAX],
		['1000', '9007199254740991000', MAX],
	])('on a grid of %s, %s is %i steps', (step, text, count) => {
		expect(countSteps(mustGrid(step), text)).toEqual({ kind: 'ok', count });
	});

	test.each([
		['0.1', '0.30000000000000004', 'off-grid'],
		['0.1', '65000.15', 'off-grid'],
		['0.25', '1.7', 'off-grid'],
		['5', '12', 'off-grid'],
		['1000', '1500', 'off-grid'],
		['0.1', '-0.1', 'negative'],
		['0.1', '-0.15', 'negative'],
		['0.00000001', '90071992.54740992', 'too-large'],
		['1', '9007199254740992', 'too-large'],
		['1', '9007199254740993', 'too-large'],
		['1', '99999999999999999', 'too-large'],
		['1', '9'.repeat(64), 'too-large'],
		['1', '9'.repeat(65), 'not-a-decimal'],
	])('on a grid of %s, %s is refused as %s', (step, text, reason) => {
		expect(countSteps(mustGrid(step), text)).toEqual({ kind: 'refused', reason });
	});

	test.each(NOT_DECIMALS)('%j is refused as not a decimal, whichever way it may be rounded', (text) => {
		for (const rounding of ['exact', 'down', 'up'] as const) {
			expect(countSteps(mustGrid('0.1'), text, rounding)).toEqual({ kind: 'refused', reason: 'not-a-decimal' });
		}
	});

	test.each(['down', 'up'] as const)('rounding %s takes neither negative nor too large numbers', (rounding) => {
		expect(countSteps(mustGrid('1'), '-0.5', rounding)).toEqual({ kind: 'refused', reason: 'negative' });
		expect(countSteps(mustGrid('1'), '9007199254740992', rounding)).toEqual({ kind: 'refused', reason: 'too-large' });
	});

	test('the largest count can be rounded down to, but not up past', () => {
		expect(countSteps(mustGrid('1'), '9007199254740991.9', 'down')).toEqual({ kind: 'ok', count: MAX });
		expect(countSteps(mustGrid('1'), '9007199254740991.9', 'up')).toEqual({ kind: 'refused', reason: 'too-large' });
	});

	test('over a million prices print as an independent library prints them, and read back as themselves', () => {
		const pairsPerRun = 2_100;
		fc.assert(
			fc.property(fc.constantFrom(...STEPS), fc.integer(), (step, seed) => {
				const grid = mustGrid(step);
				const oracle = new Big(step);
				const words = seededWords(seed);
				for (let i = 0; i < pairsPerRun; i += 1) {
					const count = drawCount(words);
					const text = printSteps(grid, count);
					if (text !== oracle.times(count).toFixed(grid.scale)) throw new Error(`${count} steps of ${step} print as ${text}`);
					const read = countSteps(grid, text);
					if (read.kind !== 'ok' || read.count !== count)
						throw new Error(`${text} on ${step} is not ${count}: ${JSON.stringify(read)}`);
				}
			}),
			{ numRuns: 500, endOnFailure: true },
		);
	});

	test('rounding down and up agree with an independent library, and hold the number between them', () => {
		const pairsPerRun = 400;
		fc.assert(
			fc.property(fc.constantFrom(...STEPS), fc.nat({ max: 20 }), fc.integer(), (step, scale, seed) => {
				const grid = mustGrid(step);
				const words = seededWords(seed);
				for (let i = 0; i < pairsPerRun; i += 1) {
					const text = printScaled(drawCount(words), scale);
					const quotients = [new Floor(text).div(step).toFixed(0), new Ceiling(text).div(step).toFixed(0)] as const;
					const found = [countSteps(grid, text, 'down'), countSteps(grid, text, 'up')] as const;
					found.forEach((count, at) => {
						const expected = quotients[at] ?? '';
						const isSafe = BigInt(expected) <= BigInt(MAX);
						const same =
							count.kind === 'ok' ? isSafe && String(count.count) === expected : !isSafe && count.reason === 'too-large';
						if (!same) throw new Error(`${text} on ${step}: ${expected} expected, found ${JSON.stringify(count)}`);
					});
					const exact = countSteps(grid, text);
					const isOnGrid = quotients[0] === quotients[1];
					const refusal = exact.kind === 'refused' ? exact.reason : 'none';
					const isRight = isOnGrid
						? refusal === (BigInt(quotients[0]) > BigInt(MAX) ? 'too-large' : 'none')
						: refusal === 'off-grid';
					if (!isRight) throw new Error(`${text} on ${step}: found ${refusal}`);
				}
			}),
			{ numRuns: 250, endOnFailure: true },
		);
	});

	test('the quick way answers what the careful way answers', () => {
		// 18 leading zeros change no number but are too long for the quick way
		const digits = fc.string({ unit: fc.constantFrom('0', '0', '1', '2', '5', '9', '.'), minLength: 1, maxLength: 19 });
		const usual = fc.tuple(fc.maxSafeNat(), fc.nat({ max: 12 })).map(([units, scale]) => printScaled(units, scale));
		fc.assert(
			fc.property(fc.constantFrom(...STEPS), fc.oneof(digits, usual), (step, text) => {
				const careful = text.startsWith('.') ? text : `${'0'.repeat(18)}${text}`;
				expect(countSteps(mustGrid(step), text)).toEqual(countSteps(mustGrid(step), careful));
			}),
			{ numRuns: 20_000 },
		);
	});
});

describe('printing steps', () => {
	test('text has exactly the digits of the step, never an exponent', () => {
		expect(printSteps(mustGrid('0.00000001'), 8)).toBe('0.00000008');
		expect(printSteps(mustGrid('0.10'), 3)).toBe('0.3');
		expect(printSteps(mustGrid('0.25'), 2)).toBe('0.50');
		expect(printSteps(mustGrid('1000'), MAX)).toBe('9007199254740991000');
		expect(printSteps(mustGrid('0.001'), -5)).toBe('-0.005');
		expect(printSteps(mustGrid('0.1'), -0)).toBe('0.0');
	});

	test('the float for models is the one nearest to the text, as long as the steps are safe whole numbers', () => {
		fc.assert(
			fc.property(fc.constantFrom(...STEPS), fc.maxSafeNat(), (step, draw) => {
				const grid = mustGrid(step);
				const count = Math.floor(draw / grid.stepUnits);
				expect(stepsToNumber(grid, count)).toBe(Number(printSteps(grid, count)));
			}),
			{ numRuns: 5_000 },
		);
	});
});
