/**
 * A market data socket of one category: subscribing, unsubscribing, pings. A request stands or falls as a whole: one
 * bad topic, or one that is active already, and none is subscribed. The socket stays open whatever comes.
 */
import type { BybitCategory } from './venue.ts';
import type { ClientFrame, UndecodableFrame } from './ws-frame.ts';
import type { MarketTopics } from './ws-market.ts';
import {
	type CommandAnswer,
	lengthOf,
	type Session,
	type SessionStart,
	sendJson,
	TOPICS_LENGTH_MAX,
	topicsOf,
} from './ws-session.ts';

const SPOT_ARGS_MAX = 10;
/** Of a socket that is subscribed to nothing. */
const IDLE_MS_MAX = 60_000;

export class PublicSession implements Session {
	readonly #market: MarketTopics;
	readonly #category: BybitCategory;
	readonly #start: SessionStart;
	readonly #topics = new Set<string>();

	constructor(market: MarketTopics, category: BybitCategory, start: SessionStart) {
		this.#market = market;
		this.#category = category;
		this.#start = start;
	}

	receive(frame: ClientFrame | UndecodableFrame, nowMs: number): void {
		if (frame.kind === 'undecodable') {
			this.#answer(null, false, `Failed to decode incoming data: ${frame.reason}`);
			return;
		}
		switch (frame.op) {
			case 'ping':
				this.#answer(frame, true, 'pong');
				return;
			// Some clients take a frame of ours for a ping.
			case 'pong':
				return;
			case 'subscribe':
				this.#subscribe(frame, nowMs);
				return;
			case 'unsubscribe':
				this.#unsubscribe(frame);
				return;
			default:
				this.#answer(frame, false, 'error:invalid op');
		}
	}

	closed(): void {
		for (const topic of this.#topics) this.#market.leave(this.#category, topic, this.#start.peer);
		this.#topics.clear();
	}

	silenceMsMax(): number {
		return this.#topics.size === 0 ? IDLE_MS_MAX : this.#start.activeMsMax;
	}

	#subscribe(frame: ClientFrame, nowMs: number): void {
		const topics = topicsOf(frame);
		const problem = topics === null ? 'error:args invalid' : this.#check(topics);
		if (topics === null || problem !== null) {
			this.#answer(frame, false, problem ?? '');
			return;
		}
		this.#answer(frame, true, this.#acknowledged('subscribe'));
		for (const topic of topics) {
			this.#topics.add(topic);
			this.#market.join(this.#category, topic, this.#start.peer, nowMs);
		}
	}

	#unsubscribe(frame: ClientFrame): void {
		const topics = topicsOf(frame);
		const problem = topics === null ? 'error:args invalid' : this.#checkNames(topics);
		if (topics === null || problem !== null) {
			this.#answer(frame, false, problem ?? '');
			return;
		}
		for (const topic of topics) {
			if (this.#topics.delete(topic)) this.#market.leave(this.#category, topic, this.#start.peer);
		}
		this.#answer(frame, true, this.#acknowledged('unsubscribe'));
	}

	/** What is wrong with the request, or null. */
	#check(topics: readonly string[]): string | null {
		const problem = this.#checkNames(topics);
		if (problem !== null) return problem;
		const seen = new Set(this.#topics);
		for (const topic of topics) {
			if (seen.has(topic)) return `error:already subscribed,topic:${topic}`;
			seen.add(topic);
		}
		return lengthOf(seen) > TOPICS_LENGTH_MAX ? `error:args length >${TOPICS_LENGTH_MAX}` : null;
	}

	#checkNames(topics: readonly string[]): string | null {
		if (this.#category === 'spot' && topics.length > SPOT_ARGS_MAX) return `args size >${SPOT_ARGS_MAX}`;
		for (const topic of topics) {
			const found = this.#market.find(this.#category, topic);
			if (found === 'unknown-symbol' && this.#category === 'spot') return `Invalid symbol :[${topic}]`;
			if (found !== 'found') return `error:handler not found,topic:${topic}`;
		}
		return null;
	}

	#acknowledged(op: 'subscribe' | 'unsubscribe'): string {
		return this.#category === 'spot' ? op : '';
	}

	#answer(frame: ClientFrame | null, success: boolean, text: string): void {
		const answer: CommandAnswer = {
			success,
			ret_msg: text,
			conn_id: this.#start.connId,
			req_id: frame?.id?.text ?? '',
			op: frame?.op ?? '',
		};
		sendJson(this.#start.peer, answer);
	}
}
