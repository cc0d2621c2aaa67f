/**
 * The signals in force, for whoever asks: reads come from memory and wait for nobody; writes resolve once they are safe.
 * The shelf behind it is the truth, and other programs may write there: what they do is heard of like our own. What has
 * expired is not read from its very millisecond on, and is cleaned up soon after.
 */
import {
	byNewest,
	type Signal,
	type SignalDraft,
	type SignalNews,
	type SignalOperation,
	type SignalPatch,
	type SignalResult,
	type SignalShelf,
} from '../domain/signal.ts';
import { type TimeMs, timeMs } from '../domain/units.ts';
import type { Clock, Timer } from '../ports/clock.ts';
import type { Rng } from '../ports/rng.ts';
import { SignalBook } from './signal-book.ts';

export interface SignalStoreParts {
	readonly shelf: SignalShelf;
	readonly clock: Clock;
	readonly rng: Rng;
}

export type SignalStoreOpened =
	| { readonly kind: 'open'; readonly store: SignalStore }
	| { readonly kind: 'refused'; readonly sentence: string };

export type SignalChange =
	| { readonly kind: 'put'; readonly signal: Signal }
	| { readonly kind: 'gone'; readonly signal: Signal; readonly why: 'deleted' | 'expired' };

/** Called with what has changed together. May read the store, which knows of it by then. */
export type SignalListener = (changes: readonly SignalChange[]) => void;

/** So many operations wait for the one write that is under way; what comes on top is told so. */
const WAITING_MAX = 20_000;
/** A wall clock may be put forward: somebody has to look. */
const LOOK_MS_MAX = 1_000;

interface Write {
	readonly operations: readonly SignalOperation[];
	readonly done: (results: readonly SignalResult[]) => void;
}

export class SignalStore implements AsyncDisposable {
	readonly #shelf: SignalShelf;
	readonly #clock: Clock;
	readonly #rng: Rng;
	readonly #book = new SignalBook();
	readonly #listeners = new Set<SignalListener>();
	#waiting: Write[] = [];
	#waitingCount = 0;
	#writing: Promise<void> | undefined;
	#timer: Timer | undefined;
	#isClosed = false;

	private constructor({ shelf, clock, rng }: SignalStoreParts) {
		this.#shelf = shelf;
		this.#clock = clock;
		this.#rng = rng;
	}

	static async open(parts: SignalStoreParts): Promise<SignalStoreOpened> {
		const store = new SignalStore(parts);
		const opened = await parts.shelf.open((news) => store.#hear(news));
		if (opened.kind === 'refused') {
			await store[Symbol.asyncDispose]();
			return opened;
		}
		return { kind: 'open', store };
	}

	async createSignal(draft: SignalDraft): Promise<SignalResult> {
		return await this.#one({ kind: 'create', draft });
	}

	async updateSignal(id: string, patch: SignalPatch): Promise<SignalResult> {
		return await this.#one({ kind: 'update', id, patch });
	}

	async deleteSignal(id: string): Promise<SignalResult> {
		return await this.#one({ kind: 'delete', id });
	}

	/** All together: after a crash either all that were done are there, or none. One that is refused stops no other. */
	async processSignals(operations: readonly SignalOperation[]): Promise<readonly SignalResult[]> {
		if (operations.length === 0) return [];
		if (this.#isClosed) return refusedAll(operations, 'the signals are closed');
		if (this.#waitingCount + operations.length > WAITING_MAX) {
			return refusedAll(operations, `more than ${WAITING_MAX} operations wait to be written`);
		}
		const { promise, resolve } = Promise.withResolvers<readonly SignalResult[]>();
		this.#waiting.push({ operations: operations.map((each) => this.#named(each)), done: resolve });
		this.#waitingCount += operations.length;
		this.#writing ??= this.#writeAll();
		return await promise;
	}

	getSignal(id: string): Signal | undefined {
		return inForce(this.#book.find(id), this.#now());
	}

	/**
	 * For each symbol that is asked for, newest first: a signal for `BTCUSDT` is for every symbol that goes by that name, one
	 * for `bybit:linear:BTCUSDT` for that one alone.
	 */
	getSignalsForSymbols(symbols: readonly string[]): ReadonlyMap<string, readonly Signal[]> {
		const nowMs = this.#now();
		return new Map(symbols.map((symbol) => [symbol, newest(this.#book.ofSymbol(symbol), nowMs)]));
	}

	/** Newest first. */
	allSignals(): readonly Signal[] {
		return newest(this.#book.all(), this.#now());
	}

	/** Also of what other programs have done. */
	onChange(listener: SignalListener): Disposable {
		this.#listeners.add(listener);
		return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
	}

	/** What waits to be written is written. */
	async [Symbol.asyncDispose](): Promise<void> {
		this.#isClosed = true;
		this.#timer?.cancel();
		this.#listeners.clear();
		await this.#writing;
		await this.#shelf[Symbol.asyncDispose]();
	}

	async #one(operation: SignalOperation): Promise<SignalResult> {
		const [result] = await this.processSignals([operation]);
		return result ?? { kind: 'failed', sentence: 'it was not heard of again' };
	}

	#named(operation: SignalOperation): SignalOperation {
		if (operation.kind !== 'create' || operation.draft.id !== undefined) return operation;
		return { kind: 'create', draft: { ...operation.draft, id: this.#drawId() } };
	}

	/** Two programs may draw at once: eighty bits are enough that they never draw the same. */
	#drawId(): string {
		const parts = Array.from({ length: 4 }, () =>
			this.#rng
				.below(2 ** 20)
				.toString(32)
				.padStart(4, '0'),
		);
		return `s-${parts.join('')}`;
	}

	/** Whatever comes while one write is under way shares the next, and its wait for the disk. */
	async #writeAll(): Promise<void> {
		while (this.#waiting.length > 0) {
			const writes = this.#waiting;
			this.#waiting = [];
			const operations = writes.flatMap((write) => write.operations);
			const applied = await this.#shelf.apply(operations, this.#now());
			this.#waitingCount -= operations.length;
			let from = 0;
			for (const { operations: own, done } of writes) {
				done(applied.kind === 'kept' ? applied.results.slice(from, from + own.length) : refusedAll(own, applied.sentence));
				from += own.length;
			}
		}
		this.#writing = undefined;
	}

	#hear({ put, gone }: SignalNews): void {
		const nowMs = this.#now();
		const changes: SignalChange[] = [];
		for (const id of gone) {
			const signal = this.#book.remove(id);
			if (signal !== undefined) changes.push({ kind: 'gone', signal, why: signal.expiresAtMs <= nowMs ? 'expired' : 'deleted' });
		}
		for (const signal of put) {
			// By the clock of another program, which is behind ours, it was still to come.
			if (signal.expiresAtMs > nowMs) this.#book.put(signal);
			else if (this.#book.remove(signal.id) === undefined) continue;
			changes.push(signal.expiresAtMs > nowMs ? { kind: 'put', signal } : { kind: 'gone', signal, why: 'expired' });
		}
		this.#tell(changes);
		this.#lookAgain();
	}

	#tell(changes: readonly SignalChange[]): void {
		if (changes.length === 0) return;
		for (const listener of this.#listeners) listener(changes);
	}

	#lookAgain(): void {
		this.#timer?.cancel();
		if (this.#isClosed || this.#book.count === 0) return;
		const dueMs = Math.max(1, this.#book.firstExpiryMs - this.#now());
		this.#timer = this.#clock.after(Math.min(dueMs, LOOK_MS_MAX), () => {
			this.#expire();
			this.#lookAgain();
		});
	}

	#expire(): void {
		const nowMs = this.#now();
		if (this.#book.firstExpiryMs > nowMs) return;
		const expired = this.#book.removeExpired(nowMs);
		this.#tell(expired.map((signal) => ({ kind: 'gone', signal, why: 'expired' })));
		// Where that fails they stay on the shelf, unread, until the next write.
		void this.#shelf.apply([], nowMs);
	}

	#now(): TimeMs {
		return timeMs(Math.floor(this.#clock.wallMs()));
	}
}

function inForce(signal: Signal | undefined, nowMs: TimeMs): Signal | undefined {
	return signal !== undefined && signal.expiresAtMs > nowMs ? signal : undefined;
}

function newest(signals: Iterable<Signal>, nowMs: TimeMs): readonly Signal[] {
	return [...signals].filter(({ expiresAtMs }) => expiresAtMs > nowMs).sort(byNewest);
}

function refusedAll(operations: readonly SignalOperation[], sentence: string): readonly SignalResult[] {
	return operations.map(() => ({ kind: 'failed', sentence }));
}
