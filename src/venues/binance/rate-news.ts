/**
 * What answers to orders say of the venue's own counts, as events for the budget. Told before the answer that they came
 * with, so that nobody plans with what was spent (I16). Orders are counted by account, in two windows; all else by weight and
 * address, which is what cancels draw on. A ban is told once, for everything (F53).
 */
import { VERBS, type Verb } from '../../domain/command.ts';
import type { RateEvent } from '../../domain/event.ts';
import type { Category } from '../../domain/instrument.ts';
import { monoMs, timeMs } from '../../domain/units.ts';
import type { VenueCapabilities } from '../../domain/venue.ts';
import type { EventSink } from '../../engine/ports.ts';
import type { Clock } from '../../ports/clock.ts';
import { ruleName } from './capabilities.ts';
import type { Market } from './codec/frames.ts';
import type { RestAnswer } from './rest-answer.ts';
import type { LimitSeen } from './weights.ts';

export interface RateNewsParts {
	readonly capabilities: VenueCapabilities;
	/** Of every market: a ban is for the address. */
	readonly banLeftMs: () => number;
	readonly clock: Clock;
	readonly sink: EventSink;
}

export interface RateAsked {
	readonly market: Market;
	readonly verb: Verb;
	readonly venueNowMs: number;
}

type Seen = Pick<RateEvent, 'limit' | 'remaining' | 'resetInMs' | 'isRefusal' | 'rule'>;

/** Where a refusal does not say when to come back: until the next of the shorter windows. */
const PAUSE_MS = 10_000;
const TOO_MANY_ORDERS = -1015;
/** A verb that draws on it; what others draw on it too. */
const COUNTED_AS: Record<LimitSeen['kind'], Verb> = { orders: 'place', weight: 'cancel' };

export class RateNews {
	readonly #parts: RateNewsParts;
	#banToldUntilMono = Number.NEGATIVE_INFINITY;

	constructor(parts: RateNewsParts) {
		this.#parts = parts;
	}

	/** `isRefusal`: one command at least was one too many, be it the whole call or an item of it. */
	tell({ market, verb, venueNowMs }: RateAsked, answer: RestAnswer, isRefusal: boolean): void {
		if (answer.kind !== 'ok' && answer.kind !== 'refused') return;
		if (answer.kind === 'refused' && answer.isBan) return this.#tellBan();
		for (const seen of answer.limits) {
			const { kind, limit, used, resetAtMs } = seen;
			const remaining = Math.max(0, limit - used);
			const resetInMs = Math.max(0, resetAtMs - venueNowMs);
			this.#tell(market, COUNTED_AS[kind], { limit, remaining, resetInMs, isRefusal: false, rule: ruleName(seen) });
		}
		if (!isRefusal) return;
		const resetInMs = answer.kind === 'refused' ? (answer.retryAfterMs ?? PAUSE_MS) : PAUSE_MS;
		const isAboutOrders = answer.kind === 'ok' || answer.code === TOO_MANY_ORDERS;
		for (const refused of isAboutOrders ? [verb] : this.#verbsFor(market)) {
			this.#tell(market, refused, { limit: 0, remaining: 0, resetInMs, isRefusal: true });
		}
	}

	/** As few as draw on every window of the market: one that is told twice would count two refusals. */
	#verbsFor(market: Market): readonly Verb[] {
		const open = new Set(this.#parts.capabilities.rateRules.filter(({ categories }) => categories.includes(market)));
		return VERBS.toReversed().filter((verb) => {
			const drawn = [...open].filter(({ verbs }) => verbs.includes(verb));
			for (const rule of drawn) open.delete(rule);
			return drawn.length > 0;
		});
	}

	#tellBan(): void {
		const { banLeftMs, clock, capabilities } = this.#parts;
		const nowMono = clock.monotonicMs();
		if (nowMono < this.#banToldUntilMono) return;
		const resetInMs = banLeftMs();
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
