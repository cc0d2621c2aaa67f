/** Words for the states of the exchange, and the name of what is being done. */
import { describe, expect, test } from 'vitest';
import type { CancelReason } from '../core/views.ts';
import { openVenue } from './scene.fixture.ts';
import { modeOf, policyOf, STP_MODES, sideOf, statusOf, WIRE_SIDES, wireSide } from './words.ts';

describe('the status of an order', () => {
	test.each([
		['new', 'NEW'],
		['partially-filled', 'PARTIALLY_FILLED'],
		['filled', 'FILLED'],
	] as const)('that is %s is %s', (status, word) => {
		expect(statusOf({ status, cancelReason: null })).toBe(word);
	});

	const endings: Record<CancelReason, string> = {
		user: 'CANCELED',
		disconnect: 'CANCELED',
		liquidation: 'CANCELED',
		admin: 'EXPIRED',
		rejected: 'REJECTED',
		'post-only-would-cross': 'EXPIRED',
		'ioc-remainder': 'EXPIRED',
		'fok-not-fillable': 'EXPIRED',
		'no-liquidity': 'EXPIRED',
		'reduce-only': 'EXPIRED',
		'self-trade': 'EXPIRED_IN_MATCH',
	};
	test.each(Object.entries(endings))('that ended by %s is %s', (reason, word) => {
		expect(statusOf({ status: 'cancelled', cancelReason: reason as CancelReason })).toBe(word);
	});
});

test('words for sides and self-trade prevention come back', () => {
	for (const word of WIRE_SIDES) expect(wireSide(sideOf(word))).toBe(word);
	for (const word of STP_MODES) expect(modeOf(policyOf(word))).toBe(word);
});

test('what is being done has a name for as long as it is done, whatever comes of it', () => {
	const venue = openVenue();
	expect(
		venue.withDeed('outer', () => [venue.deedClientId, venue.withDeed('inner', () => venue.deedClientId), venue.deedClientId]),
	).toEqual(['outer', 'inner', 'outer']);
	expect(() =>
		venue.withDeed('failing', () => {
			throw new Error('it did');
		}),
	).toThrow('it did');
	expect(venue.deedClientId).toBe('');
});
