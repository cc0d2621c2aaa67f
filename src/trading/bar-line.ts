/**
 * The closed bars of one instrument, in order, each once and without a hole, for whoever cannot take them otherwise:
 *
 *     history (read once) ──► bars as they close (heard) ──► hole? read what lies between ──► ...
 *
 * A bar that nobody told of a few seconds after its close is read too, so that a stream that is lost, silent or refused for
 * want of room costs seconds and no bar. What can not be joined any more begins anew, with a history of its own.
 */
import { BAR_MS, type Bar, type BarHeard, type BarInterval, type BarsAsked, type MarketRead } from '../domain/market-read.ts';
import type { Clock, Timer } from '../ports/clock.ts';

export interface BarLineParts {
	readonly clock: Clock;
	readonly interval: BarInterval;
	/** Bars to begin with. */
	readonly historyCount: number;
	readonly read: (of: BarsAsked) => Promise<MarketRead<readonly Bar[]>>;
	readonly follow: (heard: BarHeard) => Disposable | undefined;
	/** `anew`: these bars do not join those before. Never without a bar. */
	readonly apply: (bars: readonly Bar[], how: 'anew' | 'joined') => void;
	/** Once when bars begin to be missing, and once more, undefined, when there are all again. */
	readonly onTrouble: (sentence: string | undefined) => void;
}

/** A venue tells of a close within a second or two; later than this it is asked. */
export const BAR_GRACE_MS = 5_000;
/** What could not be had is asked for again: soon at first, then not so often. */
const RETRY_SOON_MS = 5_000;
const RETRY_SOON_MAX = 3;
const RETRY_LATER_MS = 60_000;
/** Closed bars heard while others are being read. More would be read again anyway. */
const HEARD_MAX = 16;

export class BarLine implements Disposable {
	readonly #parts: BarLineParts;
	readonly #lengthMs: number;
	readonly #heard: Bar[] = [];
	#following: Disposable | undefined;
	#timer: Timer | undefined;
	#last: Bar | undefined;
	#isReading = false;
	#isClosed = false;
	#triesInVain = 0;
	#isInTrouble = false;

	constructor(parts: BarLineParts) {
		this.#parts = parts;
		this.#lengthMs = BAR_MS[parts.interval];
	}

	/** Resolves when the history has been read, or could not be for now. */
	async start(): Promise<void> {
		this.#following = this.#parts.follow((bar, isClosed) => {
			if (isClosed) this.#hear(bar);
		});
		await this.#catchUp();
	}

	/** The newest that was handed on. */
	get last(): Bar | undefined {
		return this.#last;
	}

	[Symbol.dispose](): void {
		this.#isClosed = true;
		this.#following?.[Symbol.dispose]();
		this.#timer?.cancel();
	}

	#hear(bar: Bar): void {
		if (this.#isClosed) return;
		if (this.#last !== undefined && this.#isNext(bar)) {
			this.#take([bar]);
			return;
		}
		this.#heard.push(bar);
		if (this.#heard.length > HEARD_MAX) this.#heard.shift();
		if (!this.#isReading) void this.#catchUp();
	}

	async #catchUp(): Promise<void> {
		this.#timer?.cancel();
		this.#isReading = true;
		const read = await this.#parts.read({ interval: this.#parts.interval, count: this.#missingCount() });
		this.#isReading = false;
		if (this.#isClosed) return;
		if (read.kind === 'failed') {
			this.#tryAgain(read.sentence);
		} else if (this.#isTooOld(read.value)) {
			this.#last = undefined;
			await this.#catchUp();
		} else {
			this.#take(read.value);
			while (this.#isNext(this.#heard[0])) this.#take(this.#heard.splice(0, 1));
			if (this.#isBehind()) this.#tryAgain(`bars of ${this.#parts.interval} should have closed that the venue does not have`);
			else this.#settle();
		}
	}

	/** One more than are missing by our clock, since the venue's may be ahead; all where there are none to join. */
	#missingCount(): number {
		if (this.#last === undefined) return this.#parts.historyCount;
		const passed = Math.floor((this.#parts.clock.wallMs() - this.#last.endAtMs) / this.#lengthMs) + 1;
		return Math.max(1, Math.min(passed, this.#parts.historyCount));
	}

	/** What we have ended longer ago than was read: the two will never be joined. */
	#isTooOld(bars: readonly Bar[]): boolean {
		const [first] = bars;
		return this.#last !== undefined && first !== undefined && first.startAtMs > this.#last.endAtMs + 1;
	}

	#isNext(bar: Bar | undefined): boolean {
		return bar !== undefined && (this.#last === undefined || bar.startAtMs <= this.#last.endAtMs + 1);
	}

	/** Without those that were handed on before. */
	#take(bars: readonly Bar[]): void {
		const { apply } = this.#parts;
		const before = this.#last;
		const newer = before === undefined ? bars : bars.filter(({ startAtMs }) => startAtMs > before.endAtMs);
		if (newer.length === 0) return;
		this.#last = newer.at(-1);
		apply(newer, before === undefined ? 'anew' : 'joined');
	}

	/** By a bar that closed a while ago. */
	#isBehind(): boolean {
		const dueEndAtMs = this.#dueUntilMs() - this.#lengthMs;
		return this.#last === undefined || this.#last.endAtMs < dueEndAtMs;
	}

	/** The end of the bar that runs, as of a moment ago. */
	#dueUntilMs(): number {
		const wallMs = this.#parts.clock.wallMs() - BAR_GRACE_MS;
		return Math.floor(wallMs / this.#lengthMs) * this.#lengthMs + this.#lengthMs - 1;
	}

	#settle(): void {
		this.#triesInVain = 0;
		if (this.#isInTrouble) this.#parts.onTrouble(undefined);
		this.#isInTrouble = false;
		const untilDueMs = this.#dueUntilMs() + 1 + BAR_GRACE_MS - this.#parts.clock.wallMs();
		this.#wakeIn(untilDueMs, () => (this.#isBehind() ? void this.#catchUp() : this.#settle()));
	}

	#tryAgain(sentence: string): void {
		if (!this.#isInTrouble) this.#parts.onTrouble(sentence);
		this.#isInTrouble = true;
		this.#triesInVain += 1;
		this.#wakeIn(this.#triesInVain <= RETRY_SOON_MAX ? RETRY_SOON_MS : RETRY_LATER_MS, () => void this.#catchUp());
	}

	#wakeIn(delayMs: number, wake: () => void): void {
		this.#timer?.cancel();
		this.#timer = this.#parts.clock.after(delayMs, wake);
	}
}
