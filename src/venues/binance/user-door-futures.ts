/**
 * How futures are made to tell of an account: the address of the connection names a listen key. A key that is not alive
 * opens a connection like any other, on which nothing is ever said; so once it is open the venue is asked for the key that
 * is alive, and only if that is the one in the address the account is heard.
 *
 *   key ─► opened ─► the same key? ─► subscribed ─ every half an hour ─► still the same?
 *                       └ another: connect with that one ◄── expired ──────────┘ another
 */
import { fullJitterMs } from '../../network/reconnect.ts';
import type { Clock, Timer } from '../../ports/clock.ts';
import type { Rng } from '../../ports/rng.ts';
import { openListenKey } from './listen-key.ts';
import type { BinanceRest } from './rest.ts';
import type { UserDoor, UserLine } from './user-socket.ts';
import { eventIn } from './user-words.ts';

export interface FuturesDoorParts {
	readonly clock: Clock;
	readonly rng: Rng;
	/** Of the private streams, without a path. */
	readonly url: string;
	/** Of futures. */
	readonly rest: Pick<BinanceRest, 'ask'>;
	/** There is no key to be had, for people. */
	readonly refused: (message: string) => void;
}

/** All that is used of an account's events; fills come early and without fees beside them unless others are named. */
const EVENTS = 'ORDER_TRADE_UPDATE/ACCOUNT_UPDATE';
/** Half of its life. */
const RENEW_MS = 30 * 60_000;
const RETRY = { baseDelayMs: 500, maxDelayMs: 30_000 };

export class FuturesDoor implements UserDoor {
	readonly #parts: FuturesDoorParts;
	#line: UserLine | undefined;
	#key = '';
	/** In the address of the latest connection. */
	#keyInUse = '';
	/** Questions for an earlier connection are answered to nobody. */
	#era = 0;
	#timer: Timer | undefined;

	constructor(parts: FuturesDoorParts) {
		this.#parts = parts;
	}

	prepare(then: () => void): void {
		this.#ask(this.#nextEra(), then);
	}

	url(): string {
		this.#keyInUse = this.#key;
		return `${this.#parts.url}/ws?listenKey=${this.#key}&events=${EVENTS}`;
	}

	opened(line: UserLine): void {
		this.#line = line;
		this.#confirm(line);
	}

	ended(): void {
		this.#nextEra();
		this.#line = undefined;
	}

	heard(message: unknown): void {
		const line = this.#line;
		const event = eventIn(message);
		if (line === undefined || event?.['e'] !== 'listenKeyExpired') return;
		const { listenKey = this.#keyInUse } = event;
		// Whoever renews a connection may hear of the key before.
		if (listenKey !== this.#keyInUse) return;
		line.muted();
		this.#confirm(line);
	}

	/** Asking for the key that is alive also gives it another hour. */
	#confirm(line: UserLine): void {
		this.#ask(this.#nextEra(), () => {
			if (this.#key !== this.#keyInUse) return line.drop('there is a new listen key');
			line.subscribed();
			this.#renewLater(line);
		});
	}

	#renewLater(line: UserLine): void {
		this.#timer = this.#parts.clock.after(RENEW_MS, () => this.#renew(line));
	}

	/** It may have ended unheard, or the venue is out of reach: what was told until now holds for as long as we do not know. */
	#renew(line: UserLine): void {
		this.#ask(this.#nextEra(), () => {
			if (this.#key === this.#keyInUse) this.#renewLater(line);
			else line.drop('the listen key is another one by now');
		});
	}

	#ask(era: number, then: () => void, failures = 0): void {
		const { clock, rng, rest, refused } = this.#parts;
		openListenKey(rest, (key) => {
			if (era !== this.#era) return;
			if (typeof key === 'string') {
				this.#key = key;
				return then();
			}
			refused(`no listen key: ${key.failed}`);
			this.#timer = clock.after(fullJitterMs(rng, RETRY, failures + 1), () => this.#ask(era, then, failures + 1));
		});
	}

	#nextEra(): number {
		this.#timer?.cancel();
		this.#era += 1;
		return this.#era;
	}
}
