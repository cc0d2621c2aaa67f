/** A seed that nobody can foresee, for runs that need not be repeated. */
import { randomInt } from 'node:crypto';

export function systemSeed(): number {
	return randomInt(2 ** 32);
}
