/**
 * The login of private sockets: a key, an expiry in the future, and an HMAC over `GET/realtime` and that expiry. Says
 * which key it is or what is wrong; how a socket words the refusal is its own business.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { isAddressOf } from './auth.ts';
import type { BybitKey, BybitVenue } from './venue.ts';

export type LoginFailure = 'malformed' | 'unknown-key' | 'expired' | 'bad-signature' | 'wrong-address';
export type Login =
	| { readonly kind: 'accepted'; readonly key: BybitKey }
	| { readonly kind: 'failed'; readonly reason: LoginFailure };

/** Instants in milliseconds have 13 digits until the year 2286. */
const EXPIRES = /^\d{1,15}$/;

export function verifyWsLogin(
	venue: BybitVenue,
	login: { readonly args: readonly unknown[] | null; readonly remote: string },
	nowMs: number,
): Login {
	const [apiKey, expiresRaw, signature] = login.args ?? [];
	// Some clients send the expiry as a number, some as text; both sign its decimal digits.
	const expires = typeof expiresRaw === 'number' ? String(expiresRaw) : expiresRaw;
	if (typeof apiKey !== 'string' || typeof expires !== 'string' || typeof signature !== 'string') return failed('malformed');
	if (!EXPIRES.test(expires)) return failed('malformed');
	const key = venue.key(apiKey);
	if (key === undefined) return failed('unknown-key');
	if (Number(expires) <= nowMs) return failed('expired');
	if (!sameText(signWsLogin(key.apiSecret, expires), signature)) return failed('bad-signature');
	return isAddressOf(key, login.remote) ? { kind: 'accepted', key } : failed('wrong-address');
}

function signWsLogin(apiSecret: string, expires: string): string {
	return createHmac('sha256', apiSecret).update(`GET/realtime${expires}`).digest('hex');
}

function sameText(expected: string, found: string): boolean {
	const left = Buffer.from(expected);
	const right = Buffer.from(found);
	return left.length === right.length && timingSafeEqual(left, right);
}

function failed(reason: LoginFailure): Login {
	return { kind: 'failed', reason };
}
