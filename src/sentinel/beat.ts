/**
 * What engine and sentinel tell each other, as small files in a folder that both can reach: they work whoever starts
 * first, whoever is stopped, and across any way of starting them. A beat is alive while its number changes; nobody
 * compares clocks.
 */
import { z } from 'zod';

export interface EngineBeat {
	/** Rises with each beat. */
	readonly number: number;
	/** `ended`: proven that nothing is left, so that silence means nothing. */
	readonly state: 'alive' | 'ended';
	/** Orders of these runs are this instance's. */
	readonly runTags: readonly string[];
	/** Where orders may be. */
	readonly markets: readonly Market[];
}

/** All that is asked about together: one venue, one category, one coin that contracts settle in. */
export interface Market {
	readonly venue: string;
	readonly category: 'spot' | 'linear' | 'inverse';
	readonly settleCoin: string;
	/** Whose orders: the venue's own number of the account that the engine trades on, where it told one. */
	readonly account?: string | undefined;
}

export interface SentinelBeat {
	readonly number: number;
	/** `tripped`: it is cancelling, or has; `blind`: it could not do its work, for the reason beside it. */
	readonly state: 'waiting' | 'watching' | 'tripped' | 'blind';
	readonly detail: string;
}

/**
 * Written beside the first cancel, which does not wait for it. From its next look on the engine places nothing while it is
 * there, only cancels, and takes it away when it is clean.
 */
export interface Trip {
	readonly atMs: number;
	readonly reason: string;
}

export const ENGINE_BEAT_FILE = 'engine.beat';
export const SENTINEL_BEAT_FILE = 'sentinel.beat';
export const TRIP_FILE = 'sentinel.tripped';
/** Both sides. */
export const BEAT_EVERY_MS = 1_000;

/** What a reader takes; whoever writes more is not read at all. */
export const TEXT_LENGTH_MAX = 1_000;
export const RUNS_MAX = 1_000;

const text = z.string().max(TEXT_LENGTH_MAX);
const MARKET = z.object({
	venue: text,
	category: z.enum(['spot', 'linear', 'inverse']),
	settleCoin: text,
	account: text.optional(),
});
const ENGINE_BEAT = z.object({
	number: z.number().int(),
	state: z.enum(['alive', 'ended']),
	runTags: z.array(text).max(RUNS_MAX),
	markets: z.array(MARKET).max(1_000),
});
const SENTINEL_BEAT = z.object({
	number: z.number().int(),
	state: z.enum(['waiting', 'watching', 'tripped', 'blind']),
	detail: text,
});
const TRIP = z.object({ atMs: z.number(), reason: text });

export function encode(value: EngineBeat | SentinelBeat | Trip): Uint8Array {
	return Buffer.from(`${JSON.stringify(value)}\n`);
}

/** Undefined where there is none, or it is not one: files appear whole, so that is another program's. */
export function readEngineBeat(bytes: Uint8Array | undefined): EngineBeat | undefined {
	return readAs(ENGINE_BEAT, bytes);
}

export function readSentinelBeat(bytes: Uint8Array | undefined): SentinelBeat | undefined {
	return readAs(SENTINEL_BEAT, bytes);
}

/** What cannot be read counts as tripped: somebody put it there. */
export function readTrip(bytes: Uint8Array | undefined): Trip | undefined {
	return bytes === undefined
		? undefined
		: (readAs(TRIP, bytes) ?? { atMs: 0, reason: 'the file of the sentinel cannot be read' });
}

function readAs<Schema extends z.ZodType>(schema: Schema, bytes: Uint8Array | undefined): z.infer<Schema> | undefined {
	if (bytes === undefined) return undefined;
	try {
		const read = schema.safeParse(JSON.parse(Buffer.from(bytes).toString()));
		return read.success ? read.data : undefined;
	} catch {
		return undefined;
	}
}
