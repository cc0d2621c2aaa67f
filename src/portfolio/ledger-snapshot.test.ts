import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { makeTestExecution, money } from '../../test/fixtures/executions.ts';
import { BTCUSDT, ETHUSDT, makeTestInstrument, SOLUSDT_SPOT } from '../../test/fixtures/instruments.ts';
import { moneyOf } from '../domain/money.ts';
import type { Side } from '../domain/side.ts';
import { lots, ticks, timeMs } from '../domain/units.ts';
import { Ledger } from './ledger.ts';
import type { LedgerSnapshot } from './ledger-snapshot.ts';

const NOW = timeMs(1_767_225_600_000);
const ALL = [BTCUSDT, ETHUSDT, SOLUSDT_SPOT];

function throughJson(snapshot: LedgerSnapshot): LedgerSnapshot {
	return JSON.parse(JSON.stringify(snapshot)) as LedgerSnapshot;
}

function ledgerWithEverything(): Ledger {
	const ledger = new Ledger();
	ledger.setCapital('USDT', money('1000'));
	ledger.applyExecution(makeTestExecution({ id: 'a', qty: '0.010', price: '65000', fee: '0.13' }));
	ledger.applyExecution(
		makeTestExecution({ id: 'b', side: 'sell', qty: '0.003', price: '65001', fee: '-0.01', feeCurrency: 'BNB' }),
	);
	ledger.applyFunding({ instrument: BTCUSDT.index, fundingId: 'f', amount: money('0.5'), currency: 'USDT', fundedAtMs: NOW });
	ledger.markToMarket([{ instrument: BTCUSDT.index, price: money('65100') }], NOW);
	return ledger;
}

describe('a ledger snapshot', () => {
	test('is plain text and numbers, readable by people', () => {
		expect(throughJson(ledgerWithEverything().snapshot())).toEqual({
			version: 1,
			accounts: [
				{
					instrumentId: 'bybit:linear:BTCUSDT',
					venue: 'bybit',
					category: 'linear',
					symbol: 'BTCUSDT',
					baseCurrency: 'BTC',
					settleCurrency: 'USDT',
					tickSize: '0.1',
					lotSize: '0.001',
					baseSigned: '0.007',
					costSigned: '455',
					realised: '0.003',
					fees: [
						['BNB', '-0.01'],
						['USDT', '0.13'],
					],
					funding: [['USDT', '0.5']],
					executions: { ids: ['a', 'b'], sides: 'bs', timesMs: [NOW, NOW], horizonMs: -1 },
					fundings: { ids: ['f'], sides: 'n', timesMs: [NOW], horizonMs: -1 },
				},
			],
			capital: [['USDT', '1000']],
			peakProfit: [
				['BNB', '0.01'],
				['USDT', '1.073'],
			],
		});
	});

	test('is frozen all through, and what happens later does not show in it', () => {
		const ledger = ledgerWithEverything();
		const snapshot = ledger.snapshot();
		const before = throughJson(snapshot);
		ledger.applyExecution(makeTestExecution({ id: 'c', qty: '0.500' }));
		ledger.setCapital('USDT', money('5'));
		expect(throughJson(snapshot)).toEqual(before);
		expectFrozen(snapshot);
	});

	test('knows what was counted: a venue that repeats itself after a restart moves nothing', () => {
		const ledger = Ledger.restore(throughJson(ledgerWithEverything().snapshot()));
		ledger.follow(BTCUSDT);
		expect(ledger.applyExecution(makeTestExecution({ id: 'a' })).kind).toBe('duplicate');
		const again = { instrument: BTCUSDT.index, fundingId: 'f', amount: money('0.5'), currency: 'USDT', fundedAtMs: NOW };
		expect(ledger.applyFunding(again).kind).toBe('duplicate');
		expect(ledger.positionLots(BTCUSDT.index)).toBe(7);
	});

	test('keeps what belongs to an instrument that is no longer followed, and finds it again at another index', () => {
		const ledger = Ledger.restore(ledgerWithEverything().snapshot());
		ledger.follow(makeTestInstrument({ index: 0, symbol: 'ETHUSDT', baseCurrency: 'ETH' }));
		expect(ledger.positions().map(({ instrumentId, positionLotsSigned }) => [instrumentId, positionLotsSigned])).toEqual([
			['bybit:linear:BTCUSDT', 7],
			['bybit:linear:ETHUSDT', 0],
		]);
		expect(ledger.markToMarket([], NOW).currencies.find(({ currency }) => currency === 'USDT')?.isComplete).toBe(false);
		ledger.follow(makeTestInstrument({ index: 9 }));
		expect(ledger.positionLots(makeTestInstrument({ index: 9 }).index)).toBe(7);
		expect(ledger.positions().length).toBe(2);
	});

	test('that cannot be read is refused with what was found', () => {
		const good = throughJson(ledgerWithEverything().snapshot());
		expect(() => Ledger.restore({ ...good, capital: [['USDT', '1e3']] })).toThrow('found 1e3');
		expect(() => Ledger.restore({ ...good, version: 2 as 1 })).toThrow('version 1 was expected, found 2');
	});

	test('restored anywhere in a story, the ledger goes on exactly as if nothing had happened', () => {
		const step = fc.oneof(
			{
				weight: 5,
				arbitrary: fc.record({
					kind: fc.constant('fill' as const),
					id: fc.nat({ max: 25 }),
					instrument: fc.constantFrom(...ALL),
					side: fc.constantFrom<Side>('buy', 'sell'),
					priceTicks: fc.integer({ min: 1, max: 1_000_000 }).map(ticks),
					qtyLots: fc.integer({ min: 1, max: 9 }).map(lots),
					fee: fc.bigInt({ min: -1000n, max: 10n ** 18n }).map(moneyOf),
					feeCurrency: fc.constantFrom('USDT', 'SOL', 'BNB'),
				}),
			},
			{
				weight: 1,
				arbitrary: fc.record({
					kind: fc.constant('funding' as const),
					id: fc.nat({ max: 9 }),
					amount: fc.bigInt({ min: -99n, max: 99n }),
				}),
			},
			{ weight: 1, arbitrary: fc.record({ kind: fc.constant('mark' as const), price: fc.bigInt({ min: 1n, max: 10n ** 23n }) }) },
			{ weight: 1, arbitrary: fc.record({ kind: fc.constant('restart' as const) }) },
		);
		fc.assert(
			fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
				const options = { executionsRememberedMax: 5 };
				const steady = new Ledger(options);
				let restarted = new Ledger(options);
				for (const ledger of [steady, restarted]) for (const instrument of ALL) ledger.follow(instrument);
				for (const now of steps) {
					if (now.kind === 'restart') {
						restarted = Ledger.restore(throughJson(restarted.snapshot()), options);
						for (const instrument of ALL) restarted.follow(instrument);
						continue;
					}
					const [a, b] = [steady, restarted].map((ledger): unknown => {
						switch (now.kind) {
							case 'fill': {
								const plain = makeTestExecution({
									id: `e${now.id}`,
									instrument: now.instrument,
									price: '1',
									qty: '1',
									tradedAtMs: NOW + now.id,
								});
								const { side, priceTicks, qtyLots, fee, feeCurrency } = now;
								return ledger.applyExecution({ ...plain, side, priceTicks, qtyLots, fee, feeCurrency });
							}
							case 'funding': {
								const { id, amount } = now;
								const instrument = BTCUSDT.index;
								return ledger.applyFunding({
									instrument,
									fundingId: `f${id}`,
									amount: moneyOf(amount),
									currency: 'USDT',
									fundedAtMs: NOW,
								});
							}
							case 'mark':
								return ledger.markToMarket(
									ALL.map(({ index }) => ({ instrument: index, price: moneyOf(now.price) })),
									NOW,
								);
						}
					});
					expect(b).toEqual(a);
				}
				expect(restarted.snapshot()).toEqual(steady.snapshot());
				expect(restarted.positions()).toEqual(steady.positions());
				expect(restarted.totals()).toEqual(steady.totals());
				expect(restarted.balanceChanges('bybit')).toEqual(steady.balanceChanges('bybit'));
			}),
			{ numRuns: 300 },
		);
	});
});

function expectFrozen(value: unknown): void {
	if (typeof value !== 'object' || value === null) return;
	expect(Object.isFrozen(value)).toBe(true);
	for (const part of Object.values(value)) expectFrozen(part);
}
