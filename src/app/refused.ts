/** What the engine refuses whoever uses it as a library, with its reason as a sentence. */
import type { ControlResult } from '../engine/control.ts';
import { DENIALS } from '../risk/denial.ts';

export interface Refused {
	readonly kind: 'refused';
	readonly code: Extract<ControlResult, { kind: 'refused' }>['reason'];
	/** The same as a sentence. */
	readonly reason: string;
}

const REASONS = {
	...DENIALS,
	'no-such-order': 'this app has no open order of that id',
	busy: 'an earlier request about it has no answer yet',
	'old-grid': 'the venue has changed its steps since; cancel it and place a new one',
	unchanged: 'it has this price and quantity already',
	'not-paused': 'no pause of yours is in force',
	'gate-is-shut': 'the app is stopping',
	'not-compared': 'limits become wider only after a comparison with the venue that was clean',
	'nothing-latched': 'neither a kill nor reduce-only is in force',
	'still-open': 'orders are still open or on their way',
} satisfies Record<Refused['code'], string>;

export function refusedFor(code: Refused['code']): Refused {
	return { kind: 'refused', code, reason: REASONS[code] };
}
