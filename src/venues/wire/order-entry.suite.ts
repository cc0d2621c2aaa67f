/**
 * What every venue's order entry promises, said once and run for each: a batch is heard of exactly once, nothing goes a
 * second time but what was surely not done, a closed way is left alone for a while, a kill and a ban hold.
 */
import { beforeEach, describe, expect, test } from 'vitest';
import type { Command, Verb } from '../../domain/command.ts';
import type { Instrument } from '../../domain/instrument.ts';
import type { EntryScene } from './entry-scene.suite.ts';
import { COMMAND_OF, START_MS } from './order-commands.suite.ts';

export interface EntryVenue<Answer> {
	open(): EntryScene<Answer>;
	/** Two that may share a call. */
	readonly pair: readonly [Instrument, Instrument];
	readonly ids: readonly [string, string];
	readonly answers: {
		taken(commands: readonly Command[]): Answer;
		lost(sent: boolean): Answer;
		readonly banned: Answer;
		readonly tooMany: Answer;
		readonly noFunds: Answer;
		readonly noSuchOrder: Answer;
		readonly offTheGrid: Answer;
		readonly clockOff: Answer;
		/** Of the key or the route, and not of the orders. */
		readonly batchesClosed: readonly (readonly [string, Answer])[];
		readonly socketClosed: readonly (readonly [string, Answer])[];
	};
}

export function orderEntrySuite<Answer>(name: string, { open, pair, ids, answers }: EntryVenue<Answer>): void {
	const commandsOf = (verb: Verb): readonly [Command, Command] => [
		COMMAND_OF[verb](ids[0], pair[0]),
		COMMAND_OF[verb](ids[1], pair[verb === 'cancel' ? 0 : 1]),
	];
	const PLACES = commandsOf('place');
	const [ONE] = PLACES;
	const closing = answers.batchesClosed[0]?.[1] ?? answers.noFunds;
	const shutting = answers.socketClosed[0]?.[1] ?? answers.noFunds;

	function outcomesOf({ events }: EntryScene<Answer>, at = 0) {
		const told = events.filter((event) => event.kind === 'answer');
		return told[at]?.items.map(({ outcome }) => outcome);
	}

	function answersIn({ events }: EntryScene<Answer>): number {
		return events.filter(({ kind }) => kind === 'answer').length;
	}

	describe(`order entry at ${name}`, () => {
		let bench: EntryScene<Answer>;
		beforeEach(() => {
			bench = open();
		});

		test.each(['place', 'amend', 'cancel'] as const)('%s: a batch is one call and one answer event', (verb) => {
			const commands = commandsOf(verb);
			bench.send(commands);
			expect(bench.calls).toEqual([`rest ${verb}-batch`]);
			expect(bench.events).toEqual([]);
			bench.answer(0, answers.taken(commands));
			expect(bench.events).toMatchObject([
				{ kind: 'answer', batchId: 1, items: commands.map(({ orderId }) => ({ orderId, verb, outcome: { kind: 'accepted' } })) },
			]);
		});

		test.each(['place', 'amend', 'cancel'] as const)('%s: one alone goes by socket where it is up, else over REST', (verb) => {
			const [command] = commandsOf(verb);
			bench.isSocketUp = true;
			bench.send([command]);
			bench.isSocketUp = false;
			bench.send([command]);
			expect(bench.calls).toEqual([`ws ${verb}`, `rest ${verb}`]);
		});

		test('without an answer: unknown, until when it may land, and never again', () => {
			bench.send(PLACES);
			bench.answer(0, answers.lost(true));
			const unknown = { kind: 'unknown', mayLandUntilMs: START_MS + 5_000 };
			expect(outcomesOf(bench)).toMatchObject([unknown, unknown]);
			expect(bench.calls).toHaveLength(1);
		});

		test.each([
			['too many', answers.tooMany, 'rate-limited'],
			['no money', answers.noFunds, 'fatal'],
			['not a byte sent', answers.lost(false), 'transient'],
		])('%s: told once, for each, and not sent again', (_name, answer, failure) => {
			bench.send(PLACES);
			bench.answer(0, answer);
			expect(bench.calls).toHaveLength(1);
			expect(outcomesOf(bench)).toMatchObject(PLACES.map(() => ({ kind: 'rejected', class: failure })));
		});

		test.each(answers.batchesClosed)(
			'batches are not taken (%s): the same commands go one by one, told of together',
			(_n, no) => {
				bench.send(PLACES);
				bench.answer(0, no);
				expect(bench.calls.slice(1)).toEqual(['rest place', 'rest place']);
				bench.answer(2, answers.taken([PLACES[1]]));
				expect(answersIn(bench)).toBe(0);
				bench.answer(1, answers.taken([ONE]));
				expect(outcomesOf(bench)).toMatchObject([{ kind: 'accepted' }, { kind: 'accepted' }]);
			},
		);

		test('then one by one for a minute, of that verb alone, and then a batch is tried again', () => {
			bench.send(PLACES);
			bench.answer(0, closing);
			bench.clock.run(59_999);
			bench.send(commandsOf('cancel'));
			bench.send(PLACES);
			bench.clock.run(1);
			bench.send(PLACES);
			expect(bench.calls.slice(3)).toEqual(['rest cancel-batch', 'rest place', 'rest place', 'rest place-batch']);
		});

		test('one by one, each has an outcome of its own, and a refusal is told as it is', () => {
			bench.send(PLACES);
			bench.answer(0, closing);
			bench.answer(1, closing);
			bench.answer(2, answers.lost(true));
			expect(outcomesOf(bench)).toMatchObject([{ kind: 'rejected' }, { kind: 'unknown' }]);
			expect(bench.calls).toHaveLength(3);
		});

		test.each(answers.socketClosed)('the socket takes no orders (%s): over REST at once, and for a minute', (_n, no) => {
			bench.isSocketUp = true;
			bench.send([ONE]);
			bench.answer(0, no);
			bench.send([commandsOf('cancel')[0]]);
			bench.answer(1, answers.taken([ONE]));
			bench.clock.run(60_000);
			bench.send([commandsOf('cancel')[0]]);
			expect(bench.calls).toEqual(['ws place', 'rest place', 'rest cancel', 'ws cancel']);
			expect(outcomesOf(bench)).toMatchObject([{ kind: 'accepted' }]);
		});

		test('the socket is full: over REST, and what comes back there says nothing of the socket', () => {
			bench.isSocketUp = true;
			bench.isSocketFull = true;
			bench.send([ONE]);
			bench.isSocketFull = false;
			bench.answer(0, shutting);
			bench.send([ONE]);
			expect(bench.calls).toEqual(['rest place', 'ws place']);
			expect(bench.timings).toEqual(['place rest 0']);
		});

		test('the socket dies with a call under way: unknown, and not sent over REST (F13)', () => {
			bench.isSocketUp = true;
			bench.send([ONE]);
			bench.isSocketUp = false;
			bench.answer(0, answers.lost(true));
			expect(bench.calls).toHaveLength(1);
			expect(outcomesOf(bench)).toMatchObject([{ kind: 'unknown' }]);
		});

		describe('refused for the clock on the socket', () => {
			beforeEach(() => {
				bench.isSocketUp = true;
				bench.send([ONE]);
				bench.answer(0, answers.clockOff);
			});

			test('measured, and sent once more, and never a third time', () => {
				expect(bench.calls).toHaveLength(1);
				bench.measuring.shift()?.(true);
				expect(bench.calls).toEqual(['ws place', 'ws place']);
				bench.answer(1, answers.clockOff);
				expect(bench.calls).toHaveLength(2);
				expect(outcomesOf(bench)).toMatchObject([{ kind: 'rejected', class: 'clock' }]);
			});

			test.each([
				['measuring failed', false, () => {}],
				['it has grown stale meanwhile (T4)', true, () => bench.clock.run(1_000)],
				['a kill came in between (I10)', true, () => (bench.isKilled = true)],
			])('not where %s', (_name, isMeasured, meanwhile) => {
				meanwhile();
				bench.measuring.shift()?.(isMeasured);
				expect(bench.calls).toHaveLength(1);
				expect(outcomesOf(bench)).toMatchObject([{ kind: 'rejected', class: 'clock' }]);
			});
		});

		test('after a kill no create takes another way, and cancels take every one (I10, I11)', () => {
			bench.isSocketUp = true;
			bench.send([ONE]);
			bench.isKilled = true;
			bench.answer(0, shutting);
			expect(bench.calls).toHaveLength(1);
			expect(outcomesOf(bench)).toMatchObject([{ kind: 'rejected' }]);
			bench.isSocketUp = false;
			bench.send(commandsOf('cancel'));
			bench.answer(1, closing);
			expect(bench.calls.slice(1)).toEqual(['rest cancel-batch', 'rest cancel', 'rest cancel']);
		});

		test('a create that a closed way refused does not take the next one, when we did not run in between (F58)', () => {
			bench.send(PLACES);
			bench.clock.run(1_000);
			bench.answer(0, closing);
			expect(bench.calls).toHaveLength(1);
			// And is no word about the key: that would stop everything for good (F55).
			expect(outcomesOf(bench)).toMatchObject(PLACES.map(() => ({ class: 'transient' })));
		});

		test('a ban is told once, for everything, and holds for the socket too (F53)', () => {
			bench.send(PLACES);
			bench.banLeftMs = 600_000;
			bench.answer(0, answers.banned);
			bench.isSocketUp = true;
			bench.send([commandsOf('cancel')[0]]);
			expect(bench.calls[1]).toBe('rest cancel');
			bench.answer(1, answers.banned);
			const rates = bench.events.filter((event) => event.kind === 'rate');
			const lanes = Object.keys(bench.gateway.capabilities.categories).flatMap((category) =>
				['cancel', 'amend', 'place'].map((verb) => `${category} ${verb}`),
			);
			expect(rates.map(({ category, verb }) => `${category} ${verb}`).toSorted()).toEqual(lanes.toSorted());
			for (const rate of rates) expect(rate).toMatchObject({ remaining: 0, resetInMs: 600_000, isRefusal: true });
			expect(outcomesOf(bench, 1)).toMatchObject([{ kind: 'rejected', class: 'rate-limited' }]);
			expect(bench.timings).toEqual([]);
		});

		test('one too many is told before the answer, and for how long', () => {
			bench.send(PLACES);
			bench.answer(0, answers.tooMany);
			const kinds = bench.events.map(({ kind }) => kind);
			expect(kinds.at(-1)).toBe('answer');
			const refusals = bench.events.filter((event) => event.kind === 'rate' && event.isRefusal);
			expect(refusals.length).toBeGreaterThan(0);
			for (const refusal of refusals) expect(refusal).toMatchObject({ remaining: 0, resetInMs: expect.any(Number) as number });
		});

		test('calls are measured by verb and way, from sending to the answer; what is lost has no time', () => {
			bench.send(PLACES);
			bench.isSocketUp = true;
			bench.send([commandsOf('cancel')[0]]);
			bench.send([commandsOf('amend')[0]]);
			bench.clock.run(40);
			bench.answer(0, answers.taken(PLACES));
			bench.answer(1, answers.noSuchOrder);
			bench.clock.run(2);
			bench.answer(2, answers.lost(true));
			expect(bench.timings).toEqual(['place rest-batch 40', 'cancel ws 40']);
		});

		test('a refusal for a filter says that the instruments are old (F59)', () => {
			bench.send(PLACES);
			bench.answer(0, answers.taken(PLACES));
			expect(bench.filterRefusals).toBe(0);
			bench.send(PLACES);
			bench.answer(1, answers.offTheGrid);
			expect(bench.filterRefusals).toBe(1);
		});

		test('"no such order" to a cancel says that it is gone, and nothing of how it ended (F21)', () => {
			bench.send([commandsOf('cancel')[0]]);
			bench.answer(0, answers.noSuchOrder);
			expect(outcomesOf(bench)).toMatchObject([{ kind: 'rejected', class: 'benign', gone: true }]);
		});

		test('what is to be looked up is handed on', () => {
			const { orderId, instrument } = ONE;
			bench.gateway.lookUp([{ orderId, instrument, venueOrderId: undefined }]);
			expect(bench.lookedUp).toEqual([{ orderId, instrument, venueOrderId: undefined }]);
			expect(bench.calls).toEqual([]);
		});

		test("loops of one's own hear promises, and nothing is asked for nothing", async () => {
			expect(await bench.gateway.batchCancelOrders([])).toEqual([]);
			expect(bench.calls).toEqual([]);
			const [first] = commandsOf('cancel');
			const told = first.kind === 'cancel' ? bench.gateway.batchCancelOrders([first]) : undefined;
			bench.answer(0, answers.noSuchOrder);
			expect(await told).toMatchObject([{ orderId: ids[0], verb: 'cancel', outcome: { kind: 'rejected', gone: true } }]);
			expect(bench.events.filter(({ kind }) => kind === 'answer')).toEqual([]);
		});
	});
}
