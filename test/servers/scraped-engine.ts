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
import { freePort, prometheusIn, ServerProcess } from './server-process.ts';

const OPS = new URL('../../ops/prometheus/', import.meta.url);
const SLOW = { withinMs: 80_000 };

export interface Sample {
	readonly metric: Readonly<Record<string, string>>;
	readonly value: number;
}

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

function settingsText(rest: string, metricsPort: number, influxPort: number): string {
	return `venues: { bybit: { symbols: [SOLUSDT, XRPUSDT], urls: { rest: '${rest}' } } }
strategies:
  - name: both
    params: { levels: { count: 2, half_spread_bps: 1.5, step_bps: 2 } }
reconcile: { reconcile_interval_s: 5 }
storage: { folder: data }
api: { port: 0 }
telemetry: { metrics_port: ${metricsPort} }
influxdb: { url: 'http://127.0.0.1:${influxPort}' }
`;
}

export class ScrapedEngine implements AsyncDisposable {
	readonly box: Box;
	readonly prometheus: ServerProcess;
	/** What its database says to every write. */
	databaseStatus = 204;
	readonly #database: Server;
	readonly #folder: string;
	#engine: Program;
	#isOver = false;

	private constructor(parts: { box: Box; prometheus: ServerProcess; folder: string; engine: Program; database: Server }) {
		this.box = parts.box;
		this.prometheus = parts.prometheus;
		this.#folder = parts.folder;
		this.#engine = parts.engine;
		this.#database = parts.database.on('request', (_request, response) => void response.writeHead(this.databaseStatus).end());
	}

	static async open(): Promise<ScrapedEngine> {
		const folder = mkdtempSync(join(tmpdir(), 'evenkeel-scraped-'));
		const box = await startBox(['--seed', '7', '--symbols', 'SOLUSDT,XRPUSDT', '--latency', '5ms']);
		const [metricsPort, databasePort] = [await freePort(), await freePort()];
		const database = createServer().listen(databasePort, '127.0.0.1');
		writeFileSync(join(folder, 'evenkeel.yaml'), settingsText(box.bybit.rest, metricsPort, databasePort));
		writeFileSync(join(folder, 'prometheus.yml'), scrapedAt(metricsPort));
		writeFileSync(join(folder, 'alerts.yml'), faster(readFileSync(new URL('alerts.yml', OPS), 'utf8')));
		const prometheus = await ServerProcess.start(prometheusIn(folder));
		const engine = runEngine(folder, box);
		await engine.says(/Ctrl-C/);
		const opened = new ScrapedEngine({ box, prometheus, folder, engine, database });
		// A test that is cut off leaves nobody behind.
		onTestFinished(() => opened[Symbol.asyncDispose]());
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

	async firing(): Promise<readonly string[]> {
		const answer = await fetch(`${this.prometheus.url}/api/v1/alerts`);
		const { data } = (await answer.json()) as {
			readonly data: {
				readonly alerts: readonly { readonly state: string; readonly labels: Readonly<Record<string, string>> }[];
			};
		};
		return [...new Set(data.alerts.filter(({ state }) => state === 'firing').map(({ labels }) => labels['alertname'] ?? ''))];
	}

	/** Until all of these fire; says at the end which do not. */
	async fires(names: readonly string[]): Promise<void> {
		const seen = new Set<string>();
		const missing = (): readonly string[] => names.filter((name) => !seen.has(name));
		await eventually(
			'alerts',
			async () => {
				for (const name of await this.firing()) seen.add(name);
				return missing().length === 0 ? true : undefined;
			},
			SLOW,
		).catch((error: unknown) => {
			throw new Error(
				`${missing().join(', ')} never fired; what did: ${[...seen].join(', ')}\n${this.#engine.said.slice(-2_000)}`,
				{
					cause: error,
				},
			);
		});
	}

	/** Until none of these fires any more: then whatever fires next is news. */
	async falls(names: readonly string[]): Promise<void> {
		const firing = async (): Promise<readonly string[]> => (await this.firing()).filter((name) => names.includes(name));
		await eventually(`${names.join(', ')} to be over`, async () => ((await firing()).length === 0 ? true : undefined), SLOW);
	}

	async control(line: string, body?: object): Promise<void> {
		await control({ listening: this.box.line }, line, body);
	}

	async act(name: 'pause' | 'reduce-only' | 'resume', params: { readonly reason?: string } = {}): Promise<void> {
		// It listens a moment after it says that it quotes.
		const opened = await eventually('its control', async () => {
			const tried = await openClient(join(this.#folder, 'data'));
			return tried.kind === 'open' ? tried : undefined;
		});
		const result = await opened.client.act(name as 'reduce-only', params as { reason: string });
		if (result.kind === 'refused') throw new Error(result.sentence);
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

	async kill(): Promise<void> {
		await this.#engine.ends('SIGKILL');
	}

	async restart(): Promise<void> {
		this.#engine = runEngine(this.#folder, this.box);
		await this.#engine.says(/metrics: /);
	}

	async [Symbol.asyncDispose](): Promise<void> {
		if (this.#isOver) return;
		this.#isOver = true;
		this.#engine.child.kill('SIGKILL');
		this.#database.close().closeAllConnections();
		await this.prometheus[Symbol.asyncDispose]();
		await this.box.stop();
		rmSync(this.#folder, { recursive: true, force: true });
	}
}

function runEngine(folder: string, { account: { apiKey, apiSecret } }: Box): Program {
	return new Program(['run', '--config', join(folder, 'evenkeel.yaml'), '--json'], {
		env: { EVENKEEL_BYBIT_API_KEY: apiKey, EVENKEEL_BYBIT_API_SECRET: apiSecret },
	});
}
