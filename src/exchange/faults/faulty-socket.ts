/**
 * Stands between one client's socket and the façade: to the façade it is the peer, to the carrier the connection. Lets
 * sockets die, requests and replies of the trade socket get lost, logins and subscriptions be refused; what the venue
 * pushes goes through `faulty-stream.ts`.
 *
 * A socket that dies without a closing handshake is closed with the code 1006, which no frame may carry: a carrier
 * that reads it tears the connection down instead.
 */
import type { Connection, Peer } from '../facade.ts';
import { delayOf, type FaultContext, hasEffect } from './context.ts';
import type { ClientFrame } from './dialect.ts';
import type { ExecutionMemory } from './execution-memory.ts';
import { FaultyStream } from './faulty-stream.ts';
import { Lanes } from './lanes.ts';
import { Present } from './present-request.ts';
import { refusalOf } from './refusals.ts';
import type { Candidate, Strike } from './strike.ts';

/** "Closed abnormally", of RFC 6455: never sent, only said. */
const DIED = 1006;
const GOING_AWAY = 1001;
/** Requests of one socket whose replies are to be kept back. */
const REMEMBERED_MAX = 1_000;

export interface SocketParts {
	readonly context: FaultContext;
	/** Where the socket stands: channel and path. */
	readonly place: Candidate;
	readonly peer: Peer;
	readonly executions: ExecutionMemory;
	readonly venueMs: (nowMs: number) => number;
	/** The carrier's time when the socket came. */
	readonly nowMs: number;
}

type OrderFrame = Extract<ClientFrame, { kind: 'order' }>;

export class FaultySocket implements Connection, Peer {
	readonly #parts: SocketParts;
	readonly #lanes: Lanes;
	readonly #stream: FaultyStream;
	readonly #swallowed = new Set<string>();
	#connection: Connection | null = null;
	#apiKey = '';
	/** Added to monotonic time it gives the time that the carrier told last. */
	#offsetMs: number;
	/** Rules were in force while frames passed, so that some of these may still be on their way. */
	#isTouched = false;
	#state: 'open' | 'half-open' | 'dead' = 'open';
	/** Set once a strike of `cut-socket` counts down. */
	#cut: { charactersLeft: number; readonly strike: Strike<'cut-socket'> } | null = null;

	constructor(parts: SocketParts) {
		this.#parts = parts;
		const { context, peer } = parts;
		this.#offsetMs = parts.nowMs - context.clock.monotonicMs();
		this.#lanes = new Lanes({ clock: context.clock, deliver: (text) => peer.send(text), giveUp: () => this.#die() });
		this.#stream = new FaultyStream({ context, lanes: this.#lanes, ask: (frame) => this.#forward(frame) });
	}

	/** The venue has taken the socket. */
	open(connection: Connection): void {
		this.#connection = connection;
		const { context, place } = this.#parts;
		const flap = context.faults.prepare('flap-connection', place);
		if (flap === undefined) return;
		this.#lanes.after(flap.parameters.afterMs, () => {
			flap.count();
			if (flap.parameters.form === 'reset') this.#die();
			else this.close(GOING_AWAY, 'going away');
		});
	}

	receive(text: string, nowMs: number): void {
		const { dialect, clock } = this.#parts.context;
		this.#offsetMs = nowMs - clock.monotonicMs();
		// Keys are remembered even while nothing strikes: a replay that comes later has to know whose executions are whose.
		if (this.#passesUntouched() && this.#parts.place.channel !== 'ws-private') return this.#forward(text);
		const frame = dialect.read(text);
		const candidate = { ...this.#parts.place, operation: frame.kind === 'order' ? frame.operation : '' };
		if (this.#isLost(text, candidate)) return;
		switch (frame.kind) {
			case 'subscribe':
				return this.#subscribe(text, frame.topics, candidate);
			case 'login':
				this.#apiKey = frame.apiKey;
				return this.#refuse(text, candidate, nowMs) ? undefined : this.#forward(text);
			case 'order':
				return this.#order(text, frame, candidate, nowMs);
			case 'other':
				return this.#forward(text);
		}
	}

	closed(nowMs: number): void {
		this.#state = 'dead';
		this.#lanes.end();
		this.#connection?.closed(this.#parts.venueMs(nowMs));
	}

	send(text: string): void {
		const { dialect, faults } = this.#parts.context;
		if (this.#passesUntouched() && this.#parts.place.channel !== 'ws-private') return this.#parts.peer.send(text);
		const topic = dialect.topicOf(text);
		if (topic.startsWith('execution')) this.#parts.executions.remember(this.#apiKey, text);
		const answered = topic === '' && this.#parts.place.channel === 'ws-trade' ? dialect.answered(text) : undefined;
		const candidate = { ...this.#parts.place, topic, operation: answered?.operation ?? '' };
		if (this.#stream.isOwnAnswer(text) || this.#isLost(text, candidate)) return;
		const stalled = faults.strike('stall-burst', candidate);
		if (stalled !== undefined) this.#lanes.stall(stalled.parameters.forMs);
		if (topic !== '') this.#stream.push(text, candidate);
		else if (answered !== undefined) this.#reply(text, answered.id, candidate);
		else this.#lanes.send('', text, 0);
	}

	close(code: number, reason: string): void {
		if (this.#state === 'dead') return;
		// A half-open socket says nothing, not even that it ends.
		if (this.#state === 'open') this.#parts.peer.close(code, reason);
		this.#state = 'dead';
		this.#lanes.end();
	}

	#subscribe(text: string, topics: readonly string[], candidate: Candidate): void {
		const { faults, dialect } = this.#parts.context;
		const refused = topics
			.map((topic) => faults.strike('reject-subscription', { ...candidate, topic }))
			.find((each) => each !== undefined);
		if (refused !== undefined) {
			if (refused.parameters.form === 'refused') this.#lanes.send('', dialect.refuseSubscription(text), 0);
			return;
		}
		this.#forward(text);
		for (const topic of topics.filter((each) => each.startsWith('execution'))) {
			const replayed = faults.prepare('replay-executions', { ...candidate, topic });
			if (replayed === undefined) continue;
			const frames = this.#parts.executions.last(this.#apiKey, replayed.parameters.frames);
			if (frames.length > 0) replayed.count();
			for (const frame of frames) this.#lanes.send(topic, frame, 0);
		}
	}

	#order(text: string, frame: OrderFrame, candidate: Candidate, nowMs: number): void {
		const { faults, dialect } = this.#parts.context;
		const dropped = faults.strike('drop-request', candidate);
		if (dropped !== undefined) {
			if (dropped.parameters.answer === 'reset') this.#die();
			return;
		}
		if (this.#refuse(text, candidate, nowMs)) return;
		const error = faults.strike('server-error', candidate);
		if (error !== undefined) {
			if (hasEffect(error.parameters.effect, error.rng) && this.#swallow(frame.id)) this.#enter(text, candidate);
			// A gateway's page has no place on a socket: what it stands for there is the venue's own time-out.
			const refusal = error.parameters.form === 'venue-restarting' ? 'venue-restarting' : 'venue-timeout';
			return this.#lanes.send('', dialect.refuseFrame(refusal, text, this.#parts.venueMs(nowMs), 0), 0);
		}
		const late = faults.strike('delay-request', candidate);
		if (late === undefined) this.#enter(text, candidate);
		else this.#lanes.after(delayOf(late.parameters, late.rng), () => this.#enter(text, candidate));
	}

	/** Order entry, while the faults of the exchange know whose request this is. */
	#enter(text: string, candidate: Candidate): void {
		const { faults, dialect } = this.#parts.context;
		const venueMs = this.#venueMsNow();
		const items = candidate.operation.endsWith('-batch') ? dialect.itemCount(text) : 1;
		faults.present.during(new Present(candidate, venueMs, items), () => this.#connection?.receive(text, venueMs));
	}

	#reply(text: string, id: string, candidate: Candidate): void {
		const { faults, dialect } = this.#parts.context;
		if (this.#swallowed.delete(id)) return;
		const lost = faults.present.takeLost() ?? faults.strike('drop-reply', candidate)?.parameters.answer;
		if (lost !== undefined) {
			if (lost === 'reset') this.#die();
			return;
		}
		const batch = candidate.operation.endsWith('-batch') ? faults.prepare('batch-reply', candidate) : undefined;
		const reshaped =
			batch === undefined ? undefined : dialect.reshapeBatch(text, batch.parameters.form, (bound) => batch.rng.below(bound));
		if (reshaped !== undefined) batch?.count();
		const late = faults.strike('delay-reply', candidate);
		if (late === undefined) this.#lanes.send('', reshaped ?? text, 0);
		// Answers may overtake each other, so a late one does not hold up the rest.
		else this.#lanes.after(delayOf(late.parameters, late.rng), () => this.#parts.peer.send(reshaped ?? text));
	}

	/** Refused at the door: maintenance, key, limits. */
	#refuse(text: string, candidate: Candidate, nowMs: number): boolean {
		const refusal = refusalOf(this.#parts.context, candidate, { isSigned: true });
		if (refusal === undefined) return false;
		const venueMs = this.#parts.venueMs(nowMs);
		this.#lanes.send('', this.#parts.context.dialect.refuseFrame(refusal.refusal, text, venueMs, refusal.retryAfterMs), 0);
		return true;
	}

	/** A reply is kept back by its id; without one it could not be told from others. */
	#swallow(id: string): boolean {
		if (id === '' || this.#swallowed.size >= REMEMBERED_MAX) return false;
		this.#swallowed.add(id);
		return true;
	}

	/** The socket is gone, half gone, or dies with this frame. */
	#isLost(text: string, candidate: Candidate): boolean {
		const { faults } = this.#parts.context;
		if (this.#state === 'open' && faults.strike('half-open', candidate) !== undefined) {
			this.#state = 'half-open';
			this.#lanes.end();
		}
		if (this.#state !== 'open') return true;
		if (this.#cut === null) {
			const strike = faults.prepare('cut-socket', candidate);
			if (strike !== undefined) this.#cut = { charactersLeft: strike.parameters.bytes, strike };
		}
		if (this.#cut === null) return false;
		this.#cut.charactersLeft -= text.length;
		if (this.#cut.charactersLeft >= 0) return false;
		this.#cut.strike.count();
		this.#die();
		return true;
	}

	#die(): void {
		this.close(DIED, '');
	}

	#forward(text: string): void {
		this.#connection?.receive(text, this.#venueMsNow());
	}

	#venueMsNow(): number {
		const { context, venueMs } = this.#parts;
		return venueMs(Math.round(context.clock.monotonicMs() + this.#offsetMs));
	}

	#passesUntouched(): boolean {
		if (!this.#parts.context.faults.isQuiet) this.#isTouched = true;
		else if (this.#isTouched && this.#isHealed) this.#isTouched = false;
		return !this.#isTouched && this.#state === 'open';
	}

	/** Rules are over, and so is all that they have left behind here. Other channels remember what passes, for later rules. */
	get #isHealed(): boolean {
		return this.#parts.place.channel === 'ws-public' && this.#cut === null && this.#lanes.isIdle && this.#stream.isUntouched;
	}
}
