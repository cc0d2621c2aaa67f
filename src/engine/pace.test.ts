/** When a tick is asked for and over whom it runs, with an orchestrator that only writes down what it was given. */
import { describe, expect, test } from 'vitest';
import { Desk } from '../../test/fixtures/desk.ts';
import { BTCUSDT as BTC, ETHUSDT as ETH } from '../../test/fixtures/instruments.ts';
import { Scripted } from '../../test/fixtures/scripted.ts';
import { instrumentIndex } from '../domain/instrument.ts';
import { monoMs, timeMs } from '../domain/units.ts';
import { BUDGET_TIMER, Pace, TICK_TIMER } from './pace.ts';
import type { EngineEffect } from './ports.ts';
import { TICK_OPTIONS, type TickOptions } from './settings.ts';

const at = (ms: number) => ({ wallMs: timeMs(ms), monoMs: monoMs(ms) });

/** Quoters 0 and 1 are on BTC, 2 is on ETH. */
function pacing(options: Partial<TickOptions> = {}) {
	const strategy = new Scripted();
	const first = { strategy, instruments: [BTC.index] };
	const quoting = [first, { strategy, instruments: [BTC.index, ETH.index] }];
	const { quoters } = new Desk({ instruments: [BTC, ETH], strategy, quoting }).engine;
	const effects: EngineEffect[] = [];
	/** Who had a turn, by index, and when. */
	const ticks: [quoters: readonly number[], atMs: number][] = [];
	const orchestrator = {
		resumeAtMono: Number.POSITIVE_INFINITY,
		processTick: (concerned: typeof quoters, { monoMs: nowMono }: { readonly monoMs: number }) => {
			ticks.push([concerned.map(({ index }) => index), nowMono]);
		},
	};
	const settings = { ...TICK_OPTIONS, tickIntervalMs: 250, minimumGapMs: 20, ...options };
	const pace = new Pace({ quoters, orchestrator, effects, options: settings });
	/** The timers that were asked for since the last look. */
	const asked = () => effects.splice(0).map((effect) => (effect.kind === 'wake' ? [effect.key, effect.delayMs] : effect));
	return { pace, quoters, orchestrator, ticks, asked, settings };
}

describe('a tick that something new asks for', () => {
	test.each<[name: string, nowMs: number, lastTickAtMs: number | undefined, delayMs: number]>([
		['comes at once where there was none yet', 1_000, undefined, 0],
		['comes at once where the last one was long ago', 1_000, 900, 0],
		['comes at once where the gap is just over', 1_000, 980, 0],
		['waits for what is left of the gap', 1_000, 981, 1],
		['waits for all of the gap right after another one', 1_000, 1_000, 20],
	])('%s', (_, nowMs, lastTickAtMs, delayMs) => {
		const { pace, quoters, asked } = pacing();
		if (lastTickAtMs !== undefined) pace.tick(quoters, at(lastTickAtMs));
		pace.touch(BTC.index);
		pace.askForTick(monoMs(nowMs));
		expect(asked()).toEqual([[TICK_TIMER, delayMs]]);
	});

	test('is asked for once, until it has come', () => {
		const { pace, asked } = pacing();
		for (const ms of [0, 1, 2]) {
			pace.touch(BTC.index);
			pace.askForTick(monoMs(ms));
		}
		expect(asked()).toEqual([[TICK_TIMER, 0]]);
		pace.applyTick(at(2));
		pace.touch(BTC.index);
		pace.askForTick(monoMs(3));
		expect(asked()).toEqual([[TICK_TIMER, 19]]);
	});

	test('is not asked for where nothing is new, or where nobody quotes what is', () => {
		const { pace, asked } = pacing();
		pace.askForTick(monoMs(0));
		pace.touch(instrumentIndex(7));
		pace.askForTick(monoMs(0));
		expect(asked()).toEqual([]);
	});

	test.each<[name: string, touch: (pace: Pace) => void, turns: readonly number[][]]>([
		['all quoters of one symbol', (pace) => pace.touch(BTC.index), [[0, 1]]],
		['the one of another', (pace) => pace.touch(ETH.index), [[2]]],
		['those of both, in their own order and each once', (pace) => [ETH, BTC, ETH].map((i) => pace.touch(i.index)), [[0, 1, 2]]],
		['everybody', (pace) => pace.touchAll(), [[0, 1, 2]]],
		['nobody, and then there is none', () => {}, []],
	])('runs over %s', (_, touch, turns) => {
		const { pace, ticks } = pacing();
		touch(pace);
		pace.applyTick(at(5));
		expect(ticks).toEqual(turns.map((quoters) => [quoters, 5]));
	});

	test('does not come where another tick came first and took what was new along', () => {
		const { pace, ticks } = pacing();
		pace.touch(ETH.index);
		pace.askForTick(monoMs(0));
		pace.applyInterval(at(1));
		pace.applyTick(at(2));
		expect(ticks).toEqual([[[0, 1, 2], 1]]);
	});
});

describe('the interval', () => {
	test('runs over all, new or not, and asks only when it is told to', () => {
		const { pace, ticks, asked } = pacing();
		pace.askForInterval();
		pace.applyInterval(at(250));
		expect([ticks, asked()]).toEqual([[[[0, 1, 2], 250]], [['interval', 250]]]);
	});

	test('counts anew under another key when it changes, and goes on as it is when something else does', () => {
		const { pace, asked, settings } = pacing();
		pace.setOptions({ ...settings, minimumGapMs: 5 });
		expect([pace.intervalKey, asked()]).toEqual(['interval', []]);
		pace.setOptions({ ...settings, tickIntervalMs: 100 });
		expect([pace.intervalKey, asked()]).toEqual(['interval 2', [['interval 2', 100]]]);
		pace.setOptions({ ...settings, tickIntervalMs: 250 });
		expect([pace.intervalKey, asked()]).toEqual(['interval 3', [['interval 3', 250]]]);
	});

	test('another gap counts from the next question on', () => {
		const { pace, quoters, asked, settings } = pacing();
		pace.tick(quoters, at(0));
		pace.setOptions({ ...settings, minimumGapMs: 7 });
		pace.touchAll();
		pace.askForTick(monoMs(0));
		expect(asked()).toEqual([[TICK_TIMER, 7]]);
	});
});

describe('what the rate budget left out', () => {
	test.each<[name: string, resumeAtMs: readonly number[], asked: readonly (readonly [string, number])[]]>([
		['has no timer where nothing was left out', [Number.POSITIVE_INFINITY], []],
		['has one for when there is room, on the next whole millisecond', [110.25], [[BUDGET_TIMER, 11]]],
		['has one at once where there is room already', [90], [[BUDGET_TIMER, 0]]],
		['has no second one for the same moment, or for a later one', [110, 110, 150], [[BUDGET_TIMER, 10]]],
		[
			'has another one where there is room sooner',
			[150, 110],
			[
				[BUDGET_TIMER, 50],
				[BUDGET_TIMER, 10],
			],
		],
	])('%s', (_, resumeAtMs, timers) => {
		const { pace, quoters, orchestrator, asked } = pacing();
		for (const resumeAtMono of resumeAtMs) {
			orchestrator.resumeAtMono = resumeAtMono;
			pace.tick(quoters, at(100));
		}
		expect(asked()).toEqual(timers);
	});

	test('is planned with everybody in the next tick, and asked for anew after that', () => {
		const { pace, quoters, orchestrator, ticks, asked } = pacing();
		orchestrator.resumeAtMono = 110;
		pace.tick(quoters, at(100));
		pace.applyBudget(monoMs(110));
		orchestrator.resumeAtMono = 160;
		pace.applyTick(at(120));
		expect(ticks.at(-1)).toEqual([[0, 1, 2], 120]);
		expect(asked()).toEqual([
			[BUDGET_TIMER, 10],
			[TICK_TIMER, 10],
			[BUDGET_TIMER, 40],
		]);
	});
});

test('ticks that are left to somebody else come neither with what is new nor with time, only when they are asked for', () => {
	const { pace, quoters, ticks, asked } = pacing({ isManual: true });
	pace.touchAll();
	pace.askForTick(monoMs(0));
	pace.applyBudget(monoMs(0));
	pace.applyInterval(at(250));
	expect([asked(), ticks]).toEqual([[], []]);
	pace.tick(quoters.slice(0, 1), at(300));
	expect(ticks).toEqual([[[0], 300]]);
});

test('knows who quotes a symbol, and nobody for one that is not quoted or for none at all', () => {
	const { pace } = pacing();
	const found = [BTC.index, ETH.index, instrumentIndex(7), undefined].map((index) => pace.quotersOf(index));
	expect(found.map((quoters) => quoters.map(({ index }) => index))).toEqual([[0, 1], [2], [], []]);
});
