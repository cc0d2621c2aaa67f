/**
 * What the ladder means, said as simply as it can be: the specification that the fast one in ladder.ts is held to.
 * It builds arrays and closures in every call and is for tests only. Sizes and parameters are shared with the fast one.
 */
import type { Side } from '../domain/side.ts';
import type { Lots, Ticks } from '../domain/units.ts';
import { SCANNED_LEVELS_MAX } from './fair-value.ts';
import type { LadderState } from './ladder.ts';
import type { LadderParams } from './ladder-params.ts';
import { curveWeights, growingShare, inventoryFill, lotsOfAmount, signalStrength } from './ladder-sizes.ts';
import type { InstrumentView, NoQuoteReason, Strategy } from './strategy.ts';

interface Level {
	readonly ticks: number;
	readonly lots: number;
}

interface Market {
	readonly bids: readonly Level[];
	readonly asks: readonly Level[];
	readonly fairTicks: number;
	readonly strength: number;
}

interface Wish {
	readonly level: number;
	readonly price: number;
	readonly lots: number;
}

export function plainLadder(params: LadderParams): Strategy<LadderState> {
	return {
		name: 'ladder',
		init: () => ({}),
		onEvent: () => undefined,
		quote({ subject }, _state, out) {
			const market = readMarket(params, subject);
			if (market !== undefined) out.pricedFrom(market.fairTicks, stanceOf(params, subject, market).reservationTicks);
			for (const side of ['buy', 'sell'] as const) {
				const wished = wishes(params, subject, side);
				if (typeof wished === 'string') out.noQuote(side, wished);
				else for (const { level, price, lots } of wished) out.quote(side, level, price as Ticks, lots as Lots);
			}
		},
	};
}

function wishes(params: LadderParams, view: InstrumentView, side: Side): readonly Wish[] | NoQuoteReason {
	const market = readMarket(params, view);
	if (market === undefined) return 'book-not-trusted';
	const { instrument, positionLotsSigned } = view;
	const { inventory, signal, size } = params;
	const { strength } = market;
	if ((side === 'buy' ? -strength : strength) > signal.vetoAbove) return 'signal-veto';

	const { limitLots, fill, reservationTicks } = stanceOf(params, view, market);
	const share = growingShare(inventory.sizeSkew, side === 'buy' ? fill : -fill);
	let roomLots = side === 'buy' ? limitLots - positionLotsSigned : limitLots + positionLotsSigned;
	if (roomLots <= 0) return 'inventory-limit';

	const prices = priceLevels(params, view, market, reservationTicks, side);
	if (typeof prices === 'string') return prices;
	const weights = curveWeights(size.curve, params.levels.count);
	const wished: Wish[] = [];
	let reason: NoQuoteReason = 'size-below-minimum';
	for (const [level, price] of prices.entries()) {
		const amount = (weights[level] ?? 0) * size.perLevel * share;
		const full = Math.min(lotsOfAmount(size.unit, amount, price * instrument.tickLotNumber), instrument.qtyLotsMax);
		const lots = Math.min(full, roomLots);
		if (lots >= instrument.qtyLotsMin && price * lots >= instrument.notionalTickLotsMin) {
			wished.push({ level, price, lots });
			roomLots -= lots;
			if (roomLots === 0) break;
		} else if (lots < full) reason = 'inventory-limit';
	}
	return wished.length > 0 ? wished : reason;
}

/** How full we are, and the price around which that makes us quote. */
function stanceOf({ inventory }: LadderParams, { instrument, positionLotsSigned }: InstrumentView, { fairTicks }: Market) {
	const limitLots = lotsOfAmount(inventory.unit, inventory.limit, fairTicks * instrument.tickLotNumber);
	const fill = inventoryFill(positionLotsSigned, limitLots);
	return { limitLots, fill, reservationTicks: fairTicks * (1 - fill * inventory.skewBps * 1e-4) };
}

/** Prices of the levels from the touch outwards, as many as lie in the band, or why none does. */
function priceLevels(
	{ levels, edge }: LadderParams,
	{ instrument, fundingRate }: InstrumentView,
	{ bids, asks, fairTicks }: Market,
	reservation: number,
	side: Side,
): readonly number[] | NoQuoteReason {
	const fee = instrument.makerFeeE8 * 1e-8;
	const funding = fundingRate * (edge.holdingHours / edge.fundingIntervalHours);
	const minEdge = edge.minEdgeBps * 1e-4;
	const highestEarning = Math.floor((fairTicks * (1 - minEdge - Math.max(funding, 0))) / (1 + fee));
	const lowestEarning = Math.ceil((fairTicks * (1 + minEdge + Math.max(-funding, 0))) / (1 - fee));
	const { priceTicksMin: lowest, priceTicksMax: highest } = instrument;
	const isIn = (price: number) => price >= lowest && price <= highest;
	const earns = (price: number) => (side === 'buy' ? price <= highestEarning : price >= lowestEarning);

	const prices: number[] = [];
	for (let level = 0; level < levels.count; level++) {
		const distance = (levels.halfSpreadBps + level * levels.stepBps) * 1e-4;
		const last = prices.at(-1);
		const wished =
			side === 'buy'
				? Math.min(
						Math.floor(reservation * (1 - distance)),
						Math.floor(reservation),
						(asks[0]?.ticks ?? 0) - 1,
						highest,
						last === undefined ? Number.POSITIVE_INFINITY : last - 1,
					)
				: Math.max(
						Math.ceil(reservation * (1 + distance)),
						Math.floor(reservation) + 1,
						(bids[0]?.ticks ?? Number.POSITIVE_INFINITY) + 1,
						lowest,
						last === undefined ? 0 : last + 1,
					);
		const price = earns(wished) ? wished : side === 'buy' ? highestEarning : lowestEarning;
		if (isIn(price)) prices.push(price);
		else if (prices.length > 0) break;
		else return isIn(wished) ? 'edge-too-small' : 'out-of-band';
	}
	return prices;
}

function readMarket({ fairValue, signal }: LadderParams, view: InstrumentView): Market | undefined {
	const bids = foreignLevels(view, 'buy', fairValue.depthLevels);
	const asks = foreignLevels(view, 'sell', fairValue.depthLevels);
	const [bid] = bids;
	const [ask] = asks;
	if (!view.isBookTrusted || bid === undefined || ask === undefined || bid.ticks >= ask.ticks) return undefined;
	const bidLots = bids.reduce((sum, { lots }) => sum + lots, 0);
	const askLots = asks.reduce((sum, { lots }) => sum + lots, 0);
	const mid = (bid.ticks + ask.ticks) / 2;
	const micro = bid.ticks + ((ask.ticks - bid.ticks) * bidLots) / (bidLots + askLots);
	const strength = signal.source === null ? 0 : signalStrength(view.signal(signal.source));
	const imbalance = (bidLots - askLots) / (bidLots + askLots);
	const shiftBps = imbalance * fairValue.imbalanceShiftBps + strength * signal.maxShiftBps;
	return { bids, asks, strength, fairTicks: (fairValue.price === 'micro' ? micro : mid) * (1 + shiftBps * 1e-4) };
}

/** The best levels that somebody else has lots in, without our part of them. */
function foreignLevels(view: InstrumentView, side: Side, depthLevels: number): readonly Level[] {
	const { book } = view;
	const count = Math.min(side === 'buy' ? book.bidCount : book.askCount, SCANNED_LEVELS_MAX);
	return Array.from({ length: count }, (_, index) => {
		const ticks = side === 'buy' ? book.bidTicksAt(index) : book.askTicksAt(index);
		return { ticks, lots: book.lotsAt(side === 'buy' ? 'bid' : 'ask', ticks) - view.ownLotsAt(side, ticks) };
	})
		.filter(({ lots }) => lots > 0)
		.slice(0, depthLevels);
}
