/** A whole number from a command line, 0 or more; NaN where it says anything else, so that no comparison holds. */
export function wholeOf(text: string): number {
	return /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
}
