import { describe, expect, test } from 'vitest';
import type { Instrument } from '../domain/instrument.ts';
import type { BookRead, PriceRead } from '../domain/market-read.ts';
import type { TimeMs } from '../domain/units.ts';
import { pass, settle } from '../network/in-virtual-time.suite.ts';
import type { Result } from '../network/result.ts';
import { barAt, open } from './market-data.suite.ts';
import type { BarNews } from './market-feeds.ts';

const PRICE = { kind: 'price' } as const;
const BARS = { kind: 'bars', interval: '1m' } as const;

function lastOf(news: Result<PriceRead>): string {
	return news.kind === 'ok' ? `${news.value.last}` : `failed: ${news.detail}`;
}

/** Something that is heard anyway. */
function heard() {
	const state: { last: number | undefined } = { last: 100 };
	return {
		state,
		heardMarket: {
			price: ({ index: instrument }: Instrument): PriceRead | undefined => {
				if (state.last === undefined) return undefined;
				return { instrument, last: state.last, bid: 99, ask: 101, mark: 0, fundingRate: 0, atMs: 7 as TimeMs };
			},
			book: ({ index: instrument }: Instrument, depth: number): BookRead | undefined => {
				if (state.last === undefined) return undefined;
				return { instrument, bids: [{ price: state.last, qty: depth }], asks: [], atMs: 7 as TimeMs };
			},
		},
	};
}

describe('subscriptions', () => {
	test('to what is heard anyway cost no call, and tell each change once, the latest only', async () => {
		const { state, heardMarket } = heard();
		const { clock, data, calls } = open({ heardMarket });
		const told: string[] = [];
		const subscription = data.subscribe('AAA', PRICE, (news) => told.push(lastOf(news)));
		expect(told, 'never from inside of the call').toEqual([]);
		await pass(clock, 1_010);
		for (const last of [101, 102, 103]) {
			state.last = last;
			await pass(clock, 20);
		}
		await pass(clock, 1_000);
		expect(told).toEqual(['100', '103']);
		subscription[Symbol.dispose]();
		state.last = 104;
		await pass(clock, 1_000);
		expect([told.length, calls.length]).toEqual([2, 0]);
		expect(clock.step(), 'no timer is left').toBe(false);
	});

	test('to what is not heard ask the venue, all together, and a change is told a second later at most', async () => {
		const { clock, data, calls, state } = open();
		const told: string[] = [];
		for (const symbol of ['AAA', 'CCC']) data.subscribe(symbol, PRICE, (news) => told.push(`${symbol} ${lastOf(news)}`));
		await pass(clock, 400);
		expect(calls, 'they are in no hurry, and wait for company').toEqual([]);
		await pass(clock, 200);
		expect(told).toEqual(['AAA 100', 'CCC 100']);
		expect(calls.map(({ what }) => what)).toEqual(['prices bybit AAA,CCC']);
		state.price = 101;
		await pass(clock, 1_600);
		expect(told.slice(2)).toEqual(['AAA 101', 'CCC 101']);
		await data[Symbol.asyncDispose]();
		const before = calls.length;
		await pass(clock, 5_000);
		expect([told.length, calls.length]).toEqual([4, before]);
	});

	test('that end while the venue is asked ask no more', async () => {
		const { clock, data, calls } = open();
		const told: string[] = [];
		const subscription = data.subscribe('AAA', PRICE, (news) => told.push(lastOf(news)));
		await pass(clock, 520);
		subscription[Symbol.dispose]();
		await pass(clock, 10_000);
		expect([calls.length, told.length]).toEqual([1, 0]);
	});

	test('tell once that something cannot be had, and when it is back', async () => {
		const { state, heardMarket } = heard();
		const { clock, data, refused, instruments } = open({ heardMarket });
		const told: string[] = [];
		data.subscribe('AAA', PRICE, (news) => told.push(lastOf(news)));
		await pass(clock, 200);
		state.last = undefined;
		refused.add('AAA');
		await pass(clock, 5_000);
		state.last = 100;
		await pass(clock, 2_000);
		expect(told).toEqual(['100', 'failed: the venue refuses it', '100']);
		instruments.delete('AAA');
		await pass(clock, 2_000);
		expect(told.slice(3)).toEqual(['failed: AAA is unknown: it is not among the symbols that were opened']);
	});

	test('to a book tell as many levels as asked for', async () => {
		const { heardMarket } = heard();
		const { clock, data } = open({ heardMarket });
		const told: Result<BookRead>[] = [];
		data.subscribe('AAA', { kind: 'book', depth: 3 }, (news) => told.push(news));
		await pass(clock, 500);
		expect(told).toMatchObject([{ kind: 'ok', value: { bids: [{ price: 100, qty: 3 }] } }]);
	});

	test('to bars tell what the venue tells; without room they say so', async () => {
		const { clock, data, listeners } = open();
		const told: Result<BarNews>[] = [];
		const first = data.subscribe('AAA', BARS, (news) => told.push(news));
		for (const listener of listeners) listener(barAt(1), true);
		expect(told).toEqual([{ kind: 'ok', value: { instrument: 0, bar: barAt(1), isClosed: true } }]);
		const none: Result<BarNews>[] = [];
		data.subscribe('CCC', BARS, (news) => none.push(news));
		data.subscribe('NOSUCH', BARS, (news) => none.push(news));
		expect(none).toEqual([]);
		await pass(clock, 10);
		expect(none).toMatchObject([
			{ kind: 'failed', reason: 'full' },
			{ kind: 'failed', class: 'fatal' },
		]);
		first[Symbol.dispose]();
		expect(listeners.size).toBe(0);
	});

	test('a listener that throws hears nothing more, and costs the others nothing', async () => {
		const { state, heardMarket } = heard();
		const { clock, data, errors, listeners } = open({ heardMarket });
		const told: string[] = [];
		const bug = new Error('a bug of theirs');
		data.subscribe('AAA', PRICE, () => {
			throw bug;
		});
		data.subscribe('AAA', PRICE, (news) => told.push(lastOf(news)));
		data.subscribe('AAA', BARS, () => {
			throw bug;
		});
		await pass(clock, 300);
		for (const listener of listeners) listener(barAt(1), false);
		state.last = 101;
		await pass(clock, 300);
		expect(errors).toEqual([bug, bug]);
		expect(told).toEqual(['100', '101']);
		expect(listeners.size).toBe(0);
	});
});

describe('streams', () => {
	test('who is slow finds the latest, and nothing piles up', async () => {
		const { state, heardMarket } = heard();
		const { clock, data } = open({ heardMarket });
		const prices = data.stream('AAA', PRICE);
		const first = prices.next();
		await pass(clock, 200);
		for (const last of [101, 102, 103]) {
			state.last = last;
			await pass(clock, 500);
		}
		const taken = [await first, await prices.next()];
		expect(taken.map(({ value }) => value && lastOf(value))).toEqual(['100', '103']);
		await prices.return();
		expect(await prices.next()).toEqual({ done: true, value: undefined });
		expect(clock.step(), 'no timer is left').toBe(false);
	});

	test('of bars every one that has closed is kept, up to a bound, and of the running one the latest', async () => {
		const { data, listeners } = open();
		const bars = data.stream('AAA', BARS);
		const first = bars.next();
		await settle();
		const tell = (minute: number, isClosed: boolean): void => {
			for (const listener of listeners) listener(barAt(minute), isClosed);
		};
		tell(0, true);
		await first;
		for (let minute = 1; minute <= 3; minute += 1) {
			tell(minute, false);
			tell(minute, false);
			tell(minute, true);
		}
		tell(4, false);
		tell(4, false);
		const taken: string[] = [];
		const take = async (): Promise<void> => {
			const { value } = await bars.next();
			if (value?.kind === 'ok') taken.push(`${value.value.bar.startAtMs / 60_000} ${value.value.isClosed}`);
		};
		for (let count = 0; count < 4; count += 1) await take();
		expect(taken).toEqual(['1 true', '2 true', '3 true', '4 false']);
		for (let minute = 5; minute < 205; minute += 1) tell(minute, true);
		await take();
		expect(taken.at(-1), 'the oldest are missed').toBe(`${205 - 64} true`);
		await bars.return();
		expect(listeners.size).toBe(0);
	});

	test('end when the signal says so, also while somebody waits', async () => {
		const { clock, data, listeners } = open();
		const off = new AbortController();
		const bars = data.stream('AAA', BARS, { signal: off.signal });
		const seen: unknown[] = [];
		const loop = (async () => {
			for await (const news of bars) seen.push(news);
			return 'over';
		})();
		await pass(clock, 100);
		for (const listener of listeners) listener(barAt(1), false);
		await settle();
		off.abort();
		expect(await loop).toBe('over');
		expect([seen.length, listeners.size]).toEqual([1, 0]);
		const late = data.stream('AAA', BARS, { signal: off.signal });
		expect(await late.next()).toEqual({ done: true, value: undefined });
		expect(listeners.size, 'nothing was subscribed for it').toBe(0);
	});

	test('one that is never taken from subscribes to nothing', async () => {
		const { clock, data, listeners } = open();
		data.stream('AAA', BARS);
		await pass(clock, 100);
		expect(listeners.size).toBe(0);
	});
});
