/**
 * The parameters of the ladder, in groups, each with a default. They are read once, from a record as the configuration
 * file has it; what is wrong is said by key. Distances are basis points (1/10000) of a price; amounts are lots or
 * notional in the quote currency, as their `unit` says.
 */
import { ParamReader, type ParamRefusal } from './param-reader.ts';

export type AmountUnit = 'lots' | 'notional';

/** How the size of a level follows from `perLevel`, the size of the level nearest the touch. */
export type SizeCurve =
	| { readonly kind: 'flat' }
	/** Each level is larger than the one before by `slope` times the first: 1, 1 + slope, 1 + 2 slope ... */
	| { readonly kind: 'linear'; readonly slope: number }
	/** Each level is `ratio` times the one before; below 1 sizes shrink outwards. */
	| { readonly kind: 'geometric'; readonly ratio: number };

export interface LadderParams {
	readonly levels: {
		/** Levels a side. */
		readonly count: number;
		/** From the reservation price to the first level. */
		readonly halfSpreadBps: number;
		/** From each level to the next. Levels stay a tick apart where this is less. */
		readonly stepBps: number;
	};
	readonly size: {
		readonly unit: AmountUnit;
		readonly perLevel: number;
		readonly curve: SizeCurve;
	};
	readonly inventory: {
		readonly unit: AmountUnit;
		/** Neither side's quotes, all filled, carry the position beyond it; the levels nearest the touch come first. */
		readonly limit: number;
		/** Shift of the reservation price against a position as large as the limit; in proportion below that. */
		readonly skewBps: number;
		/** Share of its size that the side that adds to such a position gives up, 0 to 1; in proportion below that. */
		readonly sizeSkew: number;
	};
	readonly edge: {
		/** What a fill must earn against fair value, after the maker fee and funding. Below 0 a loss is accepted. */
		readonly minEdgeBps: number;
		/** How long a fill is expected to be held. Funding is charged for that long where it is paid, not credited. */
		readonly holdingHours: number;
		/** The time that the venue's funding rate is for. */
		readonly fundingIntervalHours: number;
	};
	readonly fairValue: {
		/** Middle of the best prices, or those weighted by the depth opposite. Both without our own orders. */
		readonly price: 'mid' | 'micro';
		/** Levels a side, without our own, whose lots count as depth. */
		readonly depthLevels: number;
		/** Shift towards the thinner side when all depth lies on the other one. */
		readonly imbalanceShiftBps: number;
	};
	readonly signal: {
		/** The signal that is listened to; null for none. */
		readonly source: string | null;
		/** Shift of fair value when value and confidence are both 1. */
		readonly maxShiftBps: number;
		/** A signal stronger than this (value times confidence) keeps the side against it from quoting; 1 never does. */
		readonly vetoAbove: number;
	};
}

export type LadderParamsRead = { readonly kind: 'ok'; readonly params: LadderParams } | ParamRefusal;

/** What risk lets a symbol have is 40 open orders; 16 levels a side leave room for orders on their way out. */
const LADDER_LEVELS_MAX = 16;
const DEPTH_LEVELS_MAX = 20;

/**
 * For a liquid perpetual at the fees a new account pays (maker 2 bps): five levels of 100 a side, from 5 to 17 bps off.
 */
export const LADDER_DEFAULTS: LadderParams = Object.freeze({
	levels: Object.freeze({ count: 5, halfSpreadBps: 5, stepBps: 3 }),
	size: Object.freeze({ unit: 'notional', perLevel: 100, curve: Object.freeze({ kind: 'flat' }) }),
	inventory: Object.freeze({ unit: 'notional', limit: 1000, skewBps: 5, sizeSkew: 0 }),
	edge: Object.freeze({ minEdgeBps: 0, holdingHours: 1, fundingIntervalHours: 8 }),
	fairValue: Object.freeze({ price: 'mid', depthLevels: 5, imbalanceShiftBps: 0 }),
	signal: Object.freeze({ source: null, maxShiftBps: 0, vetoAbove: 1 }),
});

/** A distance of 10000 bps is a price of zero. */
const BPS = { min: 0, max: 10_000 };
const SHARE = { min: 0, max: 1 };
const AMOUNT = { min: 0, max: 1e15, aboveMin: true };
const UNITS = ['lots', 'notional'] as const;

export function parseLadderParams(raw: unknown): LadderParamsRead {
	const reader = ParamReader.of(raw);
	const params: LadderParams = Object.freeze({
		levels: readLevels(reader.group('levels')),
		size: readSize(reader.group('size')),
		inventory: readInventory(reader.group('inventory')),
		edge: readEdge(reader.group('edge')),
		fairValue: readFairValue(reader.group('fairValue')),
		signal: readSignal(reader.group('signal')),
	});
	return reader.refusal ?? { kind: 'ok', params };
}

function readLevels(group: ParamReader): LadderParams['levels'] {
	const defaults = LADDER_DEFAULTS.levels;
	const count = group.number('count', defaults.count, { min: 1, max: LADDER_LEVELS_MAX, whole: true });
	const halfSpreadBps = group.number('halfSpreadBps', defaults.halfSpreadBps, BPS);
	const stepBps = group.number('stepBps', defaults.stepBps, BPS);
	const farthestBps = halfSpreadBps + (count - 1) * stepBps;
	group.require(farthestBps < BPS.max, 'stepBps', `a last level less than ${BPS.max} bps away; it is ${farthestBps} bps away`);
	return Object.freeze({ count, halfSpreadBps, stepBps });
}

function readSize(group: ParamReader): LadderParams['size'] {
	const defaults = LADDER_DEFAULTS.size;
	return Object.freeze({
		unit: group.choice('unit', defaults.unit, UNITS),
		perLevel: group.number('perLevel', defaults.perLevel, AMOUNT),
		curve: readCurve(group.group('curve')),
	});
}

function readCurve(group: ParamReader): SizeCurve {
	const kind = group.choice('kind', LADDER_DEFAULTS.size.curve.kind, ['flat', 'linear', 'geometric']);
	if (kind === 'linear') return Object.freeze({ kind, slope: group.number('slope', 1, { min: 0, max: 100 }) });
	if (kind === 'geometric') return Object.freeze({ kind, ratio: group.number('ratio', 1.5, { min: 0.01, max: 10 }) });
	return Object.freeze({ kind });
}

function readInventory(group: ParamReader): LadderParams['inventory'] {
	const defaults = LADDER_DEFAULTS.inventory;
	return Object.freeze({
		unit: group.choice('unit', defaults.unit, UNITS),
		limit: group.number('limit', defaults.limit, AMOUNT),
		skewBps: group.number('skewBps', defaults.skewBps, { min: 0, max: 1000 }),
		sizeSkew: group.number('sizeSkew', defaults.sizeSkew, SHARE),
	});
}

function readEdge(group: ParamReader): LadderParams['edge'] {
	const defaults = LADDER_DEFAULTS.edge;
	return Object.freeze({
		minEdgeBps: group.number('minEdgeBps', defaults.minEdgeBps, { min: -1000, max: 1000 }),
		holdingHours: group.number('holdingHours', defaults.holdingHours, { min: 0, max: 24 * 30 }),
		fundingIntervalHours: group.number('fundingIntervalHours', defaults.fundingIntervalHours, {
			min: 0,
			max: 24,
			aboveMin: true,
		}),
	});
}

function readFairValue(group: ParamReader): LadderParams['fairValue'] {
	const defaults = LADDER_DEFAULTS.fairValue;
	return Object.freeze({
		price: group.choice('price', defaults.price, ['mid', 'micro']),
		depthLevels: group.number('depthLevels', defaults.depthLevels, { min: 1, max: DEPTH_LEVELS_MAX, whole: true }),
		imbalanceShiftBps: group.number('imbalanceShiftBps', defaults.imbalanceShiftBps, { min: 0, max: 1000 }),
	});
}

function readSignal(group: ParamReader): LadderParams['signal'] {
	const defaults = LADDER_DEFAULTS.signal;
	return Object.freeze({
		source: group.nameOrNull('source', defaults.source),
		maxShiftBps: group.number('maxShiftBps', defaults.maxShiftBps, { min: 0, max: 1000 }),
		vetoAbove: group.number('vetoAbove', defaults.vetoAbove, SHARE),
	});
}
