/**
 * A venue that does nothing but count: it takes every command that its rate limit leaves room for, after a delay that
 * varies, and says so after another one. Its windows are its own: any second, by the time a request arrives, with what
 * it refuses counted as well.
 */
import type { Batch, Command, Verb } from '../../src/domain/command.ts';
import type { OrderReport } from '../../src/domain/execution.ts';
import type { InstrumentIndex } from '../../src/domain/instrument.ts';
import type { OrderId } from '../../src/domain/order-id.ts';
import type { ItemOutcome, Outcome } from '../../src/domain/outcome.ts';
import type { Side } from '../../src/domain/side.ts';
import { lots, monoMs, timeMs } from '../../src/domain/units.ts';
import type { VenueCapabilities } from '../../src/domain/venue.ts';
import type { EventSink, VenueGateway } from '../../src/engine/ports.ts';
import type { Clock } from '../../src/ports/clock.ts';
import type { Rng } from '../../src/ports/rng.ts';
import { TEST_VENUE } from '../../test/fixtures/desk.ts';
import type { Policy } from './budget-policies.ts';

/** As Bybit has it for everybody: orders a second, each verb for itself, batches counted by their orders. */
export const PER_SEC = 10;
const WINDOW_MS = 1_000;
/** One way; as much again at most for those that meet traffic. */
const WAY_MS = { least: 15, spread: 20 };

const VERBS: readonly Verb[] = ['place', 'amend', 'cancel'];

type Standing = Pick<OrderReport, 'instrument' | 'side' | 'priceTicks' | 'qtyLots'>;

interface Parts {
	readonly clock: Clock;
	readonly rng: Rng;
	readonly policy: Policy;
	readonly sink: EventSink;
}

export class CountingVenue implements VenueGateway {
	readonly capabilities: VenueCapabilities = {
		...TEST_VENUE,
		rateRules: VERBS.map((verb) => ({
			venue: TEST_VENUE.venue,
			categories: ['linear'],
			verbs: [verb],
			limit: PER_SEC,
			windowMs: WINDOW_MS,
		})),
	};
	refusals = 0;
	takenCount = 0;
	readonly #parts: Parts;
	readonly #standing = new Map<InstrumentIndex, Map<OrderId, Standing>>();
	readonly #arrivedAtMs: Record<Verb, number[]> = { place: [], amend: [], cancel: [] };

	constructor(parts: Parts) {
		this.#parts = parts;
	}

	/** Nobody doubts anything here. */
	takeCensus(): void {}

	/** Prices of what stands, the best ones first. */
	pricesOf(instrument: InstrumentIndex, side: Side): number[] {
		const prices: number[] = [];
		for (const order of this.#bookOf(instrument).values()) if (order.side === side) prices.push(order.priceTicks);
		return prices.sort((a, b) => (side === 'buy' ? b - a : a - b));
	}

	send(batch: Batch): void {
		for (const command of batch.commands) this.#parts.policy.sent(command);
		const { clock } = this.#parts;
		clock.after(this.#way(), () => {
			const reports = batch.commands.map((command) => this.#take(command));
			clock.after(this.#way(), () => this.#answer(batch, reports));
		});
	}

	lookUp(): void {
		throw new Error('this venue leaves nothing open');
	}

	#bookOf(instrument: InstrumentIndex): Map<OrderId, Standing> {
		let book = this.#standing.get(instrument);
		if (book === undefined) {
			book = new Map();
			this.#standing.set(instrument, book);
		}
		return book;
	}

	#way(): number {
		return WAY_MS.least + this.#parts.rng.next() * WAY_MS.spread;
	}

	/** What it then has of the order; undefined where it refuses. */
	#take(command: Command): OrderReport | undefined {
		if (!this.#hasRoom(command.kind)) {
			this.refusals += 1;
			return undefined;
		}
		this.takenCount += 1;
		const { instrument, orderId } = command;
		const book = this.#bookOf(instrument.index);
		const standing = command.kind === 'place' ? command : book.get(orderId);
		if (standing === undefined) throw new Error(`${command.kind} of ${orderId}, which does not stand`);
		const { side } = standing;
		const { priceTicks, qtyLots } = command.kind === 'cancel' ? standing : command;
		if (command.kind === 'cancel') book.delete(orderId);
		else book.set(orderId, { instrument, side, priceTicks, qtyLots });
		return {
			instrument,
			clientOrderId: orderId,
			venueOrderId: `v-${orderId}`,
			side,
			status: command.kind === 'cancel' ? 'cancelled' : 'working',
			priceTicks,
			qtyLots,
			filledLots: lots(0),
			reason: undefined,
			updatedAtMs: timeMs(this.#parts.clock.wallMs()),
			source: 'stream',
		};
	}

	#hasRoom(verb: Verb): boolean {
		const nowMs = this.#parts.clock.monotonicMs();
		const recent = this.#arrivedAtMs[verb].filter((atMs) => atMs > nowMs - WINDOW_MS);
		recent.push(nowMs);
		this.#arrivedAtMs[verb] = recent;
		return recent.length <= PER_SEC;
	}

	#answer(batch: Batch, reports: readonly (OrderReport | undefined)[]): void {
		const { clock, sink } = this.#parts;
		const at = { wallMs: timeMs(clock.wallMs()), monoMs: monoMs(clock.monotonicMs()) };
		const items = batch.commands.map(({ orderId, kind }, i): ItemOutcome => {
			const outcome: Outcome =
				reports[i] === undefined
					? { kind: 'rejected', class: 'rate-limited', gone: false, reason: 'too many' }
					: { kind: 'accepted', venueOrderId: `v-${orderId}` };
			return { orderId, verb: kind, outcome };
		});
		for (const report of reports) if (report !== undefined) sink({ kind: 'orderReport', report, ...at });
		sink({ kind: 'answer', batchId: batch.batchId, items, ...at });
	}
}
