import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { makeTestInstrument } from '../../test/fixtures/instruments.ts';
import type { Command } from '../domain/command.ts';
import { EXIT_REASONS } from '../domain/decision.ts';
import type { JournalRecord } from '../domain/journal-record.ts';
import { timeMs } from '../domain/units.ts';
import { lineOf, lineOfCommand, readLine } from './journal-codec.ts';

const INSTRUMENT = makeTestInstrument({ version: 3 });
const OWNERS = ['ladder BTCUSDT', 'a "quoted" name'];
const text = fc.string({ unit: 'grapheme' });
const whole = fc.integer({ min: 0, max: 2 ** 50 });
const instant = whole.map(timeMs);
/** As JSON has it: no NaN, and no minus before a zero. */
const figure = fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0);
const side = fc.constantFrom('buy' as const, 'sell' as const);
const id = fc.stringMatching(/^[A-Za-z0-9_-]{1,36}$/);
const terms = { version: whole, priceTicks: whole, qtyLots: whole };

const record: fc.Arbitrary<JournalRecord> = fc.oneof(
	fc.record({
		kind: fc.constant('run' as const),
		runTag: text,
		atMs: whole,
		mode: text,
		build: text,
		settings: text,
	}),
	fc.record({
		kind: fc.constant('instrument' as const),
		instrumentId: text,
		version: whole,
		venue: text,
		category: fc.constantFrom('spot' as const, 'linear' as const, 'inverse' as const),
		symbol: text,
		baseCurrency: text,
		quoteCurrency: text,
		settleCurrency: text,
		tickSize: text,
		lotSize: text,
	}),
	fc.record({
		kind: fc.constant('over' as const),
		orderId: id,
		state: fc.constantFrom('filled' as const, 'cancelled' as const, 'rejected' as const, 'expired' as const),
		reason: text,
	}),
	fc.record({
		kind: fc.constant('execution' as const),
		executionId: text,
		instrumentId: text,
		clientOrderId: text,
		venueOrderId: text,
		side,
		fee: text,
		feeCurrency: text,
		isMaker: fc.boolean(),
		tradedAtMs: whole,
		...terms,
	}),
	fc.record({ kind: fc.constant('filled' as const), orderId: id, qty: text }),
	fc.record({ kind: fc.constant('mark' as const), timestampMs: whole, counter: whole }),
	fc.record({
		kind: fc.constant('funding' as const),
		fundingId: text,
		instrumentId: text,
		amount: text,
		currency: text,
		fundedAtMs: whole,
	}),
	fc.record({ kind: fc.constant('ledger' as const), snapshot: fc.record({ version: whole, accounts: fc.array(text) }) }),
	fc.record({
		kind: fc.constant('latch' as const),
		level: fc.constantFrom('reduceOnly' as const, 'kill' as const),
		reason: text,
		atMs: whole,
	}),
	fc.record({ kind: fc.constant('rearm' as const), by: text, atMs: whole }),
	fc.record({ kind: fc.constant('control' as const), action: text, detail: text, result: text, atMs: whole }),
	fc.record({
		kind: fc.constant('reconciled' as const),
		venue: text,
		atMs: whole,
		verdict: fc.constantFrom('clean' as const, 'repaired' as const, 'inconclusive' as const, 'desync' as const),
		ordersFixed: whole,
		orphansClosed: whole,
		isPaused: fc.boolean(),
		actions: fc.array(text),
	}),
	fc.record({
		kind: fc.constant('decision' as const),
		decisionId: text,
		instrumentId: text,
		atMs: whole,
		decision: fc.constantFrom('BUY' as const, 'SELL' as const, 'HOLD' as const),
		reasons: fc.array(text),
		orderId: id,
		closes: text,
		qty: text,
		signal: fc.record({ source: text, value: figure, confidence: figure }),
		entry: fc.oneof(
			fc.record({ type: fc.constant('market' as const), slipBps: figure }),
			fc.record({ type: fc.constant('limit' as const), offsetTicks: fc.integer(), forMs: figure }),
		),
		exits: fc.record({ stopBps: figure, targetBps: figure, forMs: figure }),
		readings: fc.record({ last: figure, bid: figure, ask: figure, barEndAtMs: instant, atMs: instant }),
		isDryRun: fc.boolean(),
	}),
	fc.record({
		kind: fc.constant('exit' as const),
		decisionId: text,
		atMs: whole,
		reason: fc.constantFrom(...EXIT_REASONS),
		orderId: id,
		qty: text,
	}),
	fc.record({
		kind: fc.constant('watch' as const),
		decisionId: text,
		orders: fc.array(fc.record({ orderId: id, filled: text, isOver: fc.boolean() })),
		closed: text,
		priced: text,
		cost: text,
		filledAtMs: whole,
		exitReason: fc.constantFrom(...EXIT_REASONS, '' as const),
	}),
	fc.record({
		kind: fc.constant('ran' as const),
		decisionId: text,
		atMs: whole,
		executionDurationMs: figure,
		stages: fc.record({ fetchMs: figure, signalMs: figure, riskMs: figure, orderMs: figure, portfolioMs: figure }),
		orderState: text,
	}),
	fc.record({ kind: fc.constant('portfolio' as const), atMs: whole, portfolio: fc.record({ equity: text, drawdown: figure }) }),
	fc.record({ kind: fc.constant('stopped' as const), atMs: whole, left: fc.array(text) }),
);

const command = fc.oneof(
	fc.record({
		kind: fc.constant('place'),
		orderId: id,
		quoter: fc.integer({ min: -1, max: 2 }),
		slot: whole,
		side,
		orderType: fc.constantFrom('limit', 'market'),
		timeInForce: fc.constantFrom('gtc', 'postOnly', 'ioc', 'fok'),
		reduceOnly: fc.boolean(),
		priceTicks: whole,
		qtyLots: whole,
	}),
	fc.record({ kind: fc.constant('amend'), orderId: id, priceTicks: whole, qtyLots: whole }),
	fc.record({ kind: fc.constant('cancel'), orderId: id }),
);

describe('a line of the journal', () => {
	test('gives every record back', () => {
		fc.assert(
			fc.property(record, (each) => {
				const line = lineOf(each);
				expect(line).not.toContain('\n');
				expect(readLine(line)).toEqual({ kind: 'record', record: each });
			}),
		);
	});

	test('of a command says all of it but what its instrument says', () => {
		fc.assert(
			fc.property(command, (each) => {
				const { kind, quoter = 0, ...fields } = each as typeof each & { quoter?: number };
				const owner = OWNERS[quoter] ?? '';
				const extra = { cancel: {}, amend: { version: 3 }, place: { version: 3, instrumentId: INSTRUMENT.id, owner } }[kind];
				const line = lineOfCommand({ ...each, instrument: INSTRUMENT } as unknown as Command, OWNERS);
				expect(readLine(line)).toEqual({ kind: 'record', record: { kind, ...fields, ...extra } });
			}),
		);
	});

	test.each([
		['{', 'no JSON: {'],
		['[]', 'no record: []'],
		['{"kind":"order"}', "a record of kind 'order' whose kind is not as it was"],
		['{"kind":"rearm","by":7,"atMs":5}', "a record of kind 'rearm' whose by is not as it was"],
	])('that is %s is unreadable, and says why', (line, detail) => {
		const read = readLine(line);
		expect(read.kind === 'unreadable' && read.detail).toContain(detail);
	});

	test('of the file itself is no record', () => {
		expect(readLine('{"kind":"segment","format":1}')).toMatchObject({ kind: 'other', value: { format: 1 } });
	});
});
