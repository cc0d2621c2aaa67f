/**
 * The section `trading`: what the desk trades by signals, beside the quotes or instead of them. Each workflow reads the
 * market of its symbols, asks its models, and lets the engine decide. The models are spelled here for editors and the
 * reference; what they mean is in docs/trading.md.
 */
import * as z from 'zod';
import { parseModelSpec } from '../../strategy/index.ts';
import { numberAbove, numberFrom, oneOf, seconds, textOf, textUpTo, wholeNumber, yesNo } from './kinds.ts';
import { symbolName } from './strategies-section.ts';

const ENTRIES_MAX = 100;
const MODELS_MAX = 20;
const BARS_MAX = 1_000;
const PERIOD_MAX = 500;
const DAY_SEC = 86_400;
const INTERVALS = ['1m', '3m', '5m', '15m', '30m', '1h', '2h', '4h', '6h', '12h', '1d'] as const;

const period = (usual: number, min = 2) => wholeNumber(min, PERIOD_MAX).prefault(usual);
const fullBps = (usual: number) =>
	numberAbove(0, 10_000).describe('basis points at which it is at full strength').prefault(usual);
const confirm = () =>
	wholeNumber(1, 100).describe('readings in a row that must point the same way for full confidence').prefault(3);
const weight = () => numberAbove(0, 1_000).describe('against that of the others').prefault(1);
const common = () => ({ confirm: confirm(), weight: weight() });

const model = z.discriminatedUnion(
	'kind',
	[
		z.strictObject({ kind: z.literal('sma-cross'), fast: period(10, 1), slow: period(30), full_bps: fullBps(50), ...common() }),
		z.strictObject({ kind: z.literal('ema-cross'), fast: period(12, 1), slow: period(26), full_bps: fullBps(50), ...common() }),
		z.strictObject({
			kind: z.literal('rsi'),
			period: period(14),
			oversold: numberFrom(0, 49).prefault(30),
			overbought: numberFrom(51, 100).prefault(70),
			...common(),
		}),
		z.strictObject({
			kind: z.literal('macd'),
			fast: period(12, 1),
			slow: period(26),
			signal: period(9),
			full_bps: fullBps(20),
			...common(),
		}),
		z.strictObject({
			kind: z.literal('bollinger'),
			period: wholeNumber(2, PERIOD_MAX).prefault(20),
			deviations: numberAbove(0, 10).prefault(2),
			...common(),
		}),
		z.strictObject({ kind: z.literal('momentum'), period: period(10, 1), full_bps: fullBps(100), ...common() }),
		z.strictObject({ kind: z.literal('book-imbalance'), levels: wholeNumber(1, 50).prefault(5), ...common() }),
	],
	'a model: a map with its kind, one of sma-cross, ema-cross, rsi, macd, bollinger, momentum, book-imbalance',
);

export type ModelEntry = z.output<typeof model>;

/** What the models themselves know of it. */
export function specOf({ weight: _weight, ...spec }: ModelEntry): object {
	return spec;
}

const entry = z
	.strictObject({
		type: oneOf(['market', 'limit'])
			.describe('market: at once, within the slip; limit: rests, and is withdrawn')
			.prefault('market'),
		slip_bps: numberFrom(0, 500).describe('of a market order: how far beyond the touch it may go').prefault(20),
		offset_ticks: wholeNumber(-1_000, 1_000)
			.describe('of a limit order: how far behind the best price of its own side; below zero is in front of it')
			.prefault(0),
		for: seconds(1, DAY_SEC).describe('seconds that a limit order rests').prefault(30),
	})
	.prefault({});

const exit = z
	.strictObject({
		stop_bps: numberAbove(0, 10_000).describe('against the entry price; none: no stop').optional(),
		target_bps: numberAbove(0, 10_000).describe('in favour of the entry price; none: no target').optional(),
		after: seconds(1, 30 * DAY_SEC)
			.describe('seconds after which it is closed whatever it has made; none: not')
			.optional(),
	})
	.prefault({});

const nameOf = (about: string) =>
	textOf(/^[a-z][a-z0-9_-]{0,39}$/, 'a name of up to 40 small letters, digits, dashes and underscores').describe(about);
const symbols = () =>
	z.array(symbolName).min(1, 'at least one symbol').describe('of what the venues list; named as in `strategies`');
const interval = () => oneOf(INTERVALS).describe('of the bars that the models see').prefault('1m');
const bars = (when: string) => wholeNumber(1, BARS_MAX).describe(`that are read ${when}`).prefault(200);
const models = () => z.array(model).max(MODELS_MAX, `at most ${MODELS_MAX} models`);

const signal = z
	.strictObject({
		name: nameOf('what strategies and workflows call it'),
		symbols: symbols(),
		interval: interval(),
		bars: bars('at the start'),
		models: models().min(1, 'at least one model').describe('joined by their weights'),
	})
	.superRefine(({ models }, context) => refuseModels(models, context));

export type SignalEntry = z.output<typeof signal>;

const workflow = z
	.strictObject({
		name: nameOf('appears in decisions; what it makes of its models is a signal of that name'),
		symbols: symbols(),
		size: z
			.strictObject({
				unit: oneOf(['notional', 'base']).describe('notional: in the quote currency').prefault('notional'),
				amount: numberAbove(0, 1e15).describe('of each entry, for each symbol'),
			})
			.describe('of each entry'),
		interval: interval(),
		bars: bars('at each run'),
		every: z
			.union([z.literal('bar'), seconds(0.1, DAY_SEC)], `'bar', or a number of seconds from 0.1 to ${DAY_SEC}`)
			.describe('when it decides: at the close of each bar, or every so many seconds')
			.prefault('bar'),
		models: models().describe('joined by their weights; none: only the signals of `source`').prefault([]),
		source: textUpTo(1, 100).describe('a signal of the signal store that counts as one model more; none: none does').optional(),
		source_weight: weight(),
		buy_above: numberAbove(0, 1).describe('strength from which it buys').prefault(0.3),
		sell_below: numberFrom(-1, 0).describe('strength from which it sells').prefault(-0.3),
		confidence_min: numberFrom(0, 1).describe('below it nothing is done').prefault(0),
		entry,
		exit,
		dry_run: yesNo().describe('true: decides and writes down, orders nothing').prefault(false),
	})
	.superRefine((section, context) => {
		refuseModels(section.models, context);
		if (section.models.length > 0 || section.source !== undefined) return;
		context.addIssue({ code: 'custom', path: ['models'], message: 'at least one model, or a source', params: { found: 'none' } });
	});

export type WorkflowEntry = z.output<typeof workflow>;

function refuseModels(written: readonly ModelEntry[], context: Pick<z.RefinementCtx, 'addIssue'>): void {
	for (const [index, each] of written.entries()) {
		const read = parseModelSpec(specOf(each));
		if (read.kind === 'ok') continue;
		const path = ['models', index, read.key];
		context.addIssue({ code: 'custom', path, message: read.expected, params: { found: read.found } });
	}
}

export const tradingSection = z
	.strictObject({
		workflows: z
			.array(workflow)
			.max(ENTRIES_MAX, `at most ${ENTRIES_MAX} workflows`)
			.describe('what is traded by signals')
			.prefault([]),
		signals: z
			.array(signal)
			.max(ENTRIES_MAX, `at most ${ENTRIES_MAX} signals`)
			.describe('what models say of symbols, for strategies and workflows that listen to it')
			.prefault([]),
		concurrency: wholeNumber(1, 1_000).describe('symbols that are worked on at the same time').prefault(50),
		deadline: seconds(0.1, 600).describe('seconds after which a run gives up on a symbol').prefault(10),
		price_ttl: seconds(0, 60).describe('seconds that prices and books are taken from the cache').prefault(0.25),
		snapshot_interval: seconds(1, DAY_SEC).describe('seconds between snapshots of the portfolio').prefault(60),
	})
	.superRefine(({ workflows, signals }, context) => {
		const names = [...workflows, ...signals].map(({ name }) => name);
		for (const [place, name] of names.entries()) {
			if (names.indexOf(name) === place) continue;
			const [list, index] = place < workflows.length ? ['workflows', place] : ['signals', place - workflows.length];
			const message = 'a name that no other workflow or signal has';
			context.addIssue({ code: 'custom', path: [list, index, 'name'], message, params: { found: `'${name}'` } });
		}
	})
	.prefault({});
