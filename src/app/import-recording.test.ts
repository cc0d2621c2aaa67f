/** Files of others in, one recording out, whole or not at all. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, expect, test } from 'vitest';
import { DiskError } from '../ports/disk.ts';
import { type Drafted, draftRecording } from '../storage/market-data/recording-file.ts';
import { type ReadAt, RecordingReader } from '../storage/market-data/recording-reader.ts';
import { type Imported, importRecording } from './import-recording.ts';
import { RecordingTally } from './recording-tally.ts';

const root = mkdtempSync(join(tmpdir(), 'evenkeel-import-'));
afterAll(() => rmSync(root, { recursive: true }));

let places = 0;
function place(files: Readonly<Record<string, string | Uint8Array>>): { readonly folder: string; readonly files: string[] } {
	const from = mkdtempSync(join(root, 'in-'));
	for (const [name, bytes] of Object.entries(files)) writeFileSync(join(from, name), bytes);
	return { folder: join(root, `out-${++places}`), files: Object.keys(files).map((name) => join(from, name)) };
}

function imported({ folder, files }: { readonly folder: string; readonly files: readonly string[] }): Promise<Imported> {
	return importRecording({ files, folder, category: undefined, signal: new AbortController().signal });
}

function filesIn(folder: string): readonly string[] {
	try {
		return readdirSync(folder);
	} catch {
		return [];
	}
}

const START_NS = 1_771_000_000_000_000_000n;

/** A second of it has 10 diffs of three levels each and 10 trades; the snapshot comes with the third diff. */
function frames(fromMs: number, toMs: number): string {
	const lines: string[] = [];
	for (let ms = fromMs; ms < toMs; ms += 100) {
		const u = ms / 100 + 1;
		const at = (extraUs: number): bigint => START_NS + BigInt(ms * 1_000 + extraUs) * 1_000n;
		const depth = { e: 'depthUpdate', E: ms, T: ms, s: 'BTCUSDT', U: u * 10, u: u * 10 + 9, pu: u * 10 - 1 };
		const levels = {
			b: [[`${60_000 - (u % 7)}.00`, `${u % 5}.000`]],
			a: [
				[`${60_001 + (u % 9)}.50`, `0.00${u % 10}`],
				['61000.00', '1.000'],
			],
		};
		lines.push(`${at(0)} ${JSON.stringify({ stream: 'btcusdt@depth@100ms', data: { ...depth, ...levels } })}`);
		const trade = { e: 'trade', E: ms, s: 'BTCUSDT', t: u, p: '60001.50', q: '0.002', T: ms, X: 'MARKET', m: u % 2 === 0 };
		lines.push(`${at(1)} ${JSON.stringify({ stream: 'btcusdt@trade', data: trade })}`);
		const snapshot = { lastUpdateId: 25, E: 1, T: 1, bids: [['59000.00', '3.000']], asks: [['61000.00', '1.000']] };
		if (ms === 200) lines.push(`${at(2)} ${JSON.stringify(snapshot)}`);
	}
	return `${lines.join('\n')}\n`;
}

function done(result: Imported): Extract<Imported, { kind: 'done' }>['report'] {
	if (result.kind !== 'done') throw new Error(JSON.stringify(result));
	return result.report;
}

test('raw frames in two files become one recording, which reads as it was told', async () => {
	const where = place({ 'a.gz': gzipSync(frames(0, 5_000)), b: frames(5_000, 10_000) });
	const report = done(await imported(where));
	const name = 'binance-linear-BTCUSDT-20260213T162640000Z.recording';
	expect(filesIn(where.folder)).toEqual([name]);
	expect(report).toMatchObject({
		file: join(where.folder, name),
		bytes: readFileSync(join(where.folder, name)).length,
		instrument: { venue: 'binance', category: 'linear', symbol: 'BTCUSDT', tickSize: '0.1', lotSize: '0.001' },
		firstAtUs: Number(START_NS / 1_000n),
		lastAtUs: Number(START_NS / 1_000n) + 9_900_001,
		counts: { frames: 201, gaps: 0, crossed: 0, oldBooks: 1, lostBooks: 0, others: 0, backInTime: 0 },
		figures: { records: 200, snapshots: 1, deltas: 99, trades: 100, isBookWhole: true },
		prices: { vwap: 60_001.5 },
	});
	const bytes = readFileSync(report.file);
	const reader = new RecordingReader((buffer, offset) => bytes.copy(buffer, 0, Math.min(offset, bytes.length)));
	const tally = new RecordingTally();
	while (reader.tellNext(tally)) continue;
	expect(tally.figures()).toEqual(report.figures);
	// The same, however it is cut into files.
	const whole = done(await imported(place({ whole: frames(0, 10_000) })));
	expect(whole.figures).toEqual(report.figures);
	expect(readFileSync(whole.file)).toEqual(bytes);
});

test('the archive of Bybit becomes one', async () => {
	const frame = (type: string, u: number): string =>
		JSON.stringify({
			topic: 'orderbook.500.XRPUSDT',
			type,
			ts: 1_733_011_200_000 + u,
			data: { s: 'XRPUSDT', b: [['1.9', `${u}`]], a: [['1.95', '2']], u, seq: u },
			cts: 1,
		});
	const where = place({ 'x.data': `${frame('snapshot', 1)}\n${frame('delta', 2)}\n` });
	expect(done(await imported(where))).toMatchObject({
		file: join(where.folder, 'bybit-linear-XRPUSDT-20241201T000000001Z.recording'),
		figures: { snapshots: 1, deltas: 1 },
		prices: { bestBid: '1.90', bestAsk: '1.95', vwap: null },
	});
});

const TORN = `${frames(0, 500).slice(0, -40)}\n`;

test.each<[string, Record<string, string | Uint8Array>, string, RegExp, boolean]>([
	['a line that is cut', { 'torn.txt': TORN }, 'torn.txt:11', /no whole JSON/, false],
	[
		'a line that is cut in the second file',
		{ 'a.txt': frames(0, 200), 'b.txt': `${frames(200, 400)}nonsense\n` },
		'b.txt:6',
		/expected the time of receipt/,
		false,
	],
	[
		'a gzipped file that is cut',
		{ 'cut.gz': gzipSync(frames(0, 5_000)).subarray(0, -100) },
		'cut.gz',
		/the file is cut: .* ends in the middle; its first \d+ lines can be read/,
		false,
	],
	[
		'another format',
		{ 'x.csv': 'time,price\n1,2\n' },
		'x.csv:1',
		/in no format that can be read: expected raw frames of Binance.*, or the archive of Bybit/,
		false,
	],
	[
		'a second format',
		{ a: frames(0, 200), b: '{"topic":"orderbook.50.X"}\n' },
		'b:1',
		/expected raw frames of Binance.*, as in .*a$/,
		false,
	],
	[
		'two symbols',
		{ a: frames(0, 200), b: frames(200, 300).replaceAll('BTCUSDT', 'ETHUSDT') },
		'b:1',
		/it is of ETHUSDT.*one symbol at a time/,
		false,
	],
	[
		'files in the wrong order',
		{ a: frames(200, 400), b: frames(0, 200) },
		'b:1',
		/begins before .*a ends: name the files in order of time/,
		false,
	],
	['an empty file', { a: frames(0, 200), b: '' }, 'b', /not a line in it/, false],
	['nothing of a symbol', { a: '1771000000000000000 {"result":null}\n' }, 'a', /no book, trade or mark/, false],
	[
		'a frame that cannot be read, found when all else is',
		{ a: `${frames(0, 400)}${frames(400, 500).replace('"0.002"', '"much"')}` },
		'a:11',
		/q is not-a-decimal/,
		false,
	],
])('%s is refused, with its place, and nothing is left', async (_, texts, at, sentence, isUsage) => {
	const where = place(texts);
	const result = await imported(where);
	expect(result).toMatchObject({ kind: 'refused', sentence: expect.stringMatching(sentence) as unknown, isUsage });
	expect(result.kind === 'refused' && result.place.endsWith(`/${at}`), JSON.stringify(result)).toBe(true);
	expect(filesIn(where.folder)).toEqual([]);
});

test('a file that is not there, and a recording that is, are wrong use', async () => {
	const where = place({ a: frames(0, 500) });
	const missing = join(where.folder, 'none.gz');
	expect(await imported({ folder: where.folder, files: [missing] })).toEqual({
		kind: 'refused',
		place: missing,
		sentence: 'there is no such file',
		isUsage: true,
	});
	const { file } = done(await imported(where));
	const bytes = readFileSync(file);
	expect(await imported(where)).toMatchObject({
		kind: 'refused',
		place: file,
		sentence: expect.stringContaining('there already') as unknown,
		isUsage: true,
	});
	expect(readFileSync(file)).toEqual(bytes);
});

test('what does not read back as it was told is not kept', async () => {
	const where = place({ a: frames(0, 1_000) });
	const other = readFileSync(done(await imported(place({ a: frames(0, 900) }))).file);
	const readings: readonly ((real: ReadAt) => ReadAt)[] = [
		() => (buffer, offset) => other.copy(buffer, 0, Math.min(offset, other.length)),
		(real) => (buffer, offset) => real(buffer, offset) - 1,
	];
	for (const reading of readings) {
		const draft = (path: string): Drafted => {
			const real = draftRecording(path);
			return real.kind === 'refused' ? real : { ...real, readAt: reading(real.readAt) };
		};
		const result = await importRecording({ ...where, category: undefined, signal: new AbortController().signal, draft });
		expect(result).toMatchObject({ kind: 'refused', sentence: expect.stringContaining('reads otherwise') as unknown });
		expect(filesIn(where.folder)).toEqual([]);
	}
});

test('a disk that takes nothing is said, and nothing is left', async () => {
	const where = place({ a: frames(0, 1_000) });
	const draft = (path: string): Drafted => {
		const real = draftRecording(path);
		if (real.kind === 'refused') return real;
		const write = (): void => {
			throw new DiskError('full', 'ENOSPC: no space left on device');
		};
		return { ...real, write };
	};
	const result = await importRecording({ ...where, category: undefined, signal: new AbortController().signal, draft });
	expect(result).toMatchObject({ kind: 'refused', sentence: expect.stringContaining('no space left') as unknown });
	expect(filesIn(where.folder)).toEqual([]);
});

test('stopped in the middle, nothing is left', async () => {
	const where = place({ a: frames(0, 400_000) });
	for (const isEarly of [true, false]) {
		const stopping = new AbortController();
		let writes = 0;
		const draft = (path: string): Drafted => {
			const real = draftRecording(path);
			if (real.kind === 'refused') return real;
			const write = (bytes: Uint8Array): void => {
				writes++;
				real.write(bytes);
				stopping.abort();
			};
			return { ...real, write };
		};
		const importing = importRecording({ ...where, category: undefined, signal: stopping.signal, draft });
		if (isEarly) stopping.abort();
		expect(await importing).toEqual({ kind: 'stopped' });
		// The first line and the list of instruments; not the blocks behind them.
		expect(writes).toBe(isEarly ? 0 : 2);
		expect(filesIn(where.folder)).toEqual([]);
	}
});
