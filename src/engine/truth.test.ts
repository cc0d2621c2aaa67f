/** The engine with the whole of its order truth: comparisons, what an earlier run left, and the way back to quoting. */
import { beforeEach, describe, expect, test } from 'vitest';
import { Desk, type DeskOptions } from '../../test/fixtures/desk.ts';
import { makeTestInstrument } from '../../test/fixtures/instruments.ts';
import { BTC_RECORD, runRecord } from '../../test/fixtures/journal-records.ts';
import type { OrderReport } from '../domain/execution.ts';
import type { JournalRecord } from '../domain/journal-record.ts';
import type { OrderId } from '../domain/order-id.ts';
import { lots, type SignedLots, ticks, timeMs } from '../domain/units.ts';
import { GRACE_MS } from '../execution/doubts.ts';
import { LADDER_DEFAULTS, ladder } from '../strategy/index.ts';
import type { EngineEffect } from './ports.ts';
import { Recovery } from './recovery.ts';
import { RECONCILE_SETTINGS } from './settings.ts';

const BTC = makeTestInstrument();
const OLD_RUN = '0abc';
const NOW_MS = 1_767_225_601_000;
const oldId = (number: number): OrderId => `BTCUSDT-Buy-${NOW_MS - 1_000 + number}-1-${OLD_RUN}` as OrderId;

const RUN = runRecord(OLD_RUN, NOW_MS - 60_000);
const placed = (number: number): JournalRecord => ({
	kind: 'place',
	orderId: oldId(number),
	instrumentId: BTC.id,
	version: 1,
	owner: 'ladder BTCUSDT',
	slot: number,
	side: 'buy',
	orderType: 'limit',
	timeInForce: 'postOnly',
	reduceOnly: false,
	priceTicks: 649_000,
	qtyLots: 20,
});

let desk: Desk;
let log: EngineEffect[];
let version: number;

function open(records: readonly JournalRecord[] | undefined, more: Partial<DeskOptions> = {}): void {
	const recovery = new Recovery();
	for (const record of records ?? []) recovery.apply(record);
	const strategy = ladder({ ...LADDER_DEFAULTS, levels: { count: 2, halfSpreadBps: 5, stepBps: 2 } });
	desk = new Desk({
		instruments: [BTC],
		strategy,
		...(records === undefined ? {} : { recovered: { state: recovery.result(), atMs: timeMs(NOW_MS) } }),
		...more,
	});
	log = desk.engine.effects.splice(0);
	desk.book(BTC, 650_000, 650_010);
}

beforeEach(() => {
	version = 0;
});

/** Time goes by, a tick a time, with a fresh book. */
function pass(ms: number): void {
	for (let gone = 0; gone < ms; gone += 250) {
		desk.book(BTC, 650_000, 650_010);
		log.push(...desk.tick());
	}
}

function reportOf(orderId: string, status: OrderReport['status'] = 'working'): OrderReport {
	version += 1;
	const terms = { priceTicks: ticks(649_000), qtyLots: lots(20), filledLots: lots(0) };
	const at = { updatedAtMs: timeMs(NOW_MS + version), source: 'stream' as const, reason: undefined };
	return { instrument: BTC, clientOrderId: orderId, venueOrderId: `v-${orderId}`, side: 'buy', status, ...terms, ...at };
}

function census(orderIds: readonly string[] | undefined, position = 0): void {
	const at = desk.at();
	const reports = orderIds?.map((orderId) => reportOf(orderId));
	for (const report of reports ?? []) desk.step({ kind: 'orderReport', report, ...at });
	const positions = [{ instrument: BTC.index, positionLotsSigned: position as SignedLots }];
	const found = reports === undefined ? undefined : { orders: reports, positions };
	log.push(...desk.step({ kind: 'census', venue: 'bybit', beganAtMono: at.monoMs, found, ...at }));
}

function lookedUp(orderId: OrderId, status?: OrderReport['status']): void {
	const at = desk.at();
	if (status !== undefined) desk.step({ kind: 'orderReport', report: reportOf(orderId, status), ...at });
	const end = { isFound: status !== undefined, isComplete: true, venueAtMs: at.wallMs };
	log.push(...desk.step({ kind: 'lookedUp', orderId, ...end, ...at }));
}

const open_ = (): string[] => desk.engine.openOrders().map(({ orderId }) => orderId);
const sentTo = (verb: string): string[] =>
	desk.history.flatMap(({ commands }) => commands.filter(({ kind }) => kind === verb).map(({ orderId }) => orderId));
const asked = (): string[] =>
	log.flatMap((effect) => (effect.kind === 'lookUp' ? effect.asked.map(({ orderId }) => orderId) : []));
const kept = (kind: JournalRecord['kind']): JournalRecord[] =>
	log.flatMap((effect) => (effect.kind === 'keep' ? effect.records.filter((record) => record.kind === kind) : []));

describe('a start after an earlier run', () => {
	test('places nothing before the venue has told what is left, however long that takes', () => {
		open([RUN, BTC_RECORD, placed(1)]);
		pass(30_000);
		expect(sentTo('place')).toEqual([]);
		expect(desk.engine.riskPauseReason()).toBe('what the last run left is being found out');
		expect(open_()).toEqual([oldId(1)]);
		expect(asked()).toEqual([]);
	});

	test('cancels what is left, and quotes once it is gone (BOOT11, BOOT12)', () => {
		open([RUN, BTC_RECORD, placed(1), placed(2)]);
		census([oldId(1), oldId(2)]);
		pass(250);
		expect(sentTo('cancel')).toEqual([oldId(1), oldId(2)]);
		expect(sentTo('place')).toEqual([]);
		desk.settle();
		pass(500);
		expect(desk.engine.isRiskPaused()).toBe(false);
		expect(sentTo('place').length).toBe(4);
		expect(desk.engine.orders.get(oldId(1))?.state).toBe('cancelled');
	});

	test('asks about orders that are not listed, and waits for the fence before it takes them for never placed (I7)', () => {
		open([RUN, BTC_RECORD, placed(1)]);
		census([]);
		pass(250);
		expect(asked()).toContain(oldId(1));
		lookedUp(oldId(1));
		pass(2_000);
		lookedUp(oldId(1));
		expect(open_()).toEqual([oldId(1)]);
		pass(20_000);
		lookedUp(oldId(1));
		pass(2_000);
		lookedUp(oldId(1));
		expect(desk.engine.orders.get(oldId(1))).toMatchObject({ state: 'rejected', reason: 'never reached the venue' });
		pass(500);
		expect(sentTo('place').length).toBe(4);
	});

	test('an order that was filled meanwhile is over when the venue says so', () => {
		open([RUN, BTC_RECORD, placed(1)]);
		census([]);
		lookedUp(oldId(1), 'filled');
		pass(500);
		expect(open_()).not.toContain(oldId(1));
		expect(sentTo('place').length).toBe(4);
	});

	test('an order of an earlier run that no journal knew of is found and cancelled (I4)', () => {
		open([RUN, BTC_RECORD]);
		census([oldId(7), 'somebody-elses']);
		pass(250);
		expect(sentTo('cancel')).toEqual([oldId(7)]);
		desk.settle();
		pass(500);
		expect(sentTo('place').length).toBe(4);
		expect(kept('reconciled')).toMatchObject([{ verdict: 'repaired', orphansClosed: 1 }]);
	});

	test('goes on from the position that its fills make', () => {
		const execution: JournalRecord = {
			kind: 'execution',
			executionId: 'e1',
			instrumentId: BTC.id,
			version: 1,
			clientOrderId: oldId(1),
			venueOrderId: 'v1',
			side: 'buy',
			priceTicks: 649_000,
			qtyLots: 5,
			fee: '0',
			feeCurrency: 'USDT',
			isMaker: true,
			tradedAtMs: NOW_MS - 5_000,
		};
		open([RUN, BTC_RECORD, placed(1), execution]);
		expect(desk.engine.ledger.positionLots(BTC.index)).toBe(5);
		const exposure = desk.engine.orders.exposureOf(BTC.index);
		expect([exposure.worstLong, exposure.worstShort]).toEqual([20, 5]);
	});

	test('that was killed stays killed: it cancels, and places nothing (I10, BOOT3)', () => {
		open([RUN, BTC_RECORD, placed(1), { kind: 'latch', level: 'kill', reason: 'operator', atMs: NOW_MS }]);
		census([oldId(1)]);
		pass(500);
		desk.settle();
		pass(30_000);
		expect(sentTo('cancel')).toContain(oldId(1));
		expect(sentTo('place')).toEqual([]);
		expect(desk.engine.levels.level).toBe('kill');
	});
});

describe('while it runs', () => {
	function quoting(): string[] {
		open(undefined);
		pass(500);
		desk.settle();
		pass(GRACE_MS);
		return open_();
	}

	test('the engine asks for a comparison now and then', () => {
		open(undefined);
		pass(RECONCILE_SETTINGS.intervalMs - 500);
		expect(log.filter(({ kind }) => kind === 'census')).toEqual([]);
		pass(1_000);
		expect(log.filter(({ kind }) => kind === 'census')).toEqual([{ kind: 'census', venue: 'bybit' }]);
	});

	test('orders that the venue does not have pull all quotes, until two comparisons were clean (Q3)', () => {
		const ours = quoting();
		census(ours.slice(2));
		expect(asked()).toEqual(ours.slice(0, 2));
		for (const orderId of ours.slice(0, 2)) lookedUp(orderId as OrderId, 'cancelled');
		expect(desk.engine.riskPauseReason()).toBe('2 of 4 orders were not what we took them for');
		pass(250);
		desk.settle();
		const before = sentTo('place').length;
		pass(4_000);
		expect(sentTo('place').length).toBe(before);
		for (let clean = 0; clean < 2; clean += 1) {
			pass(RECONCILE_SETTINGS.hurriedIntervalMs);
			census([]);
		}
		pass(500);
		expect(sentTo('place').length).toBe(before + 4);
	});

	test('a position that is not ours counts for the limits (F33, F76)', () => {
		quoting();
		for (let look = 0; look < 2; look += 1) census(open_(), 1_000);
		expect(desk.engine.orders.exposureOf(BTC.index).foreignLots).toBe(1_000);
		expect(desk.engine.ledger.positionLots(BTC.index)).toBe(0);
	});

	test('half a picture changes nothing', () => {
		const ours = quoting();
		census(undefined);
		pass(250);
		expect(asked()).toEqual([]);
		expect(open_()).toEqual(ours);
		expect(kept('reconciled')).toMatchObject([{ verdict: 'inconclusive' }]);
	});

	test('what ends, fills and is asked for stands in the journal', () => {
		const [first] = quoting();
		const order = desk.engine.orders.get(first as OrderId);
		if (order === undefined) throw new Error('the engine quotes');
		desk.engine.effects.length = 0;
		const execution = desk.fill(order, 3).executionEvent.execution;
		log.push(...desk.step({ kind: 'control', action: { kind: 'pause', scope: { kind: 'all' }, reason: 'lunch' }, ...desk.at() }));
		expect(kept('control')).toMatchObject([{ action: 'pause', detail: 'lunch', result: 'done' }]);
		const again = desk.step({ kind: 'execution', execution, ...desk.at() });
		expect(again.filter(({ kind }) => kind === 'keep')).toEqual([]);
	});

	test('a fill that does not say whose it is stands in the journal with the order that it belongs to (F87, I23)', () => {
		const [first] = quoting();
		const order = desk.engine.orders.get(first as OrderId);
		if (order === undefined) throw new Error('the engine quotes');
		const { execution } = desk.fill(order, 3).executionEvent;
		const nameless = { ...execution, executionId: 'another', clientOrderId: '', venueOrderId: order.venueOrderId ?? '' };
		log.push(...desk.step({ kind: 'execution', execution: nameless, ...desk.at() }));
		expect(kept('filled')).toEqual([{ kind: 'filled', orderId: first, qty: '0.006' }]);
	});
});
