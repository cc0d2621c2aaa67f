/** Pearson's correlation of two series, over the length of the shorter: what the tests of this folder measure with. */
export function correlation(left: readonly number[], right: readonly number[]): number {
	const count = Math.min(left.length, right.length);
	const mean = (values: readonly number[]): number => values.slice(0, count).reduce((sum, value) => sum + value, 0) / count;
	const [leftMean, rightMean] = [mean(left), mean(right)];
	let [both, leftSquares, rightSquares] = [0, 0, 0];
	for (let index = 0; index < count; index += 1) {
		const [dx, dy] = [(left[index] ?? 0) - leftMean, (right[index] ?? 0) - rightMean];
		both += dx * dy;
		leftSquares += dx * dx;
		rightSquares += dy * dy;
	}
	return both / Math.sqrt(leftSquares * rightSquares);
}
