/** JSON of unknown shape, for faults that rewrite a part of a message and leave the rest as it came. Never throws. */
export type Json = unknown;

export function parseJson(text: string): Json {
	try {
		return JSON.parse(text);
	} catch (error) {
		if (error instanceof SyntaxError) return undefined;
		throw error;
	}
}

export function isRecord(value: Json): value is Readonly<Record<string, Json>> {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function listOf(value: Json): readonly Json[] {
	return Array.isArray(value) ? value : [];
}
