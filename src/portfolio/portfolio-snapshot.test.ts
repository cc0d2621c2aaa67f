import { describe, expect, test } from 'vitest';
import { makeTestExecution, money } from '../../test/fixtures/executions.ts';
import { BTCUSDT, ETHUSDT, SOLUSDT_SPOT } from '../../test/fixtures/instruments.ts';
import type { Instrument } from '../domain/instrument.ts';
import { NO_MONEY, printMoney } from '../domain/money.ts';
import { timeMs } from '../domain/units.ts';
import { Ledger } from './ledger.ts';
import { type PortfolioAsked, plainPortfolio, takePortfolioSnapshot } from './portfolio-snapshot.ts';

const NOW = timeMs(1_767_225_600_000);

function mark(instrument: Instrument, price: string) {
	return { instrument: instrument.index, price: money(price) };
}

/** Long a bitcoin less 0.4, short two ether, and ten SOL bought on spot, of which the fee took a hundredth. */
function traded(): Ledger {
	const ledger = new Ledger();
	ledger.applyExecution(makeTestExecution({ qty: '1.000', price: '65000', fee: '13' }));
	ledger.applyExecution(
		makeTestExecution({ id: 'out', side: 'sell', qty: '0.400', price: '65100', fee: '0.5', feeCurrency: 'BNB' }),
	);
	ledger.applyExecution(makeTestExecution({ instrument: ETHUSDT, side: 'sell', qty: '2.00', price: '3000' }));
	const spot = { instrument: SOLUSDT_SPOT, qty: '10', price: '100', fee: '0.1', feeCurrency: 'SOL' };
	ledger.applyExecution(makeTestExecution(spot));
	ledger.applyFunding({ instrument: BTCUSDT.index, fundingId: 'f', amount: money('-1.5'), currency: 'USDT', fundedAtMs: NOW });
	return ledger;
}

const MARKS = [mark(BTCUSDT, '65010'), mark(ETHUSDT, '3001'), mark(SOLUSDT_SPOT, '110')];
const RATES: Readonly<Record<string, string>> = { USDT: '1', BNB: '600', SOL: '110' };

function snapshotOf(given: Partial<PortfolioAsked> = {}) {
	return takePortfolioSnapshot({
		ledger: traded(),
		marks: MARKS,
		capital: new Map([
			['USDT', money('10000')],
			['BNB', money('2')],
		]),
		isCapitalKnown: true,
		homeCurrency: 'USDT',
		rateOf: (currency) => (RATES[currency] === undefined ? undefined : money(RATES[currency])),
		peakProfit: NO_MONEY,
		atMs: NOW,
		...given,
	});
}

describe('a snapshot of the portfolio', () => {
	test('says of each coin what it brought in and what it is worth', () => {
		const { coins, isComplete } = plainPortfolio(snapshotOf());
		expect(isComplete).toBe(true);
		expect(coins).toEqual([
			{
				...{ currency: 'BNB', rate: '600', capital: '2', equity: '1.5', realised: '0', unrealised: '0', fees: '0.5' },
				...{ funding: '0', isComplete: true },
			},
			{
				...{ currency: 'USDT', rate: '1', capital: '10000', realised: '40', funding: '-1.5', isComplete: true },
				// 0.6 × 10 on bitcoin, -2 × 1 on ether, 10 × 10 on SOL; of the fees, a tenth of a SOL at its mark
				...{ unrealised: '104', fees: '24', equity: '10118.5' },
			},
		]);
	});

	test('says of each position what is held, at what price, and how much of it could be lost', () => {
		const { positions } = plainPortfolio(snapshotOf());
		expect(positions.map(({ instrumentId }) => instrumentId)).toEqual([BTCUSDT.id, ETHUSDT.id, SOLUSDT_SPOT.id]);
		expect(positions[0]).toEqual({
			...{ instrumentId: BTCUSDT.id, venue: 'bybit', symbol: 'BTCUSDT', currency: 'USDT', qtySigned: '0.6' },
			...{ averagePrice: '65000', mark: '65010', realised: '40', unrealised: '6', netExposure: '39006', grossExposure: '39006' },
			fees: [
				{ currency: 'BNB', amount: '0.5' },
				{ currency: 'USDT', amount: '13' },
			],
			funding: [{ currency: 'USDT', amount: '-1.5' }],
		});
		expect(positions[1]).toMatchObject({ qtySigned: '-2', averagePrice: '3000', netExposure: '-6002', grossExposure: '6002' });
		// The fee is gone.
		expect(positions[2]).toMatchObject({ qtySigned: '9.9', averagePrice: '100', netExposure: '1089' });
	});

	test('adds it all up in the home currency', () => {
		expect(plainPortfolio(snapshotOf()).total).toEqual({
			...{ capital: '11200', equity: '11018.5', profit: '-181.5', peakProfit: '0', drawdown: '181.5' },
			drawdownRatio: 181.5 / 11_200,
			...{ netExposure: '34093', grossExposure: '46097' },
		});
	});

	test('counts a drawdown from the highest profit, and raises that', () => {
		const low = snapshotOf({ peakProfit: money('18.5') });
		expect(printMoney(low.total.drawdown)).toBe('200');
		const high = snapshotOf({ marks: [...MARKS, mark(BTCUSDT, '66010')], peakProfit: money('18.5') });
		expect([high.total.profit, high.total.peakProfit, high.total.drawdown].map(printMoney)).toEqual(['418.5', '418.5', '0']);
	});

	test.each([
		{ name: 'a position without a mark', given: { marks: MARKS.slice(1) } },
		{ name: 'a coin without a rate', given: { rateOf: (currency: string) => (currency === 'USDT' ? money('1') : undefined) } },
		{ name: 'a venue that has not spoken', given: { isCapitalKnown: false } },
	])('is not whole with $name, and then no peak is raised', ({ given }) => {
		const marks = [...MARKS.slice(1), mark(BTCUSDT, '99999')];
		const { isComplete, total } = snapshotOf({ marks, ...given });
		expect([isComplete, total.peakProfit]).toEqual([false, 0n]);
	});

	test('leaves the ledger as it was', () => {
		const ledger = traded();
		const before = ledger.snapshot();
		snapshotOf({ ledger, marks: [...MARKS, mark(BTCUSDT, '99999')] });
		expect(ledger.snapshot()).toEqual(before);
	});

	test('as plain data is JSON and nothing else', () => {
		const plain = plainPortfolio(snapshotOf({ marks: [] }));
		expect(JSON.parse(JSON.stringify(plain))).toEqual(plain);
		expect(plain.positions[0]).not.toHaveProperty('mark');
	});
});
