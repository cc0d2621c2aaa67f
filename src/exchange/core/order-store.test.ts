/** What is remembered of orders that are gone, and for how long. */
import { describe, expect, test } from 'vitest';
import { Account } from './account.ts';
import { accepted, limitOrder, NOW_MS, openExchange, PERP, reasonOf } from './exchange.fixture.ts';
import type { Exchange } from './exchange.ts';
import { Listing } from './listing.ts';
import { OrderRecord } from './order.ts';
import { OrderStore } from './order-store.ts';

const DAY_MS = 24 * 3_600_000;
const listing = new Listing(PERP);

function add(store: OrderStore, account: Account, clientOrderId: string): OrderRecord {
	const record = new OrderRecord({
		orderId: store.nextOrderId(),
		clientOrderId,
		account,
		listing,
		side: 'buy',
		type: 'limit',
		timeInForce: 'gtc',
		reduceOnly: false,
		selfTrade: 'none',
		priceTicks: 600_000,
		qtyLots: 1,
		lastPriceTicksAtPlace: 0,
		nowMs: NOW_MS,
	});
	store.add(record);
	return record;
}

describe('the memory of client ids', () => {
	test('is bounded per account: the oldest are forgotten first and may be used again', () => {
		const store = new OrderStore({ clientIds: 3 });
		const [ann, bob] = [new Account('ann', 0, []), new Account('bob', 1, [])];
		add(store, bob, 'c1');
		for (const id of ['c1', 'c2', 'c3', 'c4', 'c5']) add(store, ann, id);
		expect(['c1', 'c2', 'c3', 'c4', 'c5'].filter((id) => store.isUsed(ann, id, 'for-ever'))).toEqual(['c3', 'c4', 'c5']);
		expect(store.isUsed(bob, 'c1', 'for-ever')).toBe(true);
		expect(store.byClientId(ann, 'c1')).toBeUndefined();
		expect(store.byClientId(ann, 'c5')?.orderId).toBe('6');
	});

	test('forgets the id, not the order behind it while that is open', () => {
		const store = new OrderStore({ clientIds: 1 });
		const ann = new Account('ann', 0, []);
		const { orderId } = add(store, ann, 'c1');
		add(store, ann, 'c2');
		expect(store.byClientId(ann, 'c1')).toBeUndefined();
		expect(store.get(orderId)?.clientOrderId).toBe('c1');
		expect(store.open(ann, listing.symbol)).toHaveLength(2);
	});
});

describe('closed orders', () => {
	/** One that was cancelled untouched, one that was cancelled after a fill, one that was filled. */
	function threeClosed(exchange: Exchange): string[] {
		const names = ['untouched', 'touched', 'filled'];
		const sizes = ['0.010', '0.010', '0.004'];
		for (const [index, clientOrderId] of names.entries()) {
			accepted(exchange.place(limitOrder('ann', 'buy', sizes[index] ?? '', '60000.0', { clientOrderId }), NOW_MS));
			if (clientOrderId !== 'untouched') exchange.place(limitOrder('bob', 'sell', '0.004', '60000.0'), NOW_MS);
			exchange.cancel({ accountId: 'ann', symbol: PERP.symbol, order: { clientOrderId } }, NOW_MS);
		}
		return names;
	}

	test('that were cancelled without a fill are forgotten after a day, the others are not', () => {
		const exchange = openExchange();
		const names = threeClosed(exchange);
		const remembered = (): string[] => exchange.closedOrders('ann', PERP.symbol).map(({ clientOrderId }) => clientOrderId);
		exchange.advance(NOW_MS + DAY_MS);
		expect(remembered()).toEqual(names);
		expect(exchange.order('ann', { clientOrderId: 'untouched' })?.status).toBe('cancelled');
		exchange.advance(NOW_MS + DAY_MS + 1);
		expect(remembered()).toEqual(['touched', 'filled']);
		expect(names.map((clientOrderId) => exchange.order('ann', { clientOrderId })?.status)).toEqual([
			undefined,
			'cancelled',
			'filled',
		]);
		const gone = { accountId: 'ann', symbol: PERP.symbol, order: { clientOrderId: 'untouched' } };
		expect(reasonOf(exchange.cancel(gone, NOW_MS + DAY_MS + 1))).toBe('order-not-found');
	});

	test('and their client ids stay used', () => {
		const exchange = openExchange();
		threeClosed(exchange);
		exchange.advance(NOW_MS + 2 * DAY_MS);
		const again = limitOrder('ann', 'buy', '0.010', '60000.0', { clientOrderId: 'untouched' });
		expect(reasonOf(exchange.place(again, NOW_MS + 2 * DAY_MS))).toBe('duplicate-client-id');
	});

	test('open orders never grow old', () => {
		const exchange = openExchange();
		const { orderId } = accepted(exchange.place(limitOrder('ann', 'buy', '0.010', '60000.0'), NOW_MS));
		exchange.advance(NOW_MS + 30 * DAY_MS);
		expect(exchange.order('ann', { orderId })?.status).toBe('new');
	});

	test('are bounded per symbol, whatever their kind', () => {
		const store = new OrderStore({ closedOrders: 3 });
		const ann = new Account('ann', 0, []);
		for (let count = 1; count <= 20; count += 1) {
			const record = add(store, ann, '');
			record.status = 'filled';
			store.close(record);
		}
		expect(store.closed(ann, listing.symbol).map(({ orderId }) => orderId)).toEqual(['18', '19', '20']);
		expect(store.get('1')).toBeUndefined();
	});
});

describe('a client id that is used only while its order is open', () => {
	const spec = { ...PERP, clientIdsUsed: 'while-open' } as const;

	function open(): Exchange {
		return openExchange({ listings: [spec] });
	}

	test('names the latest order once the one before is done', () => {
		const exchange = open();
		const order = limitOrder('ann', 'buy', '0.010', '60000.0', { clientOrderId: 'c1' });
		const first = accepted(exchange.place(order, NOW_MS));
		expect(reasonOf(exchange.place(order, NOW_MS))).toBe('duplicate-client-id');
		exchange.cancel({ accountId: 'ann', symbol: PERP.symbol, order: { clientOrderId: 'c1' } }, NOW_MS);
		const second = accepted(exchange.place(order, NOW_MS));
		expect(exchange.order('ann', { clientOrderId: 'c1' })?.orderId).toBe(second.orderId);
		expect(exchange.order('ann', { orderId: first.orderId })).toMatchObject({ clientOrderId: 'c1', status: 'cancelled' });
		expect(reasonOf(exchange.place(order, NOW_MS))).toBe('duplicate-client-id');
	});

	test("is each account's own", () => {
		const exchange = open();
		for (const accountId of ['ann', 'bob']) {
			accepted(exchange.place(limitOrder(accountId, 'buy', '0.010', '60000.0', { clientOrderId: 'c1' }), NOW_MS));
		}
	});
});

describe('an order that gets another client id', () => {
	const order = limitOrder('ann', 'buy', '0.010', '60000.0', { clientOrderId: 'old' });
	const named = (clientOrderId: string) => ({ accountId: 'ann', symbol: PERP.symbol, order: { clientOrderId } });

	test('goes by it alone, and the one before is free', () => {
		const exchange = openExchange();
		const { orderId } = accepted(exchange.place(order, NOW_MS));
		const amended = exchange.amend({ ...named('old'), qtyLots: 8, clientOrderId: 'new' }, NOW_MS);
		expect(amended).toMatchObject({ kind: 'accepted', order: { orderId, clientOrderId: 'new', qtyLots: 8 } });
		expect(exchange.order('ann', { clientOrderId: 'old' })).toBeUndefined();
		expect(exchange.order('ann', { clientOrderId: 'new' })).toMatchObject({ orderId });
		accepted(exchange.place(order, NOW_MS));
	});

	test('keeps its own if it is the same, and never takes one that is used', () => {
		const exchange = openExchange();
		accepted(exchange.place(order, NOW_MS));
		accepted(exchange.place({ ...order, clientOrderId: 'taken' }, NOW_MS));
		expect(reasonOf(exchange.amend({ ...named('old'), qtyLots: 8, clientOrderId: 'taken' }, NOW_MS))).toBe('duplicate-client-id');
		expect(exchange.order('ann', { clientOrderId: 'old' })).toMatchObject({ qtyLots: 10 });
		expect(exchange.amend({ ...named('old'), qtyLots: 8, clientOrderId: 'old' }, NOW_MS)).toMatchObject({ kind: 'accepted' });
	});

	test('has the old one still where the amend is refused', () => {
		const exchange = openExchange();
		accepted(exchange.place(order, NOW_MS));
		expect(reasonOf(exchange.amend({ ...named('old'), clientOrderId: 'new' }, NOW_MS))).toBe('amend-unchanged');
		expect(exchange.order('ann', { clientOrderId: 'old' })).toBeDefined();
	});
});
