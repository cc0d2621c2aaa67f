/**
 * What the engine's thread does for the API: it reads and acts when asked, and makes the text of the answer. Never more
 * than a few milliseconds at a stretch, however much is asked.
 */
import type { ActionName, Actor, Console, QueryName } from '../app/console/contract.ts';
import type { Clock } from '../ports/clock.ts';
import { API_ERRORS } from './api-error.ts';
import { type Acted, type Answer, failed, type Topic } from './link.ts';

export interface EngineSideParts {
	readonly console: Console;
	readonly clock: Clock;
	/** Hears of errors that nobody expected; the client hears only that there was one. */
	readonly onBug: (error: unknown) => void;
}

/** After this long the engine's own work goes first. */
const STRETCH_MS_MAX = 1;
const BUGS_TOLD_MAX = 20;
/** Longer answers are not given: a page cannot use them and everybody pays. */
const TEXT_LENGTH_MAX = 4_000_000;

export class EngineSide {
	readonly #parts: EngineSideParts;
	/** By their text: a page that asks ten times a second is told of once. */
	readonly #bugsTold = new Set<string>();

	constructor(parts: EngineSideParts) {
		this.#parts = parts;
	}

	async read(topics: readonly Topic[]): Promise<readonly Answer[]> {
		const answers: Answer[] = [];
		let sinceMono = this.#parts.clock.monotonicMs();
		for (const topic of topics) {
			if (this.#parts.clock.monotonicMs() - sinceMono >= STRETCH_MS_MAX) {
				await this.#othersFirst();
				sinceMono = this.#parts.clock.monotonicMs();
			}
			answers.push(await this.#answer(topic));
		}
		return answers;
	}

	async act(name: ActionName, params: unknown, actor: Actor): Promise<Acted> {
		try {
			// The other thread has looked at them with the schema of this action.
			return { kind: 'result', result: await this.#parts.console.act(name, params as never, actor) };
		} catch (error) {
			return this.#failure(error);
		}
	}

	async #answer({ name, params }: Topic): Promise<Answer> {
		try {
			const answer: unknown = await this.#parts.console.read<QueryName>(name, params as never);
			const text = JSON.stringify(answer);
			if (text.length <= TEXT_LENGTH_MAX) return { kind: 'text', text };
			return failed('API_PARAMS', 'that is more than fits into an answer: ask for less of it');
		} catch (error) {
			return this.#failure(error);
		}
	}

	#failure(error: unknown): ReturnType<typeof failed> {
		if (error instanceof Error && error.name === 'UnknownSymbol') return failed('API_UNKNOWN_SYMBOL', error.message);
		const text = String(error);
		if (!this.#bugsTold.has(text) && this.#bugsTold.size < BUGS_TOLD_MAX) {
			this.#bugsTold.add(text);
			this.#parts.onBug(error);
		}
		return failed('API_BUG', API_ERRORS.API_BUG.sentence);
	}

	#othersFirst(): Promise<void> {
		return new Promise((resolve) => {
			this.#parts.clock.after(0, resolve);
		});
	}
}
