/**
 * The user data of futures: turns what happens to an account into events for whoever listens to it. Of a fill, in this
 * order: the fill in few letters, the order, and once for each call of the exchange the money and positions that it has
 * changed. Accounts that nobody listens to cost a look-up.
 */
import type { ExchangeEvent } from '../core/events.ts';
import type { FundingExecution, OrderView, PositionView, TradeExecution } from '../core/views.ts';
import { Pace } from '../pace.ts';
import { futuresBalances, openNotional } from './futures-account-view.ts';
import type { FuturesDesk } from './futures-desk.ts';
import {
	accountUpdate,
	type ChangedWallet,
	configUpdate,
	executionType,
	type HeldPosition,
	marginCall,
	type Occasion,
	orderTradeUpdate,
	tradeLite,
} from './futures-user-views.ts';
import type { JsonObject } from './futures-views.ts';
import { printJson } from './numbers.ts';
import type { BinanceVenue } from './venue.ts';

export interface UserListener {
	/** One event, as JSON. */
	hear(eventText: string): void;
}

/** What one account's listeners have been told, to tell what is new by. */
interface Audience {
	readonly accountId: string;
	readonly listeners: Set<UserListener>;
	/** By coin, as last shown. */
	readonly shown: Map<string, bigint>;
	/** By coin, what the wallet holds by the fills and funding that were heard of. */
	readonly expected: Map<string, bigint>;
	/** By symbol of the exchange, as last shown. */
	readonly leverages: Map<string, number>;
	/** Symbols of the exchange in which it has filled since the last account update. */
	readonly filled: Set<string>;
	isCalled: boolean;
}

/** Margin calls are thought of so often. */
const CALL_MS = 1_000;
/** A margin call comes when this share of the equity is needed, in hundredths. */
const CALL_SHARE = 80n;

export class FuturesUserData {
	readonly #venue: BinanceVenue;
	readonly #desk: FuturesDesk;
	readonly #audiences = new Map<string, Audience>();
	readonly #callPace = new Pace(CALL_MS);
	/** The exchange has told it, and tells the order's state after it next. */
	#fill: TradeExecution | null = null;

	constructor(venue: BinanceVenue, desk: FuturesDesk) {
		this.#venue = venue;
		this.#desk = desk;
		venue.exchange.subscribe((event) => this.#apply(event));
		desk.onLeverageSet((accountId, exchangeKey, nowMs) => this.#leverageSet(accountId, exchangeKey, nowMs));
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

	tick(nowMs: number): void {
		if (!this.#callPace.reached(nowMs)) return;
		for (const audience of this.#audiences.values()) this.#callForMargin(audience, nowMs);
	}

	#newAudience(accountId: string): Audience {
		const balances = futuresBalances(this.#venue, accountId);
		return {
			accountId,
			listeners: new Set(),
			shown: new Map(balances.map(({ coin, walletAtoms }) => [coin, walletAtoms])),
			expected: new Map(balances.map(({ coin, walletAtoms }) => [coin, walletAtoms])),
			leverages: new Map(
				this.#venue.exchange.positions(accountId).map(({ symbol, leverageHundredths }) => [symbol, leverageHundredths]),
			),
			filled: new Set(),
			isCalled: false,
		};
	}

	#apply(event: ExchangeEvent): void {
		switch (event.kind) {
			case 'execution':
				if (event.execution.kind === 'trade') this.#execution(event.execution);
				else this.#funding(event.execution);
				return;
			case 'order':
				this.#order(event.order, event.atMs);
				return;
			case 'position':
				this.#position(event.position, event.atMs);
				return;
			case 'balance':
				this.#money(event.balance.accountId, event.atMs);
				return;
			case 'book-level':
			case 'trade':
			case 'ticker':
				return;
		}
	}

	#execution(fill: TradeExecution): void {
		const audience = this.#audiences.get(fill.accountId);
		const symbol = this.#venue.shown(fill.symbol);
		if (audience === undefined || symbol?.market !== 'futures') return;
		this.#fill = fill;
		const { settleCoin } = this.#venue.listing(symbol);
		move(audience, settleCoin, fill.realisedAtoms);
		move(audience, fill.feeCoin, -fill.feeAtoms);
		audience.filled.add(fill.symbol);
	}

	/** Told at once, by the wallet alone: what else the call does, as closing by force, is told apart from it. */
	#funding({ accountId, symbol, feeCoin: coin, feeAtoms, atMs }: FundingExecution): void {
		const audience = this.#audiences.get(accountId);
		if (audience === undefined || this.#venue.shown(symbol)?.market !== 'futures') return;
		move(audience, coin, -feeAtoms);
		const walletAtoms = audience.expected.get(coin) ?? 0n;
		audience.shown.set(coin, walletAtoms);
		const wallets = [{ coin, walletAtoms, otherAtoms: -feeAtoms }];
		tell(audience, accountUpdate(this.#venue, 'FUNDING_FEE', { wallets, positions: [], atMs }));
	}

	#order(order: OrderView, atMs: number): void {
		const fill = this.#fill?.orderId === order.orderId ? this.#fill : null;
		this.#fill = null;
		const audience = this.#audiences.get(order.accountId);
		const symbol = this.#venue.shown(order.symbol);
		if (audience === undefined || symbol?.market !== 'futures') return;
		const notional = openNotional(this.#venue, order.accountId, symbol);
		const news = { venue: this.#venue, symbol, order, terms: this.#desk.terms.of(order), fill, ...notional, atMs };
		if (fill !== null && executionType(order, fill) === 'TRADE') tell(audience, tradeLite(news, fill));
		tell(audience, orderTradeUpdate(news));
	}

	#position(position: PositionView, atMs: number): void {
		const audience = this.#audiences.get(position.accountId);
		if (audience === undefined || this.#venue.shown(position.symbol) === undefined) return;
		this.#leverage(audience, position, atMs);
		this.#money(position.accountId, atMs);
	}

	/** The call has been finished before its events come, so all that it has changed is told with the first of them. */
	#money(accountId: string, atMs: number): void {
		const audience = this.#audiences.get(accountId);
		if (audience === undefined) return;
		const positions = this.#held(accountId, [...audience.filled]);
		const settled = new Set(positions.map(({ listing }) => listing.settleCoin));
		const wallets: ChangedWallet[] = futuresBalances(this.#venue, accountId)
			.filter(({ coin, walletAtoms }) => settled.has(coin) || audience.shown.get(coin) !== walletAtoms)
			.map(({ coin, walletAtoms }) => ({
				coin,
				walletAtoms,
				otherAtoms: walletAtoms - (audience.expected.get(coin) ?? 0n),
			}));
		if (wallets.length === 0) return;
		const occasion = occasionOf(audience.filled.size > 0, wallets);
		audience.filled.clear();
		for (const { coin, walletAtoms } of wallets) {
			audience.shown.set(coin, walletAtoms);
			audience.expected.set(coin, walletAtoms);
		}
		tell(audience, accountUpdate(this.#venue, occasion, { wallets, positions, atMs }));
	}

	/** By the account itself; the exchange tells nobody. */
	#leverageSet(accountId: string, exchangeKey: string, nowMs: number): void {
		const audience = this.#audiences.get(accountId);
		const position = this.#venue.exchange.positions(accountId).find(({ symbol }) => symbol === exchangeKey);
		if (audience !== undefined && position !== undefined) this.#leverage(audience, position, nowMs);
	}

	#leverage(audience: Audience, { symbol, leverageHundredths }: PositionView, atMs: number): void {
		if (audience.leverages.get(symbol) === leverageHundredths) return;
		audience.leverages.set(symbol, leverageHundredths);
		for (const held of this.#held(audience.accountId, [symbol])) tell(audience, configUpdate(held, atMs));
	}

	/** Once, until the account is sound again. */
	#callForMargin(audience: Audience, nowMs: number): void {
		const { accountId } = audience;
		const all = this.#held(accountId, null).filter(({ position }) => position.qtyLotsSigned !== 0);
		if (all.length === 0) {
			audience.isCalled = false;
			return;
		}
		let isNear = false;
		for (const { coin, walletAtoms, equityAtoms } of futuresBalances(this.#venue, accountId)) {
			const positions = all.filter(({ listing }) => listing.settleCoin === coin);
			const neededAtoms = positions.reduce((sum, { position }) => sum + position.maintenanceAtoms, 0n);
			if (positions.length === 0 || neededAtoms * 100n < equityAtoms * CALL_SHARE) continue;
			isNear = true;
			if (!audience.isCalled) tell(audience, marginCall(this.#venue, { walletAtoms, positions, atMs: nowMs }));
		}
		audience.isCalled = isNear;
	}

	/** Null: of every symbol. */
	#held(accountId: string, exchangeKeys: readonly string[] | null): readonly HeldPosition[] {
		if (exchangeKeys?.length === 0) return [];
		return this.#venue.exchange.positions(accountId).flatMap((position) => {
			const symbol = this.#venue.shown(position.symbol);
			const isAsked = exchangeKeys === null || exchangeKeys.includes(position.symbol);
			if (!isAsked || symbol?.market !== 'futures') return [];
			return [{ symbol, listing: this.#venue.listing(symbol), position }];
		});
	}
}

/** Money beyond profit and fees comes with a fill only where the house pays what a closed account still owes. */
function occasionOf(hasFilled: boolean, wallets: readonly ChangedWallet[]): Occasion {
	if (hasFilled) return wallets.some(({ otherAtoms }) => otherAtoms !== 0n) ? 'INSURANCE_CLEAR' : 'ORDER';
	return wallets.some(({ otherAtoms }) => otherAtoms < 0n) ? 'WITHDRAW' : 'DEPOSIT';
}

function move(audience: Audience, coin: string, atoms: bigint): void {
	audience.expected.set(coin, (audience.expected.get(coin) ?? 0n) + atoms);
}

function tell(audience: Audience, event: JsonObject): void {
	const text = printJson(event);
	for (const listener of audience.listeners) listener.hear(text);
}
