/**
 * How Binance is asked about single orders, by its id where we know it and by ours where we do not, and then for their
 * trades. "No such order" is an answer: whoever asked knows how long an absence has to last before it means anything. What
 * has filled can be asked for by either id for months; of what never filled nothing is left after some days, and nothing
 * is missing with it (F30).
 */
import { reportIn } from '../../domain/regrid.ts';
import { type TimeMs, timeMs } from '../../domain/units.ts';
import type { EventSink, LookUp } from '../../engine/ports.ts';
import type { Clock } from '../../ports/clock.ts';
import type { InstrumentTable } from '../wire/instrument-table.ts';
import { claimedLotsOf, type Findings, isAbout, judgeFills, LookUpQueue } from '../wire/look-ups.ts';
import { readOrderRow, readTradeRow } from './account-rows.ts';
import type { Market } from './codec/frames.ts';
import type { BinanceReads, OrderName } from './reads.ts';

export interface BinanceLookUpsParts {
	readonly clock: Clock;
	/** Of the markets that are traded. */
	readonly reads: Partial<Record<Market, Pick<BinanceReads, 'orderRow' | 'tradeRowsOf'>>>;
	readonly table: InstrumentTable;
	readonly sink: EventSink;
	readonly venueNowMs: () => number;
}

/** There is no such order; or there was one that ended without a fill, too long ago to be kept. */
const ABSENT_CODES: ReadonlySet<number | undefined> = new Set([-2013, -2026]);

export class BinanceLookUps {
	readonly #parts: BinanceLookUpsParts;
	readonly #queue: LookUpQueue;

	constructor(parts: BinanceLookUpsParts) {
		this.#parts = parts;
		const find = (asked: LookUp, findings: Findings, found: () => void): void => {
			void this.#find(asked, findings).then(found);
		};
		this.#queue = new LookUpQueue({ ...parts, find });
	}

	/** Nothing is told from inside this call. */
	ask(asked: readonly LookUp[]): void {
		this.#queue.ask(asked);
	}

	/** What is under way is told to nobody. */
	stop(): void {
		this.#queue.stop();
	}

	async #find(asked: LookUp, findings: Findings): Promise<void> {
		const reads = this.#readsOf(asked);
		if (reads === undefined) {
			findings.isComplete = false;
			return;
		}
		// Of before it was sent, since the answer does not say when it was true.
		findings.venueAtMs = timeMs(Math.floor(this.#parts.venueNowMs())) satisfies TimeMs;
		const read = await reads.orderRow(asked.instrument.symbol, nameOf(asked));
		if (read.kind === 'ok') this.#takeOrder(asked, read.value, findings);
		else if (!ABSENT_CODES.has(read.code)) findings.isComplete = false;
		await this.#findTrades(asked, reads, findings);
	}

	#takeOrder(asked: LookUp, row: unknown, findings: Findings): void {
		const read = readOrderRow(row, this.#contextOf(asked));
		// A row that bears our id and stands for another order would be one of an earlier life of the id.
		if (read.kind === 'read' && isAsked(asked, read.value)) findings.reports.push(reportIn(asked.instrument, read.value));
		else findings.isComplete = false;
	}

	/** They are listed by the venue's id alone. */
	async #findTrades(asked: LookUp, reads: Pick<BinanceReads, 'tradeRowsOf'>, findings: Findings): Promise<void> {
		const [report] = findings.reports;
		const venueOrderId = report?.venueOrderId ?? asked.venueOrderId;
		if (venueOrderId === undefined || (report !== undefined && claimedLotsOf(findings) === 0)) return;
		const read = await reads.tradeRowsOf(asked.instrument.symbol, venueOrderId);
		if (read.kind === 'failed') {
			findings.isComplete = false;
			return;
		}
		for (const row of read.value) {
			const trade = readTradeRow(row, this.#contextOf(asked));
			if (trade.kind === 'read' && isAbout(asked, trade.value, report)) {
				findings.executions.push({ ...trade.value, clientOrderId: asked.orderId });
			} else findings.isComplete = false;
		}
		judgeFills(asked, findings);
	}

	#readsOf({ instrument: { category } }: LookUp): Pick<BinanceReads, 'orderRow' | 'tradeRowsOf'> | undefined {
		return category === 'inverse' ? undefined : this.#parts.reads[category];
	}

	#contextOf({ instrument: { category } }: LookUp) {
		return { market: category === 'spot' ? category : ('linear' as const), instruments: this.#parts.table };
	}
}

function nameOf({ orderId, venueOrderId }: LookUp): OrderName {
	return venueOrderId === undefined ? { clientOrderId: orderId } : { venueOrderId };
}

/** By both ids where both are known: ours is unique among open orders only. */
function isAsked(
	{ orderId, venueOrderId, instrument }: LookUp,
	row: { readonly clientOrderId: string; readonly venueOrderId: string; readonly instrument: { readonly symbol: string } },
): boolean {
	const isThatOrder = venueOrderId === undefined || row.venueOrderId === venueOrderId;
	return isThatOrder && row.clientOrderId === orderId && row.instrument.symbol === instrument.symbol;
}
