/** What keeps a session from beginning before anything is asked of a venue. */
import { expect, test } from 'vitest';
import { accessesTo } from '../../test/fixtures/accesses-to.ts';
import { tempPlace } from '../../test/fixtures/data-place.ts';
import { readConfig } from './config/config.ts';
import { openTrading } from './trading.ts';

const SOCKET = 'ws://127.0.0.1:9';
const NOWHERE = {
	rest: 'http://127.0.0.1:9',
	...{ public: { spot: SOCKET, linear: SOCKET, inverse: SOCKET }, private: SOCKET, trade: SOCKET },
};

async function opened(text: string) {
	const read = readConfig({ file: { name: 't.yaml', text } });
	if (read.kind === 'bad') throw new Error('the text is right');
	using data = tempPlace();
	return await openTrading({
		data,
		config: read.config,
		venues: accessesTo(read.config, { bybit: NOWHERE }, { apiKey: 'KEY', apiSecret: 'SECRET' }),
		onNote: () => {},
		onTrouble: () => {},
	});
}

test.each([
	[
		'nothing is to be quoted, and what the demonstration quotes is for a simulation',
		'mode: testnet\nvenues: { a: { symbols: [BTCUSDT], environment: testnet } }',
		'there is nothing to do: write down under strategies what is to be quoted, or under trading.workflows what is to be traded, since mode is testnet',
	],
	[
		'a sentinel is asked for, and none could reach the exchange of the session',
		'sentinel: { enabled: true }',
		'sentinel.enabled asks for a sentinel, and no other process reaches the exchange in a box that a session starts: take it out, or name a box that runs already under venues.bybit.urls.rest',
	],
])('%s', async (_, text, sentence) => {
	expect(await opened(text)).toEqual({ kind: 'refused', sentences: [sentence] });
});
