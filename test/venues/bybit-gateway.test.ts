/** Order entry over real sockets against the exchange in a box, by socket and over REST: what is told is what it has. */
import { describe, expect, test } from 'vitest';
import { lots, ticks } from '../../src/domain/units.ts';
import { eventually } from '../clients/wait.ts';
import { cancelOf, OrderDesk, place, VENUE } from './order-desk.ts';

const kinds = (items: readonly { readonly outcome: { readonly kind: string } }[]) => items.map(({ outcome }) => outcome.kind);

describe.each([
	['by socket', { orderEntry: 'ws' }],
	['over REST', { orderEntry: 'rest' }],
	['over REST, lone ones as a batch', { orderEntry: 'rest', lone: 'batch' }],
] as const)('%s', (_name, options) => {
	test('batches of several symbols are placed, amended and cancelled, each order by itself', async () => {
		await using desk = await OrderDesk.open(options);
		const { gateway, events } = desk;
		const orders = [place('one', 'BTCUSDT'), place('two', 'ETHUSDT'), place('three', 'BTCUSDT')];
		const tooLarge = place('four', 'ETHUSDT', { qtyLots: lots(9_000_000) });
		expect(kinds(await gateway.batchPlaceOrders([...orders, tooLarge]))).toEqual([
			'accepted',
			'accepted',
			'accepted',
			'rejected',
		]);
		expect(await desk.openOrders()).toEqual(['one 0.010 at 60000.00', 'three 0.010 at 60000.00', 'two 0.10 at 3000.00']);

		const amends = orders.map(({ instrument, orderId, priceTicks }) => ({
			kind: 'amend' as const,
			instrument,
			orderId,
			priceTicks: ticks(priceTicks - 10),
			qtyLots: lots(20),
		}));
		const amended = await gateway.batchAmendOrders(amends as unknown as Parameters<typeof gateway.batchAmendOrders>[0]);
		expect(kinds(amended)).toEqual(['accepted', 'accepted', 'accepted']);
		expect(await desk.openOrders()).toEqual(['one 0.020 at 59999.00', 'three 0.020 at 59999.00', 'two 0.20 at 2999.90']);

		const cancelled = await gateway.batchCancelOrders([...orders.slice(0, 2), tooLarge].map(cancelOf));
		expect(cancelled.map(({ outcome }) => (outcome.kind === 'rejected' && outcome.gone ? 'gone' : outcome.kind))).toEqual([
			'accepted',
			'accepted',
			'gone',
		]);
		expect(kinds(await gateway.batchCancelOrders(orders.slice(2).map(cancelOf)))).toEqual(['accepted']);
		expect(await desk.openOrders()).toEqual([]);
		expect(events.filter((event) => event.kind === 'rate').every(({ isRefusal }) => !isRefusal)).toBe(true);
	});
});

test('one too many for the second: the items say so, the budget hears of it before the answer does', async () => {
	await using desk = await OrderDesk.open({ orderEntry: 'rest' });
	const { gateway, events } = desk;
	const commands = Array.from({ length: 12 }, (_, i) => place(`o${i}`, 'BTCUSDT'));
	const batch = { batchId: 5, venue: VENUE, category: 'linear', verb: 'place', commands, symbolOnly: undefined } as const;
	gateway.send(batch);
	const answer = await eventually('the answer', () => events.find((event) => event.kind === 'answer'));
	expect(kinds(answer.items)).toEqual([...Array<string>(10).fill('accepted'), 'rejected', 'rejected']);
	const rates = events.filter((event) => event.kind === 'rate');
	expect(rates).toMatchObject([{ limit: 10, remaining: 0, isRefusal: true }]);
	expect(events.indexOf(rates[0] ?? answer)).toBeLessThan(events.indexOf(answer));
});
