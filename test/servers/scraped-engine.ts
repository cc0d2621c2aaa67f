/**
 * An engine, its exchange and a Prometheus that scrapes it, as processes of their own, with the rules of `ops/` on a
 * faster clock: what takes minutes there takes seconds here, and nothing else is another.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { openClient } from '../../src/api/client.ts';
import { type Box, startBox } from '../clients/box.ts';
import { eventually } from '../clients/wait.ts';
import { Program } from '../e2e/watched-engine.ts';
import { control } from '../fixtures/real-box.ts';
import type { Mistake } from './planted.ts';
import { freePort, prometheusIn, ServerProcess } from './server-process.ts';
import { type SlowDisk, slowDiskOf } from './slow-disk.ts';

const OPS = new URL('../../ops/prometheus/', import.meta.url);
const PLANTED = new URL('planted.ts', import.meta.url);
/** Of a machine that does other things as well. */
const SLOW = { withinMs: 120_000 };

export interface Sample {
	readonly metric: Readonly<Record<string, string>>;
	readonly value: number;
}

/** What is not as usual about an engine and its exchange; keys as in the files of settings. */
export interface EnginePlan {
	readonly box?: object;
	readonly sections?: object;
}

export interface Levels {
	readonly count: number;
	readonly half_spread_bps: number;
	readonly step_bps: number;
}

const FEW_LEVELS: Levels = { count: 2, half_spread_bps: 1.5, step_bps: 2 };

/** Minutes become seconds; ten of them half a minute, and a quarter of an hour the time that three slow starts take. */
function faster(rules: string): string {
	return rules
		.replaceAll('[15m]', '[90s]')
		.replaceAll('[10m]', '[30s]')
		.replaceAll(/\[\d+m\]/g, '[8s]')
		.replaceAll(/for: \w+/g, 'for: 1s')
		.replace('mm_reconciliation_age_seconds > 300', 'mm_reconciliation_age_seconds > 12');
}

function scrapedAt(port: number): string {
	const settings = readFileSync(new URL('prometheus.yml', OPS), 'utf8');
	if (!settings.includes("'127.0.0.1:4730'")) throw new Error('the scrape settings name the usual port');
	return settings
		.replace('127.0.0.1:4730', `127.0.0.1:${port}`)
		.replaceAll(/(scrape|evaluation)_interval: \w+/g, '$1_interval: 1s');
}

interface Places {
	readonly rest: string;
	readonly metricsPort: number;
	readonly databasePort: number;
}

function settingsOf({ rest, metricsPort, databasePort }: Places, plan: EnginePlan, levels: Levels): object {
	return {
		venues: { bybit: { symbols: ['SOLUSDT', 'XRPUSDT'], urls: { rest } } },
		strategies: [{ name: 'both', params: { levels } }],
		reconcile: { reconcile_interval_s: 5 },
		storage: { folder: 'data' },
		api: { port: 0 },
		telemetry: { metrics_port: metricsPort },
		influxdb: { url: `http://127.0.0.1:${databasePort}` },
		...plan.sections,
	};
}

interface Parts {
	readonly box: Box;
	readonly prometheus: ServerProcess;
	readonly database: Server;
	readonly folder: string;
	readonly plan: EnginePlan;
	readonly places: Places;
}

function writeSettings({ folder, places, plan }: Parts, levels: Levels): void {
	writeFileSync(join(folder, 'evenkeel.yaml'), JSON.stringify(settingsOf(places, plan, levels)));
}

function runIn({ folder, box }: Parts): Program {
	return new Program(['run', '--config', join(folder, 'evenkeel.yaml'), '--json'], {
		env: {
			EVENKEEL_BYBIT_API_KEY: box.account.apiKey,
			EVENKEEL_BYBIT_API_SECRET: box.account.apiSecret,
			NODE_OPTIONS: `--import=${PLANTED.href}`,
			PLANTED_IN: folder,
		},
	});
}

export class ScrapedEngine implements AsyncDisposable {
	readonly box: Box;
	readonly prometheus: ServerProcess;
	/** What its database says to every write. */
	databaseStatus = 204;
	readonly #parts: Parts;
	#engine: Program;
	#slowDisk: SlowDisk | undefined;
	#isOver = false;

	private constructor(parts: Parts, engine: Program) {
		this.#parts = parts;
		this.box = parts.box;
		this.prometheus = parts.prometheus;
		this.#engine = engine;
	}

	static async open(plan: EnginePlan = {}): Promise<ScrapedEngine> {
		const folder = mkdtempSync(join(tmpdir(), 'evenkeel-scraped-'));
		const boxFile = join(folder, 'box.yaml');
		const listed = { seed: 7, symbols: ['SOLUSDT', 'XRPUSDT'], latency: '5ms', ...plan.box };
		writeFileSync(boxFile, JSON.stringify({ box: listed }));
		const box = await startBox(['--config', boxFile]);
		const places = { rest: box.bybit.rest, metricsPort: await freePort(), databasePort: await freePort() };
		const database = createServer().listen(places.databasePort, '127.0.0.1');
		writeFileSync(join(folder, 'prometheus.yml'), scrapedAt(places.metricsPort));
		writeFileSync(join(folder, 'alerts.yml'), faster(readFileSync(new URL('alerts.yml', OPS), 'utf8')));
		const prometheus = await ServerProcess.start(prometheusIn(folder));
		const parts: Parts = { box, prometheus, database, folder, plan, places };
		writeSettings(parts, FEW_LEVELS);
		const opened = new ScrapedEngine(parts, runIn(parts));
		database.on('request', (_request, response) => void response.writeHead(opened.databaseStatus).end());
		// A test that is cut off leaves nobody behind.
		onTestFinished(() => opened[Symbol.asyncDispose]());
		await opened.#engine.says(/Ctrl-C/);
		return opened;
	}

	async query(expr: string): Promise<readonly Sample[]> {
		const answer = await fetch(`${this.prometheus.url}/api/v1/query?${new URLSearchParams({ query: expr }).toString()}`);
		const { status, data, error } = (await answer.json()) as {
			readonly status: string;
			readonly error?: string;
			readonly data: {
				readonly result: readonly { readonly metric: Sample['metric']; readonly value: readonly [number, string] }[];
			};
		};
		if (status !== 'success') throw new Error(`${expr}: ${error ?? status}`);
		return data.result.map(({ metric, value }) => ({ metric, value: Number(value[1]) }));
	}

	/** Of the first series; 0 where there is none. */
	async figure(expr: string): Promise<number> {
		const [sample] = await this.query(expr);
		return sample === undefined || Number.isNaN(sample.value) ? 0 : sample.value;
	}

	/** Until the figure is above this, which is 0 unless said. */
	async rises(expr: string, above = 0): Promise<void> {
		const look = async (): Promise<true | undefined> => ((await this.figure(expr)) > above ? true : undefined);
		await eventually(`${expr} above ${above}`, look, SLOW);
	}

	/** Firing or about to. */
	async alerts(): Promise<readonly { readonly name: string; readonly isFiring: boolean }[]> {
		const answer = await fetch(`${this.prometheus.url}/api/v1/alerts`);
		const { data } = (await answer.json()) as {
			readonly data: {
				readonly alerts: readonly { readonly state: string; readonly labels: Readonly<Record<string, string>> }[];
			};
		};
		return data.alerts.map(({ state, labels }) => ({ name: labels['alertname'] ?? '', isFiring: state === 'firing' }));
	}

	/** Until all of these fire; says at the end which do not. */
	async fires(names: readonly string[]): Promise<void> {
		const seen = new Set<string>();
		const missing = (): readonly string[] => names.filter((name) => !seen.has(name));
		const look = async (): Promise<true | undefined> => {
			for (const { name, isFiring } of await this.alerts()) if (isFiring) seen.add(name);
			return missing().length === 0 ? true : undefined;
		};
		await eventually('alerts', look, SLOW).catch((error: unknown) => {
			const told = `${missing().join(', ')} never fired; what did: ${[...seen].join(', ')}`;
			throw new Error(`${told}\n${this.#engine.said.slice(-2_000)}`, { cause: error });
		});
	}

	/** Until none of these fires any more, nor is about to: then whatever fires next is news. */
	async falls(names: readonly string[]): Promise<void> {
		const look = async (): Promise<true | undefined> =>
			(await this.alerts()).some(({ name }) => names.includes(name)) ? undefined : true;
		await eventually(`${names.join(', ')} to be over`, look, SLOW);
	}

	/** Until every symbol stands in the book on both sides, and nothing is paused. */
	async quotes(): Promise<void> {
		await this.rises('min(mm_quoting) * on () (mm_risk_level == bool 0)');
	}

	async control(line: string, body?: object): Promise<Readonly<Record<string, unknown>>> {
		return await control({ listening: this.box.line }, line, body);
	}

	async act(name: 'pause' | 'reduce-only' | 'resume', params: { readonly reason?: string } = {}): Promise<void> {
		// It listens a moment after it says that it quotes.
		const opened = await eventually('its control', async () => {
			const tried = await openClient(join(this.#parts.folder, 'data'));
			return tried.kind === 'open' ? tried : undefined;
		});
		const result = await opened.client.act(name as 'reduce-only', params as { reason: string });
		if (result.kind === 'refused') throw new Error(result.sentence);
	}

	/** As somebody who edits its file would; it follows that. */
	quoteLevels(levels: Levels = FEW_LEVELS): void {
		writeSettings(this.#parts, levels);
	}

	/** A mistake of its own, made from now on. */
	plant(mistake: Mistake): void {
		writeFileSync(join(this.#parts.folder, mistake), '');
	}

	weedOut(mistake: Mistake): void {
		rmSync(join(this.#parts.folder, mistake));
	}

	freeze(): void {
		this.#engine.child.kill('SIGSTOP');
	}

	thaw(): void {
		this.#engine.child.kill('SIGCONT');
	}

	/** From now on no file of its may grow, or every one again. */
	limitFiles(limit: 'full' | 'unlimited'): void {
		const { status, stderr } = spawnSync('prlimit', [
			`--pid=${this.#engine.child.pid}`,
			`--fsize=${limit === 'full' ? 1 : limit}:`,
		]);
		if (status !== 0) throw new Error(`prlimit: ${stderr.toString()}`);
	}

	/** From now on its disk takes so much longer for every write that is to be safe. */
	async slowDownDisk(byMs: number): Promise<void> {
		this.#slowDisk = await slowDiskOf(this.#engine.child.pid ?? 0, byMs);
	}

	async mendDisk(): Promise<void> {
		await this.#slowDisk?.[Symbol.asyncDispose]();
	}

	async kill(): Promise<void> {
		await this.#engine.ends('SIGKILL');
	}

	async restart(): Promise<void> {
		this.#engine = runIn(this.#parts);
		await this.#engine.says(/metrics: /);
	}

	async [Symbol.asyncDispose](): Promise<void> {
		if (this.#isOver) return;
		this.#isOver = true;
		this.#engine.child.kill('SIGKILL');
		await this.mendDisk();
		this.#parts.database.close().closeAllConnections();
		await this.prometheus[Symbol.asyncDispose]();
		await this.box.stop();
		rmSync(this.#parts.folder, { recursive: true, force: true });
	}
}
