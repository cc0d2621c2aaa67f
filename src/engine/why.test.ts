/** Each reason for which a side may be without quotes, brought about in a whole engine and read as a person reads it. */
import { beforeEach, describe, expect, test } from 'vitest';
import { Desk, WIDE_LIMITS } from '../../test/fixtures/desk.ts';
import { makeTestInstrument } from '../../test/fixtures/instruments.ts';
import { ladderAround, Scripted } from '../../test/fixtures/scripted.ts';
import type { ControlAction } from '../domain/event.ts';
import type { Side } from '../domain/side.ts';
import type { RateRule } from '../domain/venue.ts';
import type { NoQuoteReason, Strategy } from '../strategy/strategy.ts';
import { quotedAround, whySides } from './why.ts';

const MID = 650_000;
const FIRST = makeTestInstrument({ symbol: 'AUSDT' });
const SECOND = makeTestInstrument({ index: 1, symbol: 'BUSDT' });

let strategy: Scripted;
let desk: Desk;

beforeEach(() => {
	strategy = new Scripted();
	strategy.wishes.set(FIRST.index, ladderAround(MID, { levels: 2, qty: 10 }));
	desk = new Desk({ instruments: [FIRST, SECOND], strategy });
});

function tick(instruments = [FIRST, SECOND]): void {
	desk.nowMs += 250;
	for (const instrument of instruments) desk.book(instrument, MID - 1, MID + 1);
	desk.tick(0);
}

function why(side: Side, { index } = FIRST) {
	return whySides(desk.engine, index, desk.at().monoMs)[side];
}

function control(action: ControlAction): void {
	desk.step({ kind: 'control', action, ...desk.at() });
}

describe('a side that quotes', () => {
	test('says how many orders stand, and the best price', () => {
		tick();
		desk.settle();
		expect(why('buy')).toEqual({ isQuoting: true, why: '2 orders stand, the best at 64999.5' });
		expect(why('sell')).toEqual({ isQuoting: true, why: '2 orders stand, the best at 65000.5' });
	});

	test('says what keeps the rest of it from standing', () => {
		tick();
		desk.settle();
		strategy.wishes.set(FIRST.index, ladderAround(MID, { levels: 3, qty: 10 }));
		tick();
		expect(why('buy').why).toBe('2 orders stand, the best at 64999.5; an order is on its way');
		expect(why('buy').isQuoting).toBe(true);
	});

	test('does not quote any more once its orders are being cancelled', () => {
		tick();
		desk.settle();
		control({ kind: 'pause', scope: { kind: 'all' }, reason: 'lunch' });
		expect(desk.engine.orders.openOrdersOf(FIRST.index)).toHaveLength(4);
		expect(why('buy')).toEqual({ isQuoting: false, why: 'quoting is paused: lunch' });
	});
});

describe('a side that does not quote says why', () => {
	test('the account is killed, whatever else is wrong', () => {
		desk.engine.levels.hold(FIRST.index, 'x', { reason: 'something', liftsByItself: false, nowMono: desk.at().monoMs });
		desk.engine.levels.raise('kill', 'it lost too much');
		expect(why('buy')).toEqual({ isQuoting: false, why: 'killed: it lost too much' });
	});

	test('positions may only shrink', () => {
		desk.engine.levels.raise('reduceOnly', 'a bad day');
		expect(why('sell').why).toBe('positions may only shrink: a bad day');
	});

	test('its symbol is held, and no other', () => {
		tick();
		desk.settle();
		control({ kind: 'pause', scope: { kind: 'instrument', instrument: FIRST.index }, reason: 'news' });
		desk.settle();
		expect(why('buy').why).toBe('held: news');
		expect(why('buy', SECOND).why).toBe('scripted wants nothing on this side');
	});

	test('looking at a hold that has passed changes nothing', () => {
		const { levels } = desk.engine;
		levels.hold(FIRST.index, 'x', { reason: 'something', liftsByItself: true, nowMono: desk.at().monoMs });
		const { version } = levels;
		expect(why('buy').why).toBe('held: something');
		desk.nowMs += 10_000;
		expect(why('buy').why).not.toContain('held');
		expect(levels.version).toBe(version);
	});

	test('its book has not come yet', () => {
		expect(why('buy').why).toBe('its book has not come yet');
	});

	test('its book is broken, or old', () => {
		tick();
		desk.nowMs += 2_500;
		expect(why('buy').why).toBe('its book is 2500 ms old');
		desk.step({ kind: 'bookLost', instrument: FIRST.index, reason: 'gap', ...desk.at() });
		expect(why('buy').why).toBe('its book is not to be trusted: gap');
	});

	test('an order is on its way, or in doubt', () => {
		tick();
		expect(why('buy')).toEqual({ isQuoting: false, why: 'an order is on its way' });
		for (const { batchId, commands } of desk.sent.splice(0)) {
			const unknown = { kind: 'unknown', reason: 'no answer', mayLandUntilMs: desk.at().wallMs } as const;
			const items = commands.map(({ orderId, kind }) => ({ orderId, verb: kind, outcome: unknown }));
			desk.step({ kind: 'answer', batchId, items, ...desk.at() });
		}
		expect(why('buy').why).toBe('an order is in doubt until the venue tells');
	});

	test('the gate refuses it', () => {
		const limits = { ...WIDE_LIMITS, netNotionalMax: 0 };
		desk = new Desk({ instruments: [FIRST, SECOND], strategy, settings: { limits } });
		tick();
		expect(why('buy')).toEqual({
			isQuoting: false,
			why: 'refused (PT11): the worst case of the account would pass its gross or net limit',
		});
	});

	test('but not with a refusal of an earlier tick', () => {
		// Enough for one of the two.
		const limits = { ...WIDE_LIMITS, netNotionalMax: 1_000 };
		desk = new Desk({ instruments: [FIRST, SECOND], strategy, settings: { limits } });
		tick();
		desk.settle();
		expect(why('buy').why).toMatch(/^1 order stands, the best at 64999.5; refused .PT11.: /);
		strategy.wishes.set(FIRST.index, ladderAround(MID, { levels: 1, qty: 10 }));
		tick();
		expect(why('buy').why).toBe('1 order stands, the best at 64999.5');
	});

	test('the position limit leaves no room', () => {
		const limits = { ...WIDE_LIMITS, positionNotionalMax: 1 };
		desk = new Desk({ instruments: [FIRST, SECOND], strategy, settings: { limits } });
		tick();
		expect(why('buy').why).toBe('the position limit leaves no room on this side');
	});

	test('its strategy failed', () => {
		strategy.failsOn = FIRST.index;
		tick();
		expect(why('buy').why).toBe('held: scripted failed');
	});

	test('no strategy quotes it', () => {
		desk = new Desk({ instruments: [FIRST, SECOND], strategy, quoting: [{ strategy, instruments: [SECOND.index] }] });
		tick();
		expect(why('buy')).toEqual({ isQuoting: false, why: 'no strategy quotes this symbol' });
	});

	const REASONS: Readonly<Record<NoQuoteReason, string>> = {
		'book-not-trusted': 'nobody but us is in its book, or it cannot be priced from',
		'edge-too-small': 'no price here would earn the edge that is asked for',
		'inventory-limit': 'the strategy holds as much this way as it may',
		'signal-veto': 'a signal forbids this side',
		'size-below-minimum': 'what is wanted is less than the venue takes',
		'out-of-band': 'the price would lie outside of what the venue takes',
		'switched-off': 'the strategy has switched this side off',
	};

	test.each(Object.entries(REASONS))('its strategy says %s', (reason, told) => {
		const saying: Strategy = {
			...{ name: 'saying', init: () => undefined, onEvent: () => {} },
			quote: (_views, _state, out) => out.noQuote('sell', reason as NoQuoteReason),
		};
		desk = new Desk({ instruments: [FIRST, SECOND], strategy: saying });
		tick();
		expect(why('sell')).toEqual({ isQuoting: false, why: told });
		expect(why('buy').why).toBe('saying wants nothing on this side');
	});

	test('the rate limit of the venue has no room for it', () => {
		const rule: RateRule = { venue: 'bybit', categories: ['linear'], verbs: ['place'], limit: 5, windowMs: 60_000 };
		desk = new Desk({ instruments: [FIRST, SECOND], strategy, venue: { rateRules: [rule] } });
		tick();
		desk.settle();
		strategy.wishes.set(SECOND.index, ladderAround(MID, { levels: 1, qty: 10 }));
		tick();
		expect(why('buy', SECOND).why).toMatch(/^waits \d+ ms for the rate limit of the venue$/);
	});
});

test('what a symbol was quoted around is what its strategy said in the last tick, and nothing once it is held', () => {
	const telling: Strategy = {
		...{ name: 'telling', init: () => undefined, onEvent: () => {} },
		quote: (_views, _state, out) => out.pricedFrom(MID, MID - 3),
	};
	desk = new Desk({ instruments: [FIRST, SECOND], strategy: telling });
	expect(quotedAround(desk.engine, FIRST.index)).toBeUndefined();
	tick();
	expect(quotedAround(desk.engine, FIRST.index)).toEqual({ fairTicks: MID, reservationTicks: MID - 3 });
	control({ kind: 'pause', scope: { kind: 'instrument', instrument: FIRST.index }, reason: 'news' });
	tick();
	expect(quotedAround(desk.engine, FIRST.index)).toBeUndefined();
	expect(quotedAround(desk.engine, SECOND.index)).toBeDefined();
});
