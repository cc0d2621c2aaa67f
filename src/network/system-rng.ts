/** Real chance, for programs that need not be repeated. */
import type { Rng } from '../ports/rng.ts';

export function systemRng(): Rng {
	const rng: Rng = {
		next: () => Math.random(),
		below: (bound) => Math.floor(Math.random() * bound),
		// There is no seed that streams could share or that one more draw could disturb.
		fork: () => rng,
	};
	return rng;
}
