/** Our REST client, reads and instruments of Binance over real sockets against the exchange in a box, which shares no code with them. */
import { afterEach, describe, expect, test } from 'vitest';
import type { Box } from '../../src/app/box.ts';
import { instrumentIndex, makeInstrument } from '../../src/domain/instrument.ts';
import { timeMs } from '../../src/domain/units.ts';
import { systemClock } from '../../src/network/system-clock.ts';
import { systemRng } from '../../src/network/system-rng.ts';
import { systemTransport } from '../../src/network/system-transport.ts';
import { NO_METER } from '../../src/ports/meter.ts';
import { readOrderRow, readPositionRow, readTradeRow } from '../../src/venues/binance/account-rows.ts';
import { Ban } from '../../src/venues/binance/ban.ts';
import { DepthDecoder } from '../../src/venues/binance/codec/depth-snapshot.ts';
import type { Market } from '../../src/venues/binance/codec/frames.ts';
import { BinanceInstruments } from '../../src/venues/binance/instruments.ts';
import { BinanceReads } from '../../src/venues/binance/reads.ts';
import { BinanceRest, ORDER_POOL, type Params } from '../../src/venues/binance/rest.ts';
import { makeCredentials } from '../../src/venues/binance/sign.ts';
import { readCoins } from '../../src/venues/binance/snapshot.ts';
import { boxUrls, isAllowedUrl } from '../../src/venues/binance/urls.ts';
import { Weights } from '../../src/venues/binance/weights.ts';
import { InstrumentTable } from '../../src/venues/wire/instrument-table.ts';
import { NO_PATIENCE } from '../../src/venues/wire/patience.ts';
import { VenueClock } from '../../src/venues/wire/venue-clock.ts';
import { control, openRealBox } from '../fixtures/real-box.ts';

const toDispose: AsyncDisposable[] = [];
const bugs: unknown[] = [];

afterEach(async () => {
	for (const each of toDispose.splice(0).reverse()) await each[Symbol.asyncDispose]();
	expect(bugs).toEqual([]);
});

async function open(): Promise<Box> {
	const box = await openRealBox(bugs, { symbols: ['BTCUSDT'], binancePort: 0 });
	toDispose.push(box);
	return box;
}

async function connect(box: Box, market: Market, given: { readonly apiSecret?: string } = {}) {
	const { binance, accounts } = box.listening;
	const [alice] = accounts;
	if (alice === undefined || binance === undefined) throw new Error('the box has no account, or no Binance');
	const made = makeCredentials({ apiKey: alice.apiKey, apiSecret: given.apiSecret ?? alice.apiSecret });
	if (made.kind === 'refused') throw new Error(made.sentence);
	const clock = systemClock();
	const urls = boxUrls(binance);
	const transport = systemTransport({ clock, isAllowed: (url) => isAllowedUrl('box', url) });
	toDispose.push(transport);
	const venueClock = new VenueClock({ venue: 'binance', clock, sink: () => {} });
	const weights = new Weights(market);
	const rest = new BinanceRest({
		market,
		transport,
		clock,
		rng: systemRng(),
		venueClock,
		weights,
		ban: new Ban(clock),
		meter: NO_METER,
		venue: 'binance',
		origin: market === 'spot' ? urls.spotRest : urls.futuresRest,
		credentials: made.credentials,
	});
	venueClock.start((heard) => rest.askVenueTime(heard));
	toDispose.push({ [Symbol.asyncDispose]: async () => venueClock.stop() });
	await new Promise((resolve) => venueClock.remeasure(resolve));
	const reads = new BinanceReads(rest, NO_PATIENCE);
	const venueNowMs = (): number => venueClock.venueNowMs();
	const order = (method: 'POST' | 'PUT' | 'DELETE', path: string, params: Params) =>
		rest.askAsync({ method, path, params, security: 'signed', kind: 'order', weight: 1, pool: ORDER_POOL, timeoutMs: 5_000 });
	const parts = { venue: 'binance', markets: { [market]: { reads, weights } }, clock, venueNowMs, hasFees: true, sink: () => {} };
	const instruments = new BinanceInstruments(parts);
	return { rest, reads, weights, venueNowMs, order, instruments, venueClock };
}

async function withInstrument(box: Box, market: Market) {
	const client = await connect(box, market);
	const loaded = await client.instruments.load([{ category: market, symbol: 'BTCUSDT' }]);
	const [spec] = loaded.kind === 'loaded' ? loaded.specs : [];
	if (spec === undefined) throw new Error(JSON.stringify(loaded));
	const made = makeInstrument(spec, { index: instrumentIndex(0), version: 1, refreshedAtMs: timeMs(0) });
	if (made.kind === 'refused') throw new Error(made.field);
	const table = new InstrumentTable();
	table.set(made.instrument);
	return { ...client, instrument: made.instrument, context: { market, instruments: table } };
}

const ORDER_PATH: Record<Market, string> = { spot: '/api/v3/order', linear: '/fapi/v1/order' };
const BUY = { symbol: 'BTCUSDT', side: 'BUY', type: 'LIMIT', timeInForce: 'GTC' };

describe.each(['spot', 'linear'] as const)('%s', (market) => {
	test('says its time, its symbols with what this account pays, and its limits', async () => {
		const { instrument, weights, venueClock, reads } = await withInstrument(await open(), market);
		expect(venueClock.isMeasured).toBe(true);
		expect(instrument).toMatchObject({ id: `binance:${market}:BTCUSDT`, status: 'trading', baseCurrency: 'BTC' });
		expect(instrument.makerFeeE8).toBeGreaterThan(0);
		expect(weights.rules.map(({ kind }) => kind).sort()).toEqual(['orders', 'orders', 'weight']);
		expect(await reads.serverTimeMs()).toMatchObject({ kind: 'ok' });
	});

	test('shows book, best prices and candles', async () => {
		const { reads, instrument, venueNowMs } = await withInstrument(await open(), market);
		const depth = await reads.depth('BTCUSDT', 100);
		if (depth.kind === 'failed') throw new Error(depth.sentence);
		expect(new DepthDecoder().decode(depth.value, instrument, timeMs(venueNowMs()))).toMatchObject({ kind: 'snapshot' });
		expect(await reads.bookTicker('BTCUSDT')).toMatchObject({ kind: 'ok', value: { symbol: 'BTCUSDT' } });
		expect(await reads.bookTickers()).toMatchObject({ kind: 'ok' });
		expect(await reads.klines('BTCUSDT', { interval: '1m', limit: 5 })).toMatchObject({ kind: 'ok' });
	});

	test('an order is found among the open ones and by either of its ids, until it is cancelled', async () => {
		const { order, reads, context } = await withInstrument(await open(), market);
		const placed = await order('POST', ORDER_PATH[market], {
			...BUY,
			quantity: '0.01',
			newClientOrderId: 'mm-1',
			price: market === 'spot' ? '40000' : '62000',
		});
		if (placed.kind !== 'ok') throw new Error(JSON.stringify(placed));
		expect(placed.limits.filter(({ kind }) => kind === 'orders')).toHaveLength(2);
		const listed = await reads.openOrderRows('BTCUSDT');
		const [row] = listed.kind === 'ok' ? listed.value : [];
		const report = readOrderRow(row, context);
		if (report.kind !== 'read') throw new Error(JSON.stringify(report));
		const { venueOrderId } = report.value;
		expect(report.value).toMatchObject({ clientOrderId: 'mm-1', status: 'working', side: 'buy' });
		expect(await reads.openOrderRows()).toMatchObject({ kind: 'ok', value: [expect.anything()] });
		for (const name of [{ venueOrderId }, { clientOrderId: 'mm-1' }]) {
			const found = await reads.orderRow('BTCUSDT', name);
			expect(found.kind === 'ok' && readOrderRow(found.value, context)).toMatchObject({ value: { venueOrderId } });
		}
		expect(await reads.cancelAll('BTCUSDT')).toEqual({ kind: 'done' });
		expect(await reads.cancelAll('BTCUSDT')).toEqual({ kind: 'done' });
		expect(await reads.openOrderRows('BTCUSDT')).toMatchObject({ kind: 'ok', value: [] });
		const cancelled = await reads.orderRow('BTCUSDT', { venueOrderId });
		expect(cancelled.kind === 'ok' && readOrderRow(cancelled.value, context)).toMatchObject({ value: { status: 'cancelled' } });
		expect(await reads.orderRow('BTCUSDT', { clientOrderId: 'mm-2' })).toMatchObject({
			kind: 'failed',
			class: 'benign',
			code: -2013,
		});
	});

	test('a fill is listed once, with its fee, and the account shows it', async () => {
		const { order, reads, context, venueNowMs } = await withInstrument(await open(), market);
		const sinceMs = venueNowMs() - 3 * 86_400_000;
		const taken = await order('POST', ORDER_PATH[market], { symbol: 'BTCUSDT', side: 'BUY', type: 'MARKET', quantity: '0.01' });
		expect(taken.kind).toBe('ok');
		const read = await reads.tradeRows('BTCUSDT', sinceMs, venueNowMs);
		const rows = read.kind === 'ok' ? read.value : [];
		expect(rows.length).toBeGreaterThan(0);
		const trades = rows.map((row) => readTradeRow(row, context));
		const lots = trades.map((trade) => (trade.kind === 'read' ? trade.value.qtyLots : Number.NaN)).reduce((a, b) => a + b, 0);
		expect(lots).toBe(market === 'spot' ? 1_000 : 10);
		const [first] = trades;
		if (first?.kind !== 'read') throw new Error(JSON.stringify(first));
		expect(await reads.tradeRowsOf('BTCUSDT', first.value.venueOrderId)).toMatchObject({ kind: 'ok', value: rows });
		const coins = await readCoins(reads, market);
		expect(coins.kind === 'ok' ? coins.value.map(({ currency }) => currency) : coins).toContain('USDT');
		if (market === 'spot') return;
		const positions = await reads.positionRows();
		const mine = (positions.kind === 'ok' ? positions.value : []).map((row) => readPositionRow(row, context));
		expect(mine).toMatchObject([{ value: { positionLotsSigned: 10 } }]);
		expect(await reads.premium('BTCUSDT')).toMatchObject({ kind: 'ok', value: { symbol: 'BTCUSDT' } });
		expect(await reads.futuresAccount()).toMatchObject({ kind: 'ok' });
	});

	test('a wrong signature, a wrong symbol and a key without the right are refused by class', async () => {
		const box = await open();
		const stranger = await connect(box, market, { apiSecret: 'not-the-secret' });
		expect(await stranger.reads.openOrderRows()).toMatchObject({ kind: 'failed', class: 'auth', code: -1022 });
		const { reads, instruments, order } = await connect(box, market);
		expect(await reads.bookTicker('BTCUSD')).toMatchObject({ kind: 'failed', class: 'fatal', code: -1121 });
		expect(await instruments.load([{ category: market, symbol: 'BTCUSDZ' }])).toMatchObject({
			kind: 'refused',
			sentences: [expect.stringContaining('did you mean BTCUSDT?')],
		});
		await control(box, 'POST /v1/accounts/alice/key', market === 'spot' ? { spot: false } : { contracts: false });
		const refused = await order('POST', ORDER_PATH[market], { ...BUY, quantity: '0.01', price: '60000' });
		expect(refused).toMatchObject({ kind: 'refused', code: -2015, verdict: { class: 'auth' } });
	});
});
