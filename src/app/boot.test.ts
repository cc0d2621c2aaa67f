/** What a start makes of what the journal knows: when the gate stays shut, and what a person is told. */
import { describe, expect, test } from 'vitest';
import type { JournalRecord, RunRecord } from '../domain/journal-record.ts';
import { Recovery } from '../engine/recovery.ts';
import { latchOfDamage } from '../storage/journal-segment.ts';
import { type BootFacts, judgeBoot } from './boot.ts';

const NOW_MS = Date.UTC(2026, 5, 1, 12);
const MINUTE_MS = 60_000;

function run(minutesAgo: number, more: Partial<RunRecord> = {}): RunRecord {
	return {
		kind: 'run',
		runTag: 'aaaa',
		atMs: NOW_MS - minutesAgo * MINUTE_MS,
		mode: 'sim',
		build: 'b1',
		settings: 's1',
		...more,
	};
}

const stopped = (minutesAgo: number, left: readonly string[] = []): JournalRecord => {
	return { kind: 'stopped', atMs: NOW_MS - minutesAgo * MINUTE_MS, left };
};
const kill: JournalRecord = { kind: 'latch', level: 'kill', reason: 'the operator said so', atMs: NOW_MS - MINUTE_MS };
const rearm: JournalRecord = { kind: 'rearm', by: 'me', atMs: NOW_MS - MINUTE_MS };
const BTC: JournalRecord = {
	...{ kind: 'instrument', instrumentId: 'bybit:linear:BTCUSDT', version: 1, venue: 'bybit', category: 'linear' },
	...{ symbol: 'BTCUSDT', baseCurrency: 'BTC', quoteCurrency: 'USDT', settleCurrency: 'USDT', tickSize: '0.1', lotSize: '0.001' },
};
const place: JournalRecord = {
	...{ kind: 'place', orderId: 'BTCUSDT-Buy-1-1-aaaa', instrumentId: 'bybit:linear:BTCUSDT', version: 1, owner: '', slot: 0 },
	...{ side: 'buy', orderType: 'limit', timeInForce: 'postOnly', reduceOnly: false, priceTicks: 10, qtyLots: 1 },
};

function boot(records: readonly JournalRecord[], more: Partial<BootFacts> = {}) {
	const recovery = new Recovery();
	for (const record of records) recovery.apply(record);
	return judgeBoot({
		recovered: recovery.result(),
		tornBytes: 0,
		run: run(0),
		crashLoop: { crashesMax: 3, windowMs: 10 * MINUTE_MS },
		rearmCommand: 'evenkeel rearm',
		...more,
	});
}

test('a first start, and one after an orderly end, have nothing to say', () => {
	const nothing = { newLatch: undefined, remarks: [] };
	expect(boot([])).toEqual(nothing);
	expect(boot([run(9), stopped(8), run(5, { build: 'b0', settings: 's0' }), stopped(1)])).toEqual(nothing);
});

describe('the gate stays shut', () => {
	test.each<[name: string, records: readonly JournalRecord[], isShut: boolean]>([
		['after three crashes within ten minutes', [run(9), run(6), run(3)], true],
		['after two of them', [run(9), run(6)], false],
		['after three, of which one ended long ago', [run(60), run(11), run(6), run(3)], true],
		['after three starts, of which the first ended eleven minutes ago', [run(60), run(11), run(6)], false],
		['after three that said good-bye', [run(9), stopped(8), run(6), stopped(5), run(3), stopped(2)], false],
		['after three, when a person has re-armed since', [run(9), run(6), run(3), rearm], false],
		['after three, when a person had re-armed before the last two', [run(9), rearm, run(6), run(3)], false],
	])('%s: %s', (_, records, isShut) => {
		const { newLatch } = boot(records);
		expect(newLatch?.level).toBe(isShut ? 'kill' : undefined);
		if (isShut) expect(newLatch?.reason).toBe('3 runs ended without a good-bye within 10 min');
	});

	test('when the journal is damaged, and the sentence says how to go on', () => {
		const { remarks } = boot([run(5), stopped(4), latchOfDamage('x.journal is damaged behind record 7', NOW_MS)]);
		expect(remarks).toEqual([
			'since 2026-06-01 12:00:00 UTC all orders are cancelled and nothing new is placed, because the journal is damaged, and what it lacks may be open at the venue: x.journal is damaged behind record 7; when that is understood, stop this and run: evenkeel rearm',
		]);
	});

	test('as long as nobody takes a kill back, and it is not written down again', () => {
		const { newLatch, remarks } = boot([run(9), run(8), run(7), kill, run(3)]);
		expect(newLatch).toBeUndefined();
		expect(remarks.join()).toContain('because the operator said so');
	});

	test('but for a lesser latch, which a crash loop makes a kill', () => {
		const lesser: JournalRecord = { ...kill, level: 'reduceOnly', reason: 'a loss' };
		expect(boot([run(5), lesser]).remarks.join()).toContain('only orders that reduce a position are placed, because a loss');
		expect(boot([run(9), lesser, run(6), run(3)]).newLatch?.level).toBe('kill');
	});
});

describe('a person is told', () => {
	test('that the last run crashed, and what it left', () => {
		expect(boot([run(5)]).remarks).toEqual(['the last run, of 2026-06-01 11:55:00 UTC, ended without a good-bye']);
		expect(boot([run(5), BTC, place]).remarks).toEqual([
			'the last run, of 2026-06-01 11:55:00 UTC, ended without a good-bye: 1 order of before is looked up and cancelled first',
		]);
	});

	test('that an orderly end left something, and of which build and settings it was if others run now (F75)', () => {
		const records = [run(5, { build: 'b0', settings: 's0' }), BTC, place, stopped(4, ['BTCUSDT-Buy-1-1-aaaa'])];
		expect(boot(records).remarks).toEqual([
			'the last run left something behind: 1 order of before is looked up and cancelled first',
			'the last run was of another build (b0, now b1) and other settings (s0, now s1)',
		]);
	});

	test('that a last write was torn', () => {
		expect(boot([run(5), stopped(4)], { tornBytes: 12 }).remarks).toEqual([
			'the last write of the journal did not get to its end: its 12 bytes were cut off, and nothing that they told of had been sent',
		]);
	});
});
