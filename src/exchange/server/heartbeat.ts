/** Calls back at a steady pace until disposed of. A beat that comes late is not made up for: what follows reads the time. */
import type { Clock } from '../../ports/clock.ts';

export function heartbeat(clock: Clock, everyMs: number, beat: (nowMs: number) => void): Disposable {
	let nextMono = clock.monotonicMs() + everyMs;
	let timer = clock.after(everyMs, fire);

	function fire(): void {
		const nowMono = clock.monotonicMs();
		nextMono = Math.max(nextMono + everyMs, nowMono);
		timer = clock.after(nextMono - nowMono, fire);
		beat(clock.wallMs());
	}

	return { [Symbol.dispose]: () => timer.cancel() };
}
