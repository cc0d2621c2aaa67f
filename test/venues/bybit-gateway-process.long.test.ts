/**
 * Order entry against a box that is a process of its own and is stopped, killed and started again under it. What is in
 * doubt is told as such, what was not sent too, and when the exchange is back so are we.
 */
import { describe, expect, test } from 'vitest';
import { startBox } from '../clients/box.ts';
import { eventually } from '../clients/wait.ts';
import { OrderDesk, type RunningBox } from './order-desk.ts';
import { cancelOf, kindsOf, place } from './order-entry.ts';

const ORDERS = [place('a', 'BTCUSDT'), place('b', 'ETHUSDT')];

interface Process extends RunningBox {
	readonly pid: number;
}

async function start(port = '0'): Promise<Process> {
	const args = ['--seed', '3', '--market', 'quiet', '--symbols', 'BTCUSDT,ETHUSDT', '--bybit-port', port];
	const { line, pid, stop } = await startBox(args);
	return { listening: line, pid, [Symbol.asyncDispose]: async () => void (await stop()) };
}

describe.each(['ws', 'rest'] as const)('by %s', (orderEntry) => {
	test('while the exchange stands still, a batch is in doubt; when it goes on, the doubt can be settled', async () => {
		const box = await start();
		await using desk = await OrderDesk.at(box, { orderEntry, orderTimeoutMs: 400 });
		const { gateway } = desk.entry;
		process.kill(box.pid, 'SIGSTOP');
		const told = await gateway.batchPlaceOrders(ORDERS);
		process.kill(box.pid, 'SIGCONT');
		expect(kindsOf(told)).toEqual(['unknown', 'unknown']);
		// What was on its way when it stood still has arrived by now.
		await eventually('the orders', async () => ((await desk.openOrders()).length === 2 ? true : undefined));
		expect(kindsOf(await gateway.batchCancelOrders(ORDERS.map(cancelOf)))).toEqual(['accepted', 'accepted']);
		expect(await desk.openOrders()).toEqual([]);
	});

	test('when it dies under a batch and comes back, orders go the same way as before', async () => {
		const box = await start();
		await using desk = await OrderDesk.at(box, { orderEntry, orderTimeoutMs: 2_000 });
		const { entry } = desk;
		process.kill(box.pid, 'SIGSTOP');
		const crossing = entry.gateway.batchPlaceOrders(ORDERS);
		process.kill(box.pid, 'SIGKILL');
		expect(kindsOf(await crossing)).toEqual(['unknown', 'unknown']);
		// A connection whose end is not noticed yet takes one more request with it, which is in doubt, too.
		const unsent = await eventually('nobody there', async () => {
			const told = await entry.gateway.batchPlaceOrders(ORDERS);
			return told.some(({ outcome }) => outcome.kind === 'unknown') ? undefined : told;
		});
		expect(unsent.map(({ outcome }) => outcome)).toMatchObject(
			ORDERS.map(() => ({ kind: 'rejected', class: 'transient', reason: 'not sent: refused' })),
		);

		await using again = await start(new URL(box.listening.bybit.rest).port);
		if (orderEntry === 'ws') await entry.socketUp();
		expect(kindsOf(await entry.gateway.batchPlaceOrders(ORDERS))).toEqual(['accepted', 'accepted']);
		const by = `mm_exchange_req_ms_count{verb="place",api="${orderEntry}-batch"} 1`;
		expect((await entry.figures()).filter((line) => line.startsWith('mm_'))).toEqual([by]);
		expect(again.listening.bybit).toEqual(box.listening.bybit);
	});
});
