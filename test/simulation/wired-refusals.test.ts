/** A venue that refuses what we ask for, again and again: no storm of requests, and quotes are back soon after (F36, I16). */
import { expect, test } from 'vitest';
import type { EngineEffect } from '../../src/engine/ports.ts';
import { openSession, tradingAt } from '../fixtures/wired.ts';
import { agree, end, recover } from '../fixtures/wired-run.ts';

const MINUTE_MS = 60_000;

/** When creates left, by quoter and slot. */
class Tries {
	readonly #bySlot = new Map<string, number[]>();
	nowMs = (): number => 0;

	input(): void {}

	output(effect: EngineEffect): void {
		if (effect.kind !== 'send') return;
		for (const command of effect.batch.commands) {
			if (command.kind !== 'place') continue;
			const slot = `${command.quoter} ${command.slot}`;
			const moments = this.#bySlot.get(slot) ?? [];
			this.#bySlot.set(slot, [...moments, this.nowMs()]);
		}
	}

	/** The most of one slot in any minute that begins at this time or later. */
	mostInAMinute(fromMs: number): number {
		let most = 0;
		for (const moments of this.#bySlot.values()) {
			const since = moments.filter((ms) => ms >= fromMs);
			for (const [at, firstMs] of since.entries()) {
				most = Math.max(most, since.slice(at).filter((ms) => ms < firstMs + MINUTE_MS).length);
			}
		}
		return most;
	}
}

test.each([
	['both', 'bybit'],
	['buy', 'bybit'],
	['both', 'binance-futures'],
	['both', 'binance-spot'],
] as const)(
	'post-only orders that would always take (%s, at %s): ten tries a minute and slot, and back within a minute',
	async (side, trades) => {
		const tries = new Tries();
		const session = await openSession(5, { ...tradingAt(trades), listens: tries });
		tries.nowMs = () => session.clock.monotonicMs();
		const { world } = session;
		await session.run(3_000);
		// What stands is refused from here on, too, once it has to move.
		world.app.runtime.control({ kind: 'cancelAll', scope: { kind: 'all' } });
		expect(world.faults.inject('refuse-post-only', { side }).kind).toBe('injected');
		await session.run(500);
		const fromMs = session.clock.monotonicMs();
		await session.run(2 * MINUTE_MS);
		expect(session.struck('refuse-post-only')).toBeGreaterThan(20);
		if (side === 'both') {
			expect(tries.mostInAMinute(fromMs)).toBeLessThanOrEqual(10);
			// No more than two symbols with eight slots may, and not so few that nobody would see when it is over.
			expect(session.struck('refuse-post-only')).toBeLessThanOrEqual(2 * 8 * 10 * 3);
		}
		world.faults.clear();
		await recover(session);
		await agree(session);
		await end(session);
	},
);
