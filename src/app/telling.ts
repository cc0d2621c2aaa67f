/**
 * What is told of a session to those who are not at the terminal: the log in the data folder, and the alarm with its sinks.
 * Nobody waits for either. Opened as soon as the data folder is ours, ended last, so that both hear of the end.
 *
 *     <folder>/logs/evenkeel.log       the newest lines
 */
import { join } from 'node:path';
import { getHeapStatistics } from 'node:v8';
import type { EngineNote, Recorder } from '../engine/ports.ts';
import type { Clock } from '../ports/clock.ts';
import type { Disk } from '../ports/disk.ts';
import type { Rng } from '../ports/rng.ts';
import { LogFile } from '../storage/log-file.ts';
import type { AlertChange } from '../telemetry/alerts/alert-book.ts';
import { type Log, openLog } from '../telemetry/log/log.ts';
import { RequestLife } from '../telemetry/log/request-life.ts';
import type { StreamNote } from '../venues/wire/stream-note.ts';
import { Alarm, type WatchedApp } from './alerts/alarm.ts';
import { openSinks } from './alerts/open-sinks.ts';
import { ProcessAlerts } from './alerts/process-alerts.ts';
import { alertSettings } from './config/alert-settings.ts';
import type { Config } from './config/sections.ts';
import type { Variables } from './keys.ts';
import { noteLine } from './note-line.ts';

export interface TellingOptions {
	readonly config: Pick<Config, 'alerts' | 'telemetry' | 'mode'>;
	/** Where the secrets of sinks are. */
	readonly variables: Variables;
	/** Of the data of this instance. */
	readonly folder: string;
	/** What a person calls this engine. */
	readonly instance: string;
	readonly clock: Clock;
	readonly rng: Rng;
	readonly disk: Pick<Disk, 'freeBytes'>;
	readonly runTag: string;
	readonly build: string;
	/** Values that must not stand in the log, whoever says them. */
	readonly secrets: readonly string[];
	readonly onSay: (sentence: string) => void;
}

export type TellingOpened =
	| { readonly kind: 'open'; readonly telling: Telling }
	| { readonly kind: 'refused'; readonly sentences: readonly string[] };

export async function openTelling(options: TellingOptions): Promise<TellingOpened> {
	const { config, variables, folder, instance, clock, rng, runTag, build, onSay } = options;
	const { sinks: settings, ...post } = alertSettings(config);
	const opened = await openSinks({ settings, variables, instance, clock });
	if (opened.kind === 'refused') return opened;
	const file = new LogFile({ clock, folder: join(folder, 'logs'), onSay });
	const log = openLog({
		level: config.telemetry.log_level,
		sink: (line) => file.write(line),
		wallMs: () => clock.wallMs(),
		about: { run: runTag },
		secrets: options.secrets,
	});
	log.write('info', 'begins', { build, mode: config.mode });
	const alarm = new Alarm({
		...post,
		...{ clock, rng: rng.fork('alarm'), sinks: opened.sinks, instance },
		onChange: (change) => logChange(log, change),
	});
	return { kind: 'open', telling: new Telling(options, { alarm, log, file, transports: opened.transports }) };
}

interface Parts {
	readonly alarm: Alarm;
	readonly log: Log;
	readonly file: LogFile;
	readonly transports: AsyncDisposable;
}

export interface WatchedAround {
	/** By venue, where its key ends at all. */
	readonly keyEndsAtMs: ReadonlyMap<string, number>;
	readonly lostPoints: () => number;
}

export class Telling implements AsyncDisposable {
	readonly alarm: Alarm;
	readonly log: Log;
	/** Of requests, where the log takes that much. */
	readonly recorders: readonly Recorder[];
	readonly #options: TellingOptions;
	readonly #parts: Parts;

	constructor(options: TellingOptions, parts: Parts) {
		this.#options = options;
		this.#parts = parts;
		this.alarm = parts.alarm;
		this.log = parts.log;
		this.recorders = parts.log.isOn('debug') ? [new RequestLife(parts.log)] : [];
	}

	/** Values that must not stand in the log from now on. */
	hide(secrets: readonly string[]): void {
		this.log.hide(secrets);
	}

	/** From here on the app and what is around it are looked at. */
	watch(app: WatchedApp, { keyEndsAtMs, lostPoints }: WatchedAround): void {
		const { clock, disk, folder } = this.#options;
		this.alarm.heed(new ProcessAlerts({ clock, disk, folder, heapShare, keyEndsAtMs, lostPoints }));
		this.alarm.watch(app);
	}

	hearNote(note: EngineNote): void {
		const line = noteLine(note);
		if (line !== undefined) this.log.write(line.level, note.kind, line.fields);
		this.alarm.hearNote(note);
	}

	hearStream(note: StreamNote, venue: string): void {
		const { kind, ...fields } = note;
		this.log.write(kind === 'session' ? 'info' : kind === 'bookLost' || kind === 'badFrame' ? 'debug' : 'warn', kind, {
			venue,
			...fields,
		});
		this.alarm.hearStream(note, venue);
	}

	/** What is said to the person at the terminal. */
	hearSentence(sentence: string): void {
		this.log.write('warn', 'said', { sentence });
	}

	/** How it ended: with orders that could not be proven gone, or with none. */
	hearEnd(left: readonly string[]): void {
		this.log.write(left.length === 0 ? 'info' : 'error', 'ends', { orderCount: left.length });
		if (left.length === 0) return;
		const sentence = `${left.length} orders could not be proven gone; cancel them at the exchange: ${left.join(', ')}`;
		this.alarm.tell({ code: 'orders-left', sentence });
	}

	hearBug(reason: string): void {
		this.log.write('error', 'abandoned', { reason });
		this.alarm.tell({ code: 'bug', sentence: reason });
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await this.alarm[Symbol.asyncDispose]();
		await this.#parts.transports[Symbol.asyncDispose]();
		await this.#parts.file[Symbol.asyncDispose]();
	}
}

function heapShare(): number {
	const { used_heap_size: used, heap_size_limit: limit } = getHeapStatistics();
	return used / limit;
}

const LEVEL_OF = { critical: 'error', warning: 'warn', info: 'info' } as const;

function logChange(log: Log, { kind, alert }: AlertChange): void {
	const { code, severity, sentence, symbol, venue, count } = alert;
	const level = kind === 'ended' ? 'info' : LEVEL_OF[severity];
	log.write(level, kind === 'ended' ? 'alert ends' : 'alert', { code, severity, sentence, symbol, venue, count });
}
