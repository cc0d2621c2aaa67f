/**
 * A short fingerprint of a sequence of facts, for tests that compare two runs. FNV-1a in two 32-bit lanes; equal input
 * gives equal text on every machine. Not for security.
 */
import type { Account } from './account.ts';
import type { TradingSymbol } from './trading-symbol.ts';

export class StateHash {
	#low = 0x811c9dc5;
	#high = 0x01000193;

	add(...facts: readonly (string | number | bigint | boolean | null)[]): this {
		for (const fact of facts) this.#addText(`${fact}\u0000`);
		return this;
	}

	digest(): string {
		return (this.#high >>> 0).toString(16).padStart(8, '0') + (this.#low >>> 0).toString(16).padStart(8, '0');
	}

	#addText(text: string): void {
		for (let index = 0; index < text.length; index += 1) {
			const code = text.charCodeAt(index);
			this.#low = Math.imul(this.#low ^ code, 0x01000193);
			this.#high = Math.imul(this.#high ^ code ^ (this.#low >>> 13), 0x85ebca6b);
		}
	}
}

export function addSymbol(hash: StateHash, symbol: TradingSymbol): void {
	const { listing, book } = symbol;
	hash.add(listing.symbol, symbol.status, symbol.lastTicks, symbol.markTicks, symbol.bookSeq, symbol.nextFundingAtMs);
	hash.add(JSON.stringify(listing.spec), symbol.deliveryAtMs, symbol.spike?.untilMs ?? 0);
	for (const side of ['bid', 'ask'] as const) {
		for (const { orderId, priceTicks, leavesLots } of book.orders(side)) hash.add(side, orderId, priceTicks, leavesLots);
	}
}

export function addAccount(hash: StateHash, account: Account): void {
	hash.add(account.accountId, ...account.settings());
	for (const { coin, walletAtoms, lockedAtoms } of account.wallets()) hash.add(coin, walletAtoms, lockedAtoms);
	for (const { position } of account.positions()) {
		hash.add(position.listing.symbol, position.qtyLotsSigned, position.costAtomsSigned, position.leverageHundredths);
		hash.add(position.buyOrdersAtoms, position.sellOrdersAtoms, position.realisedAtoms, position.fundingPaidAtoms);
	}
}
