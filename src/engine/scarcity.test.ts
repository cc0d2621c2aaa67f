import { describe, expect, test } from 'vitest';
import { Desk } from '../../test/fixtures/desk.ts';
import { BTCUSDT, ETHUSDT } from '../../test/fixtures/instruments.ts';
import { ladderAround, Scripted } from '../../test/fixtures/scripted.ts';
import type { ControlAction } from '../domain/event.ts';
import type { Instrument } from '../domain/instrument.ts';
import { AMEND_POLICY, type AmendPolicy } from '../execution/planner.ts';
import { BUDGET_OPTIONS } from '../execution/rate-budget.ts';
import type { Ranking } from '../execution/selection.ts';
import type { ControlResult } from './control.ts';
import type { EngineEffect } from './ports.ts';

const MID = 640_000;
/** What the venue grants. */
const LIMIT = 10;
/** Our share of it, and how long our windows are. */
const TURN = 8;
const WINDOW_MS = 1_000 + BUDGET_OPTIONS.guardMs;

function scarceDesk(instruments: readonly Instrument[] = [BTCUSDT], policy: Partial<AmendPolicy> = {}) {
	const strategy = new Scripted();
	const rule = { venue: 'bybit', categories: ['linear'], limit: 10, windowMs: 1_000 } as const;
	const rateRules = (['place', 'amend', 'cancel'] as const).map((verb) => ({ ...rule, verbs: [verb] }));
	const settings = { policy: { ...AMEND_POLICY, ...policy } };
	const desk = new Desk({ instruments, strategy, settings, venue: { rateRules } });
	for (const instrument of instruments) desk.book(instrument, MID - 1, MID + 1);
	// The books have asked for a tick.
	desk.step({ kind: 'timer', key: 'tick', ...desk.at() });
	return { desk, strategy };
}

function wakes(effects: readonly EngineEffect[], key: string): number[] {
	return effects.flatMap((effect) => (effect.kind === 'wake' && effect.key === key ? [effect.delayMs] : []));
}

const sentCount = (desk: Desk): number => desk.history.reduce((sum, { commands }) => sum + commands.length, 0);

describe('a budget that is too small', () => {
	test('asks to go on at the very moment when it has room again, once, and then goes on', () => {
		const { desk, strategy } = scarceDesk();
		strategy.wishes.set(BTCUSDT.index, ladderAround(MID, { levels: 10, qty: 1 }));
		expect(wakes(desk.tick(), 'budget')).toEqual([WINDOW_MS]);
		expect(sentCount(desk)).toBe(TURN);
		// The answers ask for a tick, which finds nothing to spend.
		desk.settle();
		expect(wakes(desk.step({ kind: 'timer', key: 'tick', ...desk.at() }), 'budget')).toEqual([]);
		expect(wakes(desk.tick(), 'budget')).toEqual([]);
		desk.nowMs += WINDOW_MS - 250;
		const again = desk.step({ kind: 'timer', key: 'budget', ...desk.at() });
		expect(wakes(again, 'tick')).toEqual([0]);
		expect(wakes(desk.step({ kind: 'timer', key: 'tick', ...desk.at() }), 'budget')).toEqual([WINDOW_MS]);
		expect(sentCount(desk)).toBe(2 * TURN);
	});

	test('asks for nothing while it carries all', () => {
		const { desk, strategy } = scarceDesk();
		strategy.wishes.set(BTCUSDT.index, ladderAround(MID, { levels: 4, qty: 1 }));
		expect(wakes(desk.tick(), 'budget')).toEqual([]);
		expect(sentCount(desk)).toBe(TURN);
	});

	test('has again what a newer target or the deadline kept from leaving: one call at a time starves nobody', () => {
		const { desk, strategy } = scarceDesk();
		desk.step({ kind: 'control', action: { kind: 'setParallel', parallel: false }, ...desk.at() });
		strategy.wishes.set(BTCUSDT.index, ladderAround(MID, { levels: 4, qty: 1 }));
		desk.tick(WINDOW_MS);
		expect(sentCount(desk)).toBe(1);
		for (let turn = 0; turn < 3; turn += 1) {
			desk.book(BTCUSDT, MID - 1, MID + 1);
			desk.tick(20);
		}
		expect(sentCount(desk)).toBe(1);
		desk.settle();
		expect(sentCount(desk)).toBe(TURN);
	});

	describe('is what cancels by hand draw on, too', () => {
		function quoting(levels: number) {
			const { desk, strategy } = scarceDesk();
			strategy.wishes.set(BTCUSDT.index, ladderAround(MID, { levels, qty: 1 }));
			for (let turn = 0; desk.engine.orders.openCount < 2 * levels; turn += 1) {
				if (turn > levels) throw new Error('the quotes do not come about');
				desk.book(BTCUSDT, MID - 1, MID + 1);
				desk.tick(WINDOW_MS);
				desk.settle();
			}
			desk.history.length = 0;
			return desk;
		}
		const ask = (desk: Desk, action: ControlAction): ControlResult | undefined => {
			const result = desk.engine.step({ kind: 'control', action, ...desk.at() });
			for (const effect of desk.engine.effects.splice(0)) if (effect.kind === 'send') desk.history.push(effect.batch);
			return result;
		};

		test('a pause cancels as many as there is room for, and the rest as soon as there is', () => {
			const desk = quoting(10);
			expect(ask(desk, { kind: 'pause', scope: { kind: 'all' }, reason: 'test' })).toEqual({ kind: 'done', orderCount: 20 });
			expect(sentCount(desk)).toBe(TURN);
			desk.tick(WINDOW_MS - 1);
			expect(sentCount(desk)).toBe(TURN);
			desk.tick(1);
			expect(sentCount(desk)).toBe(2 * TURN);
			desk.tick(WINDOW_MS);
			expect(sentCount(desk)).toBe(20);
			expect(new Set(desk.history.flatMap(({ commands }) => commands.map(({ orderId }) => orderId))).size).toBe(20);
		});

		test('who quotes again before that keeps what was not cancelled yet', () => {
			const desk = quoting(10);
			ask(desk, { kind: 'pause', scope: { kind: 'all' }, reason: 'test' });
			ask(desk, { kind: 'resume', scope: { kind: 'all' } });
			desk.tick(WINDOW_MS);
			const cancels = desk.history.filter(({ verb }) => verb === 'cancel').flatMap(({ commands }) => commands);
			expect(cancels.length).toBe(TURN);
		});

		test('but a kill spends all that the venue grants, the nearest to the touch first, and comes back at the very moment', () => {
			const desk = quoting(10);
			const effects = desk.step({ kind: 'control', action: { kind: 'shutGate', reason: 'test' }, ...desk.at() });
			expect(sentCount(desk)).toBe(LIMIT);
			const away = desk.history
				.flatMap(({ commands }) => commands)
				.map(({ orderId }) => Math.abs((desk.engine.orders.get(orderId)?.priceTicks ?? 0) - MID));
			expect(away.sort((a, b) => a - b)).toEqual([5, 5, 6, 6, 7, 7, 8, 8, 9, 9]);
			expect(wakes(effects, 'kill')).toEqual([WINDOW_MS]);
			desk.tick(WINDOW_MS - 1);
			expect(sentCount(desk)).toBe(LIMIT);
			desk.nowMs += 1;
			expect(wakes(desk.step({ kind: 'timer', key: 'kill', ...desk.at() }), 'kill')).toEqual([]);
			expect(sentCount(desk)).toBe(20);
			desk.settle();
			expect(desk.engine.openOrders()).toEqual([]);
		});

		test('a kill does not ask again at once for what is in doubt, but after a second it does', () => {
			const desk = quoting(2);
			ask(desk, { kind: 'shutGate', reason: 'test' });
			const [batch] = desk.history;
			desk.step({ kind: 'answer', batchId: batch?.batchId ?? 0, items: [], ...desk.at() });
			desk.tick(250);
			expect(sentCount(desk)).toBe(4);
			desk.tick(750);
			expect(sentCount(desk)).toBe(8);
		});

		test('a kill in the mode of one call at a time waits for no answer either', () => {
			const desk = quoting(4);
			ask(desk, { kind: 'setParallel', parallel: false });
			ask(desk, { kind: 'shutGate', reason: 'test' });
			expect(desk.history.map(({ commands }) => commands.length)).toEqual(Array.from({ length: 8 }, () => 1));
		});

		test('one cancel by name draws on all that the venue grants, too', () => {
			const desk = quoting(10);
			ask(desk, { kind: 'pause', scope: { kind: 'all' }, reason: 'test' });
			const before = sentCount(desk);
			for (const order of desk.engine.openOrders().slice(-2)) ask(desk, { kind: 'cancelOrder', orderId: order.orderId });
			expect([before, sentCount(desk)]).toEqual([TURN, LIMIT]);
		});
	});

	describe('what the gate refuses gives its turn to the next', () => {
		const bothQuoted = () => {
			const { desk, strategy } = scarceDesk([BTCUSDT, ETHUSDT], { amendPriceThresholdBps: 0 });
			const sentSince = (from: number) => {
				const commands = desk.history.slice(from).flatMap((batch) => batch.commands);
				return commands.map(({ kind, instrument: { symbol } }) => `${kind} ${symbol}`).sort();
			};
			// Nothing of BTC passes any more: its mid is too far from its mark.
			const refuseBtc = () => {
				const mark = { markTicks: MID * 1.1, fundingRate: 0, nextFundingAtMs: desk.at().wallMs };
				desk.step({ kind: 'mark', instrument: BTCUSDT.index, ...mark, ...desk.at() });
			};
			// With the budget of a new window and fresh books; answers how many batches had been sent by then.
			const settleThenRefuseBtc = () => {
				desk.settle();
				desk.nowMs += WINDOW_MS;
				for (const instrument of [BTCUSDT, ETHUSDT]) desk.book(instrument, MID - 1, MID + 1);
				refuseBtc();
				return desk.history.length;
			};
			return { desk, strategy, sentSince, refuseBtc, settleThenRefuseBtc };
		};
		const places = Array.from({ length: TURN }, () => 'place ETHUSDT');
		const cancels = (symbol: string) => Array.from({ length: TURN }, () => `cancel ${symbol}`);

		test('a place', () => {
			const { desk, strategy, sentSince, refuseBtc } = bothQuoted();
			refuseBtc();
			strategy.wishes.set(BTCUSDT.index, ladderAround(MID, { levels: 10, qty: 1, away: 5 }));
			strategy.wishes.set(ETHUSDT.index, ladderAround(MID, { levels: 10, qty: 1, away: 500 }));
			desk.tick();
			expect(sentSince(0)).toEqual(places);
		});

		test('a place behind its cancel', () => {
			const { desk, strategy, sentSince, settleThenRefuseBtc } = bothQuoted();
			strategy.wishes.set(BTCUSDT.index, ladderAround(MID, { levels: 4, qty: 1, away: 5 }));
			desk.tick();
			const before = settleThenRefuseBtc();
			strategy.wishes.set(BTCUSDT.index, ladderAround(MID, { levels: 4, qty: 1, away: 25 }));
			strategy.wishes.set(ETHUSDT.index, ladderAround(MID, { levels: 10, qty: 1, away: 500 }));
			desk.tick();
			expect(sentSince(before)).toEqual([...cancels('BTCUSDT'), ...places]);
		});

		test('to a place whose cancel has gone already as well', () => {
			const { desk, strategy, sentSince, settleThenRefuseBtc } = bothQuoted();
			strategy.wishes.set(ETHUSDT.index, ladderAround(MID, { levels: 4, qty: 1, away: 500 }));
			desk.tick();
			const before = settleThenRefuseBtc();
			strategy.wishes.set(BTCUSDT.index, ladderAround(MID, { levels: 4, qty: 1, away: 5 }));
			strategy.wishes.set(ETHUSDT.index, ladderAround(MID, { levels: 4, qty: 1, away: 550 }));
			desk.tick();
			expect(sentSince(before)).toEqual([...cancels('ETHUSDT'), ...places]);
		});
	});

	test('replaces an order by one other, and not by two', () => {
		const { desk, strategy } = scarceDesk([BTCUSDT], { amendPriceThresholdBps: 0 });
		strategy.wishes.set(BTCUSDT.index, ladderAround(MID, { levels: 2, qty: 1 }));
		desk.tick();
		desk.settle();
		desk.nowMs += WINDOW_MS;
		desk.book(BTCUSDT, MID - 1, MID + 1);
		strategy.wishes.set(BTCUSDT.index, ladderAround(MID, { levels: 2, qty: 1, away: 50 }));
		const before = sentCount(desk);
		desk.tick();
		expect(sentCount(desk) - before).toBe(8);
	});
});

test('an order of turns of somebody else can be put in', () => {
	const strategy = new Scripted();
	const rule = { venue: 'bybit', categories: ['linear'], verbs: ['place'], limit: 10, windowMs: 1_000 } as const;
	const farthestFirst: Ranking = ({ size }) => Array.from({ length: size }, (_, at) => size - 1 - at);
	const desk = new Desk({ instruments: [BTCUSDT], strategy, venue: { rateRules: [rule] }, ranking: farthestFirst });
	desk.book(BTCUSDT, MID - 1, MID + 1);
	strategy.wishes.set(BTCUSDT.index, ladderAround(MID, { levels: 10, qty: 1 }));
	desk.tick();
	// The farthest eight are sells, planned after all buys.
	const sides = desk.history.flatMap(({ commands }) => commands.map((command) => (command.kind === 'place' ? command.side : '')));
	expect(sides).toEqual(Array.from({ length: TURN }, () => 'sell'));
});
