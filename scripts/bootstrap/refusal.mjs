// @ts-check
/** An expected failure of the bootstrap: one clear line for a person and the exit code, instead of a stack trace. */
export class Refusal extends Error {
	/**
	 * @param {string} message what was found, what was expected, what to do
	 * @param {number} exitCode 1 when something failed, 2 when the usage or the machine does not fit
	 */
	constructor(message, exitCode) {
		super(message);
		this.exitCode = exitCode;
	}
}
