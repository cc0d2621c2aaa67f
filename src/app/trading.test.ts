/** What keeps a session from beginning before anything is asked of a venue. */
import { expect, test } from 'vitest';
import { tempPlace } from '../../test/fixtures/data-place.ts';
import { environmentUrls } from '../venues/bybit/urls.ts';
import { readConfig } from './config/config.ts';
import { openTrading } from './trading.ts';

async function opened(text: string) {
	const read = readConfig({ file: { name: 't.yaml', text } });
	if (read.kind === 'bad') throw new Error('the text is right');
	using data = tempPlace();
	return await openTrading({
		data,
		config: read.config,
		urls: environmentUrls('testnet'),
		apiKey: 'KEY',
		apiSecret: 'SECRET',
		onNote: () => {},
		onTrouble: () => {},
	});
}

test.each([
	[
		'nothing is to be quoted, and what the demonstration quotes is for a simulation',
		'mode: testnet\nvenues: { a: { symbols: [BTCUSDT], environment: testnet } }',
		'there is nothing to quote: write down under strategies what is wanted, since mode is testnet',
	],
	[
		'there are two venues',
		'venues: { a: { symbols: [BTCUSDT] }, b: { symbols: [BTCUSDT] } }',
		'there are 2 venues (a, b), and one process trades on one for now; take the others out',
	],
	[
		'a sentinel is asked for, and none could reach the exchange of the session',
		'sentinel: { enabled: true }',
		'sentinel.enabled asks for a sentinel, and no other process reaches the exchange in a box that a session starts: take it out, or name a box that runs already under venues.bybit.urls.rest',
	],
])('%s', async (_, text, sentence) => {
	expect(await opened(text)).toEqual({ kind: 'refused', sentences: [sentence] });
});
