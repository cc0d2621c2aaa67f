/** What becomes of the desk's questions: what is sent and written down, how it is closed again, and what never happens. */
import { describe, expect, test, vi } from 'vitest';
import { DecidingDesk, MID } from '../../test/fixtures/decisions.ts';
import { Desk, WIDE_LIMITS } from '../../test/fixtures/desk.ts';
import { BTCUSDT, SOLUSDT_SPOT } from '../../test/fixtures/instruments.ts';
import { Scripted } from '../../test/fixtures/scripted.ts';
import { instrumentIndex } from '../domain/instrument.ts';
import type { DecisionRecord, ExitRecord, JournalRecord } from '../domain/journal-record.ts';
import { isOver } from '../domain/order-life.ts';
import { lots, monoMs, ticks, timeMs } from '../domain/units.ts';
import { Parents } from '../risk/parents.ts';
import { Recovery } from './recovery.ts';

const NO_EXITS = { stopBps: 0, targetBps: 0, forMs: 0 };
const SELL = { signal: { source: 'desk', value: -0.9, confidence: 1 } };

function decisions(records: readonly JournalRecord[]): readonly DecisionRecord[] {
	return records.filter((record) => record.kind === 'decision');
}

function exits(records: readonly JournalRecord[]): readonly Pick<ExitRecord, 'reason' | 'qty'>[] {
	return records.flatMap((record) => (record.kind === 'exit' ? [{ reason: record.reason, qty: record.qty }] : []));
}

/** Bought ten lots at the mid. */
function bought(rules: Partial<typeof NO_EXITS>, desk = new DecidingDesk()) {
	const { orderId } = desk.decide({ exits: { ...NO_EXITS, ...rules } });
	desk.end(desk.order(orderId), 10);
	desk.kept.length = 0;
	return desk;
}

describe('a decision', () => {
	test('to buy sends an order that ends at once, and stands in the journal in front of it (I2)', () => {
		const desk = new DecidingDesk();
		desk.commits = 'held';
		const { decision, reasons, orderId } = desk.decide();
		expect([decision, reasons]).toEqual(['BUY', ['signal-above']]);
		expect(desk.history, 'nothing leaves before that is safe').toEqual([]);
		expect(decisions(desk.kept)).toMatchObject([{ decisionId: 'd1', orderId, qty: '0.01', decision: 'BUY' }]);
		desk.confirmCommits();
		expect(desk.history.flatMap(({ commands }) => commands)).toMatchObject([
			{ orderId, side: 'buy', timeInForce: 'ioc', reduceOnly: false, qtyLots: 10, priceTicks: 650_651 },
		]);
	});

	test('and its exit travel to the journal in one piece with their orders', () => {
		const desk = bought({ forMs: 1_000 });
		desk.later(1_000);
		const [exit] = desk.openOrders();
		expect(desk.besides).toMatchObject([
			{ kind: 'decision', decisionId: 'd1' },
			{ kind: 'exit', decisionId: 'd1', orderId: exit?.orderId },
		]);
	});

	test('whose commit fails sends nothing and is over', () => {
		const desk = new DecidingDesk();
		desk.commits = 'held';
		const { orderId } = desk.decide();
		desk.failCommits();
		expect(desk.history).toEqual([]);
		expect(desk.order(orderId)).toMatchObject({ state: 'rejected', reason: 'not sent' });
	});

	test('is made once, whoever asks again and whatever else he says', () => {
		const desk = new DecidingDesk();
		const first = desk.decide({ decisionId: 'same' });
		expect(desk.decide({ decisionId: 'same', ...SELL, qtyLots: lots(99) })).toEqual(first);
		expect(desk.history).toHaveLength(1);
		expect(decisions(desk.kept)).toHaveLength(1);
	});

	test('to hold is written down and places nothing', () => {
		const desk = new DecidingDesk();
		expect(desk.decide({ signal: { source: 'desk', value: 0, confidence: 1 } })).toMatchObject({ decision: 'HOLD', orderId: '' });
		expect(decisions(desk.kept)).toMatchObject([{ decision: 'HOLD', reasons: ['signal-between'], orderId: '' }]);
		expect(desk.history).toEqual([]);
	});

	test('on what is no number is written down so that it can be read again', () => {
		const desk = new DecidingDesk();
		const readings = { last: Number.NaN, bid: Number.POSITIVE_INFINITY, ask: -0, barEndAtMs: timeMs(1), atMs: desk.at().wallMs };
		desk.decide({ signal: { source: 'desk', value: Number.NaN, confidence: 1 }, readings });
		const [record] = decisions(desk.kept);
		expect(JSON.parse(JSON.stringify(record))).toEqual(record);
		expect(record).toMatchObject({ signal: { value: 0 }, readings: { last: 0, bid: 0, ask: 0 } });
	});

	test('that the gate refuses is one to hold, with its code', () => {
		const desk = new DecidingDesk({ settings: { limits: { ...WIDE_LIMITS, orderNotionalMax: 1 } } });
		expect(desk.decide()).toEqual({ kind: 'decided', decision: 'HOLD', reasons: ['signal-above', 'PT7'], orderId: '' });
	});

	test('about a symbol that nobody follows is refused', () => {
		const desk = new DecidingDesk();
		const action = desk.asked({ instrument: instrumentIndex(7) });
		expect(desk.ask({ kind: 'control', action, ...desk.at() })).toEqual({ kind: 'refused', reason: 'PT2' });
	});

	test('heeds a signal in force, and not one whose time is over', () => {
		const desk = new DecidingDesk();
		const { monoMs: nowMono } = desk.at();
		const signal = { instrument: desk.instrument.index, source: 'news', value: -1, confidence: 1 };
		desk.step({ kind: 'signal', ...signal, expiresAtMono: monoMs(nowMono + 1_000), ...desk.at() });
		expect(desk.decide().reasons).toEqual(['signal-above', 'signal-opposed']);
		desk.later(1_000);
		expect(desk.decide().decision).toBe('BUY');
	});

	test('while one of its direction is open holds; the other way round closes it and opens nothing', () => {
		const desk = bought({});
		expect(desk.decide().reasons).toEqual(['signal-above', 'position-open']);
		const { decision, reasons, orderId } = desk.decide(SELL);
		expect([decision, reasons]).toEqual(['SELL', ['signal-below', 'closes-open']]);
		expect(desk.order(orderId)).toMatchObject({ side: 'sell', reduceOnly: true, qtyLots: 10 });
		expect(desk.kept).toMatchObject([
			{ reasons: ['signal-above', 'position-open'] },
			{ kind: 'exit' },
			{ closes: 'd1', orderId },
		]);
		expect(desk.decide(SELL).reasons).toEqual(['signal-below', 'being-closed']);
		desk.end(desk.order(orderId), 10);
		expect(desk.positionLots).toBe(0);
		desk.later(1_000);
		expect(desk.decide(SELL)).toMatchObject({ decision: 'SELL', reasons: ['signal-below'] });
	});

	test('counts on nothing that is closed already, even in the same moment', () => {
		const desk = bought({});
		const { orderId } = desk.decide(SELL);
		desk.end(desk.order(orderId), 10);
		expect(desk.decide(SELL)).toMatchObject({ decision: 'SELL', reasons: ['signal-below'] });
	});

	test('that is over leaves no parent open', () => {
		const [open, close] = [vi.spyOn(Parents.prototype, 'open'), vi.spyOn(Parents.prototype, 'close')];
		const desk = bought({ stopBps: 50 });
		desk.later(10, MID * 0.99);
		for (const order of desk.openOrders()) desk.end(order, 10);
		desk.later(10);
		const closed = close.mock.calls.map(([parentId]) => parentId);
		expect(open.mock.calls.map(([parentId]) => parentId)).toEqual(['decision d1', 'exit d1']);
		expect(closed).toEqual(expect.arrayContaining(['decision d1', 'exit d1']));
		open.mockRestore();
		close.mockRestore();
	});

	test('in a dry run says what would happen, the gate included, and sends nothing', () => {
		const desk = new DecidingDesk();
		expect(desk.decide({ isDryRun: true })).toMatchObject({ decision: 'BUY', reasons: ['signal-above', 'dry-run'], orderId: '' });
		const tight = new DecidingDesk({ settings: { limits: { ...WIDE_LIMITS, orderNotionalMax: 1 } } });
		expect(tight.decide({ isDryRun: true }).reasons).toEqual(['signal-above', 'dry-run', 'PT7']);
		expect(tight.engine.gate.denials.PT7, 'it was only asked').toBe(0);
		const holding = bought({});
		expect(holding.decide({ ...SELL, isDryRun: true }).reasons).toEqual(['signal-below', 'closes-open', 'dry-run']);
		for (const each of [desk, tight]) expect([each.history, each.openOrders()]).toEqual([[], []]);
		expect(holding.openOrders()).toEqual([]);
		expect(decisions(holding.kept)).toMatchObject([{ isDryRun: true, orderId: '' }]);
	});

	test('on spot is sold only where it was bought', () => {
		const sol = { ...SOLUSDT_SPOT, index: instrumentIndex(0) };
		const desk = new DecidingDesk({ instruments: [sol] });
		const readings = { last: MID / 100, bid: 0, ask: 0, barEndAtMs: desk.at().wallMs, atMs: desk.at().wallMs };
		expect(desk.decide({ ...SELL, readings }).reasons).toEqual(['signal-below', 'nothing-to-sell']);
	});
});

describe('a limit entry', () => {
	const LIMIT = { entry: { type: 'limit', offsetTicks: 3, forMs: 2_000 } } as const;

	test('stands for its time, and what has filled by then is watched', () => {
		const desk = new DecidingDesk();
		const { orderId } = desk.decide({ ...LIMIT, exits: { ...NO_EXITS, stopBps: 50 } });
		desk.settle();
		desk.fill(desk.order(orderId), 4);
		desk.later(1_999);
		expect(desk.sent).toEqual([]);
		desk.later(1);
		expect(desk.sent).toMatchObject([{ verb: 'cancel' }]);
		desk.settle();
		expect(desk.order(orderId).state).toBe('cancelled');
		desk.later(600, MID * 0.99);
		expect(desk.openOrders()).toMatchObject([{ side: 'sell', qtyLots: 4, reduceOnly: true }]);
	});

	test('of which nothing has filled yet is cancelled when the other way round is decided', () => {
		const desk = new DecidingDesk();
		const { orderId } = desk.decide(LIMIT);
		desk.settle();
		expect(desk.decide(SELL).reasons).toEqual(['signal-below', 'closes-open']);
		expect(desk.sent).toMatchObject([{ verb: 'cancel' }]);
		desk.settle();
		expect([desk.order(orderId).state, desk.openOrders()]).toEqual(['cancelled', []]);
	});

	test('is cancelled when its stop is reached, and what fills meanwhile is sold, too', () => {
		const desk = new DecidingDesk();
		const { orderId } = desk.decide({ ...LIMIT, exits: { ...NO_EXITS, stopBps: 50 } });
		desk.settle();
		desk.fill(desk.order(orderId), 4);
		desk.later(10, MID * 0.99);
		expect(desk.sent).toMatchObject([{ verb: 'cancel' }]);
		desk.fill(desk.order(orderId), 3);
		desk.later(600, MID * 0.99);
		expect(desk.openOrders(), 'they would cross').toMatchObject([{ orderId, state: 'cancelling' }]);
		desk.settle();
		expect(desk.openOrders()).toMatchObject([{ side: 'sell', qtyLots: 7 }]);
	});
});

describe('what was bought is sold', () => {
	test('and a fill of it that names nobody is not taken for what somebody else sold', () => {
		const desk = bought({ stopBps: 50 });
		desk.later(10, MID * 0.99);
		const [exit] = desk.openOrders();
		if (exit === undefined) throw new Error('it is being sold');
		desk.settle();
		desk.tellEnd(exit, 4);
		desk.fill(exit, 4, '');
		expect(exits(desk.kept)).toEqual([{ reason: 'stop', qty: '0.01' }]);
		desk.later(600, MID * 0.99);
		expect(desk.openOrders()).toMatchObject([{ side: 'sell', qtyLots: 6 }]);
	});

	test('together with what was filled late', () => {
		const desk = new DecidingDesk();
		const { orderId } = desk.decide({ exits: { ...NO_EXITS, stopBps: 50 } });
		desk.end(desk.order(orderId), 4);
		desk.later(10, MID * 0.99);
		for (const exit of desk.openOrders()) desk.end(exit, 2);
		desk.fill(desk.order(orderId), 6);
		desk.later(600, MID * 0.99);
		expect(desk.openOrders()).toMatchObject([{ side: 'sell', qtyLots: 8 }]);
		expect(desk.engine.gate.denials.PT23).toBe(0);
	});

	test('when its time is over although its fills named nobody', () => {
		const desk = new DecidingDesk();
		const { orderId } = desk.decide({ exits: { ...NO_EXITS, forMs: 5_000 } });
		desk.settle();
		desk.fill(desk.order(orderId), 10, '');
		desk.later(4_999);
		expect(desk.openOrders()).toEqual([]);
		desk.later(1);
		expect(exits(desk.kept)).toEqual([{ reason: 'time', qty: '0.01' }]);
	});

	test.each<[reason: string, rules: Partial<typeof NO_EXITS>, before: number, at: number]>([
		['stop', { stopBps: 50 }, MID * 0.9951, MID * 0.995],
		['target', { targetBps: 50 }, MID * 1.005, MID * 1.005 + 2],
	])('at its %s, not before', (reason, rules, before, at) => {
		const desk = bought(rules);
		const paid = 650_651;
		const moved = (price: number): number => Math.round((price / MID) * paid);
		desk.later(1_000, moved(before));
		expect(desk.openOrders()).toEqual([]);
		desk.later(1_000, moved(at) + (reason === 'target' ? 1 : -1));
		expect(desk.openOrders()).toMatchObject([{ side: 'sell', qtyLots: 10, reduceOnly: true, timeInForce: 'ioc' }]);
		expect(exits(desk.kept)).toEqual([{ reason, qty: '0.01' }]);
	});

	test('when its time is over, which begins with the first fill', () => {
		const desk = bought({ forMs: 5_000 });
		desk.later(4_999);
		expect(desk.openOrders()).toEqual([]);
		desk.later(1);
		expect(exits(desk.kept)).toEqual([{ reason: 'time', qty: '0.01' }]);
	});

	test('and what was sold is bought again, by the mirrored rules', () => {
		const desk = new DecidingDesk();
		const { orderId } = desk.decide({ ...SELL, exits: { ...NO_EXITS, stopBps: 50 } });
		desk.end(desk.order(orderId), 10);
		desk.later(1_000, MID * 0.99);
		expect(desk.openOrders()).toEqual([]);
		desk.later(1_000, Math.round(MID * 1.01));
		expect(desk.openOrders()).toMatchObject([{ side: 'buy', qtyLots: 10, reduceOnly: true }]);
	});

	test('by the mark where there is no book to believe, and leaves when there is one again', () => {
		const desk = bought({ stopBps: 50 });
		desk.step({ kind: 'bookLost', instrument: desk.instrument.index, reason: 'gap', ...desk.at() });
		const mark = { markTicks: MID * 0.99, fundingRate: 0, nextFundingAtMs: timeMs(0) };
		desk.step({ kind: 'mark', instrument: desk.instrument.index, ...mark, ...desk.at() });
		expect(desk.openOrders()).toEqual([]);
		desk.later(600, MID * 0.992);
		expect(desk.openOrders()).toMatchObject([{ side: 'sell', qtyLots: 10 }]);
	});

	test('in one order at a time; the rest follows, until nothing is left', () => {
		const desk = bought({ stopBps: 50 });
		desk.later(10, MID * 0.99);
		const [first] = desk.openOrders();
		if (first === undefined) throw new Error('it is being sold');
		desk.later(5_000, MID * 0.98);
		expect(desk.openOrders(), 'the first one is not over').toEqual([first]);
		desk.end(first, 4);
		desk.later(600, MID * 1.01);
		expect(desk.openOrders(), 'even though the price is back').toMatchObject([{ side: 'sell', qtyLots: 6 }]);
		const [second] = desk.openOrders();
		if (second !== undefined) desk.end(second, 6);
		desk.later(600, MID * 0.98);
		expect([desk.openOrders(), desk.positionLots]).toEqual([[], 0]);
	});

	test('as much as a single order may be worth', () => {
		const desk = bought({ stopBps: 50 }, new DecidingDesk({ settings: { limits: { ...WIDE_LIMITS, orderNotionalMax: 700 } } }));
		desk.later(10, MID * 0.99);
		expect(desk.openOrders().every(({ qtyLots }) => qtyLots === 10)).toBe(true);
		const tight = new DecidingDesk({ settings: { limits: { ...WIDE_LIMITS, orderNotionalMax: 655 } } });
		const { orderId } = tight.decide({
			exits: { ...NO_EXITS, stopBps: 50 },
			signal: { source: 'desk', value: -0.9, confidence: 1 },
		});
		tight.end(tight.order(orderId), 10);
		tight.later(10, Math.round(MID * 1.01));
		expect(tight.openOrders()).toMatchObject([{ side: 'buy', qtyLots: 9 }]);
	});

	test('not while everything is stopped, and when the venue refuses less and less often', () => {
		const desk = bought({ stopBps: 50 });
		desk.later(10, MID * 0.99);
		for (const _ of Array.from({ length: 3 })) {
			const [batch] = desk.sent.splice(0);
			if (batch === undefined) throw new Error('one is under way');
			const outcome = { kind: 'rejected', class: 'fatal', gone: false, reason: 'no' } as const;
			const items = batch.commands.map(({ orderId }) => ({ orderId, verb: 'place' as const, outcome }));
			desk.step({ kind: 'answer', batchId: batch.batchId, items, ...desk.at() });
			for (let ms = 0; desk.sent.length === 0 && ms < 10_000; ms += 100) desk.later(100, MID * 0.99);
		}
		expect(desk.history.filter(({ verb }) => verb === 'place')).toHaveLength(5);
		expect(desk.nowMs).toBeGreaterThan(1_000 + 1_000 + 2_000 + 4_000);
		const killed = bought({ stopBps: 50 });
		killed.ask({ kind: 'control', action: { kind: 'shutGate', reason: 'test' }, ...killed.at() });
		killed.later(1_000, MID * 0.99);
		expect(killed.openOrders()).toEqual([]);
	});

	test('our own quotes make way for it', () => {
		const desk = bought({ stopBps: 50 });
		const quote = { level: 0, qty: 5 };
		desk.strategy.wishes.set(desk.instrument.index, [{ side: 'buy', price: 643_400, ...quote }]);
		desk.later(300, 648_000);
		desk.settle();
		expect(desk.openOrders()).toMatchObject([{ side: 'buy' }]);
		desk.later(10, 643_500);
		expect(desk.openOrders().filter(({ side }) => side === 'sell')).toEqual([]);
		desk.settle();
		desk.later(600, 643_500);
		desk.settle();
		desk.later(600, 643_500);
		expect(desk.openOrders()).toMatchObject([{ side: 'sell', qtyLots: 10 }]);
	});
});

describe('what somebody else closed', () => {
	/** A person's order over the same engine. */
	function byHand(desk: DecidingDesk, side: 'buy' | 'sell', qtyLots: number): void {
		const terms = { orderType: 'limit', timeInForce: 'gtc', reduceOnly: false } as const;
		const priceTicks = ticks(side === 'buy' ? MID - 500 : MID + 500);
		const action = {
			kind: 'placeOrder',
			instrument: desk.instrument.index,
			side,
			...terms,
			priceTicks,
			qtyLots: lots(qtyLots),
		} as const;
		const placed = desk.ask({ kind: 'control', action, ...desk.at() });
		if (placed?.kind !== 'placed') throw new Error(`by hand: ${JSON.stringify(placed)}`);
		desk.settle();
		desk.fill(desk.order(placed.orderId), qtyLots);
	}

	test('is not sold again, whatever the price does, nor what he buys later', () => {
		const desk = bought({ stopBps: 50 });
		byHand(desk, 'sell', 10);
		expect(exits(desk.kept)).toEqual([{ reason: 'elsewhere', qty: '0.01' }]);
		desk.later(2_000);
		byHand(desk, 'buy', 10);
		desk.later(1_000, MID * 0.98);
		expect([desk.openOrders(), desk.positionLots]).toEqual([[], 10]);
	});

	test('in part leaves the other part to us', () => {
		const desk = bought({ stopBps: 50 });
		byHand(desk, 'sell', 7);
		byHand(desk, 'buy', 20);
		desk.later(1_000, MID * 0.98);
		expect(desk.openOrders()).toMatchObject([{ side: 'sell', qtyLots: 3 }]);
	});

	test('and a flatten is left to close it', () => {
		const desk = bought({ stopBps: 50 });
		desk.ask({ kind: 'control', action: { kind: 'flatten', scope: { kind: 'all' }, reason: 'test' }, ...desk.at() });
		desk.later(1_000, MID * 0.98);
		expect(
			desk.openOrders().filter(({ parent }) => parent?.startsWith('exit')),
			'one closes',
		).toEqual([]);
		expect(desk.engine.gate.denials.PT18, 'and the other does not even ask').toBe(0);
		expect(desk.decide({ ...SELL }).reasons).toEqual(['signal-below', 'being-closed']);
	});
});

test('a rest that the venue does not take is let go of', () => {
	const coarse = { ...BTCUSDT, qtyLotsMin: lots(5) };
	const desk = new DecidingDesk({ instruments: [coarse] });
	const { orderId } = desk.decide({ exits: { ...NO_EXITS, stopBps: 50 } });
	desk.end(desk.order(orderId), 3);
	desk.kept.length = 0;
	desk.later(10, MID * 0.99);
	expect(exits(desk.kept)).toEqual([{ reason: 'dust', qty: '0.003' }]);
	expect(desk.openOrders()).toEqual([]);
});

test('a fill that comes after its order was told to be over is watched all the same', () => {
	const desk = new DecidingDesk();
	const { orderId } = desk.decide({ exits: { ...NO_EXITS, stopBps: 50 } });
	const order = desk.order(orderId);
	desk.end(order, 0);
	desk.later(10);
	expect(isOver(order.state)).toBe(true);
	desk.fill(order, 10);
	desk.later(10, MID * 0.99);
	expect(desk.openOrders()).toMatchObject([{ side: 'sell', qtyLots: 10 }]);
});

describe('after a crash', () => {
	function restarted(before: DecidingDesk, downMs = 0): DecidingDesk {
		const recovery = new Recovery();
		for (const record of before.kept) recovery.apply(record);
		const desk = new DecidingDesk({
			recovered: { state: recovery.result(), atMs: timeMs(before.at().wallMs + downMs) },
			lastOrderId: before.engine.lastOrderId,
		});
		desk.nowMs = before.nowMs + downMs;
		desk.move(MID);
		return desk;
	}

	function boughtAndKept(rules: Partial<typeof NO_EXITS>): DecidingDesk {
		const desk = new DecidingDesk();
		const { orderId } = desk.decide({ decisionId: 'before', exits: { ...NO_EXITS, ...rules } });
		desk.end(desk.order(orderId), 10);
		return desk;
	}

	test('what was bought is watched again, and nothing is sold before all is known', () => {
		const desk = restarted(boughtAndKept({ stopBps: 50 }));
		desk.later(1_000, MID * 0.99);
		expect(desk.openOrders()).toEqual([]);
		desk.census();
		desk.later(1_000, MID * 0.99);
		expect(desk.openOrders()).toMatchObject([{ side: 'sell', qtyLots: 10 }]);
	});

	test('what was bought in a symbol that is no more is told, and left alone', () => {
		const recovery = new Recovery();
		for (const record of boughtAndKept({ stopBps: 50 }).kept) recovery.apply(record);
		const other = { ...BTCUSDT, id: 'bybit:linear:OTHER', symbol: 'OTHER' };
		const recovered = { state: recovery.result(), atMs: timeMs(1_767_225_601_000) };
		const step = vi.spyOn(Desk.prototype, 'step');
		const desk = new Desk({ instruments: [other], strategy: new Scripted(), recovered });
		const effects = step.mock.results.flatMap(({ value }) => value);
		step.mockRestore();
		const note = { kind: 'unwatched', decisionId: 'before', instrument: 'bybit:linear:BTCUSDT' };
		expect(effects).toContainEqual({ kind: 'note', note });
		expect(desk.engine.openOrders()).toEqual([]);
	});

	test('its time went on', () => {
		const desk = restarted(boughtAndKept({ forMs: 60_000 }), 59_000);
		desk.census();
		desk.later(500);
		expect(desk.openOrders()).toEqual([]);
		desk.later(500);
		expect(desk.openOrders()).toMatchObject([{ side: 'sell', qtyLots: 10 }]);
	});

	test('what was to be closed goes on being closed, although its exit had not left', () => {
		const before = new DecidingDesk();
		const { orderId } = before.decide({ entry: { type: 'limit', offsetTicks: 3, forMs: 0 } });
		before.settle();
		before.fill(before.order(orderId), 4);
		expect(before.decide(SELL)).toMatchObject({ reasons: ['signal-below', 'closes-open'], orderId: '' });
		const desk = restarted(before);
		desk.census();
		desk.tick();
		desk.settle();
		desk.census();
		desk.later(1_000);
		expect(desk.openOrders()).toMatchObject([{ side: 'sell', qtyLots: 4, reduceOnly: true }]);
	});

	test('what was decided is not decided again', () => {
		const desk = restarted(boughtAndKept({}));
		desk.census();
		expect(desk.decide({ decisionId: 'before', ...SELL })).toMatchObject({ decision: 'BUY' });
		expect(desk.history).toEqual([]);
	});

	test('what an exit had sold by then is not sold again', () => {
		const before = boughtAndKept({ stopBps: 50 });
		before.later(10, MID * 0.99);
		const [exit] = before.openOrders();
		if (exit === undefined) throw new Error('it is being sold');
		before.end(exit, 4);
		const desk = restarted(before);
		desk.census();
		desk.later(1_000, MID);
		expect(desk.openOrders(), 'it goes on although the price is back').toMatchObject([{ side: 'sell', qtyLots: 6 }]);
	});
});
