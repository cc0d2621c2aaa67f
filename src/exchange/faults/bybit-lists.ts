/** Bybit's lists as the faults see them: which requests only look at an account, and how a page of a list is written. */
import type { HttpRequest } from '../facade.ts';
import { isRecord, listOf, parseJson } from './json.ts';

const READS: ReadonlySet<string> = new Set([
	'/v5/order/realtime',
	'/v5/order/history',
	'/v5/execution/list',
	'/v5/position/list',
	'/v5/account/wallet-balance',
]);

export function isRead({ method, path }: HttpRequest): boolean {
	return method === 'GET' && READS.has(path);
}

/** Of the body of a batch, or of its frame; 1 for what is none. */
export function itemCount(text: string): number {
	const value = parseJson(text);
	if (!isRecord(value)) return 1;
	const framed = listOf(value['args'])[0];
	return Math.max(1, listOf((isRecord(framed) ? framed : value)['request']).length);
}

/** '' for a first page. */
export function cursorOf({ query }: HttpRequest): string {
	return new URLSearchParams(query).get('cursor') ?? '';
}

export function withCursor(body: string, cursor: string): string | undefined {
	return withResult(body, (result) => ('nextPageCursor' in result ? { ...result, nextPageCursor: cursor } : undefined));
}

export function emptied(body: string): string | undefined {
	return withResult(body, (result) => {
		if (listOf(result['list']).length === 0) return undefined;
		return { ...result, list: [], ...('nextPageCursor' in result ? { nextPageCursor: '' } : {}) };
	});
}

function withResult(body: string, change: (result: Readonly<Record<string, unknown>>) => object | undefined): string | undefined {
	const reply = parseJson(body);
	const result = isRecord(reply) ? reply['result'] : undefined;
	const changed = isRecord(result) ? change(result) : undefined;
	return changed === undefined || !isRecord(reply) ? undefined : JSON.stringify({ ...reply, result: changed });
}
