import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { seededWords } from '../../test/fixtures/numbers.ts';
import type { Command, Verb } from '../domain/command.ts';
import type { Execution, OrderReport } from '../domain/execution.ts';
import type { Instrument } from '../domain/instrument.ts';
import { DESK, type Order } from '../domain/order.ts';
import { isOver, type OrderState } from '../domain/order-life.ts';
import type { FailureClass, ItemOutcome, Outcome } from '../domain/outcome.ts';
import type { Side } from '../domain/side.ts';
import { takeSlot } from '../domain/slot.ts';
import { monoMs, signedLots, timeMs } from '../domain/units.ts';
import { CLOSED_ORDERS_MAX, HELD_FILLS_MAX, OrderManager } from './order-manager.ts';
import {
	ACCEPTED,
	acceptedAs,
	amendOf,
	answerOf,
	BTC,
	cancelOf,
	ETH,
	fillOf,
	GONE,
	id,
	placeOf,
	refused,
	reportOf,
	type TestFill,
	type TestPlace,
	type TestReport,
	UNANSWERED,
} from './orders.suite.ts';

function makeManager(): OrderManager {
	const orders = new OrderManager();
	orders.follow(BTC);
	orders.follow(ETH);
	orders.addQuoter(0);
	return orders;
}

type Step = (orders: OrderManager) => void;

const intend =
	(orderId = 'a', place: TestPlace = {}): Step =>
	(orders) =>
		orders.intendPlace(placeOf(orderId, place), timeMs(0), monoMs(0));
const send =
	(command: Command = placeOf('a')): Step =>
	(orders) =>
		orders.applySend(command, monoMs(0));
const drop =
	(command: Command): Step =>
	(orders) =>
		orders.applyDrop(command);
const placed: Step = (orders) => {
	intend()(orders);
	send()(orders);
};
const amending =
	(to: { price?: number; qty?: number }): Step =>
	(orders) => {
		orders.intendAmend(amendOf('a', to), monoMs(0));
		orders.applySend(amendOf('a', to), monoMs(0));
	};
const cancelling: Step = (orders) => {
	orders.intendCancel(id('a'));
	orders.applySend(cancelOf('a'), monoMs(0));
};
const told =
	(verb: Verb, outcome: Outcome): Step =>
	(orders) =>
		orders.applyOutcome(answerOf('a', verb, outcome));
const shows =
	(report: TestReport = {}): Step =>
	(orders) =>
		orders.applyReport(reportOf('a', report), monoMs(0));
const fills =
	(fill: TestFill = {}, orderId = 'a'): Step =>
	(orders) =>
		orders.applyFill(fillOf(orderId, { venueOrderId: 'venue-a', ...fill }));
const absent: Step = (orders) => orders.applyProvenAbsent(id('a'));

interface Scenario {
	readonly name: string;
	readonly steps: readonly Step[];
	/** `open` is what our books say that could still fill, of an order of ten lots. */
	readonly ends: { readonly state: OrderState; readonly filled: number; readonly open: number; readonly contradictions?: number };
}

function check({ steps, ends }: Scenario): void {
	const orders = makeManager();
	for (const step of steps) step(orders);
	const order = orders.get(id('a'));
	const { buyLots, orderCount } = orders.exposureOf(BTC.index);
	expect({ state: order?.state, filled: order?.filledLots, open: buyLots, ...orders.stats }).toEqual({
		foreign: 0,
		contradictions: 0,
		...ends,
	});
	const openCount = isOver(ends.state) ? 0 : 1;
	expect([orders.openCount, orders.openOrders().length, orders.openOrdersOf(BTC.index).length, orderCount]).toEqual(
		Array.from({ length: 4 }, () => openCount),
	);
}

describe('an order that was placed', () => {
	const cases: Scenario[] = [
		{ name: 'counts before a byte has left', steps: [intend()], ends: { state: 'intended', filled: 0, open: 10 } },
		{
			name: 'is only sent when it is accepted (F07)',
			steps: [placed, told('place', ACCEPTED)],
			ends: { state: 'sent', filled: 0, open: 10 },
		},
		{ name: 'is live when the venue shows it', steps: [placed, shows()], ends: { state: 'live', filled: 0, open: 10 } },
		{
			name: 'is free again when the venue accepts it and then rejects it after all (F07)',
			steps: [placed, told('place', ACCEPTED), shows({ status: 'rejected' })],
			ends: { state: 'rejected', filled: 0, open: 0 },
		},
		{
			name: 'that the venue shows is still there when a second attempt is refused while it is being cancelled (F08)',
			steps: [placed, shows(), cancelling, told('place', refused())],
			ends: { state: 'cancelling', filled: 0, open: 10 },
		},
		{
			name: 'that the venue shows lives on when a second attempt is refused as a duplicate (F08)',
			steps: [placed, shows(), told('place', refused())],
			ends: { state: 'live', filled: 0, open: 10 },
		},
		{
			name: 'is gone for good when it is refused',
			steps: [placed, told('place', refused())],
			ends: { state: 'rejected', filled: 0, open: 0 },
		},
		{
			name: 'is never gone for lack of an answer (F01, F02)',
			steps: [placed, told('place', UNANSWERED)],
			ends: { state: 'unknown', filled: 0, open: 10 },
		},
		{
			name: 'without an answer is found by a look-up (F01)',
			steps: [placed, told('place', UNANSWERED), shows({ source: 'lookup' })],
			ends: { state: 'live', filled: 0, open: 10 },
		},
		{
			name: 'without an answer is found by the stream (F01)',
			steps: [placed, told('place', UNANSWERED), shows()],
			ends: { state: 'live', filled: 0, open: 10 },
		},
		{
			name: 'without an answer was filled and closed before anybody looked (F03)',
			steps: [placed, told('place', UNANSWERED), shows({ status: 'filled', filled: 10, source: 'lookup' }), fills()],
			ends: { state: 'filled', filled: 10, open: 0 },
		},
		{
			name: 'without an answer is proven absent (F02)',
			steps: [placed, told('place', UNANSWERED), absent],
			ends: { state: 'rejected', filled: 0, open: 0 },
		},
		{
			name: 'that the venue has shown cannot be proven absent, only come into doubt (I7)',
			steps: [placed, shows(), absent],
			ends: { state: 'unknown', filled: 0, open: 10 },
		},
		{
			name: 'and never sent is as if it had not been',
			steps: [intend(), drop(placeOf('a'))],
			ends: { state: 'rejected', filled: 0, open: 0 },
		},
		{
			name: 'and sent cannot be dropped any more',
			steps: [placed, drop(placeOf('a'))],
			ends: { state: 'sent', filled: 0, open: 10 },
		},
	];
	for (const scenario of cases) test(scenario.name, () => check(scenario));
});

describe('fills', () => {
	const cases: Scenario[] = [
		{
			name: 'that precede the answer are booked, and the answer changes nothing (F15)',
			steps: [placed, fills({ qty: 4 }), told('place', ACCEPTED)],
			ends: { state: 'partiallyFilled', filled: 4, open: 6 },
		},
		{
			name: 'that precede the answer and complete the order leave the answer nothing to do (F15)',
			steps: [placed, fills(), told('place', ACCEPTED)],
			ends: { state: 'filled', filled: 10, open: 0 },
		},
		{
			name: 'that hide our id are booked by the id that the answer taught us (F87)',
			steps: [placed, told('place', acceptedAs('venue-a')), fills({ qty: 4 }, '')],
			ends: { state: 'partiallyFilled', filled: 4, open: 6 },
		},
		{
			name: 'that hide our id and precede the answer wait for it (F15, F87)',
			steps: [placed, fills({ qty: 4 }, ''), fills({ qty: 1, executionId: 'e2' }, ''), told('place', acceptedAs('venue-a'))],
			ends: { state: 'partiallyFilled', filled: 5, open: 5 },
		},
		{
			name: 'that hide our id and precede everything wait for the first report (F15, F87)',
			steps: [placed, fills({}, ''), shows({ status: 'filled', filled: 10 })],
			ends: { state: 'filled', filled: 10, open: 0 },
		},
		{
			name: 'that a report is ahead of still count as what could fill (F20)',
			steps: [placed, shows({ filled: 4 })],
			ends: { state: 'live', filled: 0, open: 10 },
		},
		{
			name: 'are owed in full between the report that says filled and its executions (F20)',
			steps: [placed, shows({ status: 'filled', filled: 10 })],
			ends: { state: 'filled', filled: 0, open: 10 },
		},
		{
			name: 'are owed in part until the last execution has come (F20)',
			steps: [placed, shows({ status: 'filled', filled: 10 }), fills({ qty: 7 })],
			ends: { state: 'filled', filled: 7, open: 3 },
		},
		{
			name: 'that come after the order was cancelled are booked (F22)',
			steps: [
				placed,
				shows(),
				cancelling,
				told('cancel', ACCEPTED),
				shows({ status: 'cancelled', filled: 3, at: 2 }),
				fills({ qty: 3 }),
			],
			ends: { state: 'cancelled', filled: 3, open: 0 },
		},
		{
			name: 'that a cancelled order did not mention are booked all the same (F22)',
			steps: [placed, shows(), cancelling, shows({ status: 'cancelled', at: 2 }), fills({ qty: 3 })],
			ends: { state: 'cancelled', filled: 3, open: 0 },
		},
		{
			name: 'of a rejected order are booked and noted as a contradiction',
			steps: [placed, told('place', refused()), fills({ qty: 3 })],
			ends: { state: 'rejected', filled: 3, open: 0, contradictions: 1 },
		},
		{
			name: 'of an expired remainder leave what was filled (F34)',
			steps: [placed, fills({ qty: 3 }), shows({ status: 'expired', filled: 3 })],
			ends: { state: 'expired', filled: 3, open: 0 },
		},
	];
	for (const scenario of cases) test(scenario.name, () => check(scenario));
});

describe('reports that are late, repeated or out of order', () => {
	const cases: Scenario[] = [
		{
			name: 'an answer that is older than the stream changes nothing (F16)',
			steps: [placed, shows({ status: 'cancelled', at: 2 }), told('place', ACCEPTED)],
			ends: { state: 'cancelled', filled: 0, open: 0 },
		},
		{
			name: '"filled" and then "new" is filled (F17)',
			steps: [placed, shows({ status: 'filled', filled: 10, at: 3 }), shows({ at: 1 }), fills()],
			ends: { state: 'filled', filled: 10, open: 0 },
		},
		{
			name: 'all executions and then "new" is no contradiction, only late (F17)',
			steps: [placed, fills(), shows({ at: 1 }), shows({ at: 2, filled: 4 })],
			ends: { state: 'filled', filled: 10, open: 0 },
		},
		{
			name: 'an older version does not bring back an older price or size (F17)',
			steps: [placed, shows(), amending({ qty: 6 }), shows({ qty: 6, at: 2 }), shows({ at: 1 })],
			ends: { state: 'live', filled: 0, open: 6 },
		},
		{
			name: 'two endings, as Bybit sends them when a cancel loses the race, are one (F18)',
			steps: [
				placed,
				shows(),
				cancelling,
				...[2, 2, 3].map((at) => shows({ status: 'filled', filled: 10, at })),
				told('cancel', GONE),
				fills(),
			],
			ends: { state: 'filled', filled: 10, open: 0 },
		},
		{
			name: 'a cancelled order that works again, newer than its end, stays cancelled and is noted (I6)',
			steps: [placed, shows({ status: 'cancelled', at: 2 }), shows({ at: 3 })],
			ends: { state: 'cancelled', filled: 0, open: 0, contradictions: 1 },
		},
	];
	for (const scenario of cases) test(scenario.name, () => check(scenario));
});

describe('a cancel', () => {
	const cases: Scenario[] = [
		{
			name: 'frees nothing by being accepted',
			steps: [placed, shows(), cancelling, told('cancel', ACCEPTED)],
			ends: { state: 'cancelling', filled: 0, open: 10 },
		},
		{
			name: 'that finds no order leaves the order in doubt (F21)',
			steps: [placed, shows(), cancelling, told('cancel', GONE)],
			ends: { state: 'unknown', filled: 0, open: 10 },
		},
		{
			name: 'that lost to a fill ends with the fill (F21)',
			steps: [placed, shows(), cancelling, told('cancel', GONE), fills(), shows({ status: 'filled', filled: 10, at: 2 })],
			ends: { state: 'filled', filled: 10, open: 0 },
		},
		{
			name: 'that finds no order just after its create proves nothing (F23)',
			steps: [placed, cancelling, told('cancel', GONE), shows()],
			ends: { state: 'live', filled: 0, open: 10 },
		},
		{
			name: 'without an answer leaves the order in doubt',
			steps: [placed, shows(), cancelling, told('cancel', UNANSWERED)],
			ends: { state: 'unknown', filled: 0, open: 10 },
		},
		{
			name: 'that is refused leaves the order as it was',
			steps: [placed, shows(), cancelling, told('cancel', refused())],
			ends: { state: 'live', filled: 0, open: 10 },
		},
		{
			name: 'that is refused leaves an order in doubt that nobody has seen yet',
			steps: [placed, cancelling, told('cancel', refused())],
			ends: { state: 'unknown', filled: 0, open: 10 },
		},
		{
			name: 'that was never sent leaves the order as it was',
			steps: [placed, shows(), (orders) => orders.intendCancel(id('a')), drop(cancelOf('a'))],
			ends: { state: 'live', filled: 0, open: 10 },
		},
		{
			name: 'may follow an amend that is still open, and both versions count until one is shown',
			steps: [placed, shows(), amending({ qty: 12 }), cancelling, told('cancel', refused())],
			ends: { state: 'unknown', filled: 0, open: 12 },
		},
	];
	for (const scenario of cases) test(scenario.name, () => check(scenario));
});

describe('an amend', () => {
	const up = amending({ qty: 14 });
	const down = amending({ qty: 6 });
	const cases: Scenario[] = [
		{
			name: 'to more counts before it is sent',
			steps: [placed, shows(), (orders) => orders.intendAmend(amendOf('a', { qty: 14 }), monoMs(0))],
			ends: { state: 'live', filled: 0, open: 14 },
		},
		{
			name: 'that waits to be sent goes on counting when the venue shows the order in the meantime',
			steps: [placed, shows(), (orders) => orders.intendAmend(amendOf('a', { qty: 14 }), monoMs(0)), shows({ at: 2 })],
			ends: { state: 'live', filled: 0, open: 14 },
		},
		{
			name: 'that waits to be sent does not hide a newer version that the venue shows, like that of an amend long in doubt (F14)',
			steps: [
				placed,
				shows(),
				amending({ qty: 20 }),
				told('amend', UNANSWERED),
				shows({ at: 2, source: 'lookup' }),
				(orders) => orders.intendAmend(amendOf('a', { qty: 14 }), monoMs(0)),
				shows({ at: 3, qty: 20 }),
				drop(amendOf('a', { qty: 14 })),
			],
			ends: { state: 'live', filled: 0, open: 20 },
		},
		{
			name: 'that is dropped before it is sent counts no more',
			steps: [
				placed,
				shows(),
				(orders) => orders.intendAmend(amendOf('a', { qty: 14 }), monoMs(0)),
				drop(amendOf('a', { qty: 14 })),
			],
			ends: { state: 'live', filled: 0, open: 10 },
		},
		{
			name: 'that waits to be sent is taken back when a look-up misses the order, which may be gone (F29)',
			steps: [placed, shows(), (orders) => orders.intendAmend(amendOf('a', { qty: 14 }), monoMs(0)), absent],
			ends: { state: 'unknown', filled: 0, open: 10 },
		},
		{
			name: 'that was taken back is not what the venue shows afterwards',
			steps: [
				placed,
				shows(),
				(orders) => orders.intendAmend(amendOf('a', { qty: 14 }), monoMs(0)),
				absent,
				shows({ at: 2, filled: 1 }),
			],
			ends: { state: 'live', filled: 0, open: 10 },
		},
		{
			name: 'that waits to be sent is not dropped in the place of another',
			steps: [
				placed,
				shows(),
				(orders) => orders.intendAmend(amendOf('a', { qty: 14 }), monoMs(0)),
				drop(amendOf('a', { qty: 12 })),
			],
			ends: { state: 'live', filled: 0, open: 14 },
		},
		{
			name: 'to less counts only once it is shown',
			steps: [placed, shows(), down, told('amend', ACCEPTED)],
			ends: { state: 'amending', filled: 0, open: 10 },
		},
		{
			name: 'to less is done when it is shown',
			steps: [placed, shows(), down, shows({ qty: 6, at: 2 })],
			ends: { state: 'live', filled: 0, open: 6 },
		},
		{
			name: 'that meets a fill keeps its total, so that nothing is filled twice (F24)',
			steps: [
				placed,
				shows(),
				amending({ qty: 12 }),
				fills({ qty: 4 }),
				shows({ filled: 4, at: 2 }),
				shows({ qty: 12, filled: 4, at: 3 }),
			],
			ends: { state: 'partiallyFilled', filled: 4, open: 8 },
		},
		{
			name: 'that changed the order into a closed one frees it (F25)',
			steps: [placed, shows(), fills({ qty: 4 }), down, told('amend', GONE), shows({ status: 'cancelled', filled: 4, at: 3 })],
			ends: { state: 'cancelled', filled: 4, open: 0 },
		},
		{
			name: 'without an answer counts both versions (F26)',
			steps: [placed, shows(), up, told('amend', UNANSWERED)],
			ends: { state: 'unknown', filled: 0, open: 14 },
		},
		{
			name: 'without an answer stays in doubt when the stream shows the old version, which may be from before (F26)',
			steps: [placed, shows(), up, told('amend', UNANSWERED), shows({ at: 2, filled: 1 })],
			ends: { state: 'unknown', filled: 0, open: 14 },
		},
		{
			name: 'without an answer did not happen when a look-up shows the old version (F26)',
			steps: [placed, shows(), up, told('amend', UNANSWERED), shows({ at: 2, source: 'lookup' })],
			ends: { state: 'live', filled: 0, open: 10 },
		},
		...(['stream', 'lookup'] as const).map(
			(source): Scenario => ({
				name: `without an answer did happen when the ${source} shows the new version (F26)`,
				steps: [placed, shows(), up, told('amend', UNANSWERED), shows({ at: 2, qty: 14, source })],
				ends: { state: 'live', filled: 0, open: 14 },
			}),
		),
		{
			name: 'that is refused leaves the old version (F27)',
			steps: [placed, shows(), up, told('amend', refused())],
			ends: { state: 'live', filled: 0, open: 10 },
		},
		{
			name: 'to what already stands is over when the venue accepts it, and not before',
			steps: [placed, shows(), amending({}), shows({ at: 2 }), told('amend', ACCEPTED)],
			ends: { state: 'live', filled: 0, open: 10 },
		},
		{
			name: 'of an order that is not sent yet becomes part of it',
			steps: [intend(), (orders) => orders.intendAmend(amendOf('a', { qty: 14 }), monoMs(0)), send()],
			ends: { state: 'sent', filled: 0, open: 14 },
		},
	];
	for (const scenario of cases) test(scenario.name, () => check(scenario));

	test.each<{ failure: FailureClass; takesNoMore: boolean }>([
		{ failure: 'fatal', takesNoMore: true },
		{ failure: 'benign', takesNoMore: true },
		{ failure: 'rate-limited', takesNoMore: false },
		{ failure: 'transient', takesNoMore: false },
		{ failure: 'clock', takesNoMore: false },
		{ failure: 'auth', takesNoMore: false },
	])('that is refused as $failure says that another would be refused, too: $takesNoMore (F27)', ({ failure, takesNoMore }) => {
		const orders = makeManager();
		for (const step of [placed, shows(), up]) step(orders);
		expect(orders.hasRefusedAmend(orders.get(id('a')) as Order)).toBe(false);
		told('amend', refused(failure))(orders);
		expect(orders.hasRefusedAmend(orders.get(id('a')) as Order)).toBe(takesNoMore);
	});

	test('that was taken back leaves the order free for the next one once the venue shows it', () => {
		const orders = makeManager();
		for (const step of [placed, shows()]) step(orders);
		orders.intendAmend(amendOf('a', { qty: 14 }), monoMs(0));
		for (const step of [absent, shows({ at: 2 })]) step(orders);
		expect(orders.isSettled(orders.get(id('a')) as Order)).toBe(true);
	});

	test('shows its new price only when the venue has it, and asks for it from the start', () => {
		const orders = makeManager();
		for (const step of [placed, shows(), amending({ price: 1_005, qty: 11 })]) step(orders);
		const versionOf = (order: Order | undefined) => [
			order?.priceTicks,
			order?.qtyLots,
			order?.pendingPriceTicks,
			order?.pendingQtyLots,
		];
		expect(versionOf(orders.get(id('a')))).toEqual([1_000, 10, 1_005, 11]);
		shows({ price: 1_005, qty: 11, at: 2 })(orders);
		expect(versionOf(orders.get(id('a')))).toEqual([1_005, 11, 1_005, 11]);
		expect(orders.get(id('a'))?.amendCount).toBe(1);
	});

	test('a market order keeps the worst price that its gate allowed, whatever price the venue prints', () => {
		const orders = makeManager();
		intend('a', { orderType: 'market', price: 1_050 })(orders);
		send()(orders);
		shows({ price: 0 })(orders);
		expect(orders.get(id('a'))?.priceTicks).toBe(1_050);
	});
});

describe('what planning may ask', () => {
	const phases: readonly { name: string; steps: readonly Step[]; settled: boolean }[] = [
		{ name: 'intended', steps: [intend()], settled: false },
		{ name: 'sent', steps: [placed], settled: false },
		{ name: 'live', steps: [placed, shows()], settled: true },
		{ name: 'partly filled', steps: [placed, shows(), fills({ qty: 1 })], settled: true },
		{
			name: 'live with a cancel that waits to be sent',
			steps: [placed, shows(), (orders) => orders.intendCancel(id('a'))],
			settled: false,
		},
		{ name: 'amending', steps: [placed, shows(), amending({ qty: 9 })], settled: false },
		{ name: 'cancelling', steps: [placed, shows(), cancelling], settled: false },
		{ name: 'unknown', steps: [placed, told('place', UNANSWERED)], settled: false },
		{ name: 'filled', steps: [placed, fills()], settled: false },
	];
	for (const { name, steps, settled } of phases) {
		test(`an order that is ${name} is ${settled ? 'settled' : 'left alone'}`, () => {
			const orders = makeManager();
			for (const step of steps) step(orders);
			expect(orders.isSettled(orders.get(id('a')) as Order)).toBe(settled);
		});
	}

	test('how many orders are in doubt', () => {
		const orders = makeManager();
		for (const step of [placed, told('place', UNANSWERED)]) step(orders);
		intend('b', { slot: 1, instrument: ETH })(orders);
		expect(orders.countUnknown()).toBe(1);
		shows()(orders);
		expect(orders.countUnknown()).toBe(0);
	});

	test('time in the book counts from when the venue first showed the order', () => {
		const orders = makeManager();
		placed(orders);
		told('place', ACCEPTED)(orders);
		expect(orders.get(id('a'))?.shownAtMono).toBeUndefined();
		orders.applyReport(reportOf('a', { at: 1 }), monoMs(70));
		orders.applyReport(reportOf('a', { at: 2 }), monoMs(90));
		expect(orders.get(id('a'))?.shownAtMono).toBe(70);
	});

	test('an order id that is used a second time is a bug of ours, even when the first is over (I8)', () => {
		const orders = makeManager();
		for (const step of [placed, fills()]) step(orders);
		expect(() => intend()(orders)).toThrow(/used once only/);
	});
});

describe('slots', () => {
	const twoInOne = (leaving: Step): OrderManager => {
		const orders = makeManager();
		for (const step of [placed, shows(), leaving]) step(orders);
		intend('b')(orders);
		return orders;
	};

	test('a successor stands beside an order whose cancel is under way, and alone when that one is gone', () => {
		for (const leaving of [cancelling, (orders: OrderManager) => orders.intendCancel(id('a'))]) {
			const orders = makeManager();
			const slots = orders.addQuoter(0);
			for (const step of [placed, shows(), leaving, intend('b')]) step(orders);
			expect([slots.retiring[0]?.orderId, slots.current[0]?.orderId]).toEqual(['a', 'b']);
			shows({ status: 'cancelled', at: 2 })(orders);
			expect([slots.retiring[0]?.orderId, slots.current[0]?.orderId]).toEqual([undefined, 'b']);
		}
	});

	test('nothing stands beside an order that is not leaving', () => {
		expect(() => twoInOne(() => undefined)).toThrow(/room for one successor/);
	});

	test('a third never fits (I1)', () => {
		const orders = twoInOne(cancelling);
		for (const step of [send(placeOf('b')), (known: OrderManager) => known.intendCancel(id('b'))]) step(orders);
		expect(() => intend('c')(orders)).toThrow(/room for one successor/);
	});

	test('a moved order is removed from where it stands when it ends', () => {
		const orders = makeManager();
		const slots = orders.addQuoter(0);
		for (const step of [placed, shows()]) step(orders);
		const order = orders.get(id('a')) as Order;
		orders.relabel(order, 3);
		slots.current[0] = undefined;
		slots.current[3] = order;
		shows({ status: 'cancelled', at: 2 })(orders);
		expect(slots.current.filter((standing) => standing !== undefined)).toEqual([]);
	});

	test('their version grows with every change of an order in them, and not with other quoters', () => {
		const orders = makeManager();
		const slots = orders.addQuoter(0);
		const other = orders.addQuoter(1);
		const versions = [
			intend(),
			send(),
			told('place', ACCEPTED),
			shows(),
			fills({ qty: 1 }),
			cancelling,
			told('cancel', GONE),
		].map((step) => {
			step(orders);
			return slots.version;
		});
		expect(versions).toEqual([...new Set(versions)].sort((a, b) => a - b));
		expect(other.version).toBe(0);
	});

	test('orders of the desk stand in no slot', () => {
		const orders = makeManager();
		const slots = orders.addQuoter(0);
		for (const orderId of ['a', 'b']) intend(orderId, { quoter: DESK, slot: DESK })(orders);
		expect(slots.current.some((order) => order !== undefined)).toBe(false);
		expect(orders.openCount).toBe(2);
	});
});

describe('orders and fills that are not ours', () => {
	const strangers: readonly { name: string; step: Step }[] = [
		{
			name: 'a report about an id that we never gave out',
			step: (orders) => orders.applyReport(reportOf('stranger'), monoMs(0)),
		},
		{
			name: 'a report without a client id',
			step: (orders) => orders.applyReport({ ...reportOf(''), venueOrderId: 'v9' }, monoMs(0)),
		},
		{ name: 'a fill of an id that we never gave out', step: fills({}, 'stranger') },
		{
			name: 'an answer about an id that we never gave out',
			step: (orders) => orders.applyOutcome(answerOf('stranger', 'place', ACCEPTED)),
		},
	];
	for (const { name, step } of strangers) {
		test(`${name} is counted and never adopted`, () => {
			const orders = makeManager();
			placed(orders);
			step(orders);
			expect(orders.stats).toEqual({ foreign: 1, contradictions: 0 });
			expect(orders.openOrders().map((order) => [order.orderId, order.filledLots])).toEqual([['a', 0]]);
			expect(orders.get(id('stranger'))).toBeUndefined();
		});
	}

	test('a fill that hides its id waits for an order of ours, and counts as foreign when too many wait', () => {
		const orders = makeManager();
		placed(orders);
		for (let i = 0; i <= HELD_FILLS_MAX; i += 1) fills({ qty: 1, venueOrderId: `v${i}`, executionId: `e${i}` }, '')(orders);
		expect(orders.stats.foreign).toBe(1);
		// The oldest was given up, the next one is still there.
		shows({ venueOrderId: 'v1' })(orders);
		expect(orders.get(id('a'))?.filledLots).toBe(1);
	});

	test('the number that a venue gives an order may be given again for another symbol', () => {
		const orders = makeManager();
		intend('a')(orders);
		intend('b', { instrument: ETH, quoter: DESK, slot: DESK })(orders);
		for (const [orderId, instrument] of [
			['a', BTC],
			['b', ETH],
		] as const) {
			orders.applyReport(reportOf(orderId, { instrument, venueOrderId: '77' }), monoMs(0));
		}
		orders.applyFill(fillOf('', { instrument: BTC, venueOrderId: '77', qty: 3 }));
		expect(['a', 'b'].map((orderId) => orders.get(id(orderId))?.filledLots)).toEqual([3, 0]);
	});
});

describe('memory of orders that are over', () => {
	const COUNT = CLOSED_ORDERS_MAX * 3;

	/** Orders `o0`, `o1` and so on, each ended by `end`. */
	function closeMany(end: (orderId: string) => Step): OrderManager {
		const orders = makeManager();
		for (let i = 0; i < COUNT; i += 1) {
			const orderId = `o${i}`;
			intend(orderId, { slot: takeSlot('buy') })(orders);
			send(placeOf(orderId))(orders);
			end(orderId)(orders);
		}
		return orders;
	}
	const known = (orders: OrderManager) =>
		Array.from({ length: COUNT }, (_, i) => i).filter((i) => orders.get(id(`o${i}`)) !== undefined);
	const cancelled =
		(orderId: string): Step =>
		(orders) =>
			orders.applyReport(reportOf(orderId, { status: 'cancelled' }), monoMs(0));

	test('is bounded, the newest are kept, and nothing of them stays in the books', () => {
		const orders = closeMany(cancelled);
		expect(known(orders).length).toBeGreaterThanOrEqual(CLOSED_ORDERS_MAX);
		expect(known(orders).length).toBeLessThanOrEqual(CLOSED_ORDERS_MAX * 2);
		expect(known(orders).at(-1)).toBe(COUNT - 1);
		expect(orders.openCount).toBe(0);
		expect(orders.exposureOf(BTC.index).buyLots).toBe(0);
		expect(orders.exposureOf(BTC.index).orderCount).toBe(0);
	});

	test('a late fill of one that is remembered is booked, of one that is forgotten it is foreign', () => {
		const orders = closeMany(cancelled);
		const [newest, oldest] = [`o${COUNT - 1}`, 'o0'];
		for (const orderId of [newest, oldest]) orders.applyFill(fillOf(orderId, { qty: 2 }));
		orders.applyFill(fillOf('', { venueOrderId: `venue-${newest}`, qty: 1 }));
		expect(orders.get(id(newest))?.filledLots).toBe(3);
		expect(orders.get(id(oldest))).toBeUndefined();
		expect(orders.stats.foreign).toBe(1);
	});

	test('one that still owes us fills is remembered longer, and is in the books until they come', () => {
		const orders = closeMany((orderId) =>
			orderId === 'o5'
				? (known) => known.applyReport(reportOf('o5', { status: 'filled', filled: 10 }), monoMs(0))
				: cancelled(orderId),
		);
		expect(orders.exposureOf(BTC.index).buyLots).toBe(10);
		orders.applyFill(fillOf('o5'));
		expect(orders.exposureOf(BTC.index).buyLots).toBe(0);
		expect(orders.stats).toEqual({ foreign: 0, contradictions: 0 });
	});

	test('stays bounded when every one of them owes fills, and what is forgotten is no longer in the books', () => {
		const orders = closeMany(
			(orderId) => (known) => known.applyReport(reportOf(orderId, { status: 'filled', filled: 10 }), monoMs(0)),
		);
		expect(known(orders).length).toBeLessThanOrEqual(CLOSED_ORDERS_MAX * 2);
		expect(orders.exposureOf(BTC.index).buyLots).toBe(known(orders).length * 10);
	});
});

/** One order as the venue has it, which is the truth. */
interface Truth {
	readonly orderId: string;
	readonly instrument: Instrument;
	readonly side: Side;
	state: 'unborn' | 'working' | 'filled' | 'cancelled' | 'rejected';
	price: number;
	qty: number;
	filled: number;
	updatedAt: number;
}

/** A report, an execution or an answer that is on its way to us. */
type Fact =
	| { readonly kind: 'report'; readonly report: OrderReport }
	| { readonly kind: 'fill'; readonly execution: Execution }
	| { readonly kind: 'answer'; readonly item: ItemOutcome };

/**
 * Orders at a venue that does at once what it is asked, or refuses, or never hears it, or does not answer; and what it
 * tells about that, delivered in any order. Chance comes from one seed.
 */
class Rumours {
	readonly orders = makeManager();
	readonly truths: Truth[] = [];
	readonly #words: () => number;
	readonly #facts: Fact[] = [];
	/** Approved, and not sent yet. */
	readonly #waiting: { readonly command: Command; readonly truth: Truth }[] = [];
	readonly #booked = new Map<string, number>();
	#executionCount = 0;

	constructor(seed: number) {
		this.#words = seededWords(seed);
	}

	draw(below: number): number {
		return this.#words() % below;
	}

	chance(percent: number): boolean {
		return this.draw(100) < percent;
	}

	/** Something happens: we ask for something, the market does something, or news gets here. */
	act(): void {
		const what = this.draw(10);
		const truth = this.truths[this.draw(Math.max(1, this.truths.length))];
		if (truth === undefined || (what === 0 && this.truths.length < 6)) this.#place();
		else if (what < 2) this.#amend(truth);
		else if (what < 3) this.#cancel(truth);
		else if (what < 5) this.#fill(truth);
		else if (what < 7) this.#sendOne();
		else if (what < 8 && this.chance(30)) this.#miss(truth);
		else this.deliver(this.chance(25));
	}

	/** Hands over one fact, whichever; with `again` it will come once more. */
	deliver(again: boolean): boolean {
		if (this.#facts.length === 0) return false;
		const at = this.draw(this.#facts.length);
		const fact = this.#facts[at] as Fact;
		// An answer belongs to a call and comes once while we are still asking things of the order.
		if (!(again && fact.kind !== 'answer')) this.#facts.splice(at, 1);
		this.#apply(fact);
		return true;
	}

	/** Everything that is still on its way arrives, some of it twice, answers too; then look-ups settle what is in doubt. */
	settle(): void {
		while (this.#waiting.length > 0) this.#sendOne();
		this.#facts.push(...this.#facts.filter(() => this.chance(30)));
		while (this.deliver(false)) expect(this.findError()).toBeUndefined();
		for (const truth of this.truths) {
			const order = this.orders.get(id(truth.orderId));
			if (order?.state !== 'unknown') continue;
			if (truth.state === 'unborn') this.orders.applyProvenAbsent(order.orderId);
			else this.orders.applyReport(this.#reportOf(truth, 'lookup'), monoMs(0));
			expect(this.findError()).toBeUndefined();
		}
	}

	/** What is wrong with our books, against a count from scratch and against what can still happen. */
	findError(): string | undefined {
		for (const { index } of [BTC, ETH]) {
			for (const side of ['buy', 'sell'] as const) {
				let counted = 0;
				let possible = 0;
				let openCount = 0;
				for (const truth of this.truths) {
					const order = this.orders.get(id(truth.orderId)) as Order;
					if (truth.instrument.index !== index) continue;
					if (!isOver(order.state)) openCount += 1;
					if (truth.side !== side) continue;
					counted += isOver(order.state)
						? order.reportedFilledLots - order.filledLots
						: Math.max(order.qtyLots, order.pendingQtyLots) - order.filledLots;
					possible += (truth.state === 'working' ? truth.qty : truth.filled) - order.filledLots;
				}
				const { buyLots, sellLots, orderCount } = this.orders.exposureOf(index);
				const booked = side === 'buy' ? buyLots : sellLots;
				if (booked !== counted) return `${side} exposure is ${booked}, counted from scratch ${counted}`;
				if (booked < possible) return `${side} exposure is ${booked}, and ${possible} may still fill`;
				if (orderCount !== openCount) return `${orderCount} orders are counted, ${openCount} are open`;
			}
		}
		return undefined;
	}

	#place(): void {
		const n = this.truths.length;
		const truth: Truth = {
			orderId: `o${n}`,
			instrument: this.chance(70) ? BTC : ETH,
			side: this.chance(50) ? 'buy' : 'sell',
			state: 'unborn',
			price: 1_000 + this.draw(5),
			qty: 1 + this.draw(12),
			filled: 0,
			updatedAt: 0,
		};
		this.truths.push(truth);
		const { orderId, instrument, side, price, qty } = truth;
		const command = placeOf(orderId, { instrument, side, price, qty, quoter: DESK, slot: DESK });
		this.orders.intendPlace(command, timeMs(0), monoMs(0));
		this.#dispatch(command, truth);
	}

	#amend(truth: Truth): void {
		const order = this.orders.get(id(truth.orderId)) as Order;
		if (!this.orders.isSettled(order)) return;
		const to = {
			price: 1_000 + this.draw(5),
			qty: Math.max(order.filledLots + 1, 1 + this.draw(12)),
			instrument: truth.instrument,
		};
		// An amend to what stands already is never proposed, and its answer could not be told from that of the next one.
		if (to.price === order.priceTicks && to.qty === order.qtyLots) return;
		const command = amendOf(truth.orderId, to);
		this.orders.intendAmend(command, monoMs(0));
		this.#dispatch(command, truth);
	}

	#cancel(truth: Truth): void {
		const order = this.orders.get(id(truth.orderId)) as Order;
		if (isOver(order.state) || order.state === 'cancelling' || this.orders.queuedFor(order.orderId) !== undefined) return;
		this.orders.intendCancel(order.orderId);
		this.#dispatch(cancelOf(truth.orderId, truth.instrument), truth);
	}

	/** A look-up that lags behind does not find it, whatever waits to be sent for it. */
	#miss({ orderId }: Truth): void {
		const { state } = this.orders.get(id(orderId)) as Order;
		if (state === 'live' || state === 'partiallyFilled') this.orders.applyProvenAbsent(id(orderId));
	}

	#sendOne(): void {
		const [waiting] = this.#waiting.splice(this.draw(Math.max(1, this.#waiting.length)), 1);
		if (waiting !== undefined) this.#send(waiting.command, waiting.truth);
	}

	/** At once, or after other things have happened. */
	#dispatch(command: Command, truth: Truth): void {
		if (this.chance(40)) this.#waiting.push({ command, truth });
		else this.#send(command, truth);
	}

	#send(command: Command, truth: Truth): void {
		const { kind, orderId } = command;
		if (!this.orders.isQueued(command)) return;
		if (this.chance(10)) {
			if (kind === 'place') truth.state = 'rejected';
			return this.orders.applyDrop(command);
		}
		this.orders.applySend(command, monoMs(0));
		if (this.chance(10)) return this.#answer(truth, kind, UNANSWERED);
		if (kind === 'place') {
			const fate = this.draw(10);
			truth.state = fate < 2 ? 'rejected' : 'working';
			if (fate === 0) return this.#answer(truth, kind, refused());
			this.#tell(truth);
			return this.#answer(truth, kind, this.chance(70) ? acceptedAs(`venue-${orderId}`) : UNANSWERED);
		}
		if (truth.state !== 'working') return this.#answer(truth, kind, GONE);
		if (this.chance(15) || (kind === 'amend' && command.qtyLots <= truth.filled)) return this.#answer(truth, kind, refused());
		if (kind === 'cancel') {
			truth.state = 'cancelled';
		} else {
			truth.price = command.priceTicks;
			truth.qty = command.qtyLots;
		}
		this.#tell(truth);
		this.#answer(truth, kind, this.chance(80) ? ACCEPTED : UNANSWERED);
	}

	#fill(truth: Truth): void {
		if (truth.state !== 'working') return;
		const qty = 1 + this.draw(truth.qty - truth.filled);
		truth.filled += qty;
		if (truth.filled === truth.qty) truth.state = 'filled';
		this.#executionCount += 1;
		const { instrument, orderId } = truth;
		const fill = { instrument, qty, executionId: `e${this.#executionCount}`, venueOrderId: `venue-${orderId}` };
		this.#facts.push({ kind: 'fill', execution: fillOf(this.chance(50) ? '' : orderId, fill) });
		this.#tell(truth);
	}

	#tell(truth: Truth): void {
		truth.updatedAt += 1 + this.draw(3);
		this.#facts.push({ kind: 'report', report: this.#reportOf(truth, 'stream') });
	}

	#reportOf(
		{ orderId, instrument, state, price, qty, filled, updatedAt: at }: Truth,
		source: OrderReport['source'],
	): OrderReport {
		if (state === 'unborn') throw new Error('nobody reports what does not exist');
		return reportOf(orderId, { instrument, status: state, price, qty, filled, at, source });
	}

	#answer({ orderId }: Truth, verb: Verb, outcome: Outcome): void {
		this.#facts.push({ kind: 'answer', item: answerOf(orderId, verb, outcome) });
	}

	#apply(fact: Fact): void {
		if (fact.kind === 'report') this.orders.applyReport(fact.report, monoMs(0));
		if (fact.kind === 'answer') this.orders.applyOutcome(fact.item);
		if (fact.kind !== 'fill') return;
		// The ledger lets each execution through once.
		const { executionId, qtyLots } = fact.execution;
		if (this.#booked.has(executionId)) return;
		this.#booked.set(executionId, qtyLots);
		this.orders.applyFill(fact.execution);
	}
}

function expectedOf({ state, filled }: Truth): OrderState {
	if (state === 'unborn') return 'rejected';
	if (state !== 'working') return state;
	return filled > 0 ? 'partiallyFilled' : 'live';
}

describe('whatever the venue tells, in whatever order and however often', () => {
	test('each order ends as it is at the venue, no fill is lost or doubled, and exposure never says too little', () => {
		fc.assert(
			fc.property(fc.nat(), (seed) => {
				const rumours = new Rumours(seed);
				for (let step = 0; step < 80; step += 1) {
					rumours.act();
					expect(rumours.findError()).toBeUndefined();
				}
				rumours.settle();
				const { orders, truths } = rumours;
				expect(
					truths.map(({ orderId }) => [orderId, orders.get(id(orderId))?.state, orders.get(id(orderId))?.filledLots]),
				).toEqual(truths.map((truth) => [truth.orderId, expectedOf(truth), truth.filled]));
				for (const truth of truths) {
					const order = orders.get(id(truth.orderId));
					if (truth.state !== 'working') continue;
					expect([order?.priceTicks, order?.qtyLots, order?.pendingPriceTicks, order?.pendingQtyLots]).toEqual([
						truth.price,
						truth.qty,
						truth.price,
						truth.qty,
					]);
				}
				expect(orders.stats).toEqual({ foreign: 0, contradictions: 0 });
				const working = truths.filter((truth) => truth.state === 'working');
				expect(orders.openCount).toBe(working.length);
				const openLots = working.reduce((sum, truth) => sum + truth.qty - truth.filled, 0);
				const exposures = [BTC, ETH].map(({ index }) => orders.exposureOf(index));
				expect(exposures.reduce((sum, { buyLots, sellLots }) => sum + buyLots + sellLots, 0)).toBe(openLots);
			}),
			{ numRuns: 600, endOnFailure: true },
		);
	});

	test('a position comes from the ledger and moves both worst cases', () => {
		const orders = makeManager();
		placed(orders);
		orders.setPosition(BTC.index, signedLots(-4));
		const { worstLong, worstShort } = orders.exposureOf(BTC.index);
		expect([worstLong, worstShort]).toEqual([6, -4]);
	});
});
