/** What the plain decoders of public and private frames share: bytes to an object, and how a refusal is told. */
import type { Instrument } from '../../../domain/instrument.ts';
import type { Side } from '../../../domain/side.ts';
import { isObject, type JsonObject } from '../../wire/plain-values.ts';
import { type BadFrame, type BadReason, FRAME_BYTES_MAX } from './frames.ts';
import { parseLossless } from './lossless.ts';

/** What is wrong, and where in the object at hand; whoever knows the rest of the path puts it in front. */
export interface Fault {
	readonly reason: BadReason;
	readonly where: string;
}

/** The same, and what about. */
export interface Wrong extends Fault {
	readonly instrument: Instrument | undefined;
}

export function fault(reason: BadReason, where: string): Fault {
	return { reason, where };
}

export function isFault(read: object): read is Fault {
	return 'reason' in read && 'where' in read;
}

const UTF8 = new TextDecoder();

export function parseFrame(bytes: Uint8Array): { readonly kind: 'object'; readonly message: JsonObject } | BadFrame {
	if (bytes.length > FRAME_BYTES_MAX) return bad(fault('too-large', 'frame'));
	let message: unknown;
	try {
		message = parseLossless(UTF8.decode(bytes));
	} catch (error) {
		if (error instanceof SyntaxError) return bad(fault('not-json', 'frame'));
		throw error;
	}
	return isObject(message) ? { kind: 'object', message } : bad(fault('not-an-object', 'frame'));
}

export function bad({ reason, where }: Fault, about?: { instrument: Instrument | undefined; isBook?: boolean }): BadFrame {
	return { kind: 'bad', reason, where, instrument: about?.instrument, isBook: about?.isBook ?? false };
}

export function sideOf(value: unknown): Side | undefined {
	if (value === 'BUY') return 'buy';
	return value === 'SELL' ? 'sell' : undefined;
}
