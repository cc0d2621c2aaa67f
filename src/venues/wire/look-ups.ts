/**
 * The line in which single orders are asked about: a few at once, each order once, and exactly one `lookedUp` for each at
 * the end. How a venue is asked is handed in; anything less than whole, readable answers makes what was found incomplete (I7).
 */
import type { EngineEvent } from '../../domain/event.ts';
import type { Execution, OrderReport } from '../../domain/execution.ts';
import type { OrderId } from '../../domain/order-id.ts';
import { filledLotsIn } from '../../domain/regrid.ts';
import type { MonoMs, TimeMs } from '../../domain/units.ts';
import type { EventSink, LookUp } from '../../engine/ports.ts';
import type { Clock } from '../../ports/clock.ts';

/** What a search adds to. */
export interface Findings {
	readonly reports: OrderReport[];
	readonly executions: Execution[];
	/** Taken away by whoever could not read what he needed to. */
	isComplete: boolean;
	/** The venue's time of the first answer: what is missing was missing then. */
	venueAtMs: TimeMs | undefined;
}

export interface LookUpQueueParts {
	readonly clock: Clock;
	readonly sink: EventSink;
	readonly venueNowMs: () => number;
	/** Calls back exactly once, never from inside the call. */
	readonly find: (asked: LookUp, findings: Findings, done: () => void) => void;
}

/** So that look-ups do not stand in the way of other reads. */
const AT_ONCE_MAX = 5;
/** More than the engine asks about in a minute; what does not fit is answered as incomplete, and asked again (I18). */
const WAITING_MAX = 1_000;

export class LookUpQueue {
	readonly #parts: LookUpQueueParts;
	readonly #waiting: LookUp[] = [];
	/** Waiting or being asked about: a second question shares the answer. */
	readonly #open = new Set<OrderId>();
	#askedCount = 0;
	#isStopped = false;

	constructor(parts: LookUpQueueParts) {
		this.#parts = parts;
	}

	/** Nothing is told from inside this call. */
	ask(asked: readonly LookUp[]): void {
		for (const each of asked) {
			if (this.#open.has(each.orderId)) continue;
			this.#open.add(each.orderId);
			if (this.#waiting.length < WAITING_MAX) this.#waiting.push(each);
			else this.#parts.clock.after(0, () => this.#tell(each, { ...nothing(), isComplete: false }));
		}
		this.#next();
	}

	/** What is under way is told to nobody. */
	stop(): void {
		this.#isStopped = true;
		this.#waiting.length = 0;
	}

	#next(): void {
		while (this.#askedCount < AT_ONCE_MAX) {
			const asked = this.#waiting.shift();
			if (asked === undefined) return;
			this.#askedCount += 1;
			const findings = nothing();
			this.#parts.find(asked, findings, () => {
				this.#askedCount -= 1;
				this.#tell(asked, findings);
				this.#next();
			});
		}
	}

	#tell({ orderId }: LookUp, findings: Findings): void {
		this.#open.delete(orderId);
		if (this.#isStopped) return;
		const { clock, sink, venueNowMs } = this.#parts;
		const at = { wallMs: clock.wallMs() as TimeMs, monoMs: clock.monotonicMs() as MonoMs };
		const events: EngineEvent[] = [
			...findings.reports.map((report) => ({ kind: 'orderReport', report, ...at }) as const),
			...findings.executions.map((execution) => ({ kind: 'execution', execution, ...at }) as const),
		];
		const isFound = events.length > 0;
		const venueAtMs = findings.venueAtMs ?? (Math.floor(venueNowMs()) as TimeMs);
		events.push({ kind: 'lookedUp', orderId, isFound, isComplete: findings.isComplete, venueAtMs, ...at });
		for (const event of events) sink(event);
	}
}

function nothing(): Findings {
	return { reports: [], executions: [], isComplete: true, venueAtMs: undefined };
}

/** What the order says of itself is filled, by the report that says most. */
export function claimedLotsOf({ reports }: Findings): number {
	return reports.reduce((most, { filledLots }) => Math.max(most, filledLots), 0);
}

/** Executions are listed later than the order says that it is filled: then the picture is not whole. */
export function judgeFills({ instrument }: LookUp, findings: Findings): void {
	const foundLots = findings.executions.reduce((sum, each) => sum + filledLotsIn(instrument, each), 0);
	if (foundLots < claimedLotsOf(findings)) findings.isComplete = false;
}

/** Rows of another order in the answer mean that the question was not understood. */
export function isAbout(
	{ orderId, venueOrderId }: LookUp,
	row: { readonly clientOrderId: string; readonly venueOrderId: string },
	report?: OrderReport,
): boolean {
	const known = report?.venueOrderId ?? venueOrderId;
	return row.clientOrderId === orderId || (known !== undefined && row.venueOrderId === known);
}
