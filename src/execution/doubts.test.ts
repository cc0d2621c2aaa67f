import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { LookedUpEvent } from '../domain/event.ts';
import type { OrderState } from '../domain/order-life.ts';
import type { Outcome } from '../domain/outcome.ts';
import { monoMs, timeMs } from '../domain/units.ts';
import { Doubts, FENCE_MS, GRACE_MS, LOOK_APART_MS, LOOK_UPS_MAX, REQUEST_LIFE_MS } from './doubts.ts';
import { OrderManager } from './order-manager.ts';
import {
	ACCEPTED,
	acceptedAs,
	answerOf,
	BTC,
	cancelOf,
	fillOf,
	GONE,
	id,
	placeOf,
	reportOf,
	UNANSWERED,
} from './orders.suite.ts';

/** By the venue's clock, which here is ours: until when the unanswered create could still land. */
const MAY_LAND_UNTIL = 6_000;
const UNANSWERED_UNTIL: Outcome = { ...UNANSWERED, mayLandUntilMs: timeMs(MAY_LAND_UNTIL) } as Outcome;
const PAST_FENCE = MAY_LAND_UNTIL + FENCE_MS + 1;

class Desk {
	readonly orders = new OrderManager();
	readonly doubts: Doubts;

	constructor() {
		this.orders.follow(BTC);
		this.orders.addQuoter(0);
		this.doubts = new Doubts(this.orders);
	}

	send(orderId = 'a', atMs = 0): void {
		this.orders.intendPlace(placeOf(orderId, { slot: Number(orderId.slice(1) || 0) }), timeMs(atMs), monoMs(atMs));
		this.orders.applySend(placeOf(orderId), monoMs(atMs));
	}

	answer(outcome: Outcome, verb: 'place' | 'amend' | 'cancel' = 'place', orderId = 'a'): void {
		this.orders.applyOutcome(answerOf(orderId, verb, outcome));
	}

	due(atMs: number): string[] {
		return this.doubts.due(monoMs(atMs), timeMs(atMs)).map(({ orderId }) => orderId);
	}

	lookedUp(atMs: number, told: Partial<LookedUpEvent> = {}): void {
		const at = { wallMs: timeMs(atMs), monoMs: monoMs(atMs), venueAtMs: timeMs(atMs) };
		this.doubts.applyLookedUp({ kind: 'lookedUp', orderId: id('a'), isFound: false, isComplete: true, ...at, ...told });
	}

	get state(): OrderState | undefined {
		return this.orders.get(id('a'))?.state;
	}
}

function unansweredDesk(outcome = UNANSWERED_UNTIL): Desk {
	const desk = new Desk();
	desk.send();
	desk.answer(outcome);
	return desk;
}

describe('an order in doubt is looked up', () => {
	const askedOf = (desk: Desk): readonly number[] => {
		return Array.from({ length: 360 }, (_, i) => i * 100).filter((atMs) => desk.due(atMs).length > 0);
	};

	test('at once, again after ever longer times, and as soon as its absence is proof', () => {
		expect(askedOf(unansweredDesk())).toEqual([0, 1_000, 3_000, 7_000, 15_000, 16_100, 17_100, 18_100, 26_100, 34_100]);
	});

	test('a second time not before the first miss is old enough to count', () => {
		const desk = unansweredDesk();
		desk.due(0);
		expect(desk.due(PAST_FENCE)).toEqual(['a']);
		desk.lookedUp(PAST_FENCE + 400);
		expect(desk.due(PAST_FENCE + LOOK_APART_MS)).toEqual([]);
		expect(desk.due(PAST_FENCE + LOOK_APART_MS + 400)).toEqual(['a']);
		desk.lookedUp(PAST_FENCE + LOOK_APART_MS + 450);
		expect(desk.state).toBe('rejected');
	});

	test('one that an earlier run left can land only as long as what was signed before this one began', () => {
		const desk = unansweredDesk(UNANSWERED);
		const order = desk.orders.get(id('a'));
		if (order !== undefined) desk.doubts.inherit(order, monoMs(0));
		// Only then somebody looks, and the request has been dead for a while.
		const fence = REQUEST_LIFE_MS + FENCE_MS;
		expect(desk.due(4_000)).toEqual(['a']);
		desk.lookedUp(fence + 1);
		desk.lookedUp(fence + 1 + LOOK_APART_MS);
		expect(desk.state).toBe('rejected');
	});

	test('without hurry where absence is no proof, since it was seen', () => {
		const desk = new Desk();
		desk.send();
		desk.orders.applyReport(reportOf('a'), monoMs(0));
		desk.orders.applySend(cancelOf('a'), monoMs(0));
		desk.answer(UNANSWERED_UNTIL, 'cancel');
		expect(askedOf(desk)).toEqual([0, 1_000, 3_000, 7_000, 15_000, 23_000, 31_000]);
	});

	test('no more than so many in a round, the oldest first', () => {
		const desk = new Desk();
		const names = Array.from({ length: LOOK_UPS_MAX + 3 }, (_, i) => `o${i}`);
		for (const name of names) {
			desk.send(name);
			desk.answer(UNANSWERED, 'place', name);
		}
		expect(desk.due(0)).toEqual(names.slice(0, LOOK_UPS_MAX));
		expect(desk.due(1)).toEqual(names.slice(LOOK_UPS_MAX));
	});

	test('no longer when it is found', () => {
		const desk = unansweredDesk();
		desk.due(0);
		desk.orders.applyReport(reportOf('a', { source: 'lookup' }), monoMs(20));
		desk.lookedUp(20, { isFound: true });
		expect([desk.state, desk.due(60_000)]).toEqual(['live', []]);
	});

	test.each([
		['sent', (desk: Desk) => desk.answer(ACCEPTED)],
		['cancelling', (desk: Desk) => desk.orders.applySend(cancelOf('a'), monoMs(0))],
	] as const)('when nothing is heard of it for long, though it is only %s', (state, lead) => {
		const desk = new Desk();
		desk.send();
		lead(desk);
		expect([desk.due(GRACE_MS - 1), desk.state]).toEqual([[], state]);
		expect([desk.due(GRACE_MS), desk.state]).toEqual([['a'], 'unknown']);
	});

	test('counted from when its last request left, however long ago it was intended', () => {
		const desk = new Desk();
		desk.orders.intendPlace(placeOf('a'), timeMs(0), monoMs(0));
		desk.orders.applySend(placeOf('a'), monoMs(4_000));
		expect([desk.due(3_999 + GRACE_MS), desk.due(4_000 + GRACE_MS)]).toEqual([[], ['a']]);
	});

	test('not while reports of it keep coming', () => {
		const desk = new Desk();
		desk.send();
		desk.orders.applyReport(reportOf('a'), monoMs(10));
		desk.orders.applySend(cancelOf('a'), monoMs(20));
		desk.orders.applyReport(reportOf('a', { filled: 3, at: 2 }), monoMs(4_000));
		expect([desk.due(4_000 + GRACE_MS - 1), desk.due(4_000 + GRACE_MS)]).toEqual([[], ['a']]);
	});
});

describe('an order that the venue shows, always older than we know it', () => {
	function older(desk: Desk, atMs: number): string | undefined {
		desk.due(atMs);
		desk.orders.applyReport(reportOf('a', { at: 400, source: 'lookup' }), monoMs(atMs));
		desk.lookedUp(atMs, { isFound: true });
		return desk.state;
	}

	function doubtful(): Desk {
		const desk = new Desk();
		desk.send();
		desk.answer(ACCEPTED);
		desk.orders.applyReport(reportOf('a', { at: 1_500 }), monoMs(0));
		desk.orders.applySend(cancelOf('a'), monoMs(0));
		desk.answer(UNANSWERED, 'cancel');
		return desk;
	}

	test('stays in doubt while lists may lag behind (F29)', () => {
		const desk = doubtful();
		expect([older(desk, 100), older(desk, 1_200), older(desk, FENCE_MS)]).toEqual(['unknown', 'unknown', 'unknown']);
	});

	test('is believed after that: the clock of the venue was set back (F56)', () => {
		const desk = doubtful();
		older(desk, 100);
		expect([older(desk, FENCE_MS + 100), older(desk, FENCE_MS + 8_100)]).toEqual(['unknown', 'live']);
	});
});

describe('the silence of a venue is proof (I7)', () => {
	test('only past the expiry fence, and only twice, apart', () => {
		const desk = unansweredDesk();
		desk.due(0);
		desk.lookedUp(100);
		desk.lookedUp(5_000);
		desk.lookedUp(PAST_FENCE - 1);
		expect(desk.state).toBe('unknown');
		desk.lookedUp(PAST_FENCE);
		desk.lookedUp(PAST_FENCE + LOOK_APART_MS - 1);
		expect(desk.state).toBe('unknown');
		desk.lookedUp(PAST_FENCE + LOOK_APART_MS);
		expect([desk.state, desk.orders.get(id('a'))?.reason]).toEqual(['rejected', 'never reached the venue']);
	});

	test('with a fence of its own where nobody said how long the request lives', () => {
		const desk = unansweredDesk(UNANSWERED);
		desk.due(1_000);
		desk.lookedUp(16_000);
		desk.lookedUp(18_000);
		expect(desk.state).toBe('unknown');
		desk.lookedUp(19_000);
		expect(desk.state).toBe('rejected');
	});

	test('with the latest fence of all attempts', () => {
		const desk = unansweredDesk();
		desk.answer({ ...UNANSWERED, mayLandUntilMs: timeMs(1) } as Outcome);
		desk.due(0);
		desk.lookedUp(PAST_FENCE - 2_000);
		desk.lookedUp(PAST_FENCE - 1);
		expect(desk.state).toBe('unknown');
	});

	test('by the clock of the venue, not by ours', () => {
		const desk = unansweredDesk();
		desk.due(0);
		desk.lookedUp(60_000, { venueAtMs: timeMs(PAST_FENCE - 1) });
		desk.lookedUp(62_000, { venueAtMs: timeMs(PAST_FENCE - 1) });
		expect(desk.state).toBe('unknown');
	});

	test('never after an error or half an answer', () => {
		const desk = unansweredDesk();
		desk.due(0);
		for (let atMs = PAST_FENCE; atMs < PAST_FENCE + 60_000; atMs += 1_000) desk.lookedUp(atMs, { isComplete: false });
		expect(desk.state).toBe('unknown');
	});

	test.each([
		['accepted', (desk: Desk) => desk.answer(acceptedAs('v1'))],
		['shown', (desk: Desk) => desk.orders.applyReport(reportOf('a'), monoMs(1))],
		['filled in part', (desk: Desk) => desk.orders.applyFill(fillOf('a', { qty: 2 }))],
	])('never for an order that the venue has %s: it stays in doubt (F30)', (_, seen) => {
		const desk = new Desk();
		desk.send();
		seen(desk);
		desk.orders.applySend(cancelOf('a'), monoMs(10));
		desk.answer(GONE, 'cancel');
		expect(desk.due(20)).toEqual(['a']);
		for (let atMs = PAST_FENCE; atMs < PAST_FENCE + 60_000; atMs += 2_000) desk.lookedUp(atMs);
		expect(desk.state).toBe('unknown');
	});
});

describe('after we were deaf for a while', () => {
	function deafDesk(): Desk {
		const desk = new Desk();
		desk.send();
		desk.answer(acceptedAs('v1'));
		desk.orders.applyReport(reportOf('a', { venueOrderId: 'v1' }), monoMs(100));
		return desk;
	}

	test('what the venue has not told of since is looked up, once', () => {
		const desk = deafDesk();
		desk.doubts.suspect(desk.orders.openOrders(), monoMs(200));
		expect(desk.due(5_000)).toEqual(['a']);
		desk.lookedUp(5_050, { isFound: true });
		expect([desk.state, desk.due(60_000)]).toEqual(['live', []]);
	});

	test('what it has told of since, or what we have asked for since, is not', () => {
		const desk = deafDesk();
		desk.orders.applyReport(reportOf('a', { venueOrderId: 'v1', at: 2 }), monoMs(300));
		desk.doubts.suspect(desk.orders.openOrders(), monoMs(200));
		expect(desk.due(5_000)).toEqual([]);
	});

	test('what it does not have any more falls into doubt, and not into its grave', () => {
		const desk = deafDesk();
		desk.doubts.suspect(desk.orders.openOrders(), monoMs(200));
		desk.due(5_000);
		desk.lookedUp(5_050);
		expect([desk.state, desk.due(6_100)]).toEqual(['unknown', ['a']]);
	});

	test('an order that ended meanwhile is forgotten', () => {
		const desk = deafDesk();
		desk.doubts.suspect(desk.orders.openOrders(), monoMs(200));
		desk.orders.applyReport(reportOf('a', { venueOrderId: 'v1', status: 'cancelled', at: 2 }), monoMs(300));
		expect(desk.due(5_000)).toEqual([]);
	});
});

test('whatever look-ups say and whenever, only a create that was never seen ends by them, and only past its fence', () => {
	const step = fc.oneof(
		{ weight: 6, arbitrary: fc.record({ kind: fc.constant('look' as const), isComplete: fc.boolean() }) },
		{ weight: 1, arbitrary: fc.constant({ kind: 'show' as const }) },
		{ weight: 1, arbitrary: fc.constant({ kind: 'suspect' as const }) },
	);
	const steps = fc.array(fc.tuple(fc.integer({ min: 1, max: 9_000 }), step), { maxLength: 40 });
	fc.assert(
		fc.property(steps, (script) => {
			const desk = unansweredDesk();
			let nowMs = 0;
			let isShown = false;
			const absences: number[] = [];
			for (const [gapMs, { kind, ...more }] of script) {
				nowMs += gapMs;
				desk.due(nowMs);
				if (kind === 'suspect') desk.doubts.suspect(desk.orders.openOrders(), monoMs(nowMs));
				if (kind === 'show' && desk.state === 'unknown') {
					desk.orders.applyReport(reportOf('a', { at: nowMs }), monoMs(nowMs));
					isShown = true;
				}
				if (kind === 'look') {
					desk.lookedUp(nowMs, more);
					if ('isComplete' in more && more.isComplete && nowMs >= PAST_FENCE) absences.push(nowMs);
				}
				if (desk.state === 'rejected') {
					expect(isShown).toBe(false);
					expect((absences.at(-1) ?? 0) - (absences[0] ?? 0)).toBeGreaterThanOrEqual(LOOK_APART_MS);
				}
			}
		}),
		{ numRuns: 500 },
	);
});

test('what a kill asks to cancel again and again is proven absent all the same', () => {
	const desk = new Desk();
	desk.send();
	desk.answer(UNANSWERED_UNTIL);
	for (let atMs = PAST_FENCE; desk.state === 'unknown' && atMs < PAST_FENCE + 10_000; atMs += 1_000) {
		desk.due(atMs);
		// Its answer comes after the one to the look-up.
		desk.orders.intendCancel(id('a'));
		desk.orders.applySend(cancelOf('a'), monoMs(atMs));
		desk.due(atMs + 200);
		desk.lookedUp(atMs + 300);
		desk.answer(UNANSWERED, 'cancel');
	}
	expect(desk.state).toBe('rejected');
});
