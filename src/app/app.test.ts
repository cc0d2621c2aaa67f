/** The engine joined to the venue, in virtual time: what it says when it cannot start, and what its stop proves. */
import { describe, expect, test, vi } from 'vitest';
import { ENGINE_SETTINGS, TICK_OPTIONS } from '../engine/settings.ts';
import type { Transport } from '../network/transport.ts';
import { runUntilSettled } from '../simulation/promise-jobs.ts';
import { seededRng } from '../simulation/seeded-rng.ts';
import { VirtualClock } from '../simulation/virtual-clock.ts';
import { priceTicksOf, qtyLotsOf } from './symbol-text.ts';
import { type WiredOptions, WiredWorld } from './wired-world.ts';
import { Wishes } from './wishes.ts';

const SYMBOLS = ['BTCUSDT', 'ETHUSDT'];
/** Where the world's exchange is. */
const ORIGIN = 'http://127.0.0.1:4710';
const REQUEST_MS = 20;
const REPLY_MS = 10;
const JOURNAL_MS = 0.5;

function openWorld(more: Partial<WiredOptions> = {}) {
	const clock = new VirtualClock(Date.UTC(2026, 0, 1));
	const wishes = new Wishes();
	const opening = WiredWorld.open({
		clock,
		rng: seededRng(7),
		market: 'synthetic',
		symbols: SYMBOLS.map((symbol) => ({ category: 'linear', symbol })),
		quoting: [{ strategy: wishes, symbols: SYMBOLS }],
		engine: { ...ENGINE_SETTINGS, tick: { ...TICK_OPTIONS, isManual: true } },
		link: { requestMs: REQUEST_MS, replyMs: REPLY_MS },
		orderEntry: 'ws',
		limitFactor: Number.POSITIVE_INFINITY,
		journalMs: JOURNAL_MS,
		balances: { USDT: '100000' },
		...more,
	});
	return { clock, wishes, opening };
}

/** Two quotes on the first symbol, wanted and on their way. */
async function quoting() {
	const { clock, wishes, opening } = openWorld();
	const world = await opening;
	const { app } = world;
	const [instrument] = app.instruments;
	if (instrument === undefined) throw new Error('the world has symbols');
	const qtyLots = qtyLotsOf(instrument, '0.01');
	wishes.set(instrument, [
		{ side: 'buy', priceTicks: priceTicksOf(instrument, '64900'), qtyLots },
		{ side: 'sell', priceTicks: priceTicksOf(instrument, '65100'), qtyLots },
	]);
	app.runtime.control({ kind: 'processTick', instruments: [instrument.index] });
	return { clock, world, app };
}

/** How much virtual time goes by, in steps of half a millisecond, until it has resolved. */
async function msUntil(clock: VirtualClock, promise: Promise<unknown>): Promise<number> {
	const startMono = clock.monotonicMs();
	let isOver = false;
	void promise.then(() => {
		isOver = true;
	});
	while (!isOver && clock.monotonicMs() - startMono < 60_000) {
		clock.run(0.5);
		await new Promise((resolve) => setImmediate(resolve));
	}
	return clock.monotonicMs() - startMono;
}

describe('start', () => {
	test('says that streams do not come up', async () => {
		const deaf = (inner: Transport): Transport => ({
			request: (call, heard) => inner.request(call, heard),
			connect: (target, handler) => inner.connect({ ...target, url: 'ws://127.0.0.1:1/' }, handler),
			warm: (...pool) => inner.warm(...pool),
			pools: () => inner.pools(),
			[Symbol.asyncDispose]: async () => await inner[Symbol.asyncDispose](),
		});
		await expect(openWorld({ wrap: deaf }).opening).rejects.toThrow('the streams of the venue did not come up within 15 s');
	});

	test('says which symbols have no book', async () => {
		await expect(openWorld({ market: 'none' }).opening).rejects.toThrow(
			'no whole two-sided book came within 15 s for BTCUSDT, ETHUSDT',
		);
	});

	test('is refused before the venue is asked where the symbols make no sense', async () => {
		const linear = (...names: string[]) => names.map((symbol) => ({ category: 'linear' as const, symbol }));
		await expect(openWorld({ symbols: [] }).opening).rejects.toThrow('no symbol is named: name at least one');
		await expect(openWorld({ symbols: linear('BTCUSDT', 'ETHUSDT', 'BTCUSDT') }).opening).rejects.toThrow(
			'BTCUSDT is named twice among the symbols: name it once',
		);
		await expect(openWorld({ symbols: [{ category: 'inverse', symbol: 'BTCUSD' }] }).opening).rejects.toThrow(
			'BTCUSD is to be traded as an inverse contract, and only spot and linear can be',
		);
	});
});

describe('answered', () => {
	test('resolves with the last answer, and not a moment later', async () => {
		const { clock, app } = await quoting();
		expect(app.engine.isQuiescent).toBe(false);
		const took = await msUntil(clock, app.answered(10_000));
		// The look that would find it otherwise comes every 5 ms.
		expect(took).toBe(JOURNAL_MS + REQUEST_MS + REPLY_MS);
		expect(app.engine.isQuiescent).toBe(true);
		await app.answered(10_000);
	});

	test('ends by its limit where no answer comes', async () => {
		const { clock, world, app } = await quoting();
		world.network.silence(ORIGIN);
		expect(await msUntil(clock, app.answered(100))).toBe(100);
		expect(app.engine.isQuiescent).toBe(false);
	});

	test('ends with the app', async () => {
		const { clock, world, app } = await quoting();
		world.network.silence(ORIGIN);
		const waiting = app.answered(10_000);
		const ended = app[Symbol.asyncDispose]();
		expect(await msUntil(clock, waiting)).toBeLessThan(10);
		await runUntilSettled(clock, ended);
	});
});

describe('stop', () => {
	test('leaves nothing, even what was on its way', async () => {
		const { world } = await quoting();
		expect(world.openAtVenue()).toEqual([]);
		expect(await world.stop()).toEqual([]);
		expect(world.openAtVenue()).toEqual([]);
	});

	test('goes on where cancels are lost on their way, until the venue has none of ours', async () => {
		const { clock, world, app } = await quoting();
		await runUntilSettled(clock, app.answered(1_000));
		expect(world.openAtVenue()).toHaveLength(2);
		world.faults.inject('drop-request', { operation: 'order.cancel', probability: 1, count: 2 });
		expect(await world.stop()).toEqual([]);
		expect(world.faults.counts()['drop-request']).toBe(2);
		expect(world.openAtVenue()).toEqual([]);
	});

	test('names what it could not prove gone, though the list that it is shown is empty (STOP4, STOP7)', async () => {
		const { clock, world, app } = await quoting();
		await runUntilSettled(clock, app.answered(1_000));
		const ours = world.openAtVenue().map(({ clientOrderId }) => clientOrderId);
		world.faults.inject('drop-request', { operation: 'order.cancel', probability: 1 });
		const [venue] = app.venues;
		if (venue === undefined) throw new Error('the world has a venue');
		const list = vi.spyOn(venue, 'openOrderIds').mockResolvedValue({ ids: [], unread: [] });
		expect([...(await world.stop())].sort()).toEqual(ours.sort());
		expect(list).toHaveBeenCalled();
		expect(world.openAtVenue()).toHaveLength(2);
	});

	test('with a venue that cannot be reached says that it could not ask, in the time that it has', async () => {
		const { clock, world, app } = await quoting();
		await runUntilSettled(clock, app.answered(1_000));
		world.network.refuse(ORIGIN, true);
		world.network.cut(ORIGIN);
		const startMono = clock.monotonicMs();
		const ours = world.openAtVenue().map(({ clientOrderId }) => clientOrderId);
		const left = await world.stop();
		expect(left.slice(1).sort()).toEqual(ours.sort());
		expect(left[0]).toMatch(/^\? \(no answer to \/v5\/order\/realtime/);
		expect(clock.monotonicMs() - startMono).toBeLessThan(60_000);
		expect(world.openAtVenue()).toHaveLength(2);
	});
});
