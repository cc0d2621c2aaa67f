/**
 * What each kind of socket is to the one that holds them all, and the answers that public and private sockets word the
 * same way.
 */
import type { Peer } from '../facade.ts';
import type { ClientFrame, UndecodableFrame } from './ws-frame.ts';

/** Of all topics of a connection together. */
export const TOPICS_LENGTH_MAX = 21_000;

export interface Session {
	receive(frame: ClientFrame | UndecodableFrame, nowMs: number): void;
	/** The socket is gone: forget it. */
	closed(): void;
	/** How long the client may say nothing, just now. */
	silenceMsMax(): number;
}

export interface SessionStart {
	readonly peer: Peer;
	readonly connId: string;
	readonly remote: string;
	/** Asked for by the client, or the venue's default. */
	readonly activeMsMax: number;
}

export interface CommandAnswer {
	readonly success: boolean;
	readonly ret_msg: string;
	readonly conn_id: string;
	readonly req_id?: string;
	readonly op: string;
}

export function sendJson(peer: Peer, message: object): void {
	peer.send(JSON.stringify(message));
}

/** The topics asked for, or null if they are no list of texts. */
export function topicsOf(frame: ClientFrame): readonly string[] | null {
	if (frame.args === null || frame.args.length === 0) return null;
	return frame.args.every((arg) => typeof arg === 'string') ? frame.args : null;
}

export function lengthOf(topics: Iterable<string>): number {
	let length = 0;
	for (const topic of topics) length += topic.length;
	return length;
}
