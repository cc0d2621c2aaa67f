/** From sections to what the engine, the network layer and the adapter are opened with: the defaults, and that no key is lost. */
import { describe, expect, test } from 'vitest';
import { ENGINE_SETTINGS } from '../../engine/settings.ts';
import { BREAKER_SETTINGS } from '../../network/breaker.ts';
import { RECONNECT_POLICY } from '../../network/reconnect.ts';
import { TRANSPORT_LIMITS } from '../../network/transport-limits.ts';
import { GATEWAY_OPTIONS } from '../../venues/bybit/gateway.ts';
import { READ_PATIENCE } from '../../venues/wire/patience.ts';
import { binanceUrls } from './binance-settings.ts';
import { bybitUrls } from './bybit-settings.ts';
import { type Config, readConfig } from './config.ts';
import { engineSettings } from './engine-settings.ts';
import { networkSettings } from './network-settings.ts';
import { problemLine } from './problem.ts';
import { needsBox, venueSettings } from './venue-settings.ts';

function config(written: object = {}): Config {
	const read = readConfig({ file: { name: 't.yaml', text: JSON.stringify(written) } });
	if (read.kind === 'bad') throw new Error(read.problems.map(problemLine).join('\n'));
	return read.config;
}

test('without a word, the engine is set as its own documents say', () => {
	expect(engineSettings(config())).toEqual(ENGINE_SETTINGS);
});

test('without a word, the network layer and the adapter are set as they would be on their own', () => {
	const settings = networkSettings(config());
	const { failureThreshold, recoveryMs } = BREAKER_SETTINGS;
	expect(settings).toMatchObject({
		transport: TRANSPORT_LIMITS,
		reconnect: RECONNECT_POLICY,
		reads: { patience: READ_PATIENCE, breaker: { failureThreshold, recoveryMs } },
		orderTimeoutMs: GATEWAY_OPTIONS.orderTimeoutMs,
		heartbeatMs: 30_000,
	});
});

describe('keys change what they say', () => {
	test('of the engine and of the network', () => {
		const settings = engineSettings(
			config({
				async_batch: { enabled: false, coalesce_place: false, max_batch_size: 7, tick_deadline_ms: 150, minimum_gap_ms: 5 },
				strategy: { amend_price_threshold_bps: 12, keep_tolerance_ticks: 3 },
				risk: { order_notional_max: 11, net_notional_max: 12, day_loss_kill: 0.5, rate_budget_share: 0.4 },
			}),
		);
		expect(settings).toMatchObject({
			bus: { parallel: false, coalescePlace: false, coalesceCancel: true, coalesceAmend: true, maxBatchSize: 7 },
			tick: { tickDeadlineMs: 150, minimumGapMs: 5, tickIntervalMs: 250 },
			policy: { amendPriceThresholdBps: 12, keepToleranceTicks: 3 },
			limits: { orderNotionalMax: 11, netNotionalMax: 12, grossNotionalMax: 1_000_000 },
			lossLimits: { dayLossKill: 0.5, dayLossReduceOnly: 0.02 },
			budget: { isEnabled: true, share: 0.4 },
		});
		const { transport, reconnect, reads, heartbeatMs } = networkSettings(
			config({
				network: { connector_limit: 30, connector_limit_per_host: 8, timeout_total: 12.5, keepalive_timeout: 3 },
				exchange: { base_reconnect_delay: 0.5, max_retries: 2, max_backoff_ms: 9_000, heartbeat_interval: 2 },
			}),
		);
		expect(transport).toMatchObject({
			connectionsMax: 30,
			connectionsPerHostMax: 8,
			callTimeoutMsMax: 12_500,
			keepAliveMs: 3_000,
		});
		expect(transport.plans['orders']).toMatchObject({ connections: 8, waitingMax: 200 });
		expect(reconnect.baseDelayMs).toBe(500);
		expect([reads.patience.retriesMax, reads.patience.backoff.maxMs, heartbeatMs]).toEqual([2, 9_000, 2_000]);
	});
});

describe('what the switches of async_features turn off', () => {
	const without = (name: string) => config({ async_features: { [name]: false } });

	test('connection pooling: idle connections are not kept', () => {
		const { transport } = networkSettings(without('enable_connection_pooling'));
		expect(transport).toEqual({ ...TRANSPORT_LIMITS, keepAliveMs: 1 });
	});

	test('rate limiting: the budget of the engine does not bind', () => {
		expect(engineSettings(without('enable_rate_limiting')).budget.isEnabled).toBe(false);
	});
});

describe('an account at Bybit', () => {
	const venues = {
		main: {
			symbols: ['BTCUSDT'],
			environment: 'testnet',
			category: 'spot',
			order_entry: 'rest',
			book_depth: 200,
			recv_window_ms: 800,
		},
		other: {
			symbols: ['ETHUSDT', 'SOLUSDT'],
			environment: 'testnet',
			api_key_env: 'OTHER_KEY',
			api_secret_env: 'OTHER_SECRET',
			urls: { rest: 'https://api-testnet.manepa.jp' },
		},
		later: { symbols: ['BTCUSDT'], environment: 'testnet', kind: 'binance' },
	};
	const accounts = config({ mode: 'testnet', venues, network: { order_timeout_ms: 700 } });
	const found = (from: Config, name: string) => {
		const settings = venueSettings(from).find((each) => each.name === name);
		if (settings?.kind !== 'bybit') throw new Error(`${name} is no account at Bybit`);
		return settings;
	};

	test('is set by its entry', () => {
		expect(found(accounts, 'main')).toMatchObject({
			name: 'main',
			environment: 'testnet',
			symbols: [{ category: 'spot', symbol: 'BTCUSDT' }],
			bookDepth: 200,
			recvWindowMs: 800,
			apiKeyEnv: 'EVENKEEL_MAIN_API_KEY',
			apiSecretEnv: 'EVENKEEL_MAIN_API_SECRET',
			orderCalls: { orderEntry: 'rest', orderTimeoutMs: 700 },
		});
		expect(found(accounts, 'other')).toMatchObject({ apiKeyEnv: 'OTHER_KEY', apiSecretEnv: 'OTHER_SECRET', bookDepth: 50 });
	});

	test('is reached at the hosts of its environment, or at those that were chosen', () => {
		expect(bybitUrls(found(accounts, 'main'))).toMatchObject({ kind: 'found', urls: { rest: 'https://api-testnet.bybit.com' } });
		expect(bybitUrls(found(accounts, 'other'))).toMatchObject({
			kind: 'found',
			urls: { rest: 'https://api-testnet.manepa.jp', private: 'wss://stream-testnet.bybit.com/v5/private' },
		});
	});

	test('in a simulation is the box, once it listens', () => {
		const settings = found(config(), 'bybit');
		const symbols = ['BTCUSDT', 'ETHUSDT', 'SOLUSDT', 'XRPUSDT'].map((symbol) => ({ category: 'linear', symbol }));
		expect(settings).toMatchObject({ environment: 'box', symbols });
		expect(needsBox(settings)).toBe(true);
		expect(needsBox(found(accounts, 'other'))).toBe(false);
		expect(bybitUrls(settings)).toMatchObject({ kind: 'refused' });
		const at = (path: string) => `ws://127.0.0.1:4710/v5/${path}`;
		const publicUrls = { spot: at('public/spot'), linear: at('public/linear'), inverse: at('public/inverse') };
		const box = { rest: 'http://127.0.0.1:4710', public: publicUrls, private: at('private'), trade: at('trade') };
		expect(bybitUrls(settings, box)).toMatchObject({ urls: { environment: 'box', rest: box.rest, trade: box.trade } });
	});

	test('in a simulation is a box that runs already, where the entry says so', () => {
		const here = (urls: object) => found(config({ venues: { mine: { symbols: ['BTCUSDT'], urls } } }), 'mine');
		const rest = 'http://127.0.0.1:4710';
		const settings = here({ rest, trade: 'ws://127.0.0.1:4799/v5/trade' });
		expect(needsBox(settings)).toBe(false);
		expect(bybitUrls(settings)).toMatchObject({
			kind: 'found',
			urls: { environment: 'box', rest, private: 'ws://127.0.0.1:4710/v5/private', trade: 'ws://127.0.0.1:4799/v5/trade' },
		});
		const half = here({ private: 'ws://127.0.0.1:4710/v5/private' });
		expect(needsBox(half)).toBe(false);
		expect(bybitUrls(half)).toEqual({ kind: 'refused', sentence: expect.stringMatching(/^urls lacks rest/) as string });
	});

	test('may have a key that could withdraw, where the entry says so', () => {
		const accepts = (entry: object): boolean =>
			found(config({ venues: { mine: { symbols: ['BTCUSDT'], ...entry } } }), 'mine').acceptsWithdrawalRight;
		expect([accepts({}), accepts({ accept_withdrawal_right: true })]).toEqual([false, true]);
	});

	test('at Binance has two sets of addresses, one of a box', () => {
		const later = venueSettings(accounts).find(({ name }) => name === 'later');
		if (later?.kind !== 'binance') throw new Error('it is of Binance');
		expect(later).toMatchObject({ venue: 'binance', apiKeyEnv: 'EVENKEEL_LATER_API_KEY', countdownMs: 120_000 });
		expect(binanceUrls(later)).toMatchObject({
			kind: 'found',
			urls: { spotRest: 'https://testnet.binance.vision', futuresRest: 'https://demo-fapi.binance.com' },
		});
		const rest = 'http://127.0.0.1:4711';
		const venues = { binance: { symbols: ['spot:BTCUSDT', 'BTCUSDT'], urls: { rest }, countdown_ms: 0 } };
		const [here] = venueSettings(config({ venues }));
		if (here?.kind !== 'binance') throw new Error('its name says what it is of');
		expect(here.countdownMs).toBeUndefined();
		expect(here.symbols.map(({ category }) => category)).toEqual(['spot', 'linear']);
		expect(needsBox(here)).toBe(false);
		expect(binanceUrls(here)).toMatchObject({
			kind: 'found',
			urls: { spotRest: rest, futuresPublic: 'ws://127.0.0.1:4711/public' },
		});
	});

	test('is a venue of its own name in the engine only where the exchange has several accounts', () => {
		const namesIn = (entries: object): readonly string[] => venueSettings(config({ venues: entries })).map(({ venue }) => venue);
		expect(namesIn({ main: { symbols: ['BTCUSDT'] }, binance: { symbols: ['BTCUSDT'] } })).toEqual(['bybit', 'binance']);
		expect(namesIn({ main: { symbols: ['BTCUSDT'] }, other: { symbols: ['BTCUSDT'] } })).toEqual(['main', 'other']);
	});
});
