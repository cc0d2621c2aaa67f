/**
 * Which order stands in which slot of one quoter. A slot holds one order; while that one is being cancelled its
 * successor may already stand beside it, and never a third (I1).
 */
import type { Order } from '../domain/order.ts';
import { SLOT_COUNT } from '../domain/slot.ts';

export class Slots {
	/** The order that stands for the slot's wish. */
	readonly current: (Order | undefined)[] = new Array<Order | undefined>(SLOT_COUNT).fill(undefined);
	/** Its predecessor, on the way out. */
	readonly retiring: (Order | undefined)[] = new Array<Order | undefined>(SLOT_COUNT).fill(undefined);
	/** Grows with each change of any order in a slot, so that an unchanged wish against unchanged orders costs nothing. */
	version = 0;

	/** Makes room for a successor. */
	retire(slot: number): void {
		this.retiring[slot] = this.current[slot];
		this.current[slot] = undefined;
	}

	remove(order: Order): void {
		if (this.current[order.slot] === order) this.current[order.slot] = undefined;
		if (this.retiring[order.slot] === order) this.retiring[order.slot] = undefined;
	}
}
