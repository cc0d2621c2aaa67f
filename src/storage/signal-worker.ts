/** The thread that keeps the signals: what is to be written comes in, and what has become of it and of the file goes out. */
import { parentPort, workerData } from 'node:worker_threads';
import type { ShelfResult, Signal, SignalNews, SignalOperation } from '../domain/signal.ts';
import type { TimeMs } from '../domain/units.ts';
import { type SignalsWritten, SignalTable, type SignalTableOptions, signalTrouble } from './signal-table.ts';

export interface SignalWorkerStart {
	readonly path: string;
	readonly options: SignalTableOptions;
}

export type SignalWorkerHears =
	| { readonly kind: 'apply'; readonly number: number; readonly operations: readonly SignalOperation[]; readonly nowMs: TimeMs }
	/** Whether others have written. */
	| { readonly kind: 'look' }
	| { readonly kind: 'end' };

export type SignalWorkerSays =
	/** The file is open, for the first time or again; this is all that is in it. */
	| { readonly kind: 'all'; readonly signals: readonly Signal[] }
	| { readonly kind: 'news'; readonly news: SignalNews }
	| { readonly kind: 'applied'; readonly number: number; readonly result: ShelfResult }
	/** Why the file cannot be had now. */
	| { readonly kind: 'trouble'; readonly sentence: string }
	| { readonly kind: 'fine' };

const { path, options } = workerData as SignalWorkerStart;
let table: SignalTable | undefined;
/** A write has failed: that reading goes on says nothing of the next one. */
let isUnwritable = false;

parentPort?.on('message', hear);
tryTo(() => reached());

function hear(heard: SignalWorkerHears): void {
	switch (heard.kind) {
		case 'apply': {
			const { number, operations, nowMs } = heard;
			const sentence = tryTo(() => {
				const written = writtenTo(reached(), operations, nowMs);
				if (written !== undefined) say({ kind: 'news', news: written.news });
				say({ kind: 'applied', number, result: { kind: 'kept', results: written?.results ?? [] } });
			});
			if (sentence !== undefined) say({ kind: 'applied', number, result: { kind: 'failed', sentence } });
			return;
		}
		case 'look':
			tryTo(() => {
				const news = reached().look();
				if (news !== undefined) say({ kind: 'news', news });
			});
			return;
		case 'end':
			table?.[Symbol.dispose]();
			parentPort?.close();
			return;
	}
}

/** Opens it where it is not, and anew where somebody has put another in its place. */
function reached(): SignalTable {
	if (table?.isMoved === true) {
		table.refuseLeftBehind();
		table[Symbol.dispose]();
		table = undefined;
	}
	if (table === undefined) {
		const opened = SignalTable.open(path, options);
		table = opened.table;
		isUnwritable = false;
		say({ kind: 'all', signals: opened.news.put });
	}
	return table;
}

function writtenTo(to: SignalTable, operations: readonly SignalOperation[], nowMs: TimeMs): SignalsWritten | undefined {
	try {
		const written = to.apply(operations, nowMs);
		if (written !== undefined) isUnwritable = false;
		return written;
	} catch (error) {
		isUnwritable = true;
		throw error;
	}
}

function tryTo(act: () => void): string | undefined {
	try {
		act();
		if (!isUnwritable) say({ kind: 'fine' });
		return undefined;
	} catch (error) {
		const sentence = signalTrouble(path, error);
		say({ kind: 'trouble', sentence });
		return sentence;
	}
}

function say(said: SignalWorkerSays): void {
	parentPort?.postMessage(said);
}
