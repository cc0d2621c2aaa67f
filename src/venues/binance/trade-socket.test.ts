import { generateKeyPairSync } from 'node:crypto';
import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { FakeTransport } from '../../../test/fixtures/fake-transport.ts';
import type { EngineEvent } from '../../domain/event.ts';
import { RECONNECT_POLICY } from '../../network/reconnect.ts';
import { seededRng } from '../../simulation/seeded-rng.ts';
import { VirtualClock } from '../../simulation/virtual-clock.ts';
import { START_MS } from '../wire/order-commands.suite.ts';
import { Ban } from './ban.ts';
import type { Market } from './codec/frames.ts';
import type { RestAnswer } from './rest.ts';
import { makeCredentials } from './sign.ts';
import { TradeSocket } from './trade-socket.ts';
import { Weights } from './weights.ts';

const ED25519 = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
const REQUEST = { method: 'order.place', params: { symbol: 'BTCUSDT' }, weight: 1 };

type Frame = Readonly<Record<string, unknown>> & { readonly params: Readonly<Record<string, unknown>> };

class Scene {
	readonly clock = new VirtualClock(START_MS);
	readonly transport = new FakeTransport(this.clock);
	readonly events: EngineEvent[] = [];
	readonly weights: Weights;
	readonly ban = new Ban(this.clock);
	readonly socket: TradeSocket;
	venueNowMs = START_MS + 250;
	/** Rounds of measuring the clock that wait for their end. */
	readonly measuring: ((isMeasured: boolean) => void)[] = [];

	constructor(apiSecret = 'SECRET', market: Market = 'spot') {
		const made = makeCredentials({ apiKey: 'MYKEY', apiSecret });
		if (made.kind === 'refused') throw new Error(made.sentence);
		this.transport.onConnect = (line) => {
			line.onPing = () => line.pong();
			line.open();
		};
		this.weights = new Weights(market);
		this.socket = new TradeSocket({
			...{ market, venue: 'binance', url: 'ws://127.0.0.1:1/ws-api/v3', recvWindowMs: 5_000, timeoutMs: 1_000 },
			...{ transport: this.transport, clock: this.clock, rng: seededRng(1), policy: RECONNECT_POLICY },
			...{ credentials: made.credentials, weights: this.weights, ban: this.ban },
			venueClock: {
				venueNowMs: () => this.venueNowMs,
				remeasure: (told) => {
					if (told !== undefined) this.measuring.push(told);
				},
			},
			sink: (event) => this.events.push(event),
		});
		this.socket.start();
		this.clock.run(2);
	}

	get line() {
		return this.transport.socket;
	}

	get frames(): readonly Frame[] {
		return this.line.sent.map((text) => JSON.parse(text) as Frame);
	}

	/** Sends a request and keeps what is heard of it. */
	ask(): RestAnswer[] {
		const heard: RestAnswer[] = [];
		expect(this.socket.send(REQUEST, (answer) => heard.push(answer))).toBe(true);
		return heard;
	}

	get ups(): readonly boolean[] {
		return this.events.flatMap((event) => (event.kind === 'stream' && event.stream === 'order' ? [event.up] : []));
	}
}

const NEVER = (): void => {
	throw new Error('nothing was sent, so nothing may be heard');
};

function answer(id: string, more: object = {}): object {
	return { id, status: 200, result: { clientOrderId: 'a' }, rateLimits: [], ...more };
}

let scene: Scene;
beforeEach(() => {
	scene = new Scene();
});

describe('a key whose every request is signed', () => {
	test('is up as soon as the line is open, and says nothing by itself', () => {
		expect(scene.socket.isUp).toBe(true);
		expect(scene.ups).toEqual([true]);
		expect(scene.line.sent).toEqual([]);
	});

	test('signs by the clock of the venue', () => {
		scene.ask();
		expect(scene.frames).toMatchObject([
			{ id: '1', method: 'order.place', params: { symbol: 'BTCUSDT', timestamp: scene.venueNowMs, apiKey: 'MYKEY' } },
		]);
		expect(scene.frames[0]?.params['signature']).toMatch(/^[0-9a-f]{64}$/);
	});
});

describe('pongs go on, and nobody answers (F44)', () => {
	test('it is made anew when not a word was heard in two rounds', () => {
		scene.ask();
		scene.clock.run(1_001);
		expect(scene.transport.sockets).toHaveLength(1);
		scene.ask();
		scene.clock.run(2_500);
		expect([scene.transport.sockets.length, scene.ups]).toEqual([2, [true, false, true]]);
	});

	test('it stays where only some answers are lost', () => {
		for (let round = 0; round < 6; round += 1) {
			const [lost, heard] = [scene.ask(), scene.ask()];
			scene.line.receive(answer(String(2 * round + 2)));
			scene.clock.run(1_001);
			expect([lost, heard]).toMatchObject([[{ kind: 'lost' }], [{ kind: 'ok' }]]);
			if (round % 2 === 0) scene.line.receive({ id: null, status: 200 });
		}
		expect([scene.transport.sockets.length, scene.ups]).toEqual([1, [true]]);
	});
});

test('under a ban no connection is made, and after it one is (F53)', () => {
	scene.ban.begin(30_000);
	scene.line.end();
	scene.clock.run(29_900);
	expect([scene.transport.sockets.length, scene.ups]).toEqual([1, [true, false]]);
	scene.clock.run(200);
	expect([scene.transport.sockets.length, scene.ups]).toEqual([2, [true, false, true]]);
});

test.each([
	[418, 1],
	[503, 3],
])('turned away at the door with %i, it counts as a ban or not (F53)', (status, atLeast) => {
	scene.transport.onConnect = (line) => line.end({ kind: 'refused', status, detail: '' });
	scene.line.end();
	const before = scene.transport.sockets.length;
	scene.clock.run(60_000);
	const tried = scene.transport.sockets.length - before;
	expect([tried >= atLeast, tried === 1, scene.ban.leftMs() > 0]).toEqual([true, status === 418, status === 418]);
});

describe('a key that may log on', () => {
	beforeEach(() => {
		scene = new Scene(ED25519);
	});

	function logOn(status = 200): void {
		scene.line.receive({ id: 'logon', status, result: { apiKey: 'MYKEY' } });
	}

	test('does so first, and nothing is sent before it is confirmed', () => {
		expect(scene.socket.send(REQUEST, NEVER)).toBe(false);
		expect(scene.frames).toMatchObject([{ id: 'logon', method: 'session.logon', params: { timestamp: scene.venueNowMs } }]);
		expect(scene.frames[0]?.params).toHaveProperty('signature');
		logOn();
		expect(scene.ups).toEqual([true]);
		scene.ask();
		expect(scene.frames[1]?.params).toEqual({ symbol: 'BTCUSDT', recvWindow: 5_000, timestamp: scene.venueNowMs });
	});

	test('refused: anew, with the clock measured before (F46)', () => {
		logOn(401);
		expect(scene.socket.isUp).toBe(false);
		scene.clock.run(2_000);
		expect(scene.transport.sockets).toHaveLength(2);
		expect(scene.line.sent).toEqual([]);
		scene.measuring.shift()?.(true);
		expect(scene.line.sent).toHaveLength(1);
		logOn();
		expect(scene.ups).toEqual([true]);
	});

	test('refused for a ban: anew after it, and not before (F53)', () => {
		scene.line.receive({ id: 'logon', status: 418, error: { code: -1003, msg: 'banned' } });
		scene.clock.run(119_000);
		expect(scene.transport.sockets).toHaveLength(1);
		scene.clock.run(3_000);
		expect(scene.transport.sockets).toHaveLength(2);
	});

	test('unanswered: anew', () => {
		scene.clock.run(5_000);
		expect(scene.line.fate).toBe('terminated');
	});

	test('cut off by the end of its connection, it does not end the next one', () => {
		scene.clock.run(1_000);
		scene.line.end();
		scene.clock.run(1_500);
		logOn();
		scene.clock.run(4_000);
		expect(scene.ups).toEqual([true]);
		expect(scene.transport.sockets).toHaveLength(2);
	});

	test('shut out while it was logged on: nothing new here, and the connection is made anew', () => {
		logOn();
		const heard = scene.ask();
		scene.line.receive({ id: '1', status: 401, error: { code: -2015, msg: 'Invalid API-key, IP, or permissions for action.' } });
		expect(heard).toMatchObject([{ kind: 'refused', verdict: { class: 'auth' } }]);
		expect(scene.ups).toEqual([true, false]);
		expect(scene.line.fate).toBe('terminated');
	});
});

describe('requests', () => {
	test('find their answers by the id, in any order', () => {
		const [first, second] = [scene.ask(), scene.ask()];
		scene.line.receive(answer('2', { result: 'second' }));
		scene.line.receive(answer('1', { result: 'first' }));
		expect(first).toMatchObject([{ kind: 'ok', result: 'first' }]);
		expect(second).toMatchObject([{ kind: 'ok', result: 'second' }]);
	});

	test('bring ids with all of their digits, and the counts of the venue (F66)', () => {
		const heard = scene.ask();
		const limits = [
			{ rateLimitType: 'ORDERS', interval: 'SECOND', intervalNum: 10, limit: 50, count: 12 },
			{ rateLimitType: 'REQUEST_WEIGHT', interval: 'MINUTE', intervalNum: 1, limit: 6000, count: 5900 },
		];
		const rows = JSON.stringify(limits);
		scene.line.receive(`{"id":"1","status":200,"result":{"orderId":8389766100200300401},"rateLimits":${rows}}`);
		expect(heard).toMatchObject([
			{
				kind: 'ok',
				result: { orderId: 8_389_766_100_200_300_401n },
				limits: [
					{ kind: 'orders', windowMs: 10_000, limit: 50, used: 12 },
					{ kind: 'weight', windowMs: 60_000, limit: 6_000, used: 5_900 },
				],
			},
		]);
		// Reads over REST keep clear of it: it is one count for both.
		expect(scene.weights.waitMs(20, scene.venueNowMs)).toBeGreaterThan(0);
	});

	test('weigh as much as over REST', () => {
		for (let i = 0; i < 4_790; i += 1) scene.weights.spend(1, scene.venueNowMs);
		expect(scene.weights.waitMs(10, scene.venueNowMs)).toBe(0);
		scene.ask();
		expect(scene.weights.waitMs(10, scene.venueNowMs)).toBeGreaterThan(0);
	});

	test('refused: with the code, its verdict, what stands beside it and the end of the time in which it could land', () => {
		const heard = scene.ask();
		const error = { code: -2010, msg: 'Account has insufficient balance for requested action.', data: { x: 1 } };
		scene.line.receive({ id: '1', status: 400, error });
		const mayLandUntilMs = scene.venueNowMs + 5_000;
		expect(heard).toMatchObject([
			{ kind: 'refused', code: -2010, verdict: { class: 'fatal' }, data: { x: 1 }, isBan: false, mayLandUntilMs },
		]);
	});

	test('a refusal that quotes the key shows only its end (I19)', () => {
		const heard = scene.ask();
		scene.line.receive({ id: '1', status: 400, error: { code: -1022, msg: 'bad signature of MYKEY' } });
		expect(heard).toMatchObject([{ message: 'bad signature of …YKEY' }]);
	});

	test('one too many: until when, and reads wait too; a ban holds for everything (F52, F53)', () => {
		const [first, second] = [scene.ask(), scene.ask()];
		const data = { serverTime: scene.venueNowMs, retryAfter: scene.venueNowMs + 30_000 };
		scene.line.receive({ id: '1', status: 429, error: { code: -1003, msg: 'Too much request weight used', data } });
		expect(first).toMatchObject([{ kind: 'refused', retryAfterMs: 30_000, isBan: false }]);
		expect(scene.weights.waitMs(1, scene.venueNowMs)).toBe(30_000);
		expect(scene.ban.leftMs()).toBe(0);
		scene.line.receive({ id: '2', status: 418, error: { code: -1003, msg: 'banned', data } });
		expect(second).toMatchObject([{ kind: 'refused', isBan: true }]);
		expect(scene.ban.leftMs()).toBe(30_000);
	});

	const DAY_MS = 86_400_000;
	test.each([
		['its words', { code: -1003, msg: `IP banned until ${START_MS + 250 + 600_000}. Please` }, 600_000],
		['neither', { code: -1003, msg: 'banned' }, 120_000],
		['nothing that can be read', { msg: 7 }, 120_000],
		['no error at all', undefined, 120_000],
		['a time that is too far away', { code: -1003, msg: '', data: { retryAfter: (START_MS + 1_000) * 1_000 } }, 3 * DAY_MS],
	])('a ban lasts as long as %s say (F53)', (_name, error, banMs) => {
		const heard = scene.ask();
		scene.line.receive({ id: '1', status: 418, error });
		expect(heard).toMatchObject([{ kind: 'refused', isBan: true, verdict: { class: 'rate-limited' } }]);
		expect(scene.ban.leftMs()).toBe(banMs);
	});

	test.each([
		['that nobody waits for any more', { id: '1' }],
		['of nobody', { id: null }],
	])('a ban %s is one all the same (F53)', (_name, whose) => {
		scene.ask();
		scene.clock.run(1_500);
		scene.line.receive({ ...whose, status: 418, error: { code: -1003, msg: 'banned' } });
		expect(scene.ban.leftMs()).toBe(120_000);
	});

	test.each([
		['no status', {}],
		['a result that is none', { status: 200 }],
		['a refusal without a code', { status: 400, error: { msg: 'no' } }],
		['a refusal that succeeds', { status: 200, error: { code: -2010, msg: 'no' } }],
		['a status that is none', { status: '400', error: { code: -2010, msg: 'no' } }],
		['a code that is none', { status: 400, error: { code: 'x' } }],
	])('%s: nothing is known', (_name, said) => {
		const heard = scene.ask();
		scene.line.receive({ id: '1', ...said });
		expect(heard).toMatchObject([{ kind: 'unreadable', verdict: { class: 'ambiguous' } }]);
	});

	test('a server error leaves it open', () => {
		const heard = scene.ask();
		scene.line.receive({ id: '1', status: 500, error: { code: -1000, msg: 'An unknown error occurred' } });
		expect(heard).toMatchObject([{ kind: 'refused', verdict: { class: 'ambiguous' } }]);
	});

	test('unanswered at the deadline: lost; a later answer is not heard', () => {
		const heard = scene.ask();
		scene.clock.run(1_000);
		expect(heard).toMatchObject([{ kind: 'lost', sent: true, reason: 'timeout', mayLandUntilMs: scene.venueNowMs + 5_000 }]);
		scene.line.receive(answer('1'));
		expect(heard).toHaveLength(1);
		expect(scene.socket.isUp).toBe(true);
	});

	test('the socket dies: all that are open are lost, and ids go on over connections (F13)', () => {
		const [first, second] = [scene.ask(), scene.ask()];
		scene.line.receive(answer('1'));
		scene.line.end();
		expect(first).toMatchObject([{ kind: 'ok' }]);
		expect(second).toMatchObject([{ kind: 'lost', sent: true, reason: 'disconnected' }]);
		scene.clock.run(1_500);
		expect(scene.ups).toEqual([true, false, true]);
		const third = scene.ask();
		scene.line.receive(answer('2'));
		expect(third).toEqual([]);
		scene.line.receive(answer('3'));
		expect(third).toMatchObject([{ kind: 'ok' }]);
	});

	test('a shutdown that is told before: nothing new, what is under way ends, and then anew (F48)', () => {
		const heard = scene.ask();
		scene.line.receive({ event: { e: 'serverShutdown', E: 1 } });
		expect(scene.socket.send(REQUEST, NEVER)).toBe(false);
		expect(scene.line.fate).toBe('none');
		scene.line.receive(answer('1'));
		expect(heard).toMatchObject([{ kind: 'ok' }]);
		expect(scene.line.fate).toBe('terminated');
		scene.clock.run(1_500);
		expect(scene.ups).toEqual([true, false, true]);
	});

	test('after 23 hours it leaves by itself, before the venue cuts it with orders under way (F48)', () => {
		scene.clock.run(23 * 3_600_000 - 10);
		expect(scene.transport.sockets).toHaveLength(1);
		scene.clock.run(2_000);
		expect(scene.transport.sockets).toHaveLength(2);
		expect(scene.ups).toEqual([true, false, true]);
	});

	test('and counts them from each opening anew', () => {
		scene.clock.run(10 * 3_600_000);
		scene.line.end();
		scene.clock.run(22 * 3_600_000);
		expect(scene.transport.sockets).toHaveLength(2);
	});

	test('a key that was revoked is told without an id: nothing new here', () => {
		const heard = scene.ask();
		scene.line.receive({ id: null, status: 401, error: { code: -2015, msg: 'Invalid API-key' } });
		expect(scene.ups).toEqual([true, false]);
		expect(heard).toEqual([]);
		scene.clock.run(1_000);
		expect(heard).toMatchObject([{ kind: 'lost', reason: 'timeout' }]);
		expect(scene.line.fate).toBe('terminated');
	});

	test.each(['no json', '[]', 'null', '{"id":"7","status":200,"result":{}}', '{"event":{"e":"other"}}', '{"id":1,"status":200}'])(
		'%s changes nothing',
		(frame) => {
			const heard = scene.ask();
			scene.line.receive(frame);
			expect(scene.socket.isUp).toBe(true);
			expect(heard).toEqual([]);
		},
	);

	test('no more than a thousand are open', () => {
		for (let i = 0; i < 1_000; i += 1) scene.ask();
		expect(scene.socket.send(REQUEST, NEVER)).toBe(false);
		scene.line.receive(answer('1'));
		scene.ask();
	});

	test('stopped: what is open is lost, and no timer is left', () => {
		const heard = scene.ask();
		scene.socket.stop();
		expect(heard).toMatchObject([{ kind: 'lost', sent: true }]);
		scene.clock.run(0);
		while (scene.clock.step());
		expect(scene.transport.sockets).toHaveLength(1);
	});
});

test('whatever is said, each request is heard of exactly once', () => {
	const step = fc.oneof(
		fc.constant({ kind: 'ask' as const }),
		fc.record({
			kind: fc.constant('answer' as const),
			id: fc.integer({ min: 1, max: 8 }),
			status: fc.constantFrom<unknown>(200, 400, 401, 418, 500, '200', null),
			code: fc.constantFrom<unknown>(-2010, -1021, '0', undefined),
		}),
		fc.record({ kind: fc.constant('say' as const), what: fc.oneof(fc.json(), fc.constant('{"event":{"e":"serverShutdown"}}')) }),
		fc.record({ kind: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 1_500 }) }),
		fc.constant({ kind: 'cut' as const }),
	);
	fc.assert(
		fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
			const played = new Scene();
			const heard: RestAnswer[][] = [];
			for (const each of steps) {
				if (each.kind === 'ask' && played.socket.isUp) heard.push(played.ask());
				else if (each.kind === 'answer') {
					const error = each.status === 200 ? {} : { result: undefined, error: { code: each.code, msg: '' } };
					played.line.receive(answer(String(each.id), { status: each.status, ...error }));
				} else if (each.kind === 'say') played.line.receive(each.what);
				else if (each.kind === 'wait') played.clock.run(each.ms);
				else if (each.kind === 'cut' && played.line.isOpen) played.line.end();
			}
			played.clock.run(1_000);
			for (const answers of heard) expect(answers).toHaveLength(1);
		}),
	);
});
