/** What a session came to, as plain data for a script and for a screen. Money and quantities are decimal text. */
import { type Instrument, printPrice, printQty } from '../domain/instrument.ts';
import { moneyOf, parseMoney, printMoney } from '../domain/money.ts';
import { ticks, timeMs } from '../domain/units.ts';
import type { Engine } from '../engine/engine.ts';
import type { Mark } from '../portfolio/valuation.ts';
import { shownName } from './symbol-names.ts';

/** What is reported on: an engine and what it trades. */
export interface Traded {
	readonly engine: Engine;
	readonly instruments: readonly Instrument[];
}

export interface SessionReport {
	readonly seed: number;
	readonly virtual: boolean;
	readonly durationMs: number;
	readonly ticks: number;
	/** From the first event of a flush to its last answer; ticks with nothing to send do not count. */
	readonly tickMs: { readonly p50: number; readonly p95: number; readonly p99: number };
	readonly overruns: number;
	/** Before: put on the command bus. After: what was left of them when opposite and repeated ones had met. */
	readonly commands: { readonly before: number; readonly after: number };
	readonly calls: number;
	readonly fills: number;
	/** Base quantity by symbol, named as shortly as can be. */
	readonly inventory: Readonly<Record<string, string>>;
	readonly pnl: ProfitLine;
	readonly openOrdersAtExit: number;
	/** Of every input and output of the engine; in virtual time only, where it means something. */
	readonly traceHash?: string;
}

/** Total is realised and unrealised profit less fees, with funding, in the settle currency. */
export interface ProfitLine {
	readonly currency: string;
	readonly total: string;
	readonly realised: string;
	readonly unrealised: string;
	readonly fees: string;
	readonly funding: string;
}

/** How a running session stands, for the status line. */
export interface SessionStatus {
	readonly tickMsP50: number;
	readonly tickMsP95: number;
	readonly callsPerTick: number;
	readonly openOrders: number;
	readonly fills: number;
	readonly inventory: Readonly<Record<string, string>>;
	readonly pnl: ProfitLine;
}

export function statusOf(world: Traded, wallMs: number): SessionStatus {
	const stats = world.engine.getStats();
	return {
		tickMsP50: stats.p50_tick_ms,
		tickMsP95: stats.p95_tick_ms,
		callsPerTick: stats.ticks === 0 ? 0 : stats.calls / stats.ticks,
		openOrders: world.engine.orders.openCount,
		fills: world.engine.fillCount,
		inventory: inventoryOf(world),
		pnl: profitOf(world, wallMs),
	};
}

/** All instruments of a world settle in one currency. */
export function profitOf(world: Traded, wallMs: number): ProfitLine {
	const valuation = world.engine.ledger.markToMarket(marksOf(world), timeMs(wallMs));
	const [row] = valuation.currencies;
	const currency = world.instruments[0]?.settleCurrency ?? '';
	if (row === undefined) return { currency, total: '0', realised: '0', unrealised: '0', fees: '0', funding: '0' };
	return {
		currency: row.currency,
		total: printMoney(moneyOf(row.equity - row.capital)),
		realised: printMoney(row.realised),
		unrealised: printMoney(row.unrealised),
		fees: printMoney(row.fees),
		funding: printMoney(row.funding),
	};
}

export function inventoryOf(world: Traded): Record<string, string> {
	const inventory: Record<string, string> = {};
	for (const instrument of world.instruments) {
		inventory[shownName(instrument, world.instruments)] = printQty(
			instrument,
			world.engine.ledger.positionLots(instrument.index),
		);
	}
	return inventory;
}

function marksOf(world: Traded): Mark[] {
	const marks: Mark[] = [];
	for (const instrument of world.instruments) {
		const market = world.engine.market(instrument.index);
		if (market === undefined || market.markTicks <= 0) continue;
		const price = parseMoney(printPrice(instrument, ticks(Math.round(market.markTicks))));
		if (price !== undefined) marks.push({ instrument: instrument.index, price });
	}
	return marks;
}
