/**
 * The exchange in a box without its sockets, put together as `src/app/box.ts` does: venue, fault layer without rules, wire
 * tap. Rate limits are lifted, since a refusal at the door would keep a mutation from what it aims at.
 */
import { createHmac } from 'node:crypto';
import { BOX_SYMBOLS } from '../../src/app/box-symbols.ts';
import { type BoxVenue, createBoxVenue } from '../../src/app/box-venue.ts';
import type { BoxAccount } from '../../src/exchange/control/controlled-box.ts';
import { SwitchFacade } from '../../src/exchange/control/switch-facade.ts';
import { Tap, TapFacade } from '../../src/exchange/control/tap.ts';
import type { Connection, Facade, HttpReply, HttpRequest, Peer } from '../../src/exchange/facade.ts';
import { ActiveFaults } from '../../src/exchange/faults/active-faults.ts';
import { BYBIT_DIALECT } from '../../src/exchange/faults/bybit-dialect.ts';
import { FaultyFacade } from '../../src/exchange/faults/faulty-facade.ts';
import { seededRng } from '../../src/simulation/seeded-rng.ts';
import { VirtualClock } from '../../src/simulation/virtual-clock.ts';

export const START_MS = 1_771_000_000_123;
const WINDOW = '5000';

export interface OrderName {
	readonly orderId: string;
	readonly orderLinkId: string;
}

export class FuzzedBox {
	nowMs = START_MS;
	readonly venue: BoxVenue;
	readonly attacker: BoxAccount;
	/** Does nothing, and must not be touched by what the other does. */
	readonly bystander: BoxAccount;
	readonly #facade: Facade;
	readonly #resting = new Map<string, OrderName>();
	#orderCount = 0;

	constructor(seed: number) {
		const rng = seededRng(seed);
		const options = { symbols: BOX_SYMBOLS, market: 'quiet', nowMs: START_MS, limitFactor: Number.POSITIVE_INFINITY } as const;
		this.venue = createBoxVenue({ rng, ...options });
		this.venue.step(START_MS);
		const clock = new VirtualClock(START_MS);
		const context = { faults: new ActiveFaults({ rng, clock }), clock, dialect: BYBIT_DIALECT };
		this.#facade = new TapFacade(new FaultyFacade(new SwitchFacade(this.venue.facade), context), new Tap());
		const [attacker, bystander] = this.venue.accounts;
		if (attacker === undefined || bystander === undefined) throw new Error('the box has too few accounts');
		[this.attacker, this.bystander] = [attacker, bystander];
	}

	/** Everything that the exchange knows of its books, accounts and itself. */
	hash(): string {
		return this.venue.exchange.stateHash();
	}

	pass(ms: number): void {
		this.nowMs += ms;
		this.#facade.tick(this.nowMs);
	}

	handle(request: HttpRequest): HttpReply {
		return this.#facade.request(request, this.nowMs);
	}

	connect(path: string): FuzzedSocket {
		const socket = new FuzzedSocket();
		const connected = this.#facade.connect({ path, query: '', remote: '127.0.0.1' }, socket, this.nowMs);
		if (connected.kind === 'refused') throw new Error(`${path} is refused with ${connected.status}`);
		socket.connection = connected.connection;
		return socket;
	}

	signed(method: string, path: string, text: string): HttpRequest {
		const { apiKey, apiSecret } = this.attacker;
		const sign = hmac(apiSecret, `${this.nowMs}${apiKey}${WINDOW}${text}`);
		return {
			method,
			path,
			query: method === 'GET' ? text : '',
			body: method === 'GET' ? '' : text,
			remote: '127.0.0.1',
			headers: {
				'content-type': 'application/json',
				'x-bapi-api-key': apiKey,
				'x-bapi-timestamp': String(this.nowMs),
				'x-bapi-recv-window': WINDOW,
				'x-bapi-sign': sign,
			},
		};
	}

	credentials(): [string, number, string] {
		const expires = this.nowMs + 5_000;
		return [this.attacker.apiKey, expires, hmac(this.attacker.apiSecret, `GET/realtime${expires}`)];
	}

	nextLinkId(): string {
		this.#orderCount += 1;
		return `fuzz-${this.#orderCount}`;
	}

	/** An order that rests while this is called, so that what names it has something to amend or cancel. */
	resting(category: 'linear' | 'spot'): OrderName {
		const known = this.#resting.get(category);
		if (known !== undefined && this.#isOpen(known)) return known;
		const placed = this.#place(category) ?? (this.#cancelAll(), this.#place(category));
		if (placed === undefined) throw new Error(`no ${category} order can be placed any more`);
		this.#resting.set(category, placed);
		return placed;
	}

	#isOpen({ orderLinkId }: OrderName): boolean {
		const order = this.venue.exchange.order(this.attacker.name, { clientOrderId: orderLinkId });
		return order !== undefined && order.leavesLots > 0;
	}

	#place(category: 'linear' | 'spot'): OrderName | undefined {
		const order = { category, symbol: 'BTCUSDT', side: 'Buy', orderType: 'Limit', qty: '0.010', price: '64000' };
		const body = JSON.stringify({ ...order, timeInForce: 'PostOnly', orderLinkId: this.nextLinkId() });
		const { result } = JSON.parse(this.handle(this.signed('POST', '/v5/order/create', body)).body) as {
			result: Partial<OrderName>;
		};
		const { orderId, orderLinkId } = result;
		return orderId === undefined || orderLinkId === undefined ? undefined : { orderId, orderLinkId };
	}

	#cancelAll(): void {
		for (const body of [{ category: 'linear', settleCoin: 'USDT' }, { category: 'spot' }]) {
			this.handle(this.signed('POST', '/v5/order/cancel-all', JSON.stringify(body)));
		}
	}
}

/** The client's end of a socket: keeps what it was sent. */
export class FuzzedSocket implements Peer {
	connection: Connection | null = null;
	closedWith: number | null = null;
	#texts: string[] = [];
	readonly #read: ((text: string) => void) | null;

	/** With a reader nothing is kept. */
	constructor(read: ((text: string) => void) | null = null) {
		this.#read = read;
	}

	send(text: string): void {
		if (this.#read === null) this.#texts.push(text);
		else this.#read(text);
	}

	close(code: number): void {
		this.closedWith = code;
	}

	/** What came since the last call. */
	take(): string[] {
		const texts = this.#texts;
		this.#texts = [];
		return texts;
	}
}

function hmac(secret: string, text: string): string {
	return createHmac('sha256', secret).update(text).digest('hex');
}
