/** How often a run did what, for the assertion that it did all of it and for the person who reads the output. */
export class Tally {
	readonly #counts = new Map<string, number>();

	add(name: string): void {
		this.#counts.set(name, this.count(name) + 1);
	}

	count(name: string): number {
		return this.#counts.get(name) ?? 0;
	}

	get sum(): number {
		return [...this.#counts.values()].reduce((sum, count) => sum + count, 0);
	}

	/** Those that happened less often than that. */
	below(names: Iterable<string>, least: number): string[] {
		return [...new Set(names)].filter((name) => this.count(name) < least).map((name) => `${name}: ${this.count(name)}`);
	}

	text(title: string): string {
		const rows = [...this.#counts].sort(([left], [right]) => (left < right ? -1 : 1)).map(([name, count]) => `${name} ${count}`);
		return `${title}: ${this.sum}\n  ${rows.join(', ')}`;
	}
}
