import { describe, expect, test } from 'vitest';
import { virtualClock } from '../../network/in-virtual-time.suite.ts';
import type { Point, PointParcel } from './point.ts';
import { type OutboxParts, PointOutbox, SERIES_MAX } from './point-outbox.ts';

const PRICES = { measurement: 'prices', tags: { symbol: 'BTCUSDT' }, fields: ['bid', 'ask'] };
const point = (atMs: number): Point => ({ measurement: 'orders', tags: {}, fields: { price: 1 }, atMs });

function outbox(options: Partial<OutboxParts> = {}) {
	const clock = virtualClock();
	const parcels: PointParcel[] = [];
	/** As another thread gets it: what was moved away is gone here. */
	const send = (parcel: PointParcel): void => {
		parcels.push(structuredClone(parcel, { transfer: parcel.length > 0 ? [parcel.rows.buffer] : [] }));
	};
	const made = new PointOutbox({ clock, send, ...options });
	return { clock, parcels, outbox: made };
}

const rowsOf = ({ rows, length }: PointParcel): number[] => [...rows.subarray(0, length)];

describe('points on their way out', () => {
	test('leave together a moment later, rows packed and the rest as they came', () => {
		const { clock, parcels, outbox: box } = outbox();
		const prices = box.series(PRICES);
		prices.write(5, 1.5, 2.5);
		box.writePoint(point(6));
		prices.write(7, 3.5);
		clock.run(99);
		expect(parcels).toEqual([]);
		clock.run(1);
		expect(parcels.map(({ shapes, points, count }) => ({ shapes, points, count }))).toEqual([
			{ shapes: [PRICES], points: [point(6)], count: 3 },
		]);
		expect(parcels.map(rowsOf)).toEqual([[0, 5, 1.5, 2.5, 0, 7, 3.5, Number.NaN]]);
		clock.run(1_000);
		expect(parcels).toHaveLength(1);
	});

	test('tell of a series once, and number them in the order of all parcels', () => {
		const { parcels, outbox: box } = outbox();
		const first = box.series(PRICES);
		first.write(1, 1, 1);
		box.flush();
		const second = box.series({ ...PRICES, tags: {} });
		second.write(2, 2, 2);
		first.write(3, 3, 3);
		box.flush();
		expect(parcels.map(({ shapes }) => shapes.length)).toEqual([1, 1]);
		expect(parcels.map(rowsOf)).toEqual([
			[0, 1, 1, 1],
			[1, 2, 2, 2, 0, 3, 3, 3],
		]);
	});

	test('leave when a parcel is full, and no row is lost or cut at its end', () => {
		const { parcels, outbox: box } = outbox();
		const prices = box.series(PRICES);
		for (let i = 0; i < 5_000; i += 1) prices.write(i, i, i);
		for (let i = 0; i < 2_500; i += 1) box.writePoint(point(i));
		box.flush();
		const times = parcels.flatMap((parcel) => rowsOf(parcel).filter((_, index) => index % 4 === 1));
		expect(times).toEqual(Array.from({ length: 5_000 }, (_, i) => i));
		expect(parcels.flatMap(({ points }) => points.map(({ atMs }) => atMs))).toEqual(Array.from({ length: 2_500 }, (_, i) => i));
		expect(parcels.length).toBeGreaterThan(4);
	});

	test('are lost and counted when the far end does not keep up, and taken again when it does', () => {
		const { parcels, outbox: box } = outbox({ outstandingMax: 3 });
		for (let i = 0; i < 5; i += 1) box.writePoint(point(i));
		box.flush();
		box.writePoint(point(5));
		expect([box.lostCount, parcels.map(({ count }) => count)]).toEqual([3, [3]]);
		box.arrived(2);
		// Twice without a single row.
		for (let i = 0; i < 3; i += 1) box.writePoint(point(i));
		box.flush();
		expect([box.lostCount, parcels.map(({ count }) => count)]).toEqual([4, [3, 2]]);
	});

	test('are lost when there is no far end any more', () => {
		const { clock, parcels, outbox: box } = outbox();
		box.writePoint(point(1));
		box.flush();
		box.writePoint(point(2));
		box.close(true);
		box.writePoint(point(3));
		clock.run(1_000);
		expect([box.lostCount, parcels.length]).toEqual([3, 1]);
	});

	test('cannot be of endlessly many series', () => {
		const { outbox: box } = outbox();
		for (let i = 0; i < SERIES_MAX; i += 1) box.series(PRICES);
		expect(() => box.series(PRICES)).toThrow('more than');
	});
});
