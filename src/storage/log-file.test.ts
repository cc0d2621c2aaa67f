import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { systemClock } from '../network/system-clock.ts';
import { LogFile, type LogFileOptions } from './log-file.ts';

let root: string;
let folder: string;
let said: string[];

beforeEach(() => {
	root = mkdtempSync(join(tmpdir(), 'evenkeel-log-'));
	folder = join(root, 'logs');
	said = [];
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const open = (options: Partial<LogFileOptions> = {}): LogFile =>
	new LogFile({ clock: systemClock(), folder, onSay: (sentence) => said.push(sentence), ...options });
const text = (name = 'evenkeel.log'): string => readFileSync(join(folder, name), 'utf8');

test('lines are there in order, for the owner alone', async () => {
	const file = open();
	for (const line of ['a\n', 'b\n']) file.write(line);
	await file[Symbol.asyncDispose]();
	expect(text()).toBe('a\nb\n');
	expect([statSync(join(folder, 'evenkeel.log')).mode & 0o777, statSync(folder).mode & 0o777]).toEqual([0o600, 0o700]);
});

test('the next run goes on behind the last', async () => {
	for (const line of ['a\n', 'b\n']) {
		const file = open();
		file.write(line);
		await file[Symbol.asyncDispose]();
	}
	expect(text()).toBe('a\nb\n');
});

test('lines get there without an end, too', async () => {
	const file = open();
	file.write('a\n');
	await expect.poll(() => readdirSync(root)).toEqual(['logs']);
	await expect.poll(() => text()).toBe('a\n');
	await file[Symbol.asyncDispose]();
});

describe('on disk there is never more than was said', () => {
	test('the newest lines in the first file, older ones in the next, the oldest gone', async () => {
		const file = open({ bytesMax: 100, filesMax: 3 });
		for (let at = 0; at < 100; at += 1) file.write(`${String(at).padStart(9, '0')}\n`);
		await file[Symbol.asyncDispose]();
		expect(readdirSync(folder).sort()).toEqual(['evenkeel.1.log', 'evenkeel.2.log', 'evenkeel.log']);
		const kept = ['evenkeel.2.log', 'evenkeel.1.log', 'evenkeel.log'].map(text).join('').trim().split('\n').map(Number);
		expect(kept).toEqual(Array.from({ length: kept.length }, (_, at) => 100 - kept.length + at));
		for (const name of readdirSync(folder)) expect(statSync(join(folder, name)).size).toBeLessThanOrEqual(100);
	});

	test('counted in bytes, not in characters', async () => {
		const file = open({ bytesMax: 100, filesMax: 2 });
		for (let at = 0; at < 50; at += 1) file.write(`${'é'.repeat(10)}\n`);
		await file[Symbol.asyncDispose]();
		for (const name of readdirSync(folder)) expect(statSync(join(folder, name)).size).toBeLessThanOrEqual(100);
	});
});

describe('where lines cannot be written', () => {
	test('they are lost, counted, and said once; nothing throws', async () => {
		// A file stands where the folder would be.
		writeFileSync(folder, '');
		const file = open();
		file.write('a\n');
		await file[Symbol.asyncDispose]();
		file.write('b\n');
		expect(file.lostCount).toBe(2);
		expect(said).toHaveLength(1);
	});

	test('whoever writes into it that lines are lost is told no second time', async () => {
		const file = open({
			onSay: (sentence) => {
				said.push(sentence);
				file.write(`${sentence}\n`);
			},
		});
		// Four of them are exactly what waits at most.
		const line = `${'x'.repeat(1024 ** 2 - 1)}\n`;
		for (let at = 0; at < 5; at += 1) file.write(line);
		expect(said).toHaveLength(1);
		expect(file.lostCount).toBe(2);
		await file[Symbol.asyncDispose]();
	});

	test('they wait up to a bound', () => {
		const file = open();
		const line = `${'x'.repeat(8_000)}\n`;
		for (let at = 0; at < 1_000; at += 1) file.write(line);
		expect(file.lostCount).toBeGreaterThan(400);
		return file[Symbol.asyncDispose]();
	});
});
