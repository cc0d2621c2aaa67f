/** Whole numbers as people type them on a command line: plain digits only, within the bounds. */
export function parseWhole(text: string, bounds: { readonly min: number; readonly max: number }): number | undefined {
	if (!/^\d{1,16}$/.test(text)) return undefined;
	const value = Number(text);
	return Number.isSafeInteger(value) && value >= bounds.min && value <= bounds.max ? value : undefined;
}
