/** Fills as the account's streams tell them and as the lists of trades do: each heard, whatever went past us. */
import { describe, expect, test } from 'vitest';
import {
	accountUpdate,
	fundingRow,
	futuresOrderEvent,
	futuresTradeRow,
	orderRow,
	spotOrderEvent,
	spotTradeRow,
} from '../../../test/fixtures/binance-account.ts';
import { Ledger } from '../../portfolio/ledger.ts';
import { FUTURES, OFFSET_MS, openAndUp, START_MS } from './user-scene.suite.ts';

/** Beyond what a double holds. */
const BIG_ID = 8_389_766_100_200_300_401n;

describe('fills', () => {
	test('are told with their order, once each by their id, from the stream and from the list alike (F19)', async () => {
		const { account, executionIds, run } = await openAndUp();
		account.tellSpot(
			spotOrderEvent({ id: 7, link: 'mine', status: 'PARTIALLY_FILLED', filled: '0.004', trade: 11, last: '0.004' }),
		);
		account.tellFutures(futuresOrderEvent({ id: BIG_ID, status: 'PARTIALLY_FILLED', filled: '0.004', trade: 11, last: '0.004' }));
		account.spot.trades = [spotTradeRow({ id: 11, order: 7, qty: '0.004', atMs: START_MS + 5_000 })];
		account.linear.trades = [futuresTradeRow({ id: 11, order: BIG_ID, qty: '0.004', atMs: START_MS + 5_000 })];
		account.cut('spot');
		await run(5_000);
		expect(executionIds()).toEqual([...['spot:BTCUSDT:11', 'linear:BTCUSDT:11'], ...['spot:BTCUSDT:11', 'linear:BTCUSDT:11']]);
	});

	test('of an order that stands bear its name even out of the list, others none (F87)', async () => {
		const { account, events, run } = await openAndUp();
		account.linear.orders = [orderRow({ id: BIG_ID, link: 'mine', status: 'PARTIALLY_FILLED', filled: '0.001' })];
		account.linear.trades = [
			futuresTradeRow({ id: 1, order: BIG_ID, atMs: START_MS + 5_000 }),
			futuresTradeRow({ id: 2, order: BIG_ID + 1n, atMs: START_MS + 5_000 }),
		];
		account.cut('linear');
		await run(5_000);
		const names = events.flatMap((event) => (event.kind === 'execution' ? [event.execution.clientOrderId] : []));
		expect(names).toEqual(['mine', '']);
	});

	test('early ones, without fees, are not told', async () => {
		const { account, events } = await openAndUp();
		const lite = { s: 'BTCUSDT', q: '0.010', p: '65000.00', m: true, c: 'mine', S: 'BUY', L: '65000.00', l: '0.004' };
		const told = events.length;
		account.tellFutures({ e: 'TRADE_LITE', E: 1, T: 1, ...lite, t: 5, i: 7 });
		expect(events).toHaveLength(told);
	});

	test('those of a gap are told before it is up again, and those of minutes before it once more, but not all (F20)', async () => {
		const { user, account, events, executionIds, upAndDown, run } = await openAndUp();
		for (let round = 0; round < 12; round += 1) {
			user.takeCensus();
			await run(25_000);
		}
		account.cut('linear');
		account.linear.trades = [
			...[1_000, 150_000, 301_000].map((afterMs, index) =>
				futuresTradeRow({ id: 10 + index, order: 7, atMs: START_MS + OFFSET_MS + afterMs }),
			),
		];
		const before = events.length;
		await run(5_000);
		expect(upAndDown().at(-1)).toBe(true);
		expect(executionIds(before)).toEqual(['linear:BTCUSDT:11', 'linear:BTCUSDT:12']);
		const told = events.slice(before);
		const isUpAt = told.findIndex(({ kind }) => kind === 'stream');
		expect(told.findLastIndex(({ kind }) => kind === 'execution')).toBeLessThan(isUpAt);
	});

	test('one that was listed late is found by the next reading: it goes back a minute behind the last (F20)', async () => {
		const { account, executionIds, run } = await openAndUp();
		await run(120_000);
		account.cut('linear');
		await run(5_000);
		account.linear.trades = [futuresTradeRow({ id: 1, order: 7, atMs: START_MS + OFFSET_MS + 90_000 })];
		account.cut('linear');
		await run(5_000);
		expect(executionIds()).toEqual(['linear:BTCUSDT:1']);
	});

	const oldFill = { id: 9, order: 7, atMs: START_MS + OFFSET_MS + 30_000 };

	test('those of a long gap are read even where the other market has told later ones before the reading (F20)', async () => {
		const { account, executionIds, run } = await openAndUp();
		account.spoiled.set('/fapi/v1/listenKey', () => undefined);
		account.cut('linear');
		await run(200_000);
		account.linear.trades = [futuresTradeRow(oldFill)];
		account.tellSpot(spotOrderEvent({ id: 1, filled: '0.001', trade: 1, last: '0.001', updatedAtMs: START_MS + 200_000 }));
		account.spoiled.clear();
		await run(60_000);
		expect(executionIds()).toEqual(expect.arrayContaining(['linear:BTCUSDT:9']));
	});

	test('those of a long gap are read even where the first reading failed and the stream has told later ones since (F20)', async () => {
		const { account, executionIds, upAndDown, run } = await openAndUp({ markets: ['linear'] });
		account.cut('linear');
		account.linear.trades = [futuresTradeRow(oldFill)];
		account.spoiled.set('/fapi/v1/openOrders', () => undefined);
		await run(200_000);
		account.tellFutures(futuresOrderEvent({ id: 1, filled: '0.001', trade: 1, last: '0.001', updatedAtMs: START_MS + 200_000 }));
		account.spoiled.clear();
		await run(60_000);
		expect([upAndDown().at(-1), executionIds()]).toEqual([true, ['linear:BTCUSDT:1', 'linear:BTCUSDT:9']]);
	});

	test('a position is exact after 60 cuts that each tell the last trades again (F19)', async () => {
		const { clock, account, events, upAndDown, run } = await openAndUp();
		const ledger = new Ledger();
		ledger.follow(FUTURES);
		for (let i = 0; i < 60; i += 1) {
			const atMs = clock.wallMs() + OFFSET_MS;
			account.linear.trades.push(futuresTradeRow({ id: i, order: 100 + i, atMs }));
			// Every third one is told by nobody but the list that is read after the cut.
			if (i % 3 !== 0) {
				account.tellFutures(futuresOrderEvent({ id: 100 + i, filled: '0.001', trade: i, last: '0.001', updatedAtMs: atMs }));
			}
			account.cut(i % 2 === 0 ? 'linear' : 'spot');
			for (let waits = 0; waits < 600 && upAndDown().at(-1) === false; waits += 1) await run(1_000);
		}
		const told = events.flatMap((event) => (event.kind === 'execution' ? [event.execution] : []));
		for (const execution of told) ledger.applyExecution(execution);
		expect(ledger.inventoryLots(FUTURES.index)).toBe(60);
		expect(told.length, 'repeats were among them').toBeGreaterThan(80);
	});

	test.each(['spot', 'linear'] as const)(
		'one of %s that was lost on a connection that stands is fetched by its order, within 2 s (F20)',
		async (market) => {
			const { account, events, executionIds, run } = await openAndUp();
			const row = market === 'spot' ? spotTradeRow : futuresTradeRow;
			account[market].trades = [row({ id: 1, order: 7, qty: '0.004' }), row({ id: 2, order: 8, qty: '0.001' })];
			if (market === 'spot') account.tellSpot(spotOrderEvent({ id: 7, status: 'PARTIALLY_FILLED', filled: '0.004' }));
			else account.tellFutures(futuresOrderEvent({ id: 7, status: 'PARTIALLY_FILLED', filled: '0.004' }));
			const before = events.length;
			await run(2_000);
			expect(executionIds(before)).toEqual([`${market}:BTCUSDT:1`]);
			await run(15_000);
			expect(executionIds(before), 'and not again').toEqual([`${market}:BTCUSDT:1`]);
		},
	);

	test('repeated and late frames are told as they come (F17, F18)', async () => {
		const { account, events } = await openAndUp();
		const filled = spotOrderEvent({ id: 1, status: 'FILLED', filled: '0.010', updatedAtMs: START_MS + 9 });
		account.tellSpot(filled, filled, spotOrderEvent({ id: 1, updatedAtMs: START_MS + 5 }));
		const reports = events.flatMap((event) => (event.kind === 'orderReport' ? [event.report] : []));
		expect(reports.map(({ status, updatedAtMs }) => [status, updatedAtMs - START_MS])).toEqual([
			['filled', 9],
			['filled', 9],
			['working', 5],
		]);
	});

	test.each([
		['that names its symbol', { S: 'BTCUSDT' }],
		['that names none', {}],
	])('funding %s is booked once, out of the list and by its number there', async (_name, named) => {
		const { account, events, run } = await openAndUp();
		await run(2_000);
		account.income = [fundingRow({ id: BIG_ID, amount: '-0.65', atMs: START_MS + 2_500 })];
		const wallet = { a: 'USDT', wb: '999', cw: '999', bc: '-0.65' };
		account.tellFutures({ ...accountUpdate({}), a: { m: 'FUNDING_FEE', B: [wallet], ...named } });
		await run(500);
		const booked = {
			kind: 'funding',
			fundingId: `funding:${BIG_ID}`,
			instrument: 1,
			amount: -65n * 10n ** 16n,
			currency: 'USDT',
		};
		expect(events.filter(({ kind }) => kind === 'funding')).toMatchObject([booked]);
	});

	test('funding that is listed minutes late is booked, and none from before the start', async () => {
		const { account, events, user, run } = await openAndUp();
		for (let minutes = 0; minutes < 10; minutes += 1) {
			user.takeCensus();
			await run(60_000);
		}
		const atMs = START_MS + OFFSET_MS;
		account.income = [
			fundingRow({ id: 1, amount: '1', atMs: atMs - 1 }),
			fundingRow({ id: 2, amount: '2', atMs: atMs + 6 * 60_000 }),
		];
		user.takeCensus();
		await run(1_000);
		expect(events.filter(({ kind }) => kind === 'funding')).toMatchObject([{ fundingId: 'funding:2' }]);
	});

	test('funding of a gap is booked with the state', async () => {
		const { account, events, run } = await openAndUp();
		account.cut('linear');
		account.income = [fundingRow({ id: 7, amount: '0.5', atMs: START_MS + 2_000 })];
		await run(5_000);
		expect(events.filter(({ kind }) => kind === 'funding')).toMatchObject([{ fundingId: 'funding:7', amount: 5n * 10n ** 17n }]);
	});
});
