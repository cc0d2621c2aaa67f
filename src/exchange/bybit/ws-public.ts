/**
 * A market data socket of one category: subscribing, unsubscribing, pings. A request stands or falls as a whole: one
 * bad topic, or one that is active already, and none is subscribed. The socket stays open whatever comes.
 */
import type { ClientFrame, UndecodableFrame } from './ws-frame.ts';
import type { PublicTopics } from './ws-market.ts';
import {
	type CommandAnswer,
	checkLength,
	runCommand,
	type Session,
	type SessionStart,
	sendJson,
	type TopicSocket,
} from './ws-session.ts';

const SPOT_ARGS_MAX = 10;
/** Of a socket that is subscribed to nothing. */
const IDLE_MS_MAX = 60_000;

/** Sockets of spot word some answers in their own way, and take fewer topics at once. */
export type Wording = 'spot' | 'other';

export class PublicSession implements Session, TopicSocket {
	readonly #known: PublicTopics;
	readonly #wording: Wording;
	readonly #start: SessionStart;
	readonly #topics = new Set<string>();

	constructor(known: PublicTopics, wording: Wording, start: SessionStart) {
		this.#known = known;
		this.#wording = wording;
		this.#start = start;
	}

	receive(frame: ClientFrame | UndecodableFrame, nowMs: number): void {
		runCommand(this, frame, nowMs);
	}

	closed(): void {
		for (const topic of this.#topics) this.#known.leave(topic, this.#start.peer);
		this.#topics.clear();
	}

	silenceMsMax(): number {
		return this.#topics.size === 0 ? IDLE_MS_MAX : this.#start.activeMsMax;
	}

	closedBecause(): null {
		return null;
	}

	ping(frame: ClientFrame): void {
		this.answer(frame, true, 'pong');
	}

	subscribe(frame: ClientFrame, topics: readonly string[], nowMs: number): void {
		const problem = this.#check(topics);
		if (problem !== null) {
			this.answer(frame, false, problem);
			return;
		}
		this.answer(frame, true, this.#acknowledged('subscribe'));
		for (const topic of topics) {
			this.#topics.add(topic);
			this.#known.join(topic, this.#start.peer, nowMs);
		}
	}

	unsubscribe(frame: ClientFrame, topics: readonly string[]): void {
		const problem = this.#checkNames(topics);
		if (problem !== null) {
			this.answer(frame, false, problem);
			return;
		}
		for (const topic of topics) {
			if (this.#topics.delete(topic)) this.#known.leave(topic, this.#start.peer);
		}
		this.answer(frame, true, this.#acknowledged('unsubscribe'));
	}

	answer(frame: ClientFrame | null, success: boolean, text: string): void {
		const answer: CommandAnswer = {
			success,
			ret_msg: text,
			conn_id: this.#start.connId,
			req_id: frame?.id?.text ?? '',
			op: frame?.op ?? '',
		};
		sendJson(this.#start.peer, answer);
	}

	/** What is wrong with the request, or null. */
	#check(topics: readonly string[]): string | null {
		const problem = this.#checkNames(topics);
		if (problem !== null) return problem;
		const all = new Set(this.#topics);
		for (const topic of topics) {
			if (all.has(topic)) return `error:already subscribed,topic:${topic}`;
			all.add(topic);
		}
		return checkLength(all);
	}

	#checkNames(topics: readonly string[]): string | null {
		const spot = this.#wording === 'spot';
		if (spot && topics.length > SPOT_ARGS_MAX) return `args size >${SPOT_ARGS_MAX}`;
		for (const topic of topics) {
			const found = this.#known.find(topic);
			if (found === 'unknown-symbol' && spot) return `Invalid symbol :[${topic}]`;
			if (found !== 'found') return `error:handler not found,topic:${topic}`;
		}
		return null;
	}

	#acknowledged(op: 'subscribe' | 'unsubscribe'): string {
		return this.#wording === 'spot' ? op : '';
	}
}
