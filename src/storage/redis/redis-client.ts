/** The connection itself, by the client that Redis's makers keep. It is loaded only where somebody wants Redis. */
import { type Backoff, backoffDelayMs } from '../../network/backoff.ts';
import type { Rng } from '../../ports/rng.ts';
import type { RedisWire, WireEvents } from './redis-link.ts';

export interface RedisTarget {
	readonly url: string;
	readonly password?: string | undefined;
}

const BACKOFF: Backoff = { kind: 'exponential', baseMs: 100, maxMs: 3_000, jitter: 'added' };
const CONNECT_WITHIN_MS = 3_000;
/** Far above what is ever on its way; requests beyond it fail at once. */
const COMMANDS_MAX = 20_000;
/** After these a longer wait changes nothing, and doubles would be too large to count. */
const DOUBLINGS_MAX = 10;

export async function connectRedis(target: RedisTarget, rng: Rng, events: WireEvents): Promise<RedisWire> {
	const { createClient } = await import('redis');
	const client = createClient({
		url: target.url,
		...(target.password === undefined ? {} : { password: target.password }),
		// What cannot be sent now is old by the time that it could be.
		disableOfflineQueue: true,
		commandsQueueMaxLength: COMMANDS_MAX,
		socket: {
			connectTimeout: CONNECT_WITHIN_MS,
			reconnectStrategy: (retries: number) => backoffDelayMs(BACKOFF, Math.min(retries, DOUBLINGS_MAX), rng),
		},
	});
	client.on('ready', () => events.up());
	client.on('end', () => events.down('the connection was closed'));
	client.on('error', (error: unknown) => events.down(wordsOf(error)));
	// It ends when the first connection stands, however long that takes; what goes wrong meanwhile is an event.
	client.connect().catch((error: unknown) => events.down(wordsOf(error)));
	return {
		get: (key) => client.get(key),
		set: async (key, text, forMs) => {
			await client.set(key, text, { expiration: { type: 'PX', value: forMs } });
		},
		remove: async (key) => {
			await client.del(key);
		},
		publish: async (channel, text) => {
			await client.publish(channel, text);
		},
		close: () => client.destroy(),
	};
}

function wordsOf(error: unknown): string {
	if (error instanceof AggregateError) return error.errors.map((each) => wordsOf(each)).join(', ');
	const words = error instanceof Error ? error.message : String(error);
	return /^(WRONGPASS|NOAUTH|NOPERM)/.test(words) ? `${words}; look at redis.password_env` : words;
}
