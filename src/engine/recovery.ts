/**
 * What earlier runs of ours left behind, as a fold over the journal's records: any prefix gives the state that the engine
 * had when that prefix was written (I23), and folding what the fold itself writes down gives the same state again (I22).
 * Pure. It knows what may exist; only the venue knows what does.
 */

import { type Instrument, type InstrumentIndex, instrumentIndex, makeInstrument, notionalOf } from '../domain/instrument.ts';
import type {
	AmendRecord,
	DecisionRecord,
	EquityRecord,
	ExecutionRecord,
	FundingRecord,
	InstrumentRecord,
	JournalRecord,
	LatchRecord,
	PlaceRecord,
	RearmRecord,
	RunRecord,
	StoppedRecord,
	WatchRecord,
} from '../domain/journal-record.ts';
import { type Money, moneyOf, NO_MONEY, parseMoney, printMoney } from '../domain/money.ts';
import { type OrderIdMark, parseOrderId, parseRunTag, type RunTag } from '../domain/order-id.ts';
import { type Lots, type Ticks, timeMs } from '../domain/units.ts';
import { Ledger } from '../portfolio/ledger.ts';
import type { AccountSnapshot, LedgerSnapshot } from '../portfolio/ledger-snapshot.ts';
import { DecisionBook } from './decision-book.ts';

/** An order that may exist. Prices and quantities are decimal text, since the grid may be another one by now. */
export interface LeftOrder {
	readonly orderId: string;
	readonly instrumentId: string;
	/** Strategy and symbol, as the run named them that placed it; empty for the desk. */
	readonly owner: string;
	readonly slot: number;
	readonly side: PlaceRecord['side'];
	readonly orderType: PlaceRecord['orderType'];
	readonly timeInForce: PlaceRecord['timeInForce'];
	readonly reduceOnly: boolean;
	/** As placed, and as amends asked for; which of them holds only the venue knows. */
	readonly versions: readonly { readonly price: string; readonly qty: string }[];
	readonly filled: string;
}

export interface Recovered {
	/** Of every run of this instance that is remembered, the oldest first. */
	readonly runTags: readonly RunTag[];
	readonly lastOrderId: OrderIdMark | undefined;
	readonly orders: readonly LeftOrder[];
	/** Of every instrument that is remembered, in all grids that it had, the last one last. */
	readonly grids: readonly InstrumentRecord[];
	readonly ledger: LedgerSnapshot;
	readonly latch: LatchRecord | undefined;
	/** What losses are counted from; nothing once a person has re-armed, who thereby accepts what was lost. */
	readonly equity: EquityRecord | undefined;
	/** What the desk decided and what became of it, as records. */
	readonly decisions: readonly (DecisionRecord | WatchRecord)[];
	/** Where a decision may still hold something. */
	readonly watchedInstrumentIds: readonly string[];
	readonly firstRun: RunRecord | undefined;
	readonly lastRun: RunRecord | undefined;
	/** The last run said good-bye, and nothing was left. */
	readonly endedWell: boolean;
	/**
	 * By when runs had ended without saying good-bye, the oldest first: the moment at which the next one began, undefined
	 * for the last. What was before a person re-armed counts no more.
	 */
	readonly crashesAtMs: readonly (number | undefined)[];
}

/** As many runs are remembered as ours; an order that is older than so many runs is found by nobody. */
export const RUNS_REMEMBERED_MAX = 1_000;

interface Left {
	readonly place: PlaceRecord;
	readonly versions: Version[];
	filled: Money;
}

/** Numbers count on the grid of the instrument as it was then, which is kept beside them. */
interface Version {
	readonly grid: Known;
	readonly priceTicks: number;
	readonly qtyLots: number;
}

interface Known {
	readonly record: InstrumentRecord;
	readonly instrument: Instrument;
	readonly tick: Money;
	readonly lot: Money;
}

export class Recovery {
	readonly #runs: RunRecord[] = [];
	/** How each of them ended, by its place in the list above. */
	readonly #ends: (StoppedRecord | undefined)[] = [];
	/** Versions of each, the present one last: what is heard late counts on the grid of its time (F59). */
	readonly #instruments = new Map<string, readonly Known[]>();
	readonly #orders = new Map<string, Left>();
	#ledger = new Ledger();
	readonly #decisions = new DecisionBook();
	#latch: LatchRecord | undefined;
	#equity: EquityRecord | undefined;
	/** The last one, and how many of the runs above began before it. */
	#rearmed: { readonly record: RearmRecord; runCount: number } | undefined;
	#mark: OrderIdMark | undefined;

	apply(record: JournalRecord): void {
		switch (record.kind) {
			case 'run':
				this.#begin(record);
				return;
			case 'instrument':
				this.#follow(record);
				return;
			case 'place':
				this.#place(record);
				return;
			case 'amend':
				this.#amend(record);
				return;
			case 'over':
				this.#orders.delete(record.orderId);
				this.#decisions.end(record.orderId);
				return;
			case 'filled': {
				const left = this.#orders.get(record.orderId);
				const filled = parseMoney(record.qty) ?? NO_MONEY;
				if (left !== undefined) left.filled = filled;
				this.#decisions.fillTo(record.orderId, filled);
				return;
			}
			case 'decision':
			case 'exit':
			case 'watch':
				this.#decisions.apply(record);
				return;
			case 'mark':
				this.#note(record.timestampMs, record.counter);
				return;
			case 'execution':
				this.#execute(record);
				return;
			case 'funding':
				this.#fund(record);
				return;
			case 'ledger':
				this.#restore(record.snapshot as LedgerSnapshot);
				return;
			case 'account':
				this.#ledger.restoreAccount(record.snapshot as AccountSnapshot);
				this.#followAccount(record.snapshot.instrumentId);
				return;
			case 'latch':
				// A kill is not undone by a lesser latch that comes later.
				if (this.#latch?.level !== 'kill' || record.level === 'kill') this.#latch = record;
				return;
			case 'equity':
				this.#equity = record;
				return;
			case 'rearm':
				this.#latch = undefined;
				this.#equity = undefined;
				this.#rearmed = { record, runCount: this.#runs.length };
				return;
			case 'stopped':
				if (this.#runs.length > 0) this.#ends[this.#runs.length - 1] = record;
				return;
			case 'cancel':
			case 'control':
			case 'reconciled':
			case 'ran':
			case 'portfolio':
				return;
		}
	}

	result(): Recovered {
		const end = this.#ends.at(-1);
		return {
			runTags: this.#runs.flatMap(({ runTag }) => parseRunTag(runTag) ?? []),
			lastOrderId: this.#mark,
			orders: [...this.#orders.values()].map(leftOf),
			grids: [...this.#instruments.values()].flat().map(({ record }) => record),
			ledger: this.#ledger.snapshot(),
			latch: this.#latch,
			equity: this.#equity,
			decisions: [...this.#decisions.records()],
			watchedInstrumentIds: [...new Set(this.#decisions.open().map(({ record }) => record.instrumentId))],
			firstRun: this.#runs[0],
			lastRun: this.#runs.at(-1),
			endedWell: this.#runs.length === 0 || end?.left.length === 0,
			crashesAtMs: this.#crashesAtMs(),
		};
	}

	/**
	 * The same state in as few records as can be, to begin a new segment with. Each is made when it is asked for, since all of
	 * them take long; nothing may be applied meanwhile.
	 */
	*records(): Generator<JournalRecord, undefined> {
		yield* this.#runRecords();
		for (const left of this.#orders.values()) yield* recordsOf(left);
		// Behind the orders, whose grids may be older ones.
		for (const versions of this.#instruments.values()) for (const { record } of versions) yield record;
		const { rest, accounts } = this.#ledger.snapshotInParts();
		yield { kind: 'ledger', snapshot: rest };
		for (const snapshot of accounts) yield { kind: 'account', snapshot };
		yield* this.#decisions.records();
		if (this.#mark !== undefined) yield { kind: 'mark', ...this.#mark };
		if (this.#equity !== undefined) yield this.#equity;
		if (this.#latch !== undefined) yield this.#latch;
	}

	#restore(snapshot: LedgerSnapshot): void {
		this.#ledger = Ledger.restore(snapshot);
		for (const { instrumentId } of snapshot.accounts) this.#followAccount(instrumentId);
	}

	#followAccount(instrumentId: string): void {
		const known = this.#instruments.get(instrumentId)?.at(-1);
		if (known !== undefined) this.#ledger.follow(known.instrument);
	}

	#begin(record: RunRecord): void {
		// What is told again of a damaged journal.
		if (this.#runs.some(({ runTag, atMs }) => runTag === record.runTag && atMs === record.atMs)) return;
		this.#runs.push(record);
		this.#ends.push(undefined);
		if (this.#runs.length <= RUNS_REMEMBERED_MAX) return;
		this.#runs.shift();
		this.#ends.shift();
		if (this.#rearmed !== undefined) this.#rearmed.runCount -= 1;
	}

	#crashesAtMs(): readonly (number | undefined)[] {
		const forgiven = this.#rearmed?.runCount ?? 0;
		return this.#runs.flatMap((_, i) => (i < forgiven || this.#ends[i] !== undefined ? [] : [this.#runs[i + 1]?.atMs]));
	}

	#runRecords(): readonly JournalRecord[] {
		const told = this.#runs.map((run, i) => [run, this.#ends[i]].filter((record) => record !== undefined));
		if (this.#rearmed === undefined) return told.flat();
		const before = Math.max(0, this.#rearmed.runCount);
		return [...told.slice(0, before).flat(), this.#rearmed.record, ...told.slice(before).flat()];
	}

	#follow(record: InstrumentRecord): void {
		const { instrumentId, version, tickSize, lotSize } = record;
		const before = this.#instruments.get(instrumentId) ?? [];
		const index = before.at(-1)?.instrument.index ?? instrumentIndex(this.#instruments.size);
		const instrument = instrumentOf(record, index);
		const [tick, lot] = [parseMoney(tickSize), parseMoney(lotSize)];
		if (tick === undefined || lot === undefined) throw notAnInstrument(record);
		const others = before.filter((each) => each.record.version !== version).slice(1 - GRIDS_MAX);
		this.#instruments.set(instrumentId, [...others, { record, instrument, tick, lot }]);
		this.#ledger.follow(instrument);
	}

	#place(place: PlaceRecord): void {
		const { instrumentId, version, priceTicks, qtyLots } = place;
		const first = { grid: this.#grid(instrumentId, version), priceTicks, qtyLots };
		this.#orders.set(place.orderId, { place, versions: [first], filled: NO_MONEY });
		const id = parseOrderId(place.orderId);
		if (id !== undefined) this.#note(id.timestampMs, id.counter);
	}

	#amend({ orderId, version, priceTicks, qtyLots }: AmendRecord): void {
		const left = this.#orders.get(orderId);
		if (left === undefined) return;
		const grid = this.#grid(left.place.instrumentId, version);
		const last = left.versions.at(-1);
		// Told again, or an amend to what is asked for already.
		if (last?.grid === grid && last.priceTicks === priceTicks && last.qtyLots === qtyLots) return;
		left.versions.push({ grid, priceTicks, qtyLots });
		// Amends are refused without a word here, so the venue may have any of them, and the first longest of all: that one is
		// kept, and of the others the last.
		if (left.versions.length > VERSIONS_MAX) left.versions.splice(1, 1);
	}

	#execute(record: ExecutionRecord): void {
		const { instrument, lot } = this.#grid(record.instrumentId, record.version);
		const fee = parseMoney(record.fee);
		if (fee === undefined) throw new Error(`invariant broken: a fee is an amount, found ${record.fee}`);
		const { executionId, clientOrderId, venueOrderId, side, feeCurrency, isMaker } = record;
		const qtyLots = record.qtyLots as Lots;
		const priceTicks = record.priceTicks as Ticks;
		const tradedAtMs = timeMs(record.tradedAtMs);
		const names = { executionId, clientOrderId, venueOrderId };
		const booking = this.#ledger.applyExecution({
			...names,
			...{ instrument, side, priceTicks, qtyLots, fee, feeCurrency, isMaker, tradedAtMs },
		});
		if (booking.kind !== 'booked') return;
		const left = this.#orders.get(clientOrderId);
		const qty = times(lot, qtyLots);
		if (left !== undefined) left.filled = moneyOf(left.filled + qty);
		this.#decisions.fill(clientOrderId, { qty, cost: notionalOf(instrument, priceTicks, qtyLots), atMs: tradedAtMs });
	}

	#fund({ fundingId, instrumentId, amount, currency, fundedAtMs }: FundingRecord): void {
		const known = this.#instruments.get(instrumentId)?.at(-1);
		const paid = parseMoney(amount);
		if (known === undefined || paid === undefined) throw new Error(`invariant broken: funding ${fundingId} is of an instrument`);
		const instrument = known.instrument.index;
		this.#ledger.applyFunding({ fundingId, instrument, amount: paid, currency, fundedAtMs: timeMs(fundedAtMs) });
	}

	#note(timestampMs: number, counter: number): void {
		const { timestampMs: lastMs, counter: last } = this.#mark ?? { timestampMs: -1, counter: 0 };
		if (timestampMs < lastMs || (timestampMs === lastMs && counter <= last)) return;
		this.#mark = { timestampMs: timeMs(timestampMs), counter };
	}

	#grid(instrumentId: string, version: number): Known {
		const known = this.#instruments.get(instrumentId)?.find(({ record }) => record.version === version);
		if (known !== undefined) return known;
		throw new Error(`invariant broken: version ${version} of ${instrumentId} was written down before it was used`);
	}
}

/** As it was when it was written down; of what is not written there, nothing bounds it. */
export function instrumentOf(record: InstrumentRecord, index: InstrumentIndex): Instrument {
	const { version, tickSize, lotSize } = record;
	const spec = { ...record, ...UNBOUNDED, priceMax: tickSize, qtyMax: lotSize };
	const made = makeInstrument(spec, { index, version, refreshedAtMs: timeMs(0) });
	if (made.kind === 'refused') throw notAnInstrument(record);
	return made.instrument;
}

function notAnInstrument({ instrumentId }: InstrumentRecord): Error {
	return new Error(`invariant broken: ${instrumentId} was an instrument when it was written down`);
}

const UNBOUNDED = {
	status: 'trading',
	priceMin: '0',
	qtyMin: '0',
	notionalMin: '0',
	reduceOnlySkipsNotionalMin: true,
	makerFeeRate: '0',
	takerFeeRate: '0',
} as const;

const VERSIONS_MAX = 8;
/** So many grids of an instrument are remembered. */
const GRIDS_MAX = 8;

function times(step: Money, count: number): Money {
	return moneyOf(step * BigInt(count));
}

function leftOf({ place, versions, filled }: Left): LeftOrder {
	const { orderId, instrumentId, owner, slot, side, orderType, timeInForce, reduceOnly } = place;
	return {
		...{ orderId, instrumentId, owner, slot, side, orderType, timeInForce, reduceOnly },
		versions: versions.map(({ grid, priceTicks, qtyLots }) => ({
			price: printMoney(times(grid.tick, priceTicks)),
			qty: printMoney(times(grid.lot, qtyLots)),
		})),
		filled: printMoney(filled),
	};
}

function recordsOf({ place, versions, filled }: Left): readonly JournalRecord[] {
	const { orderId } = place;
	const told = versions.flatMap(({ grid, priceTicks, qtyLots }, i): readonly JournalRecord[] => {
		const terms = { version: grid.record.version, priceTicks, qtyLots };
		return [grid.record, i === 0 ? { ...place, ...terms } : { kind: 'amend', orderId, ...terms }];
	});
	return filled === NO_MONEY ? told : [...told, { kind: 'filled', orderId, qty: printMoney(filled) }];
}
