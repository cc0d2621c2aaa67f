/** Routes by which the operator of the exchange, or fate, deals with one account: trades, orders, modes and fees. */
import { rateE8 } from '../core/money.ts';
import { LEVERAGE_ONE } from '../core/position.ts';
import type { OrderTimeInForce } from '../core/views.ts';
import { USUAL_RIGHTS } from '../key-rights.ts';
import { decimalText, Expected, flag, longText, name, oneOf, optional, type Reader, readJson, text } from './readers.ts';
import { Refusal } from './refusal.ts';
import { type Answer, accountOf, changed, countOf, namedListing, type Route, type Scene } from './scene.ts';
import { orderJson, positionJson } from './truth.ts';

const TIMES_IN_FORCE: readonly OrderTimeInForce[] = ['gtc', 'ioc', 'fok', 'post-only'];
const side = oneOf('buy', 'sell');

export const ACCOUNT_ROUTES: readonly Route[] = [
	{
		method: 'POST',
		path: '/v1/accounts/:account/adl',
		about: '{symbol, qty, price?}: so much of its position is taken away, at the mark price unless said',
		run: deleverage,
	},
	{
		method: 'POST',
		path: '/v1/accounts/:account/trades',
		about: '{symbol, side, qty, price?}: a market order in its name that is filled at once, at the mark price unless said',
		run: trade,
	},
	{
		method: 'POST',
		path: '/v1/accounts/:account/orders',
		about: '{symbol, side, qty, price, timeInForce?}: a limit order in its name, without a client id',
		run: place,
	},
	{
		method: 'POST',
		path: '/v1/accounts/:account/orders/:order/fill',
		about: '{qty?} or {leave?}: somebody takes so much of it now, or all but so much; all of it unless said',
		run: fill,
	},
	{
		method: 'POST',
		path: '/v1/accounts/:account/orders/:order/self-trade',
		about: 'self-trade prevention takes it out, against an order in its own name',
		run: preventSelfTrade,
	},
	{
		method: 'POST',
		path: '/v1/accounts/:account/leverage',
		about: "{symbol, leverage} such as '10', whether or not it has the margin",
		run: setLeverage,
	},
	{
		method: 'POST',
		path: '/v1/accounts/:account/position-mode',
		about: '{symbol, mode}: one-way or hedge; orders are refused in hedge mode',
		run: setMode,
	},
	{
		method: 'POST',
		path: '/v1/accounts/:account/fees',
		about: "{symbol, makerRate, takerRate} such as '-0.0001'; {symbol} alone: the symbol's own again",
		run: setFees,
	},
	{
		method: 'POST',
		path: '/v1/accounts/:account/fee-coin',
		about: '{coin?}: fees are paid in this coin while there is enough of it; without one in the usual coins again',
		run: setFeeCoin,
	},
	{
		method: 'POST',
		path: '/v1/accounts/:account/key',
		about:
			'{readOnly?, contracts?, spot?, withdraw?, address?}: what its key may do, and from where; what is not said is as usual',
		run: setKeyRights,
	},
	{
		method: 'POST',
		path: '/v1/accounts/:account/public-key',
		about: '{publicKey} in PEM, Ed25519 or RSA: one more key of the account at Binance, whose private half you keep',
		run: addPublicKey,
	},
];

const smallRate: Reader<string> = (value) => {
	const plain = decimalText(value);
	return typeof plain === 'string' && /^-?0(\.\d{1,8})?$/.test(plain) ? plain : new Expected("a fraction such as '-0.0001'");
};

function deleverage(scene: Scene): Answer {
	const forced = readForced(scene, { symbol: text, qty: decimalText, price: optional(decimalText) });
	if (forced instanceof Refusal) return forced;
	const { accounts } = scene.box.exchange.operator;
	return changed(accounts.deleverage(forced, scene.nowMs), () => positionsOf(scene, forced.accountId));
}

function trade(scene: Scene): Answer {
	const spec = { symbol: text, side, qty: decimalText, price: optional(decimalText) };
	const given = readJson(scene.body, spec);
	if (given instanceof Refusal) return given;
	const forced = readForced(scene, spec);
	if (forced instanceof Refusal) return forced;
	const { accounts } = scene.box.exchange.operator;
	const result = accounts.trade({ ...forced, side: given.side }, scene.nowMs);
	return changed(result, () => positionsOf(scene, forced.accountId));
}

function place(scene: Scene): Answer {
	const spec = { symbol: text, side, qty: decimalText, price: decimalText, timeInForce: optional(oneOf(...TIMES_IN_FORCE)) };
	const given = readJson(scene.body, spec);
	if (given instanceof Refusal) return given;
	const forced = readForced(scene, spec);
	if (forced instanceof Refusal) return forced;
	const { accountId, symbol, qtyLots, priceTicks = 0 } = forced;
	const { exchange } = scene.box;
	const timeInForce = given.timeInForce ?? 'gtc';
	const order = { accountId, symbol, side: given.side, type: 'limit', timeInForce, priceTicks, qtyLots } as const;
	const placed = exchange.place(order, scene.nowMs);
	if (placed.kind === 'accepted') return orderJson(exchange, placed.order);
	return changed(placed, () => ({}));
}

function fill(scene: Scene): Answer {
	const account = accountOf(scene);
	if (account instanceof Refusal) return account;
	const given = readJson(scene.body, { qty: optional(decimalText), leave: optional(decimalText) });
	if (given instanceof Refusal) return given;
	if (given.qty !== undefined && given.leave !== undefined) {
		return new Refusal(400, 'qty and leave are both in the body, expected one of them');
	}
	const { exchange } = scene.box;
	const orderId = scene.place('order');
	const order = exchange.order(account, { orderId });
	const listing = order === undefined ? undefined : exchange.listing(order.symbol);
	if (order === undefined || listing === undefined) {
		return new Refusal(404, `no order ${JSON.stringify(orderId)} of ${account}; GET /v1/accounts/${account}/orders lists them`);
	}
	const named = given.qty ?? given.leave;
	const lots = named === undefined ? order.leavesLots : countOf(listing.qty, given.qty === undefined ? 'leave' : 'qty', named);
	if (lots instanceof Refusal) return lots;
	const qtyLots = given.leave === undefined ? lots : order.leavesLots - lots;
	const result = exchange.operator.accounts.fill(account, orderId, qtyLots, scene.nowMs);
	return changed(result, () => shownOrder(scene, account, orderId));
}

function preventSelfTrade(scene: Scene): Answer {
	const account = accountOf(scene);
	if (account instanceof Refusal) return account;
	const orderId = scene.place('order');
	const result = scene.box.exchange.operator.accounts.preventSelfTrade(account, orderId, scene.nowMs);
	return changed(result, () => shownOrder(scene, account, orderId));
}

function setLeverage(scene: Scene): Answer {
	const account = accountOf(scene);
	if (account instanceof Refusal) return account;
	const given = readJson(scene.body, { symbol: text, leverage: decimalText });
	if (given instanceof Refusal) return given;
	const listing = namedListing(scene, given.symbol);
	if (listing instanceof Refusal) return listing;
	const hundredths = Math.round(Number(given.leverage) * LEVERAGE_ONE);
	const result = scene.box.exchange.operator.accounts.setLeverage(account, given.symbol, hundredths, scene.nowMs);
	return changed(result, () => positionsOf(scene, account));
}

function setMode(scene: Scene): Answer {
	const account = accountOf(scene);
	if (account instanceof Refusal) return account;
	const given = readJson(scene.body, { symbol: text, mode: oneOf('one-way', 'hedge') });
	if (given instanceof Refusal) return given;
	const listing = namedListing(scene, given.symbol);
	if (listing instanceof Refusal) return listing;
	const result = scene.box.exchange.operator.accounts.setPositionMode(account, given.symbol, given.mode, scene.nowMs);
	return changed(result, () => ({ name: account, ...given }));
}

function setFees(scene: Scene): Answer {
	const account = accountOf(scene);
	if (account instanceof Refusal) return account;
	const rate = optional(smallRate);
	const given = readJson(scene.body, { symbol: text, makerRate: rate, takerRate: rate });
	if (given instanceof Refusal) return given;
	const listing = namedListing(scene, given.symbol);
	if (listing instanceof Refusal) return listing;
	const { makerRate, takerRate } = given;
	if ((makerRate === undefined) !== (takerRate === undefined)) {
		return new Refusal(400, 'one of makerRate and takerRate is missing in the body, expected both or none');
	}
	const rates =
		makerRate === undefined || takerRate === undefined
			? null
			: { makerRateE8: rateE8(makerRate), takerRateE8: rateE8(takerRate) };
	const { accounts } = scene.box.exchange.operator;
	return changed(accounts.setFees(account, given.symbol, rates), () => ({
		name: account,
		symbol: given.symbol,
		...rates,
	}));
}

function setFeeCoin(scene: Scene): Answer {
	const account = accountOf(scene);
	if (account instanceof Refusal) return account;
	const given = readJson(scene.body, { coin: optional(name) });
	if (given instanceof Refusal) return given;
	const coin = given.coin ?? null;
	return changed(scene.box.exchange.operator.accounts.setFeeCoin(account, coin), () => ({ name: account, coin }));
}

function setKeyRights(scene: Scene): Answer {
	const account = accountOf(scene);
	if (account instanceof Refusal) return account;
	const yesNo = optional(flag);
	const spec = { readOnly: yesNo, contracts: yesNo, spot: yesNo, withdraw: yesNo, address: optional(text) };
	const given = readJson(scene.body, spec);
	if (given instanceof Refusal) return given;
	const { address, readOnly, contracts, spot, withdraw } = given;
	const rights = {
		readOnly: readOnly ?? USUAL_RIGHTS.readOnly,
		contracts: contracts ?? USUAL_RIGHTS.contracts,
		spot: spot ?? USUAL_RIGHTS.spot,
		withdraw: withdraw ?? USUAL_RIGHTS.withdraw,
		addresses: address === undefined ? [] : [address],
	};
	if (scene.box.setKeyRights(account, rights)) return { name: account, ...rights };
	return new Refusal(409, `${account} has no key; GET /v1/accounts lists who has one`);
}

function addPublicKey(scene: Scene): Answer {
	const account = accountOf(scene);
	if (account instanceof Refusal) return account;
	if (!scene.box.accounts().some((each) => each.name === account)) {
		return new Refusal(409, `${account} has no key; GET /v1/accounts lists who has one`);
	}
	const given = readJson(scene.body, { publicKey: longText });
	if (given instanceof Refusal) return given;
	const apiKey = scene.box.addPublicKey(account, given.publicKey);
	if (apiKey !== undefined) return { name: account, apiKey };
	return new Refusal(400, 'publicKey is no public key in PEM, or the box was started without --binance-port');
}

/** What all that trade or order have in common; fields of one kind alone are read by it. */
function readForced(
	scene: Scene,
	spec: { symbol: Reader<string>; qty: Reader<string>; price: Reader<string | undefined>; [more: string]: Reader<unknown> },
): { accountId: string; symbol: string; qtyLots: number; priceTicks?: number } | Refusal {
	const accountId = accountOf(scene);
	if (accountId instanceof Refusal) return accountId;
	const given = readJson(scene.body, spec);
	if (given instanceof Refusal) return given;
	const { symbol, qty, price } = given;
	const listing = namedListing(scene, symbol);
	if (listing instanceof Refusal) return listing;
	const qtyLots = countOf(listing.qty, 'qty', qty);
	if (qtyLots instanceof Refusal) return qtyLots;
	if (price === undefined) return { accountId, symbol, qtyLots };
	const priceTicks = countOf(listing.price, 'price', price);
	return priceTicks instanceof Refusal ? priceTicks : { accountId, symbol, qtyLots, priceTicks };
}

function positionsOf({ box: { exchange } }: Scene, account: string): object {
	return { name: account, positions: exchange.positions(account).map((each) => positionJson(exchange, each)) };
}

function shownOrder({ box: { exchange } }: Scene, account: string, orderId: string): object {
	const order = exchange.order(account, { orderId });
	return order === undefined ? {} : orderJson(exchange, order);
}
