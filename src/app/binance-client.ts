/**
 * A client of Binance alone, for programs that want no engine: connected to an environment of the venue, to an exchange in
 * a box, or to one that is opened for it in the same process, with a market that lives and a way as long as a real one.
 * docs/library.md shows it in use.
 */
import { systemClock } from '../network/system-clock.ts';
import { systemRng } from '../network/system-rng.ts';
import { systemTransport } from '../network/system-transport.ts';
import { MarketClient } from '../venues/binance/client.ts';
import type { BinanceClient } from '../venues/binance/client-types.ts';
import { type Credentials, makeCredentials } from '../venues/binance/sign.ts';
import { type BinanceUrls, type BoxAddresses, boxUrls, environmentUrls, isAllowedUrl } from '../venues/binance/urls.ts';
import { cannotStart } from './library-venues.ts';
import { openExchange } from './open-exchange.ts';

interface AtVenue {
	/** Of the venue's own, or what an exchange in a box prints as `binance`. On 'mainnet' there is market data only, for now. */
	readonly environment: 'mainnet' | 'testnet' | 'demo' | BoxAddresses;
	/** Without a key there is market data only, too. */
	readonly credentials?: { readonly apiKey: string; readonly apiSecret: string };
}

/** Neither network nor key: an exchange in a box is opened with the client, and closed with it. */
interface InDemo {
	readonly demo: true;
	/** Of the market that it plays; 1 unless given. */
	readonly seed?: number;
	/** There and back; 20 ms, a little more or less, unless given. */
	readonly roundTripMs?: number;
}

export type ConnectBinanceOptions = { readonly market: 'spot' | 'futures' } & (AtVenue | InDemo);

interface Place {
	readonly urls: BinanceUrls;
	readonly credentials: Credentials | undefined;
}

const NO_REAL_MONEY =
	"the environment is 'mainnet', where a library cannot trade yet: nothing here checks the risk of an order or writes it down; leave the credentials away for market data, or use 'testnet', 'demo' or an exchange in a box";
const DEMO_ROUND_TRIP_MS = 20;
const DEMO_JITTER_SHARE = 0.25;

/** Throws an AppError `cannot-start` with what is wrong. Whoever connects disposes of it. */
export async function connectBinance(options: ConnectBinanceOptions): Promise<BinanceClient> {
	const { market } = options;
	// Programs without types can write anything here.
	if (market !== 'spot' && market !== 'futures') {
		throw cannotStart([`the market is '${String(market)}', expected 'spot' or 'futures'`]);
	}
	await using opening = new AsyncDisposableStack();
	const { urls, credentials } = 'demo' in options ? await openDemo(options, opening) : placeOf(options);
	const clock = systemClock();
	const transport = opening.use(systemTransport({ clock, isAllowed: (url) => isAllowedUrl(urls.environment, url) }));
	const closing = new AsyncDisposableStack();
	const client = new MarketClient({ market, urls, credentials }, { transport, clock, rng: systemRng(), closing });
	if (!(await client.connect())) {
		await client[Symbol.asyncDispose]();
		const { host } = new URL(market === 'spot' ? urls.spotRest : urls.futuresRest);
		throw cannotStart([`${host} does not say its time, which every signed request needs: try again`]);
	}
	closing.use(opening.move());
	return client;
}

async function openDemo({ seed = 1, roundTripMs = DEMO_ROUND_TRIP_MS }: InDemo, opening: AsyncDisposableStack): Promise<Place> {
	const latency = { roundTripMs, jitterMs: roundTripMs * DEMO_JITTER_SHARE };
	const box = opening.use(await openExchange({ binancePort: 0, market: 'synthetic', seed, latency }));
	if (box.binance === undefined) throw new Error('invariant broken: a box that was opened with Binance has none');
	return { urls: boxUrls(box.binance), credentials: credentialsOf(box.account()) };
}

function placeOf({ environment, credentials }: AtVenue): Place {
	if (environment === 'mainnet' && credentials !== undefined) throw cannotStart([NO_REAL_MONEY]);
	return {
		urls: urlsOf(environment),
		credentials: credentials === undefined ? undefined : credentialsOf(credentials),
	};
}

/** A key must never reach a place that it was not meant for. */
function urlsOf(environment: AtVenue['environment']): BinanceUrls {
	if (environment === 'mainnet' || environment === 'testnet' || environment === 'demo') return environmentUrls(environment);
	if (typeof environment !== 'object' || environment?.spot === undefined || environment.futures === undefined) {
		const found = typeof environment === 'string' ? `'${environment}'` : 'none of those';
		const expected = "'mainnet', 'testnet', 'demo' or what an exchange in a box prints as binance";
		throw cannotStart([`the environment is ${found}, expected ${expected}`]);
	}
	const urls = boxUrls(environment);
	for (const [name, url] of Object.entries(urls)) {
		if (name === 'environment' || isAllowedUrl('box', String(url))) continue;
		throw cannotStart([`${name} is no loopback address, and an exchange in a box has no others`]);
	}
	return urls;
}

function credentialsOf(given: { readonly apiKey: string; readonly apiSecret: string }): Credentials {
	const made = makeCredentials({ apiKey: String(given.apiKey ?? ''), apiSecret: String(given.apiSecret ?? '') });
	if (made.kind === 'refused') throw cannotStart([made.sentence]);
	return made.credentials;
}
