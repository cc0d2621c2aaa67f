import { effect } from '@preact/signals';
import { beforeEach, describe, expect, test } from 'vitest';
import { Topics, WATCHED_MAX } from './topics.ts';

const answerOf = (name: string, params: object, answer: unknown): string => JSON.stringify({ name, params, answer });

describe('topics', () => {
	let wished = 0;
	let topics: Topics;
	beforeEach(() => {
		wished = 0;
		topics = new Topics(() => wished++);
	});

	test('show the newest answer and nothing between', () => {
		const [topic] = topics.watch('orders', { limit: 5 });
		const seen: unknown[] = [];
		effect(() => void seen.push(topic.answer.value));
		for (const total of [1, 2, 3]) expect(topics.receive(answerOf('orders', { limit: 5 }, { total }))).toBe(true);
		expect(seen).toEqual([undefined]);
		topics.show();
		expect(seen).toEqual([undefined, { total: 3 }]);
		topics.show();
		expect(seen).toHaveLength(2);
	});

	test('several change in one go', () => {
		const [orders] = topics.watch('orders', {});
		const [fills] = topics.watch('fills', {});
		const seen: unknown[] = [];
		effect(() => void seen.push([orders.answer.value, fills.answer.value]));
		topics.receive(answerOf('orders', {}, 1));
		topics.receive(answerOf('fills', {}, 2));
		topics.show();
		expect(seen).toEqual([
			[undefined, undefined],
			[1, 2],
		]);
	});

	test('know their answer by its params, in whatever order they come', () => {
		const [btc] = topics.watch('orders', { symbol: 'BTC', limit: 5 });
		const [eth] = topics.watch('orders', { symbol: 'ETH', limit: 5 });
		topics.receive(answerOf('orders', { limit: 5, symbol: 'ETH' }, 'eth'));
		topics.show();
		expect([btc.answer.value, eth.answer.value]).toEqual([undefined, 'eth']);
	});

	test('are watched once, however many look, and no longer than somebody does', () => {
		const [first, dropFirst] = topics.watch('risk', {});
		const [second, dropSecond] = topics.watch('risk', {});
		expect(second).toBe(first);
		expect([topics.wishes(), wished]).toEqual([[{ name: 'risk', params: {} }], 1]);
		dropFirst();
		expect(topics.wishes()).toHaveLength(1);
		dropSecond();
		expect([topics.wishes(), wished]).toEqual([[], 2]);
		expect(topics.receive(answerOf('risk', {}, 1))).toBe(false);
	});

	test('keep their last answer beside an error, and lose the error with the next answer', () => {
		const [topic] = topics.watch('symbol', { symbol: 'X' });
		topics.receive(answerOf('symbol', { symbol: 'X' }, 1));
		topics.show();
		topics.receive(JSON.stringify({ name: 'symbol', params: { symbol: 'X' }, error: { code: 'c', sentence: 'There is none.' } }));
		topics.show();
		expect([topic.answer.value, topic.error.value]).toEqual([1, 'There is none.']);
		topics.receive(answerOf('symbol', { symbol: 'X' }, 2));
		topics.show();
		expect([topic.answer.value, topic.error.value]).toEqual([2, undefined]);
	});

	test('never ask for more than the server watches', () => {
		for (let index = 0; index < WATCHED_MAX + 5; index++) topics.watch('orders', { limit: index + 1 });
		expect(topics.wishes()).toHaveLength(WATCHED_MAX);
	});

	test.each(['', 'x', '1', 'null', '[]', '{"alive":1}', '{"name":5}', '{"name":"risk"}'])('%j is nobody’s news', (text) => {
		topics.watch('overview', {});
		expect(topics.receive(text)).toBe(false);
	});
});
