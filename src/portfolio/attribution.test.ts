import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { makeTestExecution, money } from '../../test/fixtures/executions.ts';
import { BTCUSDT, ETHUSDT, SOLUSDT_SPOT } from '../../test/fixtures/instruments.ts';
import type { Execution } from '../domain/execution.ts';
import type { Instrument } from '../domain/instrument.ts';
import { type Money, moneyOf, NO_MONEY, printMoney } from '../domain/money.ts';
import { signOf } from '../domain/side.ts';
import { lots, ticks, timeMs } from '../domain/units.ts';
import { Attribution, type ProfitSplit, splitOf, splitOfPosition } from './attribution.ts';
import { Ledger } from './ledger.ts';
import { type PortfolioSnapshot, takePortfolioSnapshot } from './portfolio-snapshot.ts';
import { markOfTicks } from './valuation.ts';

const NOW = timeMs(1_767_225_600_000);
const SYMBOLS = [BTCUSDT, ETHUSDT, SOLUSDT_SPOT] as const;
const RATES: Readonly<Record<string, string>> = { USDT: '0.9997', BNB: '612.37' };
const rateOf = (currency: string): Money | undefined => (RATES[currency] === undefined ? undefined : money(RATES[currency]));

function snapshotOf(ledger: Ledger, markTicks: ReadonlyMap<Instrument, number>): PortfolioSnapshot {
	return takePortfolioSnapshot({
		...{ ledger, capital: new Map(), isCapitalKnown: true, homeCurrency: 'USD', rateOf, peakProfit: NO_MONEY, atMs: NOW },
		marks: [...markTicks].map(([instrument, at]) => markOfTicks(instrument, at)),
	});
}

function printed(split: ProfitSplit): Record<string, string | boolean> {
	const { isComplete, ...amounts } = split;
	return { ...Object.fromEntries(Object.entries(amounts).map(([name, amount]) => [name, printMoney(amount)])), isComplete };
}

/** Bought one below the middle, sold half two above it, and the market has fallen by thirty since the first. */
function traded(): { readonly ledger: Ledger; readonly attribution: Attribution } {
	const ledger = new Ledger();
	const attribution = new Attribution();
	const fills = [
		{ fill: makeTestExecution({ id: 'a', qty: '1.000', price: '64999', fee: '13' }), mid: 65_000 },
		{ fill: makeTestExecution({ id: 'b', side: 'sell', qty: '0.500', price: '64992', fee: '-1' }), mid: 64_990 },
	];
	for (const { fill, mid } of fills) {
		ledger.applyExecution(fill);
		attribution.applyFill(fill, mid * 20);
	}
	ledger.applyFunding({ instrument: BTCUSDT.index, fundingId: 'f', amount: money('-2'), currency: 'USDT', fundedAtMs: NOW });
	return { ledger, attribution };
}

describe('where a profit came from', () => {
	test('fills against the middle of their moment, then what the market did to what was held', () => {
		const { ledger, attribution } = traded();
		const [part] = snapshotOf(ledger, new Map([[BTCUSDT, 649_700]])).positions;
		if (part === undefined) throw new Error('it has traded');
		const spread = attribution.spreadOf(BTCUSDT.id);
		expect(printed(splitOfPosition(part, { spread, rateOf, baseCurrency: 'BTC' }))).toEqual({
			// 1 × 1 and 0.5 × 2 earned; 1 × -10 and then 0.5 × -20 lost on what was held
			...{ spread: '2', inventory: '-20', fees: '-12', funding: '-2', total: '-32' },
			...{ realised: '-3.5', unrealised: '-14.5', isComplete: true },
		});
	});

	test('the whole is in the home currency', () => {
		const { ledger, attribution } = traded();
		const split = splitOf(snapshotOf(ledger, new Map([[BTCUSDT, 649_700]])), attribution);
		expect(printed(split)).toMatchObject({ spread: '1.9994', inventory: '-19.994', fees: '-11.9964', total: '-31.9904' });
	});

	test('a fill of which nobody knows the middle counts as inventory', () => {
		const attribution = new Attribution();
		attribution.applyFill(makeTestExecution(), 0);
		attribution.applyFill(makeTestExecution(), Number.NaN);
		expect(attribution.spreadOf(BTCUSDT.id)).toBe(0n);
	});

	test('a fee in another coin counts at its rate, one in the bought coin at its mark', () => {
		const ledger = new Ledger();
		const spot = { instrument: SOLUSDT_SPOT, qty: '10', price: '100' };
		ledger.applyExecution(makeTestExecution({ ...spot, id: 'a', fee: '0.1', feeCurrency: 'SOL' }));
		ledger.applyExecution(makeTestExecution({ ...spot, id: 'b', fee: '0.9997', feeCurrency: 'BNB' }));
		const [part] = snapshotOf(ledger, new Map([[SOLUSDT_SPOT, 11_000]])).positions;
		if (part === undefined) throw new Error('it has traded');
		const { fees, total } = splitOfPosition(part, { spread: NO_MONEY, rateOf, baseCurrency: 'SOL' });
		expect([fees, total].map(printMoney)).toEqual(['-623.37', '-423.37']);
	});

	test('a fee in a coin that nobody knows the worth of is left out, and that is said', () => {
		const ledger = new Ledger();
		ledger.applyExecution(makeTestExecution({ fee: '3', feeCurrency: 'XYZ' }));
		const [part] = snapshotOf(ledger, new Map([[BTCUSDT, 650_000]])).positions;
		if (part === undefined) throw new Error('it has traded');
		expect(splitOfPosition(part, { spread: NO_MONEY, rateOf, baseCurrency: 'BTC' })).toMatchObject({
			fees: 0n,
			isComplete: false,
		});
	});

	test('without a mark or a rate it says that something is missing', () => {
		const { ledger, attribution } = traded();
		const [part] = snapshotOf(ledger, new Map()).positions;
		if (part === undefined) throw new Error('it has traded');
		expect(splitOfPosition(part, { spread: NO_MONEY, rateOf, baseCurrency: 'BTC' }).isComplete).toBe(false);
		expect(splitOf(snapshotOf(ledger, new Map()), attribution).isComplete).toBe(false);
	});
});

interface Fact {
	readonly instrument: Instrument;
	readonly side: 'buy' | 'sell';
	readonly priceTicks: number;
	readonly qtyLots: number;
	readonly midTwiceTicks: number;
	readonly feeParts: bigint;
	readonly coin: string;
}

const price = fc.integer({ min: 1, max: 5_000_000 });
const anyFact: fc.Arbitrary<Fact> = fc.record({
	instrument: fc.constantFrom(...SYMBOLS),
	side: fc.constantFrom('buy' as const, 'sell' as const),
	priceTicks: price,
	qtyLots: fc.integer({ min: 1, max: 100_000 }),
	midTwiceTicks: fc.integer({ min: 2, max: 10_000_000 }),
	feeParts: fc.bigInt({ min: -(10n ** 16n), max: 10n ** 18n }),
	coin: fc.constantFrom('USDT', 'BNB'),
});

function executionOf({ instrument, side, priceTicks, qtyLots, feeParts, coin }: Fact, at: number): Execution {
	const fill = makeTestExecution({ id: `e${at}`, instrument, side, feeCurrency: coin });
	return { ...fill, priceTicks: ticks(priceTicks), qtyLots: lots(qtyLots), fee: moneyOf(feeParts) };
}

/** What was held times how far the middle went, step by step up to the mark: the meaning of the word, from no ledger. */
function walked(facts: readonly Fact[], instrument: Instrument, markTicks: number): bigint {
	let [held, at, twice] = [0n, 0n, 0n];
	for (const { side, qtyLots, midTwiceTicks } of [...facts.filter((fact) => fact.instrument === instrument)]) {
		twice += held * (BigInt(midTwiceTicks) - at);
		at = BigInt(midTwiceTicks);
		held += BigInt(signOf(side) * qtyLots);
	}
	return ((twice + held * (BigInt(2 * markTicks) - at)) * instrument.tickLotValue) / 2n;
}

test('the parts add up to the last digit, and are what their names say', () => {
	const facts = fc.array(anyFact, { maxLength: 30 });
	const marks = fc.tuple(price, price, price);
	fc.assert(
		fc.property(facts, marks, fc.bigInt({ min: -(10n ** 18n), max: 10n ** 18n }), (given, marked, paid) => {
			const ledger = new Ledger();
			const attribution = new Attribution();
			for (const instrument of SYMBOLS) ledger.follow(instrument);
			for (const [at, fact] of given.entries()) {
				const execution = executionOf(fact, at);
				ledger.applyExecution(execution);
				attribution.applyFill(execution, fact.midTwiceTicks);
			}
			const funding = { instrument: ETHUSDT.index, fundingId: 'f', currency: 'USDT', fundedAtMs: NOW };
			ledger.applyFunding({ ...funding, amount: moneyOf(paid) });
			const snapshot = snapshotOf(ledger, new Map(SYMBOLS.map((instrument, at) => [instrument, marked[at] ?? 1])));
			expectToAddUp(splitOf(snapshot, attribution), snapshot.total.profit);
			for (const part of snapshot.positions) {
				const at = SYMBOLS.findIndex(({ id }) => id === part.instrumentId);
				const instrument = SYMBOLS[at] ?? BTCUSDT;
				const spread = attribution.spreadOf(instrument.id);
				const split = splitOfPosition(part, { spread, rateOf, baseCurrency: instrument.baseCurrency });
				expectToAddUp(split, split.total);
				expect(split.unrealised).toBe(part.unrealised);
				expect(split.inventory).toBe(walked(given, instrument, marked[at] ?? 1));
			}
		}),
	);
});

function expectToAddUp({ spread, inventory, fees, funding, realised, unrealised }: ProfitSplit, total: Money): void {
	expect(spread + inventory + fees + funding).toBe(total);
	expect(realised + unrealised + fees + funding).toBe(total);
}
