/**
 * Batching changes how orders travel, never where they end (T2): from any history, with targets held until nothing is
 * in flight, the parallel and the sequential engine leave the same orders at the venue.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Desk } from '../../test/fixtures/desk.ts';
import { makeTestInstrument } from '../../test/fixtures/instruments.ts';
import { Scripted, type Wish } from '../../test/fixtures/scripted.ts';
import { BUS_OPTIONS, type BusOptions } from '../execution/command-bus.ts';
import { ENGINE_SETTINGS } from './settings.ts';

const MID = 10_000;
const SYMBOLS = 3;
const LEVELS = 4;

/** One moment of the market: where each symbol's ladder stands, how large it is, and whether the venue has answered. */
const moment = fc.record({
	ladders: fc.array(
		fc.record({
			shift: fc.integer({ min: -6, max: 6 }),
			buys: fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: LEVELS }),
			sells: fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: LEVELS }),
		}),
		{ minLength: SYMBOLS, maxLength: SYMBOLS },
	),
	settles: fc.boolean(),
	afterMs: fc.integer({ min: 20, max: 900 }),
});
type Moment = typeof moment extends fc.Arbitrary<infer Value> ? Value : never;

function wishesOf({ shift, buys, sells }: Moment['ladders'][number]): Wish[] {
	const at = (side: Wish['side'], sign: number) => (qty: number, level: number) => {
		return { side, level, price: MID + shift + sign * (3 + level * 2), qty: qty * 100 };
	};
	return [...buys.map(at('buy', -1)), ...sells.map(at('sell', 1))];
}

function standingAfter(moments: readonly Moment[], bus: Partial<BusOptions>): string[] {
	const instruments = Array.from({ length: SYMBOLS }, (_, index) => makeTestInstrument({ index, symbol: `S${index}USDT` }));
	const strategy = new Scripted();
	const desk = new Desk({ instruments, strategy, settings: { bus: { ...BUS_OPTIONS, ...bus }, policy: ENGINE_SETTINGS.policy } });
	const show = ({ ladders, afterMs }: Moment): void => {
		for (const instrument of instruments) {
			desk.book(instrument, MID - 1, MID + 1);
			const shape = ladders[instrument.index];
			if (shape !== undefined) strategy.wishes.set(instrument.index, wishesOf(shape));
		}
		desk.tick(afterMs);
	};
	for (const one of moments) {
		show(one);
		if (one.settles) desk.settle();
	}
	const last = moments.at(-1);
	if (last === undefined) return [];
	let calls = -1;
	for (let round = 0; calls !== desk.history.length; round += 1) {
		if (round > 200) throw new Error('the engine does not come to rest');
		calls = desk.history.length;
		for (let i = 0; i < 3; i += 1) {
			show({ ...last, afterMs: 500 });
			desk.settle();
		}
	}
	return desk.engine
		.openOrders()
		.map(({ instrument, side, priceTicks, qtyLots }) => `${instrument.symbol} ${side} ${qtyLots} at ${priceTicks}`)
		.sort();
}

test('parallel, per-symbol and sequential sending end with the orders that are wanted, and no others', () => {
	fc.assert(
		fc.property(fc.array(moment, { minLength: 1, maxLength: 8 }), (moments) => {
			const parallel = standingAfter(moments, {});
			const wanted = (moments.at(-1)?.ladders ?? []).flatMap((shape, index) =>
				wishesOf(shape).map(({ side, price, qty }) => `S${index}USDT ${side} ${qty} at ${price}`),
			);
			expect(parallel).toEqual(wanted.sort());
			expect(standingAfter(moments, { parallel: false })).toEqual(parallel);
			expect(standingAfter(moments, { coalesceAmend: false, coalesceCancel: false, coalescePlace: false })).toEqual(parallel);
			expect(standingAfter(moments, { maxBatchSize: 3 })).toEqual(parallel);
		}),
		{ numRuns: 150 },
	);
});
