import { describe, expect, test } from 'vitest';
import { pass, virtualClock } from '../../network/in-virtual-time.suite.ts';
import { failed, ok, type Result } from '../../network/result.ts';
import { DiskError } from '../../ports/disk.ts';
import { seededRng } from '../../simulation/seeded-rng.ts';
import type { VirtualClock } from '../../simulation/virtual-clock.ts';
import { VirtualDisk } from '../../simulation/virtual-disk.ts';
import { type DeliveryParts, LineDelivery, type Verdict } from './line-delivery.ts';
import { Spill } from './spill.ts';

const FOLDER = '/data/influx';
const AWAY = failed({ reason: 'error', class: 'transient', detail: 'connect ECONNREFUSED' });

class FakeServer {
	readonly #clock: VirtualClock;
	/** As they were taken; what was sent twice is there twice. */
	readonly lines: string[] = [];
	/** How many lines each call had. */
	readonly calls: number[] = [];
	state: 'up' | 'down' | 'hangs' | 'deaf' = 'up';
	judge: (lines: readonly string[]) => Verdict = () => ({ kind: 'written' });
	refusal: Result<Verdict> = AWAY;

	constructor(clock: VirtualClock) {
		this.#clock = clock;
	}

	async send(lines: readonly string[]): Promise<Result<Verdict>> {
		this.calls.push(lines.length);
		const state = this.state;
		await new Promise<void>((resolve) => this.#clock.after(state === 'hangs' ? 60_000 : 10, resolve));
		if (state === 'down' || state === 'hangs') return this.refusal;
		const verdict = this.judge(lines);
		if (verdict.kind !== 'refused') this.lines.push(...lines);
		// The answer gets lost, as when the server is killed right after it wrote.
		return state === 'deaf' ? AWAY : ok(verdict);
	}
}

async function scene(options: Partial<DeliveryParts> & { readonly spillBytesMax?: number; readonly disk?: VirtualDisk } = {}) {
	const clock = virtualClock();
	const server = new FakeServer(clock);
	const said: string[] = [];
	const disk = options.disk ?? new VirtualDisk({ clock, rng: seededRng(1) });
	const { spill } = await Spill.open({ disk, folder: FOLDER, bytesMax: options.spillBytesMax ?? 1e9 });
	const delivery = new LineDelivery({
		clock,
		rng: seededRng(2),
		spill,
		send: (lines) => server.send(lines),
		name: 'the database',
		batchSize: 10,
		flushMs: 2_000,
		say: (sentence) => said.push(sentence),
		...options,
	});
	delivery.start();
	let made = 0;
	const add = (count: number): void => {
		delivery.add(Array.from({ length: count }, () => `m f=${made++} ${made}`));
	};
	const all = (): string[] => Array.from({ length: made }, (_, i) => `m f=${i} ${i + 1}`);
	const end = async (): Promise<void> => {
		const ended = delivery[Symbol.asyncDispose]();
		await pass(clock, 3_000);
		await ended;
	};
	return { clock, server, said, disk, delivery, add, all, end, pass: (ms: number) => pass(clock, ms) };
}

describe('lines on their way to the server', () => {
	test('go as a batch when there are enough, and after a while when there are not', async () => {
		const { server, delivery, add, all, pass: go } = await scene();
		add(25);
		await go(100);
		expect([server.calls, delivery.figures.waitingCount]).toEqual([[10, 10], 5]);
		await go(2_000);
		expect([server.calls, server.lines]).toEqual([[10, 10, 5], all()]);
		await go(60_000);
		expect(server.calls).toHaveLength(3);
	});

	test('all arrive after an outage, once and in order, and it is told once that it began and ended', async () => {
		const { server, said, disk, delivery, add, all, pass: go } = await scene();
		for (let second = 0; second < 100; second += 1) {
			if (second === 10) server.state = 'down';
			if (second === 70) server.state = 'up';
			add(20);
			await go(1_000);
			if (second === 69) expect(delivery.figures).toMatchObject({ isAway: true, writtenCount: 200, lostCount: 0 });
			// What cannot be written does not fill the memory.
			expect(delivery.figures.waitingCount).toBeLessThan(60);
		}
		await go(10_000);
		expect(server.lines).toEqual(all());
		expect(delivery.figures).toEqual({
			writtenCount: 2_000,
			refusedCount: 0,
			lostCount: 0,
			waitingCount: 0,
			spillBytes: 0,
			isAway: false,
		});
		expect(await disk.list(FOLDER)).toEqual([]);
		expect(said).toEqual([
			'the database does not take points, which are kept until it does: connect ECONNREFUSED',
			'the database takes points again, what was kept follows',
		]);
	});

	test('are tried ever more rarely while it is away, and soon enough when it is back', async () => {
		const { server, add, pass: go } = await scene();
		server.state = 'down';
		add(10);
		await go(3_600_000);
		expect(server.calls.length).toBeLessThan(3_600 / 4);
		server.state = 'up';
		await go(11_000);
		expect(server.lines).toHaveLength(10);
	});

	test('that the server took without saying so are the same lines when they come again', async () => {
		const { server, add, all, pass: go } = await scene();
		server.state = 'deaf';
		add(10);
		await go(100);
		server.state = 'up';
		await go(10_000);
		expect(server.lines).toEqual([...all(), ...all()]);
	});

	test('wait for whoever asks for time, and no longer than a minute', async () => {
		const { server, add, pass: go } = await scene();
		server.state = 'down';
		server.refusal = failed({ reason: 'error', class: 'rate-limited', detail: '429', retryAfterMs: 30_000 });
		add(10);
		await go(29_000);
		expect(server.calls).toHaveLength(1);
		server.refusal = failed({ reason: 'error', class: 'rate-limited', detail: '429', retryAfterMs: 1e9 });
		await go(2_000);
		server.state = 'up';
		await go(60_000);
		expect(server.calls).toHaveLength(3);
	});

	test('that are refused for good are counted and told once, and those beside them are written', async () => {
		const { server, said, delivery, add, all, pass: go } = await scene();
		const isBad = (line: string): boolean => line.startsWith('m f=13 ') || line.startsWith('m f=17 ');
		server.judge = (lines) => (lines.some(isBad) ? { kind: 'refused', detail: '400 unable to parse' } : { kind: 'written' });
		add(30);
		await go(3_000);
		expect(server.lines.toSorted()).toEqual(
			all()
				.filter((line) => !isBad(line))
				.toSorted(),
		);
		expect(delivery.figures).toMatchObject({ writtenCount: 28, refusedCount: 2, isAway: false });
		const callCount = server.calls.length;
		await go(100_000);
		expect(server.calls).toHaveLength(callCount);
		expect(said).toEqual([
			'the database refuses points for good, which are counted from now on and not told again: 400 unable to parse',
		]);
	});

	test('are not sent again when the server says that it took the others', async () => {
		const { server, delivery, add, pass: go } = await scene();
		server.judge = () => ({ kind: 'partly', refusedCount: 3, detail: '400 partial write' });
		add(20);
		await go(100_000);
		expect([server.calls, delivery.figures]).toMatchObject([[10, 10], { writtenCount: 14, refusedCount: 6 }]);
	});

	test('that are all refused do not cost a call each', async () => {
		const { server, delivery, add, pass: go } = await scene({ batchSize: 1_000 });
		server.judge = () => ({ kind: 'refused', detail: '400' });
		add(1_000);
		await go(10_000);
		expect(delivery.figures.refusedCount).toBe(1_000);
		expect(server.calls.length).toBeLessThan(80);
	});

	test('are lost, counted and told when neither disk nor memory has room', async () => {
		const { server, said, delivery, add, pass: go } = await scene({ spillBytesMax: 1_000 });
		server.state = 'down';
		for (let i = 0; i < 20; i += 1) {
			add(10);
			await go(1_000);
		}
		const { lostCount } = delivery.figures;
		expect(lostCount).toBeGreaterThan(0);
		expect(said).toHaveLength(2);
		server.state = 'up';
		await go(20_000);
		expect(server.lines.length + lostCount).toBe(200);
		expect([said.at(1), said.at(2)]).toEqual([
			'points for the database are lost from now on, and counted: all that may be kept on disk is there',
			`the database takes points again, what was kept follows; ${lostCount} have been lost so far`,
		]);
	});

	test('that the disk does not give back for a while are kept and told once, and come before the others', async () => {
		const { server, disk, said, delivery, add, all, pass: go } = await scene();
		server.state = 'down';
		add(10);
		await go(100);
		const read = disk.read.bind(disk);
		disk.read = (path) => Promise.reject(new DiskError('broken', `${path}: EMFILE`));
		server.state = 'up';
		add(10);
		await go(30_000);
		expect([server.lines, delivery.figures.lostCount]).toEqual([[], 0]);
		disk.read = read;
		await go(10_000);
		expect(server.lines).toEqual(all());
		expect(said).toEqual([
			'the database does not take points, which are kept until it does: connect ECONNREFUSED',
			expect.stringMatching(/^points for the database that are kept on disk cannot be read, and wait there .*EMFILE$/),
			'the database takes points again, what was kept follows',
		]);
	});

	test('that went in two halves are counted once, though the second failed at first', async () => {
		const { server, delivery, add, pass: go } = await scene();
		server.judge = (lines) => {
			if (lines.length > 5) return { kind: 'refused', detail: '400 unable to parse' };
			// Whoever comes next does not get through.
			if (server.calls.length === 2) server.state = 'down';
			return { kind: 'written' };
		};
		add(10);
		await go(200);
		server.state = 'up';
		await go(10_000);
		const { writtenCount, refusedCount, lostCount } = delivery.figures;
		expect([writtenCount, refusedCount, lostCount]).toEqual([10, 0, 0]);
	});

	test('wait in memory while the disk takes nothing, up to a bound', async () => {
		const clock = virtualClock();
		const disk = new VirtualDisk({ clock, rng: seededRng(1), behaviour: { syncMs: () => 0.2, failure: () => 'full' } });
		const { server, said, delivery, add, pass: go } = await scene({ disk, linesMax: 50 });
		server.state = 'down';
		for (let i = 0; i < 20; i += 1) {
			add(10);
			await go(1_000);
		}
		expect(delivery.figures).toMatchObject({ waitingCount: 50, lostCount: 150 });
		expect(said).toHaveLength(3);
		server.state = 'up';
		await go(20_000);
		expect(server.lines).toHaveLength(50);
	});

	test('of the last moment are written before the end', async () => {
		const { server, delivery, add, all, end } = await scene();
		add(25);
		await end();
		expect([server.lines, delivery.figures.waitingCount]).toEqual([all(), 0]);
	});

	test.each(['down', 'hangs'] as const)(
		'survive the end of a run while the server %s, and are the first of the next',
		async (state) => {
			const first = await scene();
			first.server.state = state;
			first.add(15);
			await first.pass(3_000);
			first.add(7);
			await first.end();
			expect([first.server.lines, first.delivery.figures.lostCount]).toEqual([[], 0]);
			const { server, pass: go } = await scene({ disk: first.disk });
			await pass(first.clock, 1_000);
			await go(3_000);
			expect(server.lines).toEqual(first.all());
		},
	);
});
