/** What keeps a session from beginning before anything is asked of a venue. */
import { expect, test } from 'vitest';
import { accessesTo } from '../../test/fixtures/accesses-to.ts';
import { tempPlace } from '../../test/fixtures/data-place.ts';
import { readConfig } from './config/config.ts';
import { openTrading, stopBoth } from './trading.ts';

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

/** Says what it does; the gate is shut as soon as the app is told to stop. */
function ending(desk: () => Promise<void>, app: () => Promise<readonly string[]> = async () => ['left']) {
	const said: string[] = [];
	const parts = {
		app: {
			stop: (reason: string) => {
				said.push(`gate shut: ${reason}`);
				return app();
			},
		},
		desk: {
			[Symbol.asyncDispose]: () => {
				said.push('desk called off');
				return desk();
			},
		},
		onTrouble: (sentence: string) => said.push(sentence),
	};
	return { said, parts };
}

test('the gate is shut before the desk is waited for', async () => {
	const desk = Promise.withResolvers<void>();
	const { said, parts } = ending(() => desk.promise);
	const left = stopBoth(parts, 'enough');
	expect(said).toEqual(['gate shut: enough', 'desk called off']);
	desk.resolve();
	expect(await left).toEqual(['left']);
});

test('a desk that fails at its end does not keep the app from stopping, nor the other way round', async () => {
	const { said, parts } = ending(() => Promise.reject(new Error('a bug')));
	expect(await stopBoth(parts, 'enough')).toEqual(['left']);
	expect(said.at(-1)).toBe('the trading desk did not end in order: Error: a bug');
	let isDeskOver = false;
	const slow = async (): Promise<void> => {
		await Promise.resolve();
		isDeskOver = true;
	};
	const broken = ending(slow, () => Promise.reject(new Error('no answer')));
	await expect(stopBoth(broken.parts, 'enough')).rejects.toThrow('no answer');
	expect(isDeskOver).toBe(true);
});
