import { describe, expect, test } from 'vitest';
import { BTCUSDT, ETHUSDT, SOLUSDT_SPOT } from '../../../test/fixtures/instruments.ts';
import type { Verb } from '../../domain/command.ts';
import { amend, Bench, COMMAND_OF, cancel, lost, ok, okBatch, place, refused, START_MS } from './order-entry.suite.ts';
import type { RestAnswer } from './rest.ts';

const PAIR = [place('a', BTCUSDT), place('b', ETHUSDT)];
const TAKEN = okBatch([{ orderLinkId: 'a' }, { orderLinkId: 'b' }]);
const AT = { wallMs: START_MS, monoMs: 0 };

function accepted(orderId: string, verb: Verb = 'place') {
	return { orderId, verb, outcome: { kind: 'accepted', venueOrderId: `v-${orderId}` } };
}

describe('a batch', () => {
	test('is one call and one answer event', () => {
		const bench = new Bench();
		bench.send(PAIR, 7);
		expect(bench.calls).toEqual(['rest create-batch']);
		expect(bench.events).toEqual([]);
		bench.answer(0, TAKEN);
		expect(bench.events).toEqual([{ kind: 'answer', batchId: 7, items: [accepted('a'), accepted('b')], ...AT }]);
	});

	test.each([
		['place', 'create'],
		['amend', 'amend'],
		['cancel', 'cancel'],
	] as const)('%s: by socket where it is up, else over REST', (verb, name) => {
		const bench = new Bench();
		const make = COMMAND_OF[verb];
		bench.isSocketUp = true;
		bench.send([make('a', BTCUSDT), make('b', ETHUSDT)]);
		bench.isSocketUp = false;
		bench.send([make('c', BTCUSDT), make('d', ETHUSDT)]);
		expect(bench.calls).toEqual([`ws ${name}-batch`, `rest ${name}-batch`]);
		expect(JSON.parse(bench.asked[0]?.body ?? '')).toMatchObject({
			category: 'linear',
			request: [{ orderLinkId: 'a' }, { orderLinkId: 'b' }],
		});
	});

	test('over REST only, where the settings say so', () => {
		const bench = new Bench({ orderEntry: 'rest' });
		bench.isSocketUp = true;
		bench.send(PAIR);
		expect(bench.calls).toEqual(['rest create-batch']);
	});

	test.each([
		['a lone command has an endpoint of its own', [place('a', BTCUSDT)], {}, 'rest create'],
		['or travels as a batch of one', [place('a', BTCUSDT)], { lone: 'batch' as const }, 'rest create-batch'],
		['a lone amend on spot always does', [amend('a', SOLUSDT_SPOT)], {}, 'rest amend-batch'],
		['a lone cancel on spot does not', [cancel('a', SOLUSDT_SPOT)], {}, 'rest cancel'],
	])('%s', (_name, commands, options, expected) => {
		const bench = new Bench(options);
		bench.send(commands);
		expect(bench.calls).toEqual([expected]);
	});

	test('without an answer: unknown, until when it may land, and never again', () => {
		const bench = new Bench();
		bench.send(PAIR);
		bench.answer(0, lost(true));
		const [answer] = bench.eventsOf('answer');
		expect(answer?.items.map(({ outcome }) => outcome)).toMatchObject([
			{ kind: 'unknown', mayLandUntilMs: START_MS + 5_000 },
			{ kind: 'unknown', mayLandUntilMs: START_MS + 5_000 },
		]);
		expect(bench.calls).toHaveLength(1);
	});

	test.each([
		['server error', refused(10016)],
		['too many', refused(10006)],
		['wrong signature', refused(10004)],
		['funds', refused(110007)],
		['not sent', lost(false)],
	])('%s over REST: told once, and not sent again', (_name, answer) => {
		const bench = new Bench();
		bench.send(PAIR);
		bench.answer(0, answer);
		expect(bench.calls).toHaveLength(1);
		expect(bench.eventsOf('answer')).toHaveLength(1);
	});
});

describe('batches that the venue does not take (C6)', () => {
	const CLOSED: readonly (readonly [string, RestAnswer])[] = [
		['not permitted', refused(10005)],
		['no such route', refused(10017)],
		['no such page', refused(404)],
		['not in the demo', refused(10032)],
		['not for this account', refused(10028)],
		['category', refused(10001, 'params error: category invalid')],
	];

	test.each(CLOSED)('%s: the same commands go one by one at once, and are told of together', (_name, refusal) => {
		const bench = new Bench();
		bench.send(PAIR);
		bench.answer(0, refusal);
		expect(bench.calls.slice(1)).toEqual(['rest create', 'rest create']);
		bench.answer(2, ok({ orderId: 'v-b', orderLinkId: 'b' }));
		expect(bench.eventsOf('answer')).toEqual([]);
		bench.answer(1, ok({ orderId: 'v-a', orderLinkId: 'a' }));
		expect(bench.eventsOf('answer')).toMatchObject([{ items: [accepted('a'), accepted('b')] }]);
	});

	test('a parameter error about something else does not close the way', () => {
		const bench = new Bench();
		bench.send(PAIR);
		bench.answer(0, refused(10001, 'qty invalid'));
		expect(bench.calls).toHaveLength(1);
	});

	test('one by one for a minute, then a batch is tried again', () => {
		const bench = new Bench();
		bench.send(PAIR);
		bench.answer(0, refused(10005));
		bench.clock.run(59_999);
		bench.send(PAIR);
		bench.clock.run(1);
		bench.send(PAIR);
		expect(bench.calls.slice(3)).toEqual(['rest create', 'rest create', 'rest create-batch']);
	});

	test('only of that verb and category', () => {
		const bench = new Bench();
		bench.send(PAIR);
		bench.answer(0, refused(10005));
		bench.send([cancel('c', BTCUSDT), cancel('d', BTCUSDT)]);
		bench.send([place('e', SOLUSDT_SPOT), place('f', SOLUSDT_SPOT)]);
		expect(bench.calls.slice(3)).toEqual(['rest cancel-batch', 'rest create-batch']);
	});

	test('each call for one has its own outcome; the refusal of one is told as it is', () => {
		const bench = new Bench();
		bench.send(PAIR);
		bench.answer(0, refused(10005));
		bench.answer(1, refused(10005));
		bench.answer(2, lost(true));
		const [answer] = bench.eventsOf('answer');
		expect(answer?.items.map(({ outcome }) => outcome)).toMatchObject([{ kind: 'rejected', class: 'auth' }, { kind: 'unknown' }]);
		expect(bench.calls).toHaveLength(3);
	});
});

describe('a socket that does not take orders', () => {
	test.each([10003, 10004, 10005, 10404])(
		'%i: the same commands go over REST at once, and so does all else for a minute',
		(code) => {
			const bench = new Bench();
			bench.isSocketUp = true;
			bench.send(PAIR);
			bench.answer(0, refused(code));
			bench.send([cancel('c', BTCUSDT)]);
			bench.answer(1, TAKEN);
			bench.clock.run(60_000);
			bench.send([cancel('d', BTCUSDT)]);
			expect(bench.calls).toEqual(['ws create-batch', 'rest create-batch', 'rest cancel', 'ws cancel']);
			expect(bench.eventsOf('answer')).toMatchObject([{ items: [accepted('a'), accepted('b')] }]);
		},
	);

	test('first the socket, then batches: each way closes once and the last word is told', () => {
		const bench = new Bench();
		bench.isSocketUp = true;
		bench.send(PAIR);
		bench.answer(0, refused(10404));
		bench.answer(1, refused(10005));
		bench.answer(2, refused(10005));
		bench.answer(3, refused(10005));
		expect(bench.calls).toEqual(['ws create-batch', 'rest create-batch', 'rest create', 'rest create']);
		expect(bench.eventsOf('answer')).toHaveLength(1);
	});

	test('it is full: over REST, and what comes back there says nothing of the socket', () => {
		const bench = new Bench();
		bench.isSocketUp = true;
		bench.isSocketFull = true;
		bench.send(PAIR);
		bench.isSocketFull = false;
		bench.answer(0, refused(10004));
		bench.send(PAIR);
		expect(bench.calls).toEqual(['rest create-batch', 'ws create-batch']);
		expect(bench.timings).toEqual(['place rest-batch 0']);
	});

	test('it dies with a batch under way: unknown, and not sent over REST (F13)', () => {
		const bench = new Bench();
		bench.isSocketUp = true;
		bench.send(PAIR);
		bench.isSocketUp = false;
		bench.answer(0, lost(true));
		expect(bench.calls).toHaveLength(1);
		expect(bench.eventsOf('answer')[0]?.items[0]?.outcome.kind).toBe('unknown');
	});
});

describe('a refusal for the clock on the socket', () => {
	function refusedForClock(): Bench {
		const bench = new Bench();
		bench.isSocketUp = true;
		bench.send(PAIR);
		bench.answer(0, refused(10002));
		return bench;
	}

	test('measures it and sends the same once more', () => {
		const bench = refusedForClock();
		expect(bench.calls).toHaveLength(1);
		bench.measuring.shift()?.(true);
		expect(bench.calls).toEqual(['ws create-batch', 'ws create-batch']);
		expect(bench.asked[1]?.body).toBe(bench.asked[0]?.body);
		bench.answer(1, refused(10002));
		expect(bench.calls).toHaveLength(2);
		expect(bench.eventsOf('answer')).toMatchObject([{ items: [{ outcome: { kind: 'rejected', class: 'clock' } }, {}] }]);
	});

	test('but not where measuring failed', () => {
		const bench = refusedForClock();
		bench.measuring.shift()?.(false);
		expect(bench.calls).toHaveLength(1);
		expect(bench.eventsOf('answer')).toMatchObject([{ items: [{ outcome: { kind: 'rejected', class: 'clock' } }, {}] }]);
	});

	test('nor when it has grown stale meanwhile (T4)', () => {
		const bench = refusedForClock();
		bench.clock.run(1_000);
		bench.measuring.shift()?.(true);
		expect(bench.calls).toHaveLength(1);
		expect(bench.eventsOf('answer')).toHaveLength(1);
	});
});

describe('after a kill (I10)', () => {
	test.each([
		['a batch that the venue does not take', false, 10005],
		['a socket that takes no orders', true, 10005],
	])('%s is told as it is, and no create takes another way', (_name, isSocketUp, code) => {
		const bench = new Bench();
		bench.isSocketUp = isSocketUp;
		bench.send(PAIR);
		bench.isKilled = true;
		bench.answer(0, refused(code));
		expect(bench.calls).toHaveLength(1);
		expect(bench.eventsOf('answer')).toMatchObject([{ items: [{ outcome: { kind: 'rejected', class: 'auth' } }, {}] }]);
	});

	test('what was refused for the clock does not go once more', () => {
		const bench = new Bench();
		bench.isSocketUp = true;
		bench.send(PAIR);
		bench.answer(0, refused(10002));
		bench.isKilled = true;
		bench.measuring.shift()?.(true);
		expect(bench.calls).toHaveLength(1);
		expect(bench.eventsOf('answer')).toHaveLength(1);
	});

	test('cancels still take every way (I11)', () => {
		const bench = new Bench();
		bench.isSocketUp = true;
		bench.isKilled = true;
		bench.send([cancel('a', BTCUSDT), cancel('b', ETHUSDT)]);
		bench.answer(0, refused(10005));
		bench.answer(1, refused(10005));
		expect(bench.calls).toEqual(['ws cancel-batch', 'rest cancel-batch', 'rest cancel', 'rest cancel']);
	});
});

test('a create that a closed way refused does not take the next one, when we did not run in between (F58)', () => {
	const bench = new Bench();
	bench.send(PAIR);
	bench.clock.run(1_000);
	bench.answer(0, refused(10005));
	expect(bench.calls).toHaveLength(1);
	// And is no word about the key: that would stop everything for good (F55).
	const [answer] = bench.events.filter((event) => event.kind === 'answer');
	expect(answer?.items.map(({ outcome }) => outcome)).toMatchObject(PAIR.map(() => ({ class: 'transient' })));
});

describe('what the venue says of its limits', () => {
	const limits = { limit: 10, remaining: 8, resetAtMs: START_MS + 400 };

	test('is told before the answer', () => {
		const bench = new Bench();
		bench.send(PAIR);
		bench.answer(0, { ...TAKEN, limits } as RestAnswer);
		expect(bench.events.map(({ kind }) => kind)).toEqual(['rate', 'answer']);
		expect(bench.events[0]).toEqual({
			kind: 'rate',
			venue: 'bybit',
			category: 'linear',
			verb: 'place',
			limit: 10,
			remaining: 8,
			resetInMs: 400,
			isRefusal: false,
			...AT,
		});
	});

	test('a batch that was cut off is a refusal, although the call was not (F09, F52)', () => {
		const bench = new Bench();
		bench.send(PAIR);
		const cut = okBatch([{ orderLinkId: 'a' }, { orderLinkId: 'b', code: 10006 }]);
		bench.answer(0, { ...cut, limits: { ...limits, remaining: 0 } } as RestAnswer);
		expect(bench.eventsOf('rate')).toMatchObject([{ remaining: 0, resetInMs: 400, isRefusal: true }]);
	});

	test('a refusal without figures asks for a pause', () => {
		const bench = new Bench();
		bench.send(PAIR);
		bench.answer(0, refused(10429));
		expect(bench.eventsOf('rate')).toMatchObject([{ limit: 0, remaining: 0, resetInMs: 1_000, isRefusal: true }]);
	});

	test('an ordinary answer without figures tells nothing', () => {
		const bench = new Bench();
		bench.send(PAIR);
		bench.answer(0, TAKEN);
		expect(bench.eventsOf('rate')).toEqual([]);
	});
});

describe('a ban (F53)', () => {
	test('is told once, for everything, and until when', () => {
		const bench = new Bench();
		bench.send(PAIR);
		bench.banLeftMs = 600_000;
		bench.answer(0, refused(403, '', { isBan: true }));
		bench.send([cancel('c', BTCUSDT)]);
		bench.answer(1, refused(403, '', { isBan: true }));
		const rates = bench.eventsOf('rate');
		expect(new Set(rates.map(({ category, verb }) => `${category} ${verb}`)).size).toBe(9);
		expect(rates).toHaveLength(9);
		for (const rate of rates) expect(rate).toMatchObject({ resetInMs: 600_000, isRefusal: true });
		expect(bench.eventsOf('answer')).toMatchObject([
			{ items: [{ outcome: { kind: 'rejected', class: 'rate-limited' } }, {}] },
			{ items: [{ outcome: { kind: 'rejected', class: 'rate-limited' } }] },
		]);
	});

	test('holds for the socket too: what is asked for is turned away by the REST client, without a byte', () => {
		const bench = new Bench();
		bench.isSocketUp = true;
		bench.banLeftMs = 1;
		bench.send(PAIR);
		expect(bench.calls).toEqual(['rest create-batch']);
	});
});

test('mistakes of ours are said aloud', () => {
	const bench = new Bench();
	const nothing = { batchId: 1, venue: 'bybit', category: 'linear', verb: 'place', commands: [], symbolOnly: undefined } as const;
	expect(() => bench.gateway.send(nothing)).toThrow('at least one command');
	expect(() => new Bench({ fallbackMs: 0 })).toThrow('go round in circles');
});

describe('how long calls take', () => {
	test('is measured by verb and way, from sending to the answer', () => {
		const bench = new Bench();
		bench.send(PAIR);
		bench.send([cancel('c', BTCUSDT)]);
		bench.isSocketUp = true;
		bench.send([amend('d', BTCUSDT), amend('e', ETHUSDT)]);
		bench.send([amend('f', BTCUSDT)]);
		bench.clock.run(40);
		bench.answer(0, TAKEN);
		bench.answer(1, refused(110001));
		bench.clock.run(2);
		bench.answer(2, refused(10006));
		bench.answer(3, ok({ orderId: 'v-f', orderLinkId: 'f' }));
		expect(bench.timings).toEqual(['place rest-batch 40', 'cancel rest 40', 'amend ws-batch 42', 'amend ws 42']);
	});

	test('of a call that took two ways, each is measured by itself', () => {
		const bench = new Bench();
		bench.isSocketUp = true;
		bench.send(PAIR);
		bench.clock.run(5);
		bench.answer(0, refused(10404));
		bench.clock.run(7);
		bench.answer(1, TAKEN);
		expect(bench.timings).toEqual(['place ws-batch 5', 'place rest-batch 7']);
	});

	test.each([
		['lost', lost(true)],
		['turned away for a ban, without a byte', refused(403, '', { isBan: true })],
	])('what is %s has no time', (_name, answer) => {
		const bench = new Bench();
		bench.send(PAIR);
		bench.answer(0, answer);
		expect(bench.timings).toEqual([]);
	});
});

test('a refusal for a filter says that the instruments are old (F59)', () => {
	const bench = new Bench();
	bench.send(PAIR);
	bench.answer(0, TAKEN);
	expect(bench.filterRefusals).toBe(0);
	bench.send(PAIR);
	bench.answer(1, okBatch([{ orderLinkId: 'a', code: 110003 }, { orderLinkId: 'b' }]));
	expect(bench.filterRefusals).toBe(1);
});

test('what is to be looked up is handed on', () => {
	const bench = new Bench();
	const { orderId, instrument } = place('a', BTCUSDT);
	bench.gateway.lookUp([{ orderId, instrument, venueOrderId: undefined }]);
	expect(bench.lookedUp).toEqual([{ orderId: 'a', instrument: BTCUSDT, venueOrderId: undefined }]);
	expect(bench.calls).toEqual([]);
});

describe("for loops of one's own", () => {
	test('as few calls as the venue allows, and the outcomes in the order of the commands', async () => {
		const bench = new Bench();
		const commands = Array.from({ length: 45 }, (_, i) => place(`o${i}`, i % 3 === 0 ? SOLUSDT_SPOT : BTCUSDT));
		const told = bench.gateway.batchPlaceOrders(commands);
		const sizes = bench.asked.map(({ body }) => (JSON.parse(body) as { request: readonly unknown[] }).request.length);
		expect(sizes.toSorted((a, b) => a - b)).toEqual([5, 10, 10, 20]);
		for (const { body, answer } of bench.asked) {
			const { request } = JSON.parse(body) as { readonly request: readonly { readonly orderLinkId: string }[] };
			answer(okBatch(request));
		}
		expect(await told).toEqual(commands.map(({ orderId }) => accepted(orderId)));
		expect(bench.events).toEqual([]);
	});

	test('amends and cancels go the same way', async () => {
		const bench = new Bench();
		const amended = bench.gateway.batchAmendOrders([amend('a', BTCUSDT), amend('b', BTCUSDT)]);
		const cancelled = bench.gateway.batchCancelOrders([cancel('a', BTCUSDT)]);
		expect(bench.calls).toEqual(['rest amend-batch', 'rest cancel']);
		bench.answer(0, TAKEN);
		bench.answer(1, refused(110001));
		expect(await amended).toEqual([accepted('a', 'amend'), accepted('b', 'amend')]);
		expect(await cancelled).toMatchObject([{ orderId: 'a', outcome: { kind: 'rejected', gone: true } }]);
	});

	test('nothing is asked for nothing', async () => {
		const bench = new Bench();
		expect(await bench.gateway.batchCancelOrders([])).toEqual([]);
		expect(bench.calls).toEqual([]);
	});
});
