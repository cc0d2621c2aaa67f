import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import type { EngineEvent } from '../../domain/event.ts';
import { RECONNECT_POLICY } from '../../network/reconnect.ts';
import type { Socket, SocketHandler, SocketTarget, Transport } from '../../network/transport.ts';
import { seededRng } from '../../simulation/seeded-rng.ts';
import { VirtualClock } from '../../simulation/virtual-clock.ts';
import { START_MS } from '../wire/order-commands.suite.ts';
import type { RestAnswer } from './rest.ts';
import { Credentials } from './sign.ts';
import { TradeSocket } from './trade-socket.ts';

/** The venue's end of one connection. */
class Line implements Socket {
	readonly said: string[] = [];
	readonly handler: SocketHandler;
	isOpen = true;
	readonly bufferedBytes = 0;

	constructor(handler: SocketHandler) {
		this.handler = handler;
	}

	send(text: string): boolean {
		if (this.isOpen) this.said.push(text);
		return this.isOpen;
	}

	ping(): void {}

	close(): void {
		this.isOpen = false;
	}

	terminate(): void {
		this.isOpen = false;
	}

	say(message: unknown): void {
		this.handler.received(Buffer.from(typeof message === 'string' ? message : JSON.stringify(message)));
	}

	cut(): void {
		this.isOpen = false;
		this.handler.ended({ kind: 'lost', detail: 'cut' });
	}

	/** What was asked for, without logins and beats. */
	get requests(): readonly Record<string, unknown>[] {
		return this.said
			.map((text) => JSON.parse(text) as Record<string, unknown>)
			.filter(({ op }) => String(op).startsWith('order.'));
	}
}

class Scene {
	readonly clock = new VirtualClock(START_MS);
	readonly lines: Line[] = [];
	readonly events: EngineEvent[] = [];
	readonly socket: TradeSocket;
	venueNowMs = START_MS + 250;
	/** Rounds of measuring the clock that wait for their end. */
	readonly measuring: ((isMeasured: boolean) => void)[] = [];

	constructor() {
		const transport: Pick<Transport, 'connect'> = {
			connect: (_target: SocketTarget, handler: SocketHandler): Socket => {
				const line = new Line(handler);
				this.lines.push(line);
				this.clock.after(1, () => handler.opened());
				return line;
			},
		};
		this.socket = new TradeSocket({
			venue: 'bybit',
			url: 'ws://127.0.0.1:1/v5/trade',
			transport: transport as Transport,
			clock: this.clock,
			rng: seededRng(1),
			policy: RECONNECT_POLICY,
			credentials: new Credentials('KEY', 'SECRET'),
			venueClock: {
				venueNowMs: () => this.venueNowMs,
				remeasure: (told) => {
					if (told !== undefined) this.measuring.push(told);
				},
			},
			recvWindowMs: 5_000,
			timeoutMs: 1_000,
			sink: (event) => this.events.push(event),
		});
		this.socket.start();
	}

	get line(): Line {
		const line = this.lines.at(-1);
		if (line === undefined) throw new Error('no connection was made');
		return line;
	}

	logIn(): void {
		this.clock.run(2);
		this.line.say({ reqId: 'login', retCode: 0, retMsg: 'OK', op: 'auth', connId: 'c' });
	}

	/** Sends a request and keeps what is heard of it. */
	ask(args = '{"category":"linear"}'): RestAnswer[] {
		const heard: RestAnswer[] = [];
		const isSent = this.socket.send('order.create', args, (answer) => heard.push(answer));
		expect(isSent).toBe(true);
		return heard;
	}

	get ups(): readonly boolean[] {
		return this.events.flatMap((event) => (event.kind === 'stream' ? [event.up] : []));
	}
}

const NEVER = (): void => {
	throw new Error('nothing was sent, so nothing may be heard');
};

let scene: Scene;
beforeEach(() => {
	scene = new Scene();
});

function answer(reqId: string, more: object = {}): object {
	return {
		reqId,
		retCode: 0,
		retMsg: 'OK',
		op: 'order.create',
		data: { orderId: 'v' },
		retExtInfo: {},
		header: {},
		connId: 'c',
		...more,
	};
}

describe('the login', () => {
	test('comes first, signed by the clock of the venue, and nothing is sent before it is confirmed', () => {
		expect(scene.socket.send('order.create', '{}', NEVER)).toBe(false);
		scene.clock.run(2);
		const expiresAtMs = scene.venueNowMs + 10_000;
		const signature = new Credentials('KEY', 'SECRET').sign(`GET/realtime${expiresAtMs}`);
		expect(scene.line.said.map((text) => JSON.parse(text) as unknown)).toEqual([
			{ reqId: 'login', op: 'auth', args: ['KEY', expiresAtMs, signature] },
		]);
		expect(scene.socket.isUp).toBe(false);
		expect(scene.socket.send('order.create', '{}', NEVER)).toBe(false);
		scene.logIn();
		expect(scene.socket.isUp).toBe(true);
		expect(scene.ups).toEqual([true]);
	});

	test('"logged in already" is a login', () => {
		scene.clock.run(2);
		scene.line.say({ retCode: 20001, retMsg: 'Repeat auth', op: 'auth' });
		expect(scene.socket.isUp).toBe(true);
	});

	test.each([{ retCode: 10004 }, { retCode: 10003 }, {}])('refused (%j): anew, with the clock measured before (F46)', (said) => {
		scene.clock.run(2);
		scene.line.say({ op: 'auth', ...said });
		expect(scene.socket.isUp).toBe(false);
		scene.clock.run(2_000);
		expect(scene.lines).toHaveLength(2);
		expect(scene.line.said).toEqual([]);
		scene.measuring.shift()?.(true);
		expect(scene.line.said).toHaveLength(1);
		scene.line.say({ op: 'auth', retCode: 0 });
		expect(scene.socket.isUp).toBe(true);
		expect(scene.ups).toEqual([true]);
	});

	test('cut off by the end of its connection, it does not end the next one', () => {
		scene.clock.run(2);
		scene.line.cut();
		scene.clock.run(1_500);
		scene.logIn();
		for (let i = 0; i < 4; i += 1) {
			scene.clock.run(1_000);
			scene.line.say({ op: 'pong', retCode: 0 });
		}
		expect(scene.ups).toEqual([true]);
		expect(scene.lines).toHaveLength(2);
	});

	test('unanswered: anew', () => {
		scene.clock.run(2);
		for (let i = 0; i < 5; i += 1) {
			scene.clock.run(1_000);
			// Beats are answered, so the line itself is alive.
			scene.line.say({ op: 'pong', retCode: 0 });
		}
		scene.clock.run(1_100);
		expect(scene.lines.length).toBeGreaterThan(1);
	});
});

describe('requests', () => {
	beforeEach(() => scene.logIn());

	test('carry an id, the time of the venue and exactly one object', () => {
		scene.ask('{"category":"linear","request":[]}');
		expect(scene.line.requests).toEqual([
			{
				reqId: '1',
				header: { 'X-BAPI-TIMESTAMP': String(scene.venueNowMs), 'X-BAPI-RECV-WINDOW': '5000' },
				op: 'order.create',
				args: [{ category: 'linear', request: [] }],
			},
		]);
	});

	test('find their answers by the id, in any order', () => {
		const [first, second] = [scene.ask(), scene.ask()];
		scene.line.say(answer('2', { data: 'second' }));
		scene.line.say(answer('1', { data: 'first' }));
		expect(first).toMatchObject([{ kind: 'ok', result: 'first' }]);
		expect(second).toMatchObject([{ kind: 'ok', result: 'second' }]);
	});

	test('bring the count of the venue and its time', () => {
		const heard = scene.ask();
		const header = {
			'X-Bapi-Limit': '10',
			'X-Bapi-Limit-Status': '7',
			'X-Bapi-Limit-Reset-Timestamp': '1771000000124',
			Timenow: '1771000000125',
		};
		scene.line.say(answer('1', { header }));
		const limits = { limit: 10, remaining: 7, resetAtMs: 1_771_000_000_124 };
		expect(heard).toMatchObject([{ kind: 'ok', venueAtMs: 1_771_000_000_125, limits }]);
	});

	test('refused: with the code, its verdict and the end of the time in which it could land', () => {
		const heard = scene.ask();
		scene.line.say(answer('1', { retCode: 110007, retMsg: 'ab not enough' }));
		const mayLandUntilMs = scene.venueNowMs + 5_000;
		expect(heard).toMatchObject([{ kind: 'refused', code: 110007, verdict: { class: 'fatal' }, mayLandUntilMs }]);
	});

	test('an answer without a code says nothing', () => {
		const heard = scene.ask();
		scene.line.say(answer('1', { retCode: undefined }));
		expect(heard).toMatchObject([{ kind: 'unreadable' }]);
	});

	test('unanswered at the deadline: lost, each at its own; a later answer is not heard', () => {
		const first = scene.ask();
		scene.clock.run(400);
		const second = scene.ask();
		scene.clock.run(599);
		expect(first).toEqual([]);
		scene.clock.run(1);
		expect(first).toMatchObject([{ kind: 'lost', sent: true, reason: 'timeout', mayLandUntilMs: scene.venueNowMs + 5_000 }]);
		expect(second).toEqual([]);
		scene.clock.run(400);
		expect(second).toMatchObject([{ kind: 'lost', sent: true }]);
		scene.line.say(answer('1'));
		expect(first).toHaveLength(1);
		expect(scene.socket.isUp).toBe(true);
	});

	test('that are sent from inside of a deadline have a deadline of their own', () => {
		const heard: string[] = [];
		const again = (answered: RestAnswer): void => {
			heard.push(`${answered.kind} at ${scene.clock.monotonicMs()}`);
			if (heard.length === 1) scene.socket.send('order.create', '{}', again);
		};
		scene.socket.send('order.create', '{}', again);
		scene.clock.run(300);
		scene.ask();
		scene.clock.run(3_000);
		expect(heard).toEqual(['lost at 1002', 'lost at 2002']);
	});

	test('the socket dies: all that are open are lost, and may have been done (F13)', () => {
		const [first, second] = [scene.ask(), scene.ask()];
		scene.line.say(answer('1'));
		scene.line.cut();
		expect(first).toMatchObject([{ kind: 'ok' }]);
		expect(second).toMatchObject([{ kind: 'lost', sent: true, reason: 'disconnected' }]);
		expect(scene.ups).toEqual([true, false]);
		scene.clock.run(5_000);
		expect(second).toHaveLength(1);
	});

	test('ids go on over connections, so that no late answer finds the wrong request', () => {
		scene.ask();
		scene.line.cut();
		scene.clock.run(1_500);
		scene.logIn();
		const heard = scene.ask();
		expect(scene.line.requests).toMatchObject([{ reqId: '2' }]);
		scene.line.say(answer('1'));
		expect(heard).toEqual([]);
	});

	test('a repeated id (20006): the earlier request stands, so nothing is known of any (F13)', () => {
		const [first, second] = [scene.ask(), scene.ask()];
		scene.line.say(answer('1', { retCode: 20006 }));
		expect(first).toMatchObject([{ kind: 'lost', sent: true }]);
		expect(second).toMatchObject([{ kind: 'lost', sent: true }]);
		expect(scene.socket.isUp).toBe(false);
	});

	test('a restart of the venue (10019): nothing new, what is under way ends, and then anew', () => {
		const [first, second] = [scene.ask(), scene.ask()];
		scene.line.say(answer('1', { retCode: 10019 }));
		expect(first).toMatchObject([{ kind: 'refused', code: 10019 }]);
		expect(scene.socket.send('order.create', '{}', NEVER)).toBe(false);
		expect(scene.lines).toHaveLength(1);
		scene.line.say(answer('2'));
		expect(second).toMatchObject([{ kind: 'ok' }]);
		expect(scene.line.isOpen).toBe(false);
		scene.clock.run(1_500);
		scene.logIn();
		expect(scene.lines).toHaveLength(2);
		expect(scene.ups).toEqual([true, false, true]);
	});

	test.each([
		['a refusal that does not say whose it is', { retCode: 10005, retMsg: 'Permission denied', op: 'order.create' }],
		['a notice of a restart', { retCode: 10019, op: 'system' }],
	])('%s: nothing new here; what is open waits for its deadline', (_name, said) => {
		const heard = scene.ask();
		scene.line.say(said);
		expect(scene.socket.isUp).toBe(false);
		expect(heard).toEqual([]);
		scene.clock.run(1_000);
		expect(heard).toMatchObject([{ kind: 'lost', sent: true, reason: 'timeout' }]);
		expect(scene.line.isOpen).toBe(false);
	});

	test('told to leave with nothing open: at once', () => {
		scene.line.say({ retCode: 10019, op: 'system' });
		expect(scene.line.isOpen).toBe(false);
		scene.clock.run(1_500);
		scene.logIn();
		expect(scene.ups).toEqual([true, false, true]);
	});

	test.each(['{"op":"pong","retCode":0}', '{"ret_msg":"pong","success":true}', 'no json', '[]', 'null', '{"op":"order.create"}'])(
		'%s changes nothing',
		(frame) => {
			const heard = scene.ask();
			scene.line.say(frame);
			expect(scene.socket.isUp).toBe(true);
			expect(heard).toEqual([]);
		},
	);

	test('no more than a thousand are open', () => {
		for (let i = 0; i < 1_000; i += 1) scene.ask();
		expect(scene.socket.send('order.create', '{}', NEVER)).toBe(false);
		scene.line.say(answer('1'));
		scene.ask();
	});

	test('stopped under a request and started again: the deadline is watched as before', () => {
		scene.logIn();
		scene.ask();
		scene.socket.stop();
		scene.clock.run(2_000);
		scene.socket.start();
		scene.logIn();
		const heard = scene.ask();
		scene.clock.run(1_000);
		expect(heard).toMatchObject([{ kind: 'lost', sent: true, reason: 'timeout' }]);
	});

	test('stopped: what is open is lost, and no timer is left', () => {
		const heard = scene.ask();
		scene.socket.stop();
		expect(heard).toMatchObject([{ kind: 'lost', sent: true }]);
		expect(scene.clock.step()).toBe(false);
		expect(scene.lines).toHaveLength(1);
	});
});

test('whatever is said, each request is heard of exactly once', () => {
	const step = fc.oneof(
		fc.constant({ kind: 'ask' as const }),
		fc.record({
			kind: fc.constant('answer' as const),
			id: fc.integer({ min: 1, max: 8 }),
			code: fc.constantFrom<unknown>(0, 110007, 10019, 20006, 10003, '0', null),
		}),
		fc.record({ kind: fc.constant('say' as const), what: fc.oneof(fc.json(), fc.string()) }),
		fc.record({ kind: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 1_500 }) }),
		fc.constant({ kind: 'cut' as const }),
	);
	fc.assert(
		fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
			const played = new Scene();
			played.logIn();
			const heard: RestAnswer[][] = [];
			for (const each of steps) {
				if (each.kind === 'ask' && played.socket.isUp) heard.push(played.ask());
				else if (each.kind === 'answer') played.line.say(answer(String(each.id), { retCode: each.code }));
				else if (each.kind === 'say') played.line.say(each.what);
				else if (each.kind === 'wait') played.clock.run(each.ms);
				else if (each.kind === 'cut' && played.line.isOpen) played.line.cut();
				if (played.line.said.length === 1) played.logIn();
			}
			played.clock.run(1_000);
			for (const answers of heard) expect(answers).toHaveLength(1);
		}),
	);
});
