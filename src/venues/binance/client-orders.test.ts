/** What becomes of an order that nobody answers for, in virtual time: it is looked for, and never sent again. */
import { describe, expect, test } from 'vitest';
import type { HttpCall, HttpHeard } from '../../network/transport.ts';
import { BRIEF_PATIENCE } from '../wire/patience.ts';
import { json, lost, settle } from '../wire/rest-scene.suite.ts';
import { ClientOrders } from './client-orders.ts';
import type { OrderResult, OrderWish } from './client-types.ts';
import type { Market } from './codec/frames.ts';
import { BinanceReads } from './reads.ts';
import { makeScene, refusal, START_MS } from './rest-scene.suite.ts';

const WISH: OrderWish = { symbol: 'BTCUSDT', side: 'buy', qty: '0.010', price: '60000.0', timeInForce: 'postOnly' };
const RECV_WINDOW_MS = 5_000;
const BIG_ID = '8389766100200300401';

function row(clientOrderId: string, more: object = {}): object {
	return {
		...{ symbol: 'BTCUSDT', orderId: 77, clientOrderId, side: 'BUY', status: 'NEW', price: '60000.0', origQty: '0.010' },
		...{ executedQty: '0', time: START_MS + 1_000, updateTime: START_MS + 1_000 },
		...more,
	};
}

interface Given {
	readonly market?: Market;
	/** To everything but looks at single orders. */
	readonly order: (call: HttpCall, nowMs: number) => HttpHeard | undefined;
	readonly look?: (call: HttpCall, nowMs: number) => HttpHeard | undefined;
	readonly run: (orders: ClientOrders) => Promise<OrderResult | readonly OrderResult[]>;
}

async function played({ market = 'linear', order, look = () => NO_SUCH, run }: Given) {
	const scene = makeScene((call, nowMs) => (call.method === 'GET' ? look(call, nowMs) : order(call, nowMs)), { market });
	const { clock, rest, venueClock } = scene;
	let made = 0;
	const reads = new BinanceReads(rest, { ...BRIEF_PATIENCE, retriesMax: 0 }, 1_000);
	const newId = (): string => {
		made += 1;
		return `mm-${made}`;
	};
	venueClock.start((heard) => rest.askVenueTime(heard));
	await settle(clock, new Promise((resolve) => venueClock.remeasure(resolve)));
	const result = await settle(clock, run(new ClientOrders({ rest, reads, clock, venueClock, newId })));
	venueClock.stop();
	const calls = scene.calls.filter(({ target }) => !target.endsWith('/time'));
	return { result, tookMs: clock.wallMs() - START_MS, sent: calls.filter(({ method }) => method !== 'GET'), calls };
}

const NO_SUCH = refusal(-2013, 'Order does not exist.');
const place = (orders: ClientOrders): Promise<OrderResult> => orders.place(WISH);

describe('an order that is not answered for', () => {
	test('is found at the first look, where it has landed', async () => {
		const { result, sent, calls } = await played({ order: () => lost('reset'), look: () => json(row('mm-1')), run: place });
		expect(result).toMatchObject({ kind: 'done', order: { orderId: '77', clientOrderId: 'mm-1', status: 'open' } });
		expect(sent).toHaveLength(1);
		expect(calls.at(-1)?.target).toContain('origClientOrderId=mm-1');
	});

	test('is found later, where it lands later', async () => {
		let looks = 0;
		const look = () => {
			looks += 1;
			return looks < 4 ? NO_SUCH : json(row('mm-1'));
		};
		const { result, sent } = await played({ order: () => lost('reset'), look, run: place });
		expect(result).toMatchObject({ kind: 'done' });
		expect(looks).toBe(4);
		expect(sent).toHaveLength(1);
	});

	test('is refused only when it can no longer land', async () => {
		const { result, sent, tookMs } = await played({ order: () => lost('reset'), run: place });
		expect(result).toEqual({ kind: 'refused', id: 'mm-1', class: 'transient', reason: 'it never arrived (no answer: reset)' });
		expect(tookMs).toBeGreaterThan(RECV_WINDOW_MS + 1_000);
		expect(sent).toHaveLength(1);
	});

	test('stays unknown where asking does not help either', async () => {
		const { result, sent } = await played({ order: () => lost('timeout'), look: () => lost('timeout'), run: place });
		expect(result).toEqual({ kind: 'unknown', id: 'mm-1', reason: 'no answer: timeout' });
		expect(sent).toHaveLength(1);
	});

	test('is not the older one that bears its id', async () => {
		const old = row('mine', { time: START_MS - 60_000, status: 'CANCELED' });
		const run = (orders: ClientOrders) => orders.place({ ...WISH, clientOrderId: 'mine' });
		const { result } = await played({ order: () => lost('reset'), look: () => json(old), run });
		expect(result).toMatchObject({ kind: 'refused', id: 'mine' });
	});
});

test.each<[string, HttpHeard, object]>([
	['an answer', json(row('mm-1', { orderId: 0 })), { kind: 'done' }],
	['a refusal', refusal(-2019, 'Margin is insufficient.'), { kind: 'refused', class: 'fatal' }],
	['one for the rate', refusal(-1015, 'Too many new orders.', { status: 429 }), { kind: 'refused', class: 'rate-limited' }],
	['one of a ban', refusal(-1003, 'banned', { status: 418 }), { kind: 'refused', class: 'rate-limited' }],
	['one of maintenance', refusal(-1016, 'This service is no longer available.'), { kind: 'refused', class: 'transient' }],
	[
		'nothing that could have been sent',
		lost('refused', false),
		{ kind: 'refused', class: 'transient', reason: 'not sent: refused' },
	],
])('%s is believed at once', async (_name, reply, expected) => {
	const { result, calls } = await played({ order: () => reply, run: place });
	expect(result).toMatchObject(expected);
	expect(calls).toHaveLength(1);
});

test('ids of nineteen digits come back whole', async () => {
	const text = JSON.stringify(row('mm-1')).replace('"orderId":77', `"orderId":${BIG_ID}`);
	const bytes = new TextEncoder().encode(text);
	const reply: HttpHeard = { kind: 'reply', status: 200, header: () => undefined, body: bytes };
	const { result } = await played({ order: () => reply, run: place });
	expect(result).toMatchObject({ kind: 'done', order: { orderId: BIG_ID } });
});

test.each<[string, HttpHeard, RegExp]>([
	['the venue does not know', refusal(-1007, 'Timeout', { status: 503 }), /timeout|server failed|perhaps/],
	['the answer is somebody else’s', json(row('other')), /another order/],
	['the answer is no JSON', { kind: 'reply', status: 200, header: () => undefined, body: new Uint8Array([1]) }, /cannot be read/],
])('where %s, it is looked for', async (_name, reply, reason) => {
	const { result, sent } = await played({ order: () => reply, run: place });
	expect(result).toMatchObject({ kind: 'refused', reason: expect.stringMatching(reason) as string });
	expect(sent).toHaveLength(1);
});

describe('a batch', () => {
	const wishes = Array.from({ length: 6 }, () => WISH);
	const run = (orders: ClientOrders) => orders.placeAll(wishes);
	const REFUSED = { code: -5022, msg: 'Post only' };
	const idsIn = ({ body }: HttpCall): readonly string[] =>
		[...decodeURIComponent(body ?? '').matchAll(/"newClientOrderId":"(mm-\d)"/g)].map(([, id]) => id ?? '');

	test('goes in fives, each order with its own outcome', async () => {
		const order = (call: HttpCall) => {
			const ids = idsIn(call);
			return call.target === '/fapi/v1/batchOrders'
				? json(ids.map((id) => (id === 'mm-3' ? REFUSED : row(id))))
				: json(row('mm-6'));
		};
		const { result, sent } = await played({ order, run });
		expect(kindsOf(result)).toEqual(['done', 'done', 'refused', 'done', 'done', 'done']);
		expect(sent.map(({ target }) => target)).toEqual(['/fapi/v1/batchOrders', '/fapi/v1/order']);
	});

	test('whose items are out of place refuses nobody: those are looked for', async () => {
		const order = (call: HttpCall) => {
			const [one, two, ...others] = idsIn(call);
			if (call.target !== '/fapi/v1/batchOrders') return json(row('mm-6'));
			return json([REFUSED, row(one ?? ''), ...others.map((id) => row(id)), row(two ?? '')].slice(0, 5));
		};
		const look = (call: HttpCall) => json(row(/origClientOrderId=(mm-\d)/.exec(call.target)?.[1] ?? ''));
		const { result, calls } = await played({ order, look, run });
		expect(kindsOf(result)).toEqual(Array(6).fill('done'));
		expect(calls.filter(({ method }) => method === 'GET')).toHaveLength(1);
	});

	test('with a mistake in it is not sent at all', async () => {
		const wrong = (orders: ClientOrders) => orders.placeAll([...wishes, { ...WISH, price: '-1' }]);
		await expect(played({ order: () => json([]), run: wrong })).rejects.toThrow(RangeError);
	});
});

describe('a cancel', () => {
	const run = (orders: ClientOrders) => orders.cancel('BTCUSDT', { clientOrderId: 'mm-1' });

	test('is said again until somebody answers', async () => {
		let tries = 0;
		const order = () => {
			tries += 1;
			return tries < 3 ? lost('reset') : json(row('mm-1', { status: 'CANCELED' }));
		};
		const { result, sent } = await played({ order, run });
		expect(result).toMatchObject({ kind: 'done', order: { status: 'cancelled' } });
		expect(sent).toHaveLength(3);
	});

	test('that nobody answers for is done where the order is over', async () => {
		const { result } = await played({ order: () => lost('reset'), look: () => json(row('mm-1', { status: 'FILLED' })), run });
		expect(result).toMatchObject({ kind: 'done', order: { status: 'filled' } });
	});

	test('that nobody answers for is refused where the order stands long after', async () => {
		const { result } = await played({ order: () => lost('reset'), look: () => json(row('mm-1')), run });
		expect(result).toMatchObject({ kind: 'refused', reason: expect.stringMatching(/^the cancel never arrived/) as string });
	});

	test.each([{ clientOrderId: 'mm-1' }, { venueOrderId: '77' }])(
		'that is answered with another order is looked for: %j',
		async (name) => {
			const answer = json(row('other', { orderId: 78, status: 'CANCELED' }));
			const look = () => json(row('mm-1', { status: 'CANCELED' }));
			const { result } = await played({ order: () => answer, look, run: (orders) => orders.cancel('BTCUSDT', name) });
			expect(result).toMatchObject({ kind: 'done', order: { orderId: '77', clientOrderId: 'mm-1' } });
		},
	);

	test('of an order that is gone says so', async () => {
		const { result } = await played({ order: () => refusal(-2011, 'Unknown order sent.'), run });
		expect(result).toMatchObject({ kind: 'refused', class: 'benign' });
	});

	test('on spot is told by the id of the order, not by its own', async () => {
		const answer = row('cxl-1', { origClientOrderId: 'mm-1', status: 'CANCELED' });
		const { result } = await played({ market: 'spot', order: () => json(answer), run });
		expect(result).toMatchObject({ kind: 'done', order: { clientOrderId: 'mm-1' } });
	});
});

test('a change that nobody answers for is done where the order is as it was wished', async () => {
	const wish = { ...WISH, qty: '0.02', price: 60_010 };
	const run = (orders: ClientOrders) => orders.modify(wish, { venueOrderId: '77' });
	const changed = row('x', { price: '60010.00', origQty: '0.020' });
	const done = await played({ order: () => lost('reset'), look: () => json(changed), run });
	expect(done.result).toMatchObject({ kind: 'done', order: { price: '60010.00' } });
	const not = await played({ order: () => lost('reset'), look: () => json(row('x')), run });
	expect(not.result).toMatchObject({ kind: 'refused', id: '77', reason: expect.stringMatching(/^the change never/) as string });
});

function kindsOf(result: OrderResult | readonly OrderResult[]): readonly string[] {
	return (Array.isArray(result) ? (result as readonly OrderResult[]) : [result as OrderResult]).map(({ kind }) => kind);
}
