/** The engine on a perfect venue, moved by hand: what it sends, when, in how many calls, and what it never sends. */
import { describe, expect, test } from 'vitest';
import { Desk, START_EQUITY, WIDE_LIMITS } from '../../test/fixtures/desk.ts';
import { makeTestInstrument } from '../../test/fixtures/instruments.ts';
import { ladderAround, Scripted } from '../../test/fixtures/scripted.ts';
import type { Batch } from '../domain/command.ts';
import { instrumentIndex } from '../domain/instrument.ts';
import { lots, ticks } from '../domain/units.ts';
import { BUS_OPTIONS } from '../execution/command-bus.ts';
import type { EngineEffect } from './ports.ts';
import { ENGINE_SETTINGS, TICK_OPTIONS } from './settings.ts';

const MID = 650_000;
const AT_ONCE = { ...ENGINE_SETTINGS.policy, minTimeInBookMs: 0 };

function deskOf(symbols: number, settings: ConstructorParameters<typeof Desk>[0]['settings'] = {}) {
	const instruments = Array.from({ length: symbols }, (_, index) => makeTestInstrument({ index, symbol: `S${index}USDT` }));
	const strategy = new Scripted();
	const desk = new Desk({ instruments, strategy, settings });
	return { desk, strategy, instruments };
}

function wantEverywhere({ desk, strategy }: ReturnType<typeof deskOf>, mid: number, shape = { levels: 5, qty: 10 }): void {
	for (const instrument of desk.instruments) {
		desk.book(instrument, mid - 1, mid + 1);
		strategy.wishes.set(instrument.index, ladderAround(mid, shape));
	}
}

function sizes(batches: readonly Batch[]): string[] {
	return batches.map(({ verb, commands }) => `${verb} ${commands.length}`);
}

describe('a tick over many symbols', () => {
	test('4 symbols with 10 places each take 2 calls, and moving them all takes 2 more (T6)', () => {
		const parts = deskOf(4, { policy: AT_ONCE });
		wantEverywhere(parts, MID);
		parts.desk.tick();
		expect(sizes(parts.desk.sent)).toEqual(['place 20', 'place 20']);
		parts.desk.settle();
		wantEverywhere(parts, MID + 7);
		parts.desk.tick();
		expect(sizes(parts.desk.sent)).toEqual(['amend 20', 'amend 20']);
	});

	test('where nothing may be amended, 40 cancels and 40 places take 4 calls, not 80 and not 8 (T6)', () => {
		const parts = deskOf(4, { policy: { ...AT_ONCE, amendPriceThresholdBps: 0 } });
		wantEverywhere(parts, MID);
		parts.desk.tick();
		parts.desk.settle();
		wantEverywhere(parts, MID + 7);
		parts.desk.tick();
		expect(sizes(parts.desk.sent)).toEqual(['cancel 20', 'cancel 20', 'place 20', 'place 20']);
	});

	test('in a quiet market nothing is sent', () => {
		const parts = deskOf(4);
		wantEverywhere(parts, MID);
		parts.desk.tick();
		parts.desk.settle();
		const before = parts.desk.history.length;
		for (let i = 0; i < 20; i += 1) {
			wantEverywhere(parts, MID);
			parts.desk.tick();
		}
		expect(parts.desk.history.length).toBe(before);
	});

	test('planning does not wait: while an amend is out, only its slot is left alone (T4)', () => {
		const parts = deskOf(1, { policy: AT_ONCE });
		const [instrument] = parts.instruments;
		if (instrument === undefined) throw new Error('one instrument');
		const wish = (buy: number, sell: number): void => {
			parts.strategy.wishes.set(instrument.index, [
				{ side: 'buy', level: 0, price: buy, qty: 5 },
				{ side: 'sell', level: 0, price: sell, qty: 5 },
			]);
		};
		parts.desk.book(instrument, MID - 1, MID + 1);
		wish(MID - 5, MID + 5);
		parts.desk.tick();
		parts.desk.settle();
		wish(MID - 6, MID + 5);
		parts.desk.tick();
		expect(sizes(parts.desk.sent)).toEqual(['amend 1']);
		wish(MID - 7, MID + 8);
		parts.desk.book(instrument, MID - 1, MID + 1);
		parts.desk.tick();
		const last = parts.desk.sent.at(-1);
		expect(sizes(parts.desk.sent)).toEqual(['amend 1', 'amend 1']);
		expect(last?.commands.map((command) => ('priceTicks' in command ? command.priceTicks : 0))).toEqual([MID + 8]);
	});

	test('stats carry the public names and add up (T5)', () => {
		const parts = deskOf(4);
		wantEverywhere(parts, MID);
		parts.desk.tick();
		parts.desk.settle();
		const stats = parts.desk.engine.getStats();
		expect(stats).toMatchObject({
			ticks: 1,
			calls: 2,
			overruns: 0,
			total_commands: 40,
			p50_tick_ms: 0,
			p95_tick_ms: 0,
			p99_tick_ms: 0,
		});
		expect(stats.coalesce_stats.place).toEqual({ commands: 40, sent: 40, calls: 2 });
	});
});

describe('the way out', () => {
	/** Effects of a step without anybody who confirms commits. */
	function rawStep(desk: Desk, event: Parameters<Desk['engine']['step']>[0]): EngineEffect[] {
		desk.engine.step(event);
		return desk.engine.effects.splice(0);
	}

	test('no create leaves before the journal has it, and none at all when the journal fails (I2)', () => {
		for (const ok of [true, false]) {
			const parts = deskOf(1);
			wantEverywhere(parts, MID);
			parts.desk.nowMs += 250;
			const effects = rawStep(parts.desk, { kind: 'timer', key: 'interval', ...parts.desk.at() });
			const commit = effects.find((effect) => effect.kind === 'commit');
			expect(effects.filter((effect) => effect.kind === 'send')).toEqual([]);
			expect(commit?.intents.length).toBe(10);
			const after = rawStep(parts.desk, { kind: 'journaled', flushId: commit?.flushId ?? -1, ok, ...parts.desk.at() });
			expect(after.filter((effect) => effect.kind === 'send').length).toBe(ok ? 1 : 0);
			expect(parts.desk.engine.orders.openCount).toBe(ok ? 10 : 0);
		}
	});

	test('cancels do not wait for the journal, which is told after they have left (I11)', () => {
		const parts = deskOf(1);
		wantEverywhere(parts, MID);
		parts.desk.tick();
		parts.desk.settle();
		const effects = rawStep(parts.desk, {
			kind: 'control',
			action: { kind: 'cancelAll', scope: { kind: 'all' } },
			...parts.desk.at(),
		});
		expect(effects.map(({ kind }) => kind).filter((kind) => kind === 'send' || kind === 'noteCancels')).toEqual([
			'send',
			'noteCancels',
		]);
	});

	test('a cancel by hand takes the place of an amend that still waits for the journal (C3, I11)', () => {
		const parts = deskOf(1, { policy: AT_ONCE });
		wantEverywhere(parts, MID);
		parts.desk.tick();
		parts.desk.settle();
		wantEverywhere(parts, MID + 7);
		parts.desk.nowMs += 250;
		const planned = rawStep(parts.desk, { kind: 'timer', key: 'interval', ...parts.desk.at() });
		const commit = planned.find((effect) => effect.kind === 'commit');
		expect(commit?.intents.map(({ kind }) => kind)).toEqual(Array.from({ length: 10 }, () => 'amend'));
		const action = { kind: 'cancelAll', scope: { kind: 'all' } } as const;
		const cancelled = rawStep(parts.desk, { kind: 'control', action, ...parts.desk.at() });
		expect(sizes(cancelled.flatMap((effect) => (effect.kind === 'send' ? [effect.batch] : [])))).toEqual(['cancel 10']);
		const after = rawStep(parts.desk, { kind: 'journaled', flushId: commit?.flushId ?? -1, ok: true, ...parts.desk.at() });
		expect(after.filter((effect) => effect.kind === 'send')).toEqual([]);
	});

	test('what the journal confirms after the deadline is stale and dropped (T4)', () => {
		const parts = deskOf(1);
		wantEverywhere(parts, MID);
		parts.desk.nowMs += 250;
		const effects = rawStep(parts.desk, { kind: 'timer', key: 'interval', ...parts.desk.at() });
		const commit = effects.find((effect) => effect.kind === 'commit');
		parts.desk.nowMs += TICK_OPTIONS.tickDeadlineMs;
		rawStep(parts.desk, { kind: 'timer', key: 'deadline', ...parts.desk.at() });
		const after = rawStep(parts.desk, { kind: 'journaled', flushId: commit?.flushId ?? -1, ok: true, ...parts.desk.at() });
		expect(after.filter((effect) => effect.kind === 'send')).toEqual([]);
		expect(parts.desk.engine.getStats()).toMatchObject({ dropped: 10, calls: 0, overruns: 1 });
		expect(parts.desk.engine.openOrders()).toEqual([]);
	});

	test('an answer that leaves an order out makes it unknown, never lost and never sent again (F11, I7)', () => {
		const parts = deskOf(1);
		wantEverywhere(parts, MID);
		parts.desk.tick();
		const [batch] = parts.desk.sent.splice(0);
		if (batch === undefined) throw new Error('a batch left');
		parts.desk.step({ kind: 'answer', batchId: batch.batchId, items: [], ...parts.desk.at() });
		expect(parts.desk.engine.orders.countUnknown()).toBe(10);
		for (let i = 0; i < 10; i += 1) {
			wantEverywhere(parts, MID);
			parts.desk.tick();
		}
		expect(parts.desk.sent).toEqual([]);
	});

	test('sequential mode has one call out at a time, one command each (T2)', () => {
		const parts = deskOf(2, { bus: { ...BUS_OPTIONS, parallel: false } });
		wantEverywhere(parts, MID);
		parts.desk.tick();
		expect(sizes(parts.desk.sent)).toEqual(['place 1']);
		parts.desk.settle();
		expect(parts.desk.history.every(({ commands }) => commands.length === 1)).toBe(true);
		expect(parts.desk.engine.orders.openCount).toBe(20);
	});

	test('a newer target replaces what has not left yet: nothing older is sent any more (T4)', () => {
		const parts = deskOf(1, { bus: { ...BUS_OPTIONS, parallel: false } });
		wantEverywhere(parts, MID);
		parts.desk.tick();
		expect(parts.desk.history.length).toBe(1);
		const older = new Set(ladderAround(MID, { levels: 5, qty: 10 }).map(({ price }) => price));
		wantEverywhere(parts, MID + 50);
		parts.desk.tick(100);
		parts.desk.settle();
		const later = parts.desk.history.slice(1).flatMap(({ commands }) => commands);
		expect(later.length).toBeGreaterThan(0);
		expect(later.filter((command) => command.kind === 'place' && older.has(command.priceTicks))).toEqual([]);
	});

	test('calls that belong to one symbol are out for at most max_parallel_symbols symbols (T2)', () => {
		const parts = deskOf(12, { bus: { ...BUS_OPTIONS, coalescePlace: false } });
		wantEverywhere(parts, MID, { levels: 1, qty: 10 });
		parts.desk.tick();
		expect(new Set(parts.desk.sent.map(({ symbolOnly }) => symbolOnly?.symbol)).size).toBe(TICK_OPTIONS.maxParallelSymbols);
		parts.desk.settle();
		expect(parts.desk.engine.orders.openCount).toBe(24);
	});

	test('switching modes between ticks loses and doubles nothing (T3)', () => {
		const parts = deskOf(3, { policy: AT_ONCE });
		for (let i = 0; i < 20; i += 1) {
			parts.desk.step({ kind: 'control', action: { kind: 'setParallel', parallel: i % 2 === 0 }, ...parts.desk.at() });
			wantEverywhere(parts, MID + (i % 5) * 3);
			parts.desk.tick();
			if (i % 3 === 0) parts.desk.settle();
		}
		parts.desk.settle();
		for (let i = 0; i < 5; i += 1) {
			wantEverywhere(parts, MID);
			parts.desk.tick();
			parts.desk.settle();
		}
		const standing = parts.desk.engine
			.openOrders()
			.map(({ instrument, side, priceTicks }) => `${instrument.symbol} ${side} ${priceTicks}`);
		expect(standing.length).toBe(30);
		expect(new Set(standing).size).toBe(30);
	});
});

describe('when things are not well', () => {
	test('a strategy that throws stops its own symbol, pulls its quotes and is reported; the others go on', () => {
		const parts = deskOf(2);
		const [first, second] = parts.instruments;
		if (first === undefined || second === undefined) throw new Error('two instruments');
		wantEverywhere(parts, MID);
		parts.desk.tick();
		parts.desk.settle();
		parts.strategy.failsOn = first.index;
		wantEverywhere(parts, MID);
		const effects = parts.desk.tick();
		expect(effects.filter((effect) => effect.kind === 'note').map(({ note }) => note.kind)).toEqual(['strategyFailed']);
		parts.desk.settle();
		expect(parts.desk.engine.orders.openOrdersOf(first.index).length).toBe(0);
		expect(parts.desk.engine.orders.openOrdersOf(second.index).length).toBe(10);
		parts.strategy.failsOn = undefined;
		wantEverywhere(parts, MID);
		parts.desk.tick();
		parts.desk.settle();
		expect(parts.desk.engine.orders.openOrdersOf(first.index).length, 'a person has to let it go on').toBe(0);
		parts.desk.step({
			kind: 'control',
			action: { kind: 'resume', scope: { kind: 'instrument', instrument: first.index } },
			...parts.desk.at(),
		});
		wantEverywhere(parts, MID);
		parts.desk.tick();
		parts.desk.settle();
		expect(parts.desk.engine.orders.openOrdersOf(first.index).length).toBe(10);
	});

	test('a book that is silent for 3 s loses its quotes; before that nothing new is quoted from it (I9, PT4)', () => {
		const parts = deskOf(1, { policy: AT_ONCE });
		wantEverywhere(parts, MID);
		parts.desk.tick();
		parts.desk.settle();
		for (const instrument of parts.instruments)
			parts.strategy.wishes.set(instrument.index, ladderAround(MID + 9, { levels: 5, qty: 10 }));
		parts.desk.tick(2_001);
		expect(parts.desk.sent, 'too old to move a quote by').toEqual([]);
		parts.desk.tick(1_000);
		expect(sizes(parts.desk.sent)).toEqual(['cancel 10']);
	});

	test('a book that crosses or breaks loses its quotes at once, and gets them back when it is whole again (F38, F39)', () => {
		for (const breaks of ['crossed', 'lost', 'disconnected'] as const) {
			const parts = deskOf(1);
			const [instrument] = parts.instruments;
			if (instrument === undefined) throw new Error('one instrument');
			wantEverywhere(parts, MID);
			parts.desk.tick();
			parts.desk.settle();
			const lost = { kind: 'bookLost', instrument: instrument.index, reason: 'gap', ...parts.desk.at() } as const;
			if (breaks === 'crossed') parts.desk.book(instrument, MID + 2, MID + 1);
			else if (breaks === 'lost') parts.desk.step(lost);
			else parts.desk.step({ kind: 'stream', venue: 'bybit', stream: 'public', up: false, ...parts.desk.at() });
			parts.desk.tick(20);
			expect(sizes(parts.desk.sent), breaks).toEqual(['cancel 10']);
			parts.desk.settle();
			wantEverywhere(parts, MID);
			parts.desk.tick();
			parts.desk.settle();
			expect(parts.desk.engine.orders.openCount, breaks).toBe(10);
		}
	});

	test('a shut gate cancels everything, sends nothing else ever again, and cannot be resumed (I10)', () => {
		const parts = deskOf(2);
		wantEverywhere(parts, MID);
		parts.desk.tick();
		parts.desk.settle();
		const before = parts.desk.history.length;
		parts.desk.step({ kind: 'control', action: { kind: 'shutGate', reason: 'test' }, ...parts.desk.at() });
		expect(sizes(parts.desk.history.slice(before))).toEqual(['cancel 20']);
		parts.desk.settle();
		expect(parts.desk.engine.orders.openCount).toBe(0);
		expect(parts.desk.engine.isRiskPaused()).toBe(true);
		const refusal = parts.desk.engine.step({
			kind: 'control',
			action: { kind: 'resume', scope: { kind: 'all' } },
			...parts.desk.at(),
		});
		expect(refusal).toEqual({ kind: 'refused', reason: 'gate-is-shut' });
		for (let i = 0; i < 10; i += 1) {
			wantEverywhere(parts, MID + i);
			parts.desk.tick();
		}
		expect(parts.desk.history.length).toBe(before + 1);
	});

	test('an execution that is told twice counts once, in position, fills and order (I5, F18)', () => {
		const parts = deskOf(1);
		wantEverywhere(parts, MID);
		parts.desk.tick();
		parts.desk.settle();
		const order = parts.desk.engine.openOrders().find(({ side }) => side === 'buy');
		if (order === undefined) throw new Error('a bid stands');
		const { executionEvent } = parts.desk.fill(order, 4);
		parts.desk.step(executionEvent);
		parts.desk.step({ ...executionEvent, ...parts.desk.at() });
		expect(parts.desk.engine.fillCount).toBe(1);
		expect(parts.desk.engine.ledger.positionLots(order.instrument.index)).toBe(4);
		expect(parts.desk.engine.orders.get(order.orderId)?.filledLots).toBe(4);
	});

	test('more than 30 fills of one side in ten seconds hold the symbol, and 5 minutes later it quotes again (PT14)', () => {
		const parts = deskOf(2);
		wantEverywhere(parts, MID, { levels: 1, qty: 1_000 });
		parts.desk.tick();
		parts.desk.settle();
		const order = parts.desk.engine.openOrders().find(({ instrument, side }) => instrument.index === 0 && side === 'buy');
		if (order === undefined) throw new Error('a bid stands');
		for (let i = 0; i < 31; i += 1) parts.desk.fill(order, 1);
		wantEverywhere(parts, MID, { levels: 1, qty: 1_000 });
		parts.desk.tick();
		parts.desk.settle();
		const open = (): number[] => parts.instruments.map(({ index }) => parts.desk.engine.orders.openOrdersOf(index).length);
		expect(open()).toEqual([0, 2]);
		parts.desk.nowMs += 300_000;
		wantEverywhere(parts, MID, { levels: 1, qty: 1_000 });
		parts.desk.tick();
		parts.desk.settle();
		expect(open()).toEqual([2, 2]);
	});

	test('2 % lost since the start of the day leaves only what reduces, 5 % kills (PT16)', () => {
		const parts = deskOf(1);
		wantEverywhere(parts, MID);
		parts.desk.tick();
		parts.desk.settle();
		parts.desk.balance('USDT', START_EQUITY * 0.98 + 1);
		expect(parts.desk.engine.isRiskPaused()).toBe(false);
		parts.desk.balance('USDT', START_EQUITY * 0.98);
		expect(parts.desk.engine.levels.level).toBe('reduceOnly');
		parts.desk.tick();
		parts.desk.settle();
		expect(parts.desk.engine.openOrders()).toEqual([]);
		const before = parts.desk.history.length;
		parts.desk.balance('USDT', START_EQUITY * 0.95);
		expect(parts.desk.engine.levels.level).toBe('kill');
		for (let i = 0; i < 5; i += 1) {
			wantEverywhere(parts, MID);
			parts.desk.tick();
		}
		expect(parts.desk.history.length).toBe(before);
	});

	test('a pause pulls all quotes and says why; a resume brings them back', () => {
		const parts = deskOf(2);
		wantEverywhere(parts, MID);
		parts.desk.tick();
		parts.desk.settle();
		parts.desk.step({ kind: 'control', action: { kind: 'pause', scope: { kind: 'all' }, reason: 'lunch' }, ...parts.desk.at() });
		parts.desk.settle();
		expect(parts.desk.engine.orders.openCount).toBe(0);
		expect(parts.desk.engine.riskPauseReason()).toBe('lunch');
		wantEverywhere(parts, MID);
		parts.desk.tick();
		expect(parts.desk.sent).toEqual([]);
		parts.desk.step({ kind: 'control', action: { kind: 'resume', scope: { kind: 'all' } }, ...parts.desk.at() });
		parts.desk.tick();
		parts.desk.settle();
		expect(parts.desk.engine.orders.openCount).toBe(20);
	});

	test('a new grid: orders of the old one go first, and nothing stands beside them (F59)', () => {
		const parts = deskOf(1);
		const [instrument] = parts.instruments;
		if (instrument === undefined) throw new Error('one instrument');
		wantEverywhere(parts, MID);
		parts.desk.tick();
		parts.desk.settle();
		const finer = makeTestInstrument({ index: 0, symbol: instrument.symbol, version: 2, tickSize: '0.05' });
		parts.desk.step({ kind: 'instrument', instrument: finer, ...parts.desk.at() });
		wantEverywhere(parts, MID * 2);
		parts.desk.tick();
		expect(sizes(parts.desk.sent)).toEqual(['cancel 10']);
		parts.desk.settle();
		wantEverywhere(parts, MID * 2);
		parts.desk.tick();
		expect(sizes(parts.desk.sent)).toEqual(['place 10']);
		expect(parts.desk.sent[0]?.commands.every((command) => command.instrument === finer)).toBe(true);
	});
});

describe('orders of a person (O5)', () => {
	const PLACE = {
		kind: 'placeOrder',
		instrument: instrumentIndex(0),
		side: 'buy',
		orderType: 'limit',
		timeInForce: 'gtc',
		reduceOnly: false,
		priceTicks: ticks(MID - 100),
		qtyLots: lots(10),
	} as const;

	function quietDesk() {
		const parts = deskOf(1, { limits: { ...WIDE_LIMITS, orderNotionalMax: 10_000 } });
		for (const instrument of parts.instruments) parts.desk.book(instrument, MID - 1, MID + 1);
		return parts.desk;
	}

	test('are placed, amended and cancelled by id, through the same gate and journal', () => {
		const desk = quietDesk();
		const placed = desk.engine.step({ kind: 'control', action: PLACE, ...desk.at() });
		if (placed?.kind !== 'placed') throw new Error(`expected an order, got ${JSON.stringify(placed)}`);
		const commit = desk.engine.effects.find((effect) => effect.kind === 'commit');
		desk.engine.effects.length = 0;
		desk.step({ kind: 'journaled', flushId: commit?.flushId ?? -1, ok: true, ...desk.at() });
		desk.settle();
		const { orderId } = placed;
		expect(desk.engine.orders.get(orderId)?.state).toBe('live');
		desk.step({
			kind: 'control',
			action: { kind: 'amendOrder', orderId, priceTicks: ticks(MID - 90), qtyLots: lots(9) },
			...desk.at(),
		});
		desk.settle();
		expect(desk.engine.orders.get(orderId)).toMatchObject({ priceTicks: MID - 90, qtyLots: 9, state: 'live' });
		const again = { kind: 'amendOrder', orderId, priceTicks: ticks(MID - 90), qtyLots: lots(9) } as const;
		expect(desk.engine.step({ kind: 'control', action: again, ...desk.at() })).toEqual({ kind: 'refused', reason: 'unchanged' });
		desk.step({ kind: 'control', action: { kind: 'cancelOrder', orderId }, ...desk.at() });
		desk.settle();
		expect(desk.engine.openOrders()).toEqual([]);
		expect(desk.engine.orders.get(orderId)?.state).toBe('cancelled');
	});

	test('a cancel that has to wait its turn leaves all the same, however many ticks and deadlines pass it by (I11)', () => {
		const parts = deskOf(1, { bus: { ...BUS_OPTIONS, parallel: false } });
		const { desk } = parts;
		wantEverywhere(parts, MID, { levels: 0, qty: 10 });
		const placed = desk.engine.step({ kind: 'control', action: PLACE, ...desk.at() });
		desk.tick(0);
		desk.confirmCommits();
		desk.settle();
		if (placed?.kind !== 'placed') throw new Error(`expected an order, got ${JSON.stringify(placed)}`);
		wantEverywhere(parts, MID);
		desk.tick();
		expect(sizes(desk.sent)).toEqual(['place 1']);
		desk.step({ kind: 'control', action: { kind: 'cancelOrder', orderId: placed.orderId }, ...desk.at() });
		for (let i = 1; i <= 3; i += 1) {
			wantEverywhere(parts, MID + i);
			desk.tick();
		}
		desk.settle();
		expect(desk.engine.orders.get(placed.orderId)?.state).toBe('cancelled');
	});

	test.each([
		{ name: 'a price that is not whole', change: { priceTicks: 1.5 }, reason: 'PT19' },
		{ name: 'NaN for a price', change: { priceTicks: Number.NaN }, reason: 'PT19' },
		{ name: 'a negative quantity', change: { qtyLots: -1 }, reason: 'PT19' },
		{ name: 'a quantity above all safe integers', change: { qtyLots: 2 ** 53 }, reason: 'PT19' },
		{ name: 'a price far from the market', change: { priceTicks: 1 }, reason: 'PT5' },
		{ name: 'more than one order may be worth', change: { qtyLots: 1_000 }, reason: 'PT7' },
		{ name: 'a symbol that is not followed', change: { instrument: 7 }, reason: 'PT2' },
	])('$name is refused with its reason, and nothing is sent', ({ change, reason }) => {
		const desk = quietDesk();
		const action = { ...PLACE, ...change } as typeof PLACE;
		expect(desk.engine.step({ kind: 'control', action, ...desk.at() })).toEqual({ kind: 'refused', reason });
		expect(desk.engine.effects).toEqual([]);
		expect(desk.engine.openOrders()).toEqual([]);
	});
});
