/** Sockets for tests: the venue of `scene.fixture.ts`, and clients that remember what they were sent. */
import type { Connected, Connection, Heartbeat, Peer } from '../facade.ts';
import { USUAL_RIGHTS } from '../key-rights.ts';
import { binanceDoors } from './doors.ts';
import { createBinanceFacade } from './facade.ts';
import {
	ANN_ED25519,
	ANN as ANN_SIGNER,
	BOB as BOB_SIGNER,
	NOW_MS,
	openVenue,
	type Client as Signer,
	SPOT_BTC,
	signed as signedRequest,
	type Values,
} from './scene.fixture.ts';
import { BINANCE_OPTIONS, type BinanceOptions, type BinanceVenue } from './venue.ts';

export type Message = Readonly<Record<string, unknown>>;

export const BTC = SPOT_BTC.symbol;
/** Accounts of the exchange. */
export const ANN = ANN_SIGNER.key.accounts.spot;
export const BOB = BOB_SIGNER.key.accounts.spot;

const READ_ONLY = { ...USUAL_RIGHTS, readOnly: true };
const READERS: readonly Signer[] = [
	{ ...ANN_SIGNER, key: { ...ANN_SIGNER.key, apiKey: 'READER', rights: READ_ONLY } },
	{ ...ANN_ED25519, key: { ...ANN_ED25519.key, apiKey: 'ED25519-READER', rights: READ_ONLY } },
];
const SIGNERS = new Map([ANN_SIGNER, BOB_SIGNER, ANN_ED25519, ...READERS].map((signer) => [signer.key.apiKey, signer]));

export class Client implements Peer {
	readonly texts: string[] = [];
	closedWith: number | null = null;
	connection: Connection | null = null;
	heartbeat: Heartbeat | undefined;

	send(text: string): void {
		this.texts.push(text);
	}

	close(code: number): void {
		this.closedWith = code;
	}

	/** What came since the last call. */
	take(): Message[] {
		return this.texts.splice(0).map(parse);
	}
}

export class World {
	nowMs = NOW_MS;
	readonly venue: BinanceVenue;
	readonly #facade: ReturnType<typeof createBinanceFacade>;
	#idCount = 0;

	constructor(options: BinanceOptions = BINANCE_OPTIONS) {
		this.venue = openVenue(options);
		for (const { key } of READERS) this.venue.addKey(key);
		this.#facade = createBinanceFacade(this.venue, binanceDoors(this.venue));
	}

	get exchange() {
		return this.venue.exchange;
	}

	attempt(path: string, query = '', client = new Client()): Connected {
		return this.#facade.connect({ path, query, remote: '127.0.0.1' }, client, this.nowMs);
	}

	connect(path: string, query = ''): Client {
		const client = new Client();
		const connected = this.attempt(path, query, client);
		if (connected.kind === 'refused') throw new Error(`refused with ${connected.status}`);
		client.connection = connected.connection;
		client.heartbeat = connected.heartbeat;
		return client;
	}

	/** Sends a frame and answers with all that came back at once. */
	ask(client: Client, frame: object | string): Message[] {
		client.connection?.receive(typeof frame === 'string' ? frame : JSON.stringify(frame), this.nowMs);
		return client.take();
	}

	/** Subscribes to streams; the answer is already taken. */
	subscribe(client: Client, ...params: string[]): void {
		this.ask(client, { method: 'SUBSCRIBE', params, id: 1 });
	}

	/** The answer to a call of the WS API; whatever else came before it is left to take. */
	call(client: Client, method: string, params: Message = {}): Message {
		this.#idCount += 1;
		const id = this.#idCount;
		client.connection?.receive(JSON.stringify({ id, method, params }), this.nowMs);
		const at = client.texts.findIndex((text) => parse(text)['id'] === id);
		const [text] = at === -1 ? [] : client.texts.splice(at, 1);
		if (text === undefined) throw new Error(`no answer to ${method}`);
		return parse(text);
	}

	/** The parameters of a call, signed by a key. */
	signed(params: Message, apiKey = 'ANN', how: { timestamp?: number; encode?: (text: string) => string } = {}): Message {
		const all: Message = { ...params, apiKey, timestamp: how.timestamp ?? this.nowMs };
		const text = textOf(all, how.encode ?? ((each) => each));
		return { ...all, signature: (SIGNERS.get(apiKey) ?? ANN_SIGNER).sign(text) };
	}

	/** A public look by REST. */
	look(path: string, query: string): Message {
		const request = { method: 'GET', path, query, headers: {}, body: '', remote: '127.0.0.1' };
		return asMessage(JSON.parse(this.#facade.request(request, this.nowMs).body));
	}

	/** A signed call by REST, by Ann. */
	rest(method: string, path: string, values: Values = {}): Message {
		return asMessage(
			JSON.parse(this.#facade.request(signedRequest(method, path, values, { nowMs: this.nowMs }), this.nowMs).body),
		);
	}

	/** Straight into the exchange, past the venue. Answers with the order's id. */
	place(accountId: string, side: 'buy' | 'sell', qty: string, price: string, more: object = {}): string {
		const { price: prices, qty: lots } = this.listing;
		const terms = { type: 'limit', timeInForce: 'gtc', priceTicks: prices.count(price), qtyLots: lots.count(qty) } as const;
		const placed = this.exchange.place({ accountId, symbol: BTC, side, ...terms, ...more }, this.nowMs);
		if (placed.kind === 'refused') throw new Error(placed.reason);
		return placed.orderId;
	}

	get listing() {
		const listing = this.exchange.listing(BTC);
		if (listing === undefined) throw new Error('not listed');
		return listing;
	}

	/** Lets time pass in the steps of a carrier. */
	pass(ms: number, stepMs = 10): void {
		for (const untilMs = this.nowMs + ms; this.nowMs < untilMs; ) {
			this.nowMs = Math.min(untilMs, this.nowMs + stepMs);
			this.#facade.tick(this.nowMs);
		}
	}
}

/** Sorted by name. */
function textOf(params: Message, encode: (text: string) => string): string {
	return Object.entries(params)
		.sort(([left], [right]) => (left < right ? -1 : 1))
		.map(([name, value]) => `${name}=${encode(String(value))}`)
		.join('&');
}

function parse(text: string): Message {
	return asMessage(JSON.parse(text));
}

export function asMessage(value: unknown): Message {
	if (typeof value !== 'object' || value === null) throw new Error(`expected an object, found ${JSON.stringify(value)}`);
	return Object.fromEntries(Object.entries(value));
}
