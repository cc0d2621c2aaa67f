/** What keeps an app from starting is said in a sentence, at once, and leaves nothing open. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openPlace, type Place } from '../../test/fixtures/loop-place.ts';
import { AppError } from './app-error.ts';
import { type CreateAppOptions, createApp, type VenuesAppOptions } from './create-app.ts';
import type { BinanceVenueOptions } from './library-venues.ts';
import { type OpenExchange, openExchange } from './open-exchange.ts';

let place: Place;
beforeAll(async () => {
	place = await openPlace();
});
afterAll(async () => await place[Symbol.asyncDispose]());

/** What is thrown, once the request is like this in some part. A program without types may write anything. */
async function thrown(more: Record<string, unknown>): Promise<AppError> {
	const options = { exchange: place.box.bybit, ...place.box.account(), symbols: ['BTCUSDT'], ...more } as CreateAppOptions;
	const error: unknown = await createApp(options).then(
		async (app) => await app.stop(),
		(reason: unknown) => reason,
	);
	if (error instanceof AppError) return error;
	throw new Error(`expected an AppError, found ${String(error)}`);
}

describe('createApp says what is wrong with', () => {
	test.each([
		['a key', { apiKey: 'AAAAAAAAAAAAAAAAAA' }, /^Bybit refuses \S+: API key invalid, or of another environment \(10003: .*\)$/],
		['a secret', { apiSecret: 'wrong' }, /^Bybit refuses \S+: wrong signature \(10004: .*\)$/],
		['no key', { apiKey: undefined }, /^the API key is empty or has characters that no key of Bybit has$/],
		['no secret', { apiSecret: undefined }, /^the API secret is empty$/],
		['no symbol', { symbols: [] }, /^no symbol is named: name at least one, such as BTCUSDT$/],
		[
			'no list of symbols',
			{ symbols: undefined },
			/^the symbols of bybit are no list: name at least one, such as \['BTCUSDT'\]$/,
		],
		['a symbol twice', { symbols: ['BTCUSDT', 'BTCUSDT'] }, /^BTCUSDT is named twice among the symbols: name it once$/],
		[
			'two unknown symbols',
			{ symbols: ['btcusdt', 'BTCUSD'] },
			/^Bybit has no symbol "btcusdt" in category linear; .*BTCUSDT.*\nBybit has no symbol "BTCUSD"/,
		],
		[
			'an inverse contract',
			{ category: 'inverse', symbols: ['BTCUSD'] },
			/^BTCUSD is to be traded as an inverse contract, and only/,
		],
		['the real exchange', { exchange: 'mainnet' }, /^the exchange is 'mainnet', which a library cannot trade on yet: .* journal/],
		['an exchange of another name', { exchange: 'binance' }, /^the exchange is 'binance', expected 'testnet', 'demo' or the/],
		['something else for an exchange', { exchange: {} }, /^the exchange has no address rest; give what the box prints as bybit$/],
		['no exchange', { exchange: undefined }, /^the exchange is not given, expected 'testnet', 'demo' or the addresses/],
	])('%s', async (_name, more, sentence) => {
		const error = await thrown(more);
		expect(error.code).toBe('cannot-start');
		expect(error.message).toMatch(sentence);
	});

	test('an address elsewhere, to which no key is sent', async () => {
		const error = await thrown({ exchange: { ...place.box.bybit, private: 'ws://example.com/v5/private' } });
		expect(error.message).toBe('private of the exchange is no loopback address, and an exchange in a box has no others');
	});

	test('the whole box where its addresses are wanted, and is understood', async () => {
		const options = { exchange: place.box, ...place.box.account(), symbols: ['BTCUSDT'] } as unknown as CreateAppOptions;
		await expect(createApp(options)).rejects.toThrow('the exchange has no address rest; give what the box prints as bybit');
	});
});

test('spot is traded too, over REST as well', async () => {
	await using app = await place.app('alice', { category: 'spot', symbols: ['BTCUSDT'], orderEntry: 'rest' });
	expect(app.rules('BTCUSDT')).toMatchObject({ category: 'spot' });
	const bid = app.top('BTCUSDT')?.bid ?? '';
	const placed = app.placeOrder({ symbol: 'BTCUSDT', side: 'buy', price: app.moved('BTCUSDT', bid, -3), qty: '0.01' });
	expect(placed.kind).toBe('placed');
	await app.processTick();
	expect(await place.openAtVenue('alice')).toHaveLength(1);
	expect(await app.stop()).toEqual([]);
	expect(await place.openAtVenue('alice')).toEqual([]);
});

describe('with several venues', () => {
	let both: OpenExchange;
	beforeAll(async () => {
		both = await openExchange({ market: 'quiet', symbols: ['BTCUSDT', 'ETHUSDT'], limitFactor: 100, binancePort: 0 });
	});
	afterAll(async () => await both[Symbol.asyncDispose]());

	const venuesOf = (more: Partial<BinanceVenueOptions> = {}): VenuesAppOptions['venues'] => ({
		bybit: { exchange: both.bybit, ...both.account(), symbols: ['BTCUSDT'] },
		binance: {
			...{ exchange: both.binance as BinanceVenueOptions['exchange'], ...both.account() },
			...{ symbols: ['BTCUSDT', 'spot:ETHUSDT'], ...more },
		},
	});

	test('one tick brings orders to all of them, and the end leaves none', async () => {
		await using app = await createApp({ venues: venuesOf() });
		expect(app.symbols).toEqual(['bybit:linear:BTCUSDT', 'binance:linear:BTCUSDT', 'ETHUSDT']);
		for (const symbol of app.symbols) {
			const bid = app.top(symbol)?.bid ?? '';
			app.quote(symbol, [{ side: 'buy', price: app.moved(symbol, bid, -5), qty: '0.01' }]);
		}
		const { commands, calls, refused } = await app.processTick();
		expect([commands, calls, refused]).toEqual([3, 3, []]);
		const states = () => app.openOrders().map(({ symbol, state }) => `${symbol} ${state}`);
		await expect.poll(states).toEqual(['BTCUSDT live', 'BTCUSDT live', 'ETHUSDT live']);
		expect(app.openOrders('binance:linear:BTCUSDT')).toHaveLength(1);
		expect(app.rules('ETHUSDT')).toMatchObject({ category: 'spot' });
		expect(() => app.top('BTCUSDT')).toThrow('BTCUSDT is several symbols of this app: say bybit:linear:BTCUSDT or binance:');
		expect(await app.stop()).toEqual([]);
	});

	test('what is wrong with one of them is said, and none stays open', async () => {
		const wrong = async (more: Partial<BinanceVenueOptions>) => {
			const error: unknown = await createApp({ venues: venuesOf(more) }).then(
				async (app) => await app.stop(),
				(reason: unknown) => reason,
			);
			return error instanceof AppError ? error.message : String(error);
		};
		expect(await wrong({ symbols: ['DOGEUSDT'] })).toMatch(/^Binance has no symbol "DOGEUSDT"/);
		expect(await wrong({ apiKey: '' })).toBe('the API key is empty or has characters that no key of Binance has');
		expect(await wrong({ exchange: both.bybit as never })).toBe(
			'the exchange has no address spot; give what the box prints as binance',
		);
		const elsewhere = { ...both.binance?.futures, rest: 'https://example.com' };
		expect(await wrong({ exchange: { ...both.binance, futures: elsewhere } as never })).toBe(
			'futuresRest of the exchange is no loopback address, and an exchange in a box has no others',
		);
		const misspelt = { ...venuesOf(), binanse: {} };
		await expect(createApp({ venues: misspelt })).rejects.toThrow("there is no venue 'binanse': expected bybit, binance or both");
		await expect(createApp({ venues: {} })).rejects.toThrow('no venue is named: name bybit, binance or both under venues');
	});
});

test('settings that are not named stay as they are, and ticks are always asked for', async () => {
	const engine = { limits: { positionNotionalMax: 5 }, tick: { tickIntervalMs: 50, isManual: false } };
	await using app = await place.app('alice', { engine });
	const top = app.top('BTCUSDT');
	app.quote('BTCUSDT', [{ side: 'buy', price: app.moved('BTCUSDT', top?.bid ?? '', -3), qty: '0.01' }]);
	await app.sleep(150);
	expect(app.getStats().ticks).toBe(0);
	await app.processTick();
	// Clipped to what may be held, which is less than one lot.
	expect(app.openOrders()).toEqual([]);
});

test('an account of a box is found by name, and a wrong name is told the right ones', () => {
	expect(place.box.account().name).toBe('alice');
	expect(place.box.account('bob').apiKey).toBe(place.box.accounts[1]?.apiKey);
	expect(() => place.box.account('zoe')).toThrow("the box has no account 'zoe', only these: alice, bob");
});
