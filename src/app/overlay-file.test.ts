/** What is laid over the settings outlives a restart, and what cannot be read is no leave to forget it. */
import { expect, test } from 'vitest';
import { DiskError } from '../ports/disk.ts';
import { readConfig } from './config/config.ts';
import { keepOverlay, openSettings, readOverlay } from './overlay-file.ts';

const LAID = [
	{ path: 'risk.open_orders_max', value: 7, was: 40 },
	{ path: 'risk.symbols_allowed', value: ['A'], was: undefined },
];

function memoryDisk(text?: string) {
	const files = new Map<string, Uint8Array>(text === undefined ? [] : [['data/overlay.json', Buffer.from(text)]]);
	return {
		files,
		read: async (path: string) => files.get(path),
		replace: async (path: string, bytes: Uint8Array | readonly Uint8Array[]) => {
			files.set(path, bytes as Uint8Array);
		},
	};
}

async function refusalOf(disk: Parameters<typeof readOverlay>[0]): Promise<string> {
	const read = await readOverlay(disk, 'data');
	return read.kind === 'refused' ? read.sentence : 'it was read';
}

test('it is read back as it was kept; what stood nowhere in the file still does not', async () => {
	const disk = memoryDisk();
	expect(await readOverlay(disk, 'data')).toEqual({ kind: 'read', overlay: [] });
	expect(await keepOverlay(disk, 'data', LAID)).toBeUndefined();
	expect(await readOverlay(disk, 'data')).toEqual({ kind: 'read', overlay: LAID });
});

test.each([
	['half of it', '[{"path":"risk.op'],
	['something else', '{"risk":1}'],
	['entries of another kind', '[{"path":7,"value":1}]'],
	['more than anybody laid over', JSON.stringify(Array.from({ length: 501 }, () => LAID[0]))],
])('%s keeps the engine from starting', async (_, text) => {
	expect(await refusalOf(memoryDisk(text))).toContain('overlay.json');
});

test('a disk that refuses is told of', async () => {
	const broken = { read: async () => undefined, replace: () => Promise.reject(new DiskError('full', 'no space left')) };
	expect(await keepOverlay(broken, 'data', LAID)).toContain('no space left');
	const unread = { ...broken, read: () => Promise.reject(new DiskError('denied', 'not yours')) };
	expect(await refusalOf(unread)).toContain('not yours');
});

function file(open_orders_max: number) {
	const read = readConfig({ file: { name: 't.yaml', text: JSON.stringify({ risk: { open_orders_max, leverage_max: 2 } }) } });
	if (read.kind === 'bad') throw new Error(JSON.stringify(read.problems));
	return read;
}

const TWO = [
	{ path: 'risk.open_orders_max', value: 100, was: 400 },
	{ path: 'risk.leverage_max', value: 1, was: 2 },
];

test('what the file has overruled while it did not run is told, and does not come back with another edit', async () => {
	const disk = memoryDisk(JSON.stringify(TWO));
	const opened = await openSettings(disk, 'data', file(300));
	if (opened.kind === 'refused') throw new Error(opened.sentence);
	expect(opened.remarks).toEqual([
		expect.stringMatching(/still in force: risk.leverage_max$/),
		expect.stringMatching(/dropped.*: risk.open_orders_max$/),
	]);
	const later = await openSettings(disk, 'data', file(400));
	if (later.kind === 'refused') throw new Error(later.sentence);
	expect(later.live.running.config.risk).toMatchObject({ open_orders_max: 400, leverage_max: 1 });
});

test('a start that cannot write down what fell says so', async () => {
	const full = { ...memoryDisk(JSON.stringify(TWO)), replace: () => Promise.reject(new DiskError('full', 'no space left')) };
	const remarksOf = async (orders: number): Promise<string> => {
		const opened = await openSettings(full, 'data', file(orders));
		return opened.kind === 'open' ? opened.remarks.join() : 'refused';
	};
	expect(await remarksOf(300)).toContain('no space left');
	expect(await remarksOf(400)).not.toContain('no space left');
});
