/**
 * The sentinel as a process of its own: on the system's clock, disk and network, with a key that need not be the
 * engine's. One for a data folder.
 */
import { join } from 'node:path';
import { systemClock } from '../network/system-clock.ts';
import { systemRng } from '../network/system-rng.ts';
import { systemTransport } from '../network/system-transport.ts';
import { Sentinel, type SentinelNote } from '../sentinel/sentinel.ts';
import { type LockTaken, takeLock } from '../storage/host-lock.ts';
import { systemDisk } from '../storage/system-disk.ts';
import { BybitOwnOrders } from '../venues/bybit/own-orders.ts';
import { makeCredentials } from '../venues/bybit/sign.ts';
import { type BybitUrls, isAllowedUrl } from '../venues/bybit/urls.ts';
import { BYBIT } from '../venues/bybit/venue.ts';
import type { BybitSettings } from './config/bybit-settings.ts';
import type { SentinelSettings } from './config/sentinel-settings.ts';
import { type KeysFound, keysOf, type Variables } from './keys.ts';
import { sentinelFolder } from './sentinel-link.ts';

export interface SentinelProcessOptions {
	readonly venue: BybitSettings;
	readonly sentinel: SentinelSettings;
	readonly urls: BybitUrls;
	readonly apiKey: string;
	readonly apiSecret: string;
	readonly dataFolder: string;
	/** Who we are, for a second one. */
	readonly who: string;
	readonly onNote: (note: SentinelNote) => void;
}

export type SentinelStarted =
	| { readonly kind: 'started'; readonly sentinel: AsyncDisposable }
	| { readonly kind: 'refused'; readonly sentence: string };

export function startSentinel(options: SentinelProcessOptions): SentinelStarted {
	const { venue, urls } = options;
	const made = makeCredentials(options);
	if (made.kind === 'refused') return made;
	using opening = new DisposableStack();
	const folder = sentinelFolder(options.dataFolder);
	const taken = lockOf(folder, options.who);
	if (typeof taken === 'string') return { kind: 'refused', sentence: taken };
	if (taken.kind === 'busy') {
		const by = taken.by === '' ? 'another sentinel' : taken.by;
		return { kind: 'refused', sentence: `the folder ${options.dataFolder} is watched already, by ${by}; one is enough` };
	}
	opening.use(taken.lock);
	const clock = systemClock();
	const transport = systemTransport({
		clock,
		isAllowed: (url) => isAllowedUrl(urls.environment, url),
		limits: venue.network.transport,
	});
	const own = new BybitOwnOrders(
		{ urls, credentials: made.credentials, recvWindowMs: venue.recvWindowMs, patience: options.sentinel.cancelPatience },
		{ transport, clock, rng: systemRng() },
	);
	const sentinel = new Sentinel({
		clock,
		disk: systemDisk(),
		folder,
		timeoutMs: options.sentinel.timeoutMs,
		venues: new Map([[BYBIT, own]]),
		onNote: options.onNote,
	});
	sentinel.start();
	const locks = opening.move();
	return {
		kind: 'started',
		sentinel: {
			[Symbol.asyncDispose]: async () => {
				sentinel.stop();
				own[Symbol.dispose]();
				await transport[Symbol.asyncDispose]();
				locks.dispose();
			},
		},
	};
}

function lockOf(folder: string, who: string): LockTaken | string {
	try {
		return takeLock(join(folder, 'sentinel.lock'), who);
	} catch (error) {
		return `the folder ${folder} cannot be used: ${error instanceof Error ? error.message : String(error)}`;
	}
}

export interface SentinelKeys {
	readonly found: KeysFound;
	/** The engine's own: whoever makes that one useless blinds both. */
	readonly isShared: boolean;
}

/** A key of its own where the settings name one, or else the venue's. */
export function sentinelKeys(
	venue: BybitSettings,
	{ apiKeyEnv, apiSecretEnv }: SentinelSettings,
	variables: Variables,
): SentinelKeys {
	if (apiKeyEnv === undefined || apiSecretEnv === undefined) return { found: keysOf(venue, variables), isShared: true };
	return { found: keysOf({ ...venue, apiKeyEnv, apiSecretEnv }, variables), isShared: false };
}
