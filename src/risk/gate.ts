/**
 * HOT: the only way from a proposal to a command that can be sent (I12). Every create and amend passes the checks of
 * the PT list in their order, and the first that fails is the code of the refusal; each refusal is counted. Amounts are
 * compared in the worst case: everything live, in flight or unknown counts as filled (I3). Comparisons are written so
 * that a figure that is missing (NaN) refuses. Cancels never come here (I11).
 * Budget: bench/execution/tick.
 */
import type { AmendCommand, AmendProposal, PlaceCommand, PlaceProposal } from '../domain/command.ts';
import { stepsToNumber } from '../domain/grid.ts';
import type { Instrument } from '../domain/instrument.ts';
import { type Order, openLotsWorst } from '../domain/order.ts';
import type { OrderIdSource } from '../domain/order-id.ts';
import type { Side } from '../domain/side.ts';
import type { MonoMs, TimeMs } from '../domain/units.ts';
import { DENIAL_CODES, type DenialCode } from './denial.ts';
import type { AccountExposure, Exposure } from './exposure.ts';
import type { Funds } from './funds.ts';
import type { RiskLimits } from './limits.ts';
import { Refusals } from './refusals.ts';
import { SlotRates, slotKey } from './slot-rates.ts';
import { FilledTwins, isTwin } from './twins.ts';

/** What the gate looks at for one symbol. The engine keeps one per symbol and brings it up to date before asking. */
export interface GateScene {
	readonly nowMono: MonoMs;
	readonly wallMs: TimeMs;
	/** PT1: everything, only what shrinks a position, or nothing. */
	readonly allows: 'all' | 'reduceOnly' | 'nothing';
	readonly isSymbolAllowed: boolean;
	readonly instrumentAgeMs: number;
	/** Whole, two-sided, not crossed. */
	readonly isBookSound: boolean;
	readonly bookAgeMs: number;
	/** How far apart the venue's signs of life are where nothing moves. */
	readonly bookBeatMs: number;
	readonly midTwiceTicks: number;
	/** 0 where the venue publishes none. */
	readonly markTicks: number;
	readonly exposure: Exposure;
	/** Open orders of this symbol. */
	readonly openOrders: readonly Order[];
	readonly accountOrderCount: number;
	/** What buys and sells are paid from: the same for both on derivatives, quote and base coin on spot. */
	readonly buyFunds: Funds;
	readonly sellFunds: Funds;
	/** Undefined until the venue has said; then nothing is traded on margin. */
	readonly equity: number | undefined;
	readonly isPositionModeRight: boolean;
	readonly clockOffsetMs: number;
	readonly journalDelayMs: number;
	/** How many more commands of its verb the venue takes from orders that no plan has counted; infinite without a limit. */
	readonly rateRoom: number;
	/** What is left of the order that this one is a part of (PT23); infinite for one that stands for itself. */
	readonly parentRoomLots: number;
}

/** What a place and an amend have in common for the checks. */
interface Candidate {
	readonly instrument: Instrument;
	readonly side: Side;
	readonly priceTicks: number;
	/** Total quantity, and how much of it is new risk compared with what is counted already. */
	readonly qtyLots: number;
	readonly openLots: number;
	readonly addedLots: number;
	/** What one lot counts in a position: at the mid if that is dearer, so that cheap bids do not stretch a limit. */
	readonly worthOfLot: number;
	readonly isMaker: boolean;
	readonly reduceOnly: boolean;
	readonly quoter: number;
	readonly slot: number;
	/** The order being amended, which is not its own rival. */
	readonly self: Order | undefined;
}

export type Approval<C> =
	| { readonly kind: 'approved'; readonly command: C }
	| { readonly kind: 'denied'; readonly code: DenialCode };

export class Gate {
	readonly denials: Record<DenialCode, number> = Object.fromEntries(DENIAL_CODES.map((code) => [code, 0])) as Record<
		DenialCode,
		number
	>;
	approvedCount = 0;
	limits: RiskLimits;
	readonly #account: AccountExposure;
	readonly #ids: OrderIdSource;
	readonly #rates = new SlotRates();
	readonly #filled = new FilledTwins();
	/** Told by whoever hears what the venue refuses. */
	readonly refusals = new Refusals();

	constructor(options: { limits: RiskLimits; account: AccountExposure; ids: OrderIdSource }) {
		this.limits = options.limits;
		this.#account = options.account;
		this.#ids = options.ids;
	}

	/** It is over because it filled. */
	rememberFilled(order: Order): void {
		this.#filled.remember(order);
	}

	approvePlace(proposal: PlaceProposal, scene: GateScene): Approval<PlaceCommand> {
		const { instrument, side, orderType, timeInForce, reduceOnly, priceTicks, qtyLots, quoter, slot, parent } = proposal;
		const candidate = candidateOf(proposal, scene);
		const code = this.#check(candidate, scene);
		if (code !== undefined) return this.#deny(code);
		this.#approve(candidate, scene);
		const orderId = this.#ids.next(instrument.symbol, side, scene.wallMs);
		const command = {
			kind: 'place',
			instrument,
			quoter,
			slot,
			side,
			orderType,
			timeInForce,
			reduceOnly,
			priceTicks,
			qtyLots,
			parent,
			orderId,
		};
		return { kind: 'approved', command: command as PlaceCommand };
	}

	/** What it would say, and nothing comes of it. */
	wouldDeny(proposal: PlaceProposal, scene: GateScene): DenialCode | undefined {
		return this.#check(candidateOf(proposal, scene), scene);
	}

	approveAmend(proposal: AmendProposal, order: Order, scene: GateScene): Approval<AmendCommand> {
		const { instrument, priceTicks, qtyLots } = proposal;
		const candidate: Candidate = {
			instrument,
			side: order.side,
			priceTicks,
			qtyLots,
			openLots: qtyLots - order.filledLots,
			addedLots: Math.max(0, qtyLots - Math.max(order.qtyLots, order.pendingQtyLots)),
			worthOfLot: worthOfLot(instrument, priceTicks, scene),
			isMaker: order.timeInForce === 'postOnly',
			reduceOnly: order.reduceOnly,
			quoter: order.quoter,
			slot: order.slot,
			self: order,
		};
		const code = this.#check(candidate, scene);
		if (code !== undefined) return this.#deny(code);
		this.#approve(candidate, scene);
		return {
			kind: 'approved',
			command: { kind: 'amend', instrument, orderId: order.orderId, priceTicks, qtyLots } as AmendCommand,
		};
	}

	#check(order: Candidate, scene: GateScene): DenialCode | undefined {
		const { instrument } = order;
		if (scene.allows === 'nothing' || (scene.allows === 'reduceOnly' && !order.reduceOnly)) return 'PT1';
		if (!scene.isSymbolAllowed || instrument.status !== 'trading') return 'PT2';
		if (!(scene.instrumentAgeMs <= this.limits.instrumentAgeMsMax)) return 'PT3';
		if (!scene.isBookSound || !(scene.bookAgeMs <= Math.max(this.limits.bookAgeMsMax, scene.bookBeatMs))) return 'PT4';
		// The format comes before its number in the list, since all that follows computes with these figures (I13).
		if (!isWhole(order.priceTicks) || !isWhole(order.qtyLots) || !(order.openLots > 0)) return 'PT19';
		return (
			this.#checkPrice(order, scene) ??
			this.#checkSize(order, scene) ??
			this.#checkAccount(order, scene) ??
			this.#checkState(order, scene)
		);
	}

	#checkPrice(order: Candidate, scene: GateScene): DenialCode | undefined {
		const { priceTicks, instrument } = order;
		const { midTwiceTicks, markTicks } = scene;
		const collar = order.isMaker ? this.limits.quoteCollar : this.limits.exitCollar;
		if (!isNear(2 * priceTicks, midTwiceTicks, collar)) return 'PT5';
		if (priceTicks < instrument.priceTicksMin || priceTicks > instrument.priceTicksMax) return 'PT5';
		if (markTicks !== 0 && !isNear(midTwiceTicks, 2 * markTicks, this.limits.markCollar)) return 'PT5';
		for (const other of scene.openOrders) if (crosses(order, other)) return 'PT6';
		return undefined;
	}

	#checkSize(order: Candidate, { exposure }: GateScene): DenialCode | undefined {
		const { instrument, priceTicks, qtyLots } = order;
		const worth = qtyLots * (priceTicks * instrument.tickLotNumber) * exposure.quoteRate;
		if (!(worth <= this.limits.orderNotionalMax)) return 'PT7';
		if (qtyLots > instrument.qtyLotsMax) return 'PT8';
		if (qtyLots < instrument.qtyLotsMin) return 'PT9';
		const skipsMin = order.reduceOnly && instrument.reduceOnlySkipsNotionalMin;
		return !skipsMin && priceTicks * qtyLots < instrument.notionalTickLotsMin ? 'PT9' : undefined;
	}

	#checkAccount(order: Candidate, scene: GateScene): DenialCode | undefined {
		const { exposure } = scene;
		if (order.addedLots > 0) {
			// Reduce-only orders count as well: beside other open orders of their side they too can take us too far.
			if (!(lotsBesideOthers(order, exposure) * order.worthOfLot <= this.limits.positionNotionalMax)) return 'PT10';
			const grown = grownNotional(order, exposure);
			if (grown > 0 && !(this.#account.gross + grown <= this.limits.grossNotionalMax)) return 'PT11';
			// But whoever leaves one leg of a hedge is not held back by the legs that remain.
			const net = order.side === 'buy' ? this.#account.netLong : -this.#account.netShort;
			const netAfter = net + order.addedLots * order.worthOfLot;
			if (!order.reduceOnly && !(netAfter <= this.limits.netNotionalMax)) return 'PT11';
		}
		if (order.self === undefined) {
			if (!(exposure.orderCount < this.limits.openOrdersPerSymbolMax)) return 'PT12';
			if (!(scene.accountOrderCount < this.limits.openOrdersMax)) return 'PT12';
		}
		return undefined;
	}

	#checkState(order: Candidate, scene: GateScene): DenialCode | undefined {
		// Those of a plan have drawn on the budget already.
		if (order.quoter < 0 && !(scene.rateRoom >= 1)) return 'PT13';
		if (order.quoter >= 0 && !this.#mayAct(order, scene.nowMono)) return 'PT14';
		if (this.#hasTwin(order, scene)) return 'PT15';
		if (order.reduceOnly) {
			if (!(order.openLots <= reducibleLots(order, scene))) return 'PT18';
		} else if (order.addedLots > 0) {
			const funds = order.side === 'buy' ? scene.buyFunds : scene.sellFunds;
			if (!(funds.free >= this.#costOf(order) * this.limits.freeMarginFactor)) return 'PT17';
			if (isLeveraged(order.instrument)) {
				const grossAfter = this.#account.gross + grownNotional(order, scene.exposure);
				if (!(grossAfter <= this.limits.leverageMax * (scene.equity ?? Number.NaN))) return 'PT17';
			}
		}
		if (!scene.isPositionModeRight) return 'PT20';
		if (!(Math.abs(scene.clockOffsetMs) <= this.limits.clockOffsetMsMax)) return 'PT21';
		if (!(scene.journalDelayMs <= this.limits.journalDelayMsMax)) return 'PT22';
		return order.addedLots <= scene.parentRoomLots ? undefined : 'PT23';
	}

	/** An amend that is refused leads to a create, so creates alone wait for what the venue refused before. */
	#mayAct(order: Candidate, nowMono: MonoMs): boolean {
		const key = slotKey(order);
		if (!this.#rates.mayAct(key, nowMono, this.limits)) return false;
		return order.self !== undefined || this.refusals.mayTry(key, order, nowMono);
	}

	#hasTwin(order: Candidate, { openOrders, nowMono }: GateScene): boolean {
		const sinceMono = nowMono - this.limits.twinWindowMs;
		for (const other of openOrders) {
			if (other !== order.self && other.changedAtMono > sinceMono && isTwin(order, other)) return true;
		}
		return this.#filled.has(order, sinceMono);
	}

	/** What the added part takes from the funds of its side: margin, or on spot the coins themselves. */
	#costOf(order: Candidate): number {
		const { instrument, addedLots } = order;
		if (instrument.category === 'spot' && order.side === 'sell') return stepsToNumber(instrument.qtyGrid, addedLots);
		return (addedLots * order.priceTicks * instrument.tickLotNumber) / (isLeveraged(instrument) ? this.limits.leverageMax : 1);
	}

	#approve(order: Candidate, scene: GateScene): void {
		this.approvedCount += 1;
		if (order.quoter >= 0) this.#rates.count(slotKey(order), scene.nowMono);
		if (order.addedLots === 0) return;
		this.#account.reserve(order.addedLots * order.worthOfLot, order.side);
		// On margin the venue need not speak when an order comes or goes, so what we reserved might never be given back;
		// there the worst case of all orders is held against equity instead.
		if (order.reduceOnly || isLeveraged(order.instrument)) return;
		(order.side === 'buy' ? scene.buyFunds : scene.sellFunds).reserve(this.#costOf(order));
	}

	#deny(code: DenialCode): { readonly kind: 'denied'; readonly code: DenialCode } {
		this.denials[code] += 1;
		return { kind: 'denied', code };
	}
}

function candidateOf(proposal: PlaceProposal, scene: GateScene): Candidate {
	const { instrument, side, timeInForce, reduceOnly, priceTicks, qtyLots, quoter, slot } = proposal;
	return {
		instrument,
		side,
		priceTicks,
		qtyLots,
		openLots: qtyLots,
		addedLots: qtyLots,
		worthOfLot: worthOfLot(instrument, priceTicks, scene),
		isMaker: timeInForce === 'postOnly',
		reduceOnly,
		quoter,
		slot,
		self: undefined,
	};
}

function worthOfLot(instrument: Instrument, priceTicks: number, scene: GateScene): number {
	return Math.max(priceTicks, scene.midTwiceTicks / 2) * instrument.tickLotNumber * scene.exposure.quoteRate;
}

/** The position if this order and all open ones of ours on its side fill, counted in the direction of its side. */
function worstLots({ side, addedLots }: Candidate, exposure: Exposure): number {
	return side === 'buy' ? exposure.worstLong + addedLots : addedLots - exposure.worstShort;
}

/**
 * With what others have open on its side (F76), but for an order that at most brings the position back to flat: the way
 * out is open to quotes as well, which are never marked reduce-only.
 */
function lotsBesideOthers(order: Candidate, exposure: Exposure): number {
	const lots = worstLots(order, exposure);
	if (order.reduceOnly || lots <= 0) return lots;
	return lots + (order.side === 'buy' ? exposure.foreignBuyLots : exposure.foreignSellLots);
}

/** By how much the worst case of the symbol rises; nothing while the other side's worst case is the larger one. */
function grownNotional(order: Candidate, exposure: Exposure): number {
	return Math.max(0, worstLots(order, exposure) - exposure.worstLots) * order.worthOfLot;
}

/** Within a share of a reference; nothing is near a reference that is not known. */
function isNear(price: number, reference: number, share: number): boolean {
	return reference < Number.POSITIVE_INFINITY && Math.abs(price - reference) <= share * reference;
}

/** Against both versions of an order of ours that is being amended. */
function crosses(order: Candidate, other: Order): boolean {
	if (other.side === order.side) return false;
	return order.side === 'buy'
		? order.priceTicks >= Math.min(other.priceTicks, other.pendingPriceTicks)
		: order.priceTicks <= Math.max(other.priceTicks, other.pendingPriceTicks);
}

/** What is left of the position once all that already shrinks it has filled. */
function reducibleLots(order: Candidate, { exposure, openOrders }: GateScene): number {
	let lots = order.side === 'buy' ? -exposure.positionLots : exposure.positionLots;
	for (const other of openOrders) {
		if (other !== order.self && other.reduceOnly && other.side === order.side) lots -= Math.max(0, openLotsWorst(other));
	}
	return lots;
}

function isWhole(value: number): boolean {
	return Number.isSafeInteger(value) && value > 0;
}

function isLeveraged(instrument: Instrument): boolean {
	return instrument.category !== 'spot';
}
