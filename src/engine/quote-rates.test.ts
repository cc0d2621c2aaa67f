/** Limits over symbols that are quoted in different coins (PT7, PT10, PT11): all count in the one of the first symbol. */
import { expect, test } from 'vitest';
import { Desk, WIDE_LIMITS } from '../../test/fixtures/desk.ts';
import { makeTestInstrument } from '../../test/fixtures/instruments.ts';
import { ladderAround, Scripted } from '../../test/fixtures/scripted.ts';
import type { ControlAction } from '../domain/event.ts';
import type { Instrument } from '../domain/instrument.ts';
import { lots, ticks } from '../domain/units.ts';
import type { RiskLimits } from '../risk/limits.ts';

/** 65,000 dollars a coin, a lot a thousandth of it. */
const BTC = makeTestInstrument({ index: 0 });
const BTC_MID = 650_000;
/** A twentieth of a bitcoin a coin, a lot a hundredth of it: worth 32.5 dollars. */
const ETHBTC = makeTestInstrument({
	...{ index: 1, symbol: 'ETHBTC', baseCurrency: 'ETH', quoteCurrency: 'BTC', settleCurrency: 'USDT', notionalMin: '0' },
	...{ tickSize: '0.00001', lotSize: '0.01', priceMin: '0.00001', qtyMin: '0.01' },
});
const ETHBTC_MID = 5_000;
const USDC = makeTestInstrument({ index: 2, symbol: 'BTCPERP', quoteCurrency: 'USDC', settleCurrency: 'USDT' });

function scene(limits: Partial<RiskLimits>, { hasBook = true } = {}) {
	const strategy = new Scripted();
	const instruments = [BTC, ETHBTC, USDC];
	const desk = new Desk({ instruments, strategy, settings: { limits: { ...WIDE_LIMITS, ...limits } } });
	desk.book(ETHBTC, ETHBTC_MID - 1, ETHBTC_MID + 1);
	for (const instrument of hasBook ? [BTC, USDC] : []) desk.book(instrument, BTC_MID - 1, BTC_MID + 1);
	desk.tick();
	const buy = (instrument: Instrument, priceTicks: number, qtyLots: number) => {
		const terms = { side: 'buy', orderType: 'limit', timeInForce: 'gtc', reduceOnly: false } as const;
		const order = { ...terms, priceTicks: ticks(priceTicks), qtyLots: lots(qtyLots) };
		const action: ControlAction = { kind: 'placeOrder', instrument: instrument.index, ...order };
		const result = desk.engine.step({ kind: 'control', action, ...desk.at() });
		desk.step({ kind: 'timer', key: 'deadline', ...desk.at() });
		desk.settle();
		return result?.kind === 'refused' ? result.reason : result?.kind;
	};
	return { desk, strategy, buy };
}

test('one order in a coin counts at what the coin is worth (PT7)', () => {
	const limits = { orderNotionalMax: 3_250 };
	expect(scene(limits).buy(ETHBTC, ETHBTC_MID, 100)).toBe('placed');
	expect(scene(limits).buy(ETHBTC, ETHBTC_MID, 101)).toBe('PT7');
});

test('so does a position (PT10), and all of them together (PT11)', () => {
	const limits = { positionNotionalMax: 3_250, grossNotionalMax: 5_000 };
	expect(scene(limits).buy(ETHBTC, ETHBTC_MID, 101)).toBe('PT10');
	const { buy, desk } = scene(limits);
	expect(buy(ETHBTC, ETHBTC_MID, 100)).toBe('placed');
	desk.tick();
	expect(buy(BTC, BTC_MID, 27)).toBe('PT11');
	expect(buy(BTC, BTC_MID, 26)).toBe('placed');
});

test('quotes are cut to limits in their own coin', () => {
	const { desk, strategy } = scene({ positionNotionalMax: 3_250 });
	strategy.wishes.set(ETHBTC.index, ladderAround(ETHBTC_MID, { levels: 2, qty: 70 }));
	desk.tick();
	desk.settle();
	const sizes = desk.engine.openOrders().map(({ side, qtyLots }) => `${side} ${qtyLots}`);
	expect(sizes.sort()).toEqual(['buy 30', 'buy 70', 'sell 29', 'sell 70']);
});

test('a coin that nobody trades against the first one has no worth that we know, and then nothing passes', () => {
	expect(scene({}, { hasBook: false }).buy(ETHBTC, ETHBTC_MID, 1)).toBe('PT7');
});

test('dollars of all issuers count alike', () => {
	const { buy } = scene({ grossNotionalMax: 130 });
	expect(buy(USDC, BTC_MID, 1)).toBe('placed');
	expect(buy(BTC, BTC_MID, 1)).toBe('placed');
	expect(buy(USDC, BTC_MID - 1, 1)).toBe('PT11');
});
