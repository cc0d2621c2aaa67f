/** Events of an account's stream that are about the stream itself. */
import { isObject, type JsonObject } from '../wire/plain-values.ts';

/** The event, out of whichever wrapper; undefined where the message is none. */
export function eventIn(message: unknown): JsonObject | undefined {
	if (!isObject(message)) return undefined;
	const { event, data } = message;
	const record = isObject(event) ? event : isObject(data) ? data : message;
	return typeof record['e'] === 'string' ? record : undefined;
}
