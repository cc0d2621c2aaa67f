/** Whatever is done to the exchange, in whatever order, the money adds up and the books make sense. */
import { describe, expect, test } from 'vitest';
import type { OrderSide, SelfTradePolicy } from './book.ts';
import { PlainBook } from './book-plain.ts';
import type { ExchangeEvent } from './events.ts';
import { eventText, NOW_MS, PERP, SPOT } from './exchange.fixture.ts';
import { Exchange } from './exchange.ts';
import { atoms } from './money.ts';
import type { OrderName } from './requests.ts';
import type { OrderTimeInForce } from './views.ts';

const ACCOUNTS = ['ann', 'bob', 'cyd', 'dan'] as const;
const POLICIES: readonly SelfTradePolicy[] = ['none', 'cancel-maker', 'cancel-taker', 'cancel-both'];
const TIMES: readonly OrderTimeInForce[] = ['gtc', 'gtc', 'gtc', 'ioc', 'fok', 'post-only'];
/** Fees of a size that rounding matters, on both sides of zero. */
const LISTINGS = [
	{ ...PERP, lotSize: '0.00001', minQty: '0.00001', maxQty: '1', minNotional: '0', makerFeeRate: '-0.00012345' },
	SPOT,
];
const DEPOSITS: Readonly<Record<string, string>> = { USDT: '5000', ETH: '3' };

type Dice = (bound: number) => number;

function dice(seed: number): Dice {
	let state = seed;
	return (bound) => {
		state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
		return Math.floor((state / 2 ** 32) * bound);
	};
}

function pick<Thing>(roll: Dice, things: readonly Thing[]): Thing {
	const thing = things[roll(things.length)];
	if (thing === undefined) throw new Error('nothing to pick from');
	return thing;
}

function open(plain: boolean): Exchange {
	const exchange = new Exchange(
		plain ? { listings: LISTINGS, createBook: (listener) => new PlainBook(listener) } : { listings: LISTINGS },
	);
	for (const accountId of ACCOUNTS) {
		exchange.openAccount(accountId);
		for (const [coin, amount] of Object.entries(DEPOSITS)) exchange.deposit(accountId, coin, atoms(amount), NOW_MS);
	}
	return exchange;
}

function act(exchange: Exchange, roll: Dice, nowMs: number): void {
	const perp = roll(3) > 0;
	const symbol = perp ? PERP.symbol : SPOT.symbol;
	const accountId = pick(roll, ACCOUNTS);
	const side: OrderSide = roll(2) === 0 ? 'buy' : 'sell';
	const priceTicks = (perp ? 650_000 : 300_000) + roll(12) * 7;
	const qtyLots = 1 + roll(perp ? 3_000 : 4_000);
	const order: OrderName = roll(4) === 0 ? { clientOrderId: `c${roll(20)}` } : { orderId: String(1 + roll(30)) };
	const kind = roll(20);
	if (kind === 0) exchange.cancelAll({ accountId, symbol }, nowMs);
	else if (kind === 1) exchange.setMarkPrice(PERP.symbol, 640_000 + roll(20_000), nowMs);
	else if (kind === 2) exchange.applyFunding(PERP.symbol, { rateE8: roll(20_001) - 10_000, markTicks: 650_000 + roll(7) }, nowMs);
	else if (kind < 5) exchange.cancel({ accountId, symbol, order }, nowMs);
	else if (kind < 9)
		exchange.amend(
			{ accountId, symbol, order, ...(roll(2) === 0 ? { priceTicks } : {}), ...(roll(2) === 0 ? { qtyLots } : {}) },
			nowMs,
		);
	else {
		const more = { accountId, symbol, side, qtyLots, reduceOnly: perp && roll(4) === 0, selfTrade: pick(roll, POLICIES) };
		const named = roll(2) === 0 ? { ...more, clientOrderId: `c${roll(20)}` } : more;
		if (roll(8) === 0) exchange.place({ ...named, type: 'market' }, nowMs);
		else exchange.place({ ...named, type: 'limit', priceTicks, timeInForce: pick(roll, TIMES) }, nowMs);
	}
}

/** Money plus what positions cost is what was paid in; nobody owns what another does not owe. */
function checkMoney(exchange: Exchange, label: string): void {
	for (const [coin, amount] of Object.entries(DEPOSITS)) {
		let sumAtoms = exchange.houseBalances().find((balance) => balance.coin === coin)?.atoms ?? 0n;
		for (const accountId of exchange.accounts()) {
			for (const balance of exchange.balances(accountId)) if (balance.coin === coin) sumAtoms += balance.walletAtoms;
			if (coin === 'USDT') for (const position of exchange.positions(accountId)) sumAtoms -= position.costAtomsSigned;
		}
		expect(sumAtoms, `${label}: sum of ${coin}`).toBe(atoms(amount) * BigInt(ACCOUNTS.length));
	}
	let netLots = 0;
	for (const accountId of exchange.accounts())
		for (const position of exchange.positions(accountId)) netLots += position.qtyLotsSigned;
	expect(netLots, `${label}: sum of positions`).toBe(0);
}

function checkLocks(exchange: Exchange, label: string): void {
	for (const accountId of exchange.accounts()) {
		const locked: Record<string, bigint> = { USDT: 0n, ETH: 0n };
		for (const order of exchange.openOrders(accountId, SPOT.symbol)) {
			const listing = exchange.listing(SPOT.symbol);
			if (listing === undefined) throw new Error('no spot listing');
			if (order.side === 'buy') locked['USDT'] = (locked['USDT'] ?? 0n) + listing.valueAtoms(order.priceTicks, order.leavesLots);
			else locked['ETH'] = (locked['ETH'] ?? 0n) + listing.baseAtoms(order.leavesLots);
		}
		for (const { coin, lockedAtoms, walletAtoms } of exchange.balances(accountId)) {
			expect(lockedAtoms, `${label}: ${coin} locked of ${accountId}`).toBe(locked[coin]);
			if (coin === 'ETH') expect(walletAtoms >= lockedAtoms, `${label}: ETH of ${accountId}`).toBe(true);
		}
		expect(exchange.positions(accountId)[0]?.marginAtoms, `${label}: margin of ${accountId}`).toBe(
			expectedMargin(exchange, accountId),
		);
	}
}

/** Summed up anew from what is open: the worse of all buys and all sells, at the ten times leverage that all start with. */
function expectedMargin(exchange: Exchange, accountId: string): bigint {
	const [listing, position] = [exchange.listing(PERP.symbol), exchange.positions(accountId)[0]];
	if (listing === undefined || position === undefined) throw new Error('no perpetual');
	const { markTicks, qtyLotsSigned, costAtomsSigned } = position;
	const held = markTicks === 0 ? costAtomsSigned : listing.valueAtoms(markTicks, qtyLotsSigned);
	let [long, short] = [held, -held];
	for (const { side, priceTicks, leavesLots, reduceOnly } of exchange.openOrders(accountId, PERP.symbol)) {
		if (reduceOnly) continue;
		if (side === 'buy') long += listing.valueAtoms(priceTicks, leavesLots);
		else short += listing.valueAtoms(priceTicks, leavesLots);
	}
	const worse = long > short ? long : short;
	return worse <= 0n ? 0n : (worse + 9n) / 10n;
}

function checkBooks(exchange: Exchange, label: string): void {
	for (const symbol of exchange.symbols()) {
		const view = exchange.book(symbol, 1_000);
		if (view === undefined) throw new Error('no book');
		const bid = view.bids[0]?.priceTicks ?? 0;
		const ask = view.asks[0]?.priceTicks ?? Number.POSITIVE_INFINITY;
		expect(bid, `${label}: ${symbol} is crossed`).toBeLessThan(ask);
		for (const side of ['bids', 'asks'] as const) {
			const prices = view[side].map(({ priceTicks }) => (side === 'bids' ? -priceTicks : priceTicks));
			expect(prices, label).toEqual([...new Set(prices)].sort((left, right) => left - right));
			expect(
				view[side].every(({ qtyLots }) => qtyLots > 0),
				`${label}: empty level of ${symbol}`,
			).toBe(true);
		}
	}
}

/** What a follower of the events believes about books, fills and numbers. */
class Follower {
	readonly #levels = new Map<string, number>();
	readonly #filledLots = new Map<string, number>();
	executionCount = 0;
	reducingCount = 0;
	readonly #reduceOnly = new Set<string>();
	#seq: number | null = null;

	readonly hear = (event: ExchangeEvent): void => {
		if (this.#seq !== null && event.seq !== this.#seq + 1) throw new Error(`event ${event.seq} after ${this.#seq}`);
		this.#seq = event.seq;
		if (event.kind === 'book-level') {
			const key = `${event.symbol} ${event.side} ${event.priceTicks}`;
			if (event.qtyLots === 0) this.#levels.delete(key);
			else this.#levels.set(key, event.qtyLots);
		}
		if (event.kind === 'order') {
			const { order } = event;
			if (order.reduceOnly) this.#reduceOnly.add(order.orderId);
			expect(order.filledLots).toBe(this.#filledLots.get(order.orderId) ?? 0);
			if (order.status !== 'cancelled') expect(order.filledLots + order.leavesLots).toBe(order.qtyLots);
		}
		if (event.kind === 'execution' && event.execution.kind === 'trade') {
			const { orderId, qtyLots, closedLots } = event.execution;
			this.executionCount += 1;
			this.#filledLots.set(orderId, (this.#filledLots.get(orderId) ?? 0) + qtyLots);
			if (!this.#reduceOnly.has(orderId)) return;
			this.reducingCount += 1;
			expect(closedLots, `reduce-only order ${orderId}`).toBe(qtyLots);
		}
	};

	levels(): string[] {
		return [...this.#levels].map(([key, qtyLots]) => `${key} ${qtyLots}`).sort();
	}
}

function levelsOfVenue(exchange: Exchange): string[] {
	const lines: string[] = [];
	for (const symbol of exchange.symbols()) {
		const view = exchange.book(symbol, 1_000);
		for (const { priceTicks, qtyLots } of view?.bids ?? []) lines.push(`${symbol} bid ${priceTicks} ${qtyLots}`);
		for (const { priceTicks, qtyLots } of view?.asks ?? []) lines.push(`${symbol} ask ${priceTicks} ${qtyLots}`);
	}
	return lines.sort();
}

const SEQUENCES = 10_000;
const COMMANDS = 25;

describe('the exchange', () => {
	test(`keeps money, positions, locks and books whole over ${SEQUENCES} random sequences`, () => {
		for (let seed = 1; seed <= SEQUENCES; seed += 1) {
			const exchange = open(false);
			const roll = dice(seed);
			for (let count = 0; count < COMMANDS; count += 1) act(exchange, roll, NOW_MS + count);
			checkMoney(exchange, `seed ${seed}`);
			checkLocks(exchange, `seed ${seed}`);
			checkBooks(exchange, `seed ${seed}`);
		}
	});

	test('holds to all of it after every single command of long sequences, and its events tell the whole truth', () => {
		let executionCount = 0;
		let reducingCount = 0;
		for (let seed = 1; seed <= 40; seed += 1) {
			const exchange = open(false);
			const follower = new Follower();
			exchange.subscribe(follower.hear);
			const roll = dice(1_000_000 + seed);
			for (let count = 0; count < 150; count += 1) {
				act(exchange, roll, NOW_MS + count);
				const label = `seed ${seed}, command ${count}`;
				checkMoney(exchange, label);
				checkLocks(exchange, label);
				checkBooks(exchange, label);
				expect(follower.levels(), label).toEqual(levelsOfVenue(exchange));
			}
			executionCount += follower.executionCount;
			reducingCount += follower.reducingCount;
		}
		// The sequences must have traded, reducing orders too, or all this says little.
		expect(executionCount).toBeGreaterThan(1_500);
		expect(reducingCount).toBeGreaterThan(20);
	});

	test('gives the same state and the same events with either book, and again on a second run', () => {
		for (let seed = 1; seed <= 60; seed += 1) {
			const runs = [open(false), open(false), open(true)].map((exchange) => {
				const events: string[] = [];
				exchange.subscribe((event) => events.push(eventText(event)));
				const roll = dice(2_000_000 + seed);
				for (let count = 0; count < 200; count += 1) act(exchange, roll, NOW_MS + count);
				return { hash: exchange.stateHash(), events: events.join('\n') };
			});
			expect(runs[1], `seed ${seed}`).toEqual(runs[0]);
			expect(runs[2], `seed ${seed}`).toEqual(runs[0]);
		}
	});
});
