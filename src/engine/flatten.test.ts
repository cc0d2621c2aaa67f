/** Slices by hand; against an exchange: `test/simulation/flatten.test.ts`. */
import { describe, expect, test, vi } from 'vitest';
import { Desk, WIDE_LIMITS } from '../../test/fixtures/desk.ts';
import { makeTestInstrument } from '../../test/fixtures/instruments.ts';
import { ladderAround, Scripted } from '../../test/fixtures/scripted.ts';
import type { PlaceCommand } from '../domain/command.ts';
import type { ControlAction } from '../domain/event.ts';
import type { Order } from '../domain/order.ts';
import { signedLots, ticks } from '../domain/units.ts';
import type { EngineEffect } from './ports.ts';

const MID = 650_000;
const ALL = { kind: 'all' } as const;
const FLATTEN: ControlAction = { kind: 'flatten', scope: ALL, reason: 'test' };
const [A, B] = [makeTestInstrument({ index: 0, symbol: 'AUSDT' }), makeTestInstrument({ index: 1, symbol: 'BUSDT' })];

/** Holds so many lots of A and of B, and has quotes in both. */
function holding(lotsOfA: number, lotsOfB = 0, limits: Partial<typeof WIDE_LIMITS> = {}) {
	const strategy = new Scripted();
	const desk = new Desk({ instruments: [A, B], strategy, settings: { limits: { ...WIDE_LIMITS, ...limits } } });
	const books = (): void => {
		for (const instrument of desk.instruments) desk.book(instrument, MID - 1, MID + 1);
	};
	const quotes = (): void => {
		for (const { index } of desk.instruments) strategy.wishes.set(index, ladderAround(MID, { levels: 1, qty: 2_000 }));
	};
	books();
	quotes();
	desk.tick();
	desk.settle();
	const fill = (symbol: string, lots: number): void => {
		const order = desk.engine
			.openOrders()
			.find((each) => each.instrument.symbol === symbol && each.side === (lots > 0 ? 'buy' : 'sell'));
		if (order === undefined) throw new Error('a quote stands');
		desk.fill(order, Math.abs(lots));
	};
	fill('AUSDT', lotsOfA);
	if (lotsOfB !== 0) fill('BUSDT', lotsOfB);
	desk.history.length = 0;
	const control = (action: ControlAction) => desk.step({ kind: 'control', action, ...desk.at() });
	const later = (ms = 250): readonly EngineEffect[] => {
		desk.nowMs += ms;
		books();
		desk.nowMs -= ms;
		return desk.tick(ms);
	};
	const slices = (): PlaceCommand[] =>
		desk.history.flatMap(({ commands }) => commands).filter((command) => command.kind === 'place');
	/** The venue fills so much of the newest slice and drops the rest. */
	const end = (filledLots: number): void => {
		const slice = slices().at(-1);
		const order = slice === undefined ? undefined : desk.engine.orders.get(slice.orderId);
		if (order === undefined) throw new Error('a slice has left');
		if (filledLots > 0) desk.fill(order, filledLots);
		desk.sent.length = 0;
		over(desk, order);
	};
	return { desk, books, control, later, slices, end };
}

function over(desk: Desk, { instrument, orderId, side, priceTicks, qtyLots }: Order): void {
	const { filledLots } = desk.engine.orders.get(orderId) ?? { filledLots: 0 };
	const report = {
		...{ instrument, clientOrderId: orderId, venueOrderId: `v-${orderId}`, side, status: 'cancelled', priceTicks, qtyLots },
		...{ filledLots, reason: undefined, updatedAtMs: desk.at().wallMs, source: 'stream' },
	} as Extract<Parameters<Desk['step']>[0], { kind: 'orderReport' }>['report'];
	desk.step({ kind: 'orderReport', report, ...desk.at() });
}

describe('a slice', () => {
	test('leaves when all other orders of the symbol are gone, a tenth of five levels, half a percent off at most', () => {
		const { desk, control, later, slices } = holding(1_900);
		control(FLATTEN);
		later();
		expect(slices(), 'while cancels are on their way').toEqual([]);
		desk.settle();
		later();
		expect(slices()).toMatchObject([
			{ side: 'sell', orderType: 'limit', timeInForce: 'ioc', reduceOnly: true, qtyLots: 500, priceTicks: MID * 0.995 },
		]);
	});

	test('of a short position buys', () => {
		const { desk, control, later, slices } = holding(-1_900);
		control(FLATTEN);
		desk.settle();
		later();
		expect(slices()).toMatchObject([{ side: 'buy', reduceOnly: true, qtyLots: 500, priceTicks: 653_249 }]);
	});

	test('is followed by the next once it is over, and not within a second', () => {
		const { desk, control, later, slices, end } = holding(700);
		control(FLATTEN);
		desk.settle();
		later();
		later(500);
		end(500);
		later(499);
		expect(slices().length).toBe(1);
		later(1);
		expect(slices().map(({ qtyLots }) => qtyLots)).toEqual([500, 200]);
		end(200);
		const told = later().filter((effect) => effect.kind === 'note');
		expect(told).toEqual([{ kind: 'note', note: { kind: 'flattened', instrument: A.id, leftLots: 0 } }]);
		later(5_000);
		expect(slices().length).toBe(2);
	});

	test('that fills nothing is tried again', () => {
		const { desk, control, later, slices, end } = holding(100);
		control(FLATTEN);
		desk.settle();
		later();
		end(0);
		later(1_000);
		expect(slices().map(({ qtyLots }) => qtyLots)).toEqual([100, 100]);
	});

	test('does not leave on a book that is old, and waits for one that is not', () => {
		const { desk, control, later, slices } = holding(100);
		control(FLATTEN);
		desk.settle();
		desk.tick(2_500);
		expect(slices()).toEqual([]);
		expect(desk.engine.gate.denials.PT4).toBe(0);
		later();
		expect(slices().length).toBe(1);
	});

	test('does not leave while we are comparing: an order of before may be closing the position already', () => {
		const { desk, control, later, slices } = holding(1_900);
		control({ kind: 'compare', reason: 'test' });
		control(FLATTEN);
		for (let round = 0; round < 8; round += 1) {
			later();
			desk.settle();
		}
		expect(slices()).toEqual([]);
		for (let clean = 0; clean < 2; clean += 1) desk.census();
		later();
		desk.settle();
		later();
		expect(slices()).toHaveLength(1);
	});

	test('that the gate refuses is told once, and tried until it passes', () => {
		const { desk, control, later, slices } = holding(100, 0, { orderNotionalMax: 1e9 });
		control(FLATTEN);
		desk.settle();
		desk.engine.gate.limits = { ...desk.engine.gate.limits, orderNotionalMax: 1 };
		const notes = [...later(), ...later(1_000), ...later(1_000)].filter((effect) => effect.kind === 'note');
		expect(notes.filter(({ note }) => note.kind === 'flattenRefused')).toEqual([
			{ kind: 'note', note: { kind: 'flattenRefused', instrument: A.id, reason: 'PT7' } },
		]);
		expect(slices()).toEqual([]);
		desk.engine.gate.limits = { ...desk.engine.gate.limits, orderNotionalMax: 1e9 };
		later(1_000);
		expect(slices().length).toBe(1);
	});
});

describe('what the account holds', () => {
	/** The venue shows so many lots of A, time and again. */
	function shown(desk: Desk, books: () => void, positionLotsSigned: number): void {
		const { index } = A;
		for (let look = 0; look < 4; look += 1) {
			desk.nowMs += 6_000;
			books();
			desk.tick();
			desk.settle();
			const found = {
				orders: desk.reportsOfOpen(),
				positions: [{ instrument: index, positionLotsSigned: signedLots(positionLotsSigned) }],
			};
			desk.step({ kind: 'census', venue: A.venue, beganAtMono: desk.at().monoMs, found, ...desk.at() });
			desk.settle();
		}
	}

	test.each([
		{ name: 'somebody closed all of it', atVenue: 0, closed: 0, leftLots: 0 },
		{ name: 'somebody closed a part of it', atVenue: 600, closed: 600, leftLots: 0 },
		{ name: 'somebody closed more than that', atVenue: -300, closed: 0, leftLots: 300 },
		{ name: 'somebody holds more beside it', atVenue: 1_300, closed: 1_000, leftLots: 300 },
	])('$name: what is ours of it is closed, and what is left is named', ({ atVenue, closed, leftLots }) => {
		const { desk, books, control, later, slices, end } = holding(1_000);
		shown(desk, books, atVenue);
		const steps = vi.spyOn(desk, 'step');
		control(FLATTEN);
		desk.settle();
		for (let turn = 0; turn < 20; turn += 1) {
			later(1_000);
			if (desk.engine.openOrders().some(({ parent }) => parent !== undefined)) end(slices().at(-1)?.qtyLots ?? 0);
		}
		const told = steps.mock.results.flatMap(({ value }) => value as readonly EngineEffect[]);
		expect(slices().reduce((sum, { qtyLots }) => sum + qtyLots, 0)).toBe(closed);
		const notes = told.flatMap((effect) => (effect.kind === 'note' && effect.note.kind === 'flattened' ? [effect.note] : []));
		expect(notes.filter(({ instrument }) => instrument === A.id)).toMatchObject([{ leftLots }]);
		expect(desk.engine.isFlattening).toBe(false);
	});
});

test.each([
	{ orderLots: 300, sizes: [300, 300, 300, 100] },
	{ orderLots: 999, sizes: [500, 500] },
	{ orderLots: 333, sizes: [333, 333, 333, 1] },
])('no slice is worth more than $orderLots lots may be (PT7)', ({ orderLots, sizes }) => {
	const { desk, control, later, slices, end } = holding(1_000);
	const orderNotionalMax = (orderLots + 0.5) * MID * 1.0001 * A.tickLotNumber;
	desk.engine.gate.limits = { ...desk.engine.gate.limits, orderNotionalMax };
	control(FLATTEN);
	desk.settle();
	for (let turn = 0; turn < 10; turn += 1) {
		later(1_000);
		if (desk.engine.openOrders().some(({ parent }) => parent !== undefined)) end(slices().at(-1)?.qtyLots ?? 0);
	}
	expect(slices().map(({ qtyLots }) => qtyLots)).toEqual(sizes);
});

test('what the venue refuses again and again is asked for less and less often (F36)', () => {
	const { desk, control, later, slices } = holding(1_000);
	control(FLATTEN);
	desk.settle();
	const askedAtSec: number[] = [];
	for (let second = 0; second < 300; second += 1) {
		const before = slices().length;
		later(1_000);
		if (slices().length === before) continue;
		askedAtSec.push(second);
		for (const batch of desk.sent.splice(0)) {
			const outcome = { kind: 'rejected', class: 'fatal', gone: false, reason: '110017' } as const;
			const items = batch.commands.map(({ orderId }) => ({ orderId, verb: batch.verb, outcome }));
			desk.step({ kind: 'answer', batchId: batch.batchId, items, ...desk.at() });
		}
	}
	const apart = askedAtSec.slice(1).map((second, at) => second - (askedAtSec[at] ?? 0));
	expect(apart.slice(0, 6)).toEqual([2, 4, 8, 16, 32, 60]);
});

describe('what it is for', () => {
	test.each([
		['everything runs', undefined],
		['quoting is paused (KL2)', { kind: 'pause', scope: ALL, reason: 'test' }],
		['its symbol is held (KL1)', { kind: 'pause', scope: { kind: 'instrument', instrument: A.index }, reason: 'test' }],
	] as const)('closes while %s', (_, before) => {
		const { desk, control, later, slices } = holding(100);
		if (before !== undefined) control(before);
		control(FLATTEN);
		desk.settle();
		later();
		expect(slices().length).toBe(1);
	});

	test('closes while only what reduces may go (KL3), and where the gate is shut for good (KL4)', () => {
		for (const level of ['reduceOnly', 'kill'] as const) {
			const { desk, control, later, slices } = holding(100);
			if (level === 'kill') control({ kind: 'shutGate', reason: 'test' });
			else desk.engine.levels.raise('reduceOnly', 'test');
			desk.settle();
			later(2_000);
			expect([level, slices()]).toEqual([level, []]);
			control(FLATTEN);
			desk.settle();
			later();
			expect([level, slices().length]).toEqual([level, 1]);
		}
	});

	test('after a kill waits for every symbol: nothing is closed here while an order stands there (KL5)', () => {
		const { desk, control, later, slices } = holding(100, 100);
		control({ kind: 'shutGate', reason: 'test' });
		const cancels = desk.sent.splice(0);
		const ofB = cancels.flatMap(({ commands }) => commands).filter(({ instrument }) => instrument === B);
		control(FLATTEN);
		for (const { orderId } of cancels.flatMap(({ commands }) => commands)) {
			const order = desk.engine.orders.get(orderId);
			if (order?.instrument === A) over(desk, order);
		}
		later(1_000);
		expect([ofB.length > 0, slices()]).toEqual([true, []]);
		for (const { orderId } of ofB) {
			const order = desk.engine.orders.get(orderId);
			if (order !== undefined) over(desk, order);
		}
		later(1_000);
		expect(slices().map(({ instrument }) => instrument.symbol)).toEqual(['AUSDT', 'BUSDT']);
	});

	test.each([true, false])(
		'after a kill begins by itself where the settings ask for it, and only there: %s',
		(flattensAfterKill) => {
			const { desk, control, later, slices } = holding(100, 0, { flattensAfterKill });
			control({ kind: 'shutGate', reason: 'test' });
			expect(desk.engine.isFlattening).toBe(flattensAfterKill);
			later(2_000);
			expect(slices(), 'while orders stand').toEqual([]);
			desk.settle();
			later();
			expect(slices().length).toBe(flattensAfterKill ? 1 : 0);
		},
	);

	test('at the end of a run does not begin by itself', () => {
		const { desk, control, later, slices } = holding(100, 0, { flattensAfterKill: true });
		control({ kind: 'shutGate', reason: 'test', lasts: 'thisRun' });
		desk.settle();
		later(2_000);
		expect([desk.engine.isFlattening, slices()]).toEqual([false, []]);
	});

	test('an amend does not get out beside it where the gate is shut, and neither does an order of the desk', () => {
		const { desk, control } = holding(100);
		control({ kind: 'shutGate', reason: 'test' });
		desk.settle();
		control(FLATTEN);
		const asked = { kind: 'placeOrder', instrument: A.index, side: 'sell', orderType: 'limit', timeInForce: 'ioc' } as const;
		const action = { ...asked, reduceOnly: true, priceTicks: ticks(MID), qtyLots: 50 as never };
		const result = desk.engine.step({ kind: 'control', action, ...desk.at() });
		expect(result).toEqual({ kind: 'refused', reason: 'PT1' });
	});

	test('quotes of its symbol stay away until a person resumes it', () => {
		const { desk, control, later, end } = holding(100);
		control(FLATTEN);
		desk.settle();
		later();
		end(100);
		later(60_000);
		expect(desk.engine.openOrders()).toEqual([]);
		control({ kind: 'resume', scope: { kind: 'instrument', instrument: A.index } });
		later();
		expect(desk.engine.openOrders().map(({ instrument }) => instrument.symbol)).toEqual(['AUSDT', 'AUSDT']);
	});
});

describe('dust (F64)', () => {
	test('less than the venue takes stays, and nobody tries again', () => {
		const coarse = makeTestInstrument({ index: 0, symbol: 'AUSDT', qtyMin: '0.05' });
		const desk = new Desk({ instruments: [coarse], strategy: new Scripted() });
		desk.book(coarse, MID - 1, MID + 1);
		desk.engine.orders.setPosition(coarse.index, 1 as never);
		const effects = desk.step({ kind: 'control', action: FLATTEN, ...desk.at() });
		expect(effects.filter(({ kind }) => kind === 'note')).toEqual([
			{ kind: 'note', note: { kind: 'flattened', instrument: coarse.id, leftLots: 1 } },
		]);
		expect(desk.history).toEqual([]);
	});
});
