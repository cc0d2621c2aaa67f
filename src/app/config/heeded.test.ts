/**
 * No setting is there for nothing: another value of it means something else to what a session is opened with, or it stands
 * among those that are not used yet, and then it means nothing at all. A setting that is added belongs in here too.
 */
import { describe, expect, test } from 'vitest';
import { binanceOptions } from '../binance-access.ts';
import { bybitOptions } from '../bybit-access.ts';
import { alertSettings } from './alert-settings.ts';
import { apiSettings } from './api-settings.ts';
import { type BinanceSettings, binanceUrls } from './binance-settings.ts';
import { boxSettings } from './box-settings.ts';
import { type BybitSettings, bybitUrls } from './bybit-settings.ts';
import { type Config, readConfig } from './config.ts';
import { engineSettings } from './engine-settings.ts';
import { marketDataSettings } from './market-data-settings.ts';
import { influxSettings, redisSettings } from './outlet-settings.ts';
import { problemLine } from './problem.ts';
import { quotingSettings } from './quoting-settings.ts';
import { configReference } from './reference.ts';
import { sentinelSettings } from './sentinel-settings.ts';
import { crashLoopOf, warmUpOf } from './storage-settings.ts';
import { tradingSettings } from './trading-settings.ts';
import { type VenueSettings, venueSettings } from './venue-settings.ts';
import { NOT_USED_YET } from './warnings.ts';

const PATHS = [...configReference().matchAll(/^\| `([^`]+)` \|/gm)].map(([, path = '']) => path);

/** Everything that can be said, with other values than the defaults where a default is nothing. */
const WHOLE: Tree = {
	mode: 'sim',
	venues: {
		main: {
			kind: 'bybit',
			environment: 'box',
			symbols: ['BTCUSDT', 'ETHUSDT'],
			api_key_env: 'A_KEY',
			api_secret_env: 'A_SECRET',
			sentinel_api_key_env: 'A_WATCH_KEY',
			sentinel_api_secret_env: 'A_WATCH_SECRET',
			sentinel_key: 'watch',
			urls: {
				rest: 'http://127.0.0.1:1',
				public_spot: 'ws://127.0.0.1:1/s',
				public_linear: 'ws://127.0.0.1:1/l',
				public_inverse: 'ws://127.0.0.1:1/i',
				private: 'ws://127.0.0.1:1/p',
				trade: 'ws://127.0.0.1:1/t',
			},
		},
		binance: {
			symbols: ['BTCUSDT'],
			urls: {
				spot_rest: 'http://127.0.0.1:1',
				spot_stream: 'ws://127.0.0.1:1',
				spot_ws_api: 'ws://127.0.0.1:1/s',
				futures_rest: 'http://127.0.0.1:1',
				futures_public: 'ws://127.0.0.1:1/b',
				futures_market: 'ws://127.0.0.1:1/m',
				futures_private: 'ws://127.0.0.1:1/p',
				futures_ws_api: 'ws://127.0.0.1:1/f',
			},
		},
	},
	strategies: [{ name: 'one', venue: 'main', symbols: ['BTCUSDT'] }],
	trading: {
		workflows: [
			{
				name: 'one',
				symbols: ['ETHUSDT'],
				size: { amount: 10 },
				models: [{ kind: 'rsi' }],
				source: 'mine',
				entry: { type: 'limit' },
				exit: { stop_bps: 10, target_bps: 10, after: 10 },
			},
		],
		signals: [{ name: 'other', symbols: ['ETHUSDT'], models: [{ kind: 'rsi' }] }],
	},
	box: { latency: '10ms', accounts: [{ name: 'one', fees: { maker: '0.0001', taker: '0.0002' }, key: {} }] },
	influxdb: { url: 'http://127.0.0.1:1', token_env: 'A_TOKEN', username: 'one' },
	redis: { url: 'redis://127.0.0.1:1', password_env: 'A_PASSWORD' },
	api: { behind_proxy: 'https://one.example', tls_cert: 'one.pem', tls_key: 'one.key' },
	sentinel: { enabled: true, api_key_env: 'C_KEY', api_secret_env: 'C_SECRET' },
	telemetry: { traces_url: 'http://127.0.0.1:1' },
	alerts: {
		sinks: [
			{ kind: 'webhook', name: 'one', url: 'https://127.0.0.1:1', token_env: 'A_TOKEN' },
			{ kind: 'webhook', name: 'two', url_env: 'A_URL' },
			{ kind: 'telegram', name: 'three', token_env: 'A_TOKEN', chat: 'one' },
			{ kind: 'command', name: 'four', command: ['one'] },
		],
	},
	fleet: { nats_url: 'nats://127.0.0.1:1', host_name: 'one' },
};

/** Where neither another number nor the other of two words will do. */
const ANOTHER: Readonly<Record<string, unknown>> = {
	'venues.<name>.category': 'spot',
	'risk.symbols_allowed': ['BTCUSDT'],
	'venues.<name>.symbols': ['BTCUSDT', 'ETHUSDT', 'SOLUSDT'],
	'venues.<name>.order_entry': 'rest',
	'venues.<name>.book_depth': 200,
	'venues.<name>.api_key_env': 'B_KEY',
	'venues.<name>.api_secret_env': 'B_SECRET',
	'venues.<name>.urls.spot_rest': 'http://127.0.0.1:2',
	'venues.<name>.urls.futures_rest': 'http://127.0.0.1:2',
	'venues.<name>.urls.rest': 'http://127.0.0.1:2',
	'strategies[].name': 'two',
	'strategies[].symbols': ['ETHUSDT'],
	'strategies[].params.size.unit': 'lots',
	'strategies[].params.size.curve': { kind: 'geometric' },
	'strategies[].params.inventory.unit': 'lots',
	'strategies[].params.fair_value.price': 'micro',
	'strategies[].params.signal.source': 'model',
	'strategies[].params.inventory.size_skew': 0.5,
	'strategies[].params.signal.veto_above': 0.5,
	'trading.workflows[].name': 'two',
	'trading.workflows[].symbols': ['binance:linear:BTCUSDT'],
	'trading.signals[].symbols': ['binance:linear:BTCUSDT'],
	'trading.signals[].interval': '5m',
	'trading.signals[].models': [{ kind: 'macd' }],
	'trading.workflows[].size.unit': 'base',
	'trading.workflows[].interval': '5m',
	'trading.workflows[].every': 60,
	'trading.workflows[].models': [{ kind: 'macd' }],
	'trading.workflows[].source': 'yours',
	'trading.workflows[].confidence_min': 0.1,
	'trading.workflows[].entry.type': 'market',
	'async_batch.minimum_gap_ms': 21,
	'telemetry.metrics_host': '::1',
	'telemetry.log_level': 'debug',
	'telemetry.traces_url': 'http://127.0.0.1:2',
	'api.host': '::1',
	'api.behind_proxy': 'https://two.example',
	'venues.<name>.key': 'two',
	'reconcile.orphan_policy': 'adopt',
	'storage.folder': 'elsewhere',
	'risk.loop_lag_ms_max': 150,
	'warm_up.pause': 5,
	'warm_up.small': 5,
	'influxdb.url': 'http://127.0.0.1:2',
	'influxdb.api': 'v3',
	'influxdb.token_env': 'B_TOKEN',
	'redis.url': 'redis://127.0.0.1:2',
	'redis.password_env': 'B_PASSWORD',
	'alerts.min_severity': 'critical',
	'alerts.sinks[].url': 'https://127.0.0.1:2',
	'alerts.sinks[].token_env': 'B_TOKEN',
	'alerts.sinks[].url_env': 'B_URL',
	'alerts.sinks[].chat': 'two',
	'alerts.sinks[].command': ['two'],
	'fleet.nats_url': 'nats://127.0.0.1:2',
	'box.bybit_port': 4_712,
	'box.binance_port': 4_713,
	'box.market': 'quiet',
	'box.symbols': ['BTCUSDT'],
	'box.latency': '40ms±5',
	'box.rate_limit_factor': 'off',
	'box.accounts[].balances': { USDT: '5' },
	'box.accounts[].fees.maker': '0.0003',
	'box.accounts[].fees.taker': '0.0003',
	'box.accounts[].key.addresses': ['127.0.0.1'],
	'box.faults': [{ name: 'drop-reply' }],
};

/** These have no other value that fits the rest of the file; what they decide is tested where it is decided. */
const JUDGED_ELSEWHERE: ReadonlySet<string> = new Set([
	'mode',
	'venues.<name>.kind',
	'venues.<name>.environment',
	'strategies[].kind',
	'alerts.sinks[].kind',
	'strategies[].venue',
	'trading.workflows[].entry.slip_bps',
]);

type Tree = Readonly<Record<string, unknown>>;

function read(tree: Tree): Config {
	const config = readConfig({ file: { name: 't.yaml', text: JSON.stringify(tree) } });
	if (config.kind === 'bad') throw new Error(config.problems.map(problemLine).join('\n'));
	return config.config;
}

/** All that is made of a configuration. */
function heard(config: Config): unknown {
	const { metrics_host: host, metrics_port: port } = config.telemetry;
	return {
		engine: engineSettings(config),
		quoting: quotingSettings(config),
		venues: venueSettings(config).map(optionsOf),
		box: boxSettings(config.box, () => {
			throw new Error('no plan is a file here');
		}),
		metrics: [host, port],
		log: config.telemetry.log_level,
		traces: config.telemetry.traces_url,
		data: [config.storage.folder, crashLoopOf(config), warmUpOf(config)],
		sentinel: sentinelSettings(config),
		trading: tradingSettings(config),
		marketData: marketDataSettings(config),
		api: apiSettings(config),
		alerts: alertSettings(config),
		outlets: [influxSettings(config), redisSettings(config)],
	};
}

function optionsOf(settings: VenueSettings): unknown {
	const { symbols, apiKeyEnv, apiSecretEnv, keyName, sentinelKeyEnvs, sentinelKeyName, network } = settings;
	return {
		options: settings.kind === 'bybit' ? ofBybit(settings) : ofBinance(settings),
		transport: network.transport,
		keys: [apiKeyEnv, apiSecretEnv, keyName, sentinelKeyEnvs, sentinelKeyName, settings.acceptsWithdrawalRight],
		symbols,
	};
}

function ofBybit(settings: BybitSettings): unknown {
	const found = bybitUrls(settings);
	if (found.kind === 'refused') throw new Error(found.sentence);
	return bybitOptions(settings, { urls: found.urls, key: undefined });
}

function ofBinance(settings: BinanceSettings): unknown {
	const found = binanceUrls(settings);
	if (found.kind === 'refused') throw new Error(found.sentence);
	return binanceOptions(settings, { urls: found.urls, key: undefined });
}

/** Those that only an account at Binance has. */
const OF_BINANCE = /^venues\.<name>\.(countdown_ms|urls\.(spot|futures)_)/;

/** What not every kind of sink has, by the place of one that has it. */
const SINK_WITH: Readonly<Record<string, number>> = { url_env: 1, chat: 2, command: 3 };

function stepsOf(path: string): (string | number)[] {
	return path
		.replace('<name>', OF_BINANCE.test(path) ? 'binance' : 'main')
		.replace(/^alerts\.sinks\[\]\.(url_env|chat|command)$/, (_, key: string) => `alerts.sinks.${SINK_WITH[key]}.${key}`)
		.replaceAll('[]', '.0')
		.split('.')
		.map((step) => (/^\d$/.test(step) ? Number(step) : step));
}

function at(tree: unknown, steps: readonly (string | number)[]): unknown {
	return steps.reduce<unknown>((inner, step) => (inner as Record<string | number, unknown> | undefined)?.[step], tree);
}

function withValue(tree: unknown, [step, ...rest]: readonly (string | number)[], value: unknown): unknown {
	if (step === undefined) return value;
	if (typeof step === 'number')
		return (tree as unknown[]).map((each, index) => (index === step ? withValue(each, rest, value) : each));
	const map = (tree ?? {}) as Record<string, unknown>;
	return { ...map, [step]: withValue(map[step], rest, value) };
}

function another(path: string, value: unknown): unknown {
	if (path in ANOTHER) return ANOTHER[path];
	if (typeof value === 'boolean') return !value;
	if (typeof value === 'number') return Number.isInteger(value) ? value + 1 : value * 0.9;
	if (typeof value === 'string') return `${value}2`;
	throw new Error(`say another value of ${path}`);
}

/** By itself or as a part of its section. */
function isUnused(path: string): boolean {
	const [section = ''] = path.split('.');
	return path in NOT_USED_YET || section in NOT_USED_YET;
}

const usual = readConfig({ file: { name: 't.yaml', text: JSON.stringify(WHOLE) } });
const written = usual.kind === 'read' ? usual.written : {};

describe('each setting', () => {
	test('is among them', () => {
		expect(usual.kind === 'bad' ? usual.problems.map(problemLine) : []).toEqual([]);
		expect(PATHS.length).toBeGreaterThan(140);
		for (const path of Object.keys(NOT_USED_YET)) {
			expect(
				PATHS.some((each) => each === path || each.startsWith(`${path}.`)),
				path,
			).toBe(true);
		}
	});

	const base = heard(read(WHOLE));

	test.each(PATHS.filter((path) => !JUDGED_ELSEWHERE.has(path)))('%s', (path) => {
		const steps = stepsOf(path);
		const value = at(written, steps);
		const changed = heard(read(withValue(WHOLE, steps, another(path, value)) as Tree));
		if (isUnused(path)) expect(changed, 'it is used: take it out of NOT_USED_YET').toEqual(base);
		else expect(changed, 'nothing heeds it: wire it up, take it out, or name it in NOT_USED_YET').not.toEqual(base);
	});
});
