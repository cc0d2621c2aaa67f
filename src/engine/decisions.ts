/**
 * The desk's questions, each answered once: decided on what was read outside and what the engine knows, proposed to the
 * gate like any order, and written down together with the order that it leads to. What it opens is watched to its exit.
 */
import type { PlaceProposal } from '../domain/command.ts';
import type { DecideAction, DecisionReason, Wish } from '../domain/decision.ts';
import type { Execution } from '../domain/execution.ts';
import { type InstrumentIndex, notionalOf, priceToNumber } from '../domain/instrument.ts';
import type { DecisionRecord, JournalRecord, WatchRecord } from '../domain/journal-record.ts';
import { moneyOf, NO_MONEY, parseMoney, printMoney } from '../domain/money.ts';
import { DESK, type Order } from '../domain/order.ts';
import type { MonoMs, TimeMs } from '../domain/units.ts';
import type { DenialCode } from '../risk/denial.ts';
import type { Parents } from '../risk/parents.ts';
import type { Besides } from './besides.ts';
import { type DecideFacts, decideOn, type Verdict } from './decide.ts';
import type { Decision, DecisionBook } from './decision-book.ts';
import { type Exits, entryParentOf } from './exits.ts';
import type { MarketState } from './market-state.ts';

/** What a desk of many symbols has open at once is far less. */
const DECISIONS_OPEN_MAX = 500;

export interface Decided {
	readonly kind: 'decided';
	readonly decision: Wish;
	/** Of `DECISION_REASONS`, and at the end perhaps the code of a check of the gate. */
	readonly reasons: readonly string[];
	/** Empty where none was placed. */
	readonly orderId: string;
}

type Now = { readonly wallMs: TimeMs; readonly monoMs: MonoMs };
type Reason = DecisionReason | DenialCode;

interface Parts {
	readonly book: DecisionBook;
	readonly exits: Exits;
	readonly parents: Parents;
	readonly besides: Besides;
	keep(record: JournalRecord): void;
	isFlattening(instrument: InstrumentIndex): boolean;
	/** Through the gate and onto the bus; the code of the refusal where it does not pass. */
	propose(proposal: PlaceProposal, now: Now): Order | DenialCode | 'no-such-order';
	/** The same as a question. */
	wouldDeny(proposal: PlaceProposal, now: Now): DenialCode | undefined;
}

export class Decisions {
	readonly #parts: Parts;

	constructor(parts: Parts) {
		this.#parts = parts;
	}

	/** The same question has the answer that it had. */
	decide(asked: DecideAction, market: MarketState, now: Now): Decided {
		const known = this.#parts.book.get(asked.decisionId);
		if (known !== undefined) return answerOf(known.record);
		market.nowMono = now.monoMs;
		const open = this.#parts.exits.openIn(market.instrument.index);
		const verdict = decideOn(asked, this.#factsOf(asked, market, open, now));
		const record = this.#act({ asked, market, open: open?.decision, verdict }, now);
		return answerOf(record);
	}

	/** A fill that was booked just now. */
	applyFill({ clientOrderId, instrument, priceTicks, qtyLots, tradedAtMs }: Execution, now: Now): void {
		const { book, exits } = this.#parts;
		const decision = book.ofOrder(clientOrderId);
		if (decision === undefined) return;
		const lot = parseMoney(instrument.qtyGrid.step) ?? NO_MONEY;
		const qty = moneyOf(lot * BigInt(qtyLots));
		book.fill(clientOrderId, { qty, cost: notionalOf(instrument, priceTicks, qtyLots), atMs: tradedAtMs });
		// One that was told to be over before its last fill came is open once more.
		exits.watch(decision, now);
	}

	/** So much is filled of an order, by fills that did not all say whose they were. */
	applyMatch({ orderId, filledLots, instrument }: Order, now: Now): void {
		const { book, exits } = this.#parts;
		const decision = book.ofOrder(orderId);
		if (decision === undefined) return;
		book.fillTo(orderId, moneyOf((parseMoney(instrument.qtyGrid.step) ?? NO_MONEY) * BigInt(filledLots)));
		exits.watch(decision, now);
	}

	applyEnd({ orderId }: Order): void {
		this.#parts.book.end(orderId);
	}

	records(): readonly (DecisionRecord | WatchRecord)[] {
		return [...this.#parts.book.records()];
	}

	recover(records: readonly (DecisionRecord | WatchRecord)[], now: Now): void {
		const { book, exits } = this.#parts;
		for (const record of records) book.apply(record);
		for (const decision of book.open()) exits.watch(decision, now);
	}

	#factsOf({ signal }: DecideAction, market: MarketState, open: ReturnType<Exits['openIn']>, { wallMs }: Now): DecideFacts {
		const { instrument, book } = market;
		return {
			nowMs: wallMs,
			isSpot: instrument.category === 'spot',
			isBookTrusted: market.isBookTrusted,
			...{ bestBidTicks: book.bestBidTicks, bestAskTicks: book.bestAskTicks },
			mid: priceToNumber(instrument, book.midTwiceTicks) / 2,
			strongest: market.strongestSignals(signal.source),
			open: open === undefined ? undefined : { wish: open.decision.record.decision, isClosing: open.isClosing },
			isFlattening: this.#parts.isFlattening(instrument.index),
			isFull: this.#parts.exits.count >= DECISIONS_OPEN_MAX,
		};
	}

	#act(question: Question, now: Now): DecisionRecord {
		const { asked, market, open, verdict } = question;
		const { wish, reasons } = verdict;
		if (verdict.act === 'nothing') return this.#write(recordOf(question, now, { wish, reasons }));
		if (verdict.act === 'close' && open !== undefined) {
			if (asked.isDryRun) return this.#write(recordOf(question, now, { wish, reasons: [...reasons, 'dry-run'] }));
			const { orderId = '' } = this.#parts.exits.close(open, 'reversed', now) ?? {};
			return this.#write(recordOf(question, now, { wish, reasons, orderId, closes: open.record.decisionId }));
		}
		if (verdict.act !== 'open') throw new Error('invariant broken: what is to be closed is open');
		const parent = entryParentOf(asked);
		const proposal = proposalOf(asked, market, verdict, parent);
		this.#parts.parents.open(parent, asked.qtyLots);
		if (asked.isDryRun) return this.#dryRun(question, proposal, now);
		const made = this.#parts.propose(proposal, now);
		if (typeof made === 'string') return this.#refused(question, made, parent, now);
		this.#parts.parents.adopt(parent, made);
		const record = this.#write(recordOf(question, now, { wish, reasons, orderId: made.orderId }));
		const decision = this.#parts.book.get(asked.decisionId);
		if (decision !== undefined) this.#parts.exits.watch(decision, now);
		return record;
	}

	#dryRun(question: Question, proposal: PlaceProposal, now: Now): DecisionRecord {
		const { wish, reasons } = question.verdict;
		const code = this.#parts.wouldDeny(proposal, now);
		this.#parts.parents.close(proposal.parent ?? '');
		if (code === undefined) return this.#write(recordOf(question, now, { wish, reasons: [...reasons, 'dry-run'] }));
		return this.#write(recordOf(question, now, { wish: 'HOLD', reasons: [...reasons, 'dry-run', code] }));
	}

	#refused(question: Question, refusal: DenialCode | 'no-such-order', parent: string, now: Now): DecisionRecord {
		this.#parts.parents.close(parent);
		const reasons = refusal === 'no-such-order' ? question.verdict.reasons : [...question.verdict.reasons, refusal];
		return this.#write(recordOf(question, now, { wish: 'HOLD', reasons }));
	}

	/** With its order where it has one, and by itself where not. */
	#write(record: DecisionRecord): DecisionRecord {
		this.#parts.book.apply(record);
		if (record.orderId === '') this.#parts.keep(record);
		else this.#parts.besides.add(record.orderId, record);
		return record;
	}
}

interface Question {
	readonly asked: DecideAction;
	readonly market: MarketState;
	/** Of this symbol, as far as there is one. */
	readonly open: Decision | undefined;
	readonly verdict: Verdict;
}

interface Outcome {
	readonly wish: Wish;
	readonly reasons: readonly Reason[];
	readonly orderId?: string;
	readonly closes?: string;
}

function recordOf({ asked, market }: Question, now: Now, { wish, reasons, orderId = '', closes = '' }: Outcome): DecisionRecord {
	const { decisionId, qtyLots, signal, entry, exits, readings, isDryRun } = asked;
	const { id: instrumentId, qtyGrid } = market.instrument;
	const qty = printMoney(moneyOf((parseMoney(qtyGrid.step) ?? NO_MONEY) * BigInt(qtyLots)));
	return {
		...{ kind: 'decision', decisionId, instrumentId, atMs: now.wallMs, decision: wish, reasons, orderId, closes, qty },
		...{ signal: finite(signal), entry: finite(entry), exits: finite(exits), readings: finite(readings), isDryRun },
	};
}

/** What is no number would be a hole in the journal. */
function finite<Of extends object>(of: Of): Of {
	return Object.fromEntries(
		Object.entries(of).map(([key, value]) => [key, typeof value === 'number' ? (Number.isFinite(value) ? value + 0 : 0) : value]),
	) as Of;
}

function proposalOf(
	{ qtyLots }: DecideAction,
	{ instrument }: MarketState,
	{ side, priceTicks, timeInForce }: Extract<Verdict, { act: 'open' }>,
	parent: string,
): PlaceProposal {
	return {
		...{ kind: 'place', instrument, quoter: DESK, slot: DESK, side, orderType: 'limit', timeInForce },
		...{ reduceOnly: false, priceTicks, qtyLots, parent },
	};
}

function answerOf({ decision, reasons, orderId }: DecisionRecord): Decided {
	return { kind: 'decided', decision, reasons, orderId };
}
