/** A Bybit venue behind faults, with its exchange in view: for the tests of what befalls orders. Not for anything else. */

import { createHmac } from 'node:crypto';
import { seededRng } from '../../simulation/seeded-rng.ts';
import { VirtualClock } from '../../simulation/virtual-clock.ts';
import { createBybitFacade } from '../bybit/facade.ts';
import { KEY, MAKER, signed } from '../bybit/rest.fixture.ts';
import { BYBIT_OPTIONS, BybitVenue } from '../bybit/venue.ts';
import { Client, type Message, rows } from '../bybit/ws.fixture.ts';
import { PERP, SPOT } from '../core/exchange.fixture.ts';
import type { Exchange } from '../core/exchange.ts';
import { atoms } from '../core/money.ts';
import { ActiveFaults } from './active-faults.ts';
import { BYBIT_DIALECT } from './bybit-dialect.ts';
import { createFaultDesk } from './desk.ts';
import { FaultyExchange } from './faulty-exchange.ts';
import { FaultyFacade } from './faulty-facade.ts';
import { FaultyLine } from './faulty-line.ts';
import { parseJson } from './json.ts';

const START_MS = 1_771_000_000_123;
export const CHANNELS = ['rest', 'ws-trade'] as const;
export type EntryChannel = (typeof CHANNELS)[number];

/** What a client learns of one request. */
export interface Answer {
	readonly kind: 'reply' | 'never' | 'reset';
	readonly retCode: number | undefined;
	readonly result: Message;
	/** Of a batch, the codes of its items. */
	readonly codes: readonly number[];
}

export type EntryScene = ReturnType<typeof entryScene>;

export function entryScene(seed = 1) {
	const clock = new VirtualClock(START_MS);
	const faults = new ActiveFaults({ rng: seededRng(seed), clock });
	const context = { faults, clock, dialect: BYBIT_DIALECT };
	const exchange = new FaultyExchange(
		{ listings: [PERP, { ...SPOT, symbol: 'BTCUSDT.spot', baseCoin: 'BTC', maxOpenOrders: 500 }] },
		context,
	);
	openAccounts(exchange);
	const venue = new BybitVenue({
		exchange,
		symbols: [
			{ category: 'linear', symbol: 'BTCUSDT', exchangeKey: 'BTCUSDT' },
			{ category: 'spot', symbol: 'BTCUSDT', exchangeKey: 'BTCUSDT.spot' },
		],
		options: { ...BYBIT_OPTIONS, limitFactor: Number.POSITIVE_INFINITY },
	});
	for (const key of [KEY, MAKER]) venue.addKey(key);
	const facade = new FaultyFacade(createBybitFacade(venue), context);
	const line = new FaultyLine(facade, context);
	const sockets = new Map<string, Client>();
	let requestCount = 0;

	function socket(path: string): Client {
		const known = sockets.get(path);
		if (known !== undefined && known.closedWith === null) return known;
		const client = new Client();
		const connected = facade.connect({ path, query: '', remote: '127.0.0.1' }, client, clock.wallMs());
		if (connected.kind === 'connected') client.connection = connected.connection;
		sockets.set(path, client);
		const expires = clock.wallMs() + 5_000;
		const signature = createHmac('sha256', KEY.apiSecret).update(`GET/realtime${expires}`).digest('hex');
		tell(client, { op: 'auth', args: [KEY.apiKey, expires, signature] });
		client.take();
		return client;
	}

	const tell = (client: Client, frame: object): void => client.connection?.receive(JSON.stringify(frame), clock.wallMs());

	function overRest(method: 'GET' | 'POST', path: string, text: string): Answer {
		let answer: Answer = answerOf('never');
		line.handle(signed(method, path, text, { nowMs: clock.wallMs() }), clock.wallMs(), (outcome) => {
			answer = outcome.kind === 'reply' ? answerOf('reply', outcome.reply.body) : answerOf(outcome.kind);
		});
		return answer;
	}

	function overSocket(op: string, body: object): Answer {
		const client = socket('/v5/trade');
		requestCount += 1;
		tell(client, { op, reqId: String(requestCount), header: { 'X-BAPI-TIMESTAMP': String(clock.wallMs()) }, args: [body] });
		const [text] = client.texts.splice(0);
		return text === undefined ? answerOf(client.closedWith === null ? 'never' : 'reset') : answerOf('reply', text);
	}

	return {
		clock,
		faults,
		exchange,
		facade,
		desk: createFaultDesk(faults),
		/** Such as `create` or `cancel-batch`. */
		enter: (channel: EntryChannel, verb: string, body: object): Answer =>
			channel === 'rest' ? overRest('POST', `/v5/order/${verb}`, JSON.stringify(body)) : overSocket(`order.${verb}`, body),
		get: (path: string, query = 'category=linear&symbol=BTCUSDT'): Answer => overRest('GET', path, query),
		/** Rows of a private topic since the last call; the first call subscribes. */
		stream(topic: string): Message[] {
			const client = socket('/v5/private');
			const seen = client.take();
			tell(client, { op: 'subscribe', args: [topic] });
			return seen.filter((message) => message['topic'] === topic).flatMap((message) => rows(message));
		},
		open: () => exchange.openOrders('ann'),
		closed: () => exchange.closedOrders('ann', 'BTCUSDT'),
	};
}

function openAccounts(exchange: Exchange): void {
	for (const accountId of ['ann', 'bob']) {
		exchange.openAccount(accountId);
		exchange.deposit(accountId, 'USDT', atoms('500000'), START_MS);
		exchange.deposit(accountId, 'BTC', atoms('10'), START_MS);
	}
	exchange.setMarkPrice('BTCUSDT', 650_000, START_MS);
	exchange.setMarkPrice('BTCUSDT.spot', 6_500_000, START_MS);
}

/** Money and contracts of all accounts and the house: it stands still, whatever happens between them. */
export function totals(exchange: Exchange): Record<string, string> {
	const sums = new Map<string, bigint>();
	const add = (name: string, amount: bigint) => sums.set(name, (sums.get(name) ?? 0n) + amount);
	for (const accountId of exchange.accounts()) {
		for (const { coin, walletAtoms } of exchange.balances(accountId)) add(coin, walletAtoms);
		for (const { symbol, qtyLotsSigned, costAtomsSigned } of exchange.positions(accountId)) {
			add(`contracts ${symbol}`, BigInt(qtyLotsSigned));
			add('USDT', -costAtomsSigned);
		}
	}
	for (const { coin, atoms: amount } of exchange.houseBalances()) add(coin, amount);
	for (const { symbol, qtyLotsSigned, costAtomsSigned } of exchange.housePositions()) {
		add(`contracts ${symbol}`, BigInt(qtyLotsSigned));
		add('USDT', -costAtomsSigned);
	}
	return Object.fromEntries([...sums].map(([name, amount]) => [name, String(amount)]));
}

const ORDER = {
	category: 'linear',
	symbol: 'BTCUSDT',
	side: 'Buy',
	orderType: 'Limit',
	qty: '0.010',
	price: '64990.0',
	timeInForce: 'GTC',
};

export function order(orderLinkId: string, more: object = {}): object {
	return { ...ORDER, orderLinkId, ...more };
}

export function named(orderLinkId: string, more: object = {}): object {
	return { category: 'linear', symbol: 'BTCUSDT', orderLinkId, ...more };
}

function answerOf(kind: Answer['kind'], text = '{}'): Answer {
	const message = recordOf(parseJson(text));
	const retCode = message['retCode'];
	return {
		kind,
		retCode: typeof retCode === 'number' ? retCode : undefined,
		result: recordOf(message['result'] ?? message['data']),
		codes: listIn(message['retExtInfo']).map(({ code }) => Number(code)),
	};
}

export function listIn(value: unknown): Message[] {
	const { list } = recordOf(value);
	return Array.isArray(list) ? list.map(recordOf) : [];
}

function recordOf(value: unknown): Message {
	return typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : {};
}
