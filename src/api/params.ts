/** What is said along with a question or an action, looked at with the schema of it. */
import type * as z from 'zod';
import { ACTIONS, type ActionName, QUERIES, type QueryName } from '../app/console/contract.ts';
import { API_ERRORS, type ToldError } from './api-error.ts';

export type Params =
	| { readonly kind: 'params'; readonly params: unknown }
	| { readonly kind: 'failed'; readonly error: ToldError };

/** From an address, where all is text, or from the live feed, where numbers are numbers. */
export function paramsOf(name: QueryName, said: Readonly<Record<string, unknown>>): Params {
	const asText = Object.entries(said).map(([key, value]) => [key, isPlain(value) ? String(value) : value]);
	return judged(QUERIES[name].params.safeParse(Object.fromEntries(asText)));
}

export function actionParamsOf(name: ActionName, said: unknown): Params {
	return judged(ACTIONS[name].params.safeParse(said));
}

function isPlain(value: unknown): boolean {
	return typeof value === 'number' || typeof value === 'boolean';
}

const PROBLEMS_TOLD_MAX = 5;

function judged(result: z.ZodSafeParseResult<unknown>): Params {
	if (result.success) return { kind: 'params', params: result.data };
	const problems = result.error.issues.slice(0, PROBLEMS_TOLD_MAX).map(({ path, message }) => {
		const where = path.map(String).join('.').slice(0, 100);
		return where === '' ? message : `${where}: ${message}`;
	});
	return { kind: 'failed', error: { code: 'API_PARAMS', sentence: `${API_ERRORS.API_PARAMS.sentence}: ${problems.join('; ')}` } };
}
