/**
 * Signals in a database file of their own, which several programs may use at once. Unlike the tables of the journal this
 * is no copy: each call is one synced transaction, so whoever is killed in the middle of one leaves all of it or nothing,
 * and a file that is damaged is never made anew over what may still be in it.
 */
import { existsSync, mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import {
	decideSignal,
	type Signal,
	type SignalNews,
	type SignalOperation,
	type SignalResult,
	type SignalType,
	signalFault,
} from '../domain/signal.ts';
import { type TimeMs, timeMs } from '../domain/units.ts';
import { madeForOwner } from './host-lock.ts';

export interface SignalTableOptions {
	/** How long the file may become, in pages of 4 KiB. */
	readonly pagesMax?: number;
}

export interface SignalsWritten {
	readonly results: readonly SignalResult[];
	readonly news: SignalNews;
}

/** Rises when a table changes, and then older files are brought up to it. */
const VERSION = 1;
/** Says that a database is one of signals: `EKsg`. */
const APPLICATION_ID = 0x45_4b_73_67;
/** 64 MiB: ten times what the most signals take, with their indexes and what is left between them. */
const PAGES_MAX = 16_384;
/** Another program writes for milliseconds. */
const BUSY_MS = 5_000;

const TABLES = `
CREATE TABLE progress (one INTEGER PRIMARY KEY CHECK (one = 1), version INTEGER NOT NULL) STRICT;
INSERT INTO progress VALUES (1, 0);
CREATE TABLE signals (
	id TEXT PRIMARY KEY, symbol TEXT NOT NULL, type TEXT NOT NULL, value REAL NOT NULL, confidence REAL NOT NULL,
	source TEXT NOT NULL, created_at_ms INTEGER NOT NULL, updated_at_ms INTEGER NOT NULL, expires_at_ms INTEGER NOT NULL,
	version INTEGER NOT NULL
) STRICT;
CREATE INDEX signals_by_version ON signals (version);
CREATE INDEX signals_by_expiry ON signals (expires_at_ms);
PRAGMA application_id = ${APPLICATION_ID};
PRAGMA user_version = ${VERSION};
`;

export class SignalTable implements Disposable {
	readonly #database: DatabaseSync;
	readonly #path: string;
	readonly #inode: number;
	/** Of the two files that belong to it; they are there as long as we use it. */
	readonly #besideInodes: ReadonlyMap<string, number | undefined>;
	readonly #statements = new Map<string, StatementSync>();
	/** What whoever listens to us knows, and the version of the file at that time. */
	readonly #told = new Set<string>();
	#toldVersion = 0;
	#seenVersion: number;

	private constructor(database: DatabaseSync, path: string) {
		this.#database = database;
		this.#path = path;
		this.#inode = inodeOf(path) ?? 0;
		this.#besideInodes = new Map(BESIDE.map((suffix) => [suffix, inodeOf(`${path}${suffix}`)]));
		this.#seenVersion = this.#dataVersion();
	}

	/** With all that is in it. Throws where it cannot be used; `signalTrouble` says why in words. */
	static open(path: string, { pagesMax = PAGES_MAX }: SignalTableOptions = {}): { table: SignalTable; news: SignalNews } {
		makePlace(path);
		const database = new DatabaseSync(path, { timeout: BUSY_MS });
		try {
			// Safe when it says so: a power cut the moment after takes nothing of it.
			database.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA max_page_count = ${pagesMax}`);
			makeTables(database);
			refuseDamage(database);
			const table = new SignalTable(database, path);
			return { table, news: table.#news() };
		} catch (error) {
			database.close();
			throw error;
		}
	}

	/** Somebody has put another file in its place, or taken it away. */
	get isMoved(): boolean {
		return inodeOf(this.#path) !== this.#inode;
	}

	/**
	 * Throws where what belongs to the one that was moved still stands beside its place: the database engine would take it
	 * for that of the new one, and write old pages over it. Only while this one is open can the two be told apart.
	 */
	refuseLeftBehind(): void {
		for (const [suffix, inode] of this.#besideInodes) {
			if (inode !== undefined && inodeOf(`${this.#path}${suffix}`) === inode) throw leftBehind(`${this.#path}${suffix}`);
		}
	}

	/** What others have done since, as far as nobody was told. */
	look(): SignalNews | undefined {
		const version = this.#dataVersion();
		if (version === this.#seenVersion) return undefined;
		this.#database.exec('BEGIN');
		try {
			const news = this.#news();
			this.#seenVersion = version;
			return news;
		} finally {
			if (this.#database.isTransaction) this.#database.exec('COMMIT');
		}
	}

	/** The news is of what others have done, too. */
	apply(operations: readonly SignalOperation[], nowMs: TimeMs): SignalsWritten | undefined {
		if (operations.length === 0 && this.#expiredCount(nowMs) === 0) return undefined;
		this.#database.exec('BEGIN IMMEDIATE');
		const before = { ids: [...this.#told], version: this.#toldVersion };
		try {
			this.#statement('UPDATE progress SET version = version + 1').run();
			this.#statement('DELETE FROM signals WHERE expires_at_ms <= ?').run(nowMs);
			const version = this.#version();
			const known = {
				count: this.#count(COUNT),
				find: (id: string) => this.#find(id),
			};
			const results = operations.map((operation) => this.#decide(operation, { known, nowMs, version }));
			const news = this.#news();
			this.#database.exec('COMMIT');
			return { results, news };
		} catch (error) {
			this.#takeBack(before);
			throw error;
		}
	}

	[Symbol.dispose](): void {
		this.#database.close();
	}

	#decide(
		operation: SignalOperation,
		{ known, nowMs, version }: { known: { count: number; find(id: string): Signal | undefined }; nowMs: TimeMs; version: number },
	): SignalResult {
		const decision = decideSignal(operation, known, nowMs);
		if (decision.kind === 'refused') return decision;
		const { signal } = decision;
		if (decision.kind === 'drop') {
			this.#statement('DELETE FROM signals WHERE id = ?').run(signal.id);
			known.count -= 1;
		} else {
			if (known.find(signal.id) === undefined) known.count += 1;
			const { id, symbol, type, value, confidence, source, createdAtMs, updatedAtMs, expiresAtMs } = signal;
			this.#statement('INSERT OR REPLACE INTO signals VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)').run(
				...[id, symbol, type, value, confidence, source, createdAtMs, updatedAtMs, expiresAtMs, version],
			);
		}
		return { kind: 'done', signal };
	}

	/** Against what was told before; from now on that is told. */
	#news(): SignalNews {
		const put = this.#statement(`SELECT ${COLUMNS} FROM signals WHERE version > ?`).all(this.#toldVersion).map(signalOf);
		for (const { id } of put) this.#told.add(id);
		const gone = this.#told.size === this.#count(COUNT) ? [] : this.#goneIds();
		for (const id of gone) this.#told.delete(id);
		this.#toldVersion = this.#version();
		return { put, gone };
	}

	#goneIds(): readonly string[] {
		const there = new Set(
			this.#statement('SELECT id FROM signals')
				.all()
				.map((row) => row['id']),
		);
		return [...this.#told].filter((id) => !there.has(id));
	}

	/** A disk that is full may have ended the transaction by itself. */
	#takeBack(before: { readonly ids: readonly string[]; readonly version: number }): void {
		this.#told.clear();
		for (const id of before.ids) this.#told.add(id);
		this.#toldVersion = before.version;
		if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
	}

	#find(id: string): Signal | undefined {
		const row = this.#statement(`SELECT ${COLUMNS} FROM signals WHERE id = ?`).get(id);
		return row === undefined ? undefined : signalOf(row);
	}

	#version(): number {
		return this.#count('SELECT version AS value FROM progress');
	}

	#expiredCount(nowMs: TimeMs): number {
		return this.#count('SELECT count(*) AS value FROM signals WHERE expires_at_ms <= ?', nowMs);
	}

	/** Changes when another connection has committed, and never by what we do. */
	#dataVersion(): number {
		return Number(this.#statement('PRAGMA data_version').get()?.['data_version']);
	}

	#count(sql: string, ...values: readonly number[]): number {
		return Number(this.#statement(sql).get(...values)?.['value']);
	}

	#statement(sql: string): StatementSync {
		const statement = this.#statements.get(sql) ?? this.#database.prepare(sql);
		this.#statements.set(sql, statement);
		return statement;
	}
}

/** What the database engine puts beside a file. */
const BESIDE = ['-wal', '-shm'];
const COUNT = 'SELECT count(*) AS value FROM signals';
const COLUMNS = 'id, symbol, type, value, confidence, source, created_at_ms, updated_at_ms, expires_at_ms';

/** What is in the file and cannot be used, or will not be touched. */
class SignalFileError extends Error {
	override readonly name = 'SignalFileError';
	readonly isInTheWay: boolean;

	constructor(detail: string, { isInTheWay }: { readonly isInTheWay: boolean }) {
		super(detail);
		this.isInTheWay = isInTheWay;
	}
}

function makePlace(path: string): void {
	mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
	// The database engine would throw it away, and with it what it has and the file does not.
	const isEmpty = (statSync(path, { throwIfNoEntry: false })?.size ?? 0) === 0;
	if (isEmpty && existsSync(`${path}-wal`)) throw leftBehind(`${path}-wal`);
	madeForOwner(path);
}

function leftBehind(path: string): SignalFileError {
	const detail = `${path} is there without what it belongs to; bring that back, or move this one away as well`;
	return new SignalFileError(detail, { isInTheWay: false });
}

function inodeOf(path: string): number | undefined {
	return statSync(path, { throwIfNoEntry: false })?.ino;
}

function makeTables(database: DatabaseSync): void {
	// Of two that begin at once one waits, and finds the tables made.
	database.exec('BEGIN IMMEDIATE');
	try {
		const pragma = (name: string): number => Number(database.prepare(`PRAGMA ${name}`).get()?.[name]);
		const [id, version] = [pragma('application_id'), pragma('user_version')];
		const isEmpty = database.prepare('SELECT 1 FROM sqlite_schema').get() === undefined;
		if (id === 0 && version === 0 && isEmpty) database.exec(TABLES);
		else if (id !== APPLICATION_ID) throw new SignalFileError('it is a database of something else', { isInTheWay: true });
		else if (version > VERSION) {
			throw new SignalFileError('a newer version of evenkeel has written it; use that one', { isInTheWay: false });
		}
		database.exec('COMMIT');
	} catch (error) {
		if (database.isTransaction) database.exec('ROLLBACK');
		throw error;
	}
}

function refuseDamage(database: DatabaseSync): void {
	const said = database.prepare('PRAGMA quick_check(1)').get()?.['quick_check'];
	if (said !== 'ok') throw new SignalFileError(`it is damaged: ${String(said)}`, { isInTheWay: true });
}

type Row = Readonly<Record<string, unknown>>;

function signalOf(row: Row): Signal {
	const time = (name: string): TimeMs => timeMs(Number(row[name]));
	const signal: Signal = {
		id: String(row['id']),
		symbol: String(row['symbol']),
		type: String(row['type']) as SignalType,
		value: Number(row['value']),
		confidence: Number(row['confidence']),
		source: String(row['source']),
		createdAtMs: time('created_at_ms'),
		updatedAtMs: time('updated_at_ms'),
		expiresAtMs: time('expires_at_ms'),
	};
	const fault = signalFault(signal);
	if (fault === undefined) return signal;
	throw new SignalFileError(`its signal '${signal.id}' has the ${fault.field} ${fault.found}, expected ${fault.expected}`, {
		isInTheWay: true,
	});
}

const SQLITE_BUSY = 5;
const SQLITE_CORRUPT = 11;
const SQLITE_FULL = 13;
const SQLITE_NOTADB = 26;

/** Why it could not be used, and what to do, in one sentence. */
export function signalTrouble(path: string, error: unknown): string {
	const detail = error instanceof Error ? error.message : String(error);
	// The lower byte of what it says is the kind.
	const code = error instanceof Error && 'errcode' in error ? Number(error.errcode) % 256 : undefined;
	switch (code) {
		case SQLITE_BUSY:
			return `the signals in ${path} cannot be had: another program holds them for more than ${BUSY_MS / 1_000} s; end it, or try again`;
		case SQLITE_FULL:
			return `the signals in ${path} cannot be written: the disk is full; make room, nothing of before is lost`;
		case SQLITE_CORRUPT:
		case SQLITE_NOTADB:
			return inTheWay(path, detail);
		default:
			if (error instanceof SignalFileError && error.isInTheWay) return inTheWay(path, detail);
			return `the signals in ${path} cannot be had: ${detail}`;
	}
}

function inTheWay(path: string, detail: string): string {
	return `the signals in ${path} cannot be read, and nothing was changed: ${detail}; move it away together with ${path}-wal and ${path}-shm if they are there, and bring back what was exported: evenkeel signals import signals.json`;
}
