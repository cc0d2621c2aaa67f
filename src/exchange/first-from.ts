/** The index of the first row that begins at the instant or later, of rows in order of time. */
export function firstFrom(rows: readonly { readonly startMs: number }[], atMs: number): number {
	let low = 0;
	let high = rows.length;
	while (low < high) {
		const middle = (low + high) >> 1;
		if ((rows[middle]?.startMs ?? 0) < atMs) low = middle + 1;
		else high = middle;
	}
	return low;
}
