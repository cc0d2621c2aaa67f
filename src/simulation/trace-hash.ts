/**
 * The whole run in one figure: a hash over every input and every output of the engine in order, in a canonical text.
 * Two runs with the same hash took the same events and decided the same.
 */
import { createHash } from 'node:crypto';
import type { Batch, Command } from '../domain/command.ts';
import type { EngineEvent } from '../domain/event.ts';
import type { Instrument } from '../domain/instrument.ts';
import type { EngineEffect, Recorder } from '../engine/ports.ts';

/** Texts and numbers only, and there are many of them: looking at each member takes as long as writing it down. */
const FLAT: ReadonlySet<string> = new Set(['timer', 'trade', 'mark', 'journaled', 'wake', 'turn']);
/** Text is hashed in pieces of about this length. */
const PIECE_LENGTH = 65_536;

export class TraceHash implements Recorder {
	readonly #hash = createHash('sha256');
	#piece = '';

	input(event: EngineEvent): void {
		this.#add(event.kind === 'book' ? bookLine(event) : textOf(event));
	}

	output(effect: EngineEffect): void {
		this.#add(effect.kind === 'send' ? batchLine(effect.batch) : textOf(effect));
	}

	/** May be asked for once, at the end. */
	digest(): string {
		return this.#hash.update(this.#piece).digest('hex');
	}

	#add(line: string): void {
		this.#piece += `${line}\n`;
		if (this.#piece.length < PIECE_LENGTH) return;
		this.#hash.update(this.#piece);
		this.#piece = '';
	}
}

function bookLine({ instrument, delta, wallMs, monoMs }: Extract<EngineEvent, { kind: 'book' }>): string {
	let levels = '';
	for (let at = 0; at < delta.count * 2; at += 1) levels += at === 0 ? `${delta.pairs[at]}` : `,${delta.pairs[at]}`;
	return `book ${instrument} ${wallMs} ${monoMs} ${delta.kind} ${delta.sequence} ${levels}`;
}

function batchLine(batch: Batch): string {
	return `send ${batch.batchId} ${batch.venue} ${batch.category} ${batch.verb} ${batch.commands.map(commandText).join(' ')}`;
}

function commandText(command: Command): string {
	if (command.kind === 'cancel') return command.orderId;
	return `${command.orderId}@${command.priceTicks}x${command.qtyLots}`;
}

function textOf(said: EngineEvent | EngineEffect): string {
	return FLAT.has(said.kind) ? JSON.stringify(said) : JSON.stringify(said, canonical);
}

/** Instruments by name and version, bigints as text; the keys of events stand in the order in which they are made. */
function canonical(_key: string, value: unknown): unknown {
	if (typeof value === 'bigint') return `${value}`;
	return isInstrument(value) ? `${value.id}#${value.version}` : value;
}

function isInstrument(value: unknown): value is Instrument {
	return typeof value === 'object' && value !== null && 'priceGrid' in value;
}
