/**
 * The table of codes, said a second time by class, as the venue's documents and our own experience group them: a code
 * that is moved, lost or added has to be moved here too. docs/venues/bybit.md says it a third time, for people.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { VERBS } from '../../domain/command.ts';
import { FAILURE_CLASSES, type FailureClass } from '../../domain/outcome.ts';
import { unknownOutcome, venueText } from '../wire/verdict.ts';
import { httpVerdictOf, isAboutFilters, outcomeOf, verdictOf } from './errors.ts';
import { ERROR_ROWS, FILTER_CODES } from './errors-table.ts';

const BY_CLASS: Record<FailureClass, string> = {
	clock: '-1 10002',
	ambiguous:
		'429 10000 10014 10016 20006 40004 500000 110030 110072 170001 170007 170032 170035 170141 170146 170147 170149 170150 170234 170310 170311',
	auth: '-2015 10003 10004 10005 10007 10008 10009 10010 10024 10027 33004 110123 110124 110125 110132 110136',
	'rate-limited': '10006 10018 10403 10429 20003 170005 170222',
	transient: '10019 110005 110063 110079 110118 170144 170191',
	benign: '20001 34040 110001 110008 110010 110025 110026 110027 110043 170139 170142 170143 170190 170212 170213',
	fatal: `10001 10017 10028 10029 10404 30208 30209 30228 110003 110004 110006 110007 110009 110011 110012 110013 110014
		110017 110018 110019 110020 110021 110022 110023 110024 110028 110029 110032 110039 110040 110042 110044 110045
		110046 110049 110051 110052 110053 110064 110066 110074 110085 110086 110089 110090 110092 110093 110094 110095
		110098 110099 110100 110103 110108 110109 110119 110120 110121 170031 170033 170034 170036 170037 170105 170115
		170116 170117 170121 170124 170130 170131 170132 170133 170134 170135 170136 170137 170140 170145 170148 170151
		170157 170159 170192 170193 170194 170197 170198 170201 170202 170203 170204 170210 170217 170218 170221 170227
		170228 170229 170312 170313 170341 170344 170355 170371 170372 170381 170382 170810`,
};
const GONE = codesIn('110001 110008 110010 170139 170142 170143 170190 170213');
const DUPLICATE = codesIn('110030 110072 170141');

function codesIn(text: string): number[] {
	return text.trim().split(/\s+/).map(Number);
}

const LISTED = FAILURE_CLASSES.flatMap((failure) => codesIn(BY_CLASS[failure]).map((code) => ({ code, failure })));

describe.each(LISTED)('code $code', ({ code, failure }) => {
	const verdict = verdictOf(code, 'text', 'order');

	test(`of an order call is ${failure}`, () => {
		expect(verdict).toMatchObject({ class: failure, gone: GONE.includes(code) });
	});

	test('of a read never leaves anything open', () => {
		expect(verdictOf(code, 'text', 'read').class).toBe(failure === 'ambiguous' ? 'transient' : failure);
	});

	test.each(VERBS)('of a %s is unknown wherever it might have been done', (verb) => {
		const { kind } = outcomeOf(verdict, { verb, reason: 'r', mayLandUntilMs: 5 });
		const isOpen = failure === 'ambiguous' || (failure === 'transient' && verb !== 'cancel');
		const isAsAsked = failure === 'benign' && !verdict.gone;
		if (isOpen || (isAsAsked && verb !== 'cancel') || (verdict.gone && verb === 'place')) expect(kind).toBe('unknown');
		else expect(kind).toBe(isAsAsked ? 'accepted' : 'rejected');
	});
});

test('the table has these codes and no others, each once', () => {
	const codes = ERROR_ROWS.map(({ code }) => code);
	expect([...codes].sort((a, b) => a - b)).toEqual(LISTED.map(({ code }) => code).sort((a, b) => a - b));
	expect(new Set(codes).size).toBe(codes.length);
	expect(codes.length).toBeGreaterThan(160);
	for (const code of FILTER_CODES) expect(codes).toContain(code);
});

test.each([99999, 0.5, -77, 110999, 170999])(
	'code %s, which nobody has told us of, is ambiguous for orders and transient for reads',
	(code) => {
		expect(verdictOf(code, '', 'order')).toMatchObject({ class: 'ambiguous', gone: false });
		expect(verdictOf(code, '', 'read')).toMatchObject({ class: 'transient', gone: false });
	},
);

test('"remains unchanged" turns the code for bad parameters into good news, and nothing else does', () => {
	const text = 'The order remains unchanged as the parameters entered match the existing ones.';
	const unchanged = verdictOf(10001, text, 'order');
	expect(unchanged.class).toBe('benign');
	expect(verdictOf(10001, 'Qty invalid', 'order').class).toBe('fatal');
	expect(verdictOf(110003, text, 'order').class).toBe('fatal');
	// We hold a change for open that the venue says is made: look it up.
	expect(outcomeOf(unchanged, { verb: 'amend', reason: text, mayLandUntilMs: undefined })).toEqual({
		kind: 'unknown',
		reason: text,
	});
});

test.each([
	[400, 'fatal', 'fatal'],
	[401, 'auth', 'auth'],
	[403, 'rate-limited', 'rate-limited'],
	[404, 'fatal', 'fatal'],
	[405, 'fatal', 'fatal'],
	[408, 'ambiguous', 'transient'],
	[429, 'ambiguous', 'rate-limited'],
	[500, 'ambiguous', 'transient'],
	[502, 'ambiguous', 'transient'],
	[503, 'ambiguous', 'transient'],
	[504, 'ambiguous', 'transient'],
	[302, 'ambiguous', 'transient'],
	[200, 'ambiguous', 'transient'],
] as const)('HTTP %i with a body that is not the venue’s is %s for orders and %s for reads', (status, order, read) => {
	expect(httpVerdictOf(status, 'order').class).toBe(order);
	expect(httpVerdictOf(status, 'read').class).toBe(read);
});

test('unknown outcomes say until when the request could still land, as far as that is known', () => {
	const of = { verb: 'place', reason: 'timeout', mayLandUntilMs: 1_771_000_005_123 } as const;
	expect(outcomeOf(verdictOf(10000, '', 'order'), of)).toEqual({
		kind: 'unknown',
		reason: 'timeout',
		mayLandUntilMs: 1_771_000_005_123,
	});
	expect(unknownOutcome('lost', undefined)).toEqual({ kind: 'unknown', reason: 'lost' });
});

test('a duplicate id is proof of an earlier attempt, so it is looked up and never refused (F08)', () => {
	for (const code of DUPLICATE) {
		expect(outcomeOf(verdictOf(code, '', 'order'), { verb: 'place', reason: 'dup', mayLandUntilMs: undefined }).kind).toBe(
			'unknown',
		);
	}
});

test('refusals about prices, sizes and status ask for fresh instruments; those about money do not', () => {
	for (const code of [10001, 110003, 110094, 170140, 110074, 170151]) expect(isAboutFilters(code)).toBe(true);
	for (const code of [110007, 170131, 10006, 110001, 110072]) expect(isAboutFilters(code)).toBe(false);
});

test('text of the venue is short and has nothing in it that a terminal obeys (F83)', () => {
	const text = venueText(`\u001b[2J<script>\u0000\u202e\ud800\r\n${'x'.repeat(10_000)}`);
	expect(text).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}]/u);
	expect(text.length).toBeLessThanOrEqual(161);
});

describe('docs/venues/bybit.md', () => {
	const page = readFileSync(join(import.meta.dirname, '../../../docs/venues/bybit.md'), 'utf8');
	const rows = [...page.matchAll(/^\| `(-?\d+)` \| ([^|]+) \| ([^|]+) \|$/gm)].map(([, code, meaning, failure]) => ({
		code: Number(code),
		meaning: meaning?.trim(),
		failure: failure?.trim(),
	}));

	test('shows every code of the table with its meaning and class, and no other', () => {
		const expected = ERROR_ROWS.map(({ code, meaning, order, gone }) => ({
			code,
			meaning,
			failure: `${order}${gone === true ? ', gone' : ''}`,
		}));
		expect(rows).toEqual(expected);
	});
});
