/**
 * The alarm of a running engine: looks twice a second what stands still and why, hears what happens, and tells every sink
 * (I26: what stops has stopped by itself before; within two seconds a message is on its way). It only looks, never asks
 * the engine for anything, and nothing that happens to a sink comes back here but as one more alert.
 */
import type { EngineNote } from '../../engine/ports.ts';
import type { Result } from '../../network/result.ts';
import type { Clock, Timer } from '../../ports/clock.ts';
import type { Rng } from '../../ports/rng.ts';
import { type Alert, AlertBook, type AlertChange, type Condition } from '../../telemetry/alerts/alert-book.ts';
import type { AlertCode } from '../../telemetry/alerts/alert-codes.ts';
import { conditionsOf, happeningOf, isOfPicture } from '../../telemetry/alerts/conditions.ts';
import type { StreamNote } from '../../venues/wire/stream-note.ts';
import type { App } from '../app.ts';
import type { AlertRow } from '../console/views.ts';
import type { AlertMessage } from './alert-message.ts';
import { AlertPost, type AlertSink, type PostSettings } from './alert-post.ts';

export type WatchedApp = Pick<App, 'instruments'> & {
	readonly runtime: Pick<App['runtime'], 'now'>;
	readonly engine: { readonly levels: Pick<App['engine']['levels'], 'latch' | 'pauses' | 'holdsOf'> };
};

/** A group of conditions that somebody else looks after: all of it at each look. */
export interface AlertSource {
	readonly codes: readonly AlertCode[];
	conditions(): readonly Condition[];
}

export interface AlarmParts extends PostSettings {
	readonly clock: Clock;
	readonly rng: Rng;
	readonly sinks: readonly AlertSink[];
	/** Whose alerts they are: what a person calls this engine. */
	readonly instance: string;
	/** Hears of every change, for the log. */
	readonly onChange?: (change: AlertChange) => void;
}

type Sent = AlertRow['sent'][number];

const LOOK_EVERY_MS = 500;
/** At the end, what waits may still leave for so long. */
const END_WITHIN_MS = 3_000;
/** Of one alert, the latest. */
const SENT_MAX = 5;
/** Alerts of which it is known what the sinks did. */
const SENT_ALERTS_MAX = 1_000;

export class Alarm implements AsyncDisposable {
	readonly #parts: AlarmParts;
	readonly #book: AlertBook;
	readonly #posts: readonly AlertPost[];
	readonly #sent = new Map<string, Sent[]>();
	readonly #begun = new Map<AlertCode, number>();
	readonly #sources: AlertSource[] = [];
	/** Sockets that were open once: what has not been yet is no news. */
	readonly #wereUp = new Set<string>();
	#app: WatchedApp | undefined;
	#timer: Timer | undefined;

	constructor(parts: AlarmParts) {
		this.#parts = parts;
		this.#book = new AlertBook((change) => this.#hear(change));
		const { clock, rng, instance, least, bundleMs, perMinuteMax } = parts;
		this.#posts = parts.sinks.map((sink) => {
			const onResult = (message: AlertMessage, result: Result<void>): void => this.#heedResult(sink.name, message, result);
			return new AlertPost({ sink, clock, rng: rng.fork(sink.name), instance, least, bundleMs, perMinuteMax, onResult });
		});
	}

	/** From here on it is looked at. */
	watch(app: WatchedApp): void {
		this.#app = app;
		this.#look();
	}

	heed(source: AlertSource): void {
		this.#sources.push(source);
	}

	/** Of the engine, every one. */
	hearNote(note: EngineNote): void {
		const { wallMs } = this;
		if (note.kind === 'foreignOrders') {
			const about = { code: 'foreign-orders', venue: note.venue } as const;
			if (note.count === 0) this.#book.end(about, wallMs);
			else this.#book.begin({ ...about, sentence: foreignText(note.count, note.venue) }, wallMs);
			return;
		}
		const happening = happeningOf(note);
		if (happening !== undefined) this.#book.tell(happening, wallMs);
	}

	/** Of any stream of this venue. */
	hearStream(note: StreamNote, venue: string): void {
		switch (note.kind) {
			case 'session':
				this.#hearSession(note, venue);
				return;
			case 'loginRefused':
				this.tell({ code: 'login-refused', venue, sentence: `${venue} refuses the login of a stream: ${note.message}` });
				return;
			case 'topicRefused': {
				const sentence = `${venue} refuses ${note.topic} on the ${note.socket} stream: ${note.message}`;
				this.tell({ code: 'topic-refused', venue, subject: note.topic, sentence });
				return;
			}
			case 'bookLost':
			case 'badFrame':
			case 'snapshotFailed':
				// Mended by itself within a moment; where it is not, the symbol is held or its orders are in doubt.
				return;
		}
	}

	/** Something that happened, and does not last. */
	tell(condition: Condition): void {
		this.#book.tell(condition, this.wallMs);
	}

	/** Sends one through every sink that there is, and says what is on its way. */
	test(): string {
		this.tell({ code: 'test', sentence: 'this is a test; nothing is wrong' });
		const names = this.#posts.map(({ name }) => name);
		return names.length === 0
			? 'no sink is configured: alerts are only shown here; name one under alerts.sinks'
			: `a test is on its way to ${names.join(', ')}; what came of it stands with the alert`;
	}

	list(limit: number): AlertRow[] {
		return this.#book.list(limit).map((alert) => rowOf(alert, this.#sent.get(alert.id) ?? []));
	}

	/** How many stand, by how grave they are. */
	counts(): Readonly<Record<'critical' | 'warning' | 'info', number>> {
		return this.#book.counts();
	}

	/** How often any of a code began. */
	begunByCode(): ReadonlyMap<string, number> {
		return this.#begun;
	}

	/** What is under way still leaves, for a moment. */
	async [Symbol.asyncDispose](): Promise<void> {
		this.#timer?.cancel();
		this.#timer = undefined;
		this.#app = undefined;
		await Promise.all(this.#posts.map((post) => post.end(END_WITHIN_MS)));
	}

	get wallMs(): number {
		return Math.floor(this.#parts.clock.wallMs());
	}

	#look(): void {
		const app = this.#app;
		if (app === undefined) return;
		const { levels } = app.engine;
		const { monoMs } = app.runtime.now();
		const symbols = app.instruments.map(({ index, id, venue }) => ({ id, venue, holds: levels.holdsOf(index, monoMs) }));
		this.#book.settle(conditionsOf({ latch: levels.latch, pauses: levels.pauses(), symbols }), isOfPicture, this.wallMs);
		for (const source of this.#sources) {
			this.#book.settle(source.conditions(), (code) => source.codes.includes(code), this.wallMs);
		}
		this.#timer = this.#parts.clock.after(LOOK_EVERY_MS, () => this.#look());
	}

	#hearSession({ socket, state, reason }: Extract<StreamNote, { kind: 'session' }>, venue: string): void {
		const about = { code: 'stream-down', venue, subject: socket } as const;
		const key = `${venue} ${socket}`;
		if (state === 'open') {
			this.#wereUp.add(key);
			this.#book.end(about, this.wallMs);
		} else if (state === 'degraded' || (state === 'waiting' && this.#wereUp.has(key))) {
			const how = state === 'degraded' ? 'does not come up' : 'is down';
			this.#book.begin({ ...about, sentence: `the ${socket} stream of ${venue} ${how}: ${reason}` }, this.wallMs);
		} else if (state === 'stopped') {
			this.#book.end(about, this.wallMs);
		}
	}

	#hear(change: AlertChange): void {
		const { kind, alert } = change;
		if (kind !== 'ended') this.#begun.set(alert.code, (this.#begun.get(alert.code) ?? 0) + 1);
		this.#parts.onChange?.(change);
		for (const post of this.#posts) post.hear(change);
	}

	#heedResult(sink: string, { alerts }: AlertMessage, result: Result<void>): void {
		const atMs = this.wallMs;
		const said = { sink, atMs, result: result.kind === 'ok' ? 'sent' : result.detail };
		for (const { alert } of alerts) this.#remember(alert.id, said);
		const about = { code: 'sink-failing', subject: sink } as const;
		if (result.kind === 'ok') this.#book.end(about, atMs);
		else this.#book.begin({ ...about, sentence: `alerts do not get through to '${sink}': ${result.detail}` }, atMs);
	}

	#remember(id: string, said: Sent): void {
		const known = this.#sent.get(id) ?? [];
		this.#sent.delete(id);
		this.#sent.set(id, [...known, said].slice(-SENT_MAX));
		if (this.#sent.size <= SENT_ALERTS_MAX) return;
		const [oldest] = this.#sent.keys();
		if (oldest !== undefined) this.#sent.delete(oldest);
	}
}

function foreignText(count: number, venue: string): string {
	const what = count === 1 ? 'an order of somebody else is' : `${count} orders of somebody else are`;
	return `at ${venue} ${what} open in our symbols; what fills there moves our positions`;
}

function rowOf(alert: Alert, sent: readonly Sent[]): AlertRow {
	const { id, code, severity, sentence, symbol = null, venue = null, sinceMs, endedMs = null, count } = alert;
	return { id, code, severity, sentence, symbol, venue, sinceMs, endedMs, count, sent: [...sent] };
}
