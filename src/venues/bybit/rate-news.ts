/**
 * What answers to orders say of the venue's own count of our requests, as events for the budget. Told before the answer
 * that it came with, so that nobody plans with what was spent (I16). A ban is told once, for everything (F53).
 */
import type { Verb } from '../../domain/command.ts';
import { VERBS } from '../../domain/command.ts';
import type { RateEvent } from '../../domain/event.ts';
import type { Category } from '../../domain/instrument.ts';
import { monoMs, timeMs } from '../../domain/units.ts';
import type { VenueCapabilities } from '../../domain/venue.ts';
import type { EventSink } from '../../engine/ports.ts';
import type { Clock } from '../../ports/clock.ts';
import type { VenueClock } from '../wire/venue-clock.ts';
import type { RestAnswer } from './rest-answer.ts';

export interface RateNewsParts {
	readonly capabilities: VenueCapabilities;
	readonly rest: { banLeftMs(): number };
	readonly venueClock: Pick<VenueClock, 'venueNowMs'>;
	readonly clock: Clock;
	readonly sink: EventSink;
}

type Seen = Pick<RateEvent, 'limit' | 'remaining' | 'resetInMs' | 'isRefusal'>;

/** Where a refusal does not say when to come back. */
const PAUSE_MS = 1_000;

export class RateNews {
	readonly #parts: RateNewsParts;
	#banToldUntilMono = Number.NEGATIVE_INFINITY;

	constructor(parts: RateNewsParts) {
		this.#parts = parts;
	}

	/** `isRefusal`: one command at least was one too many, be it the whole call or an item of it. */
	tell(category: Category, verb: Verb, answer: RestAnswer, isRefusal: boolean): void {
		if (answer.kind === 'refused' && answer.isBan) return this.#tellBan();
		const limits = answer.kind === 'ok' || answer.kind === 'refused' ? answer.limits : undefined;
		if (limits !== undefined) {
			const resetInMs = Math.max(0, limits.resetAtMs - this.#parts.venueClock.venueNowMs());
			this.#tell(category, verb, { limit: limits.limit, remaining: limits.remaining, resetInMs, isRefusal });
		} else if (isRefusal) {
			this.#tell(category, verb, { limit: 0, remaining: 0, resetInMs: PAUSE_MS, isRefusal });
		}
	}

	#tellBan(): void {
		const { rest, clock, capabilities } = this.#parts;
		const nowMono = clock.monotonicMs();
		if (nowMono < this.#banToldUntilMono) return;
		const resetInMs = rest.banLeftMs();
		this.#banToldUntilMono = nowMono + resetInMs;
		for (const category of Object.keys(capabilities.categories) as Category[]) {
			for (const verb of VERBS) this.#tell(category, verb, { limit: 0, remaining: 0, resetInMs, isRefusal: true });
		}
	}

	#tell(category: Category, verb: Verb, seen: Seen): void {
		const { sink, capabilities, clock } = this.#parts;
		const at = { wallMs: timeMs(clock.wallMs()), monoMs: monoMs(clock.monotonicMs()) };
		sink({ kind: 'rate', venue: capabilities.venue, category, verb, ...seen, ...at });
	}
}
