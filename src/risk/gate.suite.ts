/** What the tests of the gate share: orders, scenes and questions in which all is well unless a test says otherwise. */
import { expect } from 'vitest';
import { makeTestInstrument, type TestInstrument } from '../../test/fixtures/instruments.ts';
import type { AmendCommand, PlaceCommand, PlaceProposal } from '../domain/command.ts';
import type { Instrument } from '../domain/instrument.ts';
import { DESK, type Order } from '../domain/order.ts';
import { type OrderId, type OrderIdMark, OrderIdSource, runTagOf } from '../domain/order-id.ts';
import { type Lots, lots, monoMs, type Ticks, ticks, timeMs } from '../domain/units.ts';
import type { DenialCode } from './denial.ts';
import { AccountExposure, Exposure } from './exposure.ts';
import { Funds } from './funds.ts';
import { type Approval, Gate, type GateScene } from './gate.ts';
import { RISK_LIMITS, type RiskLimits } from './limits.ts';

export const NOW_MONO = monoMs(1_000_000);
export const NOW_WALL = timeMs(1_767_225_600_000);

type Numbers = 'priceTicks' | 'qtyLots' | 'pendingPriceTicks' | 'pendingQtyLots' | 'filledLots' | 'reportedFilledLots';
export type TestOrder = Partial<Omit<Order, Numbers | 'changedAtMono'> & Record<Numbers | 'changedAtMono', number>>;

/** A live buy of ours; pending values follow the standing ones unless said. */
export function makeTestOrder(instrument: Instrument, order: TestOrder = {}): Order {
	const { priceTicks = 990, qtyLots = 10, filledLots = 0 } = order;
	return {
		orderId: 'TEST-Buy-1767225600000-1-1000' as OrderId,
		instrument,
		quoter: DESK,
		slot: DESK,
		side: 'buy',
		orderType: 'limit',
		timeInForce: 'postOnly',
		reduceOnly: false,
		state: 'live',
		venueOrderId: 'v1',
		intendedAtMs: timeMs(NOW_WALL - 60_000),
		shownAtMono: monoMs(NOW_MONO - 60_000),
		askedAtMono: monoMs(NOW_MONO - 60_000),
		heardAtMono: monoMs(NOW_MONO - 60_000),
		mayLandUntilMs: undefined,
		amendCount: 0,
		reason: undefined,
		...order,
		priceTicks: ticks(priceTicks),
		qtyLots: lots(qtyLots),
		pendingPriceTicks: ticks(order.pendingPriceTicks ?? priceTicks),
		pendingQtyLots: lots(order.pendingQtyLots ?? qtyLots),
		filledLots: lots(filledLots),
		reportedFilledLots: lots(order.reportedFilledLots ?? filledLots),
		changedAtMono: monoMs(order.changedAtMono ?? NOW_MONO - 60_000),
	};
}

/** A fresh, whole book around 1000 ticks, no orders, no position, and money without end. */
export function makeTestScene(instrument: Instrument, scene: Partial<GateScene> = {}): GateScene {
	return {
		nowMono: NOW_MONO,
		wallMs: NOW_WALL,
		allows: 'all',
		isSymbolAllowed: true,
		instrumentAgeMs: 0,
		isBookSound: true,
		bookAgeMs: 0,
		bookBeatMs: 0,
		midTwiceTicks: 2_000,
		markTicks: 1_000,
		exposure: new Exposure(instrument),
		openOrders: [],
		accountOrderCount: 0,
		buyFunds: fundsOf(1e12),
		sellFunds: fundsOf(1e12),
		equity: 1e12,
		isPositionModeRight: true,
		clockOffsetMs: 0,
		journalDelayMs: 0,
		rateRoom: Number.POSITIVE_INFINITY,
		parentRoomLots: Number.POSITIVE_INFINITY,
		...scene,
	};
}

export function fundsOf(free: number): Funds {
	const funds = new Funds();
	funds.report(free);
	return funds;
}

/** One tick times one lot is worth 1, so that limits can be read off prices and quantities. The mid is 1000. */
export const PLAIN: TestInstrument = {
	...{ symbol: 'PLAIN', tickSize: '1', lotSize: '1', priceMin: '1', priceMax: '1000000' },
	...{ qtyMin: '1', qtyMax: '1000000', notionalMin: '0' },
};
export const WIDE: RiskLimits = {
	...RISK_LIMITS,
	...{ orderNotionalMax: 1e9, positionNotionalMax: 1e9, grossNotionalMax: 1e9, netNotionalMax: 1e9 },
};

export type Verb = 'place' | 'amend';
type Wish = Partial<Omit<PlaceProposal, 'priceTicks' | 'qtyLots'> & { readonly priceTicks: number; readonly qtyLots: number }>;

/** What differs from an order that nothing speaks against: a post-only buy of 10 lots at 990. */
export interface Situation {
	readonly wish?: Wish;
	readonly instrument?: TestInstrument;
	readonly limits?: Partial<RiskLimits>;
	readonly scene?: Partial<GateScene>;
	/** Our other open orders of the symbol. */
	readonly others?: readonly TestOrder[];
	readonly positionLots?: number;
	/** Further open lots and orders that only the sums know of. */
	readonly buyLots?: number;
	readonly sellLots?: number;
	readonly orderCount?: number;
	/** Position in another symbol of the account, at a price of 1000. */
	readonly elsewhereLots?: number;
	readonly elsewherePriceTicks?: number;
	/** What the quote currencies of the symbol and of the other one are worth. */
	readonly quoteRate?: number;
	readonly elsewhereRate?: number;
	/** Orders that are over because they filled. */
	readonly filled?: readonly TestOrder[];
	/** What the slot has already done, at these ages. */
	readonly actionsMsAgo?: readonly number[];
}

export interface Asked {
	readonly approval: Approval<PlaceCommand | AmendCommand>;
	readonly gate: Gate;
	readonly account: AccountExposure;
	readonly scene: GateScene;
	readonly idsBefore: OrderIdMark;
	readonly idsAfter: OrderIdMark;
	readonly grossBefore: number;
}

/** The same wish as a new order, or as an amend of one that stands with 2 lots at 995. */
export function ask(verb: Verb, situation: Situation = {}): Asked {
	const instrument = makeTestInstrument({ ...PLAIN, ...situation.instrument });
	const wish = wishOf(situation);
	const { side, timeInForce, reduceOnly, quoter, slot } = wish;
	const standing = makeTestOrder(instrument, { side, timeInForce, reduceOnly, quoter, slot, priceTicks: 995, qtyLots: 2 });
	const others = (situation.others ?? []).map((order) => makeTestOrder(instrument, order));
	const exposure = exposureOf(situation, instrument, verb === 'amend' ? standing : undefined);
	const scene = makeTestScene(instrument, {
		exposure,
		openOrders: verb === 'amend' ? [standing, ...others] : others,
		...situation.scene,
	});
	const account = accountOf(situation, exposure);
	const ids = new OrderIdSource(runTagOf(1), undefined);
	const gate = new Gate({ limits: WIDE, account, ids });
	for (const order of situation.filled ?? []) gate.rememberFilled(makeTestOrder(instrument, { ...order, state: 'filled' }));
	if (situation.actionsMsAgo !== undefined) act(gate, situation.actionsMsAgo, wish);
	gate.limits = { ...WIDE, ...situation.limits };
	account.recount();
	const idsBefore = ids.mark;
	const grossBefore = account.gross;
	const priceTicks = wish.priceTicks as Ticks;
	const qtyLots = wish.qtyLots as Lots;
	const approval =
		verb === 'place'
			? gate.approvePlace({ ...wish, kind: 'place', instrument, orderType: 'limit', priceTicks, qtyLots }, scene)
			: gate.approveAmend({ kind: 'amend', instrument, orderId: standing.orderId, priceTicks, qtyLots }, standing, scene);
	return { approval, gate, account, scene, idsBefore, idsAfter: ids.mark, grossBefore };
}

function wishOf({ wish }: Situation) {
	const usual = {
		side: 'buy',
		timeInForce: 'postOnly',
		reduceOnly: false,
		quoter: 3,
		slot: 5,
		priceTicks: 990,
		qtyLots: 10,
	} as const;
	return { ...usual, ...wish };
}

function exposureOf(situation: Situation, instrument: Exposure['instrument'], standing: Order | undefined): Exposure {
	const exposure = new Exposure(instrument);
	exposure.referenceTicks = 1_000;
	exposure.quoteRate = situation.quoteRate ?? 1;
	exposure.positionLots = situation.positionLots ?? 0;
	exposure.buyLots = situation.buyLots ?? 0;
	exposure.sellLots = situation.sellLots ?? 0;
	exposure.orderCount = situation.orderCount ?? 0;
	if (standing !== undefined) exposure.add(standing);
	return exposure;
}

function accountOf(
	{ elsewhereLots = 0, elsewherePriceTicks = 1_000, elsewhereRate = 1 }: Situation,
	exposure: Exposure,
): AccountExposure {
	const account = new AccountExposure();
	account.track(exposure);
	const elsewhere = new Exposure(makeTestInstrument({ ...PLAIN, index: 1, symbol: 'OTHER' }));
	elsewhere.positionLots = elsewhereLots;
	elsewhere.referenceTicks = elsewherePriceTicks;
	elsewhere.quoteRate = elsewhereRate;
	account.track(elsewhere);
	return account;
}

function act(gate: Gate, agesMs: readonly number[], { quoter, slot }: { quoter: number; slot: number }): void {
	const instrument = makeTestInstrument(PLAIN);
	for (const ageMs of agesMs) {
		const order = makeTestOrder(instrument, { quoter, slot });
		const scene = makeTestScene(instrument, { nowMono: monoMs(NOW_MONO - ageMs) });
		const proposal = {
			kind: 'amend',
			instrument,
			orderId: order.orderId,
			priceTicks: order.priceTicks,
			qtyLots: order.qtyLots,
		} as const;
		expect(gate.approveAmend(proposal, order, scene).kind, `action ${ageMs} ms ago`).toBe('approved');
	}
}

export function codeOf({ approval }: Asked): DenialCode | 'approved' {
	return approval.kind === 'denied' ? approval.code : 'approved';
}

/** A moment so long ago. */
export const age = (ms: number) => monoMs(NOW_MONO - ms);

/** An order of another slot that is like the usual wish and was sent just within the time that forbids it. */
export const TWIN: TestOrder = { priceTicks: 990, qtyLots: 10, quoter: 3, slot: 6, changedAtMono: age(999) };
