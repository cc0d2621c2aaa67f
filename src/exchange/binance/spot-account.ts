/** What an account can ask spot about itself: money, fees, fills and how many orders it may still send. */
import { formatAtoms } from '../core/money.ts';
import type { TradeExecution } from '../core/views.ts';
import { ownOrderId, ownTradeCount } from './ids.ts';
import type { Json } from './numbers.ts';
import type { Params } from './params.ts';
import { bad, Refusal } from './refusal.ts';
import type { Caller } from './rest-route.ts';
import { myTradeObject } from './spot-views.ts';
import type { BinanceSymbol } from './venue.ts';

const DAY_MS = 86_400_000;
const FILLS_LIMIT = { preset: 500, most: 1_000 };
const FIRST_UID = 700_700;
/** Of 1e-8, in hundredths of a percent. */
const RATE_PER_BIP = 10_000;
const NO_RATES = { maker: '0.00000000', taker: '0.00000000', buyer: '0.00000000', seller: '0.00000000' };
const SPAN_TOO_LONG = bad(-1127, 'More than 24 hours between startTime and endTime.');

export function accountObject(caller: Caller, given: Params): Json | Refusal {
	const { venue, accountId, key, nowMs } = caller;
	const omitsZeros = given.flag('omitZeroBalances') ?? false;
	if (omitsZeros instanceof Refusal) return omitsZeros;
	const [first] = venue.symbolsOf('spot');
	const rates = first === undefined ? { makerRateE8: 0, takerRateE8: 0 } : ratesOf(caller, first);
	const balances = venue.exchange
		.balances(accountId)
		.filter(({ walletAtoms }) => !omitsZeros || walletAtoms !== 0n)
		.map(({ coin, walletAtoms, lockedAtoms }) => ({
			asset: coin,
			free: formatAtoms(walletAtoms - lockedAtoms),
			locked: formatAtoms(lockedAtoms),
		}));
	return {
		makerCommission: Math.round(rates.makerRateE8 / RATE_PER_BIP),
		takerCommission: Math.round(rates.takerRateE8 / RATE_PER_BIP),
		buyerCommission: 0,
		sellerCommission: 0,
		commissionRates: rateTexts(rates),
		canTrade: !key.rights.readOnly && key.rights.spot,
		canWithdraw: key.rights.withdraw,
		canDeposit: true,
		brokered: false,
		requireSelfTradePrevention: false,
		preventSor: false,
		updateTime: nowMs,
		accountType: 'SPOT',
		balances,
		permissions: ['SPOT'],
		uid: FIRST_UID + venue.exchange.accounts().indexOf(accountId),
	};
}

/** Of the key, where the account object tells of the account. Nobody withdraws here; the right is there to be warned of. */
export function keyRestrictions({ key: { rights }, nowMs }: Caller): Json {
	return {
		ipRestrict: rights.addresses.length > 0,
		createTime: nowMs,
		enableReading: true,
		enableSpotAndMarginTrading: !rights.readOnly && rights.spot,
		enableFutures: !rights.readOnly && rights.contracts,
		enableWithdrawals: rights.withdraw,
		enableInternalTransfer: false,
		enableMargin: false,
		enableVanillaOptions: false,
		enablePortfolioMarginTrading: false,
		enableFixApiTrade: false,
		enableFixReadOnly: false,
		permitsUniversalTransfer: false,
	};
}

export function commission(caller: Caller, given: Params): Json | Refusal {
	const symbol = given.symbol(caller.venue, 'spot');
	if (symbol instanceof Refusal) return symbol;
	return {
		symbol: symbol.symbol,
		standardCommission: commissionOf(caller, symbol),
		specialCommission: NO_RATES,
		taxCommission: NO_RATES,
		discount: { enabledForAccount: false, enabledForSymbol: false, discountAsset: 'BNB', discount: '0.75000000' },
	};
}

export function commissionOf(caller: Caller, symbol: BinanceSymbol): typeof NO_RATES {
	return rateTexts(ratesOf(caller, symbol));
}

export function orderCounts({ venue, accountId, nowMs }: Caller): Json {
	return venue.limits.spot.orderCounts(accountId, nowMs);
}

/** Oldest first: from an id or an instant on, or the latest. */
export function myTrades(caller: Caller, given: Params): Json | Refusal {
	const { venue, accountId } = caller;
	const symbol = given.symbol(venue, 'spot');
	if (symbol instanceof Refusal) return symbol;
	const limit = given.limit(FILLS_LIMIT.preset, FILLS_LIMIT.most);
	if (limit instanceof Refusal) return limit;
	const isWanted = readChoice(given);
	if (isWanted instanceof Refusal) return isWanted;
	const fills = venue.exchange
		.executions(accountId, symbol.exchangeKey)
		.filter((each): each is TradeExecution => each.kind === 'trade' && isWanted(each));
	const isForward = given.has('fromId') || given.has('startTime');
	const listing = venue.listing(symbol);
	return (isForward ? fills.slice(0, limit) : fills.slice(-limit)).map((fill) => myTradeObject(symbol, listing, fill));
}

function readChoice(given: Params): ((fill: TradeExecution) => boolean) | Refusal {
	const shownOrder = given.id('orderId');
	if (shownOrder instanceof Refusal) return shownOrder;
	const fromId = given.id('fromId');
	if (fromId instanceof Refusal) return fromId;
	const fromMs = given.whole('startTime');
	if (fromMs instanceof Refusal) return fromMs;
	const toMs = given.whole('endTime');
	if (toMs instanceof Refusal) return toMs;
	if (fromMs !== undefined && toMs !== undefined && toMs - fromMs > DAY_MS) return SPAN_TOO_LONG;
	const orderId = shownOrder === undefined ? undefined : (ownOrderId('spot', shownOrder) ?? '');
	const firstCount = fromId === undefined ? 0n : ownTradeCount('spot', fromId);
	// One bound alone means the day that begins or ends there.
	const lastMs = toMs ?? (fromMs === undefined ? Number.POSITIVE_INFINITY : fromMs + DAY_MS);
	const earliestMs = fromMs ?? (toMs === undefined ? 0 : toMs - DAY_MS);
	return (fill) =>
		(orderId === undefined || fill.orderId === orderId) &&
		BigInt(fill.tradeId) >= firstCount &&
		fill.atMs >= earliestMs &&
		fill.atMs <= lastMs;
}

interface Rates {
	readonly makerRateE8: number;
	readonly takerRateE8: number;
}

function ratesOf({ venue, accountId }: Caller, symbol: BinanceSymbol): Rates {
	return venue.exchange.operator.accounts.feeRates(accountId, symbol.exchangeKey) ?? venue.listing(symbol);
}

function rateTexts({ makerRateE8, takerRateE8 }: Rates): typeof NO_RATES {
	return { ...NO_RATES, maker: formatAtoms(BigInt(makerRateE8)), taker: formatAtoms(BigInt(takerRateE8)) };
}
