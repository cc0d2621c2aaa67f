/** What outlasts a run, and how carefully the next one begins: latches, a disk that refuses, and the first minutes. */
import { describe, expect, test } from 'vitest';
import { Desk, type DeskOptions } from '../../test/fixtures/desk.ts';
import { makeTestInstrument } from '../../test/fixtures/instruments.ts';
import type { ControlAction } from '../domain/event.ts';
import type { JournalRecord, LatchRecord } from '../domain/journal-record.ts';
import { timeMs } from '../domain/units.ts';
import { HOLD_CLEAN_MS } from '../risk/level.ts';
import { LADDER_DEFAULTS, ladder } from '../strategy/index.ts';
import type { EngineEffect } from './ports.ts';
import { Recovery } from './recovery.ts';

const BTC = makeTestInstrument();
const NOW_MS = 1_767_225_601_000;
const PER_LEVEL = 1_000;

const OPTIONS: DeskOptions = {
	instruments: [BTC],
	strategy: ladder({
		...LADDER_DEFAULTS,
		levels: { count: 2, halfSpreadBps: 5, stepBps: 2 },
		size: { unit: 'notional', perLevel: PER_LEVEL, curve: { kind: 'flat' } },
		inventory: { ...LADDER_DEFAULTS.inventory, limit: 1e9 },
	}),
};

function openDesk(more: Partial<DeskOptions> = {}): Desk {
	return new Desk({ ...OPTIONS, ...more });
}

/** With a fresh book for each tick; what was sent is accepted. */
function pass(desk: Desk, ms: number): void {
	for (let gone = 0; gone < ms; gone += 250) {
		desk.book(BTC, 650_000, 650_010);
		desk.tick();
		desk.settle();
	}
}

function kept(effects: readonly EngineEffect[]): readonly JournalRecord[] {
	return effects.flatMap((effect) => (effect.kind === 'keep' ? effect.records : []));
}

function control(desk: Desk, action: ControlAction): readonly JournalRecord[] {
	return kept(desk.step({ kind: 'control', action, ...desk.at() }));
}

const latches = (records: readonly JournalRecord[]): readonly JournalRecord[] => records.filter(({ kind }) => kind === 'latch');

describe('a latch', () => {
	test('is written down once, with its reason, in the step that shuts the gate (I10)', () => {
		const desk = openDesk();
		pass(desk, 1_000);
		const records = control(desk, { kind: 'shutGate', reason: 'the operator said so' });
		expect(latches(records)).toEqual([{ kind: 'latch', level: 'kill', reason: 'the operator said so', atMs: desk.at().wallMs }]);
		expect(latches(control(desk, { kind: 'shutGate', reason: 'again' }))).toEqual([]);
	});

	test('is none of an orderly stop: the next start quotes', () => {
		const desk = openDesk();
		pass(desk, 1_000);
		expect(latches(control(desk, { kind: 'shutGate', reason: 'the session ends', lasts: 'thisRun' }))).toEqual([]);
		expect(desk.engine.levels.level).toBe('kill');
		pass(desk, 1_000);
		expect(desk.engine.openOrders()).toEqual([]);
	});

	test('is written down also when the kill comes while an orderly stop is under way', () => {
		const desk = openDesk();
		control(desk, { kind: 'shutGate', reason: 'the session ends', lasts: 'thisRun' });
		expect(latches(control(desk, { kind: 'shutGate', reason: 'the operator said so' }))).toMatchObject([{ level: 'kill' }]);
	});

	test('of a lesser level is written down, and then that of the greater one', () => {
		const desk = openDesk();
		desk.engine.levels.raise('reduceOnly', 'a loss');
		expect(latches(kept(desk.tick()))).toMatchObject([{ level: 'reduceOnly', reason: 'a loss' }]);
		desk.engine.levels.raise('reduceOnly', 'another loss');
		desk.engine.levels.raise('kill', 'a great loss');
		expect(latches(kept(desk.tick()))).toMatchObject([{ level: 'kill', reason: 'a great loss' }]);
	});

	test('of before holds from the first moment on, and is not written down anew', () => {
		const latch: LatchRecord = { kind: 'latch', level: 'kill', reason: 'the operator said so', atMs: 1 };
		const recovery = new Recovery();
		recovery.apply(latch);
		const desk = new Desk({ ...OPTIONS, recovered: { state: recovery.result(), atMs: timeMs(NOW_MS) } });
		desk.census();
		pass(desk, 2_000);
		expect(latches(desk.kept)).toEqual([]);
		expect(desk.history).toEqual([]);
		expect(desk.engine.levels).toMatchObject({ level: 'kill', reason: 'the operator said so' });
	});
});

describe('a disk that does not take the journal (F70)', () => {
	test('pauses quoting with a reason, cancels go on, and it heals by itself', () => {
		const desk = openDesk();
		pass(desk, 1_000);
		const before = desk.engine.openOrders().length;
		expect(before).toBe(4);
		desk.commits = 'held';
		desk.book(BTC, 650_400, 650_410);
		desk.tick();
		const sent = desk.history.length;
		desk.failCommits();
		expect(desk.engine.levels).toMatchObject({ level: 'pauseQuoting', reason: 'the disk does not take the journal' });
		pass(desk, 1_000);
		expect(desk.engine.openOrders()).toEqual([]);
		expect(desk.history.slice(sent).every(({ verb }) => verb === 'cancel')).toBe(true);
		desk.commits = 'confirmed';
		pass(desk, HOLD_CLEAN_MS + 1_000);
		// It has taken something: what has happened meanwhile is compared, twice.
		for (let clean = 0; clean < 2; clean += 1) {
			expect(desk.engine.levels.reason).toBe('comparing with the venue after: the disk does not take the journal');
			const found = { orders: desk.reportsOfOpen(), positions: [] };
			desk.step({ kind: 'census', venue: BTC.venue, beganAtMono: desk.at().monoMs, found, ...desk.at() });
			pass(desk, 1_000);
		}
		expect(desk.engine.levels.level).toBe('run');
		expect(desk.engine.openOrders().length).toBe(before);
	});
});

describe('the first minutes (BOOT15)', () => {
	const warmUp = { pauseMs: 10_000, smallMs: 60_000, smallShare: 0.25 };
	const notional = (desk: Desk): number => {
		return Math.max(0, ...desk.engine.openOrders().map(({ priceTicks, qtyLots }) => priceTicks * qtyLots * BTC.tickLotNumber));
	};

	test('are without quotes, then with small ones, then as wished', () => {
		const desk = openDesk({ warmUp });
		pass(desk, 9_750);
		expect([desk.engine.openOrders().length, desk.engine.riskPauseReason()]).toEqual([
			0,
			'the first 10 s of a run are without quotes',
		]);
		pass(desk, 2_000);
		expect(desk.engine.openOrders().length).toBe(4);
		expect(notional(desk)).toBeLessThanOrEqual(PER_LEVEL / 4);
		pass(desk, 57_000);
		expect(notional(desk)).toBeLessThanOrEqual(PER_LEVEL / 4);
		pass(desk, 3_000);
		expect(notional(desk)).toBeGreaterThan(PER_LEVEL * 0.9);
	});

	test('count from when it is known what earlier runs left', () => {
		const desk = openDesk({ warmUp, recovered: { state: new Recovery().result(), atMs: timeMs(NOW_MS) } });
		pass(desk, 20_000);
		expect(desk.history).toEqual([]);
		desk.census();
		pass(desk, 9_500);
		expect(desk.history).toEqual([]);
		pass(desk, 2_000);
		expect(desk.engine.openOrders().length).toBe(4);
	});

	test('are like all others where nothing is said', () => {
		const desk = openDesk();
		pass(desk, 1_000);
		expect(notional(desk)).toBeGreaterThan(PER_LEVEL * 0.9);
	});
});
