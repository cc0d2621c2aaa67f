/** For what cannot happen unless we have a bug. Expected failures are values, never exceptions. */
export function assert(condition: boolean, message: string): asserts condition {
	if (!condition) broken(message);
}

/** For hot paths, where the message of an `assert` would be made each time that all is well. */
export function broken(message: string): never {
	throw new Error(`invariant broken: ${message}`);
}
