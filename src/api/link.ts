/** What the engine's thread and the thread of the API say to each other. Answers cross as JSON text, made once. */
import type { ApiSettings } from '../app/config/api-settings.ts';
import type { ActionName, ActionResult, Actor, QueryName } from '../app/console/contract.ts';
import type { ApiErrorCode, ToldError } from './api-error.ts';

/** One thing to be read. The parameters have been looked at. */
export interface Topic {
	readonly name: QueryName;
	readonly params: unknown;
}

export type Answer = { readonly kind: 'text'; readonly text: string } | { readonly kind: 'failed'; readonly error: ToldError };

export type Acted =
	| { readonly kind: 'result'; readonly result: ActionResult }
	| { readonly kind: 'failed'; readonly error: ToldError };

/** What the thread of the API is begun with. */
export interface ThreadStart {
	readonly settings: ApiSettings;
	/** Where tokens, the audit record and the address are kept. */
	readonly folder: string;
	/** The built dashboard; undefined where it was not built. */
	readonly pages: string | undefined;
	readonly version: string;
	readonly pid: number;
}

export type EngineHears =
	| { readonly kind: 'read'; readonly id: number; readonly topics: readonly Topic[] }
	| { readonly kind: 'act'; readonly id: number; readonly name: ActionName; readonly params: unknown; readonly actor: Actor }
	| { readonly kind: 'listening'; readonly url: string; readonly link: string }
	| { readonly kind: 'refused'; readonly sentence: string }
	| { readonly kind: 'say'; readonly sentence: string };

export type ThreadHears =
	| { readonly kind: 'answers'; readonly id: number; readonly answers: readonly Answer[] }
	| { readonly kind: 'acted'; readonly id: number; readonly acted: Acted }
	| { readonly kind: 'end' };

/** The engine as the server sees it, wherever it is. */
export interface EngineDoor {
	/** One answer for each, in their order. Never rejects. */
	read(topics: readonly Topic[]): Promise<readonly Answer[]>;
	act(name: ActionName, params: unknown, actor: Actor): Promise<Acted>;
}

export function failed(code: ApiErrorCode, sentence: string): { readonly kind: 'failed'; readonly error: ToldError } {
	return { kind: 'failed', error: { code, sentence } };
}
