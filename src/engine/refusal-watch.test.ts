/** What a whole engine makes of a venue that refuses the same again and again (F36), and of a symbol that it takes nothing from (KL1). */
import { describe, expect, test } from 'vitest';
import { Desk } from '../../test/fixtures/desk.ts';
import { makeTestInstrument } from '../../test/fixtures/instruments.ts';
import { ladderAround, Scripted, type Wish } from '../../test/fixtures/scripted.ts';
import type { Batch } from '../domain/command.ts';
import type { OrderReport } from '../domain/execution.ts';
import type { Order } from '../domain/order.ts';
import type { FailureClass, ItemOutcome, Outcome } from '../domain/outcome.ts';
import { timeMs } from '../domain/units.ts';
import type { EngineNote } from './ports.ts';

const MID = 650_000;
const LEVELS = 1;
const WISHES = ladderAround(MID, { levels: LEVELS, qty: 10 });
const BUYS = WISHES.filter(({ side }) => side === 'buy');

/** How the venue says no to a create. */
type Manner = 'answer' | 'stream' | 'streamAsCancelled' | 'streamAfterWorking';

class Scene {
	readonly instruments = [0, 1].map((index) => makeTestInstrument({ index, symbol: `S${index}USDT` }));
	readonly strategy = new Scripted();
	readonly desk = new Desk({ instruments: this.instruments, strategy: this.strategy });
	readonly notes: EngineNote[] = [];
	manner: Manner = 'answer';
	failure: FailureClass = 'fatal';
	reason = 'it would take';
	/** The first symbol's creates of this side are refused. */
	refuses: ((order: Order) => boolean) | undefined = () => true;
	/** When a create of the first symbol left. */
	readonly triedAtMs: number[] = [];

	constructor(wishes: readonly Wish[] = BUYS) {
		this.wish(wishes);
	}

	wish(wishes: readonly Wish[]): void {
		this.strategy.wishes.set(this.#first.index, wishes);
	}

	/** So much time, a quarter of a second at a time; the venue answers each time. */
	later(ms: number): void {
		for (let left = ms; left > 0; left -= 250) {
			this.desk.nowMs += Math.min(left, 250);
			for (const instrument of this.instruments) this.desk.book(instrument, MID - 1, MID + 1);
			for (const effect of this.desk.tick(0)) if (effect.kind === 'note') this.notes.push(effect.note);
			this.#answer();
		}
	}

	get reasonHeld(): string | undefined {
		return this.desk.engine.levels.holdReason(this.#first.index, this.desk.at().monoMs);
	}

	get openCount(): number {
		return this.desk.engine.orders.openOrdersOf(this.#first.index).length;
	}

	/** Milliseconds between tries that follow each other. */
	get gapsMs(): readonly number[] {
		return this.triedAtMs.slice(1).map((atMs, index) => atMs - (this.triedAtMs[index] ?? 0));
	}

	get #first() {
		const [first] = this.instruments;
		if (first === undefined) throw new Error('two symbols');
		return first;
	}

	#answer(): void {
		const { desk } = this;
		const taken: Batch[] = [];
		for (let batch = desk.sent.shift(); batch !== undefined; batch = desk.sent.shift()) {
			const orders = batch.commands.map(({ orderId }) => desk.engine.orders.get(orderId));
			const isOfFirst = batch.verb === 'place' && orders.some((order) => order?.instrument.index === this.#first.index);
			if (isOfFirst) this.triedAtMs.push(desk.nowMs);
			if (isOfFirst && orders.every((order) => order !== undefined && this.refuses?.(order) === true)) this.#refuse(batch);
			else taken.push(batch);
		}
		desk.sent.push(...taken);
		desk.settle();
	}

	#refuse(batch: Batch): void {
		const { desk, reason } = this;
		const outcome: Outcome =
			this.manner === 'answer'
				? { kind: 'rejected', class: this.failure, gone: false, reason }
				: { kind: 'accepted', venueOrderId: undefined };
		const items = batch.commands.map(({ orderId }): ItemOutcome => ({ orderId, verb: 'place', outcome }));
		this.#step({ kind: 'answer', batchId: batch.batchId, items, ...desk.at() });
		if (this.manner === 'answer') return;
		for (const { orderId } of batch.commands) {
			const { instrument, side, priceTicks, qtyLots, filledLots } = desk.engine.orders.get(orderId) as Order;
			const report: OrderReport = {
				...{ instrument, clientOrderId: orderId, venueOrderId: `v-${orderId}`, side, priceTicks, qtyLots, filledLots, reason },
				status: this.manner === 'streamAsCancelled' ? 'cancelled' : 'rejected',
				updatedAtMs: timeMs(desk.at().wallMs),
				source: 'stream',
			};
			const working = { ...report, status: 'working', reason: undefined } as const;
			if (this.manner === 'streamAfterWorking') this.#step({ kind: 'orderReport', report: working, ...desk.at() });
			this.#step({ kind: 'orderReport', report, ...desk.at() });
		}
	}

	#step(event: Parameters<Desk['step']>[0]): void {
		for (const effect of this.desk.step(event)) if (effect.kind === 'note') this.notes.push(effect.note);
	}
}

describe.each<Manner>(['answer', 'stream', 'streamAsCancelled', 'streamAfterWorking'])(
	'the same refusal again and again, by %s',
	(manner) => {
		test('makes its slot wait a second, then two, then four', () => {
			const scene = new Scene();
			scene.manner = manner;
			scene.later(20_000);
			expect(scene.gapsMs).toEqual([250, 250, 1_000, 2_000, 4_000, 8_000]);
			expect(scene.notes).toEqual([{ kind: 'refusedAgain', instrument: scene.instruments[0]?.id, reason: 'it would take' }]);
		});

		test('ends with the first order that is taken', () => {
			const scene = new Scene();
			scene.manner = manner;
			scene.later(3_000);
			scene.refuses = undefined;
			scene.later(4_000);
			expect(scene.openCount).toBe(1);
			scene.wish([]);
			scene.later(500);
			scene.wish(BUYS);
			scene.later(250);
			expect(scene.openCount).toBe(1);
		});
	},
);

test('whatever it wants, a slot that is always refused tries ten times in any minute', () => {
	const scene = new Scene();
	for (let step = 0; step < 4 * 150; step += 1) {
		// One percent away is another wish each time.
		scene.wish(BUYS.map((wish) => ({ ...wish, price: step % 2 === 0 ? wish.price : Math.round(wish.price * 0.99) })));
		scene.later(250);
	}
	const most = scene.triedAtMs.map((firstMs) => scene.triedAtMs.filter((ms) => ms >= firstMs && ms < firstMs + 60_000).length);
	expect(Math.max(...most)).toBe(10);
	expect(scene.triedAtMs.length).toBeGreaterThan(20);
});

test('another price may be tried at once', () => {
	const scene = new Scene();
	scene.later(6_000);
	const before = scene.triedAtMs.length;
	scene.refuses = ({ priceTicks }) => priceTicks > MID * 0.995;
	scene.wish(BUYS.map((wish) => ({ ...wish, price: Math.round(MID * 0.99) })));
	scene.later(250);
	expect([scene.triedAtMs.length - before, scene.openCount]).toEqual([1, 1]);
});

test.each<FailureClass>(['transient', 'rate-limited', 'clock'])(
	'a refusal of the moment (%s) is no reason to wait',
	(failure) => {
		const scene = new Scene();
		scene.failure = failure;
		scene.later(5_000);
		expect(scene.triedAtMs.length).toBe(20);
		expect(scene.reasonHeld).toBeUndefined();
	},
);

test('what is told twice counts once', () => {
	const scene = new Scene();
	scene.later(250);
	const { desk } = scene;
	const [order] = desk.history.flatMap(({ commands }) => commands.map(({ orderId }) => desk.engine.orders.get(orderId)));
	if (order === undefined) throw new Error('an order was refused');
	const { instrument, orderId: clientOrderId, side, priceTicks, qtyLots, filledLots } = order;
	for (let again = 0; again < 5; again += 1) {
		const report: OrderReport = {
			...{ instrument, clientOrderId, venueOrderId: 'v', side, priceTicks, qtyLots, filledLots },
			...{ status: 'rejected', reason: scene.reason, updatedAtMs: timeMs(desk.at().wallMs), source: 'stream' },
		};
		desk.step({ kind: 'orderReport', report, ...desk.at() });
	}
	scene.later(500);
	expect(scene.gapsMs).toEqual([250, 250]);
});

describe('a symbol that hardly anything is taken of', () => {
	const MANY = ladderAround(MID, { levels: 4, qty: 10 });

	test('is held, its other quotes go, and other symbols stay as they are', () => {
		const scene = new Scene(MANY);
		scene.refuses = undefined;
		const [, second] = scene.instruments;
		if (second === undefined) throw new Error('two symbols');
		scene.strategy.wishes.set(second.index, MANY);
		scene.later(1_000);
		expect(scene.openCount).toBe(8);
		// Out of the window goes what was taken.
		scene.later(12_000);
		scene.refuses = () => true;
		const moved = MANY.map((wish) => (wish.side === 'buy' ? { ...wish, price: wish.price - 20_000 } : wish));
		scene.wish(moved.filter(({ side }) => side === 'sell'));
		scene.later(500);
		scene.wish(moved.map((wish) => (wish.side === 'buy' ? { ...wish, price: wish.price + 15_000 } : wish)));
		scene.later(1_500);
		expect(scene.reasonHeld).toBe('the venue refused 12 of 12 new orders within 10 s: it would take');
		expect([scene.openCount, scene.desk.engine.orders.openOrdersOf(second.index).length]).toEqual([0, 8]);
		expect(scene.notes.filter(({ kind }) => kind === 'held')).toEqual([
			{ kind: 'held', instrument: scene.instruments[0]?.id, reason: scene.reasonHeld },
		]);
	});

	test('quotes again ten seconds after the last refusal, and not before', () => {
		const scene = new Scene(MANY);
		while (scene.reasonHeld === undefined) scene.later(250);
		const heldAtMs = scene.desk.nowMs;
		const tries = scene.triedAtMs.length;
		scene.refuses = undefined;
		scene.later(9_750);
		expect([scene.triedAtMs.length, scene.openCount]).toEqual([tries, 0]);
		scene.later(500);
		expect([scene.openCount, scene.reasonHeld]).toEqual([8, undefined]);
		expect(heldAtMs).toBeLessThan(3_000);
	});
});
