/** What each client makes of Binance's limits: too many orders, too much weight, and a ban. Only the URLs are ours. */
import { RateLimitBanError, TooManyRequestsError } from '@binance/spot';
import type { MainClient } from 'binance';
import ccxt from 'ccxt';
import { beforeAll, describe, expect, test } from 'vitest';
import { farBelow, SECONDS, SYMBOL, useBinance } from './binance.ts';
import { spotConnector } from './binance-connector.ts';
import { futuresRest, type RestRefusal, type SocketRefusal, spotRest, streams, wsApi } from './binance-sdk.ts';
import { onlyLoopback } from './box.ts';
import { openSpot } from './ccxt-binance.ts';
import { eventually, promptly, refusal } from './wait.ts';

const MINUTE_MS = 60 * SECONDS;
/** Weighs 250 of 6000 a minute. */
const DEEP = { symbol: SYMBOL, limit: 5000 } as const;
/** The first ban lasts two minutes. */
const BAN_MS = 2 * MINUTE_MS;

describe.skipIf(!onlyLoopback)('the limits of Binance', () => {
	const binance = useBinance({ seed: '67', market: 'quiet' });

	let rest: MainClient;

	beforeAll(() => {
		rest = spotRest(binance);
	});

	/** Asks until it is refused in a way that fits. */
	async function refusedWith(fits: (refused: RestRefusal) => boolean, ask: () => Promise<unknown>): Promise<RestRefusal> {
		for (let count = 0; count < 200; count++) {
			const refused = await ask().then(
				() => undefined,
				(error: unknown) => error as RestRefusal,
			);
			if (refused !== undefined && fits(refused)) return refused;
		}
		throw new Error('it was never refused');
	}

	test('refuses more than fifty orders in ten seconds, and says when to go on', async () => {
		const { bids } = await rest.getOrderBook({ symbol: SYMBOL, limit: 5 });
		const price = farBelow(bids[0]?.[0] ?? 0);
		const order = { symbol: SYMBOL, side: 'BUY', type: 'LIMIT', timeInForce: 'GTC', quantity: 0.001, price } as const;
		const refused = await refusedWith(
			({ code }) => code === -1015,
			() => rest.submitNewOrder({ ...order }), // it puts an id into what it is given, which has to be another each time
		);
		expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
		expect(Number(refused.headers['retry-after'])).toBeLessThanOrEqual(10);
		expect(rest.getRateLimitStates()['x-mbx-order-count-10s']).toBeGreaterThanOrEqual(50);
	});

	test('refuses more than its weight until the minute is over, each client in its own words', async () => {
		const { api } = wsApi(binance);
		await promptly('the socket', api.getSpotServerTime());
		const official = spotConnector(binance);
		const unified = await openSpot(binance);
		await unified.loadMarkets();
		await binance.operate('POST', '/v1/time/freeze');

		const refused = await refusedWith(
			({ code }) => code === -1003,
			() => rest.getOrderBook(DEEP),
		);
		expect(Number(refused.headers['retry-after'])).toBeLessThanOrEqual(60);
		expect(Number(refused.headers['x-mbx-used-weight-1m'])).toBeGreaterThan(6000 - 250);
		expect(await refusal(official.restAPI.depth(DEEP))).toBeInstanceOf(TooManyRequestsError);
		expect(await refusal(unified.fetchOrderBook('BTC/USDT', DEEP.limit))).toBeInstanceOf(ccxt.DDoSProtection);
		expect(await refusal<SocketRefusal>(promptly('an answer', api.getSpotOrderBook(DEEP)))).toMatchObject({
			status: 429,
			error: { code: -1003, data: { retryAfter: expect.any(Number) as number } },
		});

		await binance.operate('POST', '/v1/time/advance', { ms: MINUTE_MS });
		expect((await rest.getOrderBook(DEEP)).bids.length).toBeGreaterThan(0);
		await binance.operate('POST', '/v1/time/resume');
	});

	test('bans who goes on asking, for as long as it says', async () => {
		const official = spotConnector(binance);
		const unified = await openSpot(binance);
		await binance.operate('POST', '/v1/time/freeze');
		const banned = await refusedWith(
			({ message }) => message.includes('banned'),
			() => rest.getOrderBook(DEEP),
		);
		expect(banned).toMatchObject({ code: -1003 });
		expect(Number(banned.headers['retry-after'])).toBe(BAN_MS / SECONDS);
		expect(await refusal(official.restAPI.time())).toBeInstanceOf(RateLimitBanError);
		expect(await refusal(unified.fetchTime())).toBeInstanceOf(ccxt.DDoSProtection);

		await binance.operate('POST', '/v1/time/advance', { ms: BAN_MS });
		expect((await rest.getOrderBook(DEEP)).bids.length).toBeGreaterThan(0);
		await binance.operate('POST', '/v1/time/resume');
	});

	test('lets a listen key live for an hour, after which its client gets another by itself', async () => {
		const { client, events } = streams(binance);
		binance.closeLater(() => client.closeAll(true));
		await client.subscribeUsdFuturesUserDataStream();
		await binance.operate('POST', '/v1/time/freeze');
		for (let minutes = 0; minutes < 61; minutes += 10) {
			await binance.operate('POST', '/v1/time/advance', { ms: 10 * MINUTE_MS });
		}
		await binance.operate('POST', '/v1/time/resume');
		await events.find('the end of the key', (event) => event['e'] === 'listenKeyExpired');

		const futures = futuresRest(binance);
		futures.setTimeOffset((await futures.getServerTime()) - Date.now()); // the venue is ahead by now
		let count = 0;
		await eventually('news by another key', async () => {
			await futures.setLeverage({ symbol: SYMBOL, leverage: 2 + (count++ % 20) });
			return events.items.some((event) => event['e'] === 'ACCOUNT_CONFIG_UPDATE') ? true : undefined;
		});
	});
});
