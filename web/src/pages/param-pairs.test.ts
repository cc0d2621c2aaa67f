import { expect, it } from 'vitest';
import { paramPairs } from './param-pairs.ts';

it('lists parameters by their path, whatever their shape', () => {
	const params = { levels: { count: 5, curve: { kind: 'flat' } }, source: null, prices: [1, 2], isOn: true, none: {} };
	expect(paramPairs(params)).toEqual([
		['levels.count', '5'],
		['levels.curve.kind', 'flat'],
		['source', 'none'],
		['prices', '[1,2]'],
		['isOn', 'true'],
		['none', '{}'],
	]);
});

it.each([undefined, null, {}, 'text'])('lists nothing of %j', (params) => {
	expect(paramPairs(params)).toEqual([]);
});
