/** Values written into a file: comments and everything else stay as they are, and what is read back is what was meant. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { savedSettings, savedText } from './saved-text.ts';

const TEXT = `# ours
risk:
  open_orders_max: 40   # few
  symbols_allowed: [BTCUSDT,   ETHUSDT]
strategies:
  - name: a
    params: { levels: { count: 4 } } # small
`;

test('only the characters of a value that stood there change', () => {
	const values = [
		{ path: ['strategies', 0, 'params', 'levels', 'count'], value: 12 },
		{ path: ['risk', 'open_orders_max'], value: 7 },
	];
	expect(savedText(TEXT, values)).toBe(TEXT.replace('40', '7').replace('count: 4', 'count: 12'));
});

test('what was not there is added, and comments stay', () => {
	const saved = savedText(TEXT, [
		{ path: ['risk', 'leverage_max'], value: 2 },
		{ path: ['strategy', 'keep_tolerance_ticks'], value: 3 },
		{ path: ['risk', 'symbols_allowed'], value: ['BTCUSDT'] },
	]);
	expect(parse(saved ?? '')).toEqual({
		risk: { open_orders_max: 40, symbols_allowed: ['BTCUSDT'], leverage_max: 2 },
		strategies: [{ name: 'a', params: { levels: { count: 4 } } }],
		strategy: { keep_tolerance_ticks: 3 },
	});
	for (const comment of ['# ours', '# few', '# small']) expect(saved).toContain(comment);
});

test('an empty file gets its first setting', () => {
	expect(parse(savedText('', [{ path: ['risk', 'leverage_max'], value: 2 }]) ?? '')).toEqual({ risk: { leverage_max: 2 } });
});

test.each([
	['a list as a whole', '- 1\n'],
	['text that is no YAML', 'risk: [1\n'],
	['a value in the way', 'risk: 5\n'],
])('%s is not written into', (_, text) => {
	expect(savedText(text, [{ path: ['risk', 'leverage_max'], value: 2 }])).toBeUndefined();
});

test('whatever plain value is saved is read back as it was', () => {
	const values = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.double({ noNaN: true, noDefaultInfinity: true }));
	fc.assert(
		fc.property(values, values, (one, other) => {
			const saved = savedText(TEXT, [
				{ path: ['risk', 'open_orders_max'], value: one },
				{ path: ['strategies', 0, 'params', 'levels', 'count'], value: other },
			]);
			const read = parse(saved ?? '') as {
				risk: { open_orders_max: unknown };
				strategies: { params: { levels: { count: unknown } } }[];
			};
			expect([read.risk.open_orders_max, read.strategies[0]?.params.levels.count]).toEqual(
				[one, other].map((each) => (each === 0 ? 0 : each)),
			);
		}),
	);
});

const ORDERED = `risk: { position_notional_max: 9000 }
strategies:
  - { name: one, symbols: [BTCUSDT], params: { levels: { count: 4 } } }
  - { name: two, symbols: [ETHUSDT], params: { levels: { count: 5 } } }
`;

function saved(text: string, set: Readonly<Record<string, unknown>>) {
	const made = savedSettings({ name: 't.yaml', text }, set);
	return made.kind === 'made' ? made.text : made.sentence;
}

test('a strategy is found by its name in the file as it is now', () => {
	expect(saved(ORDERED, { 'strategies.two.params.levels.count': 2 })).toBe(ORDERED.replace('count: 5', 'count: 2'));
});

test.each([
	[
		'one value lies within another that was said before it',
		ORDERED,
		{ 'strategies.one.params.levels': { count: 3 }, 'strategies.one.params.levels.count': 2 },
		'nothing else',
	],
	['there is no such strategy by now', ORDERED, { 'strategies.three.params.levels.count': 2 }, 'could not be edited'],
	['the value is none', ORDERED, { 'risk.position_notional_max': -1 }, 'could not be edited'],
	[
		'an anchor would say it for another one too',
		ORDERED.replace('9000', '&most 9000, order_notional_max: *most'),
		{ 'risk.position_notional_max': 8_000 },
		'no right configuration',
	],
])('nothing is saved where %s', (_, text, set, sentence) => {
	expect(saved(text, set)).toContain(sentence);
});
