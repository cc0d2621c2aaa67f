/** The last so many of something, in memory that does not grow: what comes on top pushes the oldest out. */
export class LastOnes<Item> {
	readonly #items: (Item | undefined)[];
	#count = 0;

	constructor(max: number) {
		this.#items = new Array<Item | undefined>(max).fill(undefined);
	}

	get size(): number {
		return Math.min(this.#count, this.#items.length);
	}

	add(item: Item): void {
		this.#items[this.#count % this.#items.length] = item;
		this.#count += 1;
	}

	*newestFirst(): Generator<Item, undefined> {
		for (let back = 1; back <= this.size; back += 1) {
			const item = this.#items[(this.#count - back) % this.#items.length];
			if (item !== undefined) yield item;
		}
	}
}

export interface PageAsked {
	readonly limit: number;
	readonly offset?: number;
}

/** How many fit, and of those the ones that are asked for. */
export function pageOf<Item>(
	items: Iterable<Item>,
	fits: (item: Item) => boolean,
	{ limit, offset = 0 }: PageAsked,
): { readonly total: number; readonly page: readonly Item[] } {
	const page: Item[] = [];
	let total = 0;
	for (const item of items) {
		if (!fits(item)) continue;
		if (total >= offset && page.length < limit) page.push(item);
		total += 1;
	}
	return { total, page };
}

/** At most so many, evenly, the last one among them. */
export function thinned<Item>(items: readonly Item[], max: number): readonly Item[] {
	if (items.length <= max) return items;
	const step = Math.ceil(items.length / max);
	return items.filter((_, at) => (items.length - 1 - at) % step === 0);
}
