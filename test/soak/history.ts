/**
 * A journal as it is after hours of trading, so that whatever remembers so many fills remembers as many as it ever will
 * from the start: what still grows then, grows without end.
 */
import { join } from 'node:path';
import type { WorkSymbol } from '../../bench/app/tick-work.ts';
import { journalFolder } from '../../src/app/data-folder.ts';
import type { ExecutionRecord, JournalRecord } from '../../src/domain/journal-record.ts';
import { EXECUTIONS_REMEMBERED_MAX } from '../../src/portfolio/account.ts';
import type { Clock } from '../../src/ports/clock.ts';
import type { Disk } from '../../src/ports/disk.ts';
import { JournalStore } from '../../src/storage/journal-store.ts';

const QUOTE = 'USDT';
/** Long enough ago that nobody asks the venue about it again. */
const ENDED_BEFORE_MS = 3 * 3_600_000;
const APART_MS = 100;

export async function writeHistory(parts: {
	readonly disk: Disk;
	readonly clock: Clock;
	readonly folder: string;
	readonly work: readonly WorkSymbol[];
}): Promise<void> {
	const { disk, clock, folder, work } = parts;
	const opened = await JournalStore.open({ disk, clock, folder: journalFolder(join(folder, 'data')) });
	if (opened.kind === 'refused') throw new Error(opened.sentence);
	await using store = opened.store;
	const endedAtMs = Math.floor(clock.wallMs()) - ENDED_BEFORE_MS;
	const run = { mode: 'sim', build: 'soak', settings: 'soak' };
	await commit(store, [
		{ kind: 'run', runTag: '1000', atMs: endedAtMs - EXECUTIONS_REMEMBERED_MAX * APART_MS, ...run },
		...work.map(instrumentOf),
	]);
	for (const each of work) {
		const executions = Array.from({ length: EXECUTIONS_REMEMBERED_MAX }, (_, at) =>
			executionOf(each, at, endedAtMs - (EXECUTIONS_REMEMBERED_MAX - at) * APART_MS),
		);
		await commit(store, executions);
	}
	await commit(store, [{ kind: 'stopped', atMs: endedAtMs, left: [] }]);
}

async function commit(store: JournalStore, records: readonly JournalRecord[]): Promise<void> {
	if (!(await store.commit(records))) throw new Error(`the journal takes nothing: ${store.error?.message}`);
}

function idOf({ symbol }: WorkSymbol): string {
	return `bybit:linear:${symbol}`;
}

function instrumentOf(work: WorkSymbol): JournalRecord {
	const { symbol, tickSize, lotSize } = work;
	return {
		...{ kind: 'instrument', instrumentId: idOf(work), version: 1, venue: 'bybit', category: 'linear', symbol },
		...{ baseCurrency: symbol.slice(0, -QUOTE.length), quoteCurrency: QUOTE, settleCurrency: QUOTE, tickSize, lotSize },
	};
}

/** One side and the other in turn, at one price: nothing is held and nothing is lost in the end. */
function executionOf(work: WorkSymbol, at: number, tradedAtMs: number): ExecutionRecord {
	const number = String(at).padStart(12, '0');
	return {
		...{ kind: 'execution', executionId: `${work.symbol.slice(3, 6)}00000-0000-4000-8000-${number}` },
		...{ instrumentId: idOf(work), version: 1, clientOrderId: '', venueOrderId: `7c1e2a40-0000-4000-8000-${number}` },
		...{ side: at % 2 === 0 ? 'buy' : 'sell', priceTicks: 1_000, qtyLots: 1, fee: '0', feeCurrency: QUOTE },
		...{ isMaker: false, tradedAtMs },
	};
}
