/** A perpetual counted in dollars and settled in bitcoin: one over the price, rounding, margin, and nothing lost. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { accepted, INVERSE, limitOrder, NOW_MS, SPOT } from './exchange.fixture.ts';
import { Exchange } from './exchange.ts';
import { Listing, type ListingSpec } from './listing.ts';
import { atoms } from './money.ts';
import type { BalanceView, PositionView } from './views.ts';

const BTC_SPOT: ListingSpec = { ...SPOT, symbol: 'BTCUSDT.spot', baseCoin: 'BTC' };
const ACCOUNTS = ['ann', 'bob', 'cyd'] as const;

function open(more: Partial<ListingSpec> = {}, deposit = '10'): Exchange {
	const exchange = new Exchange({ listings: [{ ...INVERSE, ...more }, BTC_SPOT] });
	for (const accountId of ACCOUNTS) {
		exchange.openAccount(accountId);
		exchange.deposit(accountId, 'BTC', atoms(deposit), NOW_MS);
		exchange.deposit(accountId, 'USDT', atoms('1000000'), NOW_MS);
	}
	exchange.setMarkPrice(INVERSE.symbol, 130_000, NOW_MS);
	return exchange;
}

/** Ann is long of 65 000 dollars, one bitcoin's worth, bob short of them. */
function annLong(): Exchange {
	const exchange = open();
	accepted(exchange.place(order('bob', 'sell', '65000', '65000.0'), NOW_MS));
	accepted(exchange.place(order('ann', 'buy', '65000', '65000.0'), NOW_MS));
	return exchange;
}

function order(accountId: string, side: 'buy' | 'sell', qty: string, price: string) {
	return limitOrder(accountId, side, qty, price, { spec: INVERSE });
}

function btc(exchange: Exchange, accountId: string): BalanceView {
	const balance = exchange.balances(accountId).find(({ coin }) => coin === 'BTC');
	if (balance === undefined) throw new Error('no wallet');
	return balance;
}

function held(exchange: Exchange, accountId: string): PositionView {
	const position = exchange.positions(accountId).find(({ symbol }) => symbol === INVERSE.symbol);
	if (position === undefined) throw new Error('no position');
	return position;
}

describe('the value of an inverse contract', () => {
	const listing = new Listing(INVERSE);

	test.each([
		{ price: '65000.0', qty: 65_000, value: '1' },
		{ price: '60000.0', qty: 1, value: '0.00001666' },
		{ price: '60000.0', qty: -1, value: '-0.00001666' },
		{ price: '0.5', qty: 3, value: '6' },
	])('$qty dollars at $price are $value bitcoin, rounded towards nothing', ({ price, qty, value }) => {
		const expected = value.startsWith('-') ? -atoms(value.slice(1)) : atoms(value);
		expect(listing.valueAtoms(listing.price.count(price), qty)).toBe(expected);
	});

	test('without a price is nothing', () => {
		expect(listing.valueAtoms(0, 100)).toBe(0n);
	});
});

describe('an inverse position', () => {
	test('is paid for, charged and margined in the coin', () => {
		const exchange = annLong();
		expect(btc(exchange, 'ann')).toMatchObject({ walletAtoms: atoms('9.99945'), marginAtoms: atoms('0.1'), unrealisedAtoms: 0n });
		expect(btc(exchange, 'bob')).toMatchObject({ walletAtoms: atoms('9.9998'), marginAtoms: atoms('0.1') });
		expect(held(exchange, 'ann')).toMatchObject({ qtyLotsSigned: 65_000, costAtomsSigned: -atoms('1') });
	});

	test('earns coin when the price rises, and the short loses the same', () => {
		const exchange = annLong();
		exchange.setMarkPrice(INVERSE.symbol, 132_000, NOW_MS);
		expect(btc(exchange, 'ann').unrealisedAtoms).toBe(atoms('0.01515152'));
		expect(btc(exchange, 'bob').unrealisedAtoms).toBe(-atoms('0.01515152'));
		exchange.setMarkPrice(INVERSE.symbol, 140_000, NOW_MS);
		accepted(exchange.place(order('bob', 'buy', '65000', '70000.0'), NOW_MS));
		accepted(exchange.place(order('ann', 'sell', '65000', '70000.0'), NOW_MS));
		expect(held(exchange, 'ann')).toMatchObject({ qtyLotsSigned: 0, costAtomsSigned: 0n, realisedAtoms: atoms('0.07142858') });
		expect(held(exchange, 'bob').realisedAtoms).toBe(-atoms('0.07142858'));
	});

	test('pays funding in the coin, the long when the rate is above zero', () => {
		const exchange = annLong();
		exchange.applyFunding(INVERSE.symbol, { rateE8: 10_000, markTicks: 130_000 }, NOW_MS);
		expect(held(exchange, 'ann').fundingPaidAtoms).toBe(atoms('0.0001'));
		expect(held(exchange, 'bob').fundingPaidAtoms).toBe(-atoms('0.0001'));
	});

	test('needs the coin: an order beyond it is refused, and dollars on spot do not help', () => {
		const exchange = open();
		expect(exchange.place(order('ann', 'buy', '1000000', '65000.0'), NOW_MS).kind).toBe('accepted');
		exchange.withdraw('bob', 'BTC', atoms('9.999'), NOW_MS);
		expect(exchange.place(order('bob', 'buy', '1000', '65000.0'), NOW_MS)).toMatchObject({ reason: 'insufficient-margin' });
	});

	test('gives back all the margin of an order that filled in parts that do not add up', () => {
		const exchange = open();
		accepted(exchange.place(order('ann', 'buy', '10', '60000.0'), NOW_MS));
		for (const qty of ['1', '2', '7']) accepted(exchange.place(order('bob', 'sell', qty, '60000.0'), NOW_MS));
		accepted(exchange.place(order('bob', 'buy', '10', '60000.0'), NOW_MS));
		accepted(exchange.place(order('ann', 'sell', '10', '60000.0'), NOW_MS));
		expect(held(exchange, 'ann')).toMatchObject({ qtyLotsSigned: 0, marginAtoms: 0n });
		expect(held(exchange, 'bob')).toMatchObject({ qtyLotsSigned: 0, marginAtoms: 0n });
	});

	test.each([
		{ name: 'long', side: 'sell', fallsTo: 60_000, houseLots: 65_000 },
		{ name: 'short', side: 'buy', fallsTo: 71_000, houseLots: -65_000 },
	] as const)(
		'of a $name that nobody buys goes to the house at the price that leaves nothing',
		({ side, fallsTo, houseLots }) => {
			const exchange = open();
			const other = side === 'sell' ? 'buy' : 'sell';
			exchange.setLeverage('ann', INVERSE.symbol, 10_000);
			accepted(exchange.place(order('bob', side, '65000', '65000.0'), NOW_MS));
			accepted(exchange.place(order('ann', other, '65000', '65000.0'), NOW_MS));
			exchange.withdraw('ann', 'BTC', btc(exchange, 'ann').availableAtoms - atoms('0.03'), NOW_MS);
			exchange.setMarkPrice(INVERSE.symbol, fallsTo * 2, NOW_MS);
			expect(held(exchange, 'ann').qtyLotsSigned).toBe(0);
			expect(btc(exchange, 'ann').walletAtoms).toBe(0n);
			expect(exchange.housePositions()).toMatchObject([{ qtyLotsSigned: houseLots }]);
			expect(exchange.executions('ann', INVERSE.symbol).at(-1)).toMatchObject({ reason: 'liquidation', feeAtoms: 0n });
		},
	);

	test('that must be closed lets go of the spot sells that hold the coin', () => {
		const exchange = annLong();
		exchange.setLeverage('ann', INVERSE.symbol, 10_000);
		accepted(exchange.place(limitOrder('ann', 'sell', '1', '80000.00', { spec: BTC_SPOT }), NOW_MS));
		exchange.withdraw('ann', 'BTC', btc(exchange, 'ann').availableAtoms, NOW_MS);
		exchange.setMarkPrice(INVERSE.symbol, 60_000, NOW_MS);
		expect(exchange.closedOrders('ann', BTC_SPOT.symbol)).toMatchObject([{ cancelReason: 'liquidation' }]);
		expect(btc(exchange, 'ann').lockedAtoms).toBe(0n);
	});
});

const command = fc.record({
	accountId: fc.constantFrom(...ACCOUNTS),
	side: fc.constantFrom('buy' as const, 'sell' as const),
	kind: fc.constantFrom('limit', 'limit', 'limit', 'market', 'mark', 'funding', 'cancel', 'spot', 'amend'),
	step: fc.integer({ min: 0, max: 40 }),
	qtyLots: fc.integer({ min: 1, max: 50_000 }),
	reduceOnly: fc.boolean(),
});
type Command = typeof command extends fc.Arbitrary<infer Value> ? Value : never;

function act(exchange: Exchange, { accountId, side, kind, step, qtyLots, reduceOnly }: Command): void {
	const { symbol } = INVERSE;
	const priceTicks = 129_000 + step * 53;
	const spot = exchange.listing(BTC_SPOT.symbol);
	if (kind === 'mark') exchange.setMarkPrice(symbol, 117_000 + step * 650, NOW_MS);
	else if (kind === 'funding') exchange.applyFunding(symbol, { rateE8: (step - 20) * 7_777, markTicks: priceTicks }, NOW_MS);
	else if (kind === 'cancel') exchange.cancelAll({ accountId, symbol }, NOW_MS);
	else if (kind === 'amend') {
		const [first] = exchange.openOrders(accountId, symbol);
		if (first !== undefined)
			exchange.amend({ accountId, symbol, order: { orderId: first.orderId }, qtyLots, priceTicks }, NOW_MS);
	} else if (kind === 'market') exchange.place({ accountId, symbol, side, type: 'market', qtyLots, reduceOnly }, NOW_MS);
	else if (kind === 'spot' && spot !== undefined) {
		exchange.place(limitOrder(accountId, side, '0.3', `${64_000 + step * 50}.00`, { spec: BTC_SPOT }), NOW_MS);
	} else {
		const limit = { accountId, symbol, side, type: 'limit', timeInForce: 'gtc', priceTicks, qtyLots, reduceOnly } as const;
		exchange.place(limit, NOW_MS);
	}
}

function checkWhole(exchange: Exchange, depositAtoms: bigint): void {
	let btcAtoms = exchange.houseBalances().find(({ coin }) => coin === 'BTC')?.atoms ?? 0n;
	let lots = 0;
	for (const position of exchange.housePositions()) {
		btcAtoms -= position.costAtomsSigned;
		lots += position.qtyLotsSigned;
	}
	for (const accountId of ACCOUNTS) {
		const position = held(exchange, accountId);
		btcAtoms += btc(exchange, accountId).walletAtoms - position.costAtomsSigned;
		lots += position.qtyLotsSigned;
		expect(position.marginAtoms).toBe(marginAnew(exchange, position));
		if (position.qtyLotsSigned === 0) expect(position.costAtomsSigned).toBe(0n);
	}
	expect(btcAtoms).toBe(depositAtoms * BigInt(ACCOUNTS.length));
	expect(lots).toBe(0);
}

function marginAnew(
	exchange: Exchange,
	{ accountId, symbol, qtyLotsSigned, markTicks, leverageHundredths }: PositionView,
): bigint {
	const listing = exchange.listing(symbol);
	if (listing === undefined) throw new Error('not listed');
	const heldAtoms = listing.valueAtoms(markTicks, qtyLotsSigned);
	let [long, short] = [heldAtoms, -heldAtoms];
	for (const { side, priceTicks, leavesLots, reduceOnly } of exchange.openOrders(accountId, symbol)) {
		if (reduceOnly) continue;
		if (side === 'buy') long += listing.valueAtoms(priceTicks, leavesLots);
		else short += listing.valueAtoms(priceTicks, leavesLots);
	}
	const worse = long > short ? long : short;
	const leverage = BigInt(leverageHundredths / 100);
	return worse <= 0n ? 0n : (worse + leverage - 1n) / leverage;
}

describe('whatever is done to an inverse contract', () => {
	test('no coin is created or lost, positions sum to zero and margin is what is open', () => {
		let liquidations = 0;
		fc.assert(
			fc.property(
				fc.array(command, { minLength: 5, maxLength: 60 }),
				fc.constantFrom('0.02', '0.02', '10'),
				(commands, deposit) => {
					const exchange = open({ makerFeeRate: '-0.00012345' }, deposit);
					for (const accountId of ACCOUNTS) exchange.setLeverage(accountId, INVERSE.symbol, 5_000);
					for (const each of commands) {
						act(exchange, each);
						checkWhole(exchange, atoms(deposit));
					}
					liquidations += ACCOUNTS.filter((accountId) =>
						exchange.executions(accountId, INVERSE.symbol).some((fill) => fill.kind === 'trade' && fill.reason === 'liquidation'),
					).length;
				},
			),
			{ numRuns: 600 },
		);
		expect(liquidations).toBeGreaterThan(5);
	});
});
