/** For tests of promises on the virtual clock: time goes on only when all promise jobs are done. */
import { VirtualClock } from '../simulation/virtual-clock.ts';

export const START_MS = 1_800_000_000_000;

/** Lets everything happen that needs no time. */
export function settle(): Promise<void> {
	return new Promise((resolve) => setImmediate(resolve));
}

export async function pass(clock: VirtualClock, durationMs: number): Promise<void> {
	let isOver = false;
	clock.after(durationMs, () => {
		isOver = true;
	});
	while (!isOver) {
		await settle();
		clock.step();
	}
	await settle();
}

/** What a promise has come to so far. */
export function watch<T>(promise: Promise<T>, clock: VirtualClock): { value: T | undefined; atMono: number | undefined } {
	const seen: { value: T | undefined; atMono: number | undefined } = { value: undefined, atMono: undefined };
	void promise.then((value) => {
		seen.value = value;
		seen.atMono = clock.monotonicMs();
	});
	return seen;
}

export function virtualClock(): VirtualClock {
	return new VirtualClock(START_MS);
}
