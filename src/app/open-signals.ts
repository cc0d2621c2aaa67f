/** The signals of a data folder, for a session and for whoever changes them beside it. */
import { join } from 'node:path';
import { systemClock } from '../network/system-clock.ts';
import { systemRng } from '../network/system-rng.ts';
import type { Clock } from '../ports/clock.ts';
import type { Rng } from '../ports/rng.ts';
import { SignalFile } from '../storage/signal-file.ts';
import { SignalStore, type SignalStoreOpened } from '../trading/signal-store.ts';

export interface SignalParts {
	/** Of one instance. */
	readonly folder: string;
	readonly clock: Clock;
	readonly rng: Rng;
	/** What becomes of the file later on, one sentence each. */
	readonly onSay: (sentence: string) => void;
}

export async function openSignals({ folder, clock, rng, onSay }: SignalParts): Promise<SignalStoreOpened> {
	return await SignalStore.open({ shelf: new SignalFile({ clock, path: signalsPath(folder), onSay }), clock, rng });
}

/** For programs that want nothing else of the folder. */
export async function openSignalsAlone(folder: string, onSay: (sentence: string) => void): Promise<SignalStoreOpened> {
	return await openSignals({ folder, clock: systemClock(), rng: systemRng(), onSay });
}

export function signalsPath(folder: string): string {
	return join(folder, 'signals.db');
}
