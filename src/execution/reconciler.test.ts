import { beforeEach, describe, expect, test } from 'vitest';
import type { CensusEvent } from '../domain/event.ts';
import type { OrderReport } from '../domain/execution.ts';
import type { InstrumentIndex } from '../domain/instrument.ts';
import type { OrderId } from '../domain/order-id.ts';
import { monoMs, type SignedLots, timeMs } from '../domain/units.ts';
import { GRACE_MS } from './doubts.ts';
import { OrderManager } from './order-manager.ts';
import { ACCEPTED, answerOf, BTC, cancelOf, fillOf, id, placeOf, reportOf, type TestReport } from './orders.suite.ts';
import { CLEAN_TO_RESUME, type Findings, INCONCLUSIVE_MAX, type Pass, Reconciler } from './reconciler.ts';

const LONG_AGO = GRACE_MS;

let orders: OrderManager;
let reconciler: Reconciler;
let positionLots: number;
let filledAt: number;

beforeEach(() => {
	orders = new OrderManager();
	orders.follow(BTC);
	orders.addQuoter(0);
	positionLots = 0;
	filledAt = -1e9;
	reconciler = new Reconciler({
		orders,
		options: { hardDesyncRatio: 0.1 },
		isOwn: (clientOrderId): clientOrderId is OrderId => !clientOrderId.startsWith('foreign'),
		positionLots: () => positionLots,
		filledAtMono: () => monoMs(filledAt),
	});
});

/** Shown by the venue at that time, on a slot of its own. */
function live(orderId: string, atMs = 0): void {
	const command = placeOf(orderId, { slot: Number(orderId.slice(1)) });
	orders.intendPlace(command, timeMs(atMs), monoMs(atMs));
	orders.applySend(command, monoMs(atMs));
	orders.applyOutcome(answerOf(orderId, 'place', ACCEPTED));
	orders.applyReport(reportOf(orderId), monoMs(atMs));
}

function census(orderIds: readonly string[] | undefined, more: { atMs?: number; position?: number } = {}): CensusEvent {
	const { atMs = LONG_AGO, position = 0 } = more;
	const positions = [{ instrument: 0 as InstrumentIndex, positionLotsSigned: position as SignedLots }];
	const found = orderIds === undefined ? undefined : { orders: orderIds.map((each) => reportOf(each)), positions };
	const at = { wallMs: timeMs(atMs), monoMs: monoMs(atMs + 100) };
	return { kind: 'census', venue: 'bybit', beganAtMono: monoMs(atMs), found, ...at };
}

const begin = (...args: Parameters<typeof census>): Findings => reconciler.begin(census(...args)).findings;
const missing = (findings: Findings): string[] => findings.missing.map(({ orderId }) => orderId);
const pass = (): Pass => {
	const ended = reconciler.endIfDone();
	if (ended === undefined) throw new Error('the pass is still open');
	return ended;
};

/** The venue's answer about one order, and the end of its look-up. */
function lookedUp(orderId: string, report?: TestReport): Pass | undefined {
	if (report !== undefined) orders.applyReport(reportOf(orderId, { at: 9_000, source: 'lookup', ...report }), monoMs(9_000));
	return reconciler.applyLookedUp(id(orderId));
}

describe('a comparison', () => {
	test('of equal books is clean, and asks for nothing', () => {
		live('a1');
		expect(begin(['a1'])).toEqual({ orphans: [], missing: [], gaps: [], foreignCount: 0, foreign: [] });
		expect(pass()).toEqual({ verdict: 'clean', ordersFixed: 0, orphansClosed: 0, pauseReason: undefined });
	});

	test('asks about orders that are not listed, and judges nothing before it is told (I7, Q2)', () => {
		live('a1');
		live('a2');
		expect(missing(begin(['a1']))).toEqual(['a2']);
		expect(reconciler.endIfDone()).toBeUndefined();
		expect(orders.get(id('a2'))?.state).toBe('live');
		expect(lookedUp('a2', { status: 'cancelled' })).toMatchObject({ verdict: 'repaired', ordersFixed: 1 });
	});

	test('that a look-up proves wrong was no disagreement: the list was behind (F28, F29)', () => {
		live('a1');
		begin([]);
		expect(lookedUp('a1', { status: 'working' })).toMatchObject({ verdict: 'clean', ordersFixed: 0 });
	});

	test('leaves alone what was touched within the grace time, by us or by the venue (Q4)', () => {
		live('a1', 1);
		expect(missing(begin([], { atMs: LONG_AGO }))).toEqual([]);
		live('a2', 0);
		orders.applySend({ ...cancelOf('a2') }, monoMs(100));
		expect(missing(begin([], { atMs: LONG_AGO + 50 }))).toEqual(['a1']);
	});

	test('leaves alone what is in doubt already, and what was never sent', () => {
		orders.intendPlace(placeOf('a1'), timeMs(0), monoMs(0));
		live('a2');
		orders.applySend(cancelOf('a2'), monoMs(0));
		orders.applySilence(id('a2'));
		expect(missing(begin([]))).toEqual([]);
	});

	test('finds orders of ours that nobody owns, and never a foreign one (F76)', () => {
		const findings = begin(['lost', 'foreign-1']);
		expect(findings.orphans.map(({ orderId }) => orderId)).toEqual(['lost']);
		expect(findings.foreignCount).toBe(1);
		expect(pass()).toMatchObject({ verdict: 'repaired', orphansClosed: 1 });
	});

	test('counts what open orders of others could still fill, and tells it when that changes (F76)', () => {
		const of = (...orders: readonly OrderReport[]) => {
			const event = census([]);
			return reconciler.begin({ ...event, found: { positions: [], orders } }).findings.foreign;
		};
		const buys = [reportOf('foreign-1', { qty: 10, filled: 3 }), reportOf('foreign-2', { qty: 5 })];
		const sell = { ...reportOf('foreign-3', { qty: 4 }), side: 'sell' } as const;
		expect(of(reportOf('lost'))).toEqual([]);
		expect(of(...buys, sell)).toEqual([{ instrument: BTC.index, buyLots: 12, sellLots: 4 }]);
		expect(of(...buys, sell)).toEqual([]);
		expect(reconciler.begin(census(undefined)).findings.foreign).toEqual([]);
		expect(of(sell)).toEqual([{ instrument: BTC.index, buyLots: 0, sellLots: 4 }]);
		expect(of()).toEqual([{ instrument: BTC.index, buyLots: 0, sellLots: 0 }]);
		expect(of()).toEqual([]);
	});

	test('finds an order that we took for over, but not one that ended a moment ago', () => {
		live('a1');
		orders.applyReport(reportOf('a1', { status: 'cancelled', at: 50 }), monoMs(1_000));
		expect(begin(['a1'], { atMs: 1_000 + GRACE_MS - 1 }).orphans).toEqual([]);
		expect(begin(['a1'], { atMs: 1_000 + GRACE_MS }).orphans.length).toBe(1);
	});

	test('tells of a position that our fills do not explain in the second look, and once only (F33)', () => {
		expect(begin([], { position: 7 }).gaps).toEqual([]);
		expect(begin([], { position: 8 }).gaps).toEqual([{ instrument: 0, gapLots: 8 }]);
		expect(begin([], { position: 8 }).gaps).toEqual([]);
		positionLots = 8;
		expect(begin([], { position: 8 }).gaps).toEqual([]);
		expect(begin([], { position: 8 }).gaps).toEqual([{ instrument: 0, gapLots: 0 }]);
	});

	test('tells of one that is another one at each look, and takes no pass for clean meanwhile', () => {
		const told = Array.from({ length: 6 }, (_, look) => {
			const { gaps } = begin([], { position: 1_000 * (look + 1) * (look % 3 === 2 ? -1 : 1) });
			return { gaps: gaps.map(({ gapLots }) => gapLots), verdict: pass()?.verdict };
		});
		expect(told).toEqual([
			{ gaps: [], verdict: 'repaired' },
			{ gaps: [2_000], verdict: 'repaired' },
			{ gaps: [], verdict: 'repaired' },
			{ gaps: [4_000], verdict: 'repaired' },
			{ gaps: [], verdict: 'repaired' },
			{ gaps: [-6_000], verdict: 'repaired' },
		]);
	});

	test('a fill on its way at one look makes no gap', () => {
		expect(begin([], { position: 8 }).gaps).toEqual([]);
		positionLots = 8;
		for (let look = 0; look < 5; look += 1) expect(begin([], { position: 8 }).gaps).toEqual([]);
		expect(pass()?.verdict).toBe('clean');
	});

	test('where fills come all the time, tells of what four looks saw at least', () => {
		filledAt = LONG_AGO - 1;
		const told = [5_003, 5_001, 5_007, 5_002, 5_001].map((position) =>
			begin([], { position }).gaps.map(({ gapLots }) => gapLots),
		);
		expect(told).toEqual([[], [], [], [5_001], []]);
	});

	test('where fills come all the time, those on their way now to this side and now to that make no gap', () => {
		filledAt = LONG_AGO - 1;
		for (let looks = 0; looks < 20; looks += 1)
			expect(begin([], { position: [3, 2, 0, 4, -1][looks % 5] ?? 0 }).gaps).toEqual([]);
		expect(pass()?.verdict).toBe('clean');
	});
});

describe('a desync', () => {
	function liveMany(count: number): string[] {
		const names = Array.from({ length: count }, (_, i) => `a${i}`);
		for (const name of names) live(name);
		return names;
	}

	function endAll(names: readonly string[]): Pass | undefined {
		let ended: Pass | undefined;
		for (const name of names) ended = lookedUp(name, { status: 'cancelled' }) ?? ended;
		return ended;
	}

	test('pauses quoting when more than a tenth of the orders are wrong, and at least two (Q3)', () => {
		const names = liveMany(19);
		begin(names.slice(1));
		expect(endAll(names.slice(0, 1))?.pauseReason).toBeUndefined();
		begin(names.slice(3));
		expect(endAll(names.slice(1, 3))).toMatchObject({
			verdict: 'desync',
			pauseReason: '2 of 18 orders were not what we took them for',
		});
	});

	test('of two among very many is none', () => {
		const names = liveMany(30);
		begin(names.slice(2));
		expect(endAll(names.slice(0, 2))).toMatchObject({ verdict: 'repaired', pauseReason: undefined });
	});

	test('is over after two clean comparisons in a row', () => {
		const names = liveMany(4);
		begin(names.slice(2));
		endAll(names.slice(0, 2));
		for (let clean = 1; clean <= CLEAN_TO_RESUME; clean += 1) {
			begin(names.slice(2));
			expect(pass().pauseReason === undefined).toBe(clean === CLEAN_TO_RESUME);
		}
	});

	test('is not declared before look-ups have confirmed it; what stays open ends with the next comparison', () => {
		const names = liveMany(4);
		begin([]);
		const { ended } = reconciler.begin(census(names));
		expect(ended).toMatchObject({ verdict: 'repaired', ordersFixed: 0, pauseReason: undefined });
	});

	test('comparisons that are not whole lead to nothing, and the third in a row pauses quoting (F32)', () => {
		live('a1');
		for (let count = 1; count <= INCONCLUSIVE_MAX; count += 1) {
			const { findings, ended } = reconciler.begin(census(undefined));
			expect(findings).toEqual({ orphans: [], missing: [], gaps: [], foreignCount: 0, foreign: [] });
			expect(ended?.verdict).toBe('inconclusive');
			expect(ended?.pauseReason === undefined).toBe(count < INCONCLUSIVE_MAX);
		}
		expect(orders.get(id('a1'))?.state).toBe('live');
	});
});

describe('an order that was taken in', () => {
	test('counts until the venue says that it is over', () => {
		const order = orders.takeIn(reportOf('lost', { qty: 10, filled: 4 }), id('lost'), { wallMs: timeMs(0), monoMs: monoMs(0) });
		expect([order.state, orders.exposureOf(BTC.index).buyLots]).toEqual(['partiallyFilled', 6]);
		orders.intendCancel(order.orderId);
		orders.applySend(cancelOf('lost'), monoMs(1));
		orders.applyReport(reportOf('lost', { status: 'cancelled', filled: 4, at: 50 }), monoMs(2));
		expect([order.state, orders.exposureOf(BTC.index).buyLots, orders.openCount]).toEqual(['cancelled', 0, 0]);
	});

	test('that we took for over keeps its booked fills', () => {
		live('a1');
		orders.applyFill(fillOf('a1', { qty: 3 }));
		orders.applyReport(reportOf('a1', { status: 'cancelled', filled: 3, at: 50 }), monoMs(1));
		const order = orders.takeIn(reportOf('a1', { qty: 10, filled: 3, at: 60 }), id('a1'), {
			wallMs: timeMs(0),
			monoMs: monoMs(2),
		});
		expect([order.state, order.filledLots, orders.exposureOf(BTC.index).buyLots]).toEqual(['partiallyFilled', 3, 7]);
		expect(orders.stats.contradictions).toBe(1);
		orders.applyReport(reportOf('a1', { status: 'cancelled', filled: 3, at: 70 }), monoMs(3));
		expect(orders.exposureOf(BTC.index).buyLots).toBe(0);
	});
});

describe('a doubt', () => {
	test('pauses until pictures that were begun after it were clean, often enough', () => {
		live('a1');
		begin(['a1'], { atMs: 6_000 });
		reconciler.doubt('we did not run for 8 s', monoMs(7_000));
		// That pass is not told of any more: nobody knows what has happened since.
		expect([reconciler.isPaused, reconciler.endIfDone()]).toEqual([true, undefined]);
		begin(['a1'], { atMs: 6_900 });
		expect(pass()).toMatchObject({ verdict: 'clean', pauseReason: 'we did not run for 8 s' });
		for (let clean = 1; clean <= CLEAN_TO_RESUME; clean += 1) {
			begin(['a1'], { atMs: 7_000 + clean });
			expect(pass().pauseReason === undefined).toBe(clean === CLEAN_TO_RESUME);
		}
	});

	test('begins anew with the next doubt, and keeps the reason of the first', () => {
		live('a1');
		reconciler.doubt('first', monoMs(7_000));
		begin(['a1'], { atMs: 7_500 });
		expect(pass().pauseReason).toBe('first');
		reconciler.doubt('second', monoMs(8_000));
		begin(['a1'], { atMs: 8_500 });
		expect(pass().pauseReason).toBe('first');
		begin(['a1'], { atMs: 9_000 });
		expect(pass().pauseReason).toBeUndefined();
	});
});
