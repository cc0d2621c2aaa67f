/** What befalls orders: seen by the client, in the exchange's own books, and in the counts; over REST and the trade socket. */
import { describe, expect, test } from 'vitest';
import { type Answer, CHANNELS, type EntryScene, entryScene, named, order, totals } from './entry-scene.suite.ts';

const GONE = 110001;

describe.each(CHANNELS)('over %s', (channel) => {
	/** A scene with one fault in force; `enter` goes over this channel. */
	function faulty(name: string, given: object = {}) {
		const scene = entryScene();
		scene.desk.inject(name, { channel, ...given });
		return { ...scene, enter: (verb: string, body: object): Answer => scene.enter(channel, verb, body) };
	}
	const counted = ({ desk }: Pick<EntryScene, 'desk'>) => desk.report().byNumber;

	test.each(['never', 'reset'])('F03: filled and closed at once, the reply ends with %s', (answer) => {
		const scene = faulty('lost-fill', { answer });
		const before = totals(scene.exchange);
		expect(scene.enter('create', order('a')).kind).toBe(answer);
		expect(scene.open()).toEqual([]);
		expect(scene.closed()).toMatchObject([{ clientOrderId: 'a', status: 'filled', filledLots: 10 }]);
		expect(totals(scene.exchange)).toEqual(before);
		expect(counted(scene)).toEqual({ F03: 1 });
	});

	test('F03: an order that cannot be filled keeps its reply', () => {
		const scene = faulty('lost-fill');
		expect(scene.enter('create', order('a', { timeInForce: 'IOC' })).retCode).toBe(0);
		expect(counted(scene)).toEqual({});
	});

	test('F04: the id of a closed order makes a second order, that of an open one does not', () => {
		const scene = faulty('reuse-client-ids');
		const codes = ['create', 'create', 'cancel', 'create'].map(
			(verb) => scene.enter(verb, verb === 'create' ? order('a') : named('a')).retCode,
		);
		expect(codes).toEqual([0, 110072, 0, 0]);
		expect([scene.open().length, scene.closed().length]).toEqual([1, 1]);
		expect(counted(scene)).toEqual({ F04: 1 });
		scene.desk.clear();
		scene.enter('cancel', named('a'));
		expect(scene.enter('create', order('a')).retCode).toBe(110072);
	});

	test.each([
		['rejected', { orderStatus: 'Rejected', rejectReason: 'EC_Others' }],
		['cancelled', { orderStatus: 'Cancelled', cancelType: 'CancelByAdmin' }],
		['post-only', { orderStatus: 'Cancelled', rejectReason: 'EC_PostOnlyWillTakeLiquidity' }],
	])('F07: acknowledged, and %s after a while', (form, row) => {
		const scene = faulty('late-reject', { form, delayMs: 250 });
		scene.stream('order');
		expect(scene.enter('create', order('a')).retCode).toBe(0);
		scene.clock.run(249);
		expect(scene.stream('order')).toMatchObject([{ orderStatus: 'New' }]);
		expect([scene.open().length, counted(scene)]).toEqual([1, {}]);
		scene.clock.run(1);
		expect(scene.stream('order')).toMatchObject([row]);
		expect([scene.open(), counted(scene)]).toEqual([[], { F07: 1 }]);
	});

	test.each([
		['scattered', 10016],
		['tail', 10006],
	])('F09: a batch is taken in partly (%s); each code says what the books say', (form, code) => {
		const scene = faulty('partial-batch', { form });
		const ids = ['p', 'q', 'r', 's', 't'];
		const { codes, retCode } = scene.enter('create-batch', { category: 'linear', request: ids.map((id) => order(id)) });
		const open = scene.open().map(({ clientOrderId }) => clientOrderId);
		expect(retCode).toBe(0);
		expect(ids.map((id) => (open.includes(id) ? 0 : code))).toEqual(codes);
		expect(new Set(codes)).toEqual(new Set([0, code]));
		if (form === 'tail') expect(codes.indexOf(code)).toBe(open.length);
		expect(counted(scene)).toEqual({ F09: 1 });
		const cancelled = scene.enter('cancel-batch', { category: 'linear', request: open.map((id) => named(id)) });
		expect(cancelled.codes.filter((each) => each === 0)).toHaveLength(open.length - scene.open().length);
	});

	test('F21: an order fills before its cancel arrives, which comes too late', () => {
		const scene = faulty('fill-before-cancel');
		const before = totals(scene.exchange);
		scene.enter('create', order('a'));
		expect(scene.enter('cancel', named('a')).retCode).toBe(GONE);
		expect(scene.closed()).toMatchObject([{ status: 'filled', filledLots: 10 }]);
		expect(totals(scene.exchange)).toEqual(before);
		expect(counted(scene)).toEqual({ F21: 1 });
	});

	test('F21: a part fills before the cancel, which takes the rest, in spot too', () => {
		for (const more of [{}, { category: 'spot', price: '64990.00' }]) {
			const scene = faulty('fill-before-cancel', { sharePercent: 30 });
			const before = totals(scene.exchange);
			scene.enter('create', order('a', more));
			const qtyLots = scene.open()[0]?.qtyLots ?? 0;
			expect(scene.enter('cancel', named('a', more)).retCode).toBe(0);
			const [closed] = scene.exchange.closedOrders('ann', 'category' in more ? 'BTCUSDT.spot' : 'BTCUSDT');
			expect(closed).toMatchObject({ status: 'cancelled', filledLots: Math.ceil(qtyLots * 0.3) });
			expect(totals(scene.exchange)).toEqual(before);
		}
	});

	test.each([
		{ sharePercent: 100, retCode: GONE, truth: { status: 'filled', filledLots: 10, qtyLots: 10 } },
		{ sharePercent: 60, retCode: 0, truth: { status: 'partially-filled', filledLots: 6, qtyLots: 8, leavesLots: 2 } },
	])('F24: $sharePercent % fill before the amend arrives', ({ sharePercent, retCode, truth }) => {
		const scene = faulty('fill-before-amend', { sharePercent });
		scene.enter('create', order('a'));
		expect(scene.enter('amend', named('a', { qty: '0.008' })).retCode).toBe(retCode);
		expect(scene.exchange.order('ann', { clientOrderId: 'a' })).toMatchObject(truth);
		expect(counted(scene)).toEqual({ F24: 1 });
	});

	test('F26: the reply of an amend is lost, and its order changed', () => {
		const scene = faulty('drop-reply', { operation: 'order.amend' });
		expect(scene.enter('create', order('a')).retCode).toBe(0);
		expect(scene.enter('amend', named('a', { qty: '0.008' })).kind).toBe('never');
		expect(scene.open()).toMatchObject([{ qtyLots: 8 }]);
		expect(counted(scene)).toEqual({ F26: 1 });
	});

	test('F27: after so many amends no more, and the order lives on', () => {
		const scene = faulty('amend-limit', { amends: 2 });
		scene.enter('create', order('a'));
		const codes = ['0.011', '0.012', '0.013'].map((qty) => scene.enter('amend', named('a', { qty })).retCode);
		expect(codes).toEqual([0, 0, 110079]);
		expect(scene.open()).toMatchObject([{ qtyLots: 12 }]);
		expect(counted(scene)).toEqual({ F27: 1 });
	});

	test('F27: only less quantity, at the same price', () => {
		const scene = faulty('amend-limit', { form: 'decrease-only' });
		scene.enter('create', order('a'));
		const codes = [{ qty: '0.011' }, { price: '64980.0' }, { qty: '0.009' }].map(
			(change) => scene.enter('amend', named('a', change)).retCode,
		);
		expect(codes).toEqual([110079, 110079, 0]);
		expect(scene.open()).toMatchObject([{ qtyLots: 9, priceTicks: 649_900 }]);
		expect(counted(scene)).toEqual({ F27: 2 });
	});

	test('F23: a young order is not there for cancels and amends, and it is in the lists', () => {
		const scene = faulty('visibility-lag', { form: 'entry', lagMs: 1_500 });
		scene.enter('create', order('a'));
		expect(scene.enter('cancel', named('a')).retCode).toBe(GONE);
		expect(scene.enter('amend', named('a', { qty: '0.009' })).retCode).toBe(GONE);
		expect(scene.get('/v5/order/realtime').result).toMatchObject({ list: [{ orderLinkId: 'a' }] });
		expect([scene.open().length, counted(scene)]).toEqual([1, { F23: 2 }]);
		scene.clock.run(1_500);
		expect(scene.enter('cancel', named('a')).retCode).toBe(0);
	});

	test('F28: a young order is in no list and not found by its id, while a cancel finds it', () => {
		const scene = faulty('visibility-lag', { form: 'reads', lagMs: 1_500 });
		scene.enter('create', order('a'));
		const reads = ['', '&orderLinkId=a'].map((more) => `category=linear&symbol=BTCUSDT${more}`);
		for (const query of reads) expect(scene.get('/v5/order/realtime', query).result).toMatchObject({ list: [] });
		expect(counted(scene)).toEqual({ F28: 2 });
		scene.clock.run(1_500);
		for (const query of reads) expect(scene.get('/v5/order/realtime', query).result).toMatchObject({ list: [{}] });
		scene.enter('create', order('b'));
		expect(scene.enter('cancel', named('b')).retCode).toBe(0);
	});

	test('F36: every post-only order of a side fares as one that would cross', () => {
		const scene = faulty('refuse-post-only', { side: 'buy' });
		scene.stream('order');
		const sell = { side: 'Sell', price: '65010.0' };
		for (const [id, more] of Object.entries({ a: {}, b: {}, c: sell })) {
			expect(scene.enter('create', order(id, { timeInForce: 'PostOnly', ...more })).retCode).toBe(0);
		}
		expect(scene.enter('create', order('d')).retCode).toBe(0);
		expect(scene.open().map(({ clientOrderId }) => clientOrderId)).toEqual(['c', 'd']);
		expect(scene.stream('order').filter(({ orderStatus }) => orderStatus === 'Cancelled')).toMatchObject(
			['a', 'b'].map((orderLinkId) => ({ orderLinkId, rejectReason: 'EC_PostOnlyWillTakeLiquidity' })),
		);
		expect(counted(scene)).toEqual({ F36: 2 });
	});

	test('F54: in a post-only phase nothing else is taken in, and cancels are', () => {
		const scene = faulty('maintenance', { mode: 'post-only' });
		expect(scene.enter('create', order('a')).retCode).toBe(110103);
		expect(scene.enter('create', order('b', { timeInForce: 'PostOnly' })).retCode).toBe(0);
		expect(scene.open()).toMatchObject([{ clientOrderId: 'b' }]);
		expect(counted(scene)).toEqual({ F54: 1 });
		expect(scene.enter('cancel', named('b')).retCode).toBe(0);
	});
});

test('what is nobody’s request meets no fault: the truth stays true, and the market goes its way', () => {
	const scene = entryScene();
	for (const name of ['stale-reads', 'visibility-lag', 'purge-history', 'lost-fill', 'fill-before-cancel'])
		scene.desk.inject(name, {});
	const placed = scene.exchange.place(
		{ accountId: 'bob', symbol: 'BTCUSDT', side: 'buy', type: 'limit', timeInForce: 'gtc', priceTicks: 649_000, qtyLots: 5 },
		scene.clock.wallMs(),
	);
	expect(placed).toMatchObject({ kind: 'accepted', order: { status: 'new' } });
	expect(scene.exchange.openOrders('bob')).toHaveLength(1);
	expect(scene.desk.report().byNumber).toEqual({});
});
