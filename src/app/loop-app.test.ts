/** The app as a program of somebody's own uses it, over real sockets; the box says what became of the orders. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openPlace, type Place } from '../../test/fixtures/loop-place.ts';
import type { Fill } from './fills.ts';
import type { LoopApp, Quote } from './loop-app.ts';

let place: Place;
beforeAll(async () => {
	place = await openPlace();
});
afterAll(async () => await place[Symbol.asyncDispose]());

/** Three levels a side that rest where nobody else is. */
function ladder(app: LoopApp, symbol: string, away = 3): Quote[] {
	const top = app.top(symbol);
	if (top === undefined) throw new Error(`no book of ${symbol}`);
	return [0, 1, 2].flatMap((level): Quote[] => [
		{ side: 'buy', price: app.moved(symbol, top.bid, -away - level), qty: '0.05' },
		{ side: 'sell', price: app.moved(symbol, top.ask, away + level), qty: '0.05' },
	]);
}

async function quoting(app: LoopApp): Promise<void> {
	for (const symbol of app.symbols) app.quote(symbol, ladder(app, symbol));
	// The budget begins small and does not carry all of it in the first tick.
	for (let tick = 0; tick < 100 && app.openOrders().length < 12; tick += 1) {
		await app.processTick();
		await app.sleep(20);
	}
}

/** Until it is so; the limit only ends a test that would fail anyway. */
async function until(app: LoopApp, condition: () => boolean): Promise<void> {
	for (let look = 0; look < 1_000 && !condition(); look += 1) await app.sleep(5);
}

describe('a tick', () => {
	test('brings orders to what is wanted, over all symbols in few calls, and does nothing when nothing changes', async () => {
		await using app = await place.app('alice');
		await quoting(app);
		expect([...(await place.openAtVenue('alice'))].sort()).toEqual(
			app
				.openOrders()
				.map((order) => order.clientOrderId)
				.sort(),
		);
		const still = await app.processTick();
		expect(still).toMatchObject({ commands: 0, calls: 0, refused: [] });
		app.quote('ETHUSDT', []);
		const pulled = await app.processTick();
		expect(pulled).toMatchObject({ commands: 6, calls: 1 });
		await until(app, () => app.openOrders('ETHUSDT').length === 0);
		expect(app.openOrders('BTCUSDT')).toHaveLength(6);
		expect(await app.stop()).toEqual([]);
		expect(await place.openAtVenue('alice')).toEqual([]);
	});

	test('moves only the symbols that it is asked for', async () => {
		await using app = await place.app('alice');
		for (const symbol of app.symbols) app.quote(symbol, ladder(app, symbol));
		// Places leave when the journal has them: who did not wait for the answer would count no call.
		expect(await app.processTick(['ETHUSDT'])).toMatchObject({ calls: 1 });
		expect(new Set(app.openOrders().map(({ symbol }) => symbol))).toEqual(new Set(['ETHUSDT']));
	});

	test('says why the gate did not allow what was wanted', async () => {
		await using app = await place.app('alice', { engine: { limits: { openOrdersPerSymbolMax: 2 } } });
		app.quote('BTCUSDT', ladder(app, 'BTCUSDT'));
		const { commands, refused } = await app.processTick(['BTCUSDT']);
		expect({ commands, refused }).toEqual({
			commands: 2,
			refused: [{ code: 'PT12', reason: 'too many orders are open', count: 4 }],
		});
	});

	test('asked for while one runs becomes one tick after it, for all who asked', async () => {
		await using app = await place.app('alice');
		for (const symbol of app.symbols) app.quote(symbol, ladder(app, symbol));
		const ticksBefore = app.getStats().ticks;
		const first = app.processTick(['BTCUSDT']);
		const [second, third] = [app.processTick(['ETHUSDT']), app.processTick(['BTCUSDT'])];
		expect(app.getStats().ticks - ticksBefore).toBe(1);
		expect(await second).toBe(await third);
		expect((await first).commands).toBeGreaterThan(0);
		expect((await second).commands).toBeGreaterThan(0);
		expect(app.getStats().ticks - ticksBefore).toBe(2);
		expect(new Set(app.openOrders().map(({ symbol }) => symbol))).toEqual(new Set(app.symbols));
	});
});

describe('single orders', () => {
	test('are placed, changed, filled and cancelled, and heard of', async () => {
		await using app = await place.app('bob');
		const fills: Fill[] = [];
		const end = app.onFill((fill) => fills.push(fill));
		const bid = app.top('BTCUSDT')?.bid ?? '';
		const placed = app.placeOrder({ symbol: 'BTCUSDT', side: 'buy', price: app.moved('BTCUSDT', bid, -5), qty: 0.01 });
		if (placed.kind === 'refused') throw new Error(placed.reason);
		const { clientOrderId } = placed;
		await until(app, () => app.order(clientOrderId)?.state === 'live');
		expect(await place.openAtVenue('bob')).toEqual([clientOrderId]);

		const price = app.moved('BTCUSDT', bid, -6);
		expect(app.updateOrder(clientOrderId, { price })).toEqual({ kind: 'done', orderCount: 1 });
		expect(app.updateOrder(clientOrderId, { qty: '0.02' })).toMatchObject({ kind: 'refused', code: 'busy' });
		await until(app, () => app.order(clientOrderId)?.price === price);
		expect(app.order(clientOrderId)).toMatchObject({ symbol: 'BTCUSDT', side: 'buy', price, qty: '0.010', filled: '0.000' });
		expect(app.updateOrder(clientOrderId, { price })).toMatchObject({ kind: 'refused', code: 'unchanged' });

		await place.fill('bob', clientOrderId, '0.004');
		await until(app, () => fills.length > 0);
		expect(fills).toMatchObject([
			{ symbol: 'BTCUSDT', clientOrderId, side: 'buy', price, qty: '0.004', feeCurrency: 'USDT', isMaker: true },
		]);
		expect(app.position('BTCUSDT')).toBe('0.004');
		expect(app.profit()).toMatchObject({ currency: 'USDT', fees: fills[0]?.fee });
		end();

		expect(app.cancelOrder(clientOrderId)).toEqual({ kind: 'done', orderCount: 1 });
		await until(app, () => app.openOrders().length === 0);
		expect(app.order(clientOrderId)).toMatchObject({ state: 'cancelled', filled: '0.004' });
		expect(app.cancelOrder(clientOrderId)).toMatchObject({ kind: 'refused', code: 'no-such-order' });
		expect(app.order('somebody-elses')).toBeUndefined();
		expect(app.updateOrder('somebody-elses', { qty: 1 })).toMatchObject({ kind: 'refused', code: 'no-such-order' });
	});

	test('pass the gate or come back with its reason', async () => {
		await using app = await place.app('bob');
		expect(app.placeOrder({ symbol: 'ETHUSDT', side: 'buy', price: '1.00', qty: '1' })).toEqual({
			kind: 'refused',
			code: 'PT5',
			reason: 'the price is outside the collar, or the mid is far from the mark',
		});
	});

	test('cancelAll reaches one symbol or all, and a pause all until it is lifted', async () => {
		await using app = await place.app('bob');
		await quoting(app);
		expect(app.cancelAll('BTCUSDT')).toEqual({ kind: 'done', orderCount: 6 });
		await until(app, () => app.openOrders('BTCUSDT').length === 0);
		expect(app.openOrders('ETHUSDT')).toHaveLength(6);
		expect([app.isRiskPaused(), app.riskPauseReason()]).toEqual([false, undefined]);
		expect(app.resume()).toMatchObject({ kind: 'refused', code: 'not-paused' });
		expect(app.pause('lunch')).toEqual({ kind: 'done', orderCount: 6 });
		expect([app.isRiskPaused(), app.riskPauseReason()]).toEqual([true, 'lunch']);
		await until(app, () => app.openOrders().length === 0);
		expect(await app.processTick()).toMatchObject({ commands: 0 });
		expect(app.resume()).toMatchObject({ kind: 'done' });
		expect((await app.processTick()).commands).toBeGreaterThan(0);
	});
});

describe('listeners of fills', () => {
	test('may place orders from inside', async () => {
		await using app = await place.app('bob');
		const { bid = '', ask = '' } = app.top('ETHUSDT') ?? {};
		const hedges: string[] = [];
		app.onFill(({ symbol, qty }) => {
			const hedge = app.placeOrder({ symbol, side: 'sell', price: app.moved(symbol, ask, 5), qty });
			hedges.push(hedge.kind === 'placed' ? hedge.clientOrderId : hedge.reason);
		});
		const bought = app.placeOrder({ symbol: 'ETHUSDT', side: 'buy', price: app.moved('ETHUSDT', bid, -5), qty: '0.10' });
		if (bought.kind === 'refused') throw new Error(bought.reason);
		await until(app, () => app.order(bought.clientOrderId)?.state === 'live');
		await place.fill('bob', bought.clientOrderId);
		await until(app, () => app.order(hedges[0] ?? '')?.state === 'live');
		expect(await place.openAtVenue('bob')).toEqual(hedges);
	});

	test('that throw are heard by the next tick, and the app lives on', async () => {
		await using app = await place.app('bob');
		app.onFill(() => {
			throw new Error('a bug of mine');
		});
		const bid = app.top('ETHUSDT')?.bid ?? '';
		const bought = app.placeOrder({ symbol: 'ETHUSDT', side: 'buy', price: app.moved('ETHUSDT', bid, -5), qty: '0.10' });
		if (bought.kind === 'refused') throw new Error(bought.reason);
		await until(app, () => app.order(bought.clientOrderId)?.state === 'live');
		await place.fill('bob', bought.clientOrderId);
		await until(app, () => app.order(bought.clientOrderId)?.state === 'filled');
		await expect(app.processTick()).rejects.toThrow('a bug of mine');
		expect(await app.processTick()).toMatchObject({ refused: [] });
	});
});

describe('the end', () => {
	test('of a loop that throws leaves no order behind', async () => {
		const loop = async (): Promise<void> => {
			await using app = await place.app('alice');
			await quoting(app);
			expect(await place.openAtVenue('alice')).toHaveLength(12);
			throw new Error('my strategy has a bug');
		};
		await expect(loop()).rejects.toThrow('my strategy has a bug');
		expect(await place.openAtVenue('alice')).toEqual([]);
	});

	test('comes once, however often and from where it is asked for, and nothing is taken after it', async () => {
		await using app = await place.app('alice');
		await quoting(app);
		const running = app.processTick();
		const waiting = app.processTick().catch((error: unknown) => error);
		const [one, other] = await Promise.all([app.stop(), app.stop()]);
		expect([one, other]).toEqual([[], []]);
		await running;
		expect(await waiting).toMatchObject({ name: 'AppError', code: 'stopped' });
		await expect(app.processTick()).rejects.toMatchObject({ code: 'stopped' });
		for (const late of [
			() => app.quote('BTCUSDT', []),
			() => app.placeOrder({ symbol: 'BTCUSDT', side: 'buy', price: '60000', qty: '1' }),
			() => app.cancelAll(),
			() => app.pause('late'),
		]) {
			expect(late).toThrow('the app has been stopped; createApp makes another one');
		}
		expect([app.top('BTCUSDT'), app.isConnected]).toEqual([undefined, false]);
		expect(app.openOrders()).toEqual([]);
		expect(app.getStats().ticks).toBeGreaterThan(0);
	});

	test('names what may be left, and is an error where nobody would read its answer', async () => {
		for (const end of ['stop', 'dispose'] as const) {
			await using other = await openPlace();
			const app = await other.app('alice', { symbols: ['BTCUSDT'] });
			const [bid, symbol] = [app.top('BTCUSDT')?.bid ?? '', 'BTCUSDT'];
			const placed = app.placeOrder({ symbol, side: 'buy', price: app.moved(symbol, bid, -5), qty: '0.01' });
			if (placed.kind === 'refused') throw new Error(placed.reason);
			// The same run, by its mark at the end of the id, on a symbol that nobody follows; one that the last comparison
			// finds and cancels; and somebody else's, which is none of our business.
			const run = placed.clientOrderId.slice(-4);
			const lost = `ETHUSDT-Buy-1-1-${run}`;
			await other.placeBehind('alice', lost);
			await other.placeBehind('alice', `BTCUSDT-Buy-1-1-${run}`);
			await other.placeBehind('alice', 'BTCUSDT-Buy-1-2-zzzz');
			if (end === 'stop') expect(await app.stop()).toEqual([lost]);
			else
				await expect(app[Symbol.asyncDispose]()).rejects.toMatchObject({
					code: 'orders-left',
					message: `not proven gone, cancel them at the exchange: ${lost}`,
				});
			await app[Symbol.asyncDispose]();
			expect(await other.openAtVenue('alice')).toEqual(['BTCUSDT-Buy-1-2-zzzz', lost]);
		}
	});
});

describe('two apps in one process', () => {
	test('on two accounts know nothing of each other', async () => {
		await using alice = await place.app('alice');
		await using bob = await place.app('bob');
		await Promise.all([quoting(alice), quoting(bob)]);
		expect(await alice.stop()).toEqual([]);
		expect(await place.openAtVenue('alice')).toEqual([]);
		expect(await place.openAtVenue('bob')).toHaveLength(12);
		expect(await bob.processTick()).toMatchObject({ commands: 0, calls: 0 });
	});

	test('on one account end their own orders only', async () => {
		await using one = await place.app('alice', { symbols: ['BTCUSDT'] });
		await using two = await place.app('alice', { symbols: ['ETHUSDT'] });
		one.quote('BTCUSDT', ladder(one, 'BTCUSDT'));
		two.quote('ETHUSDT', ladder(two, 'ETHUSDT'));
		await Promise.all([one.processTick(), two.processTick()]);
		await until(two, () => two.openOrders().every(({ state }) => state === 'live'));
		expect(await one.stop()).toEqual([]);
		expect(await place.openAtVenue('alice')).toEqual(two.openOrders().map((order) => order.clientOrderId));
		expect(two.openOrders()).toHaveLength(6);
	});
});

test('the book has rows from the touch outwards, with our own share in them', async () => {
	await using app = await place.app('alice');
	const { bids: [best] = [] } = app.book('BTCUSDT', 1) ?? {};
	const placed = app.placeOrder({
		symbol: 'BTCUSDT',
		side: 'buy',
		price: best?.price ?? '',
		qty: '0.007',
		timeInForce: 'postOnly',
	});
	expect(placed.kind).toBe('placed');
	await until(app, () => app.book('BTCUSDT', 1)?.bids[0]?.own === '0.007' && app.book('BTCUSDT', 1)?.bids[0]?.qty === '0.057');
	const book = app.book('BTCUSDT', 3);
	expect(book?.bids).toHaveLength(3);
	expect(book?.bids[0]).toEqual({ price: best?.price, qty: '0.057', own: '0.007' });
	expect(book?.bids[1]?.own).toBe('0.000');
	expect(Number(book?.bids[1]?.price)).toBeLessThan(Number(best?.price));
	expect(app.top('BTCUSDT')).toEqual({ bid: best?.price, ask: book?.asks[0]?.price });
	expect(app.isConnected).toBe(true);
});

test('steps that the venue changes are followed', async () => {
	await using other = await openPlace();
	await using app = await other.app('alice');
	app.quote('BTCUSDT', ladder(app, 'BTCUSDT', 8));
	expect(app.rules('BTCUSDT')).toMatchObject({ category: 'linear', tickSize: '0.1', lotSize: '0.001', notionalMin: '5' });
	await other.ask('POST /v1/symbols/BTCUSDT/filters', { tickSize: '0.50' });
	// The venue refuses it, and that is how the app learns.
	app.placeOrder({ symbol: 'BTCUSDT', side: 'buy', price: '64000.1', qty: '0.01' });
	await until(app, () => app.rules('BTCUSDT').tickSize !== '0.1');
	expect(app.rules('BTCUSDT').tickSize).toBe('0.5');
	expect(() => app.quote('BTCUSDT', [{ side: 'buy', price: '64000.1', qty: '0.01' }])).toThrow('multiple of 0.5');
	expect(app.moved('BTCUSDT', '64000.5', 1)).toBe('64001.0');
	// What was wanted on the old grid is wanted no more.
	expect(await app.processTick(['BTCUSDT'])).toMatchObject({ commands: 0 });
});

describe('mistakes in arguments are RangeErrors that say how it is right', () => {
	test.each([
		['symbol', (app: LoopApp) => app.top('DOGEUSDT'), 'DOGEUSDT is not among the symbols of this app: BTCUSDT, ETHUSDT'],
		[
			'grid',
			(app: LoopApp) => app.moved('BTCUSDT', '64000.05', 1),
			"the price of BTCUSDT is '64000.05': it must be a multiple of 0.1",
		],
		['text', (app: LoopApp) => app.moved('BTCUSDT', '64e3', 1), "expected plain decimal text, such as '64000.5'"],
		['sign', (app: LoopApp) => app.moved('BTCUSDT', -1, 1), 'it may not be negative'],
		['distance', (app: LoopApp) => app.moved('BTCUSDT', '0.1', -1), '0.1 moved by -1 ticks is no price of BTCUSDT'],
		['fraction', (app: LoopApp) => app.moved('BTCUSDT', '0.1', 0.5), '0.1 moved by 0.5 ticks is no price of BTCUSDT'],
		[
			'quantity',
			(app: LoopApp) => app.quote('BTCUSDT', [{ side: 'buy', price: '64000', qty: 0.1 + 0.2 }]),
			"the quantity of BTCUSDT is '0.30000000000000004': it must be a multiple of 0.001; round it with roundPrice or roundQty",
		],
		[
			'levels',
			(app: LoopApp) =>
				app.quote(
					'BTCUSDT',
					Array.from({ length: 33 }, () => ({ side: 'buy' as const, price: 1, qty: 1 })),
				),
			'33 buy quotes on BTCUSDT; a side has 32 at most',
		],
		['nonsense', (app: LoopApp) => app.roundPrice('BTCUSDT', Number.NaN, 'down'), 'NaN cannot be rounded'],
	])('%s', async (_name, mistake, sentence) => {
		const app = await shared();
		expect(() => mistake(app)).toThrow(RangeError);
		expect(() => mistake(app)).toThrow(sentence);
	});

	test('processTick too', async () => {
		const app = await shared();
		await expect(app.processTick(['NOPE'])).rejects.toThrow(RangeError);
	});

	test.each([
		['roundPrice', 64_000.16, 'down', '64000.1'],
		['roundPrice', 64_000.11, 'up', '64000.2'],
		['roundPrice', 64_000.16, 'nearest', '64000.2'],
		// The noise of floats is no step.
		['roundPrice', 0.1 + 0.2, 'up', '0.3'],
		['roundPrice', 0.7999999999999999, 'down', '0.8'],
		['roundQty', 0.0129, 'down', '0.012'],
		['roundQty', 0, 'down', '0.000'],
	] as const)('%s(%d, %s) is %s', async (method, value, to, text) => {
		const app = await shared();
		expect(app[method]('BTCUSDT', value, to)).toBe(text);
	});

	let opened: Promise<LoopApp> | undefined;
	async function shared(): Promise<LoopApp> {
		opened ??= place.app('alice');
		return await opened;
	}
	afterAll(async () => void (await (await opened)?.stop()));
});

describe('stages', () => {
	test('are those of the ticks, and functions of your own by name', async () => {
		await using app = await place.app('alice');
		await quoting(app);
		const fair = app.timed('fair-price', (bid: number, ask: number) => (bid + ask) / 2);
		const ask = app.timed('ask-model', async (word: string) => {
			await app.sleep(20);
			return `${word}!`;
		});
		expect([fair(1, 2), fair(3, 4), await ask('up')]).toEqual([1.5, 3.5, 'up!']);
		const stages = new Map(app.stages().map((stage) => [stage.name, stage]));
		expect(stages.get('tick')?.count).toBeGreaterThan(0);
		expect(stages.get('decide')?.count).toBeGreaterThanOrEqual(stages.get('tick')?.count ?? Number.NaN);
		const shares = ['decide', 'journal', 'exchange'].map((name) => stages.get(name)?.share ?? Number.NaN);
		expect(shares.reduce((sum, share) => sum + share)).toBeCloseTo(1, 10);
		expect(stages.get('fair-price')).toMatchObject({ count: 2, share: null });
		expect(stages.get('ask-model')?.p50).toBeGreaterThan(10);
		const text = await app.metricsText();
		expect(text).toContain('latency_ms_count{stage="fair-price"} 2\n');
		expect(text).toContain('mm_cmd_coalesced_total{op="place"}');
	});
});

test('sleep ends early when its signal is aborted', async () => {
	await using app = await place.app('alice', { symbols: ['BTCUSDT'] });
	const stop = new AbortController();
	const slept = app.sleep(3_600_000, stop.signal);
	stop.abort();
	await slept;
	await app.sleep(3_600_000, stop.signal);
});
