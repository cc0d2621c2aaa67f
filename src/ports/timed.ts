/** Measures how long calls take, whether they return, reject or throw, and changes nothing about them. */
import type { Clock } from './clock.ts';
import type { Timing } from './meter.ts';

/** The same function, `this` included, each call of it recorded. Where it returns a promise, until that has settled. */
export function timed<Args extends readonly unknown[], R>(
	clock: Pick<Clock, 'monotonicMs'>,
	timing: Timing,
	fn: (...args: Args) => R,
): (...args: Args) => R {
	return function (this: unknown, ...args) {
		const startedMono = clock.monotonicMs();
		const record = (): void => timing.record(clock.monotonicMs() - startedMono);
		let returned: R;
		try {
			returned = Reflect.apply(fn, this, args);
		} catch (error: unknown) {
			record();
			throw error;
		}
		if (returned instanceof Promise) void returned.then(record, record);
		else record();
		return returned;
	};
}
