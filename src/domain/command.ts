/**
 * What we ask of a venue. A place or an amend comes into being as a proposal; only the risk gate turns a proposal into
 * an approved command, and only approved commands can be put on the bus (I12). A cancel needs nobody's leave (I11).
 */
import type { Instrument } from './instrument.ts';
import type { OrderType, TimeInForce } from './order.ts';
import type { OrderId } from './order-id.ts';
import type { Side } from './side.ts';
import type { Lots, Ticks } from './units.ts';

export interface PlaceProposal {
	readonly kind: 'place';
	readonly instrument: Instrument;
	readonly quoter: number;
	readonly slot: number;
	readonly side: Side;
	readonly orderType: OrderType;
	readonly timeInForce: TimeInForce;
	readonly reduceOnly: boolean;
	/** For a market order the worst price that it may trade at. */
	readonly priceTicks: Ticks;
	readonly qtyLots: Lots;
	/** The order that this one is a part of, where it does not stand for itself (PT23). */
	readonly parent?: string | undefined;
}

export interface AmendProposal {
	readonly kind: 'amend';
	readonly instrument: Instrument;
	readonly orderId: OrderId;
	readonly priceTicks: Ticks;
	/** Total, filled part included. */
	readonly qtyLots: Lots;
}

export interface CancelCommand {
	readonly kind: 'cancel';
	readonly instrument: Instrument;
	readonly orderId: OrderId;
}

declare const approved: unique symbol;
interface Approval {
	/** Exists in the type only: made by `risk/gate.ts`, nowhere else. */
	readonly [approved]: true;
}

/** A new order whose id is made and whose risk is checked. */
export type PlaceCommand = PlaceProposal & { readonly orderId: OrderId } & Approval;
export type AmendCommand = AmendProposal & Approval;
export type Command = PlaceCommand | AmendCommand | CancelCommand;
export type Verb = Command['kind'];

export const VERBS = ['cancel', 'amend', 'place'] as const satisfies readonly Verb[];

/**
 * One call to a venue: commands of one verb and category that travel together, and come back with one outcome each.
 * `instrument` is set where all of them belong to one symbol, for limits on symbols in flight.
 */
export interface Batch {
	readonly batchId: number;
	readonly venue: string;
	readonly category: Instrument['category'];
	readonly verb: Verb;
	readonly commands: readonly Command[];
	readonly symbolOnly: Instrument | undefined;
}
