import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { makeTestInstrument } from '../../test/fixtures/instruments.ts';
import type { AmendCommand, Batch, Command, PlaceCommand, Verb } from '../domain/command.ts';
import type { Instrument } from '../domain/instrument.ts';
import { BUS_OPTIONS, type BusOptions, CommandBus, type Enqueued } from './command-bus.ts';
import { Lanes } from './lanes.ts';
import { amendOf, BYBIT, cancelOf, capabilityOf, FIVES, placeOf } from './orders.suite.ts';

const SYMBOLS = ['BTCUSDT', 'ETHUSDT', 'SOLUSDT', 'XRPUSDT'];
const LINEAR = SYMBOLS.map((symbol, index) => makeTestInstrument({ index, symbol }));
const SPOT = SYMBOLS.map((symbol, i) => makeTestInstrument({ index: 4 + i, symbol, category: 'spot' }));
const FIVE = SYMBOLS.map((symbol, i) => makeTestInstrument({ index: 8 + i, symbol, venue: 'fives' }));
/** Batches of five with symbols mixed, as on Binance futures. */
const MIXED_FIVES = { venue: 'mixed', rateRules: [], categories: { linear: capabilityOf(5) } };
const MIXED = SYMBOLS.map((symbol, i) => makeTestInstrument({ index: 12 + i, symbol, venue: 'mixed' }));

function makeBus(
	options: Partial<BusOptions> = {},
	instruments: readonly Instrument[] = [...LINEAR, ...SPOT, ...FIVE, ...MIXED],
) {
	const lanes = new Lanes([BYBIT, FIVES, MIXED_FIVES]);
	for (const instrument of instruments) lanes.follow(instrument);
	return new CommandBus(lanes, { ...BUS_OPTIONS, ...options });
}

function put(bus: CommandBus, command: Command): Enqueued {
	if (command.kind === 'amend') return bus.amend(command);
	if (command.kind === 'cancel') return bus.cancel(command);
	bus.place(command);
	return { kind: 'queued' };
}

/** `count` commands of a verb for each of the instruments, symbol by symbol. */
function commands(verb: Verb, count: number, instruments: readonly Instrument[]): Command[] {
	return instruments.flatMap((instrument) =>
		Array.from({ length: count }, (_, i): Command => {
			const orderId = `${instrument.id}-${verb}-${i}`;
			if (verb === 'place') return placeOf(orderId, { instrument });
			return verb === 'amend' ? amendOf(orderId, { instrument }) : cancelOf(orderId, instrument);
		}),
	);
}

/** For example `cancel 20: BTCUSDT ETHUSDT`. */
function summary({ verb, commands: items }: Batch): string {
	return `${verb} ${items.length}: ${[...new Set(items.map((item) => item.instrument.symbol))].join(' ')}`;
}

interface Packing {
	readonly name: string;
	readonly put: readonly Command[];
	readonly options?: Partial<BusOptions>;
	readonly calls: readonly string[];
}

const TWENTY_EACH = [...commands('place', 10, LINEAR), ...commands('cancel', 10, LINEAR)];

describe('a flush packs commands into the fewest calls', () => {
	const cases: Packing[] = [
		{
			name: 'four symbols with ten cancels and ten places each take four calls, cancels first',
			put: TWENTY_EACH,
			calls: [
				'cancel 20: BTCUSDT ETHUSDT',
				'cancel 20: SOLUSDT XRPUSDT',
				'place 20: BTCUSDT ETHUSDT',
				'place 20: SOLUSDT XRPUSDT',
			],
		},
		{
			name: 'four symbols whose ten quotes move take two calls',
			put: commands('amend', 10, LINEAR),
			calls: ['amend 20: BTCUSDT ETHUSDT', 'amend 20: SOLUSDT XRPUSDT'],
		},
		{ name: 'twenty fit one call on linear', put: commands('cancel', 20, LINEAR.slice(0, 1)), calls: ['cancel 20: BTCUSDT'] },
		{
			name: 'and the twenty-first opens a second one',
			put: commands('cancel', 21, LINEAR.slice(0, 1)),
			calls: ['cancel 20: BTCUSDT', 'cancel 1: BTCUSDT'],
		},
		{
			name: 'spot takes ten a call',
			put: commands('place', 25, SPOT.slice(0, 1)),
			calls: ['place 10: BTCUSDT', 'place 10: BTCUSDT', 'place 5: BTCUSDT'],
		},
		{
			name: 'five a call with symbols mixed',
			put: commands('place', 3, MIXED.slice(0, 2)),
			calls: ['place 5: BTCUSDT ETHUSDT', 'place 1: ETHUSDT'],
		},
		{
			name: 'a venue that does not mix symbols gets calls of one symbol each',
			put: commands('place', 6, FIVE.slice(0, 2)),
			calls: ['place 5: BTCUSDT', 'place 1: BTCUSDT', 'place 5: ETHUSDT', 'place 1: ETHUSDT'],
		},
		{
			name: 'categories and venues never share a call',
			put: [...commands('cancel', 2, [...LINEAR.slice(0, 1), ...SPOT.slice(0, 1), ...FIVE.slice(0, 1)])],
			calls: ['cancel 2: BTCUSDT', 'cancel 2: BTCUSDT', 'cancel 2: BTCUSDT'],
		},
		{
			name: 'a smaller batch size of our own wins over what the venue takes',
			put: commands('cancel', 7, LINEAR.slice(0, 1)),
			options: { maxBatchSize: 3 },
			calls: ['cancel 3: BTCUSDT', 'cancel 3: BTCUSDT', 'cancel 1: BTCUSDT'],
		},
		{
			name: 'a larger one does not',
			put: commands('cancel', 21, LINEAR.slice(0, 1)),
			options: { maxBatchSize: 100 },
			calls: ['cancel 20: BTCUSDT', 'cancel 1: BTCUSDT'],
		},
		...(['cancel', 'amend', 'place'] as const).map((off): Packing => {
			const flag = { cancel: 'coalesceCancel', amend: 'coalesceAmend', place: 'coalescePlace' }[off];
			return {
				name: `${off}s leave one by one when they are not to be coalesced, the other verbs stay together`,
				put: (['place', 'amend', 'cancel'] as const).flatMap((verb) => commands(verb, 2, LINEAR.slice(0, 1))),
				options: { [flag]: false },
				calls: (['cancel', 'amend', 'place'] as const).flatMap((verb) =>
					verb === off ? [`${verb} 1: BTCUSDT`, `${verb} 1: BTCUSDT`] : [`${verb} 2: BTCUSDT`],
				),
			};
		}),
		{
			name: 'one after the other: a command a call, symbol by symbol, each with its cancels, amends and places in turn',
			put: [...LINEAR.slice(0, 2)].flatMap((instrument) => [
				...commands('place', 2, [instrument]),
				...commands('cancel', 1, [instrument]),
				...commands('amend', 1, [instrument]),
			]),
			options: { parallel: false },
			calls: ['BTCUSDT', 'ETHUSDT'].flatMap((symbol) =>
				['cancel', 'amend', 'place', 'place'].map((verb) => `${verb} 1: ${symbol}`),
			),
		},
	];

	for (const { name, put: given, options, calls } of cases) {
		test(name, () => {
			const bus = makeBus(options);
			for (const command of given) put(bus, command);
			const batches = bus.flush();
			expect(batches.map(summary)).toEqual(calls);
			for (const { verb, venue, category, commands: items } of batches) {
				for (const item of items)
					expect([item.kind, item.instrument.venue, item.instrument.category]).toEqual([verb, venue, category]);
			}
		});
	}

	test('a call knows its symbol where it may carry no other, and only there', () => {
		const one = [...commands('place', 1, [...LINEAR.slice(0, 1), ...FIVE.slice(0, 1)])];
		const symbolsOf = (options: Partial<BusOptions>) => {
			const bus = makeBus(options);
			for (const command of one) put(bus, command);
			return bus.flush().map((batch) => batch.symbolOnly);
		};
		expect(symbolsOf({})).toEqual([undefined, FIVE[0]]);
		expect(symbolsOf({ coalescePlace: false })).toEqual([LINEAR[0], FIVE[0]]);
		expect(symbolsOf({ parallel: false })).toEqual([LINEAR[0], FIVE[0]]);
	});

	test('sequential takes eighty calls for what batches do in four', () => {
		const bus = makeBus({ parallel: false });
		for (const command of TWENTY_EACH) put(bus, command);
		expect(bus.flush().length).toBe(80);
	});
});

const place = placeOf('a', { instrument: LINEAR[0] as Instrument });
const amend = amendOf('a', { price: 1_001, qty: 11 });
const later = amendOf('a', { price: 1_002, qty: 12 });
const cancel = cancelOf('a');
const QUEUED: Enqueued = { kind: 'queued' };
const MERGED: Enqueued = { kind: 'merged' };

describe('a later command about the same order', () => {
	interface Algebra {
		readonly name: string;
		readonly put: readonly Command[];
		readonly said: readonly Enqueued[];
		readonly left: readonly Command[];
	}
	const cases: Algebra[] = [
		{ name: 'cancels merge', put: [cancel, cancel, cancel], said: [QUEUED, MERGED, MERGED], left: [cancel] },
		{
			name: 'of two amends the last stays',
			put: [amend, later],
			said: [QUEUED, { kind: 'replaced', dropped: amend }],
			left: [later],
		},
		{
			name: 'a cancel replaces an amend',
			put: [amend, cancel],
			said: [QUEUED, { kind: 'replaced', dropped: amend }],
			left: [cancel],
		},
		{ name: 'an amend after a cancel says nothing any more', put: [cancel, amend], said: [QUEUED, MERGED], left: [cancel] },
		{
			name: 'a cancel takes back a place that was not sent, and neither leaves',
			put: [place, cancel],
			said: [QUEUED, { kind: 'annihilated', dropped: place }],
			left: [],
		},
		{
			name: 'an amend of a place that was not sent becomes part of it',
			put: [place, amend, later],
			said: [QUEUED, MERGED, MERGED],
			left: [{ ...place, priceTicks: later.priceTicks, qtyLots: later.qtyLots }],
		},
		{
			name: 'a place that was amended is taken back in the version that would have left',
			put: [place, amend, cancel],
			said: [
				QUEUED,
				MERGED,
				{ kind: 'annihilated', dropped: { ...place, priceTicks: amend.priceTicks, qtyLots: amend.qtyLots } },
			],
			left: [],
		},
		{
			name: 'amend, amend, cancel, cancel, amend is one cancel',
			put: [amend, later, cancel, cancel, amend],
			said: [QUEUED, { kind: 'replaced', dropped: amend }, { kind: 'replaced', dropped: later }, MERGED, MERGED],
			left: [cancel],
		},
	];

	for (const { name, put: given, said, left } of cases) {
		test(name, () => {
			for (const parallel of [true, false]) {
				const bus = makeBus({ parallel });
				expect(given.map((command) => put(bus, command))).toEqual(said);
				expect(bus.size).toBe(left.length);
				expect(bus.flush().flatMap((batch) => batch.commands)).toEqual(left);
			}
		});
	}

	test('that is a cancel stands behind the cancels that were given before it', () => {
		const bus = makeBus();
		for (const command of [amend, cancelOf('z'), cancel]) put(bus, command);
		expect(bus.flush().flatMap((batch) => batch.commands)).toEqual([cancelOf('z'), cancel]);
	});

	test('leaves other orders alone', () => {
		const bus = makeBus();
		for (const command of [placeOf('x'), amendOf('y'), cancelOf('z'), cancel]) put(bus, command);
		expect(bus.flush().flatMap((batch) => batch.commands)).toEqual([cancelOf('z'), cancel, amendOf('y'), placeOf('x')]);
	});

	test('after a flush says something new', () => {
		const bus = makeBus();
		put(bus, place);
		bus.flush();
		expect(put(bus, cancel)).toEqual(QUEUED);
		expect(bus.flush().flatMap((batch) => batch.commands)).toEqual([cancel]);
	});
});

describe('a flush', () => {
	test('that follows another sends nothing', () => {
		const bus = makeBus();
		for (const command of TWENTY_EACH) put(bus, command);
		bus.flush();
		expect(bus.size).toBe(0);
		expect(bus.flush()).toEqual([]);
	});

	test('never gives a call the number of another', () => {
		const bus = makeBus();
		const ids = [1, 2, 3].flatMap(() => {
			for (const command of TWENTY_EACH) put(bus, command);
			return bus.flush().map((batch) => batch.batchId);
		});
		expect(new Set(ids).size).toBe(12);
	});

	test('counts what came, what left and in how many calls, verb by verb', () => {
		const bus = makeBus();
		for (const command of TWENTY_EACH) put(bus, command);
		for (const command of [amendOf('q'), amendOf('q'), cancelOf('q'), cancelOf('q'), placeOf('r'), cancelOf('r')])
			put(bus, command);
		bus.flush();
		expect(bus.stats).toEqual({
			total_commands: 86,
			coalesce_stats: {
				cancel: { commands: 43, sent: 41, calls: 3 },
				amend: { commands: 2, sent: 0, calls: 0 },
				place: { commands: 41, sent: 40, calls: 2 },
			},
		});
	});

	test('follows options that changed since the last one', () => {
		const bus = makeBus();
		bus.options = { ...bus.options, parallel: false };
		for (const command of commands('cancel', 3, LINEAR.slice(0, 1))) put(bus, command);
		expect(bus.flush().length).toBe(3);
	});
});

/** What a venue makes of commands, one by one: the orders that work in the end. */
class PlainVenue {
	readonly working = new Map<string, string>();
	readonly #used = new Set<string>();

	constructor(standing: readonly string[]) {
		for (const orderId of standing) this.#add(orderId, 'as it stood');
	}

	take(command: Command): void {
		const { orderId } = command;
		if (command.kind === 'place') this.#add(orderId, versionOf(command));
		else if (command.kind === 'cancel') this.working.delete(orderId);
		else if (this.working.has(orderId)) this.working.set(orderId, versionOf(command));
	}

	#add(orderId: string, version: string): void {
		if (this.#used.has(orderId)) throw new Error(`${orderId} is placed twice`);
		this.#used.add(orderId);
		this.working.set(orderId, version);
	}
}

function versionOf({ priceTicks, qtyLots }: PlaceCommand | AmendCommand): string {
	return `${qtyLots} at ${priceTicks}`;
}

describe('over any stream of commands', () => {
	/** Amends and cancels of orders that stand or were placed before, as the engine gives them; some about unknown ones. */
	const stream = fc.array(
		fc.record({
			kind: fc.constantFrom('place', 'amend', 'amend', 'cancel', 'flush'),
			order: fc.nat(7),
			price: fc.integer({ min: 1, max: 9 }),
		}),
		{ maxLength: 40 },
	);
	const anyOptions = fc.record({
		parallel: fc.boolean(),
		coalesceCancel: fc.boolean(),
		coalescePlace: fc.boolean(),
		coalesceAmend: fc.boolean(),
		maxBatchSize: fc.integer({ min: 1, max: 4 }),
	});
	const everywhere = [...LINEAR, ...SPOT, ...FIVE, ...MIXED];
	const STANDING = ['o0', 'o1', 'o2', 'o3'];

	test('what leaves ends where the raw stream would have ended, and each command leaves once or is reported', () => {
		fc.assert(
			fc.property(anyOptions, stream, (options, steps) => {
				const bus = makeBus(options);
				const raw = new PlainVenue(STANDING);
				const told = new PlainVenue(STANDING);
				const placed = new Set(STANDING);
				let count = 0;
				const left: Command[] = [];
				const reported: Command[] = [];
				let mergedCount = 0;
				const flush = () => {
					const batches = bus.flush();
					for (const batch of batches) {
						expect(batch.commands.length).toBeGreaterThan(0);
						expect(batch.commands.length).toBeLessThanOrEqual(options.parallel ? options.maxBatchSize : 1);
						if (batch.symbolOnly !== undefined) for (const item of batch.commands) expect(item.instrument).toBe(batch.symbolOnly);
						for (const item of batch.commands) told.take(item);
						left.push(...batch.commands);
					}
					const ids = batches.flatMap((batch) => batch.commands.map((item) => item.orderId));
					expect(new Set(ids).size, 'one command an order').toBe(ids.length);
				};
				for (const { kind, order, price } of steps) {
					if (kind === 'flush') {
						flush();
						continue;
					}
					const orderId = `o${order}`;
					const instrument = everywhere[(order * 5) % everywhere.length] as Instrument;
					if (kind === 'place' && placed.has(orderId)) continue;
					placed.add(orderId);
					const command =
						kind === 'place'
							? placeOf(orderId, { instrument, price })
							: kind === 'amend'
								? amendOf(orderId, { instrument, price })
								: cancelOf(orderId, instrument);
					count += 1;
					raw.take(command);
					const said = put(bus, command);
					if (said.kind === 'merged') mergedCount += 1;
					if (said.kind === 'replaced') reported.push(said.dropped);
					// The place and its cancel, both.
					if (said.kind === 'annihilated') reported.push(said.dropped, command);
				}
				flush();
				expect(told.working).toEqual(raw.working);
				expect(left.length + reported.length + mergedCount).toBe(count);
				expect(bus.stats.total_commands).toBe(count);
			}),
			{ numRuns: 1_000 },
		);
	});

	test('those that are full can leave before the rest, and it all leaves in the same calls', () => {
		const stream = fc.array(
			fc.tuple(fc.nat(everywhere.length - 1), fc.constantFrom<Verb>('place', 'amend', 'cancel'), fc.nat(25)),
			{ maxLength: 20 },
		);
		const names = (batches: readonly Batch[]) =>
			batches.map(({ verb, venue, commands: items }) => [verb, venue, ...items.map(({ orderId }) => orderId)].join(' '));
		fc.assert(
			fc.property(stream, (groups) => {
				const [bus, whole] = [makeBus(), makeBus()];
				const early = groups.flatMap(([at, verb, count], group) => {
					for (const command of commands(verb, count, [everywhere[at] as Instrument])) {
						const orderId = `${group}-${command.orderId}` as typeof command.orderId;
						for (const each of [bus, whole]) put(each, { ...command, orderId });
					}
					return bus.flushFull();
				});
				for (const { venue, commands: items } of early) {
					expect(items.length).toBe(venue === 'bybit' ? (items[0]?.instrument.category === 'spot' ? 10 : 20) : 5);
				}
				expect(new Set(names([...early, ...bus.flush()]))).toEqual(new Set(names(whole.flush())));
				expect(bus.stats.coalesce_stats).toEqual(whole.stats.coalesce_stats);
			}),
			{ numRuns: 200 },
		);
	});

	test('each lane and verb takes as few calls as its limit allows', () => {
		const counts = fc.array(fc.nat(45), { minLength: everywhere.length, maxLength: everywhere.length });
		fc.assert(
			fc.property(counts, fc.constantFrom<Verb>('place', 'amend', 'cancel'), (perSymbol, verb) => {
				const bus = makeBus();
				for (const [i, count] of perSymbol.entries()) {
					for (const command of commands(verb, count, [everywhere[i] as Instrument])) put(bus, command);
				}
				const calls = (instruments: readonly Instrument[], limit: number) =>
					Math.ceil(instruments.reduce((sum, { index }) => sum + (perSymbol[index] ?? 0), 0) / limit);
				const single = FIVE.reduce((sum, instrument) => sum + calls([instrument], 5), 0);
				expect(bus.flush().length).toBe(calls(LINEAR, 20) + calls(SPOT, 10) + calls(MIXED, 5) + single);
			}),
			{ numRuns: 60 },
		);
	});
});
