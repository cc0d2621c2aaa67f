/**
 * What a person needs to find out why everything was stopped (KL4): the last events, the state with its hash, and who we
 * were, in a file of the data folder. It listens to what the engine takes and decides, and writes when a kill is latched.
 * The cancels have left by then; writing is nobody's business but its own, and a disk that does not take it stops
 * nothing.
 *
 *     <folder>/2026-01-01T00-00-02.345Z-dc0x.json      one a kill, the last ten
 */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { EngineEvent } from '../domain/event.ts';
import { type Instrument, printPrice, printQty } from '../domain/instrument.ts';
import type { Engine } from '../engine/engine.ts';
import type { EngineEffect, Recorder } from '../engine/ports.ts';
import type { Clock } from '../ports/clock.ts';
import type { Disk } from '../ports/disk.ts';
import { EventRing, type Held } from './event-ring.ts';

export interface BlackBoxParts {
	readonly disk: Disk;
	readonly clock: Clock;
	readonly folder: string;
	readonly run: { readonly runTag: string; readonly mode: string; readonly build: string; readonly settings: string };
	/** How a person sees it again, or what to do next. */
	readonly command: string;
	readonly onSay: (sentence: string) => void;
}

/** As it stands in the file. */
export interface BlackBoxFile {
	readonly reason: string;
	readonly at: string;
	readonly run: BlackBoxParts['run'];
	readonly command: string;
	/** Of the lines of `state`: the same run gives the same. */
	readonly stateHash: string;
	readonly state: readonly string[];
	/** What was taken, and after an arrow what was decided; the oldest first. */
	readonly events: readonly string[];
}

interface Watched {
	readonly engine: Engine;
	readonly instruments: readonly Instrument[];
}

export const BOXES_KEPT = 10;
/** An end waits for so long for what is being written. */
const END_WITHIN_MS = 2_000;

export class BlackBox implements Recorder, AsyncDisposable {
	readonly #parts: BlackBoxParts;
	readonly #ring = new EventRing();
	#watched: Watched | undefined;
	#writing: Promise<void> = Promise.resolve();

	constructor(parts: BlackBoxParts) {
		this.#parts = parts;
	}

	/** Whose state it is. */
	watch(watched: Watched): void {
		this.#watched = watched;
	}

	input(event: EngineEvent): void {
		this.#ring.input(event);
	}

	output(effect: EngineEffect): void {
		this.#ring.output(effect);
		if (effect.kind !== 'keep') return;
		for (const record of effect.records) if (record.kind === 'latch' && record.level === 'kill') this.write(record.reason);
	}

	/** Holds on to what is known now; it gets to the disk when there is time for it. */
	write(reason: string): void {
		const { clock } = this.#parts;
		const held = this.#ring.held();
		const state = this.#state();
		const atMs = clock.wallMs();
		const later = new Promise<void>((resolve) => clock.after(0, () => resolve()));
		this.#writing = Promise.all([this.#writing, later]).then(() => this.#save(reason, { atMs, held, state }));
	}

	async [Symbol.asyncDispose](): Promise<void> {
		const { promise, resolve } = Promise.withResolvers<void>();
		const timer = this.#parts.clock.after(END_WITHIN_MS, resolve);
		await Promise.race([this.#writing, promise]);
		timer.cancel();
	}

	/** Whatever goes wrong in here is told, and nothing else comes of it: there is a kill to be finished. */
	async #save(
		reason: string,
		{ atMs, held, state }: { readonly atMs: number; readonly held: Held; readonly state: readonly string[] },
	): Promise<void> {
		const { disk, folder, run, command, onSay } = this.#parts;
		const at = new Date(atMs).toISOString();
		const path = join(folder, `${at.replaceAll(':', '-')}-${run.runTag}.json`);
		try {
			const file: BlackBoxFile = { reason, at, run, command, stateHash: hashOf(state), state, events: held.lines() };
			await disk.replace(path, Buffer.from(`${JSON.stringify(file, undefined, '\t')}\n`));
			onSay(`everything was stopped (${reason}); what was known then is in ${path}`);
			const boxes = (await disk.list(folder)).filter((name) => name.endsWith('.json'));
			for (const oldest of boxes.slice(0, Math.max(0, boxes.length - BOXES_KEPT))) await disk.remove(join(folder, oldest));
		} catch (error) {
			onSay(
				`what was known when everything was stopped could not be kept: ${error instanceof Error ? error.message : String(error)}`,
			);
		}
	}

	#state(): readonly string[] {
		if (this.#watched === undefined) return [];
		try {
			return stateLines(this.#watched);
		} catch (error) {
			return [`the state could not be read: ${String(error)}`];
		}
	}
}

function stateLines({ engine, instruments }: Watched): readonly string[] {
	const { levels, orders, ledger } = engine;
	return [
		`level ${levels.level}: ${levels.reason ?? 'no reason'}`,
		...instruments.map((instrument) => {
			const book = engine.market(instrument.index)?.book;
			const held = printQty(instrument, ledger.inventoryLots(instrument.index));
			return `${instrument.id}: holds ${held}, book ${book?.trust.kind ?? 'none'}, twice the mid ${book?.midTwiceTicks ?? 0} ticks`;
		}),
		...orders.openOrders().map(({ instrument, orderId, side, state, priceTicks, qtyLots, filledLots }) => {
			const terms = `${side} ${printQty(instrument, qtyLots)} at ${printPrice(instrument, priceTicks)}`;
			return `${orderId}: ${state}, ${terms}, filled ${printQty(instrument, filledLots)}`;
		}),
	];
}

function hashOf(lines: readonly string[]): string {
	return createHash('sha256').update(lines.join('\n')).digest('hex').slice(0, 16);
}
