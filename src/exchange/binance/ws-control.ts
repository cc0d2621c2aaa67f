/**
 * A socket of streams, of either market: names in its address, SUBSCRIBE and its kin, frames bare or wrapped with the
 * name of their stream. A request stands or falls as a whole. Names of symbols that do not exist are taken and stay
 * silent; only what can be no stream's name is refused. Who sends too much is cut off.
 */
import type { Peer } from '../facade.ts';
import type { SocketTarget } from './socket-target.ts';
import { type ClientFrame, type FrameId, parseFrame } from './ws-frame.ts';
import type { Session } from './ws-session.ts';

/** What a stream says once, to all who listen; wrapped no more than once. */
export class Frame {
	readonly bare: string;
	readonly #stream: string;
	#combined: string | null = null;

	constructor(stream: string, bare: string) {
		this.#stream = stream;
		this.bare = bare;
	}

	get combined(): string {
		this.#combined ??= `{"stream":${JSON.stringify(this.#stream)},"data":${this.bare}}`;
		return this.#combined;
	}
}

export interface StreamListener {
	hear(frame: Frame): void;
}

/** The streams of one kind of socket. */
export interface Streams {
	/** `silent`: a name that a stream could have, of which nothing will ever be heard. */
	find(name: string): 'stream' | 'silent' | 'malformed';
	/** For names of streams. */
	join(name: string, listener: StreamListener, nowMs: number): void;
	leave(name: string, listener: StreamListener): void;
}

export interface StreamRules {
	readonly messagesPerSecMax: number;
	readonly streamsMax: number;
}

const MS_PER_SEC = 1_000;
const POLICY = 1008;

/** In the words of the venue; the code says what kind of fault it is. */
interface Fault {
	readonly code: number;
	readonly msg: string;
}

const UNKNOWN_PROPERTY: Fault = { code: 0, msg: 'Unknown property' };
const WRONG_VALUE: Fault = { code: 1, msg: 'Invalid value type: expected Boolean' };
const NOT_JSON: Fault = { code: 3, msg: 'Invalid JSON' };
const TOO_MANY_STREAMS: Fault = { code: 4, msg: 'Too many subscriptions' };

export class StreamSession implements Session, StreamListener {
	readonly #streams: Streams;
	readonly #rules: StreamRules;
	readonly #peer: Peer;
	readonly #names = new Set<string>();
	#isCombined: boolean;
	#secondStartMs = 0;
	#messageCount = 0;

	constructor(streams: Streams, rules: StreamRules, { isCombined }: Pick<SocketTarget, 'isCombined'>, peer: Peer) {
		this.#streams = streams;
		this.#rules = rules;
		this.#isCombined = isCombined;
		this.#peer = peer;
	}

	/** What the address asks for; nothing is answered, and what is no stream's name is left out. */
	begin(names: readonly string[], nowMs: number): void {
		for (const name of names.slice(0, this.#rules.streamsMax)) {
			if (this.#streams.find(name) !== 'malformed') this.#join(name, nowMs);
		}
	}

	receive(text: string, nowMs: number): void {
		if (!this.#mayTalk(nowMs)) {
			this.#peer.close(POLICY, 'Too many requests');
			return;
		}
		const frame = parseFrame(text);
		if (frame.kind === 'frame') this.#run(frame, nowMs);
		else if (frame.fault === 'not-json') this.#refuse(null, NOT_JSON);
		else this.#refuse(frame.id, invalid(frame.fault === 'id' ? 'id' : 'method'));
	}

	closed(): void {
		for (const name of this.#names) this.#leave(name);
	}

	sayGoodbye(nowMs: number): void {
		this.hear(new Frame('!serverShutdown', JSON.stringify({ e: 'serverShutdown', E: nowMs })));
	}

	hear(frame: Frame): void {
		this.#peer.send(this.#isCombined ? frame.combined : frame.bare);
	}

	#mayTalk(nowMs: number): boolean {
		if (nowMs - this.#secondStartMs >= MS_PER_SEC) {
			this.#secondStartMs = nowMs;
			this.#messageCount = 0;
		}
		this.#messageCount += 1;
		return this.#messageCount <= this.#rules.messagesPerSecMax;
	}

	#run({ id, method, params }: ClientFrame, nowMs: number): void {
		switch (method) {
			case 'SUBSCRIBE':
				return this.#change(id, params, (names) => {
					for (const name of names) this.#join(name, nowMs);
				});
			case 'UNSUBSCRIBE':
				return this.#change(id, params, (names) => {
					for (const name of names) if (this.#names.delete(name)) this.#leave(name);
				});
			case 'LIST_SUBSCRIPTIONS':
				return this.#answer(id, [...this.#names]);
			case 'SET_PROPERTY':
				return this.#setProperty(id, params);
			case 'GET_PROPERTY':
				return asList(params)[0] === 'combined' ? this.#answer(id, this.#isCombined) : this.#refuse(id, UNKNOWN_PROPERTY);
			default:
				return this.#refuse(id, invalid(`unknown method ${method.slice(0, 40)}`));
		}
	}

	#change(id: FrameId, params: unknown, change: (names: readonly string[]) => void): void {
		const names = namesOf(params);
		const problem = names === null ? invalid('params must be a list of stream names') : this.#check(names);
		if (names === null || problem !== null) {
			this.#refuse(id, problem ?? invalid('params'));
			return;
		}
		// Answered first: what a stream says at once comes after.
		this.#answer(id, null);
		change(names);
	}

	#check(names: readonly string[]): Fault | null {
		if (names.some((name) => this.#streams.find(name) === 'malformed')) return invalid('invalid stream');
		const all = new Set([...this.#names, ...names]);
		return all.size > this.#rules.streamsMax ? TOO_MANY_STREAMS : null;
	}

	#setProperty(id: FrameId, params: unknown): void {
		const [property, value] = asList(params);
		if (property !== 'combined') return this.#refuse(id, UNKNOWN_PROPERTY);
		if (typeof value !== 'boolean') return this.#refuse(id, WRONG_VALUE);
		this.#isCombined = value;
		this.#answer(id, null);
	}

	#join(name: string, nowMs: number): void {
		if (this.#names.has(name)) return;
		this.#names.add(name);
		if (this.#streams.find(name) === 'stream') this.#streams.join(name, this, nowMs);
	}

	#leave(name: string): void {
		if (this.#streams.find(name) === 'stream') this.#streams.leave(name, this);
	}

	#answer(id: FrameId, result: unknown): void {
		this.#peer.send(JSON.stringify({ result, id }));
	}

	#refuse(id: FrameId, error: Fault): void {
		this.#peer.send(JSON.stringify({ error, id }));
	}
}

function invalid(what: string): Fault {
	return { code: 2, msg: `Invalid request: ${what}` };
}

function asList(params: unknown): readonly unknown[] {
	return Array.isArray(params) ? params : [];
}

function namesOf(params: unknown): readonly string[] | null {
	const list = Array.isArray(params) ? (params as readonly unknown[]) : null;
	return list?.every((name) => typeof name === 'string') === true ? list : null;
}
