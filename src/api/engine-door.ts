/** The way from the thread of the API to the engine: each question waits for its answer, and none for ever. */
import type { ActionName, Actor } from '../app/console/contract.ts';
import type { Clock, Timer } from '../ports/clock.ts';
import { API_ERRORS } from './api-error.ts';
import { type Acted, type Answer, type EngineDoor, type EngineHears, failed, type ThreadHears, type Topic } from './link.ts';

/** An engine that takes longer is stuck. */
const READ_MS_MAX = 5_000;
/** Some of what is done waits for the venue. */
const ACT_MS_MAX = 30_000;
/** Beyond this many unanswered questions no more are put: nobody is helped by a longer queue. */
const WAITING_MAX = 200;

interface Waiting {
	readonly timer: Timer;
	answer(said: ThreadHears): void;
}

export class ThreadDoor implements EngineDoor {
	readonly #clock: Clock;
	readonly #post: (said: EngineHears) => void;
	readonly #waiting = new Map<number, Waiting>();
	#lastId = 0;

	constructor(clock: Clock, post: (said: EngineHears) => void) {
		this.#clock = clock;
		this.#post = post;
	}

	read(topics: readonly Topic[]): Promise<readonly Answer[]> {
		const none = (): readonly Answer[] => topics.map(() => failed('API_ENGINE', API_ERRORS.API_ENGINE.sentence));
		// Kill and the like are not to wait because too many look.
		if (this.#waiting.size >= WAITING_MAX) return Promise.resolve(none());
		return this.#ask(
			READ_MS_MAX,
			none,
			(id) => ({ kind: 'read', id, topics }),
			(said) => (said.kind === 'answers' ? said.answers : none()),
		);
	}

	act(name: ActionName, params: unknown, actor: Actor): Promise<Acted> {
		const unproven = (): Acted => failed('API_UNPROVEN', API_ERRORS.API_UNPROVEN.sentence);
		return this.#ask(
			ACT_MS_MAX,
			unproven,
			(id) => ({ kind: 'act', id, name, params, actor }),
			(said) => (said.kind === 'acted' ? said.acted : unproven()),
		);
	}

	hear(said: Exclude<ThreadHears, { kind: 'end' }>): void {
		const waiting = this.#waiting.get(said.id);
		// Its time was over.
		if (waiting === undefined) return;
		this.#waiting.delete(said.id);
		waiting.timer.cancel();
		waiting.answer(said);
	}

	#ask<Value>(
		patienceMs: number,
		late: () => Value,
		question: (id: number) => EngineHears,
		valueOf: (said: ThreadHears) => Value,
	): Promise<Value> {
		const id = ++this.#lastId;
		return new Promise((resolve) => {
			const timer = this.#clock.after(patienceMs, () => {
				this.#waiting.delete(id);
				resolve(late());
			});
			this.#waiting.set(id, { timer, answer: (said) => resolve(valueOf(said)) });
			this.#post(question(id));
		});
	}
}
