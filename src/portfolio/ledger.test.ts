import { Big } from 'big.js';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { makeTestExecution, money, type TestExecution } from '../../test/fixtures/executions.ts';
import { BTCUSDT, ETHUSDT, makeTestInstrument, PEPEUSDT, SOLUSDT_SPOT } from '../../test/fixtures/instruments.ts';
import type { Execution } from '../domain/execution.ts';
import { type Instrument, instrumentIndex, printPrice, printQty } from '../domain/instrument.ts';
import { moneyOf, printMoney } from '../domain/money.ts';
import type { Side } from '../domain/side.ts';
import { lots, ticks, timeMs } from '../domain/units.ts';
import type { Funding } from './account.ts';
import { Ledger, type LedgerOptions } from './ledger.ts';

const NOW = timeMs(1_767_225_600_000);
const ALL = [BTCUSDT, ETHUSDT, SOLUSDT_SPOT, PEPEUSDT];

function ledgerOf(fills: readonly TestExecution[], options: LedgerOptions = {}): Ledger {
	const ledger = new Ledger(options);
	for (const instrument of ALL) ledger.follow(instrument);
	fills.forEach((fill, at) => {
		ledger.applyExecution(makeTestExecution({ id: `e${at}`, ...fill }));
	});
	return ledger;
}

function fundingOf(fundingId: string, amount: string, currency = 'USDT', instrument = BTCUSDT): Funding {
	return { instrument: instrument.index, fundingId, amount: money(amount), currency, fundedAtMs: NOW };
}

function printed(amounts: ReadonlyMap<string, bigint>): Record<string, string> {
	return Object.fromEntries([...amounts].map(([currency, amount]) => [currency, printMoney(moneyOf(amount))]));
}

describe('booking an execution', () => {
	test('moves the position and says what it realised', () => {
		const ledger = ledgerOf([{ qty: '0.010', price: '65000' }]);
		const booking = ledger.applyExecution(makeTestExecution({ id: 'out', side: 'sell', qty: '0.004', price: '65100' }));
		expect(booking).toEqual({ kind: 'booked', realised: money('0.4') });
		expect(ledger.positionLots(BTCUSDT.index)).toBe(6);
		expect(ledger.averageTicks(BTCUSDT.index)).toBe(650_000);
		expect(ledger.position(BTCUSDT.index)).toMatchObject({
			instrumentId: 'bybit:linear:BTCUSDT',
			positionLotsSigned: 6,
			costSigned: money('390'),
			averagePrice: money('65000'),
			realised: money('0.4'),
			newestTradedAtMs: NOW,
		});
	});

	test('counts an id once on its instrument, and the same id on another venue, category or symbol as another', () => {
		const elsewhere = makeTestInstrument({ index: 4, venue: 'binance' });
		const spot = makeTestInstrument({ index: 5, category: 'spot' });
		const ledger = ledgerOf([{ id: '7' }]);
		expect(ledger.applyExecution(makeTestExecution({ id: '7' }))).toEqual({ kind: 'duplicate' });
		for (const instrument of [elsewhere, spot, ETHUSDT]) {
			expect(ledger.applyExecution(makeTestExecution({ id: '7', instrument })).kind).toBe('booked');
		}
		expect([BTCUSDT, elsewhere, spot].map(({ index }) => ledger.positionLots(index))).toEqual([10, 10, 10]);
	});

	test('counts both sides of a trade with ourselves, though the venue gives them one id', () => {
		const ledger = ledgerOf([
			{ id: '7', side: 'buy', fee: '0.1' },
			{ id: '7', side: 'sell', fee: '0.2' },
			{ id: '7', side: 'sell', fee: '0.2' },
		]);
		expect(ledger.positionLots(BTCUSDT.index)).toBe(0);
		expect(ledger.totals()).toEqual([{ currency: 'USDT', realised: 0n, fees: money('0.3'), funding: 0n }]);
	});

	test('a fill from before all that is remembered moves nothing and says that nobody can tell', () => {
		const ledger = ledgerOf(
			[1, 2, 3].map((tradedAtMs) => ({ tradedAtMs })),
			{ executionsRememberedMax: 2 },
		);
		for (const id of ['e0', 'never-seen']) {
			expect(ledger.applyExecution(makeTestExecution({ id, tradedAtMs: 1 }))).toEqual({ kind: 'beyondMemory' });
		}
		expect(ledger.positionLots(BTCUSDT.index)).toBe(30);
	});

	test('follows an instrument that it first hears of in a fill', () => {
		const ledger = new Ledger();
		ledger.applyExecution(makeTestExecution({ instrument: ETHUSDT, price: '3000', qty: '0.5' }));
		expect(ledger.positionLots(ETHUSDT.index)).toBe(50);
		expect(ledger.positionLots(BTCUSDT.index)).toBe(0);
		expect(ledger.position(BTCUSDT.index)).toBeUndefined();
	});

	test('refuses inverse contracts, and an index that changes its instrument, as bugs of ours', () => {
		const inverse = makeTestInstrument({ index: 6, category: 'inverse', symbol: 'BTCUSD', settleCurrency: 'BTC' });
		expect(() => new Ledger().follow(inverse)).toThrow('spot and linear');
		const impostor = makeTestInstrument({ index: BTCUSDT.index, symbol: 'XRPUSDT' });
		expect(() => ledgerOf([]).follow(impostor)).toThrow('one instrument for good');
		expect(() => ledgerOf([]).applyExecution(makeTestExecution({ instrument: impostor }))).toThrow('one instrument for good');
		expect(() => ledgerOf([]).applyFunding({ ...fundingOf('f', '1'), instrument: instrumentIndex(99) })).toThrow('index 99');
	});
});

describe('fees and funding', () => {
	test('are kept by coin, rebates below zero, and apart from trading PnL', () => {
		const ledger = ledgerOf([
			{ fee: '0.13' },
			{ side: 'sell', price: '65010', fee: '-0.05' },
			{ instrument: ETHUSDT, price: '3000', qty: '1', fee: '0.0001', feeCurrency: 'BNB' },
		]);
		ledger.applyFunding(fundingOf('f1', '-0.02'));
		ledger.applyFunding(fundingOf('f2', '0.07', 'USDT', ETHUSDT));
		expect(ledger.totals()).toEqual([
			{ currency: 'BNB', realised: 0n, fees: money('0.0001'), funding: 0n },
			{ currency: 'USDT', realised: money('0.1'), fees: money('0.08'), funding: money('0.05') },
		]);
		expect(ledger.position(ETHUSDT.index)).toMatchObject({
			fees: [{ currency: 'BNB', amount: money('0.0001') }],
			funding: [{ currency: 'USDT', amount: money('0.07') }],
		});
	});

	test('a funding payment counts once on its instrument', () => {
		const ledger = ledgerOf([]);
		expect(ledger.applyFunding(fundingOf('f1', '-0.02'))).toEqual({ kind: 'booked', realised: 0n });
		expect(ledger.applyFunding(fundingOf('f1', '-0.02'))).toEqual({ kind: 'duplicate' });
		expect(ledger.applyFunding(fundingOf('f1', '-0.03', 'USDT', ETHUSDT)).kind).toBe('booked');
		expect(ledger.totals()).toEqual([{ currency: 'USDT', realised: 0n, fees: 0n, funding: money('-0.05') }]);
	});

	test('a spot fee in the bought coin lessens the inventory, not the position', () => {
		const ledger = ledgerOf([{ instrument: SOLUSDT_SPOT, price: '200', qty: '10', fee: '0.0105', feeCurrency: 'SOL' }]);
		expect(ledger.positionLots(SOLUSDT_SPOT.index)).toBe(10_000);
		expect(ledger.inventoryLots(SOLUSDT_SPOT.index)).toBe(9_989);
		expect(ledger.averageTicks(SOLUSDT_SPOT.index)).toBe(20_000);
		expect(printed(ledger.balanceChanges('bybit'))).toEqual({ USDT: '-2000', SOL: '9.9895' });
	});

	test('balance changes are those of one venue', () => {
		const elsewhere = makeTestInstrument({ index: 4, venue: 'binance' });
		const ledger = ledgerOf([{ fee: '0.13' }, { instrument: elsewhere, fee: '0.2' }]);
		expect(printed(ledger.balanceChanges('bybit'))).toEqual({ USDT: '-0.13', SOL: '0' });
		expect(printed(ledger.balanceChanges('binance'))).toEqual({ USDT: '-0.2' });
		expect(printed(ledger.balanceChanges('okx'))).toEqual({});
	});

	test('a linear fee in the base coin is a fee in a third coin: the position is what the venue says it is', () => {
		const ledger = ledgerOf([{ fee: '0.00001', feeCurrency: 'BTC' }]);
		expect(ledger.inventoryLots(BTCUSDT.index)).toBe(10);
	});
});

describe('a new version of an instrument', () => {
	test('a finer or coarser grid changes the count, not the holding, and dust is kept', () => {
		const ledger = ledgerOf([{ qty: '0.015', price: '65000' }]);
		const coarse = makeTestInstrument({ version: 2, tickSize: '0.5', lotSize: '0.01', qtyMin: '0.01' });
		ledger.follow(coarse);
		expect(ledger.positionLots(BTCUSDT.index)).toBe(1);
		expect(ledger.averageTicks(BTCUSDT.index)).toBe(130_000);
		expect(ledger.position(BTCUSDT.index)?.baseSigned).toBe(money('0.015'));
		ledger.applyExecution(makeTestExecution({ id: 'out', instrument: coarse, side: 'sell', qty: '0.02', price: '65100' }));
		expect(ledger.position(BTCUSDT.index)).toMatchObject({
			baseSigned: money('-0.005'),
			costSigned: money('-325.5'),
			realised: money('1.5'),
		});
		expect(ledger.positionLots(BTCUSDT.index)).toBe(0);
	});

	test('a fill that was on its way under the old version counts in the old grid', () => {
		const ledger = ledgerOf([]);
		ledger.follow(makeTestInstrument({ version: 2, lotSize: '0.0001', qtyMin: '0.0001' }));
		ledger.applyExecution(makeTestExecution({ qty: '0.015' }));
		expect(ledger.positionLots(BTCUSDT.index)).toBe(150);
	});
});

interface Fact {
	readonly instrument: Instrument;
	readonly side: Side;
	readonly priceTicks: number;
	readonly qtyLots: number;
	readonly feeParts: bigint;
	readonly feeCurrency: string;
}

const anyFact: fc.Arbitrary<Fact> = fc
	.record({
		instrument: fc.constantFrom(...ALL),
		side: fc.constantFrom<Side>('buy', 'sell'),
		priceTicks: fc.integer({ min: 1, max: 10_000_000 }),
		qtyLots: fc.oneof(fc.integer({ min: 1, max: 7 }), fc.integer({ min: 1, max: 1_000_000 })),
		feeParts: fc.bigInt({ min: -(10n ** 16n), max: 10n ** 18n }),
		coin: fc.constantFrom('quote', 'base', 'BNB'),
	})
	.map(({ coin, ...fact }) => ({
		...fact,
		feeCurrency: coin === 'quote' ? 'USDT' : coin === 'base' ? fact.instrument.baseCurrency : coin,
	}));
const anyFacts = fc.array(anyFact, { maxLength: 40 });

function executionOf(fact: Fact, id: number): Execution {
	return {
		...makeTestExecution({ instrument: fact.instrument, price: '1', qty: '1000' }),
		executionId: `e${id}`,
		side: fact.side,
		priceTicks: ticks(fact.priceTicks),
		qtyLots: lots(fact.qtyLots),
		fee: moneyOf(fact.feeParts),
		feeCurrency: fact.feeCurrency,
		tradedAtMs: timeMs(NOW + id),
	};
}

function fold(executions: readonly Execution[]): Ledger {
	const ledger = new Ledger();
	for (const instrument of ALL) ledger.follow(instrument);
	for (const execution of executions) ledger.applyExecution(execution);
	return ledger;
}

describe('for any facts', () => {
	test('repeats move nothing, wherever they come', () => {
		const told = anyFacts.chain((facts) => {
			const once = facts.map(executionOf);
			return fc.tuple(fc.constant(once), fc.array(fc.record({ which: fc.nat(), after: fc.nat() }), { maxLength: 20 }));
		});
		fc.assert(
			fc.property(told, (given) => {
				const [once, repeats] = given;
				const withRepeats = [...once];
				for (const { which, after } of repeats) {
					// a repeat comes somewhere after its first telling
					const first = which % Math.max(once.length, 1);
					const execution = once[first];
					if (execution === undefined) continue;
					const at = withRepeats.indexOf(execution);
					withRepeats.splice(at + 1 + (after % (withRepeats.length - at)), 0, execution);
				}
				expect(fold(withRepeats).snapshot()).toEqual(fold(once).snapshot());
			}),
		);
	});

	test('arrival in any order comes to the same positions, fees and total PnL, and to the same realised PnL once flat', () => {
		const twoOrders = anyFacts.chain((facts) => {
			const once = facts.map(executionOf);
			return fc.tuple(fc.constant(once), fc.shuffledSubarray(once, { minLength: once.length, maxLength: once.length }));
		});
		fc.assert(
			fc.property(twoOrders, ([inOrder, shuffled]) => {
				const [a, b] = [fold(inOrder), fold(shuffled)];
				for (const { index } of ALL) {
					const [x, y] = [a.position(index), b.position(index)];
					expect(y?.fees).toEqual(x?.fees);
					expect(y?.positionLotsSigned).toBe(x?.positionLotsSigned);
					expect((y?.realised ?? 0n) - (y?.costSigned ?? 0n)).toBe((x?.realised ?? 0n) - (x?.costSigned ?? 0n));
					if (x?.baseSigned === 0n) expect(y?.realised).toBe(x.realised);
				}
			}),
		);
	});

	test('balance changes are what an independent library adds up from the fills', () => {
		fc.assert(
			fc.property(anyFacts, (facts) => {
				const linearUsdt = new Map<string, Big>();
				const oracle = new Map<string, Big>();
				const plus = (to: Map<string, Big>, key: string, amount: Big): unknown =>
					to.set(key, (to.get(key) ?? new Big(0)).plus(amount));
				for (const { instrument, side, priceTicks, qtyLots, feeParts, feeCurrency } of facts) {
					const qty = new Big(printQty(instrument, lots(qtyLots))).times(side === 'buy' ? 1 : -1);
					const cash = qty.times(printPrice(instrument, ticks(priceTicks))).times(-1);
					plus(oracle, feeCurrency, new Big(printMoney(moneyOf(feeParts))).times(-1));
					if (instrument.category === 'spot') {
						plus(oracle, 'USDT', cash);
						plus(oracle, instrument.baseCurrency, qty);
					} else {
						plus(linearUsdt, instrument.id, cash);
					}
				}
				const ledger = fold(facts.map(executionOf));
				// a derivative settles its cash only as far as it is closed: what is still open is its cost
				for (const [id, cash] of linearUsdt) {
					const open = ledger.positions().find(({ instrumentId }) => instrumentId === id)?.costSigned ?? money('0');
					plus(oracle, 'USDT', cash.plus(printMoney(open)));
				}
				const found = printed(ledger.balanceChanges('bybit'));
				for (const [currency, amount] of oracle) expect(found[currency] ?? '0', currency).toBe(amount.plus(0).toFixed());
			}),
		);
	});
});
