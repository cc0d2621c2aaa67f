/**
 * Orders that are parts of a larger one (PT23): a flatten in slices, a workflow that works an order. What its parts have
 * filled and could still fill never exceeds what the parent asked for, whatever became of them.
 */
import { type Order, openLotsWorst } from '../domain/order.ts';
import { isOver } from '../domain/order-life.ts';

interface Parent {
	readonly qtyLots: number;
	readonly parts: Order[];
	/** Of parts that are over and owe us no fill; they need not be looked at again. */
	settledLots: number;
}

/** More than this are not worked at the same time; the one that was opened first is forgotten, rather one that has all it asked for, and gets no more parts. */
export const PARENTS_MAX = 1_000;

export class Parents {
	readonly #parents = new Map<string, Parent>();

	/** What is known already goes on as it was opened: nobody makes room by asking for more under the same name. */
	open(parentId: string, qtyLots: number): void {
		if (this.#parents.has(parentId)) return;
		this.#parents.set(parentId, { qtyLots, parts: [], settledLots: 0 });
		if (this.#parents.size > PARENTS_MAX) this.#forgetOne();
	}

	close(parentId: string): void {
		this.#parents.delete(parentId);
	}

	/** The oldest that has all it asked for, else the oldest. */
	#forgetOne(): void {
		let oldest: string | undefined;
		for (const parentId of this.#parents.keys()) {
			oldest ??= parentId;
			if (this.roomLots(parentId) > 0) continue;
			oldest = parentId;
			break;
		}
		if (oldest !== undefined) this.#parents.delete(oldest);
	}

	/** An order that was approved for it. */
	adopt(parentId: string, order: Order): void {
		this.#parents.get(parentId)?.parts.push(order);
	}

	/** What may still be asked for; nothing under a name that nobody opened. */
	roomLots(parentId: string): number {
		const parent = this.#parents.get(parentId);
		if (parent === undefined) return 0;
		let room = parent.qtyLots - parent.settledLots;
		for (let at = parent.parts.length - 1; at >= 0; at -= 1) {
			const part = parent.parts[at];
			if (part === undefined) continue;
			room -= takenBy(part);
			if (!isOver(part.state) || part.filledLots < part.reportedFilledLots) continue;
			parent.settledLots += part.filledLots;
			parent.parts.splice(at, 1);
		}
		return room;
	}
}

/** A part that is over can still owe us fills that the venue has reported. */
function takenBy(part: Order): number {
	if (isOver(part.state)) return Math.max(part.filledLots, part.reportedFilledLots);
	return part.filledLots + Math.max(0, openLotsWorst(part));
}
