/**
 * A lane is one venue and category: commands of one lane and verb can share a call and draw on the same rate budget.
 * Numbered, so that sorting commands into lanes is an array look-up.
 */
import { assert, broken } from '../domain/assert.ts';
import type { Category, Instrument, InstrumentIndex } from '../domain/instrument.ts';
import type { CategoryCapability, VenueCapabilities } from '../domain/venue.ts';

export interface Lane {
	readonly index: number;
	readonly venue: string;
	readonly category: Category;
	readonly capability: CategoryCapability;
}

export class Lanes {
	readonly #venues: readonly VenueCapabilities[];
	readonly #lanes: Lane[] = [];
	readonly #laneOf: Lane[] = [];

	constructor(venues: readonly VenueCapabilities[]) {
		this.#venues = venues;
	}

	follow(instrument: Instrument): Lane {
		const { venue, category } = instrument;
		let lane = this.find(venue, category);
		if (lane === undefined) {
			const capability = this.#venues.find((known) => known.venue === venue)?.categories[category];
			assert(capability !== undefined, `venue ${venue} declares what it can do for ${category}`);
			lane = { index: this.#lanes.length, venue, category, capability };
			this.#lanes.push(lane);
		}
		this.#laneOf[instrument.index] = lane;
		return lane;
	}

	of(instrument: InstrumentIndex): Lane {
		return this.#laneOf[instrument] ?? broken(`instrument ${instrument} is followed before commands on it`);
	}

	/** Undefined where no instrument of ours is in it. */
	find(venue: string, category: Category): Lane | undefined {
		return this.#lanes.find((known) => known.venue === venue && known.category === category);
	}

	get all(): readonly Lane[] {
		return this.#lanes;
	}
}
