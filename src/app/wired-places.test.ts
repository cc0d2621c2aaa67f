/** A wired world on each venue and on several at once: it comes up, quotes there, is filled, and leaves nothing. */
import { expect, test } from 'vitest';
import { openSession, WIRED_SYMBOLS } from '../../test/fixtures/wired.ts';
import { placedSymbols, WIRED_TRADES } from './wired-places.ts';

const SYMBOLS = WIRED_SYMBOLS.slice(0, 3);

test.each(WIRED_TRADES)('%s', async (trades) => {
	const { world } = await openSession(7, { trades, symbols: SYMBOLS, journal: 'memory' });
	expect(world.app.symbols).toEqual(SYMBOLS.map(({ symbol }) => symbol));
	await world.run(5_000);
	const { app } = world;
	const quoted = new Set(world.openAtVenue().map(({ accountId, symbol }) => `${accountId} ${symbol}`));
	const truth = app.instruments.map((instrument) => world.truthOf(instrument));
	expect([...quoted].sort()).toEqual(truth.map(({ account, symbol }) => `${account} ${symbol}`).sort());
	expect(app.engine.fillCount).toBeGreaterThan(0);
	expect(app.engine.isRiskPaused()).toBe(false);
	expect(await world.stop()).toEqual([]);
	expect(world.openAtVenue()).toEqual([]);
});

test('a mixed world trades its symbols at each place in turn', () => {
	const places = placedSymbols('mixed', WIRED_SYMBOLS).map(({ venue, category }) => `${venue} ${category}`);
	expect(places).toEqual(['bybit linear', 'binance linear', 'binance spot', 'bybit linear']);
});
