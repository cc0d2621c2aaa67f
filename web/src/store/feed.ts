/**
 * The socket over which the engine's figures come. Opens it again when it is lost, a little later each time, and says
 * since when nothing has come, because an old figure that looks like a new one is worse than none.
 */
import { type ReadonlySignal, signal } from '@preact/signals';
import type { Wish } from './topics.ts';

export type FeedState =
	| { readonly kind: 'connecting' }
	| { readonly kind: 'live' }
	/** Connected, but the engine does not answer. */
	| { readonly kind: 'silent'; readonly sinceMs: number }
	| { readonly kind: 'lost'; readonly sinceMs: number };

/** What a feed needs of a WebSocket. */
export interface Line {
	readonly isOpen: boolean;
	send(text: string): void;
	close(): void;
}

export interface LineEvents {
	onOpen(): void;
	onText(text: string): void;
	onClose(): void;
}

export interface FeedParts {
	dial(events: LineEvents): Line;
	receive(text: string): boolean;
	wishes(): readonly Wish[];
	/** Asked before each attempt after the first: false where the session has ended, and with it the feed. */
	mayConnect(): Promise<boolean>;
	nowMs(): number;
	later(ms: number, run: () => void): void;
}

const FIRST_PAUSE_MS = 500;
const PAUSE_MS_MAX = 8_000;
/** Topics come every 100 or 500 ms while they change, and the overview's clock always does. */
const SILENT_AFTER_MS = 3_000;

export class Feed {
	readonly #parts: FeedParts;
	readonly #state = signal<FeedState>({ kind: 'connecting' });
	#line: Line | undefined;
	#lastTextMs = 0;
	#pauseMs = FIRST_PAUSE_MS;
	/** Raised by each start and stop: an attempt of before is none of now. */
	#round = 0;

	constructor(parts: FeedParts) {
		this.#parts = parts;
	}

	get state(): ReadonlySignal<FeedState> {
		return this.#state;
	}

	start(): void {
		this.#round++;
		this.#dial();
	}

	stop(): void {
		this.#round++;
		this.#line?.close();
		this.#line = undefined;
	}

	/** To be called when what is wanted has changed. */
	wish(): void {
		if (this.#line?.isOpen === true) this.#line.send(JSON.stringify({ watch: this.#parts.wishes() }));
	}

	/** To be called every second or so. */
	checkSilence(): void {
		const state = this.#state.value;
		if (state.kind !== 'live' || this.#parts.wishes().length === 0) return;
		if (this.#parts.nowMs() - this.#lastTextMs > SILENT_AFTER_MS) {
			this.#state.value = { kind: 'silent', sinceMs: this.#lastTextMs };
		}
	}

	#dial(): void {
		const line = this.#parts.dial({
			onOpen: () => {
				this.#lastTextMs = this.#parts.nowMs();
				this.#state.value = { kind: 'live' };
				this.wish();
			},
			onText: (text) => {
				if (!this.#parts.receive(text)) return;
				this.#lastTextMs = this.#parts.nowMs();
				this.#pauseMs = FIRST_PAUSE_MS;
				if (this.#state.value.kind !== 'live') this.#state.value = { kind: 'live' };
			},
			onClose: () => {
				if (this.#line !== line) return;
				this.#line = undefined;
				this.#onLost();
			},
		});
		this.#line = line;
	}

	#onLost(): void {
		if (this.#state.value.kind !== 'lost') this.#state.value = { kind: 'lost', sinceMs: this.#parts.nowMs() };
		const pauseMs = this.#pauseMs;
		this.#pauseMs = Math.min(pauseMs * 2, PAUSE_MS_MAX);
		const round = this.#round;
		this.#parts.later(pauseMs, () => void this.#redial(round));
	}

	async #redial(round: number): Promise<void> {
		if (round !== this.#round) return;
		if ((await this.#parts.mayConnect()) && round === this.#round) this.#dial();
	}
}
