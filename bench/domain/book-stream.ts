/**
 * Makes a seeded stream of book messages as a venue with a fixed depth sends them (Bybit's orderbook.50 and .1000).
 * The mid walks at random; most changes are new sizes near the touch; when a level goes, the next one beyond the far end
 * comes into view, and when one comes, the farthest goes out of it, so that both sides keep their number of levels.
 */
export interface ParsedMessage {
	/** [price in ticks, size in lots] as a parser leaves them, size 0 for a level that is gone. */
	readonly bids: [number, number][];
	readonly asks: [number, number][];
}

export interface StreamOptions {
	readonly seed: number;
	readonly levelCount: number;
	readonly messageCount: number;
	readonly changesPerMessage: number;
}

/** Messages packed flat, so that a bench can rebuild 'just parsed' ones outside of its timing, young and in cache. */
export class BookStream {
	readonly snapshot: ParsedMessage;
	readonly #changes: Float64Array;
	readonly #changesPerMessage: number;

	constructor(options: StreamOptions) {
		const { messageCount, changesPerMessage } = options;
		const venue = new Venue(options);
		this.snapshot = { bids: venue.bids.levels(), asks: venue.asks.levels() };
		this.#changesPerMessage = changesPerMessage;
		this.#changes = new Float64Array(messageCount * changesPerMessage * 2);
		for (let i = 0; i < messageCount; i++) {
			const changes = venue.message(changesPerMessage);
			for (const [c, [key, lots]] of changes.entries()) this.#changes.set([key, lots], (i * changesPerMessage + c) * 2);
		}
	}

	/** The messages from one index up to another, newly built. */
	parse(from: number, to: number): ParsedMessage[] {
		return Array.from({ length: to - from }, (_, i) => this.#parseOne(from + i));
	}

	#parseOne(index: number): ParsedMessage {
		const message: ParsedMessage = { bids: [], asks: [] };
		const start = index * this.#changesPerMessage * 2;
		for (let at = start; at < start + this.#changesPerMessage * 2; at += 2) {
			const key = this.#changes[at] as number;
			const lots = this.#changes[at + 1] as number;
			(key > 0 ? message.bids : message.asks).push([Math.abs(key), lots]);
		}
		return message;
	}
}

type Change = [key: number, lots: number];

const SHARE_OF_MOVES = 0.12;
const SHARE_OF_CHURN = 0.25;

class Venue {
	readonly bids: VenueSide;
	readonly asks: VenueSide;
	readonly #random: () => number;

	constructor({ seed, levelCount }: StreamOptions) {
		this.#random = mulberry32(seed);
		this.bids = new VenueSide(640_000, 1, levelCount, this.#random);
		this.asks = new VenueSide(640_001, -1, levelCount, this.#random);
	}

	/** One message with exactly this many changes, no price twice. */
	message(changeCount: number): Change[] {
		const changes = new Map<number, number>();
		if (this.#random() < SHARE_OF_MOVES) this.#move(changes);
		if (this.#random() < SHARE_OF_CHURN) this.#side().churn(changes);
		while (changes.size < changeCount) this.#side().resize(changes);
		// A message lists its bids before its asks, as venues do.
		return [...changes].sort(([a], [b]) => Math.sign(b) - Math.sign(a));
	}

	#side(): VenueSide {
		return this.#random() < 0.5 ? this.bids : this.asks;
	}

	/** The best level of one side is taken and the other side follows into the gap. */
	#move(changes: Map<number, number>): void {
		const [taken, following] = this.#random() < 0.5 ? [this.bids, this.asks] : [this.asks, this.bids];
		const price = taken.takeBest(changes);
		following.placeBest(price, changes);
	}
}

/** One side, best level last; keys grow towards the better price (a bid's price, an ask's price negated). */
class VenueSide {
	readonly #keys: number[] = [];
	readonly #lots: number[] = [];
	readonly #sign: number;
	readonly #random: () => number;

	constructor(bestPrice: number, sign: number, levelCount: number, random: () => number) {
		this.#sign = sign;
		this.#random = random;
		for (let key = bestPrice * sign; this.#keys.length < levelCount; key -= this.#gap()) {
			this.#keys.unshift(key);
			this.#lots.unshift(this.#size());
		}
	}

	/** Best first, as snapshots are. */
	levels(): [number, number][] {
		return this.#keys.map((key, i): [number, number] => [key * this.#sign, this.#lots[i] as number]).reverse();
	}

	/** A new size, mostly within the first few levels. */
	resize(changes: Map<number, number>): void {
		const at = this.#near();
		const key = this.#keys[at] as number;
		if (changes.has(key)) return;
		const size = this.#size();
		this.#lots[at] = size;
		changes.set(key, size);
	}

	/** A level behind the best goes, or one comes into a gap. */
	churn(changes: Map<number, number>): void {
		const at = Math.min(this.#near(), this.#keys.length - 2);
		const key = this.#keys[at] as number;
		if (changes.has(key)) return;
		if (this.#keys[at + 1] !== key + 1 && !changes.has(key + 1)) {
			this.#insert(at + 1, key + 1, changes);
			this.#dropFarthest(changes);
		} else {
			this.#remove(at, changes);
			this.#showFarther(changes);
		}
	}

	takeBest(changes: Map<number, number>): number {
		const key = this.#keys.at(-1) as number;
		this.#remove(this.#keys.length - 1, changes);
		this.#showFarther(changes);
		return key * this.#sign;
	}

	placeBest(price: number, changes: Map<number, number>): void {
		this.#insert(this.#keys.length, price * this.#sign, changes);
		this.#dropFarthest(changes);
	}

	#insert(at: number, key: number, changes: Map<number, number>): void {
		const size = this.#size();
		this.#keys.splice(at, 0, key);
		this.#lots.splice(at, 0, size);
		changes.set(key, size);
	}

	#remove(at: number, changes: Map<number, number>): void {
		changes.set(this.#keys[at] as number, 0);
		this.#keys.splice(at, 1);
		this.#lots.splice(at, 1);
	}

	#dropFarthest(changes: Map<number, number>): void {
		this.#remove(0, changes);
	}

	#showFarther(changes: Map<number, number>): void {
		this.#insert(0, (this.#keys[0] as number) - this.#gap(), changes);
	}

	/** An index near the best: half of them within 6 levels, one in a hundred beyond 40. */
	#near(): number {
		const distance = Math.floor(-Math.log(1 - this.#random()) * 9);
		return Math.max(0, this.#keys.length - 1 - distance);
	}

	#gap(): number {
		return this.#random() < 0.7 ? 1 : 1 + Math.floor(this.#random() * 4);
	}

	#size(): number {
		return 1 + Math.floor(this.#random() ** 3 * 20_000);
	}
}

/** A small generator of our own, so that streams are the same on every machine. */
function mulberry32(seed: number): () => number {
	let state = seed >>> 0;
	return () => {
		state = (state + 0x6d2b79f5) >>> 0;
		let mixed = Math.imul(state ^ (state >>> 15), state | 1);
		mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
	};
}
