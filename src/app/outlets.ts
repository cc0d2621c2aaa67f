/**
 * Who is told of what goes on while we trade: InfluxDB and Redis, where the configuration names them. Neither is waited
 * for and neither stops anything; where there is none, nothing is done. The cache that the network room asks for is Redis
 * where there is one, and memory where there is not.
 */
import { join } from 'node:path';
import type { Instrument } from '../domain/instrument.ts';
import type { Engine } from '../engine/engine.ts';
import type { EngineEffect, EngineNote, Recorder } from '../engine/ports.ts';
import { type Cache, MemoryCache } from '../network/ttl-cache.ts';
import type { Clock } from '../ports/clock.ts';
import type { Rng } from '../ports/rng.ts';
import { InfluxWriter } from '../storage/influx/influx-writer.ts';
import { RedisCache } from '../storage/redis/redis-cache.ts';
import { connectRedis } from '../storage/redis/redis-client.ts';
import { RedisLink } from '../storage/redis/redis-link.ts';
import { StatePublisher } from '../storage/redis/state-publisher.ts';
import type { Environment } from '../venues/bybit/urls.ts';
import { type InfluxSettings, influxSettings, type RedisSettings, redisSettings } from './config/outlet-settings.ts';
import type { Config } from './config/sections.ts';
import type { Variables } from './keys.ts';
import { LatestState } from './latest-state.ts';
import { TimeSeries } from './time-series.ts';

export interface OutletsOptions {
	readonly config: Pick<Config, 'influxdb' | 'redis'>;
	/** Where the token and the password are. */
	readonly variables: Variables;
	/** Of the data of this instance. */
	readonly folder: string;
	/** Of all venues. */
	readonly environment: Environment;
	/** Of the venues' REST: what is cached of one exchange is nothing to another. */
	readonly origins: readonly string[];
	readonly clock: Clock;
	readonly rng: Rng;
	/** One sentence for a person. */
	readonly onSay: (sentence: string) => void;
}

export type OutletsOpened =
	| { readonly kind: 'open'; readonly outlets: Outlets }
	| { readonly kind: 'refused'; readonly sentence: string };

export interface OutletFigures {
	/** Lost: for which there was no room, or that were refused. Waiting: in memory. */
	readonly influxdb?: { readonly lostCount: number; readonly waitingCount: number; readonly isAway: boolean };
	readonly redis?: { readonly isAway: boolean };
}

/** What has been traded and what is told of it. */
export interface WatchedApp {
	readonly engine: Pick<Engine, 'market' | 'ledger' | 'getStats'>;
	readonly instruments: readonly Instrument[];
}

export async function openOutlets(options: OutletsOptions): Promise<OutletsOpened> {
	const [influx, redis] = [influxSettings(options.config), redisSettings(options.config)];
	for (const name of [influx?.tokenEnv, redis?.passwordEnv]) {
		if (name === undefined || (options.variables[name] ?? '') !== '') continue;
		return { kind: 'refused', sentence: `the variable ${name} is not set, and the configuration says that a secret is in it` };
	}
	const outlets = new Outlets(options);
	if (influx !== undefined) outlets.openInflux(influx);
	const sentence = redis === undefined ? undefined : await outlets.openRedis(redis);
	if (sentence === undefined) return { kind: 'open', outlets };
	await outlets[Symbol.asyncDispose]();
	return { kind: 'refused', sentence };
}

export class Outlets implements Recorder, AsyncDisposable {
	readonly #options: OutletsOptions;
	readonly #opened = new AsyncDisposableStack();
	#series: TimeSeries | undefined;
	#writer: InfluxWriter | undefined;
	#state: LatestState | undefined;
	#link: RedisLink | undefined;
	#prefix = '';

	constructor(options: OutletsOptions) {
		this.#options = options;
	}

	openInflux(settings: InfluxSettings): void {
		const { clock, variables, folder, onSay } = this.#options;
		const { url, api, database, org, username, tokenEnv, batchSize, flushMs, everyMs, spillBytesMax } = settings;
		const token = tokenEnv === undefined ? undefined : variables[tokenEnv];
		const writer = new InfluxWriter({
			clock,
			target: { url, api, database, org, username, token },
			...{ batchSize, flushMs, spillBytesMax, onSay },
			spillFolder: join(folder, 'influx'),
		});
		this.#opened.use(writer);
		this.#writer = writer;
		this.#series = new TimeSeries({ clock, sink: writer, everyMs });
		this.#opened.use(this.#series);
	}

	/** Answers with why it cannot be; a Redis that is only away is no reason. */
	async openRedis({ url, passwordEnv, prefix, everyMs }: RedisSettings): Promise<string | undefined> {
		const { clock, rng, variables, onSay, environment } = this.#options;
		const password = passwordEnv === undefined ? undefined : variables[passwordEnv];
		const link = new RedisLink({
			clock,
			name: `Redis at ${url}`,
			connect: (events) => connectRedis({ url, password }, rng.fork('redis'), events),
			say: onSay,
		});
		this.#opened.use(link);
		try {
			await link.start();
		} catch (error) {
			// The client does not even begin with such an address.
			const detail = error instanceof Error ? error.message : String(error);
			return `Redis at ${url} cannot be used: ${detail}; look at redis.url`;
		}
		this.#link = link;
		this.#prefix = prefix;
		const state = new LatestState(clock);
		this.#state = state;
		const states = () => state.states();
		const publisher = new StatePublisher({ clock, link, prefix: `${prefix}state:${environment}:`, states, everyMs });
		this.#opened.use(publisher);
		publisher.start();
		return undefined;
	}

	/** From here on it is told of. */
	watch(app: WatchedApp): void {
		this.#series?.watch(app.engine, app.instruments);
		this.#state?.watch(app);
	}

	/** How each of those that there are is doing. */
	get figures(): OutletFigures {
		const influxdb = this.#writer?.figures;
		return {
			...(influxdb === undefined
				? {}
				: {
						influxdb: {
							lostCount: influxdb.lostCount + influxdb.refusedCount + influxdb.unfitCount,
							waitingCount: influxdb.waitingCount,
							isAway: influxdb.isAway,
						},
					}),
			...(this.#link === undefined ? {} : { redis: { isAway: !this.#link.mayAnswer } }),
		};
	}

	input(event: Parameters<Recorder['input']>[0]): void {
		this.#series?.hear(event);
		this.#state?.hear(event);
	}

	output(_effect: EngineEffect): void {}

	hearNote(note: EngineNote): void {
		this.#series?.hearNote(note);
	}

	/** Values go through JSON where there is a Redis, so they must be plain. `name` tells one kind of value from others. */
	cache<V>({ name, ttlMs, keysMax }: { readonly name: string; readonly ttlMs: number; readonly keysMax?: number }): Cache<V> {
		const options = { clock: this.#options.clock, ttlMs, ...(keysMax === undefined ? {} : { keysMax }) };
		if (this.#link === undefined) return new MemoryCache<V>(options);
		const hosts = this.#options.origins.map((origin) => new URL(origin).host).sort();
		const prefix = `${this.#prefix}cache:${[...new Set(hosts)].join('+')}:${name}:`;
		return new RedisCache<V>({ ...options, link: this.#link, prefix });
	}

	/** What has been said last still goes out, for a moment. */
	async [Symbol.asyncDispose](): Promise<void> {
		await this.#opened.disposeAsync();
	}
}

/** All of them hear all of it, in this order. What one of them makes of it ends no trading: that it failed is said once. */
export function together(recorders: readonly Recorder[], onSay: (sentence: string) => void): Recorder {
	const failed = new Set<Recorder>();
	const note = (recorder: Recorder, error: unknown): void => {
		if (failed.has(recorder)) return;
		failed.add(recorder);
		try {
			onSay(`a bug of ours, in what only listens to the engine: ${error instanceof Error ? error.stack : String(error)}`);
		} catch {
			// Who would say it listens no better: there is nobody left to tell.
		}
	};
	return {
		input: (event) => {
			for (const recorder of recorders) {
				try {
					recorder.input(event);
				} catch (error) {
					note(recorder, error);
				}
			}
		},
		output: (effect) => {
			for (const recorder of recorders) {
				try {
					recorder.output(effect);
				} catch (error) {
					note(recorder, error);
				}
			}
		},
	};
}
