/**
 * One engine on Bybit, Binance futures and Binance spot at once, in virtual time and over the wire: all of them in one
 * tick, each with a budget of its own, and what becomes of the others when one cannot be reached.
 */
import { describe, expect, test, vi } from 'vitest';
import { openSession } from '../../test/fixtures/wired.ts';
import { SENTINEL_FOLDER, startSentinel } from '../../test/fixtures/wired-sentinel.ts';
import type { InstrumentIndex } from '../domain/instrument.ts';
import type { EngineEffect } from '../engine/ports.ts';
import { ENGINE_SETTINGS, TICK_OPTIONS } from '../engine/settings.ts';
import type { Transport } from '../network/transport.ts';
import { runUntilSettled } from '../simulation/promise-jobs.ts';
import { seededRng } from '../simulation/seeded-rng.ts';
import { VirtualClock } from '../simulation/virtual-clock.ts';
import { WIRED_ORIGINS } from './wired-places.ts';
import { type WiredOptions, WiredWorld } from './wired-world.ts';
import { Wishes } from './wishes.ts';

const NAMES = ['BTCUSDT', 'ETHUSDT', 'SOLUSDT'];
const [BYBIT, FUTURES, SPOT] = [0, 1, 2] as InstrumentIndex[];
const TICK_MS = 250;

interface Sent {
	readonly atMs: number;
	readonly venue: string;
	readonly category: string;
	readonly verb: string;
	readonly count: number;
}

async function open(more: Partial<WiredOptions> = {}) {
	const clock = new VirtualClock(Date.UTC(2026, 0, 1));
	const wishes = new Wishes();
	const sent: Sent[] = [];
	const world = await WiredWorld.open({
		...{ clock, rng: seededRng(11), market: 'quiet', trades: 'mixed' },
		symbols: NAMES.map((symbol) => ({ category: 'linear', symbol })),
		quoting: [{ strategy: wishes, symbols: NAMES }],
		engine: { ...ENGINE_SETTINGS, tick: { ...TICK_OPTIONS, isManual: true } },
		link: { requestMs: 2, replyMs: 2 },
		...{ orderEntry: 'ws', limitFactor: 1, journalMs: 0.5, balances: { USDT: '100000' } },
		recorder: {
			input: () => {},
			output: (effect: EngineEffect) => {
				if (effect.kind !== 'send') return;
				const { venue, category, verb, commands } = effect.batch;
				sent.push({ atMs: clock.wallMs(), venue, category, verb, count: commands.length });
			},
		},
		...more,
	});
	/** Bids well below the touch, so many and so many steps further away than the first ones. */
	const wish = (index: InstrumentIndex | undefined, count: number, step = 0): void => {
		const market = world.app.engine.market(index ?? (0 as InstrumentIndex));
		if (market === undefined) throw new Error('the world trades three symbols');
		const { instrument } = market;
		const midTicks = market.book.midTwiceTicks / 2;
		const levels = Array.from({ length: count }, (_, level) => {
			const priceTicks = Math.floor(midTicks * (0.99 - level * 0.001 - step * 0.0002)) as never;
			const qtyLots = Math.ceil(200 / (midTicks * instrument.tickLotNumber)) as never;
			return { side: 'buy' as const, priceTicks, qtyLots };
		});
		wishes.set(instrument, levels);
	};
	const tick = (): void => {
		world.app.runtime.control({ kind: 'processTick', instruments: world.app.instruments.map(({ index }) => index) });
	};
	const openIn = (index: InstrumentIndex | undefined): number => {
		const instrument = world.app.instruments[index ?? 0];
		if (instrument === undefined) throw new Error('the world trades three symbols');
		const truth = world.truthOf(instrument);
		return world.openAtVenue().filter(({ symbol }) => symbol === truth.symbol).length;
	};
	return { clock, world, wish, tick, sent, openIn };
}

type Scene = Awaited<ReturnType<typeof open>>;

/** A transport that does some things in its own way. */
function before(inner: Transport, own: Partial<Transport>): Transport {
	return {
		request: (call, heard) => inner.request(call, heard),
		connect: (target, handler) => inner.connect(target, handler),
		warm: (...pool) => inner.warm(...pool),
		pools: () => inner.pools(),
		[Symbol.asyncDispose]: async () => await inner[Symbol.asyncDispose](),
		...own,
	};
}

function withoutCountdown(inner: Transport, isBroken: () => boolean): Transport {
	return before(inner, {
		request: (call, heard) =>
			inner.request(isBroken() && call.target.includes('countdown') ? { ...call, origin: 'http://127.0.0.1:1' } : call, heard),
	});
}

const openEverywhere = ({ openIn }: Scene): readonly number[] => [openIn(BYBIT), openIn(FUTURES), openIn(SPOT)];

async function quoting(more?: Partial<WiredOptions>): Promise<Scene> {
	const scene = await open(more);
	for (const index of [BYBIT, FUTURES, SPOT]) scene.wish(index, 2);
	scene.tick();
	await scene.world.run(200);
	expect(openEverywhere(scene)).toEqual([2, 2, 2]);
	return scene;
}

/** Ticks at their usual pace for so long, and quotes that move at each of them where this says so. */
async function keepTicking({ world, tick, wish }: Scene, forMs: number, moves: readonly InstrumentIndex[] = []): Promise<void> {
	for (let step = 1; step * TICK_MS <= forMs; step += 1) {
		for (const index of moves) wish(index, 2, step);
		tick();
		await world.run(TICK_MS);
	}
}

test('quotes on all of them in one tick, each over its own calls, and a stop leaves nothing on any', async () => {
	const scene = await quoting();
	const { world, sent } = scene;
	expect(world.app.engine.getStats().ticks).toBe(1);
	expect(new Set(sent.map(({ atMs }) => atMs)).size, 'all of it left together').toBe(1);
	expect(sent.map(({ venue, category, count }) => `${venue} ${category} ${count}`).sort()).toEqual([
		'binance linear 2',
		'binance spot 1',
		'binance spot 1',
		'bybit linear 2',
	]);
	expect(await world.stop()).toEqual([]);
	expect(world.openAtVenue()).toEqual([]);
});

test('says of all of them what is open there, and compares with each before it ends', async () => {
	const { world, clock } = await quoting();
	const { app } = world;
	const ours = world.openAtVenue().map(({ clientOrderId }) => clientOrderId);
	expect([...(await runUntilSettled(clock, app.openAtVenue()))].sort()).toEqual(ours.sort());
	const compared = app.venues.map(({ gateway }) => vi.spyOn(gateway, 'takeCensus'));
	expect(await world.stop()).toEqual([]);
	expect(compared.map(({ mock }) => mock.calls.length)).toEqual([1, 1]);
});

test('a stop goes on until cancels that were lost on their way to one have come through', async () => {
	const { world } = await quoting();
	world.faults.inject('drop-request', { operation: 'order.cancel', probability: 1, count: 3 });
	expect(await world.stop()).toEqual([]);
	expect(world.faults.counts()['drop-request']).toBe(3);
	expect(world.openAtVenue()).toEqual([]);
});

test('has budgets apart: where one has none left, the others move as ever', async () => {
	const scene = await quoting();
	const { world, wish, tick, sent, clock } = scene;
	const beganMs = clock.wallMs();
	for (let step = 1; step <= 16; step += 1) {
		wish(SPOT, 8, step);
		for (const index of [BYBIT, FUTURES]) wish(index, 2, step);
		tick();
		await world.run(TICK_MS);
	}
	const count = (of: (each: Sent) => boolean): number =>
		sent.filter((each) => each.atMs >= beganMs && of(each)).reduce((sum, each) => sum + each.count, 0);
	const lateMs = clock.wallMs() - 1_500;
	// Spot grants fifty creates in ten seconds, of which some stay in reserve.
	const spot = count(({ category, verb }) => category === 'spot' && verb === 'place');
	expect(spot).toBeGreaterThan(30);
	expect(spot).toBeLessThanOrEqual(50);
	expect(count(({ atMs, category, verb }) => atMs > lateMs && category === 'spot' && verb === 'place')).toBe(0);
	for (const venue of ['bybit', 'binance']) {
		const moved = count(
			(each) => each.atMs > lateMs && each.venue === venue && each.category === 'linear' && each.verb !== 'cancel',
		);
		expect(moved, venue).toBeGreaterThanOrEqual(8);
	}
	expect(world.app.engine.isRiskPaused()).toBe(false);
	await world.stop();
});

describe('where one of them cannot be reached', () => {
	test('the others are quoted until it has been deaf for too long, and then nothing is, until all is compared', async () => {
		const scene = await quoting();
		const { world } = scene;
		const { engine } = world.app;
		world.network.refuse(WIRED_ORIGINS.binance, true);
		world.network.cut(WIRED_ORIGINS.binance);
		await keepTicking(scene, 3_000, [BYBIT as InstrumentIndex]);
		// Its books are not trusted from the first moment on; the other venue's are.
		expect([engine.isRiskPaused(), scene.openIn(BYBIT)]).toEqual([false, 2]);
		expect(engine.market(FUTURES as InstrumentIndex)?.isBookSound).toBe(false);
		expect(engine.market(BYBIT as InstrumentIndex)?.isBookSound).toBe(true);
		// KL2 knows no venue: who does not hear of his fills places nothing anywhere.
		await keepTicking(scene, 4_000);
		expect(engine.riskPauseReason()).toContain('binance tells us nothing of our orders');
		expect(scene.openIn(BYBIT)).toBe(0);
		world.network.refuse(WIRED_ORIGINS.binance, false);
		await keepTicking(scene, 40_000);
		expect(engine.isRiskPaused()).toBe(false);
		expect(openEverywhere(scene)).toEqual([2, 2, 2]);
		expect(await world.stop()).toEqual([]);
	});

	test('were it only its way for orders, a start says which one it is, and begins nowhere', async () => {
		const trouble = await open({
			wrap: (inner) =>
				before(inner, {
					connect: (target, handler) =>
						inner.connect(target.url.includes('/ws-fapi') ? { ...target, url: 'ws://127.0.0.1:1/' } : target, handler),
				}),
		}).catch((error: unknown) => String(error));
		expect(trouble).toContain('the streams of binance did not come up within 15 s');
	});
});

test('a life that died is recovered at each of them: nothing of it is left, and both are quoted again', async () => {
	const scene = await quoting();
	const { world, clock } = scene;
	const before = world.openAtVenue().map(({ clientOrderId }) => clientOrderId);
	world.crash('process');
	await world.run(500);
	expect(world.openAtVenue()).toHaveLength(6);
	expect(await runUntilSettled(clock, world.restart())).toEqual([]);
	expect(world.life.beginning?.recovered.orders.map(({ orderId }) => orderId).sort()).toEqual([...before].sort());
	await keepTicking(scene, 30_000);
	const now = world.openAtVenue().map(({ clientOrderId }) => clientOrderId);
	expect(now.filter((id) => before.includes(id))).toEqual([]);
	for (const index of [BYBIT, FUTURES, SPOT]) scene.wish(index, 2);
	await keepTicking(scene, 1_000);
	expect(openEverywhere(scene)).toEqual([2, 2, 2]);
	expect(await world.stop()).toEqual([]);
});

describe('a symbol that all of them have', () => {
	const THREE = ['BTCUSDT', 'BTCUSDT', 'BTCUSDT'].map((symbol) => ({ category: 'linear' as const, symbol }));
	const IDS = ['bybit:linear:BTCUSDT', 'binance:linear:BTCUSDT', 'binance:spot:BTCUSDT'];

	test('is told apart by its id, or by as much of it as says which one is meant', async () => {
		const wishes = new Wishes();
		const { world } = await open({ symbols: THREE, quoting: [{ strategy: wishes, symbols: IDS }] });
		const { app } = world;
		expect(app.symbols).toEqual(IDS);
		expect(app.indexOf('spot:BTCUSDT')).toBe(app.indexOf('binance:spot:BTCUSDT'));
		expect(() => app.indexOf('BTCUSDT')).toThrow(`BTCUSDT is several symbols of this app: say ${IDS.join(' or ')}`);
		expect(() => app.indexOf('linear:BTCUSDT')).toThrow('linear:BTCUSDT is several symbols of this app');
		expect(() => app.indexOf('ETHUSDT')).toThrow(`ETHUSDT is not among the symbols of this app: ${IDS.join(', ')}`);
		await world.stop();
	});
});

test('a sentinel cancels at all of them, when the engine has died', async () => {
	const session = await openSession(5, {
		...{ trades: 'mixed', symbols: NAMES.map((symbol) => ({ category: 'linear', symbol })) },
		...{ limitFactor: Number.POSITIVE_INFINITY, sentinelFolder: SENTINEL_FOLDER },
	});
	const { world } = session;
	const sentinel = startSentinel(session);
	const stood = await world.runWhile(() => new Set(world.openAtVenue().map(({ symbol }) => symbol)).size < 3);
	expect([stood, sentinel.sentinel.state]).toEqual([true, 'watching']);
	world.crash('process');
	await world.run(20_000);
	expect(world.openAtVenue()).toEqual([]);
	expect(sentinel.notes.map(({ kind }) => kind)).toEqual(expect.arrayContaining(['watching', 'tripped', 'cancelled', 'empty']));
	sentinel.stop();
});

describe("Binance's own watch over us", () => {
	const COUNTDOWN_MS = 30_000;

	test('cancels on futures when we have died, and nowhere else', async () => {
		const scene = await quoting({ countdownMs: COUNTDOWN_MS });
		scene.world.crash('process');
		await scene.world.run(COUNTDOWN_MS + 1_000);
		expect(openEverywhere(scene)).toEqual([2, 0, 2]);
	});

	test('is ended by an orderly stop: what others have there stays', async () => {
		const { world, clock } = await quoting({ countdownMs: COUNTDOWN_MS });
		const instrument = world.app.instruments[FUTURES ?? 0];
		if (instrument === undefined) throw new Error('the world trades three symbols');
		const { account: accountId, symbol } = world.truthOf(instrument);
		const priceTicks = Math.floor((world.app.engine.market(instrument.index)?.book.midTwiceTicks ?? 0) * 0.49);
		const order = { accountId, symbol, side: 'buy', type: 'limit', timeInForce: 'gtc', priceTicks, qtyLots: 100 } as const;
		expect(world.exchange.place({ ...order, clientOrderId: 'by-hand' }, clock.wallMs()).kind).toBe('accepted');
		expect(await world.stop()).toEqual([]);
		clock.after(COUNTDOWN_MS + 1_000, () => {});
		await world.run(COUNTDOWN_MS + 1_000);
		world.stepMarket();
		expect(world.openAtVenue().map(({ clientOrderId }) => clientOrderId)).toEqual(['by-hand']);
	});

	test('is missed where it cannot be renewed: futures alone are not quoted then', async () => {
		let isBroken = false;
		const scene = await quoting({
			countdownMs: COUNTDOWN_MS,
			wrap: (inner) => withoutCountdown(inner, () => isBroken),
		});
		isBroken = true;
		// Long before it strikes by itself.
		await keepTicking(scene, COUNTDOWN_MS / 2);
		expect(openEverywhere(scene)).toEqual([2, 0, 2]);
		expect(scene.world.app.engine.isRiskPaused()).toBe(false);
		isBroken = false;
		await keepTicking(scene, COUNTDOWN_MS);
		expect(openEverywhere(scene)).toEqual([2, 2, 2]);
		// And so each time.
		isBroken = true;
		await keepTicking(scene, COUNTDOWN_MS / 2);
		expect(openEverywhere(scene)).toEqual([2, 0, 2]);
		expect(await scene.world.stop()).toEqual([]);
	});

	test('without it nothing begins, and the start says that it is this which is missing', async () => {
		const trouble = await open({
			countdownMs: COUNTDOWN_MS,
			wrap: (inner) => withoutCountdown(inner, () => true),
		}).catch((error: unknown) => String(error));
		expect(trouble).toContain(
			"binance would not cancel our orders if we fell silent: Binance's countdown for ETHUSDT is not confirmed",
		);
	});
});
