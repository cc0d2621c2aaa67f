/** How far back a start asks for executions. */
import { expect, test } from 'vitest';
import type { JournalRecord } from '../domain/journal-record.ts';
import { Recovery } from '../engine/recovery.ts';
import { executionsSinceMs } from './executions-since.ts';

const DAY_MS = 86_400_000;
const NOW_MS = Date.UTC(2026, 5, 1);
const BTC: JournalRecord = {
	...{ kind: 'instrument', instrumentId: 'bybit:linear:BTCUSDT', version: 1, venue: 'bybit', category: 'linear' },
	...{ symbol: 'BTCUSDT', baseCurrency: 'BTC', quoteCurrency: 'USDT', settleCurrency: 'USDT', tickSize: '0.1', lotSize: '0.001' },
};

function since(...records: readonly JournalRecord[]): number | undefined {
	const recovery = new Recovery();
	for (const record of records) recovery.apply(record);
	return executionsSinceMs(recovery.result(), NOW_MS);
}

function run(agoMs: number): JournalRecord {
	return { kind: 'run', runTag: 'aaaa', atMs: NOW_MS - agoMs, mode: 'sim', build: 'b', settings: 's' };
}

function execution(agoMs: number): JournalRecord {
	return {
		...{ kind: 'execution', executionId: `e${agoMs}`, instrumentId: 'bybit:linear:BTCUSDT', version: 1, clientOrderId: '' },
		...{ venueOrderId: 'v', side: 'buy', priceTicks: 10, qtyLots: 1, fee: '0', feeCurrency: 'USDT', isMaker: true },
		tradedAtMs: NOW_MS - agoMs,
	};
}

test.each<[name: string, records: readonly JournalRecord[], agoMs: number | undefined]>([
	['an empty journal asks for nothing of before', [], undefined],
	['ten minutes before the last that is booked', [run(DAY_MS), BTC, execution(7_000_000), execution(5_000_000)], 5_600_000],
	['without any, ten minutes before the first run: none of them may have told', [run(DAY_MS), run(60_000)], DAY_MS + 600_000],
	['never further than a week, which the venue would answer with its first week', [run(30 * DAY_MS)], 7 * DAY_MS - 3_600_000],
])('%s', (_, records, agoMs) => {
	expect(since(...records)).toBe(agoMs === undefined ? undefined : NOW_MS - agoMs);
});
