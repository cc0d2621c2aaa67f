/**
 * What became of the desk's decisions: what each has bought or sold, and how much of that is closed again. A fold over
 * facts, the same in the engine and over its journal (I23), so that a crash between an entry and its exit forgets nothing.
 * Quantities are exact and know no grid. Those that are over are remembered for a while, since a decision is made once.
 */
import type { ExitReason } from '../domain/decision.ts';
import type { DecisionRecord, ExitRecord, WatchRecord } from '../domain/journal-record.ts';
import { type Money, moneyOf, moneyToNumber, NO_MONEY, parseMoney, printMoney } from '../domain/money.ts';

/** Of decisions that are over the oldest are forgotten first; a desk of fifty symbols makes so many in twenty minutes. */
const DECISIONS_REMEMBERED_MAX = 1_000;
/** Orders of a decision that are told apart: its entry, and exits of which most filled nothing. */
const ORDERS_MAX = 16;

interface Part {
	filled: Money;
	isOver: boolean;
}

export interface Fill {
	readonly qty: Money;
	/** Quantity times price. */
	readonly cost: Money;
	readonly atMs: number;
}

export class Decision {
	readonly record: DecisionRecord;
	readonly #orders = new Map<string, Part>();
	#closed = NO_MONEY;
	#priced = NO_MONEY;
	#cost = NO_MONEY;
	/** Of the first fill; 0 before it. */
	filledAtMs = 0;
	/** Why its exit was begun. */
	exitReason: ExitReason | undefined;

	constructor(record: DecisionRecord) {
		this.record = record;
		if (this.hasEntry) this.#orders.set(record.orderId, { filled: NO_MONEY, isOver: false });
	}

	get hasEntry(): boolean {
		return this.record.orderId !== '' && this.record.closes === '';
	}

	get isEntryOver(): boolean {
		return this.#orders.get(this.record.orderId)?.isOver ?? true;
	}

	/** Its orders, the entry first. */
	get orderIds(): readonly string[] {
		return [...this.#orders.keys()];
	}

	/** What it opened and nobody has closed. */
	get held(): Money {
		if (!this.hasEntry) return NO_MONEY;
		let held = -this.#closed;
		for (const [orderId, { filled }] of this.#orders) held += orderId === this.record.orderId ? filled : -filled;
		return held > 0n ? moneyOf(held) : NO_MONEY;
	}

	/** It may still hold something, now or later. */
	get isOpen(): boolean {
		for (const { isOver } of this.#orders.values()) if (!isOver) return true;
		return this.held > 0n;
	}

	/** Of its entry; 0 where no fill told its price. */
	get averagePrice(): number {
		return this.#priced === 0n ? 0 : moneyToNumber(this.#cost) / moneyToNumber(this.#priced);
	}

	takesPart(orderId: string): boolean {
		return this.#orders.has(orderId);
	}

	/** Answers with orders that are not told apart any more. */
	exit({ orderId, qty, reason }: ExitRecord): readonly string[] {
		if (orderId === '') {
			this.#closed = moneyOf(this.#closed + amountOf(qty));
			return [];
		}
		this.exitReason = reason;
		if (!this.#orders.has(orderId)) this.#orders.set(orderId, { filled: NO_MONEY, isOver: false });
		return this.#orders.size > ORDERS_MAX ? this.#sumUp() : [];
	}

	fill(orderId: string, { qty, cost, atMs }: Fill): void {
		const part = this.#orders.get(orderId);
		if (part === undefined) return;
		part.filled = moneyOf(part.filled + qty);
		if (orderId !== this.record.orderId) return;
		this.#priced = moneyOf(this.#priced + qty);
		this.#cost = moneyOf(this.#cost + cost);
		if (this.filledAtMs === 0) this.filledAtMs = atMs;
	}

	/** All that is filled of an order, fills that named nobody included. */
	fillTo(orderId: string, qty: Money): void {
		const part = this.#orders.get(orderId);
		if (part !== undefined) part.filled = qty;
	}

	end(orderId: string): void {
		const part = this.#orders.get(orderId);
		if (part !== undefined) part.isOver = true;
	}

	restore({ orders, closed, priced, cost, filledAtMs, exitReason }: WatchRecord): void {
		this.#orders.clear();
		for (const { orderId, filled, isOver } of orders) this.#orders.set(orderId, { filled: amountOf(filled), isOver });
		this.#closed = amountOf(closed);
		this.#priced = amountOf(priced);
		this.#cost = amountOf(cost);
		this.filledAtMs = filledAtMs;
		this.exitReason = exitReason === '' ? undefined : exitReason;
	}

	watchRecord(): WatchRecord {
		const { filledAtMs, exitReason = '', record } = this;
		const orders = [...this.#orders].map(([orderId, { filled, isOver }]) => ({ orderId, filled: printMoney(filled), isOver }));
		const amounts = { closed: printMoney(this.#closed), priced: printMoney(this.#priced), cost: printMoney(this.#cost) };
		return { kind: 'watch', decisionId: record.decisionId, orders, ...amounts, filledAtMs, exitReason };
	}

	/** The oldest exits that are over. */
	#sumUp(): readonly string[] {
		const gone: string[] = [];
		for (const [orderId, { filled, isOver }] of this.#orders) {
			if (orderId === this.record.orderId || !isOver) continue;
			this.#closed = moneyOf(this.#closed + filled);
			this.#orders.delete(orderId);
			gone.push(orderId);
			if (this.#orders.size <= ORDERS_MAX / 2) break;
		}
		return gone;
	}
}

export class DecisionBook {
	readonly #decisions = new Map<string, Decision>();
	readonly #byOrder = new Map<string, Decision>();

	get(decisionId: string): Decision | undefined {
		return this.#decisions.get(decisionId);
	}

	/** Whose entry or exit it is. */
	ofOrder(orderId: string): Decision | undefined {
		return this.#byOrder.get(orderId);
	}

	open(): readonly Decision[] {
		return [...this.#decisions.values()].filter(({ isOpen }) => isOpen);
	}

	apply(record: DecisionRecord | ExitRecord | WatchRecord): void {
		switch (record.kind) {
			case 'decision':
				this.#decide(record);
				return;
			case 'exit':
				for (const orderId of this.get(record.decisionId)?.exit(record) ?? []) this.#byOrder.delete(orderId);
				this.#learn(this.get(record.decisionId));
				return;
			case 'watch':
				this.get(record.decisionId)?.restore(record);
				this.#learn(this.get(record.decisionId));
				return;
		}
	}

	fill(orderId: string, fill: Fill): void {
		this.#byOrder.get(orderId)?.fill(orderId, fill);
	}

	fillTo(orderId: string, qty: Money): void {
		this.#byOrder.get(orderId)?.fillTo(orderId, qty);
	}

	end(orderId: string): void {
		this.#byOrder.get(orderId)?.end(orderId);
	}

	/** All of it again, in as few records as can be. */
	*records(): Generator<DecisionRecord | WatchRecord, undefined> {
		for (const decision of this.#decisions.values()) {
			yield decision.record;
			if (decision.hasEntry) yield decision.watchRecord();
		}
	}

	/** Told again, as at the beginning of a segment, it begins anew: what became of it is told again, too. */
	#decide(record: DecisionRecord): void {
		const decision = new Decision(record);
		this.#decisions.set(record.decisionId, decision);
		this.#learn(decision);
		// Its exit may not have left yet, and a crash before that must not forget that it is wanted.
		const closes = this.get(record.closes);
		if (closes !== undefined) closes.exitReason ??= 'reversed';
		if (this.#decisions.size > DECISIONS_REMEMBERED_MAX) this.#forgetOne();
	}

	#learn(decision: Decision | undefined): void {
		for (const orderId of decision?.orderIds ?? []) if (decision !== undefined) this.#byOrder.set(orderId, decision);
	}

	#forgetOne(): void {
		for (const decision of this.#decisions.values()) {
			if (decision.isOpen) continue;
			this.#decisions.delete(decision.record.decisionId);
			for (const orderId of decision.orderIds) this.#byOrder.delete(orderId);
			return;
		}
	}
}

function amountOf(text: string): Money {
	return parseMoney(text) ?? NO_MONEY;
}
