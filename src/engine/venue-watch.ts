/**
 * How each venue is doing for us: whether its private stream tells of our orders, how far its clock is from ours, whether
 * it has shut us out. What stops quoting goes to the levels, each with a cause and a reason of its own and a way back.
 */
import type { EngineEvent, RateEvent, StreamEvent, VenueClockEvent } from '../domain/event.ts';
import type { MonoMs } from '../domain/units.ts';
import type { VenueCapabilities } from '../domain/venue.ts';
import type { RiskLevels } from '../risk/level.ts';
import type { VenueClock } from './market-state.ts';

/** KL2: deaf for so long is too long; shorter gaps are gaps, and their fills are fetched afterwards. */
const DEAF_MS_MAX = 5_000;
/** A refusal that asks us to stay away for so long is a ban (F53), not a queue. */
const BAN_MS_MIN = 60_000;

/** So many refusals for want of budget, each soon after the last, and quoting pauses. */
const THROTTLES_MAX = 3;
const THROTTLED_FOR_MS = 10_000;
/** PT21: from here on a person is told; what stops creates is a limit. */
const CLOCK_WARN_MS = 250;

type At = Pick<EngineEvent, 'wallMs' | 'monoMs'>;

interface Watched {
	readonly clock: VenueClock;
	deafSinceMono: MonoMs | undefined;
	bannedUntilMono: number;
	throttleCount: number;
	throttledAtMono: number;
}

export class VenueWatch {
	readonly #levels: RiskLevels;
	readonly #confirm: (reason: string, at: At) => void;
	readonly #venues = new Map<string, Watched>();

	/** `confirm` asks for the comparisons that have to be clean before anything is quoted again. */
	constructor(venues: readonly VenueCapabilities[], levels: RiskLevels, confirm: (reason: string, at: At) => void) {
		this.#levels = levels;
		this.#confirm = confirm;
		for (const { venue } of venues) {
			this.#venues.set(venue, {
				clock: { offsetMs: 0 },
				deafSinceMono: undefined,
				bannedUntilMono: Number.NEGATIVE_INFINITY,
				throttleCount: 0,
				throttledAtMono: Number.NEGATIVE_INFINITY,
			});
		}
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

	/** The largest distance of any venue's clock from ours, either way. */
	get clockOffMs(): number {
		let most = 0;
		for (const { clock } of this.#venues.values()) most = Math.max(most, Math.abs(clock.offsetMs));
		return most;
	}

	/** The venue that refuses for want of rate budget, time and again. */
	throttledBy(nowMono: MonoMs): string | undefined {
		for (const [venue, { throttleCount, throttledAtMono }] of this.#venues) {
			if (throttleCount >= THROTTLES_MAX && nowMono - throttledAtMono < THROTTLED_FOR_MS) return venue;
		}
		return undefined;
	}

	/** True where a person should be told: it has just become too far for comfort. */
	applyClock({ venue, offsetMs }: VenueClockEvent): boolean {
		const watched = this.#venues.get(venue);
		if (watched === undefined) return false;
		const wasFar = Math.abs(watched.clock.offsetMs) > CLOCK_WARN_MS;
		watched.clock.offsetMs = offsetMs;
		return !wasFar && Math.abs(offsetMs) > CLOCK_WARN_MS;
	}

	/** Since when we heard nothing of our orders, where the private stream has just come back. */
	applyStream(event: StreamEvent): MonoMs | undefined {
		const { venue, stream, up, monoMs: nowMono } = event;
		const watched = this.#venues.get(venue);
		if (watched === undefined || stream !== 'private') return undefined;
		const { deafSinceMono } = watched;
		if (!up) {
			watched.deafSinceMono = deafSinceMono ?? nowMono;
			return undefined;
		}
		watched.deafSinceMono = undefined;
		this.#lift(`${venue} private stream`, `${venue} told us nothing of our orders for a while`, event);
		return deafSinceMono;
	}

	applyRate({ venue, isRefusal, resetInMs, monoMs: nowMono }: RateEvent): void {
		const watched = this.#venues.get(venue);
		if (!isRefusal || watched === undefined) return;
		watched.throttleCount = nowMono - watched.throttledAtMono < THROTTLED_FOR_MS ? watched.throttleCount + 1 : 1;
		watched.throttledAtMono = nowMono;
		if (resetInMs < BAN_MS_MIN) return;
		watched.bannedUntilMono = Math.max(watched.bannedUntilMono, nowMono + resetInMs);
		const reason = `${venue} has shut us out for ${Math.ceil(resetInMs / 1000)} s`;
		this.#levels.pause(`${venue} ban`, { reason, liftsByItself: false, nowMono });
	}

	applyTime(at: At): void {
		const { monoMs: nowMono } = at;
		this.#levels.applyTime(nowMono);
		for (const [venue, { deafSinceMono, bannedUntilMono }] of this.#venues) {
			if (nowMono >= bannedUntilMono) this.#lift(`${venue} ban`, `${venue} had shut us out`, at);
			if (deafSinceMono === undefined || nowMono - deafSinceMono < DEAF_MS_MAX) continue;
			const reason = `${venue} tells us nothing of our orders`;
			this.#levels.pause(`${venue} private stream`, { reason, liftsByItself: false, nowMono });
		}
	}

	/** What it was paused for is over; now it is found out what we missed. */
	#lift(cause: string, was: string, at: At): void {
		if (this.#levels.resume(cause)) this.#confirm(`comparing with the venue: ${was}`, at);
	}
}
