/**
 * The order entry socket: login, then one order operation a frame, answered by its `reqId` with the same codes as REST
 * and with the rate limit in a header. The answer only says that the request was taken in. Refusals of the socket
 * itself never reach the exchange.
 */
import { checkTime, NOT_PERMITTED, WRONG_ADDRESS } from './auth.ts';
import { params, Refusal } from './codes.ts';
import type { LimitedAnswer } from './limited-entry.ts';
import type { OrderOperation } from './operations.ts';
import { refusedAnswer } from './order-entry.ts';
import { RollingWindow } from './rate-limits.ts';
import type { BybitKey, BybitVenue } from './venue.ts';
import { type ClientFrame, echo, type FrameId, isRecord, type UndecodableFrame } from './ws-frame.ts';
import { type LoginFailure, verifyWsLogin } from './ws-login.ts';
import { type Session, type SessionStart, sendJson } from './ws-session.ts';

/** Order entry behind its rate limits; handed in, so that this socket can be tested without the rest. */
export type RunLimited = (
	venue: BybitVenue,
	operation: OrderOperation,
	request: { readonly key: BybitKey; readonly body: unknown; readonly nowMs: number },
) => LimitedAnswer;

const OPERATIONS: ReadonlyMap<string, OrderOperation> = new Map(
	(['order.create', 'order.amend', 'order.cancel', 'order.create-batch', 'order.amend-batch', 'order.cancel-batch'] as const).map(
		(operation) => [operation, operation],
	),
);

const OK = new Refusal(0, 'OK');
const LOGGED_IN_ALREADY = new Refusal(20001, 'Repeat auth');
const LOGIN_REFUSALS: Record<LoginFailure, Refusal> = {
	malformed: new Refusal(10001, 'Params Error'),
	expired: new Refusal(10001, 'Params Error: request expired'),
	'unknown-key': new Refusal(10003, 'API key is invalid.'),
	'bad-signature': new Refusal(10004, 'Error sign, please check your signature generation algorithm.'),
	'wrong-address': WRONG_ADDRESS,
};
const NOT_LOGGED_IN = new Refusal(10003, 'API key is invalid: not logged in.');
const UNKNOWN_OP = new Refusal(10404, '');
const TOO_MANY_OF_ADDRESS = new Refusal(10403, 'Exceeded the IP rate limit.');
const REPEATED_ID = new Refusal(20006, 'Duplicate reqId');

const REQ_ID_LENGTH_MAX = 36;
/** Ids remembered for one connection; the oldest are forgotten first. */
const REQ_IDS_KEPT = 20_000;
const LOGIN_FAILED_CLOSE = 1008;
const ADDRESS_PER_SEC = 3_000;
const ADDRESSES_KEPT = 10_000;
const TRACE_ID_LENGTH = 32;

/** What all order entry sockets share: the limit by address and the numbers of the answers. */
export class TradeFloor {
	readonly venue: BybitVenue;
	readonly run: RunLimited;
	readonly #addresses = new Map<string, RollingWindow>();
	#answerCount = 0;

	constructor(venue: BybitVenue, run: RunLimited) {
		this.venue = venue;
		this.run = run;
	}

	admits(remote: string, nowMs: number): boolean {
		let window = this.#addresses.get(remote);
		if (window === undefined) {
			if (this.#addresses.size >= ADDRESSES_KEPT) this.#addresses.clear();
			window = new RollingWindow(ADDRESS_PER_SEC * this.venue.options.limitFactor, 1_000);
			this.#addresses.set(remote, window);
		}
		return window.take(1, 1, nowMs) === 1;
	}

	nextTraceId(): string {
		this.#answerCount += 1;
		return this.#answerCount.toString(16).padStart(TRACE_ID_LENGTH, '0');
	}
}

export class TradeSession implements Session {
	readonly #floor: TradeFloor;
	readonly #start: SessionStart;
	readonly #seenIds = new Set<string>();
	#apiKey: string | null = null;

	constructor(floor: TradeFloor, start: SessionStart) {
		this.#floor = floor;
		this.#start = start;
	}

	receive(frame: ClientFrame | UndecodableFrame, nowMs: number): void {
		if (frame.kind === 'undecodable') {
			this.#say(null, '', params(`not decodable: ${frame.reason}`));
			return;
		}
		const operation = OPERATIONS.get(frame.op);
		// A batch is answered first, and then the streams tell of it: the answer only says that it was taken in.
		if (operation?.endsWith('-batch')) this.#floor.venue.inBatch(() => this.#order(frame, operation, nowMs));
		else if (operation !== undefined) this.#order(frame, operation, nowMs);
		else if (frame.op === 'auth') this.#login(frame, nowMs);
		else if (frame.op === 'ping') this.#pong(frame, nowMs);
		else if (frame.op !== 'pong') this.#say(frame.id, frame.op, UNKNOWN_OP);
	}

	closed(): void {
		this.#seenIds.clear();
	}

	silenceMsMax(): number {
		return this.#start.activeMsMax;
	}

	#login(frame: ClientFrame, nowMs: number): void {
		// Some clients log in twice back to back: the second attempt changes nothing.
		if (this.#apiKey !== null) {
			this.#say(frame.id, 'auth', LOGGED_IN_ALREADY);
			return;
		}
		const login = verifyWsLogin(this.#floor.venue, { args: frame.args, remote: this.#start.remote }, nowMs);
		if (login.kind === 'accepted') {
			this.#apiKey = login.key.apiKey;
			this.#say(frame.id, 'auth', OK);
			return;
		}
		this.#say(frame.id, 'auth', LOGIN_REFUSALS[login.reason]);
		if (this.#floor.venue.options.closesAfterFailedLogin) this.#start.peer.close(LOGIN_FAILED_CLOSE, 'login failed');
	}

	#order(frame: ClientFrame, operation: OrderOperation, nowMs: number): void {
		const request = this.#check(frame, nowMs);
		const { answer, headers } =
			request instanceof Refusal
				? { answer: refusedAnswer(request), headers: {} }
				: this.#floor.run(this.#floor.venue, operation, { ...request, nowMs });
		const { retCode, retMsg, result, retExtInfo } = answer;
		sendJson(this.#start.peer, {
			...echo(frame.id),
			retCode,
			retMsg,
			op: operation,
			data: result ?? {},
			retExtInfo,
			header: { ...headers, Traceid: this.#floor.nextTraceId(), Timenow: String(nowMs) },
			connId: this.#start.connId,
		});
	}

	/** Everything about a request that does not concern its order. */
	#check(frame: ClientFrame, nowMs: number): { readonly key: BybitKey; readonly body: unknown } | Refusal {
		if (!this.#floor.admits(this.#start.remote, nowMs)) return TOO_MANY_OF_ADDRESS;
		const key = this.#apiKey === null ? undefined : this.#floor.venue.key(this.#apiKey);
		if (key === undefined) return NOT_LOGGED_IN;
		if (key.rights.readOnly) return NOT_PERMITTED;
		const stale = checkHeader(frame.header, nowMs);
		if (stale !== null) return stale;
		const [body, ...more] = frame.args ?? [];
		if (!isRecord(body) || more.length > 0) return params('args must be a list of one object');
		return this.#checkId(frame.id) ?? { key, body };
	}

	#checkId(id: FrameId | null): Refusal | null {
		if (id === null) return null;
		if (id.text.length > REQ_ID_LENGTH_MAX) return params(`reqId must have at most ${REQ_ID_LENGTH_MAX} characters`);
		if (this.#seenIds.has(id.text)) return REPEATED_ID;
		if (this.#seenIds.size >= REQ_IDS_KEPT) {
			const [oldest] = this.#seenIds;
			if (oldest !== undefined) this.#seenIds.delete(oldest);
		}
		this.#seenIds.add(id.text);
		return null;
	}

	#pong(frame: ClientFrame, nowMs: number): void {
		const { connId, peer } = this.#start;
		sendJson(peer, { ...echo(frame.id), retCode: 0, retMsg: 'OK', op: 'pong', data: [String(nowMs)], connId });
	}

	#say(id: FrameId | null, op: string, { retCode, retMsg }: Refusal): void {
		sendJson(this.#start.peer, { ...echo(id), retCode, retMsg, op, connId: this.#start.connId });
	}
}

function checkHeader(header: Readonly<Record<string, unknown>>, nowMs: number): Refusal | null {
	const timestamp = header['X-BAPI-TIMESTAMP'];
	const window = header['X-BAPI-RECV-WINDOW'] ?? '';
	if (typeof timestamp !== 'string') return params('X-BAPI-TIMESTAMP is required');
	if (typeof window !== 'string') return params('X-BAPI-RECV-WINDOW must be a string');
	return checkTime(timestamp, window, nowMs);
}
