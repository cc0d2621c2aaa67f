/** An app does not begin where an order that may be open could not be looked up. */
import { expect, test } from 'vitest';
import type { JournalRecord } from '../domain/journal-record.ts';
import { timeMs } from '../domain/units.ts';
import { Recovery } from '../engine/recovery.ts';
import { type AppPorts, openApp } from './app.ts';

const RECORDS: readonly JournalRecord[] = [
	{ kind: 'run', runTag: 'aaaa', atMs: 1, mode: 'sim', build: 'b', settings: 's' },
	{
		...{ kind: 'instrument', instrumentId: 'elsewhere:linear:BTCUSDT', version: 1, venue: 'elsewhere', category: 'linear' },
		...{ symbol: 'BTCUSDT', baseCurrency: 'BTC', quoteCurrency: 'USDT', settleCurrency: 'USDT' },
		...{ tickSize: '0.1', lotSize: '0.001' },
	},
	{
		...{ kind: 'place', orderId: 'BTCUSDT-Buy-1-1-aaaa', instrumentId: 'elsewhere:linear:BTCUSDT', version: 1, owner: '' },
		...{ slot: 0, side: 'buy', orderType: 'limit', timeInForce: 'gtc', reduceOnly: false, priceTicks: 1, qtyLots: 1 },
	},
];

test('one of another venue is named, and no venue is asked for anything', async () => {
	const recovery = new Recovery();
	for (const record of RECORDS) recovery.apply(record);
	const recovered = { state: recovery.result(), atMs: timeMs(2) };
	const symbols = [{ category: 'linear' as const, symbol: 'BTCUSDT' }];
	// Refused before any of the rest is looked at.
	const options = { venues: [{ name: 'bybit' }], symbols, recovered } as unknown as Parameters<typeof openApp>[0];
	expect(await openApp(options, {} as AppPorts)).toEqual({
		kind: 'refused',
		sentences: ['BTCUSDT-Buy-1-1-aaaa may be open as elsewhere:linear:BTCUSDT, which is not traded here'],
	});
});
