/** Signals in virtual time: the whole stack with a memory instead of a file, the same for the same seed. */
import { expect, test } from 'vitest';
import { followSignals } from '../../src/app/signal-follower.ts';
import { memorySignalShelf } from '../../src/simulation/memory-signal-shelf.ts';
import { seededRng } from '../../src/simulation/seeded-rng.ts';
import { LADDER_DEFAULTS, ladder } from '../../src/strategy/index.ts';
import { SignalStore } from '../../src/trading/signal-store.ts';
import { openSession, WIRED_SYMBOLS } from '../fixtures/wired.ts';

const HEEDING = ladder({ ...LADDER_DEFAULTS, signal: { source: 'desk', maxShiftBps: 0, vetoAbove: 0.5 } });
const SYMBOLS = WIRED_SYMBOLS.slice(0, 2);

async function sessionOf(seed: number) {
	const quoting = [{ strategy: HEEDING, symbols: SYMBOLS.map(({ symbol }) => symbol) }];
	const session = await openSession(seed, { symbols: SYMBOLS, quoting });
	const { clock, world, run } = session;
	const opened = await SignalStore.open({ shelf: memorySignalShelf(), clock, rng: seededRng(seed) });
	if (opened.kind === 'refused') throw new Error(opened.sentence);
	const { store } = opened;
	const { app } = world;
	followSignals({
		signals: store,
		instruments: app.instruments,
		now: () => app.runtime.now(),
		tell: (event) => app.hear(event),
		onSay: () => {},
	});
	const counts: Record<string, number>[] = [];
	const count = (): void => {
		const open = Map.groupBy(world.openAtVenue(), ({ symbol, side }) => `${symbol} ${side}`);
		counts.push(Object.fromEntries([...open].map(([name, orders]) => [name, orders.length])));
	};
	await run(5_000);
	count();
	const symbol = SYMBOLS[0]?.symbol ?? '';
	await store.createSignal({ symbol, type: 'BUY', source: 'desk', expiresAtMs: clock.wallMs() + 10_000 });
	await run(5_000);
	count();
	await run(10_000);
	count();
	await store[Symbol.asyncDispose]();
	await world.stop();
	return { counts, digest: session.digest(), symbol };
}

test('a strong one silences one side of one symbol until it expires, and the same seed does the same again', async () => {
	const one = await sessionOf(5);
	const [before, during, after] = one.counts;
	expect(before?.[`${one.symbol} sell`]).toBeGreaterThan(0);
	expect(during).toEqual({ ...before, [`${one.symbol} sell`]: undefined });
	expect(after).toEqual(before);
	const other = await sessionOf(5);
	expect([other.digest, other.counts]).toEqual([one.digest, one.counts]);
});
