import { describe, expect, test } from 'vitest';
import { CANCEL_PATIENCE, NO_PATIENCE } from '../wire/patience.ts';
import { json, lost, ROUND_TRIP_MS, reply } from '../wire/rest-scene.suite.ts';
import { textOfParams } from './rest.ts';
import { ask, makeScene, OPEN_ORDERS, PLACE, refusal, refusing, START_MS } from './rest-scene.suite.ts';
import { makeCredentials } from './sign.ts';

const ED25519 =
	'-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f\n-----END PRIVATE KEY-----\n';

function signatureOf(text: string, apiSecret = 'SECRET'): string {
	const made = makeCredentials({ apiKey: 'MYKEY', apiSecret });
	if (made.kind === 'refused') throw new Error(made.sentence);
	return encodeURIComponent(made.credentials.sign(text));
}

describe('what goes on the wire', () => {
	test('a signed read has everything in its query, the signature last', () => {
		const { calls } = ask(OPEN_ORDERS, () => json([]));
		const text = `symbol=BTCUSDT&recvWindow=5000&timestamp=${START_MS}`;
		expect(calls).toHaveLength(1);
		expect(calls[0]).toMatchObject({
			origin: 'https://venue.test',
			method: 'GET',
			target: `/api/v3/openOrders?${text}&signature=${signatureOf(text)}`,
			headers: ['x-mbx-apikey', 'MYKEY'],
			pool: 'reads',
		});
		expect(calls[0]?.body).toBeUndefined();
	});

	test.each(['POST', 'PUT'] as const)('a signed %s has everything in a form', (method) => {
		const { calls } = ask({ ...PLACE, method }, () => json({}));
		const text = `symbol=BTCUSDT&side=BUY&newClientOrderId=mm-1a2b&recvWindow=5000&timestamp=${START_MS}`;
		expect(calls[0]).toMatchObject({
			method,
			target: '/api/v3/order',
			headers: ['x-mbx-apikey', 'MYKEY', 'content-type', 'application/x-www-form-urlencoded'],
			body: `${text}&signature=${signatureOf(text)}`,
			pool: 'orders',
		});
	});

	test('a signature in base64 is percent-encoded', () => {
		const { calls } = ask(OPEN_ORDERS, () => json([]), { apiSecret: ED25519 });
		const text = `symbol=BTCUSDT&recvWindow=5000&timestamp=${START_MS}`;
		const signature = signatureOf(text, ED25519);
		expect(signature).toMatch(/^[\w%.-]+%3D%3D$/);
		expect(calls[0]?.target).toBe(`/api/v3/openOrders?${text}&signature=${signature}`);
	});

	test('text that somebody encoded already is left as it is', () => {
		const { calls } = ask({ ...PLACE, params: 'batchOrders=%5B%5D' }, () => json([]));
		expect(calls[0]?.body).toMatch(/^batchOrders=%5B%5D&recvWindow=5000&timestamp=\d+&signature=[0-9a-f]{64}$/);
		expect(textOfParams({ a: '[" "]', b: 1, c: undefined })).toBe('a=%5B%22%20%22%5D&b=1');
	});

	test('a listen key is asked for with the key alone, and public data with nothing', () => {
		const key = ask({ ...PLACE, path: '/fapi/v1/listenKey', params: {}, security: 'key' }, () => json({}));
		expect(key.calls[0]).toMatchObject({ target: '/fapi/v1/listenKey', headers: ['x-mbx-apikey', 'MYKEY'] });
		expect(key.calls[0]?.body).toBeUndefined();
		const open = ask({ ...OPEN_ORDERS, security: 'none' }, () => json([]));
		expect(open.calls[0]).toMatchObject({ target: '/api/v3/openOrders?symbol=BTCUSDT', headers: [] });
	});

	test('without a key nothing is signed, and that is a mistake of ours', () => {
		const { rest } = makeScene(() => json({}), { hasKey: false });
		expect(() => rest.ask(PLACE, () => {})).toThrow('no API key was given');
	});
});

describe('what comes back', () => {
	test('ids beyond 2^53 keep their digits (F66)', () => {
		const { answer } = ask(OPEN_ORDERS, () => reply('[{"orderId":8389766100200300401,"time":1771000000123}]'));
		expect(answer).toMatchObject({ kind: 'ok', result: [{ orderId: 8389766100200300401n, time: 1_771_000_000_123 }] });
	});

	test('a good answer says since when it holds', () => {
		const { answer } = ask(OPEN_ORDERS, () => json([]));
		expect(answer).toMatchObject({ kind: 'ok', result: [], askedAtMs: START_MS });
	});

	test('bytes are handed on unparsed to who wants them so', () => {
		const { answer } = ask({ ...OPEN_ORDERS, isRaw: true }, () => reply('{"lastUpdateId":1'));
		expect(answer).toMatchObject({ kind: 'ok', result: undefined });
		expect(answer.kind === 'ok' && new TextDecoder().decode(answer.body)).toBe('{"lastUpdateId":1');
	});

	test.each([
		['HTML', 200, '<html>no</html>', 'unreadable'],
		['nothing', 200, '', 'unreadable'],
		['half of it', 200, '{"orderId":', 'unreadable'],
		['a number', 200, '7', 'unreadable'],
		['HTML with a server error', 502, '<html>', 'unreadable'],
		['an error without a code', 500, '{"msg":"?"}', 'unreadable'],
		['a code that is none', 400, '{"code":"-2010","msg":"?"}', 'refused'],
		['HTML of a firewall', 403, '<html>', 'refused'],
	] as const)('%s is %s (F05, F06)', (_what, status, body, kind) => {
		const { answer, calls } = ask(PLACE, () => reply(body, { status }));
		expect(answer.kind).toBe(kind);
		if (answer.kind === 'unreadable') expect(answer.verdict.class).toBe('ambiguous');
		expect(answer).toHaveProperty('mayLandUntilMs', START_MS + 5_000);
		expect(calls).toHaveLength(1);
	});

	test('a refusal has its code, its text without our key, and what stands beside it', () => {
		const data = { cancelResult: 'SUCCESS', newOrderResult: 'FAILURE' };
		const { answer } = ask(PLACE, () => json({ code: -2021, msg: 'about MYKEY\n', data }, { status: 409 }));
		expect(answer).toMatchObject({ kind: 'refused', code: -2021, message: 'about …YKEY ', data, isBan: false });
		expect(answer.kind === 'refused' && answer.verdict.class).toBe('ambiguous');
	});

	test('an order without an answer is sent once, and may land until its time is over', () => {
		const { answer, calls, measured } = ask(PLACE, () => undefined);
		expect(answer).toMatchObject({ kind: 'lost', sent: true, reason: 'timeout', mayLandUntilMs: START_MS + 5_000 });
		expect(calls).toHaveLength(1);
		expect(measured).toEqual({ readMs: [], errorCount: 1 });
	});

	test.each([
		{ name: 'an answer', said: json({}), errorCount: 0 },
		{ name: 'no such order', said: refusal(-2013, 'Order does not exist.'), errorCount: 0 },
		{ name: 'a wrong price', said: refusal(-1013, 'Filter failure: PRICE_FILTER'), errorCount: 0 },
		{ name: 'too many orders', said: refusal(-1015, 'Too many new orders.'), errorCount: 1 },
		{ name: '403', said: reply('', { status: 403 }), errorCount: 1 },
		{ name: '404', said: reply('', { status: 404 }), errorCount: 1 },
		{ name: '502', said: reply('', { status: 502 }), errorCount: 1 },
		{ name: 'nobody there', said: lost('refused', false), errorCount: 1 },
		{ name: 'our own giving up', said: lost('aborted'), errorCount: 0 },
	])('$name: $errorCount errors', ({ said, errorCount }) => {
		expect(ask(PLACE, () => said).measured).toEqual({ readMs: [], errorCount });
	});

	test('a read is timed from sending to the answer', () => {
		expect(ask(OPEN_ORDERS, () => json([])).measured).toEqual({ readMs: [ROUND_TRIP_MS], errorCount: 0 });
	});

	test('counts of ours are read off the headers', () => {
		const headers = { 'x-mbx-used-weight-1m': '321', 'x-mbx-order-count-10s': '12', 'x-mbx-order-count-1d': 'many' };
		const { answer } = ask(PLACE, () => json({}, { headers }));
		expect(answer).toMatchObject({
			kind: 'ok',
			limits: [
				{ kind: 'weight', windowMs: 60_000, limit: 6_000, used: 321, resetAtMs: START_MS - 200 + 60_000 },
				{ kind: 'orders', windowMs: 10_000, limit: 50, used: 12, resetAtMs: START_MS - 200 + 10_000 },
			],
		});
	});
});

describe('a refusal for the clock', () => {
	const OFF = refusal(-1021, 'Timestamp for this request is outside of the recvWindow.');

	test.each([PLACE, OPEN_ORDERS])('measures it and asks once more with a fresh time stamp ($method)', (call) => {
		const scene = makeScene(refusing(1, OFF));
		scene.aheadMs = 7_000;
		scene.venueClock.start((heard) => scene.rest.askVenueTime(heard));
		// Before the first round is over the stamp is that of our own clock.
		const answers: string[] = [];
		scene.rest.ask(call, ({ kind }) => answers.push(kind));
		scene.clock.run(2_000);
		expect(answers).toEqual(['ok']);
		const stamps = scene.calls
			.filter(({ target }) => !target.endsWith('/time'))
			.map(({ target, body }) => Number(/timestamp=(\d+)/.exec(body ?? target)?.[1]));
		expect(stamps).toHaveLength(2);
		expect(stamps[0]).toBe(START_MS);
		expect(Math.abs((stamps[1] ?? 0) - (scene.calls.at(-1)?.atMs ?? 0) - 7_000)).toBeLessThan(2);
	});

	test('of an order that nobody wants any more is not asked again', () => {
		const scene = makeScene(() => OFF);
		scene.venueClock.start((heard) => scene.rest.askVenueTime(heard));
		const answers: string[] = [];
		scene.rest.ask({ ...PLACE, mayGoAgain: () => false }, ({ kind }) => answers.push(kind));
		scene.clock.run(2_000);
		expect(answers).toEqual(['refused']);
		expect(scene.calls.filter(({ target }) => target === '/api/v3/order')).toHaveLength(1);
	});
});

describe('asking again', () => {
	const BUSY = refusal(-1008, 'Server is currently overloaded.', { status: 503 });

	test('reads are repeated, orders are not', () => {
		expect(ask(OPEN_ORDERS, refusing(2, BUSY)).answer.kind).toBe('ok');
		const order = ask(PLACE, refusing(2, BUSY));
		expect(order.answer).toMatchObject({ kind: 'refused', verdict: { class: 'transient' } });
		expect(order.calls).toHaveLength(1);
	});

	test('three times and no more', () => {
		const { answer, calls } = ask(OPEN_ORDERS, () => BUSY);
		expect(answer.kind).toBe('refused');
		expect(calls).toHaveLength(4);
	});

	test.each([
		['a wrong key', refusal(-2015, 'Invalid API-key.', { status: 401 })],
		['a wrong parameter', refusal(-1121, 'Invalid symbol.')],
		['a wrong certificate', lost('tls', false)],
	])('%s is not asked about twice', (_what, said) => {
		expect(ask(OPEN_ORDERS, () => said).calls).toHaveLength(1);
	});

	test('a cancel that names its scope is repeated soon', () => {
		const { answer, calls } = ask({ ...PLACE, method: 'DELETE', patience: CANCEL_PATIENCE }, refusing(3, BUSY), { runMs: 3_000 });
		expect(answer.kind).toBe('ok');
		expect(calls).toHaveLength(4);
	});

	test.each([['1'], ['20']])('a cancel that was one too many is not repeated, be it told to come back in %s s', (seconds) => {
		const tooMany = refusal(-1003, 'Too many requests.', { status: 429, headers: { 'retry-after': seconds } });
		const { answer, calls } = ask({ ...PLACE, method: 'DELETE', patience: CANCEL_PATIENCE }, () => tooMany, { runMs: 60_000 });
		expect(answer).toMatchObject({ kind: 'refused', verdict: { class: 'rate-limited' } });
		expect(calls).toHaveLength(1);
	});

	test('an endpoint that fails and fails is left alone for a moment', () => {
		const scene = makeScene(() => lost('reset'));
		const answers: string[] = [];
		for (let count = 0; count < 12; count += 1) {
			scene.rest.ask({ ...OPEN_ORDERS, patience: NO_PATIENCE }, (answer) =>
				answers.push(answer.kind === 'lost' ? answer.reason : answer.kind),
			);
			scene.clock.run(100);
		}
		expect(answers.at(0)).toBe('reset');
		expect(answers.at(-1)).toBe('resting');
	});
});

describe('limits', () => {
	const TOO_MANY = { status: 429, headers: { 'retry-after': '20' } };

	test('too many requests: reads wait as long as they are told to, orders go on (I11)', () => {
		const scene = makeScene(refusing(1, refusal(-1003, 'Too many requests.', TOO_MANY)));
		const answers: string[] = [];
		scene.rest.ask({ ...OPEN_ORDERS, patience: NO_PATIENCE }, ({ kind }) => answers.push(`first ${kind}`));
		scene.clock.run(100);
		scene.rest.ask(OPEN_ORDERS, ({ kind }) => answers.push(`second ${kind}`));
		scene.rest.ask(PLACE, ({ kind }) => answers.push(`order ${kind}`));
		scene.clock.run(19_000);
		expect(answers).toEqual(['first refused', 'order ok']);
		scene.clock.run(2_000);
		expect(answers).toEqual(['first refused', 'order ok', 'second ok']);
	});

	test('too many orders do not hold up reads', () => {
		const scene = makeScene(refusing(1, refusal(-1015, 'Too many new orders.', TOO_MANY)));
		const answers: unknown[] = [];
		scene.rest.ask(PLACE, (answer) => answers.push(answer));
		scene.clock.run(100);
		expect(answers).toMatchObject([{ kind: 'refused', verdict: { class: 'rate-limited' }, retryAfterMs: 20_000 }]);
		scene.rest.ask(OPEN_ORDERS, (answer) => answers.push(answer));
		scene.clock.run(100);
		expect(answers).toHaveLength(2);
	});

	test.each([
		['the header', { 'retry-after': '300' }, 'Way too much request weight used.', 300_000],
		['its words', {}, `Way too much request weight used; IP banned until ${START_MS + 600_000}. Please`, 600_000],
		['neither', {}, 'banned', 120_000],
	])('a ban lasts as long as %s say, and nothing at all leaves before (F53)', (_what, headers, msg, banMs) => {
		const scene = makeScene(refusing(1, refusal(-1003, msg, { status: 418, headers })));
		const answers: unknown[] = [];
		scene.rest.ask(OPEN_ORDERS, (answer) => answers.push(answer));
		scene.clock.run(40);
		expect(answers).toMatchObject([{ kind: 'refused', isBan: true, retryAfterMs: banMs }]);
		scene.rest.ask(PLACE, (answer) => answers.push(answer));
		scene.clock.run(banMs - 100);
		expect(scene.calls).toHaveLength(1);
		expect(answers[1]).toMatchObject({ kind: 'refused', isBan: true, message: expect.stringContaining('not sent') as string });
		scene.clock.run(200);
		scene.rest.ask(PLACE, (answer) => answers.push(answer));
		scene.clock.run(100);
		expect(answers[2]).toMatchObject({ kind: 'ok' });
	});

	test('the ban of one market is the ban of the other', () => {
		const scene = makeScene(() => json({}));
		scene.ban.begin(5_000);
		const kinds: string[] = [];
		scene.rest.ask(PLACE, ({ kind }) => kinds.push(kind));
		scene.clock.run(100);
		expect(kinds).toEqual(['refused']);
		expect(scene.calls).toEqual([]);
	});
});
