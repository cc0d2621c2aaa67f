/**
 * What `npm start` runs without a configuration: four perpetuals of a synthetic market, quoted by the ladder, at the
 * fees of a market-maker tier. The values show an engine at work; they are no advice.
 */
import { ENGINE_SETTINGS, type EngineSettings } from '../engine/settings.ts';
import { FOUR_MARKETS, FOUR_PERPETUALS } from '../exchange/market/preset.ts';
import { LADDER_DEFAULTS, type LadderParams, ladder } from '../strategy/index.ts';

const LADDER: LadderParams = {
	...LADDER_DEFAULTS,
	levels: { count: 5, halfSpreadBps: 1.5, stepBps: 1 },
	size: { unit: 'notional', perLevel: 2_000, curve: { kind: 'flat' } },
	inventory: { unit: 'notional', limit: 25_000, skewBps: 2, sizeSkew: 0.5 },
	edge: { minEdgeBps: 0.2, holdingHours: 0.1, fundingIntervalHours: 8 },
	fairValue: { price: 'micro', depthLevels: 5, imbalanceShiftBps: 0 },
};

const SETTINGS: EngineSettings = {
	...ENGINE_SETTINGS,
	// The grids are fine: a quote that is this near to its wish keeps its place in the queue.
	policy: { ...ENGINE_SETTINGS.policy, keepToleranceTicks: 2 },
};

/** Those of a market maker's tier. */
const FEES = { maker: '0', taker: '0.0003' };

export const DEMO = {
	listings: FOUR_PERPETUALS.map((listing) => ({ ...listing, makerFeeRate: FEES.maker, takerFeeRate: FEES.taker })),
	fees: FEES,
	markets: FOUR_MARKETS,
	strategy: ladder(LADDER),
	settings: SETTINGS,
	delays: { requestMs: 2, responseMs: 2, streamMs: 2 },
	journalMs: 0.5,
	capital: '100000',
	/** The venue's default rates are for beginners: a market maker of some size has twenty times as much. */
	limitFactor: 20,
} as const;
