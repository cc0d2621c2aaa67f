/**
 * The wallet as the venue's JSON object. Coins are turned into dollars by the mark or last price of their pair with
 * dollars; a coin without one counts nothing. Members that belong to lending and options are always zero here.
 */
import type { BalanceView } from '../core/views.ts';
import type { Json } from './json-views.ts';
import { positionMarginAtoms, positionNetAtoms } from './json-views.ts';
import { money, quotient } from './printing.ts';
import type { BybitVenue } from './venue.ts';

const DOLLARS = new Set(['USDT', 'USDC', 'USD']);
const RATIO_DECIMALS = 4;

interface CoinSums {
	readonly balance: BalanceView;
	readonly positionAtoms: bigint;
	readonly ordersAtoms: bigint;
	readonly maintenanceAtoms: bigint;
	readonly realisedAtoms: bigint;
}

/**
 * The totals are of the whole account; `coin` has the coins asked for, or all that are not zero. It reads the exchange
 * as it stands now.
 */
export function walletObject(venue: BybitVenue, accountId: string, coins?: ReadonlySet<string>): Json {
	const all = venue.exchange.balances(accountId).map((balance) => sumsOf(venue, accountId, balance));
	const shown = all.filter(({ balance }) => (coins === undefined ? !isEmpty(balance) : coins.has(balance.coin)));
	const total = (pick: (sums: CoinSums) => bigint): bigint =>
		all.reduce((sum, sums) => sum + dollars(venue, sums.balance.coin, pick(sums)), 0n);
	const equityAtoms = total(({ balance }) => balance.equityAtoms);
	const initialAtoms = total(({ balance }) => balance.marginAtoms);
	const maintenanceAtoms = total((sums) => sums.maintenanceAtoms);
	return {
		accountType: 'UNIFIED',
		accountIMRate: quotient(initialAtoms, equityAtoms, 0, RATIO_DECIMALS),
		accountMMRate: quotient(maintenanceAtoms, equityAtoms, 0, RATIO_DECIMALS),
		totalEquity: money(equityAtoms),
		totalWalletBalance: money(total(({ balance }) => balance.walletAtoms)),
		totalMarginBalance: money(equityAtoms),
		totalAvailableBalance: money(total(({ balance }) => balance.availableAtoms)),
		totalPerpUPL: money(total(({ balance }) => balance.unrealisedAtoms)),
		totalInitialMargin: money(initialAtoms),
		totalMaintenanceMargin: money(maintenanceAtoms),
		accountLTV: '0',
		coin: shown.map((sums) => coinObject(venue, sums)),
	};
}

function coinObject(venue: BybitVenue, sums: CoinSums): Json {
	const { balance } = sums;
	return {
		coin: balance.coin,
		equity: money(balance.equityAtoms),
		usdValue: money(dollars(venue, balance.coin, balance.equityAtoms)),
		walletBalance: money(balance.walletAtoms),
		locked: money(balance.lockedAtoms),
		spotHedgingQty: '0',
		borrowAmount: '0',
		accruedInterest: '0',
		totalOrderIM: money(sums.ordersAtoms),
		totalPositionIM: money(sums.positionAtoms),
		totalPositionMM: money(sums.maintenanceAtoms),
		unrealisedPnl: money(balance.unrealisedAtoms),
		cumRealisedPnl: money(sums.realisedAtoms),
		bonus: '0',
		collateralSwitch: true,
		marginCollateral: true,
		colRes: '0',
		spotBorrow: '0',
		availableToWithdraw: '',
		availableToBorrow: '',
	};
}

function sumsOf(venue: BybitVenue, accountId: string, balance: BalanceView): CoinSums {
	let positionAtoms = 0n;
	let maintenanceAtoms = 0n;
	let realisedAtoms = 0n;
	for (const position of venue.exchange.positions(accountId)) {
		if (venue.exchange.listing(position.symbol)?.settleCoin !== balance.coin) continue;
		positionAtoms += positionMarginAtoms(venue, position);
		maintenanceAtoms += position.maintenanceAtoms;
		realisedAtoms += positionNetAtoms(position);
	}
	const restAtoms = balance.marginAtoms - positionAtoms;
	return { balance, positionAtoms, maintenanceAtoms, realisedAtoms, ordersAtoms: restAtoms > 0n ? restAtoms : 0n };
}

function dollars(venue: BybitVenue, coin: string, atoms: bigint): bigint {
	if (atoms === 0n || DOLLARS.has(coin)) return atoms;
	for (const shown of venue.symbols) {
		const listing = venue.listing(shown);
		if (listing.spec.baseCoin !== coin || !DOLLARS.has(listing.spec.quoteCoin)) continue;
		const ticker = venue.exchange.ticker(shown.exchangeKey);
		const ticks = ticker?.markTicks || ticker?.lastTicks || 0;
		const { digits, scale } = listing.price.step;
		if (ticks !== 0) return (atoms * BigInt(ticks) * digits) / 10n ** BigInt(scale);
	}
	return 0n;
}

function isEmpty(balance: BalanceView): boolean {
	return balance.walletAtoms === 0n && balance.equityAtoms === 0n;
}
