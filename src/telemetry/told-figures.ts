/**
 * What the sources tell of the figures of the catalogue, at the moment they are asked. Label words are kept within bounds:
 * what is counted under words without a name of their own adds up as `other`; a state of such a one is not told, since
 * the states of several symbols make no state.
 */
import { FIGURES, type FigureEntry, type FigureKey, type FigureLabels, type FigureSource } from './figures-catalogue.ts';
import { type Labels, OTHER } from './labels.ts';
import type { ToldValue } from './told-metric.ts';

const KEYS = Object.keys(FIGURES) as readonly FigureKey[];

/** By the words of its labels. */
type Series = Map<string, { readonly labels: Record<string, string>; value: number }>;

export class ToldFigures {
	readonly #labels: Labels;
	readonly #sources: FigureSource[] = [];
	#told = new Map<FigureKey, Series>();

	constructor(labels: Labels) {
		this.#labels = labels;
	}

	add(source: FigureSource): void {
		this.#sources.push(source);
	}

	async ask(pause: () => Promise<void>): Promise<void> {
		this.#told = new Map(KEYS.map((key) => [key, new Map() as Series]));
		for (const source of this.#sources) {
			for (const _ of source((key, labels, value) => this.#take(key, labels, value)) ?? []) await pause();
			await pause();
		}
	}

	of(key: FigureKey): Iterable<ToldValue> {
		return this.#told.get(key)?.values() ?? [];
	}

	#take<Key extends FigureKey>(key: Key, labels: FigureLabels<Key>, value: number): void {
		if (!Number.isFinite(value)) return;
		const { kind, labels: kinds }: FigureEntry = FIGURES[key];
		const words: Record<string, string> = {};
		let [series, isOther] = ['', false];
		for (const [name, allowed] of Object.entries(kinds)) {
			const said = (labels as Readonly<Record<string, string>>)[name] ?? '';
			const word = typeof allowed === 'string' ? this.#labels.admit(allowed, said) : said;
			isOther ||= word === OTHER && said !== OTHER;
			words[name] = word;
			series += `${word}\n`;
		}
		if (isOther && kind === 'gauge') return;
		const told = this.#told.get(key);
		const known = told?.get(series);
		if (known === undefined) told?.set(series, { labels: words, value });
		else if (kind === 'counter') known.value += value;
		else known.value = value;
	}
}
