import { expect, test } from 'vitest';
import type { Bar } from '../domain/market-read.ts';
import type { Signal } from '../domain/signal.ts';
import { timeMs } from '../domain/units.ts';
import { MODEL_DEFAULTS } from '../strategy/index.ts';
import { modelFor } from './desk-models.ts';

const SYMBOL = 'bybit:linear:BTCUSDT';
const MINUTE = 60_000;

/** Those in force, newest first, as the store has them. */
function storeOf(...signals: readonly Partial<Signal>[]) {
	return {
		getSignalsForSymbols: (symbols: readonly string[]) => new Map(symbols.map((symbol) => [symbol, signals as Signal[]])),
	};
}

function bars(...closes: readonly number[]): readonly Bar[] {
	return closes.map((close, index) => {
		const prices = { open: close, high: close, low: close, close, volume: 1 };
		return { startAtMs: timeMs(index * MINUTE), endAtMs: timeMs((index + 1) * MINUTE - 1), ...prices };
	});
}

const RISING = { spec: { ...MODEL_DEFAULTS.momentum, period: 1, confirm: 1 }, weight: 1 };

test('what is stored under a source counts by its weight beside the models', () => {
	const signals = storeOf({ source: 'else', value: 1, confidence: 1 }, { source: 'oracle', value: -0.5, confidence: 0.8 });
	const model = modelFor({ name: 'both', models: [RISING], source: { name: 'oracle', weight: 3 } }, SYMBOL, signals);
	for (const bar of bars(100, 101)) model.applyBar(bar);
	// One says 1 with weight 1, the other -0.5 with weight 3.
	expect([model.name, model.value]).toEqual(['both', (1 - 1.5) / 4]);
	expect(model.confidence).toBeCloseTo((0.8 * 3) / 4, 12);
});

test('of a source the newest counts, and only as long as it is in force', () => {
	const held: Partial<Signal>[] = [];
	const signals = { getSignalsForSymbols: () => new Map([[SYMBOL, held as readonly Signal[]]]) };
	const model = modelFor({ name: 'alone', models: [], source: { name: 'oracle', weight: 1 } }, SYMBOL, signals);
	expect(model).toMatchObject({ isReady: false, value: 0, confidence: 0, barsNeeded: 0 });
	held.push({ source: 'oracle', value: 0.7, confidence: 0.9 }, { source: 'oracle', value: -1, confidence: 1 });
	expect(model).toMatchObject({ isReady: true, value: 0.7, confidence: 0.9 });
	for (const bar of bars(3, 2, 1)) model.applyBar(bar);
	expect(model.value).toBe(0.7);
	held.length = 0;
	expect(model.isReady).toBe(false);
});

test('without a source the store is not asked', () => {
	const silent = {
		getSignalsForSymbols: () => {
			throw new Error('nobody asked for signals');
		},
	};
	const model = modelFor({ name: 'models', models: [RISING] }, SYMBOL, silent);
	for (const bar of bars(100, 99)) model.applyBar(bar);
	expect(model.value).toBe(-1);
});
