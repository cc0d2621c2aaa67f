/** The sentinel beside the whole stack in virtual time: an engine that is frozen or dies, a venue that is hard to reach (KL6, F58). */
import { describe, expect, test } from 'vitest';
import { Broken } from '../fixtures/judge.ts';
import { openSession, type Session, tradesOf, tradingAt } from '../fixtures/wired.ts';
import { endInAgreement, recovered, revive } from '../fixtures/wired-restart.ts';
import { link, startSentinel, TIMEOUT_MS, type WiredSentinel } from '../fixtures/wired-sentinel.ts';

const LIFTED = { limitFactor: Number.POSITIVE_INFINITY };
/** Of a process that comes back: two comparisons, and books that were sound for a while. */
const BACK_WITHIN_MS = 60_000;

/** Clean ones, before a process that was frozen quotes again. */
const COMPARISONS = 2;

const openCount = ({ world }: Session): number => world.openAtVenue().length;

async function until(session: Session, what: string, condition: () => boolean, withinMs = BACK_WITHIN_MS): Promise<void> {
	const untilMono = session.clock.monotonicMs() + withinMs;
	while (!condition()) {
		if (session.clock.monotonicMs() >= untilMono) throw new Broken(`waited ${withinMs} ms in vain for ${what}`);
		await session.run(50);
	}
}

async function watched(seed: number, options: Parameters<typeof openSession>[1] = LIFTED): Promise<[Session, WiredSentinel]> {
	const session = await openSession(seed, options);
	const sentinel = startSentinel(session);
	await link(session);
	await until(session, 'quotes', () => openCount(session) > 4);
	expect(sentinel.sentinel.state).toBe('watching');
	return [session, sentinel];
}

const quotes = (session: Session) => (): boolean => !session.world.app.engine.isRiskPaused() && openCount(session) > 4;

describe('a process that is frozen', () => {
	test.each([
		[1, 3_000],
		[2, 30_000],
		[3, 600_000],
		[4, 30_000],
	])('seed %i: for %i ms, sends nothing that it decided before, and quotes again', async (seed, frozenMs) => {
		const [session, sentinel] = await watched(seed, { ...LIFTED, ...tradingAt(tradesOf(seed)) });
		const { world, judge } = session;
		world.life.process.freeze();
		await session.run(frozenMs);
		const isTripped = frozenMs > TIMEOUT_MS;
		expect([openCount(session) === 0, sentinel.sentinel.state]).toEqual(isTripped ? [true, 'tripped'] : [false, 'watching']);
		// What was on its way when it froze has arrived by now.
		const { cleanCount } = judge;
		let comparedFirst: number | undefined;
		judge.onLeaving = () => {
			comparedFirst ??= judge.cleanCount - cleanCount;
		};
		world.life.process.thaw();
		expect(world.app.engine.riskPauseReason()).toMatch(/^we did not run for/);
		await until(session, 'an empty book of ours', () => openCount(session) === 0, 2_000);
		await until(session, 'quotes', quotes(session));
		expect(comparedFirst).toBeGreaterThanOrEqual(COMPARISONS);
		expect(sentinel.sentinel.state).toBe('watching');
		await endInAgreement(session);
	});

	test('with a commit of the journal on its way, drops what waits for that', async () => {
		const [session] = await watched(8, { ...LIFTED, journalMs: 40 });
		const { world, judge, clock } = session;
		const untilMono = clock.monotonicMs() + 20_000;
		const waits = (): boolean => world.app.engine.openOrders().some(({ state }) => state === 'intended');
		await world.runWhile(() => clock.monotonicMs() < untilMono && !waits());
		expect(waits()).toBe(true);
		world.life.process.freeze();
		await session.run(4_000);
		const before = judge.createdCount;
		world.life.process.thaw();
		await session.run(1_000);
		expect(judge.createdCount).toBe(before);
		await until(session, 'quotes', quotes(session));
		await endInAgreement(session);
	});
});

describe('a process that dies', () => {
	test.each([
		['process', 'bybit'],
		['power', 'bybit'],
		['process', 'binance-futures'],
		['power', 'binance-spot'],
		['process', 'mixed'],
	] as const)('by %s at %s: leaves nothing open, and its successor compares first', async (kind, trades) => {
		const [session, sentinel] = await watched(4, { ...LIFTED, ...tradingAt(trades) });
		const { world } = session;
		world.crash(kind);
		await until(session, 'an empty book of ours', () => openCount(session) === 0, TIMEOUT_MS + 4_000);
		await session.run(5_000);
		expect(sentinel.notes.map((note) => note.kind)).toEqual(['watching', 'tripped', 'cancelled', 'empty']);
		await revive(session, 1_000);
		await link(session);
		await recovered(session);
		await until(session, 'quotes', quotes(session));
		expect(sentinel.sentinel.state).toBe('watching');
		await endInAgreement(session);
	});
});

test('what the venue refuses, loses or answers late delays it, and keeps nothing open for good', async () => {
	const [session, sentinel] = await watched(5, { limitFactor: 1 });
	const { world } = session;
	for (const [name, parameters] of [
		['drop-reply', { probability: 0.4 }],
		['server-error', { probability: 0.3 }],
		['broken-paging', {}],
	] as const) {
		const injected = world.faults.inject(name, parameters);
		expect(injected.kind).toBe('injected');
	}
	world.crash('process');
	await until(session, 'an empty book of ours', () => openCount(session) === 0, 60_000);
	world.faults.clear();
	await until(session, 'its proof', () => sentinel.notes.at(-1)?.kind === 'empty');
	await revive(session, 100);
	await link(session);
	await until(session, 'quotes', quotes(session));
	await endInAgreement(session);
});

test('a frozen sentinel stops the quotes, and one that is back lets them go on', async () => {
	const [session, sentinel] = await watched(6);
	sentinel.process.freeze();
	await until(session, 'a pause', () => session.world.app.engine.isRiskPaused(), 8_000);
	expect(session.world.app.engine.riskPauseReason()).toBe('the sentinel has been silent for 5 s');
	await until(session, 'an empty book of ours', () => openCount(session) === 0, 2_000);
	sentinel.process.thaw();
	await until(session, 'quotes', quotes(session));
	await endInAgreement(session);
});

test('the same seed gives the same run (I17)', async () => {
	const digests: string[] = [];
	for (let round = 0; round < 2; round += 1) {
		const [session] = await watched(7);
		session.world.life.process.freeze();
		await session.run(15_000);
		session.world.life.process.thaw();
		await session.run(20_000);
		digests.push(session.trace.digest());
	}
	expect(digests[0]).toBe(digests[1]);
});
