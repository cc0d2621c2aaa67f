import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BTC_RECORD, runRecord } from '../../test/fixtures/journal-records.ts';
import type { ExecutionRecord, InstrumentRecord, JournalRecord, PlaceRecord, RunRecord } from '../domain/journal-record.ts';
import { type Recovered, Recovery, RUNS_REMEMBERED_MAX } from './recovery.ts';

const AT = 1_767_225_600_000;
const BTC = BTC_RECORD;
const FINER: InstrumentRecord = { ...BTC, version: 2, tickSize: '0.05', lotSize: '0.0005' };

const run = (runTag: string, atMs = AT): RunRecord => runRecord(runTag, atMs);
const idOf = (number: number): string => `BTCUSDT-Buy-${AT + number}-1-1000`;
const place = (number: number, more: Partial<PlaceRecord> = {}): PlaceRecord => ({
	kind: 'place',
	orderId: idOf(number),
	instrumentId: BTC.instrumentId,
	version: 1,
	owner: 'ladder BTCUSDT',
	slot: number,
	side: 'buy',
	orderType: 'limit',
	timeInForce: 'postOnly',
	reduceOnly: false,
	priceTicks: 650_000,
	qtyLots: 20,
	...more,
});
const execution = (number: number, order: number, more: Partial<ExecutionRecord> = {}): ExecutionRecord => ({
	kind: 'execution',
	executionId: `e${number}`,
	instrumentId: BTC.instrumentId,
	version: 1,
	clientOrderId: idOf(order),
	venueOrderId: `v${order}`,
	side: 'buy',
	priceTicks: 650_000,
	qtyLots: 5,
	fee: '0.013',
	feeCurrency: 'USDT',
	isMaker: true,
	tradedAtMs: AT + number,
	...more,
});

function fold(records: readonly JournalRecord[], recovery = new Recovery()): Recovery {
	for (const record of records) recovery.apply(record);
	return recovery;
}

const recovered = (...records: readonly JournalRecord[]): Recovered => fold(records).result();

describe('what a journal leaves behind', () => {
	test('is nothing where there was nothing', () => {
		expect(recovered()).toMatchObject({ orders: [], runTags: [], latch: undefined, lastRun: undefined, endedWell: true });
	});

	test('an order that was to be sent may exist until its end is written down (I7)', () => {
		const before = [run('aaaa'), BTC, place(1), place(2)];
		expect(recovered(...before).orders.map(({ orderId }) => orderId)).toEqual([idOf(1), idOf(2)]);
		const ended = recovered(...before, { kind: 'over', orderId: idOf(1), state: 'cancelled', reason: '' });
		expect(ended.orders).toEqual([
			{
				orderId: idOf(2),
				instrumentId: BTC.instrumentId,
				owner: 'ladder BTCUSDT',
				slot: 2,
				side: 'buy',
				orderType: 'limit',
				timeInForce: 'postOnly',
				reduceOnly: false,
				versions: [{ price: '65000', qty: '0.02' }],
				filled: '0',
			},
		]);
	});

	test('a cancel that was asked for ends nothing', () => {
		expect(recovered(run('aaaa'), BTC, place(1), { kind: 'cancel', orderId: idOf(1) }).orders.length).toBe(1);
	});

	test('a fill that is told after the grid has changed counts on the grid of its time, over a summary too (F59)', () => {
		const before = [run('aaaa'), BTC, place(1), FINER];
		const told = execution(1, 1);
		const expected = [{ orderId: idOf(1), filled: '0.005' }];
		expect(recovered(...before, told).orders).toMatchObject(expected);
		expect(recovered(...fold(before).records(), told).orders).toMatchObject(expected);
		expect(recovered(...before, told).ledger.accounts[0]).toMatchObject({ baseSigned: '0.005', lotSize: '0.0005' });
	});

	test('of an amended order both versions may hold, on the grids that they were asked for on (F26)', () => {
		const amend: JournalRecord = { kind: 'amend', orderId: idOf(1), version: 2, priceTicks: 1_300_001, qtyLots: 50 };
		const { orders } = recovered(run('aaaa'), BTC, place(1), FINER, amend);
		expect(orders[0]?.versions).toEqual([
			{ price: '65000', qty: '0.02' },
			{ price: '65000.05', qty: '0.025' },
		]);
	});

	test('of an order whose amends may all have been refused, what it was placed with is not forgotten (I3)', () => {
		const amends = Array.from({ length: 20 }, (_, i): JournalRecord => {
			return { kind: 'amend', orderId: idOf(1), version: 1, priceTicks: 650_001 + i, qtyLots: 20 };
		});
		const { versions = [] } = recovered(run('aaaa'), BTC, place(1), ...amends).orders[0] ?? {};
		expect([versions[0]?.price, versions.at(-1)?.price, versions.length]).toEqual(['65000', '65002', 8]);
	});

	test('a run that is told again is the same run', () => {
		expect(recovered(run('aaaa'), run('bbbb'), run('aaaa')).runTags).toEqual(['aaaa', 'bbbb']);
	});

	test('fills count once, also those of orders that are over (I5)', () => {
		const one = recovered(run('aaaa'), BTC, place(1), execution(1, 1), execution(1, 1), execution(2, 1), execution(3, 9));
		expect(one.orders[0]?.filled).toBe('0.01');
		expect(one.ledger.accounts[0]).toMatchObject({ baseSigned: '0.015', fees: [['USDT', '0.039']] });
	});

	test('funding counts once', () => {
		const funding = { instrumentId: BTC.instrumentId, amount: '-1.5', currency: 'USDT', fundedAtMs: AT };
		const paid: JournalRecord = { kind: 'funding', fundingId: 'f1', ...funding };
		expect(recovered(run('aaaa'), BTC, paid, paid).ledger.accounts[0]?.funding).toEqual([['USDT', '-1.5']]);
	});

	test('the last id is the highest, whatever became of its order (I8)', () => {
		const over: JournalRecord = { kind: 'over', orderId: idOf(7), state: 'rejected', reason: 'refused' };
		const { lastOrderId } = recovered(run('aaaa'), BTC, place(7), over, place(3));
		expect(lastOrderId).toEqual({ timestampMs: AT + 7, counter: 1 });
	});

	test('a kill stays until a person takes it back, and a lesser latch does not lessen it (I10)', () => {
		const kill: JournalRecord = { kind: 'latch', level: 'kill', reason: 'operator', atMs: AT };
		const lesser: JournalRecord = { kind: 'latch', level: 'reduceOnly', reason: 'loss', atMs: AT + 1 };
		expect(recovered(run('aaaa'), kill, lesser, run('bbbb')).latch).toEqual(kill);
		expect(recovered(run('aaaa'), lesser, kill).latch).toEqual(kill);
		expect(recovered(run('aaaa'), kill, { kind: 'rearm', by: 'me', atMs: AT }, run('bbbb')).latch).toBeUndefined();
	});

	test('runs without a good-bye have crashed; one that left orders behind said good-bye, but did not end well', () => {
		const stopped = (left: readonly string[]): JournalRecord => ({ kind: 'stopped', atMs: AT, left });
		expect(recovered(run('aaaa', 1), stopped([]), run('bbbb', 2), run('cccc', 3)).crashesAtMs).toEqual([3, undefined]);
		expect(recovered(run('aaaa'), stopped([])).endedWell).toBe(true);
		expect(recovered(run('aaaa'), stopped([idOf(1)]))).toMatchObject({ endedWell: false, crashesAtMs: [] });
	});

	test('an amend that is told twice does not push out what was asked for before it', () => {
		const amend: JournalRecord = { kind: 'amend', orderId: idOf(1), version: 1, priceTicks: 7, qtyLots: 30 };
		const [once] = recovered(run('aaaa'), BTC, place(1), amend).orders;
		expect(once?.versions.length).toBe(2);
		expect(recovered(run('aaaa'), BTC, place(1), amend, amend).orders).toEqual([once]);
	});

	test('a person who re-arms looks at what crashed until then: it counts no more, also in a summary', () => {
		const rearm: JournalRecord = { kind: 'rearm', by: 'me', atMs: AT };
		const records = [run('aaaa', 1), run('bbbb', 2), rearm, run('cccc', 3), run('dddd', 4)];
		expect(recovered(...records).crashesAtMs).toEqual([4, undefined]);
		expect(recovered(...fold(records).records()).crashesAtMs).toEqual([4, undefined]);
	});

	test('a summary tells of each account by itself, so that none of its records takes long to write', () => {
		const ETH = { ...BTC, instrumentId: 'bybit:linear:ETHUSDT', symbol: 'ETHUSDT', baseCurrency: 'ETH' };
		const other = { ...execution(2, 1), instrumentId: ETH.instrumentId };
		const records = [...fold([run('aaaa'), BTC, ETH, execution(1, 1), other]).records()];
		const told = ['e1', 'e2'].map((id) => records.filter((record) => JSON.stringify(record).includes(`"${id}"`)));
		expect(told.map(([record]) => record?.kind)).toEqual(['account', 'account']);
		expect(told[0]?.[0]).not.toBe(told[1]?.[0]);
	});

	test('runs are remembered up to a bound (I18)', () => {
		const many = Array.from({ length: RUNS_REMEMBERED_MAX + 5 }, (_, i) => run(i.toString(36).padStart(4, '0')));
		const { runTags } = recovered(...many);
		expect(runTags.length).toBe(RUNS_REMEMBERED_MAX);
		expect(runTags[0]).toBe('0005');
	});

	test('a number on a grid that was never written down is a broken journal, not a guess', () => {
		expect(() => recovered(run('aaaa'), BTC, place(1, { version: 2 }))).toThrow('version 2 of bybit:linear:BTCUSDT');
	});
});

const order = fc.integer({ min: 0, max: 5 });
type Deed = (version: number) => readonly JournalRecord[];
const deed: fc.Arbitrary<Deed> = fc.oneof(
	order.map(
		(each): Deed =>
			(version) => [place(each, { version })],
	),
	fc.tuple(order, fc.integer({ min: 1, max: 1_000 })).map(
		([each, priceTicks]): Deed =>
			(version) => [{ kind: 'amend', orderId: idOf(each), version, priceTicks, qtyLots: 30 }],
	),
	order.map(
		(each): Deed =>
			() => [{ kind: 'over', orderId: idOf(each), state: 'cancelled', reason: '' }],
	),
	fc.tuple(fc.nat(8), order).map(
		([number, each]): Deed =>
			(version) => [execution(number, each, { version })],
	),
	fc.nat(8).map(
		(number): Deed =>
			() => [
				{
					...{ kind: 'funding', fundingId: `f${number}`, instrumentId: BTC.instrumentId },
					...{ amount: '0.5', currency: 'USDT', fundedAtMs: AT + number },
				},
			],
	),
	fc.constantFrom('aaaa', 'bbbb').map(
		(tag): Deed =>
			() => [run(tag)],
	),
	fc.constantFrom('kill' as const, 'reduceOnly' as const).map(
		(level): Deed =>
			() => [{ kind: 'latch', level, reason: 'x', atMs: AT }],
	),
	fc.constant<Deed>(() => [{ kind: 'rearm', by: 'me', atMs: AT }]),
	fc.array(fc.constant(idOf(1)), { maxLength: 1 }).map(
		(left): Deed =>
			() => [{ kind: 'stopped', atMs: AT, left }],
	),
);

test('a summary at any point and what follows it give the same state as all of it (I22, I23)', () => {
	fc.assert(
		fc.property(fc.array(fc.tuple(deed, fc.boolean()), { maxLength: 40 }), fc.nat(), (deeds, drawn) => {
			let version = 1;
			const records: JournalRecord[] = [run('0000'), BTC];
			for (const [made, isNewGrid] of deeds) {
				if (isNewGrid && version === 1) {
					version = 2;
					records.push(FINER);
				}
				records.push(...made(version));
			}
			const cut = drawn % (records.length + 1);
			const summary = [...fold(records.slice(0, cut)).records()];
			expect(fold(records.slice(cut), fold(summary)).result()).toEqual(fold(records).result());
		}),
	);
});
