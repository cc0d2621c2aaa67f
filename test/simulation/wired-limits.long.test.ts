/** Ten minutes of four symbols that all want more than the venue's limits allow: nothing is refused for it. */
import { expect, test } from 'vitest';
import { openSession, releaseHeld, type SessionOptions, settle, WIRED_SYMBOLS } from '../fixtures/wired.ts';

const SECONDS = 600;
/** Amends that our share of the limit allows, and how many of them have to be used for the limit to matter. */
const ALLOWED_PER_SEC = 8;
const USED = 0.7;

const CASES: readonly { readonly title: string; readonly options: SessionOptions }[] = [
	{ title: 'WS', options: { orderEntry: 'ws' } },
	{ title: 'REST', options: { orderEntry: 'rest' } },
	{
		title: 'WS, on a road that is far and uneven',
		options: { orderEntry: 'ws', link: { requestMs: { fromMs: 10, toMs: 40 }, replyMs: { fromMs: 10, toMs: 40 } } },
	},
];

test.each(CASES)('over $title: no rate-limit refusal in ten minutes (PT13, I16)', { timeout: 300_000 }, async ({ options }) => {
	const session = await openSession(2, { ...options, symbols: WIRED_SYMBOLS });
	const { judge } = session;
	for (let second = 0; second < SECONDS; second += 1) {
		releaseHeld(session);
		await session.run(1_000);
		expect(judge.rateRefusals, `second ${second}`).toBe(0);
	}
	const { amend } = session.world.app.engine.getStats().coalesce_stats;
	expect(amend.sent).toBeGreaterThan(ALLOWED_PER_SEC * SECONDS * USED);
	await settle(session);
	judge.whenQuiet();
	expect(judge.rateRefusals, 'when all quotes are taken out').toBe(0);
});
