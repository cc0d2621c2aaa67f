import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { makeTestInstrument } from '../../test/fixtures/instruments.ts';
import { seededWords } from '../../test/fixtures/numbers.ts';
import type { Command } from '../domain/command.ts';
import type { Order } from '../domain/order.ts';
import { isOver } from '../domain/order-life.ts';
import type { Outcome } from '../domain/outcome.ts';
import type { Side } from '../domain/side.ts';
import { LEVELS_MAX, quoteSlot, takeSlot } from '../domain/slot.ts';
import { Targets } from '../domain/targets.ts';
import { lots, monoMs, ticks, timeMs } from '../domain/units.ts';
import type { CategoryCapability } from '../domain/venue.ts';
import { BUS_OPTIONS, CommandBus } from './command-bus.ts';
import { Lanes } from './lanes.ts';
import { OrderManager } from './order-manager.ts';
import {
	ACCEPTED,
	acceptedAs,
	amendOf,
	answerOf,
	BTC,
	BYBIT,
	cancelOf,
	capabilityOf,
	fillOf,
	GONE,
	id,
	placeOf,
	refused,
	reportOf,
	UNANSWERED,
} from './orders.suite.ts';
import { Plan, type Proposal } from './plan.ts';
import { AMEND_POLICY, type AmendPolicy, Planner } from './planner.ts';

const SIDES: readonly Side[] = ['buy', 'sell'];
const NOW = 100_000;

/** An order that stands, and a wish. */
interface Standing {
	readonly level: number;
	readonly price: number;
	/** Total, filled part included. */
	readonly qty: number;
	readonly filled?: number;
	readonly ageMs?: number;
}
interface Wish {
	readonly price: number;
	readonly qty: number;
}
interface Rules {
	readonly policy: AmendPolicy;
	readonly capability: CategoryCapability;
}

const RULES: Rules = { policy: AMEND_POLICY, capability: capabilityOf() };

/** O3, written down a second time. */
function isKept(order: Standing, wish: Wish, { policy }: Rules): boolean {
	if (Math.abs(order.price - wish.price) > policy.keepToleranceTicks) return false;
	const filled = order.filled ?? 0;
	const open = order.qty - filled;
	return wish.qty === open || (filled > 0 && open < wish.qty && wish.qty <= order.qty);
}

function isAmended(order: Standing, wish: Wish, { policy, capability }: Rules): boolean {
	const open = order.qty - (order.filled ?? 0);
	const isOldEnough = (order.ageMs ?? 0) >= policy.minTimeInBookMs;
	const movesBps = (Math.abs(wish.price - order.price) / order.price) * 10_000;
	const resizes = Math.abs(wish.qty - open) / open;
	if (!capability.canAmend || !isOldEnough) return false;
	if ((movesBps > 0 && !capability.amendsPrice) || (resizes > 0 && !capability.amendsQty)) return false;
	return movesBps <= policy.amendPriceThresholdBps + 1e-9 && resizes <= policy.amendSizeThreshold + 1e-9;
}

/** Tries every pairing of orders and wishes: a kept order costs nothing, an amended one 1, all else a cancel and a place. */
function leastCommands(orders: readonly Standing[], wishes: readonly Wish[], rules: Rules): number {
	const [order, ...others] = orders;
	if (order === undefined) return wishes.length;
	let least = 1 + leastCommands(others, wishes, rules);
	for (const [at, wish] of wishes.entries()) {
		const cost = isKept(order, wish, rules) ? 0 : isAmended(order, wish, rules) ? 1 : 2;
		least = Math.min(least, cost + leastCommands(others, wishes.toSpliced(at, 1), rules));
	}
	return least;
}

/** A planner, its orders, and a venue that does at once what it is told. */
class Desk {
	readonly orders = new OrderManager();
	readonly slots: ReturnType<OrderManager['addQuoter']>;
	readonly targets = new Targets();
	readonly plan = new Plan();
	readonly rules: Rules;
	instrument = BTC;
	readonly #planner = new Planner(this.orders);
	#count = 0;

	constructor(rules: Rules = RULES) {
		this.rules = rules;
		this.orders.follow(BTC);
		this.slots = this.orders.addQuoter(0);
	}

	/** An order that is sent; shown by the venue unless `isShown` is false. */
	stand(side: Side, { level, price, qty, filled = 0, ageMs = 0 }: Standing, isShown = true): string {
		this.#count += 1;
		const orderId = `o${this.#count}`;
		const command = placeOf(orderId, { side, slot: quoteSlot(side, level), price, qty });
		this.orders.intendPlace(command, timeMs(0), monoMs(0));
		this.orders.applySend(command, monoMs(0));
		if (isShown) this.orders.applyReport(reportOf(orderId, { price, qty, filled, at: 1 }), monoMs(NOW - ageMs));
		if (filled > 0) this.orders.applyFill(fillOf(orderId, { qty: filled }));
		return orderId;
	}

	want(side: Side, wishes: readonly Wish[], levels = wishes.map((_, level) => level)): void {
		for (const [at, { price, qty }] of wishes.entries()) this.targets.quote(side, levels[at] ?? 0, ticks(price), lots(qty));
	}

	diff(nowMono = NOW): readonly Proposal[] {
		this.plan.clear();
		const { slots, targets, instrument } = this;
		this.#planner.diff(
			{ quoter: 0, instrument, slots, targets, ...this.rules, midTwiceTicks: 2_000, nowMono: monoMs(nowMono) },
			this.plan,
		);
		return this.plan.proposals;
	}

	/** For example `amend o1: 5 at 1001`, `cancel o2` or `buy 3: 5 at 999`. */
	texts(nowMono = NOW): string[] {
		return this.diff(nowMono).map((proposal) => {
			if (proposal.kind === 'cancel') return `cancel ${proposal.orderId}`;
			const version = `${proposal.qtyLots} at ${proposal.priceTicks}`;
			if (proposal.kind === 'amend') return `amend ${proposal.orderId}: ${version}`;
			return `${proposal.side} ${proposal.slot % LEVELS_MAX}: ${version}`;
		});
	}

	/** The same, in the order in which they would go when not all can. */
	byUrgency(): string[] {
		const said = this.texts().map((text, at) => ({ text, urgency: this.plan.urgencies[at] ?? 0 }));
		return said.sort((a, b) => b.urgency - a.urgency).map(({ text }) => text);
	}

	/** The approved form of a proposal, and the order takes its place in our books. */
	intend(proposal: Proposal): Command {
		switch (proposal.kind) {
			case 'cancel':
				this.orders.intendCancel(proposal.orderId);
				return proposal;
			case 'amend': {
				const { orderId, priceTicks: price, qtyLots: qty } = proposal;
				const command = amendOf(orderId, { price, qty });
				this.orders.intendAmend(command, monoMs(0));
				return command;
			}
			case 'place': {
				this.#count += 1;
				const { side, slot, priceTicks: price, qtyLots: qty } = proposal;
				const command = placeOf(`o${this.#count}`, { side, slot, price, qty });
				this.orders.intendPlace(command, timeMs(0), monoMs(0));
				return command;
			}
		}
	}

	/** Carries out the plan to its end. */
	execute(): void {
		const commands = this.plan.proposals.map((proposal) => this.intend(proposal));
		for (const command of commands) this.orders.applySend(command, monoMs(0));
		for (const command of commands) {
			const { orderId } = command;
			const known = this.orders.get(orderId) as Order;
			const { priceTicks: price, qtyLots: qty } = command.kind === 'cancel' ? known : command;
			const status = command.kind === 'cancel' ? 'cancelled' : 'working';
			this.orders.applyReport(reportOf(orderId, { status, price, qty, filled: known.filledLots, at: 2 }), monoMs(NOW));
		}
	}

	/** What stands on one side now, as far as we know. */
	standing(side: Side): Standing[] {
		const first = quoteSlot(side, 0);
		return this.orders
			.openOrders()
			.filter((order) => order.side === side && order.slot < takeSlot('buy'))
			.map((order) => ({ level: order.slot - first, price: order.priceTicks, qty: order.qtyLots, filled: order.filledLots }));
	}
}

const anyRules = fc
	.record({
		minTimeInBookMs: fc.constantFrom(0, 500),
		amendPriceThresholdBps: fc.constantFrom(0, 10, 20, 100, 1_000),
		amendSizeThreshold: fc.constantFrom(0, 0.2, 0.5, 10),
		keepToleranceTicks: fc.constantFrom(0, 0, 1, 2),
		canAmend: fc.boolean(),
		amendsPrice: fc.boolean(),
		amendsQty: fc.boolean(),
		amendsAll: fc.boolean(),
	})
	.map(({ canAmend, amendsPrice, amendsQty, amendsAll, ...policy }): Rules => {
		const capability = capabilityOf();
		return { policy, capability: amendsAll ? capability : { ...capability, canAmend, amendsPrice, amendsQty } };
	});
// One tick is ten basis points here.
const anyPrice = fc.integer({ min: 1_000, max: 1_004 });
const anyWishes = fc.array(fc.record({ price: anyPrice, qty: fc.integer({ min: 1, max: 6 }), level: fc.nat(5) }), {
	maxLength: 4,
});
const anyStanding = fc.uniqueArray(
	fc
		.record({
			level: fc.nat(6),
			price: anyPrice,
			open: fc.integer({ min: 1, max: 6 }),
			filled: fc.constantFrom(0, 0, 1, 4),
			ageMs: fc.constantFrom(0, 499, 500),
		})
		.map(({ open, ...order }): Standing => ({ ...order, qty: open + order.filled })),
	{ maxLength: 4, selector: ({ level }) => level },
);
/** Wishes at levels of their own, with holes between them or not. */
const anyTargets = fc.tuple(anyWishes, fc.boolean()).map(([wishes, hasHoles]) => {
	const levels = wishes.map((_, at) => at);
	if (hasHoles) for (const at of levels) levels[at] = at + (wishes[at]?.level ?? 0) + (levels[at - 1] ?? -1) + 1 - at;
	return { wishes, levels };
});

describe('the fewest commands', () => {
	test('lead from any orders to any wishes: no pairing needs fewer, they reach the wishes, and then there is nothing to do', () => {
		const side = fc.record({ standing: anyStanding, targets: anyTargets });
		fc.assert(
			fc.property(anyRules, fc.record({ buy: side, sell: side }), (rules, sides) => {
				const desk = new Desk(rules);
				let least = 0;
				for (const side of SIDES) {
					const { standing, targets } = sides[side];
					for (const order of standing) desk.stand(side, order);
					desk.want(side, targets.wishes, targets.levels);
					least += leastCommands(standing, targets.wishes, rules);
				}
				expect(desk.diff().length).toBe(least);
				desk.execute();
				for (const side of SIDES)
					expect(leastCommands(desk.standing(side), sides[side].targets.wishes, rules), `${side} side`).toBe(0);
				expect(desk.slots.retiring.filter((order) => order !== undefined)).toEqual([]);
				expect(desk.texts()).toEqual([]);
			}),
			{ numRuns: 2_500 },
		);
	});

	/** What keeps an order from being touched. */
	const FLIGHTS = ['intended', 'sent', 'amending', 'cancelling', 'unknown', 'amend waits', 'cancel waits'] as const;

	function fly(desk: Desk, side: Side, order: Standing, flight: (typeof FLIGHTS)[number]): string {
		if (flight === 'intended') {
			const slot = quoteSlot(side, order.level);
			return desk.intend(placeOf('', { side, slot, price: order.price, qty: order.qty })).orderId;
		}
		const orderId = desk.stand(side, order, flight !== 'sent' && flight !== 'unknown');
		const amend = amendOf(orderId, { price: order.price + 1, qty: order.qty });
		if (flight === 'amending' || flight === 'amend waits') desk.orders.intendAmend(amend, monoMs(0));
		if (flight === 'amending') desk.orders.applySend(amend, monoMs(0));
		if (flight === 'cancelling' || flight === 'cancel waits') desk.orders.intendCancel(id(orderId));
		if (flight === 'cancelling') desk.orders.applySend(cancelOf(orderId), monoMs(0));
		if (flight === 'unknown') desk.orders.applyOutcome(answerOf(orderId, 'place', UNANSWERED));
		return orderId;
	}

	test('leave orders in flight alone: each keeps one place, and no pairing of the others with the other wishes needs fewer', () => {
		const flying = fc.uniqueArray(fc.record({ level: fc.nat(6), price: anyPrice, flight: fc.constantFrom(...FLIGHTS) }), {
			maxLength: 3,
			selector: ({ level }) => level,
		});
		fc.assert(
			fc.property(
				anyRules,
				anyStanding,
				flying,
				anyTargets,
				fc.constantFrom(...SIDES),
				(rules, standing, flights, targets, side) => {
					const desk = new Desk(rules);
					const { wishes, levels } = targets;
					const taken = new Set(flights.map(({ level }) => level));
					const settled = standing.filter(({ level }) => !taken.has(level));
					for (const order of settled) desk.stand(side, order);
					const inFlight = flights.map(({ flight, ...order }) => fly(desk, side, { ...order, qty: 3 }, flight));
					desk.want(side, wishes, levels);

					const proposals = desk.diff();
					for (const proposal of proposals) if (proposal.kind !== 'place') expect(inFlight).not.toContain(proposal.orderId);
					const first = quoteSlot(side, 0);
					const places = desk.slots.current.flatMap((order, slot) =>
						order !== undefined && inFlight.includes(order.orderId)
							? [{ orderId: order.orderId, level: slot - first, slot: order.slot }]
							: [],
					);
					expect(places.map(({ orderId }) => orderId).sort()).toEqual([...inFlight].sort());
					for (const { level, slot } of places) expect(slot).toBe(first + level);
					const held = new Set(places.map(({ level }) => level));
					for (const proposal of proposals) if (proposal.kind === 'place') expect(held).not.toContain(proposal.slot - first);
					const others = wishes.filter((_, at) => !held.has(levels[at] ?? -1));
					expect(proposals.length).toBe(leastCommands(settled, others, rules));
				},
			),
			{ numRuns: 1_500 },
		);
	});

	test('an order on its way to a wish holds the place of that wish, so that nothing is placed there twice', () => {
		for (const flight of ['intended', 'sent'] as const) {
			const desk = new Desk();
			const orderId = fly(desk, 'buy', { level: 2, price: 1_000, qty: 5 }, flight);
			desk.want('buy', [{ price: 1_000, qty: 5 }]);
			expect(desk.texts()).toEqual([]);
			expect(desk.slots.current[0]?.orderId).toBe(orderId);
		}
	});

	test('an order on its way to a wish takes it over from one that may be amended, which moves on', () => {
		const desk = new Desk();
		desk.stand('buy', { level: 0, price: 1_000, qty: 5, ageMs: 500 });
		const orderId = fly(desk, 'buy', { level: 1, price: 1_000, qty: 5 }, 'sent');
		desk.want('buy', ladder(1_000, 2));
		expect(desk.texts()).toEqual(['amend o1: 5 at 999']);
		expect(desk.slots.current[0]?.orderId).toBe(orderId);
	});

	test('an order on its way out, or in doubt, holds its own place and none that it would fit', () => {
		for (const flight of ['cancelling', 'unknown'] as const) {
			const desk = new Desk();
			const orderId = fly(desk, 'buy', { level: 1, price: 1_000, qty: 5 }, flight);
			desk.want('buy', ladder(1_000, 2));
			expect(desk.texts()).toEqual(['buy 0: 5 at 1000']);
			expect(desk.slots.current[1]?.orderId).toBe(orderId);
		}
	});

	const ladder = (best: number, count: number): Wish[] =>
		Array.from({ length: count }, (_, level) => ({ price: best - level, qty: 5 }));
	const standLadder = (desk: Desk, ageMs: number) => {
		for (const [level, wish] of ladder(1_000, 5).entries()) desk.stand('buy', { level, ...wish, ageMs });
	};

	test('a ladder that moves by one step costs one amend, from its one end to the other', () => {
		for (const [best, amend] of [
			[1_001, 'amend o5: 5 at 1001'],
			[999, 'amend o1: 5 at 995'],
		] as const) {
			const desk = new Desk();
			standLadder(desk, 500);
			desk.want('buy', ladder(best, 5));
			expect(desk.texts()).toEqual([amend]);
			desk.execute();
			expect(desk.slots.current.slice(0, 5).map((order) => order?.priceTicks)).toEqual(ladder(best, 5).map(({ price }) => price));
		}
	});

	test('a ladder that moves by one step before its orders may be amended costs one cancel and one place, side by side', () => {
		const desk = new Desk();
		standLadder(desk, 499);
		desk.want('buy', ladder(1_001, 5));
		expect(desk.texts()).toEqual(['cancel o5', 'buy 0: 5 at 1001']);
		expect(desk.plan.afterCancel).toEqual([-1, 0]);
	});

	/** Wishes at one price, or orders partly filled, leave a choice: keeping the first that fits would cost the other its amend. */
	const CHOICES: readonly {
		name: string;
		standing: readonly Omit<Standing, 'level'>[];
		wishes: readonly Wish[];
		says: string;
	}[] = [
		{
			name: 'two orders that fit one wish',
			standing: [
				{ price: 1_000, qty: 5, filled: 4 },
				{ price: 1_000, qty: 4 },
			],
			wishes: [
				{ price: 1_000, qty: 4 },
				{ price: 1_001, qty: 1 },
			],
			says: 'amend o1: 5 at 1001',
		},
		{
			name: 'one order that fits two wishes',
			standing: [
				{ price: 1_000, qty: 4 },
				{ price: 1_002, qty: 5, filled: 4 },
			],
			wishes: [
				{ price: 1_002, qty: 4 },
				{ price: 1_002, qty: 1 },
			],
			says: 'amend o1: 4 at 1002',
		},
	];
	for (const { name, standing, wishes, says } of CHOICES) {
		test(`${name} are paired so that the rest can be amended`, () => {
			const desk = new Desk();
			for (const [level, order] of standing.entries()) desk.stand('buy', { level, ageMs: 500, ...order });
			desk.want('buy', wishes);
			expect(desk.texts()).toEqual([says]);
		});
	}

	test('of two orders that both fit, the one that may be amended moves on', () => {
		for (const ages of [
			[500, 0],
			[0, 500],
		]) {
			const desk = new Desk();
			for (const [level, ageMs] of ages.entries()) desk.stand('buy', { level, price: 1_000, qty: 5, ageMs });
			desk.want('buy', ladder(1_000, 2));
			expect(desk.texts()).toEqual([`amend o${ages.indexOf(500) + 1}: 5 at 999`]);
		}
	});
});

describe('an order and a wish', () => {
	interface Pair {
		readonly name: string;
		readonly order: Partial<Standing>;
		readonly wish?: Partial<Wish>;
		readonly policy?: Partial<AmendPolicy>;
		readonly capability?: Partial<CategoryCapability>;
		readonly says: readonly string[];
	}
	const REPLACED = (qty: number, price: number) => ['cancel o1', `buy 0: ${qty} at ${price}`];
	const pairs: readonly Pair[] = [
		{ name: 'that are alike need nothing', order: {}, says: [] },
		{ name: 'that lie within the tolerance need nothing', order: { price: 1_002 }, policy: { keepToleranceTicks: 2 }, says: [] },
		{
			name: 'that lie just beyond it are brought together',
			order: { price: 1_003 },
			policy: { keepToleranceTicks: 2 },
			says: ['amend o1: 10 at 1000'],
		},
		{
			name: 'a threshold apart still take an amend',
			order: { price: 1_010 },
			policy: { amendPriceThresholdBps: 100 },
			says: ['amend o1: 10 at 1000'],
		},
		{
			name: 'further apart take a cancel and a place',
			order: { price: 1_011 },
			policy: { amendPriceThresholdBps: 100 },
			says: REPLACED(10, 1_000),
		},
		{ name: 'a fifth apart in size still take an amend', order: {}, wish: { qty: 12 }, says: ['amend o1: 12 at 1000'] },
		{ name: 'further apart in size take a cancel and a place', order: {}, wish: { qty: 13 }, says: REPLACED(13, 1_000) },
		{
			name: 'take no amend before the order has been in the book for its time',
			order: { ageMs: 499 },
			wish: { price: 1_001 },
			says: REPLACED(10, 1_001),
		},
		{
			name: 'take no amend where the venue has none',
			order: {},
			wish: { price: 1_001 },
			capability: { canAmend: false },
			says: REPLACED(10, 1_001),
		},
		{
			name: 'take no amend of the price where the venue amends sizes only',
			order: {},
			wish: { price: 1_001 },
			capability: { amendsPrice: false },
			says: REPLACED(10, 1_001),
		},
		{
			name: 'take an amend of the size there',
			order: {},
			wish: { qty: 9 },
			capability: { amendsPrice: false },
			says: ['amend o1: 9 at 1000'],
		},
		{
			name: 'take no amend of the size where the venue amends prices only',
			order: {},
			wish: { qty: 9 },
			capability: { amendsQty: false },
			says: REPLACED(9, 1_000),
		},
		{ name: 'are alike when what is left is what is wanted', order: { filled: 4 }, wish: { qty: 6 }, says: [] },
		{
			name: 'are alike when a part is filled and the wish is for the rest and some of it',
			order: { filled: 4 },
			wish: { qty: 7 },
			says: [],
		},
		{
			name: 'are alike when a part is filled and the wish is for the whole again: its place in the queue is worth more',
			order: { filled: 4 },
			wish: { qty: 10 },
			says: [],
		},
		{
			name: 'are amended when the wish is for more than the order ever was, filled part included (F24)',
			order: { filled: 4 },
			wish: { qty: 11 },
			policy: { amendSizeThreshold: 1 },
			says: ['amend o1: 15 at 1000'],
		},
		{
			name: 'are amended when the wish is for less than what is left, filled part included (F24)',
			order: { filled: 4 },
			wish: { qty: 5 },
			says: ['amend o1: 9 at 1000'],
		},
		{ name: 'measure the change of size on what is left', order: { filled: 5 }, wish: { qty: 3 }, says: REPLACED(3, 1_000) },
		{ name: 'that nobody wants is cancelled', order: {}, wish: { qty: 0 }, says: ['cancel o1'] },
	];
	for (const { name, order, wish, policy, capability, says } of pairs) {
		test(name, () => {
			const desk = new Desk({ policy: { ...AMEND_POLICY, ...policy }, capability: { ...capabilityOf(), ...capability } });
			desk.stand('buy', { level: 0, price: 1_000, qty: 10, ageMs: 500, ...order });
			desk.want('buy', [{ price: 1_000, qty: 10, ...wish }]);
			expect(desk.texts()).toEqual(says);
		});
	}

	test('take no second amend after the venue refused one for what it asked (F27)', () => {
		for (const [failure, says] of [
			['fatal', REPLACED(10, 1_001)],
			['rate-limited', ['amend o1: 10 at 1001']],
		] as const) {
			const desk = new Desk();
			desk.stand('buy', { level: 0, price: 1_000, qty: 10, ageMs: 500 });
			desk.want('buy', [{ price: 1_001, qty: 10 }]);
			desk.diff();
			for (const proposal of desk.plan.proposals) desk.orders.applySend(desk.intend(proposal), monoMs(0));
			desk.orders.applyOutcome(answerOf('o1', 'amend', refused(failure)));
			expect(desk.texts()).toEqual(says);
		}
	});
});

describe('a successor (I1)', () => {
	/** One order on level 0 with a wish so far away that it has to be replaced. */
	function replacing(isShown = true): Desk {
		const desk = new Desk();
		desk.stand('buy', { level: 0, price: 900, qty: 5 }, isShown);
		desk.want('buy', [{ price: 1_000, qty: 5 }]);
		return desk;
	}
	/** The predecessor is being cancelled, and its successor was refused. */
	function bereft(desk: Desk): Desk {
		desk.diff();
		const commands = desk.plan.proposals.map((proposal) => desk.intend(proposal));
		for (const command of commands) desk.orders.applySend(command, monoMs(0));
		desk.orders.applyOutcome(answerOf('o2', 'place', refused()));
		return desk;
	}

	test('leaves together with the cancel of its predecessor', () => {
		const desk = replacing();
		expect(desk.texts()).toEqual(['cancel o1', 'buy 0: 5 at 1000']);
		expect(desk.plan.afterCancel).toEqual([-1, 0]);
	});

	test('waits while its predecessor has not been shown, is in doubt or waits for its own answer', () => {
		const desk = replacing(false);
		expect(desk.texts()).toEqual([]);
		desk.orders.applyOutcome(answerOf('o1', 'place', UNANSWERED));
		expect(desk.texts()).toEqual([]);
		desk.orders.intendCancel(id('o1'));
		desk.orders.applySend(cancelOf('o1'), monoMs(0));
		expect(desk.texts()).toEqual([]);
		desk.orders.applyReport(reportOf('o1', { status: 'cancelled' }), monoMs(0));
		expect(desk.texts()).toEqual(['buy 0: 5 at 1000']);
	});

	test('that was refused may have a successor of its own beside the order that is being cancelled', () => {
		expect(bereft(replacing()).texts()).toEqual(['buy 0: 5 at 1000']);
	});

	test('has none beside an order whose cancel is in doubt', () => {
		const desk = bereft(replacing());
		desk.orders.applyOutcome(answerOf('o1', 'cancel', GONE));
		expect(desk.texts()).toEqual([]);
	});

	test('is not replaced while its predecessor is still there: it is only cancelled', () => {
		const desk = replacing();
		desk.diff();
		for (const command of desk.plan.proposals.map((proposal) => desk.intend(proposal))) desk.orders.applySend(command, monoMs(0));
		desk.orders.applyReport(reportOf('o2', { price: 1_000, qty: 5 }), monoMs(NOW));
		desk.targets.reset();
		desk.want('buy', [{ price: 1_100, qty: 5 }]);
		expect(desk.texts()).toEqual(['cancel o2']);
	});

	const STAYS: readonly { name: string; stay: (desk: Desk) => void }[] = [
		{ name: 'was never sent', stay: (desk) => desk.orders.applyDrop(cancelOf('o1')) },
		{
			name: 'was refused',
			stay: (desk) => {
				desk.orders.applySend(cancelOf('o1'), monoMs(0));
				desk.orders.applyOutcome(answerOf('o1', 'cancel', refused('rate-limited')));
			},
		},
	];
	for (const { name, stay } of STAYS) {
		test(`does not make us forget a predecessor whose cancel ${name}: it is cancelled again`, () => {
			const desk = replacing();
			desk.diff();
			const commands = desk.plan.proposals.map((proposal) => desk.intend(proposal));
			desk.orders.applySend(commands[1] as Command, monoMs(0));
			desk.orders.applyReport(reportOf('o2', { price: 1_000, qty: 5 }), monoMs(NOW));
			stay(desk);
			expect(desk.texts()).toEqual(['cancel o1']);
			desk.execute();
			expect(desk.texts()).toEqual([]);
			expect(desk.standing('buy').map(({ price }) => price)).toEqual([1_000]);
		});

		test(`that never came leaves its place to a predecessor whose cancel ${name}`, () => {
			const desk = replacing();
			desk.diff();
			const commands = desk.plan.proposals.map((proposal) => desk.intend(proposal));
			desk.orders.applyDrop(commands[1] as Command);
			stay(desk);
			desk.targets.reset();
			desk.want('buy', [{ price: 900, qty: 5 }]);
			expect(desk.texts()).toEqual([]);
			expect(desk.slots.current[0]?.orderId).toBe('o1');
		});
	}
});

describe('takes', () => {
	test('are placed at once, one a side, and not again while the first is under way', () => {
		const desk = new Desk();
		desk.targets.take('buy', ticks(1_010), lots(3), { reduceOnly: true });
		const [proposal, ...others] = desk.diff();
		expect(others).toEqual([]);
		expect(proposal).toEqual({
			kind: 'place',
			instrument: BTC,
			quoter: 0,
			slot: takeSlot('buy'),
			side: 'buy',
			orderType: 'limit',
			timeInForce: 'ioc',
			reduceOnly: true,
			priceTicks: 1_010,
			qtyLots: 3,
		});
		const command = desk.intend(proposal as Proposal);
		expect(desk.diff()).toEqual([]);
		desk.orders.applySend(command, monoMs(0));
		expect(desk.diff()).toEqual([]);
		desk.orders.applyReport(reportOf(command.orderId, { status: 'cancelled' }), monoMs(NOW));
		expect(desk.diff().length).toBe(1);
	});

	test('go before every quote and every cancel when the budget is short', () => {
		const desk = new Desk();
		desk.stand('buy', { level: 0, price: 1_000, qty: 5 });
		desk.want('sell', [{ price: 1_001, qty: 5 }]);
		desk.targets.take('sell', ticks(990), lots(3), { reduceOnly: false });
		desk.diff();
		const most = Math.max(...desk.plan.urgencies);
		expect(desk.plan.proposals.map(({ kind }, at) => [kind, desk.plan.urgencies[at] === most])).toEqual([
			['cancel', false],
			['place', false],
			['place', true],
		]);
	});
});

describe('urgency (T9)', () => {
	test('falls from what nobody wants over what is too eager, the worst first, to what is far from the touch', () => {
		const desk = new Desk({ ...RULES, capability: { ...capabilityOf(), canAmend: false } });
		// The mid is 1000: o1 stands too low for its level, o2 and o3 too high, o4 and o5 should not stand at all.
		for (const [level, price] of [990, 998, 999, 970, 960].entries()) desk.stand('buy', { level, price, qty: 5 });
		desk.want(
			'buy',
			[995, 991, 980].map((price) => ({ price, qty: 5 })),
		);
		expect(desk.byUrgency()).toEqual([
			'cancel o4',
			'cancel o5',
			'cancel o3',
			'cancel o2',
			'cancel o1',
			'buy 0: 5 at 995',
			'buy 1: 5 at 991',
			'buy 2: 5 at 980',
		]);
	});

	for (const [side, sign] of [
		['buy', -1],
		['sell', 1],
	] as const) {
		test(`of ${side} amends puts those first that make a quote less eager, then those nearest to the touch`, () => {
			const desk = new Desk();
			// Each order may only become what its own level wants: the sizes are too far apart for any other.
			const away = (distances: readonly number[]) =>
				distances.map((distance, level) => ({ level, price: 1_000 + sign * distance, qty: 10 ** (level + 1) }));
			for (const order of away([20, 8, 30])) desk.stand(side, { ...order, ageMs: 500 });
			desk.want(side, away([15, 13, 26]));
			expect(desk.byUrgency().map((text) => text.slice(0, 8))).toEqual(['amend o2', 'amend o1', 'amend o3']);
		});
	}
});

describe('orders of an older grid (F59)', () => {
	test('are cancelled first, and nothing is placed or amended until they are gone', () => {
		const desk = new Desk();
		desk.stand('buy', { level: 0, price: 1_000, qty: 5, ageMs: 500 });
		desk.stand('sell', { level: 0, price: 1_010, qty: 5 }, false);
		desk.instrument = makeTestInstrument({ index: 0, symbol: 'BTCUSDT', version: 2, tickSize: '0.50' });
		desk.want('buy', [{ price: 1_000, qty: 5 }]);
		expect(desk.texts()).toEqual(['cancel o1']);
		desk.execute();
		expect(desk.texts()).toEqual([]);
		desk.orders.applyReport(reportOf('o2', { status: 'cancelled' }), monoMs(NOW));
		expect(desk.texts()).toEqual(['buy 0: 5 at 1000']);
	});
});

/** How rough the way to the venue is, and what the venue makes of it. */
interface Weather {
	readonly lostPercent: number;
	readonly refusedPercent: number;
	readonly droppedPercent: number;
	readonly fillPercent: number;
	readonly refusesAmends: boolean;
}

interface VenueOrder extends Wish {
	readonly side: Side;
	readonly price: number;
	readonly qty: number;
	readonly filled: number;
	readonly status: 'working' | 'filled' | 'cancelled';
	readonly updatedAt: number;
}

/**
 * Planner, order manager and bus against a venue behind a slow and unreliable line. What is approved leaves later or
 * not at all; requests and answers get lost; news overtakes other news; the market fills. Chance comes from one seed.
 */
class History {
	readonly desk: Desk;
	readonly venue = new Map<string, VenueOrder>();
	weather: Weather;
	nowMs = 1_000;
	lastSentMs = 0;
	#wishes: Record<Side, readonly Wish[]> = { buy: [], sell: [] };
	readonly #words: () => number;
	readonly #bus: CommandBus;
	#due: { readonly atMs: number; readonly run: () => void }[] = [];
	readonly #doubtfulSinceMs = new Map<string, number>();
	#executionCount = 0;

	constructor(seed: number) {
		this.#words = seededWords(seed);
		const percent = (most: number) => this.draw(most);
		this.weather = {
			lostPercent: percent(10),
			refusedPercent: percent(20),
			droppedPercent: percent(30),
			fillPercent: percent(8),
			refusesAmends: this.chance(20),
		};
		const minTimeInBookMs = this.chance(50) ? 0 : 100;
		const policy = { ...AMEND_POLICY, minTimeInBookMs, keepToleranceTicks: this.draw(3), amendSizeThreshold: 0.5 };
		const capability = { ...capabilityOf(), canAmend: this.chance(85) };
		this.desk = new Desk({ policy, capability });
		const lanes = new Lanes([BYBIT]);
		lanes.follow(BTC);
		this.#bus = new CommandBus(lanes, { ...BUS_OPTIONS, parallel: this.chance(50) });
	}

	draw(below: number): number {
		return this.#words() % Math.max(1, below);
	}

	chance(percent: number): boolean {
		return this.draw(100) < percent;
	}

	/** The market moves: other wishes, close to the old ones. */
	wish(): void {
		const mid = 1_000 + this.draw(12);
		const wishesOf = (sign: 1 | -1): Wish[] =>
			Array.from({ length: this.draw(4) }, (_, level) => ({
				price: mid + sign * (1 + level * (1 + this.draw(2))),
				qty: 2 + this.draw(6),
			}));
		this.#wishes = { buy: wishesOf(-1), sell: wishesOf(1) };
		this.desk.targets.reset();
		for (const side of SIDES) this.desk.want(side, this.#wishes[side]);
	}

	calm(): void {
		this.weather = { ...this.weather, lostPercent: 0, refusedPercent: 0, droppedPercent: 0, fillPercent: 0 };
	}

	/** Twenty milliseconds: what is due arrives, the market may fill something, and we plan. */
	step(): void {
		this.nowMs += 20;
		const due = this.#due.filter(({ atMs }) => atMs <= this.nowMs);
		this.#due = this.#due.filter(({ atMs }) => atMs > this.nowMs);
		for (const { run } of due) run();
		for (const orderId of this.venue.keys()) if (this.chance(this.weather.fillPercent)) this.#fill(orderId);
		this.#lookUp();
		this.#plan();
	}

	/** What is wrong with who stands where. */
	findError(): string | undefined {
		const { current, retiring } = this.desk.slots;
		for (const order of this.desk.orders.openOrders()) {
			if (current[order.slot] !== order && retiring[order.slot] !== order) return `${order.orderId} stands in no slot`;
		}
		for (let slot = 0; slot < current.length; slot += 1) {
			for (const order of [current[slot], retiring[slot]]) {
				if (order !== undefined && (order.slot !== slot || isOver(order.state))) return `slot ${slot} holds ${order.orderId}`;
			}
		}
		const perSlot = new Map<number, number>();
		for (const [orderId, { status }] of this.venue) {
			if (status !== 'working') continue;
			const slot = this.desk.orders.get(id(orderId))?.slot ?? -1;
			perSlot.set(slot, (perSlot.get(slot) ?? 0) + 1);
		}
		for (const [slot, count] of perSlot) if (count > 2) return `${count} orders of slot ${slot} are at the venue`;
		return undefined;
	}

	/** How many commands are missing between what works at the venue and what is wanted. */
	distance(): number {
		return SIDES.reduce((sum, side) => {
			const standing = [...this.venue.values()].flatMap((order) =>
				order.side === side && order.status === 'working' ? [{ level: 0, ...order }] : [],
			);
			return sum + leastCommands(standing, this.#wishes[side], this.desk.rules);
		}, 0);
	}

	#plan(): void {
		const { desk } = this;
		for (const proposal of desk.diff(this.nowMs)) {
			if (proposal.kind === 'place') this.#checkPlace(proposal.slot);
			const command = desk.intend(proposal);
			if (command.kind === 'place') this.#bus.place(command);
			else if (command.kind === 'amend') this.#bus.amend(command);
			else this.#bus.cancel(command);
		}
		for (const { commands } of this.#bus.flush()) for (const command of commands) this.#dispatch(command);
	}

	/** I1: beside a successor at most its predecessor, which the venue has shown and which is on its way out. */
	#checkPlace(slot: number): void {
		const { current, retiring } = this.desk.slots;
		const [standing, leaving] = [current[slot], retiring[slot]];
		const isRight =
			standing === undefined
				? leaving === undefined || (leaving.state === 'cancelling' && leaving.shownAtMono !== undefined)
				: leaving === undefined && this.desk.orders.queuedFor(standing.orderId) === 'cancel';
		expect(isRight, `slot ${slot} has room for a successor`).toBe(true);
	}

	/** Cancels leave at once, the others when the journal has them; some become stale before. */
	#dispatch(command: Command): void {
		const isDropped = this.chance(this.weather.droppedPercent);
		const waitMs = command.kind === 'cancel' ? 0 : this.draw(60);
		this.#after(waitMs, () => {
			const { orders } = this.desk;
			if (orders.queuedFor(command.orderId) !== command.kind) return;
			if (isDropped) return orders.applyDrop(command);
			orders.applySend(command, monoMs(0));
			this.lastSentMs = this.nowMs;
			const answer = (outcome: Outcome, inMs: number) =>
				this.#after(inMs, () => orders.applyOutcome(answerOf(command.orderId, command.kind, outcome)));
			if (this.chance(this.weather.lostPercent)) return answer(UNANSWERED, 200);
			this.#after(this.draw(80), () => {
				const outcome = this.#execute(command);
				if (this.chance(this.weather.lostPercent)) answer(UNANSWERED, 200);
				else answer(outcome, this.draw(80));
			});
		});
	}

	#execute(command: Command): Outcome {
		const { orderId, kind } = command;
		const isRefused = this.chance(this.weather.refusedPercent) || (kind === 'amend' && this.weather.refusesAmends);
		if (kind === 'place') {
			if (isRefused) return refused();
			const { side, priceTicks: price, qtyLots: qty } = command;
			this.#show(orderId, { side, price, qty, filled: 0, status: 'working', updatedAt: 0 });
			return acceptedAs(`venue-${orderId}`);
		}
		const order = this.venue.get(orderId);
		if (order?.status !== 'working') return GONE;
		if (isRefused) return refused(kind === 'cancel' ? 'rate-limited' : 'fatal');
		if (kind === 'cancel') {
			this.#show(orderId, { ...order, status: 'cancelled' });
			return ACCEPTED;
		}
		if (command.qtyLots <= order.filled) return refused();
		this.#show(orderId, { ...order, price: command.priceTicks, qty: command.qtyLots });
		return ACCEPTED;
	}

	#fill(orderId: string): void {
		const order = this.venue.get(orderId);
		if (order?.status !== 'working') return;
		const qty = 1 + this.draw(order.qty - order.filled);
		this.#executionCount += 1;
		const execution = fillOf(this.chance(50) ? '' : orderId, {
			qty,
			executionId: `e${this.#executionCount}`,
			venueOrderId: `venue-${orderId}`,
		});
		this.#after(this.draw(120), () => this.desk.orders.applyFill(execution));
		const filled = order.filled + qty;
		this.#show(orderId, { ...order, filled, status: filled === order.qty ? 'filled' : 'working' });
	}

	/** The venue's new version of an order, and the news of it. */
	#show(orderId: string, order: VenueOrder): void {
		const shown = { ...order, updatedAt: order.updatedAt + 1 };
		this.venue.set(orderId, shown);
		for (let copies = this.chance(10) ? 2 : 1; copies > 0; copies -= 1) {
			this.#after(this.draw(120), () => this.#report(orderId, shown, 'stream'));
		}
	}

	#report(orderId: string, { updatedAt: at, ...order }: VenueOrder, source: 'stream' | 'lookup'): void {
		this.desk.orders.applyReport(reportOf(orderId, { ...order, at, source }), monoMs(this.nowMs));
	}

	/** What has been in doubt for longer than anything can be under way is asked about. */
	#lookUp(): void {
		const { orders } = this.desk;
		for (const { orderId, state } of orders.openOrders()) {
			if (state !== 'unknown') {
				this.#doubtfulSinceMs.delete(orderId);
				continue;
			}
			const sinceMs = this.#doubtfulSinceMs.get(orderId) ?? this.nowMs;
			this.#doubtfulSinceMs.set(orderId, sinceMs);
			if (this.nowMs - sinceMs < 300) continue;
			const order = this.venue.get(orderId);
			if (order === undefined) orders.applyProvenAbsent(orderId);
			else this.#report(orderId, order, 'lookup');
		}
	}

	#after(ms: number, run: () => void): void {
		if (ms === 0) run();
		else this.#due.push({ atMs: this.nowMs + ms, run });
	}
}

describe('over any history of moving wishes, late news, refusals, losses and fills', () => {
	test('each order has its slot, a slot never has three, and wishes that are held are reached and then nothing more is sent', () => {
		fc.assert(
			fc.property(fc.nat(), (seed) => {
				const history = new History(seed);
				for (let step = 0; step < 80; step += 1) {
					if (history.chance(20)) history.wish();
					history.step();
					expect(history.findError()).toBeUndefined();
				}
				history.calm();
				for (let step = 0; step < 120; step += 1) {
					history.step();
					expect(history.findError()).toBeUndefined();
				}
				expect(history.distance()).toBe(0);
				expect(history.desk.orders.openOrders().map(({ state }) => state)).toEqual(
					history.desk.orders.openOrders().map(({ filledLots }) => (filledLots > 0 ? 'partiallyFilled' : 'live')),
				);
				expect(history.nowMs - history.lastSentMs).toBeGreaterThan(800);
			}),
			{ numRuns: 150, endOnFailure: true },
		);
	});
});
