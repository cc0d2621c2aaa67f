import { describe, expect, test } from 'vitest';
import type { Console } from '../app/console/contract.ts';
import { VirtualClock } from '../simulation/virtual-clock.ts';
import { ThreadDoor } from './engine-door.ts';
import { EngineSide } from './engine-side.ts';
import type { EngineHears, Topic } from './link.ts';

const ACTOR = { name: 'admin token', role: 'admin', from: '127.0.0.1' } as const;
const HEALTH: Topic = { name: 'health', params: {} };

async function settled(): Promise<void> {
	for (let turn = 0; turn < 20; turn++) await Promise.resolve();
}

describe("the engine's side", () => {
	/** Each answer takes `tookMs` of the engine's thread. */
	function opened(read: () => unknown, tookMs = 0) {
		let busyMs = 0;
		const clock = new VirtualClock(0);
		const bugs: unknown[] = [];
		const console = {
			read: async () => {
				busyMs += tookMs;
				return read();
			},
			act: async () => read(),
		} as unknown as Console;
		const busy = {
			wallMs: () => clock.wallMs(),
			monotonicMs: () => busyMs,
			after: (ms: number, done: () => void) => clock.after(ms, done),
		};
		return {
			side: new EngineSide({ console, clock: busy, onBug: (error) => bugs.push(error) }),
			bugs,
			clock,
			busyMs: () => busyMs,
		};
	}

	test('lets the engine work in between when there is much to answer', async () => {
		const { side, clock, busyMs } = opened(() => ({}), 0.6);
		let answers: readonly unknown[] | undefined;
		void side.read(Array.from({ length: 24 }, () => HEALTH)).then((all) => {
			answers = all;
		});
		await settled();
		// Two of them make more than a millisecond, and the others wait for a turn of the loop.
		expect(busyMs()).toBeCloseTo(1.2);
		for (let turn = 0; turn < 30; turn++) {
			clock.step();
			await settled();
		}
		expect(answers).toHaveLength(24);
	});

	test('says that a symbol is none, and of anything else only that it is broken', async () => {
		const unknown = opened(() => {
			throw Object.assign(new Error('X is no symbol here'), { name: 'UnknownSymbol' });
		});
		expect(await unknown.side.read([HEALTH])).toEqual([
			{ kind: 'failed', error: { code: 'API_UNKNOWN_SYMBOL', sentence: 'X is no symbol here' } },
		]);
		expect(unknown.bugs).toEqual([]);
		const broken = opened(() => {
			throw new TypeError('secret of the inside');
		});
		const said = JSON.stringify([await broken.side.read([HEALTH, HEALTH]), await broken.side.act('pause', {}, ACTOR)]);
		expect(said).toContain('API_BUG');
		expect(said).not.toContain('secret of the inside');
		// A page that asks ten times a second is told of once.
		expect(broken.bugs).toHaveLength(1);
	});

	test('gives no answer that nobody can use', async () => {
		const { side } = opened(() => 'x'.repeat(5_000_000));
		expect(await side.read([HEALTH])).toMatchObject([{ kind: 'failed', error: { code: 'API_PARAMS' } }]);
	});

	test('what is no number is null', async () => {
		const { side } = opened(() => ({ a: Number.NaN, b: Number.POSITIVE_INFINITY }));
		expect(await side.read([HEALTH])).toEqual([{ kind: 'text', text: '{"a":null,"b":null}' }]);
	});
});

describe('the way to the engine', () => {
	function opened() {
		const clock = new VirtualClock(0);
		const posted: EngineHears[] = [];
		return { clock, posted, door: new ThreadDoor(clock, (said) => posted.push(said)) };
	}

	test('gives each its own answer, in whatever order they come', async () => {
		const { door, posted } = opened();
		const [one, two] = [door.read([HEALTH]), door.act('pause', {}, ACTOR)];
		const [first, second] = posted;
		if (first?.kind !== 'read' || second?.kind !== 'act') throw new Error('one of each was asked');
		const result = { kind: 'done', sentence: 'it is' } as const;
		door.hear({ kind: 'acted', id: second.id, acted: { kind: 'result', result } });
		door.hear({ kind: 'answers', id: first.id, answers: [{ kind: 'text', text: '{}' }] });
		expect(await one).toEqual([{ kind: 'text', text: '{}' }]);
		expect(await two).toEqual({ kind: 'result', result });
	});

	test('ends in a failure where the engine is stuck: unread, or not known to be done', async () => {
		const { door, clock, posted } = opened();
		const [one, two] = [door.read([HEALTH]), door.act('kill', { reason: 'x' }, ACTOR)];
		clock.run(5_001);
		expect(await one).toMatchObject([{ kind: 'failed', error: { code: 'API_ENGINE' } }]);
		clock.run(25_000);
		expect(await two).toMatchObject({ kind: 'failed', error: { code: 'API_UNPROVEN' } });
		// What comes too late is nobody's.
		for (const { id } of posted as readonly { readonly id: number }[]) door.hear({ kind: 'answers', id, answers: [] });
	});

	test('holds two hundred questions, and always one that stops the engine', async () => {
		const { door, posted } = opened();
		for (let index = 0; index < 200; index++) void door.read([HEALTH]);
		expect(await door.read([HEALTH])).toMatchObject([{ kind: 'failed', error: { code: 'API_ENGINE' } }]);
		expect(posted).toHaveLength(200);
		void door.act('kill', { reason: 'x' }, ACTOR);
		expect(posted.at(-1)).toMatchObject({ kind: 'act', name: 'kill' });
	});
});
