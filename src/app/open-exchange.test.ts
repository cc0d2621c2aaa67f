/** The exchange in a box inside of a program: on free ports, as many as are wanted, each gone when it is let go. */

import { once } from 'node:events';
import { createServer } from 'node:http';
import { expect, test } from 'vitest';
import { openExchange } from './open-exchange.ts';

/** The venue's own time, in milliseconds. */
async function timeAt(rest: string): Promise<number> {
	const answer = (await (await fetch(`${rest}/v5/market/time`)).json()) as { readonly time: number };
	return answer.time;
}

test('two at once have ports of their own and, of one seed, the same keys', async () => {
	await using one = await openExchange({ market: 'none', seed: 3 });
	await using other = await openExchange({ market: 'none', seed: 3 });
	await using third = await openExchange({ market: 'none' });
	expect(new Set([one, other, third].map(({ bybit }) => bybit.rest)).size).toBe(3);
	expect(other.accounts).toEqual(one.accounts);
	expect(third.account()).not.toEqual(one.account());
	expect(one.control.token).not.toBe(other.control.token);
	for (const { bybit } of [one, other, third]) expect(await timeAt(bybit.rest)).toBeGreaterThan(0);
});

test('nothing listens any more once it has been let go, and letting go twice does no harm', async () => {
	const box = await openExchange({ market: 'none' });
	await box[Symbol.asyncDispose]();
	await box[Symbol.asyncDispose]();
	await expect(timeAt(box.bybit.rest)).rejects.toThrow('fetch failed');
});

test('accounts are those that are asked for', async () => {
	await using box = await openExchange({ market: 'none', accounts: [{ name: 'carol', balances: { USDT: '5' } }] });
	expect(box.account()).toBe(box.account('carol'));
	expect(() => box.account('alice')).toThrow(new RangeError("the box has no account 'alice', only these: carol"));
});

test('a port that is taken is said in a sentence', async () => {
	const taken = createServer().listen(0, '127.0.0.1');
	await once(taken, 'listening');
	const address = taken.address();
	const bybitPort = typeof address === 'object' && address !== null ? address.port : 0;
	await expect(openExchange({ market: 'none', bybitPort })).rejects.toThrow(
		`cannot listen on 127.0.0.1:${bybitPort}: another program listens there`,
	);
	taken.close();
});
