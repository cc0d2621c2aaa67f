/** Signals that end with the program. */
import type { Clock } from '../ports/clock.ts';
import type { Rng } from '../ports/rng.ts';
import { memorySignalShelf } from '../simulation/memory-signal-shelf.ts';
import { SignalStore } from '../trading/signal-store.ts';

export async function memorySignals(parts: { readonly clock: Clock; readonly rng: Rng }): Promise<SignalStore> {
	const opened = await SignalStore.open({ shelf: memorySignalShelf(), ...parts });
	if (opened.kind === 'open') return opened.store;
	throw new Error(`invariant broken: memory refuses signals: ${opened.sentence}`);
}
