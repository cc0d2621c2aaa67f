/**
 * HOT: runs for every quoter in every tick. Several levels a side at fixed distances from a reservation price, which is
 * fair value moved against our inventory. Budget: bench/execution/tick. Fence: this file and fair-value.ts reuse
 * scratch objects between calls and hand numbers to the sink only. Twin: ladder-plain.ts, ladder.suite.ts for both.
 * Promises: quotes never cross the market or each other, lie on the grid and in the venue's band, earn `minEdgeBps`
 * against fair value, and filled all together do not carry the position past its limit. NaN anywhere means no quote.
 *
 *   asks   fair + edge ≤ ask0 < ask1 < ...      rounded up
 *   fair ──────────────────────────────────     reservation = fair, lowered when long, raised when short
 *   bids   fair - edge ≥ bid0 > bid1 > ...      rounded down
 */
import type { EngineEvent } from '../domain/event.ts';
import type { Instrument } from '../domain/instrument.ts';
import type { Side } from '../domain/side.ts';
import type { Lots, Ticks } from '../domain/units.ts';
import { type ForeignTop, imbalanceOf, microTicks, midTicks, readForeignTop } from './fair-value.ts';
import { type AmountUnit, type LadderParams, parseLadderParams } from './ladder-params.ts';
import { curveWeights, growingShare, inventoryFill, lotsOfAmount, signalStrength } from './ladder-sizes.ts';
import type { NoQuoteReason, Strategy, TargetSink, Views } from './strategy.ts';

/** The ladder remembers nothing: each call answers from what it sees. */
export type LadderState = Readonly<Record<string, never>>;

const BPS = 1e-4;
const E8 = 1e-8;

/** Throws on parameters that `parseLadderParams` refuses; whoever reads them from outside parses them first. */
export function ladder(params: LadderParams): Strategy<LadderState> {
	const read = parseLadderParams(params);
	if (read.kind === 'refused') throw new RangeError(`ladder: ${read.key} is ${read.found}, expected ${read.expected}`);
	return new Ladder(read.params);
}

/**
 * One side as the level loop sees it. Prices are keys: a bid's price as it is, an ask's price negated, so that on both
 * sides the larger key is nearer the touch, rounding away from it is `floor`, and one loop serves both.
 */
interface SideWish {
	side: Side;
	sign: 1 | -1;
	/** Distance of each level as a factor of the reservation price. */
	factors: Float64Array;
	reservationTicks: number;
	/** Nearest key at which a fill still earns its edge. */
	edgeKey: number;
	/** Nearest key that neither crosses the market nor leaves the band nor reaches the other side of our own. */
	nearestKey: number;
	farthestKey: number;
	/** Lots by which the position may still change in this direction. */
	roomLots: number;
	/** Share of its size that inventory leaves to this side. */
	sizeShare: number;
}

class Ladder implements Strategy<LadderState> {
	readonly name = 'ladder';
	readonly params: LadderParams;
	readonly #bidFactors: Float64Array;
	readonly #askFactors: Float64Array;
	/** Lots or notional of each level, as `size.unit` says. */
	readonly #amounts: Float64Array;
	readonly #minEdge: number;
	readonly #fundingShare: number;
	readonly #top: ForeignTop = { bidTicks: 0, bidDepthLots: 0, askTicks: 0, askDepthLots: 0 };
	readonly #bids: SideWish;
	readonly #asks: SideWish;

	constructor(params: LadderParams) {
		const { levels, size, edge } = params;
		this.params = params;
		this.#bidFactors = new Float64Array(levels.count);
		this.#askFactors = new Float64Array(levels.count);
		for (let level = 0; level < levels.count; level++) {
			const distance = (levels.halfSpreadBps + level * levels.stepBps) * BPS;
			this.#bidFactors[level] = 1 - distance;
			this.#askFactors[level] = 1 + distance;
		}
		this.#amounts = curveWeights(size.curve, levels.count).map((weight) => weight * size.perLevel);
		this.#minEdge = edge.minEdgeBps * BPS;
		this.#fundingShare = edge.holdingHours / edge.fundingIntervalHours;
		this.#bids = emptyWish('buy', 1, this.#bidFactors);
		this.#asks = emptyWish('sell', -1, this.#askFactors);
	}

	init(_subject: Instrument): LadderState {
		return {};
	}

	onEvent(_event: EngineEvent, _state: LadderState): void {}

	quote(views: Views, _state: LadderState, out: TargetSink): void {
		const view = views.subject;
		const top = this.#top;
		const { inventory, fairValue, signal } = this.params;
		if (!view.isBookTrusted || !readForeignTop(view, fairValue.depthLevels, top)) {
			out.noQuote('buy', 'book-not-trusted');
			out.noQuote('sell', 'book-not-trusted');
			return;
		}
		const { instrument, positionLotsSigned } = view;
		const strength = signal.source === null ? 0 : signalStrength(view.signal(signal.source));
		const base = fairValue.price === 'micro' ? microTicks(top) : midTicks(top);
		const shiftBps = imbalanceOf(top) * fairValue.imbalanceShiftBps + strength * signal.maxShiftBps;
		const fairTicks = base * (1 + shiftBps * BPS);
		const limitLots = lotsOfAmount(inventory.unit, inventory.limit, fairTicks * instrument.tickLotNumber);
		const fill = inventoryFill(positionLotsSigned, limitLots);
		const reservationTicks = fairTicks * (1 - fill * inventory.skewBps * BPS);
		out.pricedFrom(fairTicks, reservationTicks);
		const fee = instrument.makerFeeE8 * E8;
		const funding = view.fundingRate * this.#fundingShare;

		const bids = this.#bids;
		bids.reservationTicks = reservationTicks;
		bids.edgeKey = Math.floor((fairTicks * (1 - this.#minEdge - Math.max(funding, 0))) / (1 + fee));
		bids.nearestKey = Math.min(top.askTicks - 1, Math.floor(reservationTicks), instrument.priceTicksMax);
		bids.farthestKey = instrument.priceTicksMin;
		bids.roomLots = limitLots - positionLotsSigned;
		bids.sizeShare = growingShare(inventory.sizeSkew, fill);
		if (-strength > signal.vetoAbove) out.noQuote('buy', 'signal-veto');
		else this.#quoteSide(bids, instrument, out);

		// Where the reservation price is a whole tick and the half spread zero, the bid takes it and the ask the next.
		const asks = this.#asks;
		asks.reservationTicks = reservationTicks;
		asks.edgeKey = -Math.ceil((fairTicks * (1 + this.#minEdge + Math.max(-funding, 0))) / (1 - fee));
		asks.nearestKey = -Math.max(top.bidTicks + 1, Math.floor(reservationTicks) + 1, instrument.priceTicksMin);
		asks.farthestKey = -instrument.priceTicksMax;
		asks.roomLots = limitLots + positionLotsSigned;
		asks.sizeShare = growingShare(inventory.sizeSkew, -fill);
		if (strength > signal.vetoAbove) out.noQuote('sell', 'signal-veto');
		else this.#quoteSide(asks, instrument, out);
	}

	#quoteSide(wish: SideWish, instrument: Instrument, out: TargetSink): void {
		const { side, sign, factors, farthestKey } = wish;
		const { unit } = this.params.size;
		const towards = sign * wish.reservationTicks;
		let room = wish.roomLots;
		let key = Math.min(wish.nearestKey, wish.edgeKey) + 1;
		let quotedCount = 0;
		let reason: NoQuoteReason = room > 0 ? 'size-below-minimum' : 'inventory-limit';
		for (let level = 0; level < factors.length && room > 0; level++) {
			const distantKey = Math.floor(towards * (factors[level] as number));
			key = Math.min(distantKey, key - 1);
			// Written so that NaN ends the side as well. All further levels lie farther out.
			if (!(key >= farthestKey)) {
				if (level === 0) reason = Math.min(distantKey, wish.nearestKey) >= farthestKey ? 'edge-too-small' : 'out-of-band';
				break;
			}
			const price = key * sign;
			const wished = this.#levelLots(level, unit, price, wish.sizeShare, instrument);
			const lots = Math.min(wished, room);
			if (lots >= instrument.qtyLotsMin && price * lots >= instrument.notionalTickLotsMin) {
				out.quote(side, level, price as Ticks, lots as Lots);
				quotedCount++;
				room -= lots;
			} else if (lots < wished) {
				reason = 'inventory-limit';
			}
		}
		if (quotedCount === 0) out.noQuote(side, reason);
	}

	/** By its own price, so that a level which stays where it is keeps its size. */
	#levelLots(level: number, unit: AmountUnit, price: number, share: number, instrument: Instrument): number {
		const amount = (this.#amounts[level] as number) * share;
		return Math.min(lotsOfAmount(unit, amount, price * instrument.tickLotNumber), instrument.qtyLotsMax);
	}
}

function emptyWish(side: Side, sign: 1 | -1, factors: Float64Array): SideWish {
	return {
		side,
		sign,
		factors,
		reservationTicks: Number.NaN,
		edgeKey: Number.NaN,
		nearestKey: Number.NaN,
		farthestKey: Number.NaN,
		roomLots: Number.NaN,
		sizeShare: Number.NaN,
	};
}
