/**
 * What each kind of socket is to the one that holds them all, and how public and private sockets take their commands
 * apart: the same operations, argument rules and refusals.
 */
import type { Peer } from '../facade.ts';
import type { ClientFrame, UndecodableFrame } from './ws-frame.ts';

/** Of all topics of a connection together. */
const TOPICS_LENGTH_MAX = 21_000;

export interface Session {
	receive(frame: ClientFrame | UndecodableFrame, nowMs: number): void;
	/** The socket is gone: forget it. */
	closed(nowMs: number): void;
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

/** What a socket of topics does with each command; the rest of a command is the same for all of them. */
export interface TopicSocket {
	answer(frame: ClientFrame | null, success: boolean, text: string): void;
	ping(frame: ClientFrame, nowMs: number): void;
	/** Sockets without a login do not know the operation. */
	login?(frame: ClientFrame, nowMs: number): void;
	/** Why nobody may subscribe just now, or null. */
	closedBecause(): string | null;
	subscribe(frame: ClientFrame, topics: readonly string[], nowMs: number): void;
	unsubscribe(frame: ClientFrame, topics: readonly string[]): void;
}

/** Answers every command, whatever it is: a bad one leaves the socket open. */
export function runCommand(socket: TopicSocket, frame: ClientFrame | UndecodableFrame, nowMs: number): void {
	if (frame.kind === 'undecodable') {
		socket.answer(null, false, `Failed to decode incoming data: ${frame.reason}`);
		return;
	}
	const { op } = frame;
	if (op === 'ping') socket.ping(frame, nowMs);
	else if (op === 'auth' && socket.login !== undefined) socket.login(frame, nowMs);
	else if (op === 'subscribe' || op === 'unsubscribe') {
		const topics = topicsOf(frame);
		const problem = socket.closedBecause() ?? (topics === null ? 'error:args invalid' : null);
		if (topics === null || problem !== null) socket.answer(frame, false, problem ?? '');
		else if (op === 'subscribe') socket.subscribe(frame, topics, nowMs);
		else socket.unsubscribe(frame, topics);
	}
	// Some clients take a frame of ours for a ping and answer it.
	else if (op !== 'pong') socket.answer(frame, false, 'error:invalid op');
}

/** What is wrong with so many topics on one connection, or null. */
export function checkLength(topics: Iterable<string>): string | null {
	let length = 0;
	for (const topic of topics) length += topic.length;
	return length > TOPICS_LENGTH_MAX ? `error:args length >${TOPICS_LENGTH_MAX}` : null;
}

/** The topics asked for, or null if they are no list of texts. */
function topicsOf(frame: ClientFrame): readonly string[] | null {
	if (frame.args === null || frame.args.length === 0) return null;
	return frame.args.every((arg) => typeof arg === 'string') ? frame.args : null;
}
