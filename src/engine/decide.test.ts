import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DECISION_REASONS, type DecideAction } from '../domain/decision.ts';
import { instrumentIndex } from '../domain/instrument.ts';
import { lots, timeMs } from '../domain/units.ts';
import { type DecideFacts, decideOn, READINGS_AGE_MS_MAX, type Verdict } from './decide.ts';

const NOW = 1_767_225_600_000;
const ASKED: DecideAction = {
	kind: 'decide',
	decisionId: 'd',
	instrument: instrumentIndex(0),
	signal: { source: 'desk', value: 0.6, confidence: 0.8 },
	thresholds: { buyAbove: 0.3, sellBelow: -0.3, confidenceMin: 0.5 },
	qtyLots: lots(10),
	entry: { type: 'market', slipBps: 10 },
	exits: { stopBps: 50, targetBps: 100, forMs: 0 },
	readings: { last: 65_000, bid: 64_999.9, ask: 65_000.1, barEndAtMs: timeMs(NOW - 1), atMs: timeMs(NOW - 100) },
	isDryRun: false,
};
const FACTS: DecideFacts = {
	nowMs: NOW,
	isSpot: false,
	isBookTrusted: true,
	bestBidTicks: 649_999,
	bestAskTicks: 650_001,
	mid: 65_000,
	strongest: { buy: 0, sell: 0 },
	open: undefined,
	isFlattening: false,
	isFull: false,
};
const SELL = { signal: { source: 'desk', value: -0.6, confidence: 0.8 } };

type Case = readonly [name: string, asked: Partial<DecideAction>, facts: Partial<DecideFacts>, verdict: object];
const nothing = (...reasons: Verdict['reasons']) => ({ wish: 'HOLD', act: 'nothing', reasons });

const CASES: readonly Case[] = [
	[
		'a strong signal buys, at worst as much dearer as it may slip',
		{},
		{},
		{ wish: 'BUY', act: 'open', reasons: ['signal-above'], side: 'buy', priceTicks: 650_651, timeInForce: 'ioc' },
	],
	[
		'its opposite sells',
		SELL,
		{},
		{ wish: 'SELL', act: 'open', reasons: ['signal-below'], side: 'sell', priceTicks: 649_350, timeInForce: 'ioc' },
	],
	[
		'a limit stands behind the best price of its side',
		{ entry: { type: 'limit', offsetTicks: 5, forMs: 1_000 } },
		{},
		{ act: 'open', side: 'buy', priceTicks: 649_994, timeInForce: 'gtc' },
	],
	[
		'a limit to sell stands above',
		{ ...SELL, entry: { type: 'limit', offsetTicks: 5, forMs: 1_000 } },
		{},
		{ act: 'open', side: 'sell', priceTicks: 650_006, timeInForce: 'gtc' },
	],
	['at the threshold is above it', { signal: { source: 'desk', value: 0.3, confidence: 0.8 } }, {}, { wish: 'BUY' }],
	['a weak signal is neither', { signal: { source: 'desk', value: 0.29, confidence: 0.8 } }, {}, nothing('signal-between')],
	['nothing, surely or not, is neither', { signal: { source: 'desk', value: 0, confidence: 0 } }, {}, nothing('signal-between')],
	['no signal is none', { signal: { source: 'desk', value: Number.NaN, confidence: 1 } }, {}, nothing('signal-missing')],
	['an unsure one', { signal: { source: 'desk', value: 1, confidence: 0.4 } }, {}, nothing('signal-above', 'confidence-low')],
	[
		'a wholly unsure one, whatever is asked for',
		{ signal: { source: 'desk', value: 1, confidence: 0 }, thresholds: { ...ASKED.thresholds, confidenceMin: 0 } },
		{},
		nothing('signal-above', 'confidence-low'),
	],
	['a stronger one in force says sell', {}, { strongest: { buy: 0, sell: 0.49 } }, nothing('signal-above', 'signal-opposed')],
	['a weaker one does not matter', {}, { strongest: { buy: 1, sell: 0.47 } }, { wish: 'BUY', act: 'open' }],
	['a stronger one says buy', SELL, { strongest: { buy: 0.9, sell: 0 } }, nothing('signal-below', 'signal-opposed')],
	['what was read long ago', {}, { nowMs: NOW + READINGS_AGE_MS_MAX }, nothing('signal-above', 'readings-old')],
	[
		'what was read at no time',
		{ readings: { ...ASKED.readings, atMs: Number.NaN as never } },
		{},
		nothing('signal-above', 'readings-old'),
	],
	['another price than ours', {}, { mid: 66_000 }, nothing('signal-above', 'readings-differ')],
	[
		'the last price, where nobody bids',
		{ readings: { ...ASKED.readings, bid: 0, last: 60_000 } },
		{},
		nothing('signal-above', 'readings-differ'),
	],
	['a book that nobody believes', {}, { isBookTrusted: false }, nothing('signal-above', 'book-not-trusted')],
	['the same again', {}, { open: { wish: 'BUY', isClosing: false } }, nothing('signal-above', 'position-open')],
	['one that is closing', {}, { open: { wish: 'BUY', isClosing: true } }, nothing('signal-above', 'being-closed')],
	['all that is held is sold', {}, { isFlattening: true }, nothing('signal-above', 'being-closed')],
	[
		'the other way round closes',
		SELL,
		{ open: { wish: 'BUY', isClosing: false }, isSpot: true },
		{ wish: 'SELL', act: 'close', reasons: ['signal-below', 'closes-open'] },
	],
	['spot that nobody bought', SELL, { isSpot: true }, nothing('signal-below', 'nothing-to-sell')],
	['too many', {}, { isFull: true }, nothing('signal-above', 'too-many-open')],
];

describe('a decision', () => {
	test.each(CASES)('%s', (_, asked, facts, verdict) => {
		expect(decideOn({ ...ASKED, ...asked }, { ...FACTS, ...facts })).toMatchObject(verdict);
	});

	test('has each of its reasons in some case', () => {
		const seen = new Set(CASES.flatMap(([, asked, facts]) => decideOn({ ...ASKED, ...asked }, { ...FACTS, ...facts }).reasons));
		// What is placed or not is for whoever acts on it.
		expect(new Set([...seen, 'dry-run'])).toEqual(new Set(Object.keys(DECISION_REASONS)));
	});

	test('to buy is one to sell in the mirror', () => {
		const share = fc.double({ min: -1, max: 1, noNaN: true });
		fc.assert(
			fc.property(share, fc.double({ min: 0, max: 1, noNaN: true }), share, (value, confidence, against) => {
				const of = (sign: 1 | -1): string => {
					const strongest = against * sign > 0 ? { buy: Math.abs(against), sell: 0 } : { buy: 0, sell: Math.abs(against) };
					return decideOn({ ...ASKED, signal: { source: 'desk', value: value * sign, confidence } }, { ...FACTS, strongest })
						.wish;
				};
				const mirrored = { BUY: 'SELL', SELL: 'BUY', HOLD: 'HOLD' }[of(1) as 'BUY'];
				expect(of(-1)).toBe(mirrored);
			}),
		);
	});
});
