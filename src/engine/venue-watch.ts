/**
 * How each venue is doing for us: whether its private stream tells of our orders, how far its clock is from ours, whether
 * it has shut us out. What stops quoting goes to the levels, each with a cause and a reason of its own and a way back.
 */
import type { RateEvent, StreamEvent, VenueClockEvent } from '../domain/event.ts';
import type { MonoMs } from '../domain/units.ts';
import type { VenueCapabilities } from '../domain/venue.ts';
import type { RiskLevels } from '../risk/level.ts';
import type { VenueClock } from './market-state.ts';

/** KL2: deaf for so long is too long; shorter gaps are gaps, and their fills are fetched afterwards. */
const DEAF_MS_MAX = 5_000;
/** A refusal that asks us to stay away for so long is a ban (F53), not a queue. */
const BAN_MS_MIN = 60_000;

interface Watched {
	readonly clock: VenueClock;
	deafSinceMono: MonoMs | undefined;
}

export class VenueWatch {
	readonly #levels: RiskLevels;
	readonly #venues = new Map<string, Watched>();

	constructor(venues: readonly VenueCapabilities[], levels: RiskLevels) {
		this.#levels = levels;
		for (const { venue } of venues) this.#venues.set(venue, { clock: { offsetMs: 0 }, deafSinceMono: undefined });
	}

	clockOf(venue: string): VenueClock {
		const watched = this.#venues.get(venue);
		if (watched === undefined) throw new RangeError(`venue ${venue} is not among those that the engine was given`);
		return watched.clock;
	}

	/** The furthest that any venue's clock is ahead of ours. */
	get offsetMsMax(): number {
		let most = Number.NEGATIVE_INFINITY;
		for (const { clock } of this.#venues.values()) most = Math.max(most, clock.offsetMs);
		return most;
	}

	applyClock({ venue, offsetMs }: VenueClockEvent): void {
		const watched = this.#venues.get(venue);
		if (watched !== undefined) watched.clock.offsetMs = offsetMs;
	}

	/** Since when we heard nothing of our orders, where the private stream has just come back. */
	applyStream({ venue, stream, up, monoMs: nowMono }: StreamEvent): MonoMs | undefined {
		const watched = this.#venues.get(venue);
		if (watched === undefined || stream !== 'private') return undefined;
		const { deafSinceMono } = watched;
		if (!up) {
			watched.deafSinceMono = deafSinceMono ?? nowMono;
			return undefined;
		}
		watched.deafSinceMono = undefined;
		this.#levels.resume(`${venue} private stream`);
		return deafSinceMono;
	}

	applyRate({ venue, isRefusal, resetInMs, monoMs: nowMono }: RateEvent): void {
		if (!isRefusal || resetInMs < BAN_MS_MIN) return;
		const reason = `${venue} has shut us out for ${Math.ceil(resetInMs / 1000)} s`;
		this.#levels.pause(`${venue} ban`, { reason, liftsByItself: true, nowMono, cleanMs: resetInMs });
	}

	applyTime(nowMono: MonoMs): void {
		this.#levels.applyTime(nowMono);
		for (const [venue, { deafSinceMono }] of this.#venues) {
			if (deafSinceMono === undefined || nowMono - deafSinceMono < DEAF_MS_MAX) continue;
			const reason = `${venue} tells us nothing of our orders`;
			this.#levels.pause(`${venue} private stream`, { reason, liftsByItself: false, nowMono });
		}
	}
}
