/**
 * The control façade: state of the exchange as the venue itself knows it, and the levers that no client of a real
 * venue has. JSON over HTTP on a port of its own, with a bearer token. Every refusal says what was found, where, and
 * how to mend it. Pure, as every façade.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { Facade, HttpReply, HttpRequest } from '../facade.ts';
import { ACCOUNT_ROUTES } from './account-routes.ts';
import type { ControlledBox } from './controlled-box.ts';
import { Refusal } from './refusal.ts';
import type { Answer, Route } from './scene.ts';
import { STEERING_ROUTES } from './steering-routes.ts';
import { SYMBOL_ROUTES } from './symbol-routes.ts';
import { TRUTH_ROUTES } from './truth-routes.ts';

const INDEX: Route = {
	method: 'GET',
	path: '/v1',
	about: 'this list',
	run: () => ({ routes: ROUTES.map(({ method, path, about }) => ({ method, path, about })) }),
};
const ROUTES: readonly Route[] = [INDEX, ...TRUTH_ROUTES, ...ACCOUNT_ROUTES, ...SYMBOL_ROUTES, ...STEERING_ROUTES];

export function createControl(box: ControlledBox, options: { readonly token: string }): Facade {
	const expected = digest(`Bearer ${options.token}`);

	function answer(request: HttpRequest, nowMs: number): Answer {
		if (!timingSafeEqual(digest(request.headers['authorization'] ?? ''), expected)) {
			return new Refusal(401, 'send the header "authorization: Bearer <token>" with the token that was printed at the start');
		}
		const matches = ROUTES.map((route) => ({ route, places: match(route.path, request.path) })).filter(
			({ places }) => places !== null,
		);
		const found = matches.find(({ route }) => route.method === request.method);
		if (found === undefined) return lost(request, [...new Set(matches.map(({ route }) => route.method))]);
		return found.route.run({
			box,
			place: (name) => found.places?.get(name) ?? '',
			query: request.query,
			body: request.body,
			nowMs,
		});
	}

	return {
		request: (request, nowMs) => replyOf(answer(request, nowMs)),
		connect: () => ({ kind: 'refused', status: 404, reason: 'the control API has no sockets' }),
		tick: () => {},
	};
}

function lost({ method, path }: HttpRequest, allowed: readonly string[]): Refusal {
	if (allowed.length === 0) return new Refusal(404, `there is no ${path}; GET /v1 lists what there is`);
	return new Refusal(405, `${path} knows no ${method}; it knows ${allowed.join(', ')}`, allowed.join(', '));
}

function replyOf(answer: Answer): HttpReply {
	const headers = { 'content-type': 'application/json', 'cache-control': 'no-store' };
	if (!(answer instanceof Refusal)) return { status: 200, headers, body: JSON.stringify(answer) };
	const { status, message, allow } = answer;
	return {
		status,
		headers: allow === undefined ? headers : { ...headers, allow },
		body: JSON.stringify({ error: message }),
	};
}

/** What stands in the places of a route, or null where the path is another. */
function match(pattern: string, path: string): ReadonlyMap<string, string> | null {
	const wanted = pattern.split('/');
	const given = path.split('/');
	if (wanted.length !== given.length) return null;
	const places = new Map<string, string>();
	for (const [index, part] of wanted.entries()) {
		const found = given[index] ?? '';
		if (part.startsWith(':')) places.set(part.slice(1), decoded(found));
		else if (part !== found) return null;
	}
	return places;
}

/** Percent signs that stand for nothing are left as they are. */
function decoded(part: string): string {
	try {
		return decodeURIComponent(part);
	} catch {
		return part;
	}
}

/** Of equal length whatever was sent. */
function digest(text: string): Buffer {
	return createHash('sha256').update(text).digest();
}
