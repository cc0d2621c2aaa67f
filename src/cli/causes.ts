/** What went wrong, as one line: the first cause in front, then what went wrong in ending what was open. */
export function causesText(error: unknown): string {
	if (error instanceof SuppressedError) return `${causesText(error.suppressed)}; then ${causesText(error.error)}`;
	return error instanceof Error ? error.message : String(error);
}
