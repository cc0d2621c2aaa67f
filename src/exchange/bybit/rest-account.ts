/**
 * What an account can ask about itself, and the settings it can change: positions, money, fees, leverage, modes, the
 * dead-man switch. The account is a unified one in one-way mode with regular margin; what would change that is refused
 * in the venue's words.
 */
import { type Decimal, parseDecimal, rescale } from '../core/decimal.ts';
import { params, Refusal, refusalFor } from './codes.ts';
import { DCP_PRODUCTS, type DcpProduct } from './desk.ts';
import { feeObject } from './instruments.ts';
import { type Json, positionObject } from './json-views.ts';
import { pageOf } from './paging.ts';
import { checkSelection, findSymbol, type Params, selectSymbols } from './params.ts';
import type { Caller } from './rest-route.ts';
import type { BybitSymbol } from './venue.ts';
import { walletObject } from './wallet-view.ts';

const POSITION_PAGE = { preset: 20, most: 200 };
const DCP_SEC = { least: 3, most: 300 };
const LEVERAGE_DECIMALS = 2;
const NO_EXPIRY = '2099-01-01T00:00:00Z';
const CREATED_AT = '2026-01-01T00:00:00Z';

export function positionList({ venue, key }: Caller, given: Params): Json | Refusal {
	const category = given.category();
	if (category instanceof Refusal) return category;
	if (category === 'spot') return params('category only support linear, inverse or option');
	const missing = category === 'linear' ? checkSelection(given) : null;
	if (missing !== null) return missing;
	const symbols = selectSymbols(venue, category, given);
	if (symbols instanceof Refusal) return symbols;
	const flatToo = given.raw('symbol') !== undefined;
	const held = new Map(venue.exchange.positions(key.accountId).map((position) => [position.symbol, position]));
	const rows = symbols.flatMap((symbol) => {
		const position = held.get(symbol.exchangeKey);
		if (position === undefined || (!flatToo && position.qtyLotsSigned === 0)) return [];
		return [{ symbol, position, rank: venue.symbols.length - venue.symbols.indexOf(symbol) }];
	});
	const page = pageOf(rows, ({ rank }) => rank, given, POSITION_PAGE);
	if (page instanceof Refusal) return page;
	const list = page.rows.map(({ symbol, position }) => positionObject(venue, symbol, position, 'avgPrice'));
	return { category, list, nextPageCursor: page.nextPageCursor };
}

export function walletBalance({ venue, key }: Caller, given: Params): Json | Refusal {
	if (given.raw('accountType') !== 'UNIFIED') return params('accountType only support UNIFIED.');
	const coin = given.text('coin');
	if (coin instanceof Refusal) return coin;
	const coins = coin === undefined ? undefined : new Set(coin.split(','));
	return { list: [walletObject(venue, key.accountId, coins)] };
}

export function feeRate({ venue, key }: Caller, given: Params): Json | Refusal {
	const category = given.category();
	if (category instanceof Refusal) return category;
	const symbols = selectSymbols(venue, category, given);
	if (symbols instanceof Refusal) return symbols;
	const list = symbols.map((symbol) =>
		feeObject(symbol, venue.listing(symbol), venue.exchange.operator.accounts.feeRates(key.accountId, symbol.exchangeKey)),
	);
	return category === 'spot' || category === 'option' ? { category, list } : { list };
}

export function setLeverage({ venue, key }: Caller, given: Params): Json | Refusal {
	const category = given.category();
	if (category instanceof Refusal) return category;
	if (category !== 'linear' && category !== 'inverse') return params('category invalid');
	const symbol = findSymbol(venue, category, given);
	if (symbol instanceof Refusal) return symbol;
	const buy = leverageHundredths(given.raw('buyLeverage'));
	const sell = leverageHundredths(given.raw('sellLeverage'));
	if (buy === null || sell === null) return params('leverage invalid');
	if (buy !== sell) return params('buyLeverage and sellLeverage must be equal in one-way mode');
	const held = venue.exchange.positions(key.accountId).find((position) => position.symbol === symbol.exchangeKey);
	if (held?.leverageHundredths === buy) return new Refusal(110043, 'leverage not modified');
	const set = venue.exchange.setLeverage(key.accountId, symbol.exchangeKey, buy);
	return set.kind === 'done' ? {} : refusalFor(category, set.reason, 'other');
}

/** One-way mode is the only one here. */
export function switchMode(caller: Caller, given: Params): Json | Refusal {
	const { venue } = caller;
	const category = given.category();
	if (category instanceof Refusal) return category;
	if (category !== 'linear') return params('category only support linear');
	if (given.raw('symbol') === undefined && given.raw('coin') === undefined) return params('symbol or coin is required');
	const symbol = given.raw('symbol') === undefined ? undefined : findSymbol(venue, category, given);
	if (symbol instanceof Refusal) return symbol;
	const mode = given.count('mode');
	if (mode instanceof Refusal) return mode;
	if (mode === 0) return backToOneWay(caller, symbol);
	return mode === 3 ? new Refusal(110029, 'position mode switch is not supported for this symbol') : params('mode invalid');
}

/** Out of hedge mode, where somebody has put the account into it. */
function backToOneWay({ venue, key, nowMs }: Caller, symbol: BybitSymbol | undefined): Json | Refusal {
	const { accounts } = venue.exchange.operator;
	const chosen = symbol === undefined ? venue.symbols : [symbol];
	const hedged = chosen.filter(({ exchangeKey }) => accounts.isHedged(key.accountId, exchangeKey));
	for (const { exchangeKey } of hedged) accounts.setPositionMode(key.accountId, exchangeKey, 'one-way', nowMs);
	return hedged.length === 0 ? new Refusal(110025, 'Position mode is not modified') : {};
}

export function setMarginMode(_caller: Caller, given: Params): Json | Refusal {
	const mode = given.raw('setMarginMode');
	return mode === 'REGULAR_MARGIN' ? { reasons: [] } : params('setMarginMode only support REGULAR_MARGIN');
}

export function setPriceLimitAction({ venue, key }: Caller, given: Params): Json | Refusal {
	const category = given.category();
	if (category instanceof Refusal) return category;
	if (category === 'option') return params('category invalid');
	if (given.raw('modifyEnable') === undefined) return params('modifyEnable is required');
	const clamps = given.flag('modifyEnable');
	if (clamps instanceof Refusal) return clamps;
	const settings = venue.desk.settings(key.accountId);
	if (category === 'spot') settings.clampsSpot = clamps;
	else settings.clampsFutures = clamps;
	return {};
}

export function accountInfo({ nowMs }: Caller): Json {
	return {
		unifiedMarginStatus: 5,
		marginMode: 'REGULAR_MARGIN',
		isMasterTrader: false,
		spotHedgingStatus: 'OFF',
		updatedTime: String(nowMs),
		dcpStatus: 'OFF',
		timeWindow: 10,
		smpGroup: 0,
	};
}

export function keyInfo({ venue, key }: Caller): Json {
	const { readOnly, contracts, spot, withdraw, addresses } = key.rights;
	const number = venue.exchange.accounts().indexOf(key.accountId) + 1;
	return {
		id: String(number),
		note: key.accountId,
		apiKey: key.apiKey,
		readOnly: readOnly ? 1 : 0,
		secret: '',
		permissions: {
			ContractTrade: contracts ? ['Order', 'Position'] : [],
			Spot: spot ? ['SpotTrade'] : [],
			Wallet: withdraw ? ['AccountTransfer', 'Withdraw'] : ['AccountTransfer'],
		},
		ips: addresses.length === 0 ? ['*'] : addresses,
		type: 1,
		deadlineDay: 0,
		expiredAt: NO_EXPIRY,
		createdAt: CREATED_AT,
		unified: 0,
		uta: 1,
		userID: number,
		inviterID: 0,
		vipLevel: 'No VIP',
		mktMakerLevel: '0',
		affiliateID: 0,
		rsaPublicKey: '',
		isMaster: true,
		parentUid: '0',
		kycLevel: 'LEVEL_DEFAULT',
		kycRegion: '',
	};
}

/** No coin can be moved in or out over the wire, so none is listed. */
export function coinInfo(): Json {
	return { rows: [] };
}

/** The sockets watch the window; see `ws-dcp.ts`. Options, the venue's default, have nothing to cancel here. */
export function setDcp({ venue, key }: Caller, given: Params): Json | Refusal {
	const product = DCP_PRODUCTS.find((each) => each === (given.raw('product') ?? 'OPTIONS'));
	if (product === undefined) return params('product invalid');
	const windowSec = given.count('timeWindow');
	if (windowSec instanceof Refusal) return windowSec;
	if (windowSec === undefined || windowSec < DCP_SEC.least || windowSec > DCP_SEC.most) return params('timeWindow invalid');
	venue.desk.settings(key.accountId).dcpWindowSec.set(product, windowSec);
	return {};
}

export function dcpInfo({ venue, key }: Caller): Json {
	const windows: ReadonlyMap<DcpProduct, number> = venue.desk.settings(key.accountId).dcpWindowSec;
	return {
		dcpInfos: [...windows].map(([product, windowSec]) => ({ product, dcpStatus: 'ON', timeWindow: String(windowSec) })),
	};
}

function leverageHundredths(value: unknown): number | null {
	const decimal: Decimal | null = typeof value === 'string' ? parseDecimal(value) : null;
	const hundredths = decimal === null ? null : rescale(decimal, LEVERAGE_DECIMALS);
	return hundredths === null || hundredths > BigInt(Number.MAX_SAFE_INTEGER) ? null : Number(hundredths);
}
