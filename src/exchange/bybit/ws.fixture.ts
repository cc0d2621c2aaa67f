/** Sockets for tests: a venue with a perpetual and a spot pair of one name, clients that remember what they were sent. */
import { createHmac } from 'node:crypto';
import { NOW_MS, PERP, SPOT } from '../core/exchange.fixture.ts';
import { Exchange } from '../core/exchange.ts';
import type { ListingSpec } from '../core/listing.ts';
import { atoms } from '../core/money.ts';
import type { Connection, Peer } from '../facade.ts';
import { USUAL_RIGHTS } from '../key-rights.ts';
import { runLimited } from './limited-entry.ts';
import { createBybitRest } from './rest.ts';
import { Tapes } from './tape.ts';
import { type BybitKey, type BybitOptions, type BybitSymbol, BybitVenue } from './venue.ts';
import { type BybitSockets, createBybitSockets } from './ws.ts';
import type { RunLimited } from './ws-trade.ts';

export type Message = Readonly<Record<string, unknown>>;

/** Under one name on the venue, under two keys in the exchange. */
const SPOT_SPEC: ListingSpec = { ...SPOT, symbol: 'BTCUSDT.spot', baseCoin: 'BTC', postOnlyCross: 'cancel', maxOpenOrders: 500 };
const SYMBOLS: readonly BybitSymbol[] = [
	{ category: 'linear', symbol: 'BTCUSDT', exchangeKey: 'BTCUSDT' },
	{ category: 'spot', symbol: 'BTCUSDT', exchangeKey: 'BTCUSDT.spot' },
];
const KEYS: readonly BybitKey[] = [
	{ apiKey: 'KEY', apiSecret: 'SECRET', accountId: 'ann', rights: USUAL_RIGHTS },
	{ apiKey: 'READER', apiSecret: 'SECRET', accountId: 'ann', rights: { ...USUAL_RIGHTS, readOnly: true } },
	{ apiKey: 'ELSEWHERE', apiSecret: 'SECRET', accountId: 'ann', rights: { ...USUAL_RIGHTS, addresses: ['203.0.113.7'] } },
	{ apiKey: 'BOB', apiSecret: 'SECRET', accountId: 'bob', rights: USUAL_RIGHTS },
];

export class Client implements Peer {
	readonly texts: string[] = [];
	closedWith: number | null = null;
	connection: Connection | null = null;
	readonly #read: (text: string) => void;

	constructor(read: (text: string) => void = () => {}) {
		this.#read = read;
	}

	send(text: string): void {
		this.texts.push(text);
		this.#read(text);
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
	readonly venue: BybitVenue;
	readonly sockets: BybitSockets;
	readonly rest: ReturnType<typeof createBybitRest>;

	constructor(parts: { readonly options?: BybitOptions; readonly run?: RunLimited; readonly exchange?: Exchange } = {}) {
		const exchange = parts.exchange ?? new Exchange({ listings: [PERP, SPOT_SPEC] });
		for (const accountId of ['ann', 'bob']) {
			exchange.openAccount(accountId);
			exchange.deposit(accountId, 'USDT', atoms('1000000'), NOW_MS);
			exchange.deposit(accountId, 'BTC', atoms('10'), NOW_MS);
		}
		const symbols =
			parts.exchange === undefined
				? SYMBOLS
				: exchange
						.symbols()
						.map((symbol) => ({ category: exchange.listing(symbol)?.kind ?? 'linear', symbol, exchangeKey: symbol }));
		this.venue = new BybitVenue({ exchange, symbols, ...(parts.options === undefined ? {} : { options: parts.options }) });
		for (const key of KEYS) this.venue.addKey(key);
		const tapes = new Tapes(this.venue);
		this.sockets = createBybitSockets(this.venue, tapes, parts.run ?? runLimited);
		this.rest = createBybitRest(this.venue, tapes);
	}

	connect(path: string, more: { readonly query?: string; readonly read?: (text: string) => void } = {}): Client {
		const client = new Client(more.read);
		const connected = this.sockets.connect({ path, query: more.query ?? '', remote: '127.0.0.1' }, client, this.nowMs);
		if (connected.kind === 'refused') throw new Error(`refused with ${connected.status}`);
		client.connection = connected.connection;
		return client;
	}

	/** A socket that is logged in; the answer is already taken. */
	login(path: string, apiKey = 'KEY'): Client {
		const client = this.connect(path);
		this.tell(client, { op: 'auth', args: this.credentials(apiKey) });
		client.take();
		return client;
	}

	credentials(apiKey = 'KEY', secret = 'SECRET'): [string, number, string] {
		const expires = this.nowMs + 5_000;
		return [apiKey, expires, createHmac('sha256', secret).update(`GET/realtime${expires}`).digest('hex')];
	}

	/** Sends a frame and answers with all that came back at once. */
	ask(client: Client, frame: object | string): Message[] {
		this.tell(client, frame);
		return client.take();
	}

	tell(client: Client, frame: object | string): void {
		client.connection?.receive(typeof frame === 'string' ? frame : JSON.stringify(frame), this.nowMs);
	}

	/** The `result` of a public question. */
	look(path: string, query: string): Message {
		const request = { method: 'GET', path, query, headers: {}, body: '', remote: '127.0.0.1' };
		return asMessage(parse(this.rest(request, this.nowMs).body)['result']);
	}

	/** Lets time pass in the steps of a carrier. */
	pass(ms: number): void {
		for (const untilMs = this.nowMs + ms; this.nowMs < untilMs; ) {
			this.nowMs += 10;
			this.sockets.tick(this.nowMs);
		}
	}
}

export function parse(text: string): Message {
	const value: unknown = JSON.parse(text);
	return asMessage(value);
}

/** The rows of a data frame. */
export function rows(message: Message | undefined): Message[] {
	const data = message?.['data'];
	return Array.isArray(data) ? data.map(asMessage) : [];
}

export function asMessage(value: unknown): Message {
	if (typeof value !== 'object' || value === null) throw new Error(`expected an object, found ${JSON.stringify(value)}`);
	return Object.fromEntries(Object.entries(value));
}
