/** The word that was probably meant: the nearest of the known ones, if it is near enough to be no guess. */
const TYPO_SHARE = 1 / 3;
const LENGTH_MAX = 60;

export function nearest(word: string, known: readonly string[]): string | undefined {
	if (word.length > LENGTH_MAX) return undefined;
	const lower = word.toLowerCase();
	const typosMax = Math.max(1, Math.floor(word.length * TYPO_SHARE));
	let best: string | undefined;
	let fewest = typosMax + 1;
	for (const each of known) {
		const typos = distance(lower, each.toLowerCase());
		if (typos >= fewest) continue;
		fewest = typos;
		best = each;
	}
	return best;
}

/** How many letters to add, take away, change or swap with their neighbour. */
function distance(from: string, to: string): number {
	let beforeLast: number[] = [];
	let last = Array.from({ length: to.length + 1 }, (_, column) => column);
	for (let row = 1; row <= from.length; row += 1) {
		const now = [row];
		for (let column = 1; column <= to.length; column += 1) {
			const isSame = from[row - 1] === to[column - 1];
			let least = Math.min((last[column] ?? 0) + 1, (now[column - 1] ?? 0) + 1, (last[column - 1] ?? 0) + (isSame ? 0 : 1));
			if (row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1]) {
				least = Math.min(least, (beforeLast[column - 2] ?? 0) + 1);
			}
			now.push(least);
		}
		beforeLast = last;
		last = now;
	}
	return last[to.length] ?? 0;
}
