/** A signal as an input to quoting, all the way: the event comes in, and what stands at the venue moves or goes. */
import { expect, test } from 'vitest';
import { Desk } from '../../test/fixtures/desk.ts';
import { BTCUSDT } from '../../test/fixtures/instruments.ts';
import { monoMs } from '../domain/units.ts';
import { LADDER_DEFAULTS, type LadderParams, ladder } from '../strategy/index.ts';

const MID_TICKS = 640_000;
const BPS_TICKS = MID_TICKS / 10_000;

function deskWith(signal: Partial<LadderParams['signal']>): Desk {
	const strategy = ladder({
		...LADDER_DEFAULTS,
		levels: { count: 1, halfSpreadBps: 10, stepBps: 5 },
		edge: { ...LADDER_DEFAULTS.edge, minEdgeBps: -100 },
		signal: { source: 'model', maxShiftBps: 0, vetoAbove: 1, ...signal },
	});
	const desk = new Desk({ instruments: [BTCUSDT], strategy });
	tick(desk);
	return desk;
}

function tick(desk: Desk, afterMs = 1_000): void {
	desk.nowMs += afterMs;
	desk.book(BTCUSDT, MID_TICKS - 1, MID_TICKS + 1);
	desk.tick(0);
	desk.settle();
}

function tell(desk: Desk, source: string, value: number, confidence: number): void {
	const expiresAtMono = monoMs(desk.at().monoMs + 10_000);
	desk.step({ kind: 'signal', instrument: BTCUSDT.index, source, value, confidence, expiresAtMono, ...desk.at() });
}

/** Where our quotes stand, in basis points off the middle. */
function standing(desk: Desk): Record<string, number> {
	const open = desk.engine.openOrders();
	return Object.fromEntries(open.map(({ side, priceTicks }) => [side, Math.round((priceTicks - MID_TICKS) / BPS_TICKS)]));
}

test('it moves both quotes its way by value times confidence, and they return when it expires', () => {
	const desk = deskWith({ maxShiftBps: 20 });
	expect(standing(desk)).toEqual({ buy: -10, sell: 10 });
	tell(desk, 'model', 0.5, 0.5);
	tick(desk);
	expect(standing(desk)).toEqual({ buy: -5, sell: 15 });
	tell(desk, 'model', -1, 0.25);
	tick(desk);
	expect(standing(desk)).toEqual({ buy: -15, sell: 5 });
	tick(desk, 10_000);
	expect(standing(desk)).toEqual({ buy: -10, sell: 10 });
});

test('a strong one takes the quote against it away, and gives it back when it is weaker', () => {
	const desk = deskWith({ vetoAbove: 0.6 });
	tell(desk, 'model', 0.8, 0.8);
	tick(desk);
	expect(standing(desk)).toEqual({ buy: -10 });
	tell(desk, 'model', -0.8, 0.8);
	tick(desk);
	expect(standing(desk)).toEqual({ sell: 10 });
	tell(desk, 'model', -0.8, 0.5);
	tick(desk);
	expect(standing(desk)).toEqual({ buy: -10, sell: 10 });
});

test('one of another source does nothing', () => {
	const desk = deskWith({ maxShiftBps: 20, vetoAbove: 0.5 });
	tell(desk, 'other', 1, 1);
	tick(desk);
	expect(standing(desk)).toEqual({ buy: -10, sell: 10 });
});
