/** The command, in this process: what it prints, what it leaves, and how it ends. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { addSignalsCommand } from './signals.ts';
import { UsageError } from './usage-error.ts';

let folder: string;
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), 'evenkeel-signals-'));
});
afterEach(() => {
	vi.restoreAllMocks();
	rmSync(folder, { recursive: true });
});

const data = (): string => join(folder, 'data');

async function signals(...args: readonly string[]) {
	let [stdout, stderr] = ['', ''];
	const [out, err] = [vi.spyOn(process.stdout, 'write'), vi.spyOn(process.stderr, 'write')];
	out.mockImplementation((text) => {
		stdout += String(text);
		return true;
	});
	err.mockImplementation((text) => {
		stderr += String(text);
		return true;
	});
	const program = new Command('evenkeel').exitOverride();
	addSignalsCommand(program);
	const before = process.exitCode;
	try {
		await program.parseAsync(['signals', ...args, ...(args.includes('--config') ? [] : ['--data', data()])], { from: 'user' });
		return { status: process.exitCode, stdout, stderr };
	} catch (error) {
		// As `main.ts` does.
		if (!(error instanceof UsageError)) throw error;
		return { status: 2, stdout, stderr: `${stderr}evenkeel: ${error.message}\n` };
	} finally {
		process.exitCode = before;
		out.mockRestore();
		err.mockRestore();
	}
}

async function created(...args: readonly string[]) {
	const { status, stdout, stderr } = await signals('create', ...args, '--json');
	expect(status, stderr).toBe(0);
	return (JSON.parse(stdout) as { signal: Readonly<Record<string, unknown>> & { id: string } }).signal;
}

test('what is created is listed, shown, changed and taken away', async () => {
	const signal = await created(
		'BTCUSDT',
		'sell',
		'--value',
		'-0.8',
		'--confidence',
		'0.5',
		'--source',
		'desk',
		'--until',
		'2999-01-01T00:00:00Z',
	);
	expect(signal).toMatchObject({
		symbol: 'BTCUSDT',
		type: 'SELL',
		value: -0.8,
		confidence: 0.5,
		source: 'desk',
		expiresAt: '2999-01-01T00:00:00.000Z',
	});
	const { id } = signal;
	await created('bybit:linear:ETHUSDT', 'HOLD', '--id', 'other');
	expect((await signals('list')).stdout.split('\n').map((line) => line.split(/ {2,}/))).toEqual([
		['id', 'symbol', 'type', 'value', 'confidence', 'source', 'expires'],
		['other', 'bybit:linear:ETHUSDT', 'HOLD', '0', '1', 'manual', expect.any(String)],
		[id, 'BTCUSDT', 'SELL', '-0.8', '0.5', 'desk', '2999-01-01T00:00:00.000Z'],
		[''],
	]);
	expect(JSON.parse((await signals('list', 'BTCUSDT', 'linear:BTCUSDT', '--json')).stdout)).toEqual({ signals: [signal] });
	expect(JSON.parse((await signals('get', id, '--json')).stdout)).toEqual({ signal });
	const changed = await signals('update', id, '--type', 'BUY', '--value', '.25', '--json');
	expect(JSON.parse(changed.stdout)).toMatchObject({ signal: { id, type: 'BUY', value: 0.25, confidence: 0.5 } });
	const gone = await signals('delete', id, 'other');
	expect(gone).toMatchObject({
		status: 0,
		stdout: expect.stringContaining(`${id}: BUY BTCUSDT, value 0.25, confidence 0.5, from desk`) as unknown,
	});
	expect(await signals('list')).toEqual({ status: 0, stdout: 'no signals\n', stderr: '' });
});

test('looking where there is nothing finds nothing, and makes no file', async () => {
	expect(await signals('list')).toEqual({ status: 0, stdout: 'no signals\n', stderr: '' });
	expect(await signals('list', '--json')).toMatchObject({ status: 0, stdout: '{"signals":[]}\n' });
	expect(await signals('export')).toMatchObject({ status: 0, stdout: '{\n\t"signals": []\n}\n' });
	expect(await signals('get', 'one')).toEqual({ status: 1, stdout: '', stderr: 'evenkeel: there is no signal one\n' });
	expect(existsSync(data())).toBe(false);
});

test('one lasts an hour unless said, or as long as is said', async () => {
	const lasts = async (...args: readonly string[]) => {
		const { createdAt, expiresAt } = await created('BTCUSDT', 'BUY', ...args);
		return Math.round((Date.parse(String(expiresAt)) - Date.parse(String(createdAt))) / 60_000);
	};
	expect([await lasts(), await lasts('--for', '4h')]).toEqual([60, 240]);
});

describe('wrong use', () => {
	test.each<[readonly string[], string]>([
		[['create', 'BTCUSDT', 'UP'], "the type is 'UP', expected one of BUY, SELL, HOLD"],
		[['create', 'BTCUSDT', 'BUY', '--value', 'much'], "--value is 'much', expected a number such as 0.8"],
		[['create', 'BTCUSDT', 'BUY', '--confidence', ''], "--confidence is '', expected a number such as 0.8"],
		[['create', 'BTCUSDT', 'BUY', '--value', '1e2'], "--value is '1e2', expected a number such as 0.8"],
		[['create', 'BTCUSDT', 'BUY', '--confidence', '7'], 'confidence is 7, expected a number from 0 to 1'],
		[
			['create', 'BTCUSDT', 'SELL', '--value', '0.8'],
			'value is 0.8, expected a number from -1 to below 0, since the type is SELL',
		],
		[['create', 'B T C', 'SELL'], "symbol is 'B T C', expected the name of a symbol such as BTCUSDT or bybit:linear:BTCUSDT"],
		[['create', 'BTCUSDT', 'BUY', '--for', 'ever'], "--for is 'ever', expected a time from 1ms to 168h, such as 30s, 10m or 4h"],
		[['create', 'BTCUSDT', 'BUY', '--until', 'tomorrow'], "--until is 'tomorrow', expected a time such as 2026-11-22T08:30:00Z"],
		[
			['create', 'BTCUSDT', 'BUY', '--until', '2020-01-01T00:00:00Z'],
			'--until is 2020-01-01T00:00:00Z, which is over: expected a time to come',
		],
		[
			['create', 'BTCUSDT', 'BUY', '--for', '1h', '--until', '2999-01-01T00:00:00Z'],
			'--for and --until say the same: take one of them out',
		],
		[['update', 'one'], 'there is nothing to change: name --type, --value, --confidence, --for or --until'],
		[['import', '/nowhere/signals.json'], 'cannot read /nowhere/signals.json: there is no such file'],
		[['export', '/nowhere/signals.json'], 'cannot write /nowhere/signals.json: there is no such folder'],
	])('%j', async (args, sentence) => {
		expect(await signals(...args)).toEqual({ status: 2, stdout: '', stderr: `evenkeel: ${sentence}\n` });
	});
});

test('what is not there, or there already, has failed', async () => {
	await created('BTCUSDT', 'BUY', '--id', 'one');
	expect(await signals('create', 'BTCUSDT', 'BUY', '--id', 'one')).toEqual({
		status: 1,
		stdout: '',
		stderr: 'evenkeel: there is a signal one already\n',
	});
	expect(await signals('update', 'two', '--value', '1')).toEqual({
		status: 1,
		stdout: '',
		stderr: 'evenkeel: there is no signal two\n',
	});
	expect(await signals('delete', 'one', 'two')).toMatchObject({
		status: 1,
		stdout: expect.stringMatching(/^one: BUY.*\nthere is no signal two\n$/) as unknown,
	});
	expect((await signals('list')).stdout).toBe('no signals\n');
});

test('many operations have a result each', async () => {
	const file = join(folder, 'operations.json');
	const create = { kind: 'create', id: 'a', symbol: 'BTCUSDT', type: 'BUY', source: 'desk', expiresAt: '2999-01-01T00:00:00Z' };
	writeFileSync(
		file,
		JSON.stringify({ operations: [create, { kind: 'delete', id: 'b' }, { kind: 'update', id: 'a', value: 0.5 }] }),
	);
	const { status, stdout } = await signals('process', file, '--json');
	expect(status).toBe(1);
	expect(JSON.parse(stdout)).toMatchObject({
		...{ done: 2, refused: 1 },
		results: [
			{ kind: 'done', signal: { id: 'a', value: 1 } },
			{ kind: 'refused', refusal: 'unknown', sentence: 'there is no signal b' },
			{ kind: 'done', signal: { value: 0.5 } },
		],
	});
	writeFileSync(file, '{"operations": [\n{"kind": "creat"}]}');
	expect(await signals('process', file)).toEqual({
		status: 2,
		stdout: '',
		stderr: `${file}:2:10: operations[0].kind: found 'creat', expected one of create, update, delete; did you mean 'create'?\n`,
	});
});

test('an export is imported elsewhere as it was, and again over itself', async () => {
	await created('BTCUSDT', 'BUY', '--value', '0.1', '--for', '4h');
	await created('ETHUSDT', 'SELL', '--id', 'long', '--for', '4h');
	const file = join(folder, 'signals.json');
	writeFileSync(file, 'what was there before');
	expect(await signals('export', file)).toEqual({ status: 0, stdout: '', stderr: '' });
	const text = readFileSync(file, 'utf8');
	expect(readdirSync(folder).sort()).toEqual(['data', 'signals.json']);
	const elsewhere = ['--data', join(folder, 'elsewhere')];
	expect(await signals('import', file, ...elsewhere)).toMatchObject({ status: 0, stdout: '2 of 2 signals imported\n' });
	expect((await signals('export', ...elsewhere)).stdout).toBe(text);
	expect((await signals('import', file, '--json')).stdout).toBe('{"imported":2,"expired":0,"read":2}\n');
	expect((await signals('export')).stdout).toBe(text);
});

test('an import leaves out what has expired and says so, and takes nothing of a file with mistakes', async () => {
	const file = join(folder, 'signals.json');
	const one = (id: string, year: number, more = '') =>
		`{"id": "${id}", "symbol": "X", "type": "BUY", "source": "s", "expiresAt": "${year}-01-01T00:00:00Z"${more}}`;
	writeFileSync(file, `{"signals": [${one('a', 2999)}, ${one('b', 2020)}]}`);
	expect(await signals('import', file)).toEqual({ status: 0, stdout: '1 of 2 signals imported; 1 had expired\n', stderr: '' });
	writeFileSync(file, `{"signals": [${one('c', 2999)},\n${one('d', 2999, ', "value": 7')}]}`);
	expect(await signals('import', file)).toMatchObject({
		status: 2,
		stderr: expect.stringContaining('signals.json:2:') as unknown,
	});
	expect((await signals('get', 'c')).status).toBe(1);
});

test('settings name the folder, and a symbol that they do not know is remarked on', async () => {
	const config = join(folder, 'evenkeel.yaml');
	writeFileSync(config, 'venues: { bybit: { symbols: [BTCUSDT] } }\nstorage: { folder: kept }\n');
	const { status, stderr } = await signals('create', 'ETHUSDT', 'BUY', '--config', config);
	expect([status, stderr]).toEqual([
		0,
		`warning: ETHUSDT is none of the symbols of ${config}, and is not heeded there: bybit:linear:BTCUSDT\n`,
	]);
	expect(await signals('create', 'linear:BTCUSDT', 'BUY', '--config', config)).toMatchObject({ status: 0, stderr: '' });
	expect(readdirSync(join(folder, 'kept'))).toContain('signals.db');
	writeFileSync(config, 'venues: { bybit: { symbols: [BTCUSDT] } }\n');
	vi.spyOn(process, 'cwd').mockReturnValue(folder);
	for (const args of [['create', 'BTCUSDT', 'SELL', '--id', 'a'], ['list'], ['export']]) {
		expect((await signals(...args, '--config', config)).stderr.match(/shares signals only where/g)).toHaveLength(1);
	}
});

test('a file that is damaged has failed, and stays as it is', async () => {
	await created('BTCUSDT', 'BUY');
	const path = join(data(), 'signals.db');
	writeFileSync(path, 'x'.repeat(8_192));
	for (const args of [['list'], ['create', 'BTCUSDT', 'BUY'], ['export']]) {
		const { status, stdout, stderr } = await signals(...args);
		expect([status, stdout]).toEqual([1, '']);
		expect(stderr).toMatch(
			/^evenkeel: the signals in .* cannot be read, and nothing was changed: file is not a database; move it away together with .*\n$/,
		);
	}
	expect(readFileSync(path, 'utf8')).toBe('x'.repeat(8_192));
});

test('every command shows an example', () => {
	const program = new Command('evenkeel');
	addSignalsCommand(program);
	const commands = program.commands[0]?.commands ?? [];
	expect(commands.map((command) => command.name())).toEqual([
		'list',
		'get',
		'create',
		'update',
		'delete',
		'process',
		'import',
		'export',
	]);
	for (const command of commands) {
		let help = '';
		command.configureOutput({ writeOut: (text) => (help += text) }).outputHelp();
		expect(help).toContain(`\nExample:\n  `);
		expect(help).toContain(`evenkeel signals ${command.name()}`);
	}
});
