/** What the engine remarks, as a line of the log: how important it is, and what stands in it. */
import { printPrice, printQty } from '../domain/instrument.ts';
import { printMoney } from '../domain/money.ts';
import type { EngineNote } from '../engine/ports.ts';
import type { LogFields, LogLevel } from '../telemetry/log/log.ts';

export interface NoteLine {
	readonly level: LogLevel;
	readonly fields: LogFields;
}

/** Undefined for what is in the log already. */
export function noteLine(note: EngineNote): NoteLine | undefined {
	switch (note.kind) {
		case 'filled': {
			const { executionId, clientOrderId: orderId, instrument, side, priceTicks, qtyLots, isMaker } = note.execution;
			const price = printPrice(instrument, priceTicks);
			const qty = printQty(instrument, qtyLots);
			const { fee, feeCurrency } = note.execution;
			const fields = {
				orderId,
				executionId,
				symbol: instrument.id,
				side,
				price,
				qty,
				fee: printMoney(fee),
				feeCurrency,
				isMaker,
			};
			return { level: 'info', fields };
		}
		case 'strategyFailed': {
			const { instrument, error } = note;
			const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
			return { level: 'error', fields: { symbol: instrument, error: text } };
		}
		case 'gateShut':
		case 'paused': {
			return { level: 'warn', fields: { reason: note.reason } };
		}
		case 'resumed':
			return { level: 'info', fields: {} };
		case 'decisionOrder': {
			const { decisionId, orderId, state, filledLots } = note;
			return { level: 'info', fields: { decisionId, orderId, state, filledLots } };
		}
		case 'flattened':
			return { level: 'info', fields: { symbol: note.instrument, leftLots: note.leftLots } };
		case 'held':
		case 'refusedAgain':
		case 'flattenRefused':
			return { level: 'warn', fields: { symbol: note.instrument, reason: note.reason } };
		case 'leverageChanged': {
			const { instrument, before, leverage } = note;
			return { level: 'warn', fields: { symbol: instrument, before, leverage } };
		}
		case 'exitRefused':
			return { level: 'warn', fields: { decisionId: note.decisionId, reason: note.reason } };
		case 'unwatched':
			return { level: 'warn', fields: { decisionId: note.decisionId, symbol: note.instrument } };
		case 'clockOff':
			return { level: 'warn', fields: { venue: note.venue, offsetMs: note.offsetMs } };
		case 'foreignOrders':
			return { level: 'info', fields: { venue: note.venue, orderCount: note.count } };
		case 'tooOldToBook':
			return { level: 'warn', fields: { executionId: note.executionId } };
	}
}
