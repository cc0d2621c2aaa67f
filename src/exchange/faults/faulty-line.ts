/**
 * The network between a client and a façade, as far as it loses, delays and doubles requests and replies. A façade
 * answers at once, so this cannot be another façade: whoever carries requests calls `handle` in the place of
 * `facade.request`, and does in the callback what it did with the reply. The callback comes at most once, perhaps from
 * inside the call: `reset` means tear the connection down without an answer; `never` leave it open, and leave it to the
 * client to give up. Sockets need nothing of the kind, their frames come and go through `Facade.connect` anyhow.
 */
import type { Facade, HttpReply, HttpRequest } from '../facade.ts';
import { delayOf, type FaultContext } from './context.ts';
import type { Candidate } from './strike.ts';

export type LineOutcome =
	| { readonly kind: 'reply'; readonly reply: HttpReply }
	| { readonly kind: 'reset' }
	| { readonly kind: 'never' };

/** Requests and replies that may be under way late at the same time; what comes on top is not delayed. */
const DELAYED_MAX = 10_000;

export class FaultyLine {
	readonly #facade: Facade;
	readonly #context: FaultContext;
	#delayed = 0;

	constructor(facade: Facade, context: FaultContext) {
		this.#facade = facade;
		this.#context = context;
	}

	handle(request: HttpRequest, nowMs: number, reply: (outcome: LineOutcome) => void): void {
		const { faults, dialect } = this.#context;
		if (faults.isQuiet) {
			reply({ kind: 'reply', reply: this.#facade.request(request, nowMs) });
			return;
		}
		const candidate: Candidate = { channel: 'rest', path: request.path, operation: dialect.operation(request), topic: '' };
		const dropped = faults.strike('drop-request', candidate);
		if (dropped !== undefined) {
			reply({ kind: dropped.parameters.answer });
			return;
		}
		const late = faults.strike('delay-request', candidate);
		const delayMs = late === undefined ? 0 : delayOf(late.parameters, late.rng);
		this.#after(delayMs, (elapsedMs) => this.#arrive(request, candidate, { nowMs: nowMs + elapsedMs, reply }));
	}

	#arrive(
		request: HttpRequest,
		candidate: Candidate,
		{ nowMs, reply }: { nowMs: number; reply: (outcome: LineOutcome) => void },
	): void {
		const { faults } = this.#context;
		const twice = faults.strike('duplicate-request', candidate);
		const struckBefore = twice === undefined ? 0 : faults.strikeCount;
		const first = this.#facade.request(request, nowMs);
		// Both copies meet the same: one that is refused by a fault while the other is taken is two requests, not one.
		const isTwice = twice !== undefined && faults.strikeCount === struckBefore;
		const second = isTwice ? this.#facade.request(request, nowMs) : first;
		const seen = twice?.parameters.answer === 'second' ? second : first;
		const lost = faults.present.takeLost() ?? faults.strike('drop-reply', candidate)?.parameters.answer;
		if (lost !== undefined) {
			reply({ kind: lost });
			return;
		}
		const late = faults.strike('delay-reply', candidate);
		this.#after(late === undefined ? 0 : delayOf(late.parameters, late.rng), () => reply({ kind: 'reply', reply: seen }));
	}

	/** At once where there is nothing to wait for. */
	#after(delayMs: number, proceed: (elapsedMs: number) => void): void {
		const { clock } = this.#context;
		if (delayMs === 0 || this.#delayed >= DELAYED_MAX) return proceed(0);
		const startedAtMs = clock.monotonicMs();
		this.#delayed += 1;
		clock.after(delayMs, () => {
			this.#delayed -= 1;
			proceed(Math.round(clock.monotonicMs() - startedAtMs));
		});
	}
}
