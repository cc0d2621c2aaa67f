/** Who looks at this page: a role of the API, kept by a cookie that scripts cannot read, and a word that proves our page asks. */
import { type ReadonlySignal, signal } from '@preact/signals';
import type { Role } from '../../../src/api/types.ts';
import { isRecord, request } from './http.ts';

export type Session =
	| { readonly kind: 'unknown' }
	| { readonly kind: 'out'; readonly sentence?: string }
	| { readonly kind: 'in'; readonly role: Role; readonly csrf: string };

const current = signal<Session>({ kind: 'unknown' });
export const session: ReadonlySignal<Session> = current;

const ORDER: readonly Role[] = ['viewer', 'operator', 'admin'];

export function mayDo(needed: Role): boolean {
	return current.value.kind === 'in' && ORDER.indexOf(current.value.role) >= ORDER.indexOf(needed);
}

/** Trades the code of a printed link, if the address carries one, and takes it out of the address and the history. */
export async function enter(): Promise<void> {
	const code = /^#code=([\w-]+)$/.exec(location.hash)?.[1];
	if (code === undefined) return resume();
	history.replaceState(null, '', location.pathname);
	await logIn({ code });
}

export async function logIn(proof: { readonly code: string } | { readonly token: string }, asks = request): Promise<void> {
	const reply = await asks('POST', '/v1/login', { body: proof });
	if (!takeSession(reply.status, reply.body)) {
		const sentence = isRecord(reply.body) && typeof reply.body['sentence'] === 'string' ? reply.body['sentence'] : undefined;
		current.value = { kind: 'out', sentence: sentence ?? 'That was not accepted.' };
	}
}

/** A sentence where the session goes on: who leaves a desk has to know. */
export async function logOut(asks = request): Promise<string | undefined> {
	const csrf = current.value.kind === 'in' ? current.value.csrf : '';
	const { status } = await asks('POST', '/v1/logout', { body: {}, csrf });
	if (status !== 200 && status !== 401) {
		const why = status === 0 ? 'no answer came' : `the server answered with status ${status}`;
		return `You are still logged in: ${why}. Try again.`;
	}
	current.value = { kind: 'out' };
	return undefined;
}

/** False where the session is over; a server that cannot be reached ends none. */
export async function isSessionAlive(): Promise<boolean> {
	const reply = await request('GET', '/v1/session');
	if (takeSession(reply.status, reply.body)) return true;
	if (reply.status !== 200 && reply.status !== 401) return true;
	current.value = { kind: 'out', sentence: 'The session has ended, as it does when the engine starts again.' };
	return false;
}

async function resume(): Promise<void> {
	const reply = await request('GET', '/v1/session');
	if (takeSession(reply.status, reply.body)) return;
	current.value = reply.status === 0 ? { kind: 'out', sentence: 'No engine answers at this address.' } : { kind: 'out' };
}

function takeSession(status: number, body: unknown): boolean {
	if (status !== 200 || !isRecord(body)) return false;
	const { role, csrf } = body;
	const known = ORDER.find((each) => each === role);
	if (known === undefined || typeof csrf !== 'string') return false;
	current.value = { kind: 'in', role: known, csrf };
	return true;
}
