/** The exchange's own timer for futures, against the exchange in a box: what we armed cancels when we fall silent, and only then. */
import { beforeEach, expect, test } from 'vitest';
import { DeadMan, type DeadManNote } from '../../src/venues/binance/dead-man.ts';
import { idOf, OrderWorld } from './binance-order-world.ts';

const COUNTDOWN_MS = 60_000;

let world: OrderWorld;
let notes: DeadManNote[];
let deadMan: DeadMan;

beforeEach(async () => {
	world = await OrderWorld.open({ calls: { orderEntry: 'rest' } });
	notes = [];
	deadMan = new DeadMan({
		rest: world.markets.linear.rest,
		clock: world.clock,
		countdownMs: COUNTDOWN_MS,
		onNote: (note) => notes.push(note),
	});
});

async function quoteBoth(): Promise<void> {
	const orders = [world.place(idOf(1), world.instrument('linear')), world.place(idOf(2), world.instrument('linear', 'ETHUSDT'))];
	expect(await world.outcomes(orders)).toEqual(['accepted', 'accepted']);
}

test('armed and renewed, orders stay for as long as we live', async () => {
	await world.settle(deadMan.arm(['BTCUSDT', 'ETHUSDT']));
	expect(notes).toEqual([{ kind: 'armed' }]);
	await quoteBoth();
	await world.run(10 * COUNTDOWN_MS);
	expect(world.open('linear')).toHaveLength(2);
	expect(deadMan.isArmed).toBe(true);
	expect(notes).toHaveLength(1);
});

test('once we fall silent, everything of these symbols is cancelled in time, and of no other', async () => {
	await world.settle(deadMan.arm(['BTCUSDT']));
	await quoteBoth();
	await world.run(3 * COUNTDOWN_MS);
	deadMan.stop();
	await world.run(COUNTDOWN_MS * 0.6);
	expect(world.open('linear')).toHaveLength(2);
	await world.run(COUNTDOWN_MS * 0.5);
	expect(world.open('linear').map((line) => line.split(' ')[0])).toEqual([idOf(2)]);
});

test('an orderly stop ends it: what somebody leaves open on purpose stays', async () => {
	await world.settle(deadMan.arm(['BTCUSDT', 'ETHUSDT']));
	await quoteBoth();
	expect(await world.settle(deadMan.disarm())).toBeUndefined();
	expect(deadMan.isArmed).toBe(false);
	await world.run(3 * COUNTDOWN_MS);
	expect(world.open('linear')).toHaveLength(2);
});

test('an orderly stop ends what is just being asked for again too', async () => {
	await world.settle(deadMan.arm(['BTCUSDT']));
	await quoteBoth();
	// Until the next renewal is under way, and does not get through.
	await world.run(COUNTDOWN_MS / 3 - 100);
	world.unreachable(true);
	await world.run(150);
	world.unreachable(false);
	expect(await world.settle(deadMan.disarm())).toBeUndefined();
	await world.run(3 * COUNTDOWN_MS);
	expect(world.open('linear')).toHaveLength(2);
});

test('armed anew, it watches over the new symbols alone', async () => {
	await world.settle(deadMan.arm(['ETHUSDT']));
	await world.settle(deadMan.arm(['BTCUSDT']));
	expect(notes).toEqual([{ kind: 'armed' }, { kind: 'armed' }]);
	await quoteBoth();
	await world.run(3 * COUNTDOWN_MS);
	expect(world.open('linear').map((line) => line.split(' ')[0])).toEqual([idOf(1)]);
});

test('one that could not be ended is named', async () => {
	await world.settle(deadMan.arm(['BTCUSDT', 'ETHUSDT']));
	world.unreachable(true);
	expect(await world.settle(deadMan.disarm())).toContain("Binance's countdown for BTCUSDT is not confirmed");
});

test('what is refused or not confirmed is told, once, and its end too', async () => {
	await world.settle(deadMan.arm(['BTCUSDT', 'ETHUSDT']));
	world.unreachable(true);
	await world.run(2 * COUNTDOWN_MS);
	expect(notes).toMatchObject([
		{ kind: 'armed' },
		{ kind: 'unarmed', detail: expect.stringContaining('not confirmed') as string },
	]);
	expect(deadMan.isArmed).toBe(false);
	world.unreachable(false);
	await world.run(COUNTDOWN_MS);
	expect(notes).toHaveLength(3);
	expect(notes[2]).toEqual({ kind: 'armed' });
});

test('one that is lost on its way is asked for again at once', async () => {
	world.unreachable(true);
	world.clock.after(60, () => world.unreachable(false));
	await world.settle(deadMan.arm(['BTCUSDT', 'ETHUSDT']));
	expect(notes).toEqual([{ kind: 'armed' }]);
});

test('a symbol that the venue does not know is refused, loudly', async () => {
	await world.settle(deadMan.arm(['BTCUSDT', 'NOSUCH']));
	expect(notes).toMatchObject([{ kind: 'unarmed', detail: expect.stringContaining('NOSUCH is refused') as string }]);
});

test.each([
	['another symbol', { symbol: 'ETHUSDT', countdownTime: '60000' }],
	['another time', { symbol: 'BTCUSDT', countdownTime: '0' }],
	['nothing', undefined],
])('an answer about %s confirms nothing', async (_name, result) => {
	const answer = { kind: 'ok', result, body: new Uint8Array(), limits: [], askedAtMs: 0 } as const;
	const { clock } = world;
	const told = (note: DeadManNote): void => void notes.push(note);
	const doubted = new DeadMan({ rest: { askAsync: async () => answer }, clock, countdownMs: COUNTDOWN_MS, onNote: told });
	await world.settle(doubted.arm(['BTCUSDT']));
	expect(notes).toMatchObject([{ kind: 'unarmed', detail: expect.stringContaining('not confirmed') as string }]);
	doubted.stop();
});

test('nothing to arm is nothing armed', async () => {
	await world.settle(deadMan.arm([]));
	expect([deadMan.isArmed, notes]).toEqual([false, []]);
});
