/**
 * What pauses quoting for the whole account (KL2) and is seen by looking, not told by anybody: orders in doubt, a journal
 * that is slow, a clock that is off, a venue that refuses for want of budget. Each has a cause and a reason of its own;
 * when it is over, two clean comparisons with the venue are the way back.
 */
import type { EngineEvent } from '../domain/event.ts';
import type { OrderId } from '../domain/order-id.ts';
import type { MonoMs } from '../domain/units.ts';
import type { OrderManager } from '../execution/order-manager.ts';
import type { RiskLevels } from '../risk/level.ts';
import type { RiskLimits } from '../risk/limits.ts';

type At = Pick<EngineEvent, 'wallMs' | 'monoMs'>;

/** So many orders in doubt are usual; one more is a sign that we do not know where we are. */
const UNKNOWN_MAX = 3;
/** And so is one that stays in doubt for so long. */
const UNKNOWN_MS_MAX = 30_000;

interface Parts {
	readonly orders: OrderManager;
	readonly levels: RiskLevels;
	limits(): RiskLimits;
	journalDelayMs(nowMono: MonoMs): number;
	/** The largest distance of any venue's clock from ours, either way. */
	clockOffMs(): number;
	/** The venue that refuses because of its rate limits, time and again. */
	throttledBy(nowMono: MonoMs): string | undefined;
	/** Asks for the comparisons that have to be clean before anything is quoted again. */
	confirm(reason: string, at: At): void;
}

export class Troubles {
	readonly #parts: Parts;
	readonly #reasons = new Map<string, string>();
	/** Since when each order has been in doubt. */
	readonly #unknownSinceMono = new Map<OrderId, MonoMs>();

	constructor(parts: Parts) {
		this.#parts = parts;
	}

	/** Now and then. While an earlier run is being found out, being in doubt is the rule. */
	applyTime(at: At, { isRecovering }: { readonly isRecovering: boolean }): void {
		const { journalDelayMsMax, clockOffsetMsMax } = this.#parts.limits();
		this.#set('unknown', this.#doubtReason(at.monoMs, isRecovering), at);
		const isSlow = !(this.#parts.journalDelayMs(at.monoMs) <= journalDelayMsMax);
		this.#set('slow journal', isSlow ? 'the journal does not keep up' : undefined, at);
		const offMs = this.#parts.clockOffMs();
		const isOff = !(offMs <= clockOffsetMsMax);
		this.#set('clock', isOff ? `our clock and the venue's differ by ${Math.round(offMs)} ms` : undefined, at);
		const venue = this.#parts.throttledBy(at.monoMs);
		this.#set('throttling', venue === undefined ? undefined : `${venue} keeps refusing for want of rate budget`, at);
	}

	#doubtReason(nowMono: MonoMs, isRecovering: boolean): string | undefined {
		const { orders } = this.#parts;
		if (orders.openCount === 0 || isRecovering) {
			this.#unknownSinceMono.clear();
			return undefined;
		}
		let longestMs = 0;
		let count = 0;
		for (const { orderId, state } of orders.openOrders()) {
			if (state !== 'unknown') {
				this.#unknownSinceMono.delete(orderId);
				continue;
			}
			count += 1;
			const sinceMono = this.#unknownSinceMono.get(orderId) ?? nowMono;
			this.#unknownSinceMono.set(orderId, sinceMono);
			longestMs = Math.max(longestMs, nowMono - sinceMono);
		}
		if (this.#unknownSinceMono.size > count) this.#forgetClosed();
		if (count > UNKNOWN_MAX) return `${count} orders are in doubt`;
		return longestMs > UNKNOWN_MS_MAX ? `an order has been in doubt for ${UNKNOWN_MS_MAX / 1_000} s` : undefined;
	}

	#forgetClosed(): void {
		for (const orderId of this.#unknownSinceMono.keys()) {
			if (this.#parts.orders.get(orderId)?.state !== 'unknown') this.#unknownSinceMono.delete(orderId);
		}
	}

	#set(cause: string, reason: string | undefined, at: At): void {
		const { levels } = this.#parts;
		const before = this.#reasons.get(cause);
		if (reason !== undefined) {
			levels.pause(cause, { reason, liftsByItself: false, nowMono: at.monoMs });
			if (before === undefined) this.#reasons.set(cause, reason);
		} else if (before !== undefined) {
			this.#reasons.delete(cause);
			this.#parts.confirm(`comparing with the venue after: ${before}`, at);
			levels.resume(cause);
		}
	}
}
