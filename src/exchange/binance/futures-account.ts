/**
 * What a futures account can ask about itself, and the settings it can change: money, positions, fees, leverage, modes.
 * The account has one position a symbol, cross margin and one asset at a time; what would change that is refused.
 */
import { formatScaled } from '../core/decimal.ts';
import { LEVERAGE_ONE } from '../core/position.ts';
import type { BalanceView } from '../core/views.ts';
import {
	entryPrice,
	futuresBalances,
	type Holding,
	holdings,
	isUsed,
	NOTIONAL_MAX,
	positionCore,
	positionRiskRow,
	positionRiskRowV2,
	wholeLeverage,
} from './futures-account-view.ts';
import { chosen } from './futures-order-lists.ts';
import type { FuturesCaller } from './futures-order-params.ts';
import {
	futuresRefusal,
	LEVERAGE_WRONG,
	LISTEN_KEY_UNKNOWN,
	SAME_ASSET_MODE,
	SAME_MARGIN_TYPE,
	SAME_POSITION_SIDE,
} from './futures-refusals.ts';
import { futuresMoney, type JsonObject } from './futures-views.ts';
import type { Json } from './numbers.ts';
import type { Params } from './params.ts';
import { invalidParameter, missing, Refusal } from './refusal.ts';
import { NOT_SUPPORTED } from './rest.ts';

const SUCCESS = { code: 200, msg: 'success' };
const RATE_DECIMALS = 8;
/** `maintMarginRatio` is a number on this wire. */
const RATE_ONE = 1e8;

// ---- money and positions ----

export function account(caller: FuturesCaller): Json {
	const held = holdings(caller.venue, caller.accountId, caller.venue.symbolsOf('futures'));
	const positions = held.filter(isUsed).map((each) => ({
		...positionCore(caller.venue, each),
		unrealizedProfit: futuresMoney(each.position.unrealisedAtoms),
	}));
	return { ...totals(caller, held), assets: assets(caller, held), positions };
}

/** The older form: every symbol, and more of each. */
export function accountV2(caller: FuturesCaller): Json {
	const { venue, accountId, key, nowMs } = caller;
	const held = holdings(venue, accountId, venue.symbolsOf('futures'));
	const mayTrade = key.rights.contracts && !key.rights.readOnly;
	return {
		feeTier: 0,
		feeBurn: false,
		canTrade: mayTrade,
		canDeposit: true,
		canWithdraw: key.rights.withdraw,
		updateTime: 0,
		multiAssetsMargin: false,
		tradeGroupId: -1,
		...totals(caller, held),
		assets: assets(caller, held).map((each) => ({ ...each, marginAvailable: true, updateTime: nowMs })),
		positions: held.map((each) => ({
			...positionCore(venue, each),
			unrealizedProfit: futuresMoney(each.position.unrealisedAtoms),
			positionInitialMargin: futuresMoney(each.margin.positionAtoms),
			openOrderInitialMargin: futuresMoney(each.margin.totalAtoms - each.margin.positionAtoms),
			leverage: String(wholeLeverage(each.position)),
			isolated: false,
			entryPrice: entryPrice(each),
			maxNotional: String(NOTIONAL_MAX),
			bidNotional: futuresMoney(each.bidAtoms),
			askNotional: futuresMoney(each.askAtoms),
		})),
	};
}

export function balances({ venue, accountId, nowMs }: FuturesCaller): Json {
	const accountAlias = `box${venue.exchange.accounts().indexOf(accountId) + 1}`;
	return futuresBalances(venue, accountId).map((balance) => ({
		accountAlias,
		asset: balance.coin,
		balance: futuresMoney(balance.walletAtoms),
		crossWalletBalance: futuresMoney(balance.walletAtoms),
		crossUnPnl: futuresMoney(balance.unrealisedAtoms),
		availableBalance: futuresMoney(available(balance)),
		maxWithdrawAmount: futuresMoney(available(balance)),
		marginAvailable: true,
		updateTime: nowMs,
	}));
}

/** Only symbols with a position or with orders. */
export function positionRisk(caller: FuturesCaller, given: Params): Json | Refusal {
	const held = chosenHoldings(caller, given);
	return held instanceof Refusal ? held : held.filter(isUsed).map((each) => positionRiskRow(caller.venue, each));
}

export function positionRiskV2(caller: FuturesCaller, given: Params): Json | Refusal {
	const held = chosenHoldings(caller, given);
	return held instanceof Refusal ? held : held.map((each) => positionRiskRowV2(caller.venue, each));
}

// ---- terms ----

export function commissionRate({ venue, accountId }: FuturesCaller, given: Params): Json | Refusal {
	const symbol = given.symbol(venue, 'futures');
	if (symbol instanceof Refusal) return symbol;
	const { accounts } = venue.exchange.operator;
	const rates = accounts.feeRates(accountId, symbol.exchangeKey) ?? venue.listing(symbol);
	const shown = (rateE8: number): string => formatScaled(BigInt(rateE8), RATE_DECIMALS);
	return {
		symbol: symbol.symbol,
		makerCommissionRate: shown(rates.makerRateE8),
		takerCommissionRate: shown(rates.takerRateE8),
	};
}

/** One tier. */
export function leverageBracket(caller: FuturesCaller, given: Params): Json | Refusal {
	const symbols = chosen(caller, given);
	if (symbols instanceof Refusal) return symbols;
	return symbols.map((symbol) => {
		const { maxLeverage, maintenanceRateE8 } = caller.venue.listing(symbol);
		const bracket = {
			bracket: 1,
			initialLeverage: maxLeverage,
			notionalCap: NOTIONAL_MAX,
			notionalFloor: 0,
			maintMarginRatio: maintenanceRateE8 / RATE_ONE,
			cum: 0,
		};
		return { symbol: symbol.symbol, brackets: [bracket] };
	});
}

export function symbolConfig(caller: FuturesCaller, given: Params): Json | Refusal {
	const held = chosenHoldings(caller, given);
	if (held instanceof Refusal) return held;
	return held.map(({ symbol, position }) => ({
		symbol: symbol.symbol,
		marginType: 'CROSSED',
		isAutoAddMargin: 'false',
		leverage: wholeLeverage(position),
		maxNotionalValue: String(NOTIONAL_MAX),
	}));
}

export function accountConfig(caller: FuturesCaller): Json {
	const { rights } = caller.key;
	return {
		feeTier: 0,
		canTrade: rights.contracts && !rights.readOnly,
		canDeposit: true,
		canWithdraw: rights.withdraw,
		dualSidePosition: isHedged(caller),
		updateTime: 0,
		multiAssetsMargin: false,
		tradeGroupId: -1,
	};
}

// ---- settings ----

export function setLeverage({ venue, accountId, desk, nowMs }: FuturesCaller, given: Params): Json | Refusal {
	const symbol = given.symbol(venue, 'futures');
	if (symbol instanceof Refusal) return symbol;
	const leverage = given.mustWhole('leverage');
	if (leverage instanceof Refusal) return leverage;
	const hundredths = leverage * LEVERAGE_ONE;
	if (!Number.isSafeInteger(hundredths)) return LEVERAGE_WRONG;
	const set = venue.exchange.setLeverage(accountId, symbol.exchangeKey, hundredths);
	if (set.kind === 'refused') return futuresRefusal(set.reason, { deed: 'other' });
	desk.leverageSet(accountId, symbol.exchangeKey, nowMs);
	return { leverage, maxNotionalValue: String(NOTIONAL_MAX), symbol: symbol.symbol };
}

export function setMarginType({ venue }: FuturesCaller, given: Params): Json | Refusal {
	const symbol = given.symbol(venue, 'futures');
	if (symbol instanceof Refusal) return symbol;
	const type = given.mustText('marginType');
	if (type instanceof Refusal) return type;
	if (type === 'CROSSED') return SAME_MARGIN_TYPE;
	return type === 'ISOLATED' ? NOT_SUPPORTED : invalidParameter('marginType');
}

export function positionMode(caller: FuturesCaller): Json {
	return { dualSidePosition: isHedged(caller) };
}

/** Out of hedge mode, where somebody has put the account into it; into it nobody comes by asking. */
export function setPositionMode(caller: FuturesCaller, given: Params): Json | Refusal {
	const dual = given.flag('dualSidePosition') ?? missing('dualSidePosition');
	if (dual instanceof Refusal) return dual;
	if (dual === isHedged(caller)) return SAME_POSITION_SIDE;
	if (dual) return NOT_SUPPORTED;
	const { venue, accountId, nowMs } = caller;
	const { accounts } = venue.exchange.operator;
	for (const { exchangeKey } of venue.symbolsOf('futures')) {
		if (accounts.isHedged(accountId, exchangeKey)) accounts.setPositionMode(accountId, exchangeKey, 'one-way', nowMs);
	}
	return SUCCESS;
}

export function assetMode(): Json {
	return { multiAssetsMargin: false };
}

export function setAssetMode(_caller: FuturesCaller, given: Params): Json | Refusal {
	const multi = given.flag('multiAssetsMargin') ?? missing('multiAssetsMargin');
	if (multi instanceof Refusal) return multi;
	return multi ? NOT_SUPPORTED : SAME_ASSET_MODE;
}

// ---- listen key ----

export function openListenKey({ desk, accountId, nowMs }: FuturesCaller): Json {
	return { listenKey: desk.listenKeys.open(accountId, nowMs) };
}

export function renewListenKey({ desk, accountId, nowMs }: FuturesCaller): Json | Refusal {
	const listenKey = desk.listenKeys.renew(accountId, nowMs);
	return listenKey === null ? LISTEN_KEY_UNKNOWN : { listenKey };
}

export function closeListenKey({ desk, accountId }: FuturesCaller): Json {
	desk.listenKeys.close(accountId);
	return {};
}

// ---- sums ----

/** Hedge mode is the account's, so one symbol in it is enough. */
function isHedged({ venue, accountId }: FuturesCaller): boolean {
	const { accounts } = venue.exchange.operator;
	return venue.symbolsOf('futures').some(({ exchangeKey }) => accounts.isHedged(accountId, exchangeKey));
}

function chosenHoldings(caller: FuturesCaller, given: Params): readonly Holding[] | Refusal {
	const symbols = chosen(caller, given);
	return symbols instanceof Refusal ? symbols : holdings(caller.venue, caller.accountId, symbols);
}

function totals({ venue, accountId }: FuturesCaller, held: readonly Holding[]): JsonObject {
	const all = futuresBalances(venue, accountId);
	const sum = (atomsOf: (balance: BalanceView) => bigint): bigint => all.reduce((total, each) => total + atomsOf(each), 0n);
	const margins = marginSums(held);
	const wallet = futuresMoney(sum(({ walletAtoms }) => walletAtoms));
	const unrealised = futuresMoney(sum(({ unrealisedAtoms }) => unrealisedAtoms));
	const free = futuresMoney(sum(available));
	return {
		totalInitialMargin: futuresMoney(margins.positionAtoms + margins.orderAtoms),
		totalMaintMargin: futuresMoney(margins.maintenanceAtoms),
		totalWalletBalance: wallet,
		totalUnrealizedProfit: unrealised,
		totalMarginBalance: futuresMoney(sum(({ equityAtoms }) => equityAtoms)),
		totalPositionInitialMargin: futuresMoney(margins.positionAtoms),
		totalOpenOrderInitialMargin: futuresMoney(margins.orderAtoms),
		totalCrossWalletBalance: wallet,
		totalCrossUnPnl: unrealised,
		availableBalance: free,
		maxWithdrawAmount: free,
	};
}

function assets({ venue, accountId, nowMs }: FuturesCaller, held: readonly Holding[]): readonly JsonObject[] {
	return futuresBalances(venue, accountId).map((balance) => {
		const margins = marginSums(held.filter(({ listing }) => listing.settleCoin === balance.coin));
		return {
			asset: balance.coin,
			walletBalance: futuresMoney(balance.walletAtoms),
			unrealizedProfit: futuresMoney(balance.unrealisedAtoms),
			marginBalance: futuresMoney(balance.equityAtoms),
			maintMargin: futuresMoney(margins.maintenanceAtoms),
			initialMargin: futuresMoney(margins.positionAtoms + margins.orderAtoms),
			positionInitialMargin: futuresMoney(margins.positionAtoms),
			openOrderInitialMargin: futuresMoney(margins.orderAtoms),
			crossWalletBalance: futuresMoney(balance.walletAtoms),
			crossUnPnl: futuresMoney(balance.unrealisedAtoms),
			availableBalance: futuresMoney(available(balance)),
			maxWithdrawAmount: futuresMoney(available(balance)),
			updateTime: nowMs,
		};
	});
}

function marginSums(held: readonly Holding[]): {
	readonly positionAtoms: bigint;
	readonly orderAtoms: bigint;
	readonly maintenanceAtoms: bigint;
} {
	let [positionAtoms, orderAtoms, maintenanceAtoms] = [0n, 0n, 0n];
	for (const { margin, position } of held) {
		positionAtoms += margin.positionAtoms;
		orderAtoms += margin.totalAtoms - margin.positionAtoms;
		maintenanceAtoms += position.maintenanceAtoms;
	}
	return { positionAtoms, orderAtoms, maintenanceAtoms };
}

function available({ availableAtoms }: BalanceView): bigint {
	return availableAtoms > 0n ? availableAtoms : 0n;
}
