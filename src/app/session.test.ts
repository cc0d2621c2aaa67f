/** A session from start to end: what ends it, what it reports, and that in virtual time it is a function of its seed. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { accessesTo } from '../../test/fixtures/accesses-to.ts';
import { tempPlace } from '../../test/fixtures/data-place.ts';
import { openPlace, type Place } from '../../test/fixtures/loop-place.ts';
import type { BlackBoxFile } from './black-box.ts';
import { type Config, readConfig } from './config/config.ts';
import { runSession, type SessionEnded, type SessionOptions } from './session.ts';

const NEVER = new Promise<void>(() => {});
const data = tempPlace();
afterAll(() => data[Symbol.dispose]());

function configOf(text: string): Config {
	const read = readConfig({ file: { name: 'test.yaml', text } });
	if (read.kind === 'bad') throw new Error(JSON.stringify(read.problems));
	return read.config;
}

const CONFIG = configOf(`venues: { bybit: { symbols: [BTCUSDT, ETHUSDT] } }
strategies:
  - name: both
    params: { levels: { count: 2, half_spread_bps: 5, step_bps: 2 } }
telemetry: { metrics_port: 0 }
`);

function reportOf(session: SessionEnded) {
	if (session.kind === 'ended') return session.report;
	throw new Error(session.kind === 'refused' ? session.sentences.join('\n') : session.kind);
}

describe('in virtual time', () => {
	const run = async (more: Partial<SessionOptions>) =>
		reportOf(
			await runSession({
				virtual: true,
				config: CONFIG,
				data,
				stopAsked: NEVER,
				exchange: () => Promise.reject(new Error('a virtual session has an exchange of its own')),
				...more,
			}),
		);

	test('the same seed gives the same session to the last decision, another seed another one', async () => {
		const [one, same, other] = [
			await run({ seed: 7, forMs: 1_500 }),
			await run({ seed: 7, forMs: 1_500 }),
			await run({ seed: 8, forMs: 1_500 }),
		];
		expect(same).toEqual(one);
		expect(one.traceHash).toMatch(/^[0-9a-f]{64}$/);
		expect(other.traceHash).not.toBe(one.traceHash);
		expect(one).toMatchObject({ seed: 7, virtual: true, openOrdersAtExit: 0 });
		expect(one.durationMs).toBeGreaterThanOrEqual(1_500);
		expect(one.ticks).toBeGreaterThan(5);
		expect(one.calls).toBeGreaterThan(0);
		expect(one.commands.before).toBeGreaterThanOrEqual(one.commands.after);
		expect(Object.keys(one.inventory)).toEqual(['BTCUSDT', 'ETHUSDT', 'SOLUSDT', 'XRPUSDT']);
	});

	test('ends after so many ticks, and a seed is drawn where none is given', async () => {
		const { ticks, seed } = await run({ ticks: 3 });
		expect(ticks).toBeGreaterThanOrEqual(3);
		// Those of the end included: cancels, the last comparison, and the look at what is left.
		expect(ticks).toBeLessThan(60);
		expect(Number.isSafeInteger(seed)).toBe(true);
	});
});

describe('over sockets', () => {
	let place: Place;
	beforeAll(async () => {
		place = await openPlace();
	});
	afterAll(async () => await place[Symbol.asyncDispose]());

	function options(more: Partial<SessionOptions> = {}): SessionOptions {
		const venues = accessesTo(more.config ?? CONFIG, place.box, place.box.account('bob'));
		return {
			virtual: false,
			config: CONFIG,
			data,
			stopAsked: NEVER,
			exchange: () => Promise.resolve({ kind: 'found', venues }),
			...more,
		};
	}

	test('begins with what it quotes and where its figures are, and ends after its ticks with nothing left', async () => {
		const seeds: number[] = [];
		const metrics: string[] = [];
		const session = await runSession({
			...options({ ticks: 4, seed: 11 }),
			exchange: async (seed) => {
				seeds.push(seed);
				return await options().exchange(seed);
			},
			onStart: ({ seed, symbols, metricsUrl }) => {
				expect({ seed, symbols }).toEqual({ seed: 11, symbols: ['BTCUSDT', 'ETHUSDT'] });
				metrics.push(metricsUrl ?? '');
			},
		});
		expect(seeds).toEqual([11]);
		expect(metrics).toEqual([expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/metrics$/)]);
		expect(reportOf(session)).toMatchObject({ seed: 11, virtual: false, openOrdersAtExit: 0, fills: 0 });
		expect(reportOf(session).ticks).toBeGreaterThanOrEqual(4);
		expect(reportOf(session).calls).toBeGreaterThan(1);
		expect(reportOf(session).traceHash).toBeUndefined();
		expect(await place.openAtVenue('bob')).toEqual([]);
		// Its sockets and its metrics are gone with it.
		await expect(fetch(metrics[0] ?? '')).rejects.toThrow('fetch failed');
	});

	test('ends when it is asked to, though it has all the time of the world, and only then lets go of its orders', async () => {
		const { promise: stopAsked, resolve: stop } = Promise.withResolvers<void>();
		const statuses: number[] = [];
		let openWhileRunning: readonly string[] = [];
		const session = await runSession(
			options({
				stopAsked,
				forMs: 3_600_000,
				onStatus: ({ openOrders }) => {
					statuses.push(openOrders);
					void place.openAtVenue('bob').then((open) => {
						openWhileRunning = open;
						stop();
					});
				},
			}),
		);
		expect(statuses.length).toBeGreaterThan(0);
		expect(openWhileRunning.length).toBeGreaterThan(0);
		expect(reportOf(session)).toMatchObject({ openOrdersAtExit: 0 });
		expect(reportOf(session).durationMs).toBeLessThan(60_000);
		expect(await place.openAtVenue('bob')).toEqual([]);
	});

	test('in which something is broken cancels what it can, and leaves what it knew on the disk', async () => {
		const { promise: broken, resolve: breaks } = Promise.withResolvers<void>();
		const told: string[] = [];
		const session = await runSession(
			options({
				broken,
				forMs: 3_600_000,
				onStatus: ({ openOrders }) => void (openOrders > 0 && breaks()),
				onTrouble: (sentence) => told.push(sentence),
			}),
		);
		expect(session).toEqual({ kind: 'broken' });
		expect(await place.openAtVenue('bob')).toEqual([]);
		const [name = ''] = readdirSync(join(data.folder, 'black-box'));
		const { reason, run, state, events } = JSON.parse(readFileSync(join(data.folder, 'black-box', name), 'utf8')) as BlackBoxFile;
		expect([reason, run.mode, run.build]).toEqual(['something is broken inside', 'sim', 'test']);
		expect(state.length).toBeGreaterThan(3);
		expect(events.length).toBeGreaterThan(20);
		expect(told.filter((sentence) => sentence.includes(name)).length).toBe(1);
	});

	test('that is given up before it has begun quotes nothing, and ends in order', async () => {
		const started: unknown[] = [];
		const onStart = (): void => void started.push('started');
		await using other = await openPlace();
		const exchange: SessionOptions['exchange'] = async () => {
			return { kind: 'found', venues: accessesTo(CONFIG, other.box, other.box.account()) };
		};
		const session = await runSession(options({ stopAsked: Promise.resolve(), forMs: 3_600_000, onStart, exchange }));
		expect(reportOf(session)).toMatchObject({ calls: 0, openOrdersAtExit: 0 });
		expect(started).toEqual([]);
		// Not even a book was asked for.
		expect(JSON.stringify(await other.ask('GET /v1/tap'))).not.toContain('orderbook.');
	});

	test('does not begin where there is no exchange, no key, or no such symbol, and says so', async () => {
		const started: unknown[] = [];
		const onStart = (): void => void started.push('started');
		const refused = async (more: Partial<SessionOptions>): Promise<readonly string[]> => {
			const session = await runSession(options({ ticks: 1, onStart, ...more }));
			return session.kind === 'refused' ? session.sentences : [];
		};
		expect(await refused({ exchange: async () => ({ kind: 'refused', sentences: ['no port is free'] }) })).toEqual([
			'no port is free',
		]);
		const { apiSecret } = place.box.account('bob');
		const venues = accessesTo(CONFIG, place.box, { apiKey: 'A'.repeat(18), apiSecret });
		const wrong = await refused({ exchange: async () => ({ kind: 'found', venues }) });
		expect(wrong.join()).toContain('API key');
		const unknown = configOf('venues: { bybit: { symbols: [DOGEUSDT] } }');
		expect((await refused({ config: unknown })).join()).toContain('DOGEUSDT');
		expect(started).toEqual([]);
	});
});
