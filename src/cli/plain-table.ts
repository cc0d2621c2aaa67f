/** Tables and texts for a terminal: columns as wide as what stands in them, and nothing that a terminal would obey. */

/** Columns in `numbers` are set to the right. */
export function tableText(
	headings: readonly string[],
	rows: readonly (readonly string[])[],
	numbers: ReadonlySet<number> = NONE,
): string {
	const cells = [headings, ...rows.map((row) => row.map(plainText))];
	const widths = headings.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
	const line = (row: readonly string[]): string =>
		row
			.map((cell, column) => (numbers.has(column) ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0)))
			.join('  ')
			.trimEnd();
	return `${cells.map(line).join('\n')}\n`;
}

const NONE: ReadonlySet<number> = new Set();

/** Words of venues and other people may carry what moves the cursor or more (SEC18). */
export function plainText(text: string): string {
	return text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ');
}

/** What nobody knows is a dash. */
export function figure(value: number | null, digits: number): string {
	return value === null ? '-' : value.toFixed(digits);
}

/** A price as far as anybody reads it: what was worked out has no end of digits. */
export function priceText(price: number | null): string {
	return price === null ? '-' : String(Number(price.toPrecision(9)));
}

/** A decimal text, to so many digits. */
export function rounded(text: string, digits = 2): string {
	return Number(text).toFixed(digits);
}
