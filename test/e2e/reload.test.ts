/**
 * The real program in a process of its own, while somebody edits its file: the way back from batches and forward again, a
 * mistake, another parameter, and an end with nothing left open (T3, G4).
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test } from 'vitest';

const MAIN = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));
const TOO_LONG_MS = 60_000;
const LOOK_EVERY_MS = 50;

const folder = mkdtempSync(join(tmpdir(), 'evenkeel-reload-'));
const children: ChildProcess[] = [];

afterEach(() => {
	for (const child of children.splice(0)) child.kill('SIGKILL');
	rmSync(folder, { recursive: true });
});

function settings({ enabled, count }: { enabled: boolean; count: number }): string {
	return `venues: { bybit: { symbols: [BTCUSDT, ETHUSDT] } }
strategies:
  - name: both
    params: { levels: { count: ${count}, half_spread_bps: 1, step_bps: 1 } }
async_batch:
  enabled: ${enabled}
telemetry: { metrics_port: 0 }
box: { symbols: [BTCUSDT, ETHUSDT], rate_limit_factor: off }
`;
}

class Session {
	readonly #child: ChildProcess;
	readonly #ended: Promise<unknown[]>;
	readonly #file: string;
	said = '';
	#printed = '';

	constructor(file: string) {
		this.#file = file;
		this.#child = spawn(process.execPath, [MAIN, 'run', '--config', file, '--json'], { stdio: ['ignore', 'pipe', 'pipe'] });
		children.push(this.#child);
		this.#child.stderr?.on('data', (text: Buffer) => {
			this.said += text.toString();
		});
		this.#child.stdout?.on('data', (text: Buffer) => {
			this.#printed += text.toString();
		});
		this.#ended = once(this.#child, 'close');
	}

	/** As most editors do: another file in its place. */
	save(text: string): void {
		writeFileSync(`${this.#file}.new`, text);
		renameSync(`${this.#file}.new`, this.#file);
	}

	async says(pattern: RegExp): Promise<string> {
		return await until(
			() => pattern.exec(this.said)?.[1],
			() => `${String(pattern)} in: ${this.said}`,
		);
	}

	/** Answered order calls with one command and with several. */
	async calls(): Promise<{ readonly single: number; readonly batched: number }> {
		const text = await (await fetch(/metrics: (\S+)/.exec(this.said)?.[1] ?? '')).text();
		const count = (api: string): number => {
			const rows = [...text.matchAll(/^mm_exchange_req_ms_count\{(.*)\} (\d+)$/gm)];
			return rows
				.filter(([, labels = '']) => labels.includes(`api="${api}"`))
				.reduce((sum, [, , value]) => sum + Number(value), 0);
		};
		return { single: count('ws'), batched: count('ws-batch') };
	}

	/** Waits until that many more calls of this kind were answered, and gives all counts of that moment. */
	async more(kind: 'single' | 'batched', count: number) {
		const before = await this.calls();
		return await until(
			async () => {
				const now = await this.calls();
				return now[kind] >= before[kind] + count ? now : undefined;
			},
			() => `${count} more ${kind} calls than ${JSON.stringify(before)}`,
		);
	}

	async stop(): Promise<{ readonly code: unknown; readonly report: unknown }> {
		this.#child.kill('SIGINT');
		const [code] = await this.#ended;
		return { code, report: JSON.parse(this.#printed) as unknown };
	}
}

async function until<Found>(look: () => Found | undefined | Promise<Found | undefined>, what: () => string): Promise<Found> {
	const endMs = Date.now() + TOO_LONG_MS / 4;
	for (;;) {
		const found = await look();
		if (found !== undefined) return found;
		if (Date.now() > endMs) throw new Error(`it did not come about: ${what()}`);
		await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
	}
}

test('an edit of the file takes effect while orders stand: batches off and on, a mistake, another parameter', {
	timeout: TOO_LONG_MS,
}, async () => {
	const file = join(folder, 'evenkeel.yaml');
	writeFileSync(file, settings({ enabled: true, count: 3 }));
	const session = new Session(file);
	await session.says(/(Ctrl-C cancels all)/);
	await session.more('batched', 3);

	session.save(settings({ enabled: false, count: 3 }));
	await session.says(/evenkeel\.yaml:6:12: (async_batch\.enabled: true -> false, now)\n/);
	// What was packed before is answered by the time that a few calls of the new kind are.
	const settled = await session.more('single', 5);
	const later = await session.more('single', 15);
	expect(later.batched).toBe(settled.batched);

	session.save(settings({ enabled: true, count: 0 }));
	await session.says(
		/(has mistakes, so nothing changes:\n.*evenkeel\.yaml:4:32: strategies\[0\]\.params\.levels\.count: found 0)/,
	);
	expect((await session.more('single', 5)).batched).toBe(settled.batched);

	session.save(settings({ enabled: true, count: 2 }));
	await session.says(/(async_batch\.enabled: false -> true, now)\n/);
	await session.says(/(strategies\.both\.params\.levels\.count: 3 -> 2, now)\n/);
	await session.more('batched', 3);
	const { code, report } = await session.stop();
	expect(report).toMatchObject({ openOrdersAtExit: 0 });
	expect(code).toBe(0);
});
