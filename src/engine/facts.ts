/**
 * What a later run has to know of this one, gathered while the engine takes an event and handed to the journal behind
 * it. Nobody waits for these: what a crash takes of them the venue can tell again.
 */
import type { ControlAction } from '../domain/event.ts';
import type { Execution } from '../domain/execution.ts';
import type { Instrument } from '../domain/instrument.ts';
import type { JournalRecord, OverRecord } from '../domain/journal-record.ts';
import { moneyOf, NO_MONEY, parseMoney, printMoney } from '../domain/money.ts';
import type { Order } from '../domain/order.ts';
import type { TimeMs } from '../domain/units.ts';
import type { Funding } from '../portfolio/account.ts';
import type { ControlResult } from './control.ts';

export class Facts {
	#records: JournalRecord[] = [];

	add(record: JournalRecord): void {
		this.#records.push(record);
	}

	/** All that came together since the last time; undefined where nothing did. */
	take(): readonly JournalRecord[] | undefined {
		if (this.#records.length === 0) return undefined;
		const taken = this.#records;
		this.#records = [];
		return taken;
	}
}

export function instrumentRecord(instrument: Instrument): JournalRecord {
	const { id, version, venue, category, symbol, baseCurrency, quoteCurrency, settleCurrency, priceGrid, qtyGrid } = instrument;
	const currencies = { baseCurrency, quoteCurrency, settleCurrency };
	const grids = { tickSize: priceGrid.step, lotSize: qtyGrid.step };
	return { kind: 'instrument', instrumentId: id, version, venue, category, symbol, ...currencies, ...grids };
}

export function executionRecord(execution: Execution): JournalRecord {
	const { executionId, instrument, clientOrderId, venueOrderId, side, priceTicks, qtyLots } = execution;
	const { fee, feeCurrency, isMaker, tradedAtMs } = execution;
	return {
		kind: 'execution',
		...{ executionId, instrumentId: instrument.id, version: instrument.version, clientOrderId, venueOrderId },
		...{ side, priceTicks, qtyLots, fee: printMoney(fee), feeCurrency, isMaker, tradedAtMs },
	};
}

export function fundingRecord(instrumentId: string, { fundingId, amount, currency, fundedAtMs }: Funding): JournalRecord {
	return { kind: 'funding', fundingId, instrumentId, amount: printMoney(amount), currency, fundedAtMs };
}

/** The executions behind it are written down already, but not all of them said whose they were (F87). */
export function filledRecord({ orderId, filledLots, instrument }: Order): JournalRecord {
	const lot = parseMoney(instrument.qtyGrid.step) ?? NO_MONEY;
	return { kind: 'filled', orderId, qty: printMoney(moneyOf(lot * BigInt(filledLots))) };
}

export function overRecord({ orderId, state, reason }: Order): JournalRecord {
	return { kind: 'over', orderId, state: state as OverRecord['state'], reason: reason ?? '' };
}

/** Undefined for what stands in the journal anyway, and for what changes nothing that lasts. */
export function controlRecord(action: ControlAction, result: ControlResult, atMs: TimeMs): JournalRecord | undefined {
	const told = result.kind === 'refused' ? `refused: ${result.reason}` : result.kind;
	const record = (detail: string): JournalRecord => ({ kind: 'control', action: action.kind, detail, result: told, atMs });
	switch (action.kind) {
		case 'placeOrder':
		case 'amendOrder':
		case 'cancelOrder':
		case 'decide':
		case 'keep':
		case 'processTick':
			return undefined;
		case 'pause':
		case 'compare':
		case 'flatten':
		case 'reduceOnly':
		case 'shutGate':
			return record(action.reason);
		case 'rearm':
			// What was taken back has a record of its own.
			return result.kind === 'refused' ? record(action.by) : undefined;
		case 'resume':
		case 'cancelAll':
			return record(action.scope.kind === 'all' ? 'all' : `instrument ${action.scope.instrument}`);
		case 'setParallel':
			return record(String(action.parallel));
		case 'changeSettings':
			return record(`${action.by === undefined ? '' : `${action.by}: `}${action.changes.map(changeText).join(', ')}`);
	}
}

/** Limits with their new figures; of the rest what it was. */
function changeText(change: object): string {
	const { kind, ...values } = change as { readonly kind?: string };
	return kind !== undefined && WITH_FIGURES.has(kind)
		? `${kind} ${JSON.stringify(Object.values(values)[0])}`
		: String(kind ?? '');
}

const WITH_FIGURES: ReadonlySet<string> = new Set(['setLimits', 'setLossLimits', 'setBudget']);
