/**
 * The private stream: our orders, executions, positions and balances, as events. It counts as up only when it is logged
 * in, all topics are confirmed and the state was read whole over REST behind that, so that nothing fell between (F20);
 * it is down the moment its socket is. Everything it tells may come twice or late: facts are folded by id and version.
 *
 *   opened ─► login ─► topics ─► snapshot ─► up
 *                └ refused: measure the clock again, connect again (F46)
 */
import type { CensusEvent, EngineEvent } from '../../domain/event.ts';
import type { Execution, OrderReport } from '../../domain/execution.ts';
import type { Instrument } from '../../domain/instrument.ts';
import { type MonoMs, type TimeMs, timeMs } from '../../domain/units.ts';
import type { EventSink } from '../../engine/ports.ts';
import { fullJitterMs } from '../../network/reconnect.ts';
import { Session, type SessionHandler, type SessionState } from '../../network/session.ts';
import { Topics } from '../../network/topics.ts';
import type { Timer } from '../../ports/clock.ts';
import { type CoinRow, coinsOf, type PositionRow, readCoinRow, readPositionRow } from './account-rows.ts';
import type { FastFill, FundingPayment, PrivateSink } from './codec/frames.ts';
import type { InstrumentTable } from './codec/instrument-table.ts';
import { isObject } from './codec/plain.ts';
import { readExecutionRow } from './codec/plain-private.ts';
import { createPrivateDecoder } from './codec/scan-private.ts';
import { type Behind, FillWatch } from './fill-watch.ts';
import { type Read, readPages } from './pages.ts';
import type { Credentials } from './sign.ts';
import { readSnapshot, type Snapshot } from './snapshot.ts';
import { HANDSHAKE_TIMEOUT_MS, heartbeat, readAnswer, type SessionBasics, topicWire } from './socket-wire.ts';
import type { StreamWatch } from './stream-note.ts';

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
/** Fills may be told late and out of order; what we have seen before the last one may not be all (F20). */
const LOOK_BACK_MS = 60_000;
const SNAPSHOT_RETRY = { baseDelayMs: 500, maxDelayMs: 30_000 };
/** However much is unreadable, the state is not read more often than this. */
const SNAPSHOT_EVERY_MS = 1_000;
const FILL_LOOK_MS = 250;
const EXECUTIONS_A_PAGE = 100;

export class PrivateSocket implements SessionHandler, PrivateSink {
	readonly #parts: PrivateSocketParts;
	readonly #session: Session;
	readonly #topics: Topics;
	readonly #decoder: ReturnType<typeof createPrivateDecoder>;
	readonly #fills = new FillWatch();
	/** Told by the stream since the snapshot was asked for: newer than what it will say. */
	readonly #newer = new Set<string>();
	#isUp = false;
	#wasEverUp = false;
	/** Counts openings and ends: what belongs to an older one is dropped. */
	#era = 0;
	#loginTimer: Timer | undefined;
	#snapshotTimer: Timer | undefined;
	#fillTimer: Timer | undefined;
	#snapshot: 'none' | 'reading' | 'resting' = 'none';
	/** Something was missed since the last reading began. */
	#isStateOld = false;
	#snapshotFailures = 0;
	#refusals = 0;
	#sinceMs: number;
	/** The newest execution that was told, by the venue's clock. */
	#lastExecutedAtMs = 0;
	#requestCount = 0;
	#isCensusAsked = false;
	#readingSinceMono = 0;

	constructor(parts: PrivateSocketParts) {
		this.#parts = parts;
		const { clock, rng } = parts;
		this.#decoder = createPrivateDecoder(parts.table);
		this.#sinceMs = parts.executionsSinceMs ?? 0;
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
				completed: () => this.#readState(),
				unanswered: (topics) => this.#session.drop(`no answer about ${topics.join(', ')}`),
			},
		});
		this.#topics.want(TOPICS);
	}

	start(): void {
		this.#sinceMs ||= this.#parts.venueNowMs();
		this.#tellStream(false);
		this.#session.start();
	}

	stop(): void {
		this.#end();
		this.#session.stop();
	}

	/** The state is read once more, and told as a census, or as half of one where it cannot be. */
	takeCensus(): void {
		if (this.#isCensusAsked) return;
		this.#isCensusAsked = true;
		if (this.#topics.isComplete) this.#readState();
		else this.#parts.clock.after(0, () => this.#tellNoCensus());
	}

	get isUp(): boolean {
		return this.#isUp;
	}

	opened(send: (text: string) => boolean): void {
		this.#era += 1;
		this.#refusals = 0;
		this.#snapshot = 'none';
		this.#snapshotTimer?.cancel();
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
		this.#readState();
	}

	down(): void {
		this.#end();
	}

	stateChanged(state: SessionState, reason: string): void {
		this.#parts.watch({ kind: 'session', socket: NAME, state, reason });
	}

	order(report: OrderReport): void {
		this.#tell({ kind: 'orderReport', report });
		this.#fills.applyReport(report, this.#parts.clock.monotonicMs());
		this.#lookAtFills();
	}

	execution(execution: Execution): void {
		this.#lastExecutedAtMs = Math.max(this.#lastExecutedAtMs, execution.tradedAtMs);
		this.#fills.applyExecution(execution, this.#parts.clock.monotonicMs());
		this.#tell({ kind: 'execution', execution });
	}

	/** Early and without a fee: the full one is booked, this one is not subscribed to. */
	fastFill(_fill: FastFill): void {}

	funding({ instrument, ...payment }: FundingPayment): void {
		this.#tell({ kind: 'funding', instrument: instrument.index, ...payment });
	}

	unbooked(): void {
		this.#readState();
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
		if (read === 'unlisted') return;
		if (read === 'bad') return this.#noteBad('position');
		this.#newer.add(`position ${read.instrument.index}`);
		this.#tellPosition(read);
	}

	#applyCoin(read: CoinRow | 'bad'): void {
		if (read === 'bad') return this.#noteBad('wallet');
		this.#newer.add(`coin ${read.currency}`);
		this.#tellCoin(read);
	}

	#noteBad(where: string): void {
		this.#parts.watch({ kind: 'badFrame', socket: NAME, reason: 'missing', where, instrument: undefined });
		this.#readState();
	}

	/** What was missed, or could not be read, is in the state. */
	#readState(): void {
		if (!this.#topics.isComplete) return;
		this.#isStateOld = true;
		if (this.#snapshot === 'none') this.#readStateNow();
	}

	#readStateNow(): void {
		const { read, table, instruments } = this.#parts;
		const era = this.#era;
		this.#snapshot = 'reading';
		this.#isStateOld = false;
		this.#readingSinceMono = this.#parts.clock.monotonicMs();
		this.#newer.clear();
		const executionsSinceMs = timeMs(Math.floor(Math.max(this.#sinceMs, this.#lastExecutedAtMs - LOOK_BACK_MS)));
		readSnapshot({ read, table, instruments: instruments(), executionsSinceMs }, (answer) => {
			if (era !== this.#era) return;
			if (answer.kind === 'complete') this.#applySnapshot(answer.snapshot);
			else this.#applyFailure(answer.detail);
			if (era === this.#era) this.#rest();
		});
	}

	#applyFailure(detail: string): void {
		this.#snapshotFailures += 1;
		this.#isStateOld = true;
		this.#parts.watch({ kind: 'snapshotFailed', detail });
		this.#tellNoCensus();
	}

	/** After each reading a pause, then again if it is needed. */
	#rest(): void {
		const { clock, rng } = this.#parts;
		const failures = this.#snapshotFailures;
		this.#snapshot = 'resting';
		this.#snapshotTimer = clock.after(failures === 0 ? SNAPSHOT_EVERY_MS : fullJitterMs(rng, SNAPSHOT_RETRY, failures), () => {
			this.#snapshot = 'none';
			if (this.#isStateOld) this.#readState();
		});
	}

	#applySnapshot({ executions, fundings, orders, positions, coins, skipped }: Snapshot): void {
		this.#snapshotFailures = 0;
		for (const execution of executions) this.execution(execution);
		for (const payment of fundings) this.funding(payment);
		for (const report of orders) {
			// Fills from before our time are not asked for; later ones of the same order are.
			if (!this.#wasEverUp) this.#fills.applyOpening(report);
			this.order(report);
		}
		for (const row of positions) if (!this.#newer.has(`position ${row.instrument.index}`)) this.#tellPosition(row);
		for (const row of coins) if (!this.#newer.has(`coin ${row.currency}`)) this.#tellCoin(row);
		for (const where of skipped) {
			this.#parts.watch({ kind: 'badFrame', socket: 'snapshot', reason: 'missing', where, instrument: undefined });
		}
		this.#tellCensus({ orders, positions: positions.map(positionOf) });
		if (this.#isUp) return;
		this.#isUp = true;
		this.#wasEverUp = true;
		this.#tellStream(true);
	}

	#lookAtFills(): void {
		if (!this.#fills.isWaiting || this.#fillTimer !== undefined) return;
		const { clock } = this.#parts;
		this.#fillTimer = clock.after(FILL_LOOK_MS, () => {
			this.#fillTimer = undefined;
			// While it is down the next snapshot will tell.
			if (this.#isUp) for (const behind of this.#fills.due(clock.monotonicMs())) this.#fetchFills(behind);
			this.#lookAtFills();
		});
	}

	#fetchFills({ instrument, venueOrderId }: Behind): void {
		const { read, table } = this.#parts;
		const { category } = instrument;
		const params = { category, orderId: venueOrderId };
		const era = this.#era;
		readPages(read, { path: '/v5/execution/list', params, limit: EXECUTIONS_A_PAGE }, (pages) => {
			if (era !== this.#era || pages.kind !== 'complete') return;
			for (const row of pages.rows) {
				const found = readExecutionRow(row, { instruments: table, category });
				if (found.kind === 'execution') this.execution(found.execution);
			}
		});
	}

	#end(): void {
		this.#era += 1;
		this.#snapshot = 'none';
		this.#loginTimer?.cancel();
		this.#snapshotTimer?.cancel();
		this.#fillTimer?.cancel();
		this.#fillTimer = undefined;
		this.#topics.disconnected();
		this.#tellNoCensus();
		if (!this.#isUp) return;
		this.#isUp = false;
		this.#tellStream(false);
	}

	#tellPosition({ instrument, positionLotsSigned }: PositionRow): void {
		this.#tell({ kind: 'position', instrument: instrument.index, positionLotsSigned });
	}

	#tellCoin(row: CoinRow): void {
		this.#tell({ kind: 'balance', venue: this.#parts.venue, ...row });
	}

	#tellCensus(found: NonNullable<CensusEvent['found']> | undefined): void {
		this.#isCensusAsked = false;
		const beganAtMono = this.#readingSinceMono as MonoMs;
		this.#tell({ kind: 'census', venue: this.#parts.venue, beganAtMono, found });
	}

	/** Whoever asked hears that there is none. */
	#tellNoCensus(): void {
		if (this.#isCensusAsked) this.#tellCensus(undefined);
	}

	#tellStream(up: boolean): void {
		this.#tell({ kind: 'stream', venue: this.#parts.venue, stream: 'private', up });
	}

	#tell(fact: WithoutTime<EngineEvent>): void {
		const { clock, sink } = this.#parts;
		sink({ ...fact, wallMs: clock.wallMs() as TimeMs, monoMs: clock.monotonicMs() as MonoMs });
	}
}

type WithoutTime<Event> = Event extends EngineEvent ? Omit<Event, 'wallMs' | 'monoMs'> : never;

function positionOf({ instrument, positionLotsSigned }: PositionRow) {
	return { instrument: instrument.index, positionLotsSigned };
}
