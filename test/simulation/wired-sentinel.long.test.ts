/**
 * Engine and sentinel under a drawn plan: both are frozen and killed at any moment, together or one after the other, and
 * the venue fails now and then. While the sentinel runs, no order outlives an engine that does not for long; and in the
 * end the books agree and quotes stand again (I4, I24, KL6, F58).
 */
import { describe, expect, test } from 'vitest';
import type { Rng } from '../../src/ports/rng.ts';
import { seededRng } from '../../src/simulation/seeded-rng.ts';
import { Broken } from '../fixtures/judge.ts';
import { openSession, releaseHeld, type Session, tradesOf, tradingAt } from '../fixtures/wired.ts';
import { endInAgreement, revive } from '../fixtures/wired-restart.ts';
import { link, startSentinel, TIMEOUT_MS, type WiredSentinel } from '../fixtures/wired-sentinel.ts';

const SEEDS = Array.from({ length: 10 }, (_, index) => index + 1);
const ROUNDS = 8;
const STEP_MS = 100;
/** From the trip to an empty book, with retries; the venue answers within milliseconds but for the faults. */
const SWEEP_MS_MAX = 15_000;
const BACK_WITHIN_MS = 90_000;

interface Scene {
	readonly session: Session;
	readonly chance: Rng;
	sentinel: WiredSentinel;
	isEngineDown: boolean;
	isSentinelDown: boolean;
	/** How long the engine has not run, and the sentinel has. */
	aloneMs: number;
}

async function pass(scene: Scene, durationMs: number): Promise<void> {
	const { session } = scene;
	for (let gone = 0; gone < durationMs; gone += STEP_MS) {
		await session.run(STEP_MS);
		scene.aloneMs = scene.isEngineDown && !scene.isSentinelDown ? scene.aloneMs + STEP_MS : 0;
		const open = session.world.openAtVenue().length;
		if (scene.aloneMs > TIMEOUT_MS + SWEEP_MS_MAX && open > 0) {
			throw new Broken(`KL6: ${open} orders are open ${scene.aloneMs} ms after the engine fell silent`);
		}
	}
}

async function engineAway(scene: Scene, isKilled: boolean): Promise<void> {
	const { session, chance } = scene;
	const { world } = session;
	scene.isEngineDown = true;
	if (isKilled) world.crash(chance.below(2) === 0 ? 'process' : 'power');
	else world.life.process.freeze();
	await pass(scene, chance.below(40_000));
	if (isKilled) {
		await revive(session, 1 + chance.below(1_000));
		await link(session);
	} else {
		world.life.process.thaw();
	}
	scene.isEngineDown = false;
}

async function sentinelAway(scene: Scene, isKilled: boolean): Promise<void> {
	const { session, chance } = scene;
	scene.isSentinelDown = true;
	if (isKilled) {
		scene.sentinel.stop();
		scene.sentinel.process.kill();
	} else {
		scene.sentinel.process.freeze();
	}
	if (chance.below(3) === 0) await engineAway(scene, chance.below(2) === 0);
	else await pass(scene, chance.below(20_000));
	if (isKilled) scene.sentinel = startSentinel(session);
	else scene.sentinel.process.thaw();
	scene.isSentinelDown = false;
}

async function round(scene: Scene): Promise<void> {
	const { session, chance } = scene;
	const { faults } = session.world;
	if (chance.below(3) === 0) faults.inject('drop-reply', { probability: 0.2 });
	if (chance.below(3) === 0) faults.inject('server-error', { probability: 0.2 });
	const isKilled = chance.below(2) === 0;
	if (chance.below(3) === 0) await sentinelAway(scene, isKilled);
	else await engineAway(scene, isKilled);
	faults.clear();
	await pass(scene, chance.below(20_000));
}

async function untilQuoted({ session }: Scene): Promise<void> {
	const { world, clock } = session;
	const untilMono = clock.monotonicMs() + BACK_WITHIN_MS;
	const isQuoted = (): boolean => !world.app.engine.isRiskPaused() && world.openAtVenue().length > 4;
	while (!isQuoted()) {
		const { engine } = world.app;
		if (engine.levels.level === 'kill' || engine.levels.level === 'reduceOnly') return;
		if (clock.monotonicMs() >= untilMono) throw new Broken(`I24: not quoting again: ${engine.riskPauseReason()}`);
		releaseHeld(session);
		await session.run(500);
	}
}

describe('engine and sentinel, stopped and killed at any moment', () => {
	test.each(SEEDS)('seed %i', async (seed) => {
		const session = await openSession(seed, { ...tradingAt(tradesOf(seed)), limitFactor: Number.POSITIVE_INFINITY });
		const chance = seededRng(seed).fork('plan');
		const sentinel = startSentinel(session);
		const scene: Scene = { session, chance, sentinel, isEngineDown: false, isSentinelDown: false, aloneMs: 0 };
		await link(session);
		await pass(scene, 5_000);
		for (let at = 0; at < ROUNDS; at += 1) await round(scene);
		await untilQuoted(scene);
		expect(session.judge.createdCount).toBeGreaterThan(8);
		await endInAgreement(session);
	});
});
