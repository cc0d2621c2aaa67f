/** The private socket against an account of the tests' own, in virtual time. */
import { describe, expect, test } from 'vitest';
import { coinRow, executionRow, FakeAccount, orderRow, positionRow } from '../../../test/fixtures/bybit-account.ts';
import { FakeTransport } from '../../../test/fixtures/fake-transport.ts';
import { BTCUSDT, ETHUSDT, SOLUSDT_SPOT } from '../../../test/fixtures/instruments.ts';
import type { EngineEvent } from '../../domain/event.ts';
import { RECONNECT_POLICY } from '../../network/reconnect.ts';
import { Ledger } from '../../portfolio/ledger.ts';
import { seededRng } from '../../simulation/seeded-rng.ts';
import { VirtualClock } from '../../simulation/virtual-clock.ts';
import { InstrumentTable } from '../wire/instrument-table.ts';
import type { StreamNote } from '../wire/stream-note.ts';
import { PrivateSocket } from './private-socket.ts';

const START_MS = 1_771_000_000_000;
/** The venue is ahead of us. */
const OFFSET_MS = 700;

function openPrivate(options: { seed?: number; before?: (account: FakeAccount, clock: VirtualClock) => void } = {}) {
	const clock = new VirtualClock(START_MS);
	const transport = new FakeTransport(clock);
	const account = new FakeAccount(clock);
	transport.onConnect = account.accept;
	const events: EngineEvent[] = [];
	const notes: StreamNote[] = [];
	const signed: string[] = [];
	let resyncCount = 0;
	const table = new InstrumentTable();
	const instruments = [BTCUSDT, ETHUSDT, SOLUSDT_SPOT];
	for (const each of instruments) table.set(each);
	const socket = new PrivateSocket({
		transport,
		clock,
		rng: seededRng(options.seed ?? 1),
		policy: RECONNECT_POLICY,
		venue: 'bybit',
		url: 'ws://test/v5/private',
		credentials: {
			apiKey: 'KEY',
			sign: (payload) => {
				signed.push(payload);
				return 'SIGNATURE';
			},
		},
		venueNowMs: () => clock.wallMs() + OFFSET_MS,
		resyncClock: (then) => {
			resyncCount += 1;
			clock.after(300, then);
		},
		read: account.read,
		table,
		instruments: () => instruments,
		sink: (event) => events.push(event),
		watch: (note) => notes.push(note),
	});
	options.before?.(account, clock);
	socket.start();
	const upAndDown = (): boolean[] =>
		events.flatMap((event) => (event.kind === 'stream' && event.stream === 'private' ? [event.up] : []));
	const executionIds = (from = 0): string[] =>
		events.slice(from).flatMap((event) => (event.kind === 'execution' ? [event.execution.executionId] : []));
	return { clock, transport, account, events, notes, signed, socket, upAndDown, executionIds, resyncs: () => resyncCount };
}

function openAndUp(options: Parameters<typeof openPrivate>[0] = {}) {
	const parts = openPrivate(options);
	parts.clock.run(200);
	expect(parts.upAndDown()).toEqual([false, true]);
	return parts;
}

describe('coming up', () => {
	test('log in, subscribe, read the state, and only then say so; until then it is down', () => {
		const { clock, account, events, signed, upAndDown } = openPrivate({
			before: (fresh) => {
				fresh.openOrders = [orderRow({ id: 'o1', link: 'mine' })];
				fresh.positions = [positionRow('0.004', 'Sell')];
				fresh.coins = [
					coinRow('USDT', '1000', { equity: '990', totalOrderIM: '10', totalPositionIM: '20', unrealisedPnl: '-10' }),
				];
			},
		});
		expect(upAndDown(), 'from the start').toEqual([false]);
		clock.run(200);
		const expiresAtMs = START_MS + 1 + OFFSET_MS + 10_000;
		expect(signed).toEqual([`GET/realtime${expiresAtMs}`]);
		expect(account.ops.map(({ op, args }) => [op, args])).toEqual([
			['auth', ['KEY', expiresAtMs, 'SIGNATURE']],
			['subscribe', ['order', 'execution', 'position', 'wallet']],
		]);
		expect(account.asked.map(({ path, params }) => [path, params])).toEqual([
			['/v5/order/realtime', { category: 'linear', settleCoin: 'USDT', limit: '50' }],
			['/v5/position/list', { category: 'linear', settleCoin: 'USDT', limit: '200' }],
			['/v5/execution/list', { category: 'linear', startTime: String(START_MS + OFFSET_MS), limit: '100' }],
			['/v5/order/realtime', { category: 'spot', limit: '50' }],
			['/v5/execution/list', { category: 'spot', startTime: String(START_MS + OFFSET_MS), limit: '100' }],
			['/v5/account/wallet-balance', { accountType: 'UNIFIED' }],
		]);
		expect(events.map(({ kind }) => kind)).toEqual([
			'stream',
			'orderReport',
			'position',
			'position',
			'balance',
			'census',
			'stream',
		]);
		expect(events.filter((event) => event.kind === 'position')).toMatchObject([
			{ instrument: 0, positionLotsSigned: -4 },
			{ instrument: 1, positionLotsSigned: 0 },
		]);
		expect(events.find((event) => event.kind === 'balance')).toMatchObject({
			venue: 'bybit',
			currency: 'USDT',
			free: 960n * 10n ** 18n,
			total: 990n * 10n ** 18n,
		});
		expect(upAndDown()).toEqual([false, true]);
	});

	const missing: readonly (readonly [string, (account: FakeAccount) => void])[] = [
		['no answer to the login', (account) => void (account.loginAnswer = 'none')],
		['a refused login', (account) => void (account.loginAnswer = 'refused')],
		['a topic that nobody answers for (F45)', (account) => void account.unanswered.add('wallet')],
		['a topic that is refused (F45)', (account) => void account.refused.add('execution')],
		...(['/v5/order/realtime', '/v5/execution/list', '/v5/position/list', '/v5/account/wallet-balance'] as const).flatMap(
			(path) =>
				(
					[
						['fails (F32)', { kind: 'failed', detail: 'test' }],
						['is cut short (F32)', { kind: 'ok', result: {}, venueAtMs: 1 }],
						[
							'is of another category',
							{ kind: 'ok', result: { category: 'option', list: [], nextPageCursor: '' }, venueAtMs: 1 },
						],
					] as const
				).map(
					([how, answer]) =>
						[`${path} that ${how}`, (account: FakeAccount) => void account.spoiled.set(path, () => answer as never)] as const,
				),
		),
		[
			'a page that comes again (F31)',
			(account) => {
				account.openOrders = Array.from({ length: 120 }, (_, i) => orderRow({ id: `o${i}` }));
				account.spoiled.set('/v5/order/realtime', (answer, { cursor }) =>
					cursor === undefined || answer.kind === 'failed'
						? answer
						: { ...answer, result: { ...(answer.result as object), nextPageCursor: '50' } },
				);
			},
		],
		[
			'an error on the second page (F31, F32)',
			(account) => {
				account.openOrders = Array.from({ length: 60 }, (_, i) => orderRow({ id: `o${i}` }));
				account.spoiled.set('/v5/order/realtime', (answer, { cursor }) =>
					cursor === undefined ? answer : { kind: 'failed', detail: 'test' },
				);
			},
		],
		[
			'an execution that cannot be read',
			(account) => void (account.executions = [executionRow({ id: 'e', order: 'o', qty: 'x', atMs: START_MS + 9_999_999 })]),
		],
	];
	for (const [name, spoil] of missing) {
		test(`with ${name} it is not up, tells nothing, and is as soon as that is mended`, () => {
			const { clock, account, events, upAndDown } = openPrivate({ before: spoil });
			clock.run(60_000);
			expect(upAndDown()).toEqual([false]);
			expect(events.filter(({ kind }) => kind !== 'stream')).toEqual([]);
			Object.assign(account, { loginAnswer: 'done', executions: [] });
			for (const faults of [account.unanswered, account.refused, account.spoiled]) faults.clear();
			clock.run(61_000);
			expect(upAndDown()).toEqual([false, true]);
			expect(events.filter(({ kind }) => kind === 'orderReport')).toHaveLength(account.openOrders.length);
		});
	}

	test('all pages of open orders are read (F31)', () => {
		const { events } = openAndUp({
			before: (account) => {
				account.openOrders = Array.from({ length: 437 }, (_, i) => orderRow({ id: `o${i}` }));
			},
		});
		const ids = events.flatMap((event) => (event.kind === 'orderReport' ? [event.report.venueOrderId] : []));
		expect([ids.length, new Set(ids).size]).toEqual([437, 437]);
	});

	test('an order of a kind that we cannot read does not keep the stream down', () => {
		const { notes, events } = openAndUp({
			before: (account) => {
				account.openOrders = [
					orderRow({ id: 'o1', status: 'Frozen' }),
					orderRow({ id: 'o2', symbol: 'NOPEUSDT' }),
					orderRow({ id: 'o3' }),
				];
			},
		});
		expect(events.flatMap((event) => (event.kind === 'orderReport' ? [event.report.venueOrderId] : []))).toEqual(['o3']);
		expect(notes.filter(({ kind }) => kind === 'badFrame')).toMatchObject([{ where: 'orders[0].orderStatus' }]);
	});
});

describe('a login that is refused on reconnect (F46)', () => {
	test('the clock is measured first, the next login is fresh, and it is back within 15 s', () => {
		const { clock, account, signed, upAndDown, resyncs, notes } = openAndUp();
		account.loginAnswer = 'refused';
		account.cut();
		clock.runWhile(() => resyncs() === 0);
		account.loginAnswer = 'done';
		clock.run(15_000);
		expect(upAndDown()).toEqual([false, true, false, true]);
		expect(resyncs()).toBe(1);
		expect(new Set(signed).size, 'every login has an expiry of its own').toBe(3);
		expect(notes).toContainEqual({ kind: 'loginRefused', message: 'Params Error' });
	});

	test('a key that is never taken makes no storm', () => {
		const { clock, transport, account } = openAndUp();
		account.loginAnswer = 'refused';
		account.cut();
		clock.run(3_600_000);
		expect(transport.sockets.length).toBeLessThan(80);
		expect(transport.sockets.length).toBeGreaterThan(30);
	});
});

describe('going down', () => {
	test('it says so in the same turn', () => {
		const { account, upAndDown } = openAndUp();
		account.cut();
		expect(upAndDown()).toEqual([false, true, false]);
	});

	test('a half-open connection is found within 5 s, and what went past is fetched (F44)', () => {
		const { clock, account, upAndDown, executionIds } = openAndUp();
		account.silence();
		account.executions = [executionRow({ id: 'e1', order: 'o1', atMs: START_MS + 5_000 })];
		clock.run(5_100);
		expect(upAndDown().slice(0, 3)).toEqual([false, true, false]);
		clock.run(2_000);
		expect([upAndDown().at(-1), executionIds()]).toEqual([true, ['e1']]);
	});

	test('what is disposed tells nothing more and leaves no timer', () => {
		const { socket, clock, account, events, transport } = openAndUp();
		account.tell('order', orderRow({ id: 'o1', filled: '0.004' }));
		socket.stop();
		const told = events.length;
		clock.run(20_000);
		expect(clock.step(), 'no timer is left').toBe(false);
		expect([events.length, transport.sockets.length]).toEqual([told, 1]);
	});
});

describe('fills', () => {
	test('those of a gap are told before the stream is up again, all pages of them, and those of minutes before it once more (F20)', () => {
		const { socket, clock, account, events, upAndDown, executionIds } = openAndUp();
		for (let round = 0; round < 12; round += 1) {
			socket.takeCensus();
			clock.run(25_000);
		}
		account.cut();
		account.executions = Array.from({ length: 250 }, (_, i) =>
			executionRow({ id: `e${i}`, order: 'o1', atMs: START_MS + 150_000 + i }),
		);
		account.executions.push(executionRow({ id: 'old', order: 'o1', atMs: START_MS + 1_000 }));
		const before = events.length;
		clock.run(3_000);
		expect(upAndDown().at(-1)).toBe(true);
		expect(executionIds(before)).toHaveLength(250);
		expect(events.at(-1)).toMatchObject({ kind: 'stream', up: true });
	});

	test('that the first list of a start did not show are found by a later one (F32)', () => {
		const { socket, clock, account, executionIds } = openAndUp();
		account.tell('execution', executionRow({ id: 'later', order: 'o2', atMs: clock.wallMs() + OFFSET_MS }));
		account.executions = [executionRow({ id: 'first', order: 'o1', atMs: START_MS + OFFSET_MS + 1 })];
		clock.run(120_000);
		socket.takeCensus();
		clock.run(1_000);
		expect(executionIds()).toEqual(['later', 'first']);
	});

	test('a position is exact after 100 reconnects that each tell the last executions again (F19)', () => {
		const { clock, account, events, upAndDown } = openAndUp();
		const ledger = new Ledger();
		ledger.follow(BTCUSDT);
		for (let i = 0; i < 100; i += 1) {
			const row = executionRow({ id: `e${i}`, order: `o${i}`, atMs: clock.wallMs() + OFFSET_MS });
			account.executions.push(row);
			// Every third one is told by nobody but the state that is read after the cut.
			if (i % 3 !== 0) account.tell('execution', row);
			account.cut();
			clock.runWhile(() => upAndDown().at(-1) === false);
		}
		const told = events.flatMap((event) => (event.kind === 'execution' ? [event.execution] : []));
		for (const execution of told) ledger.applyExecution(execution);
		expect(ledger.inventoryLots(BTCUSDT.index)).toBe(100);
		expect(told.length, 'repeats were among them').toBeGreaterThan(150);
	});

	test('a fill that was lost while connected is fetched by its order, within 2 s (F20)', () => {
		const { clock, account, events, executionIds } = openAndUp();
		account.executions = [
			executionRow({ id: 'e1', order: 'o1', qty: '0.004' }),
			executionRow({ id: 'e2', order: 'o2', qty: '0.001' }),
		];
		account.tell('order', orderRow({ id: 'o1', status: 'PartiallyFilled', filled: '0.004' }));
		account.tell('order', orderRow({ id: 'o2', status: 'PartiallyFilled', filled: '0.001' }));
		clock.run(100);
		account.tell('execution', executionRow({ id: 'e2', order: 'o2', qty: '0.001' }));
		const before = events.length;
		clock.run(1_900);
		expect(executionIds(before)).toEqual(['e1']);
		clock.run(120_000);
		expect(executionIds(before), 'and not again').toEqual(['e1']);
		const fetched = account.asked.filter(({ params }) => params['orderId'] !== undefined);
		expect(fetched.map(({ params }) => params['orderId'])).toEqual(['o1']);
	});

	test('as long as the venue does not list it, it is asked for again, slower each time', () => {
		const { clock, account } = openAndUp();
		account.tell('order', orderRow({ id: 'o1', status: 'Filled', filled: '0.010' }));
		clock.run(60_000);
		const count = account.asked.filter(({ params }) => params['orderId'] === 'o1').length;
		expect(count).toBeGreaterThan(4);
		expect(count).toBeLessThan(12);
	});

	test('what was filled before anybody listened is not asked for, what fills after it is', () => {
		const { clock, account } = openAndUp({
			before: (fresh) => {
				fresh.openOrders = [orderRow({ id: 'o1', status: 'PartiallyFilled', filled: '0.004' })];
			},
		});
		clock.run(10_000);
		const askedFor = () => account.asked.filter(({ params }) => params['orderId'] === 'o1').length;
		expect(askedFor()).toBe(0);
		account.tell('order', orderRow({ id: 'o1', status: 'PartiallyFilled', filled: '0.006' }));
		clock.run(2_000);
		expect(askedFor()).toBeGreaterThan(0);
	});

	test('repeated and late frames are told as they come: two Filled, then New (F17, F18)', () => {
		const { account, events } = openAndUp();
		const filled = orderRow({ id: 'o1', status: 'Filled', filled: '0.010', updatedAtMs: START_MS + 9 });
		account.tell('order', filled, filled, orderRow({ id: 'o1', updatedAtMs: START_MS + 5 }));
		const reports = events.flatMap((event) => (event.kind === 'orderReport' ? [event.report] : []));
		expect(reports.map(({ status, updatedAtMs }) => [status, updatedAtMs - START_MS])).toEqual([
			['filled', 9],
			['filled', 9],
			['working', 5],
		]);
	});

	test('funding is told as such, early fills without fees not at all', () => {
		const { account, events } = openAndUp();
		account.tell('execution', executionRow({ id: 'f1', order: '', type: 'Funding' }));
		account.tell('execution.fast', executionRow({ id: 'e1', order: 'o1' }));
		expect(events.slice(-1)).toMatchObject([{ kind: 'funding', fundingId: 'f1', instrument: 0, amount: -(10n ** 16n) }]);
		expect(events.some(({ kind }) => kind === 'execution')).toBe(false);
	});
});

describe('the state', () => {
	test('a census says how the account is set up, how much margin has to be kept, and of two positions the sum (F62)', () => {
		const { clock, account, events, socket } = openAndUp();
		account.positions = [
			{ ...positionRow('0.009'), positionIdx: 1 },
			{ ...positionRow('0.004', 'Sell'), positionIdx: 2 },
		];
		account.marginMode = 'ISOLATED_MARGIN';
		account.accountMMRate = '0.25';
		socket.takeCensus();
		clock.run(1_500);
		expect(events.findLast((event) => event.kind === 'census')?.found).toMatchObject({
			positions: [{ instrument: 0, positionLotsSigned: 5 }, { positionLotsSigned: 0 }],
			modes: [
				{ instrument: 0, isHedged: true, margin: 'isolated margin' },
				{ instrument: 1, isHedged: undefined, margin: 'isolated margin' },
			],
			marginUsed: 0.25,
		});
	});

	test('what the stream told since the question is newer than the answer (F29)', () => {
		const { clock, account, events } = openAndUp();
		account.cut();
		account.positions = [positionRow('0.001')];
		account.coins = [coinRow('USDT', '1'), coinRow('BTC', '1')];
		clock.runWhile(() => !account.asked.slice(6).some(({ path }) => path === '/v5/account/wallet-balance'));
		account.tell('position', positionRow('0.009', 'Sell'));
		account.tell('wallet', { accountType: 'UNIFIED', coin: [coinRow('USDT', '2')] });
		const before = events.length;
		clock.run(1_000);
		expect(events.slice(before).filter(({ kind }) => kind === 'position' || kind === 'balance')).toMatchObject([
			{ kind: 'position', instrument: 1, positionLotsSigned: 0 },
			{ kind: 'balance', currency: 'BTC' },
		]);
	});

	test.each([
		['a frame that cannot be read', (account: FakeAccount) => account.tell('order', { symbol: 7 })],
		['a position that cannot be read', (account: FakeAccount) => account.tell('position', positionRow('x'))],
		['a wallet that cannot be read', (account: FakeAccount) => account.tell('wallet', { coin: [coinRow('USDT', 'x')] })],
		[
			'an execution that cannot be booked',
			(account: FakeAccount) => account.tell('execution', executionRow({ id: 'x', order: 'o', type: 'MovePosition' })),
		],
	])('%s makes it be read anew, while the stream stays up, and once a second at most', (_name, tell) => {
		const { clock, account, upAndDown } = openAndUp();
		const askedBefore = account.asked.length;
		for (let i = 0; i < 100; i += 1) {
			tell(account);
			clock.run(100);
		}
		clock.run(2_000);
		const readings = (account.asked.length - askedBefore) / 6;
		expect(readings).toBeGreaterThan(5);
		expect(readings).toBeLessThan(13);
		expect(upAndDown()).toEqual([false, true]);
	});
});
