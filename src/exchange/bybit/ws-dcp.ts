/**
 * Disconnection protection, the venue's dead-man switch. An account sets a window for a product and has sockets listen
 * to that product's `dcp` topic; once the last of them is lost, and none has come back within the window, the venue
 * cancels the account's orders of the product:
 *
 *   nobody listens -> watched -> the last listener is lost -> the window passes -> orders cancelled, nobody listens
 *                        ^______ a socket listens again ______|
 *
 * A socket is lost when it is closed, by whichever end, or expires in silence. One that leaves the topic of its own
 * accord is not lost: it only no longer counts.
 */
import type { DcpProduct } from './desk.ts';
import type { BybitVenue } from './venue.ts';

const PRODUCTS: ReadonlyMap<string, DcpProduct> = new Map([
	['dcp.future', 'DERIVATIVES'],
	['dcp.spot', 'SPOT'],
	['dcp.option', 'OPTIONS'],
]);

interface Lost {
	readonly accountId: string;
	readonly product: DcpProduct;
	readonly atMs: number;
}

/** Both maps are by account and product, so as many as there are accounts, three times. */
export class DisconnectGuard {
	readonly #venue: BybitVenue;
	readonly #listening = new Map<string, Set<object>>();
	readonly #lost = new Map<string, Lost>();

	constructor(venue: BybitVenue) {
		this.#venue = venue;
	}

	/** The socket listens to the topic now. Topics that protect nothing are not noted, here and below. */
	watch(accountId: string, topic: string, socket: object): void {
		const product = PRODUCTS.get(topic);
		if (product === undefined) return;
		const name = nameOf(accountId, product);
		this.#lost.delete(name);
		const sockets = this.#listening.get(name);
		if (sockets === undefined) this.#listening.set(name, new Set([socket]));
		else sockets.add(socket);
	}

	/** The socket has left the topic. Answers whether it was the last. */
	release(accountId: string, topic: string, socket: object): boolean {
		const product = PRODUCTS.get(topic);
		if (product === undefined) return false;
		const name = nameOf(accountId, product);
		const sockets = this.#listening.get(name);
		if (sockets === undefined || !sockets.delete(socket) || sockets.size > 0) return false;
		this.#listening.delete(name);
		return true;
	}

	/** The socket is gone while it listened to the topic. */
	lose(accountId: string, topic: string, { socket, nowMs }: { readonly socket: object; readonly nowMs: number }): void {
		const product = PRODUCTS.get(topic);
		if (product === undefined || !this.release(accountId, topic, socket)) return;
		if (this.#windowMs(accountId, product) === null) return;
		this.#lost.set(nameOf(accountId, product), { accountId, product, atMs: nowMs });
	}

	tick(nowMs: number): void {
		for (const [name, { accountId, product, atMs }] of this.#lost) {
			const windowMs = this.#windowMs(accountId, product);
			if (windowMs !== null && nowMs - atMs <= windowMs) continue;
			this.#lost.delete(name);
			if (windowMs !== null) this.#cancel(accountId, product, nowMs);
		}
	}

	/** Null where the account has set none. */
	#windowMs(accountId: string, product: DcpProduct): number | null {
		const windowSec = this.#venue.desk.settings(accountId).dcpWindowSec.get(product);
		return windowSec === undefined ? null : windowSec * 1_000;
	}

	#cancel(accountId: string, product: DcpProduct, nowMs: number): void {
		for (const { category, exchangeKey } of this.#venue.symbols) {
			if ((category === 'spot' ? 'SPOT' : 'DERIVATIVES') !== product) continue;
			this.#venue.exchange.cancelAll({ accountId, symbol: exchangeKey, reason: 'disconnect' }, nowMs);
		}
	}
}

function nameOf(accountId: string, product: DcpProduct): string {
	return `${product} ${accountId}`;
}
