/**
 * The engine's side of the sentinel: a beat each second that says we live and what is ours, an eye on the sentinel's own
 * beat, and what follows from it. Without a sentinel that watches and could act, nothing is quoted (KL2); after it has
 * tripped, nothing is before comparisons with the venue were clean. Files that hang or fail count as silence.
 */
import { join } from 'node:path';
import type { ControlAction } from '../domain/event.ts';
import type { Instrument } from '../domain/instrument.ts';
import type { Clock, Timer } from '../ports/clock.ts';
import type { Disk } from '../ports/disk.ts';
import {
	BEAT_EVERY_MS,
	ENGINE_BEAT_FILE,
	type EngineBeat,
	encode,
	type Market,
	RUNS_MAX,
	readSentinelBeat,
	readTrip,
	SENTINEL_BEAT_FILE,
	type SentinelBeat,
	TRIP_FILE,
	type Trip,
} from '../sentinel/beat.ts';
import type { App } from './app.ts';

export interface SentinelLinkParts {
	readonly clock: Clock;
	readonly disk: Disk;
	/** Where both sides leave their files. */
	readonly folder: string;
	/** So long without a beat of ours, and the sentinel trips. */
	readonly timeoutMs: number;
	readonly runTags: readonly string[];
	readonly instruments: readonly Instrument[];
	/** Those that we trade on, by venue and as it numbers them, where that is known: a sentinel's key has to be of the same. */
	readonly accounts: ReadonlyMap<string, string>;
	readonly control: (action: ControlAction) => unknown;
	/** What we know is still being held against the venue. */
	readonly isInDoubt: () => boolean;
}

/** A beat that stands still for so many rounds of ours is none. In time of ours that passed, since we may have slept. */
const SILENT_ROUNDS = 5;
/** A beginning and an end wait for so long for what is read or written then. */
const PATIENCE_MS = 2_000;
const ALL = { kind: 'all' } as const;

/** Of the data folder: what engine and sentinel tell each other. */
export function sentinelFolder(dataFolder: string): string {
	return join(dataFolder, 'sentinel');
}

/** Of an app that is open and has not started. */
export function linkOf(
	app: App,
	parts: Pick<SentinelLinkParts, 'clock' | 'disk' | 'folder' | 'timeoutMs' | 'accounts'>,
): SentinelLink {
	return new SentinelLink({
		...parts,
		runTags: app.runTags,
		instruments: app.instruments,
		control: (action) => {
			if (!app.isEnded) app.runtime.control(action);
		},
		isInDoubt: () => app.engine.isInDoubt,
	});
}

export class SentinelLink {
	readonly #parts: SentinelLinkParts;
	readonly #about: Pick<EngineBeat, 'runTags' | 'markets'>;
	/** After so many without a written beat of ours we pause: well before the sentinel takes us for gone. */
	readonly #unwrittenRounds: number;
	/** Rises over restarts too, so that no run looks like the last word of the one before. */
	#number: number;
	#written: Promise<void> | undefined;
	#isLooking = false;
	#seen: SentinelBeat | undefined;
	#hasSeenLife = false;
	#roundsUnseen = 0;
	#roundsUnwritten = 0;
	#trip: Trip | undefined;
	#isComparing = false;
	#pausedFor: string | undefined;
	#timer: Timer | undefined;
	#isEnded = false;

	constructor(parts: SentinelLinkParts) {
		this.#parts = parts;
		// What older runs left was found out by those since.
		this.#about = { runTags: parts.runTags.slice(-RUNS_MAX), markets: marketsOf(parts) };
		this.#unwrittenRounds = Math.min(SILENT_ROUNDS, Math.ceil(parts.timeoutMs / 2 / BEAT_EVERY_MS));
		this.#number = Math.floor(parts.clock.wallMs());
	}

	/** Before the engine may place anything: from here on it is paused until a sentinel is seen to watch, whatever the disk does. */
	async begin(): Promise<void> {
		this.#pause(this.#nobody);
		this.#write('alive');
		await this.#withPatience(Promise.all([this.#written, this.#look()]));
		this.#later();
	}

	/** Somebody was seen to watch, and still does as far as we know. */
	get isWatching(): boolean {
		return this.#hasSeenLife && this.#pausedFor === undefined;
	}

	get #nobody(): string {
		return `no sentinel watches ${this.#parts.folder}: evenkeel sentinel starts one`;
	}

	/** After the engine has stopped: only where nothing is left does silence mean nothing (STOP6). */
	async end(isProvenEmpty: boolean): Promise<void> {
		this.#isEnded = true;
		this.#timer?.cancel();
		await this.#withPatience(this.#lastWord(isProvenEmpty));
	}

	async #lastWord(isProvenEmpty: boolean): Promise<void> {
		await this.#written;
		if (!isProvenEmpty) return;
		this.#write('ended');
		await this.#written;
	}

	/** A disk that hangs keeps nobody from beginning paused, nor from ending. */
	async #withPatience(work: Promise<unknown>): Promise<void> {
		const { promise, resolve } = Promise.withResolvers<void>();
		const timer = this.#parts.clock.after(PATIENCE_MS, resolve);
		await Promise.race([work, promise]);
		timer.cancel();
	}

	#later(): void {
		if (this.#isEnded) return;
		this.#timer = this.#parts.clock.after(BEAT_EVERY_MS, () => {
			this.#roundsUnwritten += 1;
			this.#roundsUnseen += 1;
			// Neither waits for the other, nor we for them: a disk that hangs is not to hide behind a promise.
			this.#write('alive');
			void this.#look().then(() => this.#judge());
			this.#judge();
			this.#later();
		});
	}

	#write(state: EngineBeat['state']): void {
		if (this.#written !== undefined) return;
		const { disk, folder } = this.#parts;
		this.#number += 1;
		const beat: EngineBeat = { number: this.#number, state, ...this.#about };
		this.#written = disk
			.replace(`${folder}/${ENGINE_BEAT_FILE}`, encode(beat))
			.then(
				() => {
					this.#roundsUnwritten = 0;
				},
				// Seen by its age.
				() => {},
			)
			.finally(() => {
				this.#written = undefined;
			});
	}

	async #look(): Promise<void> {
		if (this.#isLooking) return;
		this.#isLooking = true;
		const { disk, folder } = this.#parts;
		try {
			this.#trip = readTrip(await disk.read(`${folder}/${TRIP_FILE}`));
			const beat = readSentinelBeat(await disk.read(`${folder}/${SENTINEL_BEAT_FILE}`));
			if (beat !== undefined && beat.number !== this.#seen?.number) {
				// One that was there when we came may be of long ago.
				this.#hasSeenLife = this.#seen !== undefined;
				this.#roundsUnseen = 0;
				this.#seen = beat;
			}
			if (this.#trip !== undefined && this.#isComparing && !this.#parts.isInDoubt()) await this.#takeAway();
		} catch {
			// Seen by the age of what was read last.
		} finally {
			this.#isLooking = false;
		}
	}

	/** All is well again. Until the sentinel has seen that, it stays paused. */
	async #takeAway(): Promise<void> {
		const { disk, folder } = this.#parts;
		await disk.remove(`${folder}/${TRIP_FILE}`);
		this.#trip = undefined;
	}

	#judge(): void {
		if (this.#isEnded) return;
		if (this.#trip === undefined) this.#isComparing = false;
		else this.#applyTrip();
		const reason = this.#whyNot();
		if (reason !== undefined) this.#pause(reason);
		else if (this.#pausedFor !== undefined) {
			this.#pausedFor = undefined;
			this.#parts.control({ kind: 'resume', scope: ALL, cause: 'sentinel' });
		}
	}

	#applyTrip(): void {
		if (this.#isComparing) return;
		this.#isComparing = true;
		this.#parts.control({ kind: 'compare', reason: 'what the sentinel has left of our orders is being found out' });
	}

	#whyNot(): string | undefined {
		if (this.#trip !== undefined) return `the sentinel has cancelled our orders: ${this.#trip.reason}`;
		if (this.#roundsUnwritten >= this.#unwrittenRounds) return 'our heartbeat cannot be written, so the sentinel will cancel';
		if (!this.#hasSeenLife) return this.#nobody;
		if (this.#roundsUnseen >= SILENT_ROUNDS)
			return `the sentinel has been silent for ${(SILENT_ROUNDS * BEAT_EVERY_MS) / 1_000} s`;
		switch (this.#seen?.state) {
			case 'watching':
				return undefined;
			case 'blind':
				return `the sentinel could not cancel: ${this.#seen.detail}`;
			case 'tripped':
				return `the sentinel has cancelled our orders: ${this.#seen.detail}`;
			default:
				return 'the sentinel does not see our heartbeat';
		}
	}

	#pause(reason: string): void {
		if (this.#pausedFor === reason) return;
		this.#pausedFor = reason;
		this.#parts.control({ kind: 'pause', scope: ALL, reason, cause: 'sentinel' });
	}
}

/** Everything that orders of ours can be at, each once. */
function marketsOf({ instruments, accounts }: Pick<SentinelLinkParts, 'instruments' | 'accounts'>): readonly Market[] {
	const markets = new Map<string, Market>();
	for (const { venue, category, settleCurrency } of instruments) {
		const settleCoin = category === 'spot' ? '' : settleCurrency;
		markets.set(`${venue} ${category} ${settleCoin}`, { venue, category, settleCoin, account: accounts.get(venue) });
	}
	return [...markets.values()];
}
