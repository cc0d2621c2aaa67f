import { describe, expect, test } from 'vitest';
import { coinRow, positionRow } from '../../../test/fixtures/bybit-account.ts';
import { BTCUSDT, SOLUSDT_SPOT } from '../../../test/fixtures/instruments.ts';
import { parseMoney } from '../../domain/money.ts';
import { InstrumentTable } from '../wire/instrument-table.ts';
import { marginUsedOf, readCoinRow, readPositionRow } from './account-rows.ts';

const instruments = new InstrumentTable();
for (const each of [BTCUSDT, SOLUSDT_SPOT]) instruments.set(each);

describe('positions', () => {
	test.each([
		['long', positionRow('0.004'), 4],
		['short', positionRow('0.004', 'Sell'), -4],
		['flat', positionRow('0', ''), 0],
		['of a symbol that we do not follow', positionRow('1', 'Buy', 'NOPEUSDT'), 'unlisted'],
		['of a category that we do not know', { ...positionRow('1'), category: 'option' }, 'unlisted'],
		['without a side', positionRow('0.004', ''), 'bad'],
		['of a size between lots', positionRow('0.0045'), 'bad'],
		['of a negative size', positionRow('-0.004'), 'bad'],
		['without a size', { ...positionRow('1'), size: 4 }, 'bad'],
		['without a symbol', { ...positionRow('1'), symbol: undefined }, 'bad'],
		['that is no object', 'x', 'bad'],
	])('%s', (_name, row, expected) => {
		const read = readPositionRow(row, { instruments });
		expect(typeof read === 'string' ? read : read.positionLotsSigned).toBe(expected);
	});

	test('over REST the category stands beside the list', () => {
		const row = { ...positionRow('0.004'), category: undefined };
		expect(readPositionRow(row, { instruments, category: 'linear' })).toEqual({ instrument: BTCUSDT, positionLotsSigned: 4 });
	});
});

describe('coins', () => {
	test.each([
		['plain', {}, '100', '100'],
		['with open orders and positions', { totalOrderIM: '10', totalPositionIM: '20' }, '70', '100'],
		['with a spot order', { locked: '30' }, '70', '100'],
		['with an open loss', { equity: '95', unrealisedPnl: '-5' }, '95', '95'],
		['with an open profit, which nobody can spend', { equity: '105', unrealisedPnl: '5' }, '100', '105'],
		['with empty texts for nothing', { locked: '', totalOrderIM: '' }, '100', '100'],
	])('%s', (_name, more, free, total) => {
		expect(readCoinRow(coinRow('USDT', '100', more))).toEqual({
			currency: 'USDT',
			free: parseMoney(free),
			total: parseMoney(total),
		});
	});

	test.each([
		['no coin', { coin: 7 }],
		['no balance', { walletBalance: undefined }],
		['a balance that is a number', { walletBalance: 100 }],
		['an equity that is no decimal', { equity: '1e3' }],
		['a margin that is no decimal', { totalOrderIM: 'x' }],
	])('with %s it is bad', (_name, more) => {
		expect(readCoinRow(coinRow('USDT', '100', more))).toBe('bad');
	});
});

test.each([
	[{ accountMMRate: '0.0123' }, 0.0123],
	[{ accountMMRate: '' }, undefined],
	[{ accountMMRate: 'much' }, undefined],
	[{ accountMMRate: 0.5 }, undefined],
	[{}, undefined],
	['no account', undefined],
])('of the margin of %j the venue wants %s kept', (account, used) => {
	expect(marginUsedOf(account)).toBe(used);
});
