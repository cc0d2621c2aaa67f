/**
 * What the plain decoders of public and private frames share: bytes to an object, and checks of single values that
 * answer with the value or with the reason why there is none. Nothing in here is in a hurry.
 */
import type { Instrument } from '../../../domain/instrument.ts';
import type { Side } from '../../../domain/side.ts';
import { isObject, type JsonObject } from '../../wire/plain-values.ts';
import { type BadFrame, type BadReason, type BookDepth, FRAME_BYTES_MAX } from './frames.ts';

const UTF8 = new TextDecoder();

export function parseFrame(bytes: Uint8Array): { readonly kind: 'object'; readonly message: JsonObject } | BadFrame {
	if (bytes.length > FRAME_BYTES_MAX) return bad('too-large', 'frame');
	let message: unknown;
	try {
		message = JSON.parse(UTF8.decode(bytes));
	} catch (error) {
		if (error instanceof SyntaxError) return bad('not-json', 'frame');
		throw error;
	}
	return isObject(message) ? { kind: 'object', message } : bad('not-an-object', 'frame');
}

export function bad(
	reason: BadReason,
	where: string,
	about?: { instrument: Instrument; depth?: BookDepth | undefined },
): BadFrame {
	return { kind: 'bad', reason, where, instrument: about?.instrument, depth: about?.depth };
}

/** Milliseconds as the private streams write them: digits in a string. */
export function wholeText(value: unknown): number | BadReason {
	if (typeof value !== 'string') return 'missing';
	if (!/^\d{1,32}$/.test(value)) return 'not-whole';
	return Number.isSafeInteger(Number(value)) ? Number(value) : 'number-too-large';
}

export function sideOf(value: unknown): Side | undefined {
	if (value === 'Buy') return 'buy';
	return value === 'Sell' ? 'sell' : undefined;
}
