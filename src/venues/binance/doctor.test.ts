/** The doctor's sentences, one check at a time, against scripted markets in virtual time. */
import { expect, test } from 'vitest';
import { type Finding, hasProblem, type WithdrawalRight } from '../wire/finding.ts';
import type { WantedSymbol } from '../wire/instruments.ts';
import { NO_PATIENCE } from '../wire/patience.ts';
import { json, settle } from '../wire/rest-scene.suite.ts';
import { binanceCapabilities } from './capabilities.ts';
import { examine } from './doctor.ts';
import { BinanceInstruments } from './instruments.ts';
import { BinanceReads } from './reads.ts';
import { makeScene, refusal, START_MS } from './rest-scene.suite.ts';
import type { Environment } from './urls.ts';

const DAY_MS = 86_400_000;
const RIGHTS = {
	ipRestrict: true,
	createTime: START_MS,
	enableReading: true,
	enableSpotAndMarginTrading: true,
	enableFutures: true,
	enableWithdrawals: false,
};
const ACCOUNT = { canTrade: true, uid: 700_700, balances: [] };
const CONFIG = { canTrade: true, dualSidePosition: false, multiAssetsMargin: false };
const SYMBOL_CONFIG = { symbol: 'BTCUSDT', marginType: 'CROSSED', leverage: 20 };
const FILTERS = [
	{ filterType: 'PRICE_FILTER', minPrice: '0.10', maxPrice: '1000000', tickSize: '0.10' },
	{ filterType: 'LOT_SIZE', minQty: '0.001', maxQty: '1000', stepSize: '0.001' },
	{ filterType: 'NOTIONAL', minNotional: '5' },
	{ filterType: 'MIN_NOTIONAL', notional: '50' },
];
const SYMBOL = {
	symbol: 'BTCUSDT',
	status: 'TRADING',
	contractType: 'PERPETUAL',
	deliveryDate: 4_133_404_800_000,
	baseAsset: 'BTC',
	quoteAsset: 'USDT',
	marginAsset: 'USDT',
	isSpotTradingAllowed: true,
	filters: FILTERS,
};
const FUTURES: readonly WantedSymbol[] = [{ category: 'linear', symbol: 'BTCUSDT' }];
const SPOT: readonly WantedSymbol[] = [{ category: 'spot', symbol: 'BTCUSDT' }];
const BOTH = [...SPOT, ...FUTURES];

const REPLIES: Readonly<Record<string, object>> = {
	'/sapi/v1/account/apiRestrictions': RIGHTS,
	'/api/v3/account': ACCOUNT,
	'/fapi/v1/accountConfig': CONFIG,
	'/fapi/v1/symbolConfig': [SYMBOL_CONFIG, { ...SYMBOL_CONFIG, symbol: 'ETHUSDT', marginType: 'ISOLATED', leverage: 1 }],
	'/fapi/v3/balance': [{ accountAlias: 'SgsR', asset: 'USDT' }],
	'/fapi/v1/commissionRate': { symbol: 'BTCUSDT', makerCommissionRate: '0.0002', takerCommissionRate: '0.0005' },
	'/api/v3/account/commission': { symbol: 'BTCUSDT', standardCommission: { maker: '0.001', taker: '0.001' } },
};

/** One symbol of each market is nobody else's, and one of spot stands still. */
function listedAt(path: string): readonly object[] {
	if (path.startsWith('/fapi')) return [SYMBOL, { ...SYMBOL, symbol: 'PERPUSDT' }];
	return [SYMBOL, { ...SYMBOL, symbol: 'COINUSDT' }, { ...SYMBOL, symbol: 'SLOWUSDT', status: 'BREAK' }];
}

type Reply = ReturnType<typeof json>;

interface Given {
	readonly replies?: Readonly<Record<string, Reply>>;
	readonly aheadMs?: number;
	readonly isDown?: 'spot' | 'linear';
	readonly isBanned?: boolean;
	readonly wanted?: readonly WantedSymbol[];
	readonly withdrawal?: WithdrawalRight;
	readonly hasKey?: boolean;
	readonly leverageMax?: number;
	readonly environment?: Environment;
	readonly countdownMs?: number;
}

async function examined(given: Given = {}): Promise<{ findings: readonly Finding[]; calls: readonly string[] }> {
	const { replies = {}, wanted = BOTH, environment = 'mainnet', hasKey = true, leverageMax = 3, withdrawal = 'refused' } = given;
	const scene = makeScene(({ target }) => {
		const { pathname } = new URL(target, 'https://venue.test');
		const reply = replies[pathname];
		if (reply !== undefined) return reply;
		if (pathname.endsWith('/exchangeInfo')) return json({ rateLimits: [], symbols: listedAt(pathname) });
		const usual = REPLIES[pathname];
		return usual === undefined ? json('no', { status: 404 }) : json(usual);
	});
	scene.aheadMs = given.aheadMs ?? 0;
	const readsOf = (market: 'spot' | 'linear'): BinanceReads => {
		const reads = new BinanceReads(scene.restOf(market), NO_PATIENCE);
		const failed = { kind: 'failed', class: 'transient', sentence: 'no answer: refused' } as const;
		if (given.isDown === market) reads.serverTimeMs = async () => ({ ...failed, code: undefined });
		if (given.isBanned === true) reads.serverTimeMs = async () => ({ ...failed, code: 418, sentence: 'shut out' });
		return reads;
	};
	const reads = { spot: readsOf('spot'), linear: readsOf('linear') };
	const { clock, venueClock, weights, rest } = scene;
	venueClock.start((heard) => rest.askVenueTime(heard));
	const found = examine({
		environment,
		hosts: { spot: 'api.binance.com', linear: 'fapi.binance.com' },
		reads,
		venueClock,
		capabilities: binanceCapabilities('binance'),
		load: (symbols, { hasFees }) => {
			const venueNowMs = (): number => venueClock.venueNowMs();
			const markets = { spot: { reads: reads.spot, weights }, linear: { reads: reads.linear, weights } };
			return new BinanceInstruments({ venue: 'binance', markets, clock, venueNowMs, hasFees, sink: () => {} }).load(symbols);
		},
		streams: async ({ markets, hasKey: isKeyGood }) => {
			const sentence = `${markets.join()} ${isKeyGood ? 'with' : 'without'} a key`;
			return [{ check: 'streams', level: 'ok', sentence }];
		},
		countdownMs: given.countdownMs,
		wanted,
		withdrawal,
		leverageMax,
		hasKey,
	});
	const findings = await settle(clock, found);
	venueClock.stop();
	return { findings, calls: scene.calls.map(({ method, target }) => `${method} ${target}`) };
}

test('healthy accounts have nothing but good news, one sentence each', async () => {
	const { findings, calls } = await examined({ countdownMs: 10_000 });
	expect(findings.map(({ check, level }) => [check, level])).toEqual([
		['reachable', 'ok'],
		['reachable', 'ok'],
		['clock', 'ok'],
		['key', 'ok'],
		['permission', 'ok'],
		['permission', 'ok'],
		['withdrawal', 'ok'],
		['addresses', 'ok'],
		['account', 'ok'],
		['disconnect protection', 'note'],
		['account', 'ok'],
		['disconnect protection', 'ok'],
		['rate limits', 'ok'],
		['position mode', 'ok'],
		['asset mode', 'ok'],
		['margin', 'ok'],
		['leverage', 'ok'],
		['symbols', 'ok'],
		['fees', 'ok'],
		['fees', 'ok'],
		['streams', 'ok'],
	]);
	expect(hasProblem(findings)).toBe(false);
	for (const { sentence } of findings) expect(sentence).not.toMatch(/[\n.]$|undefined|\[object/);
	expect(findings.find(({ check }) => check === 'rate limits')?.sentence).toContain(
		'place 50 in 10 s (spot), place 160000 in 24 h (spot)',
	);
	expect(findings.at(-1)?.sentence).toBe('spot,linear with a key');
	for (const call of calls) expect(call).toMatch(/^GET /);
});

const at = (path: string, changed: object): Given => ({
	replies: { [path]: json({ ...(REPLIES[path] as object), ...changed }) },
});
const rights = (changed: object): Given => at('/sapi/v1/account/apiRestrictions', changed);
const config = (changed: object): Given => ({ ...at('/fapi/v1/accountConfig', changed), wanted: FUTURES });
const symbolConfig = (changed: object): Given => ({
	replies: { '/fapi/v1/symbolConfig': json([{ ...SYMBOL_CONFIG, ...changed }]) },
	wanted: FUTURES,
});
const KEY_WRONG = refusal(-2015, 'Invalid API-key, IP, or permissions for action.', { status: 401 });
const spotKey = (code: number): Given => ({
	replies: { '/api/v3/account': refusal(code, 'no', { status: 401 }) },
	wanted: SPOT,
});

test.each<[string, Given, Finding['level'], RegExp]>([
	['spot does not answer', { isDown: 'spot' }, 'problem', /^api\.binance\.com cannot be reached: look at the network/],
	['futures do not answer', { isDown: 'linear' }, 'problem', /^fapi\.binance\.com cannot be reached/],
	['our clock is 10 s ahead', { aheadMs: -10_000 }, 'problem', /is 10\.0 s ahead of the venue's: set it/],
	['our clock is 400 ms behind', { aheadMs: 400 }, 'warning', /is 400 ms behind the venue's: orders stop at 500 ms/],
	[
		'a key that nobody knows',
		{ replies: { '/api/v3/account': KEY_WRONG }, wanted: SPOT },
		'problem',
		/^Binance's mainnet environment does not take this API key for spot: it is mistyped.*not for this address$/,
	],
	[
		'a key of one testnet on the other',
		{ replies: { '/fapi/v1/accountConfig': KEY_WRONG, '/api/v3/account': KEY_WRONG }, wanted: FUTURES, environment: 'testnet' },
		'problem',
		/testnet environment does not take this API key for futures.*the testnets of spot and futures have keys of their own$/,
	],
	[
		'a spot key on futures',
		{ replies: { '/fapi/v1/accountConfig': KEY_WRONG }, wanted: FUTURES },
		'problem',
		/^the API key is good for spot, and futures do not take it: tick "Enable Futures" for it/,
	],
	[
		'a strange key in a box',
		{ ...spotKey(-2015), environment: 'box' },
		'problem',
		/^the exchange in a box does not take this API key/,
	],
	['a wrong secret', spotKey(-1022), 'problem', /^the API secret does not belong to the API key/],
	['a key of another form', spotKey(-2014), 'problem', /^the API key has not the form of a key of Binance/],
	[
		'an address that is not on the list',
		{ replies: { '/fapi/v1/accountConfig': refusal(-1011, 'no', { status: 401 }) }, wanted: FUTURES },
		'problem',
		/not on the address list/,
	],
	[
		'a futures account that was never opened',
		{ replies: { '/fapi/v1/accountConfig': refusal(-4109, 'inactive') }, wanted: FUTURES },
		'problem',
		/^the futures account is not active/,
	],
	['a failure nobody foresaw', spotKey(-1013), 'problem', /^Binance refuses \/api\/v3\/account: against a filter/],
	['a key without futures', rights({ enableFutures: false }), 'problem', /may not trade futures: tick "Enable Futures"/],
	[
		'a key without spot',
		rights({ enableSpotAndMarginTrading: false }),
		'problem',
		/may not trade spot: tick "Enable Spot & Margin Trading"/,
	],
	[
		'a key without spot, which shows in what the account may, too',
		{
			replies: {
				'/sapi/v1/account/apiRestrictions': json({ ...RIGHTS, enableSpotAndMarginTrading: false }),
				'/api/v3/account': json({ ...ACCOUNT, canTrade: false }),
			},
		},
		'problem',
		/^the API key may not trade spot/,
	],
	['a key that can withdraw', rights({ enableWithdrawals: true }), 'problem', /can withdraw money/],
	[
		'the same, accepted',
		{ ...rights({ enableWithdrawals: true }), withdrawal: 'accepted' },
		'warning',
		/accept_withdrawal_right lets it pass$/,
	],
	[
		'the same, where nothing will be traded',
		{ ...rights({ enableWithdrawals: true }), withdrawal: 'told' },
		'warning',
		/: take the right away, or set accept_withdrawal_right/,
	],
	['a key for any address', rights({ ipRestrict: false }), 'warning', /works from any address/],
	[
		'rights that end in 13 days',
		rights({ tradingAuthorityExpirationTime: START_MS + 13.5 * DAY_MS }),
		'warning',
		/expire in 13 days/,
	],
	['rights that have ended', rights({ tradingAuthorityExpirationTime: START_MS - 1 }), 'problem', /have expired/],
	[
		'rights that cannot be asked for, with real money',
		{ replies: { '/sapi/v1/account/apiRestrictions': json('no', { status: 404 }) } },
		'problem',
		/^Binance refuses \/sapi\/v1\/account\/apiRestrictions/,
	],
	[
		'a spot account that is shut',
		{ ...at('/api/v3/account', { canTrade: false }), wanted: SPOT },
		'problem',
		/^the spot account may not trade, or not by this key/,
	],
	['a futures account that is shut', config({ canTrade: false }), 'problem', /^the futures account may not trade/],
	['hedge mode', config({ dualSidePosition: true }), 'problem', /^the futures account is in hedge mode: switch/],
	['multi-assets mode', config({ multiAssetsMargin: true }), 'warning', /^the futures account is in multi-assets mode/],
	['isolated margin', symbolConfig({ marginType: 'ISOLATED' }), 'warning', /^isolated margin on BTCUSDT: switch/],
	[
		'a leverage that is too low',
		{ leverageMax: 21 },
		'warning',
		/^a leverage of 20 at Binance for BTCUSDT, less than risk.leverage_max, which is 21/,
	],
	['modes that may not be read', { replies: { '/fapi/v1/symbolConfig': KEY_WRONG } }, 'problem', /symbolConfig/],
	[
		'a typo in a symbol',
		{ wanted: [{ category: 'linear', symbol: 'BTCUSTD' }] },
		'problem',
		/^Binance has no symbol "BTCUSTD" in category linear; did you mean BTCUSDT\?$/,
	],
	[
		'a symbol of futures that is wanted on spot',
		{ wanted: [{ category: 'spot', symbol: 'PERPUSDT' }] },
		'problem',
		/^PERPUSDT is no symbol of category spot; there is one in category linear: name that category, or another symbol$/,
	],
	[
		'a symbol of spot that is wanted on futures',
		{ wanted: [{ category: 'linear', symbol: 'COINUSDT' }] },
		'problem',
		/^COINUSDT is no symbol of category linear; there is one in category spot/,
	],
	[
		'a symbol under maintenance',
		{ wanted: [{ category: 'spot', symbol: 'SLOWUSDT' }] },
		'problem',
		/^SLOWUSDT is listed in category spot but not trading/,
	],
])('%s', async (_name, given, level, sentence) => {
	const { findings } = await examined(given);
	const troubles = findings.filter((finding) => finding.level === 'problem' || finding.level === 'warning');
	expect(troubles.map((each) => each.sentence)).toEqual([expect.stringMatching(sentence)]);
	expect(troubles[0]?.level).toBe(level);
	expect(hasProblem(findings)).toBe(level === 'problem');
});

test('where there is only play, nobody can be asked for the rights of a key', async () => {
	const replies = { '/sapi/v1/account/apiRestrictions': json('no', { status: 404 }) };
	const { findings } = await examined({ replies, environment: 'testnet' });
	expect(hasProblem(findings)).toBe(false);
	expect(findings.find(({ check }) => check === 'withdrawal')).toMatchObject({
		level: 'note',
		sentence: expect.stringContaining('cannot be asked in the testnet environment') as string,
	});
});

test('a market that is not traded is not asked', async () => {
	const spot = await examined({ wanted: SPOT });
	expect(spot.findings.map(({ check }) => check)).not.toContain('position mode');
	expect(spot.calls.filter((call) => call.includes('/fapi/'))).toEqual([]);
	const futures = await examined({ wanted: FUTURES });
	expect(futures.findings.filter(({ check }) => check === 'permission')).toHaveLength(1);
	// Spot alone knows the key's rights, and whose account it is.
	const asked = futures.calls.filter((call) => !call.includes('/fapi/')).map((call) => call.replace(/\?.*/, ''));
	expect(asked.filter((call) => !call.endsWith('/time'))).toEqual([
		'GET /sapi/v1/account/apiRestrictions',
		'GET /api/v3/account',
	]);
});

test.each<[string, Given, string | undefined]>([
	['by the number that spot has of it', {}, '700700'],
	['by nothing where nobody says', at('/api/v3/account', { uid: undefined }), undefined],
	[
		'by its futures wallet where the key is for futures alone',
		{ replies: { '/api/v3/account': KEY_WRONG }, wanted: FUTURES },
		'SgsR',
	],
	[
		'by nothing where spot may answer another time',
		{ replies: { '/api/v3/account': json('no', { status: 502 }) }, wanted: FUTURES },
		undefined,
	],
])('an account is known %s', async (_name, given, account) => {
	const { findings } = await examined(given);
	const key = findings.find(({ check }) => check === 'key');
	expect(key?.level).toBe('ok');
	expect(key?.account).toBe(account);
});

test('without a key only what is public is asked', async () => {
	const { findings, calls } = await examined({ hasKey: false });
	expect(findings.map(({ check }) => check)).toEqual(['reachable', 'reachable', 'clock', 'symbols', 'streams']);
	expect(findings.at(-1)?.sentence).toBe('spot,linear without a key');
	for (const call of calls) expect(call).toMatch(/\/(time|exchangeInfo)$/);
});

test('after a key that is refused no other signed question is asked, nor any stream with a login', async () => {
	const { findings, calls } = await examined(spotKey(-2015));
	expect(findings.at(-1)?.sentence).toBe('spot without a key');
	const signed = calls.filter((call) => call.includes('signature='));
	expect(signed.map((call) => call.replace(/\?.*/, ''))).toEqual(['GET /api/v3/account']);
});

test('a venue that answers, but not to us, is no dead network', async () => {
	const { findings } = await examined({ isBanned: true, wanted: SPOT });
	expect(findings).toEqual([
		{ check: 'reachable', level: 'problem', sentence: 'api.binance.com answers, but not to us: shut out' },
	]);
});

test.each([
	['/api/v3/account', json({ code: -1001, msg: 'no' }, { status: 502 }), true],
	['/api/v3/account', KEY_WRONG, false],
	['/fapi/v1/accountConfig', json('no', { status: 503 }), true],
	['/fapi/v1/symbolConfig', json('no', { status: 503 }), true],
	['/sapi/v1/account/apiRestrictions', json('no', { status: 503 }), true],
])('%s says of itself whether it may be otherwise the next time', async (path, reply, isPassing) => {
	const { findings } = await examined({ replies: { [path]: reply } });
	const problems = findings.filter(({ level }) => level === 'problem');
	expect(problems.length).toBeGreaterThan(0);
	for (const problem of problems) expect(problem.isPassing ?? false).toBe(isPassing);
});
