/**
 * Text under a passphrase: scrypt makes a key of it, AES-256-GCM seals with that (SEC12). What stands in the open says how
 * it was made and is sealed along, so that nobody can change it unseen. Pure: chance is handed in.
 */
import { createCipheriv, createDecipheriv, scryptSync } from 'node:crypto';
import * as z from 'zod';

/** 128 MiB and some 0.4 s for each guess. */
const SCRYPT = { N: 131_072, r: 8, p: 1 } as const;
/** Twice what it takes: Node's own bound lies below. */
const SCRYPT_MEMORY_MAX = 2 * 128 * SCRYPT.N * SCRYPT.r;
const CIPHER = 'aes-256-gcm';
const KEY_BYTES = 32;
const SALT_BYTES = 16;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** Of what is sealed, in base64. */
const TEXT_MAX = 1_048_576;

export type Chance = (byteCount: number) => Uint8Array;

/** Of a passphrase; works for as long as the salt stays, and tells nobody the passphrase. */
export interface SealingKey {
	readonly salt: Uint8Array;
	readonly bytes: Uint8Array;
}

const bytes = (length: number) =>
	z
		.base64()
		.transform((text) => Buffer.from(text, 'base64'))
		.refine((decoded) => decoded.length === length);

/** Other costs than ours are no version of ours: a file that asks for little or for all memory is not opened. */
const sealedFile = z.strictObject({
	format: z.literal('evenkeel-keystore'),
	version: z.literal(1),
	kdf: z.strictObject({
		name: z.literal('scrypt'),
		N: z.literal(SCRYPT.N),
		r: z.literal(SCRYPT.r),
		p: z.literal(SCRYPT.p),
		salt: bytes(SALT_BYTES),
	}),
	cipher: z.strictObject({ name: z.literal(CIPHER), nonce: bytes(NONCE_BYTES), tag: bytes(TAG_BYTES) }),
	sealed: z.base64().max(TEXT_MAX),
});

export type Opened =
	| { readonly kind: 'open'; readonly text: string; readonly key: SealingKey }
	/** It is no such file. */
	| { readonly kind: 'unreadable' }
	/** The passphrase is another one, or a byte has changed: nobody can tell which. */
	| { readonly kind: 'locked' };

function sealingKey(passphrase: string, salt: Uint8Array): SealingKey {
	const normal = passphrase.normalize('NFKC');
	return { salt, bytes: scryptSync(normal, salt, KEY_BYTES, { ...SCRYPT, maxmem: SCRYPT_MEMORY_MAX }) };
}

export function freshKey(passphrase: string, chance: Chance): SealingKey {
	return sealingKey(passphrase, chance(SALT_BYTES));
}

/** Whether what becomes of it can be opened again. */
export function canBeSealed(text: string): boolean {
	return 4 * Math.ceil(Buffer.byteLength(text) / 3) <= TEXT_MAX;
}

/** Never twice the same: each time under a number of its own. */
export function seal(text: string, key: SealingKey, chance: Chance): string {
	const nonce = chance(NONCE_BYTES);
	const cipher = createCipheriv(CIPHER, key.bytes, nonce);
	const head = headOf(key.salt);
	cipher.setAAD(Buffer.from(JSON.stringify(head)));
	const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
	const about = { name: CIPHER, nonce: base64(nonce), tag: base64(cipher.getAuthTag()) };
	return `${JSON.stringify({ ...head, cipher: about, sealed: base64(sealed) }, undefined, '\t')}\n`;
}

/** With a passphrase, or with the key that was made of it before: a file with another salt is locked to that. */
export function unseal(file: string, by: string | SealingKey): Opened {
	const read = parsed(file);
	if (read === undefined) return { kind: 'unreadable' };
	const { kdf, cipher, sealed } = read;
	if (typeof by !== 'string' && Buffer.compare(by.salt, kdf.salt) !== 0) return { kind: 'locked' };
	const key = typeof by === 'string' ? sealingKey(by, kdf.salt) : by;
	const decipher = createDecipheriv(CIPHER, key.bytes, cipher.nonce, { authTagLength: TAG_BYTES });
	decipher.setAAD(Buffer.from(JSON.stringify(headOf(kdf.salt))));
	decipher.setAuthTag(cipher.tag);
	try {
		const text = Buffer.concat([decipher.update(Buffer.from(sealed, 'base64')), decipher.final()]).toString('utf8');
		return { kind: 'open', text, key };
	} catch {
		return { kind: 'locked' };
	}
}

function headOf(salt: Uint8Array) {
	return { format: 'evenkeel-keystore', version: 1, kdf: { name: 'scrypt', ...SCRYPT, salt: base64(salt) } };
}

function parsed(file: string): z.output<typeof sealedFile> | undefined {
	try {
		const read = sealedFile.safeParse(JSON.parse(file));
		return read.success ? read.data : undefined;
	} catch {
		return undefined;
	}
}

function base64(of: Uint8Array): string {
	return Buffer.from(of).toString('base64');
}
