/** The file on a real disk: edited in place, replaced, gone and back. */
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { YAML_LENGTH_MAX } from '../app/config/yaml-document.ts';
import { configFile } from './config-file.ts';

const folders: string[] = [];

afterEach(() => {
	for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

function fresh(): { path: string; beside: string } {
	const folder = mkdtempSync(join(tmpdir(), 'evenkeel-config-'));
	folders.push(folder);
	return { path: join(folder, 'evenkeel.yaml'), beside: join(folder, 'new.yaml') };
}

test('another text has another stamp, also under the same name and of the same length', () => {
	const { path, beside } = fresh();
	const file = configFile(path);
	expect([file.stamp(), file.text()]).toEqual([undefined, undefined]);
	writeFileSync(path, 'mode: sim\n');
	const first = file.stamp();
	expect(first).toBeTypeOf('string');
	expect(file.stamp()).toBe(first);
	writeFileSync(beside, 'mode: dem\n');
	renameSync(beside, path);
	expect(file.stamp()).not.toBe(first);
	expect(file.text()).toBe('mode: dem\n');
});

test.each(['in place', 'by another file'])('tells of a file that is written %s, and of no other', async (how) => {
	const { path, beside } = fresh();
	writeFileSync(path, 'mode: sim\n');
	await new Promise<void>((resolve) => {
		const watching = configFile(path).onTouched(() => {
			watching[Symbol.dispose]();
			resolve();
		});
		writeFileSync(beside, 'mode: demo\n');
		if (how === 'in place') writeFileSync(path, 'mode: demo\n');
		else renameSync(beside, path);
	});
});

test('of a file without end only so much is read that its reader refuses it', () => {
	const { path } = fresh();
	writeFileSync(path, '# ä\n'.repeat(1_000_000));
	const text = configFile(path).text() ?? '';
	expect(text.length).toBeGreaterThan(YAML_LENGTH_MAX);
	expect(text.length).toBeLessThan(2_000_000);
});

test('a folder that is not there is watched by nobody, and that is no failure', () => {
	const { path } = fresh();
	const file = configFile(join(path, 'deeper.yaml'));
	file.onTouched(() => {})[Symbol.dispose]();
	expect([file.stamp(), file.text()]).toEqual([undefined, undefined]);
});
