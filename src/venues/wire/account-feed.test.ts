/** From when on executions are asked for: whatever a gap has swallowed, some reading goes back behind it (F20). */
import { beforeEach, expect, test } from 'vitest';
import { makeTestExecution } from '../../../test/fixtures/executions.ts';
import type { Execution } from '../../domain/execution.ts';
import { seededRng } from '../../simulation/seeded-rng.ts';
import { VirtualClock } from '../../simulation/virtual-clock.ts';
import { AccountFeed, type AccountState, type StateAsked, type StateRead } from './account-feed.ts';

const START_MS = 1_771_000_000_000;
const LOOK_BACK_MS = 60_000;
const SLOWLY_MS = 2_000;
const EMPTY: AccountState = { orders: [], executions: [], fundings: [], positions: [], coins: [], modes: [], skipped: [] };

let clock: VirtualClock;
let feed: AccountFeed;
let asked: StateAsked[];
let answer: StateRead;

beforeEach(() => {
	clock = new VirtualClock(START_MS);
	asked = [];
	answer = { kind: 'complete', state: EMPTY };
	feed = new AccountFeed({
		...{ venue: 'venue', clock, rng: seededRng(1), venueNowMs: () => clock.wallMs() },
		readState: (asking, heard) => {
			asked.push(asking);
			const read = answer;
			clock.after(SLOWLY_MS, () => heard(read));
		},
		readFills: (_behind, heard) => clock.after(1, () => heard([])),
		...{ sink: () => undefined, watch: () => undefined },
	});
	feed.start();
	feed.connected();
	clock.run(SLOWLY_MS + 1_500);
	expect(feed.isUp).toBe(true);
});

function executedAt(afterMs: number): Execution {
	return makeTestExecution({ id: String(afterMs), tradedAtMs: START_MS + afterMs });
}

function lastSinceMs(): number {
	return (asked.at(-1)?.executionsSinceMs ?? 0) - START_MS;
}

test('from a minute before the last one that was told while nothing was missing', () => {
	feed.execution(executedAt(500_000));
	feed.missed();
	expect(lastSinceMs()).toBe(500_000 - LOOK_BACK_MS);
});

test('what is told behind a gap moves nothing until a reading behind it was whole', () => {
	feed.execution(executedAt(500_000));
	answer = { kind: 'inconclusive', detail: '' };
	feed.missed();
	feed.execution(executedAt(700_000));
	clock.run(60_000);
	expect(asked.length).toBeGreaterThan(3);
	expect(lastSinceMs()).toBe(500_000 - LOOK_BACK_MS);
	answer = { kind: 'complete', state: { ...EMPTY, executions: [executedAt(600_000)] } };
	clock.run(60_000);
	feed.missed();
	expect(lastSinceMs()).toBe(700_000 - LOOK_BACK_MS);
});

test('a gap while the state is read is none that this reading closes', () => {
	feed.execution(executedAt(500_000));
	feed.takeCensus();
	clock.run(SLOWLY_MS / 2);
	feed.missed();
	feed.execution(executedAt(700_000));
	clock.run(SLOWLY_MS + 1_500);
	expect([asked.length, lastSinceMs()]).toEqual([3, 500_000 - LOOK_BACK_MS]);
});

test('a connection that begins anew, and one that was lost, are gaps', () => {
	for (const begin of ['connecting', 'lost'] as const) {
		feed.execution(executedAt(500_000));
		feed[begin]();
		feed.execution(executedAt(700_000));
		feed.connected();
		expect(lastSinceMs()).toBe(500_000 - LOOK_BACK_MS);
	}
});
