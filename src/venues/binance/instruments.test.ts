/** From the venue's rows to ours, and refusals in one sentence. */
import { describe, expect, test } from 'vitest';
import { type Instrument, instrumentIndex, makeInstrument } from '../../domain/instrument.ts';
import { timeMs } from '../../domain/units.ts';
import { runWithJobs } from '../../simulation/promise-jobs.ts';
import { NO_PATIENCE } from '../wire/patience.ts';
import { type Answering, json, reply, settle } from '../wire/rest-scene.suite.ts';
import { BinanceInstruments } from './instruments.ts';
import { specOf } from './instruments-spec.ts';
import { BinanceReads } from './reads.ts';
import { makeScene, refusal, START_MS } from './rest-scene.suite.ts';

const SPOT_BTC = {
	symbol: 'BTCUSDT',
	status: 'TRADING',
	baseAsset: 'BTC',
	quoteAsset: 'USDT',
	isSpotTradingAllowed: true,
	filters: [
		{ filterType: 'PRICE_FILTER', minPrice: '0.01000000', maxPrice: '1000000.00000000', tickSize: '0.01000000' },
		{ filterType: 'LOT_SIZE', minQty: '0.00001000', maxQty: '9000.00000000', stepSize: '0.00001000' },
		{ filterType: 'NOTIONAL', minNotional: '5.00000000', maxNotional: '9000000.00000000' },
		{ filterType: 'MAX_NUM_ORDERS', maxNumOrders: 200 },
	],
};
const FUTURES_BTC = {
	symbol: 'BTCUSDT',
	contractType: 'PERPETUAL',
	deliveryDate: 4_133_404_800_000,
	status: 'TRADING',
	baseAsset: 'BTC',
	quoteAsset: 'USDT',
	marginAsset: 'USDT',
	// Neither of these is a tick or a step.
	pricePrecision: 2,
	quantityPrecision: 8,
	filters: [
		{ filterType: 'PRICE_FILTER', minPrice: '500.00', maxPrice: '4000000', tickSize: '0.10' },
		{ filterType: 'LOT_SIZE', minQty: '0.001', maxQty: '1000', stepSize: '0.001' },
		{ filterType: 'MARKET_LOT_SIZE', minQty: '0.001', maxQty: '120', stepSize: '0.001' },
		{ filterType: 'MIN_NOTIONAL', notional: '50' },
	],
};
const RATE_LIMITS = [
	{ rateLimitType: 'REQUEST_WEIGHT', interval: 'MINUTE', intervalNum: 1, limit: 1_234 },
	{ rateLimitType: 'ORDERS', interval: 'SECOND', intervalNum: 10, limit: 77 },
];
const spot = { venue: 'binance', market: 'spot', venueNowMs: START_MS, fee: undefined } as const;
const linear = { ...spot, market: 'linear' } as const;
const DAY_MS = 86_400_000;

describe('a row becomes a specification', () => {
	test('of spot', () => {
		expect(specOf(SPOT_BTC, { ...spot, fee: { makerFeeRate: '0.00075', takerFeeRate: '0.0008' } })).toEqual({
			venue: 'binance',
			category: 'spot',
			symbol: 'BTCUSDT',
			baseCurrency: 'BTC',
			quoteCurrency: 'USDT',
			settleCurrency: 'USDT',
			status: 'trading',
			tickSize: '0.01000000',
			lotSize: '0.00001000',
			priceMin: '0.01000000',
			priceMax: '1000000.00000000',
			qtyMin: '0.00001000',
			qtyMax: '9000.00000000',
			notionalMin: '5.00000000',
			reduceOnlySkipsNotionalMin: false,
			makerFeeRate: '0.00075',
			takerFeeRate: '0.0008',
		});
	});

	test('of futures', () => {
		expect(specOf(FUTURES_BTC, linear)).toEqual({
			venue: 'binance',
			category: 'linear',
			symbol: 'BTCUSDT',
			baseCurrency: 'BTC',
			quoteCurrency: 'USDT',
			settleCurrency: 'USDT',
			status: 'trading',
			tickSize: '0.10',
			lotSize: '0.001',
			priceMin: '500.00',
			priceMax: '4000000',
			qtyMin: '0.001',
			qtyMax: '1000',
			notionalMin: '50',
			reduceOnlySkipsNotionalMin: true,
			makerFeeRate: '0.0002',
			takerFeeRate: '0.0005',
		});
	});

	test.each([
		['spot', SPOT_BTC],
		['linear', FUTURES_BTC],
	] as const)('that becomes an instrument of ours (%s)', (market, row) => {
		const wanted = specOf(row, { ...spot, market });
		if (wanted === undefined) throw new Error('no specification');
		const made = makeInstrument(wanted, { index: instrumentIndex(0), version: 1, refreshedAtMs: timeMs(0) });
		expect(made).toMatchObject({ kind: 'made', instrument: { id: `binance:${market}:BTCUSDT`, qtyLotsMin: 1 } });
	});

	test('the older of two names of the same filter is read too', () => {
		const filters = [...SPOT_BTC.filters.slice(0, 2), { filterType: 'MIN_NOTIONAL', minNotional: '10.0' }];
		expect(specOf({ ...SPOT_BTC, filters }, spot)).toMatchObject({ notionalMin: '10.0' });
		expect(specOf({ ...SPOT_BTC, filters: filters.slice(0, 2) }, spot)).toMatchObject({ notionalMin: '0' });
	});

	test('a bound of 0 is none', () => {
		const [price, lot] = SPOT_BTC.filters;
		const filters = [
			{ ...price, maxPrice: '0.00000000' },
			{ ...lot, maxQty: '0.0' },
		];
		const wanted = specOf({ ...SPOT_BTC, filters }, spot);
		expect(Number(wanted?.priceMax)).toBe(1e10);
		expect(Number(wanted?.qtyMax)).toBe(1e7);
	});

	test.each([
		['spot', { ...SPOT_BTC, status: 'HALT' }, 'halted'],
		['spot', { ...SPOT_BTC, status: 'CANCEL_ONLY' }, 'cancelOnly'],
		['spot', { ...SPOT_BTC, status: 'SOMETHING_NEW' }, 'halted'],
		['linear', { ...FUTURES_BTC, status: 'SETTLING' }, 'halted'],
		['linear', { ...FUTURES_BTC, deliveryDate: START_MS + DAY_MS }, 'delisting'],
		['linear', { ...FUTURES_BTC, deliveryDate: START_MS + 2 * DAY_MS }, 'trading'],
	] as const)('status on %s (F60): %#', (market, row, status) => {
		expect(specOf(row, { ...spot, market })).toMatchObject({ status });
	});

	test.each([
		['no filters', { ...SPOT_BTC, filters: [] }],
		['no step', { ...SPOT_BTC, filters: SPOT_BTC.filters.map((each) => ({ ...each, stepSize: '0.00' })) }],
		['no spot trading', { ...SPOT_BTC, isSpotTradingAllowed: false }],
		['a tick that is a number', { ...SPOT_BTC, filters: SPOT_BTC.filters.map((each) => ({ ...each, tickSize: 0.01 })) }],
		['no row', null],
	])('%s: nothing that we could trade by', (_what, row) => {
		expect(specOf(row, spot)).toBeUndefined();
	});
});

function open(answering: Answering, hasFees = false) {
	const told: Instrument[] = [];
	const scene = makeScene(answering);
	const reads = new BinanceReads(scene.rest, NO_PATIENCE);
	const { clock, weights } = scene;
	const instruments = new BinanceInstruments({
		venue: 'binance',
		markets: { spot: { reads, weights } },
		clock,
		venueNowMs: () => scene.venueClock.venueNowMs(),
		hasFees,
		sink: (event) => void (event.kind === 'instrument' && told.push(event.instrument)),
	});
	return { scene, instruments, told, load: (symbol: string) => settle(clock, instruments.load([{ category: 'spot', symbol }])) };
}

const INFO = {
	rateLimits: RATE_LIMITS,
	symbols: [SPOT_BTC, { symbol: 'ODD' }, { ...SPOT_BTC, symbol: 'OLDUSDT', status: 'BREAK' }],
};

describe('loading', () => {
	test('takes the limits from the same answer, and the fees of the symbols that are wanted', async () => {
		const { scene, load } = open((call) => {
			if (call.target.includes('exchangeInfo')) return json(INFO);
			return json({ symbol: 'BTCUSDT', standardCommission: { maker: '0.0001', taker: '0.0003', buyer: '0', seller: '0' } });
		}, true);
		expect(await load('BTCUSDT')).toMatchObject({
			kind: 'loaded',
			specs: [{ symbol: 'BTCUSDT', makerFeeRate: '0.0001', takerFeeRate: '0.0003' }],
		});
		expect(scene.weights.rules).toEqual([
			{ kind: 'weight', windowMs: 60_000, limit: 1_234 },
			{ kind: 'orders', windowMs: 10_000, limit: 77 },
		]);
		expect(scene.calls.filter(({ target }) => target.includes('symbol=BTCUSDT'))).toHaveLength(1);
	});

	test('falls back on the published fees where there is no such path, and on nothing else', async () => {
		const answering =
			(said: ReturnType<typeof reply>): Answering =>
			(call) =>
				call.target.includes('exchangeInfo') ? json(INFO) : said;
		expect(await open(answering(reply('<html>', { status: 404 })), true).load('BTCUSDT')).toMatchObject({
			kind: 'loaded',
			specs: [{ makerFeeRate: '0.001' }],
		});
		expect(await open(answering(refusal(-2015, 'Invalid API-key.', { status: 401 })), true).load('BTCUSDT')).toMatchObject({
			kind: 'refused',
			sentences: [expect.stringContaining('API key')],
		});
	});

	test.each([
		['BTCUSD', 'Binance has no symbol "BTCUSD" in category spot; did you mean BTCUSDT?'],
		['OLDUSDT', 'OLDUSDT is listed in category spot but not trading'],
		['ODD', 'ODD is listed in category spot but not trading: its status is unknown'],
	])('%s is refused in one sentence', async (symbol, sentence) => {
		const loaded = await open(() => json(INFO)).load(symbol);
		expect(loaded).toMatchObject({ kind: 'refused', sentences: [expect.stringContaining(sentence)] });
	});
});

describe('while a symbol stands still', () => {
	async function follow() {
		const state = { status: 'TRADING', maker: '0.0001' };
		const opened = open((call) => {
			if (call.target.includes('exchangeInfo')) return json({ ...INFO, symbols: [{ ...SPOT_BTC, status: state.status }] });
			return json({ symbol: 'BTCUSDT', standardCommission: { maker: state.maker, taker: '0.0003' } });
		}, true);
		const { scene, instruments, load } = opened;
		const loaded = await load('BTCUSDT');
		const [spec] = loaded.kind === 'loaded' ? loaded.specs : [];
		if (spec === undefined) throw new Error('it was loaded');
		const made = makeInstrument(spec, { index: instrumentIndex(0), version: 1, refreshedAtMs: timeMs(START_MS) });
		if (made.kind !== 'made') throw new Error('it can be traded');
		instruments.follow([made.instrument]);
		state.status = 'HALT';
		instruments.refreshSoon();
		const run = async (durationMs: number): Promise<void> => {
			const { clock } = scene;
			const untilMono = clock.monotonicMs() + durationMs;
			clock.after(durationMs, () => undefined);
			await runWithJobs(clock, () => clock.monotonicMs() < untilMono);
		};
		const feesAsked = (): number => scene.calls.filter(({ target }) => target.includes('/commission')).length;
		return { ...opened, state, run, feesAsked };
	}

	test('it is asked about again and again, and what we pay, which weighs as much for each symbol, is not', async () => {
		const { told, run, feesAsked, instruments } = await follow();
		await run(10 * 60_000);
		instruments.stop();
		expect([told.length > 25, told.at(-1)?.status, told.at(-1)?.makerFeeE8, feesAsked()]).toEqual([true, 'halted', 10_000, 1]);
	});

	test('what we pay now is known within the hour all the same', async () => {
		const { told, state, run, instruments } = await follow();
		state.maker = '0.0002';
		await run(31 * 60_000);
		instruments.stop();
		expect(told.at(-1)?.makerFeeE8).toBe(20_000);
	});
});
