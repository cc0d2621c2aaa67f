/** What a comparison with the venue found, put together from what was told and what was asked for. */
import { expect, test } from 'vitest';
import { Desk } from '../../../test/fixtures/desk.ts';
import { makeTestInstrument } from '../../../test/fixtures/instruments.ts';
import type { CensusEvent, EngineEvent } from '../../domain/event.ts';
import type { OrderReport } from '../../domain/execution.ts';
import type { ReconciledRecord } from '../../domain/journal-record.ts';
import type { OrderId } from '../../domain/order-id.ts';
import type { Lots, SignedLots, Ticks } from '../../domain/units.ts';
import { timeMs } from '../../domain/units.ts';
import { LADDER_DEFAULTS, ladder } from '../../strategy/index.ts';
import { COMPARISONS_KEPT, Comparisons } from './comparisons.ts';
import type { WatchedApp } from './watched-app.ts';

const BTC = makeTestInstrument();

function scene() {
	const desk = new Desk({ instruments: [BTC], strategy: ladder(LADDER_DEFAULTS) });
	const { engine } = desk;
	const app = { engine, instruments: [BTC] } as unknown as WatchedApp;
	const comparisons = new Comparisons();
	const census = (found: CensusEvent['found']): void => {
		const at = desk.at();
		comparisons.hearCensus({ kind: 'census', venue: 'bybit', beganAtMono: at.monoMs, found, ...at }, app);
	};
	const verdict = (of: Partial<ReconciledRecord> = {}): void => {
		const record = { kind: 'reconciled', venue: 'bybit', atMs: 5, verdict: 'clean', ordersFixed: 0, orphansClosed: 0 } as const;
		comparisons.hearVerdict({ ...record, isPaused: false, actions: [], ...of }, desk.at().monoMs + 12);
	};
	return { comparisons, census, verdict };
}

const STRANGER: OrderReport = {
	...{ instrument: BTC, clientOrderId: 'BTCUSDT-Buy-1-1-zzzz', venueOrderId: 'v1', side: 'buy', status: 'working' },
	...{ priceTicks: 1 as Ticks, qtyLots: 1 as Lots, filledLots: 0 as Lots, reason: undefined },
	...{ updatedAtMs: timeMs(1), source: 'lookup' },
};

test('nothing differs: a row says so, with how long it took', () => {
	const { comparisons, census, verdict } = scene();
	census({ orders: [], positions: [{ instrument: BTC.index, positionLotsSigned: 0 as SignedLots }] });
	verdict();
	expect([...comparisons.rows.newestFirst()]).toMatchObject([
		{ venue: 'bybit', kind: 'clean', compared: 0, tookMs: 12, diffs: [] },
	]);
	expect(comparisons.lastAtMs('bybit')).toBe(5);
});

test('each kind of difference is told by a sentence with the order or the symbol in it', () => {
	const { comparisons, census, verdict } = scene();
	census({ orders: [STRANGER], positions: [{ instrument: BTC.index, positionLotsSigned: 3 as SignedLots }] });
	const ours = { orderId: 'BTCUSDT-Buy-2-1-1000' as OrderId, instrument: BTC, venueOrderId: undefined };
	comparisons.hearLookUp('bybit', [ours, { ...ours, orderId: STRANGER.clientOrderId as OrderId }]);
	verdict({ verdict: 'repaired', ordersFixed: 1, orphansClosed: 1 });
	const [row] = [...comparisons.rows.newestFirst()];
	expect(row).toMatchObject({ kind: 'differs', compared: 1, why: '2 orders were put right' });
	expect(row?.diffs).toMatchObject([
		{ kind: 'listed', orderId: STRANGER.clientOrderId, symbol: 'BTCUSDT' },
		{ kind: 'position', orderId: null, symbol: 'BTCUSDT', sentence: 'the venue holds 0.003 of BTCUSDT, our fills make 0.000' },
		{ kind: 'missing', orderId: ours.orderId, symbol: 'BTCUSDT' },
	]);
});

test('a picture that was not whole proves nothing', () => {
	const { comparisons, census, verdict } = scene();
	census(undefined);
	comparisons.hearLookUp('bybit', [{ orderId: 'x' as OrderId, instrument: BTC, venueOrderId: undefined }]);
	verdict({ verdict: 'inconclusive' });
	expect([...comparisons.rows.newestFirst()]).toMatchObject([{ kind: 'differs', diffs: [] }]);
	expect(comparisons.lastAtMs('bybit')).toBeUndefined();
});

/** An engine that quotes and takes each picture, and what is made of it. */
function live() {
	const desk = new Desk({ instruments: [BTC], strategy: ladder(LADDER_DEFAULTS) });
	const app = { engine: desk.engine, instruments: [BTC] } as unknown as WatchedApp;
	const comparisons = new Comparisons();
	for (let tick = 0; tick < 20; tick += 1) {
		desk.book(BTC, 650_000, 650_010);
		desk.tick();
		desk.settle();
	}
	expect(desk.engine.openOrders().length).toBeGreaterThan(1);
	const hear = (event: EngineEvent): void => {
		const before = desk.kept.length;
		if (event.kind === 'census') comparisons.hearCensus(event, app);
		for (const effect of desk.step(event)) {
			if (effect.kind === 'lookUp') comparisons.hearLookUp('bybit', effect.asked);
		}
		for (const record of desk.kept.slice(before)) {
			if (record.kind === 'reconciled') comparisons.hearVerdict(record, desk.at().monoMs);
		}
	};
	/** Some time later, without so many of our orders, oldest first. */
	const census = (withoutCount: number, isWhole = true): void => {
		desk.nowMs += 5_000;
		const orders = desk.reportsOfOpen().slice(withoutCount);
		const found = isWhole ? { orders, positions: [] } : undefined;
		hear({ kind: 'census', venue: 'bybit', beganAtMono: desk.at().monoMs, found, ...desk.at() });
	};
	/** Oldest first. */
	const rows = () => [...comparisons.rows.newestFirst()].toReversed().map(({ kind, diffs }) => [kind, diffs.length]);
	return { desk, hear, census, rows };
}

test('a comparison that waits for look-ups has its own differences when the next picture ends it', () => {
	const { census, rows } = live();
	census(2);
	expect(rows()).toEqual([]);
	census(0);
	expect(rows()).toEqual([
		['differs', 2],
		['clean', 0],
	]);
	census(0);
	expect(rows().at(-1)).toEqual(['clean', 0]);
});

test('one that a doubt broke off has no verdict, and lends its differences to no other', () => {
	const { desk, hear, census, rows } = live();
	census(2);
	hear({ kind: 'control', action: { kind: 'compare', reason: 'asked for' }, ...desk.at() });
	census(0);
	expect(rows()).toEqual([['clean', 0]]);
});

test('nor has one that a picture came upon which was not whole', () => {
	const { census, rows } = live();
	census(2);
	census(0, false);
	census(0);
	expect(rows()).toEqual([
		['differs', 0],
		['clean', 0],
	]);
});

test('what is remembered is bounded, in rows and in differences', () => {
	const { comparisons, census, verdict } = scene();
	for (let round = 0; round < COMPARISONS_KEPT + 20; round += 1) {
		census({
			orders: Array.from({ length: 80 }, (_, at) => ({ ...STRANGER, clientOrderId: `BTCUSDT-Buy-1-${at + 1}-zzzz` })),
			positions: [],
		});
		verdict({ verdict: 'desync' });
	}
	const rows = [...comparisons.rows.newestFirst()];
	expect(rows.length).toBe(COMPARISONS_KEPT);
	expect(rows[0]?.diffs.length).toBe(50);
});
