/** The desk of a session over the whole stack in virtual time: exchange, wire and engine, and nothing quoted. */
import { afterEach, expect, test } from 'vitest';
import { WIRED_START_MS, WIRED_SYMBOLS } from '../../test/fixtures/wired.ts';
import { ENGINE_SETTINGS } from '../engine/settings.ts';
import type { PortfolioSnapshot } from '../portfolio/portfolio-snapshot.ts';
import { seededRng } from '../simulation/seeded-rng.ts';
import { VirtualClock } from '../simulation/virtual-clock.ts';
import { parseModelSpec } from '../strategy/index.ts';
import type { MarketDataSettings } from '../trading/market-data-settings.ts';
import type { SignalStore } from '../trading/signal-store.ts';
import type { TradeResult } from '../trading/workflow.ts';
import type { SignalSettings, TradingSettings, WorkflowSettings } from './config/trading-settings.ts';
import { Desk } from './desk.ts';
import { memorySignals } from './memory-signals.ts';
import { followSignals } from './signal-follower.ts';
import { WiredWorld } from './wired-world.ts';

const MINUTE = 60_000;
const [SYMBOL = '', OTHER = ''] = WIRED_SYMBOLS.map(({ symbol }) => symbol);
const DAY = 86_400_000;

interface Scene {
	readonly clock: VirtualClock;
	readonly world: WiredWorld;
	readonly signals: SignalStore;
	readonly desk: Desk;
	readonly ran: {
		readonly workflow: string;
		readonly atMs: number;
		readonly results: readonly TradeResult<PortfolioSnapshot>[];
	}[];
	readonly troubles: string[];
	/** Of the first symbol, in lots. */
	position(): number;
}

const toEnd: (() => Promise<unknown>)[] = [];
afterEach(async () => {
	for (const end of toEnd.splice(0).reverse()) await end();
});

/** Without a past, the market has to have lived for some bars before anybody can ask for them. */
async function open(
	settings: Partial<TradingSettings>,
	livedMs = 0,
	marketData: Partial<MarketDataSettings> = { isLimiting: false },
): Promise<Scene> {
	const clock = new VirtualClock(WIRED_START_MS + MINUTE / 2);
	const around: { desk?: Desk } = {};
	const world = await WiredWorld.open({
		...{ clock, rng: seededRng(4), market: 'synthetic', symbols: WIRED_SYMBOLS.slice(0, 2), quoting: [] },
		marketStepMs: 500,
		...{ engine: ENGINE_SETTINGS, link: { requestMs: 2, replyMs: 2 }, orderEntry: 'ws', limitFactor: Number.POSITIVE_INFINITY },
		...{ journal: 'memory', journalMs: 0.5, balances: { USDT: '100000' } },
		onNote: (note) => around.desk?.hear(note),
	});
	toEnd.push(() => world.stop());
	const { app } = world;
	const signals = await memorySignals({ clock, rng: seededRng(5) });
	toEnd.push(async () => signals[Symbol.asyncDispose]());
	followSignals({
		...{ signals, instruments: app.instruments, now: () => app.runtime.now() },
		...{ tell: (event) => app.hear(event), onSay: (sentence) => troubles.push(sentence) },
	});
	const ran: Scene['ran'][number][] = [];
	const troubles: string[] = [];
	const desk = new Desk({
		...{ app, clock, signals, marketData },
		settings: {
			...{ workflows: [], signals: [], concurrency: 10, deadlineMs: 10_000, priceTtlMs: 0, snapshotEveryMs: MINUTE },
			...settings,
		},
		onRan: (workflow, results) => ran.push({ workflow, atMs: clock.wallMs(), results }),
		onTrouble: (sentence) => troubles.push(sentence),
	});
	around.desk = desk;
	await world.run(livedMs);
	toEnd.push(async () => desk[Symbol.asyncDispose]());
	desk.start();
	const index = app.indexOf(SYMBOL);
	return { ...{ clock, world, signals, desk, ran, troubles }, position: () => app.engine.ledger.inventoryLots(index) };
}

/** Says which way the last bar went, however little. */
const LAST_BAR: SignalSettings = {
	...{ name: 'lean', symbols: [SYMBOL], interval: '1m', barCount: 5 },
	models: [{ spec: specOf({ kind: 'momentum', period: 1, confirm: 1 }), weight: 1 }],
};

/** Listens to the oracle alone, each second, and stays in for two. */
const OBEDIENT: WorkflowSettings = {
	...{ ...LAST_BAR, name: 'obedient', models: [], source: { name: 'oracle', weight: 1 } },
	...{ size: { unit: 'notional', amount: 500 }, schedule: { kind: 'every', everyMs: 1_000 }, isDryRun: false },
	...{ thresholds: { buyAbove: 0.5, sellBelow: -0.5, confidenceMin: 0.5 }, entry: { type: 'market', slipBps: 20 } },
	exits: { stopBps: 0, targetBps: 0, forMs: 2_000 },
};

function specOf(written: object) {
	const read = parseModelSpec(written);
	if (read.kind === 'ok') return read.spec;
	throw new Error(`${read.key} is ${read.found}`);
}

async function say(signals: SignalStore, more: object = {}): Promise<void> {
	const draft = { symbol: SYMBOL, type: 'BUY', source: 'oracle', expiresAtMs: WIRED_START_MS + DAY, ...more } as const;
	expect(await signals.createSignal(draft)).toMatchObject({ kind: 'done' });
}

test('a workflow runs at the close of each bar, once, and what it makes of its models is a signal', async () => {
	const { world, ran, signals, clock, troubles } = await open({
		workflows: [
			{
				...{ ...OBEDIENT, ...LAST_BAR, name: 'trend', source: undefined, schedule: { kind: 'bar' } },
				...{ thresholds: { buyAbove: 1e-9, sellBelow: -1e-9, confidenceMin: 0 }, isDryRun: true },
			},
		],
	});
	await world.run(2.6 * MINUTE);
	expect(troubles).toEqual([]);
	const ends = [1, 2, 3].map((count) => WIRED_START_MS + count * MINUTE - 1);
	const results = ran.flatMap((each) => each.results);
	expect(results.map((result) => (result.kind === 'done' ? result.decisionId : result.reason))).toEqual(
		ends.map((endMs) => `trend bybit:linear:${SYMBOL} ${endMs}`),
	);
	for (const [index, { atMs }] of ran.entries()) expect(atMs - (ends[index] ?? 0)).toBeLessThan(1_000);
	const last = results.at(-1);
	if (last?.kind !== 'done') throw new Error('the last run failed');
	expect(last.reasons).toContain('dry-run');
	const { value } = last.signal;
	expect(value).not.toBe(0);
	expect(signals.getSignal(`trend:bybit:linear:${SYMBOL}`)).toMatchObject({
		...{ value, source: 'trend', symbol: `bybit:linear:${SYMBOL}`, type: value > 0 ? 'BUY' : 'SELL' },
		...{ expiresAtMs: (ends[2] ?? 0) + 2 * MINUTE },
	});
	const market = world.app.engine.market(world.app.indexOf(SYMBOL));
	expect(market?.signal('trend').value).toBe(value);
	expect(clock.wallMs()).toBeGreaterThan(ends[2] ?? 0);
});

test('a stored signal is traded by, its position is closed when its time is over, and one that is unsure is not', async () => {
	const { world, ran, signals, position, troubles } = await open({ workflows: [OBEDIENT] });
	const decisions = () =>
		ran.splice(0).flatMap(({ results }) => results.map((each) => (each.kind === 'done' ? each.decision : 'failed')));
	await world.run(2_500);
	expect([decisions(), position()]).toEqual([['HOLD', 'HOLD'], 0]);
	await say(signals, { id: 'it' });
	await world.run(1_000);
	expect([decisions(), position() > 0]).toEqual([['BUY'], true]);
	await signals.updateSignal('it', { confidence: 0.4 });
	await world.run(1_200);
	expect([decisions(), position() > 0]).toEqual([['HOLD'], true]);
	await world.run(1_500);
	expect([decisions(), position()]).toEqual([['HOLD', 'HOLD'], 0]);
	await signals.updateSignal('it', { type: 'SELL', value: -0.9, confidence: 1 });
	await world.run(1_000);
	expect([decisions(), position() < 0]).toEqual([['SELL'], true]);
	expect(troubles).toEqual([]);
});

test('a symbol that fails is told of once and in a sentence, and the others go on', async () => {
	const { world, ran, signals, troubles } = await open({ workflows: [{ ...OBEDIENT, symbols: ['NOSUCH', SYMBOL, OTHER] }] });
	await say(signals);
	await say(signals, { symbol: OTHER });
	await world.run(3_500);
	expect(troubles).toEqual(['obedient could not look at NOSUCH (fetch): NOSUCH is not among the symbols that are followed']);
	const [first] = ran;
	expect(first?.results.map((each) => (each.kind === 'done' ? each.order?.state : each.kind))).toEqual([
		'failed',
		'filled',
		'filled',
	]);
	expect(ran).toHaveLength(3);
});

test('what models say goes into the store for strategies, without a workflow', async () => {
	const { world, signals, ran, troubles } = await open({ signals: [LAST_BAR] }, 2 * MINUTE);
	await world.run(2 * MINUTE);
	const signal = signals.getSignal(`lean:bybit:linear:${SYMBOL}`);
	expect(signal).toMatchObject({ source: 'lean', symbol: `bybit:linear:${SYMBOL}`, confidence: 1 });
	const market = world.app.engine.market(world.app.indexOf(SYMBOL));
	expect(market?.signal('lean').value).toBe(signal?.value);
	expect([ran, troubles]).toEqual([[], []]);
});

test('histories of models are read at the pace of all reads', async () => {
	const symbols = [SYMBOL, OTHER];
	const feeds = [5, 6].map((barCount) => ({ ...LAST_BAR, name: `lean-${barCount}`, barCount, symbols }));
	const pace = { marketDataPerSecond: 2 };
	const { world, signals, troubles } = await open({ signals: feeds }, 2 * MINUTE, pace);
	await world.run(500);
	const atFirst = signals.allSignals().length;
	await world.run(5_000);
	expect([atFirst > 0 && atFirst < 3, signals.allSignals().length]).toEqual([true, 4]);
	expect(troubles).toEqual([]);
});

test('why signals are not kept is told once, until it is something else or over', async () => {
	const { world, signals, troubles } = await open({ signals: [{ ...LAST_BAR, symbols: [SYMBOL, OTHER] }] }, 2 * MINUTE);
	await world.run(MINUTE);
	const keep = signals.processSignals;
	const refuseFor = async (sentence: string | undefined): Promise<readonly string[]> => {
		const refusing: SignalStore['processSignals'] = async () => [{ kind: 'failed', sentence: sentence ?? '' }];
		signals.processSignals = sentence === undefined ? keep : refusing;
		await world.run(2 * MINUTE);
		return troubles.splice(0);
	};
	const full = ['a signal is not kept: the disk is full'];
	expect(await refuseFor('the disk is full')).toEqual(full);
	expect(await refuseFor('the disk is full')).toEqual([]);
	expect(await refuseFor('the disk is gone')).toEqual(['a signal is not kept: the disk is gone']);
	expect(await refuseFor(undefined)).toEqual([]);
	expect(await refuseFor('the disk is full')).toEqual(full);
});

test('when it is ended nothing of it goes on', async () => {
	const { world, clock, desk, ran, signals, position, troubles } = await open(
		{ workflows: [OBEDIENT], signals: [LAST_BAR] },
		2 * MINUTE,
	);
	await say(signals);
	await world.run(1_200);
	expect(position()).toBeGreaterThan(0);
	await Promise.all([desk[Symbol.asyncDispose](), world.run(1)]);
	await desk[Symbol.asyncDispose]();
	const [runs, before] = [ran.length, clock.wallMs()];
	await world.run(2 * MINUTE);
	expect(ran).toHaveLength(runs);
	expect(signals.allSignals().filter(({ updatedAtMs }) => updatedAtMs > before)).toEqual([]);
	// The position is the engine's, who closes it all the same.
	expect(position()).toBe(0);
	expect(troubles).toEqual([]);
	const prices = await desk.marketData.fetchPricesBatch([SYMBOL]);
	expect(prices.get(SYMBOL)).toMatchObject({ kind: 'failed', reason: 'closed' });
});
