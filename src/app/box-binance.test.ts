/** Binance in the box, over real sockets: where it listens, whose accounts it has, its keys, its faults and its end. */
import { createHmac, generateKeyPairSync, sign } from 'node:crypto';
import { afterEach, expect, test } from 'vitest';
import { control, openRealBox } from '../../test/fixtures/real-box.ts';
import { BINANCE_MARKETS } from '../exchange/binance/venue.ts';
import { seededRng } from '../simulation/seeded-rng.ts';
import type { Box, BoxOptions } from './box.ts';
import { binanceSymbols } from './box-binance.ts';
import { createBoxVenue } from './box-venue.ts';

const opened: Box[] = [];
const bugs: unknown[] = [];

afterEach(async () => {
	for (const box of opened.splice(0)) await box[Symbol.asyncDispose]();
	expect(bugs).toEqual([]);
});

interface Balances {
	readonly balances: readonly { readonly asset: string; readonly free: string }[];
}

async function open(more: Partial<BoxOptions> = {}) {
	const box = await openRealBox(bugs, { symbols: ['BTCUSDT'], binancePort: 0, ...more });
	opened.push(box);
	const { binance, accounts } = box.listening;
	if (binance === undefined) throw new Error('no Binance in the box');
	const { apiKey = '', apiSecret = '' } = accounts[0] ?? {};
	const ask = async (path: string, init: RequestInit = {}) => {
		const reply = await fetch(`${binance.spot.rest}${path}`, init);
		return { status: reply.status, body: (await reply.json()) as object };
	};
	const signed = async (path: string, key = apiKey, signText = (text: string) => hmac(apiSecret, text), given = '') => {
		const { body } = await ask('/api/v3/time');
		const text = `${given}timestamp=${(body as { serverTime: number }).serverTime}`;
		return await ask(`${path}?${text}&signature=${encodeURIComponent(signText(text))}`, { headers: { 'X-MBX-APIKEY': key } });
	};
	return { box, binance, ask, signed, control: control.bind(undefined, box) };
}

function hmac(secret: string, text: string): string {
	return createHmac('sha256', secret).update(text).digest('hex');
}

test('listens where it says, both markets on one port, each with its book', async () => {
	const { binance, ask, control } = await open();
	const at = binance.spot.rest.slice('http://'.length);
	expect(binance).toEqual({
		spot: { rest: `http://${at}`, stream: `ws://${at}`, wsApi: `ws://${at}/ws-api/v3` },
		futures: {
			rest: `http://${at}`,
			public: `ws://${at}/public`,
			market: `ws://${at}/market`,
			private: `ws://${at}/private`,
			wsApi: `ws://${at}/ws-fapi/v1`,
		},
	});
	for (const [place, path] of [
		['spot', '/api/v3/depth'],
		['futures', '/fapi/v1/depth'],
	] as const) {
		const { body } = await ask(`${path}?symbol=BTCUSDT&limit=5`);
		const { bids } = await control(`GET /v1/symbols/binance-${place}:BTCUSDT/book?depth=5`);
		const shown = (body as { bids: [string, string][] }).bids.map((level) => level.map(Number));
		expect(shown).toEqual((bids as [string, string][]).map((level) => level.map(Number)));
		expect(shown).toHaveLength(5);
	}
});

test('has accounts of its own beside those of Bybit, under the same keys', async () => {
	const { signed, control } = await open();
	const { body } = await signed('/api/v3/account');
	expect((body as Balances).balances).toContainEqual({ asset: 'USDT', free: '100000.00000000', locked: '0.00000000' });
	await control('POST /v1/accounts/alice@binance-spot/withdraw', { coin: 'USDT', amount: '40000' });
	expect(((await signed('/api/v3/account')).body as Balances).balances).toContainEqual(
		expect.objectContaining({ free: '60000.00000000' }),
	);
	for (const name of ['alice', 'alice@binance-futures']) {
		const { balances } = await control(`GET /v1/accounts/${name}`);
		expect(JSON.stringify(balances)).toContain('"100000');
	}
});

test('knows keys by their public half', async () => {
	const { signed, control } = await open();
	const { privateKey, publicKey } = generateKeyPairSync('ed25519');
	const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
	const { apiKey } = await control('POST /v1/accounts/alice/public-key', { publicKey: pem });
	const signText = (text: string) => sign(null, Buffer.from(text), privateKey).toString('base64');
	expect(await signed('/api/v3/account', String(apiKey), signText)).toMatchObject({ status: 200 });
	await expect(control('POST /v1/accounts/alice/public-key', { publicKey: 'nonsense' })).rejects.toThrow('no public key');
});

test('is struck by the same faults, and begins anew with a reset', async () => {
	const { ask, signed, control } = await open();
	await control('POST /v1/faults', { name: 'server-error', parameters: { form: 'venue-timeout' } });
	expect(await ask('/api/v3/time')).toMatchObject({ status: 503, body: { code: -1007 } });
	await control('POST /v1/accounts/alice@binance-spot/withdraw', { coin: 'USDT', amount: '1' });
	await control('POST /v1/reset');
	expect(((await signed('/api/v3/account')).body as Balances).balances).toContainEqual(
		expect.objectContaining({ free: '100000.00000000' }),
	);
});

test('what a key may do holds there too', async () => {
	const { signed, control } = await open();
	await control('POST /v1/accounts/alice/key', { contracts: false });
	expect(await signed('/fapi/v3/balance')).toMatchObject({ status: 401, body: { code: -2015 } });
	expect(await signed('/api/v3/account')).toMatchObject({ status: 200 });
});

test('has the fees of an account on both markets', async () => {
	const fees = { maker: '0.0003', taker: '0.0004' };
	const { signed } = await open({ accounts: [{ name: 'carol', balances: { USDT: '5' }, fees }] });
	expect((await signed('/api/v3/account')).body).toMatchObject({ commissionRates: { maker: '0.00030000', taker: '0.00040000' } });
	expect((await signed('/fapi/v1/commissionRate', undefined, undefined, 'symbol=BTCUSDT&')).body).toMatchObject({
		makerCommissionRate: '0.00030000',
	});
});

test('a further key of an account works there too', () => {
	const nowMs = 1_771_000_000_000;
	const options = { market: 'none', symbols: ['BTCUSDT'], nowMs, limitFactor: 1, binanceMarkets: BINANCE_MARKETS } as const;
	const venue = createBoxVenue({ rng: seededRng(1), ...options });
	const { apiKey, apiSecret } = venue.addKey('alice', 'second');
	const text = `timestamp=${nowMs}`;
	const request = {
		method: 'GET',
		path: '/api/v3/account',
		query: `${text}&signature=${hmac(apiSecret, text)}`,
		body: '',
		remote: '1',
	};
	expect(venue.binance?.request({ ...request, headers: { 'x-mbx-apikey': apiKey } }, nowMs).status).toBe(200);
	expect(venue.holders()).toEqual(
		['alice', 'bob'].flatMap((name) => [{ name }, { name: `${name}@binance-spot` }, { name: `${name}@binance-futures` }]),
	);
});

test('is not there unless asked for, and a port that is taken is named', async () => {
	const without = await openRealBox(bugs, { symbols: ['BTCUSDT'] });
	opened.push(without);
	expect(without.listening).not.toHaveProperty('binance');
	const { binance } = await open();
	const taken = Number(new URL(binance.spot.rest).port);
	await expect(openRealBox(bugs, { binancePort: taken })).rejects.toThrow('--binance-port');
});

test('lists what is chosen on both markets; without its leader a market has a price of its own', () => {
	const names = ({ shown }: ReturnType<typeof binanceSymbols>) => shown.map(({ exchangeKey }) => exchangeKey);
	const led = binanceSymbols(both(['ETHUSDT', 'SYN003USDT']), BINANCE_MARKETS, [{ symbol: 'ETHUSDT' }, { symbol: 'SYN003USDT' }]);
	expect(names(led)).toEqual([
		'binance-futures:ETHUSDT',
		'binance-spot:ETHUSDT',
		'binance-futures:SYN003USDT',
		'binance-spot:SYN003USDT',
	]);
	expect(led.markets.map(({ latentOf }) => latentOf)).toEqual(['ETHUSDT', 'ETHUSDT', 'SYN003USDT', 'SYN003USDT']);
	expect(names(binanceSymbols(both(['ETHUSDT']), ['spot'], []))).toEqual(['binance-spot:ETHUSDT']);
	expect(binanceSymbols(both(['ETHUSDT']), BINANCE_MARKETS, []).markets.map(({ latentOf }) => latentOf)).toEqual([
		undefined,
		undefined,
	]);
	expect(binanceSymbols(both(['BTCUSD']), BINANCE_MARKETS, []).listings).toEqual([]);
});

function both(names: readonly string[]) {
	return { spot: names, futures: names };
}
