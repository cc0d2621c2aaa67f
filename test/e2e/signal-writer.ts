/**
 * Writes signals to a folder for as long as it lives, for a test that kills it: `signal-writer.ts <folder> <run>`. On
 * each lane one batch after the other, and a line on stdout once one is safe. What a batch does is a function of its
 * number, so that whoever finds the file can tell what must be in it.
 */
import { pathToFileURL } from 'node:url';
import { wallNowMs } from '../../src/app/after.ts';
import { openSignalsAlone } from '../../src/app/open-signals.ts';
import type { SignalOperation } from '../../src/domain/signal.ts';

export const LANES = ['a', 'b', 'c'];
const BATCH = 5;
/** A batch lives so long; each one ends the one before the last. */
const DAY_MS = 86_400_000;

/** Adds five, changes the five before those and takes away two of the five before. */
function batchOf(lane: string, number: number, expiresAtMs: number): readonly SignalOperation[] {
	const operations: SignalOperation[] = [];
	for (let i = 0; i < BATCH; i += 1) {
		const draft = { id: idOf(lane, number, i), symbol: `S${i}`, type: 'BUY', source: lane, value: 0.25, expiresAtMs } as const;
		operations.push({ kind: 'create', draft });
		if (number > 1) operations.push({ kind: 'update', id: idOf(lane, number - 1, i), patch: { value: 0.5 } });
		if (number > 2) operations.push({ kind: 'delete', id: idOf(lane, number - 2, i) });
	}
	return operations;
}

function idOf(lane: string, number: number, i: number): string {
	return `${lane}:${number}:${i}`;
}

/** Ids and values after so many batches of a lane. */
export function afterBatches(lane: string, number: number): ReadonlyMap<string, number> {
	const known = new Map<string, number>();
	for (const [batch, value] of [
		[number - 1, 0.5],
		[number, 0.25],
	] as const) {
		for (let i = 0; i < BATCH && batch > 0; i += 1) known.set(idOf(lane, batch, i), value);
	}
	return known;
}

async function write(folder: string, run: string): Promise<void> {
	const opened = await openSignalsAlone(folder, (sentence) => process.stderr.write(`${sentence}\n`));
	if (opened.kind === 'refused') throw new Error(opened.sentence);
	const expiresAtMs = wallNowMs() + DAY_MS;
	await Promise.all(
		LANES.map(async (name) => {
			const lane = `${run}${name}`;
			for (let number = 1; ; number += 1) {
				const results = await opened.store.processSignals(batchOf(lane, number, expiresAtMs));
				const bad = results.find(({ kind }) => kind !== 'done');
				process.stdout.write(bad === undefined ? `${lane} ${number}\n` : `${lane} failed ${JSON.stringify(bad)}\n`);
				if (bad !== undefined) return;
			}
		}),
	);
	await opened.store[Symbol.asyncDispose]();
}

const [, main = '', folder = '', run = ''] = process.argv;
if (import.meta.url === pathToFileURL(main).href) await write(folder, run);
