/** Counts under the names and labels of the catalogue, kept until somebody looks. */
import type { FigureKey, FigureLabels, Tell } from '../../telemetry/figures-catalogue.ts';

export class Tallies {
	readonly #told = new Map<string, { total: number; readonly tell: (tell: Tell, total: number) => void }>();

	/** With nothing counted yet it is told as 0. */
	add<Key extends FigureKey>(key: Key, labels: FigureLabels<Key>, count = 1): void {
		let series: string = key;
		for (const word of Object.values(labels as Readonly<Record<string, string>>)) series += `\n${word}`;
		const known = this.#told.get(series);
		if (known !== undefined) known.total += count;
		else this.#told.set(series, { total: count, tell: (tell, total) => tell(key, labels, total) });
	}

	tell(tell: Tell): void {
		for (const { total, tell: tellOne } of this.#told.values()) tellOne(tell, total);
	}
}
