import { expect, test } from 'vitest';
import { DeepUpdates } from './deep-updates.ts';

test('counts what REST sees change while nobody listens', () => {
	const updates = new DeepUpdates();
	expect([updates.shown(5, 0), updates.shown(5, 10), updates.shown(9, 20)]).toEqual([1, 1, 2]);
});

test('leaves the counting to the stream while somebody listens', () => {
	const updates = new DeepUpdates();
	updates.shown(5, 0);
	updates.streaming(100);
	expect([updates.publish(6), updates.shown(7, 150), updates.shown(8, 1_100), updates.publish(8)]).toEqual([2, 2, 2, 3]);
});

test('counts again by itself once the listeners are gone', () => {
	const updates = new DeepUpdates();
	updates.streaming(100);
	updates.publish(6);
	expect([updates.shown(6, 1_101), updates.shown(7, 1_101)]).toEqual([1, 2]);
});
