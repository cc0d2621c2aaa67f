import { expect, test } from 'vitest';
import { AccountFunds, Funds } from './funds.ts';

test('before the venue has spoken nothing is known to be free, whatever was reserved', () => {
	const funds = new Funds();
	expect(funds.free).toBeNaN();
	funds.reserve(5);
	expect(funds.free).toBeNaN();
	expect(funds.free >= 0, 'so that a comparison with it fails').toBe(false);
});

test('what was approved is no longer free, and may add up to more than there is', () => {
	const funds = new Funds();
	funds.report(100);
	funds.reserve(30);
	funds.reserve(80);
	expect(funds.free).toBe(-10);
});

test('the word of the venue replaces what we reserved, since it knows our orders by then', () => {
	const funds = new Funds();
	funds.report(100);
	funds.reserve(30);
	funds.report(70);
	expect(funds.free).toBe(70);
});

test('one purse for each coin at each venue, for whoever asks and whenever', () => {
	const account = new AccountFunds();
	const before = account.of('bybit', 'USDT');
	before.report(100);
	expect(account.of('bybit', 'USDT')).toBe(before);
	expect([account.of('bybit', 'BTC').free, account.of('binance', 'USDT').free]).toEqual([Number.NaN, Number.NaN]);
});
