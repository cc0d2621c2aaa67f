/**
 * Which requests are heard at all, judged by their head alone and before anything is looked up: whatever a page from
 * elsewhere can make a browser send is refused here (SEC3, SEC4).
 */
import type { IncomingHttpHeaders } from 'node:http';
import type { ApiErrorCode } from './api-error.ts';

export interface RequestHead {
	readonly method: string;
	readonly url: string;
	readonly headers: IncomingHttpHeaders;
	/** Names and values in turn, as they came. */
	readonly rawHeaders: readonly string[];
	readonly isUpgrade: boolean;
}

/** What we are called, in lower case. */
export interface OwnNames {
	/** With their port. */
	readonly hosts: readonly string[];
	readonly origins: readonly string[];
}

export interface NamesOptions {
	readonly host: string;
	readonly port: number;
	readonly isTls: boolean;
	readonly behindProxy: string | undefined;
}

const LOOPBACK_NAMES = ['localhost', '127.0.0.1', '[::1]'];
const ANY_ADDRESS = ['0.0.0.0', '::'];
/** Of headers that decide who is asked and by whom, there is one or none. */
const ONCE = ['host', 'origin', 'authorization', 'cookie', 'content-type', 'x-evenkeel-csrf', 'sec-fetch-site'];

export function namesOf({ host, port, isTls, behindProxy }: NamesOptions): OwnNames {
	const own = host.includes(':') ? `[${host}]` : host;
	const names = ANY_ADDRESS.includes(host) ? LOOPBACK_NAMES : [...LOOPBACK_NAMES, own.toLowerCase()];
	const hosts = [...new Set(names)].map((name) => `${name}:${port}`);
	const scheme = isTls ? 'https' : 'http';
	const origins = hosts.map((each) => `${scheme}://${each}`);
	if (behindProxy === undefined) return { hosts, origins };
	return { hosts: [...hosts, new URL(behindProxy).host], origins: [...origins, behindProxy] };
}

/** Undefined where it may go on. */
export function whyNotHeard(head: RequestHead, own: OwnNames): ApiErrorCode | undefined {
	const { method, url, headers } = head;
	if (!own.hosts.includes((headers.host ?? '').toLowerCase()) || isRepeated(head, 'host')) return 'API_HOST';
	if (ONCE.some((name) => isRepeated(head, name))) return 'API_ADDRESS';
	if (!url.startsWith('/') || url.startsWith('//') || url.includes('\\')) return 'API_ADDRESS';
	if (method !== 'GET' && method !== 'HEAD' && method !== 'POST') return 'API_METHOD';
	if (headers.origin !== undefined && !own.origins.includes(headers.origin)) return 'API_ORIGIN';
	if (!isSiteFine(head)) return 'API_ORIGIN';
	if (method === 'POST' && !isJson(headers['content-type'])) return 'API_TYPE';
	return undefined;
}

/** A link from elsewhere may lead to our page, and brings no cookie along; what that page then asks comes from ourselves. */
function isSiteFine({ method, headers, isUpgrade }: RequestHead): boolean {
	const site = headers['sec-fetch-site'];
	if (site === undefined || site === 'same-origin') return true;
	if (method === 'POST' || isUpgrade) return false;
	return site === 'none' || (headers['sec-fetch-mode'] === 'navigate' && headers['sec-fetch-dest'] === 'document');
}

function isJson(type: string | undefined): boolean {
	return type !== undefined && /^application\/json(\s*;\s*charset="?utf-8"?)?$/i.test(type.trim());
}

/** Node keeps the first or the last of several, by the header; who stands in front of us may have heeded another. */
function isRepeated({ rawHeaders }: RequestHead, name: string): boolean {
	let count = 0;
	for (let index = 0; index < rawHeaders.length; index += 2) if (rawHeaders[index]?.toLowerCase() === name) count++;
	return count > 1;
}
