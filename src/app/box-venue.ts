/**
 * The inside of the exchange in a box: exchange, market, accounts and the Bybit façade, without any socket, clock or
 * timer. A function of its seed and of what it is told when: a reset makes another one of the same seed.
 */
import { createBybitFacade } from '../exchange/bybit/facade.ts';
import { BYBIT_OPTIONS, type BybitCategory, BybitVenue } from '../exchange/bybit/venue.ts';
import type { BoxAccount } from '../exchange/control/controlled-box.ts';
import { Exchange } from '../exchange/core/exchange.ts';
import { atoms, rateE8 } from '../exchange/core/money.ts';
import type { Facade } from '../exchange/facade.ts';
import { type ExchangeFaults, FaultyExchange } from '../exchange/faults/faulty-exchange.ts';
import { type KeyRights, USUAL_RIGHTS } from '../exchange/key-rights.ts';
import { createMarket } from '../exchange/market/market.ts';
import { createEmptyMarket, createQuietMarket } from '../exchange/market/quiet.ts';
import type { Rng } from '../ports/rng.ts';
import { DEMO_ACCOUNTS, type SimulatedMarket, type StartingAccount } from './box-choices.ts';
import { type BoxSymbols, boxSymbols } from './box-symbols.ts';

export interface BoxVenue {
	readonly exchange: Exchange;
	readonly facade: Facade;
	/** In the order of their making. */
	readonly accounts: readonly BoxAccount[];
	addAccount(name: string): BoxAccount;
	setKeyRights(name: string, rights: KeyRights): boolean;
	/** One more key of an account that is there, by a name of its own. */
	addKey(accountName: string, keyName: string): Pick<BoxAccount, 'apiKey' | 'apiSecret'>;
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
	/** The demo accounts unless said. */
	readonly accounts?: readonly StartingAccount[];
	/** What may befall clients' orders. */
	readonly faults?: ExchangeFaults;
}): BoxVenue {
	const { rng, nowMs } = options;
	const symbols = boxSymbols(options.symbols, options.categories);
	const { listings } = symbols;
	const exchange = options.faults === undefined ? new Exchange({ listings }) : new FaultyExchange({ listings }, options.faults);
	const venue = new BybitVenue({
		exchange,
		symbols: symbols.shown,
		options: { ...BYBIT_OPTIONS, limitFactor: options.limitFactor },
	});
	const accounts: BoxAccount[] = [];

	function addAccount(name: string): BoxAccount {
		const account = { name, ...keysOf(rng, name) };
		exchange.openAccount(name);
		accounts.push(account);
		setKeyRights(name, USUAL_RIGHTS);
		return account;
	}

	function setKeyRights(name: string, rights: KeyRights): boolean {
		const account = accounts.find((each) => each.name === name);
		if (account === undefined) return false;
		venue.addKey({ apiKey: account.apiKey, apiSecret: account.apiSecret, accountId: name, rights });
		return true;
	}

	function addKey(accountId: string, keyName: string): Pick<BoxAccount, 'apiKey' | 'apiSecret'> {
		const key = keysOf(rng, keyName);
		venue.addKey({ ...key, accountId, rights: USUAL_RIGHTS });
		return key;
	}

	for (const { name, balances, fees, key } of options.accounts ?? DEMO_ACCOUNTS) {
		addAccount(name);
		if (key !== undefined) setKeyRights(name, key);
		if (fees !== undefined) {
			const rates = { makerRateE8: rateE8(fees.maker), takerRateE8: rateE8(fees.taker) };
			for (const { symbol } of listings) exchange.operator.accounts.setFees(name, symbol, rates);
		}
		// A coin that no chosen symbol uses is refused, and not missed.
		for (const [coin, amount] of Object.entries(balances)) exchange.deposit(name, coin, atoms(amount), nowMs);
	}
	const market = marketOf(options.market, exchange, symbols, rng);
	const facade = createBybitFacade(venue);
	return { exchange, facade, accounts, addAccount, setKeyRights, addKey, step: (nowMs) => market.step(nowMs) };
}

function marketOf(kind: SimulatedMarket, exchange: Exchange, { markets }: BoxSymbols, rng: Rng): { step(nowMs: number): void } {
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
