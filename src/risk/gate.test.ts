import { describe, expect, expectTypeOf, test } from 'vitest';
import { makeTestInstrument } from '../../test/fixtures/instruments.ts';
import type { AmendCommand, AmendProposal, PlaceCommand, PlaceProposal } from '../domain/command.ts';
import { DESK } from '../domain/order.ts';
import { OrderIdSource, runTagOf } from '../domain/order-id.ts';
import { type Lots, monoMs, type Ticks } from '../domain/units.ts';
import { CommandBus } from '../execution/command-bus.ts';
import { Lanes } from '../execution/lanes.ts';
import { DENIAL_CODES, DENIALS, type DenialCode } from './denial.ts';
import { AccountExposure, Exposure } from './exposure.ts';
import { Funds } from './funds.ts';
import {
	ask,
	codeOf,
	fundsOf,
	makeTestOrder,
	makeTestScene,
	NOW_MONO,
	NOW_WALL,
	PLAIN,
	type Situation,
	TWIN,
	WIDE,
} from './gate.suite.ts';
import { Gate } from './gate.ts';
import type { RiskLimits } from './limits.ts';

const REDUCING = { side: 'sell', priceTicks: 1_010, reduceOnly: true } as const;
const SELL = { side: 'sell', priceTicks: 1_010 } as const;

describe('beyond single limits', () => {
	test('an amend may go on where a new order would be one too many', () => {
		const full = { orderCount: 40, scene: { accountOrderCount: 2_000 } };
		expect(codeOf(ask('amend', full))).toBe('approved');
	});

	test('what a person asks for has no slot, and no pace', () => {
		const actionsMsAgo = Array.from({ length: 50 }, () => 1);
		expect(codeOf(ask('place', { wish: { quoter: DESK, slot: DESK }, actionsMsAgo }))).toBe('approved');
	});

	test('the pace of one slot does not slow down another', () => {
		const { gate, scene } = ask('place', { actionsMsAgo: [9, 9, 9, 9, 9] });
		const instrument = makeTestInstrument(PLAIN);
		const other = makeTestOrder(instrument, { quoter: 3, slot: 4 });
		const proposal = {
			kind: 'amend',
			instrument,
			orderId: other.orderId,
			priceTicks: other.priceTicks,
			qtyLots: other.qtyLots,
		} as const;
		expect(gate.approveAmend(proposal, other, scene).kind).toBe('approved');
	});

	test('a limit that is lowered while the engine runs holds from the next question on', () => {
		const { gate, scene } = ask('place', { actionsMsAgo: [9, 9] });
		const instrument = makeTestInstrument(PLAIN);
		const order = makeTestOrder(instrument, { quoter: 3, slot: 5 });
		const proposal = {
			kind: 'amend',
			instrument,
			orderId: order.orderId,
			priceTicks: order.priceTicks,
			qtyLots: order.qtyLots,
		} as const;
		gate.limits = { ...gate.limits, slotActionsPerSecMax: 3 };
		expect(gate.approveAmend(proposal, order, scene)).toEqual({ kind: 'denied', code: 'PT14' });
		gate.limits = { ...WIDE, orderNotionalMax: 1 };
		expect(gate.approveAmend(proposal, order, scene)).toEqual({ kind: 'denied', code: 'PT7' });
	});
});

describe('an amend', () => {
	test('to no more than what stands or was asked for adds nothing, so limits on new risk let it pass', () => {
		const tight = {
			limits: { positionNotionalMax: 1, grossNotionalMax: 1, netNotionalMax: 1 },
			scene: { buyFunds: new Funds() },
		};
		expect(codeOf(ask('amend', { ...tight, wish: { qtyLots: 2 } }))).toBe('approved');
		expect(codeOf(ask('amend', { ...tight, wish: { qtyLots: 3 } }))).toBe('PT10');
	});

	test.each([
		{ name: 'is being raised', qtyLots: 10, pendingQtyLots: 14 },
		{ name: 'is being lowered', qtyLots: 14, pendingQtyLots: 10 },
	])('of an order that $name counts from the larger of both versions', ({ qtyLots, pendingQtyLots }) => {
		const instrument = makeTestInstrument(PLAIN);
		const order = makeTestOrder(instrument, { qtyLots, pendingQtyLots });
		const exposure = new Exposure(instrument);
		exposure.referenceTicks = 1_000;
		exposure.add(order);
		const account = new AccountExposure();
		const ids = new OrderIdSource(runTagOf(1), undefined);
		const gate = new Gate({ limits: { ...WIDE, positionNotionalMax: 15_000 }, account, ids });
		const scene = makeTestScene(instrument, { exposure, openOrders: [order] });
		const { orderId, priceTicks } = order;
		const to = (wanted: number) =>
			gate.approveAmend({ kind: 'amend', instrument, orderId, priceTicks, qtyLots: wanted as Lots }, order, scene).kind;
		expect([to(14), to(15), to(16)]).toEqual(['approved', 'approved', 'denied']);
		expect(account.gross, 'reserved for the one lot that is new').toBe(1_000);
	});

	test('to no more than what is filled leaves no order, and is refused', () => {
		const instrument = makeTestInstrument(PLAIN);
		const order = makeTestOrder(instrument, { qtyLots: 10, filledLots: 4 });
		const gate = new Gate({ limits: WIDE, account: new AccountExposure(), ids: new OrderIdSource(runTagOf(1), undefined) });
		const to = (qtyLots: number) =>
			gate.approveAmend(
				{ kind: 'amend', instrument, orderId: order.orderId, priceTicks: order.priceTicks, qtyLots: qtyLots as Lots },
				order,
				makeTestScene(instrument),
			);
		expect(to(5).kind).toBe('approved');
		expect(to(4)).toEqual({ kind: 'denied', code: 'PT19' });
		expect(to(3)).toEqual({ kind: 'denied', code: 'PT19' });
	});
});

describe('what others have open (F76)', () => {
	interface More {
		readonly account?: AccountExposure;
		readonly limits?: Partial<RiskLimits>;
		readonly equity?: number;
	}

	function gateOf(exposure: Exposure, { account = new AccountExposure(), limits, equity = 1e12 }: More = {}) {
		const gate = new Gate({
			limits: { ...WIDE, positionNotionalMax: 20_000, ...limits },
			account,
			ids: new OrderIdSource(runTagOf(1), undefined),
		});
		const { instrument } = exposure;
		return (side: 'buy' | 'sell', reduceOnly: boolean, qtyLots: number) => {
			const terms = { side, reduceOnly, priceTicks: 1_000 as Ticks, qtyLots: qtyLots as Lots } as const;
			const order = {
				kind: 'place',
				instrument,
				quoter: DESK,
				slot: DESK,
				orderType: 'limit',
				timeInForce: 'ioc',
				...terms,
			} as const;
			const approval = gate.approvePlace(order, makeTestScene(instrument, { exposure, equity }));
			return approval.kind === 'denied' ? approval.code : approval.kind;
		};
	}

	function exposureWith(figures: Partial<Exposure>): Exposure {
		return Object.assign(new Exposure(makeTestInstrument(PLAIN)), { referenceTicks: 1_000, ...figures });
	}

	test('leaves less room on its own side', () => {
		const may = gateOf(exposureWith({ foreignBuyLots: 15, foreignSellLots: 12 }));
		expect([may('buy', false, 5), may('buy', false, 6)]).toEqual(['approved', 'PT10']);
		expect([may('sell', false, 8), may('sell', false, 9)]).toEqual(['approved', 'PT10']);
	});

	test('never bars the way back to flat, and past that all of it counts', () => {
		const long = gateOf(exposureWith({ positionLots: 10, foreignSellLots: 1_000 }));
		expect([long('sell', false, 10), long('sell', false, 11), long('sell', true, 10)]).toEqual(['approved', 'PT10', 'approved']);
		const short = gateOf(exposureWith({ positionLots: -10, foreignBuyLots: 1_000 }));
		expect([short('buy', false, 10), short('buy', false, 11), short('buy', true, 10)]).toEqual(['approved', 'PT10', 'approved']);
		const over = gateOf(exposureWith({ positionLots: 10, foreignSellLots: 19 }));
		expect([over('sell', false, 11), over('sell', false, 12)]).toEqual(['approved', 'PT10']);
	});

	test('nor a reduce-only order beside open ones of its side', () => {
		const may = gateOf(exposureWith({ positionLots: 10, sellLots: 5, foreignSellLots: 1_000 }));
		expect([may('sell', false, 6), may('sell', true, 6)]).toEqual(['PT10', 'approved']);
	});

	test('is no matter of the account: its limits are for what is held and what is ours', () => {
		const exposure = exposureWith({ foreignBuyLots: 15, foreignSellLots: 15 });
		const account = new AccountExposure();
		account.track(exposure);
		account.recount();
		const limits = { grossNotionalMax: 5_000, netNotionalMax: 5_000, leverageMax: 5 };
		const may = gateOf(exposure, { account, limits, equity: 1_000 });
		expect([may('buy', false, 5), may('buy', false, 6)]).toEqual(['approved', 'PT10']);
	});
});

const NOT_COUNTS = [Number.NaN, -1, 0, -0, 0.5, 989.5, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 2 ** 53, -(2 ** 53)];
const BAD_INPUT = (['place', 'amend'] as const).flatMap((verb) =>
	(['priceTicks', 'qtyLots'] as const).flatMap((field) => NOT_COUNTS.map((value) => ({ verb, field, value }))),
);

describe('numbers that are no count of ticks or lots', () => {
	test.each(BAD_INPUT)('$verb with $field $value is refused', ({ verb, field, value }) => {
		expect(codeOf(ask(verb, { wish: { [field]: value } }))).toBe('PT19');
	});

	test('the largest safe count is read as a number, and refused by limits only', () => {
		expect(codeOf(ask('place', { wish: { priceTicks: Number.MAX_SAFE_INTEGER } }))).toBe('PT5');
		expect(codeOf(ask('place', { wish: { qtyLots: Number.MAX_SAFE_INTEGER } }))).toBe('PT7');
	});
});

const MISSING: readonly { readonly name: string; readonly code: DenialCode; readonly situation: Situation }[] = [
	{ name: 'a mid that is not a number', code: 'PT5', situation: { scene: { midTwiceTicks: Number.NaN } } },
	{ name: 'a mid of zero', code: 'PT5', situation: { scene: { midTwiceTicks: 0 } } },
	{ name: 'a mid below zero', code: 'PT5', situation: { scene: { midTwiceTicks: -2_000 } } },
	{ name: 'a mid without end', code: 'PT5', situation: { scene: { midTwiceTicks: Number.POSITIVE_INFINITY, markTicks: 0 } } },
	{ name: 'a mark that is not a number', code: 'PT5', situation: { scene: { markTicks: Number.NaN } } },
	{ name: 'a mark below zero', code: 'PT5', situation: { scene: { markTicks: -1_000 } } },
	{ name: 'a mark without end', code: 'PT5', situation: { scene: { markTicks: Number.POSITIVE_INFINITY } } },
	{ name: 'a book that was never seen', code: 'PT4', situation: { scene: { bookAgeMs: Number.POSITIVE_INFINITY } } },
	{ name: 'a book of unknown age', code: 'PT4', situation: { scene: { bookAgeMs: Number.NaN } } },
	{ name: 'filters of unknown age', code: 'PT3', situation: { scene: { instrumentAgeMs: Number.NaN } } },
	{ name: 'a position that is not a number', code: 'PT10', situation: { positionLots: Number.NaN } },
	{ name: 'a position elsewhere that is not a number', code: 'PT11', situation: { elsewhereLots: Number.NaN } },
	{ name: 'a count of orders that is not a number', code: 'PT12', situation: { scene: { accountOrderCount: Number.NaN } } },
	{ name: 'funds that the venue has not told', code: 'PT17', situation: { scene: { buyFunds: new Funds() } } },
	{ name: 'equity that is not a number', code: 'PT17', situation: { scene: { equity: Number.NaN } } },
	{ name: 'a clock offset that is not a number', code: 'PT21', situation: { scene: { clockOffsetMs: Number.NaN } } },
	{ name: 'a journal delay that is not a number', code: 'PT22', situation: { scene: { journalDelayMs: Number.NaN } } },
	{ name: 'a limit on orders that is not a number', code: 'PT7', situation: { limits: { orderNotionalMax: Number.NaN } } },
	{ name: 'a limit on positions that is not a number', code: 'PT10', situation: { limits: { positionNotionalMax: Number.NaN } } },
	{ name: 'a gross limit that is not a number', code: 'PT11', situation: { limits: { grossNotionalMax: Number.NaN } } },
	{ name: 'a net limit that is not a number', code: 'PT11', situation: { limits: { netNotionalMax: Number.NaN } } },
	{ name: 'a pace that is not a number', code: 'PT14', situation: { limits: { slotActionsPerSecMax: Number.NaN } } },
];

describe('what is not known is not allowed', () => {
	test.each(MISSING)('$name refuses a new order with $code', ({ code, situation }) => {
		expect(codeOf(ask('place', situation))).toBe(code);
	});

	test('a reduce-only order against a position that is not a number is refused', () => {
		expect(codeOf(ask('place', { wish: REDUCING, positionLots: Number.NaN }))).toBe('PT10');
		expect(codeOf(ask('amend', { wish: { ...REDUCING, qtyLots: 2 }, positionLots: Number.NaN }))).toBe('PT18');
	});
});

describe('a refusal', () => {
	test('does not use up the pace of its slot', () => {
		const { gate, scene } = ask('place', { actionsMsAgo: [9, 9, 9, 9] });
		const instrument = makeTestInstrument(PLAIN);
		const order = makeTestOrder(instrument, { quoter: 3, slot: 5 });
		const amendTo = (priceTicks: number) =>
			gate.approveAmend(
				{ kind: 'amend', instrument, orderId: order.orderId, priceTicks: priceTicks as Ticks, qtyLots: order.qtyLots },
				order,
				{ ...scene, nowMono: monoMs(NOW_MONO + 992) },
			);
		// The slot is full for this second: refused however often, and free again in the next one.
		for (let i = 0; i < 20; i += 1) expect(amendTo(1)).toEqual({ kind: 'denied', code: 'PT5' });
		expect(amendTo(990).kind).toBe('approved');
		expect(gate.denials.PT5).toBe(20);
	});

	test('has a sentence for an operator under every code', () => {
		expect(DENIAL_CODES).toEqual(Object.keys(DENIALS));
		for (const code of DENIAL_CODES) expect(DENIALS[code], code).toMatch(/^[a-z].{15,}[a-z]$/);
	});
});

describe('an approval', () => {
	test('of a new order carries every field of the proposal and one new id', () => {
		const { approval, gate, idsAfter } = ask('place', { wish: SELL, positionLots: 3 });
		expect(approval).toEqual({
			kind: 'approved',
			command: {
				...{ kind: 'place', instrument: makeTestInstrument(PLAIN), quoter: 3, slot: 5, side: 'sell', orderType: 'limit' },
				...{
					timeInForce: 'postOnly',
					reduceOnly: false,
					priceTicks: 1_010,
					qtyLots: 10,
					orderId: 'PLAIN-Sell-1767225600000-1-0001',
				},
			},
		});
		expect(idsAfter).toEqual({ timestampMs: NOW_WALL, counter: 1 });
		expect(gate.approvedCount).toBe(1);
	});

	test('of an amend keeps the id of its order and takes no new one', () => {
		const { approval, idsBefore, idsAfter } = ask('amend');
		const orderId = 'TEST-Buy-1767225600000-1-1000';
		const instrument = makeTestInstrument(PLAIN);
		expect(approval).toEqual({ kind: 'approved', command: { kind: 'amend', instrument, orderId, priceTicks: 990, qtyLots: 10 } });
		expect(idsAfter).toEqual(idsBefore);
	});

	test('on margin takes nothing out of the funds: its worst case counts against equity', () => {
		expect(ask('place', { scene: { buyFunds: fundsOf(10_000) } }).scene.buyFunds.free).toBe(10_000);
	});

	test('reserves its worth at the mid in the account, and on spot its price in the funds, at once', () => {
		const { account, scene } = ask('place', { instrument: { category: 'spot' }, scene: { buyFunds: fundsOf(100_000) } });
		expect([account.gross, account.netLong, account.netShort]).toEqual([10_000, 10_000, 0]);
		expect(scene.buyFunds.free).toBe(100_000 - 9_900);
		const sold = ask('place', { wish: SELL });
		expect([sold.account.gross, sold.account.netLong, sold.account.netShort]).toEqual([10_100, 0, -10_100]);
	});

	test('of a reduce-only order counts in the account and needs no funds', () => {
		const { account, scene } = ask('place', { wish: REDUCING, positionLots: 10, scene: { sellFunds: fundsOf(1) } });
		expect([account.gross, account.netShort]).toEqual([20_100, -100]);
		expect(scene.sellFunds.free).toBe(1);
	});

	test('counts against the next one before the order is anywhere else', () => {
		const instrument = makeTestInstrument(PLAIN);
		const account = new AccountExposure();
		const gate = new Gate({
			limits: { ...WIDE, grossNotionalMax: 25_000 },
			account,
			ids: new OrderIdSource(runTagOf(1), undefined),
		});
		const scene = makeTestScene(instrument, { buyFunds: fundsOf(1e6) });
		const propose = () =>
			gate.approvePlace(
				{
					...{ kind: 'place', instrument, quoter: DESK, slot: DESK, side: 'buy', orderType: 'limit', timeInForce: 'gtc' },
					...{ reduceOnly: false, priceTicks: 1_000 as Ticks, qtyLots: 10 as Lots },
				},
				scene,
			);
		expect([propose(), propose(), propose()].map(({ kind }) => kind)).toEqual(['approved', 'approved', 'denied']);
	});
});

/**
 * From the first check to the last. The format (PT19) stands before the prices, since everything after it computes
 * with these figures; all others stand in the order of their numbers.
 */
const IN_ORDER: readonly (readonly [DenialCode, Situation])[] = [
	['PT1', { scene: { allows: 'nothing' } }],
	['PT2', { scene: { isSymbolAllowed: false } }],
	['PT3', { scene: { instrumentAgeMs: 1e9 } }],
	['PT4', { scene: { bookAgeMs: 1e9 } }],
	['PT19', { wish: { qtyLots: 10.5 } }],
	['PT5', { scene: { markTicks: 1 } }],
	// The twin stands first in the list of our orders, and still comes after all that follows.
	['PT6', { others: [TWIN, { side: 'sell', priceTicks: 990 }] }],
	['PT7', { limits: { orderNotionalMax: 1 } }],
	['PT8', { instrument: { qtyMax: '9' } }],
	['PT9', { instrument: { notionalMin: '1000000' } }],
	['PT10', { limits: { positionNotionalMax: 1 } }],
	['PT11', { limits: { grossNotionalMax: 1 } }],
	['PT12', { orderCount: 1_000 }],
	['PT14', { actionsMsAgo: [1, 1, 1, 1, 1] }],
	['PT15', { others: [TWIN] }],
	['PT17', { scene: { buyFunds: new Funds() } }],
	['PT20', { scene: { isPositionModeRight: false } }],
	['PT21', { scene: { clockOffsetMs: 1e9 } }],
	['PT22', { scene: { journalDelayMs: 1e9 } }],
];

function together(situations: readonly Situation[]): Situation {
	const all = situations.toReversed();
	const merge = <K extends keyof Situation>(key: K) => Object.assign({}, ...all.map((situation) => situation[key])) as object;
	return {
		...Object.assign({}, ...all),
		...{ wish: merge('wish'), instrument: merge('instrument'), limits: merge('limits'), scene: merge('scene') },
	} as Situation;
}

describe('of several reasons', () => {
	test.each(IN_ORDER.map(([code], index) => ({ code, index })))('the one that comes first is said: $code', ({ code, index }) => {
		expect(codeOf(ask('place', together(IN_ORDER.slice(index).map(([, situation]) => situation))))).toBe(code);
	});

	test('a reduce-only order that would grow the position is said before a wrong position mode, after a twin', () => {
		const growing: Situation = { wish: { reduceOnly: true }, positionLots: 10 };
		const wrongMode: Situation = { scene: { isPositionModeRight: false } };
		expect(codeOf(ask('place', together([growing, wrongMode])))).toBe('PT18');
		expect(codeOf(ask('place', together([{ others: [TWIN] }, growing, wrongMode])))).toBe('PT15');
	});
});

describe('what has not passed the gate', () => {
	test('is no command to the compiler; what has passed goes on the bus as it was approved', () => {
		expectTypeOf<PlaceProposal>().not.toExtend<PlaceCommand>();
		expectTypeOf<AmendProposal>().not.toExtend<AmendCommand>();
		expectTypeOf<PlaceCommand>().toExtend<PlaceProposal>();
		const instrument = makeTestInstrument(PLAIN);
		const order = makeTestOrder(instrument);
		const verb = { batchMax: 10, mixesSymbols: true };
		const linear = { verbs: { place: verb, amend: verb, cancel: verb }, canAmend: true, amendsPrice: true, amendsQty: true };
		const lanes = new Lanes([{ venue: 'bybit', rateRules: [], categories: { linear } }]);
		lanes.follow(instrument);
		const bus = new CommandBus(lanes, {
			parallel: true,
			coalesceCancel: true,
			coalescePlace: true,
			coalesceAmend: true,
			maxBatchSize: 20,
		});
		const uncompiled = (place: PlaceProposal, amend: AmendProposal): void => {
			// @ts-expect-error a proposal has no approval
			bus.place(place);
			// @ts-expect-error an id does not make one
			bus.place({ ...place, orderId: order.orderId });
			// @ts-expect-error an amend needs one as well
			bus.amend(amend);
			// @ts-expect-error and nobody can write one down
			bus.amend({ ...amend, approved: true });
		};
		expect(uncompiled).toBeTypeOf('function');
		const placed = ask('place').approval;
		if (placed.kind !== 'approved' || placed.command.kind !== 'place') throw new Error('a wish that nothing speaks against');
		bus.place(placed.command);
		// A cancel needs nobody's leave (I11).
		bus.cancel({ kind: 'cancel', instrument, orderId: order.orderId });
		const calls = bus.flush().map(({ commands }) => commands);
		expect(calls).toEqual([[{ kind: 'cancel', instrument, orderId: order.orderId }], [placed.command]]);
	});
});
