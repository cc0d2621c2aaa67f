/** Routes by which the operator of the exchange changes a symbol: its status and end, filters, prices, funding. */
import { RATE_ONE, rateE8 } from '../core/money.ts';
import { SYMBOL_STATUSES } from '../core/views.ts';
import { decimalText, Expected, oneOf, optional, type Reader, readJson, whole } from './readers.ts';
import { Refusal } from './refusal.ts';
import { type Answer, changed, countOf, listingOf, type Route, type Scene, symbolOf } from './scene.ts';
import { symbolJson } from './truth.ts';

const SPIKE_MS_MAX = 3_600_000;
const SPIKE_RATE_MAX = 10;
const INSTANT_MAX = 4_102_444_800_000;

export const SYMBOL_ROUTES: readonly Route[] = [
	{
		method: 'POST',
		path: '/v1/symbols/:symbol/status',
		about: `{status?, deliveryAtMs?}: ${SYMBOL_STATUSES.join(', ')}; closed cancels its orders and settles its positions at the mark price; so does deliveryAtMs when it comes, 0 takes it back`,
		run: setStatus,
	},
	{
		method: 'POST',
		path: '/v1/symbols/:symbol/filters',
		about: '{tickSize?, lotSize?, minQty?, maxQty?, maxMarketQty?, minNotional?, priceBand?}: orders that stand already stay',
		run: setFilters,
	},
	{
		method: 'POST',
		path: '/v1/symbols/:symbol/mark-price',
		about: '{price}; a synthetic market moves on from its own',
		run: setMark,
	},
	{
		method: 'POST',
		path: '/v1/symbols/:symbol/spike',
		about: "{rate, forMs}: prices jump by a fraction such as '-0.1' and come back",
		run: spike,
	},
	{ method: 'POST', path: '/v1/symbols/:symbol/funding-rate', about: "{rate} such as '0.0001'", run: setFundingRate },
	{
		method: 'POST',
		path: '/v1/symbols/:symbol/funding',
		about: '{rate?}: every position pays or is paid now, at the mark price and the present rate unless said',
		run: applyFunding,
	},
	{ method: 'POST', path: '/v1/funding', about: 'the same for all contracts that have a mark price', run: applyAllFunding },
];

/** Below zero as well, at most eight decimals. */
const fraction: Reader<string> = (value) => {
	const plain = decimalText(value);
	return typeof plain === 'string' && /^-?\d{1,2}(\.\d{1,8})?$/.test(plain) ? plain : new Expected("a fraction such as '-0.1'");
};

function setStatus(scene: Scene): Answer {
	const symbol = symbolOf(scene);
	if (symbol instanceof Refusal) return symbol;
	const deliveryAtMs = optional(whole({ min: 0, max: INSTANT_MAX }));
	const given = readJson(scene.body, { status: optional(oneOf(...SYMBOL_STATUSES)), deliveryAtMs });
	if (given instanceof Refusal) return given;
	if (given.status === undefined && given.deliveryAtMs === undefined) {
		return new Refusal(400, `the body is empty, expected a status (one of ${SYMBOL_STATUSES.join(', ')}) or deliveryAtMs`);
	}
	const { exchange } = scene.box;
	const announced =
		given.deliveryAtMs === undefined ? undefined : exchange.operator.announceDelivery(symbol, given.deliveryAtMs, scene.nowMs);
	if (announced?.kind === 'refused' || given.status === undefined) {
		return changed(announced ?? { kind: 'done' }, () => symbolJson(exchange, symbol));
	}
	return changed(exchange.setStatus(symbol, given.status, scene.nowMs), () => symbolJson(exchange, symbol));
}

function setFilters(scene: Scene): Answer {
	const symbol = symbolOf(scene);
	if (symbol instanceof Refusal) return symbol;
	const decimal = optional(decimalText);
	const given = readJson(scene.body, {
		tickSize: decimal,
		lotSize: decimal,
		minQty: decimal,
		maxQty: decimal,
		maxMarketQty: decimal,
		minNotional: decimal,
		priceBand: decimal,
	});
	if (given instanceof Refusal) return given;
	const change = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
	const { exchange } = scene.box;
	const result = exchange.operator.changeFilters(symbol, change, scene.nowMs);
	return changed(result, () => symbolJson(exchange, symbol));
}

function setMark(scene: Scene): Answer {
	const listing = listingOf(scene);
	if (listing instanceof Refusal) return listing;
	const given = readJson(scene.body, { price: decimalText });
	if (given instanceof Refusal) return given;
	const ticks = countOf(listing.price, 'price', given.price);
	if (ticks instanceof Refusal) return ticks;
	const { exchange } = scene.box;
	return changed(exchange.setMarkPrice(listing.symbol, ticks, scene.nowMs), () => symbolJson(exchange, listing.symbol));
}

function spike(scene: Scene): Answer {
	const symbol = symbolOf(scene);
	if (symbol instanceof Refusal) return symbol;
	const given = readJson(scene.body, { rate: fraction, forMs: whole({ min: 1, max: SPIKE_MS_MAX }) });
	if (given instanceof Refusal) return given;
	const rate = rateE8(given.rate);
	if (rate === 0 || rate > SPIKE_RATE_MAX * Number(RATE_ONE) || rate < -0.9 * Number(RATE_ONE)) {
		return new Refusal(
			400,
			`rate in the body is "${given.rate}", expected a fraction from -0.9 to ${SPIKE_RATE_MAX} that is not zero`,
		);
	}
	const { exchange } = scene.box;
	const result = exchange.operator.spike(symbol, { rateE8: rate, untilMs: scene.nowMs + given.forMs }, scene.nowMs);
	return changed(result, () => symbolJson(exchange, symbol));
}

function setFundingRate(scene: Scene): Answer {
	const listing = listingOf(scene);
	if (listing instanceof Refusal) return listing;
	const given = readJson(scene.body, { rate: decimalText });
	if (given instanceof Refusal) return given;
	const rate = fundingRate(given.rate);
	if (rate instanceof Refusal) return rate;
	const { exchange } = scene.box;
	return changed(exchange.setFundingRate(listing.symbol, rate, scene.nowMs), () => symbolJson(exchange, listing.symbol));
}

function applyFunding(scene: Scene): Answer {
	const symbol = symbolOf(scene);
	if (symbol instanceof Refusal) return symbol;
	const given = readJson(scene.body, { rate: optional(decimalText) });
	if (given instanceof Refusal) return given;
	const { exchange } = scene.box;
	const ticker = exchange.ticker(symbol);
	const rate = given.rate === undefined ? (ticker?.fundingRateE8 ?? 0) : fundingRate(given.rate);
	if (rate instanceof Refusal) return rate;
	const result = exchange.applyFunding(symbol, { rateE8: rate, markTicks: ticker?.markTicks ?? 0 }, scene.nowMs);
	return changed(result, () => symbolJson(exchange, symbol));
}

function applyAllFunding({ box: { exchange }, nowMs }: Scene): Answer {
	const paid: string[] = [];
	for (const symbol of exchange.symbols()) {
		const ticker = exchange.ticker(symbol);
		if (ticker === undefined || ticker.markTicks === 0) continue;
		const terms = { rateE8: ticker.fundingRateE8, markTicks: ticker.markTicks };
		if (exchange.applyFunding(symbol, terms, nowMs).kind === 'done') paid.push(symbol);
	}
	return { symbols: paid };
}

function fundingRate(text: string): number | Refusal {
	if (/^-?[01](\.\d{1,8})?$/.test(text)) return rateE8(text);
	return new Refusal(400, `rate in the body is "${text}", expected a fraction with at most eight decimals, such as '0.0001'`);
}
