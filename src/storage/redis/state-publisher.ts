/**
 * The latest state of things for whoever looks from outside: each under a key of its own, and each change to those who
 * listen to the channel of the same name. Only the newest counts: what has changed twice between two looks is published
 * once, and while Redis is away nothing piles up. When it is back all is published anew. What nobody refreshes goes by
 * itself, so that an engine that has died is not taken for one that lives.
 */
import type { Clock, Timer } from '../../ports/clock.ts';
import type { RedisLink, RedisWire } from './redis-link.ts';

export interface PublisherParts {
	readonly clock: Clock;
	readonly link: RedisLink;
	/** In front of every key. */
	readonly prefix: string;
	/** All that there is to know now, by key; asked every so often, and never while a tick waits. */
	readonly states: () => Iterable<readonly [key: string, state: object]>;
	readonly everyMs: number;
}

/** An engine that has said nothing for so long is gone. */
export const FORGET_AFTER_MS = 30_000;
/** What has not changed is said again, so that it is not forgotten. */
const REFRESH_EVERY_MS = 10_000;
/** Far above any list of symbols; what comes behind is not published. */
const KEYS_MAX = 5_000;

interface Published {
	readonly text: string;
	readonly atMono: number;
}

export class StatePublisher implements AsyncDisposable {
	readonly #parts: PublisherParts;
	readonly #published = new Map<string, Published>();
	readonly #back: Disposable;
	#timer: Timer | undefined;
	#sending: Promise<void> | undefined;
	#isClosed = false;

	constructor(parts: PublisherParts) {
		this.#parts = parts;
		this.#back = parts.link.onBack(() => this.#published.clear());
	}

	/** Call once. */
	start(): void {
		this.#timer = this.#parts.clock.after(this.#parts.everyMs, () => {
			this.start();
			// What is slower than the interval is waited for: then the next states are newer.
			if (!this.#parts.link.mayAnswer) return;
			this.#sending ??= this.#publish().finally(() => {
				this.#sending = undefined;
			});
		});
	}

	async [Symbol.asyncDispose](): Promise<void> {
		if (this.#isClosed) return;
		this.#isClosed = true;
		this.#timer?.cancel();
		this.#back[Symbol.dispose]();
		await this.#sending;
	}

	async #publish(): Promise<void> {
		const nowMono = this.#parts.clock.monotonicMs();
		const changes: { readonly key: string; readonly text: string; readonly isNews: boolean }[] = [];
		for (const [key, state] of this.#parts.states()) {
			const text = JSON.stringify(state);
			const before = this.#published.get(key);
			const isNews = before?.text !== text;
			if (!isNews && nowMono - before.atMono < REFRESH_EVERY_MS) continue;
			if (before === undefined && this.#published.size >= KEYS_MAX) continue;
			this.#published.set(key, { text, atMono: nowMono });
			changes.push({ key: `${this.#parts.prefix}${key}`, text, isNews });
		}
		if (changes.length === 0) return;
		const sent = await this.#parts.link.run((wire) => Promise.all(changes.map((change) => say(wire, change))));
		// Nobody knows what of it arrived.
		if (sent.kind === 'failed') this.#published.clear();
	}
}

async function say(
	wire: RedisWire,
	{ key, text, isNews }: { readonly key: string; readonly text: string; readonly isNews: boolean },
): Promise<void> {
	// One after the other in one go: who hears of a change finds it under the key.
	await Promise.all([wire.set(key, text, FORGET_AFTER_MS), ...(isNews ? [wire.publish(key, text)] : [])]);
}
