/**
 * The user data of spot: turns what happens to an account into events for whoever has subscribed to it. A fill and the
 * state that the order has after it are one report; the balances that a call has changed are one event. Accounts that
 * nobody listens to cost a look-up.
 */
import type { ExchangeEvent } from '../core/events.ts';
import type { BalanceView, OrderView, TradeExecution } from '../core/views.ts';
import { type Json, printJson } from './numbers.ts';
import {
	accountPosition,
	balanceUpdate,
	type ExecutionType,
	executionReport,
	executionTypeOf,
	type Happening,
} from './spot-user-views.ts';
import type { BinanceVenue } from './venue.ts';

export interface UserListener {
	/** One event, as JSON. */
	hear(eventText: string): void;
}

/** What one account's listeners have been told, to tell what is new by. */
interface Audience {
	readonly listeners: Set<UserListener>;
	/** As last shown, by coin. */
	readonly shown: Map<string, Shown>;
	/** What each coin's wallet holds by what was told of: fills explain every change but deposits and the like. */
	readonly wallets: Map<string, bigint>;
}

interface Shown {
	readonly walletAtoms: bigint;
	readonly lockedAtoms: bigint;
}

export class SpotUserData {
	readonly #venue: BinanceVenue;
	readonly #audiences = new Map<string, Audience>();
	/** The exchange has told it, and tells the order's state after it next. */
	#fill: TradeExecution | null = null;

	constructor(venue: BinanceVenue) {
		this.#venue = venue;
		venue.exchange.subscribe((event) => this.#apply(event));
	}

	join(accountId: string, listener: UserListener): void {
		const audience = this.#audiences.get(accountId) ?? this.#newAudience(accountId);
		audience.listeners.add(listener);
		this.#audiences.set(accountId, audience);
	}

	leave(accountId: string, listener: UserListener): void {
		const audience = this.#audiences.get(accountId);
		audience?.listeners.delete(listener);
		if (audience?.listeners.size === 0) this.#audiences.delete(accountId);
	}

	#newAudience(accountId: string): Audience {
		const balances = this.#venue.exchange.balances(accountId);
		return {
			listeners: new Set(),
			shown: new Map(balances.map((balance) => [balance.coin, balance])),
			wallets: new Map(balances.map(({ coin, walletAtoms }) => [coin, walletAtoms])),
		};
	}

	#apply(event: ExchangeEvent): void {
		switch (event.kind) {
			case 'execution':
				if (event.execution.kind === 'trade') this.#execution(event.execution);
				return;
			case 'order':
				this.#order(event.order, event);
				return;
			case 'balance':
				this.#balance(event.balance, event.atMs);
				return;
			case 'book-level':
			case 'trade':
			case 'position':
			case 'ticker':
				return;
		}
	}

	#execution(execution: TradeExecution): void {
		const audience = this.#audiences.get(execution.accountId);
		if (audience === undefined) return;
		this.#fill = execution;
		const symbol = this.#venue.shown(execution.symbol);
		if (symbol === undefined) return;
		const listing = this.#venue.listing(symbol);
		const sign = execution.side === 'buy' ? 1n : -1n;
		move(audience, listing.spec.baseCoin, sign * listing.baseAtoms(execution.qtyLots));
		move(audience, listing.spec.quoteCoin, -sign * execution.valueAtoms);
		move(audience, execution.feeCoin, -execution.feeAtoms);
	}

	#order(order: OrderView, { seq, atMs }: { readonly seq: number; readonly atMs: number }): void {
		const fill = this.#fill;
		this.#fill = null;
		const audience = this.#audiences.get(order.accountId);
		const symbol = this.#venue.shown(order.symbol);
		if (audience === undefined || symbol === undefined) return;
		const kind = executionTypeOf(order, fill !== null);
		const happening: Happening = {
			kind,
			eventSeq: seq,
			atMs,
			...this.#clientIds(order, kind),
			...(fill === null ? {} : { fill }),
			...(kind === 'TRADE_PREVENTION' ? { counter: this.#counterOf(order) } : {}),
		};
		tell(audience, executionReport({ symbol, listing: this.#venue.listing(symbol), order }, happening));
	}

	/** A cancel has a name of its own; an amend gives the order another. */
	#clientIds({ clientOrderId }: OrderView, kind: ExecutionType): Pick<Happening, 'clientOrderId' | 'originalClientOrderId'> {
		const { deedClientId } = this.#venue;
		if (kind === 'REPLACED') return { clientOrderId, originalClientOrderId: deedClientId };
		if (kind !== 'CANCELED') return { clientOrderId, originalClientOrderId: '' };
		const ofCancel = deedClientId === '' ? this.#venue.nextClientId() : deedClientId;
		return { clientOrderId: ofCancel, originalClientOrderId: clientOrderId };
	}

	#counterOf({ accountId, selfTradeOrderId }: OrderView): OrderView | undefined {
		return selfTradeOrderId === '' ? undefined : this.#venue.exchange.order(accountId, { orderId: selfTradeOrderId });
	}

	#balance(balance: BalanceView, atMs: number): void {
		const { accountId, coin, walletAtoms } = balance;
		const audience = this.#audiences.get(accountId);
		if (audience === undefined) return;
		const deltaAtoms = walletAtoms - (audience.wallets.get(coin) ?? 0n);
		if (deltaAtoms !== 0n) {
			audience.wallets.set(coin, walletAtoms);
			tell(audience, balanceUpdate(coin, deltaAtoms, atMs));
		}
		if (!isNews(audience, balance)) return;
		// The call has been finished before its events come, so the coins whose own event is yet to come are told with this.
		const changed = this.#venue.exchange.balances(accountId).filter((each) => isNews(audience, each));
		if (changed.length === 0) return;
		for (const each of changed) audience.shown.set(each.coin, each);
		tell(audience, accountPosition(changed, atMs));
	}
}

function move(audience: Audience, coin: string, atoms: bigint): void {
	audience.wallets.set(coin, (audience.wallets.get(coin) ?? 0n) + atoms);
}

function isNews(audience: Audience, { coin, walletAtoms, lockedAtoms }: BalanceView): boolean {
	const shown = audience.shown.get(coin);
	return shown?.walletAtoms !== walletAtoms || shown.lockedAtoms !== lockedAtoms;
}

function tell(audience: Audience, event: Json): void {
	const text = printJson(event);
	for (const listener of audience.listeners) listener.hear(text);
}
