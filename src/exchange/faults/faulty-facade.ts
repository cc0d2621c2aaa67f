/**
 * A façade with faults: what a venue, or a gateway in front of it, answers wrongly. It stands around any façade and is
 * one itself; without rules every byte passes as it came. Requests that are lost or late need a carrier's help: see
 * `faulty-line.ts`. Deterministic from the dice of its rules and the order of calls.
 */
import type { Connected, ConnectTarget, Facade, HttpReply, HttpRequest, Peer } from '../facade.ts';
import { Bans } from './bans.ts';
import { type FaultContext, hasEffect } from './context.ts';
import { ExecutionMemory } from './execution-memory.ts';
import { FaultySocket } from './faulty-socket.ts';
import { gatewayPage, mangle } from './mangle.ts';
import { Present } from './present-request.ts';
import { refusalOf } from './refusals.ts';
import type { Candidate } from './strike.ts';

const HOSTILE_MESSAGES = {
	markup: '<img src=x onerror=alert(1)><script>alert(1)</script>',
	terminal: '\u001b]0;owned\u0007\u001b[2J\u001b[31mrefused\r\n{"level":"fatal"}',
	prototype: '__proto__',
} as const;

export class FaultyFacade implements Facade {
	readonly #facade: Facade;
	readonly #context: FaultContext;
	readonly #bans: Bans;
	readonly #executions = new ExecutionMemory();

	constructor(facade: Facade, context: FaultContext) {
		this.#facade = facade;
		this.#context = context;
		this.#bans = new Bans(context.clock);
	}

	request(request: HttpRequest, nowMs: number): HttpReply {
		const { faults, dialect } = this.#context;
		if (faults.isQuiet) {
			this.#bans.lift();
			return this.#facade.request(request, nowMs);
		}
		const candidate: Candidate = { channel: 'rest', path: request.path, operation: dialect.operation(request), topic: '' };
		const venueMs = this.#venueMs(nowMs, candidate);
		const reply =
			this.#banned(request, candidate) ??
			this.#refused(request, candidate, venueMs) ??
			this.#failed(request, candidate, venueMs) ??
			this.#spoiled(this.#paged(request, candidate, venueMs), candidate);
		if (dialect.isTooMany(reply)) this.#bans.violate(request.remote);
		return reply;
	}

	connect(target: ConnectTarget, peer: Peer, nowMs: number): Connected {
		const { faults, dialect } = this.#context;
		const candidate: Candidate = { channel: dialect.channel(target.path), path: target.path, operation: '', topic: '' };
		if (this.#isBanned(target.remote)) return { kind: 'refused', status: 403, reason: 'access too frequent' };
		const refused = faults.strike('refuse-connection', candidate);
		if (refused !== undefined) return { kind: 'refused', status: refused.parameters.status, reason: 'unavailable' };
		const socket = new FaultySocket({
			context: this.#context,
			place: candidate,
			peer,
			executions: this.#executions,
			venueMs: (atMs) => this.#venueMs(atMs, candidate),
			nowMs,
		});
		const connected = this.#facade.connect(target, socket, this.#venueMs(nowMs, candidate));
		if (connected.kind === 'refused') return connected;
		socket.open(connected.connection);
		return { ...connected, connection: socket };
	}

	tick(nowMs: number): void {
		this.#facade.tick(this.#venueMs(nowMs, { channel: 'rest', path: '', operation: '', topic: '' }));
	}

	/** The time as the venue believes it to be. */
	#venueMs(nowMs: number, candidate: Candidate): number {
		if (this.#context.faults.isQuiet) return nowMs;
		let venueMs = nowMs;
		for (const { parameters, ageMs } of this.#context.faults.standing('venue-clock', candidate)) {
			venueMs += parameters.offsetMs + (parameters.driftMsPerMin * ageMs) / 60_000;
		}
		return Math.round(venueMs);
	}

	#isBanned(remote: string): boolean {
		if (!this.#context.faults.has('ban')) this.#bans.lift();
		return this.#bans.remainingMs(remote) > 0;
	}

	#banned({ remote }: HttpRequest, candidate: Candidate): HttpReply | undefined {
		if (!this.#isBanned(remote)) {
			const isDue = ({ violations }: { violations: number }) => this.#bans.violations(remote) >= violations;
			const ban = this.#context.faults.prepare('ban', candidate, isDue);
			if (ban === undefined) return undefined;
			ban.count();
			this.#bans.begin(remote, ban.parameters.forMs, () => ban.count());
		}
		return this.#context.dialect.refuseBanned();
	}

	/** Refused at the door, surely without effect. */
	#refused(request: HttpRequest, candidate: Candidate, venueMs: number): HttpReply | undefined {
		const refusal = refusalOf(this.#context, candidate, { isSigned: this.#context.dialect.isSigned(request) });
		if (refusal === undefined) return undefined;
		if (refusal.form === 'http-429') {
			const headers = { 'content-type': 'text/plain', 'retry-after': String(Math.ceil(refusal.retryAfterMs / 1_000)) };
			return { status: 429, headers, body: 'Too Many Requests' };
		}
		return this.#context.dialect.refuse(refusal.refusal, venueMs, refusal.retryAfterMs);
	}

	/** An error that does not say whether there was an effect. */
	#failed(request: HttpRequest, candidate: Candidate, venueMs: number): HttpReply | undefined {
		const { faults, dialect } = this.#context;
		const error = faults.strike('server-error', candidate);
		if (error !== undefined) {
			const { form, effect } = error.parameters;
			if (hasEffect(effect, error.rng)) this.#inside(request, candidate, venueMs);
			return form === 'venue-restarting' || form === 'venue-timeout'
				? dialect.refuse(form, venueMs, 0)
				: gatewayPage(Number(form.slice('http-'.length)));
		}
		const mangled = faults.strike('mangled-body', candidate);
		if (mangled === undefined) return undefined;
		const { form, effect, bytes } = mangled.parameters;
		const reply = hasEffect(effect, mangled.rng)
			? this.#inside(request, candidate, venueMs)
			: dialect.refuse('venue-restarting', venueMs, 0);
		return mangle(reply, { form, bytes, pick: (bound) => mangled.rng.below(bound) });
	}

	/** The venue's own answer, as a list that is read page by page may come out of it. */
	#paged(request: HttpRequest, candidate: Candidate, venueMs: number): HttpReply {
		const { faults, dialect } = this.#context;
		if (!dialect.isRead(request)) return this.#inside(request, candidate, venueMs);
		const cursor = dialect.cursorOf(request);
		const paging = cursor === '' ? undefined : faults.prepare('broken-paging', candidate);
		if (paging?.parameters.form === 'error') {
			paging.count();
			return dialect.refuse('venue-timeout', venueMs, 0);
		}
		const reply = this.#inside(request, candidate, venueMs);
		const looped = paging === undefined ? undefined : dialect.withCursor(reply.body, cursor);
		if (looped !== undefined) paging?.count();
		const empty = faults.prepare('empty-list', candidate);
		const emptied = empty === undefined ? undefined : dialect.emptied(looped ?? reply.body);
		if (emptied !== undefined) empty?.count();
		return { ...reply, body: emptied ?? looped ?? reply.body };
	}

	/** What the venue makes of it while the faults of its exchange know whose request this is. */
	#inside(request: HttpRequest, candidate: Candidate, venueMs: number): HttpReply {
		const { dialect, faults } = this.#context;
		const work = (): HttpReply => this.#facade.request(request, venueMs);
		if (candidate.operation === '' && !dialect.isRead(request)) return work();
		const items = candidate.operation.endsWith('-batch') ? dialect.itemCount(request.body) : 1;
		return faults.present.during(new Present(candidate, venueMs, items), work);
	}

	#spoiled(reply: HttpReply, candidate: Candidate): HttpReply {
		const { faults, dialect } = this.#context;
		let { body } = reply;
		const batch = candidate.operation.endsWith('-batch') ? faults.prepare('batch-reply', candidate) : undefined;
		if (batch !== undefined) {
			const reshaped = dialect.reshapeBatch(body, batch.parameters.form, (bound) => batch.rng.below(bound));
			if (reshaped !== undefined) batch.count();
			body = reshaped ?? body;
		}
		const hostile = faults.prepare('hostile-text', candidate);
		if (hostile !== undefined) {
			const text = dialect.withMessage(body, HOSTILE_MESSAGES[hostile.parameters.form]);
			if (text !== undefined) hostile.count();
			body = hostile.parameters.form === 'prototype' ? withPrototype(text ?? body) : (text ?? body);
		}
		return body === reply.body ? reply : { ...reply, body };
	}
}

/** A member that pollutes whatever merges the reply into an object of its own. */
function withPrototype(body: string): string {
	return body.startsWith('{"') ? `{"__proto__":{"isAdmin":true},${body.slice(1)}` : body;
}
