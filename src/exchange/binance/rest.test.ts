/** REST as bytes: where parameters may stand, what comes back, and the lists that clients ask for at their start. */
import { describe, expect, test } from 'vitest';
import type { HttpRequest } from '../facade.ts';
import { parseAsWritten, printJson } from './numbers.ts';
import { ANN, encoded, NOW_MS, openRest, readReply, SPOT_ORDER, signed, type Values } from './scene.fixture.ts';
import { SPOT_METHODS, SPOT_ROUTES } from './spot-routes.ts';

const BIG = 8_389_766_100_200_300_401n;

/** Some in the query, the rest in the body. */
function split(query: Values, body: Values): HttpRequest {
	const texts = [encoded(query), encoded({ ...body, timestamp: NOW_MS })];
	const signature = ANN.sign(texts.join(''));
	const headers = { 'x-mbx-apikey': 'ANN', 'content-type': 'application/x-www-form-urlencoded' };
	return {
		method: 'POST',
		path: '/api/v3/order',
		query: texts[0] ?? '',
		body: `${texts[1]}&signature=${signature}`,
		headers,
		remote: '1',
	};
}

describe('parameters', () => {
	test('may stand in the query, in a form body or in both', () => {
		const { symbol = '', ...rest } = SPOT_ORDER;
		for (const request of [split({}, SPOT_ORDER), split({ symbol }, rest), signed('POST', '/api/v3/order', SPOT_ORDER)]) {
			expect(openRest().handle(request, NOW_MS)).toMatchObject({ status: 200 });
		}
	});

	test('that stand in both are those of the query', () => {
		const { body } = readReply(openRest().handle(split({ price: '64980.00' }, SPOT_ORDER), NOW_MS));
		expect(body).toMatchObject({ price: '64980.00000000' });
	});

	test('may not be given twice in one place', () => {
		const request = signed('POST', '/api/v3/order', SPOT_ORDER);
		const twice = { ...request, query: `symbol=BTCUSDT&${request.query}` };
		expect(readReply(openRest().handle(twice, NOW_MS)).body).toMatchObject({ code: -1101 });
	});

	test('are read whatever type of body an empty one says it is', () => {
		const request = signed('POST', '/api/v3/order', SPOT_ORDER);
		const typed = { ...request, headers: { ...request.headers, 'content-type': 'application/json' } };
		expect(openRest().handle(typed, NOW_MS).status).toBe(200);
	});

	test('longer than any request could be are not read', () => {
		const request = { ...signed('POST', '/api/v3/order', SPOT_ORDER), body: 'x'.repeat(262_145) };
		expect(openRest().handle(request, NOW_MS).status).toBe(413);
	});
});

describe('answers', () => {
	test('are JSON and exactly 200, refusals carry code and text', () => {
		const desk = openRest();
		const good = desk.get('/api/v3/time');
		expect(good).toMatchObject({ status: 200, body: { serverTime: NOW_MS } });
		expect(good.headers['content-type']).toContain('application/json');
		expect(desk.get('/api/v3/account')).toMatchObject({ status: 401, body: { code: -2014, msg: 'API-key format invalid.' } });
	});

	test('have times in microseconds for who asks so, on spot', () => {
		const desk = openRest();
		const request = signed('POST', '/api/v3/order', SPOT_ORDER);
		const headers = { ...request.headers, 'x-mbx-time-unit': 'MICROSECOND' };
		const { body } = readReply(desk.handle({ ...request, headers }, NOW_MS));
		expect(body).toMatchObject({ transactTime: NOW_MS * 1_000, workingTime: NOW_MS * 1_000, orderId: 4_100_200_001 });
	});

	test('have no such times on futures', () => {
		const time = SPOT_METHODS.get('time');
		const routes = new Map(time === undefined ? [] : [['GET /fapi/v1/time', time] as const]);
		const desk = openRest({}, () => ({ spot: SPOT_ROUTES, futures: routes }));
		const headers = { 'x-mbx-time-unit': 'MICROSECOND' };
		const reply = desk.handle({ method: 'GET', path: '/fapi/v1/time', query: '', body: '', headers, remote: '1' }, NOW_MS);
		expect(readReply(reply).body).toEqual({ serverTime: NOW_MS });
	});

	test.each(['/sapi/v1/capital/config/getall', '/sapi/v1/margin/allPairs', '/sapi/v1/margin/isolated/allPairs'])(
		'%s is an empty list',
		(path) => {
			expect(openRest().get(path)).toMatchObject({ status: 200, text: '[]' });
		},
	);

	test('of what is not here are 404, and the coin-margined market has no symbols', () => {
		expect(openRest().get('/api/v3/nothing').status).toBe(404);
		expect(openRest().call('DELETE', '/api/v3/time').status).toBe(404);
		expect(openRest().get('/').status).toBe(404);
		expect(openRest().get('/dapi/v1/exchangeInfo').body).toMatchObject({ symbols: [] });
	});
});

test('numbers beyond what a double holds are printed and read without loss', () => {
	const text = printJson({ orderId: BIG, list: [1, 2n], text: 'x' });
	expect(text).toBe(`{"orderId":${BIG},"list":[1,2],"text":"x"}`);
	expect(parseAsWritten(text)).toEqual({ orderId: BIG.toString(), list: ['1', '2'], text: 'x' });
	expect(parseAsWritten('{"quantity":0.0100}')).toEqual({ quantity: '0.0100' });
	expect(parseAsWritten('{')).toBeUndefined();
});
