import { describe, expect, test } from 'vitest';
import { type Instrument, type InstrumentSpec, instrumentIndex, makeInstrument } from '../../domain/instrument.ts';
import { parseMoney } from '../../domain/money.ts';
import { timeMs } from '../../domain/units.ts';
import { InstrumentTable } from '../wire/instrument-table.ts';
import { readCoinRow, readFundingRow, readOrderRow, readPositionRow, readTradeRow } from './account-rows.ts';
import { parseLossless } from './codec/lossless.ts';

const SPEC: InstrumentSpec = {
	venue: 'binance',
	category: 'spot',
	symbol: 'BTCUSDT',
	baseCurrency: 'BTC',
	quoteCurrency: 'USDT',
	settleCurrency: 'USDT',
	status: 'trading',
	tickSize: '0.01',
	lotSize: '0.00001',
	priceMin: '0.01',
	priceMax: '1000000',
	qtyMin: '0.00001',
	qtyMax: '9000',
	notionalMin: '5',
	reduceOnlySkipsNotionalMin: false,
	makerFeeRate: '0.001',
	takerFeeRate: '0.001',
};

function instrument(spec: Partial<InstrumentSpec>): Instrument {
	const made = makeInstrument({ ...SPEC, ...spec }, { index: instrumentIndex(0), version: 1, refreshedAtMs: timeMs(0) });
	if (made.kind === 'refused') throw new Error(made.field);
	return made.instrument;
}

const instruments = new InstrumentTable();
instruments.set(instrument({}));
instruments.set(instrument({ category: 'linear', tickSize: '0.10', lotSize: '0.001', qtyMin: '0.001' }));
const spot = { market: 'spot', instruments } as const;
const linear = { market: 'linear', instruments } as const;

const SPOT_ORDER = {
	symbol: 'BTCUSDT',
	orderId: 4_100_200_300,
	orderListId: -1,
	clientOrderId: 'mm-1a2b',
	price: '64990.00000000',
	origQty: '0.01000000',
	executedQty: '0.00400000',
	cummulativeQuoteQty: '259.96000000',
	status: 'PARTIALLY_FILLED',
	side: 'BUY',
	time: 1_771_000_000_123,
	updateTime: 1_771_000_000_139,
	origQuoteOrderQty: '0.00000000',
};

describe('an order', () => {
	test('of spot', () => {
		expect(readOrderRow(SPOT_ORDER, spot)).toMatchObject({
			kind: 'read',
			value: {
				instrument: { id: 'binance:spot:BTCUSDT' },
				venueOrderId: '4100200300',
				clientOrderId: 'mm-1a2b',
				side: 'buy',
				status: 'working',
				priceTicks: 6_499_000,
				qtyLots: 1_000,
				filledLots: 400,
				reason: undefined,
				updatedAtMs: 1_771_000_000_139,
				source: 'lookup',
			},
		});
	});

	test('of futures keeps all digits of its id (F66)', () => {
		const row = parseLossless(
			'{"orderId":8389766100200300401,"symbol":"BTCUSDT","status":"NEW","clientOrderId":"mm-1a2b","price":"64990.00","origQty":"0.010","executedQty":"0.000","side":"SELL","updateTime":1771000000130}',
		);
		expect(readOrderRow(row, linear)).toMatchObject({
			kind: 'read',
			value: { venueOrderId: '8389766100200300401', side: 'sell', priceTicks: 649_900, qtyLots: 10 },
		});
	});

	test('out of the answer to a cancel goes by its own id, not by that of the cancel', () => {
		const row = { ...SPOT_ORDER, origClientOrderId: 'mm-1a2b', clientOrderId: 'cxl-77', status: 'CANCELED' };
		expect(readOrderRow(row, spot)).toMatchObject({ value: { clientOrderId: 'mm-1a2b', status: 'cancelled' } });
	});

	test('says why it ended', () => {
		const row = { ...SPOT_ORDER, status: 'EXPIRED_IN_MATCH' };
		expect(readOrderRow(row, spot)).toMatchObject({ value: { status: 'expired', reason: 'SELF_TRADE_PREVENTION' } });
		const why = { ...SPOT_ORDER, status: 'EXPIRED', expiryReason: 'EXCHANGE_CANCELED' };
		expect(readOrderRow(why, spot)).toMatchObject({ value: { reason: 'EXCHANGE_CANCELED' } });
	});

	test('from before the grid changed is read in the grid of then (F59)', () => {
		const table = new InstrumentTable();
		table.set(instrument({}));
		table.set(instrument({ tickSize: '0.5' }));
		const row = { ...SPOT_ORDER, price: '64990.01000000' };
		expect(readOrderRow(row, { market: 'spot', instruments: table })).toMatchObject({ value: { priceTicks: 6_499_001 } });
	});

	test('of a symbol that is not ours', () => {
		expect(readOrderRow({ ...SPOT_ORDER, symbol: 'ETHUSDT' }, spot)).toEqual({ kind: 'unlisted' });
	});

	test.each([
		['orderId', '4100200300'],
		['orderId', -1],
		['clientOrderId', 'with space'],
		['side', 'buy'],
		['status', 'SOMETHING_NEW'],
		['price', '64990.001'],
		['price', 64_990],
		['executedQty', '-1'],
		['origQty', undefined],
		['updateTime', '1771000000139'],
		['symbol', undefined],
	])('with a bad %s is not read at all', (member, value) => {
		expect(readOrderRow({ ...SPOT_ORDER, [member]: value }, spot)).toEqual({ kind: 'bad', where: member });
	});
});

const SPOT_TRADE = {
	symbol: 'BTCUSDT',
	id: 880_012,
	orderId: 4_100_200_300,
	price: '64990.00000000',
	qty: '0.00400000',
	commission: '0.00000400',
	commissionAsset: 'BTC',
	time: 1_771_000_000_139,
	isBuyer: true,
	isMaker: true,
};

describe('a trade', () => {
	test('of spot has the id that the stream gives it', () => {
		expect(readTradeRow(SPOT_TRADE, spot)).toMatchObject({
			kind: 'read',
			value: {
				executionId: 'spot:BTCUSDT:880012',
				clientOrderId: '',
				venueOrderId: '4100200300',
				side: 'buy',
				priceTicks: 6_499_000,
				qtyLots: 400,
				fee: parseMoney('0.000004'),
				feeCurrency: 'BTC',
				isMaker: true,
				tradedAtMs: 1_771_000_000_139,
			},
		});
	});

	test('of futures names the same things differently', () => {
		const { isBuyer: _buyer, isMaker: _maker, ...rest } = SPOT_TRADE;
		const row = { ...rest, id: 550_003, buyer: false, maker: false, qty: '0.004', commission: '-0.01', commissionAsset: 'USDT' };
		expect(readTradeRow(row, linear)).toMatchObject({
			value: { executionId: 'linear:BTCUSDT:550003', side: 'sell', isMaker: false, fee: parseMoney('-0.01'), qtyLots: 4 },
		});
	});

	test.each([
		['id', undefined],
		['orderId', 'x'],
		['isBuyer', 'true'],
		['isMaker', undefined],
		['price', '0'],
		['qty', '0.000001'],
		['commission', undefined],
		['commissionAsset', 7],
		['time', 1.5],
	])('with a bad %s is not read at all', (member, value) => {
		expect(readTradeRow({ ...SPOT_TRADE, [member]: value }, spot)).toEqual({ kind: 'bad', where: member });
	});
});

describe('a position', () => {
	const ROW = { symbol: 'BTCUSDT', positionSide: 'BOTH', positionAmt: '0.004', entryPrice: '64990.0' };

	test.each([
		['0.004', 4],
		['-0.010', -10],
		['0', 0],
		['-0.000', 0],
	])('of %s', (positionAmt, lots) => {
		const read = readPositionRow({ ...ROW, positionAmt }, linear);
		expect(read.kind === 'read' && read.value.positionLotsSigned + 0).toBe(lots);
	});

	test('of a pair is read as any other', () => {
		const read = readPositionRow({ ...ROW, positionSide: 'SHORT', positionAmt: '-0.003' }, linear);
		expect(read).toMatchObject({ kind: 'read', value: { positionLotsSigned: -3 } });
	});
});

test('coins of both markets', () => {
	expect(readCoinRow({ asset: 'USDT', free: '9350.1', locked: '389.94' }, 'spot')).toEqual({
		currency: 'USDT',
		free: parseMoney('9350.1'),
		total: parseMoney('9740.04'),
	});
	const row = {
		asset: 'USDT',
		walletBalance: '101.5',
		unrealizedProfit: '-1',
		marginBalance: '100.5',
		availableBalance: '80.25',
	};
	expect(readCoinRow(row, 'linear')).toEqual({ currency: 'USDT', free: parseMoney('80.25'), total: parseMoney('100.5') });
	for (const odd of [null, {}, { asset: '' }, { asset: 'USDT', free: 1, locked: '0' }])
		expect(readCoinRow(odd, 'spot')).toBe('bad');
});

describe('a payment of funding', () => {
	const row = { symbol: 'BTCUSDT', incomeType: 'FUNDING_FEE', income: '-0.65000000', asset: 'USDT', time: 1_771_000_000_139 };

	test('is known by its number, all digits of it', () => {
		const listed: unknown = parseLossless(`{"tranId":9689322392000000001,${JSON.stringify(row).slice(1)}`);
		expect(readFundingRow(listed, linear)).toMatchObject({
			kind: 'read',
			value: { fundingId: 'funding:9689322392000000001', amount: parseMoney('-0.65'), currency: 'USDT', fundedAtMs: row.time },
		});
	});

	test.each(['tranId', 'income', 'asset', 'time'])('is bad without %s', (member) => {
		expect(readFundingRow({ ...row, tranId: 1, [member]: undefined }, linear)).toEqual({ kind: 'bad', where: member });
	});
});
