import { expect, test } from 'vitest';
import { boxUrls, boxUrlsBeside, environmentUrls, isAllowedUrl, overriddenUrls } from './urls.ts';

test.each(['mainnet', 'testnet', 'demo'] as const)('every URL of %s may be opened there, and on no box', (environment) => {
	const { environment: named, ...urls } = environmentUrls(environment);
	expect(named).toBe(environment);
	for (const url of Object.values(urls)) {
		if (url === undefined) continue;
		expect(isAllowedUrl(environment, url)).toBe(true);
		expect(isAllowedUrl('box', url)).toBe(false);
	}
});

test('the demo environment has no trade socket, and the prices of the main network', () => {
	const { trade, publicLinear } = environmentUrls('demo');
	expect(trade).toBeUndefined();
	expect(publicLinear).toBe('wss://stream.bybit.com/v5/public/linear');
});

test.each([
	['another environment', 'mainnet', 'https://api-testnet.bybit.com'],
	['another environment, the other way', 'testnet', 'https://api.bybit.com'],
	['a stranger', 'mainnet', 'https://api.bybit.com.evil.test'],
	['a stranger before the at sign', 'mainnet', 'https://api.bybit.com@evil.test'],
	['a user before the right host', 'mainnet', 'https://user:word@api.bybit.com'],
	['no encryption', 'mainnet', 'http://api.bybit.com'],
	['no encryption on a socket', 'testnet', 'ws://stream-testnet.bybit.com/v5/private'],
	['another port', 'mainnet', 'https://api.bybit.com:8443'],
	['another protocol', 'mainnet', 'file:///etc/passwd'],
	['no URL', 'mainnet', 'api.bybit.com'],
	['another machine as box', 'box', 'http://10.0.0.1:4710'],
	['a name that only looks like loopback', 'box', 'http://127.0.0.1.evil.test:4710'],
] as const)('%s is refused (F85)', (_what, environment, url) => {
	expect(isAllowedUrl(environment, url)).toBe(false);
});

test('a box is reached on loopback, at any port and without encryption', () => {
	const at = '127.0.0.1:4710';
	const urls = boxUrls({
		rest: `http://${at}`,
		public: { spot: `ws://${at}/v5/public/spot`, linear: `ws://${at}/v5/public/linear`, inverse: `ws://${at}/v5/public/inverse` },
		private: `ws://${at}/v5/private`,
		trade: `ws://${at}/v5/trade`,
	});
	for (const url of [urls.rest, urls.publicSpot, urls.private]) expect(isAllowedUrl('box', url)).toBe(true);
	expect(isAllowedUrl('box', 'ws://[::1]:4710/v5/private')).toBe(true);
});

test('all of a box is found from the one address that it listens on', () => {
	expect(boxUrlsBeside('http://127.0.0.1:4710/')).toEqual({
		environment: 'box',
		rest: 'http://127.0.0.1:4710',
		publicSpot: 'ws://127.0.0.1:4710/v5/public/spot',
		publicLinear: 'ws://127.0.0.1:4710/v5/public/linear',
		publicInverse: 'ws://127.0.0.1:4710/v5/public/inverse',
		private: 'ws://127.0.0.1:4710/v5/private',
		trade: 'ws://127.0.0.1:4710/v5/trade',
	});
	expect(boxUrlsBeside('https://localhost:4710').private).toBe('wss://localhost:4710/v5/private');
});

test('of an address for REST only scheme, host and port count', () => {
	expect(overriddenUrls(environmentUrls('mainnet'), { rest: 'https://api.bybit.eu/v5/' })).toMatchObject({
		urls: { rest: 'https://api.bybit.eu' },
	});
});

test('settings may choose a regional host, and no other', () => {
	const base = environmentUrls('mainnet');
	expect(overriddenUrls(base, { rest: 'https://api.bybit.eu' })).toMatchObject({
		kind: 'found',
		urls: { rest: 'https://api.bybit.eu', private: base.private },
	});
	const refused = overriddenUrls(base, { rest: 'https://thief.test/?key=pasted-by-mistake' });
	expect(refused).toMatchObject({ kind: 'refused', sentence: expect.stringContaining('thief.test') as string });
	expect(JSON.stringify(refused)).not.toContain('pasted');
});
