/**
 * The venue's time, kept on our monotonic clock: neither a wall clock that jumps nor one that is wrong disturbs what we
 * sign with (F56, F57). A round is five questions; the median of "their time minus the middle of ours" counts, half a
 * round trip is its error. A round is made every minute, at once after a refusal for the clock, and whenever an ordinary
 * answer shows that the estimate cannot be right. Until the first round has ended our own wall clock has to do.
 */
import type { VenueClockEvent } from '../../domain/event.ts';
import { monoMs, timeMs } from '../../domain/units.ts';
import type { Clock, Timer } from '../../ports/clock.ts';

/** One question after the venue's time; `undefined` where no answer came. */
export type AskVenueTime = (heard: (venueAtMs: number | undefined) => void) => void;

export interface VenueClockParts {
	readonly venue: string;
	readonly clock: Clock;
	/** Told when the offset between the venue's clock and our wall clock was measured, or has changed by a jump of ours. */
	readonly sink: (event: VenueClockEvent) => void;
}

interface Sample {
	/** Venue time minus monotonic time. */
	readonly baseMs: number;
	readonly errorMs: number;
}

const SAMPLES = 5;
const EVERY_MS = 60_000;
/** So far apart that creates stop or are about to (PT21): whoever waits for that to pass should not wait a minute. */
const FAR_OFF_MS = 250;
const EVERY_MS_FAR_OFF = 10_000;
/** How soon a jump of our own wall clock is noticed without anybody's answer. */
const JUMP_LOOK_MS = 1_000;
/** A round with fewer answers proves too little, and is made again soon. */
const SAMPLES_MIN = 3;
const AGAIN_MS = 5_000;
/** An ordinary answer may contradict the estimate by so much before a new round is made. */
const CONTRADICTION_MS = 50;
/** After a round that contradictions asked for, none asks for the next one for so long. */
const CONTRADICTION_EVERY_MS = 5_000;

export class VenueClock {
	readonly #venue: string;
	readonly #clock: Clock;
	readonly #sink: (event: VenueClockEvent) => void;
	#ask: AskVenueTime | undefined;
	#estimate: Sample | undefined;
	#toldOffsetMs: number | undefined;
	#timer: Timer | undefined;
	#lookTimer: Timer | undefined;
	#isMeasuring = false;
	#measuredAtMono = Number.NEGATIVE_INFINITY;
	/** Rounds that were given up belong to nobody. */
	#round = 0;
	#waiting: ((isMeasured: boolean) => void)[] = [];

	constructor({ venue, clock, sink }: VenueClockParts) {
		this.#venue = venue;
		this.#clock = clock;
		this.#sink = sink;
	}

	/** Whole milliseconds: what requests are stamped with. */
	venueNowMs(): number {
		if (this.#estimate === undefined) return this.#clock.wallMs();
		return Math.floor(this.#clock.monotonicMs() + this.#estimate.baseMs);
	}

	/** How far the venue's clock is ahead of our wall clock. */
	get offsetMs(): number {
		// Both are cut to whole milliseconds, so that equal clocks agree.
		return this.venueNowMs() - this.#clock.wallMs();
	}

	/** How wrong the offset may be; without bound before the first round. */
	get errorMs(): number {
		return this.#estimate?.errorMs ?? Number.POSITIVE_INFINITY;
	}

	get isMeasured(): boolean {
		return this.#estimate !== undefined;
	}

	/** Measures now and from then on every minute, until `stop`. */
	start(ask: AskVenueTime): void {
		this.#ask = ask;
		this.remeasure();
		this.#lookLater();
	}

	stop(): void {
		this.#ask = undefined;
		this.#round += 1;
		this.#isMeasuring = false;
		this.#timer?.cancel();
		this.#lookTimer?.cancel();
		this.#tellWaiting(false);
	}

	/** Whoever asks during a round is told at its end. Never answers from inside the call. */
	remeasure(told?: (isMeasured: boolean) => void): void {
		const ask = this.#ask;
		if (ask === undefined) {
			if (told !== undefined) this.#clock.after(0, () => told(false));
			return;
		}
		if (told !== undefined) this.#waiting.push(told);
		if (this.#isMeasuring) return;
		this.#isMeasuring = true;
		this.#timer?.cancel();
		this.#round += 1;
		this.#askNext(ask, { round: this.#round, left: SAMPLES, samples: [] });
	}

	/**
	 * Any answer that bears the venue's time: it was written between our two moments, so it may contradict the estimate.
	 * It does not improve it, since work on the venue's side makes such answers late in one direction.
	 */
	witness(sentAtMono: number, heardAtMono: number, venueAtMs: number): void {
		const estimate = this.#estimate;
		if (estimate === undefined) return;
		const baseMsMin = venueAtMs - heardAtMono - CONTRADICTION_MS;
		const baseMsMax = venueAtMs + 1 - sentAtMono + CONTRADICTION_MS;
		const isContradicted = estimate.baseMs < baseMsMin || estimate.baseMs > baseMsMax;
		if (isContradicted && heardAtMono - this.#measuredAtMono >= CONTRADICTION_EVERY_MS) this.remeasure();
	}

	/** The ages of what the venue pushes are told from this offset: a jump of ours must not make everything old (F57). */
	#lookLater(): void {
		this.#lookTimer?.cancel();
		this.#lookTimer = this.#clock.after(JUMP_LOOK_MS, () => {
			if (this.#toldOffsetMs !== undefined && Math.abs(this.offsetMs - this.#toldOffsetMs) > CONTRADICTION_MS) this.#tell();
			this.#lookLater();
		});
	}

	#askNext(ask: AskVenueTime, progress: { readonly round: number; readonly left: number; readonly samples: Sample[] }): void {
		const { round, left, samples } = progress;
		const sentAtMono = this.#clock.monotonicMs();
		ask((venueAtMs) => {
			if (round !== this.#round) return;
			if (venueAtMs !== undefined) {
				const heardAtMono = this.#clock.monotonicMs();
				// Their time is cut to whole milliseconds, so on average it is half of one later.
				const baseMs = venueAtMs + 0.5 - (sentAtMono + heardAtMono) / 2;
				samples.push({ baseMs, errorMs: (heardAtMono - sentAtMono) / 2 + 0.5 });
			}
			if (left > 1) this.#askNext(ask, { round, left: left - 1, samples });
			else this.#end(samples);
		});
	}

	#end(samples: readonly Sample[]): void {
		this.#isMeasuring = false;
		const isEnough = samples.length >= SAMPLES_MIN;
		if (isEnough) {
			this.#estimate = medianOf(samples);
			this.#measuredAtMono = this.#clock.monotonicMs();
			this.#tell();
		}
		const everyMs = Math.abs(this.offsetMs) > FAR_OFF_MS ? EVERY_MS_FAR_OFF : EVERY_MS;
		this.#timer = this.#clock.after(isEnough ? everyMs : AGAIN_MS, () => this.remeasure());
		this.#tellWaiting(isEnough);
	}

	#tell(): void {
		const { offsetMs } = this;
		this.#toldOffsetMs = offsetMs;
		this.#sink({
			kind: 'venueClock',
			venue: this.#venue,
			offsetMs,
			wallMs: timeMs(this.#clock.wallMs()),
			monoMs: monoMs(this.#clock.monotonicMs()),
		});
	}

	#tellWaiting(isMeasured: boolean): void {
		const waiting = this.#waiting;
		this.#waiting = [];
		for (const told of waiting) told(isMeasured);
	}
}

function medianOf(samples: readonly Sample[]): Sample | undefined {
	const sorted = [...samples].sort((a, b) => a.baseMs - b.baseMs);
	return sorted[Math.floor(sorted.length / 2)];
}
