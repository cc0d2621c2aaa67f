import { expect, test } from 'vitest';
import { readConfig } from './config.ts';
import { problemLine } from './problem.ts';
import { tradingSettings } from './trading-settings.ts';

const VENUES = `
mode: sim
venues:
  bybit:
    symbols: [BTCUSDT, ETHUSDT]
`;

function read(trading: string): ReturnType<typeof tradingSettings> | readonly string[] {
	const config = readConfig({ file: { name: 't.yaml', text: `${VENUES}${trading}` } });
	return config.kind === 'bad' ? config.problems.map(problemLine) : tradingSettings(config.config);
}

test('a workflow is what was written, with defaults for the rest', () => {
	const settings = read(`
trading:
  workflows:
    - name: trend
      symbols: [BTCUSDT]
      size: { amount: 250 }
      models:
        - { kind: ema-cross, fast: 5, weight: 2 }
        - { kind: book-imbalance }
      entry: { slip_bps: 7 }
      exit: { stop_bps: 40 }
`);
	expect(settings).toEqual({
		workflows: [
			{
				name: 'trend',
				symbols: ['BTCUSDT'],
				size: { unit: 'notional', amount: 250 },
				interval: '1m',
				barCount: 200,
				schedule: { kind: 'bar' },
				models: [
					{ spec: { kind: 'ema-cross', fast: 5, slow: 26, fullBps: 50, confirm: 3 }, weight: 2 },
					{ spec: { kind: 'book-imbalance', levels: 5, confirm: 3 }, weight: 1 },
				],
				source: undefined,
				thresholds: { buyAbove: 0.3, sellBelow: -0.3, confidenceMin: 0 },
				entry: { type: 'market', slipBps: 7 },
				exits: { stopBps: 40, targetBps: 0, forMs: 0 },
				isDryRun: false,
			},
		],
		signals: [],
		concurrency: 50,
		deadlineMs: 10_000,
		priceTtlMs: 250,
		snapshotEveryMs: 60_000,
	});
});

test.each([
	['symbols: [SOLUSDT]', 'source: mine', "symbols[0]: found 'SOLUSDT', expected one of BTCUSDT, ETHUSDT"],
	['symbols: [BTCUSDT]', '', 'models: found none, expected at least one model, or a source'],
	[
		'symbols: [BTCUSDT]',
		'models: [{ kind: rsi, perod: 3 }]',
		"models[0].perod: found an unknown key, expected one of kind, period, oversold, overbought, confirm, weight; did you mean 'period'?",
	],
	['symbols: [BTCUSDT]', 'models: [{ kind: macd, fast: 30 }]', 'models[0].slow: found 26, expected more than fast, which is 30'],
	['symbols: [BTCUSDT]', 'models: [{ kind: hunch }]', 'models[0].kind'],
	['symbols: [BTCUSDT]', 'source: mine\n      every: 0', 'every: found 0, expected a number of seconds from 0.1 to 86400'],
	['symbols: [BTCUSDT]', 'source: mine\n      buy_above: 2', 'buy_above: found 2, expected a number above 0 and up to 1'],
])('%s and %s are refused', (symbols, rest, sentence) => {
	const found = read(`
trading:
  workflows:
    - name: trend
      ${symbols}
      size: { amount: 250 }
      ${rest}
`);
	expect(found).toEqual([expect.stringContaining(`trading.workflows[0].${sentence}`)]);
	expect(found).toEqual([expect.stringMatching(/^t\.yaml:\d+:\d+: /)]);
});

test('two workflows go by two names', () => {
	const one = '{ name: trend, symbols: [BTCUSDT], size: { amount: 1 }, source: mine }';
	expect(read(`\ntrading:\n  workflows: [${one}, ${one}]`)).toEqual([
		expect.stringContaining("trading.workflows[1].name: found 'trend', expected a name that no other workflow or signal has"),
	]);
});
