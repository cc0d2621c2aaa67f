/** A person changes how the account is set up while we trade: the symbol is held with a reason, and quoted again once it is back (F62). */
import { beforeEach, describe, expect, test } from 'vitest';
import { Desk } from '../../test/fixtures/desk.ts';
import { makeTestInstrument } from '../../test/fixtures/instruments.ts';
import { ladderAround, Scripted } from '../../test/fixtures/scripted.ts';
import type { SymbolMode } from '../domain/event.ts';
import { lots, ticks } from '../domain/units.ts';
import type { EngineEffect } from './ports.ts';

const MID = 650_000;
const [BTC, ETH] = [makeTestInstrument({ index: 0, symbol: 'BTCUSDT' }), makeTestInstrument({ index: 1, symbol: 'ETHUSDT' })];

let desk: Desk;

beforeEach(() => {
	const strategy = new Scripted();
	desk = new Desk({ instruments: [BTC, ETH], strategy });
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
