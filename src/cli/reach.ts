/**
 * Where a venue of the configuration is, and under which key: at the addresses and with the variables that it names, or
 * in an exchange in a box that is started for it.
 */
import { type BybitSettings, bybitUrls, needsBox } from '../app/config/bybit-settings.ts';
import { DEMO } from '../app/demo.ts';
import { keysOf } from '../app/keys.ts';
import type { VenueAccess } from '../app/venue-options.ts';
import { type BoxProcess, type BoxStarted, startBox } from './box-process.ts';

export type Reached =
	| { readonly kind: 'found'; readonly urls: VenueAccess['urls']; readonly apiKey: string; readonly apiSecret: string }
	/** It could be reached, but for the key. */
	| { readonly kind: 'keyless'; readonly urls: VenueAccess['urls']; readonly sentence: string; readonly isMissing: boolean }
	| { readonly kind: 'refused'; readonly sentence: string };

/** `startOne` is called where a box has to be started; whoever starts it ends it. */
export async function reach(settings: BybitSettings, startOne: () => Promise<BoxStarted>): Promise<Reached> {
	if (needsBox(settings)) {
		const started = await startOne();
		return started.kind === 'failed' ? { kind: 'refused', sentence: started.message } : inBox(settings, started.box);
	}
	const found = bybitUrls(settings);
	if (found.kind === 'refused') return found;
	const { urls } = found;
	const keys = keysOf(settings, process.env);
	if (keys.kind === 'found') return { ...keys, urls };
	return { kind: 'keyless', urls, sentence: keys.sentence, isMissing: keys.kind === 'missing' };
}

/** The first account of the box, at the addresses that it listens on. */
function inBox(settings: BybitSettings, { listening }: BoxProcess): Reached {
	const [account] = listening.accounts;
	if (account === undefined) {
		return { kind: 'refused', sentence: 'the exchange in a box has no account: add one under box.accounts' };
	}
	const found = bybitUrls(settings, listening.bybit);
	if (found.kind === 'refused') return found;
	return { kind: 'found', urls: found.urls, apiKey: account.apiKey, apiSecret: account.apiSecret };
}

/** The section `box` of the same file holds for it, with ports of its own. */
export function startBoxOf(config: string | undefined, seed: number): Promise<BoxStarted> {
	const settings =
		config === undefined ? ['--symbols', DEMO.listings.map(({ symbol }) => symbol).join(',')] : ['--config', config];
	const args = [...settings, '--bybit-port', '0', '--control-port', '0', '--seed', String(seed)];
	return startBox(args, config === undefined ? DEMO_BOX : {});
}

/** Without a file the box is set up for the demonstration; variables of the user's own go before this. */
const DEMO_BOX = {
	EVENKEEL_BOX__RATE_LIMIT_FACTOR: String(DEMO.limitFactor),
	EVENKEEL_BOX__ACCOUNTS: JSON.stringify([{ name: 'evenkeel', balances: { USDT: DEMO.capital }, fees: DEMO.fees }]),
};
