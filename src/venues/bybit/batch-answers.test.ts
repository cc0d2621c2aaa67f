import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BTCUSDT, ETHUSDT } from '../../../test/fixtures/instruments.ts';
import type { Verb } from '../../domain/command.ts';
import type { Outcome } from '../../domain/outcome.ts';
import { COMMAND_OF } from '../wire/order-commands.suite.ts';
import { judgeBatch, judgeSingle } from './batch-answers.ts';
import { httpVerdictOf } from './errors.ts';
import { batchResult, type Item, lost, ok, okBatch, refused } from './order-entry.suite.ts';
import type { RestAnswer } from './rest.ts';

const IDS = ['mm-a', 'mm-b', 'mm-c'];
const MAY_LAND_UNTIL_MS = 1_771_000_005_000;

function judged(answer: RestAnswer, verb: Verb = 'place'): readonly Outcome[] {
	return judgeBatch(answer, { commands: commandsOf(verb), mayLandUntilMs: MAY_LAND_UNTIL_MS }).outcomes;
}

function commandsOf(verb: Verb) {
	return IDS.map((id, index) => COMMAND_OF[verb](id, index === 1 ? ETHUSDT : BTCUSDT));
}

/** One character an order: accepted, rejected, gone (no such order), unknown. */
function short(outcomes: readonly Outcome[]): string {
	return outcomes.map((outcome) => (outcome.kind === 'rejected' && outcome.gone ? 'g' : outcome.kind[0])).join('');
}

const A = { orderLinkId: 'mm-a' };
const B = { orderLinkId: 'mm-b' };
const C = { orderLinkId: 'mm-c' };
const FOREIGN = { orderLinkId: 'of-somebody-else' };
const FUNDS = 110007;

describe('what a batch answer says of each command', () => {
	const lists: readonly {
		readonly name: string;
		readonly items: readonly Item[];
		readonly verb?: Verb;
		readonly expected: string;
	}[] = [
		{ name: 'all taken', items: [A, B, C], expected: 'aaa' },
		{ name: 'one refused (F09)', items: [A, { ...B, code: FUNDS }, C], expected: 'ara' },
		{ name: 'cut off by the budget (F09)', items: [A, { ...B, code: 10006 }, { ...C, code: 10006 }], expected: 'arr' },
		{ name: 'codes as text', items: [{ ...A, code: '0', orderId: 'v' }, { ...B, code: '110007' }, C], expected: 'ara' },
		{ name: 'a code that nobody knows', items: [A, { ...B, code: 123456 }, C], expected: 'aua' },
		{ name: 'one timed out inside of the venue', items: [A, { ...B, code: 10000 }, C], expected: 'aua' },
		{ name: 'an id used before (F08)', items: [{ ...A, code: 110072 }, B, C], expected: 'uaa' },
		{ name: 'gone on a cancel', items: [A, { ...B, code: 110001 }, C], verb: 'cancel', expected: 'aga' },
		{ name: 'gone on an amend', items: [A, { ...B, code: 110001 }, C], verb: 'amend', expected: 'aga' },
		{ name: 'taken, without the id of the venue', items: [{ ...A, orderId: '' }, B, C], expected: 'aaa' },
		{ name: 'empty', items: [], expected: 'uuu' },
		{ name: 'short at the end (F11)', items: [A, B], expected: 'aau' },
		{ name: 'short in the middle: what shows its success counts', items: [A, C], expected: 'aua' },
		{ name: 'short in the middle: a refusal out of place does not', items: [A, { ...C, code: FUNDS }], expected: 'auu' },
		{ name: 'shuffled, all taken (F11)', items: [C, A, B], expected: 'aaa' },
		{ name: 'shuffled, one refused', items: [C, { ...A, code: FUNDS }, B], expected: 'uaa' },
		{
			name: 'shuffled, the codes in another order',
			items: [C, { ...A, code: 0, orderId: '' }, { ...B, code: FUNDS, orderId: 'v' }],
			expected: 'uua',
		},
		{ name: 'doubled, saying the same twice (F11)', items: [A, B, C, A], expected: 'aaa' },
		{ name: 'doubled, in contradiction', items: [A, B, C, { ...A, orderId: 'another' }], expected: 'uaa' },
		{ name: 'doubled, refused at its place and taken elsewhere', items: [{ ...A, code: FUNDS }, B, C, A], expected: 'uaa' },
		{ name: 'of somebody else (F11)', items: [A, FOREIGN, C], expected: 'aua' },
		{ name: 'without an id', items: [A, { orderLinkId: '', code: FUNDS }, C], expected: 'aua' },
		{ name: 'longer than was asked', items: [A, B, C, FOREIGN, FOREIGN], expected: 'aaa' },
	];

	test.each(lists)('$name: $expected', ({ items, verb = 'place', expected }) => {
		expect(short(judged(okBatch(items), verb))).toBe(expected);
	});

	const { result, ext } = batchResult([A, B, C]);
	const shapes: readonly { readonly name: string; readonly answer: RestAnswer; readonly expected: string }[] = [
		{ name: 'no codes at all', answer: ok(result, {}), expected: 'uuu' },
		{ name: 'no ids at all', answer: ok({}, ext), expected: 'uuu' },
		{ name: 'nothing', answer: ok(null, null), expected: 'uuu' },
		{ name: 'fewer codes than ids', answer: ok(result, { list: [{ code: 0, msg: 'OK' }] }), expected: 'uuu' },
		{ name: 'lists that are none', answer: ok({ list: 'abc' }, { list: 3 }), expected: 'uuu' },
		{
			name: 'items that are none',
			answer: ok({ list: [null, 7, 'x'] }, { list: [{ code: 0 }, { code: 0 }, { code: 0 }] }),
			expected: 'uuu',
		},
		{ name: 'codes that are none', answer: ok(result, { list: [{}, { code: 'ok' }, { code: 0.5 }] }), expected: 'uuu' },
		{
			name: 'words that are none',
			answer: ok(result, { list: [{ code: FUNDS, msg: 7 }, { code: FUNDS, msg: {} }, { code: FUNDS }] }),
			expected: 'rrr',
		},
		{ name: 'the whole call refused', answer: refused(10001), expected: 'rrr' },
		{ name: 'the whole call one too many', answer: refused(10006), expected: 'rrr' },
		{ name: 'the whole call timed out inside of the venue (F10)', answer: refused(10000), expected: 'uuu' },
		{ name: 'no answer (F10)', answer: lost(true), expected: 'uuu' },
		{ name: 'never sent', answer: lost(false), expected: 'rrr' },
		{
			name: 'an answer nobody can read (F06)',
			answer: {
				kind: 'unreadable',
				status: 200,
				detail: '',
				verdict: httpVerdictOf(200, 'order'),
				mayLandUntilMs: undefined,
			},
			expected: 'uuu',
		},
	];

	test.each(shapes)('$name: $expected', ({ answer, expected }) => {
		expect(short(judged(answer))).toBe(expected);
	});

	test("the venue's id comes with the acceptance, but not one that has lost its digits", () => {
		expect(judged(okBatch([A, B, C]))[1]).toEqual({ kind: 'accepted', venueOrderId: 'v-mm-b' });
		const list = IDS.map((orderLinkId) => ({ orderId: 1.2345678901234568e18, orderLinkId }));
		expect(judged(ok({ list }, ext))[0]).toEqual({ kind: 'accepted', venueOrderId: undefined });
	});

	test('what is unknown says until when it may land; the answer knows it better than we do', () => {
		expect(judged(okBatch([A]))[2]).toMatchObject({ kind: 'unknown', mayLandUntilMs: MAY_LAND_UNTIL_MS });
		const exact = { ...lost(true), mayLandUntilMs: MAY_LAND_UNTIL_MS - 700 } as RestAnswer;
		expect(judged(exact)[0]).toMatchObject({ kind: 'unknown', mayLandUntilMs: MAY_LAND_UNTIL_MS - 700 });
	});

	test('a refusal tells its class, its code and its words, and none that could harm a terminal (F83)', () => {
		const [first] = judged(okBatch([{ ...A, code: FUNDS, message: 'ab\u001b[2Jnot enough' }, B, C]));
		expect(first).toMatchObject({ kind: 'rejected', class: 'fatal', gone: false });
		expect(first).toHaveProperty('reason', expect.stringContaining('110007'));
		expect(JSON.stringify(first)).not.toContain('\\u001b');
	});

	test.each([
		[okBatch([A, { ...B, code: 10006 }, C]), true],
		[refused(10006), true],
		[refused(403, '', { isBan: true }), true],
		[okBatch([A, { ...B, code: FUNDS }, C]), false],
		[lost(false), false],
	])('whether a rate limit spoke: case %#', (answer, expected) => {
		const { isRateRefused } = judgeBatch(answer, { commands: commandsOf('place'), mayLandUntilMs: MAY_LAND_UNTIL_MS });
		expect(isRateRefused).toBe(expected);
	});
});

describe('what the answer to a call for one says', () => {
	const commands = [COMMAND_OF.place('mm-a', BTCUSDT)];
	const asked = { commands, mayLandUntilMs: MAY_LAND_UNTIL_MS };

	test.each([
		['its own id', ok({ orderId: 'v', orderLinkId: 'mm-a' }), 'a'],
		['another id', ok({ orderId: 'v', orderLinkId: 'mm-b' }), 'u'],
		['no id', ok({}), 'u'],
		['a refusal', refused(FUNDS), 'r'],
		['silence', lost(true), 'u'],
	] as const)('%s', (_name, answer, expected) => {
		expect(short(judgeSingle(answer, asked).outcomes)).toBe(expected);
	});
});

describe('whatever the answer', () => {
	const verb = fc.constantFrom<Verb>('place', 'amend', 'cancel');
	const id = fc.oneof(fc.constantFrom(...IDS, ''), fc.string());
	const code = fc.oneof(fc.constantFrom<unknown>(0, '0', 110007, 110001, 10006, 10000, null), fc.anything());
	const item = fc.oneof({ weight: 4, arbitrary: fc.record({ orderId: id, orderLinkId: id }) }, fc.anything());
	const word = fc.oneof({ weight: 4, arbitrary: fc.record({ code, msg: fc.oneof(fc.string(), fc.anything()) }) }, fc.anything());
	const list = <T>(each: fc.Arbitrary<T>) =>
		fc.oneof({ weight: 4, arbitrary: fc.record({ list: fc.array(each, { maxLength: 6 }) }) }, fc.anything());

	test('each command has one outcome, and is accepted only by the word for its very id', () => {
		fc.assert(
			fc.property(verb, list(item), list(word), (kind, result, ext) => {
				const outcomes = judged(ok(result, ext), kind);
				expect(outcomes).toHaveLength(IDS.length);
				for (const [index, outcome] of outcomes.entries()) {
					if (outcome.kind === 'accepted') expect(isTaken(IDS[index] ?? '', result, ext, kind)).toBe(true);
				}
			}),
			{ numRuns: 1_000 },
		);
	});

	/** Some item bears this id, and the code beside it says that it was taken or that nothing was left to do. */
	function isTaken(orderId: string, result: unknown, ext: unknown, kind: Verb): boolean {
		const items = (result as { list: readonly { orderLinkId?: unknown }[] }).list;
		const words = (ext as { list: readonly { code?: unknown }[] }).list;
		return items.some((each, index) => {
			const said = words[index]?.code;
			return each?.orderLinkId === orderId && (said === 0 || said === '0' || Object.is(said, -0) || kind === 'cancel');
		});
	}

	test('items in any order with any refused: nobody gets the outcome of another', () => {
		const order = fc.shuffledSubarray([0, 1, 2], { minLength: 0 });
		const refusals = fc.tuple(fc.boolean(), fc.boolean(), fc.boolean());
		fc.assert(
			fc.property(order, refusals, (positions, isRefused) => {
				const items = positions.map((at): Item => ({ orderLinkId: IDS[at] ?? '', code: isRefused[at] === true ? FUNDS : 0 }));
				for (const [at, outcome] of judged(okBatch(items)).entries()) {
					if (!positions.includes(at)) expect(outcome.kind).toBe('unknown');
					else if (outcome.kind !== 'unknown') expect(outcome.kind).toBe(isRefused[at] === true ? 'rejected' : 'accepted');
				}
			}),
		);
	});
});
