/** For what cannot happen unless we have a bug. Expected failures are values, never exceptions. */
export function assert(condition: boolean, message: string): asserts condition {
	if (!condition) throw new Error(`invariant broken: ${message}`);
}
