/**
 * Which way an order call takes now: by socket or REST, many commands in one call or each in its own. A way that the
 * venue closes (C6) is left alone for a while and then tried again, by the next call that would have taken it. What a
 * closed way refused was surely not done, so the next way may carry the very same commands.
 */
import { assert } from '../../domain/assert.ts';
import type { Command, Verb } from '../../domain/command.ts';
import type { Category } from '../../domain/instrument.ts';

export type Channel = 'ws' | 'rest';
export type CallForm = 'single' | 'batch';

export interface Way {
	readonly channel: Channel;
	readonly kind: CallForm;
}

export interface RouteOptions {
	readonly orderEntry: Channel;
	/** How long a way that was refused is not tried. */
	readonly fallbackMs: number;
}

export interface Asking {
	readonly category: Category;
	readonly verb: Verb;
	readonly commands: readonly Command[];
}

/** What each venue knows for itself. */
export interface RouteRules<Answer> {
	/** How a command that is alone travels: by the endpoint for one, or as a batch of one. */
	formOfOne(asking: Pick<Asking, 'category' | 'verb'>): CallForm;
	/** About the key, the route or the kind of account, and nothing about the orders. */
	closesSocket(answer: Answer): boolean;
	closesBatches(answer: Answer): boolean;
}

export class OrderRoutes<Answer> {
	readonly #options: RouteOptions;
	readonly #rules: RouteRules<Answer>;
	#socketClosedUntilMono = Number.NEGATIVE_INFINITY;
	readonly #batchClosedUntilMono = new Map<string, number>();

	constructor(options: RouteOptions, rules: RouteRules<Answer>) {
		assert(options.fallbackMs > 0, 'a way that refused rests for a while, or calls would go round in circles');
		this.#options = options;
		this.#rules = rules;
	}

	wayFor(asking: Asking, isSocketUp: boolean, nowMono: number): Way {
		const kind = this.#formOf(asking, nowMono);
		const isOpen = isSocketUp && nowMono >= this.#socketClosedUntilMono;
		return { channel: this.#options.orderEntry === 'ws' && isOpen ? 'ws' : 'rest', kind };
	}

	/** Notes that this answer closes the way it came by; then there is another one to take. */
	closes(way: Way, { category, verb }: Asking, answer: Answer, nowMono: number): boolean {
		const untilMono = nowMono + this.#options.fallbackMs;
		if (way.channel === 'ws' && this.#rules.closesSocket(answer)) {
			this.#socketClosedUntilMono = untilMono;
			return true;
		}
		if (way.kind !== 'batch' || !this.#rules.closesBatches(answer)) return false;
		this.#batchClosedUntilMono.set(keyOf(category, verb), untilMono);
		return true;
	}

	#formOf(asking: Asking, nowMono: number): CallForm {
		const { category, verb, commands } = asking;
		const closedUntilMono = this.#batchClosedUntilMono.get(keyOf(category, verb));
		if (closedUntilMono !== undefined && nowMono < closedUntilMono) return 'single';
		return commands.length > 1 ? 'batch' : this.#rules.formOfOne(asking);
	}
}

function keyOf(category: Category, verb: Verb): string {
	return category + verb;
}
