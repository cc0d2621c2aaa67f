import { mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { DiskError } from '../ports/disk.ts';
import { systemDisk } from '../storage/system-disk.ts';
import { Audit, type AuditRow } from './audit.ts';

function row(what: string): AuditRow {
	return { atMs: 1, who: 'admin token', role: 'admin', from: '127.0.0.1', what, result: 'done: it is' };
}

function place(): string {
	return join(mkdtempSync(join(tmpdir(), 'evenkeel-audit-')), 'audit.log');
}

async function opened(path: string, bytesMax?: number): Promise<Audit> {
	const limit = bytesMax === undefined ? {} : { bytesMax };
	return await Audit.open({ disk: systemDisk(), path, onSay: () => {}, ...limit });
}

test('what was written is there after it, newest first, for its owner alone', async () => {
	const path = place();
	{
		await using audit = await opened(path);
		await Promise.all([audit.write(row('one')), audit.write(row('two'))]);
		expect(
			readFileSync(path, 'utf8')
				.trim()
				.split('\n')
				.map((line) => JSON.parse(line) as unknown),
		).toEqual([row('one'), row('two')]);
	}
	await using again = await opened(path);
	await again.write(row('three'));
	expect(again.last(2)).toEqual([row('three'), row('two')]);
	expect(statSync(path).mode & 0o777).toBe(0o600);
});

test('a line is one line, whatever stands in it', async () => {
	const path = place();
	const nasty = 'a\nb\r\u001b[31m\u0000\u007f\u0085\u2028\u2029"\\';
	await using audit = await opened(path);
	await audit.write(row(nasty));
	const text = readFileSync(path, 'utf8');
	expect(text.slice(0, -1)).toMatch(/^[\u0020-\u007e]*$/);
	expect(JSON.parse(text)).toEqual(row(nasty));
});

test('a long text is cut', async () => {
	const path = place();
	await using audit = await opened(path);
	await audit.write(row('x'.repeat(100_000)));
	expect(readFileSync(path).length).toBeLessThan(2_000);
});

test('half a line of a run that was killed goes, and nothing else', async () => {
	const path = place();
	writeFileSync(path, `${JSON.stringify(row('one'))}\nno json\n{"atMs":2,"wh`);
	await using audit = await opened(path);
	await audit.write(row('two'));
	expect(audit.last(9)).toEqual([row('two'), row('one')]);
	expect(readFileSync(path, 'utf8')).toBe(`${JSON.stringify(row('one'))}\nno json\n${JSON.stringify(row('two'))}\n`);
});

test('two files are all there ever is of it', async () => {
	const path = place();
	await using audit = await opened(path, 1_000);
	for (let index = 0; index < 50; index++) await audit.write(row(`number ${index}`));
	expect(readFileSync(path).length).toBeLessThanOrEqual(1_000);
	expect(readFileSync(`${path}.1`).length).toBeLessThanOrEqual(1_000);
	expect(readFileSync(path, 'utf8')).toContain('number 49');
	expect(audit.last(1_000).length).toBe(50);
});

test('a disk that refuses is told of, and holds nobody up', async () => {
	const said: string[] = [];
	const disk = systemDisk();
	const path = place();
	await using audit = await Audit.open({
		path,
		onSay: (sentence) => said.push(sentence),
		disk: {
			...disk,
			openAppend: async (at, length) => {
				const file = await disk.openAppend(at, length);
				return {
					reserve: (count, done) => file.reserve(count, done),
					close: () => file.close(),
					append: (_, done) => queueMicrotask(() => done(new DiskError('full', 'no room'))),
				};
			},
		},
	});
	await audit.write(row('one'));
	await audit.write(row('two'));
	expect(said).toHaveLength(2);
	expect(audit.last(1)).toEqual([row('two')]);
});
