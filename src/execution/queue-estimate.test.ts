import { beforeEach, describe, expect, test } from 'vitest';
import { BTCUSDT } from '../../test/fixtures/instruments.ts';
import { makeTestView, type TestLevel } from '../../test/fixtures/views.ts';
import type { Order } from '../domain/order.ts';
import type { OrderId } from '../domain/order-id.ts';
import { lots, monoMs, ticks } from '../domain/units.ts';
import { QueueEstimate } from './queue-estimate.ts';

const BID = 640_000;

function order(given: Partial<Order> = {}): Order {
	return {
		...{ orderId: 'a' as OrderId, instrument: BTCUSDT, side: 'buy', state: 'live', shownAtMono: monoMs(0) },
		...{ priceTicks: ticks(BID), qtyLots: lots(10), filledLots: lots(0) },
		...given,
	} as Order;
}

describe('how much stands before an order', () => {
	let queue: QueueEstimate;
	const see = (orders: readonly Order[], bids: readonly TestLevel[]): void =>
		queue.see(BTCUSDT.index, orders, makeTestView({ bids, asks: [[BID + 1, 100]] }).book);
	const ahead = (given: Partial<Order> = {}): number | undefined => queue.aheadLots(order(given));
	beforeEach(() => {
		queue = new QueueEstimate();
	});

	test('all that others have there when it is seen first', () => {
		see([order()], [[BID, 60]]);
		expect(ahead()).toBe(50);
	});

	test('never more than others have there now, and what comes later stands behind it', () => {
		see([order()], [[BID, 60]]);
		see([order()], [[BID, 30]]);
		expect(ahead()).toBe(20);
		see([order()], [[BID, 500]]);
		expect(ahead()).toBe(20);
	});

	test('what trades at its price comes off the front', () => {
		see([order()], [[BID, 60]]);
		queue.applyTrade(BTCUSDT.index, BID, 15);
		queue.applyTrade(BTCUSDT.index, BID - 1, 15);
		expect(ahead()).toBe(35);
		queue.applyTrade(BTCUSDT.index, BID, 100);
		expect(ahead()).toBe(0);
	});

	test('our own orders at its price are not before it', () => {
		const second = { orderId: 'b' as OrderId, qtyLots: lots(20), filledLots: lots(5) };
		see([order(), order(second)], [[BID, 60]]);
		expect([ahead(), ahead(second)]).toEqual([35, 35]);
	});

	test.each([
		{ name: 'at another price', version: { priceTicks: ticks(BID - 1) }, expected: 90 },
		{ name: 'with more of it', version: { qtyLots: lots(11) }, expected: 49 },
		{ name: 'with less of it', version: { qtyLots: lots(9) }, expected: 5 },
	])('$name it stands where the venue puts it then', ({ version, expected }) => {
		see([order()], [[BID, 15]]);
		const bids: readonly TestLevel[] = [
			[BID, 60],
			[BID - 1, 100],
		];
		see([order(version)], bids);
		expect(ahead(version)).toBe(expected);
	});

	test('an order that the venue has not shown, or that is over, has none', () => {
		see([order({ shownAtMono: undefined })], [[BID, 60]]);
		expect(ahead()).toBeUndefined();
		see([order()], [[BID, 60]]);
		see([], [[BID, 60]]);
		expect(ahead()).toBeUndefined();
	});
});
