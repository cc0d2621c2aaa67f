/** From when on executions are asked for: whatever a gap, or a list that shows too little, has swallowed, some reading goes back behind it (F20, F32). */
import { beforeEach, expect, test } from 'vitest';
import { makeTestExecution } from '../../../test/fixtures/executions.ts';
import type { EngineEvent } from '../../domain/event.ts';
import type { Execution } from '../../domain/execution.ts';
import { timeMs } from '../../domain/units.ts';
import { seededRng } from '../../simulation/seeded-rng.ts';
import { VirtualClock } from '../../simulation/virtual-clock.ts';
import { AccountFeed, type AccountState, type StateAsked, type StateRead } from './account-feed.ts';
import { LOOK_BACK_MS, SETTLED_MS } from './look-back.ts';

const START_MS = 1_771_000_000_000;
/** What a start after a crash asks for. */
const BEFORE_MS = 600_000;
const SLOWLY_MS = 2_000;
const PERIOD_MS = 25_000;
const EMPTY: AccountState = { orders: [], executions: [], fundings: [], positions: [], coins: [], modes: [], skipped: [] };

let clock: VirtualClock;
let feed: AccountFeed;
let asked: StateAsked[];
let answer: StateRead;
let told: string[];
/** How far the venue's clock, as we know it, is ahead of ours: by what we slept. */
let aheadMs: number;

beforeEach(() => {
	clock = new VirtualClock(START_MS);
	asked = [];
	told = [];
	aheadMs = 0;
	answer = { kind: 'complete', state: EMPTY };
	feed = new AccountFeed({
		...{ venue: 'venue', clock, rng: seededRng(1), venueNowMs: () => clock.wallMs() + aheadMs },
		executionsSinceMs: timeMs(START_MS - BEFORE_MS),
		readState: (asking, heard) => {
			asked.push(asking);
			const read = answer;
			clock.after(SLOWLY_MS, () => heard(read));
		},
		readFills: (_behind, heard) => clock.after(1, () => heard([])),
		sink: (event: EngineEvent) => {
			if (event.kind === 'execution') told.push(event.execution.executionId);
		},
		watch: () => undefined,
	});
	feed.start();
	feed.connected();
	clock.run(SLOWLY_MS + 1_500);
	expect(feed.isUp).toBe(true);
});

function executedAt(afterMs: number): Execution {
	return makeTestExecution({ id: String(afterMs), tradedAtMs: START_MS + afterMs });
}

/** Of a venue that has these, and shows those that are asked for. */
function listing(...executions: readonly Execution[]): StateRead {
	return { kind: 'complete', state: { ...EMPTY, executions } };
}

function takeCensuses(forMs: number): void {
	const untilMono = clock.monotonicMs() + forMs;
	while (clock.monotonicMs() < untilMono) {
		feed.takeCensus();
		clock.run(PERIOD_MS);
	}
}

function lastSinceMs(): number {
	return (asked.at(-1)?.executionsSinceMs ?? 0) - START_MS;
}

test('what the first list of a start did not show, those of the next minutes are asked for (F32)', () => {
	expect(lastSinceMs()).toBe(-BEFORE_MS);
	feed.execution(executedAt(1_000));
	answer = listing(executedAt(-BEFORE_MS + 1));
	takeCensuses(PERIOD_MS);
	expect([lastSinceMs(), told.at(-1)]).toEqual([-BEFORE_MS, String(-BEFORE_MS + 1)]);
	takeCensuses(SETTLED_MS - 2 * PERIOD_MS);
	expect(lastSinceMs()).toBe(-BEFORE_MS);
});

test('whole readings over minutes settle what was before them', () => {
	takeCensuses(1_000_000);
	const beganMs = clock.monotonicMs() - PERIOD_MS;
	expect(lastSinceMs()).toBeLessThanOrEqual(beganMs - SETTLED_MS - LOOK_BACK_MS);
	expect(lastSinceMs()).toBeGreaterThan(beganMs - SETTLED_MS - LOOK_BACK_MS - 2 * PERIOD_MS);
});

test.each<[string, StateRead]>([
	['that were not whole', { kind: 'inconclusive', detail: '' }],
	['that did not ask for executions', { kind: 'complete', state: { ...EMPTY, executions: undefined } }],
])('readings %s settle nothing, whatever the stream tells meanwhile', (_name, read) => {
	takeCensuses(1_000_000);
	answer = read;
	takeCensuses(SETTLED_MS + 2 * PERIOD_MS);
	const settledMs = lastSinceMs();
	feed.execution(executedAt(clock.monotonicMs()));
	takeCensuses(1_000_000);
	expect(lastSinceMs()).toBe(settledMs);
});

test.each(['connecting', 'lost', 'missed'] as const)('what went past us while it was %s is behind the next reading', (begin) => {
	takeCensuses(1_000_000);
	const goneMs = clock.monotonicMs();
	feed[begin]();
	clock.run(400_000);
	feed.connected();
	clock.run(SLOWLY_MS + 1_500);
	expect(lastSinceMs()).toBeLessThanOrEqual(goneMs - LOOK_BACK_MS);
});

test.each([
	['at once', 0],
	['a minute later', 60_000],
])(
	'what went past a machine that slept is behind all readings of minutes, when the clock is put right %s (F58)',
	(_name, laterMs) => {
		const sleptMs = 3_600_000;
		takeCensuses(1_000_000);
		const asleepMs = clock.monotonicMs();
		feed.lost();
		feed.connected();
		const before = asked.length;
		takeCensuses(laterMs);
		aheadMs = sleptMs;
		takeCensuses(SETTLED_MS - laterMs);
		const since = asked.slice(before).map(({ executionsSinceMs }) => executionsSinceMs - START_MS);
		expect(since.length).toBeGreaterThan(5);
		expect(Math.max(...since)).toBeLessThanOrEqual(asleepMs - LOOK_BACK_MS);
		// And by none for longer than it takes.
		takeCensuses(laterMs + 2 * PERIOD_MS);
		expect(lastSinceMs()).toBeGreaterThanOrEqual(asleepMs + sleptMs - LOOK_BACK_MS);
	},
);

test('a reading that sleep broke into has shown what was before it began, and no more (F58)', () => {
	takeCensuses(1_000_000);
	const beganMs = clock.monotonicMs();
	feed.takeCensus();
	clock.run(SLOWLY_MS / 2);
	aheadMs = 3_600_000;
	clock.run(PERIOD_MS - SLOWLY_MS / 2);
	takeCensuses(SETTLED_MS);
	expect(clock.monotonicMs() - PERIOD_MS - beganMs).toBeGreaterThanOrEqual(SETTLED_MS);
	expect(lastSinceMs()).toBe(beganMs - LOOK_BACK_MS);
});
