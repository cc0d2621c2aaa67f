/**
 * The private stream: our orders, executions, positions and balances on one connection, which logs in and subscribes.
 * What is told, and when it counts as up, is the business of the account feed behind it.
 *
 *   opened ─► login ─► topics ─► the feed reads the state ─► up
 *                └ refused: measure the clock again, connect again (F46)
 */
import type { Execution, OrderReport } from '../../domain/execution.ts';
import type { Instrument } from '../../domain/instrument.ts';
import type { TimeMs } from '../../domain/units.ts';
import type { EventSink } from '../../engine/ports.ts';
import { Session, type SessionHandler, type SessionState } from '../../network/session.ts';
import { Topics } from '../../network/topics.ts';
import type { Timer } from '../../ports/clock.ts';
import { AccountFeed } from '../wire/account-feed.ts';
import type { Behind } from '../wire/fill-watch.ts';
import type { InstrumentTable } from '../wire/instrument-table.ts';
import { isObject } from '../wire/plain-values.ts';
import type { StreamWatch } from '../wire/stream-note.ts';
import { type CoinRow, coinsOf, type PositionRow, readCoinRow, readPositionRow } from './account-rows.ts';
import type { FastFill, FundingPayment, PrivateSink } from './codec/frames.ts';
import { readExecutionRow } from './codec/plain-private.ts';
import { createPrivateDecoder } from './codec/scan-private.ts';
import { type Read, readPages } from './pages.ts';
import type { Credentials } from './sign.ts';
import { readSnapshot } from './snapshot.ts';
import { HANDSHAKE_TIMEOUT_MS, heartbeat, readAnswer, type SessionBasics, topicWire } from './socket-wire.ts';

export interface PrivateSocketParts extends SessionBasics {
	readonly venue: string;
	readonly url: string;
	readonly credentials: Pick<Credentials, 'apiKey' | 'sign'>;
	readonly venueNowMs: () => number;
	/** A login was refused, perhaps for its time: measure the clock again, then call back. */
	readonly resyncClock: (then: () => void) => void;
	readonly read: Read;
	/** All instruments, followed elsewhere. */
	readonly table: InstrumentTable;
	readonly instruments: () => readonly Instrument[];
	/** Executions before this are never asked for; without it, before the start. */
	readonly executionsSinceMs?: TimeMs;
	readonly sink: EventSink;
	readonly watch: StreamWatch;
}

const NAME = 'private';
const TOPICS = ['order', 'execution', 'position', 'wallet'] as const;
const HEARTBEAT = { everyMs: 2_000, deadlineMs: 3_000 };
/** From opening to logged in; a login that takes longer is no login. */
const LOGIN_MS_MAX = 5_000;
/** The venue only wants it to lie in the future. */
const LOGIN_LIFE_MS = 10_000;
/** Refusals of a topic on one connection; private topics are all needed, so another connection is tried then. */
const REFUSALS_MAX = 3;
const EXECUTIONS_A_PAGE = 100;

export class PrivateSocket implements SessionHandler, PrivateSink {
	readonly #parts: PrivateSocketParts;
	readonly #session: Session;
	readonly #topics: Topics;
	readonly #decoder: ReturnType<typeof createPrivateDecoder>;
	readonly #feed: AccountFeed;
	/** Counts openings and ends: what belongs to an older one is dropped. */
	#era = 0;
	#loginTimer: Timer | undefined;
	#refusals = 0;
	#requestCount = 0;
	/** The first is 0. */
	#modesRound = -1;

	constructor(parts: PrivateSocketParts) {
		this.#parts = parts;
		const { clock, rng, read, table } = parts;
		this.#decoder = createPrivateDecoder(table);
		this.#feed = new AccountFeed({
			...parts,
			readState: ({ executionsSinceMs, isCensus }, heard) => {
				if (isCensus) this.#modesRound += 1;
				const modesRound = isCensus ? this.#modesRound : undefined;
				readSnapshot({ read, table, instruments: parts.instruments(), executionsSinceMs, modesRound }, heard);
			},
			readFills: (behind, heard) => this.#readFills(behind, heard),
		});
		this.#session = new Session({
			...parts,
			// A large flush makes hundreds of news, and the answers to its last calls are worth more.
			target: () => ({ url: parts.url, handshakeTimeoutMs: HANDSHAKE_TIMEOUT_MS, givesWay: true }),
			heartbeat: heartbeat(HEARTBEAT),
			handler: this,
		});
		this.#topics = new Topics({
			clock,
			rng,
			wire: topicWire('private'),
			handler: {
				asked: () => undefined,
				refused: (topic, message) => this.#applyRefusal(topic, message),
				completed: () => this.#feed.connected(),
				unanswered: (topics) => this.#session.drop(`no answer about ${topics.join(', ')}`),
			},
		});
		this.#topics.want(TOPICS);
	}

	start(): void {
		this.#feed.start();
		this.#session.start();
	}

	stop(): void {
		this.#end();
		this.#session.stop();
	}

	/** The state is read once more, and told as a census, or as half of one where it cannot be. */
	takeCensus(): void {
		this.#feed.takeCensus();
	}

	get isUp(): boolean {
		return this.#feed.isUp;
	}

	opened(send: (text: string) => boolean): void {
		this.#era += 1;
		this.#refusals = 0;
		this.#feed.connecting();
		this.#topics.disconnected();
		const { credentials, venueNowMs, clock } = this.#parts;
		const expiresAtMs = Math.floor(venueNowMs()) + LOGIN_LIFE_MS;
		const signature = credentials.sign(`GET/realtime${expiresAtMs}`);
		this.#requestCount += 1;
		const args = [credentials.apiKey, expiresAtMs, signature];
		send(JSON.stringify({ req_id: `login-${this.#requestCount}`, op: 'auth', args }));
		this.#loginTimer?.cancel();
		this.#loginTimer = clock.after(LOGIN_MS_MAX, () => this.#session.drop('no login'));
	}

	received(frame: Uint8Array): void {
		const decoded = this.#decoder.decode(frame, this);
		if (typeof decoded === 'string') return;
		const { reason, where, instrument } = decoded;
		this.#parts.watch({ kind: 'badFrame', socket: NAME, reason, where, instrument: instrument?.id });
		this.#feed.missed();
	}

	down(): void {
		this.#end();
	}

	stateChanged(state: SessionState, reason: string): void {
		this.#parts.watch({ kind: 'session', socket: NAME, state, reason });
	}

	order(report: OrderReport): void {
		this.#feed.order(report);
	}

	execution(execution: Execution): void {
		this.#feed.execution(execution);
	}

	/** Early and without a fee: the full one is booked, this one is not subscribed to. */
	fastFill(_fill: FastFill): void {}

	funding(payment: FundingPayment): void {
		this.#feed.funding(payment);
	}

	unbooked(): void {
		this.#feed.missed();
	}

	unlisted(): void {}

	other(message: unknown): void {
		const answer = readAnswer(message);
		if (answer === undefined) this.#applyAccount(message);
		else if (answer.kind === 'topics') this.#topics.applyAnswer(answer.requestId, answer.answer);
		else if (answer.kind === 'login') this.#applyLogin(answer.isDone, answer.message);
	}

	#applyLogin(isDone: boolean, message: string): void {
		if (isDone) {
			this.#loginTimer?.cancel();
			// A second answer to one login changes nothing.
			if (this.#topics.isConnected) return;
			this.#topics.connected((text) => this.#session.send(text));
			return;
		}
		this.#parts.watch({ kind: 'loginRefused', message });
		// The answer does not say why. A clock that is off is the one reason that we can do something about.
		const era = this.#era;
		this.#parts.resyncClock(() => {
			if (era === this.#era) this.#session.drop('login refused');
		});
	}

	#applyRefusal(topic: string, message: string): void {
		this.#parts.watch({ kind: 'topicRefused', socket: NAME, topic, message });
		this.#refusals += 1;
		if (this.#refusals >= REFUSALS_MAX) this.#session.drop(`${topic} is refused`);
	}

	#applyAccount(message: unknown): void {
		if (!isObject(message) || !Array.isArray(message['data'])) return;
		const { topic } = message;
		for (const row of message['data'] as readonly unknown[]) {
			if (topic === 'position') this.#applyPosition(readPositionRow(row, { instruments: this.#parts.table }));
			if (topic === 'wallet') for (const coin of coinsOf(row) ?? [undefined]) this.#applyCoin(readCoinRow(coin));
		}
	}

	#applyPosition(read: PositionRow | 'unlisted' | 'bad'): void {
		if (read === 'bad') this.#noteBad('position');
		else if (read !== 'unlisted') this.#feed.position(read);
	}

	#applyCoin(read: CoinRow | 'bad'): void {
		if (read === 'bad') this.#noteBad('wallet');
		else this.#feed.coin(read);
	}

	#noteBad(where: string): void {
		this.#parts.watch({ kind: 'badFrame', socket: NAME, reason: 'missing', where, instrument: undefined });
		this.#feed.missed();
	}

	#readFills({ instrument, venueOrderId }: Behind, heard: (executions: readonly Execution[]) => void): void {
		const { read, table } = this.#parts;
		const { category } = instrument;
		const params = { category, orderId: venueOrderId };
		readPages(read, { path: '/v5/execution/list', params, limit: EXECUTIONS_A_PAGE }, (pages) => {
			if (pages.kind !== 'complete') return;
			const found = pages.rows.map((row) => readExecutionRow(row, { instruments: table, category }));
			heard(found.flatMap((each) => (each.kind === 'execution' ? [each.execution] : [])));
		});
	}

	#end(): void {
		this.#era += 1;
		this.#loginTimer?.cancel();
		this.#topics.disconnected();
		this.#feed.lost();
	}
}
