/** What an account is worth that trades on spot alone (PT16): both coins of each symbol, however the venue tells of a trade. */
import { beforeEach, describe, expect, test } from 'vitest';
import { makeTestInstrument } from '../../test/fixtures/instruments.ts';
import { monoMs } from '../domain/units.ts';
import { purseOf } from '../domain/venue.ts';
import { Equity } from './equity.ts';
import type { MarketState } from './market-state.ts';
import type { QuoteRates } from './quote-rates.ts';

const AT_MS = 10_000;

function spotMarket(symbol: string, [baseCurrency, quoteCurrency]: readonly [string, string], priceTicks: number) {
	const currencies = { baseCurrency, quoteCurrency, settleCurrency: quoteCurrency };
	return {
		instrument: makeTestInstrument({ category: 'spot', symbol, tickSize: '1', lotSize: '1', priceMin: '1', ...currencies }),
		lane: { capability: {} },
		positionLotsSigned: 0,
		averageTicks: 0,
		markTicks: 0,
		exposure: { referenceTicks: priceTicks },
	};
}

type Spot = ReturnType<typeof spotMarket>;

let btc: Spot;
let equity: Equity;

function open(...markets: readonly Spot[]): void {
	const rates = { of: (currency: string) => (currency === 'USDT' ? 1 : Number.NaN) } as unknown as QuoteRates;
	equity = new Equity(markets as unknown as MarketState[], rates);
}

function told(currency: string, total: number, ms = 0): void {
	equity.applyBalance('bybit', currency, total, monoMs(ms));
	equity.applyTime(monoMs(ms));
}

function at(ms: number): number | undefined {
	equity.applyTime(monoMs(ms));
	return equity.now;
}

beforeEach(() => {
	btc = spotMarket('BTCUSDT', ['BTC', 'USDT'], 100);
	open(btc);
});

describe('before all was told', () => {
	test('it is not known, and a coin that is not told after two seconds is one of which there is nothing', () => {
		expect(at(60_000)).toBeUndefined();
		told('USDT', 1_000, 60_000);
		expect([at(61_999), at(62_000)]).toEqual([undefined, 1_000]);
	});

	test('that goes for the coin that is paid with, too', () => {
		told('BTC', 3, 0);
		expect([at(1_999), at(2_000)]).toEqual([undefined, 300]);
	});

	test('a coin that has no price yet is worth nobody knows what', () => {
		btc.exposure.referenceTicks = 0;
		told('USDT', 1_000);
		told('BTC', 2);
		expect(at(AT_MS)).toBeNaN();
		btc.exposure.referenceTicks = 100;
		expect(at(AT_MS)).toBe(1_200);
	});
});

describe('of a hundred of the coin and 1,000', () => {
	beforeEach(() => {
		told('USDT', 1_000);
		told('BTC', 100);
		expect(at(AT_MS)).toBe(11_000);
	});

	test('a lower price is a loss at once', () => {
		btc.exposure.referenceTicks = 97;
		expect(at(AT_MS)).toBe(10_700);
	});

	const buys = (): void => {
		btc.positionLotsSigned = 5;
		btc.averageTicks = 100;
	};
	test.each([
		['the fill, one coin, the other', [buys, () => told('USDT', 500, AT_MS), () => told('BTC', 105, AT_MS)]],
		['one coin, the fill, the other', [() => told('USDT', 500, AT_MS), buys, () => told('BTC', 105, AT_MS)]],
		['the other, one coin, the fill', [() => told('BTC', 105, AT_MS), () => told('USDT', 500, AT_MS), buys]],
	] as const)('a trade is no loss and no profit, told as: %s', (_name, steps) => {
		for (const step of steps) {
			step();
			expect(at(AT_MS + 100)).toBe(11_000);
		}
		for (let ms = AT_MS; ms < AT_MS + 5_000; ms += 250) expect(at(ms)).toBe(11_000);
		btc.exposure.referenceTicks = 90;
		expect(at(AT_MS + 6_000), 'and what was bought loses with the rest').toBe(500 + 105 * 90);
	});

	test('what is sold of it, too', () => {
		btc.positionLotsSigned = -40;
		btc.averageTicks = 100;
		told('BTC', 60, AT_MS);
		told('USDT', 5_000, AT_MS);
		btc.exposure.referenceTicks = 50;
		expect([at(AT_MS + 100), at(AT_MS + 5_000)]).toEqual([8_000, 8_000]);
	});

	test('a fee in the coin itself is what the coin is less by, once', () => {
		// Ten were bought and one of them paid as a fee.
		btc.positionLotsSigned = 9;
		btc.averageTicks = 100;
		equity.applyProfit(btc as unknown as MarketState, -1, 'BTC');
		expect(at(AT_MS)).toBe(10_900);
		told('USDT', 0, AT_MS);
		told('BTC', 109, AT_MS);
		expect([at(AT_MS + 1_999), at(AT_MS + 2_000)]).toEqual([10_900, 10_900]);
	});

	test('a fee in the other coin counts as it is paid', () => {
		equity.applyProfit(btc as unknown as MarketState, -7, 'USDT');
		expect(at(AT_MS)).toBe(10_993);
		told('USDT', 993, AT_MS);
		expect(at(AT_MS + 5_000)).toBe(10_993);
	});

	test.each(['USDT', 'BTC'])('what somebody takes out of %s counts after two seconds', (currency) => {
		told(currency, 0, AT_MS);
		const left = currency === 'USDT' ? 10_000 : 1_000;
		expect([at(AT_MS + 1_999), at(AT_MS + 2_000)]).toEqual([11_000, left]);
	});
});

test('a coin that is traded and paid with counts once', () => {
	const eth = spotMarket('ETHBTC', ['ETH', 'BTC'], 2);
	open(btc, eth);
	told('USDT', 1_000);
	told('BTC', 10);
	told('ETH', 3);
	expect(at(AT_MS)).toBeNaN();
	// ETH has a worth once it can be told in dollars; here BTC's own is not among the rates.
	const rates = { of: (currency: string) => ({ USDT: 1, BTC: 100, ETH: 200 })[currency] ?? Number.NaN } as unknown as QuoteRates;
	equity = new Equity([btc, eth] as unknown as MarketState[], rates);
	told('USDT', 1_000);
	told('BTC', 10);
	told('ETH', 3);
	expect(at(AT_MS)).toBe(1_000 + 10 * 100 + 3 * 200);
	eth.positionLotsSigned = 2;
	eth.averageTicks = 2;
	told('BTC', 6, AT_MS);
	told('ETH', 5, AT_MS);
	expect(at(AT_MS + 5_000)).toBe(1_000 + 6 * 100 + 5 * 200);
});

test('a wallet for spot beside one on margin is judged with it, and backs no contract', () => {
	const contract = {
		...spotMarket('XUSDT', ['X', 'USDT'], 100),
		instrument: makeTestInstrument({ symbol: 'XUSDT' }),
		lane: { capability: { wallet: 'futures' } },
	};
	const spot = { ...btc, lane: { capability: { wallet: 'spot' } } };
	open(contract, spot);
	const tell = (wallet: string, currency: string, total: number): void =>
		equity.applyBalance(purseOf('bybit', { wallet }), currency, total, monoMs(0));
	tell('futures', 'USDT', 1_000);
	expect([at(0), equity.onMargin]).toEqual([undefined, 1_000]);
	tell('spot', 'USDT', 300);
	tell('spot', 'BTC', 2);
	expect([at(0), equity.onMargin]).toEqual([1_500, 1_000]);
});

test('a margin coin that nobody has told of is not nothing', () => {
	const contracts = ['USDT', 'USDC'].map((coin) => {
		const instrument = makeTestInstrument({ symbol: `X${coin}`, quoteCurrency: coin, settleCurrency: coin });
		return { ...spotMarket(`X${coin}`, ['X', coin], 100), instrument };
	});
	open(...contracts);
	told('USDT', 1_000);
	expect(at(60_000)).toBeUndefined();
});

test('beside contracts in the same wallet coins of spot are no margin, and do not count', () => {
	const contract = { ...spotMarket('XUSDT', ['X', 'USDT'], 100), instrument: makeTestInstrument({ symbol: 'XUSDT' }) };
	open(spotMarket('BTCEUR', ['BTC', 'EUR'], 100), btc, contract);
	told('EUR', 70);
	told('USDT', 1_000);
	told('BTC', 100);
	expect(at(AT_MS)).toBe(1_000);
});
