/**
 * One life of the program in a wired world: a process that can be killed or frozen, its journal on the world's disk, its
 * connections, and the app that trades over them. The exchange, the network and the disk outlive it.
 */
import { RUN_TAGS, runTagOf } from '../domain/order-id.ts';
import { timeMs } from '../domain/units.ts';
import type { EventSink, Journal, Recorder } from '../engine/ports.ts';
import type { Transport } from '../network/transport.ts';
import type { Clock } from '../ports/clock.ts';
import { DiskError } from '../ports/disk.ts';
import type { Rng } from '../ports/rng.ts';
import { memoryJournal } from '../simulation/memory-journal.ts';
import type { VirtualDisk } from '../simulation/virtual-disk.ts';
import type { VirtualTransport } from '../simulation/virtual-network.ts';
import { VirtualProcess } from '../simulation/virtual-process.ts';
import type { JournalRead } from '../storage/journal-segment.ts';
import type { JournalStore } from '../storage/journal-store.ts';
import { type App, type AppOptions, type AppPorts, openApp } from './app.ts';
import { BlackBox } from './black-box.ts';
import { type Beginning, openJournaled, ownersOf } from './journaled.ts';
import { KeptShort, type KeptShortParts } from './kept-short.ts';
import { linkOf, type SentinelLink } from './sentinel-link.ts';

export interface LifeParts {
	readonly clock: Clock;
	/** Of this life alone. */
	readonly rng: Rng;
	readonly disk: VirtualDisk;
	readonly transport: VirtualTransport;
	/** Stands between the app and the network, such as one who writes down what passes. */
	readonly wrap: ((transport: Transport) => Transport) | undefined;
	readonly app: Omit<AppOptions, 'runTag' | 'recovered' | 'lastOrderId'>;
	readonly ports: Pick<AppPorts, 'meter' | 'recorder' | 'onNote'>;
	/** How a person sees this world again, for what is kept of a kill. */
	readonly replayCommand: string | undefined;
	/** Instead of the journal on the disk: one that keeps nothing and confirms after so long. */
	readonly memoryJournalMs: number | undefined;
	/** How long its segments may become. */
	readonly segments: Pick<KeptShortParts, 'bytesMax' | 'lookEveryMs'> | undefined;
	/** Where it meets a sentinel, without which it quotes nothing then. */
	readonly sentinelFolder: string | undefined;
}

/** What this life found when it began, kept for whoever judges it. */
interface Found extends Beginning {
	readonly read: JournalRead;
}

interface Opened {
	readonly app: App;
	readonly store: JournalStore | undefined;
	readonly blackBox?: BlackBox;
	readonly keptShort?: KeptShort;
}

const FOLDER = 'journal';
export const BLACK_BOX_FOLDER = 'black-box';
/** As long as a sentinel of a simulated world waits. */
export const SENTINEL_TIMEOUT_MS = 10_000;
/** The first account of a simulated world is ours, and each venue numbers accounts in its own way. */
export const ACCOUNT_NUMBERS: ReadonlyMap<string, string> = new Map([
	['bybit', '1'],
	['binance', '700701'],
]);
const RUN = { mode: 'sim', build: 'simulation', settings: 'simulation' } as const;

export class WiredLife {
	readonly process: VirtualProcess;
	readonly #parts: LifeParts;
	#opened: Opened | undefined;
	#link: SentinelLink | undefined;
	/** It was told to end: the gate it shut for that is shut for this run alone. */
	isStopping = false;
	/** Undefined with a journal that keeps nothing. */
	beginning: Found | undefined;

	constructor(parts: LifeParts) {
		this.#parts = parts;
		this.process = new VirtualProcess(parts.clock);
	}

	get isAlive(): boolean {
		return this.process.isAlive;
	}

	/** Undefined as long as it is being opened. */
	get app(): App | undefined {
		return this.#opened?.app;
	}

	get store(): JournalStore | undefined {
		return this.#opened?.store;
	}

	/** Sentences where it does not come up; it has ended then. */
	async begin(onOpen: (app: App) => void): Promise<readonly string[]> {
		const opened = await this.#open().catch(sentencesOf);
		if (!('app' in opened)) {
			await this.end([]);
			return opened;
		}
		this.#opened = opened;
		onOpen(opened.app);
		await this.#beginLink(opened.app);
		const troubles = await opened.app.start();
		// What it placed before it failed must not stay behind.
		if (troubles.length > 0) await this.#stop('the session did not begin');
		return troubles;
	}

	/** From one moment to the next. What is on its way stays on its way. */
	crash(kind: 'process' | 'power'): void {
		this.process.kill();
		this.#parts.transport.crash();
		this.#parts.disk.crash(kind);
		this.#opened?.app.runtime.stop();
	}

	/** The orders that the venue still has at the end. */
	async stop(): Promise<readonly string[]> {
		return await this.#stop('the session ends');
	}

	async end(left: readonly string[]): Promise<void> {
		await this.#opened?.app[Symbol.asyncDispose]();
		await this.#opened?.blackBox?.[Symbol.asyncDispose]();
		// A summary that is begun behind the good-bye would not know of it.
		this.#opened?.keptShort?.[Symbol.dispose]();
		const store = this.#opened?.store;
		if (store !== undefined) {
			await store.commit([{ kind: 'stopped', atMs: Math.floor(this.process.clock.wallMs()), left: [...left] }]);
			await store[Symbol.asyncDispose]();
		}
		await this.#link?.end(left.length === 0);
		await this.#parts.transport[Symbol.asyncDispose]();
		this.process.kill();
	}

	async #stop(reason: string): Promise<readonly string[]> {
		const app = this.#opened?.app;
		if (app === undefined) throw new Error('nothing runs that could be stopped');
		this.isStopping = true;
		const left = await app.stop(reason);
		await this.end(left);
		return left;
	}

	async #beginLink(app: App): Promise<void> {
		const { disk, sentinelFolder: folder } = this.#parts;
		if (folder === undefined) return;
		this.#link = linkOf(app, {
			clock: this.process.clock,
			disk: this.process.disk(disk),
			folder,
			timeoutMs: SENTINEL_TIMEOUT_MS,
			accounts: ACCOUNT_NUMBERS,
		});
		await this.#link.begin();
	}

	async #open(): Promise<Opened | readonly string[]> {
		const { rng, memoryJournalMs: syncMs } = this.#parts;
		if (syncMs !== undefined) {
			const runTag = runTagOf(rng.fork('run').below(RUN_TAGS));
			const opened = await this.#openApp({ runTag }, (sink) => memoryJournal({ clock: this.process.clock, syncMs, sink }));
			return isSentences(opened) ? opened : { app: opened, store: undefined };
		}
		const { clock } = this.process;
		const disk = this.process.disk(this.#parts.disk);
		const journal = await openJournaled({ disk, clock, folder: FOLDER, rng: rng.fork('run'), run: RUN });
		if (journal.kind === 'refused') return [journal.sentence];
		const { store, read, beginning, recovery } = journal.journaled;
		const keptShort = new KeptShort({ store, recovery, clock, ...this.#parts.segments, onSay: () => {} });
		const { recovered, runTag } = beginning;
		this.beginning = { ...beginning, read };
		const started = { runTag, recovered: { state: recovered, atMs: timeMs(clock.wallMs()) } };
		const last = recovered.lastOrderId === undefined ? {} : { lastOrderId: recovered.lastOrderId };
		const owners = ownersOf(this.#parts.app.quoting);
		const { replayCommand: command = 'none' } = this.#parts;
		const run = { runTag, ...RUN };
		const blackBox = new BlackBox({ disk, clock, folder: BLACK_BOX_FOLDER, run, command, onSay: () => {} });
		const opened = await this.#openApp({ ...started, ...last }, (sink) => keptShort.journal(sink, owners), blackBox);
		if (isSentences(opened)) return opened;
		blackBox.watch(opened);
		return { app: opened, store, blackBox, keptShort };
	}

	async #openApp(
		run: Pick<AppOptions, 'runTag' | 'recovered' | 'lastOrderId'>,
		journal: (sink: EventSink) => Journal,
		blackBox?: BlackBox,
	): Promise<App | readonly string[]> {
		const { app, ports, rng, wrap, transport } = this.#parts;
		const opened = await openApp(
			{ ...app, ...run },
			{
				...ports,
				...(blackBox === undefined ? {} : { recorder: both(blackBox, ports.recorder) }),
				clock: this.process.clock,
				rng: rng.fork('app'),
				transport: this.process.transport(wrap?.(transport) ?? transport),
				journal,
			},
		);
		return opened.kind === 'open' ? opened.app : opened.sentences;
	}
}

function both(one: Recorder, other: Recorder | undefined): Recorder {
	if (other === undefined) return one;
	return {
		input: (event) => {
			one.input(event);
			other.input(event);
		},
		output: (effect) => {
			one.output(effect);
			other.output(effect);
		},
	};
}

function isSentences(given: App | readonly string[]): given is readonly string[] {
	return Array.isArray(given);
}

/** A disk that refuses is a reason not to start; everything else is a bug. */
function sentencesOf(error: unknown): readonly string[] {
	if (error instanceof DiskError) return [error.message];
	throw error;
}
