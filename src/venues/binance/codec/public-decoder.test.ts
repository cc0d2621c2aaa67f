import { expect, test } from 'vitest';
import {
	AGG_TRADE,
	bytesOf,
	changed,
	combined,
	DIFF,
	PublicEar,
	RECEIVED_AT,
	SPOT_AGG_TRADE,
	SPOT_DIFF,
	SPOT_PARTIAL,
	SPOT_TOP,
	SPOT_TRADE,
	streamsOf,
	TINY_PRICES,
	TOP,
	TRADE,
} from './codec.fixture.ts';
import type { Market } from './frames.ts';
import { PlainPublicDecoder } from './plain-public.ts';
import { publicDecoderSuite } from './public-decoder.suite.ts';
import { createPublicDecoder, PublicScanner } from './scan-public.ts';

publicDecoderSuite('the fast decoder of public frames', createPublicDecoder);
publicDecoderSuite('the plain decoder of public frames', (streams) => new PlainPublicDecoder(streams));

function scan(market: Market, frame: string): { readonly isTaken: boolean; readonly told: number } {
	const ear = new PublicEar();
	const isTaken = new PublicScanner(streamsOf(market)).scan(bytesOf(frame), ear, RECEIVED_AT);
	return { isTaken, told: ear.told.length };
}

test.each([
	['a blank', changed(DIFF, [',', ', '])],
	['a member it does not know', changed(DIFF, ['"u":', '"x":1,"u":'])],
	['an exponent', changed(DIFF, ['"u":9100200310', '"u":9.100200310e9'])],
	['a number of 16 digits', changed(DIFF, ['9100200310', '9007199254740991'])],
	['a bad level', changed(DIFF, ['65000.1"', '65000.15"'])],
	['a missing member', changed(DIFF, [',"pu":9100200285', ''])],
	['something behind it', `${DIFF}}`],
	['something behind its data', combined('btcusdt@depth', `${DIFF},"x":1`)],
])('the scanner tells nothing of a frame with %s', (_, frame) => {
	expect(scan('linear', frame)).toEqual({ isTaken: false, told: 0 });
});

test.each<[Market, string]>([
	['spot', SPOT_DIFF],
	['spot', combined('btcusdt@depth@100ms', SPOT_DIFF)],
	['spot', combined('btcusdt@depth5@100ms', SPOT_PARTIAL)],
	['spot', SPOT_TOP],
	['spot', combined('btcusdt@bookTicker', SPOT_TOP)],
	['spot', SPOT_TRADE],
	['spot', combined('btcusdt@aggTrade', SPOT_AGG_TRADE)],
	['linear', DIFF],
	['linear', combined('btcusdt@depth@0ms', DIFF)],
	['linear', TINY_PRICES],
	['linear', TOP],
	['linear', combined('btcusdt@trade', TRADE)],
	['linear', AGG_TRADE],
])('the scanner takes by itself: %s %s', (market, frame) => {
	expect(scan(market, frame)).toEqual({ isTaken: true, told: 1 });
});
