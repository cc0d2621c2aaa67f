/**
 * The kinds of models and their parameters, each with a default, read from a record as the configuration file has it;
 * what is wrong is said by key. Periods are bars; distances are basis points (1/10000) of a price.
 */
import { ParamReader, type ParamRefusal } from '../param-reader.ts';
import type { BollingerParams } from './bollinger.ts';
import type { BookImbalanceParams } from './book-imbalance.ts';
import type { CrossParams } from './cross.ts';
import type { MacdParams } from './macd.ts';
import type { MomentumParams } from './momentum.ts';
import type { RsiParams } from './rsi.ts';

interface Confirmed {
	/** Readings in a row that point the same way for full confidence; 1 believes the first. */
	readonly confirm: number;
}

export type ModelSpec =
	| ({ readonly kind: 'sma-cross' | 'ema-cross' } & CrossParams & Confirmed)
	| ({ readonly kind: 'rsi' } & RsiParams & Confirmed)
	| ({ readonly kind: 'macd' } & MacdParams & Confirmed)
	| ({ readonly kind: 'bollinger' } & BollingerParams & Confirmed)
	| ({ readonly kind: 'momentum' } & MomentumParams & Confirmed)
	| ({ readonly kind: 'book-imbalance' } & BookImbalanceParams & Confirmed);

export type ModelKind = ModelSpec['kind'];

export type ModelSpecRead = { readonly kind: 'ok'; readonly spec: ModelSpec } | ParamRefusal;

const CONFIRM = 3;

/** The periods that charts are usually drawn with. */
export const MODEL_DEFAULTS = Object.freeze({
	'sma-cross': Object.freeze({ kind: 'sma-cross', fast: 10, slow: 30, fullBps: 50, confirm: CONFIRM }),
	'ema-cross': Object.freeze({ kind: 'ema-cross', fast: 12, slow: 26, fullBps: 50, confirm: CONFIRM }),
	rsi: Object.freeze({ kind: 'rsi', period: 14, oversold: 30, overbought: 70, confirm: CONFIRM }),
	macd: Object.freeze({ kind: 'macd', fast: 12, slow: 26, signal: 9, fullBps: 20, confirm: CONFIRM }),
	bollinger: Object.freeze({ kind: 'bollinger', period: 20, deviations: 2, confirm: CONFIRM }),
	momentum: Object.freeze({ kind: 'momentum', period: 10, fullBps: 100, confirm: CONFIRM }),
	'book-imbalance': Object.freeze({ kind: 'book-imbalance', levels: 5, confirm: CONFIRM }),
} satisfies { readonly [Kind in ModelKind]: ModelSpec & { readonly kind: Kind } });

export const MODEL_KINDS = Object.keys(MODEL_DEFAULTS) as readonly ModelKind[];

/** The longest memory, two of these, fits the 1,000 bars that a venue gives in one answer. */
const PERIOD_MAX = 500;
const PERIOD = { min: 2, max: PERIOD_MAX, whole: true };
const FULL_BPS = { min: 0, max: 10_000, aboveMin: true };
const NEUTRAL = 50;

export function parseModelSpec(raw: unknown): ModelSpecRead {
	const reader = ParamReader.of(raw);
	const kind = reader.choice('kind', 'ema-cross', MODEL_KINDS);
	reader.require(reader.has('kind'), 'kind', `one of ${MODEL_KINDS.join(', ')}`);
	const confirm = reader.number('confirm', CONFIRM, { min: 1, max: 100, whole: true });
	const spec: ModelSpec = Object.freeze({ ...readParams(reader, kind), confirm });
	return reader.refusal ?? { kind: 'ok', spec };
}

function readParams(reader: ParamReader, kind: ModelKind) {
	switch (kind) {
		case 'sma-cross':
		case 'ema-cross': {
			const { fullBps, ...periods } = MODEL_DEFAULTS[kind];
			return { kind, ...readFastAndSlow(reader, periods), fullBps: reader.number('fullBps', fullBps, FULL_BPS) };
		}
		case 'rsi': {
			const { period, oversold, overbought } = MODEL_DEFAULTS[kind];
			return {
				kind,
				period: reader.number('period', period, PERIOD),
				oversold: reader.number('oversold', oversold, { min: 0, max: NEUTRAL - 1 }),
				overbought: reader.number('overbought', overbought, { min: NEUTRAL + 1, max: 100 }),
			};
		}
		case 'macd': {
			const { signal, fullBps, ...periods } = MODEL_DEFAULTS[kind];
			return {
				kind,
				...readFastAndSlow(reader, periods),
				signal: reader.number('signal', signal, PERIOD),
				fullBps: reader.number('fullBps', fullBps, FULL_BPS),
			};
		}
		case 'bollinger': {
			const { period, deviations } = MODEL_DEFAULTS[kind];
			return {
				kind,
				period: reader.number('period', period, PERIOD),
				deviations: reader.number('deviations', deviations, { min: 0, max: 10, aboveMin: true }),
			};
		}
		case 'momentum': {
			const { period, fullBps } = MODEL_DEFAULTS[kind];
			return {
				kind,
				period: reader.number('period', period, { ...PERIOD, min: 1 }),
				fullBps: reader.number('fullBps', fullBps, FULL_BPS),
			};
		}
		case 'book-imbalance':
			return { kind, levels: reader.number('levels', MODEL_DEFAULTS[kind].levels, { min: 1, max: 50, whole: true }) };
	}
}

function readFastAndSlow(reader: ParamReader, defaults: Pick<CrossParams, 'fast' | 'slow'>): Pick<CrossParams, 'fast' | 'slow'> {
	const fast = reader.number('fast', defaults.fast, { ...PERIOD, min: 1 });
	const slow = reader.number('slow', defaults.slow, PERIOD);
	reader.require(fast < slow, 'slow', `more than fast, which is ${fast}`);
	return { fast, slow };
}
