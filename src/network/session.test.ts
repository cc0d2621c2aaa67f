import { describe, expect, test } from 'vitest';
import { FakeTransport } from '../../test/fixtures/fake-transport.ts';
import { seededRng } from '../simulation/seeded-rng.ts';
import { VirtualClock } from '../simulation/virtual-clock.ts';
import { RECONNECT_POLICY, type ReconnectPolicy } from './reconnect.ts';
import { Session, type SessionParts, type SessionState } from './session.ts';

const HEARTBEAT = { everyMs: 2_000, deadlineMs: 3_000, frame: () => 'ping' };

function openSession(options: Partial<SessionParts> & { seed?: number; policy?: ReconnectPolicy } = {}) {
	const clock = new VirtualClock(1_771_000_000_000);
	const transport = new FakeTransport(clock);
	const log: string[] = [];
	const states: SessionState[] = [];
	const sends: ((text: string) => boolean)[] = [];
	const session = new Session({
		transport,
		clock,
		rng: seededRng(options.seed ?? 1),
		target: () => ({ url: 'ws://test', handshakeTimeoutMs: 1_000 }),
		policy: RECONNECT_POLICY,
		heartbeat: HEARTBEAT,
		handler: {
			opened: (send) => {
				log.push('opened');
				sends.push(send);
			},
			received: (frame) => log.push(Buffer.from(frame).toString()),
			down: (reason) => log.push(`down: ${reason}`),
			stateChanged: (state) => states.push(state),
		},
		...options,
	});
	return { clock, transport, session, log, states, sends };
}

/** The session stands in this state, by way of real transitions. */
function inState(state: SessionState) {
	const parts = openSession();
	const { clock, transport, session } = parts;
	if (state === 'idle') return parts;
	if (state === 'connecting') transport.onConnect = () => undefined;
	if (state === 'degraded') transport.onConnect = (socket) => socket.end({ kind: 'refused', status: 503, detail: '' });
	session.start();
	clock.run(10);
	if (state === 'degraded') clock.runWhile(() => session.state !== 'degraded');
	if (state === 'waiting') transport.socket.end();
	if (state === 'stopped') session.stop();
	expect(session.state).toBe(state);
	return parts;
}

describe('every state and every verb', () => {
	const grid: readonly (readonly [SessionState, Record<'start' | 'drop' | 'renew' | 'stop', SessionState>])[] = [
		['idle', { start: 'connecting', drop: 'idle', renew: 'idle', stop: 'stopped' }],
		['connecting', { start: 'connecting', drop: 'waiting', renew: 'connecting', stop: 'stopped' }],
		['open', { start: 'open', drop: 'waiting', renew: 'open', stop: 'stopped' }],
		['waiting', { start: 'waiting', drop: 'waiting', renew: 'waiting', stop: 'stopped' }],
		['degraded', { start: 'degraded', drop: 'degraded', renew: 'degraded', stop: 'stopped' }],
		['stopped', { start: 'connecting', drop: 'stopped', renew: 'stopped', stop: 'stopped' }],
	];
	for (const [state, ends] of grid) {
		for (const verb of ['start', 'drop', 'renew', 'stop'] as const) {
			test(`${state}, ${verb}: ${ends[verb]}`, () => {
				const { session } = inState(state);
				if (verb === 'drop') session.drop('test');
				else session[verb]();
				expect(session.state).toBe(ends[verb]);
				expect(session.send('text'), 'sends only when open').toBe(session.state === 'open');
			});
		}
	}

	test('a stopped session does nothing any more, whatever was under way', () => {
		for (const state of ['connecting', 'open', 'waiting', 'degraded'] as const) {
			const { session, clock, transport, log } = inState(state);
			session.stop();
			const [sockets, said] = [transport.sockets.length, log.length];
			clock.run(600_000);
			expect(transport.sockets, state).toHaveLength(sockets);
			expect(log, state).toHaveLength(said);
		}
	});
});

describe('while nobody may connect', () => {
	test('what is started, lost or to be renewed waits until then, and goes on by itself (F53)', () => {
		const lifted = { atMono: 20_000 };
		const { clock, session, transport, states } = openSession({
			holdMs: () => Math.max(0, lifted.atMono - clock.monotonicMs()),
		});
		session.start();
		clock.run(19_900);
		expect([transport.sockets.length, session.state]).toEqual([0, 'waiting']);
		clock.run(200);
		expect([transport.sockets.length, session.state]).toEqual([1, 'open']);
		transport.socket.end();
		// It begins when the next attempt is due already.
		lifted.atMono = clock.monotonicMs() + 30_000;
		clock.run(29_900);
		expect([transport.sockets.length, session.state]).toEqual([1, 'waiting']);
		clock.run(200);
		expect([transport.sockets.length, session.state]).toEqual([2, 'open']);
		lifted.atMono = clock.monotonicMs() + 1_000;
		session.renew();
		clock.run(500);
		expect([transport.sockets.length, session.state]).toEqual([2, 'open']);
		expect(states.filter((state) => state === 'degraded')).toEqual([]);
	});

	test('who is turned away is told with which status, before anything is tried again', () => {
		const told: number[] = [];
		const { clock, session, transport } = openSession({
			holdMs: () => (told.length > 0 ? 60_000 : 0),
			turnedAway: (status) => told.push(status),
		});
		transport.onConnect = (socket) => socket.end({ kind: 'refused', status: 418, detail: '' });
		session.start();
		clock.run(50_000);
		expect([told, transport.sockets.length]).toEqual([[418], 1]);
	});

	test('a stop ends the waiting', () => {
		const { clock, session, transport } = openSession({ holdMs: () => 1_000 });
		session.start();
		clock.run(5_500);
		session.stop();
		expect(clock.step(), 'no timer is left').toBe(false);
		expect(transport.sockets).toEqual([]);
	});
});

describe('reconnecting', () => {
	test('each opening is told, and its end once', () => {
		const { session, clock, transport, log, sends } = openSession();
		session.start();
		clock.run(10);
		transport.socket.receive('a');
		transport.socket.end({ kind: 'closed', code: 1006, reason: 'bye' });
		expect(sends[0]?.('late'), 'the sender of an opening ends with it').toBe(false);
		clock.run(2_000);
		expect(log).toEqual(['opened', 'a', 'down: closed with 1006 (bye)', 'opened']);
		expect(session.openedCount).toBe(2);
	});

	test('full jitter: each pause is below its bound, which doubles up to the maximum; some are short (F49)', () => {
		const pauses: number[][] = [];
		for (let seed = 1; seed <= 200; seed += 1) {
			const { session, clock, transport } = openSession({ seed, policy: { ...RECONNECT_POLICY, attemptsMax: 100 } });
			transport.onConnect = (socket) => socket.end({ kind: 'refused', status: undefined, detail: 'nobody' });
			session.start();
			clock.runWhile(() => transport.sockets.length < 10);
			const at = transport.connectedAtMono;
			pauses.push(at.slice(1).map((atMono, index) => atMono - (at[index] ?? 0) - 1));
		}
		for (let attempt = 0; attempt < 9; attempt += 1) {
			const bound = Math.min(60_000, 1_000 * 2 ** attempt);
			const drawn = pauses.map((each) => each[attempt] ?? Number.NaN);
			expect(Math.max(...drawn)).toBeLessThan(bound + 0.01);
			expect(Math.max(...drawn)).toBeGreaterThan(bound * 0.9);
			expect(Math.min(...drawn)).toBeLessThan(bound * 0.1);
		}
	});

	test('after ten failures in a row it is degraded, and goes on once a minute until it works', () => {
		const { session, clock, transport, states } = openSession();
		let isWorking = false;
		transport.onConnect = (socket) => (isWorking ? socket.open() : socket.end({ kind: 'refused', status: 503, detail: '' }));
		session.start();
		clock.runWhile(() => session.state !== 'degraded');
		expect(transport.sockets).toHaveLength(10);
		const before = transport.sockets.length;
		clock.run(300_000);
		expect(transport.sockets.length - before).toBe(4);
		isWorking = true;
		clock.run(1_000);
		expect(session.state).toBe('open');
		expect(states.filter((state) => state === 'degraded').length).toBeGreaterThan(3);
	});

	test('however it flaps, there are at most 30 connects in any five minutes (F49)', () => {
		for (const holdsMs of [0, 100, 15_000]) {
			const { session, clock, transport } = openSession({ policy: { ...RECONNECT_POLICY, attemptsMax: 1_000, maxDelayMs: 500 } });
			transport.onConnect = (socket) => {
				socket.open();
				clock.after(holdsMs, () => socket.end());
			};
			session.start();
			clock.run(3_600_000);
			const at = transport.connectedAtMono;
			for (let i = 30; i < at.length; i += 1) {
				expect((at[i] ?? 0) - (at[i - 30] ?? 0), `${holdsMs} ms, connect ${i}`).toBeGreaterThan(299_999.99);
			}
			expect(at.length, 'and nearly as many, since it keeps trying').toBeGreaterThan(200);
		}
	});

	test('starting and stopping over and over does not get around the cap', () => {
		const { session, clock, transport } = openSession();
		for (let i = 0; i < 100; i += 1) {
			session.start();
			clock.run(10);
			session.stop();
		}
		expect(transport.sockets).toHaveLength(30);
	});

	test('a connection that held begins the count of failures anew; one that broke at once does not', () => {
		for (const [holdsMs, expected] of [
			[10_000, 'waiting'],
			[9_000, 'degraded'],
		] as const) {
			const { session, clock, transport } = openSession({ policy: { ...RECONNECT_POLICY, attemptsMax: 2 } });
			transport.onConnect = (socket) => socket.end({ kind: 'refused', status: 503, detail: '' });
			session.start();
			clock.run(5);
			transport.onConnect = (socket) => {
				socket.open();
				clock.after(2_000, () => socket.receive('x'));
				clock.after(4_000, () => socket.receive('x'));
				clock.after(6_000, () => socket.receive('x'));
				clock.after(8_000, () => socket.receive('x'));
			};
			clock.runWhile(() => session.state !== 'open');
			clock.run(holdsMs);
			transport.socket.end();
			expect(session.state, `${holdsMs}`).toBe(expected);
		}
	});
});

describe('life signs', () => {
	test('a half-open connection is found by the first beat that nobody answers (F44)', () => {
		const { session, clock, transport, log } = openSession();
		session.start();
		clock.run(10);
		expect(transport.socket.sent).toEqual([]);
		clock.run(2_000);
		expect(transport.socket.sent).toEqual(['ping']);
		const [first] = transport.sockets;
		clock.run(2_990);
		expect(session.state).toBe('open');
		clock.run(10);
		expect(first?.fate).toBe('terminated');
		expect(log).toEqual(['opened', 'down: no answer to a heartbeat within 3000 ms']);
	});

	test('any frame answers, unless only pongs do', () => {
		for (const isPong of [undefined, (frame: Uint8Array) => Buffer.from(frame).toString() === 'pong']) {
			const { session, clock, transport } = openSession({
				heartbeat: { ...HEARTBEAT, ...(isPong === undefined ? {} : { isPong }) },
			});
			session.start();
			clock.run(10);
			const { socket } = transport;
			for (let i = 0; i < 20; i += 1) {
				clock.run(1_000);
				socket.receive('data');
			}
			expect(socket.isOpen).toBe(isPong === undefined);
		}
	});

	test('an answer to one beat is none to the next', () => {
		const { session, clock, transport } = openSession();
		session.start();
		clock.run(2_010);
		transport.socket.receive('pong');
		clock.run(5_100);
		expect(transport.sockets[0]?.fate).toBe('terminated');
	});

	test('without a frame of its own it pings, and a pong answers', () => {
		const { session, clock, transport } = openSession({ heartbeat: { everyMs: 2_000, deadlineMs: 3_000 } });
		session.start();
		transport.onConnect = (socket) => socket.open();
		for (let i = 0; i < 30; i += 1) {
			clock.run(1_000);
			transport.socket.pong();
		}
		expect(transport.sockets).toHaveLength(1);
		expect(transport.socket.pingCount).toBe(14);
		clock.run(6_000);
		expect(transport.sockets.length).toBeGreaterThan(1);
	});

	test('a socket that answers beats and tells nothing is dropped (F37)', () => {
		const { session, clock, transport, log } = openSession({ stallMs: 20_000 });
		session.start();
		clock.run(10);
		const answer = (): void => {
			transport.socket.receive('pong');
			clock.after(1_000, answer);
		};
		clock.after(1_000, answer);
		for (let i = 0; i < 10; i += 1) {
			clock.run(9_000);
			session.noteData();
		}
		expect(transport.sockets).toHaveLength(1);
		clock.run(31_000);
		expect(log.filter((line) => line.startsWith('down'))).toEqual(['down: no data for 20000 ms']);
	});

	test('a socket that does not get rid of what is sent takes no more', () => {
		const { session, clock, transport } = openSession();
		session.start();
		clock.run(10);
		expect(session.send('a')).toBe(true);
		transport.socket.bufferedBytes = 2 << 20;
		expect(session.send('b')).toBe(false);
	});
});

describe('make before break (F48)', () => {
	function renewing() {
		const parts = openSession({ heartbeat: { everyMs: 60_000, deadlineMs: 3_000, frame: () => 'ping' } });
		parts.session.start();
		parts.clock.run(10);
		return parts;
	}

	test('the new socket takes over before the old one goes, and nothing said on either is missed', () => {
		const { session, clock, transport, log } = renewing();
		const [old] = transport.sockets;
		session.renew();
		old?.receive('before');
		clock.run(10);
		expect(session.send('to the new one')).toBe(true);
		expect(transport.socket.sent).toEqual(['to the new one']);
		old?.receive('last words');
		transport.socket.receive('first words');
		clock.run(5_000);
		expect(old?.fate).toBe('closed');
		expect(log).toEqual(['opened', 'before', 'opened', 'last words', 'first words']);
		expect(session.state).toBe('open');
	});

	test('a successor that cannot be had leaves the old one in place', () => {
		const { session, clock, transport, log } = renewing();
		transport.onConnect = (socket) => socket.end({ kind: 'refused', status: 503, detail: '' });
		session.renew();
		clock.run(1_000);
		transport.sockets[0]?.receive('still here');
		expect(log).toEqual(['opened', 'still here']);
	});

	test('where the old one goes first, it is an ordinary reconnect', () => {
		const { session, clock, transport, log } = renewing();
		transport.onConnect = (socket) => clock.after(5_000, () => socket.open());
		session.renew();
		transport.sockets[0]?.end();
		expect(log).toEqual(['opened', 'down: lost: test']);
		clock.run(10_000);
		expect(log.slice(2)).toEqual(['opened']);
		expect(transport.sockets[1]?.fate).toBe('terminated');
	});
});
