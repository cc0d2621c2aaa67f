/** Two strangers, each with a client of npm `binance`, trade with one another in a market where nobody else does. */
import { describe, expect, test } from 'vitest';
import { SYMBOL, useBinance } from './binance.ts';
import { futuresRest, spotRest } from './binance-sdk.ts';
import { onlyLoopback } from './box.ts';

describe.skipIf(!onlyLoopback)('makers on Binance', () => {
	const binance = useBinance({ seed: '71', market: 'quiet' });

	/** The clients of two accounts. */
	function both<Client>(open: (box: typeof binance, keys: (typeof binance)['account']) => Client): readonly [Client, Client] {
		const [maker, taker] = binance.box.line.accounts.map((account) => open(binance, account));
		if (maker === undefined || taker === undefined) throw new Error('the box has no two accounts');
		return [maker, taker];
	}

	test('on spot: the maker pays its fee in the coin that it gets, order by order as they are filled', async () => {
		const [maker, taker] = both(spotRest);
		const { bids, asks } = await maker.getOrderBook({ symbol: SYMBOL, limit: 5 });
		const price = Number(((Number(bids[0]?.[0]) + Number(asks[0]?.[0])) / 2).toFixed(2));
		const order = { symbol: SYMBOL, price } as const;
		const { orderId } = await maker.submitNewOrder({ ...order, side: 'BUY', type: 'LIMIT_MAKER', quantity: 0.01 });
		const sell = { ...order, side: 'SELL', type: 'LIMIT', timeInForce: 'IOC', quantity: 0.004 } as const;
		const sold = await taker.submitNewOrder({ ...sell, newOrderRespType: 'RESULT' });
		expect(sold).toMatchObject({ status: 'FILLED', executedQty: '0.00400000' });
		const found = await maker.getOrder({ symbol: SYMBOL, orderId });
		expect(found).toMatchObject({ status: 'PARTIALLY_FILLED', executedQty: '0.00400000' });
		const [fill] = await maker.getAccountTradeList({ symbol: SYMBOL, orderId });
		expect(fill).toMatchObject({ isMaker: true, isBuyer: true, commissionAsset: 'BTC', qty: '0.00400000' });
		expect(Number(fill?.price)).toBe(price);
		const { balances } = await maker.getAccountInformation();
		const locked = Number(balances.find(({ asset }) => asset === 'USDT')?.locked);
		expect(locked).toBeCloseTo(0.006 * price, 6);
		expect(await maker.cancelOrder({ symbol: SYMBOL, orderId })).toMatchObject({ status: 'CANCELED' });
	});

	test('on futures: one is long what the other is short, and a second order of one account does not meet its first', async () => {
		const [maker, taker] = both(futuresRest);
		const { bidPrice, askPrice } = await maker.getSymbolOrderBookTicker({ symbol: SYMBOL });
		const price = Number(((Number(bidPrice) + Number(askPrice)) / 2).toFixed(1));
		const limit = { symbol: SYMBOL, type: 'LIMIT', quantity: 0.01, price } as const;
		const resting = await maker.submitNewOrder({ ...limit, side: 'BUY', timeInForce: 'GTX' });
		await taker.submitNewOrder({ ...limit, side: 'SELL', timeInForce: 'IOC' });
		const origClientOrderId = resting.clientOrderId;
		expect(await maker.getOrder({ symbol: SYMBOL, origClientOrderId })).toMatchObject({ status: 'FILLED' });
		const [fill] = await maker.getAccountTrades({ symbol: SYMBOL });
		expect(fill).toMatchObject({ maker: true, buyer: true, commissionAsset: 'USDT', qty: '0.010' });
		for (const [client, amount] of [
			[maker, 0.01],
			[taker, -0.01],
		] as const) {
			const [position] = await client.getPositionsV3({ symbol: SYMBOL });
			expect([Number(position?.positionAmt), Number(position?.entryPrice)]).toEqual([amount, price]);
		}

		const bid = await maker.submitNewOrder({ ...limit, side: 'BUY', timeInForce: 'GTX' });
		const selfTradePreventionMode = 'EXPIRE_TAKER';
		const ask = await maker.submitNewOrder({ ...limit, side: 'SELL', timeInForce: 'GTC', selfTradePreventionMode });
		const met = await maker.getOrder({ symbol: SYMBOL, origClientOrderId: ask.clientOrderId });
		expect(met).toMatchObject({ status: 'EXPIRED_IN_MATCH', executedQty: '0.000' });
		const kept = await maker.getOrder({ symbol: SYMBOL, origClientOrderId: bid.clientOrderId });
		expect(kept).toMatchObject({ status: 'NEW' });
	});
});
