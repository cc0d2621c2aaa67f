import { describe, expect, test } from 'vitest';
import { accepted, limitOrder, NOW_MS, openExchange, PERP, reasonOf, record, SPOT, walletAtoms } from './exchange.fixture.ts';
import { atoms, formatAtoms } from './money.ts';

describe('placing', () => {
	test('an accepted order has an id, rests in the book and can be asked for by either id', () => {
		const exchange = openExchange();
		const { orderId, order } = accepted(
			exchange.place(limitOrder('ann', 'buy', '0.010', '64990.0', { clientOrderId: 'mm-1' }), NOW_MS),
		);
		expect(order).toMatchObject({
			status: 'new',
			qtyLots: 10,
			leavesLots: 10,
			filledLots: 0,
			clientOrderId: 'mm-1',
			revision: 1,
		});
		expect(exchange.order('ann', { orderId })).toEqual(order);
		expect(exchange.order('ann', { clientOrderId: 'mm-1' })).toEqual(order);
		expect(exchange.order('bob', { orderId })).toBeUndefined();
		expect(exchange.openOrders('ann')).toEqual([order]);
		const open = [exchange.openOrderCount('ann', PERP.symbol), exchange.openOrderCount('ann', SPOT.symbol)];
		expect([...open, exchange.openOrderCount('eve', PERP.symbol)]).toEqual([1, 0, 0]);
		expect(exchange.book(PERP.symbol, 5)).toMatchObject({ bids: [{ priceTicks: 649_900, qtyLots: 10 }], asks: [], bookSeq: 1 });
	});

	const good = limitOrder('ann', 'buy', '0.010', '64990.0');
	test.each([
		{ name: 'an unknown account', change: { accountId: 'eve' }, reason: 'unknown-account' },
		{ name: 'an unknown symbol', change: { symbol: 'DOGEUSDT' }, reason: 'unknown-symbol' },
		{ name: 'a price of NaN', change: { priceTicks: Number.NaN }, reason: 'invalid-price' },
		{ name: 'a negative price', change: { priceTicks: -1 }, reason: 'invalid-price' },
		{ name: 'a price of zero', change: { priceTicks: 0 }, reason: 'invalid-price' },
		{ name: 'a price between ticks', change: { priceTicks: 649_900.5 }, reason: 'invalid-price' },
		{ name: 'a price above all safe integers', change: { priceTicks: 2 ** 53 }, reason: 'invalid-price' },
		{ name: 'a price above the band', change: { priceTicks: 715_001 }, reason: 'price-outside-band' },
		{ name: 'a quantity of NaN', change: { qtyLots: Number.NaN }, reason: 'invalid-quantity' },
		{ name: 'a negative quantity', change: { qtyLots: -5 }, reason: 'invalid-quantity' },
		{ name: 'a quantity of zero', change: { qtyLots: 0 }, reason: 'invalid-quantity' },
		{ name: 'a quantity between lots', change: { qtyLots: 1.5 }, reason: 'invalid-quantity' },
		{ name: 'an endless quantity', change: { qtyLots: Number.POSITIVE_INFINITY }, reason: 'invalid-quantity' },
		{ name: 'a quantity above all safe integers', change: { qtyLots: 2 ** 53 }, reason: 'invalid-quantity' },
		{ name: 'a quantity above the maximum', change: { qtyLots: 100_001 }, reason: 'above-max-quantity' },
		{ name: 'a value below the minimum', change: { priceTicks: 49_999, qtyLots: 1 }, reason: 'below-min-notional' },
		{ name: 'more than the margin can carry', change: { qtyLots: 16_000 }, reason: 'insufficient-margin' },
		{ name: 'an empty client id', change: { clientOrderId: '' }, reason: 'malformed-client-id' },
		{ name: 'a client id used before', change: { clientOrderId: 'used' }, reason: 'duplicate-client-id' },
		{ name: 'reduce-only without a position', change: { reduceOnly: true }, reason: 'reduce-only-not-reducing' },
	])('$name is refused as $reason, and nothing changes', ({ change, reason }) => {
		const exchange = openExchange();
		exchange.setMarkPrice(PERP.symbol, 650_000, NOW_MS);
		const used = accepted(exchange.place({ ...good, clientOrderId: 'used' }, NOW_MS));
		exchange.cancel({ accountId: 'ann', symbol: PERP.symbol, order: { orderId: used.orderId } }, NOW_MS);
		const before = exchange.stateHash();
		const events = record(exchange);
		expect(reasonOf(exchange.place({ ...good, ...change }, NOW_MS))).toBe(reason);
		expect(exchange.stateHash()).toBe(before);
		expect(events).toEqual([]);
	});

	test('a buy far below and a sell far above the mark price are inside the band', () => {
		const exchange = openExchange();
		exchange.setMarkPrice(PERP.symbol, 650_000, NOW_MS);
		accepted(exchange.place(limitOrder('ann', 'buy', '0.010', '10000.0'), NOW_MS));
		accepted(exchange.place(limitOrder('ann', 'sell', '0.010', '100000.0'), NOW_MS));
		expect(reasonOf(exchange.place(limitOrder('ann', 'sell', '0.010', '58499.9'), NOW_MS))).toBe('price-outside-band');
		accepted(exchange.place(limitOrder('ann', 'sell', '0.010', '58500.0'), NOW_MS));
	});

	test('a price beyond the band is moved to its edge where the listing clamps, placing and amending', () => {
		const exchange = openExchange({ listings: [{ ...PERP, outOfBand: 'clamp' }, SPOT] });
		exchange.setMarkPrice(PERP.symbol, 650_000, NOW_MS);
		const { orderId, order } = accepted(exchange.place(limitOrder('ann', 'buy', '0.010', '90000.0'), NOW_MS));
		expect(order).toMatchObject({ status: 'new', priceTicks: 715_000 });
		expect(exchange.book(PERP.symbol, 1)?.bids).toEqual([{ priceTicks: 715_000, qtyLots: 10 }]);
		expect(exchange.positions('ann')[0]?.marginAtoms).toBe(atoms('71.5'));
		const named = { accountId: 'ann', symbol: PERP.symbol, order: { orderId } };
		expect(reasonOf(exchange.amend({ ...named, priceTicks: 720_000 }, NOW_MS))).toBe('amend-unchanged');
		exchange.setMarkPrice(PERP.symbol, 660_000, NOW_MS);
		expect(exchange.amend({ ...named, priceTicks: 730_000 }, NOW_MS)).toMatchObject({ order: { priceTicks: 726_000 } });
		expect(exchange.amend({ ...named, priceTicks: 500_000 }, NOW_MS)).toMatchObject({ order: { priceTicks: 500_000 } });
		const sell = accepted(exchange.place(limitOrder('bob', 'sell', '0.010', '10000.0', { timeInForce: 'post-only' }), NOW_MS));
		expect(sell.order).toMatchObject({ status: 'new', priceTicks: 594_000 });
		for (const priceTicks of [0, -1, 1.5, Number.NaN, 2 ** 53])
			expect(reasonOf(exchange.place({ ...limitOrder('ann', 'buy', '0.010', '1.0'), priceTicks }, NOW_MS))).toBe('invalid-price');
	});

	test('a crossing post-only order is cancelled with its reason, or refused, as the listing says', () => {
		const exchange = openExchange();
		exchange.place(limitOrder('ann', 'sell', '1', '3000.00', { spec: SPOT }), NOW_MS);
		exchange.place(limitOrder('ann', 'sell', '1', '65000.0'), NOW_MS);
		const postOnly = { timeInForce: 'post-only' } as const;
		expect(reasonOf(exchange.place(limitOrder('bob', 'buy', '1', '3000.00', { spec: SPOT, ...postOnly }), NOW_MS))).toBe(
			'post-only-would-cross',
		);
		const events = record(exchange);
		const { order } = accepted(exchange.place(limitOrder('bob', 'buy', '1', '65000.0', postOnly), NOW_MS));
		expect(order).toMatchObject({ status: 'cancelled', cancelReason: 'post-only-would-cross', leavesLots: 0, filledLots: 0 });
		expect(events.map((event) => (event.kind === 'order' ? event.order.status : event.kind))).toEqual(['new', 'cancelled']);
	});

	test('a market order takes what lies inside the price band and cancels the rest', () => {
		const exchange = openExchange();
		exchange.setMarkPrice(PERP.symbol, 650_000, NOW_MS);
		exchange.place(limitOrder('ann', 'sell', '0.010', '65000.0'), NOW_MS);
		exchange.place(limitOrder('ann', 'sell', '0.010', '72000.0'), NOW_MS);
		const market = { accountId: 'bob', symbol: PERP.symbol, side: 'buy', type: 'market', qtyLots: 20 } as const;
		expect(accepted(exchange.place(market, NOW_MS)).order).toMatchObject({
			status: 'cancelled',
			cancelReason: 'ioc-remainder',
			filledLots: 10,
		});
		expect(accepted(exchange.place(market, NOW_MS)).order).toMatchObject({ status: 'cancelled', cancelReason: 'no-liquidity' });
	});

	test('no more orders may rest than the listing allows', () => {
		const exchange = openExchange();
		for (let count = 0; count < 3; count += 1)
			accepted(exchange.place(limitOrder('ann', 'buy', '0.1', '2000.00', { spec: SPOT }), NOW_MS));
		expect(reasonOf(exchange.place(limitOrder('ann', 'buy', '0.1', '2000.00', { spec: SPOT }), NOW_MS))).toBe(
			'too-many-open-orders',
		);
	});

	test('a symbol that is cancel-only refuses new orders and amends, a halted one cancels too', () => {
		const exchange = openExchange();
		const { orderId } = accepted(exchange.place(good, NOW_MS));
		const named = { accountId: 'ann', symbol: PERP.symbol, order: { orderId } };
		exchange.setStatus(PERP.symbol, 'halted', NOW_MS);
		expect(reasonOf(exchange.cancel(named, NOW_MS))).toBe('symbol-not-trading');
		expect(exchange.cancelAll({ accountId: 'ann' }, NOW_MS)).toEqual({ kind: 'cancelled', orders: [] });
		exchange.setStatus(PERP.symbol, 'cancel-only', NOW_MS);
		expect(reasonOf(exchange.place(good, NOW_MS))).toBe('symbol-not-trading');
		expect(reasonOf(exchange.amend({ ...named, qtyLots: 5 }, NOW_MS))).toBe('symbol-not-trading');
		expect(exchange.cancel(named, NOW_MS)).toMatchObject({
			kind: 'accepted',
			order: { status: 'cancelled', cancelReason: 'user' },
		});
	});
});

describe('amending', () => {
	function resting(): {
		exchange: ReturnType<typeof openExchange>;
		orderId: string;
		name: { accountId: string; symbol: string; order: { orderId: string } };
	} {
		const exchange = openExchange();
		const { orderId } = accepted(exchange.place(limitOrder('ann', 'buy', '0.010', '65000.0'), NOW_MS));
		exchange.place(limitOrder('bob', 'sell', '0.004', '65000.0'), NOW_MS);
		return { exchange, orderId, name: { accountId: 'ann', symbol: PERP.symbol, order: { orderId } } };
	}

	test('the quantity is the total, what is filled included', () => {
		const { exchange, name } = resting();
		expect(exchange.amend({ ...name, qtyLots: 7 }, NOW_MS)).toMatchObject({
			order: { qtyLots: 7, filledLots: 4, leavesLots: 3, status: 'partially-filled' },
		});
		expect(exchange.book(PERP.symbol, 1)?.bids).toEqual([{ priceTicks: 650_000, qtyLots: 3 }]);
	});

	test.each([
		{ name: 'to what is filled', change: { qtyLots: 4 }, reason: 'amend-below-filled' },
		{ name: 'to nothing new', change: { qtyLots: 10, priceTicks: 650_000 }, reason: 'amend-unchanged' },
		{ name: 'to a fractional price', change: { priceTicks: 1.5 }, reason: 'invalid-price' },
		{ name: 'beyond the margin', change: { qtyLots: 90_000 }, reason: 'insufficient-margin' },
	])('$name is refused as $reason and changes nothing', ({ change, reason }) => {
		const { exchange, name } = resting();
		const before = exchange.stateHash();
		expect(reasonOf(exchange.amend({ ...name, ...change }, NOW_MS))).toBe(reason);
		expect(exchange.stateHash()).toBe(before);
	});

	test('an order that is gone says so, an unknown one too', () => {
		const { exchange, name } = resting();
		exchange.cancel(name, NOW_MS);
		expect(reasonOf(exchange.amend({ ...name, qtyLots: 20 }, NOW_MS))).toBe('order-closed');
		expect(reasonOf(exchange.cancel(name, NOW_MS))).toBe('order-closed');
		expect(reasonOf(exchange.cancel({ ...name, accountId: 'bob' }, NOW_MS))).toBe('order-not-found');
		expect(reasonOf(exchange.cancel({ ...name, symbol: SPOT.symbol }, NOW_MS))).toBe('order-not-found');
	});

	test('needs money for what it adds only', () => {
		const exchange = openExchange();
		const { orderId } = accepted(exchange.place(limitOrder('ann', 'buy', '33', '3000.00', { spec: SPOT }), NOW_MS));
		const name = { accountId: 'ann', symbol: SPOT.symbol, order: { orderId } };
		expect(exchange.amend({ ...name, priceTicks: 303_030 }, NOW_MS)).toMatchObject({ order: { priceTicks: 303_030 } });
		expect(exchange.balances('ann').find(({ coin }) => coin === 'USDT')?.availableAtoms).toBe(atoms('0.1'));
		expect(reasonOf(exchange.amend({ ...name, priceTicks: 303_031 }, NOW_MS))).toBe('insufficient-balance');
	});

	test('a post-only order that would cross is cancelled as it stood', () => {
		const exchange = openExchange();
		const { orderId } = accepted(
			exchange.place(limitOrder('ann', 'buy', '0.010', '64990.0', { timeInForce: 'post-only' }), NOW_MS),
		);
		exchange.place(limitOrder('bob', 'sell', '0.004', '65000.0'), NOW_MS);
		const answer = exchange.amend({ accountId: 'ann', symbol: PERP.symbol, order: { orderId }, priceTicks: 650_000 }, NOW_MS);
		expect(answer).toMatchObject({
			order: { status: 'cancelled', cancelReason: 'post-only-would-cross', priceTicks: 649_900, filledLots: 0 },
		});
		expect(exchange.openOrders('ann')).toEqual([]);
	});

	test('any other order that crosses trades', () => {
		const { exchange, name } = resting();
		exchange.place(limitOrder('bob', 'sell', '0.004', '65010.0'), NOW_MS);
		expect(exchange.amend({ ...name, priceTicks: 650_100 }, NOW_MS)).toMatchObject({ order: { filledLots: 8, leavesLots: 2 } });
		expect(exchange.book(PERP.symbol, 1)).toMatchObject({ bids: [{ priceTicks: 650_100, qtyLots: 2 }], asks: [] });
	});
});

describe('amending anew', () => {
	const NAME = { accountId: 'ann', symbol: PERP.symbol };

	test('sends an order to the back of its queue even where it only shrinks', () => {
		const exchange = openExchange();
		const { orderId } = accepted(exchange.place(limitOrder('ann', 'buy', '0.010', '65000.0'), NOW_MS));
		exchange.place(limitOrder('bob', 'buy', '0.010', '65000.0'), NOW_MS);
		const { order } = accepted(exchange.amend({ ...NAME, order: { orderId }, qtyLots: 6, anew: true }, NOW_MS));
		expect(order).toMatchObject({ qtyLots: 6, leavesLots: 6, status: 'new', revision: 2 });
		exchange.place(limitOrder('cyd', 'sell', '0.012', '65000.0'), NOW_MS);
		expect(exchange.order('ann', { orderId })).toMatchObject({ filledLots: 2 });
		expect(exchange.openOrders('bob')).toEqual([]);
	});

	test('counts what is filled, and reserves what is left and no more', () => {
		const exchange = openExchange();
		const { orderId } = accepted(exchange.place(limitOrder('ann', 'buy', '4', '3000.00', { spec: SPOT }), NOW_MS));
		exchange.place(limitOrder('bob', 'sell', '1', '3000.00', { spec: SPOT }), NOW_MS);
		const change = { accountId: 'ann', symbol: SPOT.symbol, order: { orderId }, priceTicks: 290_000, qtyLots: 30_000 };
		expect(exchange.amend({ ...change, anew: true }, NOW_MS)).toMatchObject({
			order: { filledLots: 10_000, leavesLots: 20_000 },
		});
		expect(exchange.balances('ann').find(({ coin }) => coin === 'USDT')?.lockedAtoms).toBe(atoms('5800'));
		expect(exchange.book(SPOT.symbol, 1)?.bids).toEqual([{ priceTicks: 290_000, qtyLots: 20_000 }]);
	});

	test('ends self-trade prevention: the order may meet its own account', () => {
		for (const anew of [false, true]) {
			const exchange = openExchange();
			const bid = limitOrder('ann', 'buy', '0.010', '64000.0', { selfTrade: 'cancel-maker' });
			const { orderId } = accepted(exchange.place(bid, NOW_MS));
			exchange.place(limitOrder('ann', 'sell', '0.010', '65000.0'), NOW_MS);
			const { order } = accepted(exchange.amend({ ...NAME, order: { orderId }, priceTicks: 650_000, anew }, NOW_MS));
			expect(order).toMatchObject(anew ? { filledLots: 10, selfTrade: 'none' } : { filledLots: 0, selfTrade: 'cancel-maker' });
		}
	});

	test('a post-only order that would cross is cancelled as it stood', () => {
		const exchange = openExchange();
		const bid = limitOrder('ann', 'buy', '0.010', '64990.0', { timeInForce: 'post-only' });
		const { orderId } = accepted(exchange.place(bid, NOW_MS));
		exchange.place(limitOrder('bob', 'sell', '0.004', '65000.0'), NOW_MS);
		expect(exchange.amend({ ...NAME, order: { orderId }, priceTicks: 650_000, anew: true }, NOW_MS)).toMatchObject({
			order: { status: 'cancelled', cancelReason: 'post-only-would-cross', priceTicks: 649_900, leavesLots: 0 },
		});
		expect(exchange.book(PERP.symbol, 1)?.bids).toEqual([]);
		expect(exchange.balances('ann').find(({ coin }) => coin === 'USDT')?.marginAtoms).toBe(0n);
	});
});

describe('asking before placing', () => {
	test.each([
		{ name: 'a good order', order: limitOrder('ann', 'buy', '0.010', '65000.0'), reason: 'not refused' },
		{ name: 'one off the band', order: limitOrder('ann', 'buy', '0.010', '80000.0'), reason: 'price-outside-band' },
		{
			name: 'a post-only one that would be refused for crossing',
			order: limitOrder('ann', 'buy', '1', '3000.00', { spec: SPOT, timeInForce: 'post-only' }),
			reason: 'post-only-would-cross',
		},
		{
			name: 'a post-only one that would be taken in and cancelled',
			order: limitOrder('ann', 'buy', '0.010', '65000.0', { timeInForce: 'post-only' }),
			reason: 'not refused',
		},
	])('$name: $reason, as placing says, and nothing has changed', ({ order, reason }) => {
		const exchange = openExchange();
		exchange.setMarkPrice(PERP.symbol, 650_000, NOW_MS);
		exchange.place(limitOrder('bob', 'sell', '0.010', '65000.0'), NOW_MS);
		exchange.place(limitOrder('bob', 'sell', '1', '3000.00', { spec: SPOT }), NOW_MS);
		const before = exchange.stateHash();
		expect(exchange.check(order)?.reason ?? 'not refused').toBe(reason);
		expect(exchange.stateHash()).toBe(before);
		expect(reasonOf(exchange.place(order, NOW_MS))).toBe(reason);
	});
});

describe('reduce-only', () => {
	function longTen(): ReturnType<typeof openExchange> {
		const exchange = openExchange();
		exchange.place(limitOrder('bob', 'sell', '0.010', '65000.0'), NOW_MS);
		exchange.place(limitOrder('ann', 'buy', '0.010', '65000.0'), NOW_MS);
		return exchange;
	}

	test('an order larger than the position is trimmed to it', () => {
		const exchange = longTen();
		const { order } = accepted(exchange.place(limitOrder('ann', 'sell', '0.050', '66000.0', { reduceOnly: true }), NOW_MS));
		expect(order).toMatchObject({ qtyLots: 10, leavesLots: 10 });
		expect(reasonOf(exchange.place(limitOrder('ann', 'buy', '0.001', '60000.0', { reduceOnly: true }), NOW_MS))).toBe(
			'reduce-only-not-reducing',
		);
	});

	test('resting orders shrink with the position and go when it is gone', () => {
		const exchange = longTen();
		const { orderId } = accepted(exchange.place(limitOrder('ann', 'sell', '0.010', '66000.0', { reduceOnly: true }), NOW_MS));
		exchange.place(limitOrder('cyd', 'buy', '0.010', '64000.0'), NOW_MS);
		exchange.place(limitOrder('ann', 'sell', '0.004', '64000.0'), NOW_MS);
		expect(exchange.order('ann', { orderId })).toMatchObject({ status: 'new', qtyLots: 6, leavesLots: 6 });
		exchange.place(limitOrder('ann', 'sell', '0.006', '64000.0'), NOW_MS);
		expect(exchange.order('ann', { orderId })).toMatchObject({ status: 'cancelled', cancelReason: 'reduce-only' });
		expect(exchange.book(PERP.symbol, 1)?.asks).toEqual([]);
	});

	test('one sweep through an ordinary and a reduce-only order does not flip the position', () => {
		const exchange = longTen();
		exchange.place(limitOrder('ann', 'sell', '0.010', '65100.0'), NOW_MS);
		exchange.place(limitOrder('ann', 'sell', '0.010', '65200.0', { reduceOnly: true }), NOW_MS);
		const { order } = accepted(exchange.place(limitOrder('cyd', 'buy', '0.020', '65200.0'), NOW_MS));
		expect(order).toMatchObject({ filledLots: 10, status: 'partially-filled' });
		expect(exchange.positions('ann')[0]?.qtyLotsSigned).toBe(0);
	});

	test('an account without free margin may still close', () => {
		const exchange = longTen();
		exchange.setMarkPrice(PERP.symbol, 650_000, NOW_MS);
		const rest = exchange.balances('ann').find(({ coin }) => coin === 'USDT')?.availableAtoms ?? 0n;
		exchange.withdraw('ann', 'USDT', rest, NOW_MS);
		expect(reasonOf(exchange.place(limitOrder('ann', 'buy', '0.010', '65000.0'), NOW_MS))).toBe('insufficient-margin');
		accepted(exchange.place(limitOrder('ann', 'sell', '0.010', '65000.0'), NOW_MS));
	});
});

describe('money', () => {
	test('a perpetual trade costs both sides their fee and moves no principal', () => {
		const exchange = openExchange();
		exchange.place(limitOrder('bob', 'sell', '0.004', '64990.0'), NOW_MS);
		exchange.place(limitOrder('ann', 'buy', '0.004', '64990.0'), NOW_MS);
		expect(formatAtoms(walletAtoms(exchange, 'bob', 'USDT'))).toBe('99999.94800800');
		expect(formatAtoms(walletAtoms(exchange, 'ann', 'USDT'))).toBe('99999.85702200');
		expect(exchange.houseBalances()).toEqual([{ coin: 'USDT', atoms: atoms('0.19497') }]);
		expect(exchange.positions('ann')[0]).toMatchObject({ qtyLotsSigned: 4, costAtomsSigned: atoms('259.96') });
		expect(exchange.executions('ann', PERP.symbol)[0]).toMatchObject({
			maker: false,
			feeAtoms: atoms('0.142978'),
			feeCoin: 'USDT',
			leavesLots: 0,
		});
		expect(exchange.executions('bob', PERP.symbol)[0]).toMatchObject({ maker: true, feeAtoms: atoms('0.051992'), tradeId: '1' });
	});

	test('spot fees are taken from the coin received, a rebate comes in the coin given', () => {
		const exchange = openExchange();
		exchange.place(limitOrder('bob', 'sell', '2', '3000.00', { spec: SPOT }), NOW_MS);
		expect(exchange.balances('bob').find(({ coin }) => coin === 'ETH')).toMatchObject({
			lockedAtoms: atoms('2'),
			availableAtoms: atoms('8'),
		});
		const { order } = accepted(exchange.place(limitOrder('ann', 'buy', '1', '3100.00', { spec: SPOT }), NOW_MS));
		expect(order.fees).toEqual([{ coin: 'ETH', atoms: atoms('0.001') }]);
		expect(formatAtoms(walletAtoms(exchange, 'ann', 'ETH'))).toBe('10.99900000');
		expect(formatAtoms(walletAtoms(exchange, 'ann', 'USDT'))).toBe('97000.00000000');
		expect(formatAtoms(walletAtoms(exchange, 'bob', 'USDT'))).toBe('103000.00000000');
		expect(formatAtoms(walletAtoms(exchange, 'bob', 'ETH'))).toBe('9.00010000');
		expect(exchange.balances('ann').find(({ coin }) => coin === 'USDT')?.lockedAtoms).toBe(0n);
		expect(exchange.balances('bob').find(({ coin }) => coin === 'ETH')?.lockedAtoms).toBe(atoms('1'));
	});

	test('spot orders lock what they would give, and no more than there is', () => {
		const exchange = openExchange();
		const { orderId } = accepted(exchange.place(limitOrder('ann', 'buy', '20', '3000.00', { spec: SPOT }), NOW_MS));
		expect(reasonOf(exchange.place(limitOrder('ann', 'buy', '20', '3000.00', { spec: SPOT }), NOW_MS))).toBe(
			'insufficient-balance',
		);
		expect(reasonOf(exchange.place(limitOrder('ann', 'sell', '10.0001', '3000.00', { spec: SPOT }), NOW_MS))).toBe(
			'insufficient-balance',
		);
		expect(reasonOf(exchange.withdraw('ann', 'USDT', atoms('40000.00000001'), NOW_MS))).toBe('insufficient-balance');
		exchange.cancel({ accountId: 'ann', symbol: SPOT.symbol, order: { orderId } }, NOW_MS);
		expect(exchange.withdraw('ann', 'USDT', atoms('100000'), NOW_MS)).toEqual({ kind: 'done' });
	});

	test('a spot market buy must afford the book it would sweep', () => {
		const exchange = openExchange();
		exchange.place(limitOrder('bob', 'sell', '1', '3000.00', { spec: SPOT }), NOW_MS);
		exchange.place(limitOrder('cyd', 'sell', '1', '99000.00', { spec: SPOT }), NOW_MS);
		const market = { accountId: 'ann', symbol: SPOT.symbol, side: 'buy', type: 'market' } as const;
		expect(reasonOf(exchange.place({ ...market, qtyLots: 20_000 }, NOW_MS))).toBe('insufficient-balance');
		expect(accepted(exchange.place({ ...market, qtyLots: 10_000 }, NOW_MS)).order).toMatchObject({
			status: 'filled',
			priceTicks: 0,
			filledValueAtoms: atoms('3000'),
		});
	});

	test('a buy and a sell order of one size share their margin', () => {
		const exchange = openExchange();
		exchange.place(limitOrder('ann', 'buy', '1', '60000.0'), NOW_MS);
		const margin = (): bigint => exchange.positions('ann')[0]?.marginAtoms ?? 0n;
		expect(margin()).toBe(atoms('6000'));
		exchange.place(limitOrder('ann', 'sell', '1', '60000.1'), NOW_MS);
		expect(margin()).toBe(atoms('6000.01'));
		expect(exchange.setLeverage('ann', PERP.symbol, 2_000)).toEqual({ kind: 'done' });
		expect(margin()).toBe(atoms('3000.005'));
		expect(reasonOf(exchange.setLeverage('ann', PERP.symbol, 10_001))).toBe('invalid-leverage');
	});

	test('unrealised losses lower what is available, unrealised profits do not raise it', () => {
		const exchange = openExchange();
		exchange.place(limitOrder('bob', 'sell', '1', '60000.0'), NOW_MS);
		exchange.place(limitOrder('ann', 'buy', '1', '60000.0'), NOW_MS);
		const usdt = (accountId: string): unknown => exchange.balances(accountId).find(({ coin }) => coin === 'USDT');
		exchange.setMarkPrice(PERP.symbol, 590_000, NOW_MS);
		expect(usdt('ann')).toMatchObject({
			walletAtoms: atoms('99967'),
			marginAtoms: atoms('5900'),
			unrealisedAtoms: atoms('1000') * -1n,
			availableAtoms: atoms('93067'),
			equityAtoms: atoms('98967'),
		});
		expect(usdt('bob')).toMatchObject({
			walletAtoms: atoms('99988'),
			unrealisedAtoms: atoms('1000'),
			availableAtoms: atoms('94088'),
			equityAtoms: atoms('100988'),
		});
	});

	test('funding moves from long to short on schedule, once per interval', () => {
		const exchange = openExchange();
		exchange.place(limitOrder('bob', 'sell', '1', '60000.0'), NOW_MS);
		exchange.place(limitOrder('ann', 'buy', '1', '60000.0'), NOW_MS);
		exchange.setMarkPrice(PERP.symbol, 600_000, NOW_MS);
		exchange.setFundingRate(PERP.symbol, 10_000, NOW_MS);
		const before = { ann: walletAtoms(exchange, 'ann', 'USDT'), bob: walletAtoms(exchange, 'bob', 'USDT') };
		exchange.advance(NOW_MS);
		const dueAtMs = exchange.ticker(PERP.symbol)?.nextFundingAtMs ?? 0;
		expect(dueAtMs % 28_800_000).toBe(0);
		exchange.advance(dueAtMs - 1);
		expect(walletAtoms(exchange, 'ann', 'USDT')).toBe(before.ann);
		exchange.advance(dueAtMs);
		exchange.advance(dueAtMs + 1);
		expect(walletAtoms(exchange, 'ann', 'USDT')).toBe(before.ann - atoms('6'));
		expect(walletAtoms(exchange, 'bob', 'USDT')).toBe(before.bob + atoms('6'));
		expect(exchange.executions('ann', PERP.symbol).at(-1)).toMatchObject({
			kind: 'funding',
			feeAtoms: atoms('6'),
			qtyLots: 1_000,
			atMs: dueAtMs,
		});
	});
});

describe('events', () => {
	test('a fill is told in order, numbered without a gap, and balances come once at the end', () => {
		const exchange = openExchange();
		exchange.place(limitOrder('bob', 'sell', '0.004', '64990.0'), NOW_MS);
		const events = record(exchange);
		exchange.place(limitOrder('ann', 'buy', '0.010', '64990.0'), NOW_MS + 1);
		expect(
			events.map((event) => {
				if (event.kind === 'order') return `${event.order.accountId} ${event.order.status}`;
				if (event.kind === 'execution') return `${event.execution.accountId} executes`;
				if (event.kind === 'book-level') return `${event.side} ${event.qtyLots} (${event.bookSeq})`;
				return event.kind;
			}),
		).toEqual([
			'ann new',
			'bob executes',
			'bob filled',
			'ann executes',
			'ann partially-filled',
			'trade',
			'ask 0 (2)',
			'bid 6 (3)',
			'position',
			'position',
			'balance',
			'balance',
		]);
		expect(events.map(({ seq }) => seq - (events[0]?.seq ?? 0))).toEqual(events.map((_, index) => index));
		expect(events.every(({ atMs }) => atMs === NOW_MS + 1)).toBe(true);
	});

	test('a listener that trades from inside an event finds a finished exchange, and its own events follow', () => {
		const exchange = openExchange();
		exchange.place(limitOrder('bob', 'sell', '0.004', '64990.0'), NOW_MS);
		const seqs: number[] = [];
		let answered = false;
		exchange.subscribe((event) => {
			seqs.push(event.seq);
			if (event.kind !== 'trade' || answered) return;
			answered = true;
			expect(exchange.positions('ann')[0]?.qtyLotsSigned).toBe(4);
			accepted(exchange.place(limitOrder('cyd', 'buy', '0.001', '60000.0'), NOW_MS));
		});
		exchange.place(limitOrder('ann', 'buy', '0.004', '64990.0'), NOW_MS);
		expect(answered).toBe(true);
		expect(seqs).toEqual(seqs.map((_, index) => (seqs[0] ?? 0) + index));
	});

	test('whether anybody listens makes no difference to ids, numbers and state', () => {
		const heard = openExchange();
		const unheard = openExchange();
		record(heard);
		for (const exchange of [heard, unheard]) {
			exchange.place(limitOrder('bob', 'sell', '0.004', '64990.0'), NOW_MS);
			exchange.place(limitOrder('ann', 'buy', '0.010', '64990.0'), NOW_MS);
			exchange.cancelAll({ accountId: 'ann' }, NOW_MS);
		}
		expect(heard.stateHash()).toBe(unheard.stateHash());
	});

	test('cancel-all takes the orders of one account, of one symbol or of all', () => {
		const exchange = openExchange();
		const perp = accepted(exchange.place(limitOrder('ann', 'buy', '0.010', '60000.0'), NOW_MS)).orderId;
		const spot = accepted(exchange.place(limitOrder('ann', 'buy', '0.010', '2000.00', { spec: SPOT }), NOW_MS)).orderId;
		const later = accepted(exchange.place(limitOrder('ann', 'buy', '0.020', '60000.0'), NOW_MS)).orderId;
		accepted(exchange.place(limitOrder('bob', 'buy', '0.010', '60000.0'), NOW_MS));
		expect(exchange.cancelAll({ accountId: 'ann', symbol: SPOT.symbol, reason: 'disconnect' }, NOW_MS)).toMatchObject({
			orders: [{ orderId: spot, cancelReason: 'disconnect' }],
		});
		expect(exchange.cancelAll({ accountId: 'ann' }, NOW_MS)).toMatchObject({ orders: [{ orderId: perp }, { orderId: later }] });
		expect(exchange.openOrders('bob')).toHaveLength(1);
		expect(exchange.balances('ann').map(({ lockedAtoms, marginAtoms }) => [lockedAtoms, marginAtoms])).toEqual([
			[0n, 0n],
			[0n, 0n],
		]);
	});

	test('closed orders are kept up to a bound, and their client ids stay used', () => {
		const exchange = openExchange();
		for (let count = 0; count < 1_200; count += 1) {
			const { orderId } = accepted(
				exchange.place(limitOrder('ann', 'buy', '0.010', '60000.0', { clientOrderId: `c${count}` }), NOW_MS),
			);
			exchange.cancel({ accountId: 'ann', symbol: PERP.symbol, order: { orderId } }, NOW_MS);
		}
		expect(exchange.closedOrders('ann', PERP.symbol)).toHaveLength(500);
		expect(exchange.order('ann', { clientOrderId: 'c0' })).toBeUndefined();
		expect(exchange.order('ann', { clientOrderId: 'c1199' })).toMatchObject({ status: 'cancelled' });
		expect(reasonOf(exchange.place(limitOrder('ann', 'buy', '0.010', '60000.0', { clientOrderId: 'c0' }), NOW_MS))).toBe(
			'duplicate-client-id',
		);
	});
});

test('nobody is told of orders and balances of the crowd, and the numbers of all else stay as they are', () => {
	const heard = (openMaker: (exchange: ReturnType<typeof openExchange>) => void) => {
		const exchange = openExchange();
		openMaker(exchange);
		const events = record(exchange);
		accepted(exchange.place(limitOrder('bob', 'sell', '0.010', '65000.0'), NOW_MS));
		accepted(exchange.place(limitOrder('ann', 'buy', '0.010', '65000.0'), NOW_MS));
		return events;
	};
	const all = heard(() => {});
	const fewer = heard((exchange) => exchange.openCrowdAccount('bob'));
	const isOfBob = (event: (typeof all)[number]) =>
		(event.kind === 'order' && event.order.accountId === 'bob') ||
		(event.kind === 'balance' && event.balance.accountId === 'bob');
	expect(all.filter(isOfBob).map(({ kind }) => kind)).toEqual(['order', 'order', 'balance']);
	expect(fewer).toEqual(all.filter((event) => !isOfBob(event)));
});
