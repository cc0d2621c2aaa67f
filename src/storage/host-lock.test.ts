import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { DiskError } from '../ports/disk.ts';
import { takeLock } from './host-lock.ts';

let folder: string;
beforeAll(() => {
	folder = mkdtempSync(join(tmpdir(), 'evenkeel-lock-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Another process that takes the lock, says how it went, and stays until it is killed. */
async function otherProcess(path: string): Promise<{ said: string; kill(): Promise<void> }> {
	const program = `const { takeLock } = await import(${JSON.stringify(join(import.meta.dirname, 'host-lock.ts'))});
		const taken = takeLock(${JSON.stringify(path)}, 'the other one');
		console.log(taken.kind === 'held' ? 'held' : 'busy: ' + taken.by);
		setInterval(() => taken, 1000); // A lock that nobody holds on to is collected, and let go of.`;
	const child = spawn(process.execPath, ['--input-type=module', '-e', program], { stdio: ['ignore', 'pipe', 'inherit'] });
	const [said] = (await once(child.stdout, 'data')) as [Buffer];
	return {
		said: said.toString().trim(),
		kill: async () => {
			child.kill('SIGKILL');
			await once(child, 'close');
		},
	};
}

test('who comes second is told who was first, and gets it when the first lets go', () => {
	const path = join(folder, 'a/account.lock');
	const first = takeLock(path, 'run 1000, process 7');
	if (first.kind === 'busy') throw new Error('nobody has it yet');
	expect(takeLock(path, 'second')).toEqual({ kind: 'busy', by: 'run 1000, process 7' });
	first.lock[Symbol.dispose]();
	const third = takeLock(path, 'third');
	expect(third.kind).toBe('held');
	if (third.kind === 'held') third.lock[Symbol.dispose]();
});

test('holds between processes, and a killed one leaves nothing behind (F68, F74)', async () => {
	const path = join(folder, 'b.lock');
	const other = await otherProcess(path);
	expect(other.said).toBe('held');
	expect(takeLock(path, 'we')).toEqual({ kind: 'busy', by: 'the other one' });
	await other.kill();
	const ours = takeLock(path, 'we');
	expect(ours.kind).toBe('held');
	// To ask again lets go of nothing.
	expect(takeLock(path, 'we again').kind).toBe('busy');
	const third = await otherProcess(path);
	expect(third.said).toBe('busy: we');
	await third.kill();
	if (ours.kind === 'held') ours.lock[Symbol.dispose]();
});

test('where it cannot be taken that is said as of any file, and nothing stays locked', () => {
	writeFileSync(join(folder, 'plain'), '');
	expect(() => takeLock(join(folder, 'plain/e.lock'), 'we')).toThrow(DiskError);
	const path = join(folder, 'e.lock');
	mkdirSync(`${path}.new`);
	expect(() => takeLock(path, 'we')).toThrow(DiskError);
	rmSync(`${path}.new`, { recursive: true });
	const again = takeLock(path, 'we');
	expect(again.kind).toBe('held');
	if (again.kind === 'held') again.lock[Symbol.dispose]();
	expect(statSync(path).mode & 0o777).toBe(0o600);
});

test('other names are other locks', () => {
	const locks = ['c', 'd'].map((name) => takeLock(join(folder, name), name));
	expect(locks.map(({ kind }) => kind)).toEqual(['held', 'held']);
	for (const taken of locks) if (taken.kind === 'held') taken.lock[Symbol.dispose]();
});
