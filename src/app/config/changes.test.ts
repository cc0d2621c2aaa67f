/** What an edit changes while the engine runs, what waits for a restart, and what the engine is told. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { TICK_OPTIONS } from '../../engine/settings.ts';
import { BUS_OPTIONS } from '../../execution/command-bus.ts';
import { LADDER_DEFAULTS, ladder } from '../../strategy/index.ts';
import { changeLine, changesBetween, type KnownConfig, reload } from './changes.ts';
import { readConfig } from './config.ts';
import { STRICTER_WHEN_GREATER } from './engine-sections.ts';
import { engineSettings } from './engine-settings.ts';
import { problemLine } from './problem.ts';

function known(text: string): KnownConfig {
	const read = readConfig({ file: { name: 't.yaml', text } });
	if (read.kind === 'bad') throw new Error(read.problems.map(problemLine).join('\n'));
	return read;
}

const BASE = 'strategies: [{ name: s, symbols: [BTCUSDT], params: { levels: { count: 3 } } }]\n';

describe('one edit', () => {
	test.each<[name: string, before: string, after: string, line: string, ...engineChanges: object[]]>([
		[
			'the way back',
			'async_batch: { enabled: true }',
			'async_batch: { enabled: false }',
			'async_batch.enabled: true -> false, now',
			{ kind: 'setBus', bus: { ...BUS_OPTIONS, parallel: false } },
		],
		[
			'a smaller batch',
			'{}',
			'async_batch: { max_batch_size: 5 }',
			'async_batch.max_batch_size: 20 -> 5, now',
			{ kind: 'setBus', bus: { ...BUS_OPTIONS, maxBatchSize: 5 } },
		],
		[
			'a deadline',
			'{}',
			'async_batch: { tick_deadline_ms: 90 }',
			'async_batch.tick_deadline_ms: 200 -> 90, now',
			{ kind: 'setTick', tick: { ...TICK_OPTIONS, tickDeadlineMs: 90 } },
		],
		[
			'a policy that is taken out',
			'strategy: { keep_tolerance_ticks: 4 }',
			'{}',
			'strategy.keep_tolerance_ticks: 4 -> 0, now',
			{
				kind: 'setPolicy',
				policy: { minTimeInBookMs: 500, amendPriceThresholdBps: 100, amendSizeThreshold: 0.2, keepToleranceTicks: 0 },
			},
		],
		[
			'a stricter limit',
			'{}',
			'risk: { order_notional_max: 10 }',
			'risk.order_notional_max: 25000 -> 10, now',
			{ kind: 'setLimits', limits: { ...engineSettings(known('{}').config).limits, orderNotionalMax: 10 } },
		],
		[
			'a stricter loss limit',
			'{}',
			'risk: { drawdown_reduce_only: 0.01 }',
			'risk.drawdown_reduce_only: 0.03 -> 0.01, now',
			{ kind: 'setLossLimits', lossLimits: { dayLossReduceOnly: 0.02, dayLossKill: 0.05, drawdownReduceOnly: 0.01 } },
		],
		[
			'a smaller share of the budget',
			'{}',
			'risk: { rate_budget_share: 0.5 }',
			'risk.rate_budget_share: 0.8 -> 0.5, now',
			{ kind: 'setBudget', budget: { isEnabled: true, share: 0.5, guardMs: 40 } },
		],
		[
			'a parameter of a strategy',
			BASE,
			BASE.replace('count: 3', 'count: 4'),
			'strategies.s.params.levels.count: 3 -> 4, now',
			{
				kind: 'setStrategy',
				number: 0,
				strategy: ladder({ ...LADDER_DEFAULTS, levels: { ...LADDER_DEFAULTS.levels, count: 4 } }),
			},
		],
		['a wider limit', '{}', 'risk: { leverage_max: 4 }', 'risk.leverage_max: 3 -> 4, after a clean comparison with the venue'],
		[
			'less margin',
			'{}',
			'risk: { free_margin_factor: 1.1 }',
			'risk.free_margin_factor: 1.2 -> 1.1, after a clean comparison with the venue',
		],
		[
			'a symbol that may be traded no more',
			'risk: { symbols_allowed: [BTCUSDT, ETHUSDT] }',
			'risk: { symbols_allowed: [ETHUSDT] }',
			'risk.symbols_allowed: ["BTCUSDT","ETHUSDT"] -> ["ETHUSDT"], now',
			{ kind: 'setLimits', limits: { ...engineSettings(known('{}').config).limits, symbolsAllowed: ['ETHUSDT'] } },
		],
		[
			'a list where there was none',
			'{}',
			'risk: { symbols_allowed: [ETHUSDT] }',
			'risk.symbols_allowed: nothing -> ["ETHUSDT"], now',
			{ kind: 'setLimits', limits: { ...engineSettings(known('{}').config).limits, symbolsAllowed: ['ETHUSDT'] } },
		],
		[
			'no list any more',
			'risk: { symbols_allowed: [ETHUSDT] }',
			'{}',
			'risk.symbols_allowed: ["ETHUSDT"] -> nothing, after a clean comparison with the venue',
		],
		[
			'a symbol more',
			BASE,
			BASE.replace('[BTC', '[ETHUSDT, BTC'),
			'strategies.s.symbols: ["BTCUSDT"] -> ["ETHUSDT","BTCUSDT"], after a restart',
		],
		['another timeout', '{}', 'network: { timeout_total: 5 }', 'network.timeout_total: 30 -> 5, after a restart'],
		[
			'budgets off',
			'{}',
			'async_features: { enable_rate_limiting: false }',
			'async_features.enable_rate_limiting: true -> false, after a restart',
		],
		['a setting that is new', '{}', 'redis: { url: "redis://host" }', 'redis.url: nothing -> "redis://host", after a restart'],
	])('%s', (_, before, after, line, ...engineChanges) => {
		const made = reload(known(before), known(after));
		expect(made.changes.map(changeLine)).toEqual([line]);
		expect(made.engineChanges).toEqual(engineChanges);
	});

	test('a wider limit takes effect now where the last comparison was clean', () => {
		const made = reload(known('{}'), known('risk: { leverage_max: 4 }'), true);
		expect(made.changes.map(changeLine)).toEqual(['risk.leverage_max: 3 -> 4, now']);
		expect(made.engineChanges).toEqual([
			{ kind: 'setLimits', limits: { ...engineSettings(known('{}').config).limits, leverageMax: 4 } },
		]);
		expect(made.running.config.risk.leverage_max).toBe(4);
	});

	test('more margin takes effect now, with the place of the new value', () => {
		const [change] = changesBetween(known('{}'), known('risk: { free_margin_factor: 1.5 }'));
		expect(change).toMatchObject({ takesEffect: 'now', place: { kind: 'file', line: 1, column: 29 } });
	});
});

test('a remark, an order of keys, or a default written out change nothing', () => {
	const made = reload(
		known(`${BASE}risk: { leverage_max: 3, quote_collar: 0.02 }`),
		known(`# new\nrisk: { quote_collar: 0.02 }\n${BASE}`),
	);
	expect(made).toMatchObject({ changes: [], engineChanges: [] });
});

test('a strategy that comes or goes waits, and its parameters with it', () => {
	const made = reload(known(BASE), known('strategies: [{ name: t }]'));
	expect(new Set(made.changes.map(({ takesEffect }) => takesEffect))).toEqual(new Set(['after a restart']));
	expect(made.engineChanges).toEqual([]);
	expect(made.running.config.strategies.map(({ name }) => name)).toEqual(['s']);
});

test('a strategy goes by its name: its number is that of the start, wherever it stands in the file now', () => {
	const text = (...entries: string[]): KnownConfig => known(`strategies: [${entries.join(', ')}]`);
	const entry = (name: string, count: number) => `{ name: ${name}, params: { levels: { count: ${count} } } }`;
	const { engineChanges } = reload(text(entry('a', 1), entry('b', 1)), text(entry('b', 2), entry('a', 1)));
	expect(engineChanges).toMatchObject([{ kind: 'setStrategy', number: 1, strategy: { params: { levels: { count: 2 } } } }]);
});

test('of an edit that is both, the live half is in force and the other waits', () => {
	const before = known(BASE);
	const after = known(
		`${BASE.replace('count: 3', 'count: 4').replace('[BTCUSDT]', '[ETHUSDT]')}risk: { leverage_max: 9, twin_window_ms: 2000 }`,
	);
	const { running, engineChanges } = reload(before, after);
	expect(engineChanges.map(({ kind }) => kind)).toEqual(['setLimits', 'setStrategy']);
	expect(running.config.risk).toMatchObject({ leverage_max: 3, twin_window_ms: 2_000 });
	expect(running.config.strategies[0]).toMatchObject({ symbols: ['BTCUSDT'], params: { levels: { count: 4 } } });
	expect(changesBetween(running, after).map(({ path }) => path)).toEqual(['strategies.s.symbols', 'risk.leverage_max']);
});

const written = fc.record(
	{
		async_batch: fc.record({ enabled: fc.boolean(), max_batch_size: fc.integer({ min: 1, max: 100 }) }, { requiredKeys: [] }),
		strategy: fc.record({ keep_tolerance_ticks: fc.integer({ min: 0, max: 9 }) }, { requiredKeys: [] }),
		risk: fc
			.record(
				{
					open_orders_per_symbol_max: fc.integer({ min: 1, max: 60 }),
					open_orders_max: fc.integer({ min: 30, max: 90 }),
					day_loss_reduce_only: fc.constantFrom(0.01, 0.02, 0.04),
					day_loss_kill: fc.constantFrom(0.02, 0.04, 0.06),
					twin_window_ms: fc.integer({ min: 0, max: 2_000 }),
				},
				{ requiredKeys: ['open_orders_per_symbol_max', 'open_orders_max', 'day_loss_reduce_only', 'day_loss_kill'] },
			)
			.filter(
				(risk) => risk.open_orders_per_symbol_max <= risk.open_orders_max && risk.day_loss_reduce_only <= risk.day_loss_kill,
			),
		network: fc.record({ timeout_total: fc.integer({ min: 10, max: 40 }) }, { requiredKeys: [] }),
		strategies: fc.uniqueArray(
			fc.record({
				name: fc.constantFrom('a', 'b', 'c'),
				symbols: fc.constantFrom(['BTCUSDT'], ['ETHUSDT']),
				params: fc.record({ levels: fc.record({ count: fc.integer({ min: 1, max: 4 }) }) }),
			}),
			{ selector: ({ name }) => name },
		),
	},
	{ requiredKeys: [] },
);

test('whatever is edited: limits never widen by themselves, what waits is what is left, and a restart needs no more', () => {
	fc.assert(
		fc.property(fc.array(written, { minLength: 2, maxLength: 5 }), (files) => {
			const [first, ...edits] = files.map((each) => known(JSON.stringify(each)));
			let running: Parameters<typeof reload>[0] = first ?? known('{}');
			for (const edit of edits) {
				const made = reload(running, edit);
				for (const [key, value] of Object.entries(made.running.config.risk)) {
					const was = running.config.risk[key as keyof typeof running.config.risk];
					if (STRICTER_WHEN_GREATER.has(key)) expect(Number(value)).toBeGreaterThanOrEqual(Number(was));
					else expect(Number(value)).toBeLessThanOrEqual(Number(was));
				}
				const paths = (isNow: boolean) =>
					made.changes.filter(({ takesEffect }) => (takesEffect === 'now') === isNow).map(({ path }) => path);
				expect(changesBetween(made.running, edit).map(({ path }) => path)).toEqual(paths(false));
				expect(made.engineChanges.length > 0).toBe(paths(true).length > 0);
				const raised = reload(running, edit, true);
				expect(raised.running.config.risk).toEqual(edit.config.risk);
				running = made.running;
			}
		}),
		{ numRuns: 150 },
	);
});
