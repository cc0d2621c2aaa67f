/**
 * The socket on which an account hears of its orders, fills, positions and money: login first, then topics. A partly
 * bad subscription is partly done and answered with a failure that says which part. Nothing is sent at the start of a
 * topic: the state is read by REST.
 */
import type { BybitKey, BybitVenue } from './venue.ts';
import { type AccountListener, type AccountTopics, PRIVATE_TOPICS, plainTopic } from './ws-account.ts';
import type { DisconnectGuard } from './ws-dcp.ts';
import type { ClientFrame, UndecodableFrame } from './ws-frame.ts';
import { verifyWsLogin } from './ws-login.ts';
import {
	type CommandAnswer,
	checkLength,
	runCommand,
	type Session,
	type SessionStart,
	sendJson,
	type TopicSocket,
} from './ws-session.ts';

const LOGIN_FAILED_CLOSE = 1008;

/** What all private sockets of a venue share. */
export interface PrivateFloor {
	readonly venue: BybitVenue;
	readonly account: AccountTopics;
	readonly guard: DisconnectGuard;
}

export class PrivateSession implements Session, TopicSocket {
	readonly #floor: PrivateFloor;
	readonly #start: SessionStart;
	readonly #topics = new Set<string>();
	readonly #listener: AccountListener;
	#key: BybitKey | null = null;

	constructor(floor: PrivateFloor, start: SessionStart) {
		this.#floor = floor;
		this.#start = start;
		this.#listener = { peer: start.peer, topics: this.#topics };
	}

	receive(frame: ClientFrame | UndecodableFrame, nowMs: number): void {
		runCommand(this, frame, nowMs);
	}

	closed(nowMs: number): void {
		if (this.#key === null) return;
		const { accountId } = this.#key;
		this.#floor.account.leave(accountId, this.#listener);
		for (const topic of this.#topics) this.#floor.guard.lose(accountId, topic, { socket: this, nowMs });
		this.#topics.clear();
	}

	silenceMsMax(): number {
		return this.#start.activeMsMax;
	}

	closedBecause(): string | null {
		return this.#key === null ? 'Request not authorized' : null;
	}

	login(frame: ClientFrame, nowMs: number): void {
		const login = verifyWsLogin(this.#floor.venue, { args: frame.args, remote: this.#start.remote }, nowMs);
		// Who is logged in stays so, whatever a second attempt says.
		if (this.#key === null && login.kind === 'accepted') {
			this.#key = login.key;
			this.#floor.account.join(login.key.accountId, this.#listener);
		}
		if (this.#key !== null) {
			this.answer(frame, true, '');
			return;
		}
		this.answer(frame, false, 'Params Error');
		if (this.#floor.venue.options.closesAfterFailedLogin) this.#start.peer.close(LOGIN_FAILED_CLOSE, 'login failed');
	}

	subscribe(frame: ClientFrame, topics: readonly string[]): void {
		const problem = checkLength([...this.#topics, ...topics]);
		if (problem !== null) {
			this.answer(frame, false, problem);
			return;
		}
		const good: string[] = [];
		const bad: string[] = [];
		for (const topic of topics) (this.#takes(topic, good) ? good : bad).push(topic);
		for (const topic of good) {
			this.#topics.add(topic);
			if (this.#key !== null) this.#floor.guard.watch(this.#key.accountId, topic, this);
		}
		this.answer(frame, bad.length === 0, bad.length === 0 ? '' : partly(good, bad));
	}

	unsubscribe(frame: ClientFrame, topics: readonly string[]): void {
		for (const topic of topics) {
			if (this.#topics.delete(topic) && this.#key !== null) this.#floor.guard.release(this.#key.accountId, topic, this);
		}
		this.answer(frame, true, '');
	}

	ping(frame: ClientFrame, nowMs: number): void {
		const args = [String(nowMs)];
		const id = frame.id === null ? {} : { req_id: frame.id.text };
		sendJson(this.#start.peer, { ...id, op: 'pong', args, conn_id: this.#start.connId });
	}

	answer(frame: ClientFrame | null, success: boolean, text: string): void {
		const id = frame?.id ?? null;
		const answer: CommandAnswer = {
			success,
			ret_msg: text,
			op: frame?.op ?? '',
			conn_id: this.#start.connId,
			...(id === null ? {} : { req_id: id.text }),
		};
		sendJson(this.#start.peer, answer);
	}

	/** Both forms of one topic may not stand in one request. */
	#takes(topic: string, beside: readonly string[]): boolean {
		if (!PRIVATE_TOPICS.has(topic) || this.#topics.has(topic) || beside.includes(topic)) return false;
		const plain = plainTopic(topic);
		return !beside.some((other) => plainTopic(other) === plain && (other === plain) !== (topic === plain));
	}
}

function partly(good: readonly string[], bad: readonly string[]): string {
	return (
		'Batch subscription partially succeeded and partially failed.' +
		`Successful subscriptions are as follows:[${good.join(',')}]. ` +
		`Subscription to the following topics failed because the topic does not exist or there is a subscription conflict:[${bad.join(',')}].`
	);
}
