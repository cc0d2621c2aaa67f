/** What the venue says when it will not, on both markets over real sockets: each trouble has its class, and words with a way out. */
import { afterEach, describe, expect, test } from 'vitest';
import { connectBinance } from '../../src/app/binance-client.ts';
import { type OpenExchange, openExchange } from '../../src/app/open-exchange.ts';
import type { BinanceClient } from '../../src/venues/binance/client-types.ts';
import { control } from '../fixtures/real-box.ts';

const toDispose: AsyncDisposable[] = [];
afterEach(async () => {
	for (const each of toDispose.splice(0).reverse()) await each[Symbol.asyncDispose]();
});

interface Opened {
	readonly box: OpenExchange;
	readonly client: BinanceClient;
	/** A fault of the box, from now on. */
	readonly strike: (name: string, parameters: object) => Promise<unknown>;
	/** How often this path was asked for since it was tapped. */
	readonly countOf: (path: string) => Promise<number>;
	readonly openCount: () => Promise<number>;
}

type Market = 'spot' | 'futures';

async function open(market: Market): Promise<Opened> {
	const box = await openExchange({ binancePort: 0, market: 'quiet', symbols: ['BTCUSDT'] });
	toDispose.push(box);
	const { binance } = box;
	if (binance === undefined) throw new Error('the box has no Binance');
	const client = await connectBinance({ market, environment: binance, credentials: box.account() });
	toDispose.push(client);
	const controlled = { listening: box };
	await control(controlled, 'DELETE /v1/tap');
	return {
		box,
		client,
		strike: (name, parameters) => control(controlled, 'POST /v1/faults', { name, parameters }),
		countOf: async (path) => JSON.stringify(await control(controlled, 'GET /v1/tap')).split(`"${path}"`).length - 1,
		openCount: async () => {
			const { orders } = await control(controlled, `GET /v1/accounts/alice@binance-${market}/orders?state=open`);
			return (orders as readonly unknown[]).length;
		},
	};
}

const WISH = { symbol: 'BTCUSDT', side: 'buy', qty: '0.010', price: '60000.0', timeInForce: 'postOnly' } as const;
const ORDER_PATH = { spot: '/api/v3/order', futures: '/fapi/v1/order' } as const;

const ACCOUNT_PATH = { spot: '/api/v3/account', futures: '/fapi/v3/account' } as const;

describe.each(['spot', 'futures'] as const)('%s', (market) => {
	test('a clock that is off (-1021) is measured anew: sent twice, placed once', async () => {
		const { client, strike, countOf, openCount } = await open(market);
		await strike('venue-clock', { offsetMs: 10_000 });
		expect(await client.createOrder(WISH)).toMatchObject({ kind: 'done' });
		expect(await countOf(ORDER_PATH[market])).toBe(2);
		expect(await openCount()).toBe(1);
	});

	test('a ban (418) is of class rate-limited, and nothing more is sent while it lasts', async () => {
		const { client, strike, countOf, openCount } = await open(market);
		await strike('ban', { count: 1 });
		expect(await client.createOrder(WISH)).toMatchObject({
			kind: 'refused',
			class: 'rate-limited',
			reason: expect.stringMatching(/^address shut out for too many requests \(-1003/) as string,
		});
		expect(await client.createOrder(WISH)).toMatchObject({
			kind: 'refused',
			class: 'rate-limited',
			reason: expect.stringMatching(/not sent: shut out for another \d+ s/) as string,
		});
		expect(await client.getBalance()).toMatchObject({ kind: 'failed', class: 'rate-limited' });
		expect(await countOf(ORDER_PATH[market])).toBe(1);
		expect(await openCount()).toBe(0);
	});

	test('maintenance is for later, and says so', async () => {
		const { client, strike, openCount } = await open(market);
		await strike('maintenance', { mode: 'closed', path: ACCOUNT_PATH[market], count: 3 });
		expect(await client.getBalance()).toMatchObject({
			kind: 'failed',
			class: 'transient',
			sentence: expect.stringContaining('-1016: This service is no longer available.') as string,
		});
		expect(await client.getBalance()).toMatchObject({ kind: 'ok' });
		await strike('maintenance', { mode: 'halted', count: 1 });
		const result = await client.createOrder(WISH);
		expect(result).toMatchObject({ kind: 'refused', reason: expect.stringContaining('Market is closed.') as string });
		if (market === 'spot') expect(result).toMatchObject({ class: 'transient' });
		expect(await openCount()).toBe(0);
	});

	test('a key that was revoked is of class auth', async () => {
		const { client, strike } = await open(market);
		await strike('revoke-key', { reason: 'permission' });
		expect(await client.createOrder(WISH)).toMatchObject({
			kind: 'refused',
			class: 'auth',
			reason: expect.stringMatching(/^API key, address or permission not accepted \(-2015/) as string,
		});
		expect(await client.getBalance()).toMatchObject({ kind: 'failed', class: 'auth', code: -2015 });
	});

	test('a symbol of nobody is fatal', async () => {
		const { client } = await open(market);
		expect(await client.createOrder({ ...WISH, symbol: 'NOSUCH' })).toMatchObject({
			kind: 'refused',
			class: 'fatal',
			reason: expect.stringMatching(/^symbol unknown \(-1121/) as string,
		});
	});
});

test('a key for spot alone is refused by futures, and by them alone', async () => {
	const { box, client, strike: _ } = await open('futures');
	await control({ listening: box }, 'POST /v1/accounts/alice/key', { contracts: false });
	expect(await client.createOrder(WISH)).toMatchObject({ kind: 'refused', class: 'auth' });
	const { binance } = box;
	if (binance === undefined) throw new Error('the box has no Binance');
	const spot = await connectBinance({ market: 'spot', environment: binance, credentials: box.account() });
	toDispose.push(spot);
	expect(await spot.createOrder(WISH)).toMatchObject({ kind: 'done' });
});
