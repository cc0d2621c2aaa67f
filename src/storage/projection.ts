/**
 * The journal as tables, for whoever wants to ask questions: sessions, orders, executions, positions, what was decided
 * and by whom. Only ever a copy: when it is missing, old or in doubt it is thrown away and made anew from the journal.
 * Each record is applied once, since how far it got is written in the same transaction.
 */
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import type { DecisionRecord, ExecutionRecord, InstrumentRecord, JournalRecord, PlaceRecord } from '../domain/journal-record.ts';
import { moneyOf, parseMoney, printMoney } from '../domain/money.ts';
import { madeForOwner } from './host-lock.ts';

/** Rises when a table changes; a file of another version is made anew, which costs seconds and loses nothing. */
const VERSION = 2;

const TABLES = `
CREATE TABLE progress (one INTEGER PRIMARY KEY CHECK (one = 1), next_number INTEGER NOT NULL) STRICT;
INSERT INTO progress VALUES (1, 1);
CREATE TABLE sessions (
	number INTEGER PRIMARY KEY, run_tag TEXT NOT NULL UNIQUE, started_at_ms INTEGER NOT NULL, mode TEXT NOT NULL,
	build TEXT NOT NULL, settings TEXT NOT NULL, stopped_at_ms INTEGER, orders_left INTEGER
) STRICT;
CREATE TABLE instruments (
	instrument_id TEXT PRIMARY KEY, version INTEGER NOT NULL, venue TEXT NOT NULL, category TEXT NOT NULL, symbol TEXT NOT NULL,
	base TEXT NOT NULL, quote TEXT NOT NULL, settle TEXT NOT NULL, tick_size TEXT NOT NULL, lot_size TEXT NOT NULL
) STRICT;
CREATE TABLE orders (
	order_id TEXT PRIMARY KEY, instrument_id TEXT NOT NULL, owner TEXT NOT NULL, slot INTEGER NOT NULL, side TEXT NOT NULL,
	order_type TEXT NOT NULL, time_in_force TEXT NOT NULL, reduce_only INTEGER NOT NULL, price TEXT NOT NULL, qty TEXT NOT NULL,
	state TEXT NOT NULL DEFAULT 'open', reason TEXT NOT NULL DEFAULT '', number INTEGER NOT NULL
) STRICT;
CREATE INDEX orders_open ON orders (instrument_id) WHERE state = 'open';
CREATE TABLE intents (
	number INTEGER PRIMARY KEY, order_id TEXT NOT NULL, verb TEXT NOT NULL, price TEXT, qty TEXT
) STRICT;
CREATE INDEX intents_of_order ON intents (order_id);
CREATE TABLE executions (
	execution_id TEXT NOT NULL, instrument_id TEXT NOT NULL, order_id TEXT NOT NULL, venue_order_id TEXT NOT NULL,
	side TEXT NOT NULL, price TEXT NOT NULL, qty TEXT NOT NULL, fee TEXT NOT NULL, fee_currency TEXT NOT NULL,
	is_maker INTEGER NOT NULL, traded_at_ms INTEGER NOT NULL, number INTEGER NOT NULL, PRIMARY KEY (instrument_id, execution_id)
) STRICT;
CREATE INDEX executions_by_time ON executions (traded_at_ms);
CREATE TABLE funding (
	funding_id TEXT NOT NULL, instrument_id TEXT NOT NULL, amount TEXT NOT NULL, currency TEXT NOT NULL,
	funded_at_ms INTEGER NOT NULL, PRIMARY KEY (instrument_id, funding_id)
) STRICT;
CREATE TABLE positions (
	instrument_id TEXT PRIMARY KEY, qty TEXT NOT NULL
) STRICT;
CREATE TABLE reconciliations (
	number INTEGER PRIMARY KEY, venue TEXT NOT NULL, at_ms INTEGER NOT NULL, verdict TEXT NOT NULL, orders_fixed INTEGER NOT NULL,
	orphans_closed INTEGER NOT NULL, is_paused INTEGER NOT NULL, actions TEXT NOT NULL
) STRICT;
CREATE TABLE controls (
	number INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL, action TEXT NOT NULL, detail TEXT NOT NULL, result TEXT NOT NULL
) STRICT;
CREATE TABLE decisions (
	decision_id TEXT PRIMARY KEY, number INTEGER NOT NULL, instrument_id TEXT NOT NULL, at_ms INTEGER NOT NULL,
	decision TEXT NOT NULL, reasons TEXT NOT NULL, order_id TEXT NOT NULL, closes TEXT NOT NULL, qty TEXT NOT NULL,
	signal_value REAL NOT NULL, confidence REAL NOT NULL, entry TEXT NOT NULL, exits TEXT NOT NULL, readings TEXT NOT NULL,
	is_dry_run INTEGER NOT NULL, duration_ms REAL, stages TEXT
) STRICT;
CREATE INDEX decisions_by_time ON decisions (at_ms);
CREATE TABLE exits (
	number INTEGER PRIMARY KEY, decision_id TEXT NOT NULL, at_ms INTEGER NOT NULL, reason TEXT NOT NULL, order_id TEXT NOT NULL,
	qty TEXT NOT NULL
) STRICT;
CREATE INDEX exits_of_decision ON exits (decision_id);
CREATE TABLE snapshots (
	number INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL, portfolio TEXT NOT NULL
) STRICT;
CREATE INDEX snapshots_by_time ON snapshots (at_ms);
CREATE VIEW decision_fates AS
	SELECT d.*, coalesce(o.state, 'none') AS fate, coalesce(o.reason, '') AS fate_reason,
		(SELECT x.reason FROM exits x WHERE x.decision_id = d.decision_id ORDER BY x.number DESC LIMIT 1) AS exit_reason,
		(SELECT count(*) FROM exits x WHERE x.decision_id = d.decision_id AND x.order_id <> '') AS exit_orders
	FROM decisions d LEFT JOIN orders o ON o.order_id = d.order_id;
PRAGMA user_version = ${VERSION};
`;

export class Projection implements Disposable {
	readonly #database: DatabaseSync;
	readonly #statements = new Map<string, StatementSync>();
	readonly #grids = new Map<string, { readonly tick: bigint; readonly lot: bigint }>();
	#nextNumber: number;

	private constructor(database: DatabaseSync) {
		this.#database = database;
		this.#nextNumber = Number(this.#one('SELECT next_number AS value FROM progress'));
		for (const row of database.prepare('SELECT instrument_id, tick_size, lot_size FROM instruments').all()) {
			this.#learnGrid(String(row['instrument_id']), String(row['tick_size']), String(row['lot_size']));
		}
	}

	/** `isNew` says that everything has to be told again, from the oldest record there is. */
	static open(path: string): { readonly projection: Projection; readonly isNew: boolean } {
		madeForOwner(path);
		const database = new DatabaseSync(path);
		// What a power cut takes of it is told again; waiting for the disk would be for nothing.
		database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA busy_timeout = 250');
		const isNew = Number(database.prepare('PRAGMA user_version').get()?.['user_version'] ?? 0) !== VERSION;
		if (isNew) makeAnew(database);
		return { projection: new Projection(database), isNew };
	}

	/** Of the first record that it has not heard of. */
	get nextNumber(): number {
		return this.#nextNumber;
	}

	/** All of them or none. Records that were applied before are passed over. */
	apply(firstNumber: number, records: readonly (JournalRecord | undefined)[]): void {
		if (firstNumber + records.length <= this.#nextNumber) return;
		this.#database.exec('BEGIN');
		try {
			records.forEach((record, i) => {
				if (record !== undefined && firstNumber + i >= this.#nextNumber) this.#apply(firstNumber + i, record);
			});
			const next = firstNumber + records.length;
			this.#run('UPDATE progress SET next_number = ?', next);
			this.#database.exec('COMMIT');
			this.#nextNumber = next;
		} catch (error) {
			this.#database.exec('ROLLBACK');
			throw error;
		}
	}

	[Symbol.dispose](): void {
		this.#database.close();
	}

	#apply(number: number, record: JournalRecord): void {
		switch (record.kind) {
			case 'run': {
				const { runTag, atMs, mode, build, settings } = record;
				this.#run(
					'INSERT OR IGNORE INTO sessions (number, run_tag, started_at_ms, mode, build, settings) VALUES (?, ?, ?, ?, ?, ?)',
					...[number, runTag, atMs, mode, build, settings],
				);
				return;
			}
			case 'stopped':
				this.#run(
					'UPDATE sessions SET stopped_at_ms = ?, orders_left = ? WHERE number = (SELECT max(number) FROM sessions)',
					...[record.atMs, record.left.length],
				);
				return;
			case 'instrument':
				this.#instrument(record);
				return;
			case 'place':
				this.#place(number, record);
				return;
			case 'amend': {
				const instrumentId = this.#one('SELECT instrument_id AS value FROM orders WHERE order_id = ?', record.orderId);
				if (instrumentId === undefined) return;
				const { price, qty } = this.#terms(String(instrumentId), record);
				this.#run('UPDATE orders SET price = ?, qty = ? WHERE order_id = ?', price, qty, record.orderId);
				this.#run('INSERT INTO intents VALUES (?, ?, ?, ?, ?)', number, record.orderId, 'amend', price, qty);
				return;
			}
			case 'cancel':
				this.#run('INSERT INTO intents VALUES (?, ?, ?, NULL, NULL)', number, record.orderId, 'cancel');
				return;
			case 'over':
				this.#run('UPDATE orders SET state = ?, reason = ? WHERE order_id = ?', record.state, record.reason, record.orderId);
				return;
			case 'execution':
				this.#execution(number, record);
				return;
			case 'funding': {
				const { fundingId, instrumentId, amount, currency, fundedAtMs } = record;
				this.#run('INSERT OR IGNORE INTO funding VALUES (?, ?, ?, ?, ?)', fundingId, instrumentId, amount, currency, fundedAtMs);
				return;
			}
			case 'reconciled': {
				const { venue, atMs, verdict, ordersFixed, orphansClosed, isPaused, actions } = record;
				this.#run(
					'INSERT INTO reconciliations VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
					...[number, venue, atMs, verdict, ordersFixed, orphansClosed, Number(isPaused), JSON.stringify(actions)],
				);
				return;
			}
			case 'control':
				this.#control(number, record.atMs, [record.action, record.detail, record.result]);
				return;
			case 'latch':
				this.#control(number, record.atMs, ['latch', record.level, record.reason]);
				return;
			case 'rearm':
				this.#control(number, record.atMs, ['rearm', record.by, '']);
				return;
			case 'ledger':
				this.#ledger(record.snapshot);
				return;
			case 'account':
				this.#ledger({ accounts: [record.snapshot] });
				return;
			case 'decision':
				this.#decision(number, record);
				return;
			case 'exit': {
				const { decisionId, atMs, reason, orderId, qty } = record;
				this.#run('INSERT INTO exits VALUES (?, ?, ?, ?, ?, ?)', number, decisionId, atMs, reason, orderId, qty);
				return;
			}
			case 'ran': {
				const { decisionId, executionDurationMs, stages } = record;
				const times = [executionDurationMs, JSON.stringify(stages)] as const;
				this.#run('UPDATE decisions SET duration_ms = ?, stages = ? WHERE decision_id = ?', ...times, decisionId);
				return;
			}
			case 'portfolio':
				this.#run('INSERT INTO snapshots VALUES (?, ?, ?)', number, record.atMs, JSON.stringify(record.portfolio));
				return;
			case 'filled':
			case 'mark':
			case 'equity':
			case 'watch':
				return;
		}
	}

	#instrument(record: InstrumentRecord): void {
		const { instrumentId, version, venue, category, symbol, baseCurrency, quoteCurrency, settleCurrency, tickSize, lotSize } =
			record;
		this.#learnGrid(instrumentId, tickSize, lotSize);
		this.#run(
			'INSERT OR REPLACE INTO instruments VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
			...[instrumentId, version, venue, category, symbol, baseCurrency, quoteCurrency, settleCurrency, tickSize, lotSize],
		);
	}

	#place(number: number, record: PlaceRecord): void {
		const { orderId, instrumentId, owner, slot, side, orderType, timeInForce, reduceOnly } = record;
		const { price, qty } = this.#terms(instrumentId, record);
		this.#run(
			`INSERT OR IGNORE INTO orders (order_id, instrument_id, owner, slot, side, order_type, time_in_force, reduce_only, price, qty, number)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			...[orderId, instrumentId, owner, slot, side, orderType, timeInForce, Number(reduceOnly), price, qty, number],
		);
		this.#run('INSERT INTO intents VALUES (?, ?, ?, ?, ?)', number, orderId, 'place', price, qty);
	}

	/** One that a summary tells again is known. */
	#decision(number: number, record: DecisionRecord): void {
		const { decisionId, instrumentId, atMs, decision, reasons, orderId, closes, qty, signal, isDryRun } = record;
		this.#run(
			'INSERT OR IGNORE INTO decisions VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL, NULL)',
			...[decisionId, number, instrumentId, atMs, decision, JSON.stringify(reasons), orderId, closes, qty],
			...[signal.value, signal.confidence, ...[record.entry, record.exits, record.readings].map((rule) => JSON.stringify(rule))],
			Number(isDryRun),
		);
	}

	#execution(number: number, record: ExecutionRecord): void {
		const { executionId, instrumentId, clientOrderId, venueOrderId, side, fee, feeCurrency, isMaker, tradedAtMs } = record;
		const { price, qty } = this.#terms(instrumentId, record);
		const { changes } = this.#run(
			'INSERT OR IGNORE INTO executions VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
			...[executionId, instrumentId, clientOrderId, venueOrderId, side, price, qty, fee, feeCurrency, Number(isMaker)],
			...[tradedAtMs, number],
		);
		if (changes === 0) return;
		const held = this.#one('SELECT qty AS value FROM positions WHERE instrument_id = ?', instrumentId) ?? '0';
		const moved = amountOf(qty);
		this.#hold(instrumentId, printMoney(moneyOf(amountOf(String(held)) + (side === 'buy' ? moved : -moved))));
	}

	/** What the summary says we hold, where executions are older than all that is still written down. */
	#ledger(snapshot: object): void {
		const accounts: unknown = 'accounts' in snapshot ? snapshot.accounts : [];
		if (!Array.isArray(accounts)) return;
		for (const account of accounts as readonly { instrumentId?: unknown; baseSigned?: unknown }[]) {
			this.#hold(String(account.instrumentId), String(account.baseSigned));
		}
	}

	#hold(instrumentId: string, qty: string): void {
		this.#run('INSERT OR REPLACE INTO positions VALUES (?, ?)', instrumentId, qty);
	}

	#control(number: number, atMs: number, [action, detail, result]: readonly [string, string, string]): void {
		this.#run('INSERT INTO controls VALUES (?, ?, ?, ?, ?)', number, atMs, action, detail, result);
	}

	#terms(instrumentId: string, { priceTicks, qtyLots }: { readonly priceTicks: number; readonly qtyLots: number }) {
		const { tick = 0n, lot = 0n } = this.#grids.get(instrumentId) ?? {};
		return { price: printMoney(moneyOf(tick * BigInt(priceTicks))), qty: printMoney(moneyOf(lot * BigInt(qtyLots))) };
	}

	#learnGrid(instrumentId: string, tickSize: string, lotSize: string): void {
		this.#grids.set(instrumentId, { tick: amountOf(tickSize), lot: amountOf(lotSize) });
	}

	#run(sql: string, ...values: readonly (string | number)[]): { readonly changes: number | bigint } {
		return this.#statement(sql).run(...values);
	}

	#one(sql: string, ...values: readonly (string | number)[]): string | number | undefined {
		const row = this.#statement(sql).get(...values);
		const value = row?.['value'];
		return typeof value === 'string' || typeof value === 'number' ? value : undefined;
	}

	#statement(sql: string): StatementSync {
		let statement = this.#statements.get(sql);
		if (statement === undefined) {
			statement = this.#database.prepare(sql);
			this.#statements.set(sql, statement);
		}
		return statement;
	}
}

function amountOf(text: string): bigint {
	return parseMoney(text) ?? 0n;
}

function makeAnew(database: DatabaseSync): void {
	const names = database
		.prepare("SELECT type, name FROM sqlite_schema WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite_%'")
		.all();
	for (const { type, name } of names) database.exec(`DROP ${String(type)} "${String(name)}"`);
	database.exec(`BEGIN; ${TABLES} COMMIT`);
}
