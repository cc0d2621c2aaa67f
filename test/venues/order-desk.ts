/**
 * Order entry over real sockets against the exchange in a box, with the box's own word for what became of the orders.
 * Whoever opens one disposes of it.
 */
import { type Box, openBox } from '../../src/app/box.ts';
import type { CancelCommand, PlaceCommand, PlaceProposal } from '../../src/domain/command.ts';
import type { EngineEvent } from '../../src/domain/event.ts';
import type { OrderId } from '../../src/domain/order-id.ts';
import { lots, ticks } from '../../src/domain/units.ts';
import { RECONNECT_POLICY } from '../../src/network/reconnect.ts';
import { systemClock } from '../../src/network/system-clock.ts';
import { systemRng } from '../../src/network/system-rng.ts';
import { systemTransport } from '../../src/network/system-transport.ts';
import { NO_METER } from '../../src/ports/meter.ts';
import { bybitCapabilities } from '../../src/venues/bybit/capabilities.ts';
import { BybitGateway, GATEWAY_OPTIONS } from '../../src/venues/bybit/gateway.ts';
import type { OrderCallOptions } from '../../src/venues/bybit/order-calls.ts';
import { BybitRest } from '../../src/venues/bybit/rest.ts';
import { Credentials } from '../../src/venues/bybit/sign.ts';
import { TradeSocket } from '../../src/venues/bybit/trade-socket.ts';
import { boxUrls } from '../../src/venues/bybit/urls.ts';
import { VenueClock } from '../../src/venues/bybit/venue-clock.ts';
import { eventually } from '../clients/wait.ts';
import { BTCUSDT, ETHUSDT } from '../fixtures/instruments.ts';

export const VENUE = 'bybit';
const CONTROL_TOKEN = 'token';
/** Far below the market, and of more than the least worth. */
const LOW_TICKS = { BTCUSDT: 600_000, ETHUSDT: 300_000 } as const;

export class OrderDesk implements AsyncDisposable {
	readonly events: EngineEvent[] = [];
	readonly gateway: BybitGateway;
	readonly #socket: TradeSocket;
	readonly #box: Box;
	readonly #opened: AsyncDisposableStack;

	static async open(options: Partial<OrderCallOptions>): Promise<OrderDesk> {
		const opened = await openBox({
			bybitPort: 0,
			controlPort: 0,
			seed: 3,
			market: 'quiet',
			symbols: ['BTCUSDT', 'ETHUSDT'],
			controlToken: CONTROL_TOKEN,
			onBug: (error) => {
				throw error;
			},
		});
		if (opened.kind === 'unavailable') throw new Error(opened.message);
		const desk = new OrderDesk(opened.box, { ...GATEWAY_OPTIONS, ...options });
		if (options.orderEntry !== 'rest') {
			desk.#socket.start();
			await eventually('the trade socket', () => (desk.#socket.isUp ? true : undefined));
		}
		return desk;
	}

	constructor(box: Box, options: OrderCallOptions) {
		this.#box = box;
		this.#opened = new AsyncDisposableStack();
		this.#opened.use(box);
		const [account] = box.listening.accounts;
		if (account === undefined) throw new Error('the box has no account');
		const [clock, rng, urls] = [systemClock(), systemRng(), boxUrls(box.listening.bybit)];
		const transport = this.#opened.use(systemTransport({ clock, isAllowed: () => true }));
		const sink = (event: EngineEvent): void => {
			this.events.push(event);
		};
		const venueClock = new VenueClock({ venue: VENUE, clock, sink });
		const credentials = new Credentials(account.apiKey, account.apiSecret);
		const rest = new BybitRest({ transport, clock, rng, venueClock, origin: urls.rest, credentials });
		this.#socket = new TradeSocket({
			...{ transport, clock, rng, policy: { ...RECONNECT_POLICY, baseDelayMs: 50 } },
			...{ venue: VENUE, url: urls.trade ?? '', credentials, venueClock, sink },
			recvWindowMs: rest.recvWindowMs,
			timeoutMs: options.orderTimeoutMs,
		});
		this.#opened.defer(() => this.#socket.stop());
		this.gateway = new BybitGateway({
			...{ rest, socket: this.#socket, venueClock, clock, sink, options },
			capabilities: bybitCapabilities(VENUE, urls.environment),
			lookUp: () => {},
			meter: NO_METER,
			filtersRefused: () => {},
		});
	}

	/** Our open orders as the box has them, whatever it told us: id, quantity, price. */
	async openOrders(): Promise<readonly string[]> {
		const [account] = this.#box.listening.accounts;
		const { orders } = (await this.control('GET', `/v1/accounts/${account?.name}/orders?state=open`)) as BoxOrders;
		return orders.map(({ clientOrderId, qty, price }) => `${clientOrderId} ${qty} at ${price}`).sort();
	}

	async inject(name: string, parameters: object): Promise<void> {
		await this.control('POST', '/v1/faults', { name, parameters });
	}

	async control(method: string, path: string, body?: object): Promise<unknown> {
		const { url } = this.#box.listening.control;
		const headers = { authorization: `Bearer ${CONTROL_TOKEN}` };
		const response = await fetch(url + path, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
		if (!response.ok) throw new Error(`${method} ${path}: ${await response.text()}`);
		return await response.json();
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await this.#opened[Symbol.asyncDispose]();
	}
}

interface BoxOrders {
	readonly orders: readonly { readonly clientOrderId: string; readonly qty: string; readonly price: string }[];
}

export function place(orderId: string, symbol: 'BTCUSDT' | 'ETHUSDT', more: Partial<PlaceProposal> = {}): PlaceCommand {
	return {
		kind: 'place',
		instrument: symbol === 'BTCUSDT' ? BTCUSDT : ETHUSDT,
		quoter: 0,
		slot: 0,
		side: 'buy',
		orderType: 'limit',
		timeInForce: 'postOnly',
		reduceOnly: false,
		priceTicks: ticks(LOW_TICKS[symbol]),
		qtyLots: lots(10),
		orderId: orderId as OrderId,
		...more,
	} as PlaceCommand;
}

export function cancelOf({ instrument, orderId }: PlaceCommand): CancelCommand {
	return { kind: 'cancel', instrument, orderId };
}
