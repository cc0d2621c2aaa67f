/** What reads show of the truth, when the venue shows them late, in part, or not at all. */
import { expect, test } from 'vitest';
import { type EntryScene, entryScene, listIn, named, order } from './entry-scene.suite.ts';

const REALTIME = '/v5/order/realtime';
const HISTORY = '/v5/order/history';
const FILLS = '/v5/execution/list';
const CLOSED = 'category=linear&symbol=BTCUSDT&openOnly=1';

const counted = ({ desk }: EntryScene) => desk.report().byNumber;
const namesIn = (scene: EntryScene, path: string, query?: string) =>
	listIn(scene.get(path, query).result).map(({ orderLinkId }) => orderLinkId);

/** An order that is filled at once, by whoever trades with us. */
function fill(scene: EntryScene, id: string): void {
	scene.enter('rest', 'create', order(id, { price: '64995.0' }));
	const { kind } = scene.exchange.place(
		{ accountId: 'bob', symbol: 'BTCUSDT', side: 'sell', type: 'limit', timeInForce: 'ioc', priceTicks: 649_950, qtyLots: 10 },
		scene.clock.wallMs(),
	);
	if (kind !== 'accepted') throw new Error('the fill was refused');
}

test('F29: reads show what was a while ago; the time of the reply is fresh, and the books are ahead', () => {
	const scene = entryScene();
	scene.desk.inject('stale-reads', { ageMs: 3_000 });
	scene.enter('rest', 'create', order('a'));
	expect(namesIn(scene, REALTIME), 'the first look begins the memory').toEqual(['a']);
	scene.clock.run(1_000);
	fill(scene, 'b');
	scene.enter('rest', 'cancel', named('a'));
	scene.clock.run(2_999);
	expect(namesIn(scene, REALTIME)).toEqual(['a']);
	expect(namesIn(scene, REALTIME, 'category=linear&symbol=BTCUSDT&orderLinkId=b')).toEqual([]);
	expect([namesIn(scene, HISTORY), namesIn(scene, FILLS)]).toEqual([[], []]);
	const held = scene.get('/v5/position/list');
	expect(listIn(held.result)).toMatchObject([{ size: '0' }]);
	const { list } = scene.get('/v5/account/wallet-balance', 'accountType=UNIFIED').result;
	expect(JSON.stringify(list)).toContain('"walletBalance":"500000"');
	expect(counted(scene)).toEqual({ F29: 6 });
	expect([scene.open(), scene.closed().length]).toEqual([[], 2]);
	scene.clock.run(1);
	expect([namesIn(scene, REALTIME), namesIn(scene, HISTORY), namesIn(scene, FILLS)]).toEqual([[], ['b', 'a'], ['b']]);
	expect(listIn(scene.get('/v5/position/list').result)).toMatchObject([{ size: '0.010' }]);
	expect(counted(scene), 'nothing has happened since').toEqual({ F29: 6 });
});

test('F29: an old read has no part in what is done', () => {
	const scene = entryScene();
	scene.desk.inject('stale-reads', { ageMs: 3_000 });
	scene.enter('rest', 'create', order('a'));
	namesIn(scene, REALTIME);
	scene.clock.run(1_000);
	expect(scene.enter('rest', 'cancel', named('a')).retCode).toBe(0);
	expect(scene.enter('rest', 'cancel', named('a')).retCode).toBe(110001);
	for (const id of ['b', 'c']) scene.enter('rest', 'create', order(id));
	scene.enter('rest', 'cancel-all', { category: 'linear', symbol: 'BTCUSDT' });
	expect(scene.open()).toEqual([]);
});

test('F29: the oldest of several states inside the age is not shown, but the one before it', () => {
	const scene = entryScene();
	scene.desk.inject('stale-reads', { ageMs: 1_000 });
	scene.enter('rest', 'create', order('a'));
	namesIn(scene, REALTIME);
	const sizes: unknown[] = [];
	for (const qty of ['0.020', '0.030', '0.040']) {
		scene.clock.run(600);
		scene.enter('rest', 'amend', named('a', { qty }));
		sizes.push(listIn(scene.get(REALTIME).result)[0]?.['qty']);
	}
	expect(sizes).toEqual(['0.010', '0.010', '0.020']);
});

test.each([
	['orders', ['x']],
	['orders-and-fills', []],
])('F30: what is closed is in no list and under no id (%s)', (what, fills) => {
	const scene = entryScene();
	scene.desk.inject('purge-history', { what, keepMs: 500 });
	fill(scene, 'x');
	scene.enter('rest', 'create', order('open'));
	expect(namesIn(scene, HISTORY)).toEqual(['x']);
	expect(counted(scene)).toEqual({});
	scene.clock.run(500);
	expect([
		namesIn(scene, HISTORY),
		namesIn(scene, REALTIME, CLOSED),
		namesIn(scene, REALTIME, `${CLOSED}&orderLinkId=x`),
	]).toEqual([[], [], []]);
	expect(counted(scene)).toEqual({ F30: 3 });
	expect(namesIn(scene, FILLS)).toEqual(fills);
	expect(namesIn(scene, REALTIME)).toEqual(['open']);
	expect(scene.closed()).toHaveLength(1);
	scene.desk.clear();
	expect(namesIn(scene, HISTORY)).toEqual(['x']);
});

test('F31: a cursor that leads to itself, or an error, from the second page on', () => {
	for (const form of ['repeated-cursor', 'error']) {
		const scene = entryScene();
		scene.desk.inject('broken-paging', { form });
		for (const id of ['a', 'b', 'c']) scene.enter('rest', 'create', order(id));
		const page = (cursor: unknown) => scene.get(REALTIME, `category=linear&symbol=BTCUSDT&limit=2&cursor=${String(cursor)}`);
		const first = page('');
		expect([listIn(first.result).length, counted(scene)]).toEqual([2, {}]);
		const cursor = first.result['nextPageCursor'];
		const second = page(cursor);
		if (form === 'error') expect(second.retCode).toBe(10000);
		else expect([listIn(second.result).length, second.result['nextPageCursor']]).toEqual([1, cursor]);
		expect(counted(scene)).toEqual({ F31: 1 });
	}
});

test('F32: a list that is not empty comes back empty, with code 0', () => {
	const scene = entryScene();
	scene.desk.inject('empty-list', {});
	expect(namesIn(scene, REALTIME)).toEqual([]);
	expect(counted(scene), 'it was empty').toEqual({});
	scene.enter('rest', 'create', order('a'));
	expect(scene.get(REALTIME)).toMatchObject({ retCode: 0, result: { list: [], nextPageCursor: '' } });
	expect(scene.open()).toHaveLength(1);
	expect(counted(scene)).toEqual({ F32: 1 });
	scene.desk.clear();
	expect(namesIn(scene, REALTIME)).toEqual(['a']);
});

test('F87: a private stream leaves the client ids blank, and REST knows them', () => {
	const scene = entryScene();
	scene.desk.inject('blank-client-ids', { topic: 'execution' });
	scene.stream('execution');
	fill(scene, 'x');
	expect(scene.stream('execution')).toMatchObject([{ orderLinkId: '', execQty: '0.010' }]);
	expect(namesIn(scene, FILLS)).toEqual(['x']);
	expect(counted(scene)).toEqual({ F87: 1 });
});
