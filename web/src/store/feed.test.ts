import { beforeEach, describe, expect, test } from 'vitest';
import { Feed, type LineEvents } from './feed.ts';

class World {
	nowMs = 1_000;
	wishes = [{ name: 'risk', params: {} }];
	isAllowed = true;
	readonly lines: { events: LineEvents; sent: string[]; isOpen: boolean }[] = [];
	readonly timers: { atMs: number; run: () => void }[] = [];
	readonly feed = new Feed({
		dial: (events) => {
			const line = { events, sent: [] as string[], isOpen: false, send: (text: string) => line.sent.push(text), close: () => {} };
			this.lines.push(line);
			return line;
		},
		receive: (text) => text === 'ours',
		wishes: () => this.wishes,
		mayConnect: async () => this.isAllowed,
		nowMs: () => this.nowMs,
		later: (ms, run) => this.timers.push({ atMs: this.nowMs + ms, run }),
	});

	open(): void {
		const line = this.lines.at(-1);
		if (line === undefined) throw new Error('nobody dialled');
		line.isOpen = true;
		line.events.onOpen();
	}

	/** Runs the timer that waits, and says how long it had to. */
	async wait(): Promise<number> {
		const timer = this.timers.shift();
		if (timer === undefined) throw new Error('nothing waits');
		const waitedMs = timer.atMs - this.nowMs;
		this.nowMs = timer.atMs;
		timer.run();
		await Promise.resolve();
		await Promise.resolve();
		return waitedMs;
	}
}

describe('a feed', () => {
	let world: World;
	beforeEach(() => {
		world = new World();
		world.feed.start();
	});

	test('says what it wants as soon as it is connected, and again when that changes', () => {
		world.feed.wish();
		expect(world.lines[0]?.sent).toEqual([]);
		world.open();
		world.wishes = [];
		world.feed.wish();
		expect(world.lines[0]?.sent).toEqual(['{"watch":[{"name":"risk","params":{}}]}', '{"watch":[]}']);
		expect(world.feed.state.value).toEqual({ kind: 'live' });
	});

	test('connects again, later each time, until something comes', async () => {
		const waits: number[] = [];
		for (let attempt = 0; attempt < 6; attempt++) {
			world.open();
			world.lines.at(-1)?.events.onClose();
			waits.push(await world.wait());
		}
		expect(waits).toEqual([500, 1_000, 2_000, 4_000, 8_000, 8_000]);
		world.open();
		world.lines.at(-1)?.events.onText('ours');
		world.lines.at(-1)?.events.onClose();
		expect(await world.wait()).toBe(500);
	});

	test('says since when it is lost, through all attempts', async () => {
		world.lines[0]?.events.onClose();
		expect(world.feed.state.value).toEqual({ kind: 'lost', sinceMs: 1_000 });
		await world.wait();
		world.lines.at(-1)?.events.onClose();
		expect(world.feed.state.value).toEqual({ kind: 'lost', sinceMs: 1_000 });
	});

	test('gives up where the session has ended', async () => {
		world.isAllowed = false;
		world.lines[0]?.events.onClose();
		await world.wait();
		expect([world.lines.length, world.timers.length]).toEqual([1, 0]);
	});

	test('notices that an open connection has fallen silent, and that it speaks again', () => {
		world.open();
		world.nowMs += 3_000;
		world.feed.checkSilence();
		expect(world.feed.state.value.kind).toBe('live');
		world.lines[0]?.events.onText('{"alive":1}'); // the server lives, the engine may not
		world.nowMs += 1;
		world.feed.checkSilence();
		expect(world.feed.state.value).toEqual({ kind: 'silent', sinceMs: 1_000 });
		world.lines[0]?.events.onText('ours');
		expect(world.feed.state.value.kind).toBe('live');
	});

	test('with nothing wanted is never silent', () => {
		world.wishes = [];
		world.open();
		world.nowMs += 60_000;
		world.feed.checkSilence();
		expect(world.feed.state.value.kind).toBe('live');
	});

	test('that was stopped stays so', () => {
		world.open();
		world.feed.stop();
		world.lines[0]?.events.onClose();
		expect(world.timers).toEqual([]);
	});

	test('that is begun anew while an attempt waits has one line', async () => {
		world.lines[0]?.events.onClose();
		world.feed.stop();
		world.feed.start();
		await world.wait();
		expect(world.lines).toHaveLength(2);
	});

	test('that is begun anew while an attempt is asked for has one line', async () => {
		world.lines[0]?.events.onClose();
		const waited = world.wait();
		world.feed.stop();
		world.feed.start();
		await waited;
		expect(world.lines).toHaveLength(2);
	});

	test('that is stopped while it waits connects no more', async () => {
		world.lines[0]?.events.onClose();
		world.feed.stop();
		await world.wait();
		expect(world.lines).toHaveLength(1);
	});
});
