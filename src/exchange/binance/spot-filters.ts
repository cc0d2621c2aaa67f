/** The filters of a spot symbol as the venue publishes them: those of the listing, and those of the façade alone. */
import { type Decimal, decimal, formatScaled, rescale } from '../core/decimal.ts';
import type { Listing } from '../core/listing.ts';
import { atoms, formatAtoms } from '../core/money.ts';
import type { Json } from './numbers.ts';

const DECIMALS = 8;
const ONE = 100_000_000n;
const MAX_NOTIONAL = '9000000.00000000';
export const MAX_NOTIONAL_ATOMS = atoms(MAX_NOTIONAL);
/** How far a buy may be below the market, and a sell above it, in hundredths. */
export const FAR_PRICE_E2 = { buy: 20, sell: 500 } as const;
export const AMENDS_MAX = 10;
const MAX_PRICE = '1000000.00000000';
export const MAX_PRICE_ATOMS = atoms(MAX_PRICE);
const AVERAGE_MINUTES = 5;

export function filterList({ spec, maxOpenOrders }: Listing): readonly Json[] {
	const { tickSize, lotSize, minQty, maxQty, maxMarketQty = maxQty, minNotional, priceBand = '1' } = spec;
	return [
		{ filterType: 'PRICE_FILTER', minPrice: fixed(tickSize), maxPrice: MAX_PRICE, tickSize: fixed(tickSize) },
		{ filterType: 'LOT_SIZE', minQty: fixed(minQty), maxQty: fixed(maxQty), stepSize: fixed(lotSize) },
		{ filterType: 'MARKET_LOT_SIZE', minQty: fixed('0'), maxQty: fixed(maxMarketQty), stepSize: fixed('0') },
		{
			filterType: 'PERCENT_PRICE_BY_SIDE',
			bidMultiplierUp: plainly(ONE + scaled(decimal(priceBand), DECIMALS)),
			bidMultiplierDown: plainly((ONE * BigInt(FAR_PRICE_E2.buy)) / 100n),
			askMultiplierUp: plainly((ONE * BigInt(FAR_PRICE_E2.sell)) / 100n),
			askMultiplierDown: plainly(ONE - scaled(decimal(priceBand), DECIMALS)),
			avgPriceMins: AVERAGE_MINUTES,
		},
		{
			filterType: 'NOTIONAL',
			minNotional: formatAtoms(atoms(minNotional)),
			applyMinToMarket: true,
			maxNotional: MAX_NOTIONAL,
			applyMaxToMarket: false,
			avgPriceMins: AVERAGE_MINUTES,
		},
		{ filterType: 'MAX_NUM_ORDERS', maxNumOrders: maxOpenOrders },
		{ filterType: 'MAX_NUM_ORDER_AMENDS', maxNumOrderAmends: AMENDS_MAX },
	];
}

function fixed(text: string): string {
	return formatScaled(scaled(decimal(text), DECIMALS), DECIMALS);
}

/** With two decimals at least: bands can become very narrow. */
function plainly(count: bigint): string {
	return formatScaled(count, DECIMALS).replace(/(\.\d\d)(\d*?)0+$/, '$1$2');
}

/** Of what we wrote ourselves. */
function scaled(value: Decimal, scale: number): bigint {
	const units = rescale(value, scale);
	if (units === null) throw new RangeError(`more than ${scale} decimals in a filter`);
	return units;
}
