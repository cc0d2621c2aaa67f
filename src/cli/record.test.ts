/** The command as a process: what it prints, what it leaves, and how it ends. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'evenkeel-record-'));
afterAll(() => rmSync(folder, { recursive: true }));

const MAIN = join(import.meta.dirname, 'main.ts');

function record(...flags: readonly string[]) {
	const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, 'record', ...flags], { cwd: folder, encoding: 'utf8' });
	return { status, stdout, stderr };
}

const LINES = [
	'1771000000000000000 {"lastUpdateId":7,"bids":[["100.10","1.5"]],"asks":[["100.20","2.0"]]}',
	'1771000000500000000 {"stream":"btcusdt@depth","data":{"e":"depthUpdate","E":1,"s":"BTCUSDT","U":8,"u":9,"b":[["100.10","0"],["100.00","3"]],"a":[]}}',
	'1771000001500000000 {"stream":"btcusdt@depth","data":{"e":"depthUpdate","E":1,"s":"BTCUSDT","U":20,"u":21,"b":[],"a":[]}}',
];

test('writes a recording, says what is in it, and wants files to do so', () => {
	const file = join(folder, 'frames.txt');
	writeFileSync(file, `${LINES.slice(0, 2).join('\n')}\n`);
	const { status, stdout, stderr } = record('--import', file);
	expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
	expect(readdirSync(join(folder, 'recordings'))).toEqual(['binance-spot-BTCUSDT-20260213T162640000Z.recording']);
	expect(stdout).toContain('binance spot BTCUSDT: 2 frames in 0.5 s, from 2026-02-13T16:26:40.000Z');
	expect(stdout).toContain('1 snapshot and 1 diff; 0 gaps, 0 crossed');
	expect(stdout).toContain('best prices at the end 100.0 and 100.2');

	writeFileSync(file, `${LINES.join('\n')}\n`);
	const json = record('--import', file, '--out', join(folder, 'other'), '--json');
	expect(json).toMatchObject({ status: 0, stderr: '' });
	expect(JSON.parse(json.stdout)).toEqual({
		recordings: [
			{
				file: join(folder, 'other', 'binance-spot-BTCUSDT-20260213T162640000Z.recording'),
				bytes: expect.any(Number) as unknown,
				venue: 'binance',
				category: 'spot',
				symbol: 'BTCUSDT',
				tickSize: '0.1',
				lotSize: '0.1',
				from: '2026-02-13T16:26:40.000Z',
				to: '2026-02-13T16:26:41.500Z',
				spanSec: 1.5,
				frames: 3,
				gaps: 1,
				crossed: 0,
				snapshots: 1,
				deltas: 1,
				tops: 0,
				trades: 0,
				marks: 0,
				oldBooks: 0,
				lostBooks: 1,
				others: 0,
				backInTime: 0,
				bestBid: '100.0',
				bestAsk: '100.2',
				vwap: null,
			},
		],
	});

	const bare = record();
	expect(bare).toEqual({
		status: 2,
		stdout: '',
		stderr: 'evenkeel: there is nothing to record: name files with --import; recording a venue as it trades is not there yet\n',
	});
});

test('a file that is not there is wrong use, one that cannot be read is a failure', () => {
	expect(record('--import', 'nowhere.gz')).toEqual({
		status: 2,
		stdout: '',
		stderr: 'evenkeel: nowhere.gz: there is no such file\n',
	});
	writeFileSync(join(folder, 'torn.txt'), `${LINES[0]}\n${LINES[1]?.slice(0, 50)}`);
	expect(record('--import', 'torn.txt', '--out', 'none')).toEqual({
		status: 1,
		stdout: '',
		stderr: 'evenkeel: torn.txt:2: what stands behind the time is no whole JSON\n',
	});
	expect(readdirSync(folder)).not.toContain('none');
});
