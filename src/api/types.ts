/** What a program outside has to know of the API, as types alone: the dashboard imports this file and nothing else of ours. */
import type { PHRASES } from '../app/console/contract.ts';

export type {
	ActionName,
	ActionParams,
	ActionResult,
	QueryAnswer,
	QueryName,
	QueryParams,
	Role,
} from '../app/console/contract.ts';
export type * from '../app/console/views.ts';
export type Phrases = typeof PHRASES;
