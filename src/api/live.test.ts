import { EventEmitter } from 'node:events';
import { describe, expect, test } from 'vitest';
import { VirtualClock } from '../simulation/virtual-clock.ts';
import type { Answer, Topic } from './link.ts';
import { FEEDS_MAX, type FeedSocket, Live } from './live.ts';

class Page extends EventEmitter implements FeedSocket {
	bufferedAmount = 0;
	ended: string | undefined;
	pings = 0;
	readonly texts: string[] = [];

	get heard(): readonly Record<string, unknown>[] {
		return this.texts.map((text) => JSON.parse(text) as Record<string, unknown>).filter((each) => !('alive' in each));
	}

	watch(...topics: readonly (string | { readonly name: string; readonly params: object })[]): void {
		this.says({ watch: topics.map((each) => (typeof each === 'string' ? { name: each, params: {} } : each)) });
	}

	says(what: unknown): void {
		this.emit('message', Buffer.from(JSON.stringify(what)), false);
	}

	send(text: string): void {
		this.texts.push(text);
	}

	ping(): void {
		this.pings++;
	}

	close(code: number): void {
		this.end(`${code}`);
	}

	terminate(): void {
		this.end('terminated');
	}

	end(why: string): void {
		this.ended ??= why;
		this.emit('close');
	}
}

interface Stage {
	readonly live: Live;
	readonly asked: (readonly Topic[])[];
	/** One page more. */
	page(isAllowed?: () => boolean): Page;
	/** Goes on by that many milliseconds, and lets promises run in between. */
	run(durationMs: number): Promise<void>;
}

function opened(answerOf: (topic: Topic, count: number) => Answer | Promise<Answer> = counting): Stage {
	const clock = new VirtualClock(0);
	const asked: (readonly Topic[])[] = [];
	const live = new Live({
		clock,
		door: {
			read: async (topics) => {
				asked.push(topics);
				return await Promise.all(topics.map(async (topic) => await answerOf(topic, asked.length)));
			},
		},
	});
	return {
		...{ live, asked },
		page: (isAllowed = () => true) => {
			const page = new Page();
			live.open(page, isAllowed);
			return page;
		},
		run: async (durationMs) => {
			for (let ms = 0; ms < durationMs; ms += 10) {
				clock.run(10);
				for (let turn = 0; turn < 10; turn++) await Promise.resolve();
			}
		},
	};
}

function counting(_: Topic, count: number): Answer {
	return { kind: 'text', text: `{"count":${count}}` };
}

describe('what is asked of the engine', () => {
	test('is nothing while nobody looks, and after the last one has gone', async () => {
		const { asked, page, run } = opened();
		const one = page();
		await run(1_000);
		expect(asked).toEqual([]);
		one.watch('overview');
		await run(500);
		expect(asked.length).toBeGreaterThan(3);
		one.end('closed');
		const before = asked.length;
		await run(1_000);
		expect(asked.length).toBe(before);
	});

	test('is asked once for all, ten times a second, tables twice', async () => {
		const { asked, page, run } = opened();
		for (let index = 0; index < 5; index++) page().watch('overview', 'orders');
		await run(1_000);
		expect(asked.flat().filter(({ name }) => name === 'overview')).toHaveLength(10);
		expect(asked.flat().filter(({ name }) => name === 'orders')).toHaveLength(2);
	});

	test('is never asked while an answer is outstanding', async () => {
		const { promise, resolve } = Promise.withResolvers<Answer>();
		const { asked, page, run } = opened(() => promise);
		page().watch('overview');
		await run(2_000);
		expect(asked).toHaveLength(1);
		resolve({ kind: 'text', text: '{}' });
		await run(500);
		expect(asked.length).toBeGreaterThan(1);
	});

	test('is bounded however much is wanted, and each has its turn', async () => {
		const { asked, page, run } = opened();
		const wanted = Array.from({ length: 60 }, (_, index) => ({ name: 'symbol', params: { symbol: `S${index}` } }));
		for (let index = 0; index < 60; index += 12) page().watch(...wanted.slice(index, index + 12));
		await run(1_000);
		expect(Math.max(...asked.map((topics) => topics.length))).toBe(24);
		const counts = Map.groupBy(asked.flat(), ({ params }) => JSON.stringify(params));
		expect(counts.size).toBe(60);
		expect(Math.min(...[...counts.values()].map((each) => each.length))).toBeGreaterThanOrEqual(3);
	});
});

describe('what is sent', () => {
	test('is what was asked for, in the words it was asked in', async () => {
		const { asked, page, run } = opened();
		const one = page();
		one.watch({ name: 'orders', params: { limit: 5, state: 'all' } });
		await run(200);
		expect(asked.flat()).toEqual([{ name: 'orders', params: { limit: 5, state: 'all', offset: 0 } }]);
		expect(one.heard).toEqual([{ name: 'orders', params: { limit: 5, state: 'all' }, answer: { count: 1 } }]);
	});

	test('is not what has been seen', async () => {
		const { page, run } = opened(() => ({ kind: 'text', text: '{"same":true}' }));
		const one = page();
		one.watch('overview');
		await run(1_000);
		expect(one.heard).toHaveLength(1);
		// Whoever comes later has not.
		const two = page();
		two.watch('overview');
		await run(300);
		expect(two.heard).toHaveLength(1);
		expect(one.heard).toHaveLength(1);
	});

	test('skips moments for a slow page, and for no other', async () => {
		const { page, run } = opened();
		const [slow, quick] = [page(), page()];
		for (const each of [slow, quick]) each.watch('overview');
		await run(300);
		const before = slow.heard.length;
		slow.bufferedAmount = 1_000_000;
		await run(1_000);
		expect(slow.heard.length).toBe(before);
		expect(quick.heard.length).toBeGreaterThanOrEqual(12);
		slow.bufferedAmount = 0;
		await run(100);
		// The newest, and nothing of what it has missed.
		expect(slow.heard.length).toBe(before + 1);
		expect(slow.heard.at(-1)).toEqual(quick.heard.at(-1));
	});

	test('replaces what was wanted before', async () => {
		const { page, run } = opened();
		const one = page();
		one.watch('overview');
		await run(300);
		one.watch('symbols');
		const before = one.heard.length;
		await run(300);
		expect(one.heard.slice(before).map(({ name }) => name)).not.toContain('overview');
		expect(one.heard.slice(before).length).toBeGreaterThan(1);
	});

	test('is the failure where there is one, once', async () => {
		const { page, run } = opened(() => ({ kind: 'failed', error: { code: 'API_UNKNOWN_SYMBOL', sentence: 'none' } }));
		const one = page();
		one.watch({ name: 'symbol', params: { symbol: 'X' } });
		await run(500);
		expect(one.heard).toEqual([
			{ name: 'symbol', params: { symbol: 'X' }, error: { code: 'API_UNKNOWN_SYMBOL', sentence: 'none' } },
		]);
	});

	test('is bounded: what is longer than a frame may be is told of instead', async () => {
		const { page, run } = opened(() => ({ kind: 'text', text: JSON.stringify('x'.repeat(300_000)) }));
		const one = page();
		one.watch('symbols');
		await run(200);
		expect(one.texts[0]?.length).toBeLessThan(1_000);
		expect(one.heard[0]).toMatchObject({ error: { code: 'API_PARAMS' } });
	});
});

describe('what a page may say', () => {
	test.each([
		['no JSON', 'x'],
		['something else', { hello: 1 }],
		['an unknown name', { watch: [{ name: 'secrets' }] }],
		['the name of an action', { watch: [{ name: 'kill', params: { reason: 'x' } }] }],
		['more', { watch: [], token: 'x' }],
		['more of a topic', { watch: [{ name: 'overview', params: {}, role: 'admin' }] }],
		['too many', { watch: Array.from({ length: 13 }, () => ({ name: 'overview' })) }],
		['parameters that it does not take', { watch: [{ name: 'orders', params: { limit: 1e9 } }] }],
		['a list as parameter', { watch: [{ name: 'symbol', params: { symbol: ['BTCUSDT'] } }] }],
	])('%s is refused and nothing asked', async (_, said) => {
		const { asked, page, run } = opened();
		const one = page();
		if (said === 'x') one.emit('message', Buffer.from('x{'), false);
		else one.says(said);
		await run(500);
		expect(asked).toEqual([]);
		expect(one.heard).toHaveLength(1);
		expect(one.heard[0]).toHaveProperty('error.code');
	});

	test('bytes are refused', async () => {
		const { asked, page, run } = opened();
		const one = page();
		one.emit('message', Buffer.from('{"watch":[{"name":"overview"}]}'), true);
		await run(500);
		expect(asked).toEqual([]);
	});
});

describe('a page', () => {
	test('hears something at least every five seconds', async () => {
		const { page, run } = opened();
		const one = page();
		await run(5_200);
		expect(one.texts.filter((text) => text.includes('alive')).length).toBeGreaterThanOrEqual(1);
	});

	test('that is silent for a while is gone', async () => {
		const { page, run } = opened();
		const [silent, answers] = [page(), page()];
		for (let second = 0; second < 30; second++) {
			answers.emit('pong');
			await run(1_000);
		}
		expect(silent.ended).toBe('terminated');
		expect(answers.ended).toBeUndefined();
	});

	test('whose log-in is over is closed', async () => {
		let isAllowed = true;
		const { page, run } = opened();
		const [one, other] = [page(() => isAllowed), page()];
		for (const each of [one, other]) each.watch('overview');
		await run(1_000);
		isAllowed = false;
		await run(5_200);
		expect(one.ended).toBe('4401');
		expect(other.ended).toBeUndefined();
	});

	test(`is one of ${FEEDS_MAX}`, () => {
		const { live, page } = opened();
		for (let index = 0; index < FEEDS_MAX; index++) {
			expect(live.isFull).toBe(false);
			page();
		}
		expect(live.isFull).toBe(true);
	});
});
