/**
 * How Bybit is asked about single orders, by its id where we know it and by ours where we do not: among the open and recent
 * ones, then in the history, then by their executions.
 */
import type { OrderReport } from '../../domain/execution.ts';
import { reportIn } from '../../domain/regrid.ts';
import type { EventSink, LookUp } from '../../engine/ports.ts';
import type { Clock } from '../../ports/clock.ts';
import type { InstrumentTable } from '../wire/instrument-table.ts';
import { claimedLotsOf, type Findings, isAbout, judgeFills, LookUpQueue } from '../wire/look-ups.ts';
import { readExecutionRow, readOrderRow } from './codec/plain-private.ts';
import { type Read, readPages } from './pages.ts';

export interface LookUpsParts {
	readonly clock: Clock;
	readonly read: Read;
	readonly table: InstrumentTable;
	readonly sink: EventSink;
	readonly venueNowMs: () => number;
}

const ORDERS_A_PAGE = 50;
const EXECUTIONS_A_PAGE = 100;
const REALTIME = '/v5/order/realtime';
const HISTORY = '/v5/order/history';
const EXECUTIONS = '/v5/execution/list';

export class LookUps {
	readonly #parts: LookUpsParts;
	readonly #queue: LookUpQueue;

	constructor(parts: LookUpsParts) {
		this.#parts = parts;
		this.#queue = new LookUpQueue({ ...parts, find: (asked, findings, done) => this.#find(asked, findings, done) });
	}

	/** Nothing is told from inside this call. */
	ask(asked: readonly LookUp[]): void {
		this.#queue.ask(asked);
	}

	/** What is under way is told to nobody. */
	stop(): void {
		this.#queue.stop();
	}

	#find(asked: LookUp, findings: Findings, done: () => void): void {
		const isFound = (): boolean => findings.reports.length > 0;
		this.#readOrders(asked, REALTIME, findings, () => {
			if (isFound()) return this.#findFills(asked, findings, done);
			this.#readOrders(asked, HISTORY, findings, () => this.#findFills(asked, findings, done));
		});
	}

	/** Of an order that nobody lists any more its executions may be left (F30). One without fills has none. */
	#findFills(asked: LookUp, findings: Findings, done: () => void): void {
		if (findings.reports.length > 0 && claimedLotsOf(findings) === 0) return done();
		this.#readExecutions(asked, findings, () => {
			judgeFills(asked, findings);
			done();
		});
	}

	#readOrders(asked: LookUp, path: string, findings: Findings, done: () => void): void {
		const { category } = asked.instrument;
		readPages(this.#parts.read, { path, params: paramsOf(asked), limit: ORDERS_A_PAGE }, (pages) => {
			if (pages.kind === 'inconclusive') findings.isComplete = false;
			else {
				findings.venueAtMs ??= pages.venueAtMs;
				for (const row of pages.rows) {
					const read = readOrderRow(row, { instruments: this.#parts.table, category, source: 'lookup' });
					if (read.kind === 'order' && isAbout(asked, read.report)) {
						findings.reports.push(reportIn(asked.instrument, read.report));
					} else findings.isComplete = false;
				}
			}
			done();
		});
	}

	#readExecutions(asked: LookUp, findings: Findings, done: () => void): void {
		const { category } = asked.instrument;
		const report: OrderReport | undefined = findings.reports[0];
		const params = paramsOf(report === undefined ? asked : { ...asked, venueOrderId: report.venueOrderId });
		readPages(this.#parts.read, { path: EXECUTIONS, params, limit: EXECUTIONS_A_PAGE }, (pages) => {
			if (pages.kind === 'inconclusive') findings.isComplete = false;
			else {
				for (const row of pages.rows) {
					const read = readExecutionRow(row, { instruments: this.#parts.table, category });
					if (read.kind === 'execution' && isAbout(asked, read.execution, report)) findings.executions.push(read.execution);
					else findings.isComplete = false;
				}
			}
			done();
		});
	}
}

/** Of several filters the venue heeds the order id alone. */
function paramsOf({ orderId, venueOrderId, instrument }: LookUp): Record<string, string> {
	const { category, symbol } = instrument;
	return venueOrderId === undefined ? { category, symbol, orderLinkId: orderId } : { category, symbol, orderId: venueOrderId };
}
