/** KL5 where the settings ask for it, in the whole stack: a kill, nothing of ours left, and then slices until nothing is held. */
import { expect, test } from 'vitest';
import type { WiredTrades } from '../../src/app/wired-places.ts';
import type { PlaceCommand } from '../../src/domain/command.ts';
import type { EngineEffect } from '../../src/engine/ports.ts';
import { BUSY, openSession, type Session, tradingAt } from '../fixtures/wired.ts';
import { revive } from '../fixtures/wired-restart.ts';

const held = ({ world }: Session): readonly string[] =>
	world.accounts
		.flatMap((account) => world.exchange.positions(account))
		.filter(({ qtyLotsSigned }) => qtyLotsSigned !== 0)
		.map(({ symbol }) => symbol);

async function holding(seed: number, flattensAfterKill: boolean, trades: WiredTrades = 'bybit') {
	const slices: PlaceCommand[] = [];
	let isKilled = false;
	const openWhenSliced: number[] = [];
	const session: Session = await openSession(seed, {
		...tradingAt(trades),
		engine: { ...BUSY, limits: { ...BUSY.limits, flattensAfterKill } },
		listens: {
			input: () => {},
			output: (effect: EngineEffect) => {
				if (!isKilled || effect.kind !== 'send') return;
				for (const command of effect.batch.commands) {
					if (command.kind !== 'place') continue;
					if (slices.length === 0) openWhenSliced.push(session.world.openAtVenue().length);
					slices.push(command);
				}
			},
		},
	});
	session.judge.approvals.mayFlatten = flattensAfterKill;
	for (let second = 0; second < 120 && held(session).length === 0; second += 1) await session.run(1_000);
	expect(held(session).length, 'positions to close').toBeGreaterThan(0);
	isKilled = true;
	session.world.app.runtime.control({ kind: 'shutGate', reason: 'test' });
	return { session, slices, openWhenSliced };
}

test.each([
	[1, 'bybit'],
	[2, 'bybit'],
	[1, 'binance-futures'],
] as const)('seed %i at %s: once nothing of ours stands, positions are closed, reducing and at once', async (seed, trades) => {
	const { session, slices, openWhenSliced } = await holding(seed, true, trades);
	await session.run(120_000);
	expect([held(session), session.world.openAtVenue(), openWhenSliced]).toEqual([[], [], [0]]);
	expect(slices.length).toBeGreaterThan(0);
	expect(slices.every(({ reduceOnly, timeInForce }) => reduceOnly && timeInForce === 'ioc')).toBe(true);
	expect(session.world.app.engine.levels.level).toBe('kill');
	session.judge.whenQuiet();
});

test('a start behind the latch goes on with it', async () => {
	const { session, slices } = await holding(1, true);
	await session.run(20);
	session.world.crash('process');
	const before = slices.length;
	await revive(session, 500);
	await session.run(120_000);
	expect(slices.length).toBeGreaterThan(before);
	expect([held(session), session.world.openAtVenue(), session.world.app.engine.levels.level]).toEqual([[], [], 'kill']);
});

test('without it, nothing leaves but cancels', async () => {
	const { session, slices } = await holding(1, false);
	await session.run(60_000);
	expect([slices, session.world.openAtVenue()]).toEqual([[], []]);
	expect(held(session).length).toBeGreaterThan(0);
});
