import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
	isInFlight,
	isOver,
	nextOrderState,
	ORDER_EVENTS,
	ORDER_STATES,
	type OrderLifeEvent,
	type OrderState,
} from './order-life.ts';

/**
 * The whole grid, written down a second time by hand: a row a state, a column an event.
 *   .  stays    !  our bug    w  live, or partiallyFilled if anything has been filled
 *   S sent  A amending  C cancelling  U unknown  F filled  X cancelled  R rejected  E expired
 */
const COLUMNS: readonly (readonly [group: string, events: readonly OrderLifeEvent[]])[] = [
	['we do', ['send', 'sendAmend', 'sendCancel', 'drop']],
	['create', ['createAccepted', 'createRefused', 'createUnknown']],
	['amend', ['amendAccepted', 'amendRefused', 'amendGone', 'amendUnknown']],
	['cancel', ['cancelAccepted', 'cancelRefused', 'cancelGone', 'cancelUnknown']],
	['shows', ['showsWorking', 'showsAmended', 'showsFilled', 'showsCancelled', 'showsRejected', 'showsExpired']],
	['fills', ['fill', 'lastFill']],
	['fence', ['provenAbsent']],
];
const GRID: Readonly<Record<OrderState, string>> = {
	//                we do create amend cancel shows fills fence
	intended: /*   */ 'S!!R SRU .... .... wwFXRE wF R',
	sent: /*       */ '!!C! .RU .... .... wwFXRE wF R',
	live: /*       */ '!AC! ... .... .... wwFXRE wF U',
	partiallyFilled: '!AC! ... .... .... wwFXRE wF U',
	amending: /*   */ '!!C! ... .wUU .... .wFXRE .F U',
	cancelling: /* */ '!!!! .RU .... .wUU ..FXRE .F U',
	unknown: /*    */ '!!C! ... .... .... wwFXRE .F R',
	filled: /*     */ '!!!! ... .... .... ...... .. .',
	cancelled: /*  */ '!!!! ... .... .... ...... .. .',
	rejected: /*   */ '!!!! ... .... .... ...... .. .',
	expired: /*    */ '!!!! ... .... .... ...... .. .',
};
const LETTERS: Readonly<Record<string, OrderState>> = {
	S: 'sent',
	A: 'amending',
	C: 'cancelling',
	U: 'unknown',
	F: 'filled',
	X: 'cancelled',
	R: 'rejected',
	E: 'expired',
};

function expectedOf(state: OrderState, letter: string | undefined, filledLots: number): OrderState | 'refuse' | undefined {
	if (letter === '.') return state;
	if (letter === '!') return 'refuse';
	if (letter === 'w') return filledLots > 0 ? 'partiallyFilled' : 'live';
	return LETTERS[letter ?? ''];
}

const CELLS = ORDER_STATES.flatMap((state) =>
	COLUMNS.flatMap(([, events], group) =>
		events.map((event, column) => ({ state, event, letter: GRID[state].split(' ')[group]?.[column] })),
	),
);

const OURS = new Set<OrderLifeEvent>(['send', 'sendAmend', 'sendCancel', 'drop']);
const FACTS = ORDER_EVENTS.filter((event) => !OURS.has(event));
const anyState = fc.constantFrom(...ORDER_STATES);
const anyEvents = fc.array(fc.constantFrom(...ORDER_EVENTS), { maxLength: 40 });

const RANK: Readonly<Record<OrderState, number>> = {
	intended: 0,
	sent: 1,
	live: 2,
	partiallyFilled: 2,
	amending: 2,
	cancelling: 2,
	unknown: 2,
	filled: 3,
	cancelled: 3,
	rejected: 3,
	expired: 3,
};

describe('the life of an order', () => {
	test('the grid below names every state and every event once', () => {
		expect(CELLS.length).toBe(11 * 24);
		expect(new Set(CELLS.map(({ event }) => event))).toEqual(new Set(ORDER_EVENTS));
		expect(Object.keys(GRID)).toEqual([...ORDER_STATES]);
		for (const [state, row] of Object.entries(GRID)) {
			expect(
				row.split(' ').map((cells) => cells.length),
				state,
			).toEqual(COLUMNS.map(([, events]) => events.length));
		}
	});

	test.each(CELLS)('$state and $event: $letter', ({ state, event, letter }) => {
		for (const filledLots of [0, 3]) {
			expect(nextOrderState(state, event, filledLots), `${filledLots} lots filled`).toBe(expectedOf(state, letter, filledLots));
		}
	});

	test('an order is over in four states, and ours to wait for in five', () => {
		expect(ORDER_STATES.filter(isOver)).toEqual(['filled', 'cancelled', 'rejected', 'expired']);
		expect(ORDER_STATES.filter(isInFlight)).toEqual(['intended', 'sent', 'amending', 'cancelling', 'unknown']);
	});
});

describe('whatever happens, in whatever order', () => {
	test('no fact is refused in any state', () => {
		for (const state of ORDER_STATES) {
			for (const event of FACTS) expect(nextOrderState(state, event, 1), `${state} and ${event}`).not.toBe('refuse');
		}
	});

	test('an order that is over stays as it ended, and the rank of a state never falls', () => {
		fc.assert(
			fc.property(anyState, anyEvents, (start, events) => {
				let state = start;
				let filledLots = start === 'partiallyFilled' ? 1 : 0;
				for (const event of events) {
					if (event === 'fill' || event === 'lastFill') filledLots += 1;
					const next = nextOrderState(state, event, filledLots);
					if (next === 'refuse') continue;
					if (isOver(state)) expect(next, event).toBe(state);
					expect(RANK[next], `${state} and ${event} lead to ${next}`).toBeGreaterThanOrEqual(RANK[state]);
					state = next;
				}
			}),
			{ numRuns: 3_000 },
		);
	});

	test('a partly filled order never reads as unfilled again', () => {
		fc.assert(
			fc.property(anyState, anyEvents, (start, events) => {
				let state = start;
				let filledLots = 1;
				for (const event of events) {
					if (event === 'fill') filledLots += 1;
					const next = nextOrderState(state, event, filledLots);
					if (next === 'refuse') continue;
					if (state !== 'live') expect(next, `${state} and ${event}`).not.toBe('live');
					state = next;
				}
			}),
			{ numRuns: 1_000 },
		);
	});

	/** Venue facts about one order of `qtyLots`, with repeats: fills count once by id, as their keeper sees to. */
	const story = fc
		.record({
			fills: fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 4 }),
			isWhole: fc.boolean(),
			ending: fc.constantFrom('showsCancelled', 'showsExpired', undefined),
			working: fc.nat({ max: 3 }),
			repeats: fc.nat({ max: 2 }),
		})
		.map(({ fills, isWhole, ending, working, repeats }) => {
			const filled = fills.reduce((sum, lots) => sum + lots, 0);
			const isFilled = isWhole && fills.length > 0;
			const shown = isFilled ? 'showsFilled' : ending;
			const facts: (number | OrderLifeEvent)[] = fills.map((_, index) => index);
			for (let i = 0; i < working; i += 1) facts.push('showsWorking');
			if (shown !== undefined) facts.push(shown);
			const repeated = facts.slice(-repeats - 1);
			return { fills, qtyLots: isFilled ? filled : filled + 1, facts: [...facts, ...repeated], repeated };
		});

	function fold(
		start: OrderState,
		fills: readonly number[],
		qtyLots: number,
		facts: readonly (number | OrderLifeEvent)[],
	): OrderState {
		const seen = new Set<number>();
		let filledLots = 0;
		let state = start;
		for (const fact of facts) {
			if (typeof fact === 'number') {
				if (seen.has(fact)) continue;
				seen.add(fact);
				filledLots += fills[fact] ?? 0;
			}
			const event = typeof fact === 'string' ? fact : filledLots === qtyLots ? 'lastFill' : 'fill';
			const next = nextOrderState(state, event, filledLots);
			if (next === 'refuse') throw new Error(`${state} refused ${event}`);
			state = next;
		}
		return state;
	}

	test('the facts of one order lead to one end, in every order they can arrive in and with repeats', () => {
		const alive = fc.constantFrom<OrderState>('intended', 'sent', 'live', 'amending', 'cancelling', 'unknown');
		const shuffled = story.chain((told) =>
			fc.tuple(
				fc.constant(told),
				fc.shuffledSubarray(told.facts, { minLength: told.facts.length, maxLength: told.facts.length }),
			),
		);
		fc.assert(
			fc.property(alive, shuffled, (start, [{ fills, qtyLots, facts }, otherOrder]) => {
				expect(fold(start, fills, qtyLots, otherOrder)).toBe(fold(start, fills, qtyLots, facts));
			}),
			{ numRuns: 5_000 },
		);
	});
});
