/**
 * Words that come from outside as label values, kept within bounds (SEC11): each kind has a form and a number, and what
 * does not fit either is `other`. Who came first keeps its name, so a series never changes its meaning.
 */
export const FREE_LABELS = {
	'the exchange': { form: /^[a-z][a-z0-9-]{0,31}$/, countMax: 16 },
	/** `venue:category:symbol`; some venues have symbols in other letters than ours. */
	'the symbol': { form: /^[\p{L}\p{N}][\p{L}\p{N}_.:-]{0,79}$/u, countMax: 500 },
	'the pool': { form: /^[a-z][a-z-]{0,31}$/, countMax: 16 },
	'the endpoint': { form: /^[\w/.:-]{1,64}$/, countMax: 64 },
	'the limit': { form: /^[\w ,+./:-]{1,64}$/, countMax: 64 },
	'the code': { form: /^[A-Za-z][\w-]{0,63}$/, countMax: 128 },
	'the mode': { form: /^[a-z]{1,16}$/, countMax: 4 },
	/** Of whoever uses the engine as a library. */
	'the stage': { form: /^[a-z][a-z0-9_-]{0,31}$/, countMax: 32 },
	'the version': { form: /^[\w .+-]{1,64}$/, countMax: 1 },
} as const;

export type FreeLabel = keyof typeof FREE_LABELS;

export const OTHER = 'other';

export class Labels {
	readonly #admitted = new Map<FreeLabel, Set<string>>();

	/** The word itself, or `other`. */
	admit(kind: FreeLabel, word: string): string {
		let admitted = this.#admitted.get(kind);
		if (admitted?.has(word) === true) return word;
		if (admitted === undefined) {
			admitted = new Set();
			this.#admitted.set(kind, admitted);
		}
		const { form, countMax } = FREE_LABELS[kind];
		if (admitted.size >= countMax || !form.test(word)) return OTHER;
		admitted.add(word);
		return word;
	}
}
