/** The listen key of the account's futures stream, in virtual time: renewed, expired, replaced behind our back. */
import { describe, expect, test } from 'vitest';
import { type FakeBinanceAccount, futuresOrderEvent, futuresTradeRow } from '../../../test/fixtures/binance-account.ts';
import { openAndUp, START_MS } from './user-scene.suite.ts';

const HOUR_MS = 3_600_000;

describe('the listen key', () => {
	/** But for the one before the first connection, and the one that it is confirmed with. */
	const renewals = (account: FakeBinanceAccount): number => account.askedAt('/fapi/v1/listenKey').length - 2;

	test('is renewed every half an hour, and never closed', async () => {
		const { account, user, upAndDown, run } = await openAndUp();
		await run(3 * HOUR_MS);
		expect(renewals(account)).toBe(6);
		expect([upAndDown(), account.connectionCount('linear')]).toEqual([[false, true], 1]);
		user.stop();
		await run(1_000);
		expect(new Set(account.asked.map(({ method }) => method))).toEqual(new Set(['GET', 'POST']));
	});

	test('expires: down in the same turn, and up again with a new one', async () => {
		const { account, events, upAndDown, run } = await openAndUp();
		account.tell('linear', { e: 'listenKeyExpired', E: 1, listenKey: 'key1' });
		account.listenKey = '';
		expect(upAndDown()).toEqual([false, true, false]);
		await run(3_000);
		expect(upAndDown()).toEqual([false, true, false, true]);
		expect(account.socket('linear').target.url).toContain(`listenKey=${account.listenKey}&`);
		account.tellFutures(futuresOrderEvent({ id: 1 }));
		expect(events.at(-1)).toMatchObject({ kind: 'orderReport', report: { venueOrderId: '1' } });
	});

	test('of another connection may expire without harm', async () => {
		const { account, upAndDown, run } = await openAndUp();
		account.tell('linear', { e: 'listenKeyExpired', E: 1, listenKey: 'key0' });
		await run(3_000);
		expect(upAndDown()).toEqual([false, true]);
	});

	test('is gone when it should be renewed: a new one, and what went past is fetched', async () => {
		const { account, upAndDown, executionIds, run } = await openAndUp();
		await run(0.4 * HOUR_MS);
		account.listenKey = '';
		account.linear.trades = [futuresTradeRow({ id: 1, order: 7, atMs: START_MS + 0.45 * HOUR_MS })];
		await run(0.2 * HOUR_MS);
		expect([upAndDown().at(-1), account.connectionCount('linear'), executionIds()]).toEqual([true, 2, ['linear:BTCUSDT:1']]);
	});

	test('was closed behind our back, and another program has a new one: found by the next renewal', async () => {
		const { account, upAndDown, executionIds, run } = await openAndUp();
		await run(0.4 * HOUR_MS);
		account.listenKey = 'theirs';
		account.linear.trades = [futuresTradeRow({ id: 1, order: 7, atMs: START_MS + 0.45 * HOUR_MS })];
		await run(0.2 * HOUR_MS);
		expect([upAndDown().at(-1), account.connectionCount('linear'), executionIds()]).toEqual([true, 2, ['linear:BTCUSDT:1']]);
		expect(account.socket('linear').target.url).toContain('listenKey=theirs&');
	});

	test('is another one when a connection opens: nobody believes that connection', async () => {
		const { account, upAndDown, run } = await openAndUp();
		account.listenKey = '';
		account.cut('linear');
		await run(6_000);
		expect([upAndDown().at(-1), account.connectionCount('linear')]).toEqual([true, 3]);
		expect(account.socket('linear').target.url).toContain(`listenKey=${account.listenKey}&`);
	});

	test('cannot be renewed because nobody answers: it goes on, and the next half hour is asked for again', async () => {
		const { account, upAndDown, run } = await openAndUp();
		account.spoiled.set('/fapi/v1/listenKey', () => undefined);
		await run(0.55 * HOUR_MS);
		expect(upAndDown()).toEqual([false, true]);
		account.spoiled.clear();
		await run(HOUR_MS);
		expect([upAndDown(), account.connectionCount('linear')]).toEqual([[false, true], 1]);
		expect(renewals(account)).toBeGreaterThan(2);
	});
});
