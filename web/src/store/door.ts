/** Questions and actions that are asked once, typed by the API's own table. */
import type { ActionName, ActionParams, ActionResult, QueryAnswer, QueryName, QueryParams } from '../../../src/api/types.ts';
import { isRecord, type Reply, request } from './http.ts';
import { isSessionAlive, session } from './session.ts';

export type ReadResult<Name extends QueryName> =
	| { readonly kind: 'answer'; readonly answer: QueryAnswer<Name> }
	| { readonly kind: 'failed'; readonly sentence: string };

export async function read<Name extends QueryName>(name: Name, params: QueryParams<Name>): Promise<ReadResult<Name>> {
	const given = Object.entries(params).filter(([, value]) => value !== undefined);
	const search = new URLSearchParams(given.map(([key, value]) => [key, String(value)])).toString();
	const reply = await request('GET', `/v1/${name}${search === '' ? '' : `?${search}`}`);
	// The server checks each answer against the schema that this type comes from.
	if (reply.status === 200) return { kind: 'answer', answer: reply.body as QueryAnswer<Name> };
	return { kind: 'failed', sentence: await sentenceOf(reply) };
}

/** A result in any case: whatever went wrong on the way comes as a refusal that says what is known. */
export async function act<Name extends ActionName>(name: Name, params: ActionParams<Name>): Promise<ActionResult> {
	const csrf = session.value.kind === 'in' ? session.value.csrf : '';
	const reply = await request('POST', `/v1/${name}`, { body: params, csrf });
	if (isRecord(reply.body) && (reply.body['kind'] === 'done' || reply.body['kind'] === 'refused')) {
		return reply.body as ActionResult;
	}
	if (reply.status === 0) {
		const sentence = 'No answer came. It may have happened or not: look at the state before you ask again.';
		return { kind: 'refused', code: 'no-answer', sentence };
	}
	return { kind: 'refused', code: codeOf(reply), sentence: await sentenceOf(reply) };
}

async function sentenceOf(reply: Reply): Promise<string> {
	if (reply.status === 0) return 'No engine answers.';
	if (reply.status === 401) await isSessionAlive();
	if (isRecord(reply.body) && typeof reply.body['sentence'] === 'string') return reply.body['sentence'];
	return `The server answered with status ${reply.status}.`;
}

function codeOf({ status, body }: Reply): string {
	return isRecord(body) && typeof body['code'] === 'string' ? body['code'] : `http-${status}`;
}
