/** What people write into a configuration, what they are told, and what comes out. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { USUAL_RIGHTS } from '../../exchange/key-rights.ts';
import { boxSettings } from './box-settings.ts';
import { type ConfigRead, type ConfigSources, configJsonSchema, readConfig } from './config.ts';
import { printConfig } from './print.ts';
import { PROBLEMS_MAX, problemLine } from './problem.ts';
import { YAML_LENGTH_MAX } from './yaml-document.ts';

const file = (text: string): ConfigSources => ({ file: { name: 't.yaml', text } });

function lines(read: ConfigRead): string[] {
	return read.kind === 'bad' ? read.problems.map(problemLine) : ['nothing is wrong'];
}

function box(sources: ConfigSources) {
	const read = readConfig(sources);
	if (read.kind === 'bad') throw new Error(lines(read).join('\n'));
	return read.config.box;
}

describe('a bad file is told line by line', () => {
	test.each<[name: string, text: string, ...expected: string[]]>([
		['nothing', '', 't.yaml:1:1: found nothing, expected one of the sections'],
		['only a remark', '# a\n', 't.yaml:1:1: found nothing'],
		['a list', '- box\n', 't.yaml:1:1: found a list, expected a map'],
		['a number', '3', 't.yaml:1:1: found 3, expected a map'],
		['an empty section', 'box:\n', 't.yaml:1:5: box: found nothing, expected a map; give it a value'],
		['a misspelt section', 'bx: {}\n', "t.yaml:1:1: bx: found an unknown key, expected one of mode, .*; did you mean 'box'?"],
		[
			'a misspelt key',
			'box:\n  seed: 1\n  sybmols: [BTCUSDT]\n',
			"t.yaml:3:3: box.sybmols: found an unknown key, .*did you mean 'symbols'\\?",
		],
		['a key like nothing', 'box: { colour: red }', 't.yaml:1:8: box.colour: found an unknown key, .*; take it out'],
		['an inherited name', 'box: { constructor: 1 }', 't.yaml:1:8: box.constructor: found an unknown key'],
		[
			'a number in quotes',
			'box:\n  seed: "7"\n',
			"t.yaml:2:9: box.seed: found '7', expected a whole number from 0 to \\d+; write it without quotes",
		],
		[
			'a number out of range',
			'box:\n  bybit_port: 65536',
			't.yaml:2:15: box.bybit_port: found 65536, expected a whole number from 0 to 65535; change it',
		],
		['a broken number', 'box: { seed: 1.5 }', 't.yaml:1:14: box.seed: found 1.5, expected a whole number'],
		['more than exact', 'box: { seed: 9007199254740993 }', 't.yaml:1:14: box.seed: found 9007199254740992, expected'],
		['not a number', 'box: { seed: .nan }', 't.yaml:1:14: box.seed: found NaN'],
		[
			'a wrong word',
			'box: { market: quit }',
			"t.yaml:1:16: box.market: found 'quit', expected one of synthetic, quiet, none; did you mean 'quiet'?",
		],
		[
			'an unknown symbol',
			'box: { symbols: [BTCUSDT, ETHUSD] }',
			"t.yaml:1:27: box.symbols\\[1\\]: found 'ETHUSD', .*did you mean 'ETHUSDT'\\?",
		],
		['no symbol', 'box: { symbols: [] }', 't.yaml:1:17: box.symbols: found an empty list, expected at least one symbol'],
		['a latency without a unit', 'box: { latency: 40 }', 't.yaml:1:17: box.latency: found 40, expected a round trip'],
		['a latency that is none', 'box: { latency: 1ms±2 }', "t.yaml:1:17: box.latency: found '1ms±2', expected a round trip"],
		[
			'no limit at all',
			'box: { rate_limit_factor: 0 }',
			"t.yaml:1:27: box.rate_limit_factor: found 0, expected a number above zero, or 'off'",
		],
		[
			'another word for off',
			'box: { rate_limit_factor: none }',
			"t.yaml:1:27: box.rate_limit_factor: found 'none', expected a number above zero, or 'off'",
		],
		[
			'a balance as a number',
			'box: { accounts: [{ name: a, balances: { USDT: 5 } }] }',
			't.yaml:1:48: box.accounts\\[0\\].balances.USDT: found 5, .*; put it in quotes',
		],
		[
			'an empty balance',
			'box: { accounts: [{ name: a, balances: { USDT: "0.0" } }] }',
			"t.yaml:1:48: box.accounts\\[0\\].balances.USDT: found '0.0', expected an amount above zero",
		],
		[
			'a strange coin',
			'box: { accounts: [{ name: a, balances: { USTD: "5" } }] }',
			"t.yaml:1:42: .*the key 'USTD', expected one of USDT, .*did you mean 'USDT'\\?",
		],
		[
			'an account twice',
			'box:\n  accounts:\n    - name: a\n    - name: a\n',
			"t.yaml:4:13: box.accounts\\[1\\].name: found 'a', expected a name that no other account has",
		],
		['an account of the market', 'box: { accounts: [{ name: market-deep }] }', 't.yaml:1:27: .*does not begin with'],
		['an account without a name', 'box: { accounts: [{}] }', 't.yaml:1:19: box.accounts\\[0\\].name: found nothing'],
		[
			'one port for both',
			'box: { bybit_port: 5, control_port: 5 }',
			't.yaml:1:37: box.control_port: found 5, expected another port',
		],
		['a default port for both', 'box: { bybit_port: 4711 }', 't.yaml:1:1: box.control_port: found 4711, expected another port'],
		[
			'faults of no kind',
			'box: { faults: 7 }',
			't.yaml:1:16: box.faults: found 7, expected the path of a fault plan, a list of rules, or a map with a seed',
		],
		[
			'a drawn plan without a seed',
			'box: { faults: { sed: 7 } }',
			't.yaml:1:8: box.faults.seed: found nothing',
			"t.yaml:1:18: box.faults.sed: .*did you mean 'seed'\\?",
		],
		[
			'a misspelt fault',
			'box:\n  faults:\n    - name: drop-reqest\n',
			"t.yaml:3:13: box.faults\\[0\\].name: found 'drop-reqest', .*did you mean 'drop-request'\\?",
		],
		[
			'a misspelt parameter',
			'box:\n  faults:\n    - name: drop-reply\n      probabilty: 1\n',
			"t.yaml:4:7: box.faults\\[0\\].probabilty: .*did you mean 'probability'\\?",
		],
		[
			'a bad window',
			'box: { faults: [{ name: drop-reply, fromMs: 9, untilMs: 9 }] }',
			't.yaml:1:57: box.faults\\[0\\].untilMs: found 9, expected more than fromMs',
		],
		['a key twice', 'box:\n  seed: 1\n  seed: 2\n', "t.yaml:3:3: found the key 'seed' a second time, expected each key once"],
		['an open bracket', 'box: { seed: 1\n', 't.yaml:2:1: found .*expected valid YAML'],
		['a quote that is never closed', "*a{'\n'box", 't.yaml:1:3: found', 't.yaml:1:4: found', 't.yaml:2:2: found'],
		['a tab', 'box:\n\tseed: 1\n', 't.yaml:2:1: found a tab, expected blanks'],
		['two documents', 'box: {}\n---\nbox: {}\n', 't.yaml:2:1: found a second document'],
		['an anchor', 'box: &b { seed: 1 }\n', 't.yaml:1:9: box: found an anchor, &b'],
		['an alias', 'box: *b\n', 't.yaml:1:6: box: found an alias, \\*b'],
		['a merge key', 'box: { <<: { seed: 1 } }', 't.yaml:1:8: box: found a merge key'],
		['a tag', 'box: { seed: !!int 1 }', 't.yaml:1:20: box.seed: found the tag'],
		['a tag of somebody', 'box: !!js/function x', 't.yaml:1:6: .*found the tag'],
		['a key of the language', '__proto__: { seed: 1 }', "t.yaml:1:1: found the key '__proto__'"],
		['a key of the language inside', 'box: { "__proto__": { seed: 1 } }', "t.yaml:1:8: box: found the key '__proto__'"],
		['a number as a key', 'box: { 1: 2 }', 't.yaml:1:8: box: found the key 1, expected a name'],
		['a map as a key', '? [a]\n: 1\n', 't.yaml:1:3: found a key that is not a name'],
		['depth in brackets', `box: ${'['.repeat(60_000)}`, 't.yaml:1:\\d+: found a value nested very deep'],
		['depth in dashes', '- '.repeat(60_000), 't.yaml:1:\\d+: found a value nested very deep'],
		[
			'depth in lines',
			Array.from({ length: 200 }, (_, n) => `${' '.repeat(n)}a:\n`).join(''),
			't.yaml:\\d+:\\d+: found a value nested very deep',
		],
		[
			'length',
			' '.repeat(YAML_LENGTH_MAX + 1),
			`t.yaml:1:1: found ${YAML_LENGTH_MAX + 1} characters, expected at most ${YAML_LENGTH_MAX}`,
		],
		['a terminal code', 'box: { market: "\\e[2J" }', "t.yaml:1:16: box.market: found '\\?\\[2J', expected"],
		[
			'many things at once',
			'box:\n  seed: x\n  market: y\nother: 1\n',
			't.yaml:2:9: box.seed',
			't.yaml:3:11: box.market',
			't.yaml:4:1: other',
		],
	])('%s', (_, text, ...expected) => {
		const told = lines(readConfig(file(text)));
		expect(told, told.join('\n')).toHaveLength(expected.length);
		for (const [index, line] of told.entries())
			expect(line).toMatch(new RegExp(`^${expected[index]}`.replace(/([^\\])\?$/, '$1\\?')));
	});

	test('but not more lines than a screen has', () => {
		const many = Array.from({ length: 500 }, (_, n) => `k${n}: 1\n`).join('');
		expect(lines(readConfig(file(many)))).toHaveLength(PROBLEMS_MAX);
	});
});

describe('what goes before what', () => {
	const text = 'box: { seed: 2, market: quiet, latency: 40ms±5, rate_limit_factor: off }';
	const environment = { EVENKEEL_BOX__SEED: '3', EVENKEEL_BOX__SYMBOLS: '[ETHUSDT]', EVENKEEL_OTHER: '{', PATH: 'x__y' };
	const flags = [{ place: { kind: 'flag', flag: '--seed' }, path: ['box', 'seed'], value: 4 }] as const;

	test('default, file, environment, flag', () => {
		expect(box({})).toMatchObject({ bybit_port: 4710, control_port: 4711, seed: 1, market: 'synthetic', rate_limit_factor: 1 });
		expect(box(file(text))).toMatchObject({
			seed: 2,
			market: 'quiet',
			latency: { roundTripMs: 40, jitterMs: 5 },
			rate_limit_factor: Infinity,
		});
		expect(box({ ...file(text), environment })).toMatchObject({ seed: 3, symbols: ['ETHUSDT'], market: 'quiet' });
		expect(box({ ...file(text), environment, flags })).toMatchObject({ seed: 4, symbols: ['ETHUSDT'] });
	});

	test('and each setting says where it comes from', () => {
		const read = readConfig({ ...file(text), environment, flags });
		const from = Object.fromEntries(read.kind === 'read' ? read.settings.map(({ path, place }) => [path, place]) : []);
		expect(from).toMatchObject({
			'box.seed': { kind: 'flag', flag: '--seed' },
			'box.symbols': { kind: 'environment', variable: 'EVENKEEL_BOX__SYMBOLS' },
			'box.market': { kind: 'file', file: 't.yaml', line: 1, column: 25 },
			'box.bybit_port': { kind: 'default' },
		});
	});

	test.each([
		['EVENKEEL_BOX__SEED', 'x', "EVENKEEL_BOX__SEED: box.seed: found 'x', expected a whole number"],
		['EVENKEEL_BOX__SED', '1', "EVENKEEL_BOX__SED: box.sed: found an unknown key, .*did you mean 'seed'"],
		['EVENKEEL_BX__SEED', '1', "EVENKEEL_BX__SEED: bx: found an unknown key, .*did you mean 'box'"],
		['EVENKEEL_BOX__', '1', 'EVENKEEL_BOX__: found a step without a name'],
		['EVENKEEL_BOX__SEED', '[', 'EVENKEEL_BOX__SEED: box.seed: found .*expected valid YAML'],
		['EVENKEEL_BOX__SEED__DEEPER', '1', 'EVENKEEL_BOX__SEED__DEEPER: box.seed: found a map'],
	])('%s=%s is refused by its name', (variable, value, expected) => {
		const told = lines(readConfig({ environment: { [variable]: value } }));
		expect(told).toEqual([expect.stringMatching(`^${expected}`)]);
	});

	test('a part may be set inside of what the file says otherwise', () => {
		expect(box({ ...file('box: { faults: plan.yaml }'), environment: { EVENKEEL_BOX__FAULTS__SEED: '5' } }).faults).toEqual({
			seed: 5,
			minutes: 10,
		});
	});
});

test('what the key of an account may do is set by it, and what is not said is as usual', () => {
	const settings = (text: string) => {
		const read = boxSettings(box(file(text)), () => ({ kind: 'bad', problems: [] }));
		if (read.kind === 'bad') throw new Error('the section is wrong');
		return read.settings.accounts?.map(({ key }) => key);
	};
	expect(settings('box: { accounts: [{ name: a }, { name: b, key: {} }] }')).toEqual([undefined, USUAL_RIGHTS]);
	const all = 'read_only: true, contracts: false, spot: false, withdraw: true, addresses: [127.0.0.1]';
	expect(settings(`box: { accounts: [{ name: a, key: { ${all} } }] }`)).toEqual([
		{ readOnly: true, contracts: false, spot: false, withdraw: true, addresses: ['127.0.0.1'] },
	]);
});

test('what was read cannot be changed', () => {
	const read = box(file('box: { accounts: [{ name: a }] }'));
	expect(() => Object.assign(read, { seed: 2 })).toThrow(TypeError);
	expect(() => Object.assign(read.accounts[0] ?? {}, { name: 'b' })).toThrow(TypeError);
});

test('no text makes the reader throw, and each problem is one line with a place inside of the text', () => {
	const pieces = fc.array(
		fc.constantFrom(
			'box',
			'seed',
			':',
			': ',
			'\n',
			'  ',
			'- ',
			'[',
			']',
			'{',
			'}',
			',',
			'"',
			"'",
			'&a',
			'*a',
			'!',
			'!!int',
			'#',
			'|',
			'>',
			'%',
			'---',
			'\t',
			'\r',
			'\uFEFF',
			'<<',
			'? ',
			'~',
			'1',
			'__proto__',
			'faults',
			'name',
			'\u2028',
		),
		{ maxLength: 40 },
	);
	fc.assert(
		fc.property(
			fc.oneof(
				fc.string({ unit: 'binary', maxLength: 60 }),
				pieces.map((each) => each.join('')),
			),
			(text) => {
				const read = readConfig({ ...file(text), environment: { EVENKEEL_BOX__LATENCY: text } });
				if (read.kind === 'read') return;
				expect(read.problems.length).toBeGreaterThan(0);
				const textLines = text.split('\n');
				for (const problem of read.problems) {
					expect(problemLine(problem)).not.toMatch(/[\p{Cc}\u2028]/u);
					if (problem.place.kind !== 'file') continue;
					expect(problem.place.line).toBeGreaterThanOrEqual(1);
					expect(problem.place.line).toBeLessThanOrEqual(textLines.length);
					expect(problem.place.column).toBeLessThanOrEqual((textLines[problem.place.line - 1]?.length ?? 0) + 2);
				}
			},
		),
		{ numRuns: 2_000 },
	);
});

const section = fc.record(
	{
		bybit_port: fc.integer({ min: 5_000, max: 65_535 }),
		control_port: fc.integer({ min: 0, max: 4_000 }),
		seed: fc.maxSafeNat(),
		market: fc.constantFrom('synthetic', 'quiet', 'none'),
		symbols: fc.uniqueArray(fc.constantFrom('BTCUSDT', 'ETHUSDT'), { minLength: 1 }),
		latency: fc.constantFrom('0ms', '40ms', '40ms±5', '2s', '0.5s+-2.5', '1.5ms'),
		rate_limit_factor: fc.oneof(fc.constant('off'), fc.integer({ min: 1, max: 1_000 }), fc.constant(0.25)),
		accounts: fc.uniqueArray(
			fc.record(
				{
					name: fc.stringMatching(/^[a-ln-z0-9][\w.-]{0,20}$/),
					balances: fc.dictionary(fc.constantFrom('USDT', 'BTC'), fc.stringMatching(/^[1-9]\d{0,8}(\.\d{1,8})?$/)),
				},
				{ requiredKeys: ['name'] },
			),
			{ selector: ({ name }) => name, maxLength: 3 },
		),
		faults: fc.oneof(
			fc.constantFrom<unknown>('plan.yaml', 'on', '~', [], [{ name: 'drop-reply', probability: 0.5, operation: 'order.create' }]),
			fc.record({ seed: fc.maxSafeNat(), minutes: fc.integer({ min: 1, max: 100 }) }, { requiredKeys: ['seed'] }),
		),
	},
	{ requiredKeys: [] },
);

test('what is printed reads back to the same', () => {
	fc.assert(
		fc.property(section, (given) => {
			const read = readConfig(file(JSON.stringify({ box: given })));
			if (read.kind === 'bad') throw new Error(lines(read).join('\n'));
			const again = readConfig(file(printConfig(read.written, read.settings)));
			if (again.kind === 'bad') throw new Error(lines(again).join('\n'));
			expect(again.config).toEqual(read.config);
			expect(again.written).toEqual(read.written);
		}),
	);
});

test('the print names the place of each setting', () => {
	const read = readConfig({ ...file('box:\n  seed: 2\n  symbols: [ETHUSDT]\n'), environment: { EVENKEEL_BOX__MARKET: 'none' } });
	const text = read.kind === 'read' ? printConfig(read.written, read.settings) : '';
	expect(text).toContain('  seed: 2 # t.yaml:2:9\n');
	expect(text).toContain('  # t.yaml:3:12\n  symbols:\n    - ETHUSDT\n');
	expect(text).toContain('  market: none # EVENKEEL_BOX__MARKET\n');
	expect(text).toContain('  latency: 0ms # default\n');
});

test('the schema for editors knows keys, bounds and faults', () => {
	const schema = JSON.stringify(configJsonSchema());
	expect(JSON.parse(schema)).toMatchObject({
		$schema: 'http://json-schema.org/draft-07/schema#',
		additionalProperties: false,
		properties: {
			box: { additionalProperties: false, properties: { bybit_port: { default: 4710, minimum: 0, maximum: 65_535 } } },
		},
	});
	expect(schema).toContain('"const":"drop-reply"');
});
