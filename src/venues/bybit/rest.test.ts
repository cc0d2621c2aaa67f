/** The REST client against a scripted venue in virtual time: what goes out, how each answer is judged, what is repeated. */
import { inspect } from 'node:util';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { HttpHeard } from '../../network/transport.ts';
import { CANCEL_PATIENCE, NO_PATIENCE } from '../wire/patience.ts';
import { json, lost, ROUND_TRIP_MS, reply } from '../wire/rest-scene.suite.ts';
import { ORDER_POOL, type RestAnswer } from './rest.ts';
import { ask, CREATE, envelope, makeScene, REALTIME, refusing, START_MS } from './rest-scene.suite.ts';
import { Credentials } from './sign.ts';

function headersOf({ headers }: { readonly headers: readonly string[] }): Record<string, string> {
	const found: Record<string, string> = {};
	for (let at = 0; at < headers.length; at += 2) found[headers[at] ?? ''] = headers[at + 1] ?? '';
	return found;
}

describe('what goes out', () => {
	test('an order: the very body that was signed, on the connections for orders', () => {
		const { calls } = ask(CREATE, () => json(envelope({})));
		expect(calls).toHaveLength(1);
		expect(calls[0]).toMatchObject({
			origin: 'https://venue.test',
			method: 'POST',
			target: '/v5/order/create',
			body: CREATE.body,
			pool: ORDER_POOL,
			timeoutMs: 1_000,
		});
		expect(headersOf(calls[0]!)).toEqual({
			'x-bapi-api-key': 'KEY',
			'x-bapi-timestamp': String(START_MS),
			'x-bapi-recv-window': '5000',
			'x-bapi-sign': '11affdead0daba36127955d601b1a63f4bd8170095d035d9c4168eea47c6ebaf',
			'x-bapi-sign-type': '2',
			'content-type': 'application/json',
		});
	});

	test('a read: the query as it was signed, without what is undefined, and no body', () => {
		const params = { category: 'linear', symbol: 'BTCUSDT', cursor: undefined };
		const { calls } = ask({ ...REALTIME, params }, () => json(envelope({})));
		expect(calls[0]?.target).toBe('/v5/order/realtime?category=linear&symbol=BTCUSDT');
		expect(calls[0]).not.toHaveProperty('body');
		expect(headersOf(calls[0]!)['x-bapi-sign']).toBe('3fc84f53f2c4c5cfa17885d9b148bbfe7f39cf81f0e49a76a7d1e49e2c63b411');
	});

	test('what a query value has in it stays inside of that value, in the URL and in the signature', () => {
		const { calls } = ask({ ...REALTIME, params: { cursor: 'a&b=c%20d é' } }, () => json(envelope({})));
		const query = 'cursor=a%26b%3Dc%2520d%20%C3%A9';
		expect(calls[0]?.target).toBe(`/v5/order/realtime?${query}`);
		expect(headersOf(calls[0]!)['x-bapi-sign']).toBe(new Credentials('KEY', 'SECRET').sign(`${START_MS}KEY5000${query}`));
	});

	test('a public call bears no key; a private one without a key is a mistake of ours', () => {
		const { calls } = ask({ ...REALTIME, signed: false }, () => json(envelope({})));
		expect(calls[0]?.headers).toEqual([]);
		const { rest } = makeScene(() => undefined, { hasKey: false });
		expect(() => rest.ask(CREATE, () => {})).toThrow('no API key');
	});

	test('once the clock is measured, stamps follow the venue', () => {
		const scene = makeScene(() => json(envelope({})));
		scene.aheadMs = -10_000;
		scene.venueClock.start((heard) => scene.rest.askVenueTime(heard));
		scene.clock.run(1_000);
		scene.rest.ask(CREATE, () => {});
		const stamp = Number(headersOf(scene.calls.at(-1)!)['x-bapi-timestamp']);
		expect(Math.abs(stamp - (scene.clock.wallMs() - 10_000))).toBeLessThanOrEqual(2);
		scene.venueClock.stop();
	});
});

const JSON_LIMITS = {
	'x-bapi-limit': '10',
	'x-bapi-limit-status': '7',
	'x-bapi-limit-reset-timestamp': String(START_MS + 1_000),
};
const LIMITS = { limit: 10, remaining: 7, resetAtMs: START_MS + 1_000 };
const MAY_LAND = START_MS + 5_000;

test('an answer that bears another time than we reckon with has the clock measured anew', () => {
	const scene = makeScene((_call, venueNowMs) => json(envelope({ time: venueNowMs })));
	scene.venueClock.start((heard) => scene.rest.askVenueTime(heard));
	scene.clock.run(10_000);
	scene.rest.ask(CREATE, () => {});
	scene.clock.run(1_000);
	expect(scene.venueClock.offsetMs).toBe(0);
	scene.aheadMs = 700;
	scene.rest.ask(CREATE, () => {});
	scene.clock.run(1_000);
	expect(Math.abs(scene.venueClock.offsetMs - 700)).toBeLessThanOrEqual(1);
	scene.venueClock.stop();
});

describe('how an answer to an order is judged', () => {
	const cases: readonly { readonly name: string; readonly said: HttpHeard | undefined; readonly expected: object }[] = [
		{
			name: 'done, with limits',
			said: json(envelope({ result: { orderId: 'v1' }, retExtInfo: { list: [] } }), { headers: JSON_LIMITS }),
			expected: { kind: 'ok', result: { orderId: 'v1' }, ext: { list: [] }, venueAtMs: START_MS, limits: LIMITS },
		},
		{ name: 'done, the code being text', said: json(envelope({ retCode: '0' })), expected: { kind: 'ok' } },
		{
			name: 'refused by a code',
			said: json(envelope({ retCode: 110007, retMsg: 'ab not enough for new order' }), { headers: JSON_LIMITS }),
			expected: { kind: 'refused', code: 110007, verdict: { class: 'fatal' }, limits: LIMITS, mayLandUntilMs: MAY_LAND },
		},
		{
			name: 'a timeout of the venue’s own',
			said: json(envelope({ retCode: 10000 })),
			expected: { kind: 'refused', verdict: { class: 'ambiguous' }, mayLandUntilMs: MAY_LAND },
		},
		{
			name: '429 in the venue’s own words: refused, whatever the code',
			said: json(envelope({ retCode: 424242 }), { status: 429 }),
			expected: { kind: 'refused', verdict: { class: 'rate-limited' } },
		},
		{
			name: '429 by somebody in between',
			said: reply('<html>slow down</html>', { status: 429 }),
			expected: { kind: 'unreadable', status: 429, verdict: { class: 'ambiguous' }, mayLandUntilMs: MAY_LAND },
		},
		{
			name: '403, whatever it says',
			said: json(envelope({ retCode: 0 }), { status: 403 }),
			expected: { kind: 'refused', code: 403, isBan: true, verdict: { class: 'rate-limited' } },
		},
		{
			name: '404 without JSON',
			said: reply('not found', { status: 404 }),
			expected: { kind: 'refused', code: 404, isBan: false, verdict: { class: 'fatal' } },
		},
		{
			name: '401 with the venue’s code',
			said: json(envelope({ retCode: 10003 }), { status: 401 }),
			expected: { kind: 'refused', code: 10003, verdict: { class: 'auth' } },
		},
		{
			name: '502 in HTML',
			said: reply('<html>', { status: 502 }),
			expected: { kind: 'unreadable', status: 502, verdict: { class: 'ambiguous' } },
		},
		{
			name: '503 with a code that would be a refusal',
			said: json(envelope({ retCode: 10006 }), { status: 503 }),
			expected: { kind: 'refused', verdict: { class: 'ambiguous' } },
		},
		{
			name: '500 that says all is well',
			said: json(envelope({}), { status: 500 }),
			expected: { kind: 'unreadable', status: 500, verdict: { class: 'ambiguous' } },
		},
		{
			name: '200 in HTML',
			said: reply('<html>captcha</html>'),
			expected: { kind: 'unreadable', verdict: { class: 'ambiguous' } },
		},
		{ name: '200 with nothing', said: reply(''), expected: { kind: 'unreadable', verdict: { class: 'ambiguous' } } },
		{ name: '200 cut off', said: reply('{"retCode":0,"retMsg":"OK","resu'), expected: { kind: 'unreadable' } },
		{ name: '200 without a code', said: reply('{"result":{}}'), expected: { kind: 'unreadable' } },
		{ name: 'a code that is no whole number', said: json(envelope({ retCode: 0.5 })), expected: { kind: 'unreadable' } },
		{ name: 'a code that is null', said: json(envelope({ retCode: null })), expected: { kind: 'unreadable' } },
		{ name: 'bytes that are no text', said: reply(Uint8Array.of(0x7b, 0xff, 0xfe)), expected: { kind: 'unreadable' } },
		{ name: 'a reset', said: lost('reset'), expected: { kind: 'lost', sent: true, reason: 'reset', mayLandUntilMs: MAY_LAND } },
		{ name: 'nobody there', said: lost('refused', false), expected: { kind: 'lost', sent: false } },
		{ name: 'silence', said: undefined, expected: { kind: 'lost', sent: true, reason: 'timeout', mayLandUntilMs: MAY_LAND } },
		{
			name: 'limits that are no numbers',
			said: json(envelope({}), { headers: { ...JSON_LIMITS, 'x-bapi-limit': '-1' } }),
			expected: { kind: 'ok', limits: undefined },
		},
		{ name: 'half a time', said: json(envelope({ time: START_MS + 0.5 })), expected: { kind: 'ok', venueAtMs: undefined } },
		{ name: 'a time before all time', said: json(envelope({ time: -1 })), expected: { kind: 'ok', venueAtMs: undefined } },
		{ name: 'no time', said: json({ retCode: 0, retMsg: 'success' }), expected: { kind: 'ok', venueAtMs: undefined } },
	];
	test.each(cases)('$name', ({ said, expected }) => {
		const { answer, calls } = ask(CREATE, () => said);
		expect(answer).toMatchObject(expected);
		expect(calls).toHaveLength(1);
	});

	test('text of the venue loses our key and everything that a terminal would obey', () => {
		const retMsg = `error sign! origin_string[${START_MS}KEY5000]\u001b[31m\r\n`;
		const { answer } = ask(CREATE, () => json(envelope({ retCode: 10004, retMsg })));
		expect(answer).toMatchObject({ kind: 'refused', verdict: { class: 'auth' } });
		expect(answer.kind === 'refused' && answer.message).not.toMatch(/[\p{Cc}]/u);
	});

	test('the secret is nowhere in the client or in what it answers, and the key in no message (I19)', () => {
		const scene = makeScene(() => json(envelope({ retCode: 10004, retMsg: 'origin_string[1KEY5000]' })));
		const answers: RestAnswer[] = [];
		scene.rest.ask({ ...CREATE }, (answer) => answers.push(answer));
		scene.clock.run(1_000);
		expect(inspect(scene.rest, { depth: 12, showHidden: true })).not.toContain('SECRET');
		expect(JSON.stringify(answers)).not.toContain('SECRET');
		expect(answers[0]).toMatchObject({ message: 'origin_string[1…KEY5000]' });
	});

	test('whatever bytes and status come back: one answer, no exception, never "done" without the venue’s word', () => {
		const status = fc.constantFrom(200, 200, 200, 204, 302, 400, 401, 403, 404, 408, 418, 429, 500, 502, 503);
		const hostile = fc.oneof(
			fc.uint8Array({ maxLength: 200 }),
			fc.json().map((text) => new TextEncoder().encode(text)),
			fc
				.record({
					retCode: fc.oneof(fc.constantFrom(0, '0', '00', '-0', 1e-9), fc.jsonValue()),
					retMsg: fc.jsonValue(),
					time: fc.jsonValue(),
					result: fc.jsonValue(),
				})
				.map((body) => new TextEncoder().encode(JSON.stringify(body))),
			fc.constant(new TextEncoder().encode('{"__proto__":{"retCode":0},"retMsg":"OK"}')),
		);
		fc.assert(
			fc.property(hostile, status, (body, code) => {
				const { answer } = ask(CREATE, () => reply(body, { status: code }));
				if (answer.kind !== 'ok') return;
				const parsed = JSON.parse(new TextDecoder().decode(body)) as Record<string, unknown>;
				expect([code, String(parsed['retCode']), Object.hasOwn(parsed, 'retCode')]).toEqual([200, '0', true]);
			}),
		);
	});
});

describe('what is repeated', () => {
	const wrongTime = json(envelope({ retCode: 10002, retMsg: 'invalid request, please check your server timestamp' }));

	test('an order that was refused for the clock goes once more: same body, fresh stamp', () => {
		const scene = makeScene(({ headers }, venueNowMs) => {
			const stamp = Number(headersOf({ headers })['x-bapi-timestamp']);
			return Math.abs(stamp - venueNowMs) > 1_000 ? wrongTime : json(envelope({}));
		});
		scene.venueClock.start((heard) => scene.rest.askVenueTime(heard));
		scene.clock.run(1_000);
		scene.aheadMs = 10_000;
		const answers: RestAnswer[] = [];
		scene.rest.ask(CREATE, (answer) => answers.push(answer));
		scene.clock.run(2_000);
		const creates = scene.calls.filter(({ target }) => target === CREATE.path);
		expect(answers).toMatchObject([{ kind: 'ok' }]);
		expect(creates.map(({ body }) => body)).toEqual([CREATE.body, CREATE.body]);
		expect(scene.venueClock.offsetMs).toBeGreaterThan(9_990);
		scene.venueClock.stop();
	});

	test('and not a third time', () => {
		const scene = makeScene(() => wrongTime);
		scene.venueClock.start((heard) => scene.rest.askVenueTime(heard));
		const answers: RestAnswer[] = [];
		scene.rest.ask(CREATE, (answer) => answers.push(answer));
		scene.clock.run(5_000);
		expect(answers).toMatchObject([{ kind: 'refused', verdict: { class: 'clock' } }]);
		expect(scene.calls.filter(({ target }) => target === CREATE.path)).toHaveLength(2);
		scene.venueClock.stop();
	});

	test('nor at all once it is old: then we were late and not the clock (F58)', () => {
		const scene = makeScene(() => wrongTime);
		scene.venueClock.start((heard) => scene.rest.askVenueTime(heard));
		scene.clock.run(1_000);
		const answers: RestAnswer[] = [];
		scene.rest.ask({ ...CREATE, timeoutMs: 4 * ROUND_TRIP_MS }, (answer) => answers.push(answer));
		scene.clock.run(5_000);
		expect(answers).toMatchObject([{ kind: 'refused', verdict: { class: 'clock' } }]);
		expect(scene.calls.filter(({ target }) => target === CREATE.path)).toHaveLength(1);
		scene.venueClock.stop();
	});

	test('nor where whoever asked does not want it any more (I10)', () => {
		const scene = makeScene(() => wrongTime);
		scene.venueClock.start((heard) => scene.rest.askVenueTime(heard));
		const answers: RestAnswer[] = [];
		scene.rest.ask({ ...CREATE, mayGoAgain: () => false }, (answer) => answers.push(answer));
		scene.clock.run(5_000);
		expect(answers).toMatchObject([{ kind: 'refused', verdict: { class: 'clock' } }]);
		expect(scene.calls.filter(({ target }) => target === CREATE.path)).toHaveLength(1);
		scene.venueClock.stop();
	});

	test('a read that somebody in between calls too frequent is asked again', () => {
		const { answer } = ask(REALTIME, () => reply('<html>', { status: 429 }));
		expect(answer).toMatchObject({ kind: 'refused', code: 429, verdict: { class: 'rate-limited' } });
	});

	const failures: readonly [string, HttpHeard | undefined][] = [
		['a timeout', undefined],
		['a reset', lost('reset')],
		['nobody listening', lost('refused', false)],
		['502', reply('', { status: 502 })],
		['10006', json(envelope({ retCode: 10006 }))],
		['10016', json(envelope({ retCode: 10016 }))],
		['110079', json(envelope({ retCode: 110079 }))],
		['an unknown code', json(envelope({ retCode: 99999 }))],
	];
	test.each(failures)('an order is never repeated after %s', (_name, said) => {
		expect(ask(CREATE, () => said).calls).toHaveLength(1);
	});

	test.each(failures)('a read is repeated three times after %s', (_name, said) => {
		expect(ask(REALTIME, () => said).calls).toHaveLength(4);
	});

	test.each(failures)('a cancel that says it may be is repeated within a second after %s', (_name, said) => {
		const { calls } = ask({ ...CREATE, path: '/v5/order/cancel-all', timeoutMs: 100, patience: CANCEL_PATIENCE }, () => said);
		expect(calls).toHaveLength(4);
		expect(calls[3]!.atMs - calls[0]!.atMs).toBeLessThan(4 * (ROUND_TRIP_MS + 100) + 50 + 100 + 200 + 3 * 50 + 3);
	});

	test.each([
		['a parameter', json(envelope({ retCode: 10001 }))],
		['the key', json(envelope({ retCode: 10003 }))],
		['the address', reply('', { status: 403 })],
		['a certificate', lost('tls', false)],
		['our own giving up', lost('aborted')],
	])('a read that fails for %s is not asked again', (_name, said) => {
		expect(ask(REALTIME, () => said).calls).toHaveLength(1);
	});

	test('the pauses double from a second on, with chance in them', () => {
		const { calls, answer } = ask(REALTIME, refusing(3, reply('', { status: 503 })));
		expect(answer.kind).toBe('ok');
		const pauses = calls.slice(1).map(({ atMs }, index) => atMs - calls[index]!.atMs - ROUND_TRIP_MS);
		for (const [index, pause] of pauses.entries()) {
			expect(pause).toBeGreaterThanOrEqual(1_000 * 2 ** index - 1);
			expect(pause).toBeLessThanOrEqual(1_000 * 2 ** index + 1_001);
		}
		expect(new Set(pauses.map((pause) => pause % 1_000)).size).toBeGreaterThan(1);
	});

	test('when the venue says when, its word holds; one that is absurdly late does not', () => {
		const limited = (resetAtMs: number): HttpHeard =>
			json(envelope({ retCode: 10006 }), {
				headers: { ...JSON_LIMITS, 'x-bapi-limit-status': '0', 'x-bapi-limit-reset-timestamp': String(resetAtMs) },
			});
		const soon = ask(REALTIME, refusing(1, limited(START_MS + 4_000)));
		const pauseMs = soon.calls[1]!.atMs - START_MS;
		expect(pauseMs).toBeGreaterThanOrEqual(4_000);
		expect(pauseMs).toBeLessThanOrEqual(5_001);
		const absurd = ask(REALTIME, refusing(1, limited(START_MS + 86_400_000)));
		expect(absurd.calls[1]!.atMs - START_MS).toBeLessThanOrEqual(30_000 + ROUND_TRIP_MS);
	});

	test('whoever has no patience hears the first failure', () => {
		expect(ask({ ...REALTIME, patience: NO_PATIENCE }, () => lost('reset')).calls).toHaveLength(1);
	});
});

describe('a ban', () => {
	test('nothing is sent for ten minutes, and everything is answered; then all is as before (F53)', () => {
		const scene = makeScene(refusing(1, reply('access too frequent', { status: 403 })));
		const answers: RestAnswer[] = [];
		const askAll = (): void => {
			for (const call of [CREATE, { ...CREATE, path: '/v5/order/cancel' }, REALTIME])
				scene.rest.ask(call, (answer) => answers.push(answer));
		};
		scene.rest.ask(CREATE, (answer) => answers.push(answer));
		scene.clock.run(1_000);
		expect(scene.rest.banLeftMs()).toBeGreaterThan(599_000 - ROUND_TRIP_MS);
		askAll();
		scene.clock.run(598_000);
		askAll();
		scene.clock.run(0);
		expect(scene.calls).toHaveLength(1);
		expect(answers).toHaveLength(7);
		for (const answer of answers) expect(answer).toMatchObject({ kind: 'refused', code: 403, isBan: true });
		scene.clock.run(2_000);
		askAll();
		scene.clock.run(1_000);
		expect(answers.slice(7).map(({ kind }) => kind)).toEqual(['ok', 'ok', 'ok']);
	});
});

describe('an endpoint that fails and fails', () => {
	test('rests: reads are answered at once, other endpoints and orders go on, a moment later it is tried again', () => {
		const scene = makeScene(({ target }) => (target.startsWith(REALTIME.path) ? reply('', { status: 502 }) : json(envelope({}))));
		const impatient = { ...REALTIME, patience: NO_PATIENCE };
		const answers: RestAnswer[] = [];
		const heard = (answer: RestAnswer): void => void answers.push(answer);
		for (let count = 0; count < 7; count += 1) {
			scene.rest.ask(impatient, heard);
			scene.clock.run(100);
		}
		expect(scene.calls).toHaveLength(5);
		expect(answers.at(-1)).toMatchObject({ kind: 'lost', sent: false, reason: 'resting' });
		scene.rest.ask({ ...impatient, path: '/v5/position/list' }, heard);
		scene.rest.ask(CREATE, heard);
		scene.clock.run(100);
		expect(answers.slice(-2)).toMatchObject([{ kind: 'ok' }, { kind: 'ok' }]);
		scene.clock.run(5_000);
		scene.rest.ask(impatient, heard);
		scene.clock.run(100);
		expect(scene.calls).toHaveLength(8);
	});

	test('is repeated and rests as the settings say, but never rests for long', () => {
		const patience = { retriesMax: 1, backoff: { kind: 'fixed', baseMs: 10, maxMs: 10, jitter: 'none' } } as const;
		const callsIn = (recoveryMs: number, runMs: number): number => {
			const breaker = { failureThreshold: 2, recoveryMs };
			const scene = makeScene(() => reply('', { status: 502 }), { reads: { patience, breaker } });
			scene.rest.ask(REALTIME, () => {});
			scene.clock.run(200);
			scene.rest.ask(REALTIME, () => {});
			scene.clock.run(runMs);
			scene.rest.ask(REALTIME, () => {});
			scene.clock.run(100);
			return scene.calls.length;
		};
		expect(callsIn(1_000, 500)).toBe(2);
		expect(callsIn(1_000, 1_000)).toBe(3);
		expect(callsIn(60_000, 4_000)).toBe(2);
		expect(callsIn(60_000, 5_000)).toBe(3);
	});

	test('orders fail as often as they like: none is ever kept back (I11)', () => {
		const scene = makeScene(() => reply('', { status: 502 }));
		for (let count = 0; count < 50; count += 1) scene.rest.ask(CREATE, () => {});
		scene.clock.run(1_000);
		for (let count = 0; count < 50; count += 1) scene.rest.ask(CREATE, () => {});
		expect(scene.calls).toHaveLength(100);
		const cancelAll = { ...CREATE, path: '/v5/order/cancel-all', patience: CANCEL_PATIENCE };
		for (let count = 0; count < 10; count += 1) {
			scene.rest.ask(cancelAll, () => {});
			scene.clock.run(5_000);
		}
		expect(scene.calls).toHaveLength(140);
	});

	test('refusals prove that an endpoint is well', () => {
		const scene = makeScene(() => json(envelope({ retCode: 10001 })));
		for (let count = 0; count < 20; count += 1) {
			scene.rest.ask(REALTIME, () => {});
			scene.clock.run(100);
		}
		expect(scene.calls).toHaveLength(20);
	});
});
