/**
 * The inside of the exchange in a box: exchange, market, accounts and the façades of its venues, without any socket, clock
 * or timer. A function of its seed and of what it is told when: a reset makes another one of the same seed.
 */
import type { BinanceMarket } from '../exchange/binance/venue.ts';
import { createBybitFacade } from '../exchange/bybit/facade.ts';
import { BYBIT_OPTIONS, type BybitCategory, BybitVenue } from '../exchange/bybit/venue.ts';
import type { BoxAccount } from '../exchange/control/controlled-box.ts';
import { Exchange } from '../exchange/core/exchange.ts';
import type { ListingSpec } from '../exchange/core/listing.ts';
import { atoms, rateE8 } from '../exchange/core/money.ts';
import type { Facade } from '../exchange/facade.ts';
import { type ExchangeFaults, FaultyExchange } from '../exchange/faults/faulty-exchange.ts';
import { type KeyRights, USUAL_RIGHTS } from '../exchange/key-rights.ts';
import { createMarket, type MarketSymbol } from '../exchange/market/market.ts';
import { NO_PAST, pastTrades } from '../exchange/market/past.ts';
import { createEmptyMarket, createQuietMarket } from '../exchange/market/quiet.ts';
import type { Rng } from '../ports/rng.ts';
import { binanceAccounts, binanceSymbols, createBinanceDesk } from './box-binance.ts';
import { DEMO_ACCOUNTS, type SimulatedMarket, type StartingAccount } from './box-choices.ts';
import { boxSymbols } from './box-symbols.ts';

export interface BoxVenue {
	readonly exchange: Exchange;
	/** Bybit's. */
	readonly facade: Facade;
	/** Undefined where nobody asked for it. */
	readonly binance: Facade | undefined;
	/** In the order of their making. */
	readonly accounts: readonly BoxAccount[];
	/** The accounts of the exchange that belong to those, one or several each. */
	holders(): readonly { readonly name: string }[];
	addAccount(name: string): BoxAccount;
	setKeyRights(name: string, rights: KeyRights): boolean;
	/** One more key of an account that is there, by a name of its own. */
	addKey(accountName: string, keyName: string): Pick<BoxAccount, 'apiKey' | 'apiSecret'>;
	/** A Binance key of an account by its public half; the key's name, or undefined where the text is no public key. */
	addPublicKey(accountName: string, publicKeyPem: string): string | undefined;
	/** Lets the market live up to this instant. */
	step(nowMs: number): void;
}

/** As long as the venue's own. */
const API_KEY_LENGTH = 18;
const API_SECRET_LENGTH = 36;
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

export function createBoxVenue(options: {
	readonly rng: Rng;
	readonly market: SimulatedMarket;
	readonly symbols: readonly string[];
	/** What is listed of them; all unless said. */
	readonly categories?: readonly BybitCategory[];
	readonly nowMs: number;
	/** Multiplies the venue's rate limits; Infinity lifts them. */
	readonly limitFactor: number;
	/** Binance too, these markets of it: accounts, money and keys of the same names, beside those of Bybit. */
	readonly binanceMarkets?: readonly BinanceMarket[];
	/** What each of them lists, where it is something else than `symbols`. */
	readonly binanceSymbols?: Readonly<Record<BinanceMarket, readonly string[]>>;
	/** The demo accounts unless said. */
	readonly accounts?: readonly StartingAccount[];
	/** So much was traded before it began; nothing unless said. */
	readonly pastMs?: number;
	/** What may befall clients' orders. */
	readonly faults?: ExchangeFaults;
}): BoxVenue {
	const { rng, nowMs } = options;
	const symbols = boxSymbols(options.symbols, options.categories);
	const { binanceMarkets } = options;
	const names = options.binanceSymbols ?? { spot: options.symbols, futures: options.symbols };
	const binance = binanceMarkets === undefined ? undefined : binanceSymbols(names, binanceMarkets, symbols.listings);
	const listings = [...symbols.listings, ...(binance?.listings ?? [])];
	const exchange = options.faults === undefined ? new Exchange({ listings }) : new FaultyExchange({ listings }, options.faults);
	const venue = new BybitVenue({
		exchange,
		symbols: symbols.shown,
		options: { ...BYBIT_OPTIONS, limitFactor: options.limitFactor },
	});
	const markets = [...symbols.markets, ...(binance?.markets ?? [])];
	const listingOf = (symbol: string) => exchange.listing(symbol);
	const { pastMs: forMs = 0 } = options;
	const past = forMs === 0 ? NO_PAST : pastTrades({ rng: rng.fork('past'), markets, listingOf, nowMs, forMs });
	const { limitFactor } = options;
	const desk = binance === undefined ? undefined : createBinanceDesk(exchange, binance, { limitFactor, past });
	const accounts: BoxAccount[] = [];
	let publicKeyCount = 0;

	function addAccount(name: string): BoxAccount {
		const account = { name, ...keysOf(rng, name) };
		exchange.openAccount(name);
		desk?.openAccounts(name);
		accounts.push(account);
		setKeyRights(name, USUAL_RIGHTS);
		return account;
	}

	function setKeyRights(name: string, rights: KeyRights): boolean {
		const account = accounts.find((each) => each.name === name);
		if (account === undefined) return false;
		venue.addKey({ apiKey: account.apiKey, apiSecret: account.apiSecret, accountId: name, rights });
		desk?.addKey(name, account, rights);
		return true;
	}

	function addKey(accountId: string, keyName: string): Pick<BoxAccount, 'apiKey' | 'apiSecret'> {
		const key = keysOf(rng, keyName);
		venue.addKey({ ...key, accountId, rights: USUAL_RIGHTS });
		desk?.addKey(accountId, key, USUAL_RIGHTS);
		return key;
	}

	function addPublicKey(name: string, publicKeyPem: string): string | undefined {
		const { apiKey } = keysOf(rng, `${name} public ${publicKeyCount}`);
		if (desk?.addPublicKey(name, { apiKey, publicKeyPem }, USUAL_RIGHTS) !== true) return undefined;
		publicKeyCount += 1;
		return apiKey;
	}

	function accountIdsOf(name: string): readonly string[] {
		return desk === undefined ? [name] : [name, ...binanceAccounts(name)];
	}

	for (const { name, balances, fees, key } of options.accounts ?? DEMO_ACCOUNTS) {
		addAccount(name);
		if (key !== undefined) setKeyRights(name, key);
		for (const accountId of accountIdsOf(name)) {
			if (fees !== undefined) setFees(exchange, accountId, listings, fees);
			// A coin that no chosen symbol uses is refused, and not missed.
			for (const [coin, amount] of Object.entries(balances)) exchange.deposit(accountId, coin, atoms(amount), nowMs);
		}
	}
	const market = marketOf(options.market, exchange, markets, rng);
	return {
		exchange,
		facade: createBybitFacade(venue, past),
		binance: desk?.facade,
		accounts,
		holders: () => accounts.flatMap(({ name }) => accountIdsOf(name)).map((name) => ({ name })),
		addAccount,
		setKeyRights,
		addKey,
		addPublicKey,
		step: (nowMs) => market.step(nowMs),
	};
}

function setFees(
	exchange: Exchange,
	accountId: string,
	listings: readonly ListingSpec[],
	{ maker, taker }: { readonly maker: string; readonly taker: string },
): void {
	const rates = { makerRateE8: rateE8(maker), takerRateE8: rateE8(taker) };
	for (const { symbol } of listings) exchange.operator.accounts.setFees(accountId, symbol, rates);
}

function marketOf(
	kind: SimulatedMarket,
	exchange: Exchange,
	markets: readonly MarketSymbol[],
	rng: Rng,
): { step(nowMs: number): void } {
	switch (kind) {
		case 'synthetic':
		case 'thin':
			return createMarket({ exchange, rng: rng.fork('market'), symbols: markets, isThin: kind === 'thin' });
		case 'quiet':
			return createQuietMarket(exchange, markets);
		case 'none':
			return createEmptyMarket(exchange, markets);
	}
}

/** Depend on the seed and the name only, so that scripts and documents can rely on them. */
function keysOf(rng: Rng, name: string): { apiKey: string; apiSecret: string } {
	const draws = rng.fork('keys').fork(name);
	const text = (length: number): string => Array.from({ length }, () => ALPHABET.charAt(draws.below(ALPHABET.length))).join('');
	return { apiKey: text(API_KEY_LENGTH), apiSecret: text(API_SECRET_LENGTH) };
}
