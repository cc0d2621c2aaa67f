/**
 * A list of the venue, page by page to its end. Only a whole list proves anything: an error on any page, a cursor that
 * comes again or a list without end is inconclusive, and whoever asked does nothing on it (F31, F32).
 */
import { type TimeMs, timeMs } from '../../domain/units.ts';
import { isObject } from '../wire/plain-values.ts';
import { type BybitRest, READ_POOL } from './rest.ts';

/** How a private read went. `venueAtMs` is the venue's time of the answer. */
export type ReadAnswer =
	| { readonly kind: 'ok'; readonly result: unknown; readonly venueAtMs: TimeMs }
	| { readonly kind: 'failed'; readonly detail: string };

/** A signed GET. Calls back exactly once, never from inside the call; tries again by itself where that can help. */
export type Read = (path: string, params: Readonly<Record<string, string>>, heard: (answer: ReadAnswer) => void) => void;

const READ_TIMEOUT_MS = 5_000;

export function readOf(rest: Pick<BybitRest, 'ask'>): Read {
	const common = { method: 'GET', signed: true, kind: 'read', pool: READ_POOL, timeoutMs: READ_TIMEOUT_MS } as const;
	return (path, params, heard) =>
		rest.ask({ ...common, path, params }, (answer) => {
			if (answer.kind === 'refused') return heard({ kind: 'failed', detail: `refused with ${answer.code}: ${answer.message}` });
			if (answer.kind !== 'ok') return heard({ kind: 'failed', detail: `${answer.kind}: ${answer.detail}` });
			// Without the venue's time an absence proves nothing, since nobody knows when it was.
			if (answer.venueAtMs === undefined) return heard({ kind: 'failed', detail: 'the answer does not say when it was' });
			heard({ kind: 'ok', result: answer.result, venueAtMs: timeMs(answer.venueAtMs) });
		});
}

export interface PagesAsked {
	readonly path: string;
	readonly params: Readonly<Record<string, string>>;
	/** Rows of one page; undefined where the venue has no pages. */
	readonly limit: number | undefined;
}

export type Pages =
	/** `venueAtMs` is that of the first page: what is missing was missing then. */
	| { readonly kind: 'complete'; readonly rows: readonly unknown[]; readonly venueAtMs: TimeMs }
	| { readonly kind: 'inconclusive'; readonly detail: string };

/** 500 open orders a symbol are the venue's own bound; this is far above anything that an account holds (I18). */
const PAGES_MAX = 200;

export function readPages(read: Read, asked: PagesAsked, heard: (pages: Pages) => void): void {
	const rows: unknown[] = [];
	const cursors = new Set<string>();
	let venueAtMs: TimeMs | undefined;
	const ask = (cursor: string): void => {
		const limit = asked.limit === undefined ? {} : { limit: String(asked.limit) };
		const params = { ...asked.params, ...limit, ...(cursor === '' ? {} : { cursor }) };
		read(asked.path, params, (answer) => {
			if (answer.kind === 'failed') return heard(inconclusive(`${asked.path}: ${answer.detail}`));
			venueAtMs ??= answer.venueAtMs;
			const page = readPage(answer.result, asked.params['category']);
			if (page === undefined) return heard(inconclusive(`${asked.path}: unreadable list`));
			rows.push(...page.rows);
			if (page.cursor === '') return heard({ kind: 'complete', rows, venueAtMs });
			if (cursors.has(page.cursor)) return heard(inconclusive(`${asked.path}: the same page again`));
			cursors.add(page.cursor);
			if (cursors.size >= PAGES_MAX) return heard(inconclusive(`${asked.path}: more than ${PAGES_MAX} pages`));
			ask(page.cursor);
		});
	};
	ask('');
}

function readPage(result: unknown, category: string | undefined) {
	if (!isObject(result)) return undefined;
	const { list, nextPageCursor = '', category: told = category } = result;
	if (!Array.isArray(list) || typeof nextPageCursor !== 'string' || told !== category) return undefined;
	return { rows: list as readonly unknown[], cursor: nextPageCursor };
}

function inconclusive(detail: string): Pages {
	return { kind: 'inconclusive', detail };
}
