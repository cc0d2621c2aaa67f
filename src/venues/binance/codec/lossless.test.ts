import fc from 'fast-check';
import { expect, test } from 'vitest';
import { idText, parseEach, parseLossless } from './lossless.ts';

test('whole numbers keep all their digits, wherever they stand (F66)', () => {
	const whole = fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n });
	fc.assert(
		fc.property(whole, whole, fc.string(), (a, b, text) => {
			const read = parseLossless(`{"a":${a},"b":[${b},{"c":${JSON.stringify(text)}}]}`) as { a: unknown; b: [unknown, unknown] };
			expect(BigInt(String(read.a))).toBe(a);
			expect(BigInt(String(read.b[0]))).toBe(b);
			expect(read.b[1]).toEqual({ c: text });
			expect(typeof read.a).toBe(Number.isSafeInteger(Number(a)) ? 'number' : 'bigint');
		}),
	);
});

test.each(['9007199254740993', '-9007199254740993', '10000000000000001'])('%s is one of them, although it is short', (digits) => {
	expect(parseLossless(`[${digits}]`)).toEqual([BigInt(digits)]);
});

test('everything else reads as JSON.parse reads it', () => {
	fc.assert(
		fc.property(fc.json(), (text) => {
			fc.pre(!/\d{16}/.test(text));
			expect(parseLossless(text)).toEqual(JSON.parse(text));
		}),
	);
	const long = '{"a":1.5,"b":1234567890.1234567890,"c":1e400,"d":"12345678901234567890","e":null}';
	expect(parseLossless(long)).toEqual(JSON.parse(long));
	expect(() => parseLossless('{"a":12345678901234567890')).toThrow(SyntaxError);
});

test('the quick way reads as its plain twin does, whatever the texts of the venue look like', () => {
	const digits = fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }).map(String);
	const edges = fc.constantFrom('9007199254740991', '9007199254740992', '12345678901234567.5', '1234567890123456e3');
	const piece = fc.constantFrom(...':,[]{}" \n\\\u0001', '\\u0001', '12345678901234567', '__proto__', '7');
	const texts = fc.array(fc.oneof(piece, digits), { maxLength: 6 }).map((pieces) => JSON.stringify(pieces.join('')));
	const space = fc.constantFrom('', ' ', '\n\t');
	const { value } = fc.letrec<{ value: string; list: string; record: string }>((tie) => ({
		value: fc.oneof({ depthSize: 'small' }, digits, edges, texts, fc.constantFrom('null', 'true'), tie('list'), tie('record')),
		list: fc
			.tuple(space, fc.array(tie('value'), { maxLength: 4 }))
			.map(([gap, items]) => `[${gap}${items.join(`${gap},${gap}`)}${gap}]`),
		record: fc
			.tuple(space, fc.array(fc.tuple(texts, tie('value')), { maxLength: 4 }))
			.map(([gap, fields]) => `{${fields.map(([name, field]) => `${name}${gap}:${gap}${field}${gap}`).join(',')}}`),
	}));
	fc.assert(
		fc.property(value, (text) => {
			expect(parseLossless(text)).toEqual(parseEach(text));
		}),
		{ numRuns: 2_000 },
	);
});

test.each([
	'{"a":00001234567890123456}',
	'[12345678901234567 8]',
	'[1234567890123456.]',
	'{"a":"x:12345678901234567,',
	'12345678901234567,',
])('%s is no JSON, and not taken for any', (text) => {
	expect(() => parseLossless(text)).toThrow(SyntaxError);
});

test('what is nested deeper than anything that the venue says is no JSON either', () => {
	const nested = (inner: string): string => `${'['.repeat(100_000)}${inner}${']'.repeat(100_000)}`;
	expect(() => parseLossless(nested('12345678901234567'))).toThrow(SyntaxError);
	expect(() => parseLossless(nested('"\\u0001 12345678901234567"'))).toThrow(SyntaxError);
});

test.each([
	[8_389_766_100_200_300_401n, '8389766100200300401'],
	[7, '7'],
	[0, '0'],
	[-1, undefined],
	[-9_007_199_254_740_993n, undefined],
	[1.5, undefined],
	[2 ** 60, undefined],
	['7', undefined],
	[null, undefined],
])('the id %s is %s', (value, text) => {
	expect(idText(value)).toBe(text);
});
