/**
 * The dashboard as its operator has it: an exchange in a box, an engine that quotes on it, and a real browser, each a
 * process of its own. Whatever the page says or does is held against the API, and against the exchange.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import axe from 'axe-core';
import { type Browser, chromium, type Page } from 'playwright-core';
import { expect } from 'vitest';
import { BUILT, buildDashboard, isDashboardFresh } from '../../scripts/dashboard.ts';
import { type ApiClient, openClient } from '../../src/api/client.ts';
import type { BoxListening } from '../../src/app/box.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const MAIN = join(ROOT, 'src/cli/main.ts');
/** Kept by whoever runs the suite: a person looks at them. */
const PICTURES = process.env['EVENKEEL_PICTURES'] ?? join(ROOT, 'test/browser/pictures');
const WITHIN_MS = 30_000;

export const CHROMIUM = spawnSync('sh', ['-c', 'command -v chromium || command -v google-chrome'], {
	encoding: 'utf8',
}).stdout.trim();

const SYMBOLS = ['BTCUSDT', 'ETHUSDT', 'SOLUSDT'];

export interface BoxOrder {
	readonly clientOrderId: string;
	readonly symbol: string;
	readonly side: string;
}

export class Stage implements AsyncDisposable {
	readonly folder = mkdtempSync(join(tmpdir(), 'evenkeel-browser-'));
	readonly #children: ChildProcess[] = [];
	#box: BoxListening | undefined;
	#browser: Browser | undefined;
	#client: ApiClient | undefined;
	/** With a login that is good once. */
	dashboard = '';

	static async open(symbols: readonly string[] = SYMBOLS): Promise<Stage> {
		const stage = new Stage();
		try {
			if (!isDashboardFresh(ROOT)) {
				const { ok, output } = await buildDashboard(ROOT, BUILT);
				if (!ok) throw new Error(output);
			}
			await stage.#start(symbols);
			stage.#browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
			return stage;
		} catch (error) {
			await stage[Symbol.asyncDispose]();
			throw error;
		}
	}

	async #start(symbols: readonly string[]): Promise<void> {
		const box = this.#spawn([
			'exchange',
			'--bybit-port',
			'0',
			'--control-port',
			'0',
			'--seed',
			'11',
			'--symbols',
			symbols.join(','),
			'--json',
		]);
		this.#box = JSON.parse(await this.#said(box, 'stdout', /^\{.*\}\n/)) as BoxListening;
		const file = join(this.folder, 'evenkeel.yaml');
		const { bybit } = this.#box;
		writeFileSync(
			file,
			`venues: { mine: { kind: bybit, symbols: [${symbols.join(', ')}], urls: { rest: "${bybit.rest}" } } }
storage: { folder: "${this.folder}/data" }
telemetry: { metrics_port: 0 }
api: { port: 0 }
`,
		);
		const [account] = this.#box.accounts;
		const engine = this.#spawn(['run', '--config', file], {
			EVENKEEL_MINE_API_KEY: account?.apiKey ?? '',
			EVENKEEL_MINE_API_SECRET: account?.apiSecret ?? '',
		});
		const line = await this.#said(engine, 'stderr', /^dashboard: (\S+)$/m);
		this.dashboard = /^dashboard: (\S+)$/m.exec(line)?.[1] ?? '';
		const opened = await openClient(join(this.folder, 'data'));
		if (opened.kind === 'refused') throw new Error(opened.sentence);
		this.#client = opened.client;
	}

	get api(): ApiClient {
		if (this.#client === undefined) throw new Error('the stage is not open');
		return this.#client;
	}

	/** A window of its own, with all that goes wrong in it written down. */
	async window(size: { readonly width: number; readonly height: number }, scheme: 'dark' | 'light' = 'dark') {
		if (this.#browser === undefined) throw new Error('the stage is not open');
		const context = await this.#browser.newContext({ viewport: size, colorScheme: scheme });
		const page = await context.newPage();
		const complaints: string[] = [];
		page.on('console', (message) => {
			if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
		});
		page.on('pageerror', (error) => complaints.push(error.message));
		return { context, page, complaints };
	}

	/** Logged in by a fresh link, at the overview. */
	async loggedIn(size: { readonly width: number; readonly height: number }, scheme: 'dark' | 'light' = 'dark') {
		const window = await this.window(size, scheme);
		await window.page.goto(await this.api.loginLink());
		await window.page.waitForSelector('.shell');
		return window;
	}

	/** What the exchange itself says. */
	async boxOrders(): Promise<readonly BoxOrder[]> {
		return ((await this.#asked(`orders`)) as { orders: readonly BoxOrder[] }).orders;
	}

	/** By symbol, none where nothing is held. */
	async boxPositions(): Promise<Readonly<Record<string, number>>> {
		const { positions } = (await this.#asked('')) as { positions: readonly { symbol: string; qtySigned: string }[] };
		return Object.fromEntries(
			positions.map(({ symbol, qtySigned }) => [symbol, Number(qtySigned)]).filter(([, qty]) => qty !== 0),
		);
	}

	async #asked(path: string): Promise<unknown> {
		const { control, accounts } = this.#box as BoxListening;
		const answer = await fetch(`${control.url}/v1/accounts/${accounts[0]?.name}${path === '' ? '' : `/${path}`}`, {
			headers: { authorization: `Bearer ${control.token}` },
		});
		return await answer.json();
	}

	#spawn(args: readonly string[], variables: Readonly<Record<string, string>> = {}): ChildProcess {
		const own = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('EVENKEEL_')));
		const child = spawn(process.execPath, [MAIN, ...args], {
			cwd: this.folder,
			env: { ...own, ...variables },
			stdio: ['ignore', 'pipe', 'pipe'],
		});
		this.#children.push(child);
		return child;
	}

	async #said(child: ChildProcess, stream: 'stdout' | 'stderr', what: RegExp): Promise<string> {
		let text = '';
		const [stdout, stderr] = [child.stdout, child.stderr];
		for (const each of [stdout, stderr]) each?.resume();
		child[stream]?.on('data', (chunk: Buffer) => {
			text += chunk.toString();
		});
		await eventually(`${stream} says ${what.source}`, () =>
			child.exitCode !== null ? Promise.reject(new Error(`it ended: ${text}`)) : what.test(text),
		);
		return text;
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await this.#browser?.close();
		for (const child of this.#children.reverse()) {
			if (child.exitCode !== null) continue;
			const ended = once(child, 'close');
			child.kill('SIGTERM');
			await Promise.race([ended, sleep(10_000).then(() => child.kill('SIGKILL'))]);
		}
		rmSync(this.folder, { recursive: true, force: true });
	}
}

/** Looks until it is so. */
export async function eventually(what: string, isSo: () => boolean | Promise<boolean>, withinMs = WITHIN_MS): Promise<void> {
	const deadline = performance.now() + withinMs;
	while (!(await isSo())) {
		if (performance.now() > deadline) throw new Error(`it did not come about within ${withinMs / 1_000} s: ${what}`);
		await sleep(50);
	}
}

export async function picture(page: Page, name: string): Promise<void> {
	mkdirSync(PICTURES, { recursive: true });
	await page.screenshot({ path: join(PICTURES, `${name}.png`) });
}

/** What a person with a screen reader, a keyboard or weak eyes would stumble over. */
export async function barriers(page: Page): Promise<readonly string[]> {
	// The page's own policy lets in no script but its own: the checker comes through the browser's debugger.
	await page.evaluate(axe.source);
	const found = (await page.evaluate(
		`axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) => violations.map(({ id, nodes }) => id + ': ' + nodes.map(({ target, failureSummary }) => target.join(' ') + ' ' + failureSummary).slice(0, 3).join(' | ')))`,
	)) as readonly string[];
	expect(Array.isArray(found)).toBe(true);
	return found;
}
