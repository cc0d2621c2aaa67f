/** npm `binance` as it comes from its author, over real sockets: its WebSocket API for futures. Only the URL is ours. */
import { WebsocketAPIClient } from 'binance';
import { beforeAll, describe, expect, test } from 'vitest';
import { farBelow, SYMBOL, useBinance } from './binance.ts';
import { futuresRest, quiet, type SocketRefusal, stamped, wsApi } from './binance-sdk.ts';
import { onlyLoopback } from './box.ts';
import { promptly, refusal } from './wait.ts';

describe.skipIf(!onlyLoopback)('binance over the WebSocket API: futures', () => {
	const binance = useBinance({ seed: '47' });

	describe.each(['HMAC', 'Ed25519'] as const)('with an %s key', (kind) => {
		let api: WebsocketAPIClient;
		let below: number;
		let above: number;

		beforeAll(async () => {
			({ api } = wsApi(binance, kind === 'HMAC' ? binance.account : await binance.ed25519Keys()));
			const { result } = await promptly('depth', api.getFuturesOrderBook({ symbol: SYMBOL, limit: 5 }));
			below = farBelow(result.bids[0]?.[0] ?? 0);
			above = Math.ceil(Number(result.asks[0]?.[0]) * 1.01);
		});

		const name = (text: string): string => `x-15PC4ZJy${kind}-${text}`;

		function rests(text: string) {
			const order = { symbol: SYMBOL, side: 'BUY', type: 'LIMIT', timeInForce: 'GTX', quantity: '0.010' } as const;
			const price = String(below);
			return promptly(
				'order.place',
				api.submitNewFuturesOrder('usdm', { ...order, price, newClientOrderId: name(text), timestamp: Date.now() }),
			);
		}

		test('places, modifies, finds and cancels', async () => {
			const by = { symbol: SYMBOL, origClientOrderId: name('placed'), timestamp: Date.now() };
			expect((await rests('placed')).result).toMatchObject({ status: 'NEW', clientOrderId: name('placed') });
			const change = { ...by, side: 'BUY', quantity: '0.020', price: String(below) } as const;
			const modified = await promptly('order.modify', api.modifyFuturesOrder('usdm', change));
			expect(modified.result).toMatchObject({ origQty: '0.020', clientOrderId: name('placed') });
			expect(await refusal<SocketRefusal>(api.modifyFuturesOrder('usdm', change))).toMatchObject({ error: { code: -5027 } });
			const { result } = await promptly('order.status', api.getFuturesOrderStatus('usdm', by));
			expect(result).toMatchObject({ status: 'NEW', origQty: '0.020' });
			expect((await promptly('order.cancel', api.cancelFuturesOrder('usdm', by))).result).toMatchObject({ status: 'CANCELED' });
			expect(await refusal<SocketRefusal>(api.cancelFuturesOrder('usdm', by))).toMatchObject({
				status: 400,
				error: { code: -2011 },
			});
		});

		test('hears at once that a post-only order would take', async () => {
			const order = { symbol: SYMBOL, side: 'BUY', type: 'LIMIT', timeInForce: 'GTX', quantity: '0.010' } as const;
			const taking = api.submitNewFuturesOrder('usdm', { ...order, price: String(above), timestamp: Date.now() });
			expect(await refusal<SocketRefusal>(promptly('order.place', taking))).toMatchObject({ error: { code: -5022 } });
		});

		test('buys, and reads its position, its balance and the limits in each answer', async () => {
			const order = { symbol: SYMBOL, type: 'MARKET', quantity: '0.010', newOrderRespType: 'RESULT' } as const;
			const bought = await promptly(
				'order.place',
				api.submitNewFuturesOrder('usdm', { ...order, side: 'BUY', timestamp: Date.now() }),
			);
			expect(bought.result).toMatchObject({ status: 'FILLED', executedQty: '0.010' });
			expect(bought.rateLimits.map(({ rateLimitType }: { rateLimitType: string }) => rateLimitType)).toContain('ORDERS');
			const positions = await promptly('positions', api.getFuturesPositionV2(stamped({ symbol: SYMBOL })));
			expect(positions.result[0]).toMatchObject({ symbol: SYMBOL, positionAmt: '0.010' });
			const balances = await promptly('balances', api.getFuturesAccountBalanceV2(stamped({})));
			expect(balances.result.map(({ asset }) => asset)).toContain('USDT');
			const sold = await api.submitNewFuturesOrder('usdm', { ...order, side: 'SELL', timestamp: Date.now() });
			expect(sold.result).toMatchObject({ status: 'FILLED' });
		});
	});

	test('finds an order by an id beyond 2^53, if its user brings a parser that keeps it', async () => {
		const ids: string[] = [];
		const keep = (text: string): object => {
			const id = /"orderId":(\d+)/.exec(text)?.[1];
			if (id !== undefined) ids.push(id);
			return JSON.parse(text) as object;
		};
		const { apiKey: api_key, apiSecret: api_secret } = binance.account;
		const api = new WebsocketAPIClient(
			{ wsUrl: binance.sockets, api_key, api_secret, customParseJSONFn: keep, attachEventListeners: false },
			quiet,
		);
		binance.closeLater(() => api.getWSClient().closeAll(true));
		const { bidPrice } = await futuresRest(binance).getSymbolOrderBookTicker({ symbol: SYMBOL });
		const order = { symbol: SYMBOL, side: 'BUY', type: 'LIMIT', timeInForce: 'GTC', quantity: '0.010' } as const;
		const price = String(farBelow(bidPrice));
		const { result } = await promptly('place', api.submitNewFuturesOrder('usdm', stamped({ ...order, price })));
		const orderId = ids[0] ?? '';
		expect(Number(orderId)).toBeGreaterThan(Number.MAX_SAFE_INTEGER);
		expect(result.orderId).toBe(Number(orderId));
		expect(String(BigInt(result.orderId))).not.toBe(orderId);
		// The type says number, which is what the id does not fit into; on the wire a text is as good.
		const cancel = { symbol: SYMBOL, orderId: orderId as unknown as number };
		const cancelled = await promptly('cancel', api.cancelFuturesOrder('usdm', stamped(cancel)));
		expect(cancelled.result).toMatchObject({ status: 'CANCELED', clientOrderId: result.clientOrderId });
	});

	test('is refused when its signature is wrong or its clock is late', async () => {
		const forger = wsApi(binance, { apiKey: binance.account.apiKey, apiSecret: 'wrong' });
		const forged = forger.api.getFuturesAccountBalanceV2(stamped({}));
		expect(await refusal<SocketRefusal>(promptly('a forged request', forged))).toMatchObject({ error: { code: -1022 } });
		const late = wsApi(binance).api.getFuturesAccountBalanceV2({ timestamp: Date.now() - 60_000 });
		expect(await refusal<SocketRefusal>(promptly('a late request', late))).toMatchObject({ error: { code: -1021 } });
	});
});
