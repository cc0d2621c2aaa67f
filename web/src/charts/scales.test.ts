import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { everyRow, labelled, tickLabel } from './axis.ts';
import { powerScale } from './power-scale.ts';
import { waterfall } from './profit-split.ts';
import { lastMinutes } from './span.ts';

describe('a scale by powers of ten', () => {
	const place = { from: 100, to: 400 };

	it('has a tick for each power that is needed', () => {
		expect(powerScale([0.2, 30], place).ticks).toEqual([0.1, 1, 10, 100]);
		expect(powerScale([0.2, 30], place).at(1)).toBeCloseTo(200);
	});

	it('lays every value inside, in their order', () => {
		const values = fc.array(fc.double({ min: 0, max: 1e5, noNaN: true }), { minLength: 1, maxLength: 20 });
		fc.assert(
			fc.property(values, (drawn) => {
				const scale = powerScale(drawn, place);
				const places = drawn.toSorted((a, b) => a - b).map((value) => scale.at(value));
				expect(places).toEqual(places.toSorted((a, b) => a - b));
				expect(places[0]).toBeGreaterThanOrEqual(place.from);
				expect(places.at(-1)).toBeLessThanOrEqual(place.to);
			}),
		);
	});

	it('stands where nothing is known', () => {
		const scale = powerScale([null, 0], place);
		expect(scale.ticks.every(Number.isFinite)).toBe(true);
		expect(scale.at(null)).toBe(place.from);
	});
});

describe('the parts of the profit', () => {
	it('lead step by step to the total', () => {
		const part = fc.integer({ min: -1_000, max: 1_000 });
		fc.assert(
			fc.property(part, part, part, part, (spread, inventory, fees, funding) => {
				const total = spread + inventory + fees + funding;
				const steps = waterfall({ spread, inventory, fees, funding, total });
				expect(steps[0]?.from).toBe(0);
				for (const [index, step] of steps.slice(0, 4).entries()) {
					expect(step.to - step.from).toBe(step.value);
					if (index > 0) expect(step.from).toBe(steps[index - 1]?.to);
				}
				expect(steps[3]?.to).toBe(total);
				expect(steps[4]).toMatchObject({ name: 'total', from: 0, to: total });
			}),
		);
	});
});

describe('the table of a long series', () => {
	it('has few rows, the newest first and always the last', () => {
		fc.assert(
			fc.property(fc.integer({ min: 1, max: 5_000 }), (length) => {
				const rows = everyRow(length);
				expect(rows[0]).toBe(length - 1);
				expect(rows.length).toBeLessThanOrEqual(30);
				expect(new Set(rows).size).toBe(rows.length);
			}),
		);
		expect(everyRow(0)).toEqual([]);
	});
});

describe('ticks', () => {
	it('say seconds only where they differ by them', () => {
		const axis = { kind: 'time' } as const;
		expect(tickLabel(axis, 0, 1_000)).toMatch(/^\d\d:\d\d:\d\d$/);
		expect(tickLabel(axis, 0, 60_000)).toMatch(/^\d\d:\d\d$/);
		expect(labelled({ kind: 'powers', head: 'After', unit: 's', ticks: [] }, 0.5)).toBe('0.5 s');
	});
});

describe('the last minutes', () => {
	const atMs = Array.from({ length: 600 }, (_, index) => index * 1_000);
	const history = { atMs, mid: atMs, fills: atMs.map((at) => ({ atMs: at })) } as unknown as Parameters<typeof lastMinutes>[0];

	it('are cut from all columns alike', () => {
		const slice = lastMinutes(history, 2);
		expect(slice.atMs[0]).toBe(479_000);
		expect(slice.of('mid')).toEqual(slice.atMs);
		expect(slice.fills).toHaveLength(slice.atMs.length);
	});

	it('are all that there is where there is less', () => {
		expect(lastMinutes(history, 60).atMs).toHaveLength(600);
	});
});
