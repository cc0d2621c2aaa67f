/** What a route of the control façade is, and what it is given; with the look-ups that many of them need. */
import type { Grid } from '../core/decimal.ts';
import type { Listing } from '../core/listing.ts';
import type { ChangeResult } from '../core/requests.ts';
import type { ControlledBox } from './controlled-box.ts';
import { Refusal } from './refusal.ts';

export interface Scene {
	readonly box: ControlledBox;
	/** What stands in the path's places, by name. */
	readonly place: (name: string) => string;
	readonly query: string;
	readonly body: string;
	readonly nowMs: number;
}

/** Whatever JSON can hold, or why not. */
export type Answer = object | Refusal;

export interface Route {
	readonly method: 'GET' | 'POST' | 'DELETE';
	/** Places begin with a colon. */
	readonly path: string;
	readonly about: string;
	readonly run: (scene: Scene) => Answer;
}

export function accountOf({ box, place }: Scene): string | Refusal {
	const account = place('account');
	const accounts = box.exchange.accounts();
	if (accounts.includes(account)) return account;
	return new Refusal(404, `no account ${JSON.stringify(account)}; there are: ${accounts.join(', ')}`);
}

export function symbolOf({ box, place }: Scene, named = place('symbol')): string | Refusal {
	const symbols = box.exchange.symbols();
	if (symbols.includes(named)) return named;
	return new Refusal(404, `no symbol ${JSON.stringify(named)}; there are: ${symbols.join(', ')}`);
}

export function listingOf(scene: Scene): Listing | Refusal {
	const symbol = symbolOf(scene);
	if (symbol instanceof Refusal) return symbol;
	return scene.box.exchange.listing(symbol) ?? new Refusal(404, `no symbol ${symbol}`);
}

/** The listing that a body names. */
export function namedListing(scene: Scene, named: string): Listing | Refusal {
	const symbol = symbolOf(scene, named);
	if (symbol instanceof Refusal) return symbol;
	return scene.box.exchange.listing(symbol) ?? new Refusal(404, `no symbol ${symbol}`);
}

/** How many ticks or lots a decimal of the body is. */
export function countOf(grid: Grid, field: string, text: string): number | Refusal {
	const parsed = grid.parse(text);
	if (parsed.kind === 'count') return parsed.count;
	return new Refusal(400, `${field} in the body is "${text}", expected a multiple of ${grid.stepText} (${parsed.reason})`);
}

/** A refusal of the exchange itself is a conflict with its state. */
export function changed(result: ChangeResult, answer: () => object): Answer {
	if (result.kind === 'done') return answer();
	const { reason, detail } = result;
	return new Refusal(409, `the exchange refuses: ${reason}${detail === undefined ? '' : `: ${detail}`}`);
}
