/**
 * What happens at the venue at moments of its own, whatever clients do: when the window of a rule begins, and then every
 * `everyMs`, each time with the rule's probability. A moment at which nothing is there that it could happen to does not
 * count. `account` and `symbol` name whom it may strike; empty, any that fits is drawn. Symbols go by the name that the
 * control API has for them. What is told to last `forMs` ends then; 0 is for good.
 */
import { choice, DAY_MS, type FaultSpec, text, whole } from './fault-spec.ts';

const NAME_LENGTH_MAX = 40;
const EVERY = { everyMs: whole(1, DAY_MS, 1_000, [1_000, 60_000]) };
const SYMBOL = { ...EVERY, symbol: text('', NAME_LENGTH_MAX) };
const ACCOUNT = { ...SYMBOL, account: text('', NAME_LENGTH_MAX) };
const FOR = { forMs: whole(0, DAY_MS, 10_000, [1_000, 60_000]) };
const PERCENT = { percent: whole(1, 100, 50, [1, 100]) };
const OFTEN = { channels: [], per: 'moment', usualProbability: [0, 0.3] } as const;
const RARE = { channels: [], per: 'moment', usualProbability: [0, 0.02] } as const;

export const HAPPENINGS = {
	'auto-deleverage': {
		...RARE,
		numbers: ['F33'],
		about: 'A share of an open position is taken away to relieve somebody else.',
		parameters: { ...ACCOUNT, ...PERCENT },
	},
	'manual-trade': {
		...RARE,
		numbers: ['F33'],
		about: 'A person trades on the account: a market order without a client id, of so many smallest quantities.',
		parameters: { ...ACCOUNT, side: choice('either', 'buy', 'sell'), minimums: whole(1, 1_000_000, 1, [1, 20]) },
	},
	'self-match': {
		...OFTEN,
		numbers: ['F34'],
		about: 'A resting order meets another one of the same account, and self-trade prevention takes it out.',
		parameters: ACCOUNT,
	},
	'shrink-position': {
		...OFTEN,
		numbers: ['F35'],
		about: 'A position loses a share while a reduce-only order stands for it.',
		parameters: { ...ACCOUNT, ...PERCENT },
	},
	'price-spike': {
		...RARE,
		numbers: ['F41'],
		about: 'Mark price and market jump by so many basis points and come back.',
		parameters: {
			...SYMBOL,
			bps: whole(-9_000, 90_000, 1_000, [-1_000, 1_000]),
			forMs: whole(1, 3_600_000, 1_000, [100, 5_000]),
		},
	},
	'symbol-mode': {
		...RARE,
		numbers: ['F54'],
		about: 'A symbol takes no orders for a time, or some only.',
		parameters: { ...SYMBOL, ...FOR, mode: choice('halted', 'post-only', 'cancel-only', 'reduce-only') },
	},
	'filter-change': {
		...RARE,
		numbers: ['F59'],
		about: 'Tick size, lot size or smallest value of a symbol grow so many times; orders that stand stay.',
		parameters: { ...SYMBOL, ...FOR, form: choice('tick', 'lot', 'notional'), times: whole(2, 1_000, 10, [2, 10]) },
	},
	delisting: {
		...RARE,
		usualProbability: [0, 0.001],
		numbers: ['F60'],
		about: 'The end of a symbol is announced, and comes after a time: orders are cancelled, positions settled.',
		parameters: { ...SYMBOL, afterMs: whole(1, 31_536_000_000, 60_000, [1_000, 600_000]) },
	},
	'limit-shrink': {
		...RARE,
		numbers: ['F61'],
		about: 'The largest quantities or the price band of a symbol shrink to one part in so many.',
		parameters: { ...SYMBOL, ...FOR, form: choice('quantity', 'band'), parts: whole(2, 100_000, 10, [2, 100]) },
	},
	'account-mode': {
		...RARE,
		numbers: ['F62'],
		about: 'An account finds itself in hedge mode, or at another leverage.',
		parameters: { ...ACCOUNT, ...FOR, form: choice('hedge', 'leverage'), leverage: whole(1, 1_000, 1, [1, 20]) },
	},
	withdrawal: {
		...RARE,
		numbers: ['F63'],
		about: 'A share of what an account has free in a coin goes away.',
		parameters: { ...EVERY, ...PERCENT, account: text('', NAME_LENGTH_MAX), coin: text('USDT', NAME_LENGTH_MAX) },
	},
	dust: {
		...OFTEN,
		numbers: ['F64'],
		about: 'A resting order is filled but for so many lots, fewer than could be ordered.',
		parameters: { ...ACCOUNT, leaveLots: whole(1, 1_000_000, 1, [1, 5]) },
	},
	'fee-terms': {
		...RARE,
		numbers: ['F67'],
		about: 'An account is paid for its trades, pays more for them, or pays in another coin.',
		parameters: { ...ACCOUNT, ...FOR, form: choice('rebate', 'dearer', 'other-coin'), coin: text('ETH', NAME_LENGTH_MAX) },
	},
	'foreign-order': {
		...OFTEN,
		numbers: ['F76'],
		about: 'Another program of the same account rests an order away from the market; now and then it is filled.',
		parameters: {
			...ACCOUNT,
			side: choice('either', 'buy', 'sell'),
			awayBps: whole(1, 9_000, 20, [5, 100]),
			filledPercent: whole(0, 100, 0, [0, 100]),
			standing: whole(1, 100, 3, [1, 10]),
		},
	},
} as const satisfies Record<string, FaultSpec>;

export type HappeningName = keyof typeof HAPPENINGS;
export const HAPPENING_NAMES = Object.keys(HAPPENINGS) as readonly HappeningName[];
