/** What is said of a signal on the command line. */
import { wallNowMs } from '../app/after.ts';
import { parseDurationMs } from '../app/config/duration.ts';
import { parseTimeMs, SIGNAL_TYPE_WORDS, type SignalTypeWord, TIME_EXPECTED } from '../app/signals-json.ts';
import { UsageError } from './usage-error.ts';

export interface SignalFlags {
	readonly type?: string;
	readonly value?: string;
	readonly confidence?: string;
	readonly for?: string;
	readonly until?: string;
	readonly source?: string;
	readonly id?: string;
}

/** What is believed of a market is seldom right for longer. */
const USUAL_MS = 3_600_000;

export function valuesOf(symbol: string, flags: SignalFlags & { readonly type: string }) {
	const { value, confidence, source = '', id } = flags;
	return {
		...{ symbol, source, id, type: typeOf(flags.type) },
		...{ value: numberOf('--value', value), confidence: numberOf('--confidence', confidence) },
		expiresAtMs: expiryOf(flags) ?? wallNowMs() + USUAL_MS,
	};
}

export function patchOf(flags: SignalFlags) {
	const { type, value, confidence } = flags;
	const patch = {
		type: type === undefined ? undefined : typeOf(type),
		value: numberOf('--value', value),
		confidence: numberOf('--confidence', confidence),
		expiresAtMs: expiryOf(flags),
	};
	if (Object.values(patch).some((each) => each !== undefined)) return patch;
	throw new UsageError('there is nothing to change: name --type, --value, --confidence, --for or --until');
}

function typeOf(text: string): SignalTypeWord {
	const type = SIGNAL_TYPE_WORDS.find((each) => each === text.toUpperCase());
	if (type === undefined) throw new UsageError(`the type is '${text}', expected one of ${SIGNAL_TYPE_WORDS.join(', ')}`);
	return type;
}

function numberOf(name: string, text: string | undefined): number | undefined {
	if (text === undefined) return undefined;
	if (!/^-?\d{0,20}([.]\d{1,20})?$/.test(text) || !/\d/.test(text)) {
		throw new UsageError(`${name} is '${text}', expected a number such as 0.8`);
	}
	return Number(text);
}

function expiryOf(flags: SignalFlags): number | undefined {
	const { for: lasts, until } = flags;
	if (lasts !== undefined && until !== undefined) throw new UsageError('--for and --until say the same: take one of them out');
	if (lasts !== undefined) {
		const forMs = parseDurationMs(lasts);
		if (forMs === undefined)
			throw new UsageError(`--for is '${lasts}', expected a time from 1ms to 168h, such as 30s, 10m or 4h`);
		return wallNowMs() + Math.ceil(forMs);
	}
	if (until === undefined) return undefined;
	const atMs = parseTimeMs(until);
	if (atMs === undefined) throw new UsageError(`--until is '${until}', expected ${TIME_EXPECTED}`);
	if (atMs <= wallNowMs()) throw new UsageError(`--until is ${until}, which is over: expected a time to come`);
	return atMs;
}
