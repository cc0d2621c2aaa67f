/** The command as a process, at length: keys, ports, faults and configuration, and what is said to who mistypes. */
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import type { BoxListening } from '../app/box.ts';
import { FREE, listening, MAIN, start } from './exchange.suite.ts';

test('keys depend on the seed alone, the token on nothing; SIGINT ends it too', async () => {
	const [one, other] = [start(...FREE, '--market', 'none', '--json'), start(...FREE, '--market', 'quiet', '--json')];
	const [first, second] = [await listening(one), await listening(other)];
	expect(first.accounts).toEqual(second.accounts);
	expect(first.control.token).not.toBe(second.control.token);
	for (const { child } of [one, other]) child.kill('SIGINT');
	expect([await one.ended, await other.ended]).toEqual([0, 0]);
});

test('a port in use is one plain line and exit code 1', async () => {
	const taken = createServer();
	taken.listen(0, '127.0.0.1');
	await once(taken, 'listening');
	const address = taken.address();
	const port = typeof address === 'object' && address !== null ? String(address.port) : '';
	for (const flags of [
		['--bybit-port', port, '--control-port', '0'],
		['--bybit-port', '0', '--control-port', port],
	]) {
		const running = start(...flags);
		expect(await running.ended).toBe(1);
		expect(running.output.stderr).toMatch(
			/^evenkeel: cannot listen on 127\.0\.0\.1:\d+: another program listens there; choose another with --(bybit|control)-port, or 0.*\n$/,
		);
	}
	taken.close();
});

describe('wrong use is one line and exit code 2', () => {
	test.each([
		[['--bybit-port', '70000'], "--bybit-port is '70000', expected a whole number from 0 to 65535"],
		[['--bybit-port', '4711'], 'default: box.control_port: found 4711, expected another port than bybit_port'],
		[['--faults', 'nowhere.yaml'], 'cannot read nowhere.yaml: there is no such file'],
		[['--config', 'nowhere.yaml'], 'cannot read nowhere.yaml: there is no such file'],
		[['--config', tmpdir()], 'it is a folder'],
		[['--fault', 'x'], "unknown option '--fault'"],
	])('%j', async (flags, message) => {
		const running = start(...flags);
		expect(await running.ended).toBe(2);
		expect(running.output.stderr).toContain(message);
		expect(running.output.stderr.match(/\n/g)).toHaveLength(1);
		expect(running.output.stdout).toBe('');
	});
});

const folder = mkdtempSync(join(tmpdir(), 'evenkeel-config-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Where a file with this text lies. */
function written(name: string, text: string): string {
	const path = join(folder, name);
	writeFileSync(path, text);
	return path;
}

async function fault(box: BoxListening): Promise<{ readonly faults: readonly { id: string }[]; readonly counts: object }> {
	const reply = await fetch(`${box.control.url}/v1/faults`, { headers: { authorization: `Bearer ${box.control.token}` } });
	return (await reply.json()) as Awaited<ReturnType<typeof fault>>;
}

describe('faults from the start', () => {
	const PLAN = '- { name: server-error, path: /v5/market/time, form: http-502, count: 2 }\n- { name: ban, path: /nowhere }\n';

	test('a plan strikes, is counted by the control API, and with --json nothing more is printed', async () => {
		const running = start(...FREE, '--market', 'none', '--faults', written('plan.yaml', PLAN), '--json');
		const box = await listening(running);
		const statuses: number[] = [];
		for (let n = 0; n < 3; n += 1) statuses.push((await fetch(`${box.bybit.rest}/v5/market/time`)).status);
		expect(statuses).toEqual([502, 502, 200]);
		expect(await fault(box)).toMatchObject({
			faults: [{ id: 'plan-1' }, { id: 'plan-2' }],
			counts: { 'server-error': 2, ban: 0 },
		});
		running.child.kill('SIGTERM');
		expect(await running.ended).toBe(0);
		expect(running.output.stdout.match(/\n/g)).toHaveLength(1);
		expect(running.output.stderr).toBe('');
	});

	test('without --json the end says how often each rule struck', async () => {
		const running = start(...FREE, '--market', 'none', '--faults', written('plan.yaml', PLAN));
		while (!running.output.stdout.includes('Ctrl-C')) await Promise.race([once(running.child.stdout, 'data'), running.ended]);
		const rest = /Bybit REST +(\S+)/.exec(running.output.stdout)?.[1] ?? '';
		await fetch(`${rest}/v5/market/time`);
		running.child.kill('SIGINT');
		expect(await running.ended).toBe(0);
		expect(running.output.stdout).toMatch(/\nfaults +2 rules of .*plan\.yaml\n/);
		expect(running.output.stdout).toMatch(/\nhow often each fault struck\nserver-error +1\nban +0\n$/);
	});

	test('a drawn plan is the same for the same seed, and a reset puts it in force again', async () => {
		const both = [start(...FREE, '--market', 'none', '--faults', 'seed:3', '--json')];
		both.push(start(...FREE, '--market', 'quiet', '--seed', '9', '--faults', 'seed:3', '--json'));
		const [first, second] = await Promise.all(both.map(listening));
		if (first === undefined || second === undefined) throw new Error('did not start');
		const { faults } = await fault(first);
		expect(faults.length).toBeGreaterThan(3);
		expect((await fault(second)).faults).toEqual(faults);
		const authorization = `Bearer ${first.control.token}`;
		await fetch(`${first.control.url}/v1/faults`, { method: 'DELETE', headers: { authorization } });
		await fetch(`${first.control.url}/v1/reset`, { method: 'POST', headers: { authorization } });
		expect((await fault(first)).faults).toEqual(faults);
	});
});

describe('a configuration', () => {
	test('is taken, a flag goes before it, and its plan lies beside it', async () => {
		written('beside.yaml', '- { name: server-error, form: http-503 }\n');
		const text = `box:
  bybit_port: 0
  control_port: 0
  market: none
  symbols: [ETHUSDT]
  accounts: [{ name: carol, balances: { USDT: "12.5" } }]
  faults: beside.yaml
`;
		const running = start('--config', written('box.yaml', text), '--symbols', 'BTCUSDT', '--json');
		const box = await listening(running);
		expect(box.accounts.map(({ name }) => name)).toEqual(['carol']);
		expect((await fetch(`${box.bybit.rest}/v5/market/time`)).status).toBe(503);
		const headers = { authorization: `Bearer ${box.control.token}` };
		const state = await (await fetch(`${box.control.url}/v1/state`, { headers })).json();
		expect(state).toMatchObject({ symbols: ['BTCUSDT', 'spot:BTCUSDT'] });
		const account = await (await fetch(`${box.control.url}/v1/accounts/carol`, { headers })).text();
		expect(account).toContain('12.5');
	});

	test('with mistakes ends with 2 and one line for each, in the plan as well', async () => {
		const config = start('--config', written('bad.yaml', 'box:\n  sed: 1\n  market: 5\n'));
		const plan = start('--faults', written('bad-plan.yaml', '- name: drop-reqest\n- name: half-open\n  count: 0\n'));
		expect([await config.ended, await plan.ended]).toEqual([2, 2]);
		expect(config.output.stderr).toMatch(/^\S+bad\.yaml:2:3: box\.sed: .*\n\S+bad\.yaml:3:11: box\.market: .*\n$/);
		expect(plan.output.stderr).toMatch(
			/^\S+bad-plan\.yaml:1:9: \[0\]\.name: .*did you mean 'drop-request'\?\n\S+bad-plan\.yaml:3:10: \[1\]\.count: .*\n$/,
		);
		expect(config.output.stdout + plan.output.stdout).toBe('');
	});
});

describe('evenkeel config', () => {
	const EXAMPLE = fileURLToPath(new URL('../../examples/box.yaml', import.meta.url));
	const config = (...words: string[]) => {
		const env = { ...process.env, EVENKEEL_BOX__SEED: '11' };
		const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, 'config', ...words], { encoding: 'utf8', env });
		return { status, stdout, stderr };
	};

	test('check finds nothing wrong with the example and the plan beside it', () => {
		expect(config('check', EXAMPLE)).toEqual({ status: 0, stdout: `${EXAMPLE}: nothing is wrong\n`, stderr: '' });
		expect(JSON.parse(config('check', EXAMPLE, '--json').stdout)).toEqual({ ok: true, problems: [], warnings: [] });
	});

	test('check tells problems as lines, and as JSON', () => {
		const path = written('bad.yaml', 'box: { sed: 1 }\n');
		const told = config('check', path);
		expect(told).toMatchObject({ status: 2, stdout: '' });
		expect(told.stderr).toMatch(/^\S+bad\.yaml:1:8: box\.sed: found an unknown key, .*\n$/);
		const asJson = config('check', path, '--json');
		expect(asJson).toMatchObject({ status: 2, stderr: '' });
		expect(JSON.parse(asJson.stdout)).toMatchObject({
			ok: false,
			problems: [{ place: { file: path, line: 1, column: 8 }, path: 'box.sed', mend: "did you mean 'seed'?" }],
		});
	});

	test('print shows what is in force and where it comes from', () => {
		const { status, stdout } = config('print', EXAMPLE);
		expect(status).toBe(0);
		expect(stdout).toContain('  seed: 11 # EVENKEEL_BOX__SEED\n');
		expect(stdout).toMatch(/ {2}latency: 40ms±5 # \S+box\.yaml:\d+:\d+\n/);
		expect(JSON.parse(config('print', '--json').stdout)).toMatchObject({ config: { box: { seed: 11, bybit_port: 4710 } } });
	});

	test('schema is JSON, in one line where asked', () => {
		expect(JSON.parse(config('schema').stdout)).toMatchObject({ $schema: 'http://json-schema.org/draft-07/schema#' });
		expect(config('schema', '--json').stdout.match(/\n/g)).toHaveLength(1);
	});

	test.each([
		[['check'], 'missing required argument'],
		[['chek'], 'config --help'],
		[['check', 'nowhere.yaml'], 'no such file'],
	])('%j is wrong use', (words, message) => {
		const { status, stderr } = config(...words);
		expect(status).toBe(2);
		expect(stderr).toContain(message);
		expect(stderr.match(/\n/g)).toHaveLength(1);
	});
});
