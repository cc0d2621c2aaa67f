import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { DiskError } from '../ports/disk.ts';
import { diskSuite } from './disk.suite.ts';
import { systemDisk } from './system-disk.ts';

let folder: string;
let count = 0;
beforeAll(() => {
	folder = mkdtempSync(join(tmpdir(), 'evenkeel-disk-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

diskSuite('the real disk', () => {
	count += 1;
	const settle = async (hasCome: () => boolean): Promise<void> => {
		while (!hasCome()) await new Promise((resolve) => setTimeout(resolve, 1));
	};
	return { disk: systemDisk(), root: join(folder, `${count}`), settle };
});

test('files are for their owner only', async () => {
	const disk = systemDisk();
	await disk.replace(join(folder, 'own/whole'), Buffer.from('x'));
	await (await disk.openAppend(join(folder, 'own/grown'), 0)).close();
	for (const name of ['whole', 'grown']) expect(statSync(join(folder, 'own', name)).mode & 0o777).toBe(0o600);
	expect(statSync(join(folder, 'own')).mode & 0o777).toBe(0o700);
});

test('what could not be put in its place leaves nothing beside it', async () => {
	const root = join(folder, 'blocked');
	mkdirSync(join(root, 'there'), { recursive: true });
	await expect(systemDisk().replace(join(root, 'there'), Buffer.from('x'))).rejects.toThrow(DiskError);
	expect(readdirSync(root)).toEqual(['there']);
});

test('what cannot be done says what and where', async () => {
	writeFileSync(join(folder, 'plain'), '');
	const failed = await systemDisk()
		.replace(join(folder, 'plain/below'), Buffer.from('x'))
		.catch((error: unknown) => error);
	expect(failed).toBeInstanceOf(DiskError);
	expect((failed as DiskError).message).toContain(join(folder, 'plain'));
});

test('a disk that is full says so', async () => {
	// This device refuses every write for want of room.
	const file = await systemDisk()
		.openAppend('/dev/full', 0)
		.catch(() => undefined);
	if (file === undefined) return;
	const error = await new Promise<DiskError | undefined>((resolve) => file.append(Buffer.from('x'), resolve));
	await file.close();
	expect(error?.failure).toBe('full');
});
