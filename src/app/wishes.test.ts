/** What is wanted is quoted level by level, and only on the grid that it was said on. */
import { describe, expect, test } from 'vitest';
import { Desk } from '../../test/fixtures/desk.ts';
import { makeTestInstrument } from '../../test/fixtures/instruments.ts';
import type { Side } from '../domain/side.ts';
import { LEVELS_MAX } from '../domain/slot.ts';
import { lots, ticks } from '../domain/units.ts';
import { type Wish, Wishes } from './wishes.ts';

const MID = 650_000;

function wish(side: Side, away: number): Wish {
	return { side, priceTicks: ticks(side === 'buy' ? MID - away : MID + away), qtyLots: lots(10) };
}

function deskOf(wishes: Wishes) {
	const instruments = [0, 1].map((index) => makeTestInstrument({ index, symbol: `S${index}USDT` }));
	const desk = new Desk({ instruments, strategy: wishes, settings: {} });
	const [one, two] = instruments;
	if (one === undefined || two === undefined) throw new Error('two instruments');
	for (const each of instruments) desk.book(each, MID - 1, MID + 1);
	const prices = (side: Side): number[] =>
		desk.engine
			.openOrders()
			.filter((order) => order.side === side && order.instrument.index === one.index)
			.sort((a, b) => a.slot - b.slot)
			.map(({ priceTicks }) => priceTicks);
	return { desk, one, two, prices };
}

describe('Wishes', () => {
	test('quotes each side in the order given, on its own symbol only', () => {
		const wishes = new Wishes();
		const { desk, one, prices } = deskOf(wishes);
		wishes.set(one, [wish('buy', 5), wish('sell', 9), wish('buy', 7), wish('sell', 6)]);
		desk.tick();
		desk.settle();
		expect(prices('buy')).toEqual([MID - 5, MID - 7]);
		expect(prices('sell')).toEqual([MID + 9, MID + 6]);
		expect(desk.engine.openOrders()).toHaveLength(4);
	});

	test('the next list takes the place of the last, and an empty one wants nothing', () => {
		const wishes = new Wishes();
		const { desk, one, prices } = deskOf(wishes);
		wishes.set(one, [wish('buy', 5), wish('buy', 6)]);
		desk.tick();
		desk.settle();
		wishes.set(one, [wish('buy', 5)]);
		desk.tick();
		desk.settle();
		expect(prices('buy')).toEqual([MID - 5]);
		wishes.set(one, []);
		desk.tick();
		desk.settle();
		expect(desk.engine.openOrders()).toEqual([]);
	});

	test('nothing is wanted any more when the venue has changed its steps, until it is said anew', () => {
		const wishes = new Wishes();
		const { desk, one } = deskOf(wishes);
		wishes.set(one, [wish('buy', 5)]);
		desk.tick();
		desk.settle();
		// The same count of lots would be twice as much.
		const coarser = makeTestInstrument({ index: 0, symbol: one.symbol, lotSize: '0.002', qtyMin: '0.002', version: 2 });
		desk.step({ kind: 'instrument', instrument: coarser, ...desk.at() });
		for (let tick = 0; tick < 3; tick += 1) {
			desk.tick();
			desk.settle();
		}
		expect(desk.engine.openOrders()).toEqual([]);
		wishes.set(coarser, [{ ...wish('buy', 5), qtyLots: lots(5) }]);
		desk.tick();
		desk.settle();
		expect(desk.engine.openOrders()).toMatchObject([{ qtyLots: 5 }]);
	});

	test('a side has so many levels and no more', () => {
		const wishes = new Wishes();
		const { one } = deskOf(wishes);
		const many = Array.from({ length: LEVELS_MAX }, (_, away) => wish('buy', away + 5));
		wishes.set(one, many);
		expect(() => wishes.set(one, [...many, wish('sell', 1), wish('buy', 1)])).toThrow(
			`33 buy quotes on ${one.symbol}; a side has 32 at most`,
		);
	});
});
