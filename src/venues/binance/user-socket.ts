/**
 * One connection on which a market tells of our account. It is watched, ended and made anew here; how a market is made to
 * tell is the business of its door: spot wants a signed request on the connection, futures a key in the address.
 *
 *   opened ─► the door asks ─► subscribed ─ told no more, cut ─► lost
 *      └────── a day old, or the venue says that it will cut: a second connection takes over
 */
import { Session, type SessionHandler, type SessionState } from '../../network/session.ts';
import type { Timer } from '../../ports/clock.ts';
import type { InstrumentTable } from '../wire/instrument-table.ts';
import type { StreamWatch } from '../wire/stream-note.ts';
import type { Market, PrivateDecoder, PrivateSink } from './codec/frames.ts';
import { createPrivateDecoder } from './codec/scan-private.ts';
import { HANDSHAKE_TIMEOUT_MS, LIFE_MS, type SessionBasics } from './socket-wire.ts';
import { eventIn } from './user-words.ts';

/** What a door may do with the connection that it stands at. */
export interface UserLine {
	send(text: string): boolean;
	/** From here on everything is told to us. */
	subscribed(): void;
	/** Nothing is told any more, though the connection stands. */
	muted(): void;
	/** Of no use: a new one. */
	drop(reason: string): void;
	/** For people; whether to try again is the door's to say. */
	refused(message: string): void;
}

export interface UserDoor {
	/** Before the first connection; calls back when there may be one. */
	prepare(then: () => void): void;
	/** Where to connect to now. */
	url(): string;
	/** Each connection begins anew; the line is of this one alone. */
	opened(line: UserLine): void;
	/** What `opened` began is over, if anything is. */
	ended(): void;
	/** A frame that is no news of the account: an answer, the end of a subscription. */
	heard(message: unknown): void;
}

/** Who is told how the connection is. */
export interface UserSocketOwner {
	connecting(market: Market): void;
	subscribed(market: Market): void;
	lost(market: Market): void;
	/** A frame could not be read. */
	missed(): void;
}

export interface UserSocketParts extends SessionBasics {
	readonly market: Market;
	readonly door: UserDoor;
	readonly table: InstrumentTable;
	/** Hears the news. */
	readonly news: Omit<PrivateSink, 'other'>;
	readonly owner: UserSocketOwner;
	readonly watch: StreamWatch;
}

/** By pings of the protocol: a connection that is half open is found within 5 s (F44). */
const HEARTBEAT = { everyMs: 2_000, deadlineMs: 3_000 };

export class UserSocket implements SessionHandler, PrivateSink {
	readonly #parts: UserSocketParts;
	readonly #session: Session;
	readonly #decoder: PrivateDecoder;
	readonly #name: string;
	/** Counts openings and ends: what belongs to an older one is dropped. */
	#era = 0;
	#lifeTimer: Timer | undefined;
	#isStopped = false;

	constructor(parts: UserSocketParts) {
		const { market, table, door } = parts;
		this.#parts = parts;
		this.#name = `private ${market}`;
		this.#decoder = createPrivateDecoder({ market, instruments: table });
		this.#session = new Session({
			...parts,
			target: () => ({ url: door.url(), handshakeTimeoutMs: HANDSHAKE_TIMEOUT_MS, givesWay: true }),
			heartbeat: HEARTBEAT,
			handler: this,
		});
	}

	start(): void {
		this.#parts.door.prepare(() => {
			if (!this.#isStopped) this.#session.start();
		});
	}

	stop(): void {
		this.#isStopped = true;
		this.#end();
		this.#session.stop();
	}

	opened(send: (text: string) => boolean): void {
		const { market, door, owner, clock } = this.#parts;
		this.#era += 1;
		this.#lifeTimer?.cancel();
		this.#lifeTimer = clock.after(LIFE_MS, () => this.#session.renew());
		owner.connecting(market);
		door.opened(this.#lineOf(send));
	}

	received(frame: Uint8Array): void {
		const decoded = this.#decoder.decode(frame, this);
		if (typeof decoded === 'string') return;
		const { reason, where, instrument } = decoded;
		this.#parts.watch({ kind: 'badFrame', socket: this.#name, reason, where, instrument: instrument?.id });
		this.#parts.owner.missed();
	}

	down(): void {
		this.#end();
	}

	stateChanged(state: SessionState, reason: string): void {
		this.#parts.watch({ kind: 'session', socket: this.#name, state, reason });
	}

	order(...told: Parameters<PrivateSink['order']>): void {
		this.#parts.news.order(...told);
	}

	execution(...told: Parameters<PrivateSink['execution']>): void {
		this.#parts.news.execution(...told);
	}

	fastFill(...told: Parameters<PrivateSink['fastFill']>): void {
		this.#parts.news.fastFill(...told);
	}

	balance(...told: Parameters<PrivateSink['balance']>): void {
		this.#parts.news.balance(...told);
	}

	position(...told: Parameters<PrivateSink['position']>): void {
		this.#parts.news.position(...told);
	}

	unbooked(...told: Parameters<PrivateSink['unbooked']>): void {
		this.#parts.news.unbooked(...told);
	}

	unlisted(): void {
		this.#parts.news.unlisted();
	}

	other(message: unknown): void {
		if (eventIn(message)?.['e'] === 'serverShutdown') this.#session.renew();
		else this.#parts.door.heard(message);
	}

	#lineOf(send: (text: string) => boolean): UserLine {
		const { market, owner, watch } = this.#parts;
		const era = this.#era;
		const isNow = (): boolean => era === this.#era;
		return {
			send,
			subscribed: () => {
				if (isNow()) owner.subscribed(market);
			},
			muted: () => {
				if (isNow()) owner.lost(market);
			},
			drop: (reason) => {
				if (isNow()) this.#session.drop(reason);
			},
			refused: (message) => {
				if (isNow()) watch({ kind: 'loginRefused', message });
			},
		};
	}

	#end(): void {
		this.#era += 1;
		this.#lifeTimer?.cancel();
		this.#parts.door.ended();
		this.#parts.owner.lost(this.#parts.market);
	}
}
