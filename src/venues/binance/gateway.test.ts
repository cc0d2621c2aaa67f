import { describe, expect, test } from 'vitest';
import { VERBS } from '../../domain/command.ts';
import { monoMs } from '../../domain/units.ts';
import { Lanes } from '../../execution/lanes.ts';
import { RateBudget } from '../../execution/rate-budget.ts';
import { amend, cancel, place, START_MS } from '../wire/order-commands.suite.ts';
import { orderEntrySuite } from '../wire/order-entry.suite.ts';
import { Bench, BTC, BTC_SPOT, ETH, idOf, lost, ok, orderRow, refused, taken } from './order-entry.suite.ts';
import type { LimitSeen } from './weights.ts';

orderEntrySuite('Binance', {
	open: () => new Bench(),
	pair: [BTC, ETH],
	ids: [idOf(1), idOf(2)],
	answers: {
		taken,
		lost,
		banned: refused(418, { isBan: true, retryAfterMs: 600_000 }),
		tooMany: refused(-1015, { status: 429, retryAfterMs: 3_000 }),
		noFunds: refused(-2019),
		noSuchOrder: refused(-2011),
		offTheGrid: refused(-4014),
		clockOff: refused(-1021),
		batchesClosed: [
			['no such path', refused(404)],
			['not permitted', refused(-2015)],
			['no such operation', refused(-1020)],
		],
		socketClosed: [
			['key refused', refused(-2015, { status: 401 })],
			['signature refused', refused(-1022)],
			['switched off', refused(-2010, { market: 'spot', message: 'WebSocket API trading is not enabled.' })],
		],
	},
});

const PAIR = [place(idOf(1), BTC), place(idOf(2), ETH)];

describe('ways of its own', () => {
	test('batches go over REST though the socket is up: it has none', () => {
		const bench = new Bench();
		bench.isSocketUp = true;
		bench.send(PAIR);
		expect(bench.calls).toEqual(['rest place-batch']);
	});

	test('spot has no batches: several leave at once, each in a call of its own', async () => {
		const bench = new Bench();
		bench.isSocketUp = true;
		const orders = [place(idOf(1), BTC_SPOT), place(idOf(2), BTC_SPOT)];
		const told = bench.gateway.batchPlaceOrders(orders);
		expect(bench.asked.map(({ market, name }) => `${market} ${name}`)).toEqual(['spot order.place', 'spot order.place']);
		for (const [index, order] of orders.entries()) bench.answer(index, taken([order]));
		expect(await told).toMatchObject([{ outcome: { kind: 'accepted' } }, { outcome: { kind: 'accepted' } }]);
	});

	test('batches hold as many as the venue takes: five, or ten cancels of one symbol', () => {
		const bench = new Bench();
		void bench.gateway.batchPlaceOrders(Array.from({ length: 7 }, (_, i) => place(idOf(i + 1), i % 2 === 0 ? BTC : ETH)));
		void bench.gateway.batchCancelOrders(Array.from({ length: 23 }, (_, i) => cancel(idOf(i + 1), i % 2 === 0 ? BTC : ETH)));
		const sizes = bench.asked.map(({ params }) => {
			const list = params['batchOrders'] ?? params['origClientOrderIdList'];
			return `${String(params['symbol'] ?? 'any')} ${list === undefined ? 1 : (JSON.parse(String(list)) as readonly unknown[]).length}`;
		});
		expect(sizes.toSorted()).toEqual(['BTCUSDT 10', 'BTCUSDT 2', 'ETHUSDT 1', 'ETHUSDT 10', 'any 2', 'any 5']);
	});

	test('markets close their ways apart', () => {
		const bench = new Bench();
		bench.isSocketUp = true;
		bench.send([place(idOf(1), BTC)]);
		bench.answer(0, refused(-2015, { status: 401 }));
		bench.send([place(idOf(2), BTC_SPOT)]);
		expect(bench.asked.map(({ market, channel }) => `${market} ${channel}`)).toEqual(['linear ws', 'linear rest', 'spot ws']);
	});

	test('ids keep all their digits (F66)', () => {
		const bench = new Bench();
		bench.send([place(idOf(1), BTC)]);
		bench.answer(0, ok(orderRow(idOf(1))));
		const [answer] = bench.eventsOf('answer');
		expect(answer?.items[0]?.outcome).toEqual({ kind: 'accepted', venueOrderId: '8389766100200300401' });
	});

	test.each([
		['CANCELED', 'below what has filled'],
		['EXPIRED', 'post-only, and it would have taken'],
	])('a change that ends its order (%s: %s) is looked up (F25)', (status) => {
		const bench = new Bench();
		bench.send([amend(idOf(1), BTC)]);
		bench.answer(0, ok(orderRow(idOf(1), { status })));
		const [answer] = bench.eventsOf('answer');
		expect(answer?.items[0]?.outcome).toMatchObject({ kind: 'rejected', class: 'benign', gone: true });
	});

	test('"already as asked" about a change says that our picture is old: looked up (-5027)', () => {
		const bench = new Bench();
		bench.send([amend(idOf(1), BTC)]);
		bench.answer(0, refused(-5027));
		expect(bench.eventsOf('answer')[0]?.items[0]?.outcome.kind).toBe('unknown');
	});

	test.each([
		['Unknown error, please check your request or try again later.', -1000, 'unknown'],
		['Service Unavailable.', -1000, 'rejected'],
		['Request throttled by system-level protection. Reduce-only', -1008, 'rejected'],
		['Timeout waiting for response from backend server.', -1007, 'unknown'],
	])('503 with "%s" (%i): %s', (message, code, kind) => {
		const bench = new Bench();
		bench.send([place(idOf(1), BTC)]);
		bench.answer(0, refused(code, { status: 503, message }));
		expect(bench.eventsOf('answer')[0]?.items[0]?.outcome.kind).toBe(kind);
	});
});

describe('what the venue says of its limits', () => {
	const LIMITS: readonly LimitSeen[] = [
		{ kind: 'weight', windowMs: 60_000, limit: 2_400, used: 100, resetAtMs: START_MS + 20_000 },
		{ kind: 'orders', windowMs: 10_000, limit: 300, used: 40, resetAtMs: START_MS + 4_000 },
		{ kind: 'orders', windowMs: 60_000, limit: 1_200, used: 1_300, resetAtMs: START_MS + 20_000 },
	];

	test('is told window by window: orders for places, weight for cancels', () => {
		const bench = new Bench();
		bench.send([place(idOf(1), BTC)]);
		bench.answer(0, ok(orderRow(idOf(1)), LIMITS));
		const rate = { kind: 'rate', venue: 'binance', category: 'linear', isRefusal: false };
		expect(bench.eventsOf('rate')).toMatchObject([
			{ ...rate, verb: 'cancel', rule: 'weight 60000', limit: 2_400, remaining: 2_300, resetInMs: 20_000 },
			{ ...rate, verb: 'place', rule: 'orders 10000', limit: 300, remaining: 260, resetInMs: 4_000 },
			{ ...rate, verb: 'place', rule: 'orders 60000', limit: 1_200, remaining: 0, resetInMs: 20_000 },
		]);
	});

	test('too many orders pauses that verb for as long as the venue says', () => {
		const bench = new Bench();
		bench.send([place(idOf(1), BTC)]);
		bench.answer(0, refused(-1015, { status: 429, retryAfterMs: 3_000 }));
		const refusals = bench.eventsOf('rate').map(({ verb, resetInMs }) => `${verb} ${resetInMs}`);
		expect(refusals).toEqual(['place 3000']);
	});

	test('too much weight pauses everything on that market, for ten seconds where the venue does not say', () => {
		const bench = new Bench();
		bench.send([cancel(idOf(1), BTC_SPOT)]);
		bench.answer(0, refused(-1003, { market: 'spot', status: 429 }));
		const refusals = bench.eventsOf('rate').map(({ category, verb, resetInMs }) => `${category} ${verb} ${resetInMs}`);
		expect(refusals).toEqual(['spot place 10000', 'spot cancel 10000']);
	});

	test.each([
		['linear', BTC, [1_200, 150, 150]],
		['spot', BTC_SPOT, [3_000, Number.POSITIVE_INFINITY, 25]],
	] as const)('too much weight halves each window of %s once, however many verbs share it', (market, instrument, halves) => {
		const bench = new Bench();
		const { capabilities } = bench.gateway;
		const budget = new RateBudget(capabilities.rateRules, { isEnabled: true, share: 1, guardMs: 0 });
		const lane = new Lanes([capabilities]).follow(instrument);
		budget.follow(lane);
		bench.send([cancel(idOf(1), instrument)]);
		bench.answer(0, refused(-1003, { market, status: 429, retryAfterMs: 3_000 }));
		for (const seen of bench.eventsOf('rate')) budget.applySighting(lane, seen.verb, seen, monoMs(0));
		expect(VERBS.map((verb) => budget.available(lane, verb, monoMs(3_001)))).toEqual(halves);
	});

	test('an item of a batch that was one too many is a refusal, although the call was not (F09, F52)', () => {
		const bench = new Bench();
		bench.send(PAIR);
		bench.answer(0, ok([orderRow(idOf(1)), { code: -1015, msg: 'Too many new orders.' }]));
		expect(bench.eventsOf('rate')).toMatchObject([{ verb: 'place', isRefusal: true }]);
	});

	test('an ordinary answer without figures tells nothing', () => {
		const bench = new Bench();
		bench.send(PAIR);
		bench.answer(0, taken(PAIR));
		expect(bench.eventsOf('rate')).toEqual([]);
	});
});

test('mistakes of ours are said aloud', () => {
	const bench = new Bench();
	expect(() => bench.send([amend(idOf(1), BTC_SPOT)])).toThrow('never changed');
	expect(() => bench.send([amend('no-side', BTC)])).toThrow('bears its side');
	expect(() => new Bench({ fallbackMs: 0 })).toThrow('go round in circles');
});
