import { expect, test } from 'vitest';
import { diskSuite } from '../storage/disk.suite.ts';
import { seededRng } from './seeded-rng.ts';
import { VirtualClock } from './virtual-clock.ts';
import { VirtualDisk } from './virtual-disk.ts';

diskSuite('the virtual disk', () => {
	const clock = new VirtualClock(0);
	return { disk: new VirtualDisk({ clock, rng: seededRng(1) }), root: 'root', settle: async () => clock.run(1) };
});

async function lengthAfter(kind: 'process' | 'power', seed: number): Promise<number> {
	const clock = new VirtualClock(0);
	const disk = new VirtualDisk({ clock, rng: seededRng(seed) });
	const file = await disk.openAppend('j', 0);
	file.append(Buffer.alloc(100, 1), () => {});
	clock.run(1);
	let told = false;
	file.append(Buffer.alloc(100, 1), () => {
		told = true;
	});
	disk.crash(kind);
	clock.run(1);
	expect(told).toBe(false);
	return ((await disk.read('j')) ?? []).length;
}

test('what was written outlives the process, and a power cut takes any part of what was not safe', async () => {
	expect(await lengthAfter('process', 1)).toBe(200);
	const lengths = new Set<number>();
	for (let seed = 0; seed < 40; seed += 1) lengths.add(await lengthAfter('power', seed));
	expect(Math.min(...lengths)).toBeGreaterThanOrEqual(100);
	expect(Math.max(...lengths)).toBeLessThanOrEqual(200);
	expect(lengths.size).toBeGreaterThan(20);
});

test('of what was written into room a power cut leaves any pages, and zeros in the place of the others', async () => {
	const found = new Set<string>();
	for (let seed = 0; seed < 40; seed += 1) {
		const clock = new VirtualClock(0);
		const disk = new VirtualDisk({ clock, rng: seededRng(seed) });
		const file = await disk.openAppend('j', 0);
		file.append(Buffer.alloc(10, 'a'), () => {});
		clock.run(1);
		file.reserve(30, () => {});
		clock.run(1);
		file.append(Buffer.alloc(20, 'b'), () => {});
		disk.crash('power');
		const text = Buffer.from((await disk.read('j')) ?? []).toString();
		expect(text).toMatch(/^a{10}[b\0]{20}\0{10}$/);
		found.add(text);
	}
	expect([...found].some((text) => /b\0+b/.test(text))).toBe(true);
	expect([...found].some((text) => /ab/.test(text))).toBe(true);
	expect([...found].some((text) => /a\0+b/.test(text))).toBe(true);
});

test('a file takes its time to be replaced and to be read, and a crash leaves the old one or the new one', async () => {
	const clock = new VirtualClock(0);
	const behaviour = { syncMs: () => 1, replaceMs: () => 100, readMs: () => 100, failure: () => undefined };
	const disk = new VirtualDisk({ clock, rng: seededRng(1), behaviour });
	const heard: string[] = [];
	const jobs = async (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
	const hears = async (ms: number): Promise<readonly string[]> => {
		clock.run(ms);
		await jobs();
		return heard.splice(0);
	};
	const read = (): void => void disk.read('f').then((bytes) => heard.push(`read ${Buffer.from(bytes ?? []).toString()}`));
	const replace = (text: string): void => void disk.replace('f', Buffer.from(text)).then(() => heard.push(`wrote ${text}`));
	replace('one');
	expect(await hears(99)).toEqual([]);
	expect(disk.holds('f')).toBe(false);
	expect(await hears(1)).toEqual(['wrote one']);
	replace('two');
	read();
	expect(await hears(100)).toEqual(['wrote two', 'read one']);
	replace('three');
	disk.crash('process');
	read();
	expect(await hears(100)).toEqual(['wrote three', 'read three']);
});

test('whoever watches sees each write before it, written and safe', async () => {
	const clock = new VirtualClock(0);
	const disk = new VirtualDisk({ clock, rng: seededRng(1) });
	const seen: string[] = [];
	disk.watch = (write, moment) => seen.push(`${write} ${moment}`);
	const file = await disk.openAppend('j', 0);
	file.append(Buffer.from('x'), () => {});
	expect(seen).toEqual(['1 before', '1 written']);
	clock.run(1);
	expect(seen).toEqual(['1 before', '1 written', '1 safe']);
});
