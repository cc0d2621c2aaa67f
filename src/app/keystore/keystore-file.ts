/** The keystore as a file of this machine, with the system's chance and time. */
import { dirname } from 'node:path';
import { systemBytes } from '../../network/system-bytes.ts';
import { systemClock } from '../../network/system-clock.ts';
import { type PrivateRead, readPrivate, whyNotPrivate } from '../../storage/private-file.ts';
import { Keystore, type StoredKey } from './keystore.ts';

/** Refused where others could read it, or put another one in its place. Throws a `DiskError`. */
export function readKeystore(path: string): PrivateRead {
	const sentence = whyNotPrivate(dirname(path));
	return sentence === undefined ? readPrivate(path, { isRenewed: false }) : { kind: 'refused', sentence };
}

export function freshKeystore(passphrase: string): Keystore {
	return Keystore.fresh(passphrase, systemBytes);
}

export function underOther(keystore: Keystore, passphrase: string): Keystore {
	return keystore.under(passphrase, systemBytes);
}

/** As of now. Undefined where there is no room for one more. */
export function withKey(keystore: Keystore, key: Omit<StoredKey, 'savedAtMs'>): Keystore | undefined {
	return keystore.with({ ...key, savedAtMs: systemClock().wallMs() });
}

/** As it is to stand in its file. */
export function sealedText(keystore: Keystore): string {
	return keystore.seal(systemBytes);
}
