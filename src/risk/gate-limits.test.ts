import { describe, expect, test } from 'vitest';
import { DENIAL_CODES } from './denial.ts';
import { ask, codeOf, type Situation } from './gate.suite.ts';
import { CONDUCT_LIMITS, EXIT, type Limit, REDUCING, SELL } from './gate-conduct.suite.ts';

const STATE_LIMITS: readonly Limit[] = [
	{
		code: 'PT1',
		name: 'an engine that takes orders, and one that is shut',
		allowed: { scene: { allows: 'all' } },
		refused: { scene: { allows: 'nothing' } },
	},
	{
		code: 'PT1',
		name: 'where only what reduces may go, a reduce-only order and any other',
		allowed: { scene: { allows: 'reduceOnly' }, wish: REDUCING, positionLots: 10 },
		refused: { scene: { allows: 'reduceOnly' }, wish: SELL, positionLots: 10 },
	},
	{
		code: 'PT1',
		name: 'a reduce-only order while the engine reduces, and once it is shut',
		allowed: { scene: { allows: 'reduceOnly' }, wish: REDUCING, positionLots: 10 },
		refused: { scene: { allows: 'nothing' }, wish: REDUCING, positionLots: 10 },
	},
	{
		code: 'PT2',
		name: 'a symbol on the list, and one that is not',
		allowed: { scene: { isSymbolAllowed: true } },
		refused: { scene: { isSymbolAllowed: false } },
	},
	...(['halted', 'cancelOnly', 'delisting'] as const).map((status): Limit => {
		const trading = { instrument: { status: 'trading' } } as const;
		return {
			code: 'PT2',
			name: `a symbol that trades, and one that is ${status}`,
			allowed: trading,
			refused: { instrument: { status } },
		};
	}),
	{
		code: 'PT3',
		name: 'filters of an hour ago, and a millisecond older ones',
		allowed: { scene: { instrumentAgeMs: 3_600_000 } },
		refused: { scene: { instrumentAgeMs: 3_600_001 } },
	},
	{
		code: 'PT4',
		name: 'a book that is whole, and one that is not',
		allowed: { scene: { isBookSound: true } },
		refused: { scene: { isBookSound: false } },
	},
	{
		code: 'PT4',
		name: 'a book that lived two seconds ago, and a millisecond longer ago',
		allowed: { scene: { bookAgeMs: 2_000 } },
		refused: { scene: { bookAgeMs: 2_000.001 } },
	},
	{
		code: 'PT4',
		name: 'where the venue repeats itself only now and then, as old as that, and older',
		allowed: { scene: { bookAgeMs: 3_500, bookBeatMs: 3_500 } },
		refused: { scene: { bookAgeMs: 3_500.001, bookBeatMs: 3_500 } },
	},
	{
		code: 'PT20',
		name: 'the right position mode, and a wrong one',
		allowed: { scene: { isPositionModeRight: true } },
		refused: { scene: { isPositionModeRight: false } },
	},
	{
		code: 'PT21',
		name: 'a clock half a second ahead, and more',
		allowed: { scene: { clockOffsetMs: 500 } },
		refused: { scene: { clockOffsetMs: 500.001 } },
	},
	{
		code: 'PT21',
		name: 'a clock half a second behind, and more',
		allowed: { scene: { clockOffsetMs: -500 } },
		refused: { scene: { clockOffsetMs: -500.001 } },
	},
	{
		code: 'PT22',
		name: 'a journal a quarter of a second behind, and more',
		allowed: { scene: { journalDelayMs: 250 } },
		refused: { scene: { journalDelayMs: 250.001 } },
	},
];

const PRICE_LIMITS: readonly Limit[] = [
	{
		code: 'PT5',
		name: 'a bid 2 % below the mid, and a tick lower',
		allowed: { wish: { priceTicks: 980 } },
		refused: { wish: { priceTicks: 979 } },
	},
	{
		code: 'PT5',
		name: 'an ask 2 % above the mid, and a tick higher',
		allowed: { wish: { side: 'sell', priceTicks: 1_020 } },
		refused: { wish: { side: 'sell', priceTicks: 1_021 } },
	},
	{
		code: 'PT5',
		name: 'an exit 5 % above the mid, and a tick higher',
		allowed: { wish: { ...EXIT, priceTicks: 1_050 } },
		refused: { wish: { ...EXIT, priceTicks: 1_051 } },
	},
	{
		code: 'PT5',
		name: 'an exit 5 % below the mid, and a tick lower',
		allowed: { wish: { ...EXIT, side: 'sell', priceTicks: 950 } },
		refused: { wish: { ...EXIT, side: 'sell', priceTicks: 949 } },
	},
	{
		code: 'PT5',
		name: 'a price at the bottom of the band of the venue, and a tick lower',
		allowed: { instrument: { priceMin: '990' } },
		refused: { instrument: { priceMin: '991' } },
	},
	{
		code: 'PT5',
		name: 'a price at the top of the band of the venue, and a tick higher',
		allowed: { instrument: { priceMax: '990' } },
		refused: { instrument: { priceMax: '989' } },
	},
	{
		code: 'PT5',
		name: 'a mid 1 % above the mark, and half a tick more',
		allowed: { scene: { midTwiceTicks: 2_020 }, wish: { priceTicks: 1_000 } },
		refused: { scene: { midTwiceTicks: 2_021 }, wish: { priceTicks: 1_000 } },
	},
	{
		code: 'PT5',
		name: 'a mid 1 % below the mark, and half a tick more',
		allowed: { scene: { midTwiceTicks: 1_980 } },
		refused: { scene: { midTwiceTicks: 1_979 } },
	},
	{
		code: 'PT5',
		name: 'no mark at all where the venue has none, and one that is far away',
		allowed: { scene: { markTicks: 0 } },
		refused: { scene: { markTicks: 1 } },
	},
	{
		code: 'PT6',
		name: 'a bid one tick below our own ask, and at it',
		allowed: { others: [{ side: 'sell', priceTicks: 991 }] },
		refused: { others: [{ side: 'sell', priceTicks: 990 }] },
	},
	{
		code: 'PT6',
		name: 'an ask one tick above our own bid, and at it',
		allowed: { wish: SELL, others: [{ priceTicks: 1_009 }] },
		refused: { wish: SELL, others: [{ priceTicks: 1_010 }] },
	},
	{
		code: 'PT6',
		name: 'below an ask that is being lowered: to where we stay clear, and to our price',
		allowed: { others: [{ side: 'sell', priceTicks: 1_000, pendingPriceTicks: 991 }] },
		refused: { others: [{ side: 'sell', priceTicks: 1_000, pendingPriceTicks: 990 }] },
	},
	{
		code: 'PT6',
		name: 'below an ask that is being raised: from where we stay clear, and from our price, where it may still stand',
		allowed: { others: [{ side: 'sell', priceTicks: 991, pendingPriceTicks: 1_000 }] },
		refused: { others: [{ side: 'sell', priceTicks: 990, pendingPriceTicks: 1_000 }] },
	},
	{
		code: 'PT6',
		name: 'above a bid that is being lowered: from where we stay clear, and from our price',
		allowed: { wish: SELL, others: [{ priceTicks: 1_009, pendingPriceTicks: 1_000 }] },
		refused: { wish: SELL, others: [{ priceTicks: 1_010, pendingPriceTicks: 1_000 }] },
	},
	{
		code: 'PT6',
		name: 'another bid of ours at the same price, and an ask that is on its way out',
		allowed: { others: [{ side: 'buy', priceTicks: 990, qtyLots: 9 }] },
		refused: { others: [{ side: 'sell', priceTicks: 990, state: 'cancelling' }] },
	},
];

const FINE_GRID: Situation = {
	instrument: { tickSize: '0.00001' },
	scene: { midTwiceTicks: 2_000_000, markTicks: 1_000_000 },
	wish: { priceTicks: 1_000_000, qtyLots: 10_000 },
};

const SIZE_LIMITS: readonly Limit[] = [
	{
		code: 'PT7',
		name: 'an order worth the limit, and one lot more',
		allowed: { limits: { orderNotionalMax: 9_900 } },
		refused: { limits: { orderNotionalMax: 9_900 }, wish: { qtyLots: 11 } },
	},
	{
		code: 'PT7',
		name: 'an order worth the limit, and one tick dearer',
		allowed: { limits: { orderNotionalMax: 9_900 } },
		refused: { limits: { orderNotionalMax: 9_900 }, wish: { priceTicks: 991 } },
	},
	{
		code: 'PT7',
		// 1,000,000 times 10,000 times 1e-5 is 100000.00000000001; what clipping leaves must pass here
		name: 'an order worth the limit where floats multiplied in another order are a hair above it, and a limit just below',
		allowed: { ...FINE_GRID, limits: { orderNotionalMax: 100_000 } },
		refused: { ...FINE_GRID, limits: { orderNotionalMax: 99_999.99 } },
	},
	{
		code: 'PT8',
		name: 'the most lots the venue takes, and one more',
		allowed: { instrument: { qtyMax: '10' } },
		refused: { instrument: { qtyMax: '10' }, wish: { qtyLots: 11 } },
	},
	{
		code: 'PT9',
		name: 'the fewest lots the venue takes, and one less',
		allowed: { instrument: { qtyMin: '10' } },
		refused: { instrument: { qtyMin: '10' }, wish: { qtyLots: 9 } },
	},
	{
		code: 'PT9',
		name: 'the least worth the venue takes, and one tick less',
		allowed: { instrument: { notionalMin: '9900' } },
		refused: { instrument: { notionalMin: '9900' }, wish: { priceTicks: 989 } },
	},
	{
		code: 'PT9',
		name: 'a small reduce-only order where the venue lets it pass, and where it does not',
		allowed: { instrument: { notionalMin: '1000000', reduceOnlySkipsNotionalMin: true }, wish: REDUCING, positionLots: 10 },
		refused: { instrument: { notionalMin: '1000000', reduceOnlySkipsNotionalMin: false }, wish: REDUCING, positionLots: 10 },
	},
	{
		code: 'PT9',
		name: 'a reduce-only order of the fewest lots, and of one less',
		allowed: { instrument: { qtyMin: '10' }, wish: REDUCING, positionLots: 10 },
		refused: { instrument: { qtyMin: '11' }, wish: REDUCING, positionLots: 10 },
	},
];

const EXPOSURE_LIMITS: readonly Limit[] = [
	{
		code: 'PT10',
		name: 'a long position at its limit, counted at the mid though bought below it, and one lot more',
		allowed: { limits: { positionNotionalMax: 20_000 }, positionLots: 10 },
		refused: { limits: { positionNotionalMax: 20_000 }, positionLots: 10, wish: { qtyLots: 11 } },
	},
	{
		code: 'PT10',
		name: 'a short position at its limit, counted at the price of its ask, and one lot more',
		allowed: { limits: { positionNotionalMax: 20_200 }, positionLots: -10, wish: SELL },
		refused: { limits: { positionNotionalMax: 20_200 }, positionLots: -11, wish: SELL },
	},
	{
		code: 'PT10',
		name: 'open bids up to the limit, and one lot more',
		allowed: { limits: { positionNotionalMax: 20_000 }, buyLots: 10 },
		refused: { limits: { positionNotionalMax: 20_000 }, buyLots: 11 },
	},
	{
		code: 'PT10',
		name: 'open asks up to the limit, and one lot more',
		allowed: { limits: { positionNotionalMax: 20_200 }, sellLots: 10, wish: SELL },
		refused: { limits: { positionNotionalMax: 20_200 }, sellLots: 11, wish: SELL },
	},
	{
		code: 'PT10',
		name: 'open bids beside a short position that makes room, and beside none: asks that may not fill make none',
		allowed: { limits: { positionNotionalMax: 10_000 }, positionLots: -10, buyLots: 10, sellLots: 0 },
		refused: { limits: { positionNotionalMax: 10_000 }, positionLots: 0, buyLots: 10, sellLots: 10 },
	},
	{
		code: 'PT10',
		name: 'a reduce-only ask beside asks that together end at the limit, and one lot beyond',
		allowed: { limits: { positionNotionalMax: 10_100 }, positionLots: 10, sellLots: 10, wish: REDUCING },
		refused: { limits: { positionNotionalMax: 10_100 }, positionLots: 10, sellLots: 11, wish: REDUCING },
	},
	{
		code: 'PT11',
		name: 'gross worth at its limit, and one lot more',
		allowed: { limits: { grossNotionalMax: 20_000 }, elsewhereLots: -10 },
		refused: { limits: { grossNotionalMax: 20_000 }, elsewhereLots: -10, wish: { qtyLots: 11 } },
	},
	{
		code: 'PT11',
		name: 'gross worth that the other side of the same symbol has counted already, and one lot beyond it',
		allowed: { limits: { grossNotionalMax: 20_000 }, elsewhereLots: 10, sellLots: 10 },
		refused: { limits: { grossNotionalMax: 20_000 }, elsewhereLots: 10, sellLots: 10, wish: { qtyLots: 11 } },
	},
	{
		code: 'PT11',
		name: 'where the account is beyond its gross limit already, an order that adds nothing to it, and one that adds a lot',
		allowed: { limits: { grossNotionalMax: 20_000 }, elsewhereLots: 30, sellLots: 10 },
		refused: { limits: { grossNotionalMax: 20_000 }, elsewhereLots: 30, sellLots: 9 },
	},
	{
		code: 'PT11',
		name: 'a reduce-only order beside asks that together stay within the gross limit, and beyond it',
		allowed: { limits: { grossNotionalMax: 10_100 }, positionLots: 10, sellLots: 10, wish: REDUCING },
		refused: { limits: { grossNotionalMax: 10_100 }, positionLots: 10, sellLots: 11, wish: REDUCING },
	},
	{
		code: 'PT11',
		name: 'net long at its limit, and one lot more',
		allowed: { limits: { netNotionalMax: 20_000 }, elsewhereLots: 10 },
		refused: { limits: { netNotionalMax: 20_000 }, elsewhereLots: 11 },
	},
	{
		code: 'PT11',
		name: 'net short at its limit, and one lot more',
		allowed: { limits: { netNotionalMax: 20_100 }, elsewhereLots: -10, wish: SELL },
		refused: { limits: { netNotionalMax: 20_100 }, elsewhereLots: -11, wish: SELL },
	},
	{
		code: 'PT11',
		name: 'a long that a short elsewhere hedges, and one lot more than that',
		allowed: { limits: { netNotionalMax: 0 }, elsewhereLots: -10 },
		refused: { limits: { netNotionalMax: 0 }, elsewhereLots: -9 },
	},
	{
		code: 'PT11',
		name: 'a leg of a hedge that is left reduce-only though it uncovers the other leg, and the same as an open order',
		allowed: { limits: { netNotionalMax: 100 }, positionLots: 10, elsewhereLots: -10, wish: REDUCING },
		refused: { limits: { netNotionalMax: 100 }, positionLots: 10, elsewhereLots: -10, wish: SELL },
	},
	{
		code: 'PT11',
		name: 'no position in a symbol without a price, and one lot of it, whose worth nobody knows',
		allowed: { elsewhereLots: 0, elsewherePriceTicks: 0 },
		refused: { elsewhereLots: 1, elsewherePriceTicks: 0 },
	},
	{
		code: 'PT12',
		name: 'the last order that a symbol may have, and one more',
		verbs: ['place'],
		allowed: { orderCount: 39 },
		refused: { orderCount: 40 },
	},
	{
		code: 'PT12',
		name: 'the last order that the account may have, and one more',
		verbs: ['place'],
		allowed: { scene: { accountOrderCount: 1_999 } },
		refused: { scene: { accountOrderCount: 2_000 } },
	},
];

const LIMITS = [...STATE_LIMITS, ...PRICE_LIMITS, ...SIZE_LIMITS, ...EXPOSURE_LIMITS, ...CONDUCT_LIMITS];
const LIMITS_BY_VERB = LIMITS.flatMap((limit) =>
	(limit.verbs ?? (['place', 'amend'] as const)).map((verb) => ({ ...limit, verb })),
);

describe('each limit, from both sides', () => {
	test('is in the table: every code that the gate knows', () => {
		expect([...new Set(LIMITS.map(({ code }) => code))].sort()).toEqual([...DENIAL_CODES].sort());
	});

	test.each(LIMITS_BY_VERB)('$code, $verb: $name', ({ code, verb, allowed, refused }) => {
		expect(codeOf(ask(verb, allowed)), 'what should pass').toBe('approved');
		expect(codeOf(ask(verb, refused)), 'what should not').toBe(code);
	});

	test.each(LIMITS_BY_VERB)(
		'$code, $verb: a refusal leaves no trace but its count: $name',
		({ verb, code, refused: situation }) => {
			const asked = ask(verb, situation);
			const { approval, gate, account, scene, idsBefore, idsAfter, grossBefore } = asked;
			expect(approval).toEqual({ kind: 'denied', code });
			expect(idsAfter).toEqual(idsBefore);
			expect(account.gross).toBe(grossBefore);
			const freeBefore = situation.scene?.buyFunds?.free ?? 1e12;
			expect(scene.buyFunds.free).toBe(freeBefore);
			expect(gate.denials).toEqual({ ...Object.fromEntries(DENIAL_CODES.map((each) => [each, 0])), [code]: 1 });
			expect(gate.approvedCount).toBe(situation.actionsMsAgo?.length ?? 0);
		},
	);
});
