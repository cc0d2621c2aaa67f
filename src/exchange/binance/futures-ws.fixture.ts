/** Sockets of futures for tests: the same venue, its contracts, and clients that listen to an account. */
import { ANN as ANN_SIGNER, BOB as BOB_SIGNER, FUTURES_BTC } from './scene.fixture.ts';
import type { BinanceOptions } from './venue.ts';
import { asMessage, type Client, type Message, World } from './ws.fixture.ts';

export const PERP = FUTURES_BTC.symbol;
/** Accounts of the exchange. */
export const ANN = ANN_SIGNER.key.accounts.futures;
export const BOB = BOB_SIGNER.key.accounts.futures;

export const ORDER: Message = {
	symbol: 'BTCUSDT',
	side: 'BUY',
	type: 'LIMIT',
	timeInForce: 'GTC',
	price: '64000.00',
	quantity: '0.010',
};

export class FuturesWorld extends World {
	/** For calls. */
	readonly api: Client;

	constructor(options?: BinanceOptions) {
		super(options);
		this.api = this.connect('/ws-fapi/v1');
	}

	get contract() {
		const listing = this.exchange.listing(PERP);
		if (listing === undefined) throw new Error('not listed');
		return listing;
	}

	/** Straight into the exchange, past the venue. Answers with the order's id. */
	put(accountId: string, side: 'buy' | 'sell', qty: string, price: string, more: object = {}): string {
		const { price: prices, qty: lots } = this.contract;
		const terms = { type: 'limit', timeInForce: 'gtc', priceTicks: prices.count(price), qtyLots: lots.count(qty) } as const;
		const placed = this.exchange.place({ accountId, symbol: PERP, side, ...terms, ...more }, this.nowMs);
		if (placed.kind === 'refused') throw new Error(placed.reason);
		return placed.orderId;
	}

	trade(qty = '0.1', price = '65000'): void {
		this.put(BOB, 'sell', qty, price);
		this.put(ANN, 'buy', qty, price);
	}

	/** By the WS API; throws if it is refused. */
	do(method: string, params: Message, apiKey = 'ANN'): Message {
		const answer = this.call(this.api, method, this.signed(params, apiKey));
		if (answer['status'] !== 200) throw new Error(JSON.stringify(answer));
		return asMessage(answer['result']);
	}

	listenKey(apiKey = 'ANN'): string {
		return String(asMessage(this.call(this.api, 'userDataStream.start', { apiKey })['result'])['listenKey']);
	}

	/** A client that hears what happens to an account. */
	listening(apiKey = 'ANN'): Client {
		return this.connect(`/private/ws/${this.listenKey(apiKey)}`);
	}
}

export function orderOf(message: Message | undefined): Message {
	return asMessage(message?.['o']);
}

/** What came of one kind. */
export function only(client: Client, event: string): Message[] {
	return client.take().filter((message) => message['e'] === event);
}

export function listOf(value: unknown): Message[] {
	return Array.isArray(value) ? value.map(asMessage) : [];
}
