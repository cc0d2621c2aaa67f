/**
 * One line of recorded Binance frames: when it was received, in nanoseconds since 1970, and the JSON as it came. What a
 * frame is about follows from its stream, or, in the raw form, from its event.
 */
import { isObject, type JsonObject } from '../wire/plain-values.ts';
import { LineFault } from '../wire/recorded.ts';

/** Nanoseconds since 1970 have 19 digits from 2001 until 2286. */
const NS_DIGITS = 19;
const US_DIGITS = 16;
const ZERO = 0x30;
const NINE = 0x39;
const BLANK = 0x20;
const OPEN_OBJECT = 0x7b;
export const JSON_FROM = NS_DIGITS + 1;

/** In whole microseconds, which a double holds exactly; undefined where no such time and an object behind it stand. */
export function arrivedAtUs(line: Uint8Array): number | undefined {
	if (line[NS_DIGITS] !== BLANK || line[JSON_FROM] !== OPEN_OBJECT) return undefined;
	let atUs = 0;
	for (let i = 0; i < NS_DIGITS; i++) {
		const code = line[i] as number;
		if (code < ZERO || code > NINE) return undefined;
		if (i < US_DIGITS) atUs = atUs * 10 + (code - ZERO);
	}
	return atUs;
}

/** The answer to a question about depth, which names no symbol. */
const SNAPSHOT = Buffer.from('{"lastUpdateId":');

export function isSnapshot(json: Uint8Array): boolean {
	return SNAPSHOT.every((byte, index) => json[index] === byte);
}

/** What a frame is about, as far as the survey needs to know. */
export interface Seen {
	/** The name of its stream where it says one. */
	readonly stream: string | undefined;
	readonly event: string;
	readonly symbol: unknown;
	readonly data: JsonObject;
}

/** Of a line whose time could be read. */
export function seenIn(line: Uint8Array): Seen {
	const message = parsed(line.subarray(JSON_FROM));
	const stream = typeof message['stream'] === 'string' ? message['stream'] : undefined;
	const data = stream === undefined ? message : message['data'];
	if (!isObject(data)) throw new LineFault(`the frame of ${stream} has no data`);
	return { stream, event: eventOf(data), symbol: data['s'] ?? stream?.split('@')[0]?.toUpperCase(), data };
}

function eventOf(data: JsonObject): string {
	const event = data['e'];
	if (typeof event === 'string') return event;
	if ('lastUpdateId' in data) return 'snapshot';
	// The best prices of spot bear no event.
	return 'b' in data && 'B' in data && 'a' in data && 'A' in data ? 'bookTicker' : '';
}

function parsed(json: Uint8Array): JsonObject {
	try {
		const frame: unknown = JSON.parse(Buffer.from(json.buffer, json.byteOffset, json.byteLength).toString());
		if (isObject(frame)) return frame;
	} catch {
		throw new LineFault('what stands behind the time is no whole JSON');
	}
	throw new LineFault('what stands behind the time is JSON, and no frame');
}
