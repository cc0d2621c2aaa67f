/**
 * All figures of a session, for whoever scrapes them: the meter that everything is measured with, and what is asked of
 * the engine and its surroundings when somebody looks. Made before the app, since the app is handed the meter.
 */
import type { Exhaustion } from '../../network/transport-limits.ts';
import type { Clock } from '../../ports/clock.ts';
import { PrometheusMeter } from '../../telemetry/prometheus-meter.ts';
import { ProcessWatch } from '../process-figures.ts';
import { alertFigures } from './alert-figures.ts';
import { engineFigures, type FiguredApp, type Worked } from './engine-figures.ts';
import { EventCounts } from './event-counts.ts';
import { type Outside, outsideFigures } from './outside-figures.ts';
import { Tallies } from './tallies.ts';

interface Surroundings extends Pick<Outside, 'transport' | 'outlets' | 'run'> {
	readonly worked: Worked;
	readonly alarm: Parameters<typeof alertFigures>[0];
}

export class Metering implements Disposable {
	readonly meter: PrometheusMeter;
	readonly process: ProcessWatch;
	/** To be told of all that the engine takes and decides. */
	readonly events: EventCounts;
	readonly #clock: Clock;
	readonly #exhausted = new Tallies();

	/** Its own meter unless one is given. */
	constructor(
		clock: Clock,
		meter = new PrometheusMeter({ pause: () => new Promise((resolve) => void clock.after(0, resolve)) }),
	) {
		this.#clock = clock;
		this.meter = meter;
		this.process = new ProcessWatch(clock);
		this.events = new EventCounts({ clock, meter: this.meter });
	}

	hearExhaustion({ pool: { pool } }: Exhaustion): void {
		this.#exhausted.add('poolExhausted', { pool });
	}

	/** From here on all of it is told. */
	watch(app: FiguredApp, around: Surroundings): void {
		this.meter.watch(app.engine);
		this.events.watch(app.instruments);
		// Told as 0 from the beginning.
		for (const { name } of app.venues) this.meter.reconnects(name);
		this.meter.tell(engineFigures(app, { clock: this.#clock, worked: around.worked }));
		this.meter.tell(this.events.tell);
		this.meter.tell(alertFigures(around.alarm));
		this.meter.tell(outsideFigures({ ...around, process: this.process, exhausted: this.#exhausted }));
	}

	[Symbol.dispose](): void {
		this.process[Symbol.dispose]();
	}
}
