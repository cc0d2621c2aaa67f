import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Verb } from '../../domain/command.ts';
import type { Outcome } from '../../domain/outcome.ts';
import { COMMAND_OF, cancel, place } from '../wire/order-commands.suite.ts';
import { judgeBatch, judgeSingle } from './batch-answers.ts';
import { BTC, BTC_SPOT, ETH, lost, ok, orderRow, refused } from './order-entry.suite.ts';
import type { RestAnswer } from './rest.ts';

const IDS = ['mm-a', 'mm-b', 'mm-c'];
const MAY_LAND_UNTIL_MS = 1_771_000_005_000;

function judged(answer: RestAnswer, verb: Verb = 'place') {
	const commands = IDS.map((id, index) => COMMAND_OF[verb](id, index === 1 && verb !== 'cancel' ? ETH : BTC));
	return judgeBatch(answer, { market: 'linear', commands, mayLandUntilMs: MAY_LAND_UNTIL_MS });
}

/** One character an order: accepted, rejected, gone (no such order), unknown. */
function short(outcomes: readonly Outcome[]): string {
	return outcomes.map((outcome) => (outcome.kind === 'rejected' && outcome.gone ? 'g' : outcome.kind[0])).join('');
}

const [A, B, C] = [orderRow('mm-a'), orderRow('mm-b'), orderRow('mm-c')];
const FUNDS = { code: -2019, msg: 'Margin is insufficient.' };
const GONE = { code: -2011, msg: 'Unknown order sent.' };
const OPEN = { code: -1007, msg: 'Timeout waiting for response from backend server.' };
const FOREIGN = orderRow('of-somebody-else');

describe('what a batch answer says of each command', () => {
	test.each([
		{ name: 'all taken', items: [A, B, C], expected: 'aaa' },
		{ name: 'one refused', items: [A, FUNDS, C], expected: 'ara' },
		{ name: 'all refused', items: [FUNDS, FUNDS, FUNDS], expected: 'rrr' },
		{ name: 'one left open by its code', items: [A, OPEN, FUNDS], expected: 'aur' },
		{ name: 'one gone', items: [A, GONE, C], verb: 'cancel' as const, expected: 'aga' },
		{ name: 'shuffled: what succeeded shows it by itself', items: [C, A, B], expected: 'aaa' },
		{ name: 'shuffled with a refusal: nobody knows whose', items: [B, FUNDS, A], expected: 'aau' },
		{ name: 'shuffled, and the refusal where it might be right: nobody knows', items: [B, A, FUNDS], expected: 'aau' },
		{ name: 'short', items: [A, B], expected: 'aau' },
		{ name: 'short, with a refusal', items: [A, FUNDS], expected: 'auu' },
		{ name: 'long, with a refusal', items: [A, FUNDS, C, FUNDS], expected: 'aua' },
		{ name: 'one twice, in the place of another', items: [A, A, C], expected: 'aua' },
		{ name: 'one taken under two ids', items: [A, orderRow('mm-a', { orderId: 7 }), C], expected: 'uua' },
		{ name: 'somebody else among them, and a refusal', items: [FOREIGN, FUNDS, C], expected: 'uua' },
		{ name: 'nothing', items: [], expected: 'uuu' },
		{ name: 'items of other kinds', items: [null, 7, 'x'], expected: 'uuu' },
		{ name: 'an order that bears a code too', items: [{ ...A, code: -2019 }, B, C], expected: 'uaa' },
		{ name: 'a code that is none', items: [{ code: '-2019' }, B, C], expected: 'uaa' },
		{ name: 'success as a code', items: [{ code: 200, msg: 'success' }, B, C], expected: 'uaa' },
	])('$name', ({ items, verb, expected }) => {
		expect(short(judged(ok(items), verb).outcomes)).toBe(expected);
	});

	test.each([undefined, null, {}, 'x', { ...A, orderId: 7 }])('no list (%j): all unknown', (result) => {
		expect(short(judged(ok(result)).outcomes)).toBe('uuu');
	});

	test('a refusal of all is one for each, in words', () => {
		expect(judged(refused(-2019, { message: 'Margin is insufficient.' })).outcomes).toEqual(
			IDS.map(() => ({
				kind: 'rejected',
				class: 'fatal',
				gone: false,
				reason: 'margin insufficient (-2019 Margin is insufficient.)',
			})),
		);
	});

	test.each([
		['-4083: the batch failed, somewhere', refused(-4083), 'uuu'],
		['-2012 on cancels', refused(-2012), 'uuu'],
		['-4082: too many items', refused(-4082), 'rrr'],
		['lost on its way', lost(true), 'uuu'],
		['never sent', lost(false), 'rrr'],
	])('%s', (_name, answer, expected) => {
		expect(short(judged(answer).outcomes)).toBe(expected);
	});

	test('a duplicate id says that an earlier attempt lives: it is looked up (F08)', () => {
		expect(short(judged(ok([A, { code: -4116, msg: 'ClientOrderId is duplicated.' }, C])).outcomes)).toBe('aua');
	});

	test('unknown has an end, from which on it cannot land any more', () => {
		expect(judged(ok([A, B])).outcomes[2]).toMatchObject({ kind: 'unknown', mayLandUntilMs: MAY_LAND_UNTIL_MS });
	});

	test('codes are told once each, and one too many as such', () => {
		const cut = judged(ok([A, { code: -1015, msg: 'Too many new orders.' }, { code: -1015, msg: 'Too many new orders.' }]));
		expect(cut).toMatchObject({ codes: [-1015], isRateRefused: true });
		expect(judged(ok([A, FUNDS, C]))).toMatchObject({ codes: [-2019], isRateRefused: false });
	});

	test('a change that ended its order is looked up (F25)', () => {
		const ended = [A, orderRow('mm-b', { status: 'EXPIRED' }), orderRow('mm-c', { status: 'CANCELED' })];
		expect(short(judged(ok(ended), 'amend').outcomes)).toBe('agg');
		expect(short(judged(ok(ended), 'cancel').outcomes)).toBe('aaa');
	});
});

describe('what the answer to one command says', () => {
	const of = { mayLandUntilMs: MAY_LAND_UNTIL_MS };

	test('only about its own id', () => {
		const asked = { ...of, market: 'linear' as const, commands: [place('mm-a', BTC)] };
		expect(short(judgeSingle(ok(A), asked).outcomes)).toBe('a');
		expect(short(judgeSingle(ok(B), asked).outcomes)).toBe('u');
		expect(short(judgeSingle(ok(undefined), asked).outcomes)).toBe('u');
	});

	test('a cancel on spot has an id of its own, and names the order beside it', () => {
		const asked = { ...of, market: 'spot' as const, commands: [cancel('mm-a', BTC_SPOT)] };
		expect(short(judgeSingle(ok(orderRow('cxl-1', { origClientOrderId: 'mm-a' })), asked).outcomes)).toBe('a');
		expect(short(judgeSingle(ok(orderRow('mm-a', { origClientOrderId: 'mm-b' })), asked).outcomes)).toBe('u');
	});

	test.each([
		['many digits', 8_389_766_100_200_300_401n, '8389766100200300401'],
		['few', 12, '12'],
		['digits that were lost', 2 ** 60, undefined],
		['a text', 'x', undefined],
	])('the id of the venue, with all of its digits or not at all (F66): %s', (_name, orderId, venueOrderId) => {
		const row = orderRow('mm-a', { orderId });
		const asked = { ...of, market: 'linear' as const, commands: [place('mm-a', BTC)] };
		expect(judgeSingle(ok(row), asked).outcomes).toEqual([{ kind: 'accepted', venueOrderId }]);
	});
});

test('whatever the list: one outcome each, and none accepted whose id is not in it', () => {
	const item = fc.oneof(fc.constantFrom(A, B, C, FUNDS, GONE, OPEN, FOREIGN, null, {}), fc.jsonValue());
	fc.assert(
		fc.property(fc.constantFrom<Verb>('place', 'amend', 'cancel'), fc.array(item, { maxLength: 6 }), (verb, items) => {
			const { outcomes } = judged(ok(items), verb);
			expect(outcomes).toHaveLength(IDS.length);
			const named = items.map((each) => (each as { readonly clientOrderId?: unknown } | null)?.clientOrderId);
			for (const [at, outcome] of outcomes.entries()) if (outcome.kind === 'accepted') expect(named).toContain(IDS[at]);
		}),
	);
});
