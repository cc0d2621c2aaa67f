/** A secret that nobody can guess: 256 bits of the system's chance, as text that fits into a header and into an address. */
import { randomBytes } from 'node:crypto';

export function systemSecret(): string {
	return randomBytes(32).toString('base64url');
}
