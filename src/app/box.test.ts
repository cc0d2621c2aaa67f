/** The whole box over real sockets: control and Bybit side see one exchange, faults strike, a reset begins anew. */
import { afterEach, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { control, openRealBox } from '../../test/fixtures/real-box.ts';
import type { Box, BoxOptions } from './box.ts';

const opened: Box[] = [];
const bugs: unknown[] = [];

afterEach(async () => {
	for (const box of opened.splice(0)) await box[Symbol.asyncDispose]();
	expect(bugs).toEqual([]);
});

async function open(more: Partial<BoxOptions> = {}) {
	const box = await openRealBox(bugs, more);
	opened.push(box);
	const { listening } = box;
	const bybit = async (path: string) => (await fetch(`${listening.bybit.rest}${path}`)).json() as Promise<object>;
	return { listening, control: control.bind(undefined, box), bybit };
}

test('the book of the control API is the book of the wire', async () => {
	const { control, bybit } = await open({ symbols: ['BTCUSDT'] });
	const { bids, asks } = await control('GET /v1/symbols/BTCUSDT/book?depth=3');
	expect(bids).toHaveLength(3);
	expect(await bybit('/v5/market/orderbook?category=linear&symbol=BTCUSDT&limit=3')).toMatchObject({
		retCode: 0,
		result: { b: bids, a: asks },
	});
	const entries = await control('GET /v1/tap');
	expect(entries).toMatchObject({
		entries: [{ kind: 'request', request: { path: '/v5/market/orderbook' }, reply: { status: 200 } }],
	});
});

test('a frozen exchange still answers, and its time is the one that it was moved to', async () => {
	const { control, bybit } = await open();
	await control('POST /v1/time/freeze');
	const { nowMs } = await control('POST /v1/time/advance', { ms: 60_000 });
	expect(await bybit('/v5/market/time')).toMatchObject({ time: nowMs });
	await control('POST /v1/time/resume');
	expect(await control('GET /v1/time')).toMatchObject({ frozen: false });
});

test('injected faults strike and are counted; a reset clears them and closes the sockets', async () => {
	const { control, bybit, listening } = await open();
	const { id } = await control('POST /v1/faults', { name: 'server-error' });
	expect(typeof id).toBe('string');
	const reply = await fetch(`${listening.bybit.rest}/v5/market/time`);
	await reply.text();
	expect(await control('GET /v1/faults')).toMatchObject({ faults: [{ id }], counts: { 'server-error': 1 } });
	const socket = new WebSocket(listening.bybit.public.linear);
	await new Promise((resolve) => socket.once('open', resolve));
	const closed = new Promise((resolve) => socket.once('close', resolve));
	await control('POST /v1/accounts', { name: 'carol' });
	await control('POST /v1/reset');
	expect(await closed).toBe(1012);
	expect(await control('GET /v1/accounts')).not.toMatchObject({
		accounts: expect.arrayContaining([{ name: 'carol' }]) as unknown,
	});
	expect(await control('GET /v1/faults')).toMatchObject({ faults: [] });
	expect(await bybit('/v5/market/time')).toMatchObject({ retCode: 0 });
});

test.each(['synthetic', 'none'] as const)('a %s market lists the same symbols at the same prices', async (market) => {
	const { control } = await open({ market });
	const { symbols } = await control('GET /v1/state');
	expect(symbols).toEqual(['BTCUSDT', 'ETHUSDT', 'SOLUSDT', 'XRPUSDT', 'spot:BTCUSDT', 'spot:ETHUSDT', 'BTCUSD']);
	const { bids } = await control('GET /v1/symbols/spot:BTCUSDT/book');
	expect((bids as unknown[]).length > 0).toBe(market === 'synthetic');
});
