/**
 * Numbers on this venue's wire. Ids and times are JSON numbers, and ids may be larger than what a double holds exactly:
 * inside they are bigints or texts, and neither reading nor printing loses a digit. Prices and quantities are texts.
 */

/** What a façade answers before it becomes bytes; whole numbers beyond the exact ones of a double are bigints. */
export type Json = object | string | number | bigint | boolean | null;

/** JSON with bigints as numbers. */
export function printJson(value: Json): string {
	return JSON.stringify(value, (_name, member: unknown) => (typeof member === 'bigint' ? rawJson(member.toString()) : member));
}

/**
 * Reads JSON with every number as the text it was written as: signatures cover that text, and ids need all their
 * digits. Undefined for what is no JSON.
 */
export function parseAsWritten(text: string): unknown {
	try {
		return JSON.parse(text, written) as unknown;
	} catch (error) {
		if (error instanceof SyntaxError) return undefined;
		throw error;
	}
}

function written(_name: string, value: unknown, context?: { readonly source?: string }): unknown {
	return typeof value === 'number' ? (context?.source ?? String(value)) : value;
}

/** Part of the language, and not of the compiler's library yet. */
function rawJson(text: string): unknown {
	return (JSON as unknown as { rawJSON(source: string): unknown }).rawJSON(text);
}
