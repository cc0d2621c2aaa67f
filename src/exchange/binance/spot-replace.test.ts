/** Cancel and place in one call, and amending in place: every outcome with its status, its halves and what it leaves. */
import { describe, expect, test } from 'vitest';
import { BOB, NOW_MS, openRest, type RestDesk, type Row, SPOT_ORDER, type Values } from './scene.fixture.ts';

const SYMBOL = { symbol: 'BTCUSDT' };
const REPLACE = '/api/v3/order/cancelReplace';
const AMEND = '/api/v3/order/amend/keepPriority';

function openRow(desk: RestDesk): unknown[] {
	return desk.call<Row[]>('GET', '/api/v3/openOrders', SYMBOL).body.map((row) => row['clientOrderId']);
}

/** With one order that stands, called `old`, and offers at 65 000. */
function prepared(options?: Parameters<typeof openRest>[0]): RestDesk {
	const desk = openRest(options);
	desk.call('POST', '/api/v3/order', { ...SPOT_ORDER, side: 'SELL', price: '65000.00' }, { client: BOB });
	desk.call('POST', '/api/v3/order', { ...SPOT_ORDER, newClientOrderId: 'old' });
	return desk;
}

function replace(desk: RestDesk, more: Values = {}) {
	const given = { ...SPOT_ORDER, cancelReplaceMode: 'STOP_ON_FAILURE', cancelOrigClientOrderId: 'old', newClientOrderId: 'new' };
	return desk.call('POST', REPLACE, { ...given, price: '64991.00', ...more });
}

const MAKER = { type: 'LIMIT_MAKER', timeInForce: '' };

describe('cancel and replace', () => {
	test('both halves done', () => {
		const desk = prepared();
		const { status, body } = replace(desk, { cancelNewClientOrderId: 'cxl', newOrderRespType: 'RESULT' });
		expect(status).toBe(200);
		expect(body).toMatchObject({
			cancelResult: 'SUCCESS',
			newOrderResult: 'SUCCESS',
			cancelResponse: { origClientOrderId: 'old', clientOrderId: 'cxl', status: 'CANCELED' },
			newOrderResponse: { clientOrderId: 'new', status: 'NEW', price: '64991.00000000' },
		});
		expect(openRow(desk)).toEqual(['new']);
	});

	test('the new one may have the name of the old one', () => {
		const desk = prepared();
		expect(replace(desk, { newClientOrderId: 'old' }).status).toBe(200);
		expect(openRow(desk)).toEqual(['old']);
	});

	test('nothing to cancel: the new order is not attempted', () => {
		const desk = prepared();
		const { status, body } = replace(desk, { cancelOrigClientOrderId: 'nix' });
		expect(status).toBe(400);
		expect(body).toEqual({
			code: -2022,
			msg: 'Order cancel-replace failed.',
			data: {
				cancelResult: 'FAILURE',
				newOrderResult: 'NOT_ATTEMPTED',
				cancelResponse: { code: -2011, msg: 'Unknown order sent.' },
				newOrderResponse: null,
			},
		});
		expect(openRow(desk)).toEqual(['old']);
	});

	test('nothing to cancel, and the new order placed all the same where that is allowed', () => {
		const desk = prepared();
		const { status, body } = replace(desk, { cancelOrigClientOrderId: 'nix', cancelReplaceMode: 'ALLOW_FAILURE' });
		expect(status).toBe(409);
		expect(body).toMatchObject({ code: -2021, data: { cancelResult: 'FAILURE', newOrderResult: 'SUCCESS' } });
		expect(openRow(desk)).toEqual(['old', 'new']);
	});

	test('cancelled, and the new one refused', () => {
		const desk = prepared();
		const { status, body } = replace(desk, { ...MAKER, price: '65000.00' });
		expect(status).toBe(409);
		expect(body).toMatchObject({
			code: -2021,
			msg: 'Order cancel-replace partially failed.',
			data: {
				cancelResult: 'SUCCESS',
				newOrderResult: 'FAILURE',
				cancelResponse: { origClientOrderId: 'old', status: 'CANCELED' },
				newOrderResponse: { code: -2010, msg: 'Order would immediately match and take.' },
			},
		});
		expect(openRow(desk)).toEqual([]);
	});

	test('both refused', () => {
		const desk = prepared();
		const { status, body } = replace(desk, {
			...MAKER,
			price: '65000.00',
			cancelOrigClientOrderId: 'nix',
			cancelReplaceMode: 'ALLOW_FAILURE',
		});
		expect(status).toBe(400);
		expect(body).toMatchObject({
			code: -2022,
			data: { cancelResult: 'FAILURE', newOrderResult: 'FAILURE', newOrderResponse: { code: -2010 } },
		});
	});

	test('what no filter lets pass cancels nothing', () => {
		const desk = prepared();
		for (const newClientOrderId of ['new', 'old']) {
			const { body } = replace(desk, { quantity: '0.00001', newClientOrderId });
			expect(body).toEqual({ code: -1013, msg: 'Filter failure: NOTIONAL' });
		}
		expect(openRow(desk)).toEqual(['old']);
	});

	test('money that the cancel frees counts for the new order', () => {
		const desk = openRest();
		const all = { ...SPOT_ORDER, quantity: '7.69' };
		expect(desk.call('POST', '/api/v3/order', { ...all, newClientOrderId: 'old' }).status).toBe(200);
		expect(replace(desk, { quantity: '7.69', price: '64990.00' }).status).toBe(200);
	});

	describe('with no order left to count', () => {
		function exhausted(): RestDesk {
			const desk = prepared({ limitFactor: 1 });
			for (let count = 1; count < 50; count += 1)
				desk.call('POST', '/api/v3/order', { ...SPOT_ORDER, newClientOrderId: `c${count}` });
			return desk;
		}

		test('nothing is done', () => {
			const desk = exhausted();
			const { status, body, headers } = replace(desk);
			expect(status).toBe(429);
			expect(body).toEqual({ code: -1015, msg: 'Too many new orders; current limit is 50 orders per 10 SECOND.' });
			expect(headers['retry-after']).toBe('10');
			expect(openRow(desk)).toContain('old');
		});

		test.each([
			{ mode: 'ALLOW_FAILURE', status: 409 },
			{ mode: 'STOP_ON_FAILURE', status: 429 },
		])('only the cancel is done if asked so: $mode', ({ mode, status }) => {
			const desk = exhausted();
			const answer = replace(desk, { cancelReplaceMode: mode, orderRateLimitExceededMode: 'CANCEL_ONLY' });
			expect(answer.status).toBe(status);
			expect(answer.body).toMatchObject({ code: -2021, data: { cancelResult: 'SUCCESS', newOrderResponse: { code: -1015 } } });
			expect(openRow(desk)).not.toContain('old');
		});
	});

	test('counts its order even where it was not attempted', () => {
		const desk = prepared({ limitFactor: 1 });
		expect(replace(desk, { cancelOrigClientOrderId: 'nix' }).headers).toMatchObject({ 'x-mbx-order-count-10s': '2' });
	});
});

describe('amending in place', () => {
	function amend(desk: RestDesk, more: Values = {}) {
		return desk.call('PUT', AMEND, { ...SYMBOL, origClientOrderId: 'old', newQty: '0.008', ...more });
	}

	test('keeps order and place, and gives another name', () => {
		const desk = prepared();
		const later = { ...SPOT_ORDER, newClientOrderId: 'behind', quantity: '0.01' };
		desk.call('POST', '/api/v3/order', later, { client: BOB });
		const { status, body } = amend(desk, { newClientOrderId: 'renamed' });
		expect(status).toBe(200);
		expect(body).toEqual({
			transactTime: NOW_MS,
			executionId: expect.any(Number) as unknown,
			amendedOrder: {
				symbol: 'BTCUSDT',
				orderId: 4_100_200_002,
				orderListId: -1,
				origClientOrderId: 'old',
				clientOrderId: 'renamed',
				price: '64990.00000000',
				qty: '0.00800000',
				executedQty: '0.00000000',
				preventedQty: '0.00000000',
				quoteOrderQty: '0.00000000',
				cumulativeQuoteQty: '0.00000000',
				status: 'NEW',
				timeInForce: 'GTC',
				type: 'LIMIT',
				side: 'BUY',
				workingTime: NOW_MS,
				selfTradePreventionMode: 'EXPIRE_MAKER',
			},
		});
		expect(desk.call('GET', '/api/v3/order', { ...SYMBOL, origClientOrderId: 'old' }).body).toMatchObject({ code: -2013 });
		desk.call('POST', '/api/v3/order', { ...SPOT_ORDER, side: 'SELL', quantity: '0.008' }, { client: BOB });
		expect(desk.call('GET', '/api/v3/order', { ...SYMBOL, origClientOrderId: 'renamed' }).body).toMatchObject({
			status: 'FILLED',
		});
		expect(desk.call<Row[]>('GET', '/api/v3/order/amendments', { ...SYMBOL, orderId: 4_100_200_002 }).body).toEqual([
			expect.objectContaining({
				origClientOrderId: 'old',
				newClientOrderId: 'renamed',
				origQty: '0.01000000',
				newQty: '0.00800000',
			}),
		]);
	});

	test('may keep the name, and invents one where none is given', () => {
		const desk = prepared();
		expect(amend(desk, { newClientOrderId: 'old' }).body).toMatchObject({ amendedOrder: { clientOrderId: 'old' } });
		const { body } = amend(desk, { newQty: '0.007' });
		expect(body['amendedOrder']).toMatchObject({ clientOrderId: expect.stringMatching(/^b0x/) as unknown });
	});

	test.each([
		{
			name: 'to more',
			more: { newQty: '0.011' },
			expected: { code: -2038, msg: 'Order amend (quantity increase) is not supported.' },
		},
		{
			name: 'to the same',
			more: { newQty: '0.01' },
			expected: { code: -2038, msg: 'The requested action would change no state; rejecting' },
		},
		{ name: 'to nothing', more: { newQty: '0' }, expected: { code: -1013, msg: 'Filter failure: LOT_SIZE' } },
		{ name: 'of no such order', more: { origClientOrderId: 'nix' }, expected: { code: -2038, msg: 'Unknown order sent.' } },
	])('is refused $name', ({ more, expected }) => {
		const desk = prepared();
		const { status, body } = amend(desk, more);
		expect({ status, body }).toEqual({ status: 400, body: expected });
		expect(openRow(desk)).toEqual(['old']);
	});

	test('is refused the eleventh time', () => {
		const desk = prepared();
		for (let count = 1; count <= 10; count += 1) {
			expect(amend(desk, { newQty: `0.00${999 - count}00`.slice(0, 7), newClientOrderId: 'old' }).status).toBe(200);
		}
		expect(amend(desk, { newQty: '0.005' }).body).toEqual({ code: -2038, msg: 'Filter failure: MAX_NUM_ORDER_AMENDS' });
	});

	test('to no more than has traded lets the order expire', () => {
		const desk = prepared();
		desk.call('POST', '/api/v3/order', { ...SPOT_ORDER, side: 'SELL', quantity: '0.004' }, { client: BOB });
		expect(amend(desk, { newQty: '0.004' }).body).toMatchObject({
			amendedOrder: { status: 'EXPIRED', executedQty: '0.00400000', qty: '0.01000000' },
		});
		expect(openRow(desk)).toEqual([]);
	});
});
