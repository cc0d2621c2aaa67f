/** What the control façade steers: the exchange behind all wires, its clock, its tap and its faults. */
import type { Exchange } from '../core/exchange.ts';
import type { KeyRights } from '../key-rights.ts';
import type { FaultDesk } from './fault-desk.ts';
import type { SteeredClock } from './steered-clock.ts';
import type { Tap } from './tap.ts';

/** Somebody who may log in. The account of the exchange goes by the same name. */
export interface BoxAccount {
	readonly name: string;
	readonly apiKey: string;
	readonly apiSecret: string;
}

export interface ControlledBox {
	/** The present one: a reset puts another in its place. */
	readonly exchange: Exchange;
	readonly clock: SteeredClock;
	readonly tap: Tap;
	readonly faults: FaultDesk | undefined;
	/** Those with keys. The exchange has more: the market's own. */
	accounts(): readonly BoxAccount[];
	/** The name is new; the account starts empty. */
	addAccount(name: string): BoxAccount;
	/** Of the key of an account from now on. False where there is no such account, or it has no key. */
	setKeyRights(name: string, rights: KeyRights): boolean;
	/**
	 * One more key of an account, on the venues that know keys by their public half; gone with a reset. What it is called,
	 * or undefined where the text is no public key or no such venue is open.
	 */
	addPublicKey(name: string, publicKeyPem: string): string | undefined;
	/** Back to the first moment: new exchange, no orders, starting balances, the same keys. Sockets are closed. */
	reset(nowMs: number): void;
}
