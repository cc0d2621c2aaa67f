import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { makeTestExecution, money } from '../../test/fixtures/executions.ts';
import { BTCUSDT, ETHUSDT, makeTestInstrument, PEPEUSDT, SOLUSDT_SPOT } from '../../test/fixtures/instruments.ts';
import type { Instrument } from '../domain/instrument.ts';
import { moneyOf, printMoney } from '../domain/money.ts';
import type { Side } from '../domain/side.ts';
import { lots, ticks, timeMs } from '../domain/units.ts';
import { Ledger } from './ledger.ts';
import { type CurrencyValue, type Mark, markOfTicks, type Valuation } from './valuation.ts';

const NOW = timeMs(1_767_225_600_000);
const ALL = [BTCUSDT, ETHUSDT, SOLUSDT_SPOT, PEPEUSDT];

function mark(instrument: Instrument, price: string): Mark {
	return { instrument: instrument.index, price: money(price) };
}

function row(valuation: Valuation, currency: string): CurrencyValue {
	const found = valuation.currencies.find((value) => value.currency === currency);
	if (found === undefined) throw new Error(`no row for ${currency}`);
	return found;
}

function longOneBitcoin(): Ledger {
	const ledger = new Ledger();
	ledger.setCapital('USDT', money('1000'));
	ledger.applyExecution(makeTestExecution({ qty: '1.000', price: '65000', fee: '13' }));
	return ledger;
}

describe('marking to market', () => {
	test('adds capital, PnL, fees and funding up to equity, and shows exposure', () => {
		const ledger = longOneBitcoin();
		ledger.applyExecution(makeTestExecution({ id: 'out', side: 'sell', qty: '0.400', price: '65100' }));
		ledger.applyExecution(makeTestExecution({ instrument: ETHUSDT, side: 'sell', qty: '2.00', price: '3000' }));
		ledger.applyFunding({ instrument: BTCUSDT.index, fundingId: 'f', amount: money('-1.5'), currency: 'USDT', fundedAtMs: NOW });
		const valuation = ledger.markToMarket([mark(BTCUSDT, '65010.123'), mark(ETHUSDT, '3001')], NOW);
		expect(valuation).toEqual({
			atMs: NOW,
			instruments: [
				{
					instrumentId: BTCUSDT.id,
					mark: money('65010.123'),
					unrealised: money('6.0738'),
					baseFeesAtMark: 0n,
					netNotional: money('39006.0738'),
					grossNotional: money('39006.0738'),
				},
				{
					instrumentId: ETHUSDT.id,
					mark: money('3001'),
					unrealised: money('-2'),
					baseFeesAtMark: 0n,
					netNotional: money('-6002'),
					grossNotional: money('6002'),
				},
			],
			currencies: [
				{
					currency: 'USDT',
					capital: money('1000'),
					realised: money('40'),
					unrealised: money('4.0738'),
					fees: money('13'),
					baseFeesAtMark: 0n,
					funding: money('-1.5'),
					equity: money('1029.5738'),
					peakEquity: money('1029.5738'),
					drawdown: 0n,
					drawdownRatio: 0,
					netNotional: money('33004.0738'),
					grossNotional: money('45008.0738'),
					isComplete: true,
				},
			],
		});
	});

	test('the peak starts at the capital, so fees alone are a drawdown', () => {
		const usdt = row(longOneBitcoin().markToMarket([mark(BTCUSDT, '65000')], NOW), 'USDT');
		expect(usdt).toMatchObject({ equity: money('987'), peakEquity: money('1000'), drawdown: money('13'), drawdownRatio: 0.013 });
	});

	test('the peak is the best there was, and drawdown counts from it', () => {
		const ledger = longOneBitcoin();
		const drawdowns = ['65113', '65213', '65063', '65313', '65300'].map((price) => {
			const { peakEquity, drawdown } = row(ledger.markToMarket([mark(BTCUSDT, price)], NOW), 'USDT');
			return [printMoney(peakEquity), printMoney(drawdown)];
		});
		expect(drawdowns).toEqual([
			['1100', '0'],
			['1200', '0'],
			['1200', '150'],
			['1300', '0'],
			['1300', '13'],
		]);
	});

	test('a deposit is no profit and a withdrawal no drawdown', () => {
		const ledger = longOneBitcoin();
		ledger.markToMarket([mark(BTCUSDT, '65113')], NOW);
		for (const [capital, peak] of [
			['5000', '5100'],
			['200', '300'],
		] as const) {
			ledger.setCapital('USDT', money(capital));
			const usdt = row(ledger.markToMarket([mark(BTCUSDT, '65103')], NOW), 'USDT');
			expect(usdt).toMatchObject({ peakEquity: money(peak), drawdown: money('10') });
		}
	});

	test('without a mark a holding counts at cost, its coin is incomplete, and no peak moves', () => {
		const ledger = longOneBitcoin();
		ledger.applyExecution(makeTestExecution({ id: 'won', side: 'sell', qty: '0.500', price: '66000' }));
		const blind = ledger.markToMarket([], NOW);
		expect(blind.instruments[0]?.mark).toBeUndefined();
		expect(row(blind, 'USDT')).toMatchObject({
			isComplete: false,
			unrealised: 0n,
			equity: money('1487'),
			peakEquity: money('1000'),
		});
		expect(row(ledger.markToMarket([mark(BTCUSDT, '65000')], NOW), 'USDT')).toMatchObject({
			isComplete: true,
			peakEquity: money('1487'),
		});
	});

	test('a flat account needs no mark', () => {
		const ledger = new Ledger();
		ledger.follow(BTCUSDT);
		expect(row(ledger.markToMarket([], NOW), 'USDT').isComplete).toBe(true);
	});

	test('fees in a third coin are that coin its own loss, never added to another', () => {
		const ledger = new Ledger();
		ledger.applyExecution(makeTestExecution({ fee: '0.01', feeCurrency: 'BNB' }));
		const valuation = ledger.markToMarket([mark(BTCUSDT, '65000')], NOW);
		expect(valuation.currencies.map(({ currency }) => currency)).toEqual(['BNB', 'USDT']);
		expect(row(valuation, 'BNB')).toMatchObject({
			fees: money('0.01'),
			equity: money('-0.01'),
			drawdown: money('0.01'),
			drawdownRatio: 0,
		});
		expect(row(valuation, 'USDT')).toMatchObject({ fees: 0n, equity: 0n });
	});

	test('spot fees in the bought coin are charged at the mark, where the instrument settles', () => {
		const ledger = new Ledger();
		ledger.applyExecution(
			makeTestExecution({ instrument: SOLUSDT_SPOT, price: '200', qty: '10', fee: '0.01', feeCurrency: 'SOL' }),
		);
		const valuation = ledger.markToMarket([mark(SOLUSDT_SPOT, '210')], NOW);
		expect(valuation.currencies.map(({ currency }) => currency)).toEqual(['USDT']);
		expect(row(valuation, 'USDT')).toMatchObject({
			unrealised: money('100'),
			fees: 0n,
			baseFeesAtMark: money('2.1'),
			equity: money('97.9'),
			netNotional: money('2097.9'),
		});
		// sold again, it is still a debt of 0.01 SOL, which needs a mark
		ledger.applyExecution(makeTestExecution({ id: 'out', instrument: SOLUSDT_SPOT, side: 'sell', price: '210', qty: '10' }));
		expect(row(ledger.markToMarket([], NOW), 'USDT').isComplete).toBe(false);
		expect(row(ledger.markToMarket([mark(SOLUSDT_SPOT, '220')], NOW), 'USDT')).toMatchObject({
			equity: money('97.8'),
			netNotional: money('-2.2'),
		});
	});

	test('a valuation is frozen: later facts do not change it', () => {
		const ledger = longOneBitcoin();
		const valuation = ledger.markToMarket([mark(BTCUSDT, '65000')], NOW);
		ledger.applyExecution(makeTestExecution({ id: 'more', qty: '1.000', price: '60000' }));
		expect(row(valuation, 'USDT').equity).toBe(money('987'));
		for (const part of [
			valuation,
			valuation.instruments,
			valuation.currencies,
			valuation.currencies[0],
			valuation.instruments[0],
		]) {
			expect(Object.isFrozen(part)).toBe(true);
		}
	});
});

describe('a mark from a float', () => {
	test('is exact on the grid and to a millionth of a tick between', () => {
		expect(markOfTicks(BTCUSDT, 650_001)).toEqual(mark(BTCUSDT, '65000.1'));
		expect(markOfTicks(BTCUSDT, 650_001.234_567)).toEqual(mark(BTCUSDT, '65000.1234567'));
		expect(markOfTicks(BTCUSDT, 0.1 + 0.2)).toEqual(mark(BTCUSDT, '0.03'));
		expect(markOfTicks(BTCUSDT, 650_001.000_001_9)).toEqual(mark(BTCUSDT, '65000.1000002'));
		expect(markOfTicks(PEPEUSDT, 80.5)).toEqual(mark(PEPEUSDT, '0.000000805'));
		const finest = makeTestInstrument({
			tickSize: '0.000000000000000001',
			lotSize: '1',
			priceMin: '0',
			priceMax: '0.001',
			qtyMin: '1',
		});
		expect(markOfTicks(finest, 7.5).price).toBe(7n);
	});
});

describe('for any facts and marks', () => {
	const anyFact = fc.record({
		instrument: fc.constantFrom(...ALL),
		side: fc.constantFrom<Side>('buy', 'sell'),
		priceTicks: fc.integer({ min: 1, max: 10_000_000 }).map(ticks),
		qtyLots: fc.integer({ min: 1, max: 1_000 }).map(lots),
		fee: fc.bigInt({ min: -(10n ** 16n), max: 10n ** 18n }).map(moneyOf),
		coin: fc.constantFrom('USDT', 'base', 'BNB'),
	});
	const anyPrices = fc.array(fc.bigInt({ min: 1n, max: 10n ** 23n }), { minLength: ALL.length, maxLength: ALL.length });

	test('equity is the capital, what the balances changed by, and what is held, at the marks: to the last digit', () => {
		fc.assert(
			fc.property(
				fc.array(anyFact, { maxLength: 30 }),
				anyPrices,
				fc.bigInt({ min: 0n, max: 10n ** 24n }),
				(facts, prices, capital) => {
					const ledger = new Ledger();
					ledger.setCapital('USDT', moneyOf(capital));
					facts.forEach(({ coin, ...fact }, id) => {
						const feeCurrency = coin === 'base' ? fact.instrument.baseCurrency : coin;
						ledger.applyExecution({
							...makeTestExecution({ id: `e${id}`, instrument: fact.instrument, price: '1', qty: '1000' }),
							...fact,
							feeCurrency,
						});
					});
					const priceOf = (instrument: Instrument): bigint => prices[ALL.indexOf(instrument)] ?? 0n;
					const marks = ALL.map((instrument) => ({ instrument: instrument.index, price: moneyOf(priceOf(instrument)) }));
					const usdt = row(ledger.markToMarket(marks, NOW), 'USDT');
					// every figure from its definition, in 36 decimals, rounded down once an instrument
					let expected = capital + (ledger.balanceChanges('bybit').get('USDT') ?? 0n);
					for (const instrument of ALL) {
						const position = ledger.position(instrument.index);
						if (position === undefined) continue;
						const spotFees =
							instrument.category === 'spot'
								? (position.fees.find(({ currency }) => currency === instrument.baseCurrency)?.amount ?? 0n)
								: 0n;
						const held = (position.baseSigned - spotFees) * priceOf(instrument);
						expected += (held - (((held % 10n ** 18n) + 10n ** 18n) % 10n ** 18n)) / 10n ** 18n;
						if (instrument.category === 'linear') expected -= position.costSigned;
					}
					expect(usdt.equity).toBe(expected);
					expect(usdt.equity).toBe(
						usdt.capital + usdt.realised + usdt.unrealised - usdt.fees - usdt.baseFeesAtMark + usdt.funding,
					);
				},
			),
			{ numRuns: 500 },
		);
	});
});
