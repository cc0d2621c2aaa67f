/** What all faulty parts of one façade share. */
import type { Clock } from '../../ports/clock.ts';
import type { Rng } from '../../ports/rng.ts';
import type { ActiveFaults } from './active-faults.ts';
import type { Dialect } from './dialect.ts';

export interface FaultContext {
	readonly faults: ActiveFaults;
	readonly clock: Clock;
	readonly dialect: Dialect;
}

const TAIL_LENGTHS_MAX = 8;

/** A delay with an exponential tail of mean `tailMs`, cut at eight times that. */
export function delayOf({ delayMs, tailMs }: { readonly delayMs: number; readonly tailMs: number }, rng: Rng): number {
	return tailMs === 0 ? delayMs : delayMs + Math.min(-Math.log(1 - rng.next()), TAIL_LENGTHS_MAX) * tailMs;
}

export function hasEffect(effect: 'either' | 'none' | 'applied', rng: Rng): boolean {
	return effect === 'either' ? rng.next() < 0.5 : effect === 'applied';
}
