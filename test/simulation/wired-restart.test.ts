/**
 * The program dies at some instant under eager quoting, and comes back. The judge looks at every step of every life:
 * nothing new before it is known what was left, nothing left when it is, each id one order for ever, each fill once.
 */
import { describe, expect, test } from 'vitest';
import { WIRED_TRADES } from '../../src/app/wired-places.ts';
import type { Recovered } from '../../src/engine/recovery.ts';
import { seededRng } from '../../src/simulation/seeded-rng.ts';
import { openSession, type Session, type SessionOptions, tradesOf, tradingAt } from '../fixtures/wired.ts';
import { endInAgreement, recovered, revive } from '../fixtures/wired-restart.ts';

const LIFTED: SessionOptions = { limitFactor: Number.POSITIVE_INFINITY };

async function diesAndReturns(seed: number, kind: 'process' | 'power', options: SessionOptions = {}): Promise<Session> {
	const chance = seededRng(seed).fork('crash');
	const session = await openSession(seed, { ...LIFTED, ...tradingAt(tradesOf(seed)), ...options });
	for (let life = 0; life < 3; life += 1) {
		await session.run(500 + chance.below(4_000));
		session.world.crash(kind);
		await revive(session, 1 + chance.below(3_000));
		await recovered(session);
	}
	await session.run(2_000);
	await endInAgreement(session);
	return session;
}

/** Of the orders that the first of these lives found. */
function idsOf({ orders }: Recovered, first: Recovered): string[] {
	const known = new Set(first.orders.map(({ orderId }) => orderId));
	return orders.map(({ orderId }) => orderId).filter((id) => known.has(id));
}

function bookedOf({ ledger }: Recovered): string[] {
	return ledger.accounts.flatMap(({ executions }) => executions.ids);
}

describe('a program that dies and comes back (I1, I2, I4, I5, I8, I25)', () => {
	test.each([1, 2, 3, 4])('seed %i: killed', async (seed) => {
		const { judge, world } = await diesAndReturns(seed, 'process');
		expect(world.lifeCount).toBe(4);
		expect(judge.tradeCount, 'a session without fills proves little').toBeGreaterThan(2);
		expect(judge.journal.compareCount).toBeGreaterThan(0);
	});

	test.each([5, 6, 7, 8])('seed %i: the power goes', async (seed) => {
		const { judge } = await diesAndReturns(seed, 'power', { orderEntry: 'rest' });
		expect(judge.createdCount).toBeGreaterThan(30);
	});

	test('killed again inside recovery, and again, it ends in the same state (I22)', async () => {
		const session = await openSession(7, LIFTED);
		await session.run(2_000);
		session.world.crash('process');
		const begin = async (afterMs: number): Promise<Recovered> => {
			await session.run(100);
			void session.world.restart();
			await session.run(afterMs);
			const { beginning } = session.world.life;
			session.world.crash('power');
			if (beginning === undefined) throw new Error(`nothing was read within ${afterMs} ms`);
			return beginning.recovered;
		};
		// Too soon for anything to have been learned.
		const first = await begin(2);
		expect(first.orders.length).toBeGreaterThan(4);
		for (const afterMs of [3, 3, 4]) {
			const { orders, ledger } = await begin(afterMs);
			expect([orders, ledger]).toEqual([first.orders, first.ledger]);
		}
		// What was learned stays, and what was over never comes back.
		let before = first;
		for (const afterMs of [30, 300, 1_000, 4_000, 2]) {
			const next = await begin(afterMs);
			expect(idsOf(before, first)).toEqual(expect.arrayContaining(idsOf(next, first)));
			expect(bookedOf(next)).toEqual(expect.arrayContaining(bookedOf(before)));
			before = next;
		}
		expect(idsOf(before, first)).toEqual([]);
		await revive(session, 100);
		await recovered(session);
		await session.run(1_000);
		await endInAgreement(session);
	});

	test.each(WIRED_TRADES)('a kill holds over a crash (I10): %s', async (trades) => {
		const session = await openSession(8, { ...LIFTED, ...tradingAt(trades) });
		const { world, judge } = session;
		await session.run(2_000);
		world.app.runtime.control({ kind: 'shutGate', reason: 'by hand' });
		await session.run(5);
		world.crash('power');
		await revive(session, 500);
		await recovered(session);
		await session.run(10_000);
		expect(world.app.engine.levels.level).toBe('kill');
		expect(world.openAtVenue()).toEqual([]);
		judge.whenQuiet();
	});

	test.each([1, 2, 3, 4])('two runs of seed %i with crashes are the same (I17)', async (seed) => {
		const hashes = await Promise.all(
			[1, 2].map(async () => {
				const { trace, world } = await diesAndReturns(seed, 'power');
				return `${trace.digest()} ${world.exchange.stateHash()}`;
			}),
		);
		expect(hashes[1]).toBe(hashes[0]);
	});
});
