/**
 * A client's text frame, taken apart as far as all sockets of this venue agree: a method, its parameters, and an id that
 * the answer repeats with its type. Never throws; what cannot be read says why. Sizes are bounded here.
 */
import { parseAsWritten } from './numbers.ts';

/** Longer frames close the socket: far beyond what a client may sensibly ask. */
export const FRAME_LENGTH_MAX = 262_144;
const ID_LENGTH_MAX = 36;

export type FrameId = number | string | null;

export interface ClientFrame {
	readonly kind: 'frame';
	readonly id: FrameId;
	readonly method: string;
	/** As sent, but with every number as its text; undefined if missing. */
	readonly params: unknown;
}

export interface BadFrame {
	readonly kind: 'bad';
	/** `not-json`, an id that is none, or no object with a method. */
	readonly fault: 'not-json' | 'id' | 'shape';
	readonly id: FrameId;
}

export function parseFrame(text: string): ClientFrame | BadFrame {
	const value = parseAsWritten(text);
	if (value === undefined) return { kind: 'bad', fault: 'not-json', id: null };
	if (!isRecord(value)) return { kind: 'bad', fault: 'shape', id: null };
	const id = idOf(text);
	if (id === undefined) return { kind: 'bad', fault: 'id', id: null };
	const { method } = value;
	if (typeof method !== 'string') return { kind: 'bad', fault: 'shape', id };
	return { kind: 'frame', id, method, params: value['params'] };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Read once more in the plain way: `1` and `"1"` are two ids. Undefined for what is no id. */
function idOf(text: string): FrameId | undefined {
	const frame: unknown = JSON.parse(text);
	const id: unknown = isRecord(frame) ? (frame['id'] ?? null) : undefined;
	if (id === null) return null;
	if (typeof id === 'string') return id.length <= ID_LENGTH_MAX ? id : undefined;
	return Number.isSafeInteger(id) ? Number(id) : undefined;
}
