/**
 * The live feed: what all pages together want to see is asked of the engine in one question at a time, ten times a second
 * at most, and each answer is sent to whoever wants it and has room. A slow reader skips moments; nothing queues up for
 * it, here or in the engine. Nobody looks: nothing is asked.
 */
import * as z from 'zod';
import { QUERIES, type QueryName } from '../app/console/contract.ts';
import type { Clock, Timer } from '../ports/clock.ts';
import { API_ERRORS, type ApiErrorCode, type ToldError } from './api-error.ts';
import type { Answer, EngineDoor, Topic } from './link.ts';
import { paramsOf } from './params.ts';

export const FEEDS_MAX = 20;
/** Of one page. */
const TOPICS_MAX = 12;
/** Asked of the engine at one time, over all pages; the others have their turn next. */
const ASKED_MAX = 24;
const EVERY_MS = 100;
const SLOW_EVERY_MS = 500;
/** Tables and figures that nobody reads ten times a second. */
const SLOW: ReadonlySet<QueryName> = new Set<QueryName>([
	...(['orders', 'fills', 'reconciliations', 'alerts', 'decisions', 'signals', 'latency', 'markouts', 'history'] as const),
	...(['risk', 'config', 'backtests', 'audit', 'health'] as const),
]);
/** With more than that unsent it is told nothing new. */
const UNSENT_BYTES_MAX = 64_000;
const FRAME_BYTES_MAX = 256 * 1024;
const ALIVE_EVERY_MS = 5_000;
/** After this many silent rounds it is gone. */
const SILENT_ROUNDS_MAX = 3;

const message = z.strictObject({
	watch: z
		.array(z.strictObject({ name: z.enum(Object.keys(QUERIES)), params: z.record(z.string(), z.unknown()).default({}) }))
		.max(TOPICS_MAX),
});

/** Something that one page or more want to see. */
interface Subject {
	readonly topic: Topic;
	readonly everyMs: number;
	askedAtMono: number;
	/** The last answer as it is on the wire, without its name; counts up with each that is another. */
	text: string;
	version: number;
}

/** What is needed of a WebSocket. */
export interface FeedSocket {
	readonly bufferedAmount: number;
	on(event: 'message', listener: (data: unknown, isBinary: boolean) => void): unknown;
	on(event: 'pong' | 'close' | 'error', listener: () => void): unknown;
	send(text: string): void;
	ping(): void;
	close(code: number, reason: string): void;
	terminate(): void;
}

interface Feed {
	readonly socket: FeedSocket;
	readonly isAllowed: () => boolean;
	/** By the subject: the parameters in the words of the page, and what it has seen. */
	wanted: Map<Subject, { readonly head: string; seen: number }>;
	silentRounds: number;
}

export interface LiveParts {
	readonly clock: Clock;
	readonly door: Pick<EngineDoor, 'read'>;
}

export class Live {
	readonly #parts: LiveParts;
	readonly #feeds = new Set<Feed>();
	/** By name and parameters. */
	readonly #subjects = new Map<string, Subject>();
	#timer: Timer | undefined;
	#aliveAtMono = 0;
	#isAsking = false;

	constructor(parts: LiveParts) {
		this.#parts = parts;
	}

	get isFull(): boolean {
		return this.#feeds.size >= FEEDS_MAX;
	}

	/** `isAllowed`: whether the log-in that opened it still holds. */
	open(socket: FeedSocket, isAllowed: () => boolean): void {
		const feed: Feed = { socket, isAllowed, wanted: new Map(), silentRounds: 0 };
		this.#feeds.add(feed);
		socket.on('message', (data, isBinary) => this.#hear(feed, data, isBinary));
		socket.on('pong', () => {
			feed.silentRounds = 0;
		});
		// The protocol was broken, or the line: it ends either way.
		socket.on('error', () => socket.terminate());
		socket.on('close', () => this.#close(feed));
		if (this.#timer !== undefined) return;
		this.#aliveAtMono = this.#parts.clock.monotonicMs();
		this.#timer = this.#parts.clock.after(EVERY_MS, () => this.#round());
	}

	[Symbol.dispose](): void {
		this.#timer?.cancel();
		for (const { socket } of this.#feeds) socket.terminate();
		this.#feeds.clear();
	}

	#hear(feed: Feed, data: unknown, isBinary: boolean): void {
		if (isBinary || !(data instanceof Buffer)) return tell(feed, { error: told('API_BODY') });
		let heard: unknown;
		try {
			heard = JSON.parse(data.toString());
		} catch {
			return tell(feed, { error: told('API_BODY') });
		}
		const parsed = message.safeParse(heard);
		if (!parsed.success) return tell(feed, { error: { code: 'API_PARAMS', sentence: WHAT_TO_SAY } });
		this.#watch(feed, parsed.data.watch as readonly { name: QueryName; params: Record<string, unknown> }[]);
	}

	#watch(feed: Feed, watch: readonly { readonly name: QueryName; readonly params: Record<string, unknown> }[]): void {
		const wanted: Feed['wanted'] = new Map();
		for (const { name, params } of watch) {
			const parsed = paramsOf(name, params);
			if (parsed.kind === 'failed') {
				tell(feed, { name, params, error: parsed.error });
				continue;
			}
			const subject = this.#subjectOf({ name, params: parsed.params });
			const seen = feed.wanted.get(subject)?.seen ?? 0;
			wanted.set(subject, { head: JSON.stringify({ name, params }).slice(0, -1), seen });
		}
		feed.wanted = wanted;
		this.#forgetUnwanted();
	}

	#subjectOf(topic: Topic): Subject {
		const key = JSON.stringify([topic.name, topic.params]);
		const known = this.#subjects.get(key);
		if (known !== undefined) return known;
		const everyMs = SLOW.has(topic.name) ? SLOW_EVERY_MS : EVERY_MS;
		const subject: Subject = { topic, everyMs, askedAtMono: Number.NEGATIVE_INFINITY, text: '', version: 0 };
		this.#subjects.set(key, subject);
		return subject;
	}

	#forgetUnwanted(): void {
		for (const [key, subject] of this.#subjects) {
			const isWanted = [...this.#feeds].some(({ wanted }) => wanted.has(subject));
			if (!isWanted) this.#subjects.delete(key);
		}
	}

	#close(feed: Feed): void {
		this.#feeds.delete(feed);
		this.#forgetUnwanted();
		if (this.#feeds.size > 0) return;
		this.#timer?.cancel();
		this.#timer = undefined;
	}

	#round(): void {
		this.#timer = this.#parts.clock.after(EVERY_MS, () => this.#round());
		this.#sayAlive();
		// A slow engine is asked less often.
		if (!this.#isAsking) void this.#ask();
		else this.#send();
	}

	async #ask(): Promise<void> {
		const now = this.#parts.clock.monotonicMs();
		// A round is never quite on time, and half of it too early is soon enough.
		const due = [...this.#subjects.values()].filter(({ askedAtMono, everyMs }) => now - askedAtMono >= everyMs - EVERY_MS / 2);
		const asked = due.sort((a, b) => a.askedAtMono - b.askedAtMono).slice(0, ASKED_MAX);
		if (asked.length === 0) return this.#send();
		for (const subject of asked) subject.askedAtMono = now;
		this.#isAsking = true;
		const answers = await this.#parts.door.read(asked.map(({ topic }) => topic));
		this.#isAsking = false;
		for (const [index, subject] of asked.entries()) keep(subject, answers[index]);
		this.#send();
	}

	#send(): void {
		for (const { socket, wanted } of this.#feeds) {
			for (const [subject, page] of wanted) {
				if (subject.version === page.seen) continue;
				if (socket.bufferedAmount > UNSENT_BYTES_MAX) break;
				page.seen = subject.version;
				socket.send(`${page.head},${subject.text}}`);
			}
		}
	}

	#sayAlive(): void {
		const now = this.#parts.clock.monotonicMs();
		if (now - this.#aliveAtMono < ALIVE_EVERY_MS) return;
		this.#aliveAtMono = now;
		for (const feed of this.#feeds) {
			if (!feed.isAllowed()) feed.socket.close(NOT_ALLOWED, 'the log-in is over');
			else if (feed.silentRounds++ >= SILENT_ROUNDS_MAX) feed.socket.terminate();
			else {
				feed.socket.ping();
				tell(feed, { alive: this.#parts.clock.wallMs() });
			}
		}
	}
}

const WHAT_TO_SAY = `say {"watch":[{"name":"overview","params":{}}]} with at most ${TOPICS_MAX} of the queries`;
/** Of the codes that applications may use. */
const NOT_ALLOWED = 4401;

function keep(subject: Subject, answer: Answer | undefined): void {
	const text = textOf(answer);
	if (text === subject.text) return;
	subject.text = text;
	subject.version++;
}

function textOf(answer: Answer | undefined): string {
	if (answer === undefined) return `"error":${JSON.stringify(told('API_ENGINE'))}`;
	if (answer.kind === 'failed') return `"error":${JSON.stringify(answer.error)}`;
	if (Buffer.byteLength(answer.text) <= FRAME_BYTES_MAX) return `"answer":${answer.text}`;
	const error: ToldError = { code: 'API_PARAMS', sentence: 'that is too much for the live feed: ask for less, or over HTTP' };
	return `"error":${JSON.stringify(error)}`;
}

function told(code: ApiErrorCode): ToldError {
	return { code, sentence: API_ERRORS[code].sentence };
}

function tell({ socket }: Feed, said: unknown): void {
	if (socket.bufferedAmount <= UNSENT_BYTES_MAX) socket.send(JSON.stringify(said));
}
