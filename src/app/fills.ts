/** Fills as a program of somebody's own hears them: in text, each once, and never from inside of the engine's step. */

import type { Execution } from '../domain/execution.ts';
import { printPrice, printQty } from '../domain/instrument.ts';
import { printMoney } from '../domain/money.ts';
import type { Side } from '../domain/side.ts';

export interface Fill {
	readonly symbol: string;
	/** Of an order of this app, or of somebody else's on the same account; empty where the venue names none. */
	readonly clientOrderId: string;
	readonly executionId: string;
	readonly side: Side;
	readonly price: string;
	readonly qty: string;
	/** Below zero is a rebate. */
	readonly fee: string;
	readonly feeCurrency: string;
	readonly isMaker: boolean;
	/** By the venue's clock. */
	readonly tradedAtMs: number;
}

export type FillListener = (fill: Fill) => void;

export class Fills {
	readonly #listeners = new Set<FillListener>();
	#untold: Execution[] = [];
	/** What a listener threw, until somebody has been told. */
	#failures: unknown[] = [];

	/** Answers with the way to end it. */
	listen(listener: FillListener): () => void {
		this.#listeners.add(listener);
		return () => void this.#listeners.delete(listener);
	}

	/** Called from inside of a step, where listeners could not place orders: they hear it as soon as that has ended. */
	hear(execution: Execution): void {
		if (this.#listeners.size === 0) return;
		this.#untold.push(execution);
		if (this.#untold.length === 1) void Promise.resolve().then(() => this.#tell());
	}

	/** A listener threw, to fills or to something else. Thrown on it would end the process with orders open. */
	keepFailure(error: unknown): void {
		if (this.#failures.length === 0) this.#failures.push(error);
	}

	/** The first error of a listener that nobody has taken yet. */
	takeFailure(): { readonly error: unknown } | undefined {
		const [error] = this.#failures;
		const failure = this.#failures.length === 0 ? undefined : { error };
		this.#failures = [];
		return failure;
	}

	#tell(): void {
		const executions = this.#untold;
		this.#untold = [];
		for (const execution of executions) {
			for (const listener of this.#listeners) {
				try {
					listener(fillOf(execution));
				} catch (error) {
					this.keepFailure(error);
				}
			}
		}
	}
}

function fillOf({ instrument, priceTicks, qtyLots, fee, ...rest }: Execution): Fill {
	const { clientOrderId, executionId, side, feeCurrency, isMaker, tradedAtMs } = rest;
	return {
		symbol: instrument.symbol,
		clientOrderId,
		executionId,
		side,
		price: printPrice(instrument, priceTicks),
		qty: printQty(instrument, qtyLots),
		fee: printMoney(fee),
		feeCurrency,
		isMaker,
		tradedAtMs,
	};
}
