/**
 * Listen keys as names of streams: whoever names one that is alive hears the events of its account, until the key has
 * expired or was closed. Beside them stand the streams of the market, on every socket.
 */
import type { FuturesDesk } from './futures-desk.ts';
import type { FuturesUserData, UserListener } from './futures-user-data.ts';
import { listenKeyExpired } from './futures-user-views.ts';
import { printJson } from './numbers.ts';
import { Frame, type StreamListener, type Streams } from './ws-control.ts';

/** What a key may look like; one that is not alive is taken, and silent. */
const LISTEN_KEY = /^[A-Za-z0-9]{40,128}$/;

interface Channel {
	readonly accountId: string;
	readonly listeners: Set<StreamListener>;
	readonly onUserData: UserListener;
}

export class ListenStreams implements Streams {
	readonly #desk: FuturesDesk;
	readonly #userData: FuturesUserData;
	readonly #channels = new Map<string, Channel>();

	constructor(desk: FuturesDesk, userData: FuturesUserData) {
		this.#desk = desk;
		this.#userData = userData;
		desk.listenKeys.onExpired((listenKey, _accountId, nowMs) => {
			this.#say(listenKey, printJson(listenKeyExpired(listenKey, nowMs)));
		});
	}

	find(name: string): 'stream' | 'silent' | 'malformed' {
		if (this.#channels.has(name) || this.#desk.listenKeys.accountOf(name) !== undefined) return 'stream';
		return LISTEN_KEY.test(name) ? 'silent' : 'malformed';
	}

	join(name: string, listener: StreamListener): void {
		const channel = this.#channels.get(name) ?? this.#open(name);
		channel?.listeners.add(listener);
	}

	leave(name: string, listener: StreamListener): void {
		const channel = this.#channels.get(name);
		if (channel === undefined) return;
		channel.listeners.delete(listener);
		if (channel.listeners.size > 0) return;
		this.#channels.delete(name);
		this.#userData.leave(channel.accountId, channel.onUserData);
	}

	#open(listenKey: string): Channel | null {
		const accountId = this.#desk.listenKeys.accountOf(listenKey);
		if (accountId === undefined) return null;
		const onUserData: UserListener = {
			hear: (text) => {
				if (this.#desk.listenKeys.accountOf(listenKey) === accountId) this.#say(listenKey, text);
			},
		};
		const channel = { accountId, listeners: new Set<StreamListener>(), onUserData };
		this.#channels.set(listenKey, channel);
		this.#userData.join(accountId, onUserData);
		return channel;
	}

	#say(listenKey: string, text: string): void {
		const channel = this.#channels.get(listenKey);
		if (channel === undefined) return;
		const frame = new Frame(listenKey, text);
		for (const listener of channel.listeners) listener.hear(frame);
	}
}

/** Of an account's events only those that an address names; that its key has expired is told in any case. */
export class ChosenEvents implements Streams {
	readonly #streams: Streams;
	readonly #heads: readonly string[];
	/** By name: one socket listens. */
	readonly #filters = new Map<string, StreamListener>();

	constructor(streams: Streams, events: readonly string[]) {
		this.#streams = streams;
		this.#heads = [...events, 'listenKeyExpired'].map((event) => `{"e":${JSON.stringify(event)},`);
	}

	find(name: string): 'stream' | 'silent' | 'malformed' {
		return this.#streams.find(name);
	}

	join(name: string, listener: StreamListener, nowMs: number): void {
		const filter: StreamListener = {
			hear: (frame) => {
				if (!LISTEN_KEY.test(name) || this.#heads.some((head) => frame.bare.startsWith(head))) listener.hear(frame);
			},
		};
		this.#filters.set(name, filter);
		this.#streams.join(name, filter, nowMs);
	}

	leave(name: string): void {
		const filter = this.#filters.get(name);
		if (filter !== undefined) this.#streams.leave(name, filter);
		this.#filters.delete(name);
	}
}

/** All that can be heard of futures: keys by what they look like, the rest by the market. */
export class FuturesStreams implements Streams {
	readonly #keys: ListenStreams;
	readonly #market: Streams;

	constructor(keys: ListenStreams, market: Streams) {
		this.#keys = keys;
		this.#market = market;
	}

	find(name: string): 'stream' | 'silent' | 'malformed' {
		return this.#of(name).find(name);
	}

	join(name: string, listener: StreamListener, nowMs: number): void {
		this.#of(name).join(name, listener, nowMs);
	}

	leave(name: string, listener: StreamListener): void {
		this.#of(name).leave(name, listener);
	}

	#of(name: string): Streams {
		return LISTEN_KEY.test(name) ? this.#keys : this.#market;
	}
}
