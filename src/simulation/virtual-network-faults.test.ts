/** What only the virtual network has: exact distances, faults as numbers, the server's end, and runs that repeat. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Facade, Peer } from '../exchange/facade.ts';
import type { HttpHeard, SocketEnd } from '../network/transport.ts';
import { seededRng } from './seeded-rng.ts';
import { VirtualClock } from './virtual-clock.ts';
import { VirtualNetwork } from './virtual-network.ts';
import type { Link, LinkFaults } from './virtual-network-link.ts';

const ORIGIN = 'http://venue.test:1';
const NEAR: Link = { requestMs: 30, replyMs: 10 };

/** A façade that echoes and writes down all that happens to it, with the time. */
function worldOf(link: Link, seed = 1) {
	const clock = new VirtualClock(1_000_000);
	const log: string[] = [];
	const ticksAtMs: number[] = [];
	const peers: Peer[] = [];
	const closedTimes: number[] = [];
	const facade: Facade = {
		request: ({ path, remote }) => {
			log.push(`${clock.monotonicMs()} served ${path} of ${remote}`);
			return { status: 200, headers: {}, body: path };
		},
		connect: (_target, peer) => {
			const number = peers.push(peer) - 1;
			closedTimes.push(0);
			return {
				kind: 'connected',
				connection: {
					receive: (text) => {
						log.push(`server ${text}`);
						peer.send(text);
					},
					closed: () => {
						closedTimes[number] = (closedTimes[number] ?? 0) + 1;
					},
				},
			};
		},
		tick: (nowMs) => ticksAtMs.push(nowMs - 1_000_000),
	};
	const network = new VirtualNetwork({ clock, rng: seededRng(seed), hosts: new Map([[ORIGIN, { facade, link }]]) });
	const transport = network.transport({ remote: '10.0.0.7' });
	const ask = (target: string, timeoutMs = 1_000) => {
		const heard: (HttpHeard & { readonly atMs: number })[] = [];
		const call = { origin: ORIGIN, method: 'GET', target, headers: [], pool: 'reads', timeoutMs } as const;
		const abortable = transport.request(call, (each) => heard.push({ ...each, atMs: clock.monotonicMs() }));
		return { heard, abort: () => abortable.abort() };
	};
	const connect = () => {
		const frames: string[] = [];
		const ends: SocketEnd[] = [];
		const kept: Uint8Array[] = [];
		const socket = transport.connect(
			{ url: `${ORIGIN.replace('http', 'ws')}/x`, handshakeTimeoutMs: 10_000 },
			{
				opened: () => frames.push('opened'),
				received: (frame) => {
					frames.push(Buffer.from(frame).toString());
					kept.push(frame);
				},
				ponged: () => frames.push('pong'),
				ended: (end) => ends.push(end),
			},
		);
		return { socket, frames, ends, kept };
	};
	return { clock, log, ticksAtMs, peers, closedTimes, network, transport, ask, connect };
}

describe('distance', () => {
	test('a first call pays for its connection, the next one only for itself', () => {
		const { clock, log, ask } = worldOf({ ...NEAR, handshakeMs: 5 });
		const first = ask('/a');
		clock.run(1_000);
		const second = ask('/b');
		clock.run(1_000);
		expect(log).toEqual(['75 served /a of 10.0.0.7', '1030 served /b of 10.0.0.7']);
		expect([first.heard[0]?.atMs, second.heard[0]?.atMs]).toEqual([85, 1_040]);
	});

	test.each([
		{ what: 'the server', keepAliveMs: 200, pauseMs: 200 },
		{ what: 'we ourselves', keepAliveMs: 1_000_000, pauseMs: 60_000 },
	])('a connection that $what closed while it was idle is opened anew', ({ keepAliveMs, pauseMs }) => {
		const { clock, ask } = worldOf({ ...NEAR, keepAliveMs });
		ask('/a');
		clock.run(80);
		for (const expectedMs of [40, 80]) {
			const startMs = clock.monotonicMs();
			const { heard } = ask('/b');
			clock.run(expectedMs);
			expect(heard).toMatchObject([{ kind: 'reply', atMs: startMs + expectedMs }]);
			clock.run(pauseMs);
		}
	});

	test('a socket is open after two round trips, and frames take one way each', () => {
		const { clock, connect, log } = worldOf(NEAR);
		const { socket, frames } = connect();
		clock.run(79);
		expect(frames).toEqual([]);
		clock.run(1);
		socket.send('x');
		clock.run(29.5);
		expect(log).toEqual([]);
		clock.run(10);
		expect([log, frames]).toEqual([['server x'], ['opened']]);
		clock.run(0.5);
		expect(frames).toEqual(['opened', 'x']);
	});

	test('frames stay in their order, whatever the delays draw, and each socket has its own', () => {
		fc.assert(
			fc.property(fc.nat(), fc.array(fc.nat({ max: 20 }), { maxLength: 50 }), (seed, pausesMs) => {
				const jumpy = { fromMs: 0, toMs: 50 };
				const { clock, connect, log } = worldOf({ requestMs: jumpy, replyMs: jumpy }, seed);
				const { socket, frames } = connect();
				clock.run(500);
				for (const [i, pauseMs] of pausesMs.entries()) {
					socket.send(`${i}`);
					clock.run(pauseMs);
				}
				clock.run(500);
				expect(log).toEqual(pausesMs.map((_, i) => `server ${i}`));
				expect(frames).toEqual(['opened', ...pausesMs.map((_, i) => `${i}`)]);
			}),
		);
	});

	test('frames that are sent together arrive in one timer, at the same moment', () => {
		const { clock, connect, log } = worldOf(NEAR);
		const { socket } = connect();
		clock.run(100.3);
		for (let i = 0; i < 100; i += 1) socket.send(`${i}`);
		let timers = 0;
		clock.runWhile(() => {
			timers += 1;
			return log.length === 0;
		});
		expect(log).toHaveLength(100);
		// The façade's ticks in between.
		expect(timers).toBeLessThan(8);
	});
});

describe('each fault of a link', () => {
	const cases: { fault: keyof LinkFaults; served: number; heard: Partial<HttpHeard> }[] = [
		{ fault: 'refuseConnection', served: 0, heard: { kind: 'lost', sent: false, reason: 'refused' } },
		{ fault: 'loseRequest', served: 0, heard: { kind: 'lost', sent: true, reason: 'timeout' } },
		{ fault: 'loseReply', served: 1, heard: { kind: 'lost', sent: true, reason: 'timeout' } },
		{ fault: 'resetBeforeRequest', served: 0, heard: { kind: 'lost', sent: true, reason: 'reset' } },
		{ fault: 'resetAfterRequest', served: 1, heard: { kind: 'lost', sent: true, reason: 'reset' } },
	];
	test.each(cases)('$fault', ({ fault, served, heard }) => {
		const world = worldOf({ ...NEAR, faults: { [fault]: 1 } });
		const call = world.ask('/a');
		world.clock.run(5_000);
		expect(call.heard).toMatchObject([heard]);
		expect(world.log).toHaveLength(served);
		world.network.setLink(ORIGIN, NEAR);
		const next = world.ask('/b');
		world.clock.run(1_000);
		expect(next.heard).toMatchObject([{ kind: 'reply' }]);
	});

	test('comes as often as it is said to', () => {
		const { clock, ask } = worldOf({ ...NEAR, faults: { resetBeforeRequest: 0.3 } });
		const calls = Array.from({ length: 1_000 }, (_, i) => {
			clock.run(100);
			return ask(`/${i}`);
		});
		clock.run(1_000);
		const lost = calls.filter(({ heard }) => heard[0]?.kind === 'lost').length;
		expect(lost).toBeGreaterThan(250);
		expect(lost).toBeLessThan(350);
	});

	test('of a socket leaves a beginning of what was sent, and the end of a cut is told', () => {
		fc.assert(
			fc.property(fc.nat(), fc.constantFrom('silenceSocket', 'cutSocket'), (seed, fault) => {
				const { clock, connect, log, closedTimes } = worldOf({ ...NEAR, faults: { [fault]: 0.05 } }, seed);
				const { socket, frames, ends } = connect();
				clock.run(200);
				for (let i = 0; i < 100; i += 1) {
					socket.send(`${i}`);
					clock.run(7);
				}
				clock.run(1_000);
				expect(log).toEqual(log.map((_, i) => `server ${i}`));
				expect(frames).toEqual(['opened', ...frames.slice(1).map((_, i) => `${i}`)]);
				if (fault === 'cutSocket' && log.length < 100) expect(ends.map(({ kind }) => kind)).toEqual(['lost']);
				if (fault === 'silenceSocket') expect(ends).toEqual([]);
				clock.run(120_000);
				if (log.length < 100) expect(closedTimes).toEqual([1]);
			}),
			{ numRuns: 50 },
		);
	});
});

describe('the operator of the network', () => {
	test('parts the ends, and what was under way arrives once they are joined again', () => {
		const { clock, connect, ask, network, log } = worldOf(NEAR);
		const { socket, frames, ends } = connect();
		clock.run(100);
		socket.send('1');
		network.partition(ORIGIN, true);
		socket.send('2');
		const call = ask('/a');
		clock.run(5_000);
		socket.send('3');
		expect([log, frames, ends]).toEqual([[], ['opened'], []]);
		expect(call.heard).toMatchObject([{ kind: 'lost', sent: false, reason: 'timeout' }]);
		network.partition(ORIGIN, false);
		clock.run(29);
		expect(log).toEqual([]);
		clock.run(100);
		expect([log, frames]).toEqual([
			['server 1', 'server 2', 'server 3'],
			['opened', '1', '2', '3'],
		]);
	});

	test('cuts everything: calls are reset, sockets lost, the façade told once', () => {
		const { clock, connect, ask, network, closedTimes, log } = worldOf(NEAR);
		const { ends, socket } = connect();
		clock.run(100);
		const call = ask('/a');
		clock.run(45);
		network.cut(ORIGIN);
		socket.send('into the void');
		expect([ends, call.heard, closedTimes]).toEqual([[], [], [1]]);
		clock.run(1_000);
		expect(ends.map(({ kind }) => kind)).toEqual(['lost']);
		expect(call.heard).toMatchObject([{ kind: 'lost', sent: true, reason: 'reset' }]);
		expect([closedTimes, log]).toEqual([[1], []]);
	});

	test('cuts a connection that is being opened: nothing was sent', () => {
		const { clock, ask, network } = worldOf(NEAR);
		const call = ask('/a');
		clock.run(35);
		network.cut(ORIGIN);
		clock.run(1_000);
		expect(call.heard).toMatchObject([{ kind: 'lost', sent: false, reason: 'reset' }]);
	});

	test('lets both ends believe in a dead connection; the server gives it up after a minute', () => {
		const { clock, connect, network, closedTimes } = worldOf(NEAR);
		const { socket, ends } = connect();
		clock.run(100);
		network.silence(ORIGIN);
		clock.run(30_000);
		expect([socket.send('x'), ends, closedTimes]).toEqual([true, [], [0]]);
		clock.run(30_000);
		expect([ends, closedTimes]).toEqual([[], [1]]);
	});

	test('refuses who is new and leaves the others alone', () => {
		const { clock, connect, network } = worldOf(NEAR);
		const old = connect();
		clock.run(100);
		network.refuse(ORIGIN, true);
		const fresh = connect();
		clock.run(100);
		old.socket.send('x');
		clock.run(100);
		expect(fresh.ends).toMatchObject([{ kind: 'refused', status: undefined }]);
		expect([old.frames, old.ends]).toEqual([['opened', 'x'], []]);
	});

	test('kills a client: nobody there hears of it, the server does', () => {
		const { clock, connect, ask, transport, closedTimes } = worldOf(NEAR);
		const { ends, frames } = connect();
		clock.run(100);
		const call = ask('/a');
		transport.crash();
		const late = ask('/b');
		clock.run(60_000);
		expect([ends, call.heard, late.heard, frames, closedTimes]).toEqual([[], [], [], ['opened'], [1]]);
	});

	test('is told of a host that does not exist, and of one named twice', () => {
		const { network, clock } = worldOf(NEAR);
		expect(() => network.cut('http://other.test:1')).toThrow('there are venue.test:1');
		const facade: Facade = { request: () => ({ status: 200, headers: {}, body: '' }), connect: () => refused, tick: () => {} };
		const refused = { kind: 'refused', status: 404, reason: '' } as const;
		const hosts = new Map([ORIGIN, ORIGIN.replace('http', 'ws')].map((origin) => [origin, { facade, link: NEAR }] as const));
		expect(() => new VirtualNetwork({ clock, rng: seededRng(1), hosts })).toThrow('named twice');
	});
});

describe('the server', () => {
	test('carries out what was under way when its sender gave up (F14)', () => {
		const { clock, ask, log } = worldOf(NEAR);
		ask('/warm');
		clock.run(100);
		const call = ask('/late');
		clock.run(10);
		call.abort();
		clock.run(100);
		expect(call.heard).toMatchObject([{ kind: 'lost', sent: true, reason: 'aborted' }]);
		expect(log).toEqual(['70 served /warm of 10.0.0.7', '130 served /late of 10.0.0.7']);
	});

	test('hears once of the end of each connection, whoever ends it', () => {
		const verbs = ['close', 'terminate', 'server', 'cut', 'silence', 'nothing'] as const;
		fc.assert(
			fc.property(
				fc.nat(),
				fc.array(fc.tuple(fc.constantFrom(...verbs), fc.nat({ max: 90 })), { maxLength: 30 }),
				(seed, steps) => {
					const { clock, connect, network, peers, closedTimes, transport } = worldOf(NEAR, seed);
					const sockets = steps.map(([verb, pauseMs]) => {
						const each = connect();
						clock.run(pauseMs);
						if (verb === 'close' || verb === 'terminate') each.socket[verb]();
						else if (verb === 'server') peers.at(-1)?.close(4_000, 'bye');
						else if (verb !== 'nothing') network[verb](ORIGIN);
						return each;
					});
					clock.run(1_000);
					transport.crash();
					clock.run(120_000);
					expect(closedTimes).toEqual(closedTimes.map(() => 1));
					for (const { ends } of sockets) expect(ends.length).toBeLessThanOrEqual(1);
				},
			),
			{ numRuns: 100 },
		);
	});

	test('ends the connection of a client that reads too slowly', () => {
		const { clock, connect, network, peers, closedTimes } = worldOf(NEAR);
		const { ends } = connect();
		clock.run(100);
		network.partition(ORIGIN, true);
		for (let i = 0; i < 60; i += 1) peers[0]?.send('x'.repeat(100_000));
		network.partition(ORIGIN, false);
		clock.run(1_000);
		expect(ends).toMatchObject([{ kind: 'closed', code: 1008 }]);
		expect(closedTimes).toEqual([1]);
	});

	test('is ticked at whole ticks while somebody is connected, and once before what follows a pause', () => {
		const { clock, connect, ask, ticksAtMs } = worldOf(NEAR);
		clock.run(1_003);
		expect(ticksAtMs).toEqual([]);
		ask('/a');
		clock.run(200);
		expect(ticksAtMs).toEqual([1_073]);
		const { socket } = connect();
		clock.run(99);
		expect(ticksAtMs.slice(1)).toEqual([1_273, 1_280, 1_290, 1_300]);
		socket.close();
		clock.run(1_000);
		expect(ticksAtMs.at(-1)).toBe(1_330);
	});

	test('is ticked once though it has two hosts', () => {
		const clock = new VirtualClock(0);
		const ticksAtMs: number[] = [];
		const facade: Facade = {
			request: () => ({ status: 200, headers: {}, body: '' }),
			connect: () => ({ kind: 'connected', connection: { receive: () => {}, closed: () => {} } }),
			tick: (nowMs) => ticksAtMs.push(nowMs),
		};
		const hosts = new Map([ORIGIN, 'ws://stream.test'].map((origin) => [origin, { facade, link: NEAR }] as const));
		const transport = new VirtualNetwork({ clock, rng: seededRng(1), hosts }).transport();
		const handler = { opened: () => {}, received: () => {}, ponged: () => {}, ended: () => {} };
		for (const url of ['ws://venue.test:1/', 'ws://stream.test/']) transport.connect({ url, handshakeTimeoutMs: 1_000 }, handler);
		clock.run(200);
		expect(ticksAtMs).toEqual([...new Set(ticksAtMs)]);
		expect(ticksAtMs).toHaveLength(14);
	});
});

describe('memory and chance', () => {
	test('a frame that is kept is spoilt', () => {
		const { clock, connect } = worldOf(NEAR);
		const { socket, frames, kept } = connect();
		clock.run(100);
		socket.send('{"keep":"me"}');
		clock.run(100);
		expect(frames).toEqual(['opened', '{"keep":"me"}']);
		expect(kept[0]?.every((byte) => byte === 0xff)).toBe(true);
	});

	test('the same seed gives the same run, another one another', () => {
		const run = (seed: number): string => {
			const jumpy = { fromMs: 1, toMs: 60 };
			const faults = { loseReply: 0.1, resetAfterRequest: 0.1, resetBeforeRequest: 0.1, cutSocket: 0.01 };
			const world = worldOf({ requestMs: jumpy, replyMs: jumpy, faults, keepAliveMs: 50 }, seed);
			const { socket, frames, ends } = world.connect();
			const calls = Array.from({ length: 200 }, (_, i) => {
				world.clock.run(i % 23);
				socket.send(`${i}`);
				return world.ask(`/${i}`);
			});
			world.clock.run(10_000);
			const outcomes = calls.map(({ heard }) =>
				heard.map((each) => [each.atMs, each.kind === 'lost' ? each.reason : each.status]),
			);
			return JSON.stringify([outcomes, world.log, frames, ends]);
		};
		expect(run(1)).toBe(run(1));
		expect(run(1)).not.toBe(run(2));
	});
});
