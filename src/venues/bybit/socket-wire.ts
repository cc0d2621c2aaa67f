/**
 * What the public and the private socket say besides data: how to ask for topics, log in and beat, and how the venue
 * answers. Answers are outside data: whatever does not have the known shape is no answer.
 */
import type { Heartbeat, SessionParts } from '../../network/session.ts';
import type { TopicsAnswer, TopicWire } from '../../network/topics.ts';
import { isObject } from '../wire/plain-values.ts';

export type SocketAnswer =
	| { readonly kind: 'topics'; readonly requestId: string; readonly answer: TopicsAnswer }
	| { readonly kind: 'login'; readonly isDone: boolean; readonly message: string }
	| { readonly kind: 'pong' };

/** Most characters of all topics of one connection. */
export const CONNECTION_CHARS_MAX = 21_000;
/** The venue sets none but for spot; requests of moderate length keep a refusal small. */
const TOPICS_MAX = 100;
const SPOT_TOPICS_MAX = 10;
const MESSAGE_LENGTH_MAX = 200;
/** A partly refused request names the topics that are active all the same. */
const HELD = /subscriptions are as follows:\[([^\]]*)\]/;

const PUBLIC_BEAT = { everyMs: 5_000, deadlineMs: 10_000 };

export const HANDSHAKE_TIMEOUT_MS = 10_000;

export function topicWire(category: 'spot' | 'linear' | 'inverse' | 'private'): TopicWire {
	const request = (op: string) => (requestId: string, topics: readonly string[]) =>
		JSON.stringify({ req_id: requestId, op, args: topics });
	return {
		subscribe: request('subscribe'),
		unsubscribe: request('unsubscribe'),
		topicsMax: category === 'spot' ? SPOT_TOPICS_MAX : TOPICS_MAX,
		charsMax: CONNECTION_CHARS_MAX,
	};
}

/** Of those of a connection. Topics stand in quotation marks, with a comma: whether the venue counts them, it does not say. */
export function topicChars(topic: string): number {
	return topic.length + 3;
}

/** Any frame answers a beat: a dead socket delivers none. */
export function heartbeat(pace: Pick<Heartbeat, 'everyMs' | 'deadlineMs'>): Heartbeat {
	return { ...pace, frame: () => '{"op":"ping"}' };
}

/** A beat every 5 s at least, and 10 s for the answer (F44). Another pace is heeded where it is shorter. */
export function publicHeartbeat(everyMs = PUBLIC_BEAT.everyMs): Heartbeat {
	return heartbeat({ ...PUBLIC_BEAT, everyMs: Math.min(PUBLIC_BEAT.everyMs, everyMs) });
}

/** What every session of the venue is made of. */
export type SessionBasics = Pick<SessionParts, 'transport' | 'clock' | 'rng' | 'policy'>;

export function readAnswer(message: unknown): SocketAnswer | undefined {
	if (!isObject(message)) return undefined;
	const { op, success, req_id: requestId, ret_msg: text } = message;
	const said = typeof text === 'string' ? text.slice(0, MESSAGE_LENGTH_MAX) : '';
	if (op === 'ping' || op === 'pong') return { kind: 'pong' };
	if (op === 'auth') return { kind: 'login', isDone: success === true, message: said };
	if ((op !== 'subscribe' && op !== 'unsubscribe') || typeof requestId !== 'string') return undefined;
	if (success === true) return { kind: 'topics', requestId, answer: { kind: 'confirmed' } };
	if (success !== false) return undefined;
	return { kind: 'topics', requestId, answer: { kind: 'refused', message: said, held: heldTopics(text) } };
}

/** Also one that says "already subscribed": it is, whoever asked for it. */
function heldTopics(text: unknown): readonly string[] {
	if (typeof text !== 'string') return [];
	const already = /already subscribed,topic:(\S+)/.exec(text)?.[1];
	if (already !== undefined) return [already];
	return (
		HELD.exec(text)?.[1]
			?.split(/[\s,]+/)
			.filter((topic) => topic !== '') ?? []
	);
}
