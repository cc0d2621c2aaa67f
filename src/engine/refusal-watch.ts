/**
 * Hears what the venue makes of each create that a strategy asked for, and keeps it where the gate looks (F36). A symbol
 * that it takes hardly anything from is held (KL1). To be asked before the word is folded into the order: only the first
 * one counts.
 */
import type { OrderReport } from '../domain/execution.ts';
import type { Order } from '../domain/order.ts';
import { isOver } from '../domain/order-life.ts';
import type { ItemOutcome } from '../domain/outcome.ts';
import type { MonoMs } from '../domain/units.ts';
import { isAboutContent } from '../execution/order-draft.ts';
import type { RiskLevels } from '../risk/level.ts';
import { RefusalBreaker } from '../risk/refusal-breaker.ts';
import { type Refusals, STANDS_AFTER_MS } from '../risk/refusals.ts';
import { slotKey } from '../risk/slot-rates.ts';
import type { EngineEffect } from './ports.ts';

interface Parts {
	readonly levels: RiskLevels;
	readonly refusals: Refusals;
	readonly effects: EngineEffect[];
}

const CAUSE = 'breaker';

export class RefusalWatch {
	readonly #parts: Parts;
	readonly #breaker = new RefusalBreaker();

	constructor(parts: Parts) {
		this.#parts = parts;
	}

	applyOutcome({ verb, outcome }: ItemOutcome, order: Order | undefined, nowMono: MonoMs): void {
		if (verb !== 'place' || outcome.kind !== 'rejected' || !isAboutContent(outcome)) return;
		// About one that the venue has shown, a refusal speaks of a second attempt (F08).
		if (isOfInterest(order) && order.shownAtMono === undefined) this.#refused(order, outcome.reason, nowMono);
	}

	applyReport(report: OrderReport, order: Order | undefined, nowMono: MonoMs): void {
		if (!isOfInterest(order)) return;
		if (isRefusal(report, order)) this.#refused(order, report.reason ?? 'no reason given', nowMono);
		else if (order.shownAtMono === undefined) this.#shown(order, nowMono);
	}

	#refused(order: Order, reason: string, nowMono: MonoMs): void {
		const { levels, refusals, effects } = this.#parts;
		const { index, id } = order.instrument;
		if (refusals.refused(slotKey(order), { tried: order, reason }, nowMono)) {
			effects.push({ kind: 'note', note: { kind: 'refusedAgain', instrument: id, reason } });
		}
		const wasShown = order.shownAtMono !== undefined && nowMono - order.shownAtMono < STANDS_AFTER_MS;
		const why = this.#breaker.refused(index, { reason, wasShown }, nowMono);
		if (why === undefined) return;
		const isNew = levels.holdReason(index, nowMono) === undefined;
		levels.hold(index, CAUSE, { reason: why, liftsByItself: true, nowMono });
		if (isNew) effects.push({ kind: 'note', note: { kind: 'held', instrument: id, reason: why } });
	}

	#shown(order: Order, nowMono: MonoMs): void {
		this.#parts.refusals.shown(slotKey(order), nowMono);
		this.#breaker.shown(order.instrument.index, nowMono);
	}
}

/** What a person places by hand is theirs to try again. */
function isOfInterest(order: Order | undefined): order is Order {
	return order !== undefined && order.quoter >= 0 && !isOver(order.state);
}

/** Some refusals are told as the end of an order that was accepted (F07); an end that we asked for is none. */
function isRefusal({ status, filledLots }: OrderReport, { state, timeInForce }: Order): boolean {
	if (status === 'rejected') return true;
	return status === 'cancelled' && state === 'sent' && filledLots === 0 && timeInForce === 'postOnly';
}
