import { describe, expect, test } from 'vitest';
import { makeTestInstrument } from '../../../test/fixtures/instruments.ts';
import type { Category } from '../../domain/instrument.ts';
import { groupsOf, PARTS_OF, partUrl, topicsOf } from './stream-topics.ts';
import { boxUrlsBeside, environmentUrls } from './urls.ts';

const many = (category: Category, count: number) =>
	Array.from({ length: count }, (_, index) => makeTestInstrument({ index, category, symbol: `S${index}USDT` }));

test('streams have names in small letters; spot has no marks, futures are asked in two places', () => {
	const [spot, linear] = [makeTestInstrument({ category: 'spot' }), makeTestInstrument()];
	expect(topicsOf(spot, 'all')).toEqual(['btcusdt@depth@100ms', 'btcusdt@bookTicker', 'btcusdt@aggTrade']);
	expect(topicsOf(linear, 'books')).toEqual(['btcusdt@depth@100ms', 'btcusdt@bookTicker']);
	expect(topicsOf(linear, 'deals')).toEqual(['btcusdt@aggTrade', 'btcusdt@markPrice@1s']);
	expect(PARTS_OF).toEqual({ spot: ['all'], linear: ['books', 'deals'] });
});

test('each part is asked for where it is served', () => {
	const urls = environmentUrls('mainnet');
	expect(partUrl(urls, 'spot', 'all')).toBe('wss://stream.binance.com/stream');
	expect(partUrl(urls, 'linear', 'books')).toBe('wss://fstream.binance.com/public/stream');
	expect(partUrl(urls, 'linear', 'deals')).toBe('wss://fstream.binance.com/market/stream');
	expect(partUrl(boxUrlsBeside('http://127.0.0.1:9'), 'spot', 'all')).toBe('ws://127.0.0.1:9/stream');
});

describe('connections', () => {
	test.each([
		['spot', 'all', 334, [333, 1]],
		['spot', 'all', 333, [333]],
		['linear', 'books', 250, [100, 100, 50]],
		['linear', 'deals', 100, [100]],
		['linear', 'deals', 0, []],
	] as const)('of %s %s for %i symbols', (market, part, count, sizes) => {
		const groups = groupsOf(many(market, count), market, part);
		expect(groups.map((group) => group.length)).toEqual(sizes);
		expect(groups.flat().map(({ index }) => index)).toEqual(many(market, count).map(({ index }) => index));
	});
});
