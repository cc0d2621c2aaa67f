/**
 * What the sockets of streams say besides data, on both markets: how to ask for streams, at what pace, and how the venue
 * answers. Answers are outside data: whatever does not have the known shape is no answer.
 */
import type { Heartbeat, SessionParts } from '../../network/session.ts';
import type { TopicsAnswer, TopicWire } from '../../network/topics.ts';
import { isObject } from '../wire/plain-values.ts';
import type { Market } from './codec/frames.ts';

/** What every session of the venue is made of. */
export type SessionBasics = Pick<SessionParts, 'transport' | 'clock' | 'rng' | 'policy' | 'holdMs' | 'turnedAway'>;

export interface StreamAnswer {
	readonly requestId: string;
	readonly answer: TopicsAnswer;
}

export const HANDSHAKE_TIMEOUT_MS = 10_000;
/** On one connection. Spot takes 1024; futures say so too, but older documents say 200, and a client library keeps to it. */
export const STREAMS_MAX: Readonly<Record<Market, number>> = { spot: 1_000, linear: 200 };
/** Spot cuts off who sends more than 5 a second, futures more than 10; pings and pongs count, so some are left for them. */
export const MESSAGES_PER_SEC: Readonly<Record<Market, number>> = { spot: 3, linear: 8 };
/** The venue cuts every connection after 24 h. */
export const LIFE_MS = 23 * 3_600_000;

/** The venue sets neither; requests of moderate length keep a refusal small. */
const TOPICS_MAX = 100;
const CHARS_MAX = 3_500;
const MESSAGE_LENGTH_MAX = 200;
const BEAT = { everyMs: 5_000, deadlineMs: 10_000 };
/** More often would use up what we may send. */
const BEAT_EVERY_MS_MIN = 1_000;

export function topicWire(): TopicWire {
	const request = (method: string) => (id: string, params: readonly string[]) => JSON.stringify({ method, params, id });
	return {
		subscribe: request('SUBSCRIBE'),
		unsubscribe: request('UNSUBSCRIBE'),
		topicsMax: TOPICS_MAX,
		charsMax: CHARS_MAX,
	};
}

/** A ping frame; any frame answers it, since a dead socket delivers none (F44). Another pace is heeded where it is shorter. */
export function publicHeartbeat(everyMs = BEAT.everyMs): Heartbeat {
	return { ...BEAT, everyMs: Math.max(BEAT_EVERY_MS_MIN, Math.min(BEAT.everyMs, everyMs)) };
}

/** Refusals come in two forms, in `error` or bare; a request stands or falls as a whole. */
export function readAnswer(message: unknown): StreamAnswer | undefined {
	if (!isObject(message)) return undefined;
	const { id: requestId, result, error = message } = message;
	if (typeof requestId !== 'string') return undefined;
	if (result === null) return { requestId, answer: { kind: 'confirmed' } };
	if (!isObject(error) || typeof error['code'] !== 'number') return undefined;
	const said = typeof error['msg'] === 'string' ? error['msg'].slice(0, MESSAGE_LENGTH_MAX) : '';
	return { requestId, answer: { kind: 'refused', message: said, held: [] } };
}

/** The venue is about to cut all who are connected (F48). */
export function isShutdown(message: unknown): boolean {
	if (!isObject(message)) return false;
	const said = isObject(message['data']) ? message['data'] : message;
	return said['e'] === 'serverShutdown';
}
