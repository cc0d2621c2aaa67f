/**
 * Every fault that this box can make happen on the wire, in the network or at the venue, by name. What is not named here
 * cannot be injected.
 */
import { DOOR_FAULTS } from './door-catalogue.ts';
import { ENTRY_FAULTS } from './entry-catalogue.ts';
import type { FaultSpec } from './fault-spec.ts';
import { HAPPENINGS } from './happenings-catalogue.ts';
import { REQUEST_FAULTS } from './request-catalogue.ts';
import { STREAM_FAULTS } from './stream-catalogue.ts';

export const FAULTS = {
	...REQUEST_FAULTS,
	...ENTRY_FAULTS,
	...DOOR_FAULTS,
	...STREAM_FAULTS,
	...HAPPENINGS,
} as const satisfies Record<string, FaultSpec>;

export type FaultName = keyof typeof FAULTS;

export const FAULT_NAMES = Object.keys(FAULTS).filter((name): name is FaultName => isFaultName(name));

export function isFaultName(name: string): name is FaultName {
	return Object.hasOwn(FAULTS, name);
}

/** The same table with its types widened, for code that treats all faults alike. */
export function specOf(name: FaultName): FaultSpec {
	return FAULTS[name];
}
