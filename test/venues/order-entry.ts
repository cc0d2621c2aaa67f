/**
 * Our order entry on the system's clock and network, with what it tells and measures kept for whoever looks. Where the
 * venue is, is handed in. Whoever opens one disposes of it.
 */
import type { CancelCommand, PlaceCommand, PlaceProposal } from '../../src/domain/command.ts';
import type { EngineEvent } from '../../src/domain/event.ts';
import type { OrderId } from '../../src/domain/order-id.ts';
import { lots, ticks } from '../../src/domain/units.ts';
import { RECONNECT_POLICY } from '../../src/network/reconnect.ts';
import { systemClock } from '../../src/network/system-clock.ts';
import { systemRng } from '../../src/network/system-rng.ts';
import { systemTransport } from '../../src/network/system-transport.ts';
import type { Transport } from '../../src/network/transport.ts';
import type { TransportLimits } from '../../src/network/transport-limits.ts';
import { PrometheusMeter } from '../../src/telemetry/prometheus-meter.ts';
import { bybitCapabilities } from '../../src/venues/bybit/capabilities.ts';
import { BybitGateway, GATEWAY_OPTIONS } from '../../src/venues/bybit/gateway.ts';
import type { OrderCallOptions } from '../../src/venues/bybit/order-calls.ts';
import { BybitRest } from '../../src/venues/bybit/rest.ts';
import { Credentials } from '../../src/venues/bybit/sign.ts';
import { TradeSocket } from '../../src/venues/bybit/trade-socket.ts';
import { VenueClock } from '../../src/venues/wire/venue-clock.ts';
import { eventually } from '../clients/wait.ts';
import { BTCUSDT, ETHUSDT } from '../fixtures/instruments.ts';

export const VENUE = 'bybit';
/** Far below the market, and of more than the least worth. */
const LOW_TICKS = { BTCUSDT: 600_000, ETHUSDT: 300_000 } as const;

export interface VenueAddress {
	readonly rest: string;
	readonly trade: string;
	readonly apiKey: string;
	readonly apiSecret: string;
}

export interface OrderEntryOptions extends OrderCallOptions {
	readonly limits: Partial<TransportLimits>;
}

export class OrderEntry implements AsyncDisposable {
	readonly events: EngineEvent[] = [];
	readonly gateway: BybitGateway;
	readonly transport: Transport;
	readonly #socket: TradeSocket;
	readonly #meter = new PrometheusMeter();
	readonly #opened = new AsyncDisposableStack();

	/** With its socket up, where orders go by socket. */
	static async open(address: VenueAddress, options: Partial<OrderEntryOptions>): Promise<OrderEntry> {
		const entry = new OrderEntry(address, { ...GATEWAY_OPTIONS, limits: {}, ...options });
		if (options.orderEntry !== 'rest') {
			entry.#socket.start();
			await entry.socketUp();
		}
		return entry;
	}

	constructor({ rest: origin, trade: url, apiKey, apiSecret }: VenueAddress, options: OrderEntryOptions) {
		const [clock, rng, meter, venue] = [systemClock(), systemRng(), this.#meter, VENUE];
		this.transport = this.#opened.use(systemTransport({ clock, isAllowed: () => true, limits: options.limits }));
		const { transport } = this;
		const sink = (event: EngineEvent): void => {
			this.events.push(event);
		};
		const venueClock = new VenueClock({ venue, clock, sink });
		const credentials = new Credentials(apiKey, apiSecret);
		const rest = new BybitRest({ transport, clock, rng, venueClock, meter, venue, origin, credentials });
		this.#socket = new TradeSocket({
			...{ transport, clock, rng, policy: { ...RECONNECT_POLICY, baseDelayMs: 50 } },
			...{ venue, url, credentials, venueClock, sink },
			recvWindowMs: rest.recvWindowMs,
			timeoutMs: options.orderTimeoutMs,
		});
		this.#opened.defer(() => this.#socket.stop());
		this.gateway = new BybitGateway({
			...{ rest, socket: this.#socket, venueClock, clock, sink, meter, options },
			capabilities: bybitCapabilities(VENUE, 'box'),
			lookUp: () => {},
			takeCensus: () => {},
			filtersRefused: () => {},
		});
	}

	get isSocketUp(): boolean {
		return this.#socket.isUp;
	}

	async socketUp(): Promise<void> {
		await eventually('the trade socket', () => (this.#socket.isUp ? true : undefined));
	}

	/** What Prometheus would read, without what is nought: `mm_exchange_req_ms_count{verb="place",api="ws"} 1`. */
	async figures(): Promise<readonly string[]> {
		const lines = (await this.#meter.text()).split('\n');
		return lines.filter((line) => /^(mm_exchange_req_ms_count|rest_error_rate)/.test(line) && !line.endsWith(' 0'));
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await this.#opened[Symbol.asyncDispose]();
	}
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

export function kindsOf(items: readonly { readonly outcome: { readonly kind: string } }[]): readonly string[] {
	return items.map(({ outcome }) => outcome.kind);
}
