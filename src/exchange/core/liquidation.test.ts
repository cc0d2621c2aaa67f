/** Ann is long one bitcoin from 60000 at a hundred times leverage, with little behind it; bob is her counterparty. */
import { describe, expect, test } from 'vitest';
import { accepted, limitOrder, NOW_MS, openExchange, PERP, record, SPOT, walletAtoms } from './exchange.fixture.ts';
import type { Exchange } from './exchange.ts';
import { atoms } from './money.ts';
import type { BalanceView, PositionView } from './views.ts';

const CUSHION = '1000';

/** Ann keeps the cushion after her fee, so that the mark price at which she has nothing left is 59000. */
function annLong(more: Partial<typeof PERP> = {}, accounts: readonly string[] = ['ann', 'bob', 'cyd']): Exchange {
	const exchange = openExchange({ listings: [{ ...PERP, ...more }, SPOT] }, accounts);
	exchange.setLeverage('ann', PERP.symbol, 10_000);
	exchange.setMarkPrice(PERP.symbol, 600_000, NOW_MS);
	accepted(exchange.place(limitOrder('bob', 'sell', '1', '60000.0'), NOW_MS));
	accepted(exchange.place(limitOrder('ann', 'buy', '1', '60000.0'), NOW_MS));
	exchange.withdraw('ann', 'USDT', walletAtoms(exchange, 'ann', 'USDT') - atoms(CUSHION), NOW_MS);
	expect(usdt(exchange, 'ann').walletAtoms).toBe(atoms(CUSHION));
	return exchange;
}

function usdt(exchange: Exchange, accountId: string): BalanceView {
	const balance = exchange.balances(accountId).find(({ coin }) => coin === 'USDT');
	if (balance === undefined) throw new Error('no wallet');
	return balance;
}

function position(exchange: Exchange, accountId: string): PositionView | undefined {
	return exchange.positions(accountId)[0];
}

function mark(exchange: Exchange, price: number): void {
	exchange.setMarkPrice(PERP.symbol, price * 10, NOW_MS + 1);
}

/** All USDT there is: wallets and the house, less what positions cost. */
function sumAtoms(exchange: Exchange): bigint {
	let sum = exchange.houseBalances().find(({ coin }) => coin === 'USDT')?.atoms ?? 0n;
	for (const held of exchange.housePositions()) sum -= held.costAtomsSigned;
	for (const accountId of exchange.accounts()) {
		sum += usdt(exchange, accountId).walletAtoms;
		for (const held of exchange.positions(accountId)) sum -= held.costAtomsSigned;
	}
	return sum;
}

describe('liquidation', () => {
	test('comes when equity is below the maintenance margin, and not while it is equal', () => {
		const exchange = annLong();
		// 0.5 % of 59296.5 is 296.4825 and equity is 296.5; ten ticks lower, equity is 295.5 of 296.4775.
		mark(exchange, 59_296.5);
		expect(position(exchange, 'ann')).toMatchObject({ qtyLotsSigned: 1_000, maintenanceAtoms: atoms('296.4825') });
		mark(exchange, 59_295.5);
		expect(position(exchange, 'ann')?.qtyLotsSigned).toBe(0);
	});

	test('has the rate that the listing gives', () => {
		const exchange = annLong({ maintenanceRate: '0.0001' });
		mark(exchange, 59_010);
		expect(position(exchange, 'ann')?.qtyLotsSigned).toBe(1_000);
		mark(exchange, 59_005);
		expect(position(exchange, 'ann')?.qtyLotsSigned).toBe(0);
	});

	test('sells into the book at what it gives, for the usual fee, and leaves the account the rest', () => {
		const exchange = annLong();
		exchange.place(limitOrder('cyd', 'buy', '1', '59200.0'), NOW_MS);
		const before = sumAtoms(exchange);
		mark(exchange, 59_250);
		expect(position(exchange, 'ann')).toMatchObject({ qtyLotsSigned: 0, realisedAtoms: -atoms('800') });
		expect(usdt(exchange, 'ann')).toMatchObject({ walletAtoms: atoms('167.44'), marginAtoms: 0n });
		expect(exchange.executions('ann', PERP.symbol).at(-1)).toMatchObject({
			reason: 'liquidation',
			side: 'sell',
			priceTicks: 592_000,
			feeAtoms: atoms('32.56'),
			maker: false,
			closedLots: 1_000,
		});
		expect(exchange.executions('cyd', PERP.symbol).at(-1)).toMatchObject({ reason: 'trade', maker: true });
		expect(exchange.trades(PERP.symbol).at(-1)).toMatchObject({ priceTicks: 592_000, takerSide: 'sell' });
		expect(exchange.closedOrders('ann', PERP.symbol).at(-1)).toMatchObject({
			createdBy: 'liquidation',
			type: 'market',
			reduceOnly: true,
			status: 'filled',
		});
		expect(exchange.housePositions()).toEqual([]);
		expect(sumAtoms(exchange)).toBe(before);
	});

	test('hands to the house what the book does not take above the bankruptcy price, and the account ends with nothing', () => {
		const exchange = annLong();
		exchange.place(limitOrder('cyd', 'buy', '0.4', '59100.0'), NOW_MS);
		exchange.place(limitOrder('cyd', 'buy', '1', '58999.9'), NOW_MS);
		const before = sumAtoms(exchange);
		mark(exchange, 59_200);
		expect(position(exchange, 'ann')?.qtyLotsSigned).toBe(0);
		expect(exchange.executions('ann', PERP.symbol).slice(-2)).toMatchObject([
			{ priceTicks: 591_000, qtyLots: 400, leavesLots: 600 },
			{ reason: 'liquidation', priceTicks: 590_000, qtyLots: 600, leavesLots: 0, feeAtoms: 0n },
		]);
		expect(exchange.housePositions()).toEqual([{ symbol: PERP.symbol, qtyLotsSigned: 600, costAtomsSigned: atoms('35400') }]);
		// 40 more than nothing from the better price of the book, less its fee of 13.002.
		expect(usdt(exchange, 'ann')).toMatchObject({ walletAtoms: atoms('26.998') });
		expect(exchange.book(PERP.symbol, 5)?.bids).toEqual([{ priceTicks: 589_999, qtyLots: 1_000 }]);
		expect(sumAtoms(exchange)).toBe(before);
	});

	test('of an account that is beyond nothing, the house takes over all and pays the debt', () => {
		const exchange = annLong();
		exchange.place(limitOrder('cyd', 'buy', '1', '57000.0'), NOW_MS);
		const before = sumAtoms(exchange);
		mark(exchange, 57_000);
		expect(exchange.housePositions()).toMatchObject([{ qtyLotsSigned: 1_000, costAtomsSigned: atoms('59000') }]);
		expect(usdt(exchange, 'ann')).toMatchObject({ walletAtoms: 0n, equityAtoms: 0n });
		expect(sumAtoms(exchange)).toBe(before);
	});

	test('leaves nothing even where nothing lies between two ticks', () => {
		const exchange = annLong();
		exchange.withdraw('ann', 'USDT', atoms('0.05'), NOW_MS);
		mark(exchange, 57_000);
		expect(exchange.executions('ann', PERP.symbol).at(-1)?.priceTicks).toBe(590_000);
		expect(usdt(exchange, 'ann').walletAtoms).toBe(0n);
	});

	test('pays with the fee of the last trade what the account cannot', () => {
		const exchange = annLong();
		exchange.place(limitOrder('cyd', 'buy', '1', '59010.0'), NOW_MS);
		const before = sumAtoms(exchange);
		mark(exchange, 59_020);
		expect(exchange.housePositions()).toEqual([]);
		expect(usdt(exchange, 'ann').walletAtoms).toBe(0n);
		expect(sumAtoms(exchange)).toBe(before);
	});

	test('buys back a short just so', () => {
		const exchange = annLong();
		exchange.setLeverage('bob', PERP.symbol, 10_000);
		exchange.withdraw('bob', 'USDT', usdt(exchange, 'bob').walletAtoms - atoms(CUSHION), NOW_MS);
		const before = sumAtoms(exchange);
		mark(exchange, 60_800);
		expect(position(exchange, 'ann')?.qtyLotsSigned).toBe(1_000);
		expect(position(exchange, 'bob')?.qtyLotsSigned).toBe(0);
		expect(exchange.housePositions()).toMatchObject([{ qtyLotsSigned: -1_000, costAtomsSigned: -atoms('61000') }]);
		expect(usdt(exchange, 'bob').walletAtoms).toBe(0n);
		expect(sumAtoms(exchange)).toBe(before);
	});

	test('cancels the orders in the symbol and the spot buys that hold the coin, and no others', () => {
		const exchange = annLong();
		const perp = accepted(exchange.place(limitOrder('ann', 'sell', '1', '66000.0', { reduceOnly: true }), NOW_MS)).orderId;
		const buy = accepted(exchange.place(limitOrder('ann', 'buy', '0.01', '3000.00', { spec: SPOT }), NOW_MS)).orderId;
		const sell = accepted(exchange.place(limitOrder('ann', 'sell', '1', '3100.00', { spec: SPOT }), NOW_MS)).orderId;
		const others = accepted(exchange.place(limitOrder('cyd', 'sell', '1', '66000.0'), NOW_MS)).orderId;
		mark(exchange, 58_000);
		for (const orderId of [perp, buy]) {
			expect(exchange.order('ann', { orderId })).toMatchObject({ status: 'cancelled', cancelReason: 'liquidation' });
		}
		expect(exchange.order('ann', { orderId: sell })?.status).toBe('new');
		expect(exchange.order('cyd', { orderId: others })?.status).toBe('new');
		expect(usdt(exchange, 'ann')).toMatchObject({ walletAtoms: 0n, lockedAtoms: 0n, availableAtoms: 0n });
	});

	test('comes of a funding payment too', () => {
		const exchange = annLong();
		exchange.applyFunding(PERP.symbol, { rateE8: 1_000_000, markTicks: 600_000 }, NOW_MS);
		expect(usdt(exchange, 'ann').walletAtoms).toBe(atoms('400'));
		expect(position(exchange, 'ann')?.qtyLotsSigned).toBe(1_000);
		exchange.applyFunding(PERP.symbol, { rateE8: 200_000, markTicks: 600_000 }, NOW_MS);
		expect(position(exchange, 'ann')?.qtyLotsSigned).toBe(0);
	});

	test('waits while the symbol does not trade', () => {
		const exchange = annLong();
		exchange.setStatus(PERP.symbol, 'halted', NOW_MS);
		mark(exchange, 57_000);
		expect(position(exchange, 'ann')?.qtyLotsSigned).toBe(1_000);
		exchange.setStatus(PERP.symbol, 'trading', NOW_MS);
		mark(exchange, 57_000.1);
		expect(position(exchange, 'ann')?.qtyLotsSigned).toBe(0);
	});

	test('spares the other positions of an account that one closing makes sound again', () => {
		const second = { ...PERP, symbol: 'XBTUSDT' };
		const exchange = openExchange({ listings: [PERP, second] });
		for (const spec of [PERP, second]) {
			exchange.setLeverage('ann', spec.symbol, 10_000);
			exchange.setMarkPrice(spec.symbol, 600_000, NOW_MS);
			exchange.place(limitOrder('bob', 'sell', '1', '60000.0', { spec }), NOW_MS);
			accepted(exchange.place(limitOrder('ann', 'buy', '1', '60000.0', { spec }), NOW_MS));
		}
		exchange.withdraw('ann', 'USDT', usdt(exchange, 'ann').walletAtoms - atoms('1300'), NOW_MS);
		exchange.place(limitOrder('cyd', 'buy', '1', '59280.0', { spec: second }), NOW_MS);
		exchange.setMarkPrice(second.symbol, 592_900, NOW_MS);
		expect(exchange.positions('ann').map(({ qtyLotsSigned }) => qtyLotsSigned)).toEqual([1_000, 0]);
	});

	test('reaches the account whose resting order the closing of another one fills, though it was judged before', () => {
		const exchange = annLong({}, ['cyd', 'bob', 'ann']);
		const cyd = { accountId: 'cyd', symbol: PERP.symbol };
		exchange.setLeverage(cyd.accountId, cyd.symbol, 10_000);
		exchange.place(limitOrder('bob', 'sell', '0.001', '60000.0'), NOW_MS);
		exchange.place(limitOrder('cyd', 'buy', '0.001', '60000.0'), NOW_MS);
		exchange.withdraw('cyd', 'USDT', usdt(exchange, 'cyd').availableAtoms - atoms('700'), NOW_MS);
		accepted(exchange.place(limitOrder('cyd', 'buy', '1', '59990.0'), NOW_MS));
		const before = sumAtoms(exchange);
		mark(exchange, 59_250);
		expect(position(exchange, 'ann')?.qtyLotsSigned).toBe(0);
		expect(position(exchange, 'cyd')?.qtyLotsSigned).toBe(0);
		expect(exchange.housePositions()).toMatchObject([{ qtyLotsSigned: 1_001 }]);
		expect(sumAtoms(exchange)).toBe(before);
	});

	test('is told in order: the price, the cancels, the closing, then what it left', () => {
		const exchange = annLong();
		exchange.place(limitOrder('ann', 'sell', '1', '66000.0', { reduceOnly: true }), NOW_MS);
		const events = record(exchange);
		mark(exchange, 57_000);
		expect(
			events.map((event) => (event.kind === 'order' ? `${event.order.createdBy} ${event.order.status}` : event.kind)),
		).toEqual([
			'ticker',
			'book-level',
			'account cancelled',
			'liquidation new',
			'execution',
			'liquidation filled',
			'position',
			'balance',
		]);
	});

	test('a listing whose full leverage leaves less than the maintenance margin is a mistake', () => {
		expect(() => openExchange({ listings: [{ ...PERP, maintenanceRate: '0.01' }] })).toThrow('maintenance margin');
	});
});
