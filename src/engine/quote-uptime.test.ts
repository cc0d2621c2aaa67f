import { expect, test } from 'vitest';
import { instrumentIndex } from '../domain/instrument.ts';
import type { Order } from '../domain/order.ts';
import { DESK } from '../domain/order.ts';
import { monoMs } from '../domain/units.ts';
import { QuoteUptime, standsOnBothSides } from './quote-uptime.ts';

const FIRST = instrumentIndex(0);

test('uptime is the share of the time in which both sides stood', () => {
	const uptime = new QuoteUptime();
	expect(uptime.share(FIRST)).toBe(0);
	uptime.see(FIRST, false, monoMs(1_000));
	expect(uptime.share(FIRST)).toBe(0);
	uptime.see(FIRST, true, monoMs(2_000));
	uptime.see(FIRST, true, monoMs(4_000));
	uptime.see(FIRST, false, monoMs(5_000));
	expect(uptime.share(FIRST)).toBe(0.75);
	uptime.see(FIRST, true, monoMs(7_000));
	expect(uptime.share(FIRST)).toBe(0.5);
	expect(uptime.share(instrumentIndex(1))).toBe(0);
});

const CASES: readonly { readonly name: string; readonly orders: readonly Partial<Order>[]; readonly stands: boolean }[] = [
	{ name: 'nothing', orders: [], stands: false },
	{ name: 'one side', orders: [{ side: 'buy', state: 'live' }], stands: false },
	{
		name: 'both sides, one being amended, one filled in part',
		orders: [
			{ side: 'buy', state: 'amending' },
			{ side: 'sell', state: 'partiallyFilled' },
		],
		stands: true,
	},
	{
		name: 'one side on its way only',
		orders: [
			{ side: 'buy', state: 'sent' },
			{ side: 'sell', state: 'live' },
		],
		stands: false,
	},
	{
		name: 'one side by hand',
		orders: [
			{ side: 'buy', state: 'live' },
			{ side: 'sell', state: 'live', quoter: DESK },
		],
		stands: false,
	},
];

test.each(CASES)('both sides stand: $name', ({ orders, stands }) => {
	expect(standsOnBothSides(orders.map((order) => ({ quoter: 0, ...order }) as Order))).toBe(stands);
});
