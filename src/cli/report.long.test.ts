/** A session as a process, and what can be asked of it afterwards. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runReport } from '../app/run-report.ts';

const MAIN = join(import.meta.dirname, 'main.ts');
const folder = mkdtempSync(join(tmpdir(), 'evenkeel-report-'));
const file = join(folder, 'evenkeel.yaml');
afterAll(() => rmSync(folder, { recursive: true }));

function evenkeel(...args: readonly string[]) {
	const env = { ...process.env, XDG_STATE_HOME: folder };
	const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, ...args, '--config', file], { env, encoding: 'utf8' });
	return { status, stdout, stderr };
}

beforeAll(() => {
	writeFileSync(file, 'storage: { folder: data }\napi: { port: 0 }\ntelemetry: { metrics_port: 0 }\n');
});

test('before the first run there is nothing to tell, and that is said', () => {
	const { status, stdout, stderr } = evenkeel('report');
	expect([status, stdout]).toEqual([1, '']);
	expect(stderr).toContain('no run has left its report');
});

test('the last run is told in the terminal, as JSON and as a page', () => {
	const session = evenkeel('run', '--ticks', '60', '--seed', '7', '--json');
	expect(session).toMatchObject({ status: 0 });
	const { ticks } = JSON.parse(session.stdout) as { ticks: number };
	const json = evenkeel('report', '--json');
	expect(json).toMatchObject({ status: 0 });
	const told = runReport.parse(JSON.parse(json.stdout));
	expect(told.overview.level).toBe('run');
	// It goes on ticking while its orders are cancelled.
	expect(told.overview.tick.count).toBeGreaterThanOrEqual(60);
	expect(told.overview.tick.count).toBeLessThanOrEqual(ticks);
	const names = told.latency.stages.map(({ name }) => name);
	expect(names).toEqual(expect.arrayContaining(['tick', 'decide', 'journal', 'exchange', 'ws']));
	const shares = told.latency.stages.filter(({ name }) => name !== 'tick').reduce((sum, { share }) => sum + (share ?? 0), 0);
	expect(shares).toBeCloseTo(1, 9);
	expect(evenkeel('report', '--latency').stdout).toMatch(/^of the last run, .*\n\nlatency, ms;.*\nstage +share +count/);
	const page = join(folder, 'report.html');
	expect(evenkeel('report', '--html', page)).toMatchObject({ status: 0 });
	expect(readFileSync(page, 'utf8')).toContain('<svg');
	expect(statSync(join(folder, 'data', 'last-session.json')).mode & 0o777).toBe(0o600);
});
