/** What every disk does, real or virtual. */
import { describe, expect, test } from 'vitest';
import { type AppendFile, type Disk, DiskError } from '../ports/disk.ts';

export interface DiskScene {
	readonly disk: Disk;
	readonly root: string;
	/** Lets what was asked for come back. */
	settle(hasCome: () => boolean): Promise<void>;
}

export function diskSuite(name: string, sceneOf: () => DiskScene): void {
	describe(`${name}, as every disk,`, () => {
		const text = async ({ disk }: DiskScene, path: string): Promise<string | undefined> => {
			const bytes = await disk.read(path);
			return bytes === undefined ? undefined : Buffer.from(bytes).toString();
		};

		async function append({ settle }: DiskScene, file: AppendFile, words: string): Promise<void> {
			let told: DiskError | undefined | 'nothing' = 'nothing';
			file.append(Buffer.from(words), (error) => {
				told = error;
			});
			expect(told).toBe('nothing');
			await settle(() => told !== 'nothing');
			expect(told).toBeUndefined();
		}

		async function reserve({ settle }: DiskScene, file: AppendFile, byteCount: number): Promise<void> {
			let isMade = false;
			file.reserve(byteCount, () => {
				isMade = true;
			});
			expect(isMade).toBe(false);
			await settle(() => isMade);
			expect(isMade).toBe(true);
		}

		test('has nothing where nothing was put', async () => {
			const { disk, root } = sceneOf();
			expect(await disk.list(`${root}/no/such`)).toEqual([]);
			expect(await disk.read(`${root}/no/such`)).toBeUndefined();
			await disk.remove(`${root}/no/such`);
		});

		test('shows a whole file that was put there, and then the next one', async () => {
			const scene = sceneOf();
			const { disk, root } = scene;
			await disk.replace(`${root}/a/b`, Buffer.from('one'));
			await disk.replace(`${root}/a/b`, Buffer.from('two'));
			expect(await text(scene, `${root}/a/b`)).toBe('two');
			await disk.replace(`${root}/a/b`, [Buffer.from('one, '), Buffer.from('two '), Buffer.from('and three')]);
			expect(await text(scene, `${root}/a/b`)).toBe('one, two and three');
			expect(await disk.list(`${root}/a`)).toEqual(['b']);
			await disk.remove(`${root}/a/b`);
			expect(await disk.list(`${root}/a`)).toEqual([]);
		});

		test('grows a file at its end, and lists names in order', async () => {
			const scene = sceneOf();
			const { disk, root } = scene;
			const file = await disk.openAppend(`${root}/j/2`, 0);
			await append(scene, file, 'one ');
			await append(scene, file, 'two');
			await file.close();
			await (await disk.openAppend(`${root}/j/1`, 0)).close();
			expect(await text(scene, `${root}/j/2`)).toBe('one two');
			expect(await disk.list(`${root}/j`)).toEqual(['1', '2']);
		});

		test('cuts off what stands behind the length that a file is opened at', async () => {
			const scene = sceneOf();
			const { disk, root } = scene;
			const first = await disk.openAppend(`${root}/j`, 0);
			await append(scene, first, 'one two');
			await first.close();
			const again = await disk.openAppend(`${root}/j`, 4);
			await append(scene, again, 'three');
			await again.close();
			expect(await text(scene, `${root}/j`)).toBe('one three');
		});

		test('shows zeros where room is made, takes the same room for what comes next, and gives back what is left of it', async () => {
			const scene = sceneOf();
			const { disk, root } = scene;
			const file = await disk.openAppend(`${root}/j`, 0);
			await append(scene, file, 'one ');
			await reserve(scene, file, 1_000);
			expect(await text(scene, `${root}/j`)).toBe(`one ${'\0'.repeat(1_000)}`);
			await append(scene, file, 'two');
			expect(await text(scene, `${root}/j`)).toBe(`one two${'\0'.repeat(997)}`);
			await file.close();
			expect(await text(scene, `${root}/j`)).toBe('one two');
		});

		test('lets a file grow beyond its room', async () => {
			const scene = sceneOf();
			const { disk, root } = scene;
			const file = await disk.openAppend(`${root}/j`, 0);
			await reserve(scene, file, 10);
			await append(scene, file, '1'.repeat(7));
			await append(scene, file, '2'.repeat(7));
			expect(await text(scene, `${root}/j`)).toBe(`${'1'.repeat(7)}${'2'.repeat(7)}`);
			await file.close();
		});

		test('cuts off room as well when a file is opened again', async () => {
			const scene = sceneOf();
			const { disk, root } = scene;
			const first = await disk.openAppend(`${root}/j`, 0);
			await append(scene, first, 'one');
			await reserve(scene, first, 1_000);
			const again = await disk.openAppend(`${root}/j`, 3);
			await append(scene, again, ' two');
			await again.close();
			expect(await text(scene, `${root}/j`)).toBe('one two');
			await first.close();
		});

		test('refuses to open a file at a length that it does not have', async () => {
			const { disk, root } = sceneOf();
			await expect(disk.openAppend(`${root}/j`, 4)).rejects.toThrow(DiskError);
		});

		test('knows how much room there is', async () => {
			const { disk, root } = sceneOf();
			await disk.replace(`${root}/a`, Buffer.from('one'));
			expect(await disk.freeBytes(root)).toBeGreaterThan(0);
		});
	});
}
