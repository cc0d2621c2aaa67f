import { beforeEach, describe, expect, test } from 'vitest';
import { makeTestInstrument } from '../../test/fixtures/instruments.ts';
import { type MonoMs, monoMs } from '../domain/units.ts';
import { Equity } from './equity.ts';
import type { MarketState } from './market-state.ts';
import type { QuoteRates } from './quote-rates.ts';

/** Of one contract, with prices and lots of which 1,000 at a price that moved by one are worth 1,000. */
const market = {
	instrument: { ...makeTestInstrument({ symbol: 'AUSDT' }), tickLotNumber: 1 },
	lane: { capability: {} },
	positionLotsSigned: 1_000,
	averageTicks: 100,
	markTicks: 100,
	exposure: { referenceTicks: 100 },
};
const RATES = { of: () => 1 } as unknown as QuoteRates;

let equity: Equity;
beforeEach(() => {
	market.markTicks = 100;
	market.positionLotsSigned = 1_000;
	equity = new Equity([market as unknown as MarketState], RATES);
	told(10_000, 0);
});

function told(total: number, atMs: number): void {
	equity.applyBalance(market.instrument.venue, market.instrument.settleCurrency, total, monoMs(atMs));
	equity.applyTime(monoMs(atMs));
}

function at(ms: number): number | undefined {
	equity.applyTime(ms as MonoMs);
	return equity.now;
}

describe('while a position is held', () => {
	test.each([
		{ name: 'one word of the venue', toldAtMs: [1_000] },
		{ name: 'several, as of a busy account', toldAtMs: [1_000, 1_050, 1_090] },
		{ name: 'very many', toldAtMs: Array.from({ length: 100 }, (_, each) => 1_000 + each) },
	])('$name at a mark that we hear of a moment later is no loss of its own', ({ toldAtMs }) => {
		// The mark is 3 lower, so 3,000 are lost; the venue knows first.
		for (const ms of toldAtMs) told(7_000, ms);
		expect(at(1_099)).toBe(10_000);
		market.markTicks = 97;
		for (let ms = 1_100; ms < 4_000; ms += 100) expect(at(ms)).toBe(7_000);
	});

	test('what stays for two seconds was somebody else', () => {
		told(9_000, 1_000);
		expect([at(2_999), at(3_000)]).toEqual([10_000, 9_000]);
	});

	test('each word has its own two seconds', () => {
		told(9_000, 1_000);
		told(8_500, 2_000);
		expect([at(3_000), at(3_999), at(4_000)]).toEqual([9_000, 9_000, 8_500]);
	});

	test('a mark that comes and goes meanwhile hides no more than it moved', () => {
		told(9_000, 1_000);
		market.markTicks = 101;
		at(1_500);
		market.markTicks = 100;
		// 1,000 were taken out, or the venue had seen a mark of 99: up to 1,000 more than that is certain.
		expect(at(3_000)).toBe(9_000);
	});
});

test('without a position it is believed at once', () => {
	told(9_500, 500);
	market.positionLotsSigned = 0;
	told(9_000, 1_000);
	expect([at(1_000), at(5_000)]).toEqual([9_000, 9_000]);
});
