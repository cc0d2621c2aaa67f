/** The account's streams of both markets against an account of the tests' own, in virtual time. */
import { describe, expect, test } from 'vitest';
import {
	accountUpdate,
	type FakeBinanceAccount,
	futuresOrderEvent,
	futuresTradeRow,
	json,
	orderRow,
	positionRow,
	refusal,
	spotTradeRow,
} from '../../../test/fixtures/binance-account.ts';
import { WALLET_OF } from './account-rows.ts';
import { binanceCapabilities } from './capabilities.ts';
import { ETH_FUTURES, FUTURES, OFFSET_MS, openAndUp, openUser, SPOT, START_MS } from './user-scene.suite.ts';

const HOUR_MS = 3_600_000;
/** Beyond what a double holds. */
const BIG_ID = 8_389_766_100_200_300_401n;

describe('coming up', () => {
	test('each market subscribes in its way, the state of both is read, and only then it is up', async () => {
		const { account, events, upAndDown, run } = openUser({
			before: (fresh) => {
				fresh.spot.orders = [orderRow({ id: 7, link: 'mine' })];
				fresh.linear.orders = [orderRow({ id: BIG_ID, link: 'too' })];
				fresh.linear.positions = [positionRow('-0.004')];
			},
		});
		expect(upAndDown(), 'from the start').toEqual([false]);
		await run(300);
		expect(account.subscriptions.map(({ method, params }) => [method, Object.keys(params).sort()])).toEqual([
			['userDataStream.subscribe.signature', ['apiKey', 'recvWindow', 'signature', 'timestamp']],
		]);
		expect(account.subscriptions[0]?.params['timestamp']).toBe(START_MS + OFFSET_MS + 1);
		expect(account.socket('linear').target.url).toBe(
			'wss://demo-fstream.binance.com/private/ws?listenKey=key1&events=ORDER_TRADE_UPDATE/ACCOUNT_UPDATE',
		);
		expect(new Set(account.asked.map(({ method, path }) => `${method} ${path}`))).toEqual(
			new Set([
				'POST /fapi/v1/listenKey',
				'GET /api/v3/openOrders',
				'GET /api/v3/myTrades',
				'GET /api/v3/account',
				'GET /fapi/v1/openOrders',
				'GET /fapi/v1/userTrades',
				'GET /fapi/v1/income',
				'GET /fapi/v3/account',
				'GET /fapi/v3/positionRisk',
			]),
		);
		expect(events.map(({ kind }) => kind)).toEqual([
			...['stream', 'orderReport', 'orderReport', 'position', 'position', 'balance', 'balance', 'census', 'stream'],
		]);
		expect(events.flatMap((event) => (event.kind === 'orderReport' ? [event.report.venueOrderId] : []))).toEqual([
			'7',
			String(BIG_ID),
		]);
		const census = events.find((event) => event.kind === 'census');
		expect(census).toMatchObject({
			venue: 'binance',
			found: {
				orders: [
					{ clientOrderId: 'mine', instrument: SPOT, source: 'stream' },
					{ clientOrderId: 'too', instrument: FUTURES },
				],
				positions: [
					{ instrument: 1, positionLotsSigned: -4 },
					{ instrument: 2, positionLotsSigned: 0 },
				],
			},
		});
		expect(events.filter((event) => event.kind === 'balance')).toMatchObject([
			{ wallet: 'spot', currency: 'USDT', free: 900n * 10n ** 18n, total: 1000n * 10n ** 18n },
			{ wallet: 'futures', currency: 'USDT', free: 800n * 10n ** 18n, total: 990n * 10n ** 18n },
		]);
		expect(upAndDown()).toEqual([false, true]);
	});

	test('wallets are called what the capabilities call them', () => {
		const { spot, linear } = binanceCapabilities('binance').categories;
		expect(WALLET_OF).toEqual({ spot: spot?.wallet, linear: linear?.wallet });
	});

	test('a market that is not traded is not connected to', async () => {
		const { account } = await openAndUp({ markets: ['linear'] });
		expect([account.connectionCount('spot'), account.connectionCount('linear')]).toEqual([0, 1]);
		expect(account.asked.some(({ path }) => path.startsWith('/api/'))).toBe(false);
	});

	const missing: readonly (readonly [string, (account: FakeBinanceAccount) => void])[] = [
		['no answer to the subscription', (account) => void (account.subscriptionAnswer = undefined)],
		[
			'a refused subscription',
			(account) => void (account.subscriptionAnswer = { status: 401, error: { code: -2015, msg: 'Invalid API-key.' } }),
		],
		['no listen key', (account) => void account.spoiled.set('/fapi/v1/listenKey', () => refusal(-2015, 'Invalid API-key.', 401))],
		['a listen key that is none', (account) => void account.spoiled.set('/fapi/v1/listenKey', () => json({ listenKey: 'a&b' }))],
		...[
			...['/api/v3/openOrders', '/api/v3/myTrades', '/api/v3/account'],
			...['/fapi/v1/openOrders', '/fapi/v1/userTrades', '/fapi/v1/income', '/fapi/v3/account', '/fapi/v3/positionRisk'],
		].flatMap((path) =>
			(
				[
					['is refused (F32)', () => refusal(-1121, 'Invalid symbol.')],
					['is of another shape', () => json({ list: 7 })],
				] as const
			).map(
				([how, answer]) =>
					[`${path} that ${how}`, (account: FakeBinanceAccount) => void account.spoiled.set(path, answer)] as const,
			),
		),
		[
			'a trade that cannot be read',
			(account) => void (account.spot.trades = [{ ...spotTradeRow({ id: 1, order: 2 }), qty: 'x', time: START_MS + 5_000_000 }]),
		],
		['a position that cannot be read', (account) => void (account.linear.positions = [positionRow('x')])],
		['a coin that cannot be read', (account) => void (account.linear.assets = [{ asset: 'USDT' }])],
	];
	for (const [name, spoil] of missing) {
		test(`with ${name} it is not up, tells nothing of orders, and is as soon as that is mended`, async () => {
			const { account, events, upAndDown, run } = openUser({
				before: (fresh) => {
					fresh.spot.orders = [orderRow({ id: 7 })];
					spoil(fresh);
				},
			});
			await run(60_000);
			expect(upAndDown()).toEqual([false]);
			expect(events.filter(({ kind }) => kind !== 'stream')).toEqual([]);
			account.subscriptionAnswer = { status: 200, result: { subscriptionId: 0 } };
			account.spoiled.clear();
			account.spot.trades = [];
			account.linear.positions = [];
			account.linear.assets = [];
			await run(95_000);
			expect(upAndDown()).toEqual([false, true]);
			expect(events.filter(({ kind }) => kind === 'orderReport')).toHaveLength(1);
		});
	}

	test('an order of a kind that we cannot read does not keep it down', async () => {
		const { notes, events } = await openAndUp({
			before: (account) => {
				account.linear.orders = [
					orderRow({ id: 1, status: 'FROZEN' }),
					orderRow({ id: 2, symbol: 'NOPEUSDT' }),
					orderRow({ id: 3 }),
				];
			},
		});
		expect(events.flatMap((event) => (event.kind === 'orderReport' ? [event.report.venueOrderId] : []))).toEqual(['3']);
		expect(notes.filter(({ kind }) => kind === 'badFrame')).toMatchObject([{ where: 'linear orders[0].status' }]);
	});

	test('a subscription refused for the time: the clock is measured, and the next one is taken (F46)', async () => {
		const { account, resyncs, notes, upAndDown, run } = openUser({
			before: (fresh) => void (fresh.subscriptionAnswer = { status: 400, error: { code: -1021, msg: 'Timestamp outside.' } }),
		});
		await run(100);
		expect(resyncs).toHaveLength(1);
		expect(notes).toContainEqual({ kind: 'loginRefused', message: expect.stringContaining('-1021') as string });
		account.subscriptionAnswer = { status: 200, result: { subscriptionId: 0 } };
		await run(5_000);
		expect(upAndDown()).toEqual([false, true]);
	});

	test('a subscription that is there already is one', async () => {
		await openAndUp({
			before: (account) => void (account.subscriptionAnswer = { status: 400, error: { code: -2035, msg: 'Already active.' } }),
		});
	});

	test('a key that is never taken makes no storm', async () => {
		const { account, run } = openUser({
			before: (fresh) => void (fresh.subscriptionAnswer = { status: 401, error: { code: -2015, msg: 'Invalid API-key.' } }),
		});
		await run(HOUR_MS);
		expect(account.connectionCount('spot')).toBeLessThan(80);
		expect(account.connectionCount('spot')).toBeGreaterThan(30);
	});

	test.each(['spot', 'linear'] as const)('under a ban no connection to %s is made, and after it one is (F53)', async (market) => {
		const { account, ban, upAndDown, run } = await openAndUp();
		ban.begin(30_000);
		account.cut(market);
		await run(29_900);
		expect([account.connectionCount('spot'), account.connectionCount('linear')]).toEqual([1, 1]);
		await run(40_000);
		expect([upAndDown().at(-1), account.connectionCount(market)]).toEqual([true, 2]);
	});

	test('a subscription whose refusal quotes the key shows only its end (I19)', async () => {
		const said = { status: 400, error: { code: -1022, msg: 'Signature of apiKey=KEY-OF-ALICE is wrong.' } };
		const { notes, run } = openUser({
			markets: ['spot'],
			apiKey: 'KEY-OF-ALICE',
			before: (fresh) => void (fresh.subscriptionAnswer = said),
		});
		await run(300);
		expect(notes).toContainEqual({ kind: 'loginRefused', message: expect.stringContaining('apiKey=…LICE is') as string });
	});

	test.each(['spot', 'linear'] as const)(
		'turned away by %s at the door for a ban: nothing more is asked (F53)',
		async (market) => {
			const { account, transport, ban, run } = await openAndUp();
			const { length } = transport.sockets;
			transport.onConnect = (socket) => socket.end({ kind: 'refused', status: 418, detail: '' });
			account.cut(market);
			await run(60_000);
			expect([transport.sockets.length - length, ban.leftMs() > 0]).toEqual([1, true]);
		},
	);

	test('a subscription that is refused for a ban begins one (F53)', async () => {
		const { account, ban, run } = openUser({
			before: (fresh) => void (fresh.subscriptionAnswer = { status: 418, error: { code: -1003, msg: 'banned' } }),
		});
		await run(300);
		const asked = account.asked.length;
		await run(110_000);
		expect(ban.leftMs()).toBeGreaterThan(0);
		expect([account.subscriptions.length, account.connectionCount('spot'), account.asked.length]).toEqual([1, 1, asked]);
	});

	test('under a ban no subscription is asked for, and after it one is (F53)', async () => {
		const { account, ban, upAndDown, run } = openUser({ markets: ['spot'] });
		ban.begin(10_000);
		await run(9_900);
		expect(account.subscriptions).toEqual([]);
		await run(40_000);
		expect(upAndDown()).toEqual([false, true]);
	});
});

describe('going down', () => {
	test.each(['spot', 'linear'] as const)(
		'%s is cut: it says so in the same turn, and all is read anew before it is up',
		async (market) => {
			const { account, upAndDown, run } = await openAndUp();
			const asked = account.asked.length;
			account.cut(market);
			expect(upAndDown()).toEqual([false, true, false]);
			await run(5_000);
			expect(upAndDown()).toEqual([false, true, false, true]);
			expect([account.connectionCount('spot'), account.connectionCount('linear')]).toEqual(market === 'spot' ? [2, 1] : [1, 2]);
			expect(account.asked.slice(asked).map(({ path }) => path)).toContain('/fapi/v3/positionRisk');
		},
	);

	test.each(['spot', 'linear'] as const)(
		'%s half open is found within 5 s, and what went past is fetched (F44)',
		async (market) => {
			const { account, upAndDown, run, executionIds } = await openAndUp();
			account.silence(market);
			const row = market === 'spot' ? spotTradeRow : futuresTradeRow;
			account[market].trades = [row({ id: 1, order: 7, atMs: START_MS + 5_000 })];
			await run(5_100);
			expect(upAndDown().slice(0, 3)).toEqual([false, true, false]);
			await run(3_000);
			expect([upAndDown().at(-1), executionIds()]).toEqual([true, [`${market}:BTCUSDT:1`]]);
		},
	);

	test('what is stopped tells nothing more and leaves no timer', async () => {
		const { user, clock, account, events, run } = await openAndUp();
		account.tellFutures(futuresOrderEvent({ id: 1, filled: '0.004' }));
		user.stop();
		const told = events.length;
		await run(60_000);
		expect(clock.step(), 'no timer is left').toBe(false);
		expect(events).toHaveLength(told);
	});

	test.each([
		['the venue ends the subscription', { subscriptionId: 0, event: { e: 'eventStreamTerminated', E: 1 } }],
		['the key is revoked', { id: null, status: 401, error: { code: -2015, msg: 'Invalid API-key.' } }],
	])('%s: another connection', async (_name, frame) => {
		const { account, upAndDown, run } = await openAndUp();
		account.tell('spot', frame);
		expect(upAndDown()).toEqual([false, true, false]);
		await run(5_000);
		expect([upAndDown().at(-1), account.connectionCount('spot')]).toEqual([true, 2]);
	});

	test.each([
		['spot', { event: { e: 'serverShutdown', E: 1 } }],
		['linear', { e: 'serverShutdown', E: 1 }],
	] as const)('%s is going to be cut: a second connection takes over without a gap (F48)', async (market, frame) => {
		const { account, upAndDown, run } = await openAndUp();
		account.tell(market, frame);
		await run(10_000);
		expect(upAndDown(), 'never down').toEqual([false, true]);
		expect(account.connectionCount(market)).toBe(2);
	});

	test('connections are renewed before they are a day old, without a gap', async () => {
		const { account, upAndDown, run } = await openAndUp();
		await run(23.1 * HOUR_MS);
		expect(upAndDown()).toEqual([false, true]);
		expect([account.connectionCount('spot'), account.connectionCount('linear')]).toEqual([2, 2]);
	});
});

describe('coins', () => {
	test('of spot are what the stream says, the newest word', async () => {
		const { account, events } = await openAndUp();
		const coins = (u: number, f: string) => ({ e: 'outboundAccountPosition', E: 1, u, B: [{ a: 'USDT', f, l: '1' }] });
		account.tellSpot(coins(START_MS + 2, '5'), coins(START_MS + 1, '9'));
		expect(events.at(-1)).toMatchObject({ kind: 'balance', wallet: 'spot', free: 5n * 10n ** 18n, total: 6n * 10n ** 18n });
	});

	test.each([
		['an order', (account: FakeBinanceAccount) => account.tellFutures(futuresOrderEvent({ id: 1 }))],
		[
			'the wallet',
			(account: FakeBinanceAccount) =>
				account.tellFutures(accountUpdate({ wallets: [{ a: 'USDT', wb: '900', cw: '900', bc: '0' }] })),
		],
	])('of futures are read after news of %s, once a second at most', async (_name, tell) => {
		const { account, events, run } = await openAndUp();
		const before = account.askedAt('/fapi/v3/account').length;
		account.linear.assets = [{ asset: 'USDT', walletBalance: '900', marginBalance: '890', availableBalance: '700' }];
		const told = events.length;
		for (let i = 0; i < 50; i += 1) {
			tell(account);
			await run(100);
		}
		await run(2_000);
		const count = account.askedAt('/fapi/v3/account').length - before;
		expect(count).toBeGreaterThan(3);
		expect(count).toBeLessThan(7);
		expect(events.slice(told).findLast((event) => event.kind === 'balance')).toMatchObject({
			...{ wallet: 'futures', free: 700n * 10n ** 18n, total: 890n * 10n ** 18n },
		});
		await run(60_000);
		expect(account.askedAt('/fapi/v3/account').length - before, 'and no more').toBe(count);
	});
});

describe('the state', () => {
	test('that was asked for before a cut is nobody’s when it comes', async () => {
		const { clock, account, events, upAndDown, run } = await openAndUp();
		account.cut('spot');
		const asked = account.asked.length;
		while (account.asked.length === asked) clock.step();
		account.cut('linear');
		const told = events.length;
		await run(25);
		expect([upAndDown().at(-1), events.slice(told)]).toEqual([false, []]);
	});

	test('behind a gap is read with its trades, even where the first reading fails', async () => {
		const { account, run } = await openAndUp();
		await run(2_000);
		account.spoiled.set('/fapi/v3/positionRisk', () => refusal(-1121, ''));
		account.tellFutures({ e: 'ORDER_TRADE_UPDATE', o: 7 });
		await run(100);
		account.spoiled.clear();
		const before = account.askedAt('/fapi/v1/userTrades').length;
		await run(3_000);
		expect(account.askedAt('/fapi/v1/userTrades')).toHaveLength(before + 2);
	});

	test('what the stream told since the question is newer than the answer (F29)', async () => {
		const { clock, account, events, run } = await openAndUp();
		account.cut('spot');
		account.linear.positions = [positionRow('0.001')];
		account.spot.balances = [{ asset: 'USDT', free: '1', locked: '0' }];
		const asked = account.asked.length;
		while (account.asked.length === asked) clock.step();
		const position = { s: 'BTCUSDT', pa: '-0.009', ps: 'BOTH' };
		account.tellFutures(accountUpdate({ positions: [position] }));
		account.tellSpot({ e: 'outboundAccountPosition', E: 1, u: START_MS, B: [{ a: 'USDT', f: '2', l: '0' }] });
		const before = events.length;
		await run(500);
		const told = events.slice(before).filter(({ kind }) => kind === 'position' || kind === 'balance');
		expect(told).toMatchObject([
			{ kind: 'position', instrument: 2, positionLotsSigned: 0 },
			{ kind: 'balance', wallet: 'futures' },
		]);
	});

	test('is told as one census of both markets when it is asked for, without trades as long as nothing can be missing', async () => {
		const { user, account, events, run } = await openAndUp();
		const before = events.length;
		const trades = account.askedAt('/api/v3/myTrades').length;
		user.takeCensus();
		user.takeCensus();
		await run(2_000);
		expect(events.slice(before).filter(({ kind }) => kind === 'census')).toMatchObject([
			{ venue: 'binance', found: { orders: [], positions: [{}, {}] } },
		]);
		expect(account.askedAt('/api/v3/myTrades')).toHaveLength(trades);
		await run(20_000);
		user.takeCensus();
		await run(500);
		expect(account.askedAt('/api/v3/myTrades'), 'now and then all the same').toHaveLength(trades + 1);
	});

	test.each(['spot', 'linear'] as const)(
		'of %s trades that one list did not show are found by another one (F32)',
		async (market) => {
			const path = market === 'spot' ? '/api/v3/myTrades' : '/fapi/v1/userTrades';
			const row = market === 'spot' ? spotTradeRow : futuresTradeRow;
			const { user, account, run, executionIds } = await openAndUp();
			await run(120_000);
			account.silence(market);
			account[market].trades = [row({ id: 1, order: 7, atMs: START_MS + 121_000 })];
			account.spoiled.set(path, () => json([]));
			await run(8_000);
			for (let round = 0; round < 3; round += 1) {
				user.takeCensus();
				await run(25_000);
			}
			expect(executionIds()).toEqual([]);
			account.spoiled.clear();
			user.takeCensus();
			await run(1_000);
			expect(executionIds()).toEqual([`${market}:BTCUSDT:1`]);
		},
	);

	test('says in a census how the account is set up, and of two positions in a symbol the sum (F62)', async () => {
		const { user, account, events, run } = await openAndUp();
		const told = async (): Promise<unknown> => {
			user.takeCensus();
			await run(2_000);
			return events.findLast((event) => event.kind === 'census')?.found;
		};
		const [btc, eth] = [FUTURES.index, ETH_FUTURES.index];
		expect(await told()).toMatchObject({
			modes: [
				{ instrument: btc, isHedged: false, margin: 'crossed', leverage: 20 },
				{ instrument: eth, isHedged: false, margin: undefined, leverage: undefined },
			],
		});
		account.modes.dualSidePosition = true;
		account.symbolConfigs = [{ symbol: 'BTCUSDT', marginType: 'ISOLATED', leverage: 7 }];
		account.linear.positions = [positionRow('0.009', 'BTCUSDT', 'LONG'), positionRow('-0.004', 'BTCUSDT', 'SHORT')];
		expect(await told()).toMatchObject({
			positions: [{ instrument: btc, positionLotsSigned: 5 }, { positionLotsSigned: 0 }],
			modes: [
				{ isHedged: true, margin: 'isolated', leverage: 7 },
				{ isHedged: true, margin: undefined, leverage: undefined },
			],
		});
		account.spoiled.set('/fapi/v1/accountConfig', () => refusal(-1121, ''));
		account.spoiled.set('/fapi/v1/symbolConfig', () => refusal(-1121, ''));
		expect(await told(), 'what cannot be found out hinders no comparison').toMatchObject({
			modes: [{ isHedged: undefined, margin: undefined, leverage: undefined }, {}],
		});
	});

	test.each([
		['0', '990', 0],
		['198.0', '990.0', 0.2],
		['1', '0', Number.POSITIVE_INFINITY],
		['1', '-5', Number.POSITIVE_INFINITY],
	])('of %s that has to be kept, of %s that there is, says in a census which share that is', async (kept, there, share) => {
		const { user, account, events, run } = await openAndUp();
		account.margins = { totalMaintMargin: kept, totalMarginBalance: there };
		user.takeCensus();
		await run(2_000);
		expect(events.findLast((event) => event.kind === 'census')?.found?.marginUsed).toBe(share);
	});

	test.each([
		['that fails', (account: FakeBinanceAccount) => void account.spoiled.set('/fapi/v3/positionRisk', () => refusal(-1121, ''))],
		['while a market is down', (account: FakeBinanceAccount) => account.cut('linear')],
	])('a census %s says that there is none', async (_name, spoil) => {
		const { user, account, events, run } = await openAndUp();
		spoil(account);
		user.takeCensus();
		await run(2_000);
		expect(events.findLast((event) => event.kind === 'census' && event.found === undefined)).toBeDefined();
	});

	test.each([
		['a frame that cannot be read', (account: FakeBinanceAccount) => account.tellFutures({ e: 'ORDER_TRADE_UPDATE', o: 7 })],
		[
			'a position of a pair',
			(account: FakeBinanceAccount) =>
				account.tellFutures(accountUpdate({ positions: [{ s: 'BTCUSDT', pa: '0.001', ps: 'LONG' }] })),
		],
		['an order that cannot be read', (account: FakeBinanceAccount) => account.tellSpot({ e: 'executionReport', s: 'BTCUSDT' })],
	])('%s makes it be read anew, trades with it, while it stays up, and once a second at most', async (_name, tell) => {
		const { account, upAndDown, run } = await openAndUp();
		const before = account.askedAt('/fapi/v1/userTrades').length;
		for (let i = 0; i < 100; i += 1) {
			tell(account);
			await run(100);
		}
		await run(2_000);
		const readings = (account.askedAt('/fapi/v1/userTrades').length - before) / 2;
		expect(readings).toBeGreaterThan(5);
		expect(readings).toBeLessThan(13);
		expect(upAndDown()).toEqual([false, true]);
	});
});
