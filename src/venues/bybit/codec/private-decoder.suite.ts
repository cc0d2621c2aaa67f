/** What every decoder of private frames promises, held against the scanner with its fallback and against the plain twin. */
import { describe, expect, test } from 'vitest';
import type { InstrumentTable } from '../../wire/instrument-table.ts';
import { changed, EXECUTION, FAST, hearPrivate, ORDER, privateInstruments, type Told, WALLET } from './codec.fixture.ts';
import type { PrivateDecoder } from './frames.ts';

const BTC = 'bybit:linear:BTCUSDT';
const BTC_SPOT = 'bybit:spot:BTCUSDT';

const REPORT = {
	order: BTC,
	clientOrderId: 'mm-1a2b',
	venueOrderId: '7c1e2a40-5d6f-4c58-9a0e-1f2d3c4b5a69',
	side: 'buy',
	status: 'working',
	priceTicks: 649_900,
	qtyLots: 10,
	filledLots: 4,
	reason: undefined,
	updatedAtMs: 1_771_000_000_139,
	source: 'stream',
};
const FILL = {
	executionId: '5e8f10c2-77aa-4d31-b0c9-1f60a2d3e4b5',
	venueOrderId: '7c1e2a40-5d6f-4c58-9a0e-1f2d3c4b5a69',
	side: 'buy',
	priceTicks: 649_900,
	qtyLots: 4,
	isMaker: true,
	tradedAtMs: 1_771_000_000_138,
};
const FEE = { fee: 51_992_000_000_000_000n, feeCurrency: 'USDT' };
const EXECUTED = { execution: BTC, cause: 'Trade', clientOrderId: 'mm-1a2b', ...FILL, ...FEE };

function changes(frame: string, ...pairs: readonly (readonly [from: string, to: string])[]): string {
	return pairs.reduce((text, [from, to]) => changed(text, from, to), frame);
}

const status = (word: string): readonly [string, string] => ['"PartiallyFilled"', `"${word}"`];
const SPOT = ['"linear"', '"spot"'] as const;
/** Unfilled and cancelled, as a post-only order that would have taken is. */
const CROSSED = [
	status('Cancelled'),
	['"cumExecQty":"0.004"', '"cumExecQty":"0"'],
	['EC_NoError', 'EC_PostOnlyWillTakeLiquidity'],
] as const;

const ORDERS: readonly (readonly [name: string, frame: string, differs: Told])[] = [
	['a partly filled order', ORDER, {}],
	['a new order', changes(ORDER, status('New')), {}],
	['an order that waits for its trigger', changes(ORDER, status('Untriggered')), {}],
	['a filled order', changes(ORDER, status('Filled')), { status: 'filled' }],
	[
		'a filled order whose cancel came too late',
		changes(ORDER, status('Filled'), ['EC_NoError', 'EC_OrigClOrdIDDoesNotExist']),
		{ status: 'filled', reason: 'EC_OrigClOrdIDDoesNotExist' },
	],
	[
		'a rejected order',
		changes(ORDER, status('Rejected'), ['EC_NoError', 'EC_ReachRiskPriceLimit']),
		{ status: 'rejected', reason: 'EC_ReachRiskPriceLimit' },
	],
	[
		'an order cancelled by its owner',
		changes(ORDER, status('Cancelled'), ['"cancelType":"UNKNOWN"', '"cancelType":"CancelByUser"']),
		{ status: 'cancelled', reason: 'CancelByUser' },
	],
	[
		'an order cancelled to prevent a trade with oneself',
		changes(ORDER, status('Cancelled'), ['"cancelType":"UNKNOWN"', '"cancelType":"CancelBySmp"']),
		{ status: 'cancelled', reason: 'CancelBySmp' },
	],
	['a spot order cancelled with fills', changes(ORDER, status('PartiallyFilledCanceled')), { status: 'cancelled' }],
	['a conditional order dropped', changes(ORDER, status('Deactivated')), { status: 'cancelled' }],
	[
		'a post-only order that would have taken',
		changes(ORDER, ...CROSSED),
		{ status: 'rejected', filledLots: 0, reason: 'EC_PostOnlyWillTakeLiquidity' },
	],
	[
		'the same after an amend, with fills',
		changes(ORDER, ...CROSSED.slice(0, 1), ...CROSSED.slice(2)),
		{ status: 'cancelled', reason: 'EC_PostOnlyWillTakeLiquidity' },
	],
	['a market order, which has no price', changes(ORDER, ['"price":"64990.00"', '"price":""']), { priceTicks: 0 }],
	['a market order, whose price is zero', changes(ORDER, ['"price":"64990.00"', '"price":"0.00"']), { priceTicks: 0 }],
	['an order by a category topic', changes(ORDER, ['"topic":"order"', '"topic":"order.linear"']), {}],
	['an order whose id is written with an escape', changes(ORDER, ['"mm-1a2b"', '"mm-1\\u0061\\/"']), { clientOrderId: 'mm-1a/' }],
	['an order of nobody we know', changes(ORDER, ['"mm-1a2b"', '""']), { clientOrderId: '' }],
	[
		'a reason that belongs on no screen',
		changes(ORDER, status('Cancelled'), ['EC_NoError', '<b>\\u001b[2J']),
		{ status: 'cancelled', reason: 'unreadable' },
	],
	[
		'a spot order by its own grid',
		changes(ORDER, SPOT),
		{ order: BTC_SPOT, priceTicks: 6_499_000, qtyLots: 10_000, filledLots: 4_000 },
	],
	[
		'a spot market buy in the quote currency, of which only the fills are in ours',
		changes(ORDER, SPOT, ['"Limit"', '"Market"'], ['"qty":"0.010"', '"qty":"259.9600000001"']),
		{ order: BTC_SPOT, priceTicks: 6_499_000, qtyLots: 4_000, filledLots: 4_000 },
	],
	[
		'a spot market buy in the base currency',
		changes(ORDER, SPOT, ['"Limit"', '"Market"'], ['"marketUnit":""', '"marketUnit":"baseCoin"']),
		{ order: BTC_SPOT, priceTicks: 6_499_000, qtyLots: 10_000, filledLots: 4_000 },
	],
];

const EXECUTIONS: readonly (readonly [name: string, frame: string, told: Told])[] = [
	['a fill', EXECUTION, EXECUTED],
	['a rebate', changes(EXECUTION, ['"0.051992"', '"-0.0000005"']), { ...EXECUTED, fee: -500_000_000_000n }],
	['a fill whose fee has no coin', changes(EXECUTION, ['"feeCurrency":"USDT"', '"feeCurrency":""']), EXECUTED],
	[
		'a spot buy, which pays in what it bought',
		changes(EXECUTION, SPOT, ['"feeCurrency":"USDT"', '"feeCurrency":""']),
		{ ...EXECUTED, execution: BTC_SPOT, priceTicks: 6_499_000, qtyLots: 4_000, feeCurrency: 'BTC' },
	],
	[
		'a spot buy with a rebate, which gets what it paid',
		changes(EXECUTION, SPOT, ['"feeCurrency":"USDT"', '"feeCurrency":""'], ['"0.051992"', '"-1"']),
		{ ...EXECUTED, execution: BTC_SPOT, priceTicks: 6_499_000, qtyLots: 4_000, fee: -(10n ** 18n), feeCurrency: 'USDT' },
	],
	[
		'a fee in a third coin',
		changes(EXECUTION, ['"feeCurrency":"USDT"', '"feeCurrency":"MNT"']),
		{ ...EXECUTED, feeCurrency: 'MNT' },
	],
	...(['AdlTrade', 'BustTrade', 'Settle', 'Delivery'] as const).map(
		(cause) =>
			[`a ${cause}, which nobody here asked for`, changes(EXECUTION, ['"Trade"', `"${cause}"`]), { ...EXECUTED, cause }] as const,
	),
	[
		'funding, whose price is the mark',
		changes(
			EXECUTION,
			['"Trade"', '"Funding"'],
			['"execPrice":"64990.00"', '"execPrice":"64990.123456"'],
			['"side":"Buy"', '"side":""'],
		),
		{
			funding: BTC,
			fundingId: FILL.executionId,
			amount: -51_992_000_000_000_000n,
			currency: 'USDT',
			fundedAtMs: FILL.tradedAtMs,
		},
	],
	['a block trade, which we cannot book', changes(EXECUTION, ['"Trade"', '"BlockTrade"']), { unbooked: BTC }],
	['a kind of execution of next year', changes(EXECUTION, ['"Trade"', '"Teleport"']), { unbooked: BTC }],
	['a fill told early', FAST, { fast: BTC, clientOrderId: '', ...FILL }],
	[
		'a taker told early',
		changes(FAST, ['"isMaker":true', '"isMaker":false'], ['"orderLinkId":""', '"orderLinkId":"mm-1"']),
		{ fast: BTC, ...FILL, clientOrderId: 'mm-1', isMaker: false },
	],
	['an option, which is nobody’s here', changes(EXECUTION, ['"linear"', '"option"']), { unlisted: true }],
	['a symbol that nobody follows', EXECUTION.replaceAll('BTCUSDT', 'DOGEUSDT'), { unlisted: true }],
];

const BAD: readonly (readonly [name: string, frame: string, reason: string, where: string])[] = [
	['an unknown status', changes(ORDER, status('Vanished')), 'unknown-word', '.orderStatus'],
	['no status', changes(ORDER, ['"orderStatus":"PartiallyFilled",', '']), 'unknown-word', '.orderStatus'],
	['an order on no side', changes(ORDER, ['"side":"Buy"', '"side":""']), 'unknown-word', '.side'],
	['an order without an id', changes(ORDER, ['"7c1e2a40-5d6f-4c58-9a0e-1f2d3c4b5a69"', '""']), 'bad-id', '.orderId'],
	['an id of a thousand letters', changes(ORDER, ['"mm-1a2b"', `"${'m'.repeat(1_000)}"`]), 'bad-id', '.orderLinkId'],
	['an id that is a number', changes(ORDER, ['"mm-1a2b"', '17']), 'bad-id', '.orderLinkId'],
	['a price off the grid', changes(ORDER, ['"price":"64990.00"', '"price":"64990.05"']), 'off-grid', '.price'],
	['a quantity off the grid', changes(ORDER, ['"qty":"0.010"', '"qty":"0.0101"']), 'off-grid', '.qty'],
	['negative fills', changes(ORDER, ['"cumExecQty":"0.004"', '"cumExecQty":"-1"']), 'negative', '.cumExecQty'],
	['a time that is none', changes(ORDER, ['"1771000000139"', '"soon"']), 'not-whole', '.updatedTime'],
	['a time beyond 2^53', changes(ORDER, ['"1771000000139"', '"9007199254740993"']), 'number-too-large', '.updatedTime'],
	['a fill for nothing', changes(EXECUTION, ['"execPrice":"64990.00"', '"execPrice":"0"']), 'zero', '.execPrice'],
	['a fill of nothing', changes(EXECUTION, ['"execQty":"0.004"', '"execQty":"0"']), 'zero', '.execQty'],
	['a fill without an id', changes(EXECUTION, ['"5e8f10c2-77aa-4d31-b0c9-1f60a2d3e4b5"', '""']), 'bad-id', '.execId'],
	['a fee with an exponent', changes(EXECUTION, ['"0.051992"', '"5e-2"']), 'not-a-decimal', '.execFee'],
	['a fee in no coin', changes(EXECUTION, ['"feeCurrency":"USDT"', '"feeCurrency":"US DT"']), 'bad-id', '.feeCurrency'],
	['a fill that will not say who was first', changes(EXECUTION, ['"isMaker":true', '"isMaker":"true"']), 'missing', '.isMaker'],
	['a fill without a kind', changes(EXECUTION, ['"execType":"Trade",', '']), 'missing', '.execType'],
];

export function privateDecoderSuite(name: string, create: (instruments: InstrumentTable) => PrivateDecoder): void {
	const decoder = create(privateInstruments());
	describe(name, () => {
		test.each(ORDERS)('reports %s', (_, frame, differs) => {
			expect(hearPrivate(decoder, frame)).toEqual({ decoded: 'taken', told: [{ ...REPORT, ...differs }] });
		});

		test.each(EXECUTIONS)('tells %s', (_, frame, told) => {
			expect(hearPrivate(decoder, frame)).toEqual({ decoded: 'taken', told: [told] });
		});

		test.each(BAD)('says what is wrong with %s', (_, frame, reason, where) => {
			expect(hearPrivate(decoder, frame)).toEqual({ decoded: [reason, `data[0]${where}`, BTC], told: [] });
		});

		test('hands on a wallet as it is', () => {
			expect(hearPrivate(decoder, WALLET)).toEqual({ decoded: 'other', told: [{ other: JSON.parse(WALLET) as unknown }] });
		});

		test('tells the good records of a frame that holds a bad one', () => {
			const row = /\[(\{.*\})\]/.exec(ORDER)?.[1] ?? '';
			const bad = changed(row, '"qty":"0.010"', '"qty":"?"');
			const frame = changed(ORDER, row, [row, bad, 'null', row].join());
			expect(hearPrivate(decoder, frame)).toEqual({ decoded: ['not-a-decimal', 'data[1].qty', BTC], told: [REPORT, REPORT] });
		});

		test('tells several orders of several categories in their order', () => {
			const row = /\[(\{.*\})\]/.exec(ORDER)?.[1] ?? '';
			const frame = changed(ORDER, row, [row, changed(row, ...SPOT)].join());
			expect(hearPrivate(decoder, frame).told).toMatchObject([{ order: BTC }, { order: BTC_SPOT }]);
		});

		test('reads members in any order, and the frame’s own', () => {
			const message = JSON.parse(ORDER) as { data: object[]; id: string };
			const turned = Object.fromEntries(Object.entries(message.data[0] ?? {}).reverse());
			const frame = JSON.stringify({ topic: 'order', id: message.id, creationTime: 1, data: [turned] });
			expect(hearPrivate(decoder, frame)).toEqual({ decoded: 'taken', told: [REPORT] });
		});

		test.each([
			['nothing', '', 'not-json'],
			['a page', '<html>', 'not-json'],
			['a cut frame', ORDER.slice(0, -9), 'not-json'],
			['a list', '[]', 'not-an-object'],
		])('refuses %s', (_, frame, reason) => {
			expect(hearPrivate(decoder, frame)).toEqual({ decoded: [reason, 'frame', undefined], told: [] });
		});

		test.each([['{}'], ['{"topic":"order"}'], ['{"topic":"order","data":{}}']])('does not fall over %s', (frame) => {
			expect(hearPrivate(decoder, frame).decoded).not.toBe('taken');
		});

		test('is not taken in by members that objects are born with', () => {
			const frame = '{"topic":"order","data":[{"__proto__":{"category":"linear","symbol":"BTCUSDT"},"constructor":1}]}';
			expect(hearPrivate(decoder, frame)).toEqual({ decoded: ['missing', 'data[0].category', undefined], told: [] });
		});
	});
}
