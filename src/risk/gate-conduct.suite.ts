/** Limits on how an engine behaves, from both sides, for the table tests of the gate; and what such a row is. */
import { DESK } from '../domain/order.ts';
import type { DenialCode } from './denial.ts';
import { Funds } from './funds.ts';
import { age, fundsOf, type Situation, TWIN, type Verb } from './gate.suite.ts';

/** A limit from both sides: what still passes and what does not. */
export interface Limit {
	readonly code: DenialCode;
	readonly name: string;
	readonly verbs?: readonly Verb[];
	readonly allowed: Situation;
	readonly refused: Situation;
}

export const SELL = { side: 'sell', priceTicks: 1_010 } as const;
export const EXIT = { timeInForce: 'ioc' } as const;
export const REDUCING = { ...SELL, reduceOnly: true } as const;

const BY_DESK = { quoter: DESK, slot: DESK } as const;
const OTHER_EXIT = { side: 'sell', priceTicks: 1_020, qtyLots: 4, reduceOnly: true } as const;

export const CONDUCT_LIMITS: readonly Limit[] = [
	{
		code: 'PT14',
		name: 'the fifth action of a slot within a second, and the sixth',
		allowed: { actionsMsAgo: [999, 9, 9, 9] },
		refused: { actionsMsAgo: [999, 9, 9, 9, 9] },
	},
	{
		code: 'PT14',
		name: 'a sixth action after a second, and within it',
		allowed: { actionsMsAgo: [1_000, 9, 9, 9, 9] },
		refused: { actionsMsAgo: [999, 9, 9, 9, 9] },
	},
	{
		code: 'PT14',
		name: 'the last action of a slot within its minute, and one more',
		allowed: { limits: { slotActionsPerMinMax: 3 }, actionsMsAgo: [59_999, 5_000] },
		refused: { limits: { slotActionsPerMinMax: 3 }, actionsMsAgo: [59_999, 5_000, 5_000] },
	},
	{
		code: 'PT15',
		name: 'an order like one of another slot a second ago, and sooner',
		allowed: { others: [{ ...TWIN, changedAtMono: age(1_000) }] },
		refused: { others: [TWIN] },
	},
	{
		code: 'PT15',
		name: 'an order like the last one of the same slot, and like one of another quoter',
		allowed: { others: [{ ...TWIN, slot: 5 }] },
		refused: { others: [{ ...TWIN, slot: 5, quoter: 4 }] },
	},
	{
		code: 'PT15',
		name: 'beside an order of another quantity, and beside one that is being amended to ours',
		allowed: { others: [{ ...TWIN, qtyLots: 11 }] },
		refused: { others: [{ ...TWIN, qtyLots: 11, pendingQtyLots: 10 }] },
	},
	{
		code: 'PT15',
		name: 'beside an order of another price, and beside one that is being amended to ours',
		allowed: { others: [{ ...TWIN, priceTicks: 991 }] },
		refused: { others: [{ ...TWIN, priceTicks: 991, pendingPriceTicks: 990 }] },
	},
	{
		code: 'PT17',
		name: 'margin for a new order with a fifth to spare, and less',
		verbs: ['place'],
		// 10 lots at 990, a third of it, times 1.2
		allowed: { scene: { buyFunds: fundsOf(3_960) } },
		refused: { scene: { buyFunds: fundsOf(3_959.9) } },
	},
	{
		code: 'PT17',
		name: 'margin for what an amend adds, and less',
		verbs: ['amend'],
		// 8 lots at 990, a third of it, times 1.2
		allowed: { scene: { buyFunds: fundsOf(3_168) } },
		refused: { scene: { buyFunds: fundsOf(3_167.9) } },
	},
	{
		code: 'PT17',
		name: 'coins for a new bid on spot, whole and with a fifth to spare, and less',
		verbs: ['place'],
		allowed: { instrument: { category: 'spot' }, scene: { buyFunds: fundsOf(11_880), sellFunds: new Funds() } },
		refused: { instrument: { category: 'spot' }, scene: { buyFunds: fundsOf(11_879.9), sellFunds: fundsOf(1e9) } },
	},
	{
		code: 'PT17',
		name: 'coins for a new ask on spot are the base coin',
		verbs: ['place'],
		allowed: { instrument: { category: 'spot' }, wish: SELL, scene: { sellFunds: fundsOf(12), buyFunds: new Funds() } },
		refused: { instrument: { category: 'spot' }, wish: SELL, scene: { sellFunds: fundsOf(11.9), buyFunds: fundsOf(1e9) } },
	},
	{
		code: 'PT17',
		name: 'three times the equity with this order, and more',
		allowed: { elsewhereLots: 20, scene: { equity: 10_000 } },
		refused: { elsewhereLots: 20, scene: { equity: 9_999.9 } },
	},
	{
		code: 'PT17',
		name: 'no equity known on spot, and on margin',
		allowed: { instrument: { category: 'spot' }, scene: { equity: undefined } },
		refused: { scene: { equity: undefined } },
	},
	{
		code: 'PT18',
		name: 'a reduce-only ask of the whole long position, and of one lot more',
		allowed: { wish: REDUCING, positionLots: 10 },
		refused: { wish: REDUCING, positionLots: 9 },
	},
	{
		code: 'PT18',
		name: 'a reduce-only bid of the whole short position, and of one lot more',
		allowed: { wish: { reduceOnly: true }, positionLots: -10 },
		refused: { wish: { reduceOnly: true }, positionLots: -9 },
	},
	{
		code: 'PT18',
		name: 'a reduce-only order against a position, and along with it',
		allowed: { wish: REDUCING, positionLots: 10 },
		refused: { wish: REDUCING, positionLots: -10 },
	},
	{
		code: 'PT19',
		name: 'whole ticks and lots, and a part of a lot',
		allowed: { wish: { qtyLots: 10 } },
		refused: { wish: { qtyLots: 10.5 } },
	},
	{
		code: 'PT19',
		name: 'whole ticks and lots, and a part of a tick',
		allowed: { wish: { priceTicks: 990 } },
		refused: { wish: { priceTicks: 990.5 } },
	},
	{
		code: 'PT13',
		name: 'an order of the desk that the venue still takes, and one more',
		allowed: { wish: { quoter: DESK }, scene: { rateRoom: 1 } },
		refused: { wish: { quoter: DESK }, scene: { rateRoom: 0 } },
	},
	{
		code: 'PT13',
		name: 'an order of a plan, whose budget is spent already, and one of the desk',
		allowed: { scene: { rateRoom: 0 } },
		refused: { wish: { quoter: DESK }, scene: { rateRoom: 0 } },
	},
	{
		code: 'PT15',
		name: 'an order of the desk a second after the same one, and sooner',
		verbs: ['place'],
		allowed: { wish: BY_DESK, others: [{ ...TWIN, ...BY_DESK, changedAtMono: age(1_000) }] },
		refused: { wish: BY_DESK, others: [{ ...TWIN, ...BY_DESK }] },
	},
	{
		code: 'PT15',
		name: 'an order like one that filled a second ago, and like one that filled sooner',
		allowed: { filled: [{ ...TWIN, changedAtMono: age(1_000) }] },
		refused: { filled: [TWIN] },
	},
	{
		code: 'PT15',
		name: 'an order like one of its own slot that filled, and like one of another slot',
		allowed: { filled: [{ ...TWIN, slot: 5 }] },
		refused: { filled: [{ ...TWIN, slot: 5 }, TWIN] },
	},
	{
		code: 'PT18',
		name: 'beside another reduce-only ask all that is left of the position, and one lot more',
		allowed: { wish: REDUCING, positionLots: 14, others: [OTHER_EXIT] },
		refused: { wish: REDUCING, positionLots: 13, others: [OTHER_EXIT] },
	},
	{
		code: 'PT18',
		name: 'beside a reduce-only bid of the other way, and beside an ask whose amend makes it larger',
		allowed: { wish: REDUCING, positionLots: 10, others: [{ ...OTHER_EXIT, side: 'buy', priceTicks: 900 }] },
		refused: { wish: REDUCING, positionLots: 14, others: [{ ...OTHER_EXIT, pendingQtyLots: 5 }] },
	},
	{
		code: 'PT23',
		name: 'all that is left of the order that it is a part of, and one lot more',
		verbs: ['place'],
		allowed: { scene: { parentRoomLots: 10 } },
		refused: { scene: { parentRoomLots: 9 } },
	},
	{
		code: 'PT23',
		name: 'what an amend adds, up to what is left of that order, and one lot more',
		verbs: ['amend'],
		allowed: { scene: { parentRoomLots: 8 } },
		refused: { scene: { parentRoomLots: 7 } },
	},
	{
		code: 'PT7',
		name: 'worth of an order in a coin that counts seventy, and seventy-one',
		allowed: { quoteRate: 70, limits: { orderNotionalMax: 693_000 } },
		refused: { quoteRate: 71, limits: { orderNotionalMax: 693_000 } },
	},
	{
		code: 'PT10',
		name: 'the same for the position',
		allowed: { quoteRate: 70, limits: { positionNotionalMax: 700_000 } },
		refused: { quoteRate: 71, limits: { positionNotionalMax: 700_000 } },
	},
	{
		code: 'PT11',
		name: 'a holding elsewhere in a coin that counts two, and three',
		allowed: { limits: { grossNotionalMax: 30_000 }, elsewhereLots: 10, elsewhereRate: 2 },
		refused: { limits: { grossNotionalMax: 30_000 }, elsewhereLots: 10, elsewhereRate: 3 },
	},
	{
		code: 'PT11',
		name: 'nothing elsewhere in a coin whose worth nobody knows, and a lot',
		allowed: { elsewhereLots: 0, elsewhereRate: Number.NaN },
		refused: { elsewhereLots: 1, elsewhereRate: Number.NaN },
	},
	{
		code: 'PT7',
		name: 'a quote currency whose worth is known, and one that nobody knows',
		allowed: { quoteRate: 1 },
		refused: { quoteRate: Number.NaN },
	},
];
