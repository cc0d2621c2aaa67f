import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BTCUSDT, ETHUSDT, makeTestInstrument, PEPEUSDT, SOLUSDT_SPOT } from '../../../test/fixtures/instruments.ts';
import type { Command } from '../../domain/command.ts';
import { parsePrice, parseQty } from '../../domain/instrument.ts';
import { lots, ticks } from '../../domain/units.ts';
import { amend, cancel, place } from '../wire/order-commands.suite.ts';
import { ENDPOINTS, encodeBatch, encodeSingle } from './order-wire.ts';

const NAMES = { gtc: 'GTC', postOnly: 'PostOnly', ioc: 'IOC', fok: 'FOK' } as const;

describe('commands as the venue wants them', () => {
	const cases: readonly { readonly name: string; readonly command: Command; readonly expected: object }[] = [
		{
			name: 'a post-only buy of a perpetual',
			command: place('mm-1', BTCUSDT),
			expected: {
				category: 'linear',
				symbol: 'BTCUSDT',
				orderLinkId: 'mm-1',
				side: 'Buy',
				qty: '0.010',
				smpType: 'CancelMaker',
				orderType: 'Limit',
				price: '64990.0',
				timeInForce: 'PostOnly',
				positionIdx: 0,
				reduceOnly: false,
			},
		},
		{
			name: 'a reduce-only sell at the market',
			command: place('mm-2', BTCUSDT, { side: 'sell', orderType: 'market', timeInForce: 'ioc', reduceOnly: true }),
			expected: {
				category: 'linear',
				symbol: 'BTCUSDT',
				orderLinkId: 'mm-2',
				side: 'Sell',
				qty: '0.010',
				smpType: 'CancelMaker',
				orderType: 'Market',
				positionIdx: 0,
				reduceOnly: true,
			},
		},
		{
			name: 'a limit order on spot has neither position nor reduce-only',
			command: place('mm-3', SOLUSDT_SPOT, { timeInForce: 'gtc' }),
			expected: {
				category: 'spot',
				symbol: 'SOLUSDT',
				orderLinkId: 'mm-3',
				side: 'Buy',
				qty: '0.010',
				smpType: 'CancelMaker',
				orderType: 'Limit',
				price: '6499.00',
				timeInForce: 'GTC',
			},
		},
		{
			name: 'a market buy on spot is in base units',
			command: place('mm-4', SOLUSDT_SPOT, { orderType: 'market', timeInForce: 'ioc' }),
			expected: {
				category: 'spot',
				symbol: 'SOLUSDT',
				orderLinkId: 'mm-4',
				side: 'Buy',
				qty: '0.010',
				smpType: 'CancelMaker',
				orderType: 'Market',
				marketUnit: 'baseCoin',
			},
		},
		{
			name: 'an amend names the new total and the new price',
			command: amend('mm-5', BTCUSDT),
			expected: { category: 'linear', symbol: 'BTCUSDT', orderLinkId: 'mm-5', qty: '0.008', price: '64991.0' },
		},
		{
			name: 'a cancel',
			command: cancel('mm-6', ETHUSDT),
			expected: { category: 'linear', symbol: 'ETHUSDT', orderLinkId: 'mm-6' },
		},
	];

	test.each(cases)('$name', ({ command, expected }) => {
		expect(JSON.parse(encodeSingle([command]))).toEqual(expected);
		const { category, ...item } = expected as { readonly category: 'linear' | 'spot' };
		expect(JSON.parse(encodeBatch(category, [command, command]))).toEqual({ category, request: [item, item] });
	});

	test.each([
		['gtc', 'GTC'],
		['postOnly', 'PostOnly'],
		['ioc', 'IOC'],
		['fok', 'FOK'],
	] as const)('%s is called %s', (timeInForce, expected) => {
		expect(JSON.parse(encodeSingle([place('a', BTCUSDT, { timeInForce })]))).toMatchObject({ timeInForce: expected });
	});

	test.each(['', 'a"b', 'a b', 'ä', `a\n`, 'x'.repeat(37)])('an order id that is none of ours stops here: %j', (orderId) => {
		expect(() => encodeSingle([cancel(orderId, BTCUSDT)])).toThrow('an order id is');
	});

	test('so does a symbol that would need escaping', () => {
		const instrument = makeTestInstrument({ symbol: 'BTC"USDT' });
		expect(() => encodeBatch('linear', [cancel('a', instrument)])).toThrow('a symbol is');
	});

	test('the endpoints', () => {
		expect(ENDPOINTS.place.single).toEqual({ op: 'order.create', path: '/v5/order/create' });
		expect(ENDPOINTS.amend.batch).toEqual({ op: 'order.amend-batch', path: '/v5/order/amend-batch' });
		expect(ENDPOINTS.cancel.batch).toEqual({ op: 'order.cancel-batch', path: '/v5/order/cancel-batch' });
	});

	test('whatever was sent before, each order says what it is', () => {
		const flags = fc.record({
			side: fc.constantFrom('buy' as const, 'sell' as const),
			orderType: fc.constantFrom('limit' as const, 'market' as const),
			timeInForce: fc.constantFrom('gtc' as const, 'postOnly' as const, 'ioc' as const, 'fok' as const),
			reduceOnly: fc.boolean(),
		});
		const order = fc.tuple(fc.constantFrom(BTCUSDT, ETHUSDT), flags);
		fc.assert(
			fc.property(fc.array(order, { minLength: 1, maxLength: 20 }), (orders) => {
				const commands = orders.map(([instrument, more], index) => place(`o${index}`, instrument, more));
				const sent = JSON.parse(encodeBatch('linear', commands)) as { readonly request: readonly object[] };
				const expected = orders.map(([{ symbol }, { side, orderType, timeInForce, reduceOnly }], index) => ({
					symbol,
					orderLinkId: `o${index}`,
					side: side === 'buy' ? 'Buy' : 'Sell',
					orderType: orderType === 'limit' ? 'Limit' : 'Market',
					...(orderType === 'limit' ? { timeInForce: NAMES[timeInForce] } : {}),
					reduceOnly,
				}));
				expect(sent.request).toHaveLength(commands.length);
				expect(sent.request).toMatchObject(expected);
			}),
		);
	});

	test('prices and quantities come back as the same ticks and lots, in plain digits', () => {
		const instruments = [BTCUSDT, ETHUSDT, SOLUSDT_SPOT, PEPEUSDT];
		const whole = fc.integer({ min: 1, max: 2 ** 40 });
		fc.assert(
			fc.property(fc.constantFrom(...instruments), whole, whole, (instrument, price, qty) => {
				const command = place('a', instrument, { priceTicks: ticks(price), qtyLots: lots(qty) });
				const sent = JSON.parse(encodeSingle([command])) as { readonly price: string; readonly qty: string };
				expect(sent.price).toMatch(/^\d+(\.\d+)?$/);
				expect(parsePrice(instrument, sent.price)).toEqual({ kind: 'ok', value: price });
				expect(parseQty(instrument, sent.qty)).toEqual({ kind: 'ok', value: qty });
			}),
		);
	});
});
