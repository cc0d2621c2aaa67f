/**
 * Who sent a signed request, and is it fresh? The signature covers the very characters received, never a parsed and
 * reprinted form. Keys are HMAC keys; the order of the checks is the venue's: key, time, signature, permission.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { HttpRequest } from '../facade.ts';
import { params, Refusal } from './codes.ts';
import type { AnyCategory } from './params.ts';
import type { BybitKey, BybitVenue } from './venue.ts';

const RECV_WINDOW_MS = 5_000;
/** A client's clock may be ahead by less than this. */
const AHEAD_MS = 1_000;
const DIGITS = /^\d{1,15}$/;

const HEADERS_MISSING = new Refusal(10003, 'API key is invalid.');
const KEY_UNKNOWN = new Refusal(10003, 'API key is invalid.');
export const NOT_PERMITTED = new Refusal(10005, 'Permission denied, please check your API key permissions.');
export const WRONG_ADDRESS = new Refusal(10010, 'Unmatched IP, please check your API key bound IP addresses.');

export type Authenticated =
	| { readonly kind: 'known'; readonly key: BybitKey }
	/** Without the headers that every signed request has, it is no business error but an HTTP one. */
	| { readonly kind: 'unsigned'; readonly refusal: Refusal }
	| { readonly kind: 'refused'; readonly refusal: Refusal };

export function authenticate(venue: BybitVenue, request: HttpRequest, nowMs: number): Authenticated {
	const apiKey = request.headers['x-bapi-api-key'];
	const timestamp = request.headers['x-bapi-timestamp'];
	const signature = request.headers['x-bapi-sign'];
	if (!apiKey || !timestamp || !signature) return { kind: 'unsigned', refusal: HEADERS_MISSING };
	const key = venue.key(apiKey);
	if (key === undefined) return { kind: 'refused', refusal: KEY_UNKNOWN };
	const window = request.headers['x-bapi-recv-window'] ?? '';
	const stale = checkTime(timestamp, window, nowMs);
	if (stale !== null) return { kind: 'refused', refusal: stale };
	const payload = `${timestamp}${apiKey}${window}${request.method === 'GET' ? request.query : request.body}`;
	if (!isSignature(key.apiSecret, payload, signature)) {
		return { kind: 'refused', refusal: new Refusal(10004, `error sign! origin_string[${payload}]`) };
	}
	if (!isAddressOf(key, request.remote)) return { kind: 'refused', refusal: WRONG_ADDRESS };
	if (key.rights.readOnly && request.method !== 'GET') return { kind: 'refused', refusal: NOT_PERMITTED };
	return { kind: 'known', key };
}

export function isAddressOf({ rights }: BybitKey, remote: string): boolean {
	return rights.addresses.length === 0 || rights.addresses.includes(remote);
}

export function mayTrade({ rights }: BybitKey, category: AnyCategory): boolean {
	return category === 'spot' ? rights.spot : rights.contracts;
}

/** The rule of REST and of the trade socket: `now - window <= timestamp < now + 1 s`. An empty window is 5 s. */
export function checkTime(timestamp: string, window: string, nowMs: number): Refusal | null {
	if (!DIGITS.test(timestamp)) return params('timestamp invalid');
	if (window !== '' && !DIGITS.test(window)) return params('recv_window invalid');
	const atMs = Number(timestamp);
	const windowMs = window === '' ? RECV_WINDOW_MS : Number(window);
	if (nowMs - windowMs <= atMs && atMs < nowMs + AHEAD_MS) return null;
	return new Refusal(
		10002,
		'invalid request, please check your server timestamp or recv_window param. ' +
			`req_timestamp[${atMs}],server_timestamp[${nowMs}],recv_window[${windowMs}]`,
	);
}

function isSignature(secret: string, payload: string, signature: string): boolean {
	const expected = Buffer.from(createHmac('sha256', secret).update(payload).digest('hex'));
	const found = Buffer.from(signature);
	return found.length === expected.length && timingSafeEqual(found, expected);
}
