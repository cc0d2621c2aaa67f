import { expect, test } from 'vitest';
import { ANN, asMessage, BOB, type Client, type Message, World } from './ws.fixture.ts';

const QUERY = 'timeUnit=MICROSECOND';
const INSTANT = 1_700_000_000_000;

/** Every number that is an instant, in milliseconds or in microseconds. */
function instants(value: unknown): number[] {
	if (typeof value === 'number') return value > INSTANT ? [value] : [];
	return typeof value === 'object' && value !== null ? Object.values(value).flatMap(instants) : [];
}

function heard(world: World, query: string): { readonly stream: Message[]; readonly api: Message[] } {
	const names = ['trade', 'aggTrade', 'kline_1m', 'ticker', 'miniTicker', 'avgPrice', 'depth@100ms', 'bookTicker', 'depth5'];
	const streams: Client = world.connect('/stream', `streams=${names.map((name) => `btcusdt@${name}`).join('/')}&${query}`);
	const api = world.connect('/ws-api/v3', query);
	const answers = [
		world.call(api, 'userDataStream.subscribe.signature', world.signed({})),
		world.call(api, 'session.status'),
		world.call(api, 'time'),
	];
	world.place(BOB, 'sell', '0.1', '65000');
	world.place(ANN, 'buy', '0.2', '65000');
	world.pass(3_000);
	answers.push(
		world.call(api, 'klines', { symbol: 'BTCUSDT', interval: '1m' }),
		world.call(api, 'ticker.24hr', { symbol: 'BTCUSDT' }),
		world.call(api, 'allOrders', world.signed({ symbol: 'BTCUSDT' })),
		world.call(api, 'myTrades', world.signed({ symbol: 'BTCUSDT' })),
	);
	return { stream: streams.take(), api: [...answers, ...api.take()] };
}

test('every instant is in microseconds where the address asks for that, and nothing else changes', () => {
	const usual = heard(new World(), '');
	const fine = heard(new World(), QUERY);
	for (const kind of ['stream', 'api'] as const) {
		expect(instants(usual[kind]).length).toBeGreaterThan(10);
		expect(instants(fine[kind])).toEqual(instants(usual[kind]).map((ms) => ms * 1_000));
		const timeless = (messages: Message[]): string =>
			JSON.stringify(messages, (_name, value: unknown) => (typeof value === 'number' && value > INSTANT ? 'instant' : value));
		expect(timeless(fine[kind])).toBe(timeless(usual[kind]));
	}
	expect(asMessage(fine.api[2]?.['result'])['serverTime']).toBe(
		Number(asMessage(usual.api[2]?.['result'])['serverTime']) * 1_000,
	);
});
