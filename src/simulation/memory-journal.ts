/** A journal that keeps nothing and confirms after a while, or at once: for runs that no crash can interrupt. */
import { monoMs, timeMs } from '../domain/units.ts';
import type { EventSink, Journal } from '../engine/ports.ts';
import type { Clock } from '../ports/clock.ts';

export function memoryJournal(parts: { readonly clock: Clock; readonly syncMs: number; readonly sink: EventSink }): Journal {
	const { clock, syncMs, sink } = parts;
	function confirm(flushId: number): void {
		const at = { wallMs: timeMs(clock.wallMs()), monoMs: monoMs(clock.monotonicMs()) };
		sink({ kind: 'journaled', flushId, ok: true, ...at });
	}
	return {
		commit(flushId: number): void {
			// A timer of the system waits a millisecond at least, which every flush would pay. Whoever is told keeps it for
			// when he is done with what he is doing.
			if (syncMs === 0) confirm(flushId);
			else clock.after(syncMs, () => confirm(flushId));
		},
		note(): void {},
		keep(): void {},
	};
}
