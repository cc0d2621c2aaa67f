/**
 * The tables of codes, said a second time by class, as the venue's documents group them: a code that is moved, lost or
 * added has to be moved here too. docs/venues/binance.md says it a third time, for people.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { VERBS } from '../../domain/command.ts';
import { FAILURE_CLASSES, type FailureClass } from '../../domain/outcome.ts';
import type { Market } from './codec/frames.ts';
import { httpVerdictOf, isAboutFilters, outcomeOf, verdictOf } from './errors.ts';
import { FUTURES_FILTER_CODES, FUTURES_ROWS, FUTURES_UNAVAILABLE } from './errors-futures.ts';
import { SPOT_FILTER_CODES, SPOT_ROWS, SPOT_TEXTS } from './errors-spot.ts';

const BY_CLASS: Record<Market, Record<FailureClass, string>> = {
	spot: {
		clock: '-1021',
		ambiguous: '-1000 -1001 -1006 -1007 -1010 -2010 -2021 -2022',
		auth: '-1002 -1022 -2014 -2015',
		'rate-limited': '-1003 -1015 -1034',
		transient: '-1008 -1016 -1125',
		benign: '-2013 -2026 -2035 -2036',
		fatal: `-1013 -1014 -1020 -1100 -1101 -1102 -1103 -1104 -1105 -1106 -1108 -1111 -1112 -1114 -1115 -1116 -1117 -1118 -1119
			-1120 -1121 -1122 -1127 -1128 -1130 -1131 -1134 -1135 -1139 -1145 -1151 -1194 -1210 -1211 -1220 -2011 -2016 -2038
			-2039 -2042 -2043`,
	},
	linear: {
		clock: '-1021 -5028',
		ambiguous: '-1000 -1001 -1006 -1007 -2012 -4083 -4116',
		auth: `-1002 -1011 -1022 -1099 -2014 -2015 -2017 -4087 -4088 -4109 -4192 -4202 -4203 -4204 -4205 -4206 -4208 -4209 -4400
			-4401 -4402 -4403`,
		'rate-limited': '-1003 -1015',
		transient: '-1008 -1016 -1125 -4117 -4131',
		benign: '-2011 -2013 -2022 -4046 -4059 -4171 -5027',
		fatal: `-1010 -1013 -1014 -1020 -1023 ${parameters()} -2010 -2018 -2019 -2020 -2021 -2023 -2024 -2025 -2026 -2027 -2028
			-4000 -4001 -4002 -4003 -4004 -4005 -4013 -4014 -4015 -4016 -4020 -4021 -4022 -4023 -4024 -4028 -4029 -4030 -4031 -4032
			-4045 -4047 -4048 -4050 -4051 -4060 -4061 -4062 -4067 -4068 -4082 -4104 -4118 -4120 -4135 -4136 -4137 -4138 -4139 -4140
			-4141 -4142 -4144 -4161 -4164 -4165 -4183 -4184 -4210 -4211 -4531 -5021 -5022 -5024 -5025 -5026 -5029 -5037 -5038 -5039
			-5040 -5041 -5047`,
	},
};
const GONE: Record<Market, number[]> = { spot: [-2013, -2026], linear: [-2011, -2013] };
const ROWS = { spot: SPOT_ROWS, linear: FUTURES_ROWS } as const;
const MARKETS: readonly Market[] = ['spot', 'linear'];

/** All from -1100 to -1136 but the one that asks for a new listen key. */
function parameters(): string {
	const codes = Array.from({ length: 37 }, (_, index) => -1100 - index);
	return codes.filter((code) => code !== -1125).join(' ');
}

function codesIn(text: string): number[] {
	return text.trim().split(/\s+/).map(Number);
}

function listed(market: Market): { market: Market; code: number; failure: FailureClass }[] {
	return FAILURE_CLASSES.flatMap((failure) => codesIn(BY_CLASS[market][failure]).map((code) => ({ market, code, failure })));
}

describe.each(MARKETS.flatMap(listed))('code $code of $market', ({ market, code, failure }) => {
	const refused = { market, status: 400, code, message: 'text' };
	const verdict = verdictOf(refused, 'order');

	test(`of an order call is ${failure}`, () => {
		expect(verdict).toMatchObject({ class: failure, gone: GONE[market].includes(code) });
		// An item of a batch has no status of its own.
		expect(verdictOf({ ...refused, status: undefined }, 'order')).toBe(verdict);
	});

	test('of a read never leaves anything open', () => {
		expect(verdictOf(refused, 'read').class).toBe(failure === 'ambiguous' ? 'transient' : failure);
	});

	test.each(VERBS)('of a %s is unknown wherever it might have been done', (verb) => {
		const outcome = outcomeOf(verdict, { verb, reason: 'r', mayLandUntilMs: 5.5 });
		const isAsAsked = failure === 'benign' && !verdict.gone;
		if (failure === 'ambiguous' || (isAsAsked && verb === 'amend') || (verdict.gone && verb === 'place')) {
			expect(outcome).toEqual({ kind: 'unknown', reason: 'r', mayLandUntilMs: 5 });
		} else if (isAsAsked && verb === 'cancel') {
			expect(outcome).toEqual({ kind: 'accepted', venueOrderId: undefined });
		} else {
			expect(outcome).toEqual({ kind: 'rejected', class: failure, gone: verdict.gone, reason: 'r' });
		}
	});

	test('with a server error leaves orders open, unless it says that it did nothing', () => {
		const isBusy = code === -1008;
		expect(verdictOf({ ...refused, status: 500 }, 'order').class).toBe(isBusy ? 'transient' : 'ambiguous');
		expect(verdictOf({ ...refused, status: 503 }, 'order').class).toBe(isBusy ? 'transient' : 'ambiguous');
	});

	test.each([403, 418, 429])('with status %s says that we ask too much', (status) => {
		expect(verdictOf({ ...refused, status }, 'order')).toMatchObject({ class: 'rate-limited', gone: false });
	});
});

test.each(MARKETS)('the table of %s has these codes and no others, each once', (market) => {
	const codes = ROWS[market].map(({ code }) => code);
	const expected = listed(market).map(({ code }) => code);
	expect([...codes].sort((a, b) => a - b)).toEqual(expected.sort((a, b) => a - b));
	expect(new Set(codes).size).toBe(codes.length);
	for (const code of market === 'spot' ? SPOT_FILTER_CODES : FUTURES_FILTER_CODES) {
		expect(codes).toContain(code);
		expect(isAboutFilters({ market, code })).toBe(true);
	}
});

test.each(MARKETS)('who is not served where he is, is told so by the status, with a code that says nothing (%s)', (market) => {
	const refused = { market, status: 451, code: 0, message: 'Service unavailable from a restricted location' };
	expect([verdictOf(refused, 'order').class, verdictOf(refused, 'read').class]).toEqual(['auth', 'auth']);
});

test('the markets mean different things by the same code', () => {
	expect(verdictOf({ market: 'spot', status: 409, code: -2021, message: '' }, 'order').class).toBe('ambiguous');
	expect(verdictOf({ market: 'linear', status: 400, code: -2021, message: '' }, 'order').class).toBe('fatal');
	expect(isAboutFilters({ market: 'spot', code: -4014 })).toBe(false);
});

test.each(MARKETS.flatMap((market) => [-9999, 0.5, 7, -2037].map((code) => ({ market, code }))))(
	'code $code of $market, which nobody has told us of, is ambiguous for orders and transient for reads',
	({ market, code }) => {
		const refused = { market, status: 400, code, message: '' };
		expect(verdictOf(refused, 'order')).toMatchObject({ class: 'ambiguous', gone: false });
		expect(verdictOf(refused, 'read')).toMatchObject({ class: 'transient', gone: false });
	},
);

const TEXTS: Record<string, string> = {
	'Account has insufficient balance for requested action.': 'fatal',
	'Order would immediately match and take.': 'fatal',
	'Duplicate order sent.': 'ambiguous',
	'Unknown order sent.': 'benign gone',
	'Market is closed.': 'transient',
	'Order would trigger immediately.': 'fatal',
	'Price * QTY is zero or less.': 'fatal',
	'IcebergQty exceeds QTY.': 'fatal',
	'Unsupported order combination': 'fatal',
	'This action is disabled on this account.': 'auth',
	'This account may not place or cancel orders.': 'auth',
	'This symbol is not permitted for this account.': 'auth',
	'This symbol is restricted for this account.': 'auth',
	'Rest API trading is not enabled.': 'transient',
	'WebSocket API trading is not enabled.': 'transient',
	'Order was not canceled due to cancel restrictions.': 'fatal',
	'Order cancel-replace is not supported for this symbol.': 'fatal',
	'Order amend is not supported for this symbol.': 'fatal',
	'Order amend (quantity increase) is not supported.': 'fatal',
	'Market orders are not supported for this symbol.': 'fatal',
	'The requested action would change no state; rejecting': 'benign',
	'Order book liquidity is less than LOT_SIZE filter minimum quantity.': 'transient',
};

test.each(Object.entries(TEXTS))('spot says %j: %s', (message, expected) => {
	for (const code of [-1010, -2010, -2011, -2038]) {
		const verdict = verdictOf({ market: 'spot', status: 400, code, message }, 'order');
		expect([verdict.class, ...(verdict.gone ? ['gone'] : [])].join(' ')).toBe(expected);
	}
	// Other codes are what they are, whatever stands beside them.
	expect(verdictOf({ market: 'spot', status: 400, code: -1121, message }, 'order').meaning).toBe('symbol unknown');
	expect(SPOT_TEXTS.filter(({ text }) => message.startsWith(text))).toHaveLength(1);
});

test('no text of spot is without its test', () => {
	expect(Object.keys(TEXTS)).toHaveLength(SPOT_TEXTS.length);
});

const UNAVAILABLE: [message: string, failure: FailureClass][] = [
	['Unknown error, please check your request or try again later.', 'ambiguous'],
	['Service Unavailable.', 'transient'],
	['Internal error; unable to process your request. Please try again.', 'transient'],
	['Request throttled by system-level protection. Reduce-only/close-position orders are exempt. Please try again.', 'transient'],
	['Something else', 'ambiguous'],
];

test.each(UNAVAILABLE)('futures say with 503 %j: %s', (message, failure) => {
	const refused = { market: 'linear', status: 503, code: -1001, message } as const;
	expect(verdictOf(refused, 'order').class).toBe(failure);
	expect(verdictOf(refused, 'read').class).toBe('transient');
	// Spot does not make such promises.
	expect(verdictOf({ ...refused, market: 'spot' }, 'order').class).toBe('ambiguous');
	expect(UNAVAILABLE).toHaveLength(FUTURES_UNAVAILABLE.length + 1);
});

test.each([
	[400, 'fatal', 'fatal'],
	[401, 'auth', 'auth'],
	[403, 'rate-limited', 'rate-limited'],
	[404, 'fatal', 'fatal'],
	[405, 'fatal', 'fatal'],
	[418, 'rate-limited', 'rate-limited'],
	[429, 'rate-limited', 'rate-limited'],
	[451, 'auth', 'auth'],
	[409, 'ambiguous', 'transient'],
	[500, 'ambiguous', 'transient'],
	[502, 'ambiguous', 'transient'],
	[503, 'ambiguous', 'transient'],
	[504, 'ambiguous', 'transient'],
	[200, 'ambiguous', 'transient'],
] as const)("HTTP %s with a body that is nobody's is %s for orders and %s for reads", (status, order, read) => {
	expect(httpVerdictOf(status, 'order').class).toBe(order);
	expect(httpVerdictOf(status, 'read').class).toBe(read);
});

describe('docs/venues/binance.md', () => {
	const page = readFileSync(join(import.meta.dirname, '../../../docs/venues/binance.md'), 'utf8');
	const [, spot = '', futures = ''] = page.split(/^### /m);
	const classOf = ({ order, gone }: (typeof SPOT_TEXTS)[number] | (typeof SPOT_ROWS)[number]): string =>
		`${order}${gone === true ? ', gone' : ''}`;
	const shown = (section: string): readonly string[][] =>
		[...section.matchAll(/^\| `([^`]+)` \| ([^|]+) \| ([^|]+) \|$/gm)].map((row) => row.slice(1));

	test.each([
		['spot', spot, SPOT_ROWS, SPOT_TEXTS],
		['futures', futures, FUTURES_ROWS, FUTURES_UNAVAILABLE],
	])('shows every code and text of %s with its meaning and class, and no other', (_name, section, codes, texts) => {
		const expected = [
			...codes.map((row) => [String(row.code), row.meaning, classOf(row)]),
			...texts.map((row) => [row.text, row.meaning, classOf(row)]),
		];
		expect(shown(section)).toEqual(expected);
	});
});
