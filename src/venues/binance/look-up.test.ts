/** Single orders, asked about at an account of the tests' own, in virtual time. */
import { describe, expect, test } from 'vitest';
import { futuresTradeRow, json, orderRow, type Row, refusal, spotTradeRow } from '../../../test/fixtures/binance-account.ts';
import type { Instrument } from '../../domain/instrument.ts';
import type { OrderId } from '../../domain/order-id.ts';
import type { LookUp } from '../../engine/ports.ts';
import type { Market } from './codec/frames.ts';
import { BinanceLookUps } from './look-up.ts';
import { BinanceReads } from './reads.ts';
import { ETH_FUTURES, FUTURES, OFFSET_MS, openAndUp, SPOT, START_MS } from './user-scene.suite.ts';

const OURS = 'BTCUSDT-Buy-1-1-abcd' as OrderId;
const INSTRUMENT: Record<Market, Instrument> = { spot: SPOT, linear: FUTURES };
/** Beyond what a double holds. */
const ID = 8_389_766_100_200_300_401n;

async function openLookUps(markets: readonly Market[] = ['spot', 'linear']) {
	const scene = await openAndUp();
	scene.user.stop();
	const { clock, events, rests, account } = scene;
	events.length = 0;
	account.asked.length = 0;
	const reads = Object.fromEntries(
		markets.map((market) => [market, new BinanceReads(rests[market] ?? fail(), { retriesMax: 0, backoff: NO_PAUSE })]),
	);
	const lookUps = new BinanceLookUps({
		...{ clock, reads, table: scene.table, sink: (event) => events.push(event) },
		venueNowMs: () => clock.wallMs() + OFFSET_MS + 0.5,
	});
	return { ...scene, lookUps };
}

const NO_PAUSE = { kind: 'exponential', baseMs: 1, maxMs: 1, jitter: 'added' } as const;

function fail(): never {
	throw new Error('a market without a way to ask');
}

function ask(market: Market, venueOrderId?: string, orderId: string = OURS): LookUp {
	return { orderId: orderId as OrderId, instrument: INSTRUMENT[market], venueOrderId };
}

const mine = (told: Partial<Parameters<typeof orderRow>[0]> = {}): Row => orderRow({ id: ID, link: OURS, ...told });

interface Case {
	readonly name: string;
	readonly set: (account: Awaited<ReturnType<typeof openLookUps>>['account'], market: Market) => void;
	readonly venueOrderId?: string;
	readonly told: readonly string[];
	readonly isFound: boolean;
	readonly isComplete: boolean;
	readonly asked: readonly string[];
}

const trade = (market: Market, id: number, qty: string, order = ID): Row =>
	(market === 'spot' ? spotTradeRow : futuresTradeRow)({ id, order, qty });

const ORDER = 'order';
const TRADES = 'trades';

const cases: readonly Case[] = [
	{
		name: 'an order that stands',
		set: (account, market) => void account.known[market].push(mine()),
		...{ told: ['working 0'], isFound: true, isComplete: true, asked: [ORDER] },
	},
	{
		name: 'an order with fills, asked for by the venue’s id where it is known',
		set: (account, market) => {
			account.known[market].push(mine({ status: 'PARTIALLY_FILLED', filled: '0.004' }));
			account[market].trades = [trade(market, 1, '0.001'), trade(market, 2, '0.003'), trade(market, 3, '0.001', ID + 1n)];
		},
		venueOrderId: String(ID),
		...{ told: ['working 4', 'trade 1', 'trade 2'], isFound: true, isComplete: true, asked: [ORDER, TRADES] },
	},
	{
		name: 'an order that is over (F03, F21)',
		set: (account, market) => {
			account.known[market].push(mine({ status: 'FILLED', filled: '0.010' }));
			account[market].trades = [trade(market, 1, '0.010')];
		},
		...{ told: ['filled 10', 'trade 1'], isFound: true, isComplete: true, asked: [ORDER, TRADES] },
	},
	{
		name: 'an order that was never there',
		set: () => undefined,
		...{ told: [], isFound: false, isComplete: true, asked: [ORDER] },
	},
	{
		name: 'an order that ended without a fill, too long ago to be kept',
		set: (account, market) =>
			void account.spoiled.set(pathOf(market, ORDER), () => refusal(-2026, 'Order was canceled or expired with no executed qty')),
		...{ told: [], isFound: false, isComplete: true, asked: [ORDER] },
	},
	{
		name: 'an order of which only trades are left (F30)',
		set: (account, market) => void (account[market].trades = [trade(market, 1, '0.010')]),
		venueOrderId: String(ID),
		...{ told: ['trade 1'], isFound: true, isComplete: true, asked: [ORDER, TRADES] },
	},
	{
		name: 'fills that are not listed yet: half an answer',
		set: (account, market) => {
			account.known[market].push(mine({ status: 'PARTIALLY_FILLED', filled: '0.004' }));
			account[market].trades = [trade(market, 1, '0.001')];
		},
		...{ told: ['working 4', 'trade 1'], isFound: true, isComplete: false, asked: [ORDER, TRADES] },
	},
	{
		name: 'another order that bears our id: not the one that was asked about',
		set: (account, market) => void account.known[market].push(mine({ id: 5 }), orderRow({ id: ID, link: 'another' })),
		venueOrderId: String(ID),
		...{ told: [], isFound: false, isComplete: false, asked: [ORDER, TRADES] },
	},
	{
		name: 'a row of an earlier order that bore our id',
		set: (account, market) => void account.spoiled.set(pathOf(market, ORDER), () => json(mine({ id: 5 }))),
		venueOrderId: String(ID),
		...{ told: [], isFound: false, isComplete: false, asked: [ORDER, TRADES] },
	},
	{
		name: 'a row of another order by our id: the question was not understood',
		set: (account, market) => void account.spoiled.set(pathOf(market, ORDER), () => json(orderRow({ id: 1, link: 'another' }))),
		...{ told: [], isFound: false, isComplete: false, asked: [ORDER] },
	},
	{
		name: 'trades of another order: the question was not understood',
		set: (account, market) => {
			account.known[market].push(mine({ status: 'FILLED', filled: '0.010' }));
			const rows = [trade(market, 1, '0.010'), trade(market, 2, '0.001', ID + 1n)];
			account.spoiled.set(pathOf(market, TRADES), () => json(rows));
		},
		...{ told: ['filled 10', 'trade 1'], isFound: true, isComplete: false, asked: [ORDER, TRADES] },
	},
	...[
		['refused for another reason', () => refusal(-1121, 'Invalid symbol.')] as const,
		['unreadable', () => json({ orderId: 7 })] as const,
		['not given', () => undefined] as const,
	].flatMap(([how, answer]): Case[] => [
		{
			name: `an answer about the order that is ${how}: proves nothing (F32)`,
			set: (account, market) => void account.spoiled.set(pathOf(market, ORDER), answer),
			...{ told: [], isFound: false, isComplete: false, asked: [ORDER] },
		},
		{
			name: `an answer about its trades that is ${how}: half an answer`,
			set: (account, market) => {
				account.known[market].push(mine({ status: 'FILLED', filled: '0.010' }));
				account.spoiled.set(pathOf(market, TRADES), answer);
			},
			...{ told: ['filled 10'], isFound: true, isComplete: false, asked: [ORDER, TRADES] },
		},
	]),
];

function pathOf(market: Market, what: string): string {
	if (what === ORDER) return market === 'spot' ? '/api/v3/order' : '/fapi/v1/order';
	return market === 'spot' ? '/api/v3/myTrades' : '/fapi/v1/userTrades';
}

describe.each(['spot', 'linear'] as const)('%s', (market) => {
	test.each(cases)('$name', async ({ set, venueOrderId, told, isFound, isComplete, asked }) => {
		const { account, events, lookUps, run } = await openLookUps();
		set(account, market);
		const askedAtMs = Math.floor((await nowOf(run, events)) + OFFSET_MS);
		lookUps.ask([ask(market, venueOrderId)]);
		expect(events, 'nothing from inside the call').toEqual([]);
		await run(30_000);
		const facts = events.flatMap((event) => {
			if (event.kind === 'orderReport') return [`${event.report.status} ${event.report.filledLots}`];
			if (event.kind !== 'execution') return [];
			expect(event.execution.clientOrderId, 'the list does not say it').toBe(OURS);
			return [`trade ${event.execution.executionId.split(':').at(-1)}`];
		});
		expect(facts).toEqual(told);
		expect(events.at(-1)).toMatchObject({ kind: 'lookedUp', orderId: OURS, isFound, isComplete, venueAtMs: askedAtMs });
		expect(events).toHaveLength(told.length + 1);
		expect(account.asked.map(({ path }) => path)).toEqual(asked.map((what) => pathOf(market, what)));
		const [first] = account.asked;
		expect(first?.params).toMatchObject(venueOrderId === undefined ? { origClientOrderId: OURS } : { orderId: venueOrderId });
	});
});

/** When the question will be asked: what is missing then was missing not later. */
async function nowOf(run: (durationMs: number) => Promise<void>, events: readonly unknown[]): Promise<number> {
	await run(1_000);
	expect(events).toEqual([]);
	return START_MS + 1_300;
}

test('reports and trades are of the instrument as it was when the order was placed', async () => {
	const { account, events, lookUps, run } = await openLookUps();
	account.known.linear.push(mine({ symbol: 'ETHUSDT' }));
	lookUps.ask([{ ...ask('linear'), instrument: ETH_FUTURES }, ask('spot', undefined, 'another')]);
	await run(1_000);
	expect(events.map((event) => event.kind)).toEqual(['orderReport', 'lookedUp', 'lookedUp']);
	expect(events[0]).toMatchObject({ report: { instrument: ETH_FUTURES, source: 'lookup' } });
});

test('a market that nobody can be asked about is answered as incomplete', async () => {
	const { account, events, lookUps, run } = await openLookUps(['spot']);
	lookUps.ask([ask('linear')]);
	await run(1_000);
	expect([account.asked, events]).toMatchObject([[], [{ kind: 'lookedUp', isFound: false, isComplete: false }]]);
});

test('five at a time, each order once, and none after the end', async () => {
	const { account, events, lookUps, run } = await openLookUps();
	const many = Array.from({ length: 12 }, (_, i) => ask('spot', undefined, `order${i}`));
	lookUps.ask([...many, ...many]);
	await run(15);
	expect(account.asked).toHaveLength(5);
	await run(1_000);
	expect([account.asked.length, events.length]).toEqual([12, 12]);
	lookUps.ask(many);
	await run(15);
	lookUps.stop();
	await run(1_000);
	expect([account.asked.length, events.length], 'those under way are told to nobody').toEqual([17, 12]);
});
