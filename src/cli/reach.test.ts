/** Which account of a box each venue of a configuration trades under. */
import { expect, test } from 'vitest';
import { checkWritten } from '../app/config/config.ts';
import { venueSettings } from '../app/config/venue-settings.ts';
import type { BoxStarted } from './box-process.ts';
import { reach } from './reach.ts';

const at = (path: string) => `ws://127.0.0.1:4710/v5/${path}`;
const ACCOUNTS = ['one', 'two'].map((name) => ({ name, apiKey: `key of ${name}`, apiSecret: 'secret' }));

/** A box that we start has keys of its own. */
const noKeys = { keysOf: async () => ({ kind: 'missing', sentence: 'there is none' }) as const };

function started(accounts = ACCOUNTS): BoxStarted {
	const streams = { public: { spot: at('s'), linear: at('l'), inverse: at('i') }, private: at('p'), trade: at('t') };
	const listening = {
		listening: true,
		...{ accounts, control: { url: '', token: '' } },
		bybit: { rest: 'http://127.0.0.1:4710', ...streams },
	} as const;
	return { kind: 'listening', box: { listening, [Symbol.asyncDispose]: async () => {} } };
}

function settingsOf(venues: object) {
	const config = checkWritten({ venues });
	if (config === undefined) throw new Error('the configuration of the test is right');
	return venueSettings(config);
}

test('two accounts of one exchange are two in the box, in the order in which they are written down', async () => {
	const venues = settingsOf({ first: { symbols: ['BTCUSDT'] }, second: { symbols: ['BTCUSDT'] } });
	const keys: (string | undefined)[] = [];
	for (const settings of venues) {
		const reached = await reach(settings, async () => started(), { keys: noKeys, venues });
		keys.push(reached.kind === 'found' ? reached.access.key?.apiKey : reached.kind);
	}
	expect(keys).toEqual(['key of one', 'key of two']);
});

test.each([
	[0, 'the exchange in a box has no account: add one under box.accounts'],
	[1, 'the exchange in a box has too few accounts (1): add one under box.accounts'],
])('of %i accounts the second one is missed', async (count, sentence) => {
	const venues = settingsOf({ first: { symbols: ['BTCUSDT'] }, second: { symbols: ['BTCUSDT'] } });
	const [, second] = venues;
	if (second === undefined) throw new Error('there are two');
	const reached = await reach(second, async () => started(ACCOUNTS.slice(0, count)), { keys: noKeys, venues });
	expect(reached).toEqual({ kind: 'refused', sentence });
});

test('a box that cannot be started says why', async () => {
	const [settings] = settingsOf({ one: { symbols: ['BTCUSDT'] } });
	if (settings === undefined) throw new Error('there is one');
	const failed = async (): Promise<BoxStarted> => ({ kind: 'failed', message: 'no port is free' });
	expect(await reach(settings, failed, { keys: noKeys })).toEqual({ kind: 'refused', sentence: 'no port is free' });
});
