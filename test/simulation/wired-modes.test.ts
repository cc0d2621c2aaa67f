/** The account finds itself in hedge mode, or at another leverage, while we trade: the next comparison notices, and quotes are back once it is over (F62). */
import { expect, test } from 'vitest';
import { accountOf } from '../../src/app/wired-places.ts';
import { WIRED_ACCOUNT } from '../../src/app/wired-world.ts';
import { BUSY, openSession, tradingAt } from '../fixtures/wired.ts';
import { agree, end, recover } from '../fixtures/wired-run.ts';

/** Soon enough that nothing else holds a symbol by then. */
const RECONCILE = { ...BUSY.reconcile, intervalMs: 2_000, hurriedIntervalMs: 2_000 };
/** The first comparison shows how it was when we began. */
const BEGUN_MS = 3_000;
/** Longer than from one comparison to the next. */
const CHANGED_MS = 5_000;

// Of the two symbols: at Bybit the position mode is a symbol's, at Binance the whole account's; the leverage is a symbol's at both.
test.each([
	['hedge', 'bybit', 'is in hedge mode', 1],
	['hedge', 'binance-futures', 'is in hedge mode', 2],
	['leverage', 'bybit', 'was 10 and is 1, less than risk.leverage_max', 1],
	['leverage', 'binance-futures', 'was 10 and is 1, less than risk.leverage_max', 1],
] as const)('another %s at %s holds what it concerns, with its reason', async (form, trades, words, count) => {
	const session = await openSession(11, { ...tradingAt(trades), engine: { ...BUSY, reconcile: RECONCILE } });
	const { world } = session;
	await session.run(BEGUN_MS);
	const [traded] = world.app.instruments;
	if (traded === undefined) throw new Error('two symbols are traded');
	const of = { account: accountOf(traded, WIRED_ACCOUNT), form, leverage: 1 };
	expect(world.faults.inject('account-mode', { ...of, forMs: CHANGED_MS, everyMs: 600_000 }).kind).toBe('injected');
	await session.run(CHANGED_MS);
	expect(session.struck('account-mode')).toBe(1);
	const { engine, instruments, runtime } = world.app;
	const reasons = instruments.map(({ index }) => engine.levels.holdReason(index, runtime.now().monoMs) ?? '');
	expect(reasons.filter((reason) => reason.includes(words))).toHaveLength(count);
	world.faults.clear();
	await recover(session);
	await agree(session);
	await end(session);
});
