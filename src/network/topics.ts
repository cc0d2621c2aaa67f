/**
 * Upkeep of the subscriptions of one connection: what is wanted against what the venue has confirmed (F45). Nothing
 * counts as subscribed without its word; a request that it does not answer means a new connection, a refused topic is
 * asked for again alone, slower each time, and does not stand in the way of the others.
 *
 *   absent ─ ask ─► asked ─ confirmed ─► held ─ renew ─► leaving ─ confirmed ─► absent, asked again after a while
 *                     └──── refused ───► absent, asked again after a while
 *
 * Knows no venue: requests are encoded, and answers recognised, by whoever owns it.
 */
import type { Clock, Timer } from '../ports/clock.ts';
import type { Rng } from '../ports/rng.ts';
import { fullJitterMs } from './reconnect.ts';

export interface TopicWire {
	subscribe(requestId: string, topics: readonly string[]): string;
	unsubscribe(requestId: string, topics: readonly string[]): string;
	/** Of one request. */
	readonly topicsMax: number;
	readonly charsMax: number;
}

export interface TopicsHandler {
	/** A topic is asked for again on the same connection: what it says from here on is another subscription's. */
	asked(topic: string): void;
	refused(topic: string, message: string): void;
	/** Every wanted topic is held now. */
	completed(): void;
	/** No answer came: nobody knows what is subscribed, so this connection is of no use. */
	unanswered(topics: readonly string[]): void;
}

export interface TopicsParts {
	readonly clock: Clock;
	readonly rng: Rng;
	readonly wire: TopicWire;
	readonly handler: TopicsHandler;
}

/** The venue's answer. Of a request that was refused in part, `held` names what it took all the same. */
export type TopicsAnswer =
	| { readonly kind: 'confirmed' }
	| { readonly kind: 'refused'; readonly message: string; readonly held: readonly string[] };

interface Entry {
	readonly topic: string;
	phase: 'absent' | 'asked' | 'held' | 'leaving';
	/** Refusals and renewals in a row. */
	failures: number;
	heldAtMono: number;
	/** To be renewed as soon as the venue has confirmed it: what came ahead of the confirmation was bad already. */
	isSpoiled: boolean;
	retry: Timer | undefined;
}

interface Request {
	readonly entries: readonly Entry[];
	readonly isLeaving: boolean;
	readonly timer: Timer;
}

const ANSWER_MS_MAX = 5_000;
/** A symbol whose book is asked for again is not quoted meanwhile, so the longest pause is short (I24). */
const RETRY = { baseDelayMs: 500, maxDelayMs: 15_000 };
/** A topic that was held for so long was good: its next failure is the first one in a row. */
const STEADY_MS = 10_000;

export class Topics {
	readonly #parts: TopicsParts;
	readonly #entries = new Map<string, Entry>();
	readonly #requests = new Map<string, Request>();
	#send: ((text: string) => boolean) | undefined;
	#connection = 0;
	#requestCount = 0;
	#isComplete = false;

	constructor(parts: TopicsParts) {
		this.#parts = parts;
	}

	get isConnected(): boolean {
		return this.#send !== undefined;
	}

	get isComplete(): boolean {
		return this.#isComplete;
	}

	isHeld(topic: string): boolean {
		return this.#entries.get(topic)?.phase === 'held';
	}

	/** What is wanted and not confirmed. */
	missing(): string[] {
		return [...this.#entries.values()].filter(({ phase }) => phase !== 'held').map(({ topic }) => topic);
	}

	want(topics: readonly string[]): void {
		const added: Entry[] = [];
		for (const topic of topics) {
			if (this.#entries.has(topic)) continue;
			const entry: Entry = { topic, phase: 'absent', failures: 0, heldAtMono: 0, isSpoiled: false, retry: undefined };
			this.#entries.set(topic, entry);
			added.push(entry);
		}
		if (added.length > 0) this.#isComplete = false;
		this.#ask(added);
	}

	/** A new connection, on which nothing is subscribed yet. */
	connected(send: (text: string) => boolean): void {
		this.disconnected();
		this.#connection += 1;
		this.#send = send;
		this.#ask([...this.#entries.values()]);
	}

	disconnected(): void {
		this.#send = undefined;
		this.#isComplete = false;
		for (const { timer } of this.#requests.values()) timer.cancel();
		this.#requests.clear();
		for (const entry of this.#entries.values()) {
			entry.phase = 'absent';
			entry.isSpoiled = false;
			entry.retry?.cancel();
		}
	}

	/** Says whether the answer was to a request of this connection. */
	applyAnswer(requestId: string, answer: TopicsAnswer): boolean {
		const request = this.#requests.get(requestId);
		if (request === undefined) return false;
		this.#requests.delete(requestId);
		request.timer.cancel();
		const refused: Entry[] = [];
		for (const entry of request.entries) {
			// A refused unsubscription was none to begin with: the topic is not subscribed either way.
			if (request.isLeaving) this.#askLater(entry);
			else if (answer.kind === 'confirmed' || answer.held.includes(entry.topic)) this.#hold(entry);
			else refused.push(entry);
		}
		if (answer.kind === 'refused') this.#refuse(refused, request.entries.length === 1, answer.message);
		this.#judge();
		return true;
	}

	/** What the topic says cannot be believed any more: unsubscribe, and subscribe again after a while. */
	renew(topic: string): void {
		const entry = this.#entries.get(topic);
		if (entry?.phase === 'asked') entry.isSpoiled = true;
		if (entry?.phase !== 'held' || this.#send === undefined) return;
		if (this.#parts.clock.monotonicMs() - entry.heldAtMono >= STEADY_MS) entry.failures = 0;
		entry.failures += 1;
		entry.phase = 'leaving';
		this.#isComplete = false;
		this.#request([entry], true);
	}

	#ask(entries: readonly Entry[]): void {
		if (this.#send === undefined) return;
		for (const chunk of chunksOf(entries, this.#parts.wire)) {
			for (const entry of chunk) entry.phase = 'asked';
			this.#request(chunk, false);
		}
	}

	#request(entries: readonly Entry[], isLeaving: boolean): void {
		const { clock, wire, handler } = this.#parts;
		this.#requestCount += 1;
		const requestId = `${this.#connection}-${this.#requestCount}`;
		const topics = entries.map(({ topic }) => topic);
		// What could not be sent is not answered either: the same end.
		const timer = clock.after(ANSWER_MS_MAX, () => {
			if (this.#requests.delete(requestId)) handler.unanswered(topics);
		});
		this.#requests.set(requestId, { entries, isLeaving, timer });
		this.#send?.(isLeaving ? wire.unsubscribe(requestId, topics) : wire.subscribe(requestId, topics));
	}

	#hold(entry: Entry): void {
		entry.phase = 'held';
		entry.heldAtMono = this.#parts.clock.monotonicMs();
		if (!entry.isSpoiled) return;
		entry.isSpoiled = false;
		this.renew(entry.topic);
	}

	/**
	 * Venues refuse a whole request for one bad topic, so the others are asked for apart from it, and at once: in halves,
	 * since a request for each would be more than some venues take in a second.
	 */
	#refuse(entries: readonly Entry[], wasAlone: boolean, message: string): void {
		if (!wasAlone) {
			const middle = Math.ceil(entries.length / 2);
			for (const half of [entries.slice(0, middle), entries.slice(middle)]) this.#ask(half);
			return;
		}
		for (const entry of entries) {
			entry.failures += 1;
			this.#askLater(entry);
			this.#parts.handler.refused(entry.topic, message);
		}
	}

	#askLater(entry: Entry): void {
		const { clock, rng, handler } = this.#parts;
		entry.phase = 'absent';
		entry.retry = clock.after(fullJitterMs(rng, RETRY, entry.failures), () => {
			handler.asked(entry.topic);
			this.#ask([entry]);
		});
	}

	#judge(): void {
		if (this.#isComplete) return;
		for (const { phase } of this.#entries.values()) if (phase !== 'held') return;
		this.#isComplete = true;
		this.#parts.handler.completed();
	}
}

function* chunksOf(entries: readonly Entry[], { topicsMax, charsMax }: TopicWire): Generator<readonly Entry[]> {
	let chunk: Entry[] = [];
	let chars = 0;
	for (const entry of entries) {
		if (chunk.length > 0 && (chunk.length >= topicsMax || chars + entry.topic.length > charsMax)) {
			yield chunk;
			chunk = [];
			chars = 0;
		}
		chunk.push(entry);
		chars += entry.topic.length;
	}
	if (chunk.length > 0) yield chunk;
}
