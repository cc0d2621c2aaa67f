import { expect, test } from 'vitest';
import { bytesOf, EXECUTION, FAST, ORDER, PrivateEar, privateInstruments } from './codec.fixture.ts';
import { PlainPrivateDecoder, readExecutionRow, readOrderRow } from './plain-private.ts';
import { privateDecoderSuite } from './private-decoder.suite.ts';
import { createPrivateDecoder, PrivateScanner } from './scan-private.ts';

privateDecoderSuite('the fast decoder of private frames', createPrivateDecoder);
privateDecoderSuite('the plain decoder of private frames', (instruments) => new PlainPrivateDecoder(instruments));

test.each([
	['a blank', ORDER.replace(',', ', ')],
	['a member it does not know', ORDER.replace('"side"', '"sides":"","side"')],
	['an escape', ORDER.replace('mm-1a2b', 'mm-\\u0061')],
	['a bad second record', ORDER.replace(/\[(\{.*\})\]/, '[$1,{}]')],
])('the scanner tells nothing of a frame with %s', (_, frame) => {
	const ear = new PrivateEar();
	expect(new PrivateScanner(privateInstruments()).scan(bytesOf(frame), ear)).toBe(false);
	expect(ear.told).toEqual([]);
});

test.each([ORDER, EXECUTION, FAST])('the scanner takes %s by itself', (frame) => {
	const ear = new PrivateEar();
	expect(new PrivateScanner(privateInstruments()).scan(bytesOf(frame), ear)).toBe(true);
	expect(ear.told.length).toBe(1);
});

test('the lists of REST hold the same records, with the category beside them', () => {
	const rowOf = (frame: string): object => {
		const { category: _, ...row } = (JSON.parse(frame) as { data: [{ category: string }] }).data[0];
		return row;
	};
	const context = { instruments: privateInstruments(), category: 'linear' } as const;
	expect(readOrderRow(rowOf(ORDER), { ...context, source: 'lookup' })).toMatchObject({
		kind: 'order',
		report: { source: 'lookup', filledLots: 4 },
	});
	expect(readExecutionRow(rowOf(EXECUTION), context)).toMatchObject({ kind: 'execution', execution: { qtyLots: 4 } });
	expect(readExecutionRow(rowOf(EXECUTION), { ...context, category: 'inverse' })).toEqual({ kind: 'unlisted' });
});
