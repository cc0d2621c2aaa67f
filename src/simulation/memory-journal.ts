/** A journal that keeps nothing and confirms after a while: for runs that no crash can interrupt. */
import { monoMs, timeMs } from '../domain/units.ts';
import type { EventSink, Journal } from '../engine/ports.ts';
import type { Clock } from '../ports/clock.ts';

export function memoryJournal(parts: { readonly clock: Clock; readonly syncMs: number; readonly sink: EventSink }): Journal {
	const { clock, syncMs, sink } = parts;
	return {
		commit(flushId: number): void {
			clock.after(syncMs, () => {
				const at = { wallMs: timeMs(clock.wallMs()), monoMs: monoMs(clock.monotonicMs()) };
				sink({ kind: 'journaled', flushId, ok: true, ...at });
			});
		},
		note(): void {},
	};
}
