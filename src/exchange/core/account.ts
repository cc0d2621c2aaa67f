/**
 * One account: a wallet per coin and a position per contract, both behind the same money. What is available in
 * a coin = wallet - locked by spot orders - initial margin of positions and orders + unrealised losses. Unrealised
 * profit does not count. Orders are kept in `order-store.ts`.
 */
import type { FeeRates, Listing } from './listing.ts';
import { Position } from './position.ts';
import type { TradingSymbol } from './trading-symbol.ts';
import type { BalanceView, PositionView } from './views.ts';

export class Wallet {
	readonly coin: string;
	walletAtoms = 0n;
	lockedAtoms = 0n;
	dirty = false;

	constructor(coin: string) {
		this.coin = coin;
	}
}

export class Account {
	readonly accountId: string;
	/** Counts from 0; the books know accounts by it. */
	readonly accountNo: number;
	readonly #wallets = new Map<string, Wallet>();
	readonly #positions = new Map<string, HeldPosition>();
	readonly #feeRates = new Map<string, FeeRates>();
	readonly #hedged = new Set<string>();
	/** It makes the market and has no client: nobody is told of its orders and balances. */
	isOfCrowd = false;
	/** What fees are paid in, as far as it goes; null: in whatever coin is usual. */
	feeCoin: string | null = null;

	/** With an empty wallet for each coin and a flat position for each contract, so that looking changes nothing. */
	constructor(accountId: string, accountNo: number, symbols: Iterable<TradingSymbol>) {
		this.accountId = accountId;
		this.accountNo = accountNo;
		for (const symbol of symbols) {
			const { listing } = symbol;
			const coins = listing.kind === 'spot' ? [listing.spec.baseCoin, listing.spec.quoteCoin] : [listing.settleCoin];
			for (const coin of coins) if (!this.#wallets.has(coin)) this.#wallets.set(coin, new Wallet(coin));
			if (listing.kind !== 'spot') this.#positions.set(listing.symbol, { symbol, position: new Position(listing) });
		}
	}

	hasCoin(coin: string): boolean {
		return this.#wallets.has(coin);
	}

	wallet(coin: string): Wallet {
		const wallet = this.#wallets.get(coin);
		if (wallet === undefined) throw new Error(`invariant broken: nothing listed here uses ${coin}`);
		return wallet;
	}

	position(symbol: TradingSymbol): Position {
		const held = this.#positions.get(symbol.listing.symbol);
		if (held === undefined) throw new Error(`invariant broken: ${symbol.listing.symbol} has no positions`);
		return held.position;
	}

	/** In the order in which the symbols are listed. */
	wallets(): Iterable<Wallet> {
		return this.#wallets.values();
	}

	positions(): Iterable<HeldPosition> {
		return this.#positions.values();
	}

	feeRates(listing: Listing): FeeRates {
		return this.#feeRates.get(listing.symbol) ?? listing;
	}

	/** Null: the listing's own again. */
	setFeeRates(symbol: string, rates: FeeRates | null): void {
		if (rates === null) this.#feeRates.delete(symbol);
		else this.#feeRates.set(symbol, rates);
	}

	/** Set to two positions a symbol, which this exchange does not keep: it takes no order of such an account. */
	isHedged(symbol: TradingSymbol): boolean {
		return this.#hedged.has(symbol.listing.symbol);
	}

	setHedged(symbol: string, hedged: boolean): void {
		if (hedged) this.#hedged.add(symbol);
		else this.#hedged.delete(symbol);
	}

	/** What was set by hand, as one text a setting. */
	settings(): string[] {
		const rates = [...this.#feeRates].map(([symbol, each]) => `${symbol} ${each.makerRateE8} ${each.takerRateE8}`);
		return [...rates, ...this.#hedged, this.feeCoin ?? ''];
	}

	availableAtoms(coin: string): bigint {
		return this.balance(this.wallet(coin)).availableAtoms;
	}

	balance(wallet: Wallet): BalanceView {
		let marginAtoms = 0n;
		let unrealisedAtoms = 0n;
		for (const { symbol, position } of this.#positions.values()) {
			if (position.listing.settleCoin !== wallet.coin) continue;
			marginAtoms += position.marginAtoms(symbol.markTicks);
			unrealisedAtoms += position.unrealisedAtoms(symbol.markTicks);
		}
		const lossAtoms = unrealisedAtoms < 0n ? unrealisedAtoms : 0n;
		return {
			accountId: this.accountId,
			coin: wallet.coin,
			walletAtoms: wallet.walletAtoms,
			lockedAtoms: wallet.lockedAtoms,
			marginAtoms,
			unrealisedAtoms,
			availableAtoms: wallet.walletAtoms - wallet.lockedAtoms - marginAtoms + lossAtoms,
			equityAtoms: wallet.walletAtoms + unrealisedAtoms,
		};
	}

	/** Equity in a settle coin, and what must be left of it for the positions there. */
	health(coin: string): { readonly equityAtoms: bigint; readonly maintenanceAtoms: bigint } {
		let equityAtoms = this.wallet(coin).walletAtoms;
		let maintenanceAtoms = 0n;
		for (const { symbol, position } of this.#positions.values()) {
			if (position.listing.settleCoin !== coin) continue;
			equityAtoms += position.unrealisedAtoms(symbol.markTicks);
			maintenanceAtoms += position.maintenanceAtoms(symbol.markTicks);
		}
		return { equityAtoms, maintenanceAtoms };
	}

	positionView({ symbol, position }: HeldPosition): PositionView {
		return {
			accountId: this.accountId,
			symbol: position.listing.symbol,
			qtyLotsSigned: position.qtyLotsSigned,
			costAtomsSigned: position.costAtomsSigned,
			realisedAtoms: position.realisedAtoms,
			unrealisedAtoms: position.unrealisedAtoms(symbol.markTicks),
			fundingPaidAtoms: position.fundingPaidAtoms,
			feesPaidAtoms: position.feesPaidAtoms,
			sessionAtoms: position.sessionAtoms,
			lastExecId: position.lastExecId,
			marginAtoms: position.marginAtoms(symbol.markTicks),
			maintenanceAtoms: position.maintenanceAtoms(symbol.markTicks),
			leverageHundredths: position.leverageHundredths,
			markTicks: symbol.markTicks,
			openedAtMs: position.openedAtMs,
			updatedAtMs: position.updatedAtMs,
		};
	}
}

export interface HeldPosition {
	readonly symbol: TradingSymbol;
	readonly position: Position;
}
