import { describe, expect, test } from 'vitest';
import type { BarsAsked } from '../../domain/market-read.ts';
import type { TimeMs } from '../../domain/units.ts';
import { type BarRow, readBars } from './bars.ts';

const MINUTE_MS = 60_000;
const NOW_MS = 1_000 * MINUTE_MS + 20_000;

function row(minute: number, more: Partial<BarRow> = {}): BarRow {
	return { startAtMs: minute * MINUTE_MS, open: '10', high: '12', low: '9', close: '11', volume: '3', ...more };
}

/** Bars of every minute from 800 on, listed as a venue would, the newest first; the one of minute 1000 still runs. */
async function read(of: Partial<BarsAsked>, rowsOf: (minute: number) => BarRow = row, pageMax = 50) {
	const pages: { readonly beginsUntilMs: number; readonly limit: number }[] = [];
	const read = await readBars({
		asked: { interval: '1m', count: 3, ...of },
		venueNowMs: NOW_MS,
		pageMax,
		page: async (page) => {
			pages.push(page);
			const rows: BarRow[] = [];
			for (let minute = Math.min(1_000, page.beginsUntilMs / MINUTE_MS); minute >= 800 && rows.length < page.limit; minute -= 1) {
				rows.push(rowsOf(minute));
			}
			return { kind: 'ok', value: rows };
		},
	});
	return { read, pages, minutes: read.kind === 'ok' ? read.value.map(({ startAtMs }) => startAtMs / MINUTE_MS) : [] };
}

describe('bars of a list', () => {
	test('are closed ones as numbers, oldest first', async () => {
		const { read: found, minutes, pages } = await read({});
		expect(minutes).toEqual([997, 998, 999]);
		expect(found).toMatchObject({
			value: [{ endAtMs: 998 * MINUTE_MS - 1, open: 10, high: 12, low: 9, close: 11, volume: 3 }, {}, {}],
		});
		expect(pages).toHaveLength(1);
	});

	test.each([
		['the last millisecond of a bar', 990 * MINUTE_MS - 1, 989],
		['the first of the next one', 990 * MINUTE_MS, 989],
		['the middle of one', 990 * MINUTE_MS + 30_000, 989],
		['a moment to come', NOW_MS + 10 * MINUTE_MS, 999],
	])('up to %s', async (_name, endAtMs, last) => {
		const { minutes } = await read({ endAtMs: endAtMs as TimeMs });
		expect(minutes.at(-1)).toBe(last);
	});

	test('come in as many pages as it takes, until the venue has no more', async () => {
		const { minutes, pages } = await read({ count: 120 });
		expect(minutes).toEqual(Array.from({ length: 120 }, (_, at) => 880 + at));
		expect(pages.map(({ limit }) => limit)).toEqual([50, 50, 20]);
		const all = await read({ count: 1_000 });
		expect([all.minutes.length, all.minutes[0], all.pages.length]).toEqual([200, 800, 5]);
	});

	test.each([
		['a high below the close', { high: '10.5' }],
		['a low above the open', { low: '10.5' }],
		['a price of nothing', { low: '0' }],
		['text that is no number', { open: 'EVIL' }],
		['a volume below zero', { volume: '-1' }],
		['a beginning off its grid', { startAtMs: 999 * MINUTE_MS + 1 }],
	] satisfies [string, Partial<BarRow>][])('with %s in it is no list at all', async (_name, more) => {
		const { read: found } = await read({}, (minute) => row(minute, minute === 998 ? more : {}));
		expect(found).toMatchObject({ kind: 'failed', class: 'transient' });
		expect(JSON.stringify(found)).not.toContain('EVIL');
	});

	test('that goes further than asked for is cut: what still runs is none', async () => {
		const asked = { interval: '1m', count: 3 } as const;
		const page = async () => ({ kind: 'ok', value: [row(998), row(999), row(1_000)] }) as const;
		const found = await readBars({ asked, venueNowMs: NOW_MS, pageMax: 50, page });
		expect(found.kind === 'ok' && found.value.map(({ startAtMs }) => startAtMs / MINUTE_MS)).toEqual([998, 999]);
	});

	test('with one twice in it is no list at all', async () => {
		const { read: found } = await read({}, (minute) => row(minute === 998 ? 999 : minute));
		expect(found).toMatchObject({ kind: 'failed' });
	});

	test.each([0, -1, 1.5, 10_001, Number.NaN])('%s of them cannot be asked for', async (count) => {
		const { read: found, pages } = await read({ count });
		expect([found.kind, pages.length]).toEqual(['failed', 0]);
	});

	test('a page that fails is the end of it', async () => {
		const failure = { kind: 'failed', class: 'auth', sentence: 'no' } as const;
		const asked = { interval: '1m', count: 3 } as const;
		expect(await readBars({ asked, venueNowMs: NOW_MS, pageMax: 50, page: async () => failure })).toEqual(failure);
	});
});
