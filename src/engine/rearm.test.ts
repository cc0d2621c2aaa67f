/** A kill or reduce-only that a person takes back while the engine runs: only when nothing is open and the venues agree. */
import { describe, expect, test } from 'vitest';
import { Desk, type DeskOptions, START_EQUITY } from '../../test/fixtures/desk.ts';
import { makeTestInstrument } from '../../test/fixtures/instruments.ts';
import type { ControlAction } from '../domain/event.ts';
import type { OrderReport } from '../domain/execution.ts';
import { moneyOf } from '../domain/money.ts';
import { lots, ticks, timeMs } from '../domain/units.ts';
import { LADDER_DEFAULTS, ladder } from '../strategy/index.ts';
import type { ControlResult } from './control.ts';
import { Recovery } from './recovery.ts';
import { RECONCILE_SETTINGS } from './settings.ts';

const BTC = makeTestInstrument();
const KILL: ControlAction = { kind: 'shutGate', reason: 'the operator said so' };
const REDUCE: ControlAction = { kind: 'reduceOnly', reason: 'enough' };
const REARM: ControlAction = { kind: 'rearm', by: 'anna' };

const OPTIONS: DeskOptions = {
	instruments: [BTC],
	strategy: ladder({
		...LADDER_DEFAULTS,
		levels: { count: 2, halfSpreadBps: 5, stepBps: 2 },
		size: { unit: 'notional', perLevel: 1_000, curve: { kind: 'flat' } },
		inventory: { ...LADDER_DEFAULTS.inventory, limit: 1e9 },
	}),
};

function openDesk(): Desk {
	const desk = new Desk(OPTIONS);
	quote(desk);
	return desk;
}

/** With a fresh book for each tick; what was sent is accepted. */
function quote(desk: Desk): void {
	for (let tick = 0; tick < 8; tick += 1) {
		desk.book(BTC, 650_000, 650_010);
		desk.tick();
		desk.settle();
	}
}

function ask(desk: Desk, action: ControlAction): ControlResult | undefined {
	return desk.ask({ kind: 'control', action, ...desk.at() });
}

const refusal = (reason: string) => ({ kind: 'refused', reason });

describe('a kill is taken back', () => {
	test('not while an order is open, not before a comparison that ended after it, and then it is', () => {
		const desk = openDesk();
		desk.census();
		expect(desk.engine.openOrders().length).toBeGreaterThan(0);
		expect(ask(desk, REARM)).toEqual(refusal('nothing-latched'));
		ask(desk, KILL);
		expect(ask(desk, REARM)).toEqual(refusal('still-open'));
		quote(desk);
		expect(desk.engine.openOrders()).toEqual([]);
		expect(ask(desk, REARM)).toEqual(refusal('not-compared'));
		desk.census();
		expect(ask(desk, REARM)).toMatchObject({ kind: 'done' });
		expect(ask(desk, REARM)).toEqual(refusal('nothing-latched'));
	});

	test('and nothing is quoted before two more comparisons were clean', () => {
		const desk = openDesk();
		ask(desk, KILL);
		quote(desk);
		desk.census();
		ask(desk, REARM);
		quote(desk);
		expect(desk.engine.openOrders()).toEqual([]);
		expect(desk.engine.levels.reason).toContain('re-armed');
		desk.census();
		quote(desk);
		expect(desk.engine.openOrders()).toEqual([]);
		desk.census();
		quote(desk);
		expect(desk.engine.levels.level).toBe('run');
		expect(desk.engine.openOrders().length).toBeGreaterThan(0);
	});

	test('not on a comparison of long ago', () => {
		const desk = openDesk();
		ask(desk, KILL);
		quote(desk);
		desk.census();
		desk.tick(2 * RECONCILE_SETTINGS.intervalMs + 1_000);
		expect(ask(desk, REARM)).toEqual(refusal('not-compared'));
	});

	test('not on a comparison of a picture that was begun before it', () => {
		const desk = openDesk();
		const { monoMs: beganAtMono } = desk.at();
		ask(desk, KILL);
		quote(desk);
		const positions = [{ instrument: BTC.index, positionLotsSigned: desk.engine.ledger.positionLots(BTC.index) }];
		desk.step({ kind: 'census', venue: 'bybit', beganAtMono, found: { orders: [], positions }, ...desk.at() });
		expect(desk.kept.filter(({ kind }) => kind === 'reconciled')).toMatchObject([{ verdict: 'clean' }]);
		expect(ask(desk, REARM)).toEqual(refusal('not-compared'));
	});

	const [WORKING] = openDesk().engine.openOrders();

	test.each([
		['another kill', (desk: Desk) => ask(desk, KILL)],
		['more fills than were asked for', (desk: Desk) => desk.fill(WORKING!, WORKING!.qtyLots + 1)],
		[
			'a key that is refused',
			(desk: Desk) => {
				ask(desk, { kind: 'flatten', scope: { kind: 'all' }, reason: 'out' });
				const [batch] = desk.sent.splice(0);
				const outcome = { kind: 'rejected', class: 'auth', gone: false, reason: '33004 key expired' } as const;
				const items = batch!.commands.map(({ orderId, kind }) => ({ orderId, verb: kind, outcome }));
				desk.step({ kind: 'answer', batchId: batch!.batchId, items, ...desk.at() });
				ask(desk, { kind: 'resume', scope: { kind: 'instrument', instrument: BTC.index } });
			},
		],
	])('not on a comparison from before %s that came behind the shut gate', (_, trouble) => {
		const desk = openDesk();
		desk.fill(desk.engine.openOrders()[0]!, 1);
		ask(desk, KILL);
		quote(desk);
		desk.census();
		desk.nowMs += 10;
		desk.book(BTC, 650_000, 650_010);
		trouble(desk);
		desk.nowMs += 10;
		expect(ask(desk, REARM)).toEqual(refusal('not-compared'));
		desk.census();
		expect(ask(desk, REARM)).toMatchObject({ kind: 'done' });
	});

	test('never in a run that is ending', () => {
		const desk = openDesk();
		ask(desk, KILL);
		quote(desk);
		desk.census();
		ask(desk, { kind: 'shutGate', reason: 'the session ends', lasts: 'thisRun' });
		expect(ask(desk, REARM)).toEqual(refusal('gate-is-shut'));
	});

	test('and the journal knows who did it, so that the next run is not shut', () => {
		const desk = openDesk();
		ask(desk, KILL);
		quote(desk);
		desk.census();
		ask(desk, REARM);
		expect(desk.kept.filter(({ kind }) => kind === 'latch' || kind === 'rearm')).toMatchObject([
			{ kind: 'latch', level: 'kill' },
			{ kind: 'rearm', by: 'anna' },
		]);
		const recovery = new Recovery();
		for (const record of desk.kept) recovery.apply(record);
		expect(recovery.result().latch).toBeUndefined();
	});

	test('also one that an earlier run left', () => {
		const recovery = new Recovery();
		recovery.apply({ kind: 'latch', level: 'kill', reason: 'the operator said so', atMs: 1 });
		const desk = new Desk({
			instruments: [BTC],
			strategy: ladder(LADDER_DEFAULTS),
			recovered: { state: recovery.result(), atMs: timeMs(1_767_225_601_000) },
		});
		desk.census();
		quote(desk);
		expect(desk.engine.levels.level).toBe('kill');
		desk.census();
		expect(ask(desk, REARM)).toMatchObject({ kind: 'done' });
		expect(desk.engine.levels.level).not.toBe('kill');
	});
});

describe('reduce-only', () => {
	test('takes the quotes away, is latched, and is taken back like a kill', () => {
		const desk = openDesk();
		expect(ask(desk, REDUCE)).toMatchObject({ kind: 'done', orderCount: desk.engine.openOrders().length });
		quote(desk);
		expect(desk.engine.levels.level).toBe('reduceOnly');
		expect(desk.engine.openOrders()).toEqual([]);
		desk.census();
		expect(ask(desk, REARM)).toMatchObject({ kind: 'done' });
		desk.census();
		desk.census();
		quote(desk);
		expect(desk.engine.openOrders().length).toBeGreaterThan(0);
	});

	test('is taken back only on a comparison that began after it', () => {
		const desk = openDesk();
		ask(desk, { kind: 'cancelAll', scope: { kind: 'all' } });
		desk.settle();
		desk.census();
		desk.nowMs += 10;
		ask(desk, REDUCE);
		desk.settle();
		expect(desk.engine.openOrders()).toEqual([]);
		expect(ask(desk, REARM)).toEqual(refusal('not-compared'));
		desk.nowMs += 10;
		desk.census();
		desk.nowMs += 10;
		ask(desk, REDUCE);
		expect(ask(desk, REARM)).toEqual(refusal('not-compared'));
		desk.nowMs += 10;
		desk.census();
		expect(ask(desk, REARM)).toMatchObject({ kind: 'done' });
	});

	test('nor does one from before a limit of losses that asked for it count', () => {
		const desk = openDesk();
		ask(desk, { kind: 'cancelAll', scope: { kind: 'all' } });
		desk.settle();
		desk.census();
		desk.nowMs += 10;
		desk.engine.levels.raise('reduceOnly', 'a loss');
		desk.nowMs += 10;
		desk.book(BTC, 650_000, 650_010);
		expect(ask(desk, REARM)).toEqual(refusal('not-compared'));
	});

	const CAUSES: readonly [string, (desk: Desk) => void][] = [
		['a person', (desk) => ask(desk, REDUCE)],
		[
			'a limit of losses',
			(desk) => {
				// With a position the balance alone would be believed seconds later.
				const paid = { amount: moneyOf(BigInt(START_EQUITY * -0.021) * 10n ** 18n), currency: 'USDT' };
				const { wallMs: fundedAtMs } = desk.at();
				desk.step({ kind: 'funding', fundingId: 'f', instrument: BTC.index, ...paid, fundedAtMs, ...desk.at() });
				desk.balance('USDT', START_EQUITY * 0.979);
			},
		],
		[
			'a margin that is used up',
			(desk) => {
				const stateOf = ({ clientOrderId }: OrderReport) =>
					desk.engine.openOrders().find((order) => order.orderId === clientOrderId)?.state;
				const orders = desk.reportsOfOpen().filter((report) => stateOf(report) !== 'intended');
				const positions = [{ instrument: BTC.index, positionLotsSigned: desk.engine.ledger.positionLots(BTC.index) }];
				const found = { orders, positions, marginUsed: 0.8 };
				desk.step({ kind: 'census', venue: 'bybit', beganAtMono: desk.at().monoMs, found, ...desk.at() });
			},
		],
	];

	test.each(CAUSES)('what waits for the journal by then never leaves, asked for by %s', (_, cause) => {
		const desk = new Desk(OPTIONS);
		desk.commits = 'held';
		desk.book(BTC, 650_000, 650_010);
		desk.tick();
		expect(desk.engine.openOrders().map(({ state }) => state)).toContain('intended');
		cause(desk);
		expect(desk.engine.levels.level).toBe('reduceOnly');
		desk.confirmCommits();
		expect(desk.history).toEqual([]);
		expect(desk.engine.openOrders()).toEqual([]);
	});

	const EXIT = { side: 'sell', orderType: 'limit', timeInForce: 'ioc', reduceOnly: true } as const;

	test.each([
		...CAUSES.map(([who, cause]) => ({ who, cause, isKept: true })),
		{ who: 'a person who kills', cause: (desk: Desk) => ask(desk, KILL), isKept: false },
	])('an exit that waits for the journal by then leaves: $isKept, asked for by $who', ({ cause, isKept }) => {
		const desk = openDesk();
		desk.fill(desk.engine.openOrders().find(({ side }) => side === 'buy')!, 5);
		desk.commits = 'held';
		desk.history.length = 0;
		const terms = { priceTicks: ticks(650_000), qtyLots: lots(5) };
		const placed = ask(desk, { kind: 'placeOrder', instrument: BTC.index, ...EXIT, ...terms });
		if (placed?.kind !== 'placed') throw new Error('the exit passes the gate');
		cause(desk);
		expect(desk.engine.levels.level).toBe(isKept ? 'reduceOnly' : 'kill');
		desk.confirmCommits();
		const left = desk.history.flatMap(({ commands }) => commands).filter(({ kind }) => kind === 'place');
		expect(left.map(({ orderId }) => orderId)).toEqual(isKept ? [placed.orderId] : []);
	});

	test.each(CAUSES)('what works by then is cancelled at once, asked for by %s', (_, cause) => {
		const desk = openDesk();
		const open = desk.engine.openOrders().length;
		expect(open).toBeGreaterThan(0);
		cause(desk);
		desk.settle();
		expect(desk.engine.openOrders()).toEqual([]);
	});

	test('and cancels go without it', () => {
		const desk = openDesk();
		const orders = desk.engine.openOrders();
		desk.commits = 'held';
		desk.history.length = 0;
		ask(desk, REDUCE);
		desk.confirmCommits();
		const left = desk.history.flatMap(({ commands }) => commands);
		expect(new Set(left.map(({ kind, orderId }) => `${kind} ${orderId}`))).toEqual(
			new Set(orders.map(({ orderId }) => `cancel ${orderId}`)),
		);
		expect(left).toHaveLength(orders.length);
	});

	test('is not asked for behind a kill', () => {
		const desk = openDesk();
		ask(desk, KILL);
		expect(ask(desk, REDUCE)).toEqual(refusal('gate-is-shut'));
	});
});
