import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BYBIT_DIALECT } from './bybit-dialect.ts';

const anyType = fc.constantFrom('snapshot', 'delta', 'COMMAND_RESP', '');
const anyTopic = fc.oneof(
	fc.constantFrom('orderbook.50.BTCUSDT', 'publicTrade.BTCUSDT', '"type":"snapshot"', 'a","type":"snapshot'),
	fc.string(),
);
/** What stands in the data may look like the head of a frame. */
const anyData = fc.oneof(
	fc.constantFrom<unknown>({ topic: 'x', type: 'snapshot' }, { b: '', type: 'snapshot' }, { b: [], a: [], u: 7 }),
	fc.string(),
);

test('a frame is a snapshot where its own type says so, in whatever order its members come', () => {
	fc.assert(
		fc.property(anyTopic, anyType, anyData, fc.constantFrom('contracts', 'spot', 'last'), (topic, type, data, order) => {
			const frame = {
				contracts: { topic, type, ts: 1, data },
				spot: { topic, ts: 1, type, data },
				last: { data, ts: 1, topic, type },
			}[order];
			expect(BYBIT_DIALECT.isSnapshot(JSON.stringify(frame))).toBe(type === 'snapshot');
		}),
	);
});

test.each(['', 'snapshot', '[]', '{"topic":"x","type":', '{"topic":"x"}'])('%j is no snapshot', (text) => {
	expect(BYBIT_DIALECT.isSnapshot(text)).toBe(false);
});
