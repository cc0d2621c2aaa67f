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
import type { SentinelSettings } from './config/sentinel-settings.ts';
import { checkKey } from './find-access.ts';
import { sentinelFolder } from './sentinel-link.ts';
import type { VenueAccess } from './venue-access.ts';

export interface SentinelProcessOptions {
	/** All that the engine trades at, with keys that need not be its own. */
	readonly venues: readonly VenueAccess[];
	readonly sentinel: SentinelSettings;
	readonly dataFolder: string;
	/** Who we are, for a second one. */
	readonly who: string;
	readonly onNote: (note: SentinelNote) => void;
}

export type SentinelStarted =
	| { readonly kind: 'started'; readonly sentinel: AsyncDisposable }
	| { readonly kind: 'refused'; readonly sentence: string };

/** Refused like any that is empty. */
const NO_KEY = { apiKey: '', apiSecret: '' };

export function startSentinel(options: SentinelProcessOptions): SentinelStarted {
	const { venues } = options;
	const [first] = venues;
	if (first === undefined) return { kind: 'refused', sentence: 'the configuration names no venue' };
	for (const { settings, key = NO_KEY } of venues) {
		const made = checkKey(settings, key);
		if (made.kind === 'refused') return made;
	}
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
		isAllowed: (url) => venues.some((venue) => venue.isAllowedUrl(url)),
		limits: first.settings.network.transport,
	});
	const patience = options.sentinel.cancelPatience;
	const rng = systemRng();
	const own = new Map(
		venues.map((venue) => [venue.settings.venue, venue.openOwnOrders({ transport, clock, rng, patience })] as const),
	);
	const sentinel = new Sentinel({
		clock,
		disk: systemDisk(),
		folder,
		timeoutMs: options.sentinel.timeoutMs,
		venues: own,
		onNote: options.onNote,
	});
	sentinel.start();
	const locks = opening.move();
	return {
		kind: 'started',
		sentinel: {
			[Symbol.asyncDispose]: async () => {
				sentinel.stop();
				for (const orders of own.values()) orders[Symbol.dispose]();
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
