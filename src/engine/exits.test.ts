/**
 * Whatever prices, fills, people and crashes do: at most one exit of a decision is under way, all of them together never
 * sell more than it bought nor more than is there, and the journal folds to what the engine knows (PT23, I23).
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DecidingDesk, MID } from '../../test/fixtures/decisions.ts';
import type { ControlAction } from '../domain/event.ts';
import type { JournalRecord } from '../domain/journal-record.ts';
import type { Order } from '../domain/order.ts';
import { isOver } from '../domain/order-life.ts';
import { lots, ticks, timeMs } from '../domain/units.ts';
import { type Recovered, Recovery } from './recovery.ts';

type Deed =
	| { readonly kind: 'decide'; readonly value: number; readonly isLimit: boolean }
	| { readonly kind: 'move'; readonly bps: number; readonly ms: number }
	| { readonly kind: 'fill'; readonly pick: number; readonly lots: number }
	| { readonly kind: 'unnamedFill'; readonly pick: number; readonly lots: number; readonly isToldFirst: boolean }
	| { readonly kind: 'end'; readonly pick: number }
	| { readonly kind: 'settle' }
	| { readonly kind: 'hand'; readonly side: 'buy' | 'sell'; readonly lots: number }
	| { readonly kind: 'crash'; readonly downMs: number };

const pick = fc.nat({ max: 5 });
const deed: fc.Arbitrary<Deed> = fc.oneof(
	fc.record({ kind: fc.constant('decide' as const), value: fc.constantFrom(-0.9, 0.9), isLimit: fc.boolean() }),
	{
		weight: 3,
		arbitrary: fc.record({
			kind: fc.constant('move' as const),
			bps: fc.integer({ min: -80, max: 80 }),
			ms: fc.constantFrom(10, 300, 600, 3_000),
		}),
	},
	{ weight: 3, arbitrary: fc.record({ kind: fc.constant('fill' as const), pick, lots: fc.integer({ min: 1, max: 10 }) }) },
	fc.record({
		...{ kind: fc.constant('unnamedFill' as const), pick, lots: fc.integer({ min: 1, max: 10 }) },
		isToldFirst: fc.boolean(),
	}),
	{ weight: 2, arbitrary: fc.record({ kind: fc.constant('end' as const), pick }) },
	fc.record({ kind: fc.constant('settle' as const) }),
	fc.record({
		kind: fc.constant('hand' as const),
		side: fc.constantFrom('buy' as const, 'sell' as const),
		lots: fc.integer({ min: 1, max: 12 }),
	}),
	fc.record({ kind: fc.constant('crash' as const), downMs: fc.constantFrom(0, 20_000) }),
);

class Play {
	desk = new DecidingDesk();
	/** Of the lives before this one. */
	readonly #before: JournalRecord[] = [];
	#count = 0;
	/** Somebody traded beside it. */
	hasHands = false;

	get records(): readonly JournalRecord[] {
		return [...this.#before, ...this.desk.kept];
	}

	do(each: Deed): void {
		const { desk } = this;
		switch (each.kind) {
			case 'decide': {
				this.#count += 1;
				const entry = each.isLimit
					? ({ type: 'limit', offsetTicks: 2, forMs: 2_000 } as const)
					: ({ type: 'market', slipBps: 5 } as const);
				const exits = { stopBps: 30, targetBps: 40, forMs: 5_000 };
				desk.decide({
					decisionId: `p${this.#count}`,
					signal: { source: 'desk', value: each.value, confidence: 1 },
					entry,
					exits,
				});
				break;
			}
			case 'move':
				desk.later(each.ms, Math.round(MID * (1 + each.bps / 10_000)));
				break;
			case 'fill': {
				const order = this.#pick(each.pick);
				const restLots = order === undefined ? 0 : order.qtyLots - order.filledLots;
				if (order !== undefined && restLots > 0) desk.fill(order, Math.min(each.lots, restLots));
				break;
			}
			case 'unnamedFill':
				this.#fillUnnamed(each);
				break;
			case 'end': {
				const order = this.#pick(each.pick);
				if (order !== undefined) desk.end(order, 0);
				break;
			}
			case 'settle':
				desk.settle();
				break;
			case 'hand':
				this.#byHand(each.side, each.lots);
				break;
			case 'crash':
				this.#crash(each.downMs);
				break;
		}
	}

	/** As an answer to a question tells it; the order's end may have been heard before. */
	#fillUnnamed({ pick: number, lots: most, isToldFirst }: Extract<Deed, { kind: 'unnamedFill' }>): void {
		const order = this.#pick(number);
		if (order === undefined || order.qtyLots === order.filledLots) return;
		const qtyLots = Math.min(most, order.qtyLots - order.filledLots);
		if (isToldFirst) this.desk.tellEnd(order, order.filledLots + qtyLots);
		this.desk.fill(order, qtyLots, '');
	}

	/** Of those that the venue has. */
	#pick(number: number): Order | undefined {
		const open = this.desk.openOrders().filter(({ shownAtMono }) => shownAtMono !== undefined);
		return open[number % Math.max(1, open.length)];
	}

	#byHand(side: 'buy' | 'sell', qtyLots: number): void {
		const { desk } = this;
		this.hasHands = true;
		const priceTicks = ticks(desk.engine.market(desk.instrument.index)?.book.bestBidTicks ?? MID);
		const terms = { orderType: 'limit', timeInForce: 'gtc', reduceOnly: false, priceTicks, qtyLots: lots(qtyLots) } as const;
		const action: ControlAction = { kind: 'placeOrder', instrument: desk.instrument.index, side, ...terms };
		const placed = desk.ask({ kind: 'control', action, ...desk.at() });
		if (placed?.kind !== 'placed') return;
		desk.settle();
		const order = desk.order(placed.orderId);
		if (!isOver(order.state)) desk.fill(order, qtyLots);
	}

	/** Another life from what the journal has; the venue cancels what was left, and says so. */
	#crash(downMs: number): void {
		const before = this.desk;
		this.#before.push(...before.kept);
		const { lastOrderId } = before.engine;
		const atMs = timeMs(before.at().wallMs + downMs);
		this.desk = new DecidingDesk({ recovered: { state: fold(this.#before), atMs }, lastOrderId });
		this.desk.nowMs = before.nowMs + downMs;
		this.desk.move(MID);
		this.desk.census();
		this.desk.tick();
		this.desk.settle();
		this.desk.census();
		this.desk.tick();
	}
}

function fold(records: readonly JournalRecord[]): Recovered {
	const recovery = new Recovery();
	for (const record of records) recovery.apply(record);
	return recovery.result();
}

interface Closing {
	readonly filledLots: number;
	readonly openLots: number;
	readonly openCount: number;
}

function closingOf(desk: DecidingDesk, exitIds: readonly string[]): Closing {
	let [filledLots, openLots, openCount] = [0, 0, 0];
	for (const orderId of exitIds) {
		const order = desk.engine.orders.get(orderId as Order['orderId']);
		if (order === undefined) continue;
		filledLots += order.filledLots;
		if (isOver(order.state)) continue;
		openCount += 1;
		openLots += order.qtyLots - order.filledLots;
	}
	return { filledLots, openLots, openCount };
}

function check(play: Play): void {
	const { desk, records } = play;
	expect(fold(records).decisions).toEqual(desk.engine.decisionRecords());
	const elsewhere = records.filter((record) => record.kind === 'exit' && record.reason === 'elsewhere');
	if (!play.hasHands) expect(elsewhere, 'nobody else closed anything').toEqual([]);
	const { PT18, PT23 } = desk.engine.gate.denials;
	expect([PT18, PT23], 'the gate never has to say so').toEqual([0, 0]);
	for (const record of records) {
		if (record.kind !== 'decision' || record.orderId === '' || record.closes !== '') continue;
		const entry = desk.engine.orders.get(record.orderId as Order['orderId']);
		const exitIds = records.flatMap((each) =>
			each.kind === 'exit' && each.decisionId === record.decisionId && each.orderId !== '' ? [each.orderId] : [],
		);
		const { filledLots, openLots, openCount } = closingOf(desk, exitIds);
		expect(openCount, `exits of ${record.decisionId} under way`).toBeLessThanOrEqual(1);
		if (entry !== undefined)
			expect(filledLots + openLots, `${record.decisionId} is closed once`).toBeLessThanOrEqual(entry.filledLots);
	}
}

/** When an exit is sent it only reduces, and there is as much to reduce. */
function checkSent(play: Play, deedKind: Deed['kind']): void {
	const { desk } = play;
	if (deedKind === 'hand' || deedKind === 'fill' || deedKind === 'unnamedFill') return;
	for (const order of desk.openOrders()) {
		if (!order.reduceOnly) continue;
		const there = order.side === 'sell' ? desk.positionLots : -desk.positionLots;
		if (order.state === 'intended' || order.state === 'sent') expect(order.qtyLots).toBeLessThanOrEqual(there);
	}
}

describe('exits', () => {
	test('are one at a time and never more than was bought, whatever happens', () => {
		fc.assert(
			fc.property(fc.array(deed, { minLength: 5, maxLength: 40 }), (deeds) => {
				const play = new Play();
				for (const each of deeds) {
					play.do(each);
					check(play);
					checkSent(play, each.kind);
				}
			}),
			{ numRuns: 300 },
		);
	});

	test('end with nothing held, once the market lets them', () => {
		const calm = deed.filter(({ kind }) => kind !== 'hand' && kind !== 'crash');
		fc.assert(
			fc.property(fc.array(calm, { minLength: 5, maxLength: 20 }), (deeds) => {
				const play = new Play();
				for (const each of deeds) play.do(each);
				for (let round = 0; round < 60; round += 1) {
					play.do({ kind: 'move', bps: 0, ms: 600 });
					play.do({ kind: 'settle' });
					for (const order of play.desk.openOrders())
						play.desk.end(order, order.reduceOnly ? order.qtyLots - order.filledLots : 0);
				}
				expect([play.desk.positionLots, play.desk.openOrders()]).toEqual([0, []]);
			}),
			{ numRuns: 200 },
		);
	});
});
