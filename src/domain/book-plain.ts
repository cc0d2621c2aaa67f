/**
 * The plain twin of book.ts: the same order book as a Map for each side, sorted anew whenever someone looks. It is the
 * specification that the fast one is held to by book.suite.ts, and never runs in the engine.
 */
import {
	type BookSide,
	type BookTrust,
	type DistrustReason,
	levelsMaxOf,
	type OrderBook,
	type OrderBookOptions,
} from './book.ts';
import type { BookDelta } from './book-delta.ts';
import { hashBook } from './book-hash.ts';
import type { Lots, Ticks, TimeMs } from './units.ts';

interface Level {
	readonly ticks: Ticks;
	readonly lots: Lots;
}

const NO_LEVEL: Level = { ticks: 0 as Ticks, lots: 0 as Lots };

export function createPlainBook(options: OrderBookOptions = {}): OrderBook {
	return new PlainBook(levelsMaxOf(options));
}

class PlainBook implements OrderBook {
	version = 0;
	topVersion = 0;
	trust: BookTrust = { kind: 'empty' };
	sequence = 0;
	venueAtMs = 0 as TimeMs;
	receivedAtMs = 0 as TimeMs;
	unknownDeleteCount = 0;
	trimmedLevelCount = 0;
	isTrimmed = false;
	readonly #levelsMax: number;
	readonly #sides = { bid: new PlainSide((a, b) => b - a), ask: new PlainSide((a, b) => a - b) };

	constructor(levelsMax: number) {
		this.#levelsMax = levelsMax;
	}

	apply(delta: BookDelta): void {
		const topBefore = this.#top();
		if (delta.kind === 'snapshot') {
			this.#removeAll();
			this.trust = { kind: 'whole' };
		}
		for (let i = 0; i < delta.count; i++) this.#change(delta.sideAt(i), delta.ticksAt(i), delta.lotsAt(i));
		this.#trim('bid');
		this.#trim('ask');
		this.sequence = delta.sequence;
		this.venueAtMs = delta.venueAtMs;
		this.receivedAtMs = delta.receivedAtMs;
		this.#changed(topBefore);
	}

	clear(): void {
		const topBefore = this.#top();
		this.#removeAll();
		this.trust = { kind: 'empty' };
		this.sequence = 0;
		this.venueAtMs = 0 as TimeMs;
		this.receivedAtMs = 0 as TimeMs;
		this.#changed(topBefore);
	}

	distrust(reason: DistrustReason): void {
		if (this.trust.kind !== 'broken') this.trust = { kind: 'broken', reason };
		this.version++;
	}

	#removeAll(): void {
		this.#sides.bid.clear();
		this.#sides.ask.clear();
		this.isTrimmed = false;
	}

	#change(side: BookSide, ticks: Ticks, lots: Lots): void {
		if (lots > 0) this.#sides[side].set(ticks, lots);
		else if (!this.#sides[side].delete(ticks)) this.unknownDeleteCount++;
	}

	#trim(side: BookSide): void {
		for (const { ticks } of this.#sides[side].bestFirst().slice(this.#levelsMax)) {
			this.#sides[side].delete(ticks);
			this.trimmedLevelCount++;
			this.isTrimmed = true;
		}
	}

	#top(): string {
		return [this.bestBidTicks, this.bestBidLots, this.bestAskTicks, this.bestAskLots].join();
	}

	#changed(topBefore: string): void {
		this.version++;
		if (this.#top() !== topBefore) this.topVersion++;
	}

	get bestBidTicks(): Ticks {
		return this.bidTicksAt(0);
	}

	get bestBidLots(): Lots {
		return this.bidLotsAt(0);
	}

	get bestAskTicks(): Ticks {
		return this.askTicksAt(0);
	}

	get bestAskLots(): Lots {
		return this.askLotsAt(0);
	}

	get midTwiceTicks(): number {
		return this.isTwoSided ? this.bestBidTicks + this.bestAskTicks : 0;
	}

	get isTwoSided(): boolean {
		return this.bidCount > 0 && this.askCount > 0;
	}

	get isCrossed(): boolean {
		return this.isTwoSided && this.bestBidTicks >= this.bestAskTicks;
	}

	get bidCount(): number {
		return this.#sides.bid.bestFirst().length;
	}

	get askCount(): number {
		return this.#sides.ask.bestFirst().length;
	}

	bidTicksAt(index: number): Ticks {
		return this.#sides.bid.levelAt(index).ticks;
	}

	bidLotsAt(index: number): Lots {
		return this.#sides.bid.levelAt(index).lots;
	}

	askTicksAt(index: number): Ticks {
		return this.#sides.ask.levelAt(index).ticks;
	}

	askLotsAt(index: number): Lots {
		return this.#sides.ask.levelAt(index).lots;
	}

	lotsAt(side: BookSide, ticks: Ticks): Lots {
		return this.#sides[side].bestFirst().find((level) => level.ticks === ticks)?.lots ?? (0 as Lots);
	}

	lotsWithin(side: BookSide, levelCount: number): Lots {
		const levels = this.#sides[side].bestFirst().slice(0, Math.max(0, levelCount));
		return levels.reduce((sum, { lots }) => sum + lots, 0) as Lots;
	}

	vwapTicks(side: BookSide, lots: Lots): number {
		let leftLots: number = lots;
		let cost = 0n;
		for (const level of this.#sides[side].bestFirst()) {
			const takenLots = Math.min(leftLots, level.lots);
			cost += BigInt(level.ticks) * BigInt(takenLots);
			leftLots -= takenLots;
		}
		if (lots === 0 || leftLots > 0) return Number.NaN;
		const whole = cost / BigInt(lots);
		return Number(whole) + Number(cost - whole * BigInt(lots)) / lots;
	}

	hash(): number {
		return hashBook(this);
	}
}

class PlainSide {
	readonly #lotsByTicks = new Map<Ticks, Lots>();
	readonly #order: (a: number, b: number) => number;
	#sorted: readonly Level[] | undefined;

	constructor(order: (a: number, b: number) => number) {
		this.#order = order;
	}

	set(ticks: Ticks, lots: Lots): void {
		this.#lotsByTicks.set(ticks, lots);
		this.#sorted = undefined;
	}

	delete(ticks: Ticks): boolean {
		this.#sorted = undefined;
		return this.#lotsByTicks.delete(ticks);
	}

	clear(): void {
		this.#lotsByTicks.clear();
		this.#sorted = undefined;
	}

	bestFirst(): readonly Level[] {
		this.#sorted ??= [...this.#lotsByTicks]
			.map(([ticks, lots]) => ({ ticks, lots }))
			.sort((a, b) => this.#order(a.ticks, b.ticks));
		return this.#sorted;
	}

	levelAt(index: number): Level {
		return this.bestFirst()[index] ?? NO_LEVEL;
	}
}
