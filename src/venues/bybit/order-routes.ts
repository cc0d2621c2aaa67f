/**
 * Which way an order call takes now: by socket or REST, many commands in one call or each in its own. A way that the
 * venue closes (C6) is left alone for a while and then tried again, by the next call that would have taken it. What a
 * closed way refused was surely not done, so the next way may carry the very same commands.
 */
import { assert } from '../../domain/assert.ts';
import type { Command, Verb } from '../../domain/command.ts';
import type { Category } from '../../domain/instrument.ts';
import type { CallKind } from './order-wire.ts';
import type { RestAnswer } from './rest-answer.ts';

export type Channel = 'ws' | 'rest';

export interface Way {
	readonly channel: Channel;
	readonly kind: CallKind;
}

export interface RouteOptions {
	readonly orderEntry: Channel;
	/** How a command that is alone travels: by the endpoint for one, or as a batch of one. */
	readonly lone: CallKind;
	/** How long a way that was refused is not tried. */
	readonly fallbackMs: number;
}

interface Asking {
	readonly category: Category;
	readonly verb: Verb;
	readonly commands: readonly Command[];
}

/** The key, the route or the kind of account: nothing about the orders. */
const BATCH_CLOSED: ReadonlySet<number> = new Set([404, 10005, 10017, 10028, 10032, 10404]);
/** Not logged in or too many sessions, not permitted, no such operation here. */
const SOCKET_CLOSED: ReadonlySet<number> = new Set([10003, 10004, 10005, 10017, 10404]);
/** Some refusals of a category for batches come with the code for bad parameters. */
const PARAMETER_ERROR = 10001;
const ABOUT_CATEGORY = /category/i;

export class OrderRoutes {
	readonly #options: RouteOptions;
	#socketClosedUntilMono = Number.NEGATIVE_INFINITY;
	readonly #batchClosedUntilMono = new Map<string, number>();

	constructor(options: RouteOptions) {
		assert(options.fallbackMs > 0, 'a way that refused rests for a while, or calls would go round in circles');
		this.#options = options;
	}

	wayFor(call: Asking, isSocketUp: boolean, nowMono: number): Way {
		const { orderEntry } = this.#options;
		const channel = orderEntry === 'ws' && isSocketUp && nowMono >= this.#socketClosedUntilMono ? 'ws' : 'rest';
		return { channel, kind: this.#kindFor(call, nowMono) };
	}

	/** Notes that this answer closes the way it came by; then there is another one to take. */
	closes(way: Way, { category, verb }: Asking, answer: RestAnswer, nowMono: number): boolean {
		if (answer.kind !== 'refused') return false;
		const untilMono = nowMono + this.#options.fallbackMs;
		if (way.channel === 'ws' && SOCKET_CLOSED.has(answer.code)) {
			this.#socketClosedUntilMono = untilMono;
			return true;
		}
		if (way.kind !== 'batch' || !isBatchClosed(answer.code, answer.message)) return false;
		this.#batchClosedUntilMono.set(keyOf(category, verb), untilMono);
		return true;
	}

	#kindFor({ category, verb, commands }: Asking, nowMono: number): CallKind {
		const closedUntilMono = this.#batchClosedUntilMono.get(keyOf(category, verb));
		if (closedUntilMono !== undefined && nowMono < closedUntilMono) return 'single';
		if (commands.length > 1) return 'batch';
		// The one case in which the buckets differ: the larger one of batches is the one we count (capabilities.ts).
		return category === 'spot' && verb === 'amend' ? 'batch' : this.#options.lone;
	}
}

function isBatchClosed(code: number, message: string): boolean {
	return BATCH_CLOSED.has(code) || (code === PARAMETER_ERROR && ABOUT_CATEGORY.test(message));
}

function keyOf(category: Category, verb: Verb): string {
	return category + verb;
}
