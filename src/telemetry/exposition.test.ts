import { expect, test } from 'vitest';
import { parseExposition } from './exposition.suite.ts';

const HEAD = '# HELP a what it is\n# TYPE a counter\n';
const HISTOGRAM = '# HELP h what it is\n# TYPE h histogram\n';

test('reads names, labels with escapes, and values', () => {
	const [family] = [...parseExposition(`${HEAD}a{x="1",y="a\\"b\\\\c\\nd"} 2.5e3\na -Inf\n`).values()];
	expect(family).toMatchObject({ type: 'counter', help: 'what it is' });
	expect(family?.samples).toEqual([
		{ name: 'a', labels: { x: '1', y: 'a"b\\c\nd' }, value: 2_500 },
		{ name: 'a', labels: {}, value: Number.NEGATIVE_INFINITY },
	]);
});

test.each([
	{ name: 'a last line that does not end', text: `${HEAD}a 1` },
	{ name: 'a sample before its type', text: 'a 1\n' },
	{ name: 'a type without help', text: '# TYPE a counter\na 1\n' },
	{ name: 'a type that does not exist', text: '# HELP a x\n# TYPE a number\na 1\n' },
	{ name: 'a sample of another family', text: `${HEAD}b 1\n` },
	{ name: 'a value that is no number', text: `${HEAD}a undefined\n` },
	{ name: 'a label that is not quoted', text: `${HEAD}a{x=1} 1\n` },
	{ name: 'a label with a raw quote', text: `${HEAD}a{x="1"2"} 1\n` },
	{ name: 'a comma at the end of the labels', text: `${HEAD}a{x="1",} 1\n` },
	{ name: 'the same label twice', text: `${HEAD}a{x="1",x="2"} 1\n` },
	{ name: 'the same series twice', text: `${HEAD}a{x="1",y="2"} 1\na{y="2",x="1"} 1\n` },
	{ name: 'the same family twice', text: `${HEAD}a 1\n${HEAD}a 2\n` },
	{ name: 'a bucket without a bound', text: `${HISTOGRAM}h_bucket 1\nh_sum 1\nh_count 1\n` },
	{ name: 'counts that fall', text: `${HISTOGRAM}h_bucket{le="1"} 2\nh_bucket{le="+Inf"} 1\nh_sum 1\nh_count 1\n` },
	{
		name: 'bounds that fall',
		text: `${HISTOGRAM}h_bucket{le="2"} 1\nh_bucket{le="1"} 1\nh_bucket{le="+Inf"} 1\nh_sum 1\nh_count 1\n`,
	},
	{ name: 'no last bucket', text: `${HISTOGRAM}h_bucket{le="1"} 1\nh_sum 1\nh_count 1\n` },
	{ name: 'a count that is not the last bucket', text: `${HISTOGRAM}h_bucket{le="+Inf"} 1\nh_sum 1\nh_count 2\n` },
	{ name: 'no sum', text: `${HISTOGRAM}h_bucket{le="+Inf"} 1\nh_count 1\n` },
])('refuses $name', ({ text }) => {
	expect(() => parseExposition(text)).toThrow(Error);
});
