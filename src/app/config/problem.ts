/** What is wrong with a setting: where it stands, what was found there, what is expected, and how to mend it. */
export interface Position {
	/** From 1, as editors count. */
	readonly line: number;
	readonly column: number;
}

/** Where a setting comes from. */
export type Place =
	| ({ readonly kind: 'file'; readonly file: string } & Position)
	| { readonly kind: 'environment'; readonly variable: string }
	| { readonly kind: 'flag'; readonly flag: string }
	| { readonly kind: 'default' };

export interface Problem {
	readonly place: Place;
	/** Such as `box.accounts[0].name`; empty for the whole file. */
	readonly path: string;
	readonly found: string;
	readonly expected: string;
	readonly mend: string;
}

export type Path = readonly (string | number)[];

/** More would push the first ones off the screen. */
export const PROBLEMS_MAX = 20;

/** One line without a line break, in the form that editors and terminals can jump to. */
export function problemLine({ place, path, found, expected, mend }: Problem): string {
	const subject = path === '' ? '' : `${path}: `;
	return `${placeText(place)}: ${subject}found ${found}, expected ${expected}; ${mend}`;
}

export function placeText(place: Place): string {
	switch (place.kind) {
		case 'file':
			return `${place.file}:${place.line}:${place.column}`;
		case 'environment':
			return place.variable;
		case 'flag':
			return place.flag;
		case 'default':
			return 'default';
	}
}

export function pathText(path: Path): string {
	return path.map((step, index) => (typeof step === 'number' ? `[${step}]` : `${index === 0 ? '' : '.'}${shown(step)}`)).join('');
}

const FOUND_LENGTH_MAX = 60;

/** A value in a few words, whatever it is. */
export function foundText(value: unknown): string {
	if (value === undefined || value === null) return 'nothing';
	if (typeof value === 'string') return `'${shown(value)}'`;
	if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
	if (typeof value === 'object') return 'a map';
	return typeof value === 'number' || typeof value === 'boolean' ? String(value) : typeof value;
}

/** Cut short, and nothing that would move the cursor of a terminal or hide a part of the line. */
export function shown(text: string): string {
	const plain = text.replaceAll(/[\p{C}\p{Zl}\p{Zp}]/gu, '?');
	return plain.length > FOUND_LENGTH_MAX ? `${plain.slice(0, FOUND_LENGTH_MAX)}…` : plain;
}
