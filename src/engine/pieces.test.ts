/** A tick with very many commands leaves in pieces: what may happen between two of them, and what must not change by it. */
import { beforeEach, describe, expect, test } from 'vitest';
import { Desk, TEST_VENUE, WIDE_LIMITS } from '../../test/fixtures/desk.ts';
import { makeTestInstrument } from '../../test/fixtures/instruments.ts';
import type { Order } from '../domain/order.ts';
import { lots, ticks, timeMs } from '../domain/units.ts';
import { type Meter, NO_METER } from '../ports/meter.ts';
import { VirtualClock } from '../simulation/virtual-clock.ts';
import type { Strategy } from '../strategy/strategy.ts';
import type { EngineEffect } from './ports.ts';
import { Runtime } from './runtime.ts';
import { ENGINE_SETTINGS } from './settings.ts';

const SYMBOLS = 30;
const LEVELS = 5;
const ORDERS = SYMBOLS * LEVELS * 2;
const instruments = Array.from({ length: SYMBOLS }, (_, index) => makeTestInstrument({ index, symbol: `S${index}USDT` }));

let desk: Desk;
let awayTicks: number;
let flushes: number;
let log: EngineEffect[];

/** Five levels a side, as far from the touch as a test wants. */
const quotes: Strategy = {
	name: 'levels',
	init: () => undefined,
	onEvent: () => {},
	quote: (_views, _state, out) => {
		for (let level = 0; level < LEVELS; level += 1) {
			out.quote('buy', level, ticks(650_000 - awayTicks - level), lots(10));
			out.quote('sell', level, ticks(650_010 + awayTicks + level), lots(10));
		}
	},
};

beforeEach(() => {
	awayTicks = 10;
	const policy = { ...ENGINE_SETTINGS.policy, minTimeInBookMs: 0, amendPriceThresholdBps: 0 };
	flushes = 0;
	const flush = { record: () => void (flushes += 1) };
	const meter: Meter = { ...NO_METER, flush };
	desk = new Desk({ instruments, strategy: quotes, settings: { policy, limits: WIDE_LIMITS }, meter });
	tick();
	desk.settle();
	desk.history.length = 0;
	log = [];
});

function tick(): void {
	for (const instrument of instruments) desk.book(instrument, 650_000, 650_010);
	log = [...(log ?? []), ...desk.tick(700)];
}

/** All orders move, as cancels and places: twice as many commands as orders. */
function move(): void {
	awayTicks = 40;
	tick();
}

const isUnderWay = (): boolean => !desk.engine.isQuiescent && desk.pieces === 'held';
const nextPiece = (): void => {
	log.push(...desk.step({ kind: 'timer', key: 'piece', ...desk.at() }));
};
const commandsOf = (kind: string): string[] =>
	desk.history.flatMap(({ commands }) => commands.filter((each) => each.kind === kind).map(({ orderId }) => orderId));

function reported(order: Order, status: 'cancelled' | 'filled'): void {
	const { instrument, orderId, side, priceTicks, qtyLots } = order;
	const terms = { instrument, side, priceTicks, qtyLots, filledLots: lots(status === 'filled' ? qtyLots : 0) };
	const ids = { clientOrderId: orderId, venueOrderId: `v-${orderId}` };
	const at = { updatedAtMs: timeMs(desk.at().wallMs + 10_000), reason: undefined, source: 'stream' as const };
	desk.step({ kind: 'orderReport', report: { ...terms, ...ids, status, ...at }, ...desk.at() });
}

/** The last symbols, whose turn has not come yet. */
const late = (): Order[] =>
	desk.engine.openOrders().filter(({ instrument, state }) => instrument.index >= 25 && state === 'live');

describe('a large tick', () => {
	test('leaves in several commits, in as few calls as one that leaves at once, and counts as one', () => {
		const flushesBefore = desk.engine.getStats().ticks;
		move();
		expect(log.filter(({ kind }) => kind === 'commit').length).toBeGreaterThan(2);
		expect(desk.history.length).toBe((ORDERS / 20) * 2);
		expect([commandsOf('cancel').length, commandsOf('place').length]).toEqual([ORDERS, ORDERS]);
		desk.settle();
		expect(desk.engine.openOrders().length).toBe(ORDERS);
		expect(desk.engine.getStats().ticks).toBe(flushesBefore + 1);
		expect(desk.engine.isQuiescent).toBe(true);
	});

	test('has its first calls out before the rest is approved, and is not over while pieces wait', () => {
		desk.pieces = 'held';
		move();
		expect(desk.history.length).toBe(10);
		expect(isUnderWay()).toBe(true);
		for (let piece = 0; piece < 4; piece += 1) nextPiece();
		expect(desk.history.length).toBe((ORDERS / 20) * 2);
		desk.settle();
		expect(desk.engine.isQuiescent).toBe(true);
	});

	test('is over when the last answer of its last piece is there, and is measured as one flush', () => {
		desk.pieces = 'held';
		move();
		desk.settle();
		expect(desk.engine.isQuiescent).toBe(false);
		for (let piece = 0; piece < 4; piece += 1) nextPiece();
		expect(flushes).toBe(1);
		desk.settle();
		expect([desk.engine.isQuiescent, flushes]).toEqual([true, 2]);
	});

	test('is one flush and as few calls where somebody asks for it by hand, too', () => {
		desk.pieces = 'held';
		awayTicks = 40;
		for (const instrument of instruments) desk.book(instrument, 650_000, 650_010);
		const asked = instruments.map(({ index }) => index);
		desk.step({ kind: 'control', action: { kind: 'processTick', instruments: asked }, ...desk.at() });
		desk.settle();
		expect(flushes).toBe(1);
		for (let piece = 0; piece < 4; piece += 1) nextPiece();
		desk.settle();
		expect([desk.history.length, flushes]).toEqual([(ORDERS / 20) * 2, 2]);
	});

	test('makes no call before it is full that a later piece could fill', () => {
		// Symbols without orders come first, so that cancels and places do not gather in step.
		for (const orderId of desk.engine
			.openOrders()
			.filter(({ instrument }) => instrument.index < 10)
			.map(({ orderId: each }) => each)) {
			desk.step({ kind: 'control', action: { kind: 'cancelOrder', orderId }, ...desk.at() });
		}
		desk.settle();
		desk.history.length = 0;
		move();
		const callsOf = (kind: string): number => desk.history.filter(({ verb }) => verb === kind).length;
		expect([callsOf('cancel'), callsOf('place')]).toEqual([200 / 20, ORDERS / 20]);
	});

	test('leaves an order alone that ended between two pieces, and the place that was to follow it', () => {
		desk.pieces = 'held';
		move();
		const [filled, cancelled] = late();
		if (filled === undefined || cancelled === undefined) throw new Error('late symbols wait');
		reported(filled, 'filled');
		reported(cancelled, 'cancelled');
		for (let piece = 0; piece < 4; piece += 1) nextPiece();
		const asked = commandsOf('cancel');
		expect(asked).not.toContain(filled.orderId);
		expect(asked).not.toContain(cancelled.orderId);
		expect([asked.length, commandsOf('place').length]).toEqual([ORDERS - 2, ORDERS - 2]);
		desk.settle();
		desk.pieces = 'taken';
		tick();
		desk.settle();
		expect(desk.engine.openOrders().length).toBe(ORDERS);
	});

	test('asks for no second cancel of what somebody cancels between two pieces', () => {
		desk.pieces = 'held';
		move();
		const [order] = late();
		if (order === undefined) throw new Error('late symbols wait');
		desk.step({ kind: 'control', action: { kind: 'cancelOrder', orderId: order.orderId }, ...desk.at() });
		for (let piece = 0; piece < 4; piece += 1) nextPiece();
		expect(commandsOf('cancel').filter((orderId) => orderId === order.orderId)).toEqual([order.orderId]);
	});

	test('places nothing more after a pause or a kill between two pieces (I10)', () => {
		for (const kind of ['pause', 'shutGate'] as const) {
			desk.pieces = 'held';
			awayTicks += 20;
			tick();
			const before = commandsOf('place').length;
			const action = kind === 'pause' ? { kind, scope: { kind: 'all' as const }, reason: 'x' } : { kind, reason: 'x' };
			desk.step({ kind: 'control', action, ...desk.at() });
			for (let piece = 0; piece < 4; piece += 1) nextPiece();
			expect(commandsOf('place').length, kind).toBe(before);
			desk.settle();
			if (kind === 'pause') desk.step({ kind: 'control', action: { kind: 'resume', scope: { kind: 'all' } }, ...desk.at() });
			desk.pieces = 'taken';
			tick();
			desk.settle();
		}
	});

	test('nor after reduce-only, which takes back what waits for the rest of a call and for the journal', () => {
		const [first] = desk.engine.openOrders();
		if (first === undefined) throw new Error('there are orders');
		// A place without a cancel before it: when the first piece is full, one place is left for the next call.
		reported(first, 'cancelled');
		desk.pieces = 'held';
		desk.commits = 'held';
		move();
		const action = { kind: 'reduceOnly', reason: 'x' } as const;
		desk.step({ kind: 'control', action, ...desk.at() });
		for (let piece = 0; piece < 4; piece += 1) nextPiece();
		desk.confirmCommits();
		expect(commandsOf('place')).toEqual([]);
		expect(commandsOf('cancel').length).toBeGreaterThan(200);
	});

	test('is taken to its end by the next one, and a piece that comes late finds nothing to do', () => {
		desk.pieces = 'held';
		move();
		tick();
		const count = desk.history.length;
		expect(count).toBe((ORDERS / 20) * 2);
		nextPiece();
		expect(desk.history.length).toBe(count);
		desk.settle();
		expect(desk.engine.openOrders().length).toBe(ORDERS);
	});

	test('one call at a time stays in one piece', () => {
		desk.step({ kind: 'control', action: { kind: 'setParallel', parallel: false }, ...desk.at() });
		move();
		expect(log.filter((effect) => effect.kind === 'turn')).toEqual([]);
	});

	test('leaves as soon as the journal has it, while the rest is still to be approved', () => {
		const clock = new VirtualClock(desk.at().wallMs - desk.nowMs);
		clock.run(desk.nowMs);
		const verbs: string[] = [];
		const runtime = new Runtime(desk.engine, {
			clock,
			gateways: [
				{
					capabilities: TEST_VENUE,
					send: ({ verb }) => void verbs.push(verb),
					lookUp: () => {},
					takeCensus: () => {},
				},
			],
			journal: {
				commit: (flushId) => {
					clock.after(0, () => runtime.push({ kind: 'journaled', flushId, ok: true, ...runtime.now() }));
				},
				note: () => {},
				keep: () => {},
			},
		});
		awayTicks = 40;
		runtime.control({ kind: 'processTick', instruments: instruments.map(({ index }) => index) });
		clock.run(0);
		runtime.stop();
		const calls = ORDERS / 20;
		expect([verbs.filter((verb) => verb === 'cancel').length, verbs.filter((verb) => verb === 'place').length]).toEqual([
			calls,
			calls,
		]);
		expect(verbs.indexOf('place')).toBeLessThan(verbs.lastIndexOf('cancel'));
	});
});
