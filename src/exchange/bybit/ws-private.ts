/**
 * The socket on which an account hears of its orders, fills, positions and money: login first, then topics. A partly
 * bad subscription is partly done and answered with a failure that says which part. Nothing is sent at the start of a
 * topic: the state is read by REST.
 */
import type { BybitKey, BybitVenue } from './venue.ts';
import { type AccountListener, type AccountTopics, PRIVATE_TOPICS, plainTopic } from './ws-account.ts';
import type { ClientFrame, UndecodableFrame } from './ws-frame.ts';
import { verifyWsLogin } from './ws-login.ts';
import {
	type CommandAnswer,
	lengthOf,
	type Session,
	type SessionStart,
	sendJson,
	TOPICS_LENGTH_MAX,
	topicsOf,
} from './ws-session.ts';

const LOGIN_FAILED_CLOSE = 1008;

export class PrivateSession implements Session {
	readonly #venue: BybitVenue;
	readonly #account: AccountTopics;
	readonly #start: SessionStart;
	readonly #topics = new Set<string>();
	readonly #listener: AccountListener;
	#key: BybitKey | null = null;

	constructor(venue: BybitVenue, account: AccountTopics, start: SessionStart) {
		this.#venue = venue;
		this.#account = account;
		this.#start = start;
		this.#listener = { peer: start.peer, topics: this.#topics };
	}

	receive(frame: ClientFrame | UndecodableFrame, nowMs: number): void {
		if (frame.kind === 'undecodable') {
			this.#answer(null, false, `Failed to decode incoming data: ${frame.reason}`);
			return;
		}
		switch (frame.op) {
			case 'ping':
				this.#pong(frame, nowMs);
				return;
			case 'pong':
				return;
			case 'auth':
				this.#login(frame, nowMs);
				return;
			case 'subscribe':
				this.#subscribe(frame);
				return;
			case 'unsubscribe':
				this.#unsubscribe(frame);
				return;
			default:
				this.#answer(frame, false, 'error:invalid op');
		}
	}

	closed(): void {
		if (this.#key !== null) this.#account.leave(this.#key.accountId, this.#listener);
		this.#topics.clear();
	}

	silenceMsMax(): number {
		return this.#start.activeMsMax;
	}

	#login(frame: ClientFrame, nowMs: number): void {
		const login = verifyWsLogin(this.#venue, frame.args, nowMs);
		// Who is logged in stays so, whatever a second attempt says.
		if (this.#key === null && login.kind === 'accepted') {
			this.#key = login.key;
			this.#account.join(login.key.accountId, this.#listener);
		}
		if (this.#key !== null) {
			this.#answer(frame, true, '');
			return;
		}
		this.#answer(frame, false, 'Params Error');
		if (this.#venue.options.closesAfterFailedLogin) this.#start.peer.close(LOGIN_FAILED_CLOSE, 'login failed');
	}

	#subscribe(frame: ClientFrame): void {
		const topics = this.#requested(frame);
		if (topics === null) return;
		if (lengthOf(this.#topics) + lengthOf(topics) > TOPICS_LENGTH_MAX) {
			this.#answer(frame, false, `error:args length >${TOPICS_LENGTH_MAX}`);
			return;
		}
		const good: string[] = [];
		const bad: string[] = [];
		for (const topic of topics) (this.#takes(topic, good) ? good : bad).push(topic);
		for (const topic of good) this.#topics.add(topic);
		this.#answer(frame, bad.length === 0, bad.length === 0 ? '' : partly(good, bad));
	}

	#unsubscribe(frame: ClientFrame): void {
		const topics = this.#requested(frame);
		if (topics === null) return;
		for (const topic of topics) this.#topics.delete(topic);
		this.#answer(frame, true, '');
	}

	/** The topics of a request from somebody logged in; anything else is answered here. */
	#requested(frame: ClientFrame): readonly string[] | null {
		const topics = topicsOf(frame);
		if (this.#key === null) this.#answer(frame, false, 'Request not authorized');
		else if (topics === null) this.#answer(frame, false, 'error:args invalid');
		else return topics;
		return null;
	}

	/** Both forms of one topic may not stand in one request. */
	#takes(topic: string, beside: readonly string[]): boolean {
		if (!PRIVATE_TOPICS.has(topic) || this.#topics.has(topic) || beside.includes(topic)) return false;
		const plain = plainTopic(topic);
		return !beside.some((other) => plainTopic(other) === plain && (other === plain) !== (topic === plain));
	}

	#pong(frame: ClientFrame, nowMs: number): void {
		const args = [String(nowMs)];
		const id = frame.id === null ? {} : { req_id: frame.id.text };
		sendJson(this.#start.peer, { ...id, op: 'pong', args, conn_id: this.#start.connId });
	}

	#answer(frame: ClientFrame | null, success: boolean, text: string): void {
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
}

function partly(good: readonly string[], bad: readonly string[]): string {
	return (
		'Batch subscription partially succeeded and partially failed.' +
		`Successful subscriptions are as follows:[${good.join(',')}]. ` +
		`Subscription to the following topics failed because the topic does not exist or there is a subscription conflict:[${bad.join(',')}].`
	);
}
