/** The sections of the engine: what people bring along, what must agree, what is refused, and what is only remarked on. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LADDER_DEFAULTS, parseLadderParams } from '../../strategy/index.ts';
import { readConfig } from './config.ts';
import { problemLine } from './problem.ts';
import { quotingSettings } from './quoting-settings.ts';
import { warningLine } from './warnings.ts';

const EXAMPLES = join(import.meta.dirname, '../../../examples');

function read(text: string, environment = {}) {
	return readConfig({ file: { name: 't.yaml', text }, environment });
}

function told(text: string, environment = {}): string[] {
	const known = read(text, environment);
	return known.kind === 'bad' ? known.problems.map(problemLine) : ['nothing is wrong'];
}

function known(text: string) {
	const config = read(text);
	if (config.kind === 'bad') throw new Error(config.problems.map(problemLine).join('\n'));
	return config;
}

const warned = (text: string): string[] => known(text).warnings.map(warningLine);

const BLOCKS: readonly (readonly [section: string, block: string, values: Readonly<Record<string, unknown>>])[] = [
	[
		'async_batch',
		'{enabled: true, max_parallel_symbols: 10, coalesce_cancel: true, coalesce_place: true, max_batch_size: 20, tick_deadline_ms: 200}',
		{
			enabled: true,
			max_parallel_symbols: 10,
			coalesce_cancel: true,
			coalesce_place: true,
			max_batch_size: 20,
			tick_deadline_ms: 200,
		},
	],
	[
		'exchange',
		'{max_retries: 3, base_backoff_ms: 1000, max_backoff_ms: 30000, max_reconnect_attempts: 10, base_reconnect_delay: 1.0, max_reconnect_delay: 60.0, heartbeat_interval: 30}',
		{
			max_retries: 3,
			base_backoff_ms: 1_000,
			max_backoff_ms: 30_000,
			max_reconnect_attempts: 10,
			base_reconnect_delay: 1,
			max_reconnect_delay: 60,
			heartbeat_interval: 30,
		},
	],
	[
		'strategy',
		'{min_time_in_book_ms: 500, amend_price_threshold_bps: 1.0, amend_size_threshold: 0.2}',
		{ min_time_in_book_ms: 500, amend_price_threshold_bps: 1, amend_size_threshold: 0.2 },
	],
	[
		'async_features',
		'{enable_connection_pooling: true, enable_request_batching: true, enable_rate_limiting: true, batch_size: 10, max_concurrent_requests: 50}',
		{
			enable_connection_pooling: true,
			enable_request_batching: true,
			enable_rate_limiting: true,
			batch_size: 10,
			max_concurrent_requests: 50,
		},
	],
	[
		'binance',
		'{rate_limit_requests_per_minute: 1200, rate_limit_orders_per_second: 10, enable_websockets: true}',
		{ rate_limit_requests_per_minute: 1_200, rate_limit_orders_per_second: 10, enable_websockets: true },
	],
	[
		'influxdb',
		'{batch_size: 1000, flush_interval: 2.0, enable_batching: true}',
		{ batch_size: 1_000, flush_interval: 2, enable_batching: true },
	],
];

describe('blocks that people bring along load unchanged', () => {
	test.each(BLOCKS)('%s', (section, block, values) => {
		const { config, settings } = known(`${section}: ${block}\n`);
		expect(config[section as keyof typeof config]).toMatchObject(values);
		for (const key of Object.keys(values)) {
			expect(settings.find(({ path }) => path === `${section}.${key}`)).toMatchObject({ place: { kind: 'file', line: 1 } });
		}
	});
});

test('and all together, with a remark on what they say and on what is not used yet', () => {
	const text = BLOCKS.map(([section, block]) => `${section}: ${block}\n`).join('');
	expect(known(text).warnings.map(({ path }) => path)).toEqual([
		'async_features.batch_size',
		'binance',
		'strategy.amend_price_threshold_bps',
		'influxdb',
	]);
});

describe('what must agree', () => {
	const venue = (more: string): string => `venues: { a: { symbols: [BTCUSDT], ${more} } }`;
	test.each<[name: string, text: string, ...expected: string[]]>([
		['real money without an account', 'mode: testnet', 't.yaml:1:1: venues: found none, expected at least one venue'],
		[
			'a mode and another environment',
			`mode: demo\n${venue('environment: testnet')}`,
			"t.yaml:2:49: venues.a.environment: found 'testnet', expected demo, since mode is demo",
		],
		[
			'a simulation at a real exchange',
			venue('environment: mainnet'),
			"t.yaml:1:49: venues.a.environment: found 'mainnet', expected box, since mode is sim",
		],
		[
			"a stranger's host",
			`mode: testnet\n${venue('environment: testnet, urls: { rest: "https://api.bybit.com" }')}`,
			't.yaml:2:72: venues.a.urls.rest: found the host api.bybit.com, expected a URL of the environment testnet',
		],
		[
			'a stream where REST is asked for',
			venue('urls: { rest: "ws://127.0.0.1:4710" }'),
			't.yaml:1:50: venues.a.urls.rest: found ws://, expected a URL that begins with http:// or https://',
		],
		[
			'REST where a stream is asked for',
			venue('urls: { trade: "http://127.0.0.1:4710" }'),
			't.yaml:1:51: venues.a.urls.trade: found http://, expected a URL that begins with ws:// or wss://',
		],
		['a symbol twice', 'venues: { a: { symbols: [X1, X1] } }', 't.yaml:1:30: venues.a.symbols\\[1\\]: .*each symbol once'],
		[
			'a venue in capitals',
			'venues: { A: { symbols: [X1] } }',
			"t.yaml:1:11: venues.A: found the key 'A', expected a name of small",
		],
		[
			'an unknown venue',
			'venues: { main: { symbols: [X1] } }\nstrategies: [{ name: s, venue: mian }]',
			"t.yaml:2:32: strategies\\[0\\].venue: found 'mian', expected one of main; did you mean 'main'",
		],
		[
			'no word on which of two venues',
			'venues: { a: { symbols: [X1] }, b: { symbols: [X1] } }\nstrategies: [{ name: s }]',
			't.yaml:2:14: strategies\\[0\\].venue: found none, expected one of a, b',
		],
		[
			'a symbol of no venue',
			'venues: { a: { symbols: [X1] }, b: { symbols: [X1, X2] } }\nstrategies: [{ name: s, symbols: [X3] }]',
			"t.yaml:2:35: strategies\\[0\\].symbols\\[0\\]: found 'X3', expected one of a:linear:X1, b:linear:X1, X2",
		],
		[
			'no word on which of two symbols of one name',
			"venues: { a: { symbols: [X1, 'spot:X1'] } }\nstrategies: [{ name: s, symbols: [X1] }]",
			"t.yaml:2:35: strategies\\[0\\].symbols\\[0\\]: found 'X1', expected one of a:linear:X1, a:spot:X1",
		],
		[
			'a symbol twice, once with its category',
			"venues: { a: { symbols: [X1, 'linear:X1'] } }",
			't.yaml:1:30: venues.a.symbols\\[1\\]: .*each symbol once',
		],
		[
			'inverse contracts at Binance',
			'venues: { binance: { category: inverse, symbols: [X1] } }',
			"t.yaml:1:32: venues.binance.category: found 'inverse', expected spot or linear, since",
		],
		[
			'one inverse contract at Binance',
			"venues: { binance: { symbols: [X1, 'inverse:X2'] } }",
			"t.yaml:1:36: venues.binance.symbols\\[1\\]: found 'inverse:X2', expected spot or linear, since",
		],
		[
			'an address that the exchange does not have',
			'venues: { binance: { symbols: [X1], urls: { trade: "ws://127.0.0.1:1" } } }',
			't.yaml:1:52: venues.binance.urls.trade: .*expected nothing: binance has no such address',
		],
		[
			"a stranger's host where Binance is meant",
			`mode: testnet\nvenues: { binance: { environment: testnet, symbols: [X1], urls: { spot_rest: "https://api.binance.com" } } }`,
			't.yaml:2:78: venues.binance.urls.spot_rest: found the host api.binance.com, expected a URL of the environment testnet',
		],
		[
			'one address for both markets where there are two',
			`mode: testnet\nvenues: { binance: { environment: testnet, symbols: [X1], urls: { rest: "https://testnet.binance.vision" } } }`,
			't.yaml:2:73: venues.binance.urls.rest: found the host testnet.binance.vision, expected spot_rest and futures_rest, since only a box has both',
		],
		[
			'a countdown that nobody can renew in time',
			'venues: { binance: { symbols: [X1], countdown_ms: 9999 } }',
			't.yaml:1:51: venues.binance.countdown_ms: found 9999, expected 0, or at least 10000 for one future: ',
		],
		[
			'more futures than the usual countdown carries',
			`venues: { binance: { symbols: [${Array.from({ length: 41 }, (_, i) => `X${i}Y`).join()}] } }`,
			't.yaml:1:11: venues.binance.countdown_ms: found 120000, expected 0, or at least 123000 for 41 futures: ',
		],
		[
			'the name of one exchange for another',
			'venues: { binance: { kind: bybit, symbols: [X1] } }',
			"t.yaml:1:28: venues.binance.kind: found 'bybit', expected binance, or another name",
		],
		[
			'half a key of the sentinel',
			'venues: { a: { symbols: [X1], sentinel_api_key_env: A_B } }',
			't.yaml:1:11: venues.a.sentinel_api_secret_env: found none, expected both variables or none',
		],
		[
			'a symbol that its venue does not have',
			'strategies: [{ name: s, symbols: [BTCUSDT, ETHUSD] }]',
			"t.yaml:1:44: strategies\\[0\\].symbols\\[1\\]: found 'ETHUSD', expected one of .*did you mean 'ETHUSDT'",
		],
		[
			'a strategy twice',
			'strategies: [{ name: s }, { name: s }]',
			"t.yaml:1:35: strategies\\[1\\].name: found 's', expected a name that no other",
		],
		[
			'levels beyond a price of zero',
			'strategies: [{ name: s, params: { levels: { count: 16, step_bps: 700 } } }]',
			't.yaml:1:66: strategies\\[0\\].params.levels.step_bps: found 700, expected a last level less than',
		],
		[
			'a gap longer than the interval',
			'async_batch: { minimum_gap_ms: 300 }',
			't.yaml:1:32: async_batch.minimum_gap_ms: found 300, expected at most tick_interval_ms, which is 250',
		],
		[
			'a first wait longer than the longest',
			'exchange: { base_reconnect_delay: 61 }',
			't.yaml:1:35: exchange.base_reconnect_delay: found 61, expected at most max_reconnect_delay, which is 60',
		],
		[
			'a stop before a warning',
			'risk: { day_loss_kill: 0.01 }',
			't.yaml:1:1: risk.day_loss_reduce_only: found 0.02, expected at most day_loss_kill, which is 0.01',
		],
		[
			'real money and the limits of an example',
			`mode: live\n${venue('environment: mainnet')}\nrisk: { order_notional_max: 10, open_orders_max: 40 }`,
			't.yaml:1:7: risk.symbols_allowed: found nothing',
			't.yaml:1:7: risk.position_notional_max: found nothing, expected a limit of your own, since mode is live',
			't.yaml:1:7: risk.gross_notional_max: found nothing',
			't.yaml:1:7: risk.net_notional_max: found nothing',
		],
	])('%s', (_, text, ...expected) => {
		expect(told(text)).toEqual(expected.map((line) => expect.stringMatching(`^${line}`)));
	});

	test('limits for real money may come from the environment', () => {
		const text = 'mode: live\nvenues: { a: { symbols: [BTCUSDT], environment: mainnet } }\n';
		const names = ['ORDER_NOTIONAL_MAX', 'POSITION_NOTIONAL_MAX', 'GROSS_NOTIONAL_MAX', 'NET_NOTIONAL_MAX', 'OPEN_ORDERS_MAX'];
		const environment = Object.fromEntries(names.map((name) => [`EVENKEEL_RISK__${name}`, '100']));
		expect(told(text, { ...environment, EVENKEEL_RISK__SYMBOLS_ALLOWED: '[BTCUSDT]' })).toEqual(['nothing is wrong']);
	});
});

describe('an address', () => {
	test.each([
		['redis', 'redis://host:99999', /redis\.url: found 'redis:\/\/host:99999', expected a URL .* a port up to 65535/],
		['redis', 'redis://host/main', /redis\.url: found 'redis:\/\/host\/main', expected .* number of the database/],
		['redis', 'http://host', /redis\.url: .* begins with redis:\/\/ or rediss:\/\//],
		['influxdb', 'http://host:99999', /influxdb\.url: .* a port up to 65535/],
	])('of %s that cannot be one is refused: %s', (section, url, expected) => {
		expect(told(`${section}: { url: "${url}" }`)).toEqual([expect.stringMatching(expected)]);
	});

	test.each(['redis://host', 'redis://host:1/', 'rediss://[::1]:6379/15'])('of Redis may be %s', (url) => {
		expect(told(`redis: { url: "${url}" }`)).toEqual(['nothing is wrong']);
	});
});

describe('a secret is refused and never shown', () => {
	const SECRET = 'Xk29vQ7sLw0aHf3TnBz8RdPcUy5MgEoJ1iKt';
	test.each([
		[
			'in a venue',
			`venues:\n  a:\n    symbols: [X1]\n    api_secret: ${SECRET}\n`,
			't.yaml:4:5: venues.a.api_secret: .*api_secret_env',
		],
		['in the spelling of others', `binance: { apiKey: ${SECRET} }`, 't.yaml:1:12: binance.apiKey: .*api_key_env'],
		['in capitals', `binance: { API-SECRET: ${SECRET} }`, 't.yaml:1:12: binance.API-SECRET: '],
		['as a password', `redis: { password: ${SECRET} }`, 't.yaml:1:10: redis.password: .*password_env'],
		['as a token', `influxdb: { token: ${SECRET} }`, 't.yaml:1:13: influxdb.token: .*token_env'],
		['as an empty text', 'binance: { api_secret: "" }', 't.yaml:1:12: binance.api_secret: '],
		['inside a URL', `redis: { url: "redis://me:${SECRET}@host" }`, 't.yaml:1:15: redis.url: found a URL with a password'],
		[
			'as a key file',
			`fleet: { host_name: "-----BEGIN PRIVATE KEY-----${SECRET}" }`,
			't.yaml:1:21: fleet.host_name: found a private key',
		],
		[
			'instead of the name of its variable',
			`venues: { a: { symbols: [X1], api_secret_env: ${SECRET} } }`,
			't.yaml:1:47: venues.a.api_secret_env: found something else, expected the name of a variable',
		],
	])('%s', (_, text, expected) => {
		const lines = told(text);
		expect(lines).toEqual([expect.stringMatching(`^${expected}`)]);
		expect(lines.join()).not.toContain(SECRET);
	});

	test('in a variable for a setting', () => {
		const lines = told('mode: sim', { EVENKEEL_VENUES__A__API_SECRET: SECRET });
		expect(lines[0]).toMatch(/^EVENKEEL_VENUES__A__API_SECRET: venues\.a\.api_secret: found a key that looks like a secret/);
		expect(lines.join()).not.toContain(SECRET);
	});

	test('while what only names a variable is fine', () => {
		expect(told('influxdb: { token_env: INFLUX_TOKEN }\nredis: { key_prefix: "a:" }')).toEqual(['nothing is wrong']);
	});
});

describe('remarks', () => {
	test.each([
		['strategy: { amend_price_threshold_bps: 1.0 }', /^t\.yaml:1:13: strategy\.amend_price_threshold_bps: 1 is basis points/],
		['influxdb: { batch_size: 10 }', /^t\.yaml:1:1: influxdb: is not used as long as influxdb\.url does not say where it is$/],
		['fleet: {}', /^t\.yaml:1:1: fleet: is checked but not used yet/],
		['async_features: { batch_size: 10 }', /^t\.yaml:1:19: async_features\.batch_size: is checked but not used yet/],
		['mode: paper\nvenues: { bybit: { symbols: [X1], environment: mainnet } }', /^t\.yaml:1:1: mode: paper trading comes later/],
		[
			'mode: testnet\nvenues: { bybit: { symbols: [X1], environment: testnet } }\nasync_features: { enable_rate_limiting: false }',
			/^t\.yaml:3:19: async_features\.enable_rate_limiting: without budgets/,
		],
		[
			'venues: { kraken: { symbols: [X1] } }',
			/^t\.yaml:1:11: venues\.kraken: is taken for an account at Bybit, since it does not say kind: bybit or binance$/,
		],
		[
			'venues: { bybit: { symbols: [X1], countdown_ms: 60000 } }',
			/^t\.yaml:1:35: venues\.bybit\.countdown_ms: is not used: Bybit has no countdown$/,
		],
		[
			'venues: { a: { kind: binance, symbols: [X1], book_depth: 50 } }',
			/^t\.yaml:1:46: venues\.a\.book_depth: is not used: Binance has one depth alone$/,
		],
	])('%s', (text, expected) => {
		expect(warned(text)).toEqual([expect.stringMatching(expected)]);
	});

	test.each([
		'box: {}',
		'strategy: { amend_price_threshold_bps: 1.01 }',
		'telemetry: { metrics_port: 0 }',
		'venues: { bybit: { symbols: [X1], book_depth: 200 }, binance: { symbols: [X1], countdown_ms: 60000 } }',
		'venues: { main: { kind: binance, symbols: [X1] } }',
	])('none on %s', (text) => {
		expect(warned(text)).toEqual([]);
	});
});

describe('strategies', () => {
	test('take all symbols of the only venue, which in a simulation need not be named', () => {
		expect(quotingSettings(known('strategies: [{ name: s }]').config)).toEqual([
			{
				name: 's',
				kind: 'ladder',
				symbols: ['BTCUSDT', 'ETHUSDT', 'SOLUSDT', 'XRPUSDT'],
				params: LADDER_DEFAULTS,
			},
		]);
	});

	test('have a venue, symbols and parameters of their own', () => {
		const text = `venues: { a: { symbols: [X1, X2] }, b: { symbols: [X1, X3] } }
strategies:
  - { name: one, venue: b, symbols: [X3], params: { levels: { half_spread_bps: 7 } } }
  - { name: two, venue: a }
`;
		expect(quotingSettings(known(text).config)).toMatchObject([
			{ name: 'one', symbols: ['X3'], params: { levels: { halfSpreadBps: 7, count: 5 } } },
			{ name: 'two', symbols: ['a:linear:X1', 'X2'], params: LADDER_DEFAULTS },
		]);
	});

	test('may quote at several venues, and say which symbol they mean where several go by one name', () => {
		const text = `venues:
  main: { symbols: [X1, 'spot:X2'] }
  binance: { symbols: [X1, 'spot:X1', X3] }
strategies:
  - { name: one, symbols: ['main:linear:X1', 'spot:X1', X3, 'spot:X2'] }
  - { name: two, venue: binance, symbols: ['linear:X1'] }
`;
		expect(quotingSettings(known(text).config).map(({ symbols }) => symbols)).toEqual([
			['bybit:linear:X1', 'binance:spot:X1', 'X3', 'X2'],
			['binance:linear:X1'],
		]);
	});

	/** Each bound of the schema, from both sides. */
	const near = (...bounds: number[]) =>
		fc.constantFrom(...bounds.flatMap((bound) => [bound - 0.5, bound, bound + 0.5, bound + 1]));
	const group = (keys: Readonly<Record<string, fc.Arbitrary<unknown>>>) => fc.record(keys, { requiredKeys: [] });
	const groups: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
		levels: group({ count: near(0, 15, 16), half_spread_bps: near(-1, 0, 500, 10_000), step_bps: near(-1, 0, 300, 9_999) }),
		size: group({
			unit: fc.constantFrom('lots', 'notional', 'coins'),
			per_level: near(-1, 0, 1e15),
			curve: fc.oneof(
				fc.constantFrom<unknown>({ kind: 'flat' }, { kind: 'linear' }, { kind: 'geometric' }, { kind: 'flat', ratio: 1 }),
				near(-1, 0, 100).map((slope) => ({ kind: 'linear', slope })),
				fc.constantFrom(0, 0.009, 0.01, 10, 10.1).map((ratio) => ({ kind: 'geometric', ratio })),
			),
		}),
		inventory: group({ limit: near(-1, 0, 1e15), skew_bps: near(-1, 0, 1_000), size_skew: near(-1, 0, 1) }),
		edge: group({
			min_edge_bps: near(-1_001, -1_000, 1_000),
			holding_hours: near(-1, 0, 720),
			funding_interval_hours: near(-1, 0, 24),
		}),
		fair_value: group({
			price: fc.constantFrom('mid', 'micro', 'last'),
			depth_levels: near(0, 1, 20),
			imbalance_shift_bps: near(-1, 0, 1_000),
		}),
		signal: group({ source: fc.constantFrom(null, 'model', ''), max_shift_bps: near(-1, 0, 1_000), veto_above: near(-1, 0, 1) }),
	};
	// One group at a time is often right as a whole; all together hardly ever.
	const params = fc.oneof(...Object.entries(groups).map(([name, values]) => values.map((value) => ({ [name]: value }))));

	test('the schema takes what the ladder takes, and reads it alike', () => {
		const tally = { taken: 0, refused: 0 };
		fc.assert(
			fc.property(params, (given) => {
				const judged = parseLadderParams(given);
				const config = read(JSON.stringify({ strategies: [{ name: 's', params: given }] }));
				expect(config.kind, JSON.stringify(given)).toBe(judged.kind === 'ok' ? 'read' : 'bad');
				if (config.kind === 'read')
					expect(quotingSettings(config.config)[0]).toMatchObject({ params: judged.kind === 'ok' ? judged.params : {} });
				tally[config.kind === 'read' ? 'taken' : 'refused'] += 1;
			}),
			{ numRuns: 1_500 },
		);
		expect(Math.min(tally.taken, tally.refused)).toBeGreaterThan(100);
	});
});

test.each(readdirSync(EXAMPLES).filter((name) => name.endsWith('.yaml') && name !== 'faults.yaml'))(
	'examples/%s is right',
	(name) => {
		const { warnings } = known(readFileSync(join(EXAMPLES, name), 'utf8'));
		expect(warnings).toEqual([]);
	},
);
