/** What tests of order entry share whatever the venue: commands as the gate would have approved them. */
import type { AmendCommand, CancelCommand, PlaceCommand, PlaceProposal } from '../../domain/command.ts';
import type { Instrument } from '../../domain/instrument.ts';
import type { OrderId } from '../../domain/order-id.ts';
import { lots, ticks } from '../../domain/units.ts';

export const START_MS = 1_771_000_000_000;

export function place(orderId: string, instrument: Instrument, more: Partial<PlaceProposal> = {}): PlaceCommand {
	return {
		kind: 'place',
		instrument,
		quoter: 0,
		slot: 0,
		side: 'buy',
		orderType: 'limit',
		timeInForce: 'postOnly',
		reduceOnly: false,
		priceTicks: ticks(649_900),
		qtyLots: lots(10),
		orderId: orderId as OrderId,
		...more,
	} as PlaceCommand;
}

export function amend(orderId: string, instrument: Instrument): AmendCommand {
	return { kind: 'amend', instrument, orderId: orderId as OrderId, priceTicks: ticks(649_910), qtyLots: lots(8) } as AmendCommand;
}

export function cancel(orderId: string, instrument: Instrument): CancelCommand {
	return { kind: 'cancel', instrument, orderId: orderId as OrderId };
}

export const COMMAND_OF = { place, amend, cancel } as const;
