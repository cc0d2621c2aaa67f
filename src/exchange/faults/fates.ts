/**
 * What each happening does to the exchange. Each answers whether there was anything that it could happen to; all that it
 * leaves open is drawn from the dice of its rule, over lists in the exchange's own order.
 */
import type { Exchange } from '../core/exchange.ts';
import type { Listing } from '../core/listing.ts';
import type { ChangeResult } from '../core/requests.ts';
import type { OrderView, PositionView } from '../core/views.ts';
import { largerFilters, smallerLimits } from './filter-changes.ts';
import type { HappeningName } from './happenings-catalogue.ts';
import type { Strike } from './strike.ts';

/** The exchange as fate may touch it. */
export type FatefulExchange = Pick<
	Exchange,
	'operator' | 'symbols' | 'listing' | 'ticker' | 'positions' | 'balances' | 'openOrders' | 'place' | 'setStatus' | 'withdraw'
>;

export interface FateScene {
	readonly exchange: FatefulExchange;
	/** Clients' accounts. */
	readonly accounts: readonly string[];
	/** Whether this account can have anything to do with this symbol. */
	readonly trades: (accountId: string, symbol: string) => boolean;
	readonly nowMs: number;
	/** Ids of the orders that another program of an account is said to have placed. */
	readonly foreign: Set<string>;
	/** What something was before is put back after a time (0: never). False where that is still to come for this key. */
	readonly lasting: (key: string, forMs: number, change: () => ChangeResult, putBack: (nowMs: number) => void) => boolean;
}

type Fate<Name extends HappeningName> = (scene: FateScene, strike: Strike<Name>) => boolean;
type Places = { readonly parameters: { readonly account: string; readonly symbol: string }; readonly rng: Strike<'dust'>['rng'] };

const BPS_E8 = 10_000;
const FOREIGN_MAX = 10_000;
const REBATE = { makerRateE8: -25_000, takerRateE8: -5_000 };
const DEARER = { makerRateE8: 100_000, takerRateE8: 200_000 };

export const FATES: { readonly [Name in HappeningName]: Fate<Name> } = {
	'auto-deleverage': (scene, strike) => {
		const held = drawn(strike.rng, positionsOf(scene, strike));
		if (held === undefined) return false;
		const { accountId, symbol } = held;
		const qtyLots = shareOf(Math.abs(held.qtyLotsSigned), strike.parameters.percent);
		return done(scene.exchange.operator.accounts.deleverage({ accountId, symbol, qtyLots }, scene.nowMs));
	},

	'manual-trade': (scene, strike) => {
		const place = drawnPlace(scene, strike);
		if (place === undefined) return false;
		const { accountId, symbol, listing } = place;
		const side = sideOf(strike);
		const qtyLots = Math.min(listing.minLots * strike.parameters.minimums, listing.maxMarketLots);
		return done(scene.exchange.operator.accounts.trade({ accountId, symbol, side, qtyLots }, scene.nowMs));
	},

	'self-match': (scene, strike) => {
		const order = drawn(strike.rng, ordersOf(scene, strike));
		if (order === undefined) return false;
		return done(scene.exchange.operator.accounts.preventSelfTrade(order.accountId, order.orderId, scene.nowMs));
	},

	'shrink-position': (scene, strike) => {
		const orders = ordersOf(scene, strike).filter(({ reduceOnly }) => reduceOnly);
		const watched = (held: PositionView): boolean =>
			orders.some(({ accountId, symbol }) => accountId === held.accountId && symbol === held.symbol);
		const held = drawn(strike.rng, positionsOf(scene, strike).filter(watched));
		if (held === undefined) return false;
		const { accountId, symbol, qtyLotsSigned } = held;
		const side = qtyLotsSigned > 0 ? 'sell' : 'buy';
		const qtyLots = shareOf(Math.abs(qtyLotsSigned), strike.parameters.percent);
		return done(scene.exchange.operator.accounts.trade({ accountId, symbol, side, qtyLots }, scene.nowMs));
	},

	'price-spike': ({ exchange, nowMs }, { parameters, rng }) => {
		const symbol = drawn(rng, symbolsOf(exchange, parameters.symbol));
		if (symbol === undefined) return false;
		const { bps, forMs } = parameters;
		return done(exchange.operator.spike(symbol, { rateE8: bps * BPS_E8, untilMs: nowMs + forMs }, nowMs));
	},

	'symbol-mode': ({ exchange, nowMs, lasting }, { parameters, rng }) => {
		const symbol = drawn(rng, symbolsOf(exchange, parameters.symbol));
		if (symbol === undefined || exchange.ticker(symbol)?.status !== 'trading') return false;
		const { mode, forMs } = parameters;
		return lasting(
			`mode ${symbol}`,
			forMs,
			() => exchange.setStatus(symbol, mode, nowMs),
			(thenMs) => {
				if (exchange.ticker(symbol)?.status === mode) exchange.setStatus(symbol, 'trading', thenMs);
			},
		);
	},

	'filter-change': (scene, { parameters, rng }) => {
		const { form, times, forMs, symbol: named } = parameters;
		return changeFilters(scene, drawn(rng, symbolsOf(scene.exchange, named)), forMs, (listing) =>
			largerFilters(listing, form, times),
		);
	},

	delisting: ({ exchange, nowMs }, { parameters, rng }) => {
		const unannounced = symbolsOf(exchange, parameters.symbol).filter((each) => exchange.ticker(each)?.deliveryAtMs === 0);
		const symbol = drawn(rng, unannounced);
		return symbol !== undefined && done(exchange.operator.announceDelivery(symbol, nowMs + parameters.afterMs, nowMs));
	},

	'limit-shrink': (scene, { parameters, rng }) => {
		const { form, parts, forMs, symbol: named } = parameters;
		return changeFilters(scene, drawn(rng, symbolsOf(scene.exchange, named)), forMs, (listing) =>
			smallerLimits(listing, form, parts),
		);
	},

	'account-mode': (scene, strike) => {
		const place = drawnPlace(scene, strike, (listing) => listing.kind !== 'spot');
		if (place === undefined) return false;
		const { accountId, symbol } = place;
		const { operator } = scene.exchange;
		const { form, forMs, leverage } = strike.parameters;
		const key = `${form} ${accountId} ${symbol}`;
		if (form === 'hedge') {
			const set = (mode: 'hedge' | 'one-way', atMs: number) => operator.accounts.setPositionMode(accountId, symbol, mode, atMs);
			return lastingly(scene, key, forMs, { change: () => set('hedge', scene.nowMs), putBack: (atMs) => set('one-way', atMs) });
		}
		const before = scene.exchange.positions(accountId).find((held) => held.symbol === symbol)?.leverageHundredths ?? 0;
		const wanted = Math.min(leverage, place.listing.maxLeverage) * 100;
		if (before === wanted) return false;
		const set = (hundredths: number, atMs: number) => operator.accounts.setLeverage(accountId, symbol, hundredths, atMs);
		return lastingly(scene, key, forMs, { change: () => set(wanted, scene.nowMs), putBack: (atMs) => set(before, atMs) });
	},

	withdrawal: ({ exchange, accounts, nowMs }, { parameters, rng }) => {
		const { account, coin, percent } = parameters;
		const free = accountsOf(accounts, account).flatMap((accountId) => {
			const availableAtoms = exchange.balances(accountId).find((balance) => balance.coin === coin)?.availableAtoms ?? 0n;
			return availableAtoms > 0n ? [{ accountId, availableAtoms }] : [];
		});
		const found = drawn(rng, free);
		if (found === undefined) return false;
		const amountAtoms = (found.availableAtoms * BigInt(percent)) / 100n;
		return done(exchange.withdraw(found.accountId, coin, amountAtoms, nowMs));
	},

	dust: (scene, strike) => {
		const { leaveLots } = strike.parameters;
		const order = drawn(
			strike.rng,
			ordersOf(scene, strike).filter(({ leavesLots }) => leavesLots > leaveLots),
		);
		if (order === undefined) return false;
		const { accountId, orderId, leavesLots } = order;
		return done(scene.exchange.operator.accounts.fill(accountId, orderId, leavesLots - leaveLots, scene.nowMs));
	},

	'fee-terms': (scene, strike) => {
		const place = drawnPlace(scene, strike);
		if (place === undefined) return false;
		const { accountId, symbol } = place;
		const { accounts } = scene.exchange.operator;
		const { form, forMs, coin } = strike.parameters;
		if (form === 'other-coin') {
			const set = (feeCoin: string | null) => accounts.setFeeCoin(accountId, feeCoin);
			return lastingly(scene, `fee coin ${accountId}`, forMs, { change: () => set(coin), putBack: () => set(null) });
		}
		const before = accounts.feeRates(accountId, symbol);
		const rates = form === 'rebate' ? REBATE : DEARER;
		return lastingly(scene, `fees ${accountId} ${symbol}`, forMs, {
			change: () => accounts.setFees(accountId, symbol, rates),
			putBack: () => accounts.setFees(accountId, symbol, before),
		});
	},

	'foreign-order': (scene, strike) => {
		const place = drawnPlace(scene, strike);
		if (place === undefined) return false;
		const { accountId, symbol, listing } = place;
		const { exchange, nowMs } = scene;
		const { awayBps, filledPercent, standing } = strike.parameters;
		const foreign = exchange.openOrders(accountId, symbol).filter(({ orderId }) => scene.foreign.has(orderId));
		const side = sideOf(strike);
		const oldest = foreign[0];
		if (oldest !== undefined && (foreign.length >= standing || strike.rng.below(100) < filledPercent)) {
			return done(exchange.operator.accounts.fill(accountId, oldest.orderId, oldest.leavesLots, nowMs));
		}
		const ticker = exchange.ticker(symbol);
		const fromTicks = ticker?.markTicks || ticker?.lastTicks || 0;
		if (fromTicks === 0) return false;
		const awayTicks = Math.round((fromTicks * awayBps) / 10_000);
		const priceTicks = listing.fitTicks(side, side === 'buy' ? fromTicks - awayTicks : fromTicks + awayTicks);
		const order = { accountId, symbol, side, priceTicks, qtyLots: qtyWorth(listing, priceTicks) } as const;
		const placed = exchange.place({ ...order, type: 'limit', timeInForce: 'post-only' }, nowMs);
		if (placed.kind === 'accepted') remember(scene.foreign, placed.orderId);
		return placed.kind === 'accepted';
	},
};

function changeFilters(
	scene: FateScene,
	symbol: string | undefined,
	forMs: number,
	changeOf: (listing: Listing) => ReturnType<typeof largerFilters>,
): boolean {
	const { exchange, nowMs } = scene;
	const listing = symbol === undefined ? undefined : exchange.listing(symbol);
	if (symbol === undefined || listing === undefined) return false;
	const { change, before } = changeOf(listing);
	const { operator } = exchange;
	return lastingly(scene, `filters ${symbol}`, forMs, {
		change: () => operator.changeFilters(symbol, change, nowMs),
		putBack: (atMs) => operator.changeFilters(symbol, before, atMs),
	});
}

function lastingly(
	scene: FateScene,
	key: string,
	forMs: number,
	{ change, putBack }: { readonly change: () => ChangeResult; readonly putBack: (nowMs: number) => ChangeResult },
): boolean {
	return scene.lasting(key, forMs, change, (atMs) => {
		putBack(atMs);
	});
}

function drawn<Thing>(rng: Places['rng'], things: readonly Thing[]): Thing | undefined {
	return things.length === 0 ? undefined : things[rng.below(things.length)];
}

function drawnPlace(
	{ exchange, accounts, trades }: FateScene,
	{ parameters, rng }: Places,
	fits: (listing: Listing) => boolean = () => true,
): { accountId: string; symbol: string; listing: Listing } | undefined {
	const fitting = symbolsOf(exchange, parameters.symbol)
		.flatMap((symbol) => exchange.listing(symbol) ?? [])
		.filter(fits);
	const able = accountsOf(accounts, parameters.account).filter((each) => {
		return fitting.length === 0 || fitting.some(({ symbol }) => trades(each, symbol));
	});
	const accountId = drawn(rng, able);
	if (accountId === undefined) return undefined;
	const listing = drawn(
		rng,
		fitting.filter(({ symbol }) => trades(accountId, symbol)),
	);
	return listing === undefined ? undefined : { accountId, symbol: listing.symbol, listing };
}

function accountsOf(accounts: readonly string[], named: string): readonly string[] {
	return named === '' ? accounts : accounts.filter((each) => each === named);
}

/** Those that have not ended. */
function symbolsOf(exchange: FatefulExchange, named: string): readonly string[] {
	const alive = exchange.symbols().filter((symbol) => exchange.ticker(symbol)?.status !== 'closed');
	return named === '' ? alive : alive.filter((each) => each === named);
}

function positionsOf({ exchange, accounts }: FateScene, { parameters }: Places): PositionView[] {
	const symbols = symbolsOf(exchange, parameters.symbol);
	return accountsOf(accounts, parameters.account)
		.flatMap((accountId) => exchange.positions(accountId))
		.filter(({ symbol, qtyLotsSigned }) => qtyLotsSigned !== 0 && symbols.includes(symbol));
}

/** What a client may take for its own. */
function ordersOf({ exchange, accounts, foreign }: FateScene, { parameters }: Places): OrderView[] {
	const symbols = symbolsOf(exchange, parameters.symbol);
	return accountsOf(accounts, parameters.account)
		.flatMap((accountId) => exchange.openOrders(accountId))
		.filter(({ symbol, orderId }) => symbols.includes(symbol) && !foreign.has(orderId));
}

function remember(foreign: Set<string>, orderId: string): void {
	foreign.add(orderId);
	if (foreign.size <= FOREIGN_MAX) return;
	for (const oldest of foreign) {
		foreign.delete(oldest);
		return;
	}
}

function sideOf({ parameters, rng }: { parameters: { side: 'either' | 'buy' | 'sell' }; rng: Places['rng'] }): 'buy' | 'sell' {
	if (parameters.side !== 'either') return parameters.side;
	return rng.below(2) === 0 ? 'buy' : 'sell';
}

function shareOf(lots: number, percent: number): number {
	return Math.max(1, Math.floor((lots * percent) / 100));
}

/** The smallest quantity that may be ordered at a price. */
function qtyWorth(listing: Listing, priceTicks: number): number {
	let lots = listing.minLots;
	while (listing.checkNotional(priceTicks, lots) !== null && lots < listing.maxLots) lots = listing.fitLots(lots * 2);
	return lots;
}

function done(result: ChangeResult): boolean {
	return result.kind === 'done';
}
