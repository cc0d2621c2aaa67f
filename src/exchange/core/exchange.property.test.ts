/** Whatever is done to the exchange, in whatever order, the money adds up and the books make sense. */
import { describe, expect, test } from 'vitest';
import type { OrderSide, SelfTradePolicy } from './book.ts';
import { PlainBook } from './book-plain.ts';
import type { ExchangeEvent } from './events.ts';
import { eventText, NOW_MS, PERP, SPOT } from './exchange.fixture.ts';
import { type BookView, Exchange } from './exchange.ts';
import type { FilterChange } from './filters.ts';
import type { ListingSpec } from './listing.ts';
import { atoms } from './money.ts';
import type { OrderName } from './requests.ts';
import { type OrderTimeInForce, type PositionView, SYMBOL_STATUSES } from './views.ts';

const ACCOUNTS = ['ann', 'bob', 'cyd', 'dan'] as const;
const POLICIES: readonly SelfTradePolicy[] = ['none', 'cancel-maker', 'cancel-taker', 'cancel-both'];
const TIMES: readonly OrderTimeInForce[] = ['gtc', 'gtc', 'gtc', 'ioc', 'fok', 'post-only'];
/** Fees of a size that rounding matters, on both sides of zero. */
const LISTINGS = [
	{ ...PERP, lotSize: '0.00001', minQty: '0.00001', maxQty: '1', minNotional: '0', makerFeeRate: '-0.00012345' },
	SPOT,
];
const SECOND_PERP = { ...PERP, symbol: 'XBTUSDT', lotSize: '0.00001', minQty: '0.00001', maxQty: '1', minNotional: '0' };

interface Setting {
	readonly listings: readonly ListingSpec[];
	readonly deposits: Readonly<Record<string, string>>;
	readonly leverageHundredths: number;
	/** How far mark prices and funding rates reach, in ticks and 1e-8. */
	readonly markTicks: number;
	readonly fundingE8: number;
}

const CALM: Setting = {
	listings: LISTINGS,
	deposits: { USDT: '5000', ETH: '3' },
	leverageHundredths: 1_000,
	markTicks: 20_000,
	fundingE8: 20_001,
};
/** Little money, much leverage and two perpetuals behind it, so that accounts are liquidated and the house takes over. */
const WILD: Setting = {
	listings: [...LISTINGS, SECOND_PERP],
	deposits: { USDT: '100', ETH: '3' },
	leverageHundredths: 10_000,
	markTicks: 100_000,
	fundingE8: 4_000_001,
};
const PERPS = [PERP.symbol, SECOND_PERP.symbol] as const;

const FILTERS: readonly FilterChange[] = [
	{ tickSize: '0.7' },
	{ tickSize: '0.1' },
	{ tickSize: '0.01' },
	{ lotSize: '0.001', minQty: '0.001' },
	{ lotSize: '0.0001', minQty: '0.0001' },
	{ minNotional: '20' },
	{ minNotional: '0' },
];

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

function open(plain: boolean, { listings, deposits, leverageHundredths }: Setting): Exchange {
	const exchange = new Exchange(plain ? { listings, createBook: (listener) => new PlainBook(listener) } : { listings });
	for (const accountId of ACCOUNTS) {
		exchange.openAccount(accountId);
		for (const [coin, amount] of Object.entries(deposits)) exchange.deposit(accountId, coin, atoms(amount), NOW_MS);
		for (const symbol of PERPS) exchange.setLeverage(accountId, symbol, leverageHundredths);
	}
	return exchange;
}

/** Answers with the symbol whose accounts were just judged for liquidation, if any. */
function act(exchange: Exchange, roll: Dice, nowMs: number, { listings, markTicks, fundingE8 }: Setting): string | null {
	const perp = roll(3) > 0;
	const perpSymbol = listings.length > 2 ? pick(roll, PERPS) : PERP.symbol;
	const symbol = perp ? perpSymbol : SPOT.symbol;
	const accountId = pick(roll, ACCOUNTS);
	const side: OrderSide = roll(2) === 0 ? 'buy' : 'sell';
	const priceTicks = (perp ? 650_000 : 300_000) + roll(12) * 7;
	const qtyLots = 1 + roll(perp ? 3_000 : 4_000);
	const order: OrderName = roll(4) === 0 ? { clientOrderId: `c${roll(20)}` } : { orderId: String(1 + roll(30)) };
	const kind = roll(23);
	if (kind >= 20) operate(exchange, roll, nowMs, { accountId, symbol, side, qtyLots });
	else if (kind === 0) exchange.cancelAll({ accountId, symbol }, nowMs);
	else if (kind === 1) exchange.setMarkPrice(perpSymbol, 650_000 - markTicks / 2 + roll(markTicks), nowMs);
	else if (kind === 2) {
		const rateE8 = roll(fundingE8) - Math.floor(fundingE8 / 2);
		exchange.applyFunding(perpSymbol, { rateE8, markTicks: 650_000 + roll(7) }, nowMs);
	} else if (kind < 5) exchange.cancel({ accountId, symbol, order }, nowMs);
	else if (kind < 9)
		exchange.amend(
			{
				accountId,
				symbol,
				order,
				anew: roll(3) === 0,
				...(roll(2) === 0 ? { priceTicks } : {}),
				...(roll(2) === 0 ? { qtyLots } : {}),
			},
			nowMs,
		);
	else {
		const more = { accountId, symbol, side, qtyLots, reduceOnly: perp && roll(4) === 0, selfTrade: pick(roll, POLICIES) };
		const named = roll(2) === 0 ? { ...more, clientOrderId: `c${roll(20)}` } : more;
		const { qtyLots: _, ...unsized } = named;
		const quoteAtoms = BigInt(1 + roll(1_000_000_000)) * 100n;
		if (!perp && roll(8) === 0) exchange.place({ ...unsized, type: 'market', side: 'buy', quoteAtoms }, nowMs);
		else if (roll(8) === 0) exchange.place({ ...named, type: 'market' }, nowMs);
		else exchange.place({ ...named, type: 'limit', priceTicks, timeInForce: pick(roll, TIMES) }, nowMs);
	}
	return kind === 1 || kind === 2 ? perpSymbol : null;
}

/** What the operator does. The ends of symbols are rare, and taken back, so that something goes on. */
function operate(
	exchange: Exchange,
	roll: Dice,
	nowMs: number,
	{ accountId, symbol, side, qtyLots }: { accountId: string; symbol: string; side: OrderSide; qtyLots: number },
): void {
	const { operator } = exchange;
	const { accounts } = operator;
	const orderId = String(1 + roll(60));
	switch (roll(12)) {
		case 0:
			accounts.deleverage({ accountId, symbol, qtyLots: 1 + roll(500) }, nowMs);
			break;
		case 1:
			accounts.trade({ accountId, symbol, side, qtyLots, priceTicks: symbol === SPOT.symbol ? 300_000 : 650_000 }, nowMs);
			break;
		case 2:
		case 3:
			accounts.fill(accountId, orderId, 1 + roll(3_000), nowMs);
			break;
		case 4:
			accounts.preventSelfTrade(accountId, orderId, nowMs);
			break;
		case 5:
			accounts.setFees(
				accountId,
				symbol,
				roll(3) === 0 ? null : { makerRateE8: roll(99_999) - 50_000, takerRateE8: roll(99_999) },
			);
			break;
		case 6:
			accounts.setFeeCoin(accountId, pick(roll, ['ETH', 'USDT', null]));
			break;
		case 7:
			accounts.setLeverage(accountId, symbol, 100 * (1 + roll(100)), nowMs);
			break;
		case 8:
			operator.changeFilters(symbol, pick(roll, FILTERS), nowMs);
			break;
		case 9:
			if (roll(4) === 0) exchange.setStatus(symbol, pick(roll, SYMBOL_STATUSES), nowMs);
			break;
		case 10:
			operator.spike(symbol, { rateE8: roll(20_000_001) - 10_000_000, untilMs: nowMs + 1 + roll(10) }, nowMs);
			exchange.advance(nowMs + roll(10));
			break;
		default:
			exchange.setStatus(symbol, 'trading', nowMs);
	}
}

/** Money plus what positions cost is what was paid in; nobody owns what another does not owe. */
function checkMoney(exchange: Exchange, label: string, { deposits }: Setting): void {
	for (const [coin, amount] of Object.entries(deposits)) {
		let sumAtoms = exchange.houseBalances().find((balance) => balance.coin === coin)?.atoms ?? 0n;
		if (coin === 'USDT') for (const held of exchange.housePositions()) sumAtoms -= held.costAtomsSigned;
		for (const accountId of exchange.accounts()) {
			for (const balance of exchange.balances(accountId)) if (balance.coin === coin) sumAtoms += balance.walletAtoms;
			if (coin === 'USDT') for (const position of exchange.positions(accountId)) sumAtoms -= position.costAtomsSigned;
		}
		expect(sumAtoms, `${label}: sum of ${coin}`).toBe(atoms(amount) * BigInt(ACCOUNTS.length));
	}
	const held = [...exchange.accounts().flatMap((accountId) => exchange.positions(accountId)), ...exchange.housePositions()];
	for (const symbol of PERPS) {
		const lots = held.map((position) => (position.symbol === symbol ? position.qtyLotsSigned : 0));
		expect(
			lots.reduce((sum, lot) => sum + lot, 0),
			`${label}: sum of positions in ${symbol}`,
		).toBe(0);
	}
}

/** Whoever still holds what has just been judged, can carry it. Without a mark price nothing is judged, and what does not trade waits. */
function checkSound(exchange: Exchange, symbol: string, label: string): void {
	if (exchange.ticker(symbol)?.markTicks === 0) return;
	for (const accountId of exchange.accounts()) {
		const positions = exchange.positions(accountId);
		if (!positions.some((position) => position.symbol === symbol && position.qtyLotsSigned !== 0)) continue;
		const held = positions.filter(({ qtyLotsSigned }) => qtyLotsSigned !== 0);
		if (held.some((position) => exchange.ticker(position.symbol)?.status !== 'trading')) continue;
		const neededAtoms = positions.reduce((sum, { maintenanceAtoms }) => sum + maintenanceAtoms, 0n);
		const equityAtoms = exchange.balances(accountId).find(({ coin }) => coin === 'USDT')?.equityAtoms ?? 0n;
		expect(equityAtoms >= neededAtoms, `${label}: ${accountId} holds ${symbol} with ${equityAtoms} of ${neededAtoms}`).toBe(true);
	}
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
		for (const position of exchange.positions(accountId)) {
			expect(position.marginAtoms, `${label}: margin of ${accountId}`).toBe(expectedMargin(exchange, position));
		}
	}
}

/** Summed up anew from what is open: the worse of all buys and all sells, over the leverage. */
function expectedMargin(exchange: Exchange, position: PositionView): bigint {
	const { accountId, symbol, markTicks, qtyLotsSigned, costAtomsSigned } = position;
	const listing = exchange.listing(symbol);
	if (listing === undefined) throw new Error('no perpetual');
	const leverage = BigInt(position.leverageHundredths / 100);
	const held = markTicks === 0 ? costAtomsSigned : listing.valueAtoms(markTicks, qtyLotsSigned);
	let [long, short] = [held, -held];
	for (const { side, priceTicks, leavesLots, reduceOnly } of exchange.openOrders(accountId, symbol)) {
		if (reduceOnly) continue;
		if (side === 'buy') long += listing.valueAtoms(priceTicks, leavesLots);
		else short += listing.valueAtoms(priceTicks, leavesLots);
	}
	const worse = long > short ? long : short;
	return worse <= 0n ? 0n : (worse + leverage - 1n) / leverage;
}

function checkBooks(exchange: Exchange, label: string): void {
	for (const symbol of exchange.symbols()) {
		const view = exchange.book(symbol, 1_000);
		if (view === undefined) throw new Error('no book');
		expect(lotsOnBook(view), `${label}: lots on the book of ${symbol} and of its open orders`).toBe(
			lotsOfOrders(exchange, symbol),
		);
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

/** Whatever rests is an open order, and every open order rests. */
function lotsOnBook({ bids, asks }: BookView): number {
	return [...bids, ...asks].reduce((sum, { priceTicks, qtyLots }) => sum + priceTicks * qtyLots, 0);
}

function lotsOfOrders(exchange: Exchange, symbol: string): number {
	return exchange
		.accounts()
		.flatMap((accountId) => exchange.openOrders(accountId, symbol))
		.reduce((sum, { priceTicks, leavesLots }) => sum + priceTicks * leavesLots, 0);
}

/** What a follower of the events believes about books, fills and numbers. */
class Follower {
	readonly #levels = new Map<string, number>();
	readonly #filledLots = new Map<string, number>();
	executionCount = 0;
	reducingCount = 0;
	liquidatedCount = 0;
	readonly reasons = new Set<string>();
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
			if (order.quoteAtoms > 0n) expect(order.filledValueAtoms <= order.quoteAtoms, `spent by ${order.orderId}`).toBe(true);
			if (order.status !== 'cancelled') expect(order.filledLots + order.leavesLots).toBe(order.qtyLots);
		}
		if (event.kind === 'execution' && event.execution.kind === 'trade') {
			const { orderId, qtyLots, closedLots, reason } = event.execution;
			this.executionCount += 1;
			this.reasons.add(`${reason} paid in ${event.execution.feeCoin}`);
			if (reason === 'liquidation') this.liquidatedCount += 1;
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
			const setting = seed % 2 === 0 ? WILD : CALM;
			const exchange = open(false, setting);
			const roll = dice(seed);
			for (let count = 0; count < COMMANDS; count += 1) act(exchange, roll, NOW_MS + count, setting);
			checkMoney(exchange, `seed ${seed}`, setting);
			checkLocks(exchange, `seed ${seed}`);
			checkBooks(exchange, `seed ${seed}`);
		}
	});

	test.each([
		{ name: 'calm', setting: CALM, executions: 1_500, liquidations: 0 },
		{ name: 'wild', setting: WILD, executions: 750, liquidations: 50 },
	])('holds to all of it after every single command of long $name sequences, and its events tell the whole truth', (row) => {
		const { setting } = row;
		let executionCount = 0;
		let reducingCount = 0;
		let liquidatedCount = 0;
		let houseCount = 0;
		const reasons = new Set<string>();
		for (let seed = 1; seed <= 40; seed += 1) {
			const exchange = open(false, setting);
			const follower = new Follower();
			exchange.subscribe(follower.hear);
			const roll = dice(1_000_000 + seed);
			for (let count = 0; count < 200; count += 1) {
				const judged = act(exchange, roll, NOW_MS + count, setting);
				const label = `seed ${seed}, command ${count}`;
				if (judged !== null) checkSound(exchange, judged, label);
				checkMoney(exchange, label, setting);
				checkLocks(exchange, label);
				checkBooks(exchange, label);
				expect(follower.levels(), label).toEqual(levelsOfVenue(exchange));
			}
			for (const reason of follower.reasons) reasons.add(reason);
			executionCount += follower.executionCount;
			reducingCount += follower.reducingCount;
			liquidatedCount += follower.liquidatedCount;
			houseCount += exchange.housePositions().length;
		}
		// ETH is the third coin of a perpetual, and the usual one of a spot pair.
		for (const reason of ['trade', 'adl', 'settlement']) expect([...reasons]).toContain(`${reason} paid in USDT`);
		expect([...reasons]).toContain('trade paid in ETH');
		// The sequences must have traded, reducing orders too, or all this says little.
		expect(executionCount).toBeGreaterThan(row.executions);
		expect(reducingCount).toBeGreaterThan(20);
		expect(liquidatedCount).toBeGreaterThanOrEqual(row.liquidations);
		expect(houseCount).toBeGreaterThanOrEqual(row.liquidations / 2);
	});

	test('gives the same state and the same events with either book, and again on a second run', () => {
		for (let seed = 1; seed <= 60; seed += 1) {
			const setting = seed % 2 === 0 ? WILD : CALM;
			const runs = [false, false, true].map((plain) => {
				const exchange = open(plain, setting);
				const events: string[] = [];
				exchange.subscribe((event) => events.push(eventText(event)));
				const roll = dice(2_000_000 + seed);
				for (let count = 0; count < 200; count += 1) act(exchange, roll, NOW_MS + count, setting);
				return { hash: exchange.stateHash(), events: events.join('\n') };
			});
			expect(runs[1], `seed ${seed}`).toEqual(runs[0]);
			expect(runs[2], `seed ${seed}`).toEqual(runs[0]);
		}
	});
});
