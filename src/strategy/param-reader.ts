/**
 * Reads the parameters of a strategy out of a plain record: typed, bounded, with a default for whatever is not said.
 * Keys may be spelled as in the configuration file (`half_spread_bps`) or as in code (`halfSpreadBps`). The first thing
 * that is wrong is kept as a refusal, and reading goes on with defaults, so that a parser reads top down without
 * branches and asks for the refusal at the end. Keys that nobody asked for are refused: they are mostly misspelt.
 */
export interface ParamRefusal {
	readonly kind: 'refused';
	/** Dotted, as the user spelled it. */
	readonly key: string;
	readonly found: string;
	readonly expected: string;
}

export interface NumberRange {
	readonly min: number;
	readonly max: number;
	readonly whole?: boolean;
	/** The least value itself is refused. */
	readonly aboveMin?: boolean;
}

const FOUND_LENGTH_MAX = 80;

export class ParamReader {
	readonly #path: string;
	readonly #root: { refusal?: ParamRefusal };
	readonly #given = new Map<string, { readonly spelled: string; readonly value: unknown }>();
	readonly #asked: string[] = [];
	readonly #groups: ParamReader[] = [];

	private constructor(raw: unknown, path: string, root: { refusal?: ParamRefusal }) {
		this.#path = path;
		this.#root = root;
		if (raw === undefined) return;
		if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) {
			this.#refuse(path === '' ? 'params' : path, raw, 'a group of settings');
			return;
		}
		for (const [spelled, value] of Object.entries(raw)) {
			const name = codeSpelling(spelled);
			if (this.#given.has(name)) this.#refuse(this.#at(spelled), value, 'this setting once, in one spelling');
			this.#given.set(name, { spelled, value });
		}
	}

	static of(raw: unknown): ParamReader {
		return new ParamReader(raw, '', {});
	}

	group(name: string): ParamReader {
		const { key, value } = this.#ask(name);
		const group = new ParamReader(value, key, this.#root);
		this.#groups.push(group);
		return group;
	}

	number(name: string, fallback: number, range: NumberRange): number {
		const { key, value } = this.#ask(name);
		if (value === undefined) return fallback;
		if (typeof value === 'number' && isIn(range, value)) return value;
		return this.#refuse(key, value, rangeText(range), fallback);
	}

	choice<const Choice extends string>(name: string, fallback: NoInfer<Choice>, choices: readonly Choice[]): Choice {
		const { key, value } = this.#ask(name);
		if (value === undefined) return fallback;
		const chosen = choices.find((choice) => choice === value);
		return chosen ?? this.#refuse(key, value, `one of ${choices.join(', ')}`, fallback);
	}

	/** Text, or null where nothing is named. */
	nameOrNull(name: string, fallback: string | null): string | null {
		const { key, value } = this.#ask(name);
		if (value === undefined) return fallback;
		if (value === null || (typeof value === 'string' && value !== '')) return value;
		return this.#refuse(key, value, 'a name, or null for none', fallback);
	}

	/** Whether anything is said about it, for settings that have no default. */
	has(name: string): boolean {
		return this.#ask(name).value !== undefined;
	}

	/** For rules that join several settings. */
	require(holds: boolean, name: string, expected: string): void {
		const { key, value } = this.#ask(name);
		if (!holds) this.#refuse(key, value ?? 'the default', expected);
	}

	/** The first thing that was wrong, keys that nobody asked for included. Ask once all is read. */
	get refusal(): ParamRefusal | undefined {
		this.#refuseUnknownKeys();
		return this.#root.refusal;
	}

	#refuseUnknownKeys(): void {
		for (const [name, { spelled, value }] of this.#given) {
			if (this.#asked.includes(name)) continue;
			this.#refuse(this.#at(spelled), value, `no such key, but one of ${this.#asked.map(fileSpelling).join(', ')}`);
		}
		for (const group of this.#groups) group.#refuseUnknownKeys();
	}

	#ask(name: string): { readonly key: string; readonly value: unknown } {
		if (!this.#asked.includes(name)) this.#asked.push(name);
		const given = this.#given.get(name);
		return { key: this.#at(given?.spelled ?? fileSpelling(name)), value: given?.value };
	}

	#at(spelled: string): string {
		return this.#path === '' ? spelled : `${this.#path}.${spelled}`;
	}

	#refuse(key: string, value: unknown, expected: string): void;
	#refuse<Fallback>(key: string, value: unknown, expected: string, fallback: Fallback): Fallback;
	#refuse<Fallback>(key: string, value: unknown, expected: string, fallback?: Fallback): Fallback | undefined {
		this.#root.refusal ??= { kind: 'refused', key, found: foundText(value), expected };
		return fallback;
	}
}

function isIn({ min, max, whole = false, aboveMin = false }: NumberRange, value: number): boolean {
	return value >= min && value <= max && !(aboveMin && value === min) && !(whole && !Number.isInteger(value));
}

function rangeText({ min, max, whole = false, aboveMin = false }: NumberRange): string {
	const kind = whole ? 'a whole number' : 'a number';
	return aboveMin ? `${kind} above ${min} and up to ${max}` : `${kind} from ${min} to ${max}`;
}

function foundText(value: unknown): string {
	const text = typeof value === 'object' && value !== null ? (Array.isArray(value) ? 'a list' : 'a group') : String(value);
	return text.length > FOUND_LENGTH_MAX ? `${text.slice(0, FOUND_LENGTH_MAX)}…` : text;
}

function codeSpelling(key: string): string {
	return key.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

function fileSpelling(name: string): string {
	return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
