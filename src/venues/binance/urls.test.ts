import { expect, test } from 'vitest';
import { boxUrls, boxUrlsBeside, environmentUrls, isAllowedUrl, overriddenUrls } from './urls.ts';

test.each(['mainnet', 'testnet', 'demo'] as const)('every URL of %s may be opened there, and on no box', (environment) => {
	const { environment: named, ...urls } = environmentUrls(environment);
	expect(named).toBe(environment);
	for (const url of Object.values(urls)) {
		expect(isAllowedUrl(environment, url)).toBe(true);
		expect(isAllowedUrl('box', url)).toBe(false);
		if (environment !== 'mainnet') expect(isAllowedUrl('mainnet', url)).toBe(false);
	}
});

test('each market has its hosts and paths', () => {
	expect(environmentUrls('mainnet')).toEqual({
		environment: 'mainnet',
		spotRest: 'https://api.binance.com',
		spotStream: 'wss://stream.binance.com',
		spotWsApi: 'wss://ws-api.binance.com/ws-api/v3',
		futuresRest: 'https://fapi.binance.com',
		futuresPublic: 'wss://fstream.binance.com/public',
		futuresMarket: 'wss://fstream.binance.com/market',
		futuresPrivate: 'wss://fstream.binance.com/private',
		futuresWsApi: 'wss://ws-fapi.binance.com/ws-fapi/v1',
	});
	expect(environmentUrls('demo').futuresWsApi).toBe('wss://testnet.binancefuture.com/ws-fapi/v1');
});

test.each([
	['another environment', 'mainnet', 'https://testnet.binance.vision'],
	['another environment, the other way', 'testnet', 'https://api.binance.com'],
	['a stranger', 'mainnet', 'https://api.binance.com.evil.test'],
	['a stranger before the at sign', 'mainnet', 'https://api.binance.com@evil.test'],
	['a user before the right host', 'mainnet', 'https://user:word@api.binance.com'],
	['a user without a word', 'mainnet', 'https://user@api.binance.com'],
	['no encryption', 'mainnet', 'http://api.binance.com'],
	['no encryption on a socket', 'testnet', 'ws://stream.testnet.binance.vision/ws'],
	['another port', 'mainnet', 'https://api.binance.com:8443'],
	['the second port of sockets, for calls', 'mainnet', 'https://api.binance.com:9443'],
	['the second port of sockets, on futures', 'mainnet', 'wss://fstream.binance.com:9443/public'],
	['another protocol', 'mainnet', 'file:///etc/passwd'],
	['no URL', 'mainnet', 'api.binance.com'],
	['another machine as box', 'box', 'http://10.0.0.1:4710'],
	['a name that only looks like loopback', 'box', 'http://127.0.0.1.evil.test:4710'],
] as const)('%s is refused (F85)', (_what, environment, url) => {
	expect(isAllowedUrl(environment, url)).toBe(false);
});

test('spot sockets may be asked for on their second port', () => {
	expect(isAllowedUrl('mainnet', 'wss://stream.binance.com:9443')).toBe(true);
});

test('a box says where it listens, or is found from its REST address', () => {
	const at = '127.0.0.1:4711';
	const printed = boxUrls({
		spot: { rest: `http://${at}`, stream: `ws://${at}`, wsApi: `ws://${at}/ws-api/v3` },
		futures: {
			rest: `http://${at}`,
			public: `ws://${at}/public`,
			market: `ws://${at}/market`,
			private: `ws://${at}/private`,
			wsApi: `ws://${at}/ws-fapi/v1`,
		},
	});
	expect(boxUrlsBeside(`http://${at}/anything`)).toEqual(printed);
	const { environment, ...urls } = printed;
	for (const url of Object.values(urls)) expect(isAllowedUrl(environment, url)).toBe(true);
});

test('a person may choose another host of the same environment and market, and no other', () => {
	const base = environmentUrls('mainnet');
	expect(overriddenUrls(base, { spotRest: 'https://api3.binance.com/api/v3' })).toEqual({
		kind: 'found',
		urls: { ...base, spotRest: 'https://api3.binance.com' },
	});
	expect(overriddenUrls(base, { futuresPrivate: 'wss://fstream-mm.binance.com/private' })).toMatchObject({ kind: 'found' });
	// It is a host of Binance, and would still be the wrong market.
	const crossed = overriddenUrls(base, { spotRest: 'https://fapi.binance.com' });
	expect(crossed).toMatchObject({ kind: 'refused', sentence: expect.stringContaining('spotRest is fapi.binance.com') as string });
	const pasted = overriddenUrls(base, { futuresRest: 'https://evil.test/?apiSecret=SECRET' });
	expect(pasted).toMatchObject({ kind: 'refused', sentence: expect.not.stringContaining('SECRET') as string });
});
