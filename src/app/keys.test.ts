import { expect, test } from 'vitest';
import { checkWritten } from './config/config.ts';
import { venueSettings } from './config/venue-settings.ts';
import { hasNoVariables, takeVariables } from './keys.ts';

const VENUES = venueSettings(
	checkWritten({
		venues: { bybit: { symbols: ['BTCUSDT'] }, two: { kind: 'bybit', symbols: ['ETHUSDT'], api_key_env: 'MINE' } },
	})!,
);

test('keys are taken out of the environment, and nothing else is', () => {
	const before = {
		...{ EVENKEEL_BYBIT_API_KEY: 'k', EVENKEEL_BYBIT_API_SECRET: 's', MINE: 'm', EVENKEEL_TWO_API_SECRET: 't' },
		...{ EVENKEEL_PASSPHRASE: 'p', PATH: '/bin' },
	};
	const environment: Record<string, string | undefined> = { ...before };
	expect(takeVariables(VENUES, environment, ['EVENKEEL_PASSPHRASE'])).toEqual(before);
	expect(environment).toEqual({ PATH: '/bin' });
});

test('one variable of the two is somebody who means the environment', () => {
	const [bybit] = VENUES;
	expect(hasNoVariables(bybit!, {})).toBe(true);
	expect(hasNoVariables(bybit!, { EVENKEEL_BYBIT_API_KEY: ' ' })).toBe(true);
	expect(hasNoVariables(bybit!, { EVENKEEL_BYBIT_API_SECRET: 's' })).toBe(false);
});
