/** Chance of the system that nobody can guess, for salts and nonces. */
import { randomBytes } from 'node:crypto';

export function systemBytes(count: number): Uint8Array {
	return randomBytes(count);
}
