import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { BTC_RECORD, runRecord } from '../../test/fixtures/journal-records.ts';
import type { JournalRecord } from '../domain/journal-record.ts';
import { timeMs } from '../domain/units.ts';
import { Projection } from './projection.ts';

const AT = 1_767_225_600_000;
const ID = 'bybit:linear:BTCUSDT';
const RECORDS: readonly JournalRecord[] = [
	runRecord('aaaa', AT),
	BTC_RECORD,
	{
		kind: 'place',
		orderId: 'one',
		instrumentId: ID,
		version: 1,
		owner: 'ladder BTCUSDT',
		slot: 3,
		side: 'buy',
		orderType: 'limit',
		timeInForce: 'postOnly',
		reduceOnly: false,
		priceTicks: 650_001,
		qtyLots: 20,
	},
	{ kind: 'amend', orderId: 'one', version: 1, priceTicks: 650_005, qtyLots: 25 },
	{
		kind: 'execution',
		executionId: 'e1',
		instrumentId: ID,
		version: 1,
		clientOrderId: 'one',
		venueOrderId: 'v1',
		side: 'sell',
		priceTicks: 650_005,
		qtyLots: 25,
		fee: '-0.01',
		feeCurrency: 'USDT',
		isMaker: true,
		tradedAtMs: AT,
	},
	{ kind: 'cancel', orderId: 'one' },
	{ kind: 'over', orderId: 'one', state: 'filled', reason: '' },
	{ kind: 'latch', level: 'kill', reason: 'operator', atMs: AT },
	{
		kind: 'reconciled',
		venue: 'bybit',
		atMs: AT,
		verdict: 'clean',
		ordersFixed: 0,
		orphansClosed: 0,
		isPaused: false,
		actions: ['MARK_FILLED one'],
	},
	{ kind: 'stopped', atMs: AT + 5, left: [] },
];

let folder: string;
let count = 0;
let path: string;
beforeAll(() => {
	folder = mkdtempSync(join(tmpdir(), 'evenkeel-projection-'));
});
afterAll(() => rmSync(folder, { recursive: true }));
beforeEach(() => {
	count += 1;
	path = join(folder, `${count}.db`);
});

function rows(sql: string): unknown[] {
	const database = new DatabaseSync(path, { readOnly: true });
	try {
		return database.prepare(sql).all();
	} finally {
		database.close();
	}
}

function told(records: readonly JournalRecord[], firstNumber = 1): void {
	const { projection } = Projection.open(path);
	projection.apply(firstNumber, records);
	projection[Symbol.dispose]();
}

describe('the tables', () => {
	test('say what the journal says, in plain decimals', () => {
		told(RECORDS);
		expect(rows('SELECT * FROM orders')).toEqual([
			{
				order_id: 'one',
				instrument_id: ID,
				owner: 'ladder BTCUSDT',
				slot: 3,
				side: 'buy',
				order_type: 'limit',
				time_in_force: 'postOnly',
				reduce_only: 0,
				price: '65000.5',
				qty: '0.025',
				state: 'filled',
				reason: '',
				number: 3,
			},
		]);
		expect(rows('SELECT verb, price FROM intents ORDER BY number')).toEqual([
			{ verb: 'place', price: '65000.1' },
			{ verb: 'amend', price: '65000.5' },
			{ verb: 'cancel', price: null },
		]);
		expect(rows('SELECT qty FROM positions')).toEqual([{ qty: '-0.025' }]);
		expect(rows('SELECT price, fee FROM executions')).toEqual([{ price: '65000.5', fee: '-0.01' }]);
		expect(rows('SELECT run_tag, stopped_at_ms, orders_left FROM sessions')).toEqual([
			{ run_tag: 'aaaa', stopped_at_ms: AT + 5, orders_left: 0 },
		]);
		expect(rows('SELECT action, detail FROM controls')).toEqual([{ action: 'latch', detail: 'kill' }]);
		expect(rows('SELECT verdict, actions FROM reconciliations')).toEqual([{ verdict: 'clean', actions: '["MARK_FILLED one"]' }]);
	});

	test('say what became of decisions', () => {
		const decision: JournalRecord = {
			...{ kind: 'decision', decisionId: 'd1', instrumentId: ID, atMs: AT, decision: 'BUY', reasons: ['signal-above'] },
			...{ orderId: 'one', closes: '', qty: '0.02', signal: { source: 's', value: 0.5, confidence: 1 }, isDryRun: false },
			entry: { type: 'market', slipBps: 1 },
			exits: { stopBps: 50, targetBps: 0, forMs: 0 },
			readings: { last: 1, bid: 1, ask: 1, barEndAtMs: timeMs(1), atMs: timeMs(1) },
		};
		const stages = { fetchMs: 40, signalMs: 1, riskMs: 0, orderMs: 41, portfolioMs: 0 };
		told([
			...RECORDS.slice(0, 2),
			decision,
			...RECORDS.slice(2, 3),
			{ kind: 'ran', decisionId: 'd1', atMs: AT, executionDurationMs: 82, stages, orderState: 'filled' },
			{ ...decision, decisionId: 'd2', decision: 'HOLD', orderId: '', reasons: ['signal-between'] },
			{ kind: 'over', orderId: 'one', state: 'filled', reason: '' },
			{ kind: 'exit', decisionId: 'd1', atMs: AT + 1, reason: 'elsewhere', orderId: '', qty: '0.001' },
			{ kind: 'exit', decisionId: 'd1', atMs: AT + 2, reason: 'stop', orderId: 'two', qty: '0.019' },
			// As a summary tells it.
			decision,
			{ kind: 'portfolio', atMs: AT, portfolio: { equity: '1.5' } },
		]);
		const fates = 'SELECT decision_id, decision, fate, exit_reason, exit_orders, duration_ms, stages FROM decision_fates';
		expect(rows(`${fates} ORDER BY decision_id`)).toEqual([
			{
				...{ decision_id: 'd1', decision: 'BUY', fate: 'filled', exit_reason: 'stop', exit_orders: 1, duration_ms: 82 },
				stages: JSON.stringify(stages),
			},
			{
				...{
					decision_id: 'd2',
					decision: 'HOLD',
					fate: 'none',
					exit_reason: null,
					exit_orders: 0,
					duration_ms: null,
					stages: null,
				},
			},
		]);
		expect(rows('SELECT at_ms, portfolio FROM snapshots')).toEqual([{ at_ms: AT, portfolio: '{"equity":"1.5"}' }]);
	});

	test('take each record once, however often and however cut it is told', () => {
		for (let cut = 0; cut <= RECORDS.length; cut += 1) {
			path = join(folder, `cut-${cut}.db`);
			told(RECORDS.slice(0, cut));
			told(RECORDS);
			told(RECORDS.slice(2), 3);
			expect(rows('SELECT count(*) AS n FROM intents')).toEqual([{ n: 3 }]);
			expect(rows('SELECT qty FROM positions')).toEqual([{ qty: '-0.025' }]);
			expect(rows('SELECT next_number AS n FROM progress')).toEqual([{ n: RECORDS.length + 1 }]);
		}
	});

	test('know the grids of instruments again after a restart', () => {
		told(RECORDS.slice(0, 2));
		told(RECORDS.slice(2), 3);
		expect(rows('SELECT price FROM orders')).toEqual([{ price: '65000.5' }]);
	});

	test('take what a summary holds in the place of executions that are gone', () => {
		told([
			...RECORDS.slice(0, 2),
			{ kind: 'ledger', snapshot: { version: 1, accounts: [{ instrumentId: ID, baseSigned: '1.5' }] } },
			{ kind: 'account', snapshot: { instrumentId: 'another', baseSigned: '-2' } } as JournalRecord,
		]);
		expect(rows('SELECT qty FROM positions ORDER BY qty')).toEqual([{ qty: '-2' }, { qty: '1.5' }]);
	});

	test('all of a group are taken or none', () => {
		const { projection } = Projection.open(path);
		const bad = { kind: 'over', orderId: 'one', state: undefined, reason: '' } as unknown as JournalRecord;
		expect(() => projection.apply(1, [...RECORDS.slice(0, 3), bad])).toThrow(/cannot be bound|NOT NULL/);
		expect(projection.nextNumber).toBe(1);
		projection.apply(1, RECORDS);
		projection[Symbol.dispose]();
		expect(rows('SELECT count(*) AS n FROM orders')).toEqual([{ n: 1 }]);
	});

	test('of another version are thrown away and made anew', () => {
		told(RECORDS);
		const database = new DatabaseSync(path);
		database.exec('PRAGMA user_version = 99');
		database.close();
		const { projection, isNew } = Projection.open(path);
		expect([isNew, projection.nextNumber]).toEqual([true, 1]);
		projection[Symbol.dispose]();
		expect(rows('SELECT * FROM orders')).toEqual([]);
	});
});
