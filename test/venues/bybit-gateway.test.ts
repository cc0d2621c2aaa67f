/** Order entry over real sockets against the exchange in a box, by socket and over REST: what is told is what it has. */
import { describe, expect, test } from 'vitest';
import type { AmendCommand } from '../../src/domain/command.ts';
import { lots, ticks } from '../../src/domain/units.ts';
import { eventually } from '../clients/wait.ts';
import { OrderDesk } from './order-desk.ts';
import { cancelOf, kindsOf, place, VENUE } from './order-entry.ts';

describe.each([
	['by socket', { orderEntry: 'ws' }, ['ws-batch', 'ws']],
	['over REST', { orderEntry: 'rest' }, ['rest-batch', 'rest']],
	['over REST, lone ones as a batch', { orderEntry: 'rest', lone: 'batch' }, ['rest-batch', 'rest-batch']],
] as const)('%s', (_name, options, [many, one]) => {
	test('batches of several symbols are placed, amended and cancelled, each order by itself, and each call is timed', async () => {
		await using desk = await OrderDesk.open(options);
		const { gateway, events } = desk.entry;
		const orders = [place('one', 'BTCUSDT'), place('two', 'ETHUSDT'), place('three', 'BTCUSDT')];
		const tooLarge = place('four', 'ETHUSDT', { qtyLots: lots(9_000_000) });
		expect(kindsOf(await gateway.batchPlaceOrders([...orders, tooLarge]))).toEqual([
			'accepted',
			'accepted',
			'accepted',
			'rejected',
		]);
		expect(await desk.openOrders()).toEqual(['one 0.010 at 60000.00', 'three 0.010 at 60000.00', 'two 0.10 at 3000.00']);

		const amends = orders.map(({ instrument, orderId, priceTicks }) => {
			return { kind: 'amend', instrument, orderId, priceTicks: ticks(priceTicks - 10), qtyLots: lots(20) } as AmendCommand;
		});
		expect(kindsOf(await gateway.batchAmendOrders(amends))).toEqual(['accepted', 'accepted', 'accepted']);
		expect(await desk.openOrders()).toEqual(['one 0.020 at 59999.00', 'three 0.020 at 59999.00', 'two 0.20 at 2999.90']);

		const cancelled = await gateway.batchCancelOrders([...orders.slice(0, 2), tooLarge].map(cancelOf));
		expect(cancelled.map(({ outcome }) => (outcome.kind === 'rejected' && outcome.gone ? 'gone' : outcome.kind))).toEqual([
			'accepted',
			'accepted',
			'gone',
		]);
		expect(kindsOf(await gateway.batchCancelOrders(orders.slice(2).map(cancelOf)))).toEqual(['accepted']);
		expect(await desk.openOrders()).toEqual([]);
		expect(events.filter((event) => event.kind === 'rate').every(({ isRefusal }) => !isRefusal)).toBe(true);
		expect((await desk.entry.figures()).toSorted()).toEqual(
			[
				`mm_exchange_req_ms_count{verb="place",api="${many}"} 1`,
				`mm_exchange_req_ms_count{verb="amend",api="${many}"} 1`,
				...(many === one
					? [`mm_exchange_req_ms_count{verb="cancel",api="${many}"} 2`]
					: [many, one].map((api) => `mm_exchange_req_ms_count{verb="cancel",api="${api}"} 1`)),
			].toSorted(),
		);
	});
});

test('one too many for the second: the items say so, the budget hears of it before the answer does', async () => {
	await using desk = await OrderDesk.open({ orderEntry: 'rest' });
	const { gateway, events } = desk.entry;
	const commands = Array.from({ length: 12 }, (_, i) => place(`o${i}`, 'BTCUSDT'));
	const batch = { batchId: 5, venue: VENUE, category: 'linear', verb: 'place', commands, symbolOnly: undefined } as const;
	gateway.send(batch);
	const answer = await eventually('the answer', () => events.find((event) => event.kind === 'answer'));
	expect(kindsOf(answer.items)).toEqual([...Array<string>(10).fill('accepted'), 'rejected', 'rejected']);
	const rates = events.filter((event) => event.kind === 'rate');
	expect(rates).toMatchObject([{ limit: 10, remaining: 0, isRefusal: true }]);
	expect(events.indexOf(rates[0] ?? answer)).toBeLessThan(events.indexOf(answer));
});

test('a socket that is cut under a batch: the batch is in doubt, the next goes over REST, and later ones by socket again', async () => {
	await using desk = await OrderDesk.open({ orderEntry: 'ws' });
	const { entry } = desk;
	await desk.inject('refuse-connection', { channel: 'ws-trade' });
	await desk.inject('cut-socket', { channel: 'ws-trade' });
	const crossing = [place('a', 'BTCUSDT'), place('b', 'ETHUSDT')];
	expect(kindsOf(await entry.gateway.batchPlaceOrders(crossing))).toEqual(['unknown', 'unknown']);
	expect(entry.isSocketUp).toBe(false);
	expect(kindsOf(await entry.gateway.batchPlaceOrders([place('c', 'BTCUSDT'), place('d', 'ETHUSDT')]))).toEqual([
		'accepted',
		'accepted',
	]);
	expect(await entry.figures()).toEqual(['mm_exchange_req_ms_count{verb="place",api="rest-batch"} 1']);

	await desk.clearFaults();
	await entry.socketUp();
	const standing = (await desk.openOrders()).length;
	const cancelled = await entry.gateway.batchCancelOrders(
		[...crossing, place('c', 'BTCUSDT'), place('d', 'ETHUSDT')].map(cancelOf),
	);
	expect(kindsOf(cancelled).filter((kind) => kind === 'accepted')).toHaveLength(standing);
	expect(await desk.openOrders()).toEqual([]);
	expect(await entry.figures()).toContain('mm_exchange_req_ms_count{verb="cancel",api="ws-batch"} 1');
	const streams = entry.events.filter((event) => event.kind === 'stream');
	expect(streams.map(({ up }) => up)).toEqual([true, false, true]);
});

describe.each([
	// On the socket the same word may mean the socket itself, so REST is asked before batches are given up.
	['by socket', 'ws', ['ws-batch', 'rest-batch']],
	['over REST', 'rest', ['rest-batch']],
] as const)('batches that are not permitted, %s (C6)', (_name, orderEntry, refusing) => {
	test('their orders go one by one at once, and later ones in a batch again', async () => {
		await using desk = await OrderDesk.open({ orderEntry, fallbackMs: 100 });
		const { entry } = desk;
		await desk.inject('revoke-key', { reason: 'permission', operation: 'order.create-batch' });
		expect(kindsOf(await entry.gateway.batchPlaceOrders([place('a', 'BTCUSDT'), place('b', 'ETHUSDT')]))).toEqual([
			'accepted',
			'accepted',
		]);
		expect(await desk.openOrders()).toEqual(['a 0.010 at 60000.00', 'b 0.10 at 3000.00']);
		expect((await entry.figures()).toSorted()).toEqual([
			'mm_exchange_req_ms_count{verb="place",api="rest"} 2',
			...refusing.map((api) => `mm_exchange_req_ms_count{verb="place",api="${api}"} 1`).toSorted(),
			'rest_error_rate{exchange="bybit"} 1',
		]);

		await desk.clearFaults();
		const again = `mm_exchange_req_ms_count{verb="place",api="${refusing[0]}"} 2`;
		let count = 0;
		await eventually('a batch', async () => {
			count += 1;
			const commands = [place(`c${count}`, 'BTCUSDT'), place(`d${count}`, 'ETHUSDT')];
			for (const kind of kindsOf(await entry.gateway.batchPlaceOrders(commands))) expect(kind).not.toBe('unknown');
			return (await entry.figures()).includes(again) ? true : undefined;
		});
	});
});
