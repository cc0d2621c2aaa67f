import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createBook } from '../../../domain/book.ts';
import { BookDelta, type BookDeltaKind } from '../../../domain/book-delta.ts';
import { lots, ticks, timeMs } from '../../../domain/units.ts';
import { BookSync, type Numbered, type SyncVerdict } from './book-sync.ts';

type Message = readonly [kind: BookDeltaKind, sequence: number, crossSequence: number];

function numbered([kind, sequence, crossSequence]: Message): Numbered {
	return { delta: { kind, sequence }, crossSequence };
}

const START: Message = ['snapshot', 10, 100];

const CASES: readonly { name: string; messages: readonly Message[]; verdicts: readonly SyncVerdict[]; state: string }[] = [
	{ name: 'deltas before the first snapshot are dropped', messages: [['delta', 9, 90]], verdicts: ['skip'], state: 'waiting' },
	{ name: 'a snapshot makes the book live', messages: [START], verdicts: ['apply'], state: 'live' },
	{ name: 'the next delta is taken', messages: [START, ['delta', 11, 104]], verdicts: ['apply', 'apply'], state: 'live' },
	{
		name: 'a cross sequence may stand still while the book changes',
		messages: [START, ['delta', 11, 100]],
		verdicts: ['apply', 'apply'],
		state: 'live',
	},
	{ name: 'a delta too many is a gap', messages: [START, ['delta', 12, 104]], verdicts: ['apply', 'broken'], state: 'gap' },
	{ name: 'a repeated delta is dropped', messages: [START, ['delta', 10, 100]], verdicts: ['apply', 'skip'], state: 'live' },
	{ name: 'an old delta is dropped', messages: [START, ['delta', 4, 40]], verdicts: ['apply', 'skip'], state: 'live' },
	{
		name: 'a low number with a new cross sequence is a restart whose snapshot was missed',
		messages: [START, ['delta', 2, 101]],
		verdicts: ['apply', 'broken'],
		state: 'backward',
	},
	{
		name: 'a next delta that is older than the book is a lie',
		messages: [START, ['delta', 11, 99]],
		verdicts: ['apply', 'broken'],
		state: 'backward',
	},
	{
		name: 'a newer snapshot replaces the book',
		messages: [START, ['snapshot', 30, 130]],
		verdicts: ['apply', 'apply'],
		state: 'live',
	},
	{
		name: 'the snapshot after a restart does too',
		messages: [START, ['snapshot', 1, 130]],
		verdicts: ['apply', 'apply'],
		state: 'live',
	},
	{
		name: 'and if nothing happened in between',
		messages: [START, ['snapshot', 1, 100]],
		verdicts: ['apply', 'apply'],
		state: 'live',
	},
	{ name: 'the same snapshot again is a heartbeat', messages: [START, START], verdicts: ['apply', 'apply'], state: 'live' },
	{
		name: 'an older snapshot is not believed',
		messages: [START, ['delta', 11, 104], START],
		verdicts: ['apply', 'apply', 'broken'],
		state: 'backward',
	},
	{
		name: 'an older snapshot of a restart is not believed either',
		messages: [START, ['snapshot', 1, 50]],
		verdicts: ['apply', 'broken'],
		state: 'backward',
	},
	{
		name: 'nothing mends a broken book but a new subscription',
		messages: [START, ['delta', 12, 104], ['delta', 11, 102], ['snapshot', 13, 110]],
		verdicts: ['apply', 'broken', 'skip', 'skip'],
		state: 'gap',
	},
	{
		name: 'repeats without end are no repeats',
		messages: [START, ...Array.from({ length: 17 }, (): Message => ['delta', 3, 30])],
		verdicts: ['apply', ...Array.from({ length: 16 }, (): SyncVerdict => 'skip'), 'broken'],
		state: 'backward',
	},
	{
		name: 'repeats with news in between are',
		messages: [
			START,
			...Array.from({ length: 40 }, (_, i): Message => (i % 2 === 0 ? ['delta', 3, 30] : ['delta', 11 + (i >> 1), 100])),
		],
		verdicts: ['apply', ...Array.from({ length: 40 }, (_, i): SyncVerdict => (i % 2 === 0 ? 'skip' : 'apply'))],
		state: 'live',
	},
];

describe('the numbers of a book', () => {
	test.each(CASES)('$name', ({ messages, verdicts, state }) => {
		const sync = new BookSync();
		expect(messages.map((message) => sync.judge(numbered(message)))).toEqual(verdicts);
		expect(sync.state.kind === 'broken' ? sync.state.reason : sync.state.kind).toBe(state);
	});

	test('a crossed book is broken', () => {
		const sync = new BookSync();
		sync.judge(numbered(START));
		expect(sync.checkTop({ isCrossed: false })).toBe('live');
		expect(sync.checkTop({ isCrossed: true })).toBe('broken');
		expect(sync.state).toEqual({ kind: 'broken', reason: 'crossed' });
	});

	test('the first reason stays, and a new subscription begins from nothing', () => {
		const sync = new BookSync();
		sync.judge(numbered(START));
		sync.fail('unreadable');
		sync.fail('disconnected');
		expect([sync.state, sync.breakCount]).toEqual([{ kind: 'broken', reason: 'unreadable' }, 1]);
		sync.restart();
		expect([sync.state, sync.sequence]).toEqual([{ kind: 'waiting' }, 0]);
		expect(sync.judge(numbered(['delta', 11, 101]))).toBe('skip');
		expect(sync.judge(numbered(['snapshot', 1, 1]))).toBe('apply');
	});
});

interface Sent {
	readonly kind: BookDeltaKind;
	readonly sequence: number;
	readonly crossSequence: number;
	readonly levels: readonly (readonly [price: number, size: number])[];
	/** The venue's book after it. */
	readonly hash: number;
}

type Act = { readonly kind: 'change'; readonly price: number; readonly size: number } | { readonly kind: 'snapshot' | 'restart' };

/**
 * What a venue sends that changes one bid at a time, sends snapshots in between, and restarts once, from numbers that the
 * new count does not reach here: see what book-sync.ts says it cannot tell.
 */
function sentBy(acts: readonly Act[]): Sent[] {
	const bids = new Map<number, number>([[50, 5]]);
	const truth = createBook();
	let [sequence, crossSequence, hasRestarted] = [1_000, 100, false];
	const sent = (kind: BookDeltaKind, levels: Sent['levels']): Sent => {
		const message = { kind, sequence, crossSequence, levels };
		truth.apply(deltaOf(message));
		return { ...message, hash: truth.hash() };
	};
	const all: Sent[] = [sent('snapshot', [...bids])];
	for (const act of acts) {
		crossSequence += 3;
		sequence = act.kind === 'restart' && !hasRestarted ? 1 : sequence + 1;
		hasRestarted ||= act.kind === 'restart';
		if (act.kind === 'change') {
			if (act.size === 0) bids.delete(act.price);
			else bids.set(act.price, act.size);
		}
		all.push(act.kind === 'change' ? sent('delta', [[act.price, act.size]]) : sent('snapshot', [...bids]));
	}
	return all;
}

function deltaOf({ kind, sequence, levels }: Omit<Sent, 'hash'>): BookDelta {
	const delta = new BookDelta();
	delta.reset(kind, sequence, timeMs(0), timeMs(0));
	for (const [price, size] of levels) delta.push('bid', ticks(price), lots(size));
	return delta;
}

const act: fc.Arbitrary<Act> = fc.oneof(
	{
		weight: 20,
		arbitrary: fc.record({ kind: fc.constant('change'), price: fc.integer({ min: 1, max: 9 }), size: fc.nat({ max: 3 }) }),
	},
	{ weight: 1, arbitrary: fc.constant({ kind: 'snapshot' }) },
	{ weight: 1, arbitrary: fc.constant({ kind: 'restart' }) },
);
/** What the way does to a message: nothing, loses it, brings it again later, or lets it overtake others. */
const fault = fc.oneof(
	{ weight: 12, arbitrary: fc.constant('none' as const) },
	{ weight: 1, arbitrary: fc.constantFrom('lost' as const, 'twice' as const, 'early' as const) },
);

test('a book that is said to be live is the venue’s, whatever is lost, repeated or shuffled', () => {
	let [liveCount, brokenCount] = [0, 0];
	fc.assert(
		fc.property(fc.array(fc.tuple(act, fault), { minLength: 5, maxLength: 60 }), (plan) => {
			const sent = sentBy(plan.map(([one]) => one));
			const arriving: Sent[] = [];
			for (const [i, message] of sent.entries()) {
				// The first one always comes: before it there is nothing to be wrong about.
				const way = i === 0 ? 'none' : plan[i - 1]?.[1];
				if (way === 'early') arriving.splice(Math.max(1, arriving.length - 3), 0, message);
				else if (way !== 'lost') arriving.push(message);
				// Again, a few messages later.
				const again = plan[i - 4]?.[1] === 'twice' ? sent[i - 3] : undefined;
				if (again !== undefined) arriving.push(again);
			}
			const sync = new BookSync();
			const book = createBook();
			for (const message of arriving) {
				const verdict = sync.judge({ delta: message, crossSequence: message.crossSequence });
				if (verdict === 'apply') book.apply(deltaOf(message));
				if (sync.state.kind !== 'live') {
					brokenCount++;
					continue;
				}
				liveCount++;
				const truth = sent.find((one) => one.sequence === sync.sequence && one.crossSequence === sync.crossSequence);
				expect(book.hash()).toBe(truth?.hash);
			}
		}),
		{ numRuns: 2_000 },
	);
	expect(liveCount).toBeGreaterThan(1_000);
	expect(brokenCount).toBeGreaterThan(1_000);
});
