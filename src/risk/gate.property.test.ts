import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { makeTestInstrument } from '../../test/fixtures/instruments.ts';
import type { AmendCommand, Command, PlaceCommand } from '../domain/command.ts';
import type { Execution, OrderReport, ReportedStatus } from '../domain/execution.ts';
import type { Instrument } from '../domain/instrument.ts';
import { moneyOf } from '../domain/money.ts';
import { DESK } from '../domain/order.ts';
import { type OrderId, OrderIdSource, runTagOf } from '../domain/order-id.ts';
import type { ItemOutcome, Outcome } from '../domain/outcome.ts';
import { type Side, signOf } from '../domain/side.ts';
import { type Lots, lots, type SignedLots, signedLots, type Ticks, ticks, timeMs } from '../domain/units.ts';
import { OrderManager } from '../execution/order-manager.ts';
import type { DenialCode } from './denial.ts';
import { AccountExposure, type Exposure } from './exposure.ts';
import { makeTestScene, NOW_MONO, NOW_WALL, PLAIN, WIDE } from './gate.suite.ts';
import { Gate } from './gate.ts';
import type { RiskLimits } from './limits.ts';

/**
 * A gate with its order manager on one side, a venue that does its worst on the other, and a wire in between that
 * delays, shuffles and loses. The mid stands still at 1000, and a tick times a lot is worth 1.
 */
const MID_TICKS = 1_000;

interface VenueOrder {
	readonly command: PlaceCommand;
	status: ReportedStatus | 'unborn';
	priceTicks: number;
	qtyLots: number;
	filledLots: number;
}

type Fact =
	| { readonly kind: 'answer'; readonly item: ItemOutcome }
	| { readonly kind: 'report'; readonly report: OrderReport }
	| { readonly kind: 'execution'; readonly execution: Execution };

class Duel {
	readonly orders = new OrderManager();
	readonly account = new AccountExposure();
	readonly gate: Gate;
	readonly instruments: readonly Instrument[];
	/** Approved, not sent. */
	readonly #queued = new Map<OrderId, Command>();
	/** Sent, not yet at the venue. */
	readonly #wire: Command[] = [];
	readonly #venue = new Map<OrderId, VenueOrder>();
	readonly #venuePosition: number[];
	readonly #facts: Fact[] = [];
	readonly #seen: Map<string, number>;
	#time = 0;

	constructor(limits: Partial<RiskLimits>, symbols: number, seen: Map<string, number>) {
		this.#seen = seen;
		this.gate = new Gate({
			limits: { ...WIDE, exitCollar: 0.5, ...limits },
			account: this.account,
			ids: new OrderIdSource(runTagOf(1), undefined),
		});
		this.instruments = Array.from({ length: symbols }, (_, index) =>
			makeTestInstrument({ ...PLAIN, index, symbol: `S${index}` }),
		);
		this.#venuePosition = this.instruments.map(() => 0);
		for (const instrument of this.instruments) {
			this.orders.follow(instrument);
			const exposure = this.orders.exposureOf(instrument.index);
			exposure.referenceTicks = MID_TICKS;
			this.account.track(exposure);
		}
	}

	propose(choice: Choice): void {
		const instrument = pick(this.instruments, choice.which);
		const { side } = choice;
		const scene = this.#sceneOf(instrument);
		const approval = this.gate.approvePlace(
			{
				...{ kind: 'place', instrument, quoter: DESK, slot: DESK, side, orderType: 'limit', reduceOnly: choice.reduceOnly },
				...{ timeInForce: 'gtc', priceTicks: priceOf(choice, side), qtyLots: lots(choice.qtyLots) },
			},
			scene,
		);
		this.#note(approval.kind === 'approved' ? 'placed' : approval.code);
		if (approval.kind === 'denied') return;
		this.orders.intendPlace(approval.command, NOW_WALL, NOW_MONO);
		this.#queued.set(approval.command.orderId, approval.command);
	}

	proposeAmend(choice: Choice): void {
		const order = pick(this.orders.openOrders(), choice.which);
		if (order === undefined || !this.orders.isSettled(order)) return;
		const { instrument, orderId } = order;
		const priceTicks = priceOf(choice, order.side);
		const qtyLots = (order.filledLots + choice.qtyLots) as Lots;
		const approval = this.gate.approveAmend(
			{ kind: 'amend', instrument, orderId, priceTicks, qtyLots },
			order,
			this.#sceneOf(instrument),
		);
		this.#note(approval.kind === 'approved' ? 'amended' : approval.code);
		if (approval.kind === 'denied') return;
		this.orders.intendAmend(approval.command, NOW_MONO);
		this.#queued.set(orderId, approval.command);
	}

	cancel({ which }: Choice): void {
		const order = pick(this.orders.openOrders(), which);
		if (order === undefined || order.state === 'intended' || order.state === 'cancelling') return;
		if (this.orders.queuedFor(order.orderId) !== undefined) return;
		this.orders.intendCancel(order.orderId);
		this.#queued.set(order.orderId, { kind: 'cancel', instrument: order.instrument, orderId: order.orderId });
	}

	/** One queued command leaves, or is dropped before a byte has left. */
	send({ which, isUnlucky }: Choice): void {
		const command = pick([...this.#queued.values()], which);
		if (command === undefined) return;
		this.#queued.delete(command.orderId);
		if (this.orders.queuedFor(command.orderId) !== command.kind) return;
		if (isUnlucky) {
			this.orders.applyDrop(command);
		} else {
			this.orders.applySend(command, NOW_MONO);
			this.#wire.push(command);
			if (command.kind !== 'place') return;
			const { priceTicks, qtyLots } = command;
			this.#venue.set(command.orderId, { command, status: 'unborn', priceTicks, qtyLots, filledLots: 0 });
		}
	}

	/** The venue takes a command off the wire, in any order; or the wire loses it, and nobody knows. */
	arrive({ which, isUnlucky, awayTicks }: Choice): void {
		const command = take(this.#wire, which);
		if (command === undefined) return;
		const outcome: Outcome = isUnlucky ? { kind: 'unknown', reason: 'no answer' } : this.#execute(command);
		// An answer can also be lost after the venue has acted.
		const told: Outcome = awayTicks % 5 === 0 ? { kind: 'unknown', reason: 'answer lost' } : outcome;
		this.#facts.push({ kind: 'answer', item: { orderId: command.orderId, verb: command.kind, outcome: told } });
	}

	/** A time-out while the command is still on its way: the venue will act after we gave up waiting. */
	giveUp({ which }: Choice): void {
		const command = pick(this.#wire, which);
		if (command === undefined) return;
		const outcome: Outcome = { kind: 'unknown', reason: 'timeout' };
		this.#facts.push({ kind: 'answer', item: { orderId: command.orderId, verb: command.kind, outcome } });
	}

	fill({ which, qtyLots }: Choice): void {
		const order = pick(
			[...this.#venue.values()].filter(({ status }) => status === 'working'),
			which,
		);
		if (order === undefined) return;
		const { instrument, side, reduceOnly, orderId } = order.command;
		const position = this.#venuePosition[instrument.index] ?? 0;
		const reducible = Math.max(0, -signOf(side) * position);
		const filled = Math.min(qtyLots, order.qtyLots - order.filledLots, reduceOnly ? reducible : Number.POSITIVE_INFINITY);
		if (filled === 0) return;
		order.filledLots += filled;
		this.#venuePosition[instrument.index] = position + signOf(side) * filled;
		if (order.filledLots === order.qtyLots) order.status = 'filled';
		this.#time += 1;
		this.#note('filled');
		this.#facts.push({
			kind: 'execution',
			execution: {
				...{ executionId: `e${this.#time}`, instrument, clientOrderId: orderId, venueOrderId: `v-${orderId}`, side },
				...{ priceTicks: ticks(order.priceTicks), qtyLots: lots(filled), fee: moneyOf(0n), feeCurrency: 'USDT', isMaker: true },
				tradedAtMs: timeMs(this.#time),
			},
		});
		this.#show(order);
	}

	/** We hear one of the things that were said, in any order; stream reports may also get lost. */
	hear({ which, isUnlucky }: Choice): void {
		const fact = take(this.#facts, which);
		if (fact === undefined) return;
		switch (fact.kind) {
			case 'answer':
				this.orders.applyOutcome(fact.item);
				break;
			case 'report':
				if (!isUnlucky) this.orders.applyReport(fact.report, NOW_MONO);
				break;
			case 'execution': {
				const { execution } = fact;
				this.orders.applyFill(execution);
				const { index } = execution.instrument;
				const before = this.orders.exposureOf(index).positionLots as SignedLots;
				this.orders.setPosition(index, signedLots(before + signOf(execution.side) * execution.qtyLots));
			}
		}
	}

	/** What the position at the venue could become, by what it has and what is on its way to it. */
	venueWorst(instrument: Instrument, side: Side): number {
		let worst = signOf(side) * (this.#venuePosition[instrument.index] ?? 0);
		for (const order of this.#venue.values()) {
			if (order.command.instrument !== instrument || order.command.side !== side) continue;
			if (order.status !== 'working' && order.status !== 'unborn') continue;
			const onWire = this.#wire.filter(({ orderId }) => orderId === order.command.orderId);
			const isComing = onWire.some(({ kind }) => kind === 'place');
			if (order.status === 'unborn' && !isComing) continue;
			const asked = onWire.filter((command): command is AmendCommand => command.kind === 'amend').map(({ qtyLots }) => qtyLots);
			worst += Math.max(order.qtyLots, ...asked) - order.filledLots;
		}
		return worst;
	}

	#execute(command: Command): Outcome {
		this.#time += 1;
		const order = this.#venue.get(command.orderId);
		if (order === undefined) return { kind: 'rejected', class: 'benign', gone: true, reason: 'no such order' };
		if (command.kind === 'place') {
			order.status = 'working';
		} else if (order.status !== 'working') {
			return { kind: 'rejected', class: 'benign', gone: true, reason: 'not working' };
		} else if (command.kind === 'cancel') {
			order.status = 'cancelled';
		} else if (command.qtyLots <= order.filledLots) {
			return { kind: 'rejected', class: 'fatal', gone: false, reason: 'less than filled' };
		} else {
			order.priceTicks = command.priceTicks;
			order.qtyLots = command.qtyLots;
		}
		this.#show(order);
		return { kind: 'accepted', venueOrderId: `v-${command.orderId}` };
	}

	#show(order: VenueOrder): void {
		const { command, status, priceTicks, qtyLots, filledLots } = order;
		if (status === 'unborn') return;
		const report: OrderReport = {
			...{
				instrument: command.instrument,
				clientOrderId: command.orderId,
				venueOrderId: `v-${command.orderId}`,
				side: command.side,
			},
			...{ status, priceTicks: ticks(priceTicks), qtyLots: lots(qtyLots), filledLots: lots(filledLots), reason: undefined },
			...{ updatedAtMs: timeMs(this.#time), source: 'stream' },
		};
		this.#facts.push({ kind: 'report', report });
	}

	#sceneOf(instrument: Instrument) {
		return makeTestScene(instrument, {
			exposure: this.orders.exposureOf(instrument.index),
			openOrders: this.orders.openOrdersOf(instrument.index),
			accountOrderCount: this.orders.openCount,
		});
	}

	#note(what: DenialCode | 'placed' | 'amended' | 'filled'): void {
		this.#seen.set(what, (this.#seen.get(what) ?? 0) + 1);
	}
}

interface Choice {
	readonly act: (typeof ACTS)[number];
	readonly which: number;
	readonly side: Side;
	/** How far from the mid, so far at times that a position counted at the wrong price shows. */
	readonly awayTicks: number;
	readonly qtyLots: number;
	readonly reduceOnly: boolean;
	readonly isUnlucky: boolean;
}

const ACTS = ['propose', 'proposeAmend', 'cancel', 'send', 'arrive', 'giveUp', 'fill', 'hear', 'recount'] as const;
const anyAct = fc.oneof(
	...([3, 4, 1, 6, 6, 1, 2, 9, 1] as const).map((weight, index) => ({ weight, arbitrary: fc.constant(ACTS[index] ?? 'hear') })),
);

function anyChoices({ reduceOnly }: { reduceOnly: boolean }): fc.Arbitrary<readonly Choice[]> {
	const choice = fc.record<Choice>({
		act: anyAct,
		which: fc.nat(1_000),
		side: fc.constantFrom('buy', 'sell'),
		awayTicks: fc.integer({ min: -20, max: 300 }),
		qtyLots: fc.integer({ min: 1, max: 15 }),
		reduceOnly: reduceOnly ? fc.integer({ min: 0, max: 3 }).map((drawn) => drawn === 0) : fc.constant(false),
		isUnlucky: fc.integer({ min: 0, max: 9 }).map((drawn) => drawn === 0),
	});
	return fc.array(choice, { minLength: 100, maxLength: 200 });
}

function act(duel: Duel, choice: Choice): void {
	if (choice.act === 'recount') duel.account.recount();
	else duel[choice.act](choice);
}

function pick<T>(list: readonly T[], which: number): T {
	return list[which % list.length] as T;
}

function take<T>(list: T[], which: number): T | undefined {
	return list.length === 0 ? undefined : list.splice(which % list.length, 1)[0];
}

function priceOf({ awayTicks }: Choice, side: Side): Ticks {
	return ticks(MID_TICKS - signOf(side) * awayTicks);
}

function worthOf(lotsSigned: number): number {
	return lotsSigned * MID_TICKS;
}

describe('whatever is proposed, sent, lost, filled and heard, in whatever order', () => {
	test('no position can pass its limit, in our books or at the venue (I3)', () => {
		const seen = new Map<string, number>();
		const positionNotionalMax = 40_000;
		fc.assert(
			fc.property(anyChoices({ reduceOnly: true }), (choices) => {
				const duel = new Duel({ positionNotionalMax }, 1, seen);
				const instrument = pick(duel.instruments, 0);
				const exposure = duel.orders.exposureOf(instrument.index);
				for (const choice of choices) {
					act(duel, choice);
					const long = exposure.worstLong;
					const short = -exposure.worstShort;
					expect(worthOf(long), `long after ${choice.act}`).toBeLessThanOrEqual(positionNotionalMax);
					expect(worthOf(short), `short after ${choice.act}`).toBeLessThanOrEqual(positionNotionalMax);
					expect(duel.venueWorst(instrument, 'buy'), `long at the venue after ${choice.act}`).toBeLessThanOrEqual(long);
					expect(duel.venueWorst(instrument, 'sell'), `short at the venue after ${choice.act}`).toBeLessThanOrEqual(short);
				}
			}),
			{ numRuns: 150 },
		);
		for (const what of ['placed', 'amended', 'filled', 'PT10', 'PT18']) expect(seen.get(what) ?? 0, what).toBeGreaterThan(50);
	});

	test('the account stays within its gross limit', () => {
		const seen = new Map<string, number>();
		const grossNotionalMax = 60_000;
		fc.assert(
			fc.property(anyChoices({ reduceOnly: true }), (choices) => {
				const duel = new Duel({ grossNotionalMax }, 3, seen);
				for (const choice of choices) {
					act(duel, choice);
					const gross = worthOf(
						sumOver(duel, ({ worstLong, worstShort }) => Math.max(Math.abs(worstLong), Math.abs(worstShort))),
					);
					expect(gross, `after ${choice.act}`).toBeLessThanOrEqual(grossNotionalMax);
				}
			}),
			{ numRuns: 150 },
		);
		for (const what of ['placed', 'amended', 'filled', 'PT11']) expect(seen.get(what) ?? 0, what).toBeGreaterThan(50);
	});

	test('the account stays within its net limit, long and short', () => {
		const seen = new Map<string, number>();
		const netNotionalMax = 30_000;
		fc.assert(
			// Reduce-only orders may uncover a hedge, so they are left out.
			fc.property(anyChoices({ reduceOnly: false }), (choices) => {
				const duel = new Duel({ netNotionalMax }, 3, seen);
				for (const choice of choices) {
					act(duel, choice);
					const long = worthOf(sumOver(duel, ({ worstLong }) => worstLong));
					const short = worthOf(sumOver(duel, ({ worstShort }) => -worstShort));
					expect(long, `long after ${choice.act}`).toBeLessThanOrEqual(netNotionalMax);
					expect(short, `short after ${choice.act}`).toBeLessThanOrEqual(netNotionalMax);
				}
			}),
			{ numRuns: 150 },
		);
		for (const what of ['placed', 'amended', 'filled', 'PT11']) expect(seen.get(what) ?? 0, what).toBeGreaterThan(50);
	});
});

function sumOver(duel: Duel, figure: (exposure: Exposure) => number): number {
	return duel.instruments.reduce((sum, { index }) => sum + figure(duel.orders.exposureOf(index)), 0);
}
