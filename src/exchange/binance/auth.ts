/**
 * Who sent a signed request, and is it fresh? A signature covers the very characters received, without the `signature`
 * pair wherever that stood; texts encoded once more are taken too, since some clients sign another encoding than they
 * send. The order of the checks is the venue's: key, time, signature, permission.
 */
import { createHmac, type KeyObject, timingSafeEqual, verify } from 'node:crypto';
import type { HttpRequest } from '../facade.ts';
import type { Params } from './params.ts';
import {
	illegal,
	KEY_FORMAT_WRONG,
	KEY_WRONG,
	missing,
	Refusal,
	SIGNATURE_WRONG,
	TOO_EARLY,
	TOO_LATE,
	WHOLE_RANGE,
	WINDOW_TOO_WIDE,
} from './refusal.ts';
import type { BinanceKey, BinanceMarket, BinanceVenue, KeyProof } from './venue.ts';

const RECV_WINDOW_MS = 5_000;
const RECV_WINDOW_MS_MAX = 60_000;
/** A client's clock may be ahead by less than this. */
const AHEAD_MS = 1_000;
/** Timestamps from here on are microseconds. */
const MICROSECONDS_FROM = 100_000_000_000_000;
const TIMESTAMP = /^\d{1,16}$/;
const RECV_WINDOW = /^\d{1,6}(?:\.\d{1,3})?$/;
const KEY_LENGTH_MAX = 128;

/**
 * What a call needs: nothing; a key in the header (`key`); a key and a signature, to read (`user-data`) or to change
 * something (`trade`).
 */
export type Security = 'none' | 'key' | 'user-data' | 'trade';

export interface Asked {
	readonly venue: BinanceVenue;
	readonly market: BinanceMarket;
	readonly remote: string;
	readonly nowMs: number;
}

/** The key of a REST request, as its security wants it proven. */
export function authenticateRequest(
	asked: Asked,
	security: Exclude<Security, 'none'>,
	request: HttpRequest,
	given: Params,
): BinanceKey | Refusal {
	const key = findKey(asked.venue, request.headers['x-mbx-apikey']);
	if (key instanceof Refusal) return key;
	if (security !== 'key') {
		const signature = given.raw('signature');
		if (signature === undefined) return missing('signature');
		const stale = checkTime(given, asked.nowMs);
		if (stale !== null) return stale;
		if (!isSignedBy(key.proof, textsOf(request), signature)) return SIGNATURE_WRONG;
	}
	return checkRights(asked, key, security) ?? key;
}

/** The key of a frame that names its key and is signed. Its text is made of the sorted parameters, encoded or not. */
export function authenticateFrame(asked: Asked, security: Exclude<Security, 'none'>, given: Params): BinanceKey | Refusal {
	const key = findKey(asked.venue, given.raw('apiKey'));
	if (key instanceof Refusal) return key;
	if (security !== 'key') {
		const signature = given.raw('signature');
		if (signature === undefined) return missing('signature');
		const stale = checkTime(given, asked.nowMs);
		if (stale !== null) return stale;
		const pairs = [...given.entries()].filter(([name]) => name !== 'signature').sort(byName);
		const plain = pairs.map(([name, value]) => `${name}=${value}`).join('&');
		const encoded = pairs.map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`).join('&');
		if (!isSignedBy(key.proof, [plain, encoded], signature)) return SIGNATURE_WRONG;
	}
	return checkRights(asked, key, security) ?? key;
}

/** May this key do it, from there? Also for frames of a session that has logged on. */
export function checkRights({ market, remote }: Asked, { rights }: BinanceKey, security: Security): Refusal | null {
	if (rights.addresses.length > 0 && !rights.addresses.includes(remote)) return KEY_WRONG;
	if (market === 'futures' && !rights.contracts) return KEY_WRONG;
	if (security !== 'trade') return null;
	return rights.readOnly || (market === 'spot' && !rights.spot) ? KEY_WRONG : null;
}

/** `timestamp < now + 1 s` and `now - timestamp <= recvWindow`. */
export function checkTime(given: Params, nowMs: number): Refusal | null {
	const timestamp = given.raw('timestamp');
	if (timestamp === undefined) return missing('timestamp');
	if (!TIMESTAMP.test(timestamp)) return illegal('timestamp', WHOLE_RANGE);
	const window = given.raw('recvWindow');
	if (window !== undefined && !RECV_WINDOW.test(window)) return illegal('recvWindow', WHOLE_RANGE);
	const windowMs = window === undefined ? RECV_WINDOW_MS : Number(window);
	if (windowMs > RECV_WINDOW_MS_MAX) return WINDOW_TOO_WIDE;
	const asWritten = Number(timestamp);
	const atMs = asWritten >= MICROSECONDS_FROM ? asWritten / 1_000 : asWritten;
	if (atMs >= nowMs + AHEAD_MS) return TOO_EARLY;
	return nowMs - atMs > windowMs ? TOO_LATE : null;
}

function findKey(venue: BinanceVenue, apiKey: string | undefined): BinanceKey | Refusal {
	if (apiKey === undefined || apiKey === '' || apiKey.length > KEY_LENGTH_MAX) return KEY_FORMAT_WRONG;
	return venue.key(apiKey) ?? KEY_WRONG;
}

/** What may have been signed: the text as it came, and the same with each pair encoded anew. */
function textsOf({ query, body }: HttpRequest): readonly string[] {
	const parts = [query, body].map((text) => text.split('&').filter((pair) => pair !== '' && !pair.startsWith('signature=')));
	const plain = parts.map((pairs) => pairs.join('&')).join('');
	const encoded = parts.map((pairs) => pairs.map(encodedAnew).join('&')).join('');
	return plain === encoded ? [plain] : [plain, encoded];
}

function encodedAnew(pair: string): string {
	return pair
		.split('=')
		.map((part) => encodeURIComponent(decoded(part.replaceAll('+', ' '))))
		.join('=');
}

function decoded(text: string): string {
	try {
		return decodeURIComponent(text);
	} catch (error) {
		if (error instanceof URIError) return text;
		throw error;
	}
}

function isSignedBy(proof: KeyProof, texts: readonly string[], signature: string): boolean {
	return texts.some((text) =>
		proof.kind === 'hmac' ? isHmacOf(proof.apiSecret, text, signature) : isSignatureOf(proof.publicKey, text, signature),
	);
}

function isHmacOf(apiSecret: string, text: string, signature: string): boolean {
	const expected = Buffer.from(createHmac('sha256', apiSecret).update(text).digest('hex'));
	const found = Buffer.from(signature.toLowerCase());
	return found.length === expected.length && timingSafeEqual(found, expected);
}

/** Ed25519 names no digest, RSA signs one. A `+` that was sent bare has become a blank. */
function isSignatureOf(publicKey: KeyObject, text: string, signature: string): boolean {
	const digest = publicKey.asymmetricKeyType === 'rsa' ? 'sha256' : null;
	return verify(digest, Buffer.from(text), publicKey, Buffer.from(signature.replaceAll(' ', '+'), 'base64'));
}

/** Plain byte order. */
function byName([left]: readonly [string, string], [right]: readonly [string, string]): number {
	return left < right ? -1 : 1;
}
