/** Records that belong to an order: they wait for its intent and are handed to the journal together with it (I2). */
import type { Command } from '../domain/command.ts';
import type { JournalRecord } from '../domain/journal-record.ts';

const NONE: readonly JournalRecord[] = [];

export class Besides {
	readonly #waiting = new Map<string, JournalRecord[]>();

	/** Stands behind those of the same order that came before. */
	add(orderId: string, record: JournalRecord): void {
		const waiting = this.#waiting.get(orderId);
		if (waiting === undefined) this.#waiting.set(orderId, [record]);
		else waiting.push(record);
	}

	/** Of a flush, which brings the intent of every order that was proposed since the last. */
	take(intents: readonly Command[]): readonly JournalRecord[] {
		if (this.#waiting.size === 0) return NONE;
		const taken = intents.flatMap(({ orderId }) => this.#waiting.get(orderId) ?? NONE);
		this.#waiting.clear();
		return taken;
	}
}
