import { describe, expect, test } from 'vitest';
import { BTCUSDT, ETHUSDT, SOLUSDT_SPOT } from '../../../test/fixtures/instruments.ts';
import type { Verb } from '../../domain/command.ts';
import { amend, COMMAND_OF, cancel, place, START_MS } from '../wire/order-commands.suite.ts';
import { orderEntrySuite } from '../wire/order-entry.suite.ts';
import { Bench, lost, okBatch, refused, taken } from './order-entry.suite.ts';
import type { RestAnswer } from './rest.ts';

orderEntrySuite('Bybit', {
	open: () => new Bench(),
	pair: [BTCUSDT, ETHUSDT],
	ids: ['a', 'b'],
	answers: {
		taken,
		lost,
		banned: refused(403, '', { isBan: true }),
		tooMany: refused(10006),
		noFunds: refused(110007),
		noSuchOrder: refused(110001),
		offTheGrid: refused(110003),
		clockOff: refused(10002),
		batchesClosed: [
			['not permitted', refused(10005)],
			['no such route', refused(10017)],
			['no such page', refused(404)],
			['not in the demo', refused(10032)],
			['not for this account', refused(10028)],
			['category', refused(10001, 'params error: category invalid')],
		],
		socketClosed: [
			['not logged in', refused(10003)],
			['signature refused', refused(10004)],
			['not permitted', refused(10005)],
			['no such operation', refused(10404)],
		],
	},
});

const PAIR = [place('a', BTCUSDT), place('b', ETHUSDT)];
const TAKEN = okBatch([{ orderLinkId: 'a' }, { orderLinkId: 'b' }]);
const AT = { wallMs: START_MS, monoMs: 0 };

function accepted(orderId: string, verb: Verb = 'place') {
	return { orderId, verb, outcome: { kind: 'accepted', venueOrderId: `v-${orderId}` } };
}

describe('a batch', () => {
	test.each(['place', 'amend', 'cancel'] as const)('%s: by socket where it is up, else over REST', (verb) => {
		const bench = new Bench();
		const make = COMMAND_OF[verb];
		bench.isSocketUp = true;
		bench.send([make('a', BTCUSDT), make('b', ETHUSDT)]);
		bench.isSocketUp = false;
		bench.send([make('c', BTCUSDT), make('d', ETHUSDT)]);
		expect(bench.calls).toEqual([`ws ${verb}-batch`, `rest ${verb}-batch`]);
		expect(JSON.parse(bench.asked[0]?.body ?? '')).toMatchObject({
			category: 'linear',
			request: [{ orderLinkId: 'a' }, { orderLinkId: 'b' }],
		});
	});

	test('over REST only, where the settings say so', () => {
		const bench = new Bench({ orderEntry: 'rest' });
		bench.isSocketUp = true;
		bench.send(PAIR);
		expect(bench.calls).toEqual(['rest place-batch']);
	});

	test.each([
		['a lone command has an endpoint of its own', [place('a', BTCUSDT)], {}, 'rest place'],
		['or travels as a batch of one', [place('a', BTCUSDT)], { lone: 'batch' as const }, 'rest place-batch'],
		['a lone amend on spot always does', [amend('a', SOLUSDT_SPOT)], {}, 'rest amend-batch'],
		['a lone cancel on spot does not', [cancel('a', SOLUSDT_SPOT)], {}, 'rest cancel'],
	])('%s', (_name, commands, options, expected) => {
		const bench = new Bench(options);
		bench.send(commands);
		expect(bench.calls).toEqual([expected]);
	});
});

describe('batches that the venue does not take (C6)', () => {
	test('a parameter error about something else does not close the way', () => {
		const bench = new Bench();
		bench.send(PAIR);
		bench.answer(0, refused(10001, 'qty invalid'));
		expect(bench.calls).toHaveLength(1);
	});

	test('only of that verb and category', () => {
		const bench = new Bench();
		bench.send(PAIR);
		bench.answer(0, refused(10005));
		bench.send([cancel('c', BTCUSDT), cancel('d', BTCUSDT)]);
		bench.send([place('e', SOLUSDT_SPOT), place('f', SOLUSDT_SPOT)]);
		expect(bench.calls.slice(3)).toEqual(['rest cancel-batch', 'rest place-batch']);
	});
});

describe('a socket that does not take orders', () => {
	test('first the socket, then batches: each way closes once and the last word is told', () => {
		const bench = new Bench();
		bench.isSocketUp = true;
		bench.send(PAIR);
		bench.answer(0, refused(10404));
		bench.answer(1, refused(10005));
		bench.answer(2, refused(10005));
		bench.answer(3, refused(10005));
		expect(bench.calls).toEqual(['ws place-batch', 'rest place-batch', 'rest place', 'rest place']);
		expect(bench.eventsOf('answer')).toHaveLength(1);
	});
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

test('mistakes of ours are said aloud', () => {
	const bench = new Bench();
	const nothing = { batchId: 1, venue: 'bybit', category: 'linear', verb: 'place', commands: [], symbolOnly: undefined } as const;
	expect(() => bench.gateway.send(nothing)).toThrow('at least one command');
	expect(() => new Bench({ fallbackMs: 0 })).toThrow('go round in circles');
});

describe('how long calls take', () => {
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
});
