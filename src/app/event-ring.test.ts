import { expect, test } from 'vitest';
import { BTCUSDT } from '../../test/fixtures/instruments.ts';
import { BookDelta } from '../domain/book-delta.ts';
import type { EngineEvent } from '../domain/event.ts';
import { lots, monoMs, ticks, timeMs } from '../domain/units.ts';
import { BOOKS_KEPT, EVENTS_KEPT, EventRing } from './event-ring.ts';

const timer = (ms: number): EngineEvent => ({ kind: 'timer', key: `t${ms}`, wallMs: timeMs(0), monoMs: monoMs(ms) });

function book(delta: BookDelta, ms: number, priceTicks = 100): EngineEvent {
	delta.reset('delta', ms, timeMs(0), timeMs(0));
	delta.push('bid', ticks(priceTicks), lots(5));
	return { kind: 'book', instrument: BTCUSDT.index, delta, wallMs: timeMs(0), monoMs: monoMs(ms) };
}

test('keeps what came in and what was decided, in order, the newest at the end', () => {
	const ring = new EventRing();
	ring.input(timer(1));
	ring.output({ kind: 'wake', key: 'tick', delayMs: 0 });
	ring.input(book(new BookDelta(), 2));
	ring.input(timer(3));
	expect(ring.held().lines()).toEqual([
		'1 {"kind":"timer","key":"t1","wallMs":0,"monoMs":1}',
		'  -> {"kind":"wake","key":"tick","delayMs":0}',
		expect.stringMatching(/^2 book 0 delta 2, 1 levels: /),
		'3 {"kind":"timer","key":"t3","wallMs":0,"monoMs":3}',
	]);
});

test('is bounded, and books push nothing else out', () => {
	const ring = new EventRing();
	const delta = new BookDelta();
	for (let ms = 0; ms < EVENTS_KEPT + 50; ms += 1) ring.input(timer(ms));
	for (let ms = 0; ms < 100 * BOOKS_KEPT; ms += 1) ring.input(book(delta, ms));
	const lines = ring.held().lines();
	expect(lines.length).toBe(EVENTS_KEPT + BOOKS_KEPT);
	expect(lines[0]).toContain('"t50"');
	expect(lines.at(-1)).toContain(`book 0 delta ${100 * BOOKS_KEPT - 1}`);
});

test('knows what a book said, whoever uses its buffer next', () => {
	const ring = new EventRing();
	const delta = new BookDelta();
	ring.input(book(delta, 1, 100));
	const held = ring.held();
	for (let ms = 2; ms < 2 * BOOKS_KEPT; ms += 1) ring.input(book(delta, ms, 200));
	expect(held.lines().length).toBe(1);
	expect(held.lines()[0]).toContain('100');
});

test('names instruments and writes large numbers', () => {
	const ring = new EventRing();
	ring.input({ kind: 'instrument', instrument: BTCUSDT, wallMs: timeMs(0), monoMs: monoMs(1) });
	ring.input({
		...{ kind: 'balance', venue: 'bybit', currency: 'USDT', free: 12n, total: 12n },
		...{ wallMs: timeMs(0), monoMs: monoMs(1) },
	} as EngineEvent);
	const [instrument, balance] = ring.held().lines();
	expect(instrument).toContain('"instrument":"BTCUSDT"');
	expect(balance).toContain('"free":"12"');
});
