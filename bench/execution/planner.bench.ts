/**
 * Comparing what one quoter wants with the orders that stand: 10 levels a side, per comparison. It stands for the work
 * of every symbol in every tick. Four situations: nothing changed; the ladder moved by one step, so that all orders but
 * the outermost fit another level; everything moved and is amended; half of the orders are too young to be amended,
 * which is when every pairing has to be weighed. Beside the time stands what the pairing saves: how many commands a
 * planner that ties each order to its level would send in the same situation.
 */

import type { PlaceCommand } from '../../src/domain/command.ts';
import type { Order } from '../../src/domain/order.ts';
import type { OrderId } from '../../src/domain/order-id.ts';
import { quoteSlot } from '../../src/domain/slot.ts';
import { Targets } from '../../src/domain/targets.ts';
import { lots, monoMs, ticks, timeMs } from '../../src/domain/units.ts';
import { OrderManager } from '../../src/execution/order-manager.ts';
import { Plan } from '../../src/execution/plan.ts';
import { AMEND_POLICY, Planner, type PlanRequest } from '../../src/execution/planner.ts';
import { TEST_VENUE } from '../../test/fixtures/desk.ts';
import { BTCUSDT } from '../../test/fixtures/instruments.ts';
import { type BenchCase, type Benchmark, type BenchOptions, type BenchResult, nowNs, Samples } from '../harness.ts';

const LEVELS = 10;
const MID = 650_000;
const QTY = 100;
const NOW = 10_000;
const SIZES = { tiny: { rounds: 3, perRound: 2 }, full: { rounds: 2_000, perRound: 50 } };

interface Situation {
	readonly name: string;
	/** How far the wished ladder has moved from the one that stands. */
	readonly movedTicks: number;
	/** Every so many orders one has just been placed; 0 for none. */
	readonly youngEvery: number;
}

const SITUATIONS: readonly Situation[] = [
	{ name: 'nothing changed', movedTicks: 0, youngEvery: 0 },
	{ name: 'moved by one step', movedTicks: 1, youngEvery: 0 },
	{ name: 'all moved, amended', movedTicks: 40, youngEvery: 0 },
	{ name: 'all moved, half too young', movedTicks: 40, youngEvery: 2 },
];

export default {
	name: 'execution/planner',
	async run({ tiny }: BenchOptions): Promise<BenchResult> {
		const size = tiny ? SIZES.tiny : SIZES.full;
		const ratios: Record<string, number> = {};
		const cases = SITUATIONS.map((situation) => {
			const { planner, request, plan, manager } = prepare(situation);
			if (situation.movedTicks === 1)
				ratios['commandsLevelByLevelVsOurs'] = levelByLevel(request, manager) / count(planner, request, plan);
			return measure(situation.name, size, () => count(planner, request, plan));
		});
		return { cases, ratios };
	},
} satisfies Benchmark;

function measure(name: string, size: { readonly rounds: number; readonly perRound: number }, diff: () => number): BenchCase {
	const samples = new Samples(size.rounds);
	let checksum = 0;
	for (let round = -Math.ceil(size.rounds / 5); round < size.rounds; round += 1) {
		const startNs = nowNs();
		for (let i = 0; i < size.perRound; i += 1) checksum = (checksum * 31 + diff()) % 1_000_003;
		const tookNs = nowNs() - startNs;
		if (round >= 0) samples.record(tookNs / size.perRound);
	}
	return { name, unit: 'ns/comparison', sampleCount: samples.count, ...samples.percentiles(), checksum };
}

function count(planner: Planner, request: PlanRequest, plan: Plan): number {
	plan.clear();
	planner.diff(request, plan);
	return plan.size;
}

function prepare({ movedTicks, youngEvery }: Situation) {
	const manager = new OrderManager();
	manager.follow(BTCUSDT);
	const slots = manager.addQuoter(0);
	let number = 0;
	for (const side of ['buy', 'sell'] as const) {
		for (let level = 0; level < LEVELS; level += 1) {
			number += 1;
			const order = standing(manager, { side, slot: quoteSlot(side, level), priceTicks: priceOf(side, level), number });
			const isYoung = youngEvery > 0 && number % youngEvery === 0;
			show(manager, order, isYoung ? NOW : 0);
		}
	}
	const targets = new Targets();
	for (let level = 0; level < LEVELS; level += 1) {
		targets.quote('buy', level, ticks(priceOf('buy', level) + movedTicks), lots(QTY));
		targets.quote('sell', level, ticks(priceOf('sell', level) + movedTicks), lots(QTY));
	}
	const capability = TEST_VENUE.categories.linear;
	if (capability === undefined) throw new Error('the test venue trades linear contracts');
	const request: PlanRequest = {
		quoter: 0,
		instrument: BTCUSDT,
		targets,
		slots,
		capability,
		policy: AMEND_POLICY,
		midTwiceTicks: MID * 2,
		nowMono: monoMs(NOW),
	};
	return { planner: new Planner(manager), request, plan: new Plan(), manager };
}

/** What a planner sends that compares each level with its own order only. */
function levelByLevel(request: PlanRequest, manager: OrderManager): number {
	return manager.openOrdersOf(BTCUSDT.index).filter((order) => request.targets.priceTicks[order.slot] !== order.priceTicks)
		.length;
}

function priceOf(side: 'buy' | 'sell', level: number): number {
	return side === 'buy' ? MID - 5 - level : MID + 5 + level;
}

function standing(manager: OrderManager, at: { side: 'buy' | 'sell'; slot: number; priceTicks: number; number: number }): Order {
	const command = {
		kind: 'place',
		instrument: BTCUSDT,
		quoter: 0,
		slot: at.slot,
		side: at.side,
		orderType: 'limit',
		timeInForce: 'postOnly',
		reduceOnly: false,
		priceTicks: ticks(at.priceTicks),
		qtyLots: lots(QTY),
		orderId: `order-${at.number}` as OrderId,
	} as PlaceCommand;
	const order = manager.intendPlace(command, timeMs(1), monoMs(0));
	manager.applySend(command, monoMs(0));
	return order;
}

function show(manager: OrderManager, order: Order, atMono: number): void {
	const { instrument, orderId, side, priceTicks, qtyLots } = order;
	manager.applyReport(
		{
			instrument,
			clientOrderId: orderId,
			venueOrderId: `v-${orderId}`,
			side,
			status: 'working',
			priceTicks,
			qtyLots,
			filledLots: lots(0),
			reason: undefined,
			updatedAtMs: timeMs(1),
			source: 'stream',
		},
		monoMs(atMono),
	);
}
