import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { makeTestInstrument } from '../../test/fixtures/instruments.ts';
import { ORDER_STATES, type OrderState } from '../domain/order-life.ts';
import { AccountExposure, Exposure } from './exposure.ts';
import { makeTestOrder, PLAIN, type TestOrder } from './gate.suite.ts';

const INSTRUMENT = makeTestInstrument(PLAIN);

function exposureOf(orders: readonly TestOrder[], positionLots = 0): Exposure {
	const exposure = new Exposure(INSTRUMENT);
	exposure.positionLots = positionLots;
	for (const order of orders) exposure.add(makeTestOrder(INSTRUMENT, order));
	return exposure;
}

const OVER: readonly OrderState[] = ['filled', 'cancelled', 'rejected', 'expired'];
const OPEN = ORDER_STATES.filter((state) => !OVER.includes(state));

describe('what could still fill', () => {
	test.each(OPEN)('an order that is %s counts with all that is not booked', (state) => {
		const exposure = exposureOf([{ state, qtyLots: 10, filledLots: 4, reportedFilledLots: 7 }]);
		expect([exposure.buyLots, exposure.sellLots, exposure.orderCount]).toEqual([6, 0, 1]);
	});

	test.each(OVER)('an order that is %s counts with what the venue filled and nobody has booked', (state) => {
		const exposure = exposureOf([{ state, side: 'sell', qtyLots: 10, filledLots: 4, reportedFilledLots: 7 }]);
		expect([exposure.buyLots, exposure.sellLots, exposure.orderCount]).toEqual([0, 3, 0]);
	});

	test.each([
		{ name: 'upwards', qtyLots: 10, pendingQtyLots: 15, expected: 11 },
		{ name: 'downwards', qtyLots: 15, pendingQtyLots: 10, expected: 11 },
	])('an order that is amended $name counts in its larger version', ({ qtyLots, pendingQtyLots, expected }) => {
		expect(exposureOf([{ state: 'amending', qtyLots, pendingQtyLots, filledLots: 4 }]).buyLots).toBe(expected);
	});

	test('an order that filled more than was ordered makes no room for others', () => {
		const exposure = exposureOf([
			{ state: 'unknown', qtyLots: 10, filledLots: 12 },
			{ state: 'live', qtyLots: 5 },
		]);
		expect(exposure.buyLots).toBe(5);
	});

	test('each side counts as if it filled alone', () => {
		const exposure = exposureOf([{ qtyLots: 10 }, { side: 'sell', qtyLots: 25 }], 5);
		expect([exposure.worstLong, exposure.worstShort, exposure.worstLots]).toEqual([15, -20, 20]);
		exposure.positionLots = 50;
		expect([exposure.worstLong, exposure.worstShort, exposure.worstLots]).toEqual([60, 25, 60]);
	});

	test('a position of others counts beside ours, and what they have open does not (F76)', () => {
		const exposure = exposureOf([{ qtyLots: 10 }, { side: 'sell', qtyLots: 25 }], 5);
		Object.assign(exposure, { foreignLots: -2, foreignBuyLots: 100, foreignSellLots: 1_000 });
		expect(exposure.heldLots).toBe(3);
		expect([exposure.worstLong, exposure.worstShort, exposure.worstLots]).toEqual([13, -22, 22]);
		const account = new AccountExposure();
		account.track(Object.assign(exposure, { referenceTicks: 1_000 }));
		account.recount();
		expect([account.gross, account.netLong, account.netShort]).toEqual([22_000, 13_000, -22_000]);
	});

	test.each([
		['finer', '0.5', [-8, 14, 2_000]],
		['coarser', '4', [-1, 1, 250]],
		['the same', '1', [-4, 7, 1_000]],
	])('what is not ours is recounted on a grid that is %s (F59)', (_name, lotSize, expected) => {
		const exposure = exposureOf([{ qtyLots: 10 }], 5);
		Object.assign(exposure, { foreignLots: -4, foreignBuyLots: 7, foreignSellLots: 1_000 });
		const next = makeTestInstrument({ ...PLAIN, version: 2, lotSize, qtyMin: lotSize });
		exposure.regrid(next);
		expect([exposure.foreignLots, exposure.foreignBuyLots, exposure.foreignSellLots]).toEqual(expected);
		expect(exposure.instrument).toBe(next);
	});

	test('orders come and go without leaving anything behind, whatever became of them in between', () => {
		const anyOrder = fc.record({
			side: fc.constantFrom('buy', 'sell'),
			state: fc.constantFrom(...ORDER_STATES),
			qtyLots: fc.integer({ min: 1, max: 50 }),
			pendingQtyLots: fc.integer({ min: 1, max: 50 }),
			filledLots: fc.integer({ min: 0, max: 60 }),
			moreReported: fc.nat(5),
		});
		fc.assert(
			fc.property(fc.array(fc.tuple(anyOrder, anyOrder), { minLength: 1, maxLength: 20 }), fc.nat(20), (pairs, kept) => {
				const made = pairs.map(([before, after]) =>
					[before, { ...after, side: before.side }].map((order) =>
						makeTestOrder(INSTRUMENT, { ...order, reportedFilledLots: order.filledLots + order.moreReported }),
					),
				);
				const exposure = new Exposure(INSTRUMENT);
				for (const [before] of made) if (before !== undefined) exposure.add(before);
				for (const [before, after] of made) {
					if (before === undefined || after === undefined) continue;
					exposure.remove(before);
					exposure.add(after);
				}
				for (const [, after] of made.slice(kept)) if (after !== undefined) exposure.remove(after);
				const fresh = new Exposure(INSTRUMENT);
				for (const [, after] of made.slice(0, kept)) if (after !== undefined) fresh.add(after);
				const figures = ({ buyLots, sellLots, orderCount }: Exposure) => ({ buyLots, sellLots, orderCount });
				expect(figures(exposure)).toEqual(figures(fresh));
			}),
			{ numRuns: 500 },
		);
	});
});

describe('what a lot is worth', () => {
	test('is nobody to know before there is a price', () => {
		expect(new Exposure(INSTRUMENT).worthOfLot).toBeNaN();
	});

	test('is the price of the first order until a mid is known, and the mid from then on', () => {
		const exposure = exposureOf([{ priceTicks: 990 }, { priceTicks: 980 }]);
		expect(exposure.worthOfLot).toBe(990);
		exposure.referenceTicks = 1_000;
		exposure.add(makeTestOrder(INSTRUMENT, { priceTicks: 970 }));
		expect(exposure.worthOfLot).toBe(1_000);
	});

	test('depends on the tick and the lot of the instrument', () => {
		const exposure = new Exposure(makeTestInstrument({ tickSize: '0.1', lotSize: '0.001' }));
		exposure.referenceTicks = 640_000;
		expect(exposure.worthOfLot).toBeCloseTo(64, 10);
	});
});

describe('the account', () => {
	function accountOf(...parts: readonly Exposure[]): AccountExposure {
		const account = new AccountExposure();
		for (const part of parts) {
			if (part.referenceTicks > 0) part.referenceTicks = 1_000;
			account.track(part);
		}
		account.recount();
		return account;
	}

	test('adds up worst cases regardless of direction, and netted in both directions', () => {
		const account = accountOf(
			exposureOf([{ qtyLots: 10 }, { side: 'sell', qtyLots: 3 }], 5),
			exposureOf([{ side: 'sell', qtyLots: 4 }], -20),
		);
		expect(account.gross).toBe(15_000 + 24_000);
		expect(account.netLong).toBe(15_000 - 20_000);
		expect(account.netShort).toBe(2_000 - 24_000);
	});

	test('counts anew each time, and forgets what was reserved before', () => {
		const part = exposureOf([{ qtyLots: 10 }]);
		const account = accountOf(part);
		account.reserve(700, 'buy');
		account.reserve(300, 'sell');
		expect([account.gross, account.netLong, account.netShort]).toEqual([11_000, 10_700, -300]);
		part.positionLots = 1;
		account.recount();
		account.recount();
		expect([account.gross, account.netLong, account.netShort]).toEqual([11_000, 11_000, 1_000]);
	});

	test('does not know its worth while a symbol that has something has no price', () => {
		const empty = new Exposure(INSTRUMENT);
		const account = accountOf(empty, exposureOf([{ qtyLots: 10 }]));
		expect(account.gross, 'nothing without a price is nothing').toBe(10_000);
		empty.positionLots = -1;
		account.recount();
		expect([account.gross, account.netLong, account.netShort]).toEqual([Number.NaN, Number.NaN, Number.NaN]);
	});
});
