/** What the operator of the exchange does: each deed by what it changes, what it tells, and what it refuses. */
import { beforeEach, describe, expect, test } from 'vitest';
import { accepted, limitOrder, NOW_MS, openExchange, PERP, reasonOf, record, SPOT, walletAtoms } from './exchange.fixture.ts';
import type { Exchange } from './exchange.ts';
import type { FilterChange } from './filters.ts';
import type { ListingSpec } from './listing.ts';
import { atoms } from './money.ts';
import type { SymbolStatus } from './views.ts';

let exchange: Exchange;

beforeEach(() => {
	exchange = openExchange();
});

const place = (...order: Parameters<typeof limitOrder>) => exchange.place(limitOrder(...order), NOW_MS);
const change = (filters: FilterChange, symbol = PERP.symbol) => exchange.operator.changeFilters(symbol, filters, NOW_MS);
const held = (accountId: string) => exchange.positions(accountId)[0]?.qtyLotsSigned;

/** Ann is long of one coin at 65000, bob is short of it. */
function openPositions(): void {
	place('ann', 'buy', '1', '65000');
	place('bob', 'sell', '1', '65000');
	exchange.setMarkPrice(PERP.symbol, 650_000, NOW_MS);
}

/** All that all accounts and the house have and owe: constant, whatever is done. */
function moneyOf(coin: string): bigint {
	let sumAtoms = exchange.houseBalances().find((balance) => balance.coin === coin)?.atoms ?? 0n;
	for (const accountId of exchange.accounts()) {
		sumAtoms += walletAtoms(exchange, accountId, coin);
		if (coin === 'USDT') for (const { costAtomsSigned } of exchange.positions(accountId)) sumAtoms -= costAtomsSigned;
	}
	if (coin === 'USDT') for (const { costAtomsSigned } of exchange.housePositions()) sumAtoms -= costAtomsSigned;
	return sumAtoms;
}

describe('filters change while orders stand', () => {
	test.each<{ name: string; filters: FilterChange; qty: string; price: string; reason: string; spec?: ListingSpec }>([
		{ name: 'a larger tick', filters: { tickSize: '0.5' }, qty: '0.1', price: '65000.3', reason: 'price-off-grid' },
		{
			name: 'a larger lot',
			filters: { lotSize: '0.01', minQty: '0.01' },
			qty: '0.105',
			price: '65000',
			reason: 'quantity-off-grid',
		},
		{ name: 'a larger least quantity', filters: { minQty: '0.2' }, qty: '0.1', price: '65000', reason: 'below-min-quantity' },
		{
			name: 'a smaller largest quantity',
			filters: { maxQty: '0.05', maxMarketQty: '0.05' },
			qty: '0.1',
			price: '65000',
			reason: 'above-max-quantity',
		},
		{ name: 'a larger least value', filters: { minNotional: '10000' }, qty: '0.1', price: '65000', reason: 'below-min-notional' },
		{ name: 'a narrower band', filters: { priceBand: '0.001' }, qty: '0.1', price: '65100', reason: 'price-outside-band' },
	])('$name: new orders must fit, those that stand stay, and old filters can come back', ({ filters, qty, price, reason }) => {
		exchange.setMarkPrice(PERP.symbol, 650_000, NOW_MS);
		const before = exchange.listing(PERP.symbol)?.spec ?? PERP;
		const standing = accepted(place('ann', 'buy', qty, price));
		expect(change(filters)).toEqual({ kind: 'done' });
		expect(reasonOf(place('ann', 'buy', qty, price))).toBe(reason);
		expect(exchange.openOrders('ann')).toEqual([standing.order]);
		expect(
			reasonOf(exchange.cancel({ accountId: 'ann', symbol: PERP.symbol, order: { orderId: standing.orderId } }, NOW_MS)),
		).toBe('not refused');
		const { tickSize, lotSize, minQty, maxQty, maxMarketQty = maxQty, minNotional, priceBand = '1' } = before;
		change({ tickSize, lotSize, minQty, maxQty, maxMarketQty, minNotional, priceBand });
		expect(reasonOf(place('ann', 'buy', qty, price))).toBe('not refused');
	});

	test.each<[FilterChange, string]>([
		[{ tickSize: '0.15' }, 'tickSize is 0.15, expected a multiple of 0.1'],
		[{ tickSize: '0' }, 'tickSize is 0,'],
		[{ lotSize: '0.01' }, 'minQty is 0.001, expected a multiple of the lot size 0.01'],
		[{ minQty: '200' }, 'quantities must be'],
		[{ minQty: '0' }, 'quantities must be'],
		[{ minNotional: '-5' }, 'minNotional is -5'],
		[{ priceBand: '2' }, 'priceBand is 2, expected a fraction from 0 to 1'],
	])('%j is refused in words, without a trace', (filters, words) => {
		const before = exchange.stateHash();
		const result = change(filters);
		expect(result).toMatchObject({ kind: 'refused', reason: 'invalid-filter' });
		expect(result.kind === 'refused' ? result.detail : '').toContain(words);
		expect(exchange.stateHash()).toBe(before);
	});

	test('market orders and prices at the edge of the band keep to the larger tick', () => {
		change({ tickSize: '0.7' });
		exchange.setMarkPrice(PERP.symbol, 650_001, NOW_MS);
		for (const side of ['buy', 'sell'] as const)
			expect((exchange.listing(PERP.symbol)?.limitTicks(side, 650_001) ?? 1) % 7).toBe(0);
	});
});

describe('the status of a symbol', () => {
	const ORDERS = ['any', 'post-only', 'reducing', 'a cancel'] as const;
	test.each<[SymbolStatus, readonly (string | null)[]]>([
		['trading', [null, null, null, null]],
		['post-only', ['symbol-post-only', null, 'symbol-post-only', null]],
		['reduce-only', ['symbol-reduce-only', 'symbol-reduce-only', null, null]],
		['cancel-only', ['symbol-not-trading', 'symbol-not-trading', 'symbol-not-trading', null]],
		['halted', ['symbol-not-trading', 'symbol-not-trading', 'symbol-not-trading', 'symbol-not-trading']],
		['closed', ['symbol-closed', 'symbol-closed', 'symbol-closed', 'order-closed']],
	])('%s takes in what it takes in', (status, reasons) => {
		openPositions();
		const standing = accepted(place('ann', 'buy', '0.1', '64000'));
		exchange.setStatus(PERP.symbol, status, NOW_MS);
		const answers = [
			place('cyd', 'buy', '0.1', '64000'),
			place('cyd', 'buy', '0.1', '64000', { timeInForce: 'post-only' }),
			place('ann', 'sell', '0.1', '66000', { reduceOnly: true }),
			exchange.cancel({ accountId: 'ann', symbol: PERP.symbol, order: { orderId: standing.orderId } }, NOW_MS),
		];
		const found = answers.map((answer) => (answer.kind === 'refused' ? answer.reason : null));
		expect(Object.fromEntries(ORDERS.map((name, index) => [name, found[index]]))).toEqual(
			Object.fromEntries(ORDERS.map((name, index) => [name, reasons[index]])),
		);
	});

	test('its end takes out all orders and settles all positions at the mark price, with the house left flat', () => {
		openPositions();
		place('cyd', 'buy', '0.1', '64000');
		exchange.setMarkPrice(PERP.symbol, 660_000, NOW_MS);
		const before = { money: moneyOf('USDT'), ann: walletAtoms(exchange, 'ann', 'USDT') };
		const events = record(exchange);
		exchange.setStatus(PERP.symbol, 'closed', NOW_MS);
		expect([held('ann'), held('bob'), exchange.housePositions()[0]?.qtyLotsSigned]).toEqual([0, 0, 0]);
		expect(walletAtoms(exchange, 'ann', 'USDT') - before.ann).toBe(atoms('1000'));
		expect(moneyOf('USDT')).toBe(before.money);
		expect(exchange.closedOrders('cyd', PERP.symbol)).toMatchObject([{ status: 'cancelled', cancelReason: 'admin' }]);
		const settled = events.filter((event) => event.kind === 'execution').map(({ execution }) => execution);
		expect(settled).toMatchObject([
			{ accountId: 'ann', reason: 'settlement', side: 'sell', priceTicks: 660_000, feeAtoms: 0n },
			{ accountId: 'bob', reason: 'settlement', side: 'buy', priceTicks: 660_000, feeAtoms: 0n },
		]);
		expect(events.filter((event) => event.kind === 'order').map(({ order }) => order.accountId)).toEqual(['cyd']);
		expect(exchange.ticker(PERP.symbol)).toMatchObject({ status: 'closed', deliveryAtMs: NOW_MS });
	});

	test('an end that is announced comes at its time and not before, unless it is taken back', () => {
		exchange.operator.announceDelivery(PERP.symbol, NOW_MS + 10, NOW_MS);
		exchange.operator.announceDelivery(SPOT.symbol, NOW_MS + 10, NOW_MS);
		exchange.operator.announceDelivery(SPOT.symbol, 0, NOW_MS);
		exchange.advance(NOW_MS + 9);
		expect(exchange.ticker(PERP.symbol)).toMatchObject({ status: 'trading', deliveryAtMs: NOW_MS + 10 });
		exchange.advance(NOW_MS + 10);
		expect(exchange.ticker(PERP.symbol)?.status).toBe('closed');
		expect(exchange.ticker(SPOT.symbol)?.status).toBe('trading');
	});
});

describe('a spike', () => {
	test('moves the mark price and back, and is never two', () => {
		exchange.setMarkPrice(PERP.symbol, 650_000, NOW_MS);
		expect(exchange.operator.spike(PERP.symbol, { rateE8: 10_000_000, untilMs: NOW_MS + 5 }, NOW_MS).kind).toBe('done');
		expect(exchange.ticker(PERP.symbol)?.markTicks).toBe(715_000);
		expect(exchange.operator.spikeE8(PERP.symbol)).toBe(10_000_000);
		expect(exchange.operator.spike(PERP.symbol, { rateE8: 1, untilMs: NOW_MS + 9 }, NOW_MS).kind).toBe('refused');
		exchange.advance(NOW_MS + 4);
		expect(exchange.ticker(PERP.symbol)?.markTicks).toBe(715_000);
		exchange.advance(NOW_MS + 5);
		expect(exchange.ticker(PERP.symbol)?.markTicks).toBe(650_000);
		expect(exchange.operator.spikeE8(PERP.symbol)).toBe(0);
	});
});

describe('what is done to one account', () => {
	test('deleveraging takes from the position at no fee, is told as such, and trims what would reduce too much', () => {
		openPositions();
		const order = accepted(place('ann', 'sell', '0.8', '66000', { reduceOnly: true }));
		const before = moneyOf('USDT');
		const events = record(exchange);
		const { accounts } = exchange.operator;
		expect(accounts.deleverage({ accountId: 'ann', symbol: PERP.symbol, qtyLots: 400 }, NOW_MS).kind).toBe('done');
		expect(held('ann')).toBe(600);
		expect(exchange.housePositions()).toMatchObject([{ qtyLotsSigned: 400 }]);
		expect(exchange.order('ann', { orderId: order.orderId })).toMatchObject({ leavesLots: 600, status: 'new' });
		expect(moneyOf('USDT')).toBe(before);
		expect(events.flatMap((event) => (event.kind === 'execution' ? [event.execution] : []))).toMatchObject([
			{ reason: 'adl', side: 'sell', qtyLots: 400, feeAtoms: 0n, clientOrderId: '', closedLots: 400, leavesLots: 0 },
		]);
		expect(events.some((event) => event.kind === 'trade')).toBe(false);
		expect(reasonOf(accounts.deleverage({ accountId: 'ann', symbol: PERP.symbol, qtyLots: 601 }, NOW_MS))).toBe(
			'invalid-quantity',
		);
		expect(reasonOf(accounts.deleverage({ accountId: 'cyd', symbol: PERP.symbol, qtyLots: 1 }, NOW_MS))).toBe('no-position');
		expect(reasonOf(accounts.deleverage({ accountId: 'cyd', symbol: SPOT.symbol, qtyLots: 1 }, NOW_MS))).toBe('no-position');
	});

	test.each([
		{ spec: PERP, side: 'buy', qtyLots: 100, priceTicks: 650_000, feeCoin: 'USDT', fee: '3.575' },
		{ spec: SPOT, side: 'buy', qtyLots: 10_000, priceTicks: 300_000, feeCoin: 'ETH', fee: '0.001' },
		{ spec: SPOT, side: 'sell', qtyLots: 10_000, priceTicks: 300_000, feeCoin: 'USDT', fee: '3' },
	] as const)('a trade by hand, $side of $spec.symbol, is a market order at the fee of a taker', (row) => {
		const { spec, side, qtyLots, priceTicks } = row;
		const before = ['USDT', 'ETH'].map(moneyOf);
		const events = record(exchange);
		const result = exchange.operator.accounts.trade({ accountId: 'ann', symbol: spec.symbol, side, qtyLots, priceTicks }, NOW_MS);
		expect(result.kind).toBe('done');
		const execution = events.flatMap((event) => (event.kind === 'execution' ? [event.execution] : []))[0];
		expect(execution).toMatchObject({
			reason: 'trade',
			clientOrderId: '',
			maker: false,
			feeCoin: row.feeCoin,
			feeAtoms: atoms(row.fee),
		});
		expect(['USDT', 'ETH'].map(moneyOf)).toEqual(before);
		expect(exchange.trades(spec.symbol)).toMatchObject([{ takerSide: side, priceTicks, qtyLots }]);
	});

	test('nobody trades by hand what the account cannot pay', () => {
		const trade = { accountId: 'ann', symbol: SPOT.symbol, priceTicks: 300_000 } as const;
		const { accounts } = exchange.operator;
		expect(reasonOf(accounts.trade({ ...trade, side: 'sell', qtyLots: 100_001 }, NOW_MS))).toBe('insufficient-balance');
		expect(reasonOf(accounts.trade({ ...trade, side: 'buy', qtyLots: 500_000 }, NOW_MS))).toBe('insufficient-balance');
	});

	test('an order is filled by hand at its own price as a maker, whoever stands before it', () => {
		place('bob', 'buy', '1', '64000.1');
		const order = accepted(place('ann', 'buy', '1', '64000', { clientOrderId: 'mine' }));
		const before = moneyOf('USDT');
		const { accounts } = exchange.operator;
		expect(accounts.fill('ann', order.orderId, 999, NOW_MS).kind).toBe('done');
		expect(exchange.order('ann', { orderId: order.orderId })).toMatchObject({ status: 'partially-filled', leavesLots: 1 });
		expect(exchange.book(PERP.symbol, 5)?.bids).toEqual([
			{ priceTicks: 640_001, qtyLots: 1_000 },
			{ priceTicks: 640_000, qtyLots: 1 },
		]);
		expect(exchange.executions('ann', PERP.symbol)).toMatchObject([{ maker: true, clientOrderId: 'mine', priceTicks: 640_000 }]);
		expect(moneyOf('USDT')).toBe(before);
		expect(reasonOf(accounts.fill('ann', order.orderId, 2, NOW_MS))).toBe('invalid-quantity');
		expect(reasonOf(accounts.fill('bob', order.orderId, 1, NOW_MS))).toBe('order-not-found');
		accounts.fill('ann', order.orderId, 1, NOW_MS);
		expect(reasonOf(accounts.fill('ann', order.orderId, 1, NOW_MS))).toBe('order-closed');
	});

	test('self-trade prevention takes out an order that met another one of the account', () => {
		const order = accepted(place('ann', 'buy', '1', '64000', { clientOrderId: 'mine' }));
		const events = record(exchange);
		expect(exchange.operator.accounts.preventSelfTrade('ann', order.orderId, NOW_MS).kind).toBe('done');
		expect(events.flatMap((event) => (event.kind === 'order' ? [event.order] : []))).toMatchObject([
			{ clientOrderId: '', side: 'sell', status: 'new' },
			{ clientOrderId: 'mine', status: 'cancelled', cancelReason: 'self-trade', selfTradeOrderId: '2' },
			{ clientOrderId: '', side: 'sell', status: 'cancelled', cancelReason: 'ioc-remainder' },
		]);
		expect(exchange.openOrders('ann')).toEqual([]);
		expect(exchange.touch(PERP.symbol).bidTicks).toBe(0);
	});

	test('fees of its own: a rebate is paid by the house; a third coin pays as long as there is enough of it', () => {
		exchange.setMarkPrice(SPOT.symbol, 300_000, NOW_MS);
		const { accounts } = exchange.operator;
		accounts.setFees('ann', PERP.symbol, { makerRateE8: -20_000, takerRateE8: 50_000 });
		accounts.setFeeCoin('bob', 'ETH');
		const before = ['USDT', 'ETH'].map(moneyOf);
		openPositions();
		expect(exchange.executions('ann', PERP.symbol)).toMatchObject([
			{ feeAtoms: -atoms('13'), feeCoin: 'USDT', feeRateE8: -20_000 },
		]);
		// 65000 * 0.00055 / 3000
		expect(exchange.executions('bob', PERP.symbol)).toMatchObject([{ feeAtoms: 1_191_667n, feeCoin: 'ETH' }]);
		exchange.withdraw('bob', 'ETH', exchange.balances('bob').find(({ coin }) => coin === 'ETH')?.availableAtoms ?? 0n, NOW_MS);
		accounts.trade({ accountId: 'bob', symbol: PERP.symbol, side: 'sell', qtyLots: 1 }, NOW_MS);
		expect(exchange.executions('bob', PERP.symbol).at(-1)?.feeCoin).toBe('USDT');
		expect(moneyOf('USDT')).toBe(before[0]);
		accounts.setFees('ann', PERP.symbol, null);
		expect(accounts.feeRates('ann', PERP.symbol)).toBeNull();
		expect(reasonOf(accounts.setFeeCoin('ann', 'DOGE'))).toBe('unknown-coin');
		expect(reasonOf(accounts.setFees('ann', PERP.symbol, { makerRateE8: 10_000_001, takerRateE8: 0 }))).toBe('invalid-amount');
	});

	test('leverage and position mode change behind its back, and the position says so', () => {
		openPositions();
		const events = record(exchange);
		const { accounts } = exchange.operator;
		expect(accounts.setLeverage('ann', PERP.symbol, 300, NOW_MS + 1).kind).toBe('done');
		expect(accounts.setPositionMode('ann', PERP.symbol, 'hedge', NOW_MS + 2).kind).toBe('done');
		expect(events).toMatchObject([
			{ kind: 'position', position: { leverageHundredths: 300, updatedAtMs: NOW_MS + 1 } },
			{ kind: 'position', position: { updatedAtMs: NOW_MS + 2 } },
		]);
		expect(reasonOf(place('ann', 'buy', '0.1', '64000'))).toBe('position-mode-mismatch');
		expect(reasonOf(place('bob', 'buy', '0.1', '64000'))).toBe('not refused');
		accounts.setPositionMode('ann', PERP.symbol, 'one-way', NOW_MS);
		expect(reasonOf(place('ann', 'buy', '0.1', '64000'))).toBe('not refused');
		expect(reasonOf(accounts.setLeverage('ann', PERP.symbol, 10_001, NOW_MS))).toBe('invalid-leverage');
	});
});
