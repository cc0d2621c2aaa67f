/**
 * HOT: takes the commands of one batch to the venue and tells once what became of each. From the commands to their bytes
 * is one turn of the event loop, from the bytes of the answer to its outcomes another, and nothing waits in between.
 * What the bytes are, and what an answer means, each venue says for itself.
 *
 * Nothing is sent twice, but for what was surely not done: what the venue refused for its clock goes once more with a
 * fresh time stamp, and what a closed way refused takes the next way (order-routes.ts), under the same ids. Over REST
 * the venue's client sees to the clock. Budget: bench/venues/bybit/calls.
 */
import { assert } from '../../domain/assert.ts';
import type { Command, Verb } from '../../domain/command.ts';
import type { Category } from '../../domain/instrument.ts';
import type { Outcome } from '../../domain/outcome.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Meter, RequestApi, Timing } from '../../ports/meter.ts';
import type { Judged } from './order-answers.ts';
import type { Asking, OrderRoutes, RouteOptions, Way } from './order-routes.ts';
import type { VenueClock } from './venue-clock.ts';
import type { Verdict } from './verdict.ts';

export interface OrderCallOptions extends RouteOptions {
	/** From sending to the answer; a later one counts as none. */
	readonly orderTimeoutMs: number;
}

/** What is looked at here of an answer; the rest is between the venue and its judge. */
export type OrderAnswer =
	| { readonly kind: 'ok' | 'lost' | 'unreadable' }
	| { readonly kind: 'refused'; readonly verdict: Verdict; readonly isBan: boolean };

/** One venue's order entry: its words, its ways and its judge. */
export interface OrderWire<Request, Answer extends OrderAnswer> {
	readonly routes: OrderRoutes<Answer>;
	/** Shut out means on every way (F53), so during a ban no socket is up. */
	isSocketUp(): boolean;
	encode(asking: Asking, way: Way): Request;
	/** False where not a byte has left; otherwise heard once, as over REST, and never from inside of the call. */
	sendBySocket(request: Request, heard: (answer: Answer) => void): boolean;
	sendByRest(request: Request, mayGoAgain: () => boolean, heard: (answer: Answer) => void): void;
	judge(asking: Asking, way: Way, answer: Answer): Judged;
	/** Told before the outcomes, so that nobody plans with what was spent (I16). */
	tellRates(asking: Asking, answer: Answer, isRateRefused: boolean): void;
	/** The venue refused something for its filters: what we know of the instruments is old (F59). */
	isAboutFilters(code: number): boolean;
}

export interface OrderCallParts<Request, Answer extends OrderAnswer> {
	readonly wire: OrderWire<Request, Answer>;
	readonly venueClock: Pick<VenueClock, 'remeasure'>;
	readonly clock: Clock;
	readonly meter: Pick<Meter, 'request'>;
	readonly filtersRefused: () => void;
	/** While it says no, nothing but cancels goes a second time (I10). */
	readonly mayPlace?: () => boolean;
	readonly options: Pick<OrderCallOptions, 'orderTimeoutMs'>;
}

/** One outcome for each command, in their order. */
export type Done = (outcomes: readonly Outcome[]) => void;

/** Of a create or an amend; cancels are never too late. */
const TOO_LATE: Outcome = {
	kind: 'rejected',
	class: 'transient',
	gone: false,
	reason: 'refused by a way that is closed now, and too late for another one',
};

interface Call extends Asking {
	readonly done: Done;
	readonly startedAtMono: number;
	isRestamped: boolean;
}

export class OrderCalls<Request, Answer extends OrderAnswer> {
	readonly #parts: OrderCallParts<Request, Answer>;
	readonly #timings: Readonly<Record<Verb, Readonly<Record<RequestApi, Timing>>>>;

	constructor(parts: OrderCallParts<Request, Answer>) {
		this.#parts = parts;
		const timings = (verb: Verb) => ({
			rest: parts.meter.request(verb, 'rest'),
			'rest-batch': parts.meter.request(verb, 'rest-batch'),
			ws: parts.meter.request(verb, 'ws'),
			'ws-batch': parts.meter.request(verb, 'ws-batch'),
		});
		this.#timings = { place: timings('place'), amend: timings('amend'), cancel: timings('cancel') };
	}

	/** All of this verb and category, and no more than a batch holds. Never done from inside of this call. */
	run(category: Category, verb: Verb, commands: readonly Command[], done: Done): void {
		assert(commands.length > 0, 'a call carries at least one command');
		const startedAtMono = this.#parts.clock.monotonicMs();
		this.#start({ category, verb, commands, done, startedAtMono, isRestamped: false });
	}

	#start(call: Call): void {
		const { clock, wire } = this.#parts;
		const way = wire.routes.wayFor(call, wire.isSocketUp(), clock.monotonicMs());
		if (way.kind === 'single' && call.commands.length > 1) this.#startEach(call);
		else this.#ask(call, way);
	}

	/** Each command in a call of its own, all at once; done when the last one is known. */
	#startEach(call: Call): void {
		const { commands } = call;
		const outcomes = new Array<Outcome>(commands.length);
		let openCount = commands.length;
		for (const [index, command] of commands.entries()) {
			const done: Done = ([outcome]) => {
				assert(outcome !== undefined, 'a command has an outcome');
				outcomes[index] = outcome;
				openCount -= 1;
				if (openCount === 0) call.done(outcomes);
			};
			this.#start({ ...call, commands: [command], done });
		}
	}

	#ask(call: Call, way: Way): void {
		const { wire, clock } = this.#parts;
		const request = wire.encode(call, way);
		const sentAtMono = clock.monotonicMs();
		const isSent = way.channel === 'ws' && wire.sendBySocket(request, (answer) => this.#hear(call, way, sentAtMono, answer));
		if (isSent) return;
		// The socket knows no such call, is full or has just gone, and not a byte has left.
		const overRest: Way = way.channel === 'rest' ? way : { channel: 'rest', kind: way.kind };
		wire.sendByRest(
			request,
			() => this.#mayGoAgain(call),
			(answer) => this.#hear(call, overRest, sentAtMono, answer),
		);
	}

	#hear(call: Call, way: Way, sentAtMono: number, answer: Answer): void {
		const { clock, wire, filtersRefused } = this.#parts;
		const nowMono = clock.monotonicMs();
		if (hasTravelled(answer)) this.#timings[call.verb][apiOf(way)].record(nowMono - sentAtMono);
		if (wire.routes.closes(way, call, answer, nowMono)) {
			if (this.#mayGoAgain(call)) return this.#start(call);
			// What closes a way says nothing of the key, and there is another way for the next one.
			if (this.#parts.mayPlace?.() !== false) return call.done(call.commands.map(() => TOO_LATE));
		}
		if (way.channel === 'ws' && isClockRefusal(answer) && !call.isRestamped) return this.#restamp(call, way, answer);
		const judged = wire.judge(call, way, answer);
		wire.tellRates(call, answer, judged.isRateRefused);
		if (judged.codes.some((code) => wire.isAboutFilters(code))) filtersRefused();
		call.done(judged.outcomes);
	}

	/** Measures the clock and sends it once more, unless it has grown stale by then. */
	#restamp(call: Call, way: Way, refused: Answer): void {
		const { venueClock, wire } = this.#parts;
		call.isRestamped = true;
		venueClock.remeasure((isMeasured) => {
			if (isMeasured && this.#mayGoAgain(call)) this.#start(call);
			else call.done(wire.judge(call, way, refused).outcomes);
		});
	}

	/** What was surely not done is old by now where we were stopped in between (F58), and wrong where a kill was (I10). */
	#mayGoAgain({ verb, startedAtMono }: Call): boolean {
		if (verb === 'cancel') return true;
		const { mayPlace, clock, options } = this.#parts;
		return mayPlace?.() !== false && clock.monotonicMs() - startedAtMono < options.orderTimeoutMs;
	}
}

function apiOf({ channel, kind }: Way): RequestApi {
	if (kind === 'batch') return channel === 'ws' ? 'ws-batch' : 'rest-batch';
	return channel;
}

/** There and back: what is turned away because of a ban was never sent. */
function hasTravelled(answer: OrderAnswer): boolean {
	return answer.kind === 'ok' || (answer.kind === 'refused' && !answer.isBan);
}

function isClockRefusal(answer: OrderAnswer): boolean {
	return answer.kind === 'refused' && answer.verdict.class === 'clock';
}
