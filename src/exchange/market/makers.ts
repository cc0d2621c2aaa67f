/**
 * Other people's quotes. Touch makers keep a few small orders right beside the latent price and follow it at every
 * step; the deep maker fills the book behind them and follows lazily: a few orders a step, and those the price has run
 * over. Both are ordinary accounts with post-only orders; each slot holds at most one order, so the number of resting
 * orders is bounded by design.
 */
import type { Rng } from '../../ports/rng.ts';
import type { OrderSide } from '../core/book.ts';
import type { Exchange } from '../core/exchange.ts';
import type { Listing } from '../core/listing.ts';
import type { PlaceResult } from '../core/requests.ts';
import type { Crowd } from './crowd.ts';

export interface QuotedSymbol {
	readonly symbol: string;
	/** Its filters may change at any time. */
	readonly listing: Listing;
	readonly typicalLots: number;
	/** Distance of the best quotes from the latent price. */
	readonly halfSpreadTicks: number;
	/** Distance of the farthest quotes. */
	readonly depthTicks: number;
	readonly crowd: Crowd;
}

/** What one goes by at an instant. A touch price is 0 when its side is empty. */
interface Sight {
	readonly latentTicks: number;
	readonly bidTicks: number;
	readonly askTicks: number;
	readonly nowMs: number;
}

interface Slot {
	readonly accountId: string;
	readonly side: OrderSide;
	/** From the latent price, before jitter. */
	readonly distanceTicks: number;
	readonly wishedLots: number;
	orderId: string | null;
	priceTicks: number;
	filledLots: number;
}

const TOUCH_ACCOUNTS = ['market-touch-1', 'market-touch-2'] as const;
const DEEP_ACCOUNT = 'market-deep';
export const MAKER_ACCOUNTS: readonly string[] = [...TOUCH_ACCOUNTS, DEEP_ACCOUNT];

/** A deep quote moves when it is off by more than this share of its distance. */
const DEEP_SLACK = 0.15;

export class Makers {
	readonly #exchange: Exchange;
	readonly #rng: Rng;
	readonly #symbol: QuotedSymbol;
	readonly #touch: Record<OrderSide, Slot[]>;
	readonly #deep: Slot[];
	#deepTurn = 0;
	#deepReady = false;

	constructor(exchange: Exchange, rng: Rng, symbol: QuotedSymbol) {
		this.#exchange = exchange;
		this.#rng = rng;
		this.#symbol = symbol;
		this.#touch = { buy: this.#touchSlots('buy'), sell: this.#touchSlots('sell') };
		this.#deep = [...this.#deepSlots('buy'), ...this.#deepSlots('sell')];
	}

	/** The side the price moves into goes first: its quotes get out of the way before the others follow. */
	step(latentTicks: number, nowMs: number): void {
		const before = this.#sight(latentTicks, nowMs);
		const rising = latentTicks * 2 >= before.bidTicks + before.askTicks;
		for (const slot of this.#deep) if (isOverrun(slot, latentTicks)) this.#follow(slot, before, 0);
		for (const slot of this.#touch[rising ? 'sell' : 'buy']) this.#follow(slot, before, 0);
		const sight = this.#sight(latentTicks, nowMs);
		for (const slot of this.#touch[rising ? 'buy' : 'sell']) this.#follow(slot, sight, 0);
		const moves = this.#deepReady ? this.#symbol.crowd.deepMovesPerStep : this.#deep.length;
		this.#deepReady = true;
		for (let count = 0; count < moves; count += 1) {
			const slot = this.#deep[this.#deepTurn % this.#deep.length];
			this.#deepTurn += 1;
			if (slot !== undefined) this.#follow(slot, sight, Math.ceil(slot.distanceTicks * DEEP_SLACK));
		}
	}

	#sight(latentTicks: number, nowMs: number): Sight {
		const { bidTicks, askTicks } = this.#exchange.touch(this.#symbol.symbol);
		return { latentTicks, bidTicks, askTicks, nowMs };
	}

	#follow(slot: Slot, sight: Sight, slackTicks: number): void {
		const priceTicks = this.#target(slot, sight);
		if (priceTicks < 1) return;
		const known = slot.orderId !== null;
		if (known && slot.filledLots === 0 && Math.abs(priceTicks - slot.priceTicks) <= slackTicks) return;
		if (known && this.#move(slot, priceTicks, sight.nowMs)) return;
		const result = this.#exchange.place(
			{
				accountId: slot.accountId,
				symbol: this.#symbol.symbol,
				side: slot.side,
				type: 'limit',
				timeInForce: 'post-only',
				priceTicks,
				qtyLots: this.#symbol.listing.fitLots(Math.round(slot.wishedLots * (0.5 + this.#rng.next()))),
			},
			sight.nowMs,
		);
		remember(slot, result);
	}

	/** False if a new order is needed. */
	#move(slot: Slot, priceTicks: number, nowMs: number): boolean {
		const { accountId, orderId } = slot;
		if (orderId === null) return false;
		const named = { accountId, symbol: this.#symbol.symbol, order: { orderId } };
		const result = this.#exchange.amend({ ...named, priceTicks }, nowMs);
		if (result.kind === 'refused' && result.reason === 'amend-unchanged') return true;
		// An order that is half eaten makes room for a whole one.
		const worn = result.kind === 'accepted' && result.order.leavesLots * 2 < result.order.qtyLots;
		if (result.kind === 'accepted' && !worn) {
			remember(slot, result);
			return slot.orderId !== null;
		}
		this.#exchange.cancel(named, nowMs);
		slot.orderId = null;
		return false;
	}

	#target({ side, distanceTicks }: Slot, { latentTicks, bidTicks, askTicks }: Sight): number {
		const away = distanceTicks + this.#rng.below(2);
		const { listing } = this.#symbol;
		if (side === 'buy') {
			const wished = Math.floor(latentTicks - away);
			return listing.fitTicks(side, askTicks === 0 ? wished : Math.min(wished, askTicks - 1));
		}
		return listing.fitTicks(side, Math.max(Math.ceil(latentTicks + away), bidTicks + 1));
	}

	#touchSlots(side: OrderSide): Slot[] {
		const { halfSpreadTicks, typicalLots, crowd } = this.#symbol;
		return TOUCH_ACCOUNTS.slice(0, crowd.touchMakers).flatMap((accountId, maker) =>
			Array.from({ length: crowd.touchLevels }, (_, level) =>
				slotOf({ accountId, side, distanceTicks: halfSpreadTicks + 2 * level + maker, wishedLots: typicalLots * (1 + level) }),
			),
		);
	}

	/** Distances grow evenly in proportion from behind the touch to the full depth, and so do the sizes. */
	#deepSlots(side: OrderSide): Slot[] {
		const { halfSpreadTicks, depthTicks, typicalLots, crowd } = this.#symbol;
		const { touchLevels, deepLevels } = crowd;
		const nearTicks = halfSpreadTicks + 2 * touchLevels + 1;
		return Array.from({ length: deepLevels }, (_, level) => {
			const share = level / (deepLevels - 1);
			const distanceTicks = Math.round(nearTicks * (Math.max(depthTicks, 2 * nearTicks) / nearTicks) ** share);
			return slotOf({ accountId: DEEP_ACCOUNT, side, distanceTicks, wishedLots: typicalLots * (2 + 6 * share) });
		});
	}
}

/** The price has come nearer to this quote than half the distance it wants to keep. */
function isOverrun({ orderId, side, priceTicks, distanceTicks }: Slot, latentTicks: number): boolean {
	const awayTicks = side === 'buy' ? latentTicks - priceTicks : priceTicks - latentTicks;
	return orderId !== null && awayTicks * 2 < distanceTicks;
}

function slotOf(slot: { accountId: string; side: OrderSide; distanceTicks: number; wishedLots: number }): Slot {
	return { ...slot, orderId: null, priceTicks: 0, filledLots: 0 };
}

function remember(slot: Slot, result: PlaceResult): void {
	const open = result.kind === 'accepted' && result.order.leavesLots > 0;
	slot.orderId = open ? result.orderId : null;
	slot.priceTicks = result.kind === 'accepted' ? result.order.priceTicks : 0;
	slot.filledLots = result.kind === 'accepted' ? result.order.filledLots : 0;
}
