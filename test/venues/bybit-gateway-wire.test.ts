/**
 * Order entry over real sockets against a venue whose bytes are anything: broken HTTP, connections that end at the worst
 * moment, answers that are late or come twice. Whatever it is, each order has one outcome, none is sent twice, an answer
 * never counts for another call, and the next call works.
 */
import { describe, expect, test } from 'vitest';
import { eventually } from '../clients/wait.ts';
import { kindsOf, OrderEntry, place } from './order-entry.ts';
import { httpReply, ScriptedVenue, type SeenMessage, type SeenRequest, takenBatch, takenMessage } from './scripted-venue.ts';

const IDS = ['a', 'b'];
const orders = (ids: readonly string[]) => ids.map((id, index) => place(id, index === 0 ? 'BTCUSDT' : 'ETHUSDT'));
const taken = ({ orderIds }: SeenRequest) => httpReply(takenBatch(orderIds));
/** Where an answer is to come; and where none will. */
const PATIENT_MS = 5_000;
const SHORT_MS = 400;

interface RestCase {
	readonly name: string;
	/** To the first request; all others are answered well. */
	readonly answer: (request: SeenRequest) => void;
	readonly kind: 'accepted' | 'rejected' | 'unknown';
	/** Calls that `rest_error_rate` counts. */
	readonly errors: 0 | 1;
	/** Only the end of its time ends it. */
	readonly isSilent?: true;
}

const REST_CASES: readonly RestCase[] = [
	{ name: 'no HTTP at all', answer: ({ connection }) => connection.write('HELLO\r\n\r\n'), kind: 'unknown', errors: 1 },
	{
		name: 'zeros',
		answer: ({ connection }) => connection.write(Buffer.alloc(4_096)),
		kind: 'unknown',
		errors: 1,
	},
	{ name: 'half a head, then the end', answer: ({ connection }) => connection.end('HTTP/1.1 200 O'), kind: 'unknown', errors: 1 },
	{
		name: 'half a body, then the end',
		answer: (request) => request.connection.end(taken(request).slice(0, -20)),
		kind: 'unknown',
		errors: 1,
	},
	{ name: 'the end and nothing else', answer: ({ connection }) => connection.end(), kind: 'unknown', errors: 1 },
	{ name: 'a reset', answer: ({ connection }) => connection.resetAndDestroy(), kind: 'unknown', errors: 1 },
	{ name: 'silence', answer: () => {}, kind: 'unknown', errors: 1, isSilent: true },
	{
		name: 'half a body, then silence',
		answer: (request) => request.connection.write(taken(request).slice(0, -20)),
		kind: 'unknown',
		errors: 1,
		isSilent: true,
	},
	{
		name: 'a whole body in pieces',
		answer: (request) => {
			for (const character of taken(request)) request.connection.write(character);
		},
		kind: 'accepted',
		errors: 0,
	},
	{
		name: 'a body in chunks of HTTP',
		answer: (request) => {
			const body = takenBatch(request.orderIds);
			const chunks = [body.slice(0, 50), body.slice(50)].map((text) => `${text.length.toString(16)}\r\n${text}\r\n`).join('');
			request.connection.write(`HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n${chunks}0\r\n\r\n`);
		},
		kind: 'accepted',
		errors: 0,
	},
	{
		name: 'a body that claims to be compressed',
		answer: (request) =>
			request.connection.write(httpReply('\u001f\u008b\u0008 nothing of the kind', { headers: 'content-encoding: gzip\r\n' })),
		kind: 'unknown',
		errors: 1,
	},
	{
		// undici takes it for nonsense, since nobody asked to be told.
		name: '100 Continue before the answer',
		answer: (request) => request.connection.write(`HTTP/1.1 100 Continue\r\n\r\n${taken(request)}`),
		kind: 'unknown',
		errors: 1,
	},
	{
		name: '103 Early Hints before the answer',
		answer: (request) => request.connection.write(`HTTP/1.1 103 Early Hints\r\nx-bapi-limit: 1\r\n\r\n${taken(request)}`),
		kind: 'accepted',
		errors: 0,
	},
	{
		name: 'a redirect',
		answer: ({ connection }) => connection.write(httpReply('', { status: 307, headers: 'location: /v5/order/create-batch\r\n' })),
		kind: 'unknown',
		errors: 1,
	},
	{
		name: '429 by somebody in between',
		answer: ({ connection }) => connection.write(httpReply('<html>slow down</html>', { status: 429 })),
		kind: 'unknown',
		errors: 1,
	},
	{
		name: "429 in the venue's own words",
		answer: ({ connection }) => connection.write(httpReply('{"retCode":10006,"retMsg":"Too many visits!"}', { status: 429 })),
		kind: 'rejected',
		errors: 1,
	},
	{
		name: 'not enough funds',
		answer: ({ connection }) => connection.write(httpReply('{"retCode":110007,"retMsg":"ab not enough"}')),
		kind: 'rejected',
		errors: 0,
	},
	{
		name: 'a page of a gateway',
		answer: ({ connection }) => connection.write(httpReply('<html>Bad gateway</html>', { status: 502 })),
		kind: 'unknown',
		errors: 1,
	},
	{
		name: 'JSON that is no answer',
		answer: ({ connection }) => connection.write(httpReply('[1,{"retCode":0}]')),
		kind: 'unknown',
		errors: 1,
	},
	{
		name: 'an answer about other orders',
		answer: ({ connection }) => connection.write(httpReply(takenBatch(['x', 'y']))),
		kind: 'unknown',
		errors: 0,
	},
	{
		name: 'an answer larger than any can be',
		answer: ({ connection }) => connection.write(httpReply(`{"retCode":0,"fill":"${' '.repeat(2_000)}"}`)),
		kind: 'unknown',
		errors: 1,
	},
];

describe('over REST', () => {
	test.each(REST_CASES)('$name: $kind, and the next batch is taken', async ({ answer, kind, errors, isSilent }) => {
		await using venue = await ScriptedVenue.open({
			request: (request) => (request.index === 0 ? answer(request) : request.connection.write(taken(request))),
		});
		const limits = { replyBytesMax: 1_500 };
		await using entry = await OrderEntry.open(venue.address, {
			orderEntry: 'rest',
			orderTimeoutMs: isSilent === true ? SHORT_MS : PATIENT_MS,
			limits,
		});
		expect(kindsOf(await entry.gateway.batchPlaceOrders(orders(IDS)))).toEqual([kind, kind]);
		expect(kindsOf(await entry.gateway.batchPlaceOrders(orders(['c', 'd'])))).toEqual(['accepted', 'accepted']);
		expect(venue.requests.map(({ orderIds }) => orderIds)).toEqual([IDS, ['c', 'd']]);
		const counted = (await entry.figures()).filter((line) => line.startsWith('rest_error_rate'));
		expect(counted).toEqual(errors === 0 ? [] : ['rest_error_rate{exchange="bybit"} 1']);
	});

	test('an answer that comes too late is nobody’s, least of all the next call’s', async () => {
		await using venue = await ScriptedVenue.open({
			request: (request) => {
				const [late] = venue.requests;
				if (request.index === 1) late?.connection.write(taken(late));
				if (request.index > 0) request.connection.write(taken(request));
			},
		});
		await using entry = await OrderEntry.open(venue.address, { orderEntry: 'rest', orderTimeoutMs: SHORT_MS });
		expect(kindsOf(await entry.gateway.batchPlaceOrders(orders(IDS)))).toEqual(['unknown', 'unknown']);
		const told = await entry.gateway.batchPlaceOrders(orders(['c', 'd']));
		expect(told).toMatchObject(['c', 'd'].map((orderId) => ({ orderId, outcome: { venueOrderId: `v-${orderId}` } })));
	});

	test('an answer that comes twice is not the answer to the next call', async () => {
		await using venue = await ScriptedVenue.open({
			request: (request) => request.connection.write(request.index === 0 ? taken(request) + taken(request) : taken(request)),
		});
		await using entry = await OrderEntry.open(venue.address, { orderEntry: 'rest', orderTimeoutMs: PATIENT_MS });
		expect(kindsOf(await entry.gateway.batchPlaceOrders(orders(IDS)))).toEqual(['accepted', 'accepted']);
		for (const ids of [
			['c', 'd'],
			['e', 'f'],
		]) {
			const told = await entry.gateway.batchPlaceOrders(orders(ids));
			for (const { orderId, outcome } of told) {
				if (outcome.kind === 'accepted') expect(outcome.venueOrderId).toBe(`v-${orderId}`);
			}
		}
		const sent = venue.requests.flatMap(({ orderIds }) => orderIds);
		expect(new Set(sent).size).toBe(sent.length);
	});

	test.each([
		[
			'announced',
			(request: SeenRequest) =>
				request.connection.write(httpReply(takenBatch(request.orderIds), { headers: 'connection: close\r\n' })),
		],
		['unannounced', (request: SeenRequest) => request.connection.end(taken(request))],
	])('a connection that the venue closes between calls, %s, is replaced', async (_name, answer) => {
		await using venue = await ScriptedVenue.open({ request: (request) => void answer(request) });
		await using entry = await OrderEntry.open(venue.address, { orderEntry: 'rest', orderTimeoutMs: PATIENT_MS });
		for (const ids of [['a'], ['b'], ['c']]) {
			const commands = orders([...ids, `${ids[0]}2`]);
			expect(kindsOf(await entry.gateway.batchPlaceOrders(commands))).toEqual(['accepted', 'accepted']);
			await eventually('its end', () => (entry.transport.pools()[0]?.idle === 0 ? true : undefined));
		}
		expect(new Set(venue.requests.map(({ connection }) => connection)).size).toBe(3);
	});

	test('a connection that ends as the next call leaves: that call is in doubt, and was asked once (F02)', async () => {
		await using venue = await ScriptedVenue.open({
			request: ({ index, connection, ...request }) =>
				index === 1 ? connection.destroy() : connection.write(taken({ index, connection, ...request })),
		});
		await using entry = await OrderEntry.open(venue.address, { orderEntry: 'rest', orderTimeoutMs: PATIENT_MS });
		const kinds = [];
		for (const ids of [IDS, ['c', 'd'], ['e', 'f']]) kinds.push(kindsOf(await entry.gateway.batchPlaceOrders(orders(ids)))[0]);
		expect(kinds).toEqual(['accepted', 'unknown', 'accepted']);
		expect(venue.requests.map(({ orderIds }) => orderIds[0])).toEqual(['a', 'c', 'e']);
	});

	test('a venue that stalls holds up nobody: as many calls as there are connections wait, the others go on their own', async () => {
		await using venue = await ScriptedVenue.open({
			request: (request) => {
				if (request.orderIds[0]?.startsWith('stalled') !== true) request.connection.write(taken(request));
			},
		});
		const limits = { plans: { orders: { connections: 3, waitingMax: 1 } } };
		await using entry = await OrderEntry.open(venue.address, { orderEntry: 'rest', orderTimeoutMs: 500, limits });
		const send = (id: string) => entry.gateway.batchPlaceOrders(orders([id, `${id}2`]));
		const stalled = [send('stalled1'), send('stalled2')];
		expect(kindsOf(await send('quick'))).toEqual(['accepted', 'accepted']);
		stalled.push(send('stalled3'));
		const [waiting, tooMany] = [send('waiting'), await send('tooMany')];
		expect(tooMany.map(({ outcome }) => outcome)).toMatchObject([{ kind: 'rejected', reason: 'not sent: exhausted' }, {}]);
		expect((await Promise.all(stalled)).map(kindsOf)).toEqual(Array(3).fill(['unknown', 'unknown']));
		// It waited until the others were given up, and then had its turn or had waited as long as they. Its bytes may have left
		// just as its time was over: then it is in doubt, whether the venue has read them yet or not. Only what never left is
		// refused, and that no venue has heard of.
		const [kind] = kindsOf(await waiting);
		const wasHeard = venue.requests.some(({ orderIds }) => orderIds[0] === 'waiting');
		expect(wasHeard ? ['accepted', 'unknown'] : ['rejected', 'unknown']).toContain(kind);
		expect(venue.requests.filter(({ orderIds }) => orderIds[0] === 'tooMany')).toEqual([]);
	});

	test('where nobody listens nothing was sent, and it says so', async () => {
		const venue = await ScriptedVenue.open({});
		const { address } = venue;
		await venue[Symbol.asyncDispose]();
		await using entry = await OrderEntry.open(address, { orderEntry: 'rest', orderTimeoutMs: PATIENT_MS });
		const told = await entry.gateway.batchPlaceOrders(orders(IDS));
		expect(told.map(({ outcome }) => outcome)).toMatchObject(
			IDS.map(() => ({ kind: 'rejected', class: 'transient', reason: 'not sent: refused' })),
		);
	});
});

interface SocketCase {
	readonly name: string;
	readonly answer: (message: SeenMessage) => void;
	readonly kind: 'accepted' | 'rejected' | 'unknown';
	readonly isSilent?: true;
}

const SOCKET_CASES: readonly SocketCase[] = [
	{ name: 'no frame at all', answer: ({ connection }) => connection.write(Buffer.alloc(64, 0xff)), kind: 'unknown' },
	{
		name: 'half a frame, then the end',
		answer: ({ connection }) => connection.end(Buffer.of(0x81, 0x7e, 0x01)),
		kind: 'unknown',
	},
	{ name: 'the end', answer: ({ connection }) => connection.destroy(), kind: 'unknown' },
	{ name: 'silence', answer: () => {}, kind: 'unknown', isSilent: true },
	{
		name: 'no JSON, and then the answer',
		answer: (message) => sendAll(message, ['<html>', '', '{"retCode":', takenMessage(message)]),
		kind: 'accepted',
	},
	{
		name: 'no object, and then the answer',
		answer: (message) => sendAll(message, ['null', '[]', '7', '"x"', takenMessage(message)]),
		kind: 'accepted',
	},
	{
		name: 'the answer twice',
		answer: (message) => sendAll(message, [takenMessage(message), takenMessage(message)]),
		kind: 'accepted',
	},
	{
		name: 'an answer to a request never made, and then the answer',
		answer: (message) => sendAll(message, [takenMessage({ ...message, requestId: '4711' }), takenMessage(message)]),
		kind: 'accepted',
	},
	{
		name: 'an answer about other orders',
		answer: (message) => message.send(takenMessage({ ...message, orderIds: ['x', 'y'] })),
		kind: 'unknown',
	},
	{
		name: 'an answer without a code',
		answer: (message) => message.send(takenMessage(message).replace('"retCode":0,', '')),
		kind: 'unknown',
	},
	{
		name: 'too many visits',
		answer: (message) => message.send(takenMessage(message).replace('"retCode":0', '"retCode":10006')),
		kind: 'rejected',
	},
	{
		name: 'the service restarts',
		answer: (message) => message.send(takenMessage(message).replace('"retCode":0', '"retCode":10019')),
		kind: 'unknown',
	},
];

function sendAll({ send }: SeenMessage, texts: readonly string[]): void {
	for (const text of texts) send(text);
}

describe('by socket', () => {
	test.each(SOCKET_CASES)('$name: $kind, and later batches are taken', async ({ answer, kind, isSilent }) => {
		await using venue = await ScriptedVenue.open({
			request: (request) => request.connection.write(taken(request)),
			message: (message) => (message.index === 0 ? answer(message) : message.send(takenMessage(message))),
		});
		await using entry = await OrderEntry.open(venue.address, {
			orderEntry: 'ws',
			orderTimeoutMs: isSilent === true ? SHORT_MS : PATIENT_MS,
		});
		expect(kindsOf(await entry.gateway.batchPlaceOrders(orders(IDS)))).toEqual([kind, kind]);
		expect(kindsOf(await entry.gateway.batchPlaceOrders(orders(['c', 'd'])))).toEqual(['accepted', 'accepted']);
		await entry.socketUp();
		expect(kindsOf(await entry.gateway.batchPlaceOrders(orders(['e', 'f'])))).toEqual(['accepted', 'accepted']);
		expect(venue.messages.at(-1)?.orderIds).toEqual(['e', 'f']);
		const sent = [...venue.messages, ...venue.requests].flatMap(({ orderIds }) => orderIds);
		expect(sent.toSorted()).toEqual(['a', 'b', 'c', 'd', 'e', 'f']);
	});

	test('answers in another order than the requests find their own', async () => {
		await using venue = await ScriptedVenue.open({
			message: ({ index }) => {
				if (index === 2) for (const message of [...venue.messages].reverse()) message.send(takenMessage(message));
			},
		});
		await using entry = await OrderEntry.open(venue.address, { orderEntry: 'ws', orderTimeoutMs: PATIENT_MS });
		const batches = [IDS, ['c', 'd'], ['e', 'f']];
		const told = await Promise.all(batches.map((ids) => entry.gateway.batchPlaceOrders(orders(ids))));
		const ids = told.map((items) => items.map(({ outcome }) => outcome.kind === 'accepted' && outcome.venueOrderId));
		expect(ids).toEqual(batches.map((batch) => batch.map((id) => `v-${id}`)));
	});
});
