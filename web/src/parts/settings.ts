/** A tree of settings as lines: a path and a value that has no parts. */

export interface Setting {
	readonly path: string;
	readonly value: unknown;
}

/** Numbers and words in a row stay one line; lists of more than that are taken apart. */
export function settingsOf(tree: unknown, path = ''): Setting[] {
	if (Array.isArray(tree)) {
		if (tree.every((each) => typeof each !== 'object' || each === null)) return [{ path, value: tree }];
		return tree.flatMap((each: unknown, index) => settingsOf(each, join(path, String(index))));
	}
	if (typeof tree === 'object' && tree !== null && Object.keys(tree).length > 0) {
		return Object.entries(tree).flatMap(([key, each]) => settingsOf(each, join(path, key)));
	}
	return [{ path, value: tree }];
}

export function shownValue(value: unknown): string {
	if (Array.isArray(value) && value.length > 0) return value.map(shownValue).join(', ');
	return editedValue(value);
}

/** As it is typed: lists as JSON. */
export function editedValue(value: unknown): string {
	return typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
}

/** What somebody has typed, as the kind of value that stands there now; undefined where it cannot be one. */
export function typedValue(text: string, now: unknown): { readonly value: unknown } | undefined {
	if (typeof now === 'string') return { value: text };
	let value: unknown;
	try {
		value = JSON.parse(text);
	} catch {
		return undefined;
	}
	return now === null || now === undefined || kindOf(value) === kindOf(now) ? { value } : undefined;
}

/** `strategies.0.params.spread_bps` is live where `strategies.0.params` is. */
export function isLive(path: string, live: readonly string[]): boolean {
	return live.some((each) => path === each || path.startsWith(`${each}.`));
}

function kindOf(value: unknown): string {
	return Array.isArray(value) ? 'list' : typeof value;
}

function join(path: string, key: string): string {
	return path === '' ? key : `${path}.${key}`;
}
