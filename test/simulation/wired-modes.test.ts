/** The account finds itself in hedge mode while we trade: the next comparison notices, and quotes are back once it is over (F62). */
import { expect, test } from 'vitest';
import { accountOf } from '../../src/app/wired-places.ts';
import { WIRED_ACCOUNT } from '../../src/app/wired-world.ts';
import { openSession, tradingAt } from '../fixtures/wired.ts';
import { agree, end, recover } from '../fixtures/wired-run.ts';

/** Longer than from one comparison to the next. */
const HEDGED_MS = 40_000;

test.each(['bybit', 'binance-futures'] as const)('hedge mode at %s holds what it concerns, with its reason', async (trades) => {
	const session = await openSession(11, tradingAt(trades));
	const { world } = session;
	await session.run(3_000);
	const [traded] = world.app.instruments;
	if (traded === undefined) throw new Error('two symbols are traded');
	const parameters = { account: accountOf(traded, WIRED_ACCOUNT), form: 'hedge', forMs: HEDGED_MS, everyMs: 600_000 };
	expect(world.faults.inject('account-mode', parameters).kind).toBe('injected');
	await session.run(HEDGED_MS);
	expect(session.struck('account-mode')).toBe(1);
	const { engine, instruments, runtime } = world.app;
	const reasons = instruments.map(({ index }) => engine.levels.holdReason(index, runtime.now().monoMs) ?? '');
	// At Bybit the mode is a symbol's, at Binance the whole account's.
	expect(reasons.filter((reason) => reason.includes('is in hedge mode'))).toHaveLength(trades === 'bybit' ? 1 : 2);
	world.faults.clear();
	await recover(session);
	await agree(session);
	await end(session);
});
