/**
 * What the page wants to know, and the newest of what it was told: one signal a topic. Frames that arrive between two
 * pictures are laid over each other, so that a page that falls behind skips instead of queueing.
 */
import { batch, type ReadonlySignal, type Signal, signal } from '@preact/signals';
import type { QueryAnswer, QueryName, QueryParams } from '../../../src/api/types.ts';

/** As many as the server watches for one socket. */
export const WATCHED_MAX = 12;

export interface Wish {
	readonly name: string;
	readonly params: object;
}

export interface Topic<Name extends QueryName> {
	/** Undefined until the first answer. Stays as it was when the feed is lost. */
	readonly answer: ReadonlySignal<QueryAnswer<Name> | undefined>;
	/** Why there is no answer. */
	readonly error: ReadonlySignal<string | undefined>;
}

interface Held {
	readonly wish: Wish;
	readonly answer: Signal<unknown>;
	readonly error: Signal<string | undefined>;
	watchers: number;
}

/** What the server says about one topic. */
type News = { readonly kind: 'answer'; readonly answer: unknown } | { readonly kind: 'error'; readonly sentence: string };

export class Topics {
	readonly #held = new Map<string, Held>();
	readonly #news = new Map<string, News>();
	readonly #onWishes: () => void;

	/** @param onWishes is called when what is wanted has changed. */
	constructor(onWishes: () => void = () => {}) {
		this.#onWishes = onWishes;
	}

	/** Call the second part of what comes back when it is no longer looked at. */
	watch<Name extends QueryName>(name: Name, params: QueryParams<Name>): readonly [Topic<Name>, () => void] {
		const key = keyOf(name, params);
		const held = this.#held.get(key) ?? { wish: { name, params }, answer: signal(), error: signal(), watchers: 0 };
		this.#held.set(key, held);
		held.watchers++;
		if (held.watchers === 1) this.#onWishes();
		const drop = (): void => {
			held.watchers--;
			if (held.watchers > 0) return;
			this.#held.delete(key);
			this.#news.delete(key);
			this.#onWishes();
		};
		// The server answers a topic with that topic's view; nobody else writes into its signal.
		return [held as unknown as Topic<Name>, drop];
	}

	wishes(): Wish[] {
		return [...this.#held.values()].slice(0, WATCHED_MAX).map(({ wish }) => wish);
	}

	/** Takes a frame as it came. False: it is none of ours. */
	receive(text: string): boolean {
		const message = parse(text);
		if (message === undefined) return false;
		const key = keyOf(message.name, message.params);
		if (!this.#held.has(key)) return false; // not wanted any more
		this.#news.set(key, message.news);
		return true;
	}

	/** Shows what has come since the last time, all at once. */
	show(): void {
		batch(() => {
			for (const [key, news] of this.#news) {
				const held = this.#held.get(key);
				if (held === undefined) continue;
				if (news.kind === 'answer') held.answer.value = news.answer;
				held.error.value = news.kind === 'error' ? news.sentence : undefined;
			}
		});
		this.#news.clear();
	}
}

/** The server sends params back as it was given them, but may order them anew. */
function keyOf(name: string, params: object): string {
	const sorted = Object.entries(params)
		.filter(([, value]) => value !== undefined)
		.toSorted(([a], [b]) => (a < b ? -1 : 1));
	return `${name} ${JSON.stringify(sorted)}`;
}

function parse(text: string): { name: string; params: object; news: News } | undefined {
	let value: unknown;
	try {
		value = JSON.parse(text);
	} catch {
		return undefined;
	}
	if (typeof value !== 'object' || value === null || !('name' in value) || typeof value.name !== 'string') return undefined;
	const params = 'params' in value && typeof value.params === 'object' && value.params !== null ? value.params : {};
	if ('answer' in value) return { name: value.name, params, news: { kind: 'answer', answer: value.answer } };
	const error: unknown = 'error' in value ? value.error : undefined;
	const sentence =
		typeof error === 'object' && error !== null && 'sentence' in error ? String(error.sentence) : 'The engine gave no answer.';
	return { name: value.name, params, news: { kind: 'error', sentence } };
}
