/**
 * Signs that somebody or something else acts on our account: fills beyond what was asked for (F79), orders under our name
 * that we never gave out (F74, I21), and orders of others, which are theirs (F76).
 */
import { beforeEach, describe, expect, test } from 'vitest';
import { Desk, type DeskOptions, WIDE_LIMITS } from '../../test/fixtures/desk.ts';
import { makeTestInstrument } from '../../test/fixtures/instruments.ts';
import { runRecord } from '../../test/fixtures/journal-records.ts';
import { ladderAround, Scripted } from '../../test/fixtures/scripted.ts';
import type { OrderReport } from '../domain/execution.ts';
import type { Order } from '../domain/order.ts';
import type { OrderId } from '../domain/order-id.ts';
import type { Side } from '../domain/side.ts';
import { lots, ticks, timeMs } from '../domain/units.ts';
import { changeOf } from './changes.ts';
import type { EngineEffect, EngineNote } from './ports.ts';
import { Recovery } from './recovery.ts';

const MID = 650_000;
const BTC = makeTestInstrument();
const RUN = '1000';
const OLD_RUN = '0abc';
const START_MS = 1_767_225_601_000;

let desk: Desk;
let strategy: Scripted;

function open(more: Partial<DeskOptions> = {}): void {
	strategy = new Scripted();
	desk = new Desk({ instruments: [BTC], strategy, ...more });
	wish(10);
}

/** One bid and one ask of so many lots. */
function wish(qty: number): void {
	strategy.wishes.set(BTC.index, ladderAround(MID, { levels: 1, qty }));
	later(500);
}

function later(ms: number): void {
	for (let gone = 0; gone < ms; gone += 250) {
		desk.book(BTC, MID - 1, MID + 1);
		desk.tick();
		desk.settle();
	}
}

function bid(): Order {
	const found = desk.engine.openOrders().find(({ side }) => side === 'buy');
	if (found === undefined) throw new Error('a bid stands');
	return found;
}

const level = (): string => desk.engine.levels.level;
const reason = (): string | undefined => desk.engine.riskPauseReason();
const placedCount = (): number =>
	desk.history.reduce((sum, { commands }) => sum + commands.filter(({ kind }) => kind === 'place').length, 0);

beforeEach(() => open());

describe('fills of an order', () => {
	test('up to all that it was for are usual, and one lot more is a kill', () => {
		const order = bid();
		desk.fill(order, 10);
		expect(level()).toBe('run');
		desk.fill(order, 1);
		expect([level(), reason()]).toEqual([
			'kill',
			`${order.orderId} was filled for 0.011 of BTCUSDT, more than was ever asked for`,
		]);
		const before = placedCount();
		later(5_000);
		expect(placedCount()).toBe(before);
		expect(desk.engine.openOrders()).toEqual([]);
	});

	test('that are told late may be those of before it was made smaller', () => {
		desk.engine.step({
			kind: 'control',
			action: { kind: 'amendOrder', orderId: bid().orderId, priceTicks: bid().priceTicks, qtyLots: lots(6) },
			...desk.at(),
		});
		desk.settle();
		const order = bid();
		desk.fill(order, 10);
		expect(level()).toBe('run');
		desk.fill(order, 1);
		expect(level()).toBe('kill');
	});

	test('that was found, and of which nobody knows what was asked for, prove nothing', () => {
		const orderId = `BTCUSDT-Buy-${START_MS - 500}-1-${RUN}`;
		census(orderId);
		const order = desk.engine.orders.get(orderId as OrderId);
		if (order === undefined) throw new Error('it is taken in');
		desk.fill(order, 21);
		expect(level()).not.toBe('kill');
	});
});

/** The venue shows what we believe, and a bid under each of these ids. */
function census(...orderIds: readonly string[]): readonly EngineEffect[] {
	return censusWith(orderIds.map((clientOrderId) => reportOf(clientOrderId, 'buy', 20)));
}

function reportOf(clientOrderId: string, side: Side, qty: number): OrderReport {
	const terms = { side, priceTicks: ticks(side === 'buy' ? 649_000 : 975_000), qtyLots: lots(qty), filledLots: lots(0) };
	const told = { status: 'working', reason: undefined, updatedAtMs: timeMs(desk.at().wallMs), source: 'stream' } as const;
	return { instrument: BTC, clientOrderId, venueOrderId: `v-${clientOrderId}`, ...terms, ...told };
}

function censusWith(more: readonly OrderReport[]): readonly EngineEffect[] {
	const at = desk.at();
	const orders = [...desk.reportsOfOpen(), ...more];
	const positions = [{ instrument: BTC.index, positionLotsSigned: desk.engine.ledger.positionLots(BTC.index) }];
	return desk.step({ kind: 'census', venue: 'bybit', beganAtMono: at.monoMs, found: { orders, positions }, ...at });
}

const notesOf = (effects: readonly EngineEffect[]): EngineNote[] =>
	effects.flatMap((effect) => (effect.kind === 'note' ? [effect.note] : []));

describe('an open order under our name', () => {
	test('of this run, with an id beyond all that it gave out, is a twin: a kill', () => {
		const { timestampMs, counter } = desk.engine.lastOrderId;
		const twin = `BTCUSDT-Buy-${timestampMs}-${counter + 1}-${RUN}`;
		census(twin);
		expect([level(), reason()]).toEqual([
			'kill',
			`${twin} is open at the venue and no run of ours gave it out: another process trades under our name`,
		]);
		desk.settle();
		later(1_000);
		expect(desk.engine.openOrders()).toEqual([]);
	});

	test('of this run, with the last id that it gave out or one before, is one that we lost hold of: it is cancelled', () => {
		const { timestampMs, counter } = desk.engine.lastOrderId;
		census(`BTCUSDT-Buy-${timestampMs}-${counter}-${RUN}`, `BTCUSDT-Buy-${timestampMs - 1}-99-${RUN}`);
		expect(level()).not.toBe('kill');
	});

	test.each([
		['that was made before we began', START_MS - 1, 'pauseQuoting'],
		['that was made since we began, so that the run still lives,', START_MS + 1, 'kill'],
	])('of an earlier run %s', (_name, madeAtMs, expected) => {
		const recovery = new Recovery();
		recovery.apply(runRecord(OLD_RUN, START_MS - 60_000));
		open({ recovered: { state: recovery.result(), atMs: timeMs(START_MS) } });
		census(`BTCUSDT-Buy-${madeAtMs}-1-${OLD_RUN}`);
		expect(level()).toBe(expected);
	});
});

test('orders of others in our symbols are told when their number changes, and left alone (F76)', () => {
	const others = ['by-hand', `BTCUSDT-Buy-${START_MS + 60_000}-1-9999`];
	const told = (effects: readonly EngineEffect[]) => notesOf(effects).filter(({ kind }) => kind === 'foreignOrders');
	const counts = [[], others, others, others.slice(1), []].map((ids) => told(census(...ids)));
	expect(counts).toMatchObject([[], [{ venue: 'bybit', count: 2 }], [], [{ count: 1 }], [{ count: 0 }]]);
	later(1_000);
	const cancelled = desk.history.flatMap(({ commands }) => commands.filter(({ kind }) => kind === 'cancel'));
	expect(cancelled.filter(({ orderId }) => others.includes(orderId))).toEqual([]);
	expect(level()).toBe('run');
});

test('what others could still buy there leaves less for us, as long as they have it open (F76)', () => {
	const worthOfLot = MID * BTC.tickLotNumber;
	open({ settings: { limits: { ...WIDE_LIMITS, positionNotionalMax: 25 * worthOfLot } } });
	const wanted = (): number[] => desk.engine.openOrders().map(({ qtyLots }) => qtyLots);
	expect(wanted()).toEqual([10, 10]);
	census('by-hand');
	later(1_000);
	const denied = { ...desk.engine.gate.denials };
	later(5_000);
	expect(desk.engine.openOrders().map(({ side, qtyLots }) => [side, qtyLots])).toEqual([
		['sell', 10],
		['buy', 5],
	]);
	expect(desk.engine.gate.denials, 'nothing is asked of the gate that it has to refuse').toEqual(denied);
	census();
	later(1_000);
	expect(wanted()).toEqual([10, 10]);
});

describe('a sell of somebody far beyond every limit (F76)', () => {
	const worthOfLot = MID * BTC.tickLotNumber;
	const limits = { ...WIDE_LIMITS, positionNotionalMax: 25 * worthOfLot, grossNotionalMax: 100 * worthOfLot, leverageMax: 3 };
	const standing = (): [Side, number][] => desk.engine.openOrders().map(({ side, qtyLots }) => [side, qtyLots]);
	const theirs = (): readonly EngineEffect[] => censusWith([reportOf('by-hand', 'sell', 1_000)]);

	test('leaves the way back to flat, what adds on the other side, and the limits of the account', () => {
		open({ settings: { limits }, equity: 40 * worthOfLot });
		desk.fill(bid(), 10);
		later(1_000);
		theirs();
		strategy.wishes.set(BTC.index, []);
		later(1_000);
		wish(12);
		later(3_000);
		expect(new Map(standing())).toEqual(
			new Map([
				['buy', 12],
				['sell', 10],
			]),
		);
		expect(desk.engine.gate.denials).toMatchObject({ PT10: 0, PT11: 0, PT17: 0 });
	});

	test('makes no order of ours a surplus when a limit becomes stricter', () => {
		const wide = { ...limits, positionNotionalMax: 500 * worthOfLot };
		open({ settings: { limits: wide }, equity: 40 * worthOfLot });
		theirs();
		const stricter = { ...wide, positionNotionalMax: 400 * worthOfLot };
		expect(desk.ask({ kind: 'control', action: changeOf({ kind: 'setLimits', limits: stricter }), ...desk.at() })).toEqual({
			kind: 'done',
			orderCount: 0,
		});
		expect(standing()).toHaveLength(2);
	});

	test('is as much on a finer grid of lots, before the venue is asked again (F59)', () => {
		theirs();
		const finer = makeTestInstrument({ version: 2, lotSize: '0.0001', qtyMin: '0.0001' });
		desk.step({ kind: 'instrument', instrument: finer, ...desk.at() });
		expect(desk.engine.orders.exposureOf(BTC.index)).toMatchObject({ foreignSellLots: 10_000, instrument: finer });
	});
});
