/** REST requests gone wrong: in the body or the query under a signature that fits, or in everything around them. */
import type { HttpRequest } from '../../src/exchange/facade.ts';
import type { Rng } from '../../src/ports/rng.ts';
import type { FuzzedBox } from './fuzzed-box.ts';
import { mutateJson, mutateQuery, pick, queryOf } from './mutations.ts';
import type { ValidRequest } from './valid-requests.ts';

export interface RestCase {
	readonly request: HttpRequest;
	readonly kinds: readonly string[];
	/** Nobody but its owner may have signed it. */
	readonly isSigned: boolean;
}

export const UNCHANGED = 'unchanged';

type Accident = (request: HttpRequest, rng: Rng, box: FuzzedBox) => HttpRequest;

const METHODS = ['GET', 'POST', 'PUT', 'DELETE', 'HEAD', 'OPTIONS', 'get', 'PATCH', '__proto__', ''] as const;
const HEADERS = ['x-bapi-api-key', 'x-bapi-timestamp', 'x-bapi-recv-window', 'x-bapi-sign', 'content-type'] as const;
const HEADER_VALUES = [
	'',
	' ',
	'0',
	'-1',
	'1e13',
	'NaN',
	'9'.repeat(15),
	'9'.repeat(400),
	'__proto__',
	'constructor',
	'é',
	'x'.repeat(9_000),
];
const SIGNED_HEADERS: ReadonlySet<string> = new Set(['x-bapi-api-key', 'x-bapi-timestamp', 'x-bapi-recv-window', 'x-bapi-sign']);

/** A change that can leave the request in order answers with one that is not; the rest break its signature. */
const UNSIGNED: Readonly<Record<string, Accident>> = {
	'signature wrong': (request, rng) => withHeader(request, 'x-bapi-sign', flipped(request.headers['x-bapi-sign'] ?? '', rng)),
	'header missing': (request, rng) => withHeader(request, pick(rng, HEADERS.slice(0, 3)), undefined),
	'header junk': (request, rng) => withHeader(request, pick(rng, HEADERS.slice(0, 4)), pick(rng, HEADER_VALUES)),
	'payload after signing': (request, rng) => {
		const part = request.method === 'GET' ? 'query' : 'body';
		const at = rng.below(request[part].length + 1);
		return { ...request, [part]: `${request[part].slice(0, at)}0${request[part].slice(at)}` };
	},
	stale: (request, rng, box) => restamped(box, request, pick(rng, [-5_001, -60_000, 1_000, 86_400_000])),
};

const AROUND: Readonly<Record<string, Accident>> = {
	path: (request, rng) => {
		const { path } = request;
		const others = [
			`${path}/`,
			`/${path}`,
			path.toUpperCase(),
			`${path}%20`,
			`${path};a=b`,
			path.slice(0, -1),
			'/',
			'',
			'*',
			'/v5',
		];
		return {
			...request,
			path: pick(rng, [...others, '__proto__', '/v5/order/__proto__', '/v5/../v5/order/create', `/${'a'.repeat(8_000)}`]),
		};
	},
	method: (request, rng) => ({ ...request, method: pick(rng, METHODS) }),
	'body and query': (request, rng) =>
		pick(rng, [
			{ ...request, body: request.body || '{}', query: request.query || 'category=linear' },
			{ ...request, body: request.query, query: request.body },
			{ ...request, body: '', query: '' },
		]),
	'odd headers': (request, rng) => ({ ...request, headers: oddHeaders(request, rng) }),
};

export const AROUND_KINDS: readonly string[] = [...Object.keys(UNSIGNED), ...Object.keys(AROUND)];

export function restCase(box: FuzzedBox, valid: ValidRequest, rng: Rng): RestCase {
	const { method, path } = valid;
	const members = valid.members(box);
	const dice = rng.below(100);
	if (dice < 70) {
		const { text, kinds } = method === 'GET' ? mutateQuery(members, rng) : mutateJson(members, rng);
		return { request: box.signed(method, path, text), kinds, isSigned: true };
	}
	const request = validRequest(box, valid, members);
	if (dice < 74) return { request, kinds: [UNCHANGED], isSigned: true };
	const isSigned = dice >= 88;
	const accidents = isSigned ? AROUND : UNSIGNED;
	const kind = pick(rng, Object.keys(accidents));
	return { request: accidents[kind]?.(request, rng, box) ?? request, kinds: [kind], isSigned };
}

export function validRequest(
	box: FuzzedBox,
	{ method, path }: ValidRequest,
	members: Readonly<Record<string, unknown>>,
): HttpRequest {
	return box.signed(method, path, method === 'GET' ? queryOf(members) : JSON.stringify(members));
}

function withHeader(request: HttpRequest, name: string, value: string | undefined): HttpRequest {
	const others = Object.entries(request.headers).filter(([each]) => each !== name);
	return { ...request, headers: Object.fromEntries(value === undefined ? others : [...others, [name, value]]) };
}

/** Another digit in one place. */
function flipped(signature: string, rng: Rng): string {
	const at = rng.below(signature.length);
	return signature.slice(0, at) + (signature[at] === '0' ? '1' : '0') + signature.slice(at + 1);
}

/** Signed by the owner at another time than it is now. */
function restamped(box: FuzzedBox, request: HttpRequest, offsetMs: number): HttpRequest {
	const { nowMs } = box;
	box.nowMs += offsetMs;
	const signed = box.signed(request.method, request.path, request.method === 'GET' ? request.query : request.body);
	box.nowMs = nowMs;
	return signed;
}

function oddHeaders({ headers }: HttpRequest, rng: Rng): Record<string, string> {
	const odd: Record<string, string> = Object.create(null) as Record<string, string>;
	const kept = rng.below(2) === 0;
	for (const [name, value] of Object.entries(headers)) if (kept || !SIGNED_HEADERS.has(name)) odd[name] = value;
	for (const name of ['__proto__', 'constructor', 'x-forwarded-for', 'cookie', 'referer']) odd[name] = pick(rng, HEADER_VALUES);
	return odd;
}
