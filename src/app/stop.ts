/**
 * How a session is told to end: the first signal asks for an orderly stop, a later one ends the process on the spot.
 * npm and the terminal may both pass on one Ctrl-C, so signals that come close together are one.
 */
import { systemClock } from '../network/system-clock.ts';
import type { Clock } from '../ports/clock.ts';

const SAME_SIGNAL_MS = 300;
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** The part of `process` that signals need. */
export interface SignalSource {
	on(signal: NodeJS.Signals, listener: () => void): unknown;
	off(signal: NodeJS.Signals, listener: () => void): unknown;
}

export interface StopRequest extends Disposable {
	/** Resolves with the first signal. */
	readonly asked: Promise<void>;
}

export function stopOnSignal(parts: {
	readonly source: SignalSource;
	readonly onFirst: () => void;
	readonly onAgain: () => void;
	readonly clock?: Clock;
}): StopRequest {
	const { source, onFirst, onAgain, clock = systemClock() } = parts;
	let firstAtMono: number | undefined;
	const { promise: asked, resolve: ask } = Promise.withResolvers<void>();
	const listener = (): void => {
		const nowMono = clock.monotonicMs();
		if (firstAtMono === undefined) {
			firstAtMono = nowMono;
			onFirst();
			ask();
		} else if (nowMono - firstAtMono > SAME_SIGNAL_MS) {
			onAgain();
		}
	};
	for (const signal of SIGNALS) source.on(signal, listener);
	return {
		asked,
		[Symbol.dispose]: () => {
			for (const signal of SIGNALS) source.off(signal, listener);
		},
	};
}
