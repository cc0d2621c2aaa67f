/** An app does not begin where an order that may be open could not be looked up. */
import { expect, test, vi } from 'vitest';
import type { JournalRecord } from '../domain/journal-record.ts';
import { timeMs } from '../domain/units.ts';
import { type Recovered, Recovery } from '../engine/recovery.ts';
import { VirtualClock } from '../simulation/virtual-clock.ts';
import type { Venue } from '../venues/wire/venue.ts';
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

/** A decision of this place may hold something. */
function heldThere(): { readonly state: Recovered; readonly atMs: number } {
	const recovery = new Recovery();
	const [run, instrument] = RECORDS;
	const id = 'elsewhere:linear:BTCUSDT';
	const decision: JournalRecord = {
		...{ kind: 'decision', decisionId: 'd', instrumentId: id, atMs: 1, decision: 'BUY', reasons: [], orderId: 'o', closes: '' },
		...{ qty: '0.001', signal: { source: 's', value: 1, confidence: 1 }, entry: { type: 'market', slipBps: 1 } },
		exits: { stopBps: 1, targetBps: 0, forMs: 0 },
		readings: { last: 1, bid: 1, ask: 1, barEndAtMs: timeMs(1), atMs: timeMs(1) },
		isDryRun: false,
	};
	for (const record of [run, instrument, decision]) if (record !== undefined) recovery.apply(record);
	return { state: recovery.result(), atMs: timeMs(2) };
}

test('what a decision opened in a symbol that is listed no more stops no start', async () => {
	const load = vi.fn<Venue['load']>(async () => ({ kind: 'refused', sentences: ['far enough'] }));
	const elsewhere = { name: 'elsewhere', open: () => ({ name: 'elsewhere', load, [Symbol.asyncDispose]: async () => {} }) };
	const symbols = [{ category: 'linear' as const, symbol: 'ETHUSDT' }];
	const options = { venues: [elsewhere], symbols, recovered: heldThere() } as unknown as Parameters<typeof openApp>[0];
	const ports = { clock: new VirtualClock(1_767_225_600_000), rng: { fork: () => ({}) } } as unknown as AppPorts;
	expect(await openApp(options, ports)).toEqual({ kind: 'refused', sentences: ['far enough'] });
	expect(load).toHaveBeenCalledExactlyOnceWith(symbols, [{ category: 'linear', symbol: 'BTCUSDT', mayBeGone: true }]);
});

test('what a decision opened there is named, too', async () => {
	const recovered = heldThere();
	const symbols = [{ category: 'linear' as const, symbol: 'BTCUSDT' }];
	const options = { venues: [{ name: 'bybit' }], symbols, recovered } as unknown as Parameters<typeof openApp>[0];
	expect(await openApp(options, {} as AppPorts)).toEqual({
		kind: 'refused',
		sentences: ['what a decision opened may be open as elsewhere:linear:BTCUSDT, which is not traded here'],
	});
});

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
