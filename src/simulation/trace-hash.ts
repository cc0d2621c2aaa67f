/**
 * The whole run in one figure: a hash over every input and every output of the engine in order, in a canonical text.
 * Two runs with the same hash took the same events and decided the same.
 */
import { createHash } from 'node:crypto';
import type { Batch, Command } from '../domain/command.ts';
import type { EngineEvent } from '../domain/event.ts';
import type { Instrument } from '../domain/instrument.ts';
import type { EngineEffect, Recorder } from '../engine/ports.ts';

/** Text is hashed in pieces of about this length. */
const PIECE_LENGTH = 65_536;

export class TraceHash implements Recorder {
	readonly #hash = createHash('sha256');
	#piece = '';

	input(event: EngineEvent): void {
		this.#add(event.kind === 'book' ? bookLine(event) : JSON.stringify(event, canonical));
	}

	output(effect: EngineEffect): void {
		this.#add(effect.kind === 'send' ? batchLine(effect.batch) : JSON.stringify(effect, canonical));
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
	const levels = delta.pairs.subarray(0, delta.count * 2).join(',');
	return `book ${instrument} ${wallMs} ${monoMs} ${delta.kind} ${delta.sequence} ${levels}`;
}

function batchLine(batch: Batch): string {
	return `send ${batch.batchId} ${batch.venue} ${batch.category} ${batch.verb} ${batch.commands.map(commandText).join(' ')}`;
}

function commandText(command: Command): string {
	if (command.kind === 'cancel') return command.orderId;
	return `${command.orderId}@${command.priceTicks}x${command.qtyLots}`;
}

/** Instruments by name and version, bigints as text; the keys of events stand in the order in which they are made. */
function canonical(_key: string, value: unknown): unknown {
	if (typeof value === 'bigint') return `${value}`;
	return isInstrument(value) ? `${value.id}#${value.version}` : value;
}

function isInstrument(value: unknown): value is Instrument {
	return typeof value === 'object' && value !== null && 'priceGrid' in value;
}
