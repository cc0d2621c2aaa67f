/** Lines out of files as people have them: plain, gzipped and zipped, whole and broken. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32, deflateRawSync, gzipSync } from 'node:zlib';
import { afterAll, describe, expect, test } from 'vitest';
import { LINE_BYTES_MAX, LinesError, readLines } from './packed-lines.ts';

const folder = mkdtempSync(join(tmpdir(), 'evenkeel-lines-'));
afterAll(() => rmSync(folder, { recursive: true }));

let files = 0;
function fileOf(bytes: Uint8Array | string): string {
	const path = join(folder, `${++files}`);
	writeFileSync(path, bytes);
	return path;
}

async function linesOf(path: string, signal = new AbortController().signal): Promise<string[]> {
	const lines: string[] = [];
	await readLines(path, (bytes, number) => lines.push(`${number} ${Buffer.from(bytes).toString()}`), signal);
	return lines;
}

interface Zipped {
	readonly isDeflated?: boolean;
	readonly check?: number;
	readonly method?: number;
	readonly flags?: number;
	readonly comment?: string;
	/** Behind the name in the file's own header, and not in the list. */
	readonly extra?: string;
}

/** As the PKWARE note lays it out: the file behind its own header, then the list, then the end of the list. */
function zipOf(
	texts: readonly string[],
	{ isDeflated = true, check, method, flags = 0, comment = '', extra = '' }: Zipped = {},
): Buffer {
	const parts: Buffer[] = [];
	const list: Buffer[] = [];
	let at = 0;
	for (const [index, text] of texts.entries()) {
		const name = Buffer.from(`${index}.data`);
		const packed = isDeflated ? deflateRawSync(Buffer.from(text)) : Buffer.from(text);
		const common = Buffer.alloc(26);
		common.writeUInt16LE(20, 0);
		common.writeUInt16LE(flags, 2);
		common.writeUInt16LE(method ?? (isDeflated ? 8 : 0), 4);
		common.writeUInt32LE(check ?? crc32(text), 10);
		common.writeUInt32LE(packed.length, 14);
		common.writeUInt32LE(Buffer.byteLength(text), 18);
		common.writeUInt16LE(name.length, 22);
		const local = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), common, name, Buffer.from(extra), packed]);
		local.writeUInt16LE(extra.length, 28);
		const rest = Buffer.alloc(14);
		rest.writeUInt32LE(at, 10);
		list.push(Buffer.concat([Buffer.from('PK\x01\x02\x14\x00', 'latin1'), common, rest, name]));
		parts.push(local);
		at += local.length;
	}
	const listed = Buffer.concat(list);
	const end = Buffer.alloc(22);
	end.writeUInt32LE(0x06054b50, 0);
	end.writeUInt16LE(texts.length, 8);
	end.writeUInt16LE(texts.length, 10);
	end.writeUInt32LE(listed.length, 12);
	end.writeUInt32LE(at, 16);
	end.writeUInt16LE(comment.length, 20);
	return Buffer.concat([...parts, listed, end, Buffer.from(comment)]);
}

const TEXT = 'one\ntwo\n\nfour\r\nlast without an end';
const LINES = ['1 one', '2 two', '4 four', '5 last without an end'];

test.each([
	['as it is', Buffer.from(TEXT)],
	['gzipped', gzipSync(TEXT)],
	['gzipped in two pieces', Buffer.concat([gzipSync(TEXT.slice(0, 5)), gzipSync(TEXT.slice(5))])],
	['in a ZIP archive', zipOf([TEXT])],
	['in a ZIP archive that packs nothing', zipOf([TEXT], { isDeflated: false })],
	['in a ZIP archive with more in its header', zipOf([TEXT], { extra: 'UT\x01\x00x' })],
	['in a ZIP archive with a comment', zipOf([TEXT], { comment: 'made by hand' })],
])('a text %s gives its lines, with their numbers', async (_, bytes) => {
	expect(await linesOf(fileOf(bytes))).toEqual(LINES);
});

test.each([
	['an empty file', Buffer.alloc(0)],
	['nothing, gzipped', gzipSync('')],
	['nothing, zipped', zipOf([''], { isDeflated: false })],
	['only line ends', Buffer.from('\n\r\n\n')],
])('%s has no lines', async (_, bytes) => {
	expect(await linesOf(fileOf(bytes))).toEqual([]);
});

test('lines that lie across many chunks come whole, and so do those behind them', async () => {
	const long = 'x'.repeat(300_000);
	const lines = [long, 'short', long, long, ''];
	expect(await linesOf(fileOf(lines.join('\n')))).toEqual([`1 ${long}`, '2 short', `3 ${long}`, `4 ${long}`]);
});

describe('a file that is broken', () => {
	const many = Array.from({ length: 50_000 }, (_, i) => `line ${i} ${(i * 2_654_435_761) % 4_294_967_296}`).join('\n');
	const damaged = gzipSync(many);
	damaged[damaged.length - 6] = (damaged.at(-6) as number) ^ 0xff;

	test.each([
		['cut, gzipped', gzipSync(many).subarray(0, -5_000), 'damaged', /^the file is cut: .* ends in the middle$/],
		['damaged, gzipped', damaged, 'damaged', /^the file is damaged: /],
		['cut, zipped', zipOf([many]).subarray(0, -5_000), 'unreadable', /^the file is cut: it begins as a ZIP archive/],
		['damaged, zipped', zipOf([many], { check: 1 }), 'damaged', /check of the ZIP archive/],
		['damaged, zipped and not packed', zipOf([many], { check: 1, isDeflated: false }), 'damaged', /check of the ZIP archive/],
		['a ZIP archive of two', zipOf(['a', 'b']), 'unreadable', /holds 2 files, expected one/],
		['a ZIP archive of none', Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), zipOf([])]), 'unreadable', /holds 0 files/],
		['a ZIP archive with a password', zipOf(['a'], { flags: 1 }), 'unreadable', /wants a password/],
		['a ZIP archive of a new kind', zipOf(['a'], { method: 93 }), 'unreadable', /packed by method 93/],
	])('%s, says so', async (_, bytes, code, message) => {
		await expect(linesOf(fileOf(bytes))).rejects.toMatchObject({
			name: 'LinesError',
			code,
			message: expect.stringMatching(message) as unknown,
		});
	});

	test('says how far it could be read', async () => {
		const lines: number[] = [];
		const reading = readLines(
			fileOf(gzipSync(many).subarray(0, -5_000)),
			(_, number) => lines.push(number),
			new AbortController().signal,
		);
		const line = await reading.catch((error: unknown) => (error instanceof LinesError ? error.line : 0));
		expect(line).toBe(lines.at(-1));
		expect(line).toBeGreaterThan(10_000);
	});
});

test('what is no file says so', async () => {
	await expect(linesOf(join(folder, 'nowhere'))).rejects.toMatchObject({ code: 'missing' });
	await expect(linesOf(folder)).rejects.toMatchObject({ code: 'unreadable', message: 'it is a folder: name the files in it' });
	await expect(linesOf(folder)).rejects.toMatchObject({
		code: 'unreadable',
		message: expect.stringMatching(/^it is a folder/) as unknown,
	});
});

test('a line without end is refused and not kept', async () => {
	const path = fileOf(`short\n${'x'.repeat(LINE_BYTES_MAX + 1)}`);
	await expect(linesOf(path)).rejects.toMatchObject({
		code: 'line-too-long',
		message: expect.stringContaining('line 2') as unknown,
	});
	expect(await linesOf(fileOf(`${'x'.repeat(LINE_BYTES_MAX)}\n`))).toHaveLength(1);
	// At once, and not when its end is found: here there is none.
	const cut = gzipSync('x'.repeat(LINE_BYTES_MAX * 3)).subarray(0, -4);
	await expect(linesOf(fileOf(cut))).rejects.toMatchObject({ code: 'line-too-long' });
});

test('what the listener throws is thrown, as it is, and ends the reading', async () => {
	const mine = new Error('mine');
	const heard: number[] = [];
	const reading = readLines(
		fileOf(gzipSync('a\nb\nc\n')),
		(_, number) => {
			heard.push(number);
			if (number === 2) throw mine;
		},
		new AbortController().signal,
	);
	await expect(reading).rejects.toBe(mine);
	expect(heard).toEqual([1, 2]);
});

test('stops when it is told to', async () => {
	const stopping = new AbortController();
	const path = fileOf('line\n'.repeat(1_000_000));
	let count = 0;
	const reading = readLines(
		path,
		() => {
			count++;
			stopping.abort();
		},
		stopping.signal,
	);
	await expect(reading).rejects.toThrow('aborted');
	expect(count).toBeLessThan(100_000);
});
