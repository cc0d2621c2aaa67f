/**
 * What the exchange tells the world, numbered without a gap. Events of one call are delivered when the call has
 * finished its work and before it returns, so a listener always finds the exchange in a consistent state and may call
 * it; what that causes is delivered after what is already waiting. Events are never changed after creation.
 */
import type { BookSide } from './book.ts';
import type { BalanceView, Execution, OrderView, PositionView, PublicTrade, TickerView } from './views.ts';

/** In the order of their numbers; `atMs` is when the call was made that caused them. */
interface Numbered {
	readonly seq: number;
	readonly atMs: number;
}

/** `bookSeq` counts the level changes of this symbol, without a gap. Size 0: the level is gone. */
interface BookLevelChange extends Numbered {
	readonly kind: 'book-level';
	readonly symbol: string;
	readonly side: BookSide;
	readonly priceTicks: number;
	readonly qtyLots: number;
	readonly bookSeq: number;
}

export type ExchangeEvent =
	| BookLevelChange
	| (Numbered & { readonly kind: 'trade'; readonly trade: PublicTrade })
	| (Numbered & { readonly kind: 'order'; readonly order: OrderView })
	| (Numbered & { readonly kind: 'execution'; readonly execution: Execution })
	| (Numbered & { readonly kind: 'balance'; readonly balance: BalanceView })
	| (Numbered & { readonly kind: 'position'; readonly position: PositionView })
	| (Numbered & { readonly kind: 'ticker'; readonly ticker: TickerView });
export type ExchangeListener = (event: ExchangeEvent) => void;

/** Collects the events of a call and hands them out at its end. Costs almost nothing while nobody listens. */
export class EventStream {
	#seq = 0;
	#pending: ExchangeEvent[] = [];
	#listeners: readonly ExchangeListener[] = [];
	#delivering = false;

	get lastSeq(): number {
		return this.#seq;
	}

	get heard(): boolean {
		return this.#listeners.length > 0;
	}

	/** Answers with the way to stop listening. */
	subscribe(listener: ExchangeListener): () => void {
		this.#listeners = [...this.#listeners, listener];
		return () => {
			this.#listeners = this.#listeners.filter((other) => other !== listener);
		};
	}

	/** Numbers an event that nobody would hear, so that numbers do not depend on who listens. */
	skip(): void {
		this.#seq += 1;
	}

	/** The number of the event that comes next, for whoever makes it. */
	next(): number {
		this.#seq += 1;
		return this.#seq;
	}

	/** With the number that was just taken. */
	emit(event: ExchangeEvent): void {
		this.#pending.push(event);
	}

	deliver(): void {
		if (this.#delivering || this.#pending.length === 0) return;
		this.#delivering = true;
		try {
			while (this.#pending.length > 0) {
				const batch = this.#pending;
				this.#pending = [];
				for (const event of batch) for (const listener of this.#listeners) listener(event);
			}
		} finally {
			this.#delivering = false;
		}
	}
}
