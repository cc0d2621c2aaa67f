/**
 * Keeps the journal short while it is written: folds what is handed in just as a start would fold it, and begins a new
 * segment with the result when the present one has become long. What a start has to read stays small, and so does what
 * is on the disk.
 */
import type { Command } from '../domain/command.ts';
import type { EngineEvent } from '../domain/event.ts';
import type { JournalRecord } from '../domain/journal-record.ts';
import type { EventSink, Journal } from '../engine/ports.ts';
import type { Recovery } from '../engine/recovery.ts';
import type { Clock, Timer } from '../ports/clock.ts';
import { DiskError } from '../ports/disk.ts';
import { type JournalStore, SINCE_LINES_MAX } from '../storage/journal-store.ts';

export interface KeptShortParts {
	readonly store: JournalStore;
	/** Of all that was written before. */
	readonly recovery: Recovery;
	readonly clock: Clock;
	/** Of a segment, beyond which a new one begins; `SEGMENT_BYTES_MAX` unless said. */
	readonly bytesMax?: number;
	/** Whether it is that long is looked at so often; every ten seconds unless said. */
	readonly lookEveryMs?: number;
	readonly onSay: (sentence: string) => void;
}

/** A start reads so much within a second. */
const SEGMENT_BYTES_MAX = 16 * 1024 * 1024;
const LOOK_EVERY_MS = 10_000;
/** Twice what the store itself bears to have handed in meanwhile. */
const LATER_MAX = 2 * SINCE_LINES_MAX;

export class KeptShort implements Disposable {
	readonly #parts: KeptShortParts;
	readonly #bytesMax: number;
	/** Orders that were placed in a commit that is not confirmed yet, and whether those wait to be folded. */
	readonly #unconfirmed = new Map<number, { readonly placed: readonly string[]; readonly isLater: boolean }>();
	/** While a summary is made of the fold, what comes is folded later. */
	#later: JournalRecord[] | undefined;
	/** What a segment begins with does not count: with many symbols that alone is long, and a new one would be no shorter. */
	#summaryBytes: number;
	#timer: Timer | undefined;
	/** The fold does not follow any more, and what it says must not replace anything. */
	#isLost = false;

	constructor(parts: KeptShortParts) {
		this.#parts = parts;
		this.#bytesMax = parts.bytesMax ?? SEGMENT_BYTES_MAX;
		this.#summaryBytes = parts.store.safeEnd.bytes;
		this.#look();
	}

	/** The journal for the engine, listened to on its way. */
	journal(sink: EventSink, owners: readonly string[]): Journal {
		const journal = this.#parts.store.journalFor((event) => {
			this.#hear(event);
			sink(event);
		}, owners);
		return {
			commit: (flushId, intents, besides = []) => {
				const placed = intents.filter(({ kind }) => kind === 'place').map(({ orderId }) => orderId);
				this.#unconfirmed.set(flushId, { placed, isLater: this.#later !== undefined });
				for (const record of besides) this.#fold(record);
				for (const intent of intents) this.#fold(recordOf(intent, owners));
				journal.commit(flushId, intents, besides);
			},
			note: (cancels) => journal.note(cancels),
			keep: (records) => {
				for (const record of records) this.#fold(record);
				journal.keep(records);
			},
		};
	}

	[Symbol.dispose](): void {
		this.#timer?.cancel();
	}

	/** What was not written down was not sent either. */
	#hear(event: EngineEvent): void {
		if (event.kind !== 'journaled') return;
		const { placed, isLater } = this.#unconfirmed.get(event.flushId) ?? { placed: [], isLater: false };
		this.#unconfirmed.delete(event.flushId);
		if (event.ok) return;
		for (const orderId of placed) {
			const over: JournalRecord = { kind: 'over', orderId, state: 'rejected', reason: 'never written down' };
			if (isLater) this.#fold(over);
			else this.#apply(over);
		}
	}

	#fold(record: JournalRecord | undefined): void {
		if (record === undefined || this.#isLost) return;
		if (this.#later === undefined) this.#apply(record);
		else if (this.#later.length < LATER_MAX) this.#later.push(record);
		else this.#lose(`more than ${LATER_MAX} records came while a new segment was begun`);
	}

	#apply(record: JournalRecord): void {
		if (this.#isLost) return;
		try {
			this.#parts.recovery.apply(record);
		} catch (error) {
			this.#lose(error instanceof Error ? error.message : String(error));
		}
	}

	#lose(detail: string): void {
		this.#isLost = true;
		this.#parts.onSay(`the journal is not shortened any more until the next start: ${detail}`);
	}

	#look(): void {
		const { store, clock, lookEveryMs = LOOK_EVERY_MS } = this.#parts;
		if (
			!this.#isLost &&
			this.#later === undefined &&
			store.error === undefined &&
			store.safeEnd.bytes - this.#summaryBytes > this.#bytesMax
		)
			void this.#shorten();
		this.#timer = clock.after(lookEveryMs, () => this.#look());
	}

	async #shorten(): Promise<void> {
		const { store, recovery, onSay } = this.#parts;
		this.#later = [];
		try {
			if (await store.rotate(() => recovery.records())) this.#summaryBytes = store.safeEnd.bytes;
		} catch (error) {
			if (!(error instanceof DiskError)) throw error;
			onSay(`no new segment of the journal could be begun, it is tried again: ${error.message}`);
		} finally {
			const later = this.#later;
			this.#later = undefined;
			for (const record of later) this.#fold(record);
		}
	}
}

function recordOf(command: Command, owners: readonly string[]): JournalRecord | undefined {
	const { kind, orderId } = command;
	if (kind === 'cancel') return undefined;
	const { instrument, priceTicks, qtyLots } = command;
	const terms = { version: instrument.version, priceTicks, qtyLots };
	if (kind === 'amend') return { kind, orderId, ...terms };
	const { quoter, slot, side, orderType, timeInForce, reduceOnly } = command;
	const owner = owners[quoter] ?? '';
	return { kind, orderId, instrumentId: instrument.id, owner, slot, side, orderType, timeInForce, reduceOnly, ...terms };
}
