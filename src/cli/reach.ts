/**
 * Where the venues of the configuration are, and under which keys: at the addresses and with the variables that they name,
 * or in an exchange in a box that is started for those that name none.
 */
import { needsBox, type VenueSettings } from '../app/config/venue-settings.ts';
import { DEMO } from '../app/demo.ts';
import { findAccess } from '../app/find-access.ts';
import type { KeysFound } from '../app/keys.ts';
import type { KeyedAccess, VenueAccess } from '../app/venue-access.ts';
import { type BoxProcess, type BoxStarted, sessionBox, startBox } from './box-process.ts';

export type Reached =
	| { readonly kind: 'found'; readonly access: VenueAccess }
	/** It could be reached, but for the key. */
	| { readonly kind: 'keyless'; readonly access: VenueAccess; readonly sentence: string; readonly isMissing: boolean }
	| { readonly kind: 'refused'; readonly sentence: string };

export interface Reach {
	readonly keys: { keysOf(settings: VenueSettings): Promise<KeysFound> };
	/** All of them. */
	readonly venues?: readonly VenueSettings[];
}

/**
 * `startOne` is called where a box is needed, and may answer with one that it has started before; whoever starts it ends
 * it. Two accounts of one exchange are two in the box as well, the first of `venues` its first.
 */
export async function reach(
	settings: VenueSettings,
	startOne: () => Promise<BoxStarted>,
	{ keys, venues = [settings] }: Reach,
): Promise<Reached> {
	if (needsBox(settings)) {
		const started = await startOne();
		if (started.kind === 'failed') return { kind: 'refused', sentence: started.message };
		const place = venues.filter(({ kind }) => kind === settings.kind).indexOf(settings);
		return inBox(settings, started.box, Math.max(0, place));
	}
	const found = findAccess(settings);
	if (found.kind === 'refused') return found;
	const key = await keys.keysOf(settings);
	if (key.kind === 'found') return { kind: 'found', access: found.accessWith(key) };
	const { sentence } = key;
	return { kind: 'keyless', access: found.accessWith(undefined), sentence, isMissing: key.kind === 'missing' };
}

/** An account of the box, at the addresses that it listens on. */
function inBox(settings: VenueSettings, { listening }: BoxProcess, place: number): Reached {
	const account = listening.accounts[place];
	if (account === undefined) {
		const has = listening.accounts.length === 0 ? 'no account' : `too few accounts (${listening.accounts.length})`;
		return { kind: 'refused', sentence: `the exchange in a box has ${has}: add one under box.accounts` };
	}
	const found = findAccess(settings, listening);
	if (found.kind === 'refused') return found;
	return { kind: 'found', access: withKey(found.accessWith, account) };
}

function withKey(accessWith: KeyedAccess, { apiKey, apiSecret }: BoxProcess['listening']['accounts'][number]): VenueAccess {
	return accessWith({ apiKey, apiSecret });
}

export interface BoxWanted {
	/** The section `box` of this file holds for it, with ports of its own. */
	readonly config: string | undefined;
	readonly seed: number;
	/** Whose doors have to be open, besides Bybit's. */
	readonly venues: readonly VenueSettings[];
}

/** One for all venues of a session: started when the first needs it. */
export function boxStarter({ config, seed, venues }: BoxWanted, onStart: (box: BoxProcess) => void): () => Promise<BoxStarted> {
	let starting: Promise<BoxStarted> | undefined;
	return () => {
		starting ??= startBoxOf(config, seed, venues).then((started) => {
			if (started.kind === 'listening') onStart(started.box);
			return started;
		});
		return starting;
	};
}

function startBoxOf(config: string | undefined, seed: number, venues: readonly VenueSettings[]): Promise<BoxStarted> {
	const settings =
		config === undefined ? ['--symbols', DEMO.listings.map(({ symbol }) => symbol).join(',')] : ['--config', config];
	const doors = venues.some(({ kind }) => kind === 'binance') ? ['--binance-port', '0'] : [];
	const args = [...settings, '--bybit-port', '0', ...doors, '--control-port', '0', '--seed', String(seed)];
	return startBox(args, sessionBox(config === undefined ? DEMO_BOX : {}));
}

/** Without a file the box is set up for the demonstration; variables of the user's own go before this. */
const DEMO_BOX = {
	EVENKEEL_BOX__RATE_LIMIT_FACTOR: String(DEMO.limitFactor),
	EVENKEEL_BOX__ACCOUNTS: JSON.stringify([{ name: 'evenkeel', balances: { USDT: DEMO.capital }, fees: DEMO.fees }]),
};
