import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { pass, settle, watch } from '../network/in-virtual-time.suite.ts';
import { LATENCY_MS, open, said } from './market-data.suite.ts';

const ASK = { interval: '1m', count: 2 } as const;

describe('many symbols at once', () => {
	test('prices share a call a venue, books and bars are asked for all at once', async () => {
		const { clock, data, calls } = open();
		const names = ['AAA', 'BBB', 'CCC', 'DDD'];
		const seen = [
			watch(data.fetchPricesBatch(names), clock),
			watch(data.fetchOrderBooksBatch(names, { depth: 5 }), clock),
			watch(data.fetchKlinesBatch(names, ASK), clock),
		];
		await pass(clock, 100);
		expect(seen.map(({ atMono }) => atMono)).toEqual([LATENCY_MS, LATENCY_MS, LATENCY_MS]);
		expect(seen.map(({ value }) => said(value))).toEqual(Array.from({ length: 3 }, () => names.map((name) => `${name}: ok`)));
		expect(calls.map(({ what }) => what).toSorted()).toEqual([
			...names.map((name) => `bars ${name} 2`),
			...names.map((name) => `book ${name} 5`),
			'prices binance BBB,DDD',
			'prices bybit AAA,CCC',
		]);
	});

	test('one that is unknown, halted, refused or silent says why, and the others are as they would be', async () => {
		const { clock, data, calls, silent, refused } = open();
		silent.add('BBB');
		refused.add('CCC');
		const names = ['AAA', 'BBB', 'CCC', 'HALTED', 'NOSUCH'];
		const of = { withinMs: 300 };
		const prices = watch(data.fetchPricesBatch(['AAA', 'CCC', 'HALTED', 'NOSUCH'], of), clock);
		const books = watch(data.fetchOrderBooksBatch(names, { depth: 5, ...of }), clock);
		const bars = watch(data.fetchKlinesBatch(names, { ...ASK, ...of }), clock);
		await pass(clock, 1_000);
		const expected = [
			'AAA: ok',
			'BBB: no answer within 300 ms',
			'CCC: the venue refuses it',
			'HALTED: bybit:linear:HALTED is halted: its venue does not trade it now',
			'NOSUCH: NOSUCH is unknown: it is not among the symbols that were opened',
		];
		expect(said(books.value)).toEqual(expected);
		expect(said(bars.value)).toEqual(expected);
		expect(said(prices.value)).toEqual(expected.filter((each) => !each.startsWith('BBB')));
		expect(
			calls.some(({ what }) => /HALTED|NOSUCH/.test(what)),
			'nobody is asked about them',
		).toBe(false);
		expect([prices.atMono, books.atMono]).toEqual([LATENCY_MS, 300]);
	});

	test('a venue that is silent costs those of another one nothing', async () => {
		const { clock, data, silent } = open();
		silent.add('BBB');
		const seen = watch(data.fetchPricesBatch(['AAA', 'BBB'], { withinMs: 200 }), clock);
		await pass(clock, 500);
		expect(said(seen.value)).toEqual(['AAA: ok', 'BBB: no answer within 200 ms']);
	});

	test('no more are in flight than may be', async () => {
		const names = Array.from({ length: 40 }, (_, index) => `S${index}`);
		const settings = { concurrentRequestsMax: 3, isLimiting: false };
		const { clock, data, state } = open({ settings }, names);
		const first = watch(data.fetchOrderBooksBatch(names, { depth: 5 }), clock);
		const second = watch(data.fetchKlinesBatch(names, ASK), clock);
		const third = watch(data.fetchOrderBooksBatch(names, { depth: 6 }), clock);
		await pass(clock, 3_000);
		expect(said(third.value).every((each) => each.endsWith('ok'))).toBe(true);
		expect(said(first.value).every((each) => each.endsWith('ok'))).toBe(true);
		expect(said(second.value).every((each) => each.endsWith('ok'))).toBe(true);
		expect(state.activeMost, 'three at each of two venues').toBe(6);
	});

	test('a name given twice is read once', async () => {
		const { clock, data, calls } = open();
		const seen = watch(data.fetchOrderBooksBatch(['AAA', 'AAA'], { depth: 5 }), clock);
		await pass(clock, 100);
		expect([seen.value?.size, calls.length]).toEqual([1, 1]);
	});

	test('of one symbol everything is read at once, and what fails of it fails alone', async () => {
		const { clock, data, silent } = open();
		silent.add('AAA');
		const [quiet, well, unknown] = ['AAA', 'BBB', 'NOSUCH'].map((name) =>
			watch(data.readAll(name, { depth: 5, ...ASK, withinMs: 200 }), clock),
		);
		await pass(clock, 500);
		expect(well).toMatchObject({
			atMono: LATENCY_MS,
			value: { price: { kind: 'ok' }, book: { kind: 'ok' }, bars: { kind: 'ok' } },
		});
		expect(quiet).toMatchObject({ atMono: 200, value: { book: { reason: 'timeout' }, bars: { reason: 'timeout' } } });
		expect(unknown).toMatchObject({ atMono: 0, value: { price: { class: 'fatal' }, bars: { class: 'fatal' } } });
	});

	test('batching off: each price is asked for by itself', async () => {
		const { clock, data, calls } = open({ settings: { isBatching: false } });
		void data.fetchPricesBatch(['AAA', 'CCC']);
		await pass(clock, 100);
		expect(calls.map(({ what }) => what)).toEqual(['prices bybit AAA', 'prices bybit CCC']);
	});
});

describe('equal reads', () => {
	test('share one call however many miss at once, and its answer for a moment', async () => {
		const { clock, data, calls } = open();
		const crowd = Array.from({ length: 50 }, () => watch(data.fetchOrderBooksBatch(['AAA'], { depth: 5 }), clock));
		await pass(clock, 10);
		crowd.push(watch(data.fetchOrderBooksBatch(['AAA'], { depth: 5 }), clock));
		await pass(clock, 200);
		expect(crowd.every(({ value }) => said(value).join() === 'AAA: ok')).toBe(true);
		void data.fetchOrderBooksBatch(['AAA'], { depth: 5 });
		await settle();
		expect(calls).toHaveLength(1);
		await pass(clock, 300);
		void data.fetchOrderBooksBatch(['AAA'], { depth: 5 });
		await settle();
		expect(calls).toHaveLength(2);
		void data.fetchOrderBooksBatch(['AAA'], { depth: 6 });
		await settle();
		expect(calls, 'another depth is another book').toHaveLength(3);
	});

	test('bars are read anew as soon as one has closed', async () => {
		const { clock, data, calls } = open({ settings: { barsTtlMs: 3_600_000 } });
		const readAt = async (afterMs: number): Promise<number> => {
			await pass(clock, afterMs);
			void data.fetchKlinesBatch(['AAA'], ASK);
			await pass(clock, 50);
			return calls.length;
		};
		expect([await readAt(0), await readAt(1_000), await readAt(60_000), await readAt(1_000)]).toEqual([1, 1, 2, 2]);
	});

	test('nobody fails because another one had less time', async () => {
		const { clock, data, state, calls } = open({ settings: { marketDataPerSecond: 1 } });
		void data.fetchKlinesBatch(['AAA'], ASK);
		await pass(clock, 100);
		const hasty = watch(data.fetchOrderBooksBatch(['AAA'], { depth: 5, withinMs: 200 }), clock);
		const patient = watch(data.fetchOrderBooksBatch(['AAA'], { depth: 5, withinMs: 5_000 }), clock);
		await pass(clock, 3_000);
		expect(said(hasty.value).join()).toContain('there is no room before');
		expect(said(patient.value)).toEqual(['AAA: ok']);
		expect(calls).toHaveLength(2);
		expect(state.active).toBe(0);
	});

	test('a number of an instrument is the asker’s own, whoever kept the answer', async () => {
		const { data, clock } = open({
			cacheOf: () => ({
				get: async () => undefined,
				getOrLoad: async (_key, load) => {
					const found = await load(new AbortController().signal);
					if (found.kind === 'failed') return found;
					return { kind: 'ok', value: { value: { ...found.value, instrument: 99 }, ageMs: 0, isStale: false } };
				},
				set: async () => undefined,
				delete: async () => undefined,
				[Symbol.asyncDispose]: async () => undefined,
			}),
		});
		const seen = watch(data.fetchPricesBatch(['BBB']), clock);
		await pass(clock, 100);
		expect(seen.value?.get('BBB')).toMatchObject({ kind: 'ok', value: { instrument: 1 } });
	});
});

describe('deadlines', () => {
	test('what cannot leave in time says so at once, is not sent, and takes no room', async () => {
		const { clock, data, calls } = open({ settings: { marketDataPerSecond: 2 } }, ['AAA', 'x', 'CCC', 'y', 'EEE', 'z', 'GGG']);
		const seen = watch(data.fetchOrderBooksBatch(['AAA', 'CCC', 'EEE', 'GGG'], { depth: 5, withinMs: 500 }), clock);
		await pass(clock, 100);
		expect(said(seen.value).filter((each) => each.endsWith('ok'))).toHaveLength(2);
		expect(seen.atMono).toBe(LATENCY_MS);
		await pass(clock, 5_000);
		expect(calls).toHaveLength(2);
	});

	test('who calls off hears it at once', async () => {
		const { clock, data, silent } = open();
		silent.add('AAA');
		const off = new AbortController();
		const seen = watch(data.fetchOrderBooksBatch(['AAA', 'CCC'], { depth: 5, signal: off.signal }), clock);
		await pass(clock, 100);
		off.abort();
		await settle();
		expect(seen.atMono).toBe(100);
		expect(said(seen.value)).toEqual(['AAA: called off while under way', 'CCC: ok']);
	});

	test('without any time nothing is asked', async () => {
		const { clock, data, calls } = open();
		const seen = watch(data.fetchKlinesBatch(['AAA'], { ...ASK, withinMs: 0 }), clock);
		await pass(clock, 100);
		expect(seen.value?.get('AAA')).toMatchObject({ kind: 'failed', reason: 'timeout' });
		expect(calls).toEqual([]);
	});

	test('whatever is asked when, no second has more calls than may be, and everybody is answered in time', async () => {
		const asks = fc.array(
			fc.record({ atMs: fc.nat(5_000), symbol: fc.constantFrom('AAA', 'CCC'), withinMs: fc.integer({ min: 1, max: 3_000 }) }),
			{ maxLength: 40 },
		);
		await fc.assert(
			fc.asyncProperty(asks, async (all) => {
				const settings = { marketDataPerSecond: 3, bookTtlMs: 1 };
				const { clock, data, calls } = open({ settings });
				const ends: boolean[] = [];
				for (const { atMs, symbol, withinMs } of all) {
					clock.after(atMs, () => {
						void data.fetchOrderBooksBatch([symbol], { depth: 5, withinMs }).then(() => {
							ends.push(clock.monotonicMs() <= atMs + withinMs);
						});
					});
				}
				await pass(clock, 9_000);
				const times = calls.map(({ atMono }) => atMono);
				for (const from of times) expect(times.filter((at) => at >= from && at < from + 1_000).length).toBeLessThanOrEqual(3);
				expect([ends.length, ends.every((isInTime) => isInTime)]).toEqual([all.length, true]);
			}),
			{ numRuns: 30 },
		);
	});
});

test('disposed, it answers who waits and asks nothing more', async () => {
	const told: string[] = [];
	const closing = {
		[Symbol.asyncDispose]: async () => {
			told.push('closed');
		},
	};
	const { clock, data, calls, silent } = open({ closing });
	silent.add('AAA');
	const seen = watch(data.fetchPricesBatch(['AAA']), clock);
	await pass(clock, 10);
	expect(told).toEqual([]);
	await data[Symbol.asyncDispose]();
	expect(told, 'what was opened for it goes with it').toEqual(['closed']);
	const later = watch(data.fetchPricesBatch(['BBB']), clock);
	await pass(clock, 100);
	expect(said(seen.value).join()).toContain('closed');
	expect(said(later.value).join()).toContain('closed');
	expect(calls).toHaveLength(1);
});
