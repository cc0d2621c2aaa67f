/** How many tests passed, failed and were skipped; every suite ends in one such line, and the lines add up. */
export interface Counts {
	readonly passed: number;
	readonly failed: number;
	readonly skipped: number;
}

export const noTests: Counts = { passed: 0, failed: 0, skipped: 0 };

export function addCounts(a: Counts, b: Counts): Counts {
	return { passed: a.passed + b.passed, failed: a.failed + b.failed, skipped: a.skipped + b.skipped };
}

/** Nothing failed, and something ran: a suite that finds no tests has lost them. */
export function isSuccess({ passed, failed }: Counts): boolean {
	return failed === 0 && passed > 0;
}

export function countsLine({ passed, failed, skipped }: Counts): string {
	return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}

/** The counts in the last line of a suite's output, or undefined when that line is something else. */
export function parseCounts(output: string): Counts | undefined {
	const match = /(?:^|\n)(\d+) passed, (\d+) failed, (\d+) skipped\s*$/.exec(output);
	if (match === null) return undefined;
	const [, passed, failed, skipped] = match;
	return { passed: Number(passed), failed: Number(failed), skipped: Number(skipped) };
}
