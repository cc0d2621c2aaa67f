import fc from 'fast-check';
import { expect, test } from 'vitest';
import { findSymbol, shownName, symbolId } from './symbol-names.ts';

const named = (id: string) => ({ id, symbol: id.slice(id.lastIndexOf(':') + 1) });
const AMONG = ['bybit:linear:BTCUSDT', 'binance:linear:BTCUSDT', 'binance:spot:BTCUSDT', 'bybit:linear:ETHUSDT'].map(named);

test.each([
	['ETHUSDT', 'bybit:linear:ETHUSDT'],
	['linear:ETHUSDT', 'bybit:linear:ETHUSDT'],
	['spot:BTCUSDT', 'binance:spot:BTCUSDT'],
	['binance:linear:BTCUSDT', 'binance:linear:BTCUSDT'],
])('%s is %s', (name, id) => {
	expect(findSymbol(name, AMONG)).toEqual({ kind: 'found', found: named(id) });
});

test.each([
	['BTCUSDT', ['bybit:linear:BTCUSDT', 'binance:linear:BTCUSDT', 'binance:spot:BTCUSDT']],
	['linear:BTCUSDT', ['bybit:linear:BTCUSDT', 'binance:linear:BTCUSDT']],
])('%s is several', (name, ids) => {
	expect(findSymbol(name, AMONG)).toEqual({ kind: 'several', ids });
});

test.each(['DOGEUSDT', 'USDT', 'inverse:BTCUSDT', 'bybit:spot:BTCUSDT', ''])("'%s' is none", (name) => {
	expect(findSymbol(name, AMONG)).toEqual({ kind: 'none' });
});

test('what is shown of a symbol finds it again', () => {
	const venue = fc.constantFrom('bybit', 'binance', 'main');
	const category = fc.constantFrom('spot' as const, 'linear' as const);
	const ids = fc.uniqueArray(
		fc.tuple(venue, category, fc.constantFrom('A1', 'B1', 'C1')).map((parts) => symbolId(...parts)),
		{ minLength: 1 },
	);
	fc.assert(
		fc.property(ids, (given) => {
			const among = given.map(named);
			for (const each of among) expect(findSymbol(shownName(each, among), among)).toEqual({ kind: 'found', found: each });
		}),
	);
});
