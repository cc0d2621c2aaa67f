/** Trades of a made-up account behind a reader that keeps the venue's rules, whichever way they lie. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readTrades, TRADES_A_PAGE, tradeId } from './trade-pages.ts';

const HOUR_MS = 3_600_000;
const NOW_MS = 1_771_000_000_000;

interface Trade {
	readonly id: number;
	readonly orderId: number;
	readonly time: number;
}

/** Oldest first, so many at most; of more than that the first or the last of them, as either kind of venue does it. */
function venueOf(trades: readonly Trade[], spanMsMax: number, keeps: 'first' | 'last' = 'first') {
	const spans: number[] = [];
	const page = async (of: { readonly startTime: number; readonly endTime: number; readonly limit: number }) => {
		spans.push(of.endTime - of.startTime);
		if (of.endTime - of.startTime > spanMsMax) throw new Error('the venue refuses so long a span');
		const inSpan = trades.filter(({ time }) => time >= of.startTime && time <= of.endTime);
		const value = keeps === 'first' ? inSpan.slice(0, of.limit) : inSpan.slice(-of.limit);
		return { kind: 'ok', value, askedAtMs: NOW_MS } as const;
	};
	return { page, spans };
}

test.each([
	['spot', 24, 'first'],
	['spot', 24, 'last'],
	['linear', 7 * 24, 'first'],
	['linear', 7 * 24, 'last'],
] as const)('all trades of %s since then, each once, however they lie (%i h, the %s)', async (market, hours, keeps) => {
	const spanMs = hours * HOUR_MS;
	await fc.assert(
		fc.asyncProperty(
			fc.array(fc.integer({ min: 0, max: 4 * spanMs }), { maxLength: 60 }),
			fc.array(fc.record({ at: fc.integer({ min: 0, max: 4 * spanMs - 1_000 }), count: fc.integer({ min: 900, max: 2_500 }) }), {
				maxLength: 2,
			}),
			async (ages, bursts) => {
				const times = [...ages, ...bursts.flatMap(({ at, count }) => Array.from({ length: count }, (_, i) => at + (i >> 2)))];
				const trades = times
					.map((age) => NOW_MS - age)
					.sort((a, b) => a - b)
					.map((time, id) => ({ id, orderId: 7, time }));
				const sinceMs = NOW_MS - 4 * spanMs;
				const { page } = venueOf(trades, spanMs, keeps);
				const read = await readTrades({ market, sinceMs, venueNowMs: () => NOW_MS, idOf: tradeId, page });
				expect(read.kind === 'ok' && read.value).toEqual(trades);
			},
		),
		{ numRuns: 40 },
	);
});

test('a page of one and the same millisecond proves nothing', async () => {
	const trades = Array.from({ length: TRADES_A_PAGE + 1 }, (_, id) => ({ id, orderId: 7, time: NOW_MS - 5 }));
	const { page } = venueOf(trades, 24 * HOUR_MS);
	const read = await readTrades({ market: 'spot', sinceMs: NOW_MS - 5, venueNowMs: () => NOW_MS, idOf: tradeId, page });
	expect(read).toMatchObject({ kind: 'failed', class: 'transient', sentence: expect.stringContaining('millisecond') as string });
});

test('a trade between two orders of our own is listed twice, and kept twice', async () => {
	const trades = [7, 8].map((orderId) => ({ id: 1, orderId, time: NOW_MS - 5 }));
	const { page } = venueOf(trades, 7 * 24 * HOUR_MS);
	const read = await readTrades({ market: 'linear', sinceMs: NOW_MS - 5, venueNowMs: () => NOW_MS, idOf: tradeId, page });
	expect(read).toMatchObject({ kind: 'ok', value: trades });
});

test('a page that fails is the failure of the list (F32)', async () => {
	const { page } = venueOf([], 24 * HOUR_MS);
	let asked = 0;
	const failing = async (of: Parameters<typeof page>[0]) => {
		asked += 1;
		if (asked < 2) return page(of);
		return { kind: 'failed', class: 'rate-limited', code: -1003, sentence: 'no' } as const;
	};
	const read = await readTrades({
		market: 'spot',
		sinceMs: NOW_MS - 72 * HOUR_MS,
		venueNowMs: () => NOW_MS,
		idOf: tradeId,
		page: failing,
	});
	expect(read).toMatchObject({ kind: 'failed', code: -1003 });
});

test('a row without an id leaves the list in doubt', async () => {
	const page = async () => ({ kind: 'ok', value: [{ time: NOW_MS }], askedAtMs: NOW_MS }) as const;
	const read = await readTrades({ market: 'linear', sinceMs: NOW_MS - 5, venueNowMs: () => NOW_MS, idOf: tradeId, page });
	expect(read).toMatchObject({ kind: 'failed', sentence: expect.stringContaining('no id') as string });
});

test('no list is endless', async () => {
	const { page, spans } = venueOf([], 24 * HOUR_MS);
	const read = await readTrades({ market: 'spot', sinceMs: 0, venueNowMs: () => NOW_MS, idOf: tradeId, page });
	expect(read).toMatchObject({ kind: 'failed', sentence: expect.stringContaining('200 pages') as string });
	expect(spans).toHaveLength(200);
});
