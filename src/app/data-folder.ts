/**
 * The data folder of one instance: the journal that a crash cannot take, the tables beside it, and the locks that keep a
 * second engine out (BOOT1, BOOT2). Opened before anything is asked of a venue, and told at the end what was left.
 *
 *     <folder>/engine.lock             who uses the folder
 *     <folder>/venue                   where the orders are that the journal tells of, a line each
 *     <folder>/journal/00000001.journal ...
 *     <folder>/evenkeel.db             the journal as tables
 *     <folder>/signals.db              signals from outside (open-signals.ts)
 *     <folder>/black-box/              what was known when everything was stopped
 *     <folder>/logs/                   what happened, a line each (telling.ts)
 */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { EventSink, Journal } from '../engine/ports.ts';
import type { Clock, Timer } from '../ports/clock.ts';
import { type Disk, DiskError } from '../ports/disk.ts';
import type { Rng } from '../ports/rng.ts';
import { takeLock } from '../storage/host-lock.ts';
import type { JournalStore } from '../storage/journal-store.ts';
import { Projector } from '../storage/projector.ts';
import { type CrashLoop, timeText } from './boot.ts';
import { type Beginning, type Journaled, openJournaled } from './journaled.ts';
import { KeptShort } from './kept-short.ts';

/** Where an instance keeps what it knows, and who it is. */
export interface DataPlace {
	/** Absolute. */
	readonly folder: string;
	/** Where signals are, if not there: what is believed of a market outlives an exchange that goes with its session. */
	readonly signalsFolder?: string;
	/** Of this user, shared by all instances on this host. */
	readonly lockFolder: string;
	/** Of the program, for people and for telling that it is another one than last time. */
	readonly build: string;
	/** How a person takes a latch back. */
	readonly rearmCommand: string;
	/** Who we are, for whoever finds the folder in use: `process 4711`. */
	readonly who: string;
}

/** Who may be traded for by one process at a time only. */
export interface LockedAccount {
	readonly at: string;
	readonly apiKey: string;
}

export interface DataParts {
	readonly place: DataPlace;
	readonly disk: Disk;
	readonly clock: Clock;
	readonly rng: Rng;
	readonly mode: string;
	/** Of the effective settings. */
	readonly settings: string;
	/** All but those of an exchange that nobody else knows of. */
	readonly accounts: readonly LockedAccount[];
	/** Of all exchanges but such ones. */
	readonly origins: readonly string[];
	readonly crashLoop: CrashLoop;
	/** Of the journal, beyond which a new segment begins; its usual length unless said. */
	readonly segmentBytesMax?: number;
	/** What a person should know while it runs, one sentence each. */
	readonly onSay: (sentence: string) => void;
}

export type DataOpened =
	| { readonly kind: 'open'; readonly data: DataFolder; readonly beginning: Beginning }
	| { readonly kind: 'refused'; readonly sentences: readonly string[] };

/** With less than that to spare, a person is told. */
const FREE_BYTES_MIN = 1024 ** 3;
const FREE_EVERY_MS = 60_000;
const JOURNAL_FOLDER = 'journal';

export async function openDataFolder(parts: DataParts): Promise<DataOpened> {
	const { folder } = parts.place;
	using locks = new DisposableStack();
	try {
		const troubles = [...takeLocks(parts, locks), ...(await whyNotThisVenue(parts))];
		if (troubles.length > 0) return { kind: 'refused', sentences: troubles };
		const opened = await openJournaled({
			disk: parts.disk,
			clock: parts.clock,
			folder: journalFolder(folder),
			onHealth: (error) => parts.onSay(healthText(error)),
			onLost: (count) => parts.onSay(lostText(count)),
			rng: parts.rng,
			run: { mode: parts.mode, build: parts.place.build, settings: parts.settings },
			crashLoop: parts.crashLoop,
			rearmCommand: parts.place.rearmCommand,
		});
		if (opened.kind === 'refused') return { kind: 'refused', sentences: [opened.sentence] };
		const { journaled } = opened;
		return { kind: 'open', data: new DataFolder(parts, journaled, locks.move()), beginning: journaled.beginning };
	} catch (error) {
		if (!(error instanceof DiskError)) throw error;
		return { kind: 'refused', sentences: [`no journal can be kept in ${folder}: ${error.message}`] };
	}
}

export function journalFolder(folder: string): string {
	return join(folder, JOURNAL_FOLDER);
}

export function blackBoxFolder(folder: string): string {
	return join(folder, 'black-box');
}

export function lockPath(folder: string): string {
	return join(folder, 'engine.lock');
}

/** F74: the account first, since that is what two engines must not share; a folder is only where one writes. */
function takeLocks({ place, accounts, clock }: DataParts, locks: DisposableStack): readonly string[] {
	const holder = `${place.who} with the folder ${place.folder}, since ${timeText(clock.wallMs())}`;
	const locked = accounts.map((account) => ({ at: account.at, path: join(place.lockFolder, `${accountHash(account)}.lock`) }));
	const twice = locked.find(({ path }, index) => locked.findIndex((each) => each.path === path) < index);
	if (twice !== undefined) return [`one account at ${twice.at} is named as two venues: put the symbols of both under one`];
	const wanted = [
		...locked.map(({ at, path }) => ({ path, what: `this account at ${at} is traded` })),
		{ path: lockPath(place.folder), what: `the folder ${place.folder} is used` },
	];
	for (const { path, what } of wanted) {
		const taken = takeLock(path, holder);
		if (taken.kind === 'busy')
			return [`${what} already, by ${taken.by === '' ? 'another engine' : taken.by}; stop that one first`];
		locks.use(taken.lock);
	}
	return [];
}

function accountHash({ at, apiKey }: LockedAccount): string {
	return createHash('sha256').update(`${at}\n${apiKey}`).digest('hex').slice(0, 32);
}

/** Orders of one exchange are not found at another, and would be taken for gone. */
async function whyNotThisVenue({ disk, place: { folder }, origins }: DataParts): Promise<readonly string[]> {
	if (origins.length === 0) return [];
	const path = join(folder, 'venue');
	const known = await disk.read(path);
	const before = known === undefined ? [] : Buffer.from(known).toString().trim().split('\n');
	const now = [...new Set(origins)];
	const gone = before.find((origin) => !now.includes(origin));
	if (gone !== undefined) {
		return [`the folder ${folder} is of orders at ${gone}, and this is ${now.join(' and ')}; name another under storage.folder`];
	}
	// One that comes on top has no orders in the journal yet.
	if (now.length > before.length) await disk.replace(path, Buffer.from(`${now.join('\n')}\n`));
	return [];
}

function healthText(error: DiskError | undefined): string {
	if (error === undefined) return 'the disk takes the journal again';
	return `the disk does not take the journal: ${error.message}; nothing new is placed until it does, cancels go on`;
}

function lostText(count: number): string {
	return `${count} records of fills, ends of orders and cancels did not get into the journal, because the disk refused for too long; the exchange knows them, and tells them at the next start`;
}

export class DataFolder implements AsyncDisposable {
	readonly store: JournalStore;
	readonly #parts: DataParts;
	readonly #locks: DisposableStack;
	readonly #projector: Projector;
	readonly #keptShort: KeptShort;
	#freeTimer: Timer | undefined;
	#isShortTold = false;

	constructor(parts: DataParts, { store, recovery }: Pick<Journaled, 'store' | 'recovery'>, locks: DisposableStack) {
		this.#parts = parts;
		this.store = store;
		this.#locks = locks;
		const { place, clock, onSay, segmentBytesMax } = parts;
		this.#projector = new Projector({
			clock,
			folder: journalFolder(place.folder),
			path: join(place.folder, 'evenkeel.db'),
			endOf: () => store.safeEnd,
			onFailure: onSay,
		});
		this.#keptShort = new KeptShort({
			store,
			recovery,
			clock,
			onSay,
			...(segmentBytesMax === undefined ? {} : { bytesMax: segmentBytesMax }),
		});
		this.#watchSpace();
	}

	/** For the engine; `owners` names its quoters by their number. */
	journal(sink: EventSink, owners: readonly string[]): Journal {
		return this.#keptShort.journal(sink, owners);
	}

	/** The good-bye (STOP5). False where it could not be written down: the next start will take this one for a crash. */
	async end(left: readonly string[]): Promise<boolean> {
		// A summary that is begun behind the good-bye would not know of it.
		this.#keptShort[Symbol.dispose]();
		return await this.store.commit([{ kind: 'stopped', atMs: Math.floor(this.#parts.clock.wallMs()), left }]);
	}

	async [Symbol.asyncDispose](): Promise<void> {
		this.#freeTimer?.cancel();
		this.#keptShort[Symbol.dispose]();
		await this.#projector[Symbol.asyncDispose]();
		await this.store[Symbol.asyncDispose]();
		this.#locks.dispose();
	}

	#watchSpace(): void {
		const { disk, place, clock } = this.#parts;
		void disk.freeBytes(place.folder).then(
			(bytes) => this.#judgeSpace(bytes),
			// A disk that does not tell will be heard of when it takes nothing.
			() => {},
		);
		this.#freeTimer = clock.after(FREE_EVERY_MS, () => this.#watchSpace());
	}

	#judgeSpace(bytes: number): void {
		const isShort = bytes < FREE_BYTES_MIN;
		if (isShort && !this.#isShortTold) {
			this.#parts.onSay(
				`only ${Math.floor(bytes / 1024 ** 2)} MiB are free for ${this.#parts.place.folder}; without any nothing is placed`,
			);
		}
		this.#isShortTold = isShort;
	}
}
