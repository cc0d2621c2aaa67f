/** The trading desk over the wire, with crashes: what it decides is done once, closed again, and known to the end. */
import { describe, expect, test } from 'vitest';
import { WIRED_TRADES } from '../../src/app/wired-places.ts';
import { EAGER, openSession } from '../fixtures/wired.ts';
import { deskingAt, playDesk } from '../fixtures/wired-desk.ts';
import { endInAgreement, recovered, revive } from '../fixtures/wired-restart.ts';

describe('a desk beside the quotes', () => {
	test.each(WIRED_TRADES)('on %s: decisions and exits go once each and survive crashes', async (trades) => {
		const { symbols, quoted, deskSymbol } = deskingAt(trades);
		const session = await openSession(3, {
			limitFactor: Number.POSITIVE_INFINITY,
			trades,
			symbols,
			quoting: [{ strategy: EAGER, symbols: quoted }],
			lives: (life) => playDesk(life, deskSymbol),
			journalSegments: { bytesMax: 20_000, lookEveryMs: 250 },
		});
		const { judge, world } = session;
		for (const downMs of [50, 3_000]) {
			await session.run(1_500);
			world.crash('power');
			await revive(session, downMs);
			await recovered(session);
		}
		await session.run(1_000);
		expect(judge.journal.decidedCount, 'decisions with an order').toBeGreaterThan(10);
		expect(judge.journal.exitIds.size, 'exits').toBeGreaterThan(5);
		await endInAgreement(session);
		judge.journal.checkFates();
		const index = world.app.indexOf(deskSymbol);
		expect(world.app.engine.decisionRecords().length).toBeGreaterThan(0);
		expect(world.app.engine.ledger.inventoryLots(index), 'all of it is closed again').toBe(0);
	});
});
