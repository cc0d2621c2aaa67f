/**
 * A whole engine as a process of its own, with a sink that works and one that nobody answers: a kill from outside is told of
 * within five seconds (I26), `/readyz` turns, the log has it all, and no secret is in anything that was written.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ApiClient, openClient } from '../../src/api/client.ts';

const MAIN = join(import.meta.dirname, '../../src/cli/main.ts');
const CANARY = 'canary-5f3a9c1e77';
const APPENDS = 'const fs=require("fs");fs.appendFileSync(process.argv[1],fs.readFileSync(0,"utf8"))';

let folder: string;
let hook: Server;
let posted: string[];
let engine: ChildProcess;
let ended: Promise<number | null>;
let said = '';
let client: ApiClient;

beforeAll(async () => {
	folder = mkdtempSync(join(tmpdir(), 'evenkeel-alerts-'));
	posted = [];
	hook = createServer((request, response) => {
		request.on('data', (part: Buffer) => posted.push(part.toString()));
		request.on('end', () => response.writeHead(request.headers.authorization === `Bearer ${CANARY}` ? 200 : 401).end());
	});
	await new Promise<void>((listening) => hook.listen(0, '127.0.0.1', listening));
	const address = hook.address();
	const port = typeof address === 'object' && address !== null ? address.port : 0;
	const sinks = [
		{ kind: 'command', name: 'file', command: [process.execPath, '-e', APPENDS, join(folder, 'told')] },
		{ kind: 'webhook', name: 'hook', url: `http://127.0.0.1:${port}/`, token_env: 'A_TOKEN' },
		{ kind: 'webhook', name: 'nobody', url_env: 'A_URL' },
	];
	const settings = {
		...{ storage: { folder: 'data' }, api: { port: 0 }, telemetry: { metrics_port: 0, log_level: 'debug' } },
		alerts: { sinks },
	};
	writeFileSync(join(folder, 'evenkeel.yaml'), JSON.stringify(settings));
	engine = spawn(process.execPath, [MAIN, 'run', '--seed', '7', '--config', join(folder, 'evenkeel.yaml')], {
		env: { ...process.env, XDG_STATE_HOME: folder, A_TOKEN: CANARY, A_URL: `http://127.0.0.1:1/${CANARY}` },
	});
	ended = once(engine, 'close').then(([code]) => code as number | null);
	engine.stdout?.on('data', (text: Buffer) => {
		said += text.toString();
	});
	engine.stderr?.on('data', (text: Buffer) => {
		said += text.toString();
	});
	await until(() => said.includes('dashboard: '), 'it listens');
	const opened = await openClient(join(folder, 'data'));
	if (opened.kind === 'refused') throw new Error(opened.sentence);
	client = opened.client;
}, 60_000);

afterAll(async () => {
	engine.kill('SIGKILL');
	await ended;
	hook.close();
	rmSync(folder, { recursive: true });
});

async function until(isSo: () => boolean | Promise<boolean>, what: string): Promise<void> {
	for (let tries = 0; tries < 300; tries += 1) {
		if (await isSo()) return;
		await setTimeout(100);
	}
	throw new Error(`it does not come about: ${what}; it said ${said}`);
}

function told(): string {
	const path = join(folder, 'told');
	return existsSync(path) ? readFileSync(path, 'utf8') : '';
}

async function ready(): Promise<{ readonly status: number; readonly body: string }> {
	const [, origin = ''] = /metrics: (http:\/\/\S+)\/metrics/.exec(said) ?? [];
	const response = await fetch(`${origin}/readyz`);
	return { status: response.status, body: await response.text() };
}

/** Everything that the session wrote into its folder, and what it printed. */
function written(): string {
	const files = readdirSync(join(folder, 'data'), { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
	return [said, told(), ...files.map(({ parentPath, name }) => readFileSync(join(parentPath, name), 'latin1'))].join('\n');
}

describe('an engine with sinks', { timeout: 60_000 }, () => {
	test('is ready once it quotes', async () => {
		await until(async () => (await client.read('overview', {})).openOrders > 0, 'it quotes');
		await until(async () => (await ready()).status === 200, 'it is ready');
	});

	test('tells of a kill within five seconds, to every sink that listens', async () => {
		await client.act('kill', { reason: 'first day' });
		const killedAt = Date.now();
		await until(() => told().includes('[critical] killed: first day') && posted.length > 0, 'the alert');
		expect(Date.now() - killedAt).toBeLessThan(5_000);
		expect(JSON.parse(posted[0] ?? '')).toMatchObject({ alerts: [{ code: 'killed', severity: 'critical', state: 'on' }] });
		expect(await ready()).toMatchObject({ status: 503, body: expect.stringContaining('first day') as string });
	});

	test('says what each sink did, and that one fails', async () => {
		await until(async () => (await client.read('alerts', {})).alerts.some(({ code }) => code === 'sink-failing'), 'the failure');
		const { alerts } = await client.read('alerts', {});
		const killed = alerts.find(({ code }) => code === 'killed');
		const results = Object.fromEntries(killed?.sent.map(({ sink, result }) => [sink, result]) ?? []);
		expect(results).toMatchObject({ file: 'sent', hook: 'sent', nobody: 'no answer from 127.0.0.1:1 (refused)' });
	});

	test('ends in order, with a log that has its life, and no secret in anything that it wrote', async () => {
		engine.kill('SIGTERM');
		expect(await ended).toBe(0);
		const all = written();
		for (const fact of ['"msg":"begins"', '"msg":"wanted"', '"msg":"answered"', '"code":"killed"', '"msg":"ends"']) {
			expect(all).toContain(fact);
		}
		expect(all).not.toContain(CANARY);
	});
});
