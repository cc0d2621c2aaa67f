/** Waiting for conditions with a deadline; a test never sleeps for a time that seemed long enough to somebody. */
import { setTimeout as pause } from 'node:timers/promises';

const WITHIN_MS = 10_000;
const LOOK_EVERY_MS = 20;

export interface Patience {
	readonly withinMs?: number;
}

/** Asks until there is an answer other than undefined. */
export async function eventually<T>(
	what: string,
	ask: () => T | undefined | Promise<T | undefined>,
	{ withinMs = WITHIN_MS }: Patience = {},
): Promise<T> {
	const deadlineMs = performance.now() + withinMs;
	for (;;) {
		const answer = await ask();
		if (answer !== undefined) return answer;
		if (performance.now() > deadlineMs) throw new Error(`waited ${withinMs} ms in vain for ${what}`);
		await pause(LOOK_EVERY_MS);
	}
}

/** A promise of somebody else's client, which may hang for good when it is unhappy. */
export async function promptly<T>(what: string, promise: Promise<T>, { withinMs = WITHIN_MS }: Patience = {}): Promise<T> {
	const done = new AbortController();
	const late = pause(withinMs, undefined, { signal: done.signal }).then(
		() => {
			throw new Error(`waited ${withinMs} ms in vain for ${what}`);
		},
		() => undefined as never,
	);
	try {
		return await Promise.race([promise, late]);
	} finally {
		done.abort();
	}
}

/** What a promise of one of the clients was refused with, in whatever form the client chose. */
export async function refusal<T = unknown>(promise: Promise<unknown>): Promise<T> {
	let granted: unknown;
	try {
		granted = await promise;
	} catch (error) {
		return error as T;
	}
	throw new Error(`it was not refused but answered: ${String(granted)}`);
}

/** What came in on a stream, kept, so that a message that was faster than the test is found as well. */
export class Inbox<T> {
	readonly items: T[] = [];
	#failure: Error | undefined;

	push(item: T): void {
		this.items.push(item);
	}

	/** The stream has ended with an error, which is what whoever waits gets. */
	fail(error: unknown): void {
		this.#failure = error instanceof Error ? error : new Error(String(error));
	}

	/** The first item, from the beginning or from an index on, that fits. */
	find(what: string, fits: (item: T) => boolean, { from = 0, ...patience }: Patience & { from?: number } = {}): Promise<T> {
		return eventually(
			what,
			() => {
				const found = this.items.slice(from).find(fits);
				if (found === undefined && this.#failure !== undefined) throw this.#failure;
				return found;
			},
			patience,
		);
	}
}
