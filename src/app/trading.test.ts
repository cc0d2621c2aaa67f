/** What keeps a session from beginning before anything is asked of a venue. */
import { expect, test } from 'vitest';
import { environmentUrls } from '../venues/bybit/urls.ts';
import { readConfig } from './config/config.ts';
import { openTrading } from './trading.ts';

async function opened(text: string) {
	const read = readConfig({ file: { name: 't.yaml', text } });
	if (read.kind === 'bad') throw new Error('the text is right');
	return await openTrading({
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
])('%s', async (_, text, sentence) => {
	expect(await opened(text)).toEqual({ kind: 'refused', sentences: [sentence] });
});
