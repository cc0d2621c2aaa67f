/**
 * JSON whose whole numbers keep all their digits: those that a double cannot tell apart from their neighbours become
 * bigints (F66). Order ids of futures are such numbers; everything else reads as JSON.parse reads it.
 */

/** Sixteen digits in a row, the least that a number of 2^53 has. In most texts there are none, and the quick way will do. */
const MANY_DIGITS = /\d{16}/;
const WHOLE = /^-?\d+$/;

/** One of those, where JSON has values. */
const LONG_VALUE = /([:,[]\s*)(-?[1-9]\d{15,})(?=\s*[,\]}])/g;
/** In front of the digits while they travel as text. Where a text has it already, the slow way is taken. */
const MARK = '\u0001';
const MARK_IN_JSON = '\\u0001';

/**
 * HOT: answers to orders of futures are such texts. Long numbers are put between quotes, which is many times faster than to
 * hear of every value. Quotes inside of a text of the venue's would end it, and what follows is no JSON: then every value is
 * heard of after all. Throws a SyntaxError on what is no JSON. Budget: bench/app/tick.
 */
export function parseLossless(text: string): unknown {
	if (!MANY_DIGITS.test(text)) return JSON.parse(text);
	try {
		return parseQuickly(text);
	} catch (error) {
		// Each value is looked at from within the one that it stands in, and the stack has an end.
		if (error instanceof RangeError) throw new SyntaxError('nested too deep');
		throw error;
	}
}

function parseQuickly(text: string): unknown {
	const isWithin = text.startsWith('{') || text.startsWith('[');
	if (!isWithin || text.includes(MARK_IN_JSON)) return parseEach(text);
	let parsed: unknown;
	try {
		parsed = JSON.parse(text.replace(LONG_VALUE, `$1"${MARK_IN_JSON}$2"`));
	} catch (error) {
		if (error instanceof SyntaxError) return parseEach(text);
		throw error;
	}
	unmark(parsed);
	return parsed;
}

/** The plain twin. */
export function parseEach(text: string): unknown {
	return JSON.parse(text, keepDigits);
}

function unmark(value: unknown): void {
	if (typeof value !== 'object' || value === null) return;
	const fields = value as Record<string, unknown>;
	for (const key of Object.keys(fields)) {
		const field = fields[key];
		if (typeof field === 'object') unmark(field);
		else if (typeof field === 'string' && field.startsWith(MARK)) fields[key] = numberOf(field.slice(MARK.length));
	}
}

function numberOf(digits: string): number | bigint {
	const near = Number(digits);
	return Number.isSafeInteger(near) ? near : BigInt(digits);
}

function keepDigits(_key: string, value: unknown, context?: { readonly source?: string }): unknown {
	if (typeof value !== 'number' || Number.isSafeInteger(value)) return value;
	const source = context?.source ?? '';
	return WHOLE.test(source) ? BigInt(source) : value;
}

/** The digits of an id; undefined when it is no whole number from 0 up. The first trade of a symbol has the number 0. */
export function idText(value: unknown): string | undefined {
	if (typeof value === 'bigint') return value >= 0n ? value.toString() : undefined;
	return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value.toString() : undefined;
}
