/** What every disk does, real or virtual. */
import { describe, expect, test } from 'vitest';
import { type AppendFile, type Disk, DiskError } from '../ports/disk.ts';

export interface DiskScene {
	readonly disk: Disk;
	readonly root: string;
	/** Lets an append come back. */
	settle(): Promise<void>;
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
			await settle();
			expect(told).toBeUndefined();
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
