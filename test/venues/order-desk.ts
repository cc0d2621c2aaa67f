/**
 * Order entry over real sockets against the exchange in a box, with the box's own word for what became of the orders.
 * Whoever opens one disposes of it.
 */
import { openBox } from '../../src/app/box.ts';
import type { Listening } from '../clients/box.ts';
import { control } from '../fixtures/real-box.ts';
import { OrderEntry, type OrderEntryOptions } from './order-entry.ts';

/** A box, wherever it runs. */
export interface RunningBox extends AsyncDisposable {
	readonly listening: Listening;
}

export class OrderDesk implements AsyncDisposable {
	readonly entry: OrderEntry;
	readonly #box: RunningBox;

	/** With a box of its own in this process. */
	static async open(options: Partial<OrderEntryOptions>): Promise<OrderDesk> {
		const opened = await openBox({
			bybitPort: 0,
			controlPort: 0,
			seed: 3,
			market: 'quiet',
			symbols: ['BTCUSDT', 'ETHUSDT'],
			onBug: (error) => {
				throw error;
			},
		});
		if (opened.kind === 'unavailable') throw new Error(opened.message);
		return await OrderDesk.at(opened.box, options);
	}

	/** The box is its own from then on. */
	static async at(box: RunningBox, options: Partial<OrderEntryOptions>): Promise<OrderDesk> {
		const { bybit, accounts } = box.listening;
		const [account] = accounts;
		if (account === undefined) throw new Error('the box has no account');
		return new OrderDesk(box, await OrderEntry.open({ ...bybit, ...account }, options));
	}

	constructor(box: RunningBox, entry: OrderEntry) {
		this.#box = box;
		this.entry = entry;
	}

	/** Our open orders as the box has them, whatever it told us: id, quantity, price. */
	async openOrders(): Promise<readonly string[]> {
		const [account] = this.#box.listening.accounts;
		const { orders } = (await this.control(`GET /v1/accounts/${account?.name}/orders?state=open`)) as BoxOrders;
		return orders.map(({ clientOrderId, qty, price }) => `${clientOrderId} ${qty} at ${price}`).sort();
	}

	async inject(name: string, parameters: object): Promise<void> {
		await this.control('POST /v1/faults', { name, parameters });
	}

	async clearFaults(): Promise<void> {
		await this.control('DELETE /v1/faults');
	}

	async control(line: string, body?: object): Promise<unknown> {
		return await control(this.#box, line, body);
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await this.entry[Symbol.asyncDispose]();
		await this.#box[Symbol.asyncDispose]();
	}
}

interface BoxOrders {
	readonly orders: readonly { readonly clientOrderId: string; readonly qty: string; readonly price: string }[];
}
