/**
 * Compares what orders say is filled with the executions that were told: where the fills run behind for longer than
 * frames of two topics do, one was lost although the connection stands, and it is fetched by order (F20).
 */
import type { Execution, OrderReport } from '../../domain/execution.ts';
import type { Instrument } from '../../domain/instrument.ts';
import { filledLotsIn, reportIn } from '../../domain/regrid.ts';

interface Watched {
	readonly instrument: Instrument;
	readonly executionIds: Set<string>;
	/** Of executions told, and of those from before our time. */
	seenLots: number;
	claimedLots: number;
	behindSinceMono: number | undefined;
	waitMs: number;
}

export interface Behind {
	readonly instrument: Instrument;
	readonly venueOrderId: string;
}

const BEHIND_MS = 500;
/** Asked again after twice as long each time. */
const BEHIND_MS_MAX = 16_000;
/** The orders that moved last; what is pushed out is no longer watched (I18). */
export const FOLLOWED_ORDERS_MAX = 4_096;

export class FillWatch {
	readonly #orders = new Map<string, Watched>();
	readonly #behind = new Set<string>();

	/** Whether any order waits for its fills. */
	get isWaiting(): boolean {
		return this.#behind.size > 0;
	}

	/** What was filled before anybody listened is not asked for. */
	applyOpening(report: OrderReport): void {
		const watched = this.#watched(report);
		watched.seenLots = Math.max(watched.seenLots, report.filledLots);
		this.#judge(report.venueOrderId, watched, 0);
	}

	applyReport(report: OrderReport, nowMono: number): void {
		if (report.filledLots === 0) return;
		const watched = this.#watched(report);
		watched.claimedLots = Math.max(watched.claimedLots, reportIn(watched.instrument, report).filledLots);
		this.#judge(report.venueOrderId, watched, nowMono);
	}

	applyExecution(execution: Execution, nowMono: number): void {
		const watched = this.#watched(execution);
		if (watched.executionIds.has(execution.executionId)) return;
		watched.executionIds.add(execution.executionId);
		watched.seenLots += filledLotsIn(watched.instrument, execution);
		this.#judge(execution.venueOrderId, watched, nowMono);
	}

	/** The orders to fetch executions of now. */
	due(nowMono: number): Behind[] {
		const due: Behind[] = [];
		for (const venueOrderId of this.#behind) {
			const watched = this.#orders.get(venueOrderId);
			if (watched?.behindSinceMono === undefined || nowMono - watched.behindSinceMono < watched.waitMs) continue;
			watched.behindSinceMono = nowMono;
			watched.waitMs = Math.min(watched.waitMs * 2, BEHIND_MS_MAX);
			due.push({ instrument: watched.instrument, venueOrderId });
		}
		return due;
	}

	#watched({ instrument, venueOrderId }: Behind): Watched {
		let watched = this.#orders.get(venueOrderId);
		if (watched === undefined) {
			const fresh = { instrument, executionIds: new Set<string>(), seenLots: 0, claimedLots: 0 };
			watched = { ...fresh, behindSinceMono: undefined, waitMs: BEHIND_MS };
		}
		// The last to move stands at the end.
		this.#orders.delete(venueOrderId);
		this.#orders.set(venueOrderId, watched);
		if (this.#orders.size > FOLLOWED_ORDERS_MAX) this.#forgetOldest();
		return watched;
	}

	#forgetOldest(): void {
		const [oldest] = this.#orders.keys();
		if (oldest === undefined) return;
		this.#orders.delete(oldest);
		this.#behind.delete(oldest);
	}

	#judge(venueOrderId: string, watched: Watched, nowMono: number): void {
		if (watched.seenLots >= watched.claimedLots) {
			watched.behindSinceMono = undefined;
			watched.waitMs = BEHIND_MS;
			this.#behind.delete(venueOrderId);
		} else if (watched.behindSinceMono === undefined) {
			watched.behindSinceMono = nowMono;
			this.#behind.add(venueOrderId);
		}
	}
}
