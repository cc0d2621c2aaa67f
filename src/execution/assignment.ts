/**
 * The cheapest way to pair rows with columns, each used once (the Hungarian method, square, O(n^3)). The planner asks
 * for it only where its quick pairing cannot prove that no better one exists; n is at most the levels of one side.
 */

/** `costs[row * size + column]`, whole numbers; answers the column of each row. */
export function cheapestAssignment(costs: Float64Array, size: number): Int32Array {
	// Potentials and matches are kept one-based, with 0 standing for "none", which spares a special case in the search.
	const rowPotential = new Float64Array(size + 1);
	const columnPotential = new Float64Array(size + 1);
	const rowOfColumn = new Int32Array(size + 1);
	const cameFrom = new Int32Array(size + 1);
	const slack = new Float64Array(size + 1);
	const done = new Uint8Array(size + 1);
	for (let row = 1; row <= size; row += 1) {
		slack.fill(Number.POSITIVE_INFINITY);
		done.fill(0);
		rowOfColumn[0] = row;
		let column = 0;
		do {
			done[column] = 1;
			const from = at(rowOfColumn, column);
			let step = Number.POSITIVE_INFINITY;
			let next = 0;
			for (let candidate = 1; candidate <= size; candidate += 1) {
				if (done[candidate] === 1) continue;
				const cost = at(costs, (from - 1) * size + candidate - 1) - at(rowPotential, from) - at(columnPotential, candidate);
				if (cost < at(slack, candidate)) {
					slack[candidate] = cost;
					cameFrom[candidate] = column;
				}
				if (at(slack, candidate) < step) {
					step = at(slack, candidate);
					next = candidate;
				}
			}
			for (let other = 0; other <= size; other += 1) {
				if (done[other] === 1) {
					const owner = at(rowOfColumn, other);
					rowPotential[owner] = at(rowPotential, owner) + step;
					columnPotential[other] = at(columnPotential, other) - step;
				} else {
					slack[other] = at(slack, other) - step;
				}
			}
			column = next;
		} while (at(rowOfColumn, column) !== 0);
		while (column !== 0) {
			const previous = at(cameFrom, column);
			rowOfColumn[column] = at(rowOfColumn, previous);
			column = previous;
		}
	}
	const columnOfRow = new Int32Array(size);
	for (let column = 1; column <= size; column += 1) columnOfRow[at(rowOfColumn, column) - 1] = column - 1;
	return columnOfRow;
}

function at(array: Float64Array | Int32Array, index: number): number {
	return array[index] ?? 0;
}
