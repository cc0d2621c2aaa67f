/** What a fault may strike, and what it is when it strikes. */
import type { Rng } from '../../ports/rng.ts';
import type { FaultName } from './catalogue.ts';
import type { Channel } from './fault-spec.ts';
import type { ParametersOf } from './plan.ts';

export interface Candidate {
	readonly channel: Channel;
	readonly path: string;
	/** Empty where there is none. */
	readonly operation: string;
	readonly topic: string;
}

/** One strike, or one that is prepared: the parameters, and the dice for what they leave open. */
export interface Strike<Name extends FaultName> {
	readonly parameters: ParametersOf<Name>;
	readonly rng: Rng;
	/** Since the rule's window began. */
	readonly ageMs: number;
	/** To be called when the fault really shows; of what shows later than it was drawn, with where it shows. */
	count(at?: Candidate): void;
}
