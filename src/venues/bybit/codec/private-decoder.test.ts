import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bytesOf, EXECUTION, FAST, hearPrivate, listed, ORDER, PrivateEar, privateInstruments } from './codec.fixture.ts';
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

test('what it learned of one row does not mislead it about rows whose members stand elsewhere', () => {
	const instruments = privateInstruments();
	const [scanner, plain] = [new PrivateScanner(instruments), new PlainPrivateDecoder(instruments)];
	const frames = fc.constantFrom(ORDER, EXECUTION, FAST).chain((frame) => {
		const { data, ...head } = JSON.parse(frame) as { data: [Record<string, unknown>] };
		const members = Object.entries(data[0]);
		return fc
			.shuffledSubarray(members, { minLength: members.length, maxLength: members.length })
			.map((shuffled) => JSON.stringify({ ...head, data: Array.from({ length: 3 }, () => Object.fromEntries(shuffled)) }));
	});
	fc.assert(
		fc.property(frames, (frame) => {
			const ear = new PrivateEar();
			expect(scanner.scan(bytesOf(frame), ear)).toBe(true);
			expect(ear.told).toEqual(hearPrivate(plain, frame).told);
		}),
		{ numRuns: 300 },
	);
});

test.each([
	['order', ORDER],
	['execution', EXECUTION],
])('an %s from before the grid changed is read in the grid that it fits (F59)', (kind, frame) => {
	const instruments = privateInstruments();
	const former = instruments.findText('linear', 'BTCUSDT');
	for (const lotSize of ['0.003', '0.005']) instruments.set(listed(0, { lotSize }));
	const ear = new PrivateEar();
	expect(createPrivateDecoder(instruments).decode(bytesOf(frame), ear)).toBe('taken');
	const [row] = (JSON.parse(frame) as { data: unknown[] }).data;
	const context = { instruments, source: 'stream' } as const;
	const read = kind === 'order' ? readOrderRow(row, context) : readExecutionRow(row, context);
	const told = read.kind === 'order' ? read.report : read.kind === 'execution' ? read.execution : undefined;
	expect(told?.instrument).toBe(former);
	expect(told?.qtyLots).toBe(kind === 'order' ? 10 : 4);
});

test('what fits no grid that there ever was stays bad', () => {
	const instruments = privateInstruments();
	instruments.set(listed(0, { lotSize: '0.005' }));
	const frame = ORDER.replace('"cumExecQty":"0.004"', '"cumExecQty":"0.0041"');
	expect(createPrivateDecoder(instruments).decode(bytesOf(frame), new PrivateEar())).toMatchObject({ reason: 'off-grid' });
});
