import { expect, test } from 'vitest';
import {
	bytesOf,
	DELTA,
	PublicEar,
	publicTopics,
	RECEIVED_AT,
	SNAPSHOT,
	SPOT_TRADE,
	TINY_PRICES,
	TOP,
	TRADES,
} from './codec.fixture.ts';
import { PlainPublicDecoder } from './plain-public.ts';
import { publicDecoderSuite } from './public-decoder.suite.ts';
import { createPublicDecoder, PublicScanner } from './scan-public.ts';

publicDecoderSuite('the fast decoder of public frames', createPublicDecoder);
publicDecoderSuite('the plain decoder of public frames', (topics) => new PlainPublicDecoder(topics));

test.each([
	['a blank', DELTA.replace(',', ', ')],
	['a member it does not know', DELTA.replace('"u":', '"x":1,"u":')],
	['an escape', TRADES.replace('PlusTick', 'Plus\\u0054ick')],
	['an exponent', DELTA.replace('"u":41200311', '"u":4.1200311e7')],
	['a number of 16 digits', DELTA.replace('880012345677', '9007199254740991')],
	['a bad level', DELTA.replace('64999.70', '64999.75')],
	['a missing member', DELTA.replace(',"cts":1771000000118', '')],
	['something behind it', `${DELTA}}`],
])('the scanner tells nothing of a frame with %s', (_, frame) => {
	const ear = new PublicEar();
	expect(new PublicScanner(publicTopics()).scan(bytesOf(frame), ear, RECEIVED_AT)).toBe(false);
	expect(ear.told).toEqual([]);
});

test.each([SNAPSHOT, DELTA, TOP, TINY_PRICES, TRADES, SPOT_TRADE])('the scanner takes %s by itself', (frame) => {
	const ear = new PublicEar();
	expect(new PublicScanner(publicTopics()).scan(bytesOf(frame), ear, RECEIVED_AT)).toBe(true);
	expect(ear.told.length).toBeGreaterThan(0);
});
