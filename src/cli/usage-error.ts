/** Wrong use of the command line: one line that says what was found and what is expected; exit code 2. */
export class UsageError extends Error {
	override readonly name = 'UsageError';
}
