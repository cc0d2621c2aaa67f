/**
 * One flush of 20 intents made safe: from the engine's call to the event that lets their bytes leave. It stands for what
 * safety costs a tick. Beside it the least that anybody could do: 20 lines appended to a file and synced; and SQLite in
 * a transaction of 20 rows. On the disk of the temporary folder.
 */
import { closeSync, fdatasync, mkdtempSync, openSync, rmSync, write } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { PlaceCommand } from '../../src/domain/command.ts';
import type { OrderId } from '../../src/domain/order-id.ts';
import type { Lots, Ticks } from '../../src/domain/units.ts';
import { systemClock } from '../../src/network/system-clock.ts';
import { lineOfCommand } from '../../src/storage/journal-codec.ts';
import { JournalStore } from '../../src/storage/journal-store.ts';
import { systemDisk } from '../../src/storage/system-disk.ts';
import { makeTestInstrument } from '../../test/fixtures/instruments.ts';
import { type Benchmark, type BenchOptions, type BenchResult, measurePaired } from '../harness.ts';

const INTENTS = 20;
const OWNERS = ['ladder BTCUSDT'];
const ROUNDS = { tiny: { rounds: 2, warmupRounds: 0 }, full: { rounds: 1_000, warmupRounds: 100 } };

export default {
	name: 'storage/journal',
	async run({ tiny }: BenchOptions): Promise<BenchResult> {
		const folder = mkdtempSync(join(tmpdir(), 'evenkeel-bench-'));
		const intents = Array.from({ length: INTENTS }, (_, i) => intent(i));
		const lines = intents.map((each) => lineOfCommand(each, OWNERS));
		const opened = await JournalStore.open({ disk: systemDisk(), clock: systemClock(), folder: join(folder, 'journal') });
		if (opened.kind === 'refused') throw new Error(opened.sentence);
		let heard = (): void => {};
		const journal = opened.store.journalFor(() => heard(), OWNERS);
		const plain = openSync(join(folder, 'lines'), 'a');
		const database = databaseIn(folder);
		try {
			const { cases, ratio } = await measurePaired({
				...(tiny ? ROUNDS.tiny : ROUNDS.full),
				workPerRun: 1,
				work: 'flush',
				variants: {
					ours: () =>
						new Promise<number>((resolve) => {
							heard = () => resolve(INTENTS);
							journal.commit(1, intents);
						}),
					linesWithFdatasync: () => appended(plain, Buffer.from(`${lines.join('\n')}\n`)),
					sqliteWalFull: () => database.insert(lines),
				},
			});
			return {
				cases: [cases.ours, cases.linesWithFdatasync, cases.sqliteWalFull],
				ratios: {
					oursVsLines: ratio({ theirs: 'linesWithFdatasync', ours: 'ours' }),
					oursVsSqlite: ratio({ theirs: 'sqliteWalFull', ours: 'ours' }),
				},
			};
		} finally {
			await opened.store[Symbol.asyncDispose]();
			closeSync(plain);
			database.close();
			rmSync(folder, { recursive: true });
		}
	},
} satisfies Benchmark;

function intent(number: number): PlaceCommand {
	return {
		kind: 'place',
		orderId: `BTCUSDT-Buy-1767225600000-${number + 1}-1000` as OrderId,
		instrument: makeTestInstrument(),
		quoter: 0,
		slot: number,
		side: 'buy',
		orderType: 'limit',
		timeInForce: 'postOnly',
		reduceOnly: false,
		priceTicks: (650_000 - number) as Ticks,
		qtyLots: 20 as Lots,
	} as PlaceCommand;
}

function appended(file: number, bytes: Buffer): Promise<number> {
	return new Promise((resolve, reject) => {
		write(file, bytes, 0, bytes.length, null, (error) => {
			if (error !== null) return reject(error);
			fdatasync(file, (failed) => (failed === null ? resolve(INTENTS) : reject(failed)));
		});
	});
}

function databaseIn(folder: string): { insert(lines: readonly string[]): number; close(): void } {
	const database = new DatabaseSync(join(folder, 'rows.db'));
	database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE intents (line TEXT NOT NULL)');
	const insert = database.prepare('INSERT INTO intents (line) VALUES (?)');
	return {
		insert: (lines) => {
			database.exec('BEGIN');
			for (const line of lines) insert.run(line);
			database.exec('COMMIT');
			return lines.length;
		},
		close: () => database.close(),
	};
}
