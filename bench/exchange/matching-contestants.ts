/**
 * The contestants of the matching benchmark behind one door: take the next piece of the stream, answer with a checksum
 * over all acks, fills, refusals and expiries. Each reads its own answers the way a caller would have to: ours from the
 * listener, nodejs-order-book's from the object it returns. Logs, kept in the comparison only, hold every fill.
 */
import { type BookListener, levelsOf } from '../../src/exchange/core/book.ts';
import { FastBook } from '../../src/exchange/core/book-fast.ts';
import { importPeer } from '../peers.ts';
import type { StreamCommand } from './matching-stream.ts';

export interface Contestant {
	/** Untimed: turns commands into what this contestant is called with. */
	load(commands: readonly StreamCommand[]): void;
	/** Timed. */
	play(): number;
	/** [price, quantity] best first. */
	levels(): { bids: number[][]; asks: number[][] };
	/** Fills and refusals in order. Expiries stand apart, since the peer does not say between which fills they came. */
	readonly log: string[];
	readonly expired: string[];
	logging: boolean;
}

export class OwnContestant implements Contestant, BookListener {
	readonly log: string[] = [];
	readonly expired: string[] = [];
	logging = false;
	readonly #book = new FastBook(this);
	#commands: readonly StreamCommand[] = [];
	#sum = 0;

	load(commands: readonly StreamCommand[]): void {
		this.#commands = commands;
	}

	play(): number {
		this.#sum = 0;
		for (let index = 0; index < this.#commands.length; index++) this.one(this.#commands[index] as StreamCommand);
		return this.#sum;
	}

	one(command: StreamCommand): void {
		switch (command.kind) {
			case 'cancel':
				this.#add(this.#book.cancel(command.orderId) ? 3 : 5);
				break;
			case 'amend':
				this.#book.amend(command.orderId, command.priceTicks, command.qtyLots);
				break;
			default:
				if (this.#book.place(command.order) === 'post-only-would-cross') this.#refuse(command.order.orderId);
		}
	}

	accepted(): void {
		this.#add(1);
	}

	filled(makerId: string, _takerId: string, priceTicks: number, qtyLots: number): void {
		this.#add(fillSum(makerId, priceTicks, qtyLots));
		if (this.logging) this.log.push(`${makerId} ${priceTicks} ${qtyLots}`);
	}

	cancelled(orderId: string, leavesLots: number, reason: string): void {
		if (reason !== 'self-trade') return;
		this.#add(leavesLots);
		if (this.logging) this.expired.push(orderId);
	}

	levelChanged(): void {}

	levels(): { bids: number[][]; asks: number[][] } {
		const pairs = (side: 'bid' | 'ask'): number[][] =>
			levelsOf(this.#book, side, Number.POSITIVE_INFINITY).map(({ priceTicks, qtyLots }) => [priceTicks, qtyLots]);
		return { bids: pairs('bid'), asks: pairs('ask') };
	}

	get checksum(): number {
		return this.#sum >>> 0;
	}

	get orderCount(): number {
		return this.#book.orderCount;
	}

	#refuse(orderId: string): void {
		this.#add(7);
		if (this.logging) this.log.push(`${orderId} refused`);
	}

	#add(value: number): void {
		this.#sum = (this.#sum + value) | 0;
	}
}

/** Joined by a plain sum, since fills and expiries of one command come in another order from the peer. */
function fillSum(makerId: string, priceTicks: number, qtyLots: number): number {
	return Math.imul(priceTicks, qtyLots) + makerId.charCodeAt(makerId.length - 1);
}

/** What we use of nodejs-order-book 10.1.1, journal and snapshots off, which is its default and its fastest. */
interface PeerOrder {
	readonly id: string;
	readonly price: number;
	readonly size: number;
}
interface PeerAnswer {
	readonly done: readonly PeerOrder[];
	readonly partial: PeerOrder | null;
	readonly partialQuantityProcessed: number;
	readonly stpExpired?: readonly PeerOrder[];
	readonly err: Error | null;
}
interface PeerLimit {
	readonly id: string;
	readonly side: 'buy' | 'sell';
	readonly size: number;
	readonly price: number;
	readonly postOnly: boolean;
	readonly accountId: string;
	readonly stpMode: string;
}
interface PeerBook {
	limit(options: PeerLimit): PeerAnswer;
	market(options: Omit<PeerLimit, 'id' | 'price' | 'postOnly'>): PeerAnswer;
	cancel(orderId: string): object | undefined;
	depth(): [asks: number[][], bids: number[][]];
}
interface PeerModule {
	readonly OrderBook: new () => PeerBook;
}
type PeerCommand =
	| { readonly kind: 'limit' | 'market'; readonly options: PeerLimit }
	| { readonly kind: 'cancel'; readonly orderId: string };

export class PeerContestant implements Contestant {
	readonly log: string[] = [];
	readonly expired: string[] = [];
	logging = false;
	readonly #book: PeerBook;
	#commands: PeerCommand[] = [];
	#sum = 0;

	static async load(): Promise<PeerContestant> {
		const { OrderBook } = await importPeer<PeerModule>('nodejs-order-book');
		return new PeerContestant(new OrderBook());
	}

	private constructor(book: PeerBook) {
		this.#book = book;
	}

	load(commands: readonly StreamCommand[]): void {
		this.#commands = commands.map(toPeer);
	}

	play(): number {
		this.#sum = 0;
		for (let index = 0; index < this.#commands.length; index++) {
			const command = this.#commands[index] as PeerCommand;
			if (command.kind === 'cancel') this.#add(this.#book.cancel(command.orderId) === undefined ? 5 : 3);
			else if (command.kind === 'market') this.#read('', this.#book.market(command.options));
			else this.#read(command.options.id, this.#book.limit(command.options));
		}
		return this.#sum;
	}

	levels(): { bids: number[][]; asks: number[][] } {
		const [asks, bids] = this.#book.depth();
		return { bids, asks };
	}

	#read(ownId: string, { done, partial, partialQuantityProcessed, stpExpired, err }: PeerAnswer): void {
		if (err !== null) {
			this.#add(7);
			if (this.logging) this.log.push(`${ownId} refused`);
			return;
		}
		this.#add(1);
		if (stpExpired !== undefined)
			for (let index = 0; index < stpExpired.length; index++) this.#expire(stpExpired[index] as PeerOrder);
		for (let index = 0; index < done.length; index++) {
			const maker = done[index] as PeerOrder;
			// An order that filled whole stands behind its makers in `done`.
			if (maker.id !== ownId) this.#fill(maker, maker.size);
		}
		if (partial !== null && partial.id !== ownId) this.#fill(partial, partialQuantityProcessed);
	}

	#fill(maker: PeerOrder, size: number): void {
		this.#add(fillSum(maker.id, maker.price, size));
		if (this.logging) this.log.push(`${maker.id} ${maker.price} ${size}`);
	}

	#expire(order: PeerOrder): void {
		this.#add(order.size);
		if (this.logging) this.expired.push(order.id);
	}

	#add(value: number): void {
		this.#sum = (this.#sum + value) | 0;
	}
}

function toPeer(command: StreamCommand): PeerCommand {
	if (command.kind === 'cancel') return command;
	if (command.kind === 'amend') throw new RangeError('the peer has no amend that keeps an order, so amends are not compared');
	const { orderId, side, qtyLots, priceTicks, postOnly, accountNo } = command.order;
	const options = {
		id: orderId,
		side,
		size: qtyLots,
		price: priceTicks,
		postOnly,
		accountId: `account-${accountNo}`,
		stpMode: 'EXPIRE_MAKER',
	};
	return { kind: command.kind === 'market' ? 'market' : 'limit', options };
}
