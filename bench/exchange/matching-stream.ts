/**
 * The two streams of orders that the matching benchmark feeds, from a seed and the same for every contestant.
 * `TakingStream`: 71 % limit orders (a fifth of them post-only), 24 % cancels, 5 % market orders, of 64 accounts that
 * avoid trading with themselves, around a price that drifts, with some 5,000 orders resting.
 * `AmendingStream`: 9 % resting orders, 3 % IOC, 6 % cancels, 82 % amends, with some 1,000 orders over 750 prices.
 */
import { type BookListener, type BookOrder, MAX_PRICE_TICKS, type OrderSide } from '../../src/exchange/core/book.ts';
import { FastBook } from '../../src/exchange/core/book-fast.ts';

export type StreamCommand =
	| { readonly kind: 'limit' | 'market' | 'ioc'; readonly order: BookOrder }
	| { readonly kind: 'cancel'; readonly orderId: string }
	| { readonly kind: 'amend'; readonly orderId: string; readonly priceTicks: number; readonly qtyLots: number };

const ACCOUNTS = 64;

/** The orders that rest at this point of a stream, known from a book of its own. */
class LiveOrders implements BookListener {
	readonly book = new FastBook(this);
	readonly #ids: string[] = [];
	readonly #sides: OrderSide[] = [];
	readonly #placeOf = new Map<string, number>();
	/** Whether the order that is going in has filled whole. */
	#isFilled = false;

	get count(): number {
		return this.#ids.length;
	}

	id(place: number): string {
		return this.#ids[place] as string;
	}

	side(place: number): OrderSide {
		return this.#sides[place] as OrderSide;
	}

	place(order: BookOrder): void {
		this.#placeOf.set(order.orderId, this.#ids.length);
		this.#ids.push(order.orderId);
		this.#sides.push(order.side);
		const taken = this.book.place(order) === 'accepted';
		if (!taken || this.#isFilled) this.#forget(order.orderId);
		this.#isFilled = false;
	}

	cancel(orderId: string): void {
		this.book.cancel(orderId);
		this.#forget(orderId);
	}

	accepted(): void {}

	levelChanged(): void {}

	cancelled(orderId: string): void {
		this.#forget(orderId);
	}

	filled(makerId: string, _takerId: string, _priceTicks: number, _qtyLots: number, makerLots: number, takerLots: number): void {
		if (makerLots === 0) this.#forget(makerId);
		if (takerLots === 0) this.#isFilled = true;
	}

	#forget(orderId: string): void {
		const place = this.#placeOf.get(orderId);
		if (place === undefined) return;
		const last = this.#ids.length - 1;
		const lastId = this.id(last);
		this.#ids[place] = lastId;
		this.#sides[place] = this.side(last);
		this.#placeOf.set(lastId, place);
		this.#ids.pop();
		this.#sides.pop();
		this.#placeOf.delete(orderId);
	}
}

const TAKING_ORDERS = 5_000;

export class TakingStream {
	readonly #roll: Dice;
	readonly #live = new LiveOrders();
	#count = 0;
	#midTicks = 650_000;

	constructor(seed: number) {
		this.#roll = dice(seed);
	}

	next(count: number): StreamCommand[] {
		return Array.from({ length: count }, () => this.#one());
	}

	#one(): StreamCommand {
		this.#count += 1;
		const roll = this.#roll;
		this.#midTicks += roll(5) - 2;
		const share = roll(100);
		if (share < 24 && this.#live.count > 0) {
			const orderId = this.#live.id(roll(this.#live.count));
			this.#live.cancel(orderId);
			return { kind: 'cancel', orderId };
		}
		const market = share < 29;
		const order = market ? this.#market() : this.#limit();
		this.#live.place(order);
		return { kind: market ? 'market' : 'limit', order };
	}

	#market(): BookOrder {
		const { side, ...more } = this.#order();
		return { ...more, side, priceTicks: side === 'buy' ? MAX_PRICE_TICKS : 1, timeInForce: 'ioc', postOnly: false };
	}

	/** Two draws make prices near the middle likelier. While many orders rest, more of the new ones cross. */
	#limit(): BookOrder {
		const roll = this.#roll;
		const order = this.#order();
		const reachTicks = this.#live.count > TAKING_ORDERS ? 75 : 25;
		const awayTicks = Math.floor((roll(120) + roll(120)) / 2) - reachTicks;
		const priceTicks = this.#midTicks + (order.side === 'buy' ? -awayTicks : awayTicks);
		return { ...order, priceTicks, timeInForce: 'gtc', postOnly: roll(5) === 0 };
	}

	#order(): Omit<BookOrder, 'priceTicks' | 'timeInForce' | 'postOnly'> {
		const roll = this.#roll;
		return {
			orderId: `order-${this.#count}`,
			accountNo: roll(ACCOUNTS),
			side: roll(2) === 0 ? 'buy' : 'sell',
			qtyLots: 1 + roll(100),
			selfTrade: 'cancel-maker',
			reduceOnly: false,
		};
	}
}

const LEVELS_A_SIDE = 375;
const AMENDING_ORDERS = 1_000;
const MIDDLE_TICKS = 650_000;

export class AmendingStream {
	readonly #roll: Dice;
	readonly #live = new LiveOrders();
	#count = 0;

	constructor(seed: number) {
		this.#roll = dice(seed);
	}

	/** Resting orders to begin with. */
	start(): StreamCommand[] {
		return Array.from({ length: AMENDING_ORDERS }, () => this.#rest());
	}

	next(count: number): StreamCommand[] {
		return Array.from({ length: count }, () => this.#one());
	}

	#one(): StreamCommand {
		const live = this.#live;
		const share = this.#roll(100);
		if (live.count === 0 || share < 9) return this.#rest();
		if (share < 12) return this.#take();
		const place = this.#roll(live.count);
		const orderId = live.id(place);
		if (share < 18) {
			live.cancel(orderId);
			return { kind: 'cancel', orderId };
		}
		const [priceTicks, qtyLots] = [this.#price(live.side(place)), 1 + this.#roll(100)];
		live.book.amend(orderId, priceTicks, qtyLots);
		return { kind: 'amend', orderId, priceTicks, qtyLots };
	}

	#rest(): StreamCommand {
		const order = this.#order(this.#roll(2) === 0 ? 'buy' : 'sell', 'gtc');
		this.#live.place(order);
		return { kind: 'limit', order };
	}

	#take(): StreamCommand {
		const side: OrderSide = this.#roll(2) === 0 ? 'buy' : 'sell';
		const priceTicks = MIDDLE_TICKS + (side === 'buy' ? LEVELS_A_SIDE : -LEVELS_A_SIDE);
		// About one maker each; more while there are too many, so that their number stays where it is.
		const qtyLots = this.#live.count > AMENDING_ORDERS ? 100 + this.#roll(100) : 1 + this.#roll(40);
		const order: BookOrder = { ...this.#order(side, 'ioc'), priceTicks, qtyLots };
		this.#live.place(order);
		return { kind: 'ioc', order };
	}

	#order(side: OrderSide, timeInForce: 'gtc' | 'ioc'): BookOrder {
		this.#count += 1;
		return {
			orderId: `order-${this.#count}`,
			accountNo: this.#count % ACCOUNTS,
			side,
			priceTicks: this.#price(side),
			qtyLots: 1 + this.#roll(100),
			timeInForce,
			postOnly: false,
			reduceOnly: false,
			selfTrade: 'none',
		};
	}

	/** Buys below the middle, sells from it up, so that only IOC orders take. */
	#price(side: OrderSide): number {
		const awayTicks = this.#roll(LEVELS_A_SIDE);
		return side === 'buy' ? MIDDLE_TICKS - 1 - awayTicks : MIDDLE_TICKS + awayTicks;
	}
}

type Dice = (bound: number) => number;

function dice(seed: number): Dice {
	let state = seed >>> 0;
	return (bound) => {
		state = (state + 0x9e3779b9) >>> 0;
		let mixed = Math.imul(state ^ (state >>> 16), 0x85ebca6b);
		mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
		return Math.floor((((mixed ^ (mixed >>> 16)) >>> 0) / 2 ** 32) * bound);
	};
}
