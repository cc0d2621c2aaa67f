/** The command as a process: what it prints, how it ends, and what it says to somebody who mistypes. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, test } from 'vitest';
import type { BoxListening } from '../app/box.ts';
import { parseLatency } from './duration.ts';

const MAIN = fileURLToPath(new URL('main.ts', import.meta.url));
const FREE = ['--bybit-port', '0', '--control-port', '0'];
const children: ChildProcess[] = [];

afterEach(() => {
	for (const child of children.splice(0)) child.kill('SIGKILL');
});

function start(...flags: string[]) {
	const child = spawn(process.execPath, [MAIN, 'exchange', ...flags]);
	children.push(child);
	const output = { stdout: '', stderr: '' };
	child.stdout.on('data', (chunk: Buffer) => {
		output.stdout += chunk.toString();
	});
	child.stderr.on('data', (chunk: Buffer) => {
		output.stderr += chunk.toString();
	});
	return { child, output, ended: once(child, 'close').then(([code]) => code as number | null) };
}

async function listening(running: ReturnType<typeof start>): Promise<BoxListening> {
	while (!running.output.stdout.includes('\n')) await Promise.race([once(running.child.stdout, 'data'), running.ended]);
	return JSON.parse(running.output.stdout) as BoxListening;
}

test('prints one line when it listens, answers, and ends with 0 on SIGTERM', async () => {
	const running = start(...FREE, '--seed', '7', '--symbols', 'BTCUSDT', '--latency', '10ms±5', '--json');
	const { bybit, control, accounts } = await listening(running);
	expect(bybit.public.linear).toMatch(/^ws:\/\/127\.0\.0\.1:\d+\/v5\/public\/linear$/);
	expect(accounts.map(({ name }) => name)).toEqual(['alice', 'bob']);
	expect((await fetch(`${bybit.rest}/v5/market/time`)).status).toBeGreaterThan(0);
	expect((await fetch(`${control.url}/v1/state`)).status).toBe(401);
	const state = await fetch(`${control.url}/v1/state`, { headers: { authorization: `Bearer ${control.token}` } });
	expect(await state.json()).toMatchObject({ symbols: ['BTCUSDT', 'spot:BTCUSDT'] });
	running.child.kill('SIGTERM');
	expect(await running.ended).toBe(0);
	expect(running.output.stdout.match(/\n/g)).toHaveLength(1);
	expect(running.output.stderr).toBe('');
});

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
		[['--control-port', 'x'], "--control-port is 'x'"],
		[['--bybit-port', '5000', '--control-port', '5000'], 'are both 5000; give one of them another port'],
		[['--seed', '-1'], "--seed is '-1'"],
		[['--market', 'wild'], "--market is 'wild', expected one of synthetic, quiet, none"],
		[['--symbols', 'BTCUSDT,DOGE'], "--symbols has 'DOGE', expected some of BTCUSDT, ETHUSDT"],
		[['--latency', 'fast'], "--latency is 'fast', expected a round trip"],
		[['--faults', 'plan.yaml'], "unknown option '--faults'; evenkeel exchange --help lists the options"],
	])('%j', async (flags, message) => {
		const running = start(...flags);
		expect(await running.ended).toBe(2);
		expect(running.output.stderr).toContain(message);
		expect(running.output.stderr.match(/\n/g)).toHaveLength(1);
		expect(running.output.stdout).toBe('');
	});
});

test.each([
	['40ms', { roundTripMs: 40, jitterMs: 0 }],
	['40ms±5', { roundTripMs: 40, jitterMs: 5 }],
	['40ms±5ms', { roundTripMs: 40, jitterMs: 5 }],
	['0.5s+-2.5', { roundTripMs: 500, jitterMs: 2.5 }],
	['0ms', { roundTripMs: 0, jitterMs: 0 }],
	['40', undefined],
	['40ms±', undefined],
	['40ms±41', undefined],
	['40ms±5±5', undefined],
	['61s', undefined],
	['', undefined],
])('--latency %s', (text, expected) => {
	expect(parseLatency(text)).toEqual(expected);
});
