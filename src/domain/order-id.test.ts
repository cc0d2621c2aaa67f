import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
	isOwnOrderId,
	type OrderIdMark,
	OrderIdSource,
	parseOrderId,
	parseRunTag,
	RUN_TAGS,
	type RunTag,
	runTagOf,
} from './order-id.ts';
import type { Side } from './side.ts';
import { timeMs } from './units.ts';

const NOW = timeMs(1_767_225_600_000);
const VENUES_TAKE = /^[A-Za-z0-9_-]{1,36}$/;

function tag(text: string): RunTag {
	const parsed = parseRunTag(text);
	if (parsed === undefined) throw new Error(`${text} must be a run tag`);
	return parsed;
}

const RUN = tag('1000');
const anySide = fc.constantFrom<Side>('buy', 'sell');
const anyTag = fc.nat({ max: RUN_TAGS - 1 }).map(runTagOf);
const anySymbol = fc.oneof(
	fc.constantFrom(
		'BTCUSDT',
		'ETHUSDT',
		'BTC-PERP',
		'BTC-26DEC25-100000-C',
		'x',
		'x-B',
		'A-Buy-1-1-aaaa',
		'1000000BABYDOGEUSDT',
		'币安人生USDT',
	),
	fc.string({ unit: fc.constantFrom('A', 'z', '0', '-', '_', 'Buy', '.', 'é'), maxLength: 24 }),
);

describe('an order id', () => {
	test.each([
		['BTCUSDT', 'buy', 'BTCUSDT-Buy-1767225600000-1-1000'],
		['BTCUSDT', 'sell', 'BTCUSDT-Sell-1767225600000-1-1000'],
		['BTC-PERP', 'sell', 'BTC-PERP-Sell-1767225600000-1-1000'],
		['ABCDEFGHIJK', 'buy', 'ABCDEFGHIJK-Buy-1767225600000-1-1000'], // 36 characters, the most that fit
		['ABCDEFGHIJKL', 'buy', 'x-B-mjuohs00-1-1000'],
		['1000000BABYDOGEUSDT', 'sell', 'x-S-mjuohs00-1-1000'],
		['币安人生USDT', 'buy', 'x-B-mjuohs00-1-1000'],
		['BTC.D', 'buy', 'x-B-mjuohs00-1-1000'],
		['', 'buy', 'x-B-mjuohs00-1-1000'],
	] as const)('for %j to %s is %s', (symbol, side, expected) => {
		expect(new OrderIdSource(RUN, undefined).next(symbol, side, NOW)).toBe(expected);
	});

	test('the counter starts at 1 in each millisecond and rises within it, over all symbols', () => {
		const source = new OrderIdSource(RUN, undefined);
		const ids = [
			source.next('BTCUSDT', 'buy', NOW),
			source.next('ETHUSDT', 'sell', NOW),
			source.next('BTCUSDT', 'buy', timeMs(NOW + 1)),
		];
		expect(ids).toEqual([
			'BTCUSDT-Buy-1767225600000-1-1000',
			'ETHUSDT-Sell-1767225600000-2-1000',
			'BTCUSDT-Buy-1767225600001-1-1000',
		]);
	});

	test('after a step back of the clock the timestamp stays and the counter rises', () => {
		const source = new OrderIdSource(RUN, undefined);
		source.next('BTCUSDT', 'buy', NOW);
		expect(source.next('BTCUSDT', 'buy', timeMs(NOW - 3_600_000))).toBe('BTCUSDT-Buy-1767225600000-2-1000');
		expect(source.mark).toEqual({ timestampMs: NOW, counter: 2 });
	});

	test('an id made at the very first instant of a virtual clock is still ours', () => {
		for (const symbol of ['BTCUSDT', '币安人生USDT']) {
			const id = new OrderIdSource(RUN, undefined).next(symbol, 'buy', timeMs(0));
			expect(isOwnOrderId(id, new Set([RUN])), id).toBe(true);
		}
	});

	test('every id suits every venue and reads back as what it was made from', () => {
		fc.assert(
			fc.property(
				anySymbol,
				anySide,
				anyTag,
				fc.nat({ max: 4_102_444_800_000 }),
				fc.nat({ max: 300 }),
				(symbol, side, run, at, skip) => {
					const source = new OrderIdSource(run, { timestampMs: timeMs(at), counter: skip });
					const id = source.next(symbol, side, timeMs(at));
					expect(id).toMatch(VENUES_TAKE);
					const read = parseOrderId(id);
					expect(read).toMatchObject({ side, timestampMs: at, counter: skip + 1, runTag: run });
					expect(read?.symbol).toBe(read?.form === 'usual' ? symbol : undefined);
				},
			),
			{ numRuns: 5_000 },
		);
	});
});

describe('the pair of timestamp and counter', () => {
	test('only ever rises and no id comes twice, over restarts and whatever the clock does', () => {
		const step = fc.oneof(
			{ weight: 6, arbitrary: fc.record({ kind: fc.constant('make' as const), symbol: anySymbol, side: anySide }) },
			{
				weight: 2,
				arbitrary: fc.record({ kind: fc.constant('clock' as const), byMs: fc.integer({ min: -3_600_000, max: 3_600_000 }) }),
			},
			{ weight: 2, arbitrary: fc.record({ kind: fc.constant('clock' as const), byMs: fc.constantFrom(-1, 0, 1) }) },
			// a new run may draw the tag of an old one: one in 1.7 million
			{ weight: 1, arbitrary: fc.record({ kind: fc.constant('restart' as const), run: fc.oneof(anyTag, fc.constant(RUN)) }) },
		);
		fc.assert(
			fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
				let source = new OrderIdSource(RUN, undefined);
				let nowMs: number = NOW;
				let last: OrderIdMark = { timestampMs: timeMs(0), counter: 0 };
				const given = new Set<string>();
				for (const now of steps) {
					if (now.kind === 'clock') nowMs += now.byMs;
					else if (now.kind === 'restart') source = new OrderIdSource(now.run, structuredClone(source.mark));
					else {
						const id = source.next(now.symbol, now.side, timeMs(nowMs));
						const { timestampMs, counter } = parseOrderId(id) ?? { timestampMs: timeMs(0), counter: 0 };
						const rises = timestampMs > last.timestampMs || (timestampMs === last.timestampMs && counter > last.counter);
						expect(rises, `${id} after ${last.timestampMs}-${last.counter}`).toBe(true);
						expect(given.has(id), id).toBe(false);
						expect(source.mark).toEqual({ timestampMs, counter });
						given.add(id);
						last = { timestampMs, counter };
					}
				}
			}),
			{ numRuns: 1_000 },
		);
	});

	test('200 symbols with 40 orders each in one millisecond get 8000 ids', () => {
		const source = new OrderIdSource(RUN, undefined);
		const ids = new Set<string>();
		for (let symbol = 0; symbol < 200; symbol += 1) {
			for (let level = 0; level < 40; level += 1)
				ids.add(source.next(`COIN${symbol}USDT`, level % 2 === 0 ? 'buy' : 'sell', NOW));
		}
		expect(ids.size).toBe(8_000);
		for (const id of ids) expect(id).toMatch(VENUES_TAKE);
		expect(source.mark).toEqual({ timestampMs: NOW, counter: 8_000 });
	});
});

describe('whose order it is', () => {
	const runs = new Set([RUN, tag('z9a0')]);

	test.each(['BTCUSDT-Buy-1767225600000-1-1000', 'BTC-PERP-Sell-1767225600000-12-z9a0', 'x-B-mjuohs00-1-1000'])(
		'%s is ours: it reads as an id, and one of our runs made it',
		(id) => {
			expect(isOwnOrderId(id, runs)).toBe(true);
		},
	);

	test.each([
		'BTCUSDT-Buy-1767225600000-1-1001', // our shape, another run: another instance of this very program
		'x-B-mjuohs00-1-1001',
		'BTCUSDT-Buy-1767225600000-1-10000',
		'BTCUSDT-Buy-1767225600000-0-1000',
		'BTCUSDT-Buy-01767225600000-1-1000',
		'BTCUSDT-BUY-1767225600000-1-1000',
		'BTCUSDT-Buy-1767225600000-1000',
		'BTCUSDT-Buy-1767225600000-1-1000 ',
		'BTCUSDT-Buy-1767225600000-1-1000\n',
		'ABCDEFGHIJKL-Buy-1767225600000-1-1000', // 37 characters: we would have made the compact form
		'-Buy-1767225600000-1-1000',
		'BTC.D-Buy-1767225600000-1-1000',
		'x-C-mjuohs00-1-1000',
		'X-B-mjuohs00-1-1000',
		'',
		'1000',
		'mm-1a2b',
		'6dc2e2a2-5d6f-4c58-9a0e-1f2d3c4b1000',
	])('%j is foreign', (id) => {
		expect(isOwnOrderId(id, runs)).toBe(false);
	});

	test('no id of another run is ever taken for ours', () => {
		fc.assert(
			fc.property(anySymbol, anySide, anyTag, (symbol, side, run) => {
				fc.pre(!runs.has(run));
				expect(isOwnOrderId(new OrderIdSource(run, undefined).next(symbol, side, NOW), runs)).toBe(false);
			}),
		);
	});
});

describe('run tags', () => {
	test('are four characters of base 36, one for each number that can be drawn', () => {
		expect([runTagOf(0), runTagOf(35), runTagOf(46_656), runTagOf(RUN_TAGS - 1)]).toEqual(['0000', '000z', '1000', 'zzzz']);
		fc.assert(
			fc.property(fc.nat({ max: RUN_TAGS - 1 }), (drawn) => {
				expect(parseRunTag(runTagOf(drawn))).toBe(runTagOf(drawn));
				expect(Number.parseInt(runTagOf(drawn), 36)).toBe(drawn);
			}),
		);
	});

	test.each(['', '100', '10000', 'ABCD', '10 0', '100\n', '１０００'])('%j is not one', (text) => {
		expect(parseRunTag(text)).toBeUndefined();
	});
});
