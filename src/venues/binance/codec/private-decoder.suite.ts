/** What every decoder of private frames promises, held against the scanner with its fallback and against the plain twin. */
import { describe, expect, test } from 'vitest';
import {
	ACCOUNT,
	ACK,
	asEvent,
	changed,
	combined,
	contextOf,
	FAST,
	FUNDING,
	hearPrivate,
	LONG_ID,
	listed,
	ORDER,
	SPOT_ACCOUNT,
	SPOT_ORDER,
	type Told,
} from './codec.fixture.ts';
import type { Market, PrivateDecoder } from './frames.ts';
import type { PrivateContext } from './plain-private.ts';

const BTC_SPOT = 'binance:spot:BTCUSDT';
const BTC = 'binance:linear:BTCUSDT';
const AT = 1_771_000_000_139;

const SPOT_REPORT = {
	order: BTC_SPOT,
	clientOrderId: 'mm-1a2b',
	venueOrderId: '4100200300',
	side: 'buy',
	status: 'working',
	priceTicks: 6_499_000,
	qtyLots: 1_000,
	filledLots: 400,
	reason: undefined,
	updatedAtMs: AT,
	source: 'stream',
};
const SPOT_EXECUTED = {
	execution: BTC_SPOT,
	cause: 'trade',
	executionId: 'spot:BTCUSDT:880012',
	clientOrderId: 'mm-1a2b',
	venueOrderId: '4100200300',
	side: 'buy',
	priceTicks: 6_499_000,
	qtyLots: 400,
	fee: 4_000_000_000_000n,
	feeCurrency: 'BTC',
	isMaker: true,
	tradedAtMs: AT,
};
const REPORT = {
	...SPOT_REPORT,
	order: BTC,
	venueOrderId: LONG_ID,
	side: 'sell',
	priceTicks: 649_900,
	qtyLots: 10,
	filledLots: 4,
};
const FILL = {
	executionId: 'linear:BTCUSDT:550003',
	clientOrderId: 'mm-1a2b',
	venueOrderId: LONG_ID,
	side: 'sell',
	priceTicks: 649_900,
	qtyLots: 4,
	isMaker: true,
	tradedAtMs: 1_771_000_000_138,
};
const EXECUTED = { execution: BTC, cause: 'trade', ...FILL, fee: 51_992_000_000_000_000n, feeCurrency: 'USDT' };

/** No fill, but a change of the order. */
const news = (x: string, status: string) =>
	[
		['"x":"TRADE"', `"x":"${x}"`],
		['"PARTIALLY_FILLED"', `"${status}"`],
	] as const;

type Case = readonly [name: string, market: Market, frame: string, told: readonly Told[]];

const TAKEN: readonly Case[] = [
	['a fill on spot', 'spot', asEvent(SPOT_ORDER), [SPOT_REPORT, SPOT_EXECUTED]],
	['the same without its wrapper', 'spot', SPOT_ORDER, [SPOT_REPORT, SPOT_EXECUTED]],
	['the same with blanks', 'spot', JSON.stringify(JSON.parse(asEvent(SPOT_ORDER)), undefined, 2), [SPOT_REPORT, SPOT_EXECUTED]],
	[
		'the last fill',
		'spot',
		changed(SPOT_ORDER, ['PARTIALLY_FILLED', 'FILLED'], ['"z":"0.00400000"', '"z":"0.01000000"']),
		[{ ...SPOT_REPORT, status: 'filled', filledLots: 1_000 }, SPOT_EXECUTED],
	],
	[
		'a fill without a fee, in no coin',
		'spot',
		changed(SPOT_ORDER, ['"n":"0.00000400"', '"n":"0"'], ['"N":"BTC"', '"N":null']),
		[SPOT_REPORT, { ...SPOT_EXECUTED, fee: 0n }],
	],
	[
		'the same of a sale',
		'spot',
		changed(SPOT_ORDER, ['"n":"0.00000400"', '"n":"0"'], ['"N":"BTC"', '"N":null'], ['"BUY"', '"SELL"']),
		[
			{ ...SPOT_REPORT, side: 'sell' },
			{ ...SPOT_EXECUTED, side: 'sell', fee: 0n, feeCurrency: 'USDT' },
		],
	],
	[
		'a fee in a third coin',
		'spot',
		changed(SPOT_ORDER, ['"N":"BTC"', '"N":"BNB"']),
		[SPOT_REPORT, { ...SPOT_EXECUTED, feeCurrency: 'BNB' }],
	],
	[
		'a trade with an id beyond 2^53',
		'spot',
		changed(SPOT_ORDER, ['"t":880012', '"t":9007199254740993']),
		[SPOT_REPORT, { ...SPOT_EXECUTED, executionId: 'spot:BTCUSDT:9007199254740993' }],
	],
	[
		'the first trade of a symbol',
		'spot',
		changed(SPOT_ORDER, ['"t":880012', '"t":0']),
		[SPOT_REPORT, { ...SPOT_EXECUTED, executionId: 'spot:BTCUSDT:0' }],
	],
	['a new order', 'spot', changed(SPOT_ORDER, ...news('NEW', 'NEW')), [SPOT_REPORT]],
	[
		'a cancelled order, which goes by the id of its cancel',
		'spot',
		changed(SPOT_ORDER, ...news('CANCELED', 'CANCELED'), ['"c":"mm-1a2b"', '"c":"cancel-7"'], ['"C":""', '"C":"mm-1a2b"']),
		[{ ...SPOT_REPORT, status: 'cancelled' }],
	],
	[
		'an amended order, which goes by its new id',
		'spot',
		changed(SPOT_ORDER, ...news('REPLACED', 'NEW'), ['"C":""', '"C":"mm-old"']),
		[SPOT_REPORT],
	],
	[
		'an order that would have met one of our own',
		'spot',
		changed(SPOT_ORDER, ...news('TRADE_PREVENTION', 'EXPIRED_IN_MATCH')),
		[{ ...SPOT_REPORT, status: 'expired', reason: 'SELF_TRADE_PREVENTION' }],
	],
	[
		'an expired order and why',
		'spot',
		changed(SPOT_ORDER, ...news('EXPIRED', 'EXPIRED'), ['"r":"NONE"', '"r":"NONE","eR":"UNFILLED_IOC_QUANTITY_EXPIRED"']),
		[{ ...SPOT_REPORT, status: 'expired', reason: 'UNFILLED_IOC_QUANTITY_EXPIRED' }],
	],
	[
		'a rejected order and why',
		'spot',
		changed(SPOT_ORDER, ...news('REJECTED', 'REJECTED'), ['"NONE"', '"INSUFFICIENT_BALANCES"']),
		[{ ...SPOT_REPORT, status: 'rejected', reason: 'INSUFFICIENT_BALANCES' }],
	],
	[
		'a reason that belongs on no screen',
		'spot',
		changed(SPOT_ORDER, ...news('REJECTED', 'REJECTED'), ['"NONE"', '"<b>"']),
		[{ ...SPOT_REPORT, status: 'rejected', reason: 'unreadable' }],
	],
	[
		'an order over an amount of the quote currency, whose quantity is what was filled',
		'spot',
		changed(SPOT_ORDER, ['"Q":"0.00000000"', '"Q":"259.96000000"'], ['"q":"0.01000000"', '"q":"0.000001"']),
		[{ ...SPOT_REPORT, qtyLots: 400 }, SPOT_EXECUTED],
	],
	[
		'balances of spot',
		'spot',
		asEvent(SPOT_ACCOUNT),
		[
			{ balance: 'BTC', free: 1_003_996_000_000_000_000n, total: 1_003_996_000_000_000_000n, changedAtMs: AT },
			{ balance: 'USDT', free: 9_350_100_000_000_000_000_000n, total: 9_740_040_000_000_000_000_000n, changedAtMs: AT },
		],
	],
	['a symbol of spot that nobody follows', 'spot', SPOT_ORDER.replace('BTCUSDT', 'DOGEUSDT'), [{ unlisted: true }]],

	['a fill on futures', 'linear', ORDER, [REPORT, EXECUTED]],
	['the same in the combined form', 'linear', combined('listenKey', ORDER), [REPORT, EXECUTED]],
	['the same with a member of next year', 'linear', changed(ORDER, ['"e":', '"fs":"x","st":1,"e":']), [REPORT, EXECUTED]],
	['the same with a list that nobody knows', 'linear', changed(ORDER, ['"s":', '"zz":[1],"s":']), [REPORT, EXECUTED]],
	['a rebate', 'linear', changed(ORDER, ['"n":"0.05199200"', '"n":"-0.05"']), [REPORT, { ...EXECUTED, fee: -(5n * 10n ** 16n) }]],
	[
		'a fill without a fee',
		'linear',
		changed(ORDER, ['"N":"USDT","n":"0.05199200",', '']),
		[REPORT, { ...EXECUTED, fee: 0n, feeCurrency: 'USDT' }],
	],
	['a new order of futures', 'linear', changed(ORDER, ...news('NEW', 'NEW'), ['"t":550003', '"t":0']), [REPORT]],
	['a modified order', 'linear', changed(ORDER, ...news('AMENDMENT', 'NEW')), [REPORT]],
	[
		'an order that a modification ended',
		'linear',
		changed(ORDER, ...news('EXPIRED', 'EXPIRED'), ['"er":"0"', '"er":"11"']),
		[{ ...REPORT, status: 'expired', reason: 'POST_ONLY' }],
	],
	[
		'an end for a reason of next year',
		'linear',
		changed(ORDER, ...news('EXPIRED', 'EXPIRED'), ['"er":"0"', '"er":"77"']),
		[{ ...REPORT, status: 'expired', reason: 'EXPIRY_77' }],
	],
	[
		'a market order, whose price is zero',
		'linear',
		changed(ORDER, ['"p":"64990.00"', '"p":"0"']),
		[{ ...REPORT, priceTicks: 0 }, EXECUTED],
	],
	[
		'a liquidation',
		'linear',
		changed(ORDER, ['"c":"mm-1a2b"', '"c":"autoclose-17"'], ['"x":"TRADE"', '"x":"CALCULATED"']),
		[
			{ ...REPORT, clientOrderId: 'autoclose-17' },
			{ ...EXECUTED, clientOrderId: 'autoclose-17', cause: 'liquidation' },
		],
	],
	[
		'a liquidation without an id, which cannot be counted once',
		'linear',
		changed(ORDER, ['"x":"TRADE"', '"x":"CALCULATED"'], ['"t":550003', '"t":0']),
		[REPORT, { unbooked: BTC }],
	],
	[
		'deleveraging',
		'linear',
		changed(ORDER, ['"c":"mm-1a2b"', '"c":"adl_autoclose"']),
		[
			{ ...REPORT, clientOrderId: 'adl_autoclose' },
			{ ...EXECUTED, clientOrderId: 'adl_autoclose', cause: 'deleveraging' },
		],
	],
	[
		'a settlement',
		'linear',
		changed(ORDER, ['"c":"mm-1a2b"', '"c":"settlement_autoclose-1"']),
		[
			{ ...REPORT, clientOrderId: 'settlement_autoclose-1' },
			{ ...EXECUTED, clientOrderId: 'settlement_autoclose-1', cause: 'settlement' },
		],
	],
	['a fill told early', 'linear', FAST, [{ fast: BTC, ...FILL }]],
	['a taker told early', 'linear', changed(FAST, ['"m":true', '"m":false']), [{ fast: BTC, ...FILL, isMaker: false }]],
	['an early fill of a symbol that nobody follows', 'linear', FAST.replace('BTCUSDT', 'DOGEUSDT'), [{ unlisted: true }]],
	[
		'a coin and a position of futures',
		'linear',
		ACCOUNT,
		[
			{ balance: 'USDT', free: undefined, total: 9_999_948_008_000_000_000_000n, changedAtMs: AT },
			{ position: BTC, positionLotsSigned: -4, changedAtMs: AT },
		],
	],
	[
		'a position that is gone',
		'linear',
		changed(ACCOUNT, ['"-0.004"', '"0"'], ['[{"a":"USDT","wb":"9999.94800800","cw":"9999.94800800","bc":"0"}]', '[]']),
		[{ position: BTC, positionLotsSigned: 0, changedAtMs: AT }],
	],
	[
		'one of two positions in a symbol',
		'linear',
		changed(ACCOUNT, ['"ps":"BOTH"', '"ps":"SHORT"']),
		[expect.objectContaining({ balance: 'USDT' }), { unbooked: BTC }],
	],
	['funding, for which symbol ever', 'linear', FUNDING, [expect.objectContaining({ balance: 'USDT' }), { unbooked: undefined }]],
	[
		'funding with isolated margin',
		'linear',
		changed(FUNDING, ['"S":"BTCUSDT",', ''], ['}]}}', '}],"P":[{"s":"BTCUSDT","pa":"1"}]}}']),
		[expect.objectContaining({ balance: 'USDT' }), { unbooked: undefined }, expect.objectContaining({ position: BTC })],
	],
];

const OTHER: readonly (readonly [name: string, market: Market, frame: string])[] = [
	['an answer', 'spot', ACK],
	['a listen key that ended', 'linear', '{"e":"listenKeyExpired","E":1771000000140,"listenKey":"k"}'],
	['an order of the other market', 'spot', ORDER],
	['an order of the other market', 'linear', asEvent(SPOT_ORDER)],
	['a transfer', 'spot', asEvent('{"e":"balanceUpdate","E":1,"a":"BTC","d":"1","T":1}')],
];

type Bad = readonly [name: string, market: Market, frame: string, reason: string, where: string, told: readonly Told[]];

const BAD: readonly Bad[] = [
	['an unknown status', 'spot', changed(SPOT_ORDER, ['PARTIALLY_FILLED', 'VANISHED']), 'unknown-word', 'X', [SPOT_EXECUTED]],
	['a price off the grid', 'spot', changed(SPOT_ORDER, ['"p":"64990.00', '"p":"64990.005']), 'off-grid', 'p', [SPOT_EXECUTED]],
	['a fill of nothing', 'spot', changed(SPOT_ORDER, ['"l":"0.00400000"', '"l":"0.00"']), 'zero', 'l', [SPOT_REPORT]],
	['a fill without an id', 'spot', changed(SPOT_ORDER, ['"t":880012', '"t":-1']), 'bad-id', 't', [SPOT_REPORT]],
	['a fee with an exponent', 'spot', changed(SPOT_ORDER, ['"0.00000400"', '"4e-6"']), 'not-a-decimal', 'n', [SPOT_REPORT]],
	['a fee in no coin', 'spot', changed(SPOT_ORDER, ['"N":"BTC"', '"N":"B C"']), 'bad-id', 'N', [SPOT_REPORT]],
	['an order without an id', 'spot', changed(SPOT_ORDER, ['"i":4100200300', '"i":1.5']), 'bad-id', 'i', []],
	['an order on no side', 'spot', changed(SPOT_ORDER, ['"BUY"', '"buy"']), 'unknown-word', 'S', []],
	['an id of a thousand letters', 'spot', changed(SPOT_ORDER, ['"mm-1a2b"', `"${'m'.repeat(1_000)}"`]), 'bad-id', 'c', []],
	['no symbol', 'spot', changed(SPOT_ORDER, ['"s":"BTCUSDT",', '']), 'missing', 's', []],
	['no time', 'linear', changed(ORDER, ['"T":1771000000139,', '']), 'missing', 'T', [EXECUTED]],
	[
		'a time beyond 2^53',
		'linear',
		changed(ORDER, ['"T":1771000000139', '"T":9007199254740993']),
		'number-too-large',
		'T',
		[EXECUTED],
	],
	['no order', 'linear', '{"e":"ORDER_TRADE_UPDATE","T":1,"o":[]}', 'missing', 'o', []],
	['a fill that does not say who was first', 'linear', changed(ORDER, ['"m":true', '"m":"true"']), 'missing', 'o.m', [REPORT]],
	['negative fills', 'linear', changed(ORDER, ['"z":"0.004"', '"z":"-1"']), 'negative', 'o.z', [EXECUTED]],
	['an early fill of nothing', 'linear', changed(FAST, ['"l":"0.004"', '"l":"0"']), 'zero', 'l', []],
	[
		'a coin without an amount',
		'linear',
		changed(ACCOUNT, ['"wb":"9999.94800800",', '']),
		'not-a-decimal',
		'a.B[0].wb',
		[expect.objectContaining({ position: BTC })],
	],
	[
		'a position between two lots',
		'linear',
		changed(ACCOUNT, ['-0.004', '-0.0004']),
		'off-grid',
		'a.P[0].pa',
		[expect.objectContaining({ balance: 'USDT' })],
	],
	['more coins than there are', 'linear', changed(FUNDING, ['"B":[', `"B":[${'1,'.repeat(4_096)}`]), 'too-many', 'a.B', []],
	['balances without a time', 'spot', changed(SPOT_ACCOUNT, ['"u":1771000000139,', '']), 'missing', 'u', []],
	['an account of nothing', 'linear', '{"e":"ACCOUNT_UPDATE","T":1}', 'missing', 'a', []],
];

export function privateDecoderSuite(name: string, create: (context: PrivateContext) => PrivateDecoder): void {
	const decoders = { spot: create(contextOf('spot')), linear: create(contextOf('linear')) };
	describe(name, () => {
		test.each(TAKEN)('tells %s (%s)', (_, market, frame, told) => {
			expect(hearPrivate(decoders[market], frame)).toEqual({ decoded: 'taken', told });
		});

		test.each(OTHER)('hands on %s as it is (%s)', (_, market, frame) => {
			const { decoded, told } = hearPrivate(decoders[market], frame);
			expect([decoded, told.length, Object.keys(told[0] ?? {})]).toEqual(['other', 1, ['other']]);
		});

		test.each(BAD)('says what is wrong with %s (%s), and tells what is right', (_, market, frame, reason, where, told) => {
			const heard = hearPrivate(decoders[market], frame);
			expect([heard.decoded, heard.told]).toEqual([expect.arrayContaining([reason, where]), told]);
		});

		test('an order from before the grid changed is read in the grid that it fits (F59)', () => {
			const context = contextOf('linear');
			const former = context.instruments.findText('linear', 'BTCUSDT');
			for (const lotSize of ['0.003', '0.005']) context.instruments.set(listed(0, { lotSize }));
			const { decoded, told } = hearPrivate(create(context), ORDER);
			expect([decoded, told]).toEqual(['taken', [REPORT, EXECUTED]]);
			expect(former?.qtyGrid.step).toBe('0.001');
			const odd = changed(ORDER, ['"z":"0.004"', '"z":"0.0041"']);
			expect(hearPrivate(create(context), odd).decoded).toEqual(['off-grid', 'o.z', BTC, false]);
		});

		test('reads members in any order', () => {
			const turned = (frame: string) => Object.fromEntries(Object.entries(JSON.parse(frame) as object).reverse());
			// JSON.parse would lose digits of the other one's id.
			expect(hearPrivate(decoders.spot, JSON.stringify(turned(SPOT_ORDER))).told).toEqual([SPOT_REPORT, SPOT_EXECUTED]);
		});

		test('takes neither names nor values out of objects that it was not asked about', () => {
			const frame = '{"e":"executionReport","__proto__":{"s":"BTCUSDT"},"constructor":1}';
			expect(hearPrivate(decoders.spot, frame)).toEqual({ decoded: ['missing', 's', undefined, false], told: [] });
		});

		test.each([
			['nothing', '', 'not-json'],
			['a page', '<html>', 'not-json'],
			['a cut frame', ORDER.slice(0, -9), 'not-json'],
			['a list', '[]', 'not-an-object'],
		])('refuses %s', (_, frame, reason) => {
			expect(hearPrivate(decoders.linear, frame)).toEqual({ decoded: [reason, 'frame', undefined, false], told: [] });
		});
	});
}
