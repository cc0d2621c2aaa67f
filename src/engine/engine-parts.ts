/** What an engine is made from: its settings, what it follows, and what was known when it began. */
import type { Instrument, InstrumentIndex } from '../domain/instrument.ts';
import type { OrderIdMark, RunTag } from '../domain/order-id.ts';
import type { MonoMs, TimeMs } from '../domain/units.ts';
import type { VenueCapabilities } from '../domain/venue.ts';
import type { Ranking } from '../execution/selection.ts';
import type { Meter } from '../ports/meter.ts';
import type { Tracer } from '../ports/tracer.ts';
import type { Strategy } from '../strategy/strategy.ts';
import type { Recovered } from './recovery.ts';
import type { EngineSettings, WarmUpSettings } from './settings.ts';

export interface EngineParts {
	readonly settings: EngineSettings;
	readonly venues: readonly VenueCapabilities[];
	readonly instruments: readonly Instrument[];
	/** Which strategy quotes which instruments. */
	readonly quoting: readonly { readonly strategy: Strategy; readonly instruments: readonly InstrumentIndex[] }[];
	readonly runTag: RunTag;
	/** The last order id that an earlier run gave out. */
	readonly lastOrderId: OrderIdMark | undefined;
	readonly startedAtMono: MonoMs;
	/** What the journal knew of earlier runs when this one began. Without it nothing is believed to be left. */
	readonly recovered?: { readonly state: Recovered; readonly atMs: TimeMs } | undefined;
	/** How carefully it begins; at once unless said. */
	readonly warmUp?: WarmUpSettings | undefined;
	/** Who goes first when the rate budget is short; by urgency unless said. For comparisons. */
	readonly ranking?: Ranking;
	/** Written to and never read: what is measured decides nothing. */
	readonly meter?: Meter;
	/** Like the meter. */
	readonly tracer?: Tracer;
}
