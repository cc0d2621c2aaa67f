/**
 * Follows the configuration file while the engine runs. A new text is read once it has been still for a moment, since
 * editors write in several steps; a wrong one changes nothing and says why, once. The environment and the flags are
 * those of the start. Waits on the clock that is handed in, and reads through a port.
 */
import type { Clock, Timer } from '../../ports/clock.ts';
import type { KnownConfig, Reload, RunningConfig } from './changes.ts';
import { type ConfigSources, readConfig } from './config.ts';
import { LiveSettings } from './live-settings.ts';
import type { Problem } from './problem.ts';
import type { Warning } from './warnings.ts';

export interface ConfigFile {
	/** Another text when and where it was written last; undefined where there is no file. */
	stamp(): string | undefined;
	/** Undefined where it cannot be read. */
	text(): string | undefined;
	/** Instead of what is there, all at once; a sentence where that cannot be done. */
	replace(text: string): string | undefined;
	/** Calls back soon after somebody touched it, where the system tells; it may not, or too often. */
	onTouched(touched: () => void): Disposable;
}

export interface ConfigWatchParts {
	readonly clock: Clock;
	readonly file: ConfigFile;
	/** Its name for messages, and what goes before the file. */
	readonly sources: Omit<ConfigSources, 'file'> & { readonly name: string };
	/** The text that is in force, and what was read of it. */
	readonly start: { readonly text: string; readonly known: KnownConfig };
	readonly handler: ConfigWatchHandler;
	/** What is in force, shared with whoever else changes it; of the start alone unless given. */
	readonly settings?: LiveSettings;
	/** Whether limits may become wider now; never, unless said. */
	readonly mayRaise?: () => boolean;
}

export interface ConfigWatchHandler {
	/** What the engine is to take is in it. Without any change, what waited for a restart was taken back. */
	changed(reload: Reload): void;
	/** What is right, but probably not meant, and was not there before; told after the changes. */
	remarked(warnings: readonly Warning[]): void;
	/** Nothing has changed. */
	refused(problems: readonly Problem[]): void;
}

/** For file systems that tell nothing. */
const LOOK_EVERY_MS = 1_000;
const STILL_FOR_MS = 100;

export class ConfigWatch implements Disposable {
	readonly #parts: ConfigWatchParts;
	readonly #settings: LiveSettings;
	/** Of the last text that was read, right or wrong. */
	#text: string;
	#stampSeen: string | undefined;
	#isMoving = false;
	/** The last right text, while limits in it wait to become wider. */
	#raise: KnownConfig | undefined;
	/** Of the last reload, those that wait for a restart: told again only when they are others. */
	#waiting = '[]';
	#timer: Timer | undefined;
	#notice: Disposable | undefined;
	#isOver = false;
	/** Of the last right text. */
	#remarks: ReadonlySet<string>;

	constructor(parts: ConfigWatchParts) {
		this.#parts = parts;
		this.#settings = parts.settings ?? new LiveSettings(parts.start.known);
		this.#text = parts.start.text;
		this.#remarks = new Set(parts.start.known.warnings.map(remarkOf));
	}

	get running(): RunningConfig {
		return this.#settings.running;
	}

	start(): void {
		this.#notice ??= this.#parts.file.onTouched(() => this.#lookIn(STILL_FOR_MS));
		// The file may have been written between its first reading and now.
		this.#isMoving = true;
		this.#look();
	}

	[Symbol.dispose](): void {
		this.#isOver = true;
		this.#timer?.cancel();
		this.#notice?.[Symbol.dispose]();
		this.#notice = undefined;
	}

	#lookIn(delayMs: number): void {
		if (this.#isOver) return;
		this.#timer?.cancel();
		this.#timer = this.#parts.clock.after(delayMs, () => this.#look());
	}

	#look(): void {
		const stamp = this.#parts.file.stamp();
		if (stamp !== this.#stampSeen) {
			this.#stampSeen = stamp;
			this.#isMoving = true;
		} else if (this.#isMoving) {
			this.#isMoving = false;
			this.#read();
		} else if (this.#raise !== undefined && this.#mayRaise) {
			this.#take(this.#raise);
		}
		this.#lookIn(this.#isMoving ? STILL_FOR_MS : LOOK_EVERY_MS);
	}

	get #mayRaise(): boolean {
		return this.#parts.mayRaise?.() ?? false;
	}

	#read(): void {
		const { file, sources, handler } = this.#parts;
		const text = file.text();
		// Gone for a moment, as when an editor puts a new file in its place; what is in force stays.
		if (text === undefined || text === this.#text) return;
		this.#text = text;
		const { name, ...others } = sources;
		const read = readConfig({ ...others, file: { name, text } });
		this.#raise = undefined;
		if (read.kind === 'bad') return handler.refused(read.problems);
		this.#take(read);
		this.#remark(read.warnings);
	}

	/** Those that moved to another line only are no news. */
	#remark(warnings: readonly Warning[]): void {
		const news = warnings.filter((warning) => !this.#remarks.has(remarkOf(warning)));
		this.#remarks = new Set(warnings.map(remarkOf));
		if (news.length > 0) this.#parts.handler.remarked(news);
	}

	#take(known: KnownConfig): void {
		const made = this.#settings.takeFile(known, this.#mayRaise);
		const isHeldBack = made.changes.some(({ takesEffect }) => takesEffect === 'after a clean comparison with the venue');
		this.#raise = isHeldBack ? known : undefined;
		const waits = made.changes.filter(({ takesEffect }) => takesEffect !== 'now');
		const waiting = JSON.stringify(waits.map(({ path, to }) => [path, to]));
		const isNews = made.changes.length > waits.length || waiting !== this.#waiting;
		this.#waiting = waiting;
		if (isNews) this.#parts.handler.changed(made);
	}
}

function remarkOf({ path, message }: Warning): string {
	return `${path}: ${message}`;
}
