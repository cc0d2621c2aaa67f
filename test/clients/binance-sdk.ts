/** The clients of npm `binance`, as they come from their author, pointed at a box; and how they say no. */
import { MainClient, USDMClient, WebsocketAPIClient, WebsocketClient } from 'binance';
import type { BinanceBox, Keys } from './binance.ts';
import { Inbox } from './wait.ts';

/** A ping every time that fits within a test, so that the answers matter. */
const PING_EVERY_MS = 1_000;

export const quiet = { trace: () => undefined, info: () => undefined, error: () => undefined };

/** What its REST clients throw. */
export interface RestRefusal {
	readonly code: number;
	readonly message: string;
	readonly body: unknown;
	readonly headers: Readonly<Record<string, string>>;
}

/** What its WebSocket API rejects with. */
export interface SocketRefusal {
	readonly status: number;
	readonly error: { readonly code: number; readonly data?: unknown };
}

/** An event, raw as it came, with what the client adds. */
export type Event = Readonly<Record<string, unknown>>;

export function spotRest({ rest, account }: BinanceBox, keys: Keys = account): MainClient {
	return new MainClient({ baseUrl: rest, api_key: keys.apiKey, api_secret: keys.apiSecret });
}

export function futuresRest({ rest, account }: BinanceBox, keys: Keys = account): USDMClient {
	return new USDMClient({ baseUrl: rest, api_key: keys.apiKey, api_secret: keys.apiSecret });
}

/** Its streams: raw events, and what went wrong. Whoever opens them closes them. */
export function streams(
	box: BinanceBox,
	onNote: (note: string) => void = () => undefined,
): { client: WebsocketClient; events: Inbox<Event>; troubles: Inbox<unknown> } {
	const { apiKey: api_key, apiSecret: api_secret } = box.account;
	const restOptions = { baseUrl: box.rest };
	const client = new WebsocketClient(
		{ wsUrl: box.sockets, api_key, api_secret, restOptions, pingInterval: PING_EVERY_MS, reconnectTimeout: 100 },
		{ ...quiet, trace: (note) => onNote(String(note)) },
	);
	return { client, ...listen(client) };
}

/** Orders over the socket. With an Ed25519 key it logs on, with any other it signs each request. */
export function wsApi(
	box: BinanceBox,
	keys: Keys = box.account,
): { api: WebsocketAPIClient; events: Inbox<Event>; troubles: Inbox<unknown> } {
	const api = new WebsocketAPIClient(
		{
			wsUrl: box.sockets,
			api_key: keys.apiKey,
			api_secret: keys.apiSecret,
			attachEventListeners: false,
			muteLatencyWarning: true,
			resubscribeUserDataStreamDelaySeconds: 0,
			pingInterval: PING_EVERY_MS,
			reconnectTimeout: 100,
		},
		quiet,
	);
	box.closeLater(() => api.getWSClient().closeAll(true));
	return { api, ...listen(api.getWSClient()) };
}

function listen(client: WebsocketClient): { events: Inbox<Event>; troubles: Inbox<unknown> } {
	const events = new Inbox<Event>();
	const troubles = new Inbox<unknown>();
	client.on('message', (message) => {
		const event = { ...message } as Event;
		events.push((event['event'] as Event | undefined) ?? event);
	});
	client.on('exception', (trouble) => troubles.push(trouble));
	client.on('reconnecting', ({ wsKey }) => troubles.push(`reconnecting ${wsKey}`));
	return { events, troubles };
}

/** Its types leave out the time that the venue insists on. */
export function stamped<T extends object>(order: T): T & { readonly timestamp: number } {
	return { ...order, timestamp: Date.now() };
}
