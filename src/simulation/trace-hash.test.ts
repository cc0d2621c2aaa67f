import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BTCUSDT, makeTestInstrument } from '../../test/fixtures/instruments.ts';
import { BookDelta } from '../domain/book-delta.ts';
import type { EngineEvent } from '../domain/event.ts';
import { instrumentIndex } from '../domain/instrument.ts';
import { lots, monoMs, ticks, timeMs } from '../domain/units.ts';
import { TraceHash } from './trace-hash.ts';

const AT = { wallMs: timeMs(1_000), monoMs: monoMs(12.5) };
const BTC = instrumentIndex(0);

function digestOf(events: readonly EngineEvent[]): string {
	const trace = new TraceHash();
	for (const event of events) trace.input(event);
	return trace.digest();
}

function hashOf(...lines: readonly string[]): string {
	return createHash('sha256')
		.update(lines.map((line) => `${line}\n`).join(''))
		.digest('hex');
}

describe('the trace is a hash over', () => {
	test('the levels of a book message, and nothing that stood in its memory before', () => {
		const anyLevels = fc.array(fc.tuple(fc.boolean(), fc.integer({ min: 1, max: 1e9 }), fc.nat()), { maxLength: 30 });
		fc.assert(
			fc.property(anyLevels, anyLevels, (before, levels) => {
				const delta = new BookDelta();
				for (const list of [before, levels]) {
					delta.reset('delta', 7, timeMs(1), timeMs(2));
					for (const [isBid, price, size] of list) delta.push(isBid ? 'bid' : 'ask', ticks(price), lots(size));
				}
				const pairs = levels.map(([isBid, price, size]) => `${isBid ? price : -price},${size}`);
				expect(digestOf([{ kind: 'book', instrument: BTC, delta, ...AT }])).toBe(
					hashOf(`book 0 1000 12.5 delta 7 ${pairs.join(',')}`),
				);
			}),
		);
	});

	test('every member of an event, however simple it is', () => {
		const events: readonly EngineEvent[] = [
			{ kind: 'timer', key: 'tick', ...AT },
			{ kind: 'trade', instrument: BTC, priceTicks: ticks(5), qtyLots: lots(6), takerSide: 'buy', ...AT },
			{ kind: 'mark', instrument: BTC, markTicks: 5.5, fundingRate: 1e-4, nextFundingAtMs: timeMs(9), ...AT },
			{ kind: 'journaled', flushId: 3, ok: true, ...AT },
		];
		expect(digestOf(events)).toBe(hashOf(...events.map((event) => JSON.stringify(event))));
	});

	test('the name and version of an instrument, not all that it is made of', () => {
		const digest = (version: number): string =>
			digestOf([{ kind: 'instrument', instrument: makeTestInstrument({ version }), ...AT }]);
		expect(digest(1)).toBe(hashOf(`{"kind":"instrument","instrument":"${BTCUSDT.id}#1","wallMs":1000,"monoMs":12.5}`));
		expect(digest(2)).not.toBe(digest(1));
	});

	test('as many lines as there are, in pieces that nobody sees', () => {
		const events = Array.from({ length: 3_000 }, (_, flushId) => ({ kind: 'journaled', flushId, ok: true, ...AT }) as const);
		expect(digestOf(events)).toBe(hashOf(...events.map((event) => JSON.stringify(event))));
	});
});
