/**
 * Times in microseconds, for clients whose address asks for them: `timeUnit=MICROSECOND`. The box's clock has milliseconds,
 * so three zeros make them; all that is an instant has a name, or stands in the row of a candle.
 */
import type { Peer } from '../facade.ts';

const NAMED = /"(E|T|t|O|C|W|u|[a-z]*[tT]ime|authorizedSince|connectedSince)":(\d{13})(?!\d)/g;
const CANDLE_START = /\[(\d{13}),"/g;
const CANDLE_END = /",(\d{13}),"/g;

/** The peer as it is, unless it wants another unit. */
export function inTimeUnit(peer: Peer, query: URLSearchParams): Peer {
	if (query.get('timeUnit')?.toUpperCase() !== 'MICROSECOND') return peer;
	return { send: (text) => peer.send(inMicroseconds(text)), close: (code, reason) => peer.close(code, reason) };
}

export function inMicroseconds(text: string): string {
	return text.replace(NAMED, '"$1":$2000').replace(CANDLE_START, '[$1000,"').replace(CANDLE_END, '",$1000,"');
}
