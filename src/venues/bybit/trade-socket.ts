/**
 * Bybit's words on the socket that takes orders (wire/order-socket.ts): each socket logs on, and then each request bears an
 * id and a time stamp of its own.
 */
import type { EventSink } from '../../engine/ports.ts';
import { OrderSocket } from '../wire/order-socket.ts';
import { isObject } from '../wire/plain-values.ts';
import type { VenueClock } from '../wire/venue-clock.ts';
import { venueText } from '../wire/verdict.ts';
import { verdictOf } from './errors.ts';
import type { OrderOp } from './order-wire.ts';
import { codeOf, limitsOf, type RestAnswer } from './rest-answer.ts';
import type { Credentials } from './sign.ts';
import { heartbeat, type SessionBasics } from './socket-wire.ts';

export interface TradeSocketParts extends SessionBasics {
	readonly venue: string;
	readonly url: string;
	readonly credentials: Credentials;
	readonly venueClock: Pick<VenueClock, 'venueNowMs' | 'remeasure'>;
	readonly recvWindowMs: number;
	/** From sending to the answer. */
	readonly timeoutMs: number;
	/** Hears when orders can be sent this way, and when no longer. */
	readonly sink: EventSink;
}

/** A login expires so long after it was signed. */
const LOGIN_LIFE_MS = 10_000;
const PACE = { everyMs: 2_000, deadlineMs: 3_000 };

const OK = 0;
const LOGGED_IN_ALREADY = 20001;
const NOT_LOGGED_IN = 10003;
const RESTARTING = 10019;
const REPEATED_ID = 20006;

export class TradeSocket {
	readonly #parts: TradeSocketParts;
	readonly #socket: OrderSocket<RestAnswer>;

	constructor(parts: TradeSocketParts) {
		this.#parts = parts;
		this.#socket = new OrderSocket({
			...parts,
			heartbeat: heartbeat(PACE),
			logOn: () => this.#login(),
			received: (frame) => this.#received(frame),
		});
	}

	get isUp(): boolean {
		return this.#socket.isUp;
	}

	start(): void {
		this.#socket.start();
	}

	/** Requests that are still open are heard as lost. */
	stop(): void {
		this.#socket.stop();
	}

	/** False when nothing was sent; otherwise heard exactly once, never from inside of this call. */
	send(op: OrderOp, args: string, heard: (answer: RestAnswer) => void): boolean {
		const { venueClock, recvWindowMs } = this.#parts;
		const timestampMs = venueClock.venueNowMs();
		const header = `{"X-BAPI-TIMESTAMP":"${timestampMs}","X-BAPI-RECV-WINDOW":"${recvWindowMs}"}`;
		return this.#socket.send((id) => `{"reqId":"${id}","header":${header},"op":"${op}","args":[${args}]}`, {
			heard,
			mayLandUntilMs: timestampMs + recvWindowMs,
		});
	}

	#login(): string {
		const { credentials, venueClock } = this.#parts;
		const expiresAtMs = venueClock.venueNowMs() + LOGIN_LIFE_MS;
		const signature = credentials.sign(`GET/realtime${expiresAtMs}`);
		return JSON.stringify({ reqId: 'login', op: 'auth', args: [credentials.apiKey, expiresAtMs, signature] });
	}

	#received(frame: Uint8Array): void {
		const message = parse(frame);
		if (message === undefined) return;
		const { op, reqId } = message;
		const code = codeOf(message['retCode']);
		if (op === 'auth') return this.#applyLogin(code);
		if (typeof op === 'string' && !op.startsWith('order.') && code !== RESTARTING) return;
		// Some refusals leave out whose they are. We are not wanted here; each request waits for its deadline.
		if (reqId === undefined && code !== undefined && code !== OK) return this.#socket.leave();
		if (code === REPEATED_ID && this.#socket.isPending(reqId)) return this.#socket.drop('the venue saw a request id twice');
		const isAwaited = this.#socket.answer(reqId, (mayLandUntilMs) => answerOf(message, code, mayLandUntilMs));
		if (isAwaited && (code === RESTARTING || code === NOT_LOGGED_IN)) this.#socket.leave();
	}

	#applyLogin(code: number | undefined): void {
		if (code === OK || code === LOGGED_IN_ALREADY) this.#socket.loggedOn();
		else this.#socket.logOnRefused(`login refused with code ${code}`);
	}
}

type Message = Readonly<Record<string, unknown>>;

function parse(frame: Uint8Array): Message | undefined {
	try {
		const message: unknown = JSON.parse(Buffer.from(frame.buffer, frame.byteOffset, frame.byteLength).toString('utf8'));
		return isObject(message) ? message : undefined;
	} catch (error) {
		if (error instanceof SyntaxError) return undefined;
		throw error;
	}
}

function answerOf(message: Message, code: number | undefined, mayLandUntilMs: number): RestAnswer {
	const { data, retExtInfo, retMsg, header } = message;
	const headerText = (name: string): string | undefined => {
		const value = isObject(header) ? header[name] : undefined;
		return typeof value === 'string' ? value : undefined;
	};
	const limits = limitsOf((name) => headerText(HEADER_NAMES[name] ?? name));
	if (code === undefined) {
		const verdict = verdictOf(Number.NaN, '', 'order');
		return { kind: 'unreadable', status: 0, detail: 'an answer without a code', verdict, mayLandUntilMs };
	}
	if (code === OK) {
		const venueAtMs = msOf(headerText('Timenow'));
		return { kind: 'ok', result: data, ext: retExtInfo, venueAtMs, limits };
	}
	const text = typeof retMsg === 'string' ? venueText(retMsg) : '';
	const verdict = verdictOf(code, text, 'order');
	return { kind: 'refused', code, message: text, verdict, isBan: false, limits, mayLandUntilMs };
}

/** On this socket names keep their capitals, which in HTTP do not matter. */
const HEADER_NAMES: Readonly<Record<string, string>> = {
	'x-bapi-limit': 'X-Bapi-Limit',
	'x-bapi-limit-status': 'X-Bapi-Limit-Status',
	'x-bapi-limit-reset-timestamp': 'X-Bapi-Limit-Reset-Timestamp',
};

function msOf(text: string | undefined): number | undefined {
	return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}
