/**
 * HOT: takes the commands of one batch to the venue and tells once what became of each. From the commands to their bytes
 * is one turn of the event loop, from the bytes of the answer to its outcomes another, and nothing waits in between.
 *
 * Nothing is sent twice, but for what was surely not done: what the venue refused for its clock goes once more with a
 * fresh time stamp, and what a closed way refused takes the next way (order-routes.ts), under the same ids. Over REST
 * `rest.ts` sees to the clock. Budget: bench/venues/bybit/calls.
 */
import { assert } from '../../domain/assert.ts';
import type { Command, Verb } from '../../domain/command.ts';
import type { Category } from '../../domain/instrument.ts';
import type { Outcome } from '../../domain/outcome.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Meter, RequestApi, Timing } from '../../ports/meter.ts';
import { judgeBatch, judgeSingle } from './batch-answers.ts';
import { isAboutFilters } from './errors.ts';
import { OrderRoutes, type RouteOptions, type Way } from './order-routes.ts';
import { ENDPOINTS, encodeBatch, encodeSingle } from './order-wire.ts';
import type { RateNews } from './rate-news.ts';
import { type BybitRest, ORDER_POOL, type RestAnswer } from './rest.ts';
import type { TradeSocket } from './trade-socket.ts';
import type { VenueClock } from './venue-clock.ts';

export interface OrderCallOptions extends RouteOptions {
	/** From sending to the answer; a later one counts as none. */
	readonly orderTimeoutMs: number;
}

export interface OrderCallParts {
	readonly rest: Pick<BybitRest, 'ask' | 'banLeftMs' | 'recvWindowMs'>;
	/** Undefined where the venue has none, as in its demo environment. */
	readonly socket: Pick<TradeSocket, 'isUp' | 'send'> | undefined;
	readonly venueClock: Pick<VenueClock, 'venueNowMs' | 'remeasure'>;
	readonly clock: Clock;
	readonly rates: Pick<RateNews, 'tell'>;
	readonly meter: Pick<Meter, 'request'>;
	/** The venue refused something for its filters: what we know of the instruments is old (F59). */
	readonly filtersRefused: () => void;
	/** While it says no, nothing but cancels goes a second time (I10). */
	readonly mayPlace?: () => boolean;
	readonly options: OrderCallOptions;
}

/** One outcome for each command, in their order. */
/** Of a create or an amend; cancels are never too late. */
const TOO_LATE: Outcome = {
	kind: 'rejected',
	class: 'transient',
	gone: false,
	reason: 'refused by a way that is closed now, and too late for another one',
};

export type Done = (outcomes: readonly Outcome[]) => void;

interface Call {
	readonly category: Category;
	readonly verb: Verb;
	readonly commands: readonly Command[];
	readonly done: Done;
	readonly startedAtMono: number;
	isRestamped: boolean;
}

export class OrderCalls {
	readonly #parts: OrderCallParts;
	readonly #routes: OrderRoutes;
	readonly #timings: Readonly<Record<Verb, Readonly<Record<RequestApi, Timing>>>>;

	constructor(parts: OrderCallParts) {
		this.#parts = parts;
		this.#routes = new OrderRoutes(parts.options);
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
		const { clock, socket, rest } = this.#parts;
		// Shut out means on every way (F53); `rest` turns it away without a byte.
		const isSocketUp = socket?.isUp === true && rest.banLeftMs() === 0;
		const way = this.#routes.wayFor(call, isSocketUp, clock.monotonicMs());
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
		const { socket, rest, options, clock } = this.#parts;
		const { category, verb, commands } = call;
		const { op, path } = ENDPOINTS[verb][way.kind];
		const body = way.kind === 'batch' ? encodeBatch(category, commands) : encodeSingle(commands);
		const sentAtMono = clock.monotonicMs();
		if (way.channel === 'ws' && socket?.send(op, body, (answer) => this.#hear(call, way, sentAtMono, answer)) === true) return;
		// The socket is full or has just gone, and not a byte has left.
		const overRest: Way = way.channel === 'rest' ? way : { channel: 'rest', kind: way.kind };
		rest.ask(
			{
				...{ method: 'POST', path, body, signed: true, kind: 'order', pool: ORDER_POOL, timeoutMs: options.orderTimeoutMs },
				mayGoAgain: () => this.#mayGoAgain(call),
			},
			(answer) => this.#hear(call, overRest, sentAtMono, answer),
		);
	}

	#hear(call: Call, way: Way, sentAtMono: number, answer: RestAnswer): void {
		const { clock, rates, filtersRefused } = this.#parts;
		const nowMono = clock.monotonicMs();
		if (hasTravelled(answer)) this.#timings[call.verb][apiOf(way)].record(nowMono - sentAtMono);
		if (this.#routes.closes(way, call, answer, nowMono)) {
			if (this.#mayGoAgain(call)) return this.#start(call);
			// What closes a way says nothing of the key, and there is another way for the next one.
			if (this.#parts.mayPlace?.() !== false) return call.done(call.commands.map(() => TOO_LATE));
		}
		if (way.channel === 'ws' && isClockRefusal(answer) && !call.isRestamped) return this.#restamp(call, way, answer);
		const judged = this.#judge(call, way, answer);
		rates.tell(call.category, call.verb, answer, judged.isRateRefused);
		if (judged.codes.some(isAboutFilters)) filtersRefused();
		call.done(judged.outcomes);
	}

	#judge({ commands }: Call, { kind }: Way, answer: RestAnswer) {
		const { venueClock, rest } = this.#parts;
		const asked = { commands, mayLandUntilMs: venueClock.venueNowMs() + rest.recvWindowMs };
		return kind === 'batch' ? judgeBatch(answer, asked) : judgeSingle(answer, asked);
	}

	/** Measures the clock and sends it once more, unless it has grown stale by then. */
	#restamp(call: Call, way: Way, refused: RestAnswer): void {
		const { venueClock } = this.#parts;
		call.isRestamped = true;
		venueClock.remeasure((isMeasured) => {
			if (isMeasured && this.#mayGoAgain(call)) this.#start(call);
			else call.done(this.#judge(call, way, refused).outcomes);
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
function hasTravelled(answer: RestAnswer): boolean {
	return answer.kind === 'ok' || (answer.kind === 'refused' && !answer.isBan);
}

function isClockRefusal(answer: RestAnswer): boolean {
	return answer.kind === 'refused' && answer.verdict.class === 'clock';
}
