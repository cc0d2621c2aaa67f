/**
 * KL6: the one who cancels when the engine cannot. It watches the engine's beat and nothing else; when that stands still
 * for too long it says so, cancels every open order of the engine's runs, and looks again until two whole lists in a row
 * show none. It places nothing, knows no strategy and touches no order of anybody else. Now and then it rehearses, so
 * that a key that has lost its rights is known before it is needed.
 */
import type { Clock, Timer } from '../ports/clock.ts';
import type { Disk } from '../ports/disk.ts';
import {
	BEAT_EVERY_MS,
	ENGINE_BEAT_FILE,
	type EngineBeat,
	encode,
	type Market,
	readEngineBeat,
	SENTINEL_BEAT_FILE,
	type SentinelBeat,
	TEXT_LENGTH_MAX,
	TRIP_FILE,
} from './beat.ts';

/** How the sentinel reaches one venue. */
export interface OwnOrders {
	/** Whether it could cancel the engine's orders there now. */
	rehearse(market: Market): Promise<Rehearsed>;
	/** Open orders of these runs, all pages; a sentence where the list is not whole, or not the engine's. */
	list(market: Market, runTags: ReadonlySet<string>): Promise<readonly OwnOrder[] | string>;
	/** What became of it, the next list tells. */
	cancel(market: Market, orders: readonly OwnOrder[]): Promise<void>;
}

/** `unsure`: able, as long as a thing is as it should be that nobody could tell. */
export type Rehearsed =
	| { readonly kind: 'able' }
	| { readonly kind: 'unsure'; readonly detail: string }
	| { readonly kind: 'unable'; readonly detail: string };

export interface OwnOrder {
	readonly symbol: string;
	readonly clientOrderId: string;
}

export type SentinelNote =
	| { readonly kind: 'watching'; readonly runTags: readonly string[] }
	| { readonly kind: 'tripped'; readonly reason: string }
	| { readonly kind: 'cancelled'; readonly count: number }
	| { readonly kind: 'empty' }
	| { readonly kind: 'blind'; readonly detail: string }
	| { readonly kind: 'unsure'; readonly detail: string }
	| { readonly kind: 'ended' };

export interface SentinelParts {
	readonly clock: Clock;
	readonly disk: Disk;
	/** Where both sides leave their files. */
	readonly folder: string;
	readonly timeoutMs: number;
	readonly venues: ReadonlyMap<string, OwnOrders>;
	readonly onNote: (note: SentinelNote) => void;
}

/** So many whole lists without an order of ours, one beat apart, are proof. */
const LOOKS_TO_PROVE = 2;
const REHEARSE_EVERY_MS = 60_000;
/** After a rehearsal that failed. */
const REHEARSE_AGAIN_MS = 5_000;
/** A disk that has not answered for so many rounds hangs. In rounds of ours, since we may have slept. */
const HANGS_ROUNDS = 5;

export class Sentinel {
	readonly #parts: SentinelParts;
	#beat: EngineBeat | undefined;
	#changedAtMono: number;
	#trippedFor: string | undefined;
	/** Why it cannot do its work, as it was told last. */
	#trouble: string | undefined;
	/** The same by where it was found out. */
	#lookTrouble: string | undefined;
	#tellTrouble: string | undefined;
	#sweepTrouble: string | undefined;
	#rehearsalTrouble: string | undefined;
	/** As it was told last. */
	#doubt: string | undefined;
	#number = 0;
	#emptyLooks = 0;
	#isLooking = false;
	#isTelling = false;
	#isWritingTrip = false;
	/** Rounds that began while the same read, or the same write, was on its way. */
	#roundsLooking = 0;
	#roundsTelling = 0;
	/** This round's work waits for its look. */
	#isDue = false;
	#isSweeping = false;
	#isRehearsing = false;
	#rehearseAtMono = Number.NEGATIVE_INFINITY;
	#timer: Timer | undefined;
	#isStopped = false;

	constructor(parts: SentinelParts) {
		this.#parts = parts;
		this.#changedAtMono = parts.clock.monotonicMs();
	}

	get state(): SentinelBeat['state'] {
		if (this.#trouble !== undefined) return 'blind';
		if (this.#trippedFor !== undefined) return 'tripped';
		return this.#beat?.state === 'alive' ? 'watching' : 'waiting';
	}

	/** Goes on until it is stopped. */
	start(): void {
		this.#round();
	}

	stop(): void {
		this.#isStopped = true;
		this.#timer?.cancel();
	}

	/** One look after the other; neither a venue nor a disk that takes long to answer delays any of the rest. */
	#round(): void {
		this.#isDue = true;
		if (this.#isLooking) {
			this.#roundsLooking += 1;
			this.#work();
		} else void this.#look().then(() => this.#work());
		this.#timer = this.#parts.clock.after(BEAT_EVERY_MS, () => this.#round());
	}

	/** Once a round: after its look, or without one that hangs. */
	#work(): void {
		if (!this.#isDue || this.#isStopped) return;
		this.#isDue = false;
		if (this.#trippedFor !== undefined) void this.#sweep();
		else if (this.#beat?.state === 'alive') void this.#rehearse();
		this.#judgeTrouble();
		this.#tell();
	}

	async #look(): Promise<void> {
		const { clock, disk, folder } = this.#parts;
		const beganAtMono = clock.monotonicMs();
		this.#isLooking = true;
		try {
			const beat = readEngineBeat(await disk.read(`${folder}/${ENGINE_BEAT_FILE}`));
			if (this.#isStopped) return;
			if (beat !== undefined && beat.number !== this.#beat?.number) await this.#hear(beat);
			else this.#judgeSilence(beganAtMono);
			this.#lookTrouble = undefined;
		} catch (error) {
			this.#lookTrouble = messageOf(error);
		} finally {
			this.#isLooking = false;
			this.#roundsLooking = 0;
		}
	}

	async #hear(beat: EngineBeat): Promise<void> {
		const { clock, disk, folder, onNote } = this.#parts;
		const before = this.#beat;
		this.#beat = beat;
		this.#changedAtMono = clock.monotonicMs();
		if (beat.state !== before?.state) {
			onNote(beat.state === 'ended' ? { kind: 'ended' } : { kind: 'watching', runTags: beat.runTags });
		}
		// After a trip it is the engine that says when all is well, by taking the file away; until that is there it cannot.
		if (this.#trippedFor === undefined || this.#isWritingTrip) return;
		if ((await disk.read(`${folder}/${TRIP_FILE}`)) !== undefined || this.#isStopped) return;
		this.#trippedFor = undefined;
		onNote({ kind: 'watching', runTags: beat.runTags });
	}

	/** What a read says that took long is what was there when it began, at the earliest. */
	#judgeSilence(askedAtMono: number): void {
		const { timeoutMs } = this.#parts;
		const isSilent = this.#beat?.state === 'alive' && askedAtMono - this.#changedAtMono >= timeoutMs;
		if (isSilent && this.#trippedFor === undefined) this.#trip(`the engine has been silent for ${timeoutMs / 1_000} s`);
	}

	/**
	 * A disk that takes no file, or never says that it has, must not keep orders open: the cancels wait for none. An engine
	 * that comes back has noticed its own pause, too.
	 */
	#trip(reason: string): void {
		const { clock, disk, folder, onNote } = this.#parts;
		this.#trippedFor = reason;
		this.#emptyLooks = 0;
		this.#sweepTrouble = this.#rehearsalTrouble;
		this.#isDue = true;
		onNote({ kind: 'tripped', reason });
		if (this.#isWritingTrip) return;
		this.#isWritingTrip = true;
		void disk
			.replace(`${folder}/${TRIP_FILE}`, encode({ atMs: Math.floor(clock.wallMs()), reason }))
			.catch((error: unknown) => onNote({ kind: 'blind', detail: `the trip could not be written down: ${String(error)}` }))
			.finally(() => {
				this.#isWritingTrip = false;
			});
	}

	/** Once nothing is left it looks no more, until the engine was back and is silent again. */
	async #sweep(): Promise<void> {
		if (this.#isSweeping || this.#emptyLooks >= LOOKS_TO_PROVE) return;
		this.#isSweeping = true;
		const { runTags, markets } = this.#beat ?? { runTags: [], markets: [] };
		const ours = new Set(runTags);
		const found = await Promise.all(markets.map((market) => this.#cancelIn(market, ours).catch(messageOf)));
		this.#isSweeping = false;
		this.#sweepTrouble = found.find((each) => typeof each === 'string');
		this.#judgeTrouble();
		// It may be over by now.
		if (this.#trippedFor === undefined) return;
		const count = found.reduce<number>((sum, each) => sum + (typeof each === 'number' ? each : 0), 0);
		const { onNote } = this.#parts;
		if (count > 0) onNote({ kind: 'cancelled', count });
		this.#emptyLooks = count === 0 && this.#sweepTrouble === undefined ? this.#emptyLooks + 1 : 0;
		if (this.#emptyLooks === LOOKS_TO_PROVE) onNote({ kind: 'empty' });
	}

	/** How many orders it asked to be cancelled, or why it could not. */
	async #cancelIn(market: Market, runTags: ReadonlySet<string>): Promise<number | string> {
		const venue = this.#parts.venues.get(market.venue);
		if (venue === undefined) return `no key for ${market.venue}`;
		const orders = await venue.list(market, runTags);
		if (typeof orders === 'string') return orders;
		if (orders.length > 0 && this.#trippedFor !== undefined) await venue.cancel(market, orders);
		return orders.length;
	}

	/** Could it, if it had to? */
	async #rehearse(): Promise<void> {
		const { clock } = this.#parts;
		if (this.#isRehearsing || clock.monotonicMs() < this.#rehearseAtMono) return;
		this.#isRehearsing = true;
		const found = await Promise.all((this.#beat?.markets ?? []).map((market) => this.#rehearseIn(market)));
		this.#isRehearsing = false;
		this.#rehearsalTrouble = found.find(({ kind }) => kind === 'unable')?.detail;
		this.#sayDoubt(found.find(({ kind }) => kind === 'unsure')?.detail);
		const waitMs = this.#rehearsalTrouble === undefined ? REHEARSE_EVERY_MS : REHEARSE_AGAIN_MS;
		this.#rehearseAtMono = clock.monotonicMs() + waitMs;
		this.#judgeTrouble();
	}

	async #rehearseIn(market: Market): Promise<{ readonly kind: Rehearsed['kind']; readonly detail?: string }> {
		const venue = this.#parts.venues.get(market.venue);
		if (venue === undefined) return { kind: 'unable', detail: `no key for ${market.venue}` };
		return await venue.rehearse(market).catch((error: unknown) => ({ kind: 'unable', detail: messageOf(error) }));
	}

	/** Once for each time that it begins. */
	#sayDoubt(detail: string | undefined): void {
		if (detail !== undefined && this.#doubt === undefined) this.#parts.onNote({ kind: 'unsure', detail });
		this.#doubt = detail;
	}

	/** A sweep shows what a rehearsal would, and newer; without an engine there is nothing that it could not do. */
	#judgeTrouble(): void {
		const isAlive = this.#beat?.state === 'alive';
		const ofVenue = this.#trippedFor !== undefined ? this.#sweepTrouble : isAlive ? this.#rehearsalTrouble : undefined;
		const detail = this.#diskTrouble() ?? ofVenue;
		if (detail !== undefined && this.#trouble === undefined) this.#parts.onNote({ kind: 'blind', detail });
		this.#trouble = detail;
	}

	#diskTrouble(): string | undefined {
		const since = `has not answered for ${(HANGS_ROUNDS * BEAT_EVERY_MS) / 1_000} s`;
		if (this.#roundsLooking >= HANGS_ROUNDS) return `the disk ${since}: ${ENGINE_BEAT_FILE} is still being read`;
		if (this.#roundsTelling >= HANGS_ROUNDS) return `the disk ${since}: ${SENTINEL_BEAT_FILE} is still being written`;
		return this.#lookTrouble ?? this.#tellTrouble;
	}

	#tell(): void {
		if (this.#isTelling) {
			this.#roundsTelling += 1;
			return;
		}
		const { disk, folder } = this.#parts;
		this.#number += 1;
		const detail = (this.#trouble ?? this.#trippedFor ?? '').slice(0, TEXT_LENGTH_MAX);
		const beat: SentinelBeat = { number: this.#number, state: this.state, detail };
		this.#isTelling = true;
		void disk
			.replace(`${folder}/${SENTINEL_BEAT_FILE}`, encode(beat))
			.then(
				() => {
					this.#tellTrouble = undefined;
				},
				(error: unknown) => {
					this.#tellTrouble = messageOf(error);
				},
			)
			.finally(() => {
				this.#isTelling = false;
				this.#roundsTelling = 0;
			});
	}
}

function messageOf(error: unknown): string {
	return error instanceof Error ? error.message : String(error);
}
