/** The three tokens of a data folder, made at its first start and the same ever after (SEC2). */
import { join } from 'node:path';
import * as z from 'zod';
import { ROLES, type Role } from '../app/console/contract.ts';
import { systemSecret } from '../network/system-secret.ts';
import { makePrivate, readPrivate } from '../storage/private-file.ts';

export type Tokens = Readonly<Record<Role, string>>;

export type TokensRead =
	| { readonly kind: 'read'; readonly tokens: Tokens }
	| { readonly kind: 'none' }
	| { readonly kind: 'refused'; readonly sentence: string };

/** 256 bits in base64url. */
const token = z.string().regex(/^[\w-]{43}$/);
const file = z.strictObject({ viewer: token, operator: token, admin: token });

export function tokensPath(folder: string): string {
	return join(folder, 'api-tokens.json');
}

export function readTokens(folder: string): TokensRead {
	const path = tokensPath(folder);
	const found = readPrivate(path);
	if (found.kind !== 'read') return found;
	const parsed = file.safeParse(jsonOf(found.text));
	if (parsed.success) return { kind: 'read', tokens: parsed.data };
	// What is wrong in it is not said: it is made of secrets.
	return { kind: 'refused', sentence: `${path} does not hold three tokens: delete it, and the next start makes new ones` };
}

/** Those that are there, or new ones. */
export function openTokens(folder: string): Exclude<TokensRead, { kind: 'none' }> {
	const found = readTokens(folder);
	if (found.kind !== 'none') return found;
	const made = Object.fromEntries(ROLES.map((role) => [role, systemSecret()]));
	makePrivate(tokensPath(folder), `${JSON.stringify(made, null, '\t')}\n`);
	// Somebody else may have been faster, and his are the ones.
	const read = readTokens(folder);
	if (read.kind !== 'none') return read;
	return { kind: 'refused', sentence: `${tokensPath(folder)} went while it was made` };
}

function jsonOf(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
}
