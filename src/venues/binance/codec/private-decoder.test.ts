import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
	asEvent,
	bytesOf,
	changed,
	combined,
	contextOf,
	FAST,
	hearPrivate,
	LONG_ID,
	ORDER,
	PrivateEar,
	SPOT_ORDER,
} from './codec.fixture.ts';
import type { Market } from './frames.ts';
import { PlainPrivateDecoder } from './plain-private.ts';
import { privateDecoderSuite } from './private-decoder.suite.ts';
import { createPrivateDecoder, PrivateScanner } from './scan-private.ts';

privateDecoderSuite('the fast decoder of private frames', createPrivateDecoder);
privateDecoderSuite('the plain decoder of private frames', (context) => new PlainPrivateDecoder(context));

function scan(market: Market, frame: string): { readonly isTaken: boolean; readonly told: number } {
	const ear = new PrivateEar();
	const isTaken = new PrivateScanner(contextOf(market)).scan(bytesOf(frame), ear);
	return { isTaken, told: ear.told.length };
}

test.each([
	['a blank', changed(ORDER, [',', ', '])],
	['a list', changed(ORDER, ['"s":', '"zz":[],"s":'])],
	['an escape', changed(ORDER, ['mm-1a2b', 'mm-\\u0061'])],
	['a bad fill', changed(ORDER, ['"l":"0.004"', '"l":"0"'])],
	['a bad status', changed(ORDER, ['PARTIALLY_FILLED', 'VANISHED'])],
	['something behind it', `${ORDER}}`],
])('the scanner tells nothing of a frame with %s', (_, frame) => {
	expect(scan('linear', frame)).toEqual({ isTaken: false, told: 0 });
});

test.each<[Market, string, number]>([
	['spot', SPOT_ORDER, 2],
	['spot', asEvent(SPOT_ORDER), 2],
	['linear', ORDER, 2],
	['linear', combined('listenKey', ORDER), 2],
	['linear', FAST, 1],
])('the scanner takes by itself: %s %s', (market, frame, told) => {
	expect(scan(market, frame)).toEqual({ isTaken: true, told });
});

test('every digit of every id comes through, by scanner and twin', () => {
	const context = contextOf('linear');
	const decoders = [createPrivateDecoder(context), new PlainPrivateDecoder(context)];
	const id = fc.bigInt({ min: 1n, max: 2n ** 63n - 1n });
	fc.assert(
		fc.property(id, id, (orderId, tradeId) => {
			const frame = changed(ORDER, [LONG_ID, orderId.toString()], ['550003', tradeId.toString()]);
			for (const decoder of decoders) {
				const [report, execution] = hearPrivate(decoder, frame).told;
				expect(report?.['venueOrderId']).toBe(orderId.toString());
				expect(execution?.['venueOrderId']).toBe(orderId.toString());
				expect(execution?.['executionId']).toBe(`linear:BTCUSDT:${tradeId}`);
			}
		}),
		{ numRuns: 300 },
	);
});
