/**
 * Asks the venue about single orders, by its id where we know it and by ours where we do not: among the open and recent
 * ones, then in the history, then by their executions. What it knows comes as reports and executions, and then exactly
 * one `lookedUp` for each order asked about; anything less than whole, readable answers makes that incomplete (I7).
 */
import type { EngineEvent } from '../../domain/event.ts';
import type { Execution, OrderReport } from '../../domain/execution.ts';
import type { OrderId } from '../../domain/order-id.ts';
import { filledLotsIn, reportIn } from '../../domain/regrid.ts';
import type { MonoMs, TimeMs } from '../../domain/units.ts';
import type { EventSink, LookUp } from '../../engine/ports.ts';
import type { Clock } from '../../ports/clock.ts';
import type { InstrumentTable } from './codec/instrument-table.ts';
import { readExecutionRow, readOrderRow } from './codec/plain-private.ts';
import { type Read, readPages } from './pages.ts';

export interface LookUpsParts {
	readonly clock: Clock;
	readonly read: Read;
	readonly table: InstrumentTable;
	readonly sink: EventSink;
	readonly venueNowMs: () => number;
}

interface Findings {
	readonly reports: OrderReport[];
	readonly executions: Execution[];
	isComplete: boolean;
	/** Of the first answer: what is missing was missing then. */
	venueAtMs: TimeMs | undefined;
}

/** So that look-ups do not stand in the way of other reads. */
const AT_ONCE_MAX = 5;
/** More than the engine asks about in a minute; what does not fit is answered as incomplete, and asked again (I18). */
const WAITING_MAX = 1_000;
const ORDERS_A_PAGE = 50;
const EXECUTIONS_A_PAGE = 100;
const REALTIME = '/v5/order/realtime';
const HISTORY = '/v5/order/history';
const EXECUTIONS = '/v5/execution/list';

export class LookUps {
	readonly #parts: LookUpsParts;
	readonly #waiting: LookUp[] = [];
	/** Waiting or being asked about: a second question shares the answer. */
	readonly #open = new Set<OrderId>();
	#askedCount = 0;
	#isStopped = false;

	constructor(parts: LookUpsParts) {
		this.#parts = parts;
	}

	/** Nothing is told from inside this call. */
	ask(asked: readonly LookUp[]): void {
		for (const each of asked) {
			if (this.#open.has(each.orderId)) continue;
			this.#open.add(each.orderId);
			if (this.#waiting.length < WAITING_MAX) this.#waiting.push(each);
			else this.#parts.clock.after(0, () => this.#tell(each, noFindings()));
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
			const findings = { ...noFindings(), isComplete: true };
			this.#find(asked, findings, () => {
				this.#askedCount -= 1;
				this.#tell(asked, findings);
				this.#next();
			});
		}
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
		const claimedLots = findings.reports.reduce((most, { filledLots }) => Math.max(most, filledLots), 0);
		if (findings.reports.length > 0 && claimedLots === 0) return done();
		this.#readExecutions(asked, findings, () => {
			const foundLots = findings.executions.reduce((sum, each) => sum + filledLotsIn(asked.instrument, each), 0);
			// Executions are listed later than the order says that it is filled.
			if (foundLots < claimedLots) findings.isComplete = false;
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
		const [report] = findings.reports;
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

function noFindings(): Findings {
	return { reports: [], executions: [], isComplete: false, venueAtMs: undefined };
}

/** Of several filters the venue heeds the order id alone. */
function paramsOf({ orderId, venueOrderId, instrument }: LookUp): Record<string, string> {
	const { category, symbol } = instrument;
	return venueOrderId === undefined ? { category, symbol, orderLinkId: orderId } : { category, symbol, orderId: venueOrderId };
}

/** Rows of another order in the answer mean that the question was not understood. */
function isAbout(
	{ orderId, venueOrderId }: LookUp,
	row: { readonly clientOrderId: string; readonly venueOrderId: string },
	report?: OrderReport,
): boolean {
	const known = report?.venueOrderId ?? venueOrderId;
	return row.clientOrderId === orderId || (known !== undefined && row.venueOrderId === known);
}
