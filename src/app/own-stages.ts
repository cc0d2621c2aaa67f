/** Stages of whoever uses the engine as a library, beside the engine's own in the same figures. */
import type { Clock } from '../ports/clock.ts';
import type { Timing } from '../ports/meter.ts';
import { timed } from '../ports/timed.ts';
import { LATENCY } from '../telemetry/catalogue.ts';
import { FREE_LABELS, OTHER } from '../telemetry/labels.ts';
import type { PrometheusMeter } from '../telemetry/prometheus-meter.ts';
import { type StageFigures, stagesOf } from '../telemetry/stages.ts';

/** The engine's own, and what stands beside them: whole ticks, waiting for the exchange, and what there is too much of. */
const TAKEN: readonly string[] = [...LATENCY.labels.stage, 'tick', 'exchange', OTHER];
const FORM = 'a small letter, then at most 31 of small letters, digits, _ and -';

export class OwnStages {
	readonly #clock: Clock;
	readonly #meter: PrometheusMeter;

	constructor(clock: Clock, meter: PrometheusMeter) {
		this.#clock = clock;
		this.#meter = meter;
	}

	/** Throws a RangeError on a name that is none, or is taken. */
	timed<Args extends readonly unknown[], R>(name: string, fn: (...args: Args) => R): (...args: Args) => R {
		return timed(this.#clock, this.#timing(name), fn);
	}

	/** All of them, the engine's in front. */
	figures(): readonly StageFigures[] {
		return stagesOf(this.#meter);
	}

	/** The same for Prometheus. */
	async text(): Promise<string> {
		return await this.#meter.text();
	}

	#timing(name: string): Timing {
		if (!TAKEN.includes(name) && FREE_LABELS['the stage'].form.test(name)) return this.#meter.ownStage(name);
		throw new RangeError(`a stage cannot be called '${name}': expected ${FORM}, and none of ${TAKEN.join(', ')}`);
	}
}
