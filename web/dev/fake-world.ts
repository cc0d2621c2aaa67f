/**
 * A market and an engine that are made up, for looking at the dashboard without either: prices wander, quotes rest and
 * are filled, positions and profit follow from the fills. The same seed gives the same world.
 */

export interface FakeOrder {
	readonly orderId: string;
	readonly side: 'buy' | 'sell';
	price: number;
	qty: number;
	filled: number;
	state: 'open' | 'partiallyFilled' | 'filled' | 'cancelled' | 'rejected';
	readonly level: number;
	readonly createdAtMs: number;
	updatedAtMs: number;
	ahead: number;
	reason: string | null;
}

export interface FakeFill {
	readonly executionId: string;
	readonly orderId: string;
	readonly side: 'buy' | 'sell';
	readonly price: number;
	readonly qty: number;
	readonly fee: number;
	readonly atMs: number;
	readonly edgeBps: number;
	readonly markoutsBps: (number | null)[];
}

/** By the second, for charts. */
export interface FakeSample {
	readonly atMs: number;
	readonly mid: number;
	readonly fair: number;
	readonly reservation: number;
	readonly ownBid: number | null;
	readonly ownAsk: number | null;
	readonly position: number;
	readonly profit: number;
	readonly spread: number;
	readonly inventory: number;
	readonly fees: number;
	readonly funding: number;
	readonly depth: readonly number[];
	readonly depthLow: number;
}

const SAMPLES_MAX = 3_600;
const CLOSED_MAX = 120;
const FILLS_MAX = 200;
const LEVELS = 3;
export const DEPTH_STEPS = 40;
const MARKOUTS = 7;
/** Of the price, below zero: a rebate would be above. */
const MAKER_FEE = 0.0001;

/** Numbers that look random and are the same each time. */
function seeded(seed: number): () => number {
	let state = seed >>> 0;
	return () => {
		state = (state + 0x6d2b79f5) >>> 0;
		let mixed = Math.imul(state ^ (state >>> 15), state | 1);
		mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
	};
}

export class FakeSymbol {
	readonly id: string;
	readonly name: string;
	readonly venue: string;
	readonly base: string;
	readonly tickSize: number;
	readonly lotSize: number;
	readonly positionMax: number;
	mid: number;
	position = 0;
	spreadEarned = 0;
	inventoryEarned = 0;
	feesPaid = 0;
	fundingPaid = 0;
	fillCount = 0;
	quotingMs = 0;
	isPaused = false;
	readonly open: FakeOrder[] = [];
	readonly closed: FakeOrder[] = [];
	readonly fills: FakeFill[] = [];
	readonly samples: FakeSample[] = [];
	readonly #chance: () => number;
	#orderCount = 0;
	#drift = 0;

	constructor(base: string, venue: string, mid: number, seed: number) {
		this.base = base;
		this.name = `${base}USDT`;
		this.venue = venue;
		this.id = `${venue}:linear:${this.name}`;
		this.mid = mid;
		this.tickSize = 10 ** Math.floor(Math.log10(mid) - 4.5);
		this.lotSize = 10 ** -Math.max(0, Math.floor(Math.log10(mid)) - 1);
		this.positionMax = Math.ceil(5_000 / mid / this.lotSize) * this.lotSize;
		this.#chance = seeded(seed);
	}

	get bid(): number {
		return this.#onTick(this.mid - this.tickSize / 2);
	}

	get ask(): number {
		return this.bid + this.tickSize;
	}

	get fair(): number {
		return this.mid + this.#drift * this.tickSize * 4;
	}

	/** Lower while we hold more, so that we rather sell. */
	get reservation(): number {
		return this.fair - (this.position / this.positionMax) * this.tickSize * 8;
	}

	get profit(): number {
		return this.spreadEarned + this.inventoryEarned + this.feesPaid + this.fundingPaid;
	}

	step(nowMs: number, tookMs: number, isQuoting: boolean): void {
		this.#moveMarket(tookMs);
		if (isQuoting && !this.isPaused) this.#quote(nowMs, tookMs);
		else this.cancelAll(nowMs, 'quoting is paused');
		this.#fillSome(nowMs);
		this.#ageMarkouts(nowMs);
	}

	cancelAll(nowMs: number, reason: string): number {
		const orders = this.open.splice(0);
		for (const order of orders) this.#close(order, 'cancelled', nowMs, reason);
		return orders.length;
	}

	flatten(nowMs: number): void {
		if (this.position === 0) return;
		const side = this.position > 0 ? 'sell' : 'buy';
		const order = this.#newOrder(side, side === 'sell' ? this.bid : this.ask, Math.abs(this.position), 0, nowMs);
		this.#fill(order, order.qty, nowMs);
		this.#close(order, 'filled', nowMs, null);
	}

	sample(atMs: number): void {
		const low = this.bid - (DEPTH_STEPS / 2) * this.tickSize;
		const depth = Array.from({ length: DEPTH_STEPS }, (_, index) => this.standing(low + index * this.tickSize, atMs));
		this.samples.push({
			atMs,
			mid: this.mid,
			fair: this.fair,
			reservation: this.reservation,
			ownBid: this.best('buy'),
			ownAsk: this.best('sell'),
			position: this.position,
			profit: this.profit,
			spread: this.spreadEarned,
			inventory: this.inventoryEarned,
			fees: this.feesPaid,
			funding: this.fundingPaid,
			depth,
			depthLow: low,
		});
		if (this.samples.length > SAMPLES_MAX) this.samples.shift();
	}

	best(side: 'buy' | 'sell'): number | null {
		const prices = this.open.filter((order) => order.side === side).map(({ price }) => price);
		if (prices.length === 0) return null;
		return side === 'buy' ? Math.max(...prices) : Math.min(...prices);
	}

	/** What the whole market has resting at a price: thicker away from the touch and at round prices. */
	standing(price: number, atMs: number): number {
		const steps = Math.abs(price - this.mid) / this.tickSize;
		const round = Math.round(price / this.tickSize) % 10 === 0 ? 2.5 : 1;
		const wave = 1.2 + Math.sin(Math.round(price / this.tickSize) * 1.7 + Math.floor(atMs / 4_000) * 0.6);
		return Math.max(1, Math.round((2 + steps * 0.6) * wave * round)) * this.lotSize * 10;
	}

	#moveMarket(tookMs: number): void {
		const before = this.mid;
		this.#drift = this.#drift * 0.98 + (this.#chance() - 0.5) * 0.12;
		this.mid += (this.#chance() - 0.5 + this.#drift * 0.1) * this.tickSize * Math.sqrt(tookMs / 25);
		this.inventoryEarned += this.position * (this.mid - before);
		this.fundingPaid -= this.position * this.mid * 1e-9 * (tookMs / 100);
	}

	#quote(nowMs: number, tookMs: number): void {
		for (const side of ['buy', 'sell'] as const) {
			const isFull = side === 'buy' ? this.position >= this.positionMax : this.position <= -this.positionMax;
			for (let level = 0; level < LEVELS; level++) {
				const away = (1.5 + level * 3) * this.tickSize * (side === 'buy' ? -1 : 1);
				const wanted = this.#onTick(this.reservation + away);
				const order = this.open.find((each) => each.side === side && each.level === level);
				if (isFull) continue;
				if (order === undefined) this.open.push(this.#newOrder(side, wanted, this.#size(), level, nowMs));
				else if (Math.abs(order.price - wanted) > 1.5 * this.tickSize) this.#amend(order, wanted, nowMs);
				else order.ahead = Math.max(0, order.ahead - this.#chance() * this.lotSize);
			}
		}
		if (this.open.length > 0) this.quotingMs += tookMs;
	}

	#amend(order: FakeOrder, price: number, nowMs: number): void {
		order.price = price;
		order.updatedAtMs = nowMs;
		order.ahead = this.standing(price, nowMs);
	}

	#newOrder(side: 'buy' | 'sell', price: number, qty: number, level: number, nowMs: number): FakeOrder {
		this.#orderCount++;
		const orderId = `ek7f3a-${this.base.toLowerCase()}-${this.#orderCount.toString(36)}`;
		const ahead = this.standing(price, nowMs);
		return {
			orderId,
			side,
			price,
			qty,
			filled: 0,
			state: 'open',
			level,
			createdAtMs: nowMs,
			updatedAtMs: nowMs,
			ahead,
			reason: null,
		};
	}

	#fillSome(nowMs: number): void {
		for (const order of [...this.open]) {
			const isCrossed = order.side === 'buy' ? order.price >= this.mid : order.price <= this.mid;
			if (!isCrossed && this.#chance() > 0.004 / (order.level + 1)) continue;
			const left = order.qty - order.filled;
			const qty = this.#chance() < 0.3 && left > this.lotSize ? this.#onLot(left / 2) : left;
			this.#fill(order, qty, nowMs);
			if (order.filled < order.qty - this.lotSize / 2) order.state = 'partiallyFilled';
			else {
				this.open.splice(this.open.indexOf(order), 1);
				this.#close(order, 'filled', nowMs, null);
			}
		}
	}

	#fill(order: FakeOrder, qty: number, nowMs: number): void {
		const sign = order.side === 'buy' ? 1 : -1;
		const edge = sign * (this.mid - order.price);
		order.filled += qty;
		order.updatedAtMs = nowMs;
		this.position = this.#onLot(this.position + sign * qty);
		this.spreadEarned += edge * qty;
		const fee = order.price * qty * MAKER_FEE;
		this.feesPaid -= fee;
		this.fillCount++;
		this.fills.unshift({
			executionId: `${order.orderId}-x${this.fillCount}`,
			orderId: order.orderId,
			side: order.side,
			price: order.price,
			qty,
			fee,
			atMs: nowMs,
			edgeBps: (edge / this.mid) * 10_000,
			markoutsBps: Array.from({ length: MARKOUTS }, () => null),
		});
		if (this.fills.length > FILLS_MAX) this.fills.pop();
	}

	#ageMarkouts(nowMs: number): void {
		const after = [100, 500, 1_000, 5_000, 10_000, 30_000, 60_000];
		for (const fill of this.fills) {
			after.forEach((ms, index) => {
				if (fill.markoutsBps[index] !== null || nowMs - fill.atMs < ms) return;
				const sign = fill.side === 'buy' ? 1 : -1;
				fill.markoutsBps[index] = ((sign * (this.mid - fill.price)) / this.mid) * 10_000;
			});
		}
	}

	#close(order: FakeOrder, state: FakeOrder['state'], nowMs: number, reason: string | null): void {
		order.state = state;
		order.updatedAtMs = nowMs;
		order.reason = reason;
		this.closed.unshift(order);
		if (this.closed.length > CLOSED_MAX) this.closed.pop();
	}

	#size(): number {
		return this.#onLot((0.05 + this.#chance() * 0.05) * this.positionMax);
	}

	#onTick(price: number): number {
		return Math.round(price / this.tickSize) * this.tickSize;
	}

	#onLot(qty: number): number {
		return Math.round(qty / this.lotSize) * this.lotSize;
	}
}

const BASES: readonly (readonly [base: string, mid: number])[] = [
	['BTC', 64_250],
	['ETH', 3_180],
	['SOL', 148.2],
	['XRP', 0.5934],
	['DOGE', 0.1242],
];

export class FakeWorld {
	readonly symbols: readonly FakeSymbol[];
	readonly startedAtMs: number;
	nowMs: number;
	level: 'run' | 'reduceOnly' | 'kill' = 'run';
	reason: string | null = null;
	isPaused = false;
	tickCount = 0;
	#sampledAtMs = 0;

	constructor(symbolCount: number, nowMs: number) {
		this.symbols = Array.from({ length: symbolCount }, (_, index) => {
			const [base, mid] = BASES[index] ?? [`C${String(index).padStart(2, '0')}`, 0.5 * 1.3 ** (index % 30)];
			return new FakeSymbol(base, index % 3 === 1 ? 'binance' : 'bybit', mid, index + 7);
		});
		this.startedAtMs = nowMs;
		this.nowMs = nowMs;
	}

	step(tookMs: number): void {
		this.nowMs += tookMs;
		this.tickCount++;
		for (const symbol of this.symbols) symbol.step(this.nowMs, tookMs, this.level === 'run' && !this.isPaused);
		if (this.nowMs - this.#sampledAtMs < 1_000) return;
		this.#sampledAtMs = this.nowMs;
		for (const symbol of this.symbols) symbol.sample(this.nowMs);
	}

	/** By its name or id. */
	find(text: string): FakeSymbol | undefined {
		return this.symbols.find(({ id, name }) => text === id || text === name);
	}

	chosen(text: string | undefined): readonly FakeSymbol[] {
		const found = text === undefined ? undefined : this.find(text);
		return text === undefined ? this.symbols : found === undefined ? [] : [found];
	}
}
