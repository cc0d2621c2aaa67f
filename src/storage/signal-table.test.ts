/** Signals in a file: what two who use it see of each other, and what becomes of a file that is damaged, full or moved. */
import {
	closeSync,
	existsSync,
	mkdtempSync,
	openSync,
	readFileSync,
	renameSync,
	rmSync,
	statSync,
	writeFileSync,
	writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { SIGNALS_MAX, type SignalOperation } from '../domain/signal.ts';
import { timeMs } from '../domain/units.ts';
import { SignalTable, signalTrouble } from './signal-table.ts';

const NOW = timeMs(1_000_000);
const LATER = timeMs(2_000_000);

let folder: string;
let tables: SignalTable[];
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), 'evenkeel-signals-'));
	tables = [];
});
afterEach(() => {
	for (const table of tables) table[Symbol.dispose]();
	rmSync(folder, { recursive: true });
});

const path = (): string => join(folder, 'signals.db');

function open(options = {}) {
	const opened = SignalTable.open(path(), options);
	tables.push(opened.table);
	return opened;
}

function create(id: string, more: object = {}): SignalOperation {
	return { kind: 'create', draft: { id, symbol: 'BTCUSDT', type: 'BUY', source: 'desk', expiresAtMs: LATER, ...more } };
}

function whyNotOpened(): string {
	try {
		open();
	} catch (error) {
		return signalTrouble(path(), error);
	}
	throw new Error('it was opened');
}

const idsOf = (news: { readonly put: readonly { readonly id: string }[]; readonly gone: readonly string[] } | undefined) =>
	news && { put: news.put.map(({ id }) => id).sort(), gone: [...news.gone].sort() };

describe('two who use one file', () => {
	test('hear what the other did, once, and not what they did themselves', () => {
		const [one, other] = [open().table, open().table];
		expect(other.look()).toBeUndefined();
		expect(idsOf(one.apply([create('a'), create('b')], NOW)?.news)).toEqual({ put: ['a', 'b'], gone: [] });
		expect(idsOf(other.look())).toEqual({ put: ['a', 'b'], gone: [] });
		expect([one.look(), other.look()]).toEqual([undefined, undefined]);
		one.apply([{ kind: 'delete', id: 'a' }, { kind: 'update', id: 'b', patch: { value: 0.5 } }, create('c')], NOW);
		const news = other.look();
		expect(idsOf(news)).toEqual({ put: ['b', 'c'], gone: ['a'] });
		expect(news?.put.find(({ id }) => id === 'b')).toMatchObject({ value: 0.5, updatedAtMs: NOW });
	});

	test('decide by what is in the file, and hear of it in the same breath', () => {
		const [one, other] = [open().table, open().table];
		one.apply([create('a'), create('gone')], NOW);
		other.look();
		one.apply([{ kind: 'delete', id: 'gone' }], NOW);
		const written = other.apply([create('a'), create('gone')], NOW);
		expect(written?.results.map(({ kind }) => kind)).toEqual(['refused', 'done']);
		expect(idsOf(written?.news)).toEqual({ put: ['gone'], gone: [] });
		expect(idsOf(one.look())).toEqual({ put: ['gone'], gone: [] });
	});

	test('take away and bring back the same one between two looks', () => {
		const [one, other] = [open().table, open().table];
		one.apply([create('a', { value: 0.1 })], NOW);
		other.look();
		one.apply([{ kind: 'delete', id: 'a' }], NOW);
		one.apply([create('a', { value: 0.2 })], NOW);
		expect(other.look()?.put).toMatchObject([{ id: 'a', value: 0.2 }]);
	});
});

test('what is opened again is what was written, to the last bit', () => {
	const value = 0.1 + 0.2;
	const before = open().table.apply([create('a', { value, confidence: 1 / 3, symbol: '币安人生USDT' })], NOW)?.news.put;
	expect(open().news).toEqual({ put: before, gone: [] });
	expect(statSync(path()).mode % 0o1000).toBe(0o600);
});

test('what has expired goes with the next write, and is no news to write for where there is none', () => {
	const { table } = open();
	table.apply([create('a', { expiresAtMs: NOW + 1 }), create('b')], NOW);
	expect(table.apply([], NOW)).toBeUndefined();
	expect(table.apply([], timeMs(NOW + 1))).toEqual({ results: [], news: { put: [], gone: ['a'] } });
});

test('no more than the most are kept, whatever comes in one call', () => {
	const { table } = open();
	const many = Array.from({ length: SIGNALS_MAX + 1 }, (_, i) => create(`n${i}`));
	const written = table.apply(many, NOW);
	expect(written?.results.filter(({ kind }) => kind === 'done').length).toBe(SIGNALS_MAX);
	expect(written?.results.at(-1)).toMatchObject({ kind: 'refused', refusal: 'full' });
	expect(table.apply([{ kind: 'delete', id: 'n0' }, create('late')], NOW)?.results.map(({ kind }) => kind)).toEqual([
		'done',
		'done',
	]);
});

describe('a disk that is full', () => {
	test('takes nothing of the call, keeps what was there, and takes more once there is room', () => {
		const { table } = open({ pagesMax: 24 });
		table.apply([create('kept')], NOW);
		const many = Array.from({ length: 2_000 }, (_, i) => create(`n${i}`));
		let sentence = '';
		try {
			table.apply(many, NOW);
		} catch (error) {
			sentence = signalTrouble(path(), error);
		}
		expect(sentence).toBe(`the signals in ${path()} cannot be written: the disk is full; make room, nothing of before is lost`);
		expect(idsOf(open().news)).toEqual({ put: ['kept'], gone: [] });
		expect(idsOf(table.apply([create('more')], NOW)?.news)).toEqual({ put: ['more'], gone: [] });
	});
});

test('a call whose very end the disk refuses is taken back, and nobody has heard of it', () => {
	const [one, other] = [open().table, open().table];
	one.apply([create('kept')], NOW);
	const real = DatabaseSync.prototype.exec;
	vi.spyOn(DatabaseSync.prototype, 'exec').mockImplementation(function (this: DatabaseSync, sql) {
		if (sql === 'COMMIT') throw new Error('no room');
		real.call(this, sql);
	});
	expect(() => one.apply([create('lost'), { kind: 'delete', id: 'kept' }], NOW)).toThrow('no room');
	vi.restoreAllMocks();
	expect(idsOf(one.apply([create('next')], NOW)?.news)).toEqual({ put: ['next'], gone: [] });
	expect(idsOf(other.look())).toEqual({ put: ['kept', 'next'], gone: [] });
});

describe('a file that cannot be used is refused with what to do, and not touched', () => {
	const MEND = /move it away together with .*signals\.db-wal .*evenkeel signals import signals\.json$/;

	function damagedBy(damage: (bytes: Buffer) => void): string {
		open().table.apply(
			Array.from({ length: 200 }, (_, i) => create(`n${i}`)),
			NOW,
		);
		for (const table of tables.splice(0)) table[Symbol.dispose]();
		const bytes = readFileSync(path());
		damage(bytes);
		writeFileSync(path(), bytes);
		const said = whyNotOpened();
		expect(readFileSync(path()).equals(bytes)).toBe(true);
		return said;
	}

	test.each<[string, (bytes: Buffer) => void, RegExp]>([
		['no database at all', (bytes) => bytes.fill('x'), /file is not a database/],
		['a page of zeros', (bytes) => bytes.fill(0, 4_096 * 2, 4_096 * 3), /damaged|malformed/],
		['a root page that is none', (bytes) => bytes.fill(0xff, 4_096, 4_096 + 64), /damaged|malformed/],
		['half of it missing', (bytes) => bytes.fill(0, 4_096 * 5), /damaged|malformed/],
	])('%s', (_, damage, why) => {
		const said = damagedBy(damage);
		expect(said).toMatch(why);
		expect(said).toContain('nothing was changed');
		expect(said).toMatch(MEND);
	});

	test('any page of it lost, also one that nobody reads at first', () => {
		open().table.apply(
			Array.from({ length: 200 }, (_, i) => create(`n${i}`)),
			NOW,
		);
		for (const table of tables.splice(0)) table[Symbol.dispose]();
		const whole = readFileSync(path());
		expect(whole.length).toBeGreaterThan(4_096 * 8);
		for (let from = 0; from < whole.length; from += 4_096) {
			const bytes = Buffer.from(whole);
			bytes.fill(0, from, from + 4_096);
			writeFileSync(path(), bytes);
			expect(whyNotOpened(), `page ${from / 4_096 + 1}`).toContain('nothing was changed');
		}
	});

	test('a row that is no signal', () => {
		open().table.apply([create('a')], NOW);
		const hand = new DatabaseSync(path());
		hand.exec("UPDATE signals SET value = -5 WHERE id = 'a'");
		hand.close();
		expect(whyNotOpened()).toMatch(/its signal 'a' has the value -5, expected a number above 0/);
	});

	test('a database of something else', () => {
		const other = new DatabaseSync(path());
		other.exec('CREATE TABLE recipes (name TEXT)');
		other.close();
		const before = readFileSync(path());
		expect(whyNotOpened()).toMatch(/it is a database of something else; move it away/);
		expect(new DatabaseSync(path()).prepare('SELECT count(*) AS n FROM recipes').get()).toEqual({ n: 0 });
		expect(before.length).toBeGreaterThan(0);
	});

	test('one of a newer version', () => {
		open();
		const newer = new DatabaseSync(path());
		newer.exec('PRAGMA user_version = 2');
		newer.close();
		expect(whyNotOpened()).toMatch(/a newer version of evenkeel has written it; use that one$/);
	});

	test('its log without it', () => {
		closeSync(openSync(`${path()}-wal`, 'w'));
		const why = /signals\.db-wal is there without what it belongs to; bring that back, or move this one away as well$/;
		expect(whyNotOpened()).toMatch(why);
		expect(existsSync(path())).toBe(false);
		writeFileSync(path(), '');
		expect(whyNotOpened()).toMatch(why);
		expect(existsSync(`${path()}-wal`)).toBe(true);
	});
});

test('a flipped bit in the log costs the call it was of, and nothing before', () => {
	const { table } = open();
	table.apply([create('first')], NOW);
	const whole = statSync(`${path()}-wal`).size;
	table.apply([create('second'), create('third')], NOW);
	const log = readFileSync(`${path()}-wal`);
	const file = openSync(`${path()}-wal`, 'r+');
	writeSync(file, Buffer.of((log[whole + 100] ?? 0) ^ 1), 0, 1, whole + 100);
	closeSync(file);
	// As after a power cut: by somebody who finds the files, and not by us.
	const there = mkdtempSync(join(tmpdir(), 'evenkeel-signals-'));
	try {
		for (const suffix of ['', '-wal']) writeFileSync(join(there, `signals.db${suffix}`), readFileSync(`${path()}${suffix}`));
		const { table: found, news } = SignalTable.open(join(there, 'signals.db'));
		found[Symbol.dispose]();
		expect(idsOf(news)).toEqual({ put: ['first'], gone: [] });
	} finally {
		rmSync(there, { recursive: true });
	}
});

test('one that was moved away, or replaced, says so', () => {
	const { table } = open();
	expect(table.isMoved).toBe(false);
	renameSync(path(), `${path()}.aside`);
	expect(table.isMoved).toBe(true);
	writeFileSync(path(), '');
	expect(table.isMoved).toBe(true);
});
