/**
 * A socket that takes orders, as far as venues agree: logged on once where the venue wants that, then many requests at a
 * time, each found again by the id we gave it (pending-requests.ts). Nothing here repeats anything. What is said on it each
 * venue knows for itself.
 *
 *   down ─ opened ─► loggingOn ─ confirmed ─► up ─ told to leave, or too old ─► leaving ─ last answer ─► down, and anew
 *     ▲──────── refused, no answer ─┘          └────────── lost ─────────────────┘
 */
import { monoMs, timeMs } from '../../domain/units.ts';
import type { EventSink } from '../../engine/ports.ts';
import { Session, type SessionParts } from '../../network/session.ts';
import type { Timer } from '../../ports/clock.ts';
import { type PendingRequest, PendingRequests } from './pending-requests.ts';
import type { VenueClock } from './venue-clock.ts';

type SessionBasics = Pick<SessionParts, 'transport' | 'clock' | 'rng' | 'policy' | 'holdMs' | 'turnedAway' | 'heartbeat'>;

export interface OrderSocketParts extends SessionBasics {
	readonly venue: string;
	readonly url: string;
	readonly venueClock: Pick<VenueClock, 'remeasure'>;
	/** From sending to the answer. */
	readonly timeoutMs: number;
	/** Hears when orders can be sent this way, and when no longer. */
	readonly sink: EventSink;
	/** What logs on, made when it is about to be sent; undefined where a socket is up as soon as it is open. */
	readonly logOn: (() => string) | undefined;
	/** Valid until it returns. */
	readonly received: (frame: Uint8Array) => void;
	/** The venue cuts what is older, with whatever is under way (F48). */
	readonly lifeMs?: number;
	/** The socket is dead where so many times in a row nothing was heard since what is given up was sent; never, unless said. */
	readonly silentMax?: number;
}

type SendText = (text: string) => boolean;

const HANDSHAKE_TIMEOUT_MS = 10_000;
const LOG_ON_TIMEOUT_MS = 5_000;

export class OrderSocket<Answer> {
	readonly #parts: OrderSocketParts;
	readonly #session: Session;
	readonly #pending: PendingRequests<Answer>;
	#state: 'down' | 'loggingOn' | 'up' | 'leaving' = 'down';
	#sendText: SendText | undefined;
	#logOnTimer: Timer | undefined;
	#lifeTimer: Timer | undefined;
	#heardAtMono = Number.NEGATIVE_INFINITY;
	/** How often in a row requests were given up, and not a word was heard since the last of them was sent. */
	#silentCount = 0;
	/** A refused log-on may mean that our time was wrong (F46). */
	#distrustsClock = false;

	constructor(parts: OrderSocketParts) {
		this.#parts = parts;
		const { clock, url, timeoutMs } = parts;
		this.#pending = new PendingRequests({ clock, timeoutMs, swept: (sentAtMono) => this.#swept(sentAtMono) });
		this.#session = new Session({
			...parts,
			target: () => ({ url, handshakeTimeoutMs: HANDSHAKE_TIMEOUT_MS }),
			handler: {
				opened: (send) => this.#opened(send),
				received: (frame) => this.#received(frame),
				down: (reason) => this.#down(reason),
				stateChanged: () => {},
			},
		});
	}

	get isUp(): boolean {
		return this.#state === 'up';
	}

	start(): void {
		this.#session.start();
	}

	/** Requests that are still open are heard as lost. */
	stop(): void {
		this.#session.stop();
		this.#pending.stop();
	}

	/** False when nothing was sent; otherwise heard exactly once, never from inside of this call. */
	send(frameOf: (id: string) => string, request: PendingRequest<Answer>): boolean {
		if (this.#state !== 'up' || this.#sendText === undefined || this.#pending.isFull) return false;
		const id = this.#pending.nextId();
		if (!this.#sendText(frameOf(id))) return false;
		this.#pending.add(id, request);
		return true;
	}

	isPending(id: unknown): boolean {
		return this.#pending.find(id) !== undefined;
	}

	/** False where nobody waits for it. */
	answer(id: unknown, answerOf: (mayLandUntilMs: number) => Answer): boolean {
		const request = this.#pending.take(id);
		if (request === undefined) return false;
		request.heard(answerOf(request.mayLandUntilMs));
		this.#dropIfEmpty();
		return true;
	}

	loggedOn(): void {
		if (this.#state !== 'loggingOn') return;
		this.#logOnTimer?.cancel();
		this.#distrustsClock = false;
		this.#rise();
	}

	logOnRefused(reason: string): void {
		if (this.#state !== 'loggingOn') return;
		this.#distrustsClock = true;
		this.#session.drop(reason);
	}

	/** What is under way may end here; nothing new is sent, and then the connection is made anew. */
	leave(): void {
		if (this.#state !== 'up') return;
		this.#state = 'leaving';
		this.#tell(false);
		this.#dropIfEmpty();
	}

	drop(reason: string): void {
		this.#session.drop(reason);
	}

	#opened(send: SendText): void {
		const { clock, venueClock, logOn, lifeMs } = this.#parts;
		this.#sendText = send;
		if (lifeMs !== undefined) this.#lifeTimer = clock.after(lifeMs, () => this.leave());
		if (logOn === undefined) return this.#rise();
		this.#state = 'loggingOn';
		this.#logOnTimer = clock.after(LOG_ON_TIMEOUT_MS, () => this.#session.drop('no answer to the log-on'));
		if (!this.#distrustsClock) return void send(logOn());
		// Whatever became of it meanwhile: what belongs to an opening that is over takes nothing any more.
		venueClock.remeasure(() => void send(logOn()));
	}

	#rise(): void {
		this.#state = 'up';
		this.#tell(true);
	}

	#received(frame: Uint8Array): void {
		this.#heardAtMono = this.#parts.clock.monotonicMs();
		this.#parts.received(frame);
	}

	/** Pongs come from the connection, and not from whoever ought to answer behind it (F44). */
	#swept(sentAtMono: number): void {
		const { silentMax = Number.POSITIVE_INFINITY } = this.#parts;
		this.#silentCount = this.#heardAtMono < sentAtMono ? this.#silentCount + 1 : 0;
		if (this.#state === 'up' && this.#silentCount >= silentMax) this.#session.drop('nothing is answered any more');
		this.#dropIfEmpty();
	}

	#dropIfEmpty(): void {
		if (this.#state === 'leaving' && this.#pending.isEmpty) this.#session.drop('left because the venue wanted it');
	}

	#down(detail: string): void {
		const wasUp = this.#state === 'up';
		this.#state = 'down';
		this.#silentCount = 0;
		this.#sendText = undefined;
		this.#logOnTimer?.cancel();
		this.#lifeTimer?.cancel();
		if (wasUp) this.#tell(false);
		this.#pending.loseAll(detail);
	}

	#tell(up: boolean): void {
		const { venue, clock, sink } = this.#parts;
		const at = { wallMs: timeMs(clock.wallMs()), monoMs: monoMs(clock.monotonicMs()) };
		sink({ kind: 'stream', venue, stream: 'order', up, ...at });
	}
}
