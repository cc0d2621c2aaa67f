/** Where a venue of the settings is, and which accounts its symbols are traded on there. */
import { expect, test } from 'vitest';
import { checkWritten } from './config/config.ts';
import { venueSettings } from './config/venue-settings.ts';
import { findAccess } from './find-access.ts';
import { hostsOf, type VenueAccess } from './venue-access.ts';

function accessIn(written: object): VenueAccess {
	const config = checkWritten(written);
	const [settings] = config === undefined ? [] : venueSettings(config);
	const found = settings === undefined ? undefined : findAccess(settings);
	if (found?.kind !== 'found') throw new Error('the configuration of the test names one venue, and where it is');
	return found.accessWith(undefined);
}

function accessTo(venue: object): VenueAccess {
	return accessIn({ mode: 'testnet', venues: { one: { environment: 'testnet', ...venue } } });
}

const SPOT = 'https://testnet.binance.vision';
const FUTURES = 'https://demo-fapi.binance.com';
const binance = (...symbols: string[]): VenueAccess => accessTo({ kind: 'binance', symbols });

test('an account at Bybit is one, whatever is traded', () => {
	const { origins, tradedAt } = accessTo({ kind: 'bybit', symbols: ['BTCUSDT', 'spot:BTCUSDT'] });
	expect([origins, tradedAt]).toEqual([['https://api-testnet.bybit.com'], ['https://api-testnet.bybit.com']]);
});

test.each<[string, VenueAccess, readonly string[]]>([
	['spot', binance('spot:BTCUSDT'), [`${SPOT}/api`]],
	['futures', binance('BTCUSDT'), [`${FUTURES}/fapi`]],
	['both', binance('BTCUSDT', 'spot:BTCUSDT'), [`${SPOT}/api`, `${FUTURES}/fapi`]],
])('of Binance, %s: the accounts of what is traded, and the same exchange', (_, access, tradedAt) => {
	expect(access.tradedAt).toEqual(tradedAt);
	expect(access.origins).toEqual([SPOT, FUTURES]);
});

test('a box has both markets at one address, and two accounts there', () => {
	const rest = 'http://127.0.0.1:4712';
	const access = accessIn({ venues: { binance: { symbols: ['BTCUSDT', 'spot:BTCUSDT'], urls: { rest } } } });
	expect([access.origins, access.tradedAt]).toEqual([[rest], [`${rest}/api`, `${rest}/fapi`]]);
	expect(hostsOf([access])).toEqual(['127.0.0.1:4712']);
});
