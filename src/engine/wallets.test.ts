/** A venue whose markets have a wallet each: what one holds is of no use to the other, and worth is counted in both. */
import { expect, test } from 'vitest';
import { Desk, TEST_VENUE } from '../../test/fixtures/desk.ts';
import { BTCUSDT, SOLUSDT_SPOT } from '../../test/fixtures/instruments.ts';
import { Scripted } from '../../test/fixtures/scripted.ts';
import { parseMoney } from '../domain/money.ts';
import { lots, ticks } from '../domain/units.ts';
import type { CategoryCapability } from '../domain/venue.ts';

const SPOT = { ...SOLUSDT_SPOT, index: 1 as typeof SOLUSDT_SPOT.index };
const { linear, spot } = TEST_VENUE.categories;
if (linear === undefined || spot === undefined) throw new Error('the venue of tests has both');

function deskOf(wallets: { readonly linear?: string; readonly spot?: string }): Desk {
	const walletOf = (category: CategoryCapability, wallet: string | undefined): CategoryCapability =>
		wallet === undefined ? category : { ...category, wallet };
	const categories = {
		linear: walletOf(linear as CategoryCapability, wallets.linear),
		spot: walletOf(spot as CategoryCapability, wallets.spot),
	};
	return new Desk({ instruments: [BTCUSDT, SPOT], strategy: new Scripted(), venue: { categories }, equity: 0 });
}

function tell(desk: Desk, text: string, wallet?: string, currency = 'USDT'): void {
	const amount = parseMoney(text);
	if (amount === undefined) throw new Error(`${text} is an amount`);
	const of = wallet === undefined ? {} : { wallet };
	desk.step({ kind: 'balance', venue: 'bybit', currency, free: amount, total: amount, ...of, ...desk.at() });
}

const freeOf = ({ engine }: Desk): readonly (number | undefined)[] =>
	[BTCUSDT, SPOT].map(({ index }) => engine.market(index)?.buyFunds.free);

test('each is told of apart', () => {
	const desk = deskOf({ linear: 'futures', spot: 'spot' });
	expect(freeOf(desk)).toEqual([Number.NaN, Number.NaN]);
	tell(desk, '100', 'futures');
	expect(freeOf(desk)).toEqual([100, Number.NaN]);
	tell(desk, '7', 'spot');
	expect(freeOf(desk)).toEqual([100, 7]);
	// What is bought on spot is no part of what futures are worth.
	tell(desk, '0', 'spot');
	expect(freeOf(desk)).toEqual([100, 0]);
});

test('where a venue has one for both, both draw on it', () => {
	const desk = deskOf({});
	tell(desk, '100');
	expect(freeOf(desk)).toEqual([100, 100]);
});

test('what is on margin backs contracts before anything is known of the coins of spot (PT17)', () => {
	const desk = deskOf({ linear: 'futures', spot: 'spot' });
	tell(desk, '1000000', 'futures');
	desk.book(BTCUSDT, 650_000, 650_010);
	const terms = { timeInForce: 'gtc', reduceOnly: false, priceTicks: ticks(649_000), qtyLots: lots(10) } as const;
	const action = { kind: 'placeOrder', instrument: BTCUSDT.index, side: 'buy', orderType: 'limit', ...terms } as const;
	desk.step({ kind: 'control', action, ...desk.at() });
	expect(desk.engine.openOrders()).toHaveLength(1);
});

test.each([
	['949', 'kill'],
	['979', 'reduceOnly'],
	['981', 'run'],
])('an account on spot alone that had 1,000 and has %s is at %s (PT16)', (left, level) => {
	const desk = new Desk({ instruments: [{ ...SPOT, index: BTCUSDT.index }], strategy: new Scripted(), equity: 0 });
	// The day began with what the desk of tests has: nothing.
	tell(desk, '1000');
	tell(desk, '0', undefined, 'SOL');
	desk.nowMs += 24 * 3_600_000;
	desk.tick(3_000);
	tell(desk, left);
	desk.tick(3_000);
	expect(desk.engine.levels.level).toBe(level);
});
