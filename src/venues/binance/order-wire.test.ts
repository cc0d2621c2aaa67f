import { describe, expect, test } from 'vitest';
import type { Command } from '../../domain/command.ts';
import { amend, cancel, place } from '../wire/order-commands.suite.ts';
import type { Market } from './codec/frames.ts';
import { BTC, BTC_SPOT, ETH, idOf } from './order-entry.suite.ts';
import { encode } from './order-wire.ts';

const [BUY, SELL] = [idOf(1), idOf(2, 'Sell')];

function single(market: Market, command: Command) {
	return encode(market, { category: market, verb: command.kind, commands: [command] }, 'single');
}

describe('spot', () => {
	const common = {
		symbol: 'BTCUSDT',
		side: 'BUY',
		newClientOrderId: BUY,
		newOrderRespType: 'ACK',
		selfTradePreventionMode: 'EXPIRE_MAKER',
	};
	const size = { quantity: '0.00010', price: '6499.00' };

	test.each([
		{ name: 'post-only is a type, and takes no time', more: {}, expected: { type: 'LIMIT_MAKER', ...size } },
		{ name: 'gtc', more: { timeInForce: 'gtc' }, expected: { type: 'LIMIT', timeInForce: 'GTC', ...size } },
		{ name: 'ioc', more: { timeInForce: 'ioc' }, expected: { type: 'LIMIT', timeInForce: 'IOC', ...size } },
		{ name: 'fok', more: { timeInForce: 'fok' }, expected: { type: 'LIMIT', timeInForce: 'FOK', ...size } },
		{
			name: 'a market order has neither price nor time',
			more: { orderType: 'market', timeInForce: 'ioc' },
			expected: { type: 'MARKET', quantity: '0.00010' },
		},
		{ name: 'nothing reduces a position there', more: { reduceOnly: true }, expected: { type: 'LIMIT_MAKER', ...size } },
	] as const)('a new order: $name', ({ more, expected }) => {
		expect(single('spot', place(BUY, BTC_SPOT, more))).toEqual({
			...{ httpMethod: 'POST', path: '/api/v3/order', apiMethod: 'order.place', weight: 0 },
			params: { ...common, ...expected },
		});
	});

	test('a cancel', () => {
		expect(single('spot', cancel(BUY, BTC_SPOT))).toEqual({
			...{ httpMethod: 'DELETE', path: '/api/v3/order', apiMethod: 'order.cancel', weight: 0 },
			params: { symbol: 'BTCUSDT', origClientOrderId: BUY },
		});
	});

	test('no change: it could only reduce', () => {
		expect(() => single('spot', amend(BUY, BTC_SPOT))).toThrow('never changed');
	});
});

describe('futures', () => {
	const common = { symbol: 'BTCUSDT', newOrderRespType: 'ACK', selfTradePreventionMode: 'EXPIRE_MAKER' };
	const size = { quantity: '0.010', price: '64990.0' };

	test.each([
		{ name: 'post-only is a time', more: {}, expected: { type: 'LIMIT', timeInForce: 'GTX', ...size } },
		{ name: 'gtc', more: { timeInForce: 'gtc' }, expected: { type: 'LIMIT', timeInForce: 'GTC', ...size } },
		{
			name: 'reduce-only is said only where it is meant',
			more: { reduceOnly: true },
			expected: { type: 'LIMIT', timeInForce: 'GTX', ...size, reduceOnly: 'true' },
		},
		{ name: 'market', more: { orderType: 'market', timeInForce: 'ioc' }, expected: { type: 'MARKET', quantity: '0.010' } },
	] as const)('a new order: $name', ({ more, expected }) => {
		expect(single('linear', place(SELL, BTC, { side: 'sell', ...more }))).toEqual({
			...{ httpMethod: 'POST', path: '/fapi/v1/order', apiMethod: 'order.place', weight: 0 },
			params: { ...common, side: 'SELL', newClientOrderId: SELL, ...expected },
		});
	});

	test.each([
		[BUY, 'BUY'],
		[SELL, 'SELL'],
	])('a change says side, quantity and price, whatever of it is news: %s', (id, side) => {
		expect(single('linear', amend(id, BTC))).toEqual({
			...{ httpMethod: 'PUT', path: '/fapi/v1/order', apiMethod: 'order.modify', weight: 0 },
			params: { symbol: 'BTCUSDT', side, quantity: '0.008', price: '64991.0', origClientOrderId: id },
		});
	});

	test('a cancel', () => {
		expect(single('linear', cancel(BUY, BTC))).toEqual({
			...{ httpMethod: 'DELETE', path: '/fapi/v1/order', apiMethod: 'order.cancel', weight: 1 },
			params: { symbol: 'BTCUSDT', origClientOrderId: BUY },
		});
	});

	test('several new orders, of any symbols, are one list', () => {
		const commands = [place(BUY, BTC), place(SELL, ETH, { side: 'sell' })];
		const { params, ...call } = encode('linear', { category: 'linear', verb: 'place', commands }, 'batch');
		expect(call).toEqual({ httpMethod: 'POST', path: '/fapi/v1/batchOrders', apiMethod: undefined, weight: 5 });
		expect(JSON.parse(params['batchOrders'] ?? '')).toEqual(commands.map((command) => single('linear', command).params));
	});

	test('several changes too', () => {
		const commands = [amend(BUY, BTC), amend(SELL, ETH)];
		const { params, ...call } = encode('linear', { category: 'linear', verb: 'amend', commands }, 'batch');
		expect(call).toEqual({ httpMethod: 'PUT', path: '/fapi/v1/batchOrders', apiMethod: undefined, weight: 5 });
		expect(JSON.parse(params['batchOrders'] ?? '')).toEqual(commands.map((command) => single('linear', command).params));
	});

	test('several cancels are ids of one symbol', () => {
		const commands = [cancel(BUY, BTC), cancel(SELL, BTC)];
		expect(encode('linear', { category: 'linear', verb: 'cancel', commands }, 'batch')).toEqual({
			...{ httpMethod: 'DELETE', path: '/fapi/v1/batchOrders', apiMethod: undefined, weight: 1 },
			params: { symbol: 'BTCUSDT', origClientOrderIdList: JSON.stringify([BUY, SELL]) },
		});
		const mixed = [cancel(BUY, BTC), cancel(SELL, ETH)];
		expect(() => encode('linear', { category: 'linear', verb: 'cancel', commands: mixed }, 'batch')).toThrow('of one symbol');
	});
});

test.each(['a"b', '', 'x'.repeat(37), 'ä'])('no order leaves under the id %j', (id) => {
	expect(() => single('linear', cancel(id, BTC))).toThrow('an order id is 1 to 36');
	expect(() =>
		encode('linear', { category: 'linear', verb: 'cancel', commands: [cancel(BUY, BTC), cancel(id, BTC)] }, 'batch'),
	).toThrow('an order id is 1 to 36');
});
