/** A person changes how the account is set up while we trade: the symbol is held with a reason, and quoted again once it is back (F62). */
import { beforeEach, describe, expect, test } from 'vitest';
import { Desk, WIDE_LIMITS } from '../../test/fixtures/desk.ts';
import { makeTestInstrument } from '../../test/fixtures/instruments.ts';
import { ladderAround, Scripted } from '../../test/fixtures/scripted.ts';
import type { SymbolMode } from '../domain/event.ts';
import { lots, ticks } from '../domain/units.ts';
import type { EngineEffect } from './ports.ts';

const MID = 650_000;
const LEVERAGE_MAX = 3;
const [BTC, ETH] = [makeTestInstrument({ index: 0, symbol: 'BTCUSDT' }), makeTestInstrument({ index: 1, symbol: 'ETHUSDT' })];

let desk: Desk;

beforeEach(() => {
	const strategy = new Scripted();
	desk = new Desk({ instruments: [BTC, ETH], strategy, settings: { limits: { ...WIDE_LIMITS, leverageMax: LEVERAGE_MAX } } });
	for (const { index } of [BTC, ETH]) strategy.wishes.set(index, ladderAround(MID, { levels: 2, qty: 10 }));
	later(500);
	expect(quotes()).toEqual([4, 4]);
});

function later(ms: number): void {
	for (let gone = 0; gone < ms; gone += 250) {
		for (const instrument of [BTC, ETH]) desk.book(instrument, MID - 1, MID + 1);
		desk.tick();
		desk.settle();
	}
}

/** The venue shows just what we believe, and how the account is set up. */
function census(...modes: readonly SymbolMode[]): readonly EngineEffect[] {
	const at = desk.at();
	const orders = desk.reportsOfOpen();
	const positions = [BTC, ETH].map(({ index }) => {
		return { instrument: index, positionLotsSigned: desk.engine.ledger.positionLots(index) };
	});
	const effects = desk.step({
		kind: 'census',
		venue: 'bybit',
		beganAtMono: at.monoMs,
		found: { orders, positions, modes },
		...at,
	});
	later(500);
	return effects;
}

const quotes = (): number[] => [BTC, ETH].map(({ index }) => desk.engine.orders.openOrdersOf(index).length);
const like = (pattern: RegExp): unknown => expect.stringMatching(pattern);
const reason = (): string | undefined => desk.engine.levels.holdReason(BTC.index, desk.at().monoMs);

describe('hedge mode', () => {
	const IN_HEDGE_MODE = /^the account at bybit is in hedge mode for BTCUSDT: switch it to one-way mode there/;

	test('holds its symbol and no other, says so once, and is over when the venue shows that it is', () => {
		const effects = census({ instrument: BTC.index, isHedged: true }, { instrument: ETH.index, isHedged: false });
		expect(effects.filter((effect) => effect.kind === 'note')).toMatchObject([{ note: { kind: 'held', instrument: BTC.id } }]);
		expect(reason()).toMatch(IN_HEDGE_MODE);
		expect(quotes()).toEqual([0, 4]);
		later(60_000);
		expect(census({ instrument: BTC.index, isHedged: true }).filter(({ kind }) => kind === 'note')).toEqual([]);
		expect(quotes()).toEqual([0, 4]);
		census({ instrument: BTC.index, isHedged: false });
		expect(reason()).toBeUndefined();
		expect(quotes()).toEqual([4, 4]);
	});

	test('lets nothing pass, not even what reduces (PT20), and lasts while nobody can say', () => {
		const [bid] = desk.engine.orders.openOrdersOf(BTC.index).filter(({ side }) => side === 'buy');
		if (bid === undefined) throw new Error('a bid stands');
		desk.fill(bid, 10);
		census({ instrument: BTC.index, isHedged: true });
		census({ instrument: BTC.index });
		census();
		expect(reason()).toMatch(IN_HEDGE_MODE);
		const before = desk.engine.gate.denials.PT20;
		const exit = { side: 'sell', orderType: 'limit', timeInForce: 'ioc', reduceOnly: true } as const;
		const terms = { priceTicks: ticks(MID - 1), qtyLots: lots(10) };
		const action = { kind: 'placeOrder', instrument: BTC.index, ...exit, ...terms } as const;
		desk.step({ kind: 'control', action, ...desk.at() });
		expect(desk.engine.gate.denials.PT20).toBe(before + 1);
	});

	test('that a person resumes is held again as soon as it is seen again', () => {
		census({ instrument: BTC.index, isHedged: true });
		desk.step({
			kind: 'control',
			action: { kind: 'resume', scope: { kind: 'instrument', instrument: BTC.index } },
			...desk.at(),
		});
		census({ instrument: BTC.index, isHedged: true });
		expect(reason()).toMatch(IN_HEDGE_MODE);
		expect(quotes()).toEqual([0, 4]);
	});
});

describe('the margin mode', () => {
	const as = (margin: string): SymbolMode => ({ instrument: BTC.index, isHedged: false, margin });

	test('may be any, and must stay the one that it was', () => {
		census(as('isolated'));
		expect(quotes()).toEqual([4, 4]);
		census(as('crossed'));
		expect(reason()).toMatch(/^the margin mode of BTCUSDT at bybit was isolated and is crossed: switch it back/);
		expect(quotes()).toEqual([0, 4]);
		census({ instrument: BTC.index, isHedged: false });
		expect(quotes(), 'nobody could say').toEqual([0, 4]);
		census(as('isolated'));
		expect(quotes()).toEqual([4, 4]);
	});

	test('does not lift what hedge mode holds, nor the other way round', () => {
		census(as('crossed'));
		census({ instrument: BTC.index, isHedged: true, margin: 'isolated' });
		census(as('isolated'));
		expect(reason()).toMatch(/^the margin mode/);
		census({ instrument: BTC.index, isHedged: true, margin: 'crossed' });
		expect(reason()).toMatch(/hedge mode/);
		census(as('crossed'));
		expect(reason()).toBeUndefined();
	});
});

describe('the leverage', () => {
	const at = (leverage: number): SymbolMode => ({ instrument: BTC.index, isHedged: false, leverage });
	const told = (effects: readonly EngineEffect[]): unknown[] =>
		effects.flatMap((effect) => (effect.kind === 'note' && effect.note.kind !== 'resumed' ? [effect.note] : []));

	test('may be any when we begin, and another one that is enough is told once', () => {
		expect(told(census(at(LEVERAGE_MAX - 2)))).toEqual([]);
		expect(quotes()).toEqual([4, 4]);
		const up = { kind: 'leverageChanged', instrument: BTC.id, before: LEVERAGE_MAX - 2, leverage: 20 };
		expect(told(census(at(20)))).toEqual([up]);
		const down = { kind: 'leverageChanged', instrument: BTC.id, before: 20, leverage: LEVERAGE_MAX };
		expect(told(census(at(LEVERAGE_MAX)))).toEqual([down]);
		expect(told(census(at(LEVERAGE_MAX)))).toEqual([]);
		expect(quotes()).toEqual([4, 4]);
	});

	test('that became less than we allow ourselves holds its symbol until it is enough again', () => {
		census(at(10));
		expect(told(census(at(LEVERAGE_MAX - 1)))).toMatchObject([{ kind: 'held', instrument: BTC.id }]);
		const sentence =
			/^the leverage of BTCUSDT at bybit was 10 and is 2, less than risk.leverage_max, which is 3: raise it there, or lower that$/;
		expect(reason()).toMatch(sentence);
		expect(quotes()).toEqual([0, 4]);
		census({ instrument: BTC.index, isHedged: false });
		expect(reason(), 'nobody could say').toMatch(sentence);
		expect(told(census(at(LEVERAGE_MAX)))).toMatchObject([{ kind: 'leverageChanged', before: 2, leverage: LEVERAGE_MAX }]);
		expect(reason()).toBeUndefined();
		expect(quotes()).toEqual([4, 4]);
	});

	test('that is lowered further is told again, with what it is now', () => {
		census(at(10));
		census(at(2));
		expect(told(census(at(2)))).toEqual([]);
		expect(told(census(at(1)))).toMatchObject([{ kind: 'held', reason: like(/was 2 and is 1,/) }]);
		expect(reason()).toMatch(/was 2 and is 1,/);
	});

	test('that is lowered while something else holds its symbol is told too, and the other is not told again', () => {
		census({ ...at(10), isHedged: true });
		expect(told(census({ ...at(1), isHedged: true }))).toMatchObject([{ kind: 'held', reason: like(/was 10 and is 1,/) }]);
		expect(told(census(at(1)))).toEqual([]);
		expect(reason()).toMatch(/was 10 and is 1,/);
	});

	test('of which we allow ourselves less from now on is enough', () => {
		census(at(10));
		census(at(LEVERAGE_MAX - 1));
		desk.engine.gate.limits = { ...desk.engine.gate.limits, leverageMax: LEVERAGE_MAX - 1 };
		census(at(LEVERAGE_MAX - 1));
		expect(reason()).toBeUndefined();
	});

	test('that was too low when we began, and was raised since, may not fall back', () => {
		census(at(1));
		census(at(2));
		expect(reason()).toBeUndefined();
		census(at(1));
		expect(reason()).toMatch(/was 2 and is 1/);
	});
});
