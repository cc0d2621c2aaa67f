import { describe, expect, test } from 'vitest';
import { pass, virtualClock } from '../../network/in-virtual-time.suite.ts';
import { FakeRedis, linkTo } from './fake-redis.suite.ts';
import { FORGET_AFTER_MS, StatePublisher } from './state-publisher.ts';

async function scene() {
	const clock = virtualClock();
	const redis = new FakeRedis(clock);
	const link = linkTo(redis, clock);
	void link.start();
	const states = new Map<string, object>([['a', { bid: 1 }]]);
	const publisher = new StatePublisher({ clock, link, prefix: 'evenkeel:state:', states: () => states, everyMs: 100 });
	publisher.start();
	await pass(clock, 150);
	return { clock, redis, link, states, publisher };
}

describe('the latest state', () => {
	test('stands under its key, and its changes are told to those who listen', async () => {
		const { clock, redis, states } = await scene();
		expect(redis.text('evenkeel:state:a')).toBe('{"bid":1}');
		states.set('a', { bid: 2 });
		states.set('b', { bid: 3 });
		await pass(clock, 100);
		expect(redis.published).toEqual([
			['evenkeel:state:a', '{"bid":1}'],
			['evenkeel:state:a', '{"bid":2}'],
			['evenkeel:state:b', '{"bid":3}'],
		]);
		await pass(clock, 5_000);
		expect(redis.published).toHaveLength(3);
	});

	test('is refreshed while we live, and gone a while after', async () => {
		const { clock, redis, publisher } = await scene();
		await pass(clock, 3 * FORGET_AFTER_MS);
		expect(redis.text('evenkeel:state:a')).toBeDefined();
		expect(redis.published).toHaveLength(1);
		await publisher[Symbol.asyncDispose]();
		await pass(clock, FORGET_AFTER_MS);
		expect(redis.text('evenkeel:state:a')).toBeUndefined();
		expect(clock.step()).toBe(false);
	});

	test('does not pile up while Redis is away, and is published anew when it is back', async () => {
		const { clock, redis, states } = await scene();
		redis.goDown();
		for (let bid = 2; bid < 100; bid += 1) {
			states.set('a', { bid });
			await pass(clock, 100);
		}
		const asked = redis.callCount;
		redis.comeBack();
		await pass(clock, 100);
		expect(redis.callCount).toBe(asked + 2);
		expect(redis.text('evenkeel:state:a')).toBe('{"bid":99}');
	});

	test('is there at once when Redis was away between two looks', async () => {
		const { clock, redis } = await scene();
		redis.goDown();
		redis.comeBack();
		await pass(clock, 100);
		expect(redis.text('evenkeel:state:a')).toBe('{"bid":1}');
	});

	test('is said again when nobody knows whether it arrived', async () => {
		const { clock, redis, states } = await scene();
		redis.state = 'hangs';
		states.set('a', { bid: 2 });
		await pass(clock, 200);
		redis.state = 'up';
		await pass(clock, 400);
		expect(redis.text('evenkeel:state:a')).toBe('{"bid":2}');
	});

	test('of a Redis that hangs is asked for once at a time, and arrives when it answers again', async () => {
		const { clock, redis, states } = await scene();
		redis.state = 'hangs';
		const before = redis.callCount;
		for (let bid = 2; bid < 100; bid += 1) {
			states.set('a', { bid });
			await pass(clock, 100);
		}
		expect(redis.callCount - before).toBeLessThanOrEqual(12);
		redis.state = 'up';
		await pass(clock, 6_000);
		expect(redis.text('evenkeel:state:a')).toBe('{"bid":99}');
	});
});
