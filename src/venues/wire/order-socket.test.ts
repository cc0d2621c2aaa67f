import { beforeEach, describe, expect, test } from 'vitest';
import { FakeTransport } from '../../../test/fixtures/fake-transport.ts';
import type { EngineEvent } from '../../domain/event.ts';
import { RECONNECT_POLICY } from '../../network/reconnect.ts';
import { seededRng } from '../../simulation/seeded-rng.ts';
import { VirtualClock } from '../../simulation/virtual-clock.ts';
import { START_MS } from './order-commands.suite.ts';
import { OrderSocket } from './order-socket.ts';

/** A venue whose answers are the id alone. */
class Scene {
	readonly clock = new VirtualClock(START_MS);
	readonly transport = new FakeTransport(this.clock);
	readonly events: EngineEvent[] = [];
	/** Rounds of measuring the clock that wait for their end. */
	readonly measuring: ((isMeasured: boolean) => void)[] = [];
	readonly heard: unknown[] = [];
	readonly socket: OrderSocket<string>;

	constructor(logOn: (() => string) | undefined) {
		this.transport.onConnect = (line) => {
			line.onPing = () => line.pong();
			line.open();
		};
		this.socket = new OrderSocket({
			...{ transport: this.transport, clock: this.clock, rng: seededRng(1), policy: RECONNECT_POLICY },
			...{ venue: 'sim', url: 'ws://127.0.0.1:1', timeoutMs: 1_000, heartbeat: { everyMs: 2_000, deadlineMs: 3_000 } },
			venueClock: {
				remeasure: (told) => {
					if (told !== undefined) this.measuring.push(told);
				},
			},
			sink: (event) => this.events.push(event),
			logOn,
			received: (frame) => this.socket.answer(Buffer.from(frame).toString(), () => 'answered'),
			silentMax: 2,
		});
		this.socket.start();
		this.clock.run(2);
	}

	get line() {
		return this.transport.socket;
	}

	send(): void {
		const heard = (answer: unknown): void => void this.heard.push(answer);
		expect(this.socket.send((id) => id, { heard, mayLandUntilMs: START_MS })).toBe(true);
	}

	/** Until the next connection is open. */
	comeBack(): void {
		const { sockets } = this.transport;
		const before = sockets.length;
		while (sockets.length === before) this.clock.run(100);
		this.clock.run(2);
	}

	get ups(): readonly boolean[] {
		return this.events.flatMap((event) => (event.kind === 'stream' && event.stream === 'order' ? [event.up] : []));
	}
}

describe('where the venue wants a log-on', () => {
	let scene: Scene;
	beforeEach(() => {
		scene = new Scene(() => 'let me in');
	});

	test('the clock is measured after a refusal, and no more after the log-on that was taken', () => {
		scene.socket.logOnRefused('no');
		scene.comeBack();
		expect(scene.line.sent).toEqual([]);
		scene.measuring.shift()?.(true);
		expect(scene.line.sent).toEqual(['let me in']);
		scene.socket.loggedOn();
		scene.line.end();
		scene.comeBack();
		expect(scene.measuring).toEqual([]);
		expect(scene.line.sent).toEqual(['let me in']);
	});

	test('a connection that is gone when the clock has been measured hears nothing', () => {
		scene.socket.logOnRefused('no');
		scene.comeBack();
		const gone = scene.line;
		gone.end();
		scene.comeBack();
		scene.measuring.shift()?.(true);
		expect([gone.sent, scene.line.sent]).toEqual([[], []]);
		scene.measuring.shift()?.(true);
		expect(scene.line.sent).toEqual(['let me in']);
	});

	test('a second word on it changes nothing: it is up once, and a socket that leaves does not stay', () => {
		scene.socket.loggedOn();
		scene.socket.loggedOn();
		scene.socket.logOnRefused('too late');
		expect([scene.ups, scene.line.isOpen]).toEqual([[true], true]);
		scene.send();
		scene.socket.leave();
		scene.socket.loggedOn();
		expect([scene.ups, scene.socket.isUp]).toEqual([[true, false], false]);
		scene.line.receive('1');
		expect([scene.heard, scene.line.isOpen]).toEqual([['answered'], false]);
	});
});

test('silence on one connection is not held against the next', () => {
	const scene = new Scene(undefined);
	scene.send();
	scene.clock.run(1_100);
	scene.line.end();
	scene.comeBack();
	scene.send();
	scene.clock.run(1_100);
	expect([scene.heard.length, scene.line.isOpen]).toEqual([2, true]);
	scene.send();
	scene.clock.run(1_100);
	expect(scene.transport.sockets[1]?.isOpen).toBe(false);
});
