/** The doctor's sentences, one check at a time, against a scripted venue in virtual time. */
import { expect, test } from 'vitest';
import { examine, exitCodeOf, type Finding } from './doctor.ts';
import { BybitInstruments, type WantedSymbol } from './instruments.ts';
import { BybitReads } from './reads.ts';
import { NO_PATIENCE } from './rest-patience.ts';
import { envelope, json, lost, makeScene, START_MS, settle } from './rest-scene.suite.ts';

const DAY_MS = 86_400_000;
const KEY = {
	readOnly: 0,
	permissions: { ContractTrade: ['Order', 'Position'], Spot: ['SpotTrade'], Wallet: ['AccountTransfer'], NFT: null },
	ips: ['203.0.113.7'],
	expiredAt: '2027-11-21T00:00:00Z',
	uta: 1,
	vipLevel: 'No VIP',
};
const ACCOUNT = { unifiedMarginStatus: 5, marginMode: 'REGULAR_MARGIN' };
const POSITION = {
	positionIdx: 0,
	symbol: 'BTCUSDT',
	side: '',
	size: '0',
	avgPrice: '0',
	leverage: '10',
	markPrice: '65000',
	unrealisedPnl: '',
	positionStatus: 'Normal',
	updatedTime: '1',
};
const ROW = {
	symbol: 'BTCUSDT',
	status: 'Trading',
	baseCoin: 'BTC',
	quoteCoin: 'USDT',
	settleCoin: 'USDT',
	priceFilter: { minPrice: '0.10', maxPrice: '2000000.00', tickSize: '0.10' },
	lotSizeFilter: {
		minOrderQty: '0.001',
		maxOrderQty: '1000.000',
		qtyStep: '0.001',
		minNotionalValue: '5',
		basePrecision: '0.001',
		minOrderAmt: '5',
	},
};
const WANTED: readonly WantedSymbol[] = [{ category: 'linear', symbol: 'BTCUSDT' }];

interface Given {
	readonly replies?: Readonly<Record<string, object>>;
	readonly aheadMs?: number;
	readonly isDown?: boolean;
	readonly wanted?: readonly WantedSymbol[];
	readonly isWithdrawForced?: boolean;
	readonly hasKey?: boolean;
	readonly leverageMax?: number;
}

const REPLIES: Readonly<Record<string, object>> = {
	'/v5/user/query-api': envelope({ result: KEY }),
	'/v5/account/info': envelope({ result: ACCOUNT }),
	'/v5/position/list': envelope({ result: { category: 'linear', list: [POSITION] } }),
	'/v5/account/query-dcp-info': envelope({ result: { dcpInfos: [] } }),
	'/v5/account/fee-rate': envelope({ result: { list: [] } }),
};

async function examined(given: Given = {}): Promise<{ findings: readonly Finding[]; targets: readonly string[] }> {
	const {
		replies = {},
		aheadMs = 0,
		isDown = false,
		wanted = WANTED,
		isWithdrawForced = false,
		hasKey = true,
		leverageMax,
	} = given;
	const scene = makeScene(({ target }) => {
		const { pathname, searchParams } = new URL(target, 'https://venue.test');
		const category = searchParams.get('category');
		if (pathname === '/v5/market/instruments-info') return json(envelope({ result: { category, list: [ROW] } }));
		return json(replies[pathname] ?? REPLIES[pathname] ?? envelope({ retCode: 10017 }), {
			headers: { 'x-bapi-limit': '10', 'x-bapi-limit-status': '9', 'x-bapi-limit-reset-timestamp': '1' },
		});
	});
	scene.aheadMs = aheadMs;
	const reads = new BybitReads(scene.rest, NO_PATIENCE);
	scene.venueClock.start((heard) => (isDown ? scene.clock.after(1, () => heard(undefined)) : scene.rest.askVenueTime(heard)));
	const instruments = new BybitInstruments({
		venue: 'bybit',
		reads,
		clock: scene.clock,
		venueNowMs: () => scene.venueClock.venueNowMs(),
		hasFees: hasKey,
		sink: () => {},
	});
	if (isDown)
		reads.serverTimeMs = async () => ({
			kind: 'failed',
			class: 'transient',
			code: undefined,
			sentence: `no answer: ${lost('refused').kind}`,
		});
	const found = examine({
		environment: 'testnet',
		host: 'api-testnet.bybit.com',
		reads,
		venueClock: scene.venueClock,
		instruments,
		wanted,
		isWithdrawForced,
		hasKey,
		...(leverageMax === undefined ? {} : { leverageMax }),
	});
	const findings = await settle(scene.clock, found);
	scene.venueClock.stop();
	return { findings, targets: scene.calls.map(({ target }) => target) };
}

test('a healthy account has nothing but good news, one sentence each, and exit code 0', async () => {
	const { findings } = await examined();
	expect(findings.map(({ check, level }) => [check, level])).toEqual([
		['reachable', 'fine'],
		['clock', 'fine'],
		['key', 'fine'],
		['permission', 'fine'],
		['withdrawal', 'fine'],
		['addresses', 'fine'],
		['expiry', 'fine'],
		['rate limits', 'fine'],
		['account', 'fine'],
		['margin', 'fine'],
		['position mode', 'fine'],
		['leverage', 'fine'],
		['disconnect protection', 'note'],
		['symbols', 'fine'],
	]);
	expect(exitCodeOf(findings)).toBe(0);
	for (const { sentence } of findings) expect(sentence).not.toMatch(/[\n.]$|undefined|\[object/);
});

const key = (changed: object): Given => ({ replies: { '/v5/user/query-api': envelope({ result: { ...KEY, ...changed } }) } });
const keyRefused = (retCode: number): Given => ({ replies: { '/v5/user/query-api': envelope({ retCode, retMsg: 'no' }) } });
const account = (changed: object): Given => ({
	replies: { '/v5/account/info': envelope({ result: { ...ACCOUNT, ...changed } }) },
});
const position = (changed: object): Given => ({
	replies: { '/v5/position/list': envelope({ result: { category: 'linear', list: [{ ...POSITION, ...changed }] } }) },
});
const inDays = (days: number): string => new Date(START_MS + days * DAY_MS).toISOString();

test.each<[string, Given, Finding['level'], RegExp]>([
	['the venue does not answer', { isDown: true }, 'refusal', /^api-testnet.bybit.com cannot be reached/],
	[
		'our clock is 10 s ahead',
		{ aheadMs: -10_000 },
		'refusal',
		/^the clock of this machine is 10\.0 s ahead of the venue's: set it/,
	],
	[
		'our clock is 10 s behind',
		{ aheadMs: 10_000 },
		'refusal',
		/^the clock of this machine is 10\.0 s behind the venue's: set it/,
	],
	['our clock is 501 ms off', { aheadMs: 501 }, 'refusal', /^the clock of this machine is 501 ms behind/],
	[
		'our clock is 400 ms off',
		{ aheadMs: 400 },
		'warning',
		/^the clock of this machine is 400 ms behind the venue's: orders stop at 500 ms/,
	],
	[
		'a wrong key',
		keyRefused(10003),
		'refusal',
		/^Bybit's testnet environment does not know this API key.*made for another environment$/,
	],
	['a wrong secret', keyRefused(10004), 'refusal', /^the API secret does not belong to the API key/],
	['a wrong address', keyRefused(10010), 'refusal', /not on the address list/],
	['an expired key', keyRefused(33004), 'refusal', /^the API key has expired/],
	['a failure nobody foresaw', keyRefused(10028), 'refusal', /^Bybit refuses \/v5\/user\/query-api/],
	['a key that may only read', key({ readOnly: 1 }), 'refusal', /^the API key may only read/],
	['a key without contracts', key({ permissions: { Spot: ['SpotTrade'] } }), 'refusal', /^the API key may not trade linear/],
	[
		'a key that can withdraw',
		key({ permissions: { ...KEY.permissions, Wallet: ['Withdraw'] } }),
		'refusal',
		/can withdraw money/,
	],
	[
		'the same, forced',
		{ ...key({ permissions: { ...KEY.permissions, Wallet: ['Withdraw'] } }), isWithdrawForced: true },
		'warning',
		/going on since that was forced/,
	],
	['a key for any address', key({ ips: ['*'] }), 'warning', /works from any address/],
	['a key without a list', key({ ips: null }), 'warning', /works from any address/],
	['a key that ends in 13 days', key({ expiredAt: inDays(13.5) }), 'warning', /^the API key expires in 13 days/],
	['a key that ends tomorrow', key({ expiredAt: inDays(1.5) }), 'warning', /expires in 1 day:/],
	['a key that has ended', key({ expiredAt: inDays(-1) }), 'refusal', /^the API key has expired/],
	['an account of the old kind, by its key', key({ uta: 0 }), 'refusal', /no unified trading account/],
	['an account of the old kind', account({ unifiedMarginStatus: 1 }), 'refusal', /classic one/],
	['isolated margin', account({ marginMode: 'ISOLATED_MARGIN' }), 'warning', /isolated margin/],
	['hedge mode', position({ positionIdx: 1 }), 'refusal', /^BTCUSDT is in hedge mode/],
	['a high leverage', { leverageMax: 3 }, 'warning', /leverage of 10, more than the 3/],
	['a typo in a symbol', { wanted: [{ category: 'linear', symbol: 'BTCUSTD' }] }, 'refusal', /did you mean BTCUSDT\?/],
	[
		'a right that went away',
		{ replies: { '/v5/account/info': envelope({ retCode: 10005 }) } },
		'refusal',
		/permission denied \(10005/,
	],
])('%s', async (_name, given, level, sentence) => {
	const { findings } = await examined(given);
	const troubles = findings.filter((finding) => finding.level === 'refusal' || finding.level === 'warning');
	expect(troubles).toHaveLength(1);
	expect(troubles[0]?.level).toBe(level);
	expect(troubles[0]?.sentence).toMatch(sentence);
	expect(exitCodeOf(findings)).toBe(level === 'refusal' ? 2 : 0);
});

test('spot alone wants the right for spot, and knows no position mode', async () => {
	const wanted = [{ category: 'spot', symbol: 'BTCUSDT' }] as const;
	const { findings } = await examined({ ...key({ permissions: { Spot: ['SpotTrade'] } }), wanted });
	expect(exitCodeOf(findings)).toBe(0);
	expect(findings.map(({ check }) => check)).not.toContain('position mode');
	const without = await examined({ ...key({ permissions: { Derivatives: ['DerivativesTrade'] } }), wanted });
	expect(exitCodeOf(without.findings)).toBe(2);
});

test('protection that is switched on is told with its window', async () => {
	const on = { dcpInfos: [{ product: 'DERIVATIVES', dcpStatus: 'ON', timeWindow: '10' }] };
	const { findings } = await examined({ replies: { '/v5/account/query-dcp-info': envelope({ result: on }) } });
	expect(findings.find(({ check }) => check === 'disconnect protection')).toMatchObject({
		level: 'fine',
		sentence: expect.stringContaining('DERIVATIVES after 10 s') as string,
	});
});

test('without a key only what is public is asked, nothing is changed in any case', async () => {
	const { findings, targets } = await examined({ hasKey: false });
	expect(findings.map(({ check }) => check)).toEqual(['reachable', 'clock', 'symbols']);
	expect(targets.every((target) => target.startsWith('/v5/market/'))).toBe(true);
});

test('after a key that is refused no other signed question is asked', async () => {
	const { targets } = await examined(keyRefused(10003));
	expect(targets.filter((target) => !target.startsWith('/v5/market/') && !target.startsWith('/v5/account/fee-rate'))).toEqual([
		'/v5/user/query-api',
	]);
});
