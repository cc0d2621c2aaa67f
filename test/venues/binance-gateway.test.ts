/** Order entry at Binance against the exchange in a box, by every way to both of its markets: what is told is what it has. */
import { describe, expect, test } from 'vitest';
import type { Command } from '../../src/domain/command.ts';
import { lots, ticks } from '../../src/domain/units.ts';
import type { Market } from '../../src/venues/binance/codec/frames.ts';
import { idOf, MARKETS, OrderWorld, URLS, type WorldOptions } from './binance-order-world.ts';

const WAYS: readonly (readonly [string, WorldOptions])[] = [
	['by socket', {}],
	['by socket, logged on', { keyKind: 'ed25519' }],
	['over REST', { calls: { orderEntry: 'rest' } }],
	['over REST, with a key pair', { keyKind: 'ed25519', calls: { orderEntry: 'rest' } }],
];

describe.each(WAYS)('%s', (_name, options) => {
	test('spot: orders of several symbols are placed and cancelled, each by itself', async () => {
		const world = await OrderWorld.open(options);
		const [btc, eth] = [world.instrument('spot'), world.instrument('spot', 'ETHUSDT')];
		const orders = [world.place(idOf(1), btc), world.place(idOf(2), eth), world.place(idOf(3), btc)];
		const tooLarge = world.place(idOf(4), eth, { qtyLots: lots(900_000_000) });
		expect(await world.outcomes([...orders, tooLarge])).toEqual(['accepted', 'accepted', 'accepted', 'fatal']);
		expect(world.open('spot')).toHaveLength(3);
		expect(await world.outcomes([...orders, tooLarge].map((order) => world.cancel(order)))).toEqual([
			'accepted',
			'accepted',
			'accepted',
			'gone',
		]);
		expect(world.open('spot')).toEqual([]);
	});

	test('futures: placed, changed and cancelled in batches and alone', async () => {
		const world = await OrderWorld.open(options);
		const [btc, eth] = [world.instrument('linear'), world.instrument('linear', 'ETHUSDT')];
		const orders = Array.from({ length: 7 }, (_, i) => world.place(idOf(i + 1), i % 3 === 2 ? eth : btc));
		expect(new Set(await world.outcomes(orders))).toEqual(new Set(['accepted']));
		const amends = orders.map((order) => world.amend(order, { ticks: -10, lots: 1 }));
		expect(new Set(await world.outcomes(amends))).toEqual(new Set(['accepted']));
		const expected = amends.map(({ orderId, priceTicks, qtyLots }) => `${orderId} ${qtyLots} at ${priceTicks}`);
		expect(world.open('linear')).toEqual(expected.toSorted());
		const tooLarge = world.place(idOf(9), eth, { qtyLots: lots(900_000_000) });
		expect(await world.outcomes([world.place(idOf(8), btc), tooLarge])).toEqual(['accepted', 'fatal']);
		const all = [...orders, world.place(idOf(8), btc), tooLarge];
		expect(await world.outcomes(all.map((order) => world.cancel(order)))).toEqual([...Array<string>(8).fill('accepted'), 'gone']);
		expect(world.open('linear')).toEqual([]);
	});

	test.each(MARKETS)(
		'%s: a post-only order that would take is refused at once, and an order that takes is taken',
		async (market) => {
			const world = await OrderWorld.open(options);
			const instrument = world.instrument(market);
			const { askTicks } = world.venue.exchange.touch(`binance-${market === 'spot' ? 'spot' : 'futures'}:BTCUSDT`);
			expect(askTicks).toBeGreaterThan(0);
			const priceTicks = ticks(askTicks + 10);
			expect(await world.outcomes([world.place(idOf(1), instrument, { priceTicks })])).toEqual(['fatal']);
			expect(await world.outcomes([world.place(idOf(2), instrument, { priceTicks, timeInForce: 'ioc' })])).toEqual(['accepted']);
			expect(
				await world.outcomes([world.place(idOf(3), instrument, { priceTicks, orderType: 'market', timeInForce: 'ioc' })]),
			).toEqual(['accepted']);
			const sell = { side: 'sell', orderType: 'market', timeInForce: 'ioc', reduceOnly: true } as const;
			expect(await world.outcomes([world.place(idOf(4, { side: 'Sell' }), instrument, sell)])).toEqual(['accepted']);
			expect(world.open(market)).toEqual([]);
			expect(world.knows(market, idOf(1))).toBe(false);
			for (const id of [idOf(2), idOf(3), idOf(4, { side: 'Sell' })]) expect(world.knows(market, id)).toBe(true);
		},
	);

	test('an order with the id of one that is open is left open, and the first one stands (F08)', async () => {
		const world = await OrderWorld.open(options);
		for (const market of MARKETS) {
			const order = world.place(idOf(1), world.instrument(market));
			expect(await world.outcomes([order])).toEqual(['accepted']);
			expect(await world.outcomes([order])).toEqual(['unknown']);
			expect(world.open(market)).toHaveLength(1);
		}
	});
});

describe('the counts of the venue', () => {
	test('are told with each answer, and are right', async () => {
		const world = await OrderWorld.open({ limitFactor: 1 });
		const btc = world.instrument('linear');
		await world.outcomes([world.place(idOf(1), btc), world.place(idOf(2), btc)]);
		await world.outcomes([world.place(idOf(3), btc)]);
		const told = world.events.flatMap((event) =>
			event.kind === 'rate' && event.verb === 'place' ? [`${event.rule} ${event.limit - event.remaining}`] : [],
		);
		// A batch of two counts as five in the shorter window, and as one in the longer.
		expect(told).toEqual(['orders 10000 5', 'orders 60000 1', 'orders 10000 6', 'orders 60000 2']);
	});

	test('one too many: refused as such, told before the answer, and for as long as the window lasts', async () => {
		const world = await OrderWorld.open({ limitFactor: 1 });
		const btc = world.instrument('spot');
		const orders = Array.from({ length: 55 }, (_, i) => world.place(idOf(i + 1), btc, { priceTicks: ticks(6_400_000 - i) }));
		const outcomes = await world.outcomes(orders);
		expect(outcomes.filter((outcome) => outcome === 'accepted')).toHaveLength(50);
		expect(outcomes.filter((outcome) => outcome === 'rate-limited')).toHaveLength(5);
		expect(world.open('spot')).toHaveLength(50);
		const refusals = world.events.filter((event) => event.kind === 'rate' && event.isRefusal);
		expect(refusals).toHaveLength(5);
		for (const refusal of refusals) {
			expect(refusal).toMatchObject({
				category: 'spot',
				verb: 'place',
				resetInMs: expect.toSatisfy((ms: number) => ms <= 10_000) as number,
			});
		}
	});
});

describe('what goes wrong on the way', () => {
	test.each(MARKETS)('%s: a socket that is cut under an order: in doubt, and the next goes over REST', async (market) => {
		const world = await OrderWorld.open();
		const instrument = world.instrument(market);
		const sent = world.outcomes([world.place(idOf(1), instrument)]);
		world.inject('refuse-connection', { channel: 'ws-trade' });
		world.network.cut(URLS.spotRest);
		expect(await sent).toEqual(['unknown']);
		expect(world.sockets[market].isUp).toBe(false);
		expect(await world.outcomes([world.place(idOf(2), instrument)])).toEqual(['accepted']);
		world.endFaults();
		await world.until(() => world.sockets[market].isUp);
	});

	test('batches that the venue does not take: their orders go one by one at once (C6)', async () => {
		const world = await OrderWorld.open({ calls: { fallbackMs: 1_000 } });
		world.inject('revoke-key', { reason: 'permission', operation: 'order.create-batch' });
		const btc = world.instrument('linear');
		expect(await world.outcomes([world.place(idOf(1), btc), world.place(idOf(2), btc)])).toEqual(['accepted', 'accepted']);
		expect(world.open('linear')).toHaveLength(2);
	});

	test('a change below what has filled ends the order, and says so (F25)', async () => {
		const world = await OrderWorld.open();
		const btc = world.instrument('linear');
		const { exchange } = world.venue;
		const { bidTicks } = exchange.touch('binance-futures:BTCUSDT');
		const order = world.place(idOf(1), btc, { priceTicks: ticks(bidTicks + 1), qtyLots: lots(10) });
		await world.outcomes([order]);
		const sold = exchange.place(
			{
				...{ accountId: 'bob@binance-futures', symbol: 'binance-futures:BTCUSDT', side: 'sell', type: 'limit' },
				...{ timeInForce: 'ioc', priceTicks: bidTicks + 1, qtyLots: 4 },
			},
			world.clock.wallMs(),
		);
		expect(sold.kind).toBe('accepted');
		expect(await world.outcomes([world.amend(order, { lots: -6 })])).toEqual(['gone']);
		expect(world.open('linear')).toEqual([]);
	});

	test('a clock that is off is measured, and the same goes once more', async () => {
		const world = await OrderWorld.open();
		world.inject('venue-clock', { offsetMs: 3_000 });
		for (const market of MARKETS) {
			expect(await world.outcomes([world.place(idOf(1), world.instrument(market))])).toEqual(['accepted']);
		}
	});
});

const TROUBLE = [
	['drop-request', 0.1],
	['drop-reply', 0.1],
	['delay-request', 0.2],
	['delay-reply', 0.2],
	['duplicate-request', 0.1],
	['server-error', 0.1],
	['mangled-body', 0.1],
	['batch-reply', 0.2],
	['hostile-text', 0.1],
	['partial-batch', 0.2],
] as const;

describe.each([
	['by socket', {}],
	['over REST', { calls: { orderEntry: 'rest' } }],
] as const)('under every trouble at once, %s', (_name, calls) => {
	test.each([1, 2, 3, 4, 5, 6])('no answer tells what is not so (seed %i)', async (seed) => {
		const world = await OrderWorld.open({ ...calls, seed });
		for (const [name, probability] of TROUBLE) world.inject(name, { probability });
		let counter = 0;
		const seen = { accepted: 0, unknown: 0, refused: 0 };
		const judge = (market: Market, commands: readonly Command[], outcomes: readonly string[]): void => {
			for (const [at, { kind, orderId }] of commands.entries()) {
				const outcome = outcomes[at] ?? '';
				if (outcome === 'accepted') seen.accepted += 1;
				else if (outcome === 'unknown') seen.unknown += 1;
				else seen.refused += 1;
				const isOpen = world.open(market).some((line) => line.startsWith(`${orderId} `));
				if (kind === 'place' && outcome === 'accepted') expect(world.knows(market, orderId), orderId).toBe(true);
				if (kind === 'place' && outcome !== 'accepted' && outcome !== 'unknown')
					expect(isOpen, `${orderId} ${outcome}`).toBe(false);
				if (kind === 'cancel' && outcome === 'accepted') expect(isOpen, orderId).toBe(false);
			}
		};
		for (let round = 0; round < 12; round += 1) {
			for (const market of MARKETS) {
				const orders = Array.from({ length: 4 }, (_, i) => {
					counter += 1;
					return world.place(idOf(counter), world.instrument(market, i % 2 === 0 ? 'BTCUSDT' : 'ETHUSDT'));
				});
				const placed = await world.outcomes(orders);
				// What sticks in the network takes effect later; an answer is judged when all of that has passed.
				await world.run(6_000);
				judge(market, orders, placed);
				const cancels = orders.map((order) => world.cancel(order));
				const cancelled = await world.outcomes(cancels);
				await world.run(6_000);
				judge(market, cancels, cancelled);
			}
		}
		expect(seen.accepted).toBeGreaterThan(20);
		expect(seen.unknown).toBeGreaterThan(5);
	});
});
