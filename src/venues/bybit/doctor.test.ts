/** The doctor's sentences, one check at a time, against a scripted venue in virtual time. */
import { expect, test } from 'vitest';
import type { WantedSymbol } from '../wire/instruments.ts';
import { NO_PATIENCE } from '../wire/patience.ts';
import { json, lost, settle } from '../wire/rest-scene.suite.ts';
import { bybitCapabilities } from './capabilities.ts';
import { examine, type Finding, hasProblem, type WithdrawalRight } from './doctor.ts';
import { BybitInstruments } from './instruments.ts';
import { BybitReads } from './reads.ts';
import { envelope, makeScene, START_MS } from './rest-scene.suite.ts';

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
	readonly isBanned?: boolean;
	readonly wanted?: readonly WantedSymbol[];
	readonly withdrawal?: WithdrawalRight;
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
		isBanned = false,
		wanted = WANTED,
		withdrawal = 'refused',
		hasKey = true,
		leverageMax = 3,
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
	if (isDown)
		reads.serverTimeMs = async () => ({
			kind: 'failed',
			class: 'transient',
			code: undefined,
			sentence: `no answer: ${lost('refused').kind}`,
		});
	if (isBanned) reads.serverTimeMs = async () => ({ kind: 'failed', class: 'rate-limited', code: 403, sentence: 'shut out' });
	const found = examine({
		environment: 'testnet',
		host: 'api-testnet.bybit.com',
		reads,
		venueClock: scene.venueClock,
		capabilities: bybitCapabilities('bybit', 'testnet'),
		load: (symbols, { hasFees }) => {
			const venueNowMs = (): number => scene.venueClock.venueNowMs();
			const parts = { venue: 'bybit', reads, clock: scene.clock, venueNowMs, hasFees, sink: () => {} };
			return new BybitInstruments(parts).load(symbols);
		},
		streams: async ({ categories, hasKey: isKeyGood }) => {
			const sentence = `${categories.join()} ${isKeyGood ? 'with' : 'without'} a key`;
			return [{ check: 'streams', level: 'ok', sentence }];
		},
		wanted,
		withdrawal,
		leverageMax,
		hasKey,
	});
	const findings = await settle(scene.clock, found);
	scene.venueClock.stop();
	return { findings, targets: scene.calls.map(({ target }) => target) };
}

test.each([
	['/v5/user/query-api', 10016, true],
	['/v5/user/query-api', 10006, true],
	['/v5/user/query-api', 10003, false],
	['/v5/account/info', 10016, true],
	['/v5/account/info', 10005, false],
	['/v5/position/list', 10016, true],
])('%s that ends with %i says of itself whether it may be otherwise the next time: %s', async (path, retCode, isPassing) => {
	const { findings } = await examined({ replies: { [path]: envelope({ retCode, retMsg: 'no' }) } });
	const problems = findings.filter(({ level }) => level === 'problem');
	expect(problems.length).toBeGreaterThan(0);
	for (const problem of problems) expect(problem.isPassing ?? false).toBe(isPassing);
});

test('a healthy account has nothing but good news, one sentence each', async () => {
	const { findings } = await examined();
	expect(findings.map(({ check, level }) => [check, level])).toEqual([
		['reachable', 'ok'],
		['clock', 'ok'],
		['key', 'ok'],
		['permission', 'ok'],
		['withdrawal', 'ok'],
		['addresses', 'ok'],
		['expiry', 'ok'],
		['rate limits', 'ok'],
		['account', 'ok'],
		['margin', 'ok'],
		['position mode', 'ok'],
		['leverage', 'ok'],
		['disconnect protection', 'note'],
		['symbols', 'ok'],
		['fees', 'ok'],
		['streams', 'ok'],
	]);
	expect(hasProblem(findings)).toBe(false);
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
	['the venue does not answer', { isDown: true }, 'problem', /^api-testnet.bybit.com cannot be reached/],
	[
		'our clock is 10 s ahead',
		{ aheadMs: -10_000 },
		'problem',
		/^the clock of this machine is 10\.0 s ahead of the venue's: set it/,
	],
	[
		'our clock is 10 s behind',
		{ aheadMs: 10_000 },
		'problem',
		/^the clock of this machine is 10\.0 s behind the venue's: set it/,
	],
	['our clock is 501 ms off', { aheadMs: 501 }, 'problem', /^the clock of this machine is 501 ms behind/],
	[
		'our clock is 400 ms off',
		{ aheadMs: 400 },
		'warning',
		/^the clock of this machine is 400 ms behind the venue's: orders stop at 500 ms/,
	],
	[
		'a wrong key',
		keyRefused(10003),
		'problem',
		/^Bybit's testnet environment does not know this API key.*made for another environment$/,
	],
	['a wrong secret', keyRefused(10004), 'problem', /^the API secret does not belong to the API key/],
	['a wrong address', keyRefused(10010), 'problem', /not on the address list/],
	['an expired key', keyRefused(33004), 'problem', /^the API key has expired/],
	['a failure nobody foresaw', keyRefused(10028), 'problem', /^Bybit refuses \/v5\/user\/query-api/],
	['a key that may only read', key({ readOnly: 1 }), 'problem', /^the API key may only read/],
	['a key without contracts', key({ permissions: { Spot: ['SpotTrade'] } }), 'problem', /^the API key may not trade linear/],
	[
		'a key that can withdraw',
		key({ permissions: { ...KEY.permissions, Wallet: ['Withdraw'] } }),
		'problem',
		/can withdraw money/,
	],
	[
		'the same, accepted',
		{ ...key({ permissions: { ...KEY.permissions, Wallet: ['Withdraw'] } }), withdrawal: 'accepted' },
		'warning',
		/accept_withdrawal_right lets it pass$/,
	],
	[
		'the same, where nothing will be traded',
		{ ...key({ permissions: { ...KEY.permissions, Wallet: ['Withdraw'] } }), withdrawal: 'told' },
		'warning',
		/: take the right away, or set accept_withdrawal_right/,
	],
	['a key for any address', key({ ips: ['*'] }), 'warning', /works from any address/],
	['a key without a list', key({ ips: null }), 'warning', /works from any address/],
	['a key that ends in 13 days', key({ expiredAt: inDays(13.5) }), 'warning', /^the API key expires in 13 days/],
	['a key that ends tomorrow', key({ expiredAt: inDays(1.5) }), 'warning', /expires in 1 day:/],
	['a key that has ended', key({ expiredAt: inDays(-1) }), 'problem', /^the API key has expired/],
	['an account of the old kind, by its key', key({ uta: 0 }), 'problem', /no unified trading account/],
	['an account of the old kind', account({ unifiedMarginStatus: 1 }), 'problem', /classic one/],
	['isolated margin', account({ marginMode: 'ISOLATED_MARGIN' }), 'warning', /isolated margin/],
	['hedge mode', position({ positionIdx: 1 }), 'problem', /^in hedge mode: BTCUSDT; switch/],
	[
		'a leverage that is too low',
		{ leverageMax: 11 },
		'warning',
		/^a leverage of 10 at Bybit for BTCUSDT, less than risk.leverage_max, which is 11/,
	],
	['a typo in a symbol', { wanted: [{ category: 'linear', symbol: 'BTCUSTD' }] }, 'problem', /did you mean BTCUSDT\?/],
	[
		'positions that may not be read, however many symbols there are',
		{ replies: { '/v5/position/list': envelope({ retCode: 10005 }) }, wanted: [...WANTED, ...WANTED] },
		'problem',
		/^Bybit refuses \/v5\/position\/list: permission denied/,
	],
	[
		'a right that went away',
		{ replies: { '/v5/account/info': envelope({ retCode: 10005 }) } },
		'problem',
		/permission denied \(10005/,
	],
])('%s', async (_name, given, level, sentence) => {
	const { findings } = await examined(given);
	const troubles = findings.filter((finding) => finding.level === 'problem' || finding.level === 'warning');
	expect(troubles).toHaveLength(1);
	expect(troubles[0]?.level).toBe(level);
	expect(troubles[0]?.sentence).toMatch(sentence);
	expect(hasProblem(findings)).toBe(level === 'problem');
});

test('spot alone wants the right for spot, and knows no position mode', async () => {
	const wanted = [{ category: 'spot', symbol: 'BTCUSDT' }] as const;
	const { findings } = await examined({ ...key({ permissions: { Spot: ['SpotTrade'] } }), wanted });
	expect(hasProblem(findings)).toBe(false);
	expect(findings.map(({ check }) => check)).not.toContain('position mode');
	const without = await examined({ ...key({ permissions: { Derivatives: ['DerivativesTrade'] } }), wanted });
	expect(hasProblem(without.findings)).toBe(true);
});

test.each([
	[4_711, '4711'],
	['4711', '4711'],
	[0, undefined],
	['\u001b[2J', undefined],
	[null, undefined],
])('a key of the user %j is of the account %s', async (userID, account) => {
	const { findings } = await examined(key({ userID }));
	expect(hasProblem(findings)).toBe(false);
	expect(findings.find(({ check }) => check === 'key')?.account).toBe(account);
});

test.each([90, 13.5])('a key that ends in %d days says when, for whoever reminds of it (F55)', async (days) => {
	const { findings } = await examined(key({ expiredAt: inDays(days) }));
	expect(findings.find(({ check }) => check === 'expiry')?.endsAtMs).toBe(START_MS + days * DAY_MS);
});

test('protection that is switched on is told with its window', async () => {
	const on = { dcpInfos: [{ product: 'DERIVATIVES', dcpStatus: 'ON', timeWindow: '10' }] };
	const { findings } = await examined({ replies: { '/v5/account/query-dcp-info': envelope({ result: on }) } });
	expect(findings.find(({ check }) => check === 'disconnect protection')).toMatchObject({
		level: 'ok',
		sentence: expect.stringContaining('DERIVATIVES after 10 s') as string,
	});
});

test('without a key only what is public is asked, nothing is changed in any case', async () => {
	const { findings, targets } = await examined({ hasKey: false });
	expect(findings.map(({ check }) => check)).toEqual(['reachable', 'clock', 'symbols', 'streams']);
	expect(findings.at(-1)?.sentence).toBe('linear without a key');
	expect(targets.every((target) => target.startsWith('/v5/market/'))).toBe(true);
});

test('after a key that is refused no other signed question is asked, nor any stream with a login', async () => {
	const { targets, findings } = await examined(keyRefused(10003));
	expect(findings.at(-1)?.sentence).toBe('linear without a key');
	expect(targets.filter((target) => !target.startsWith('/v5/market/'))).toEqual(['/v5/user/query-api']);
});

test('fees are told as percent, once for all symbols that have the same', async () => {
	const { findings } = await examined({
		replies: {
			'/v5/account/fee-rate': envelope({
				result: { list: [{ symbol: 'BTCUSDT', makerFeeRate: '-0.00005', takerFeeRate: '0.00055' }] },
			}),
		},
	});
	expect(findings.find(({ check }) => check === 'fees')?.sentence).toBe('maker -0.005 %, taker 0.055 % on BTCUSDT');
});

test('a venue that answers, but not to us, is no dead network', async () => {
	const { findings } = await examined({ isBanned: true });
	expect(findings).toEqual([
		{ check: 'reachable', level: 'problem', sentence: 'api-testnet.bybit.com answers, but not to us: shut out' },
	]);
});

test('what the venue writes cannot move the cursor of a terminal', async () => {
	const hostile = '\u001b[2J\n\u202e';
	const { findings } = await examined({
		replies: {
			'/v5/user/query-api': envelope({ result: { ...KEY, vipLevel: hostile } }),
			'/v5/account/info': envelope({ result: { ...ACCOUNT, marginMode: hostile } }),
			'/v5/account/query-dcp-info': envelope({
				result: { dcpInfos: [{ product: hostile, dcpStatus: 'ON', timeWindow: '10' }] },
			}),
		},
	});
	expect(findings.map(({ sentence }) => sentence).join('')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
});
