/**
 * Happenings, each against a real exchange: what they change in it, what it tells its listeners by it, how often they
 * count, and that a rule whose moment finds nothing keeps its strike.
 */
import { beforeEach, describe, expect, test } from 'vitest';
import { seededRng } from '../../simulation/seeded-rng.ts';
import { VirtualClock } from '../../simulation/virtual-clock.ts';
import { SteeredClock } from '../control/steered-clock.ts';
import type { ExchangeEvent } from '../core/events.ts';
import { accepted, limitOrder, NOW_MS, openExchange, PERP, record, SPOT } from '../core/exchange.fixture.ts';
import type { Exchange } from '../core/exchange.ts';
import { ActiveFaults } from './active-faults.ts';
import { createFaultDesk } from './desk.ts';
import { Happenings } from './happenings.ts';
import { HAPPENING_NAMES, type HappeningName } from './happenings-catalogue.ts';

let exchange: Exchange;
let world: ReturnType<typeof openWorld>;

function openWorld(seed = 1) {
	const clock = new SteeredClock(new VirtualClock(NOW_MS));
	clock.freeze();
	const faults = new ActiveFaults({ rng: seededRng(seed), clock });
	const venue = {
		get exchange() {
			return exchange;
		},
		accounts: () => [{ name: 'ann' }],
	};
	const happenings = new Happenings({ faults, clock, venue });
	const desk = createFaultDesk(faults);
	return {
		desk,
		inject(name: HappeningName, parameters: object = {}) {
			const injected = desk.inject(name, { ...parameters });
			if (injected.kind === 'refused') throw new Error(injected.message);
		},
		/** In steps of ten milliseconds, as the box does it. */
		pass(ms: number) {
			for (let passedMs = 0; passedMs < ms; passedMs += 10) {
				clock.advance(10);
				exchange.advance(clock.wallMs());
				happenings.tick(clock.wallMs());
			}
		},
	};
}

/** Ann is long of one coin and rests a bid with a client id; bob stands against her. */
beforeEach(() => {
	exchange = openExchange();
	exchange.setMarkPrice(PERP.symbol, 650_000, NOW_MS);
	exchange.setMarkPrice(SPOT.symbol, 300_000, NOW_MS);
	accepted(exchange.place(limitOrder('ann', 'buy', '1', '65000'), NOW_MS));
	accepted(exchange.place(limitOrder('bob', 'sell', '1', '65000'), NOW_MS));
	accepted(exchange.place(limitOrder('ann', 'buy', '0.5', '64000', { clientOrderId: 'mine' }), NOW_MS));
	accepted(exchange.place(limitOrder('ann', 'sell', '0.9', '66000', { clientOrderId: 'exit', reduceOnly: true }), NOW_MS));
	exchange.advance(NOW_MS);
	world = openWorld();
});

const held = () => exchange.positions('ann')[0];
const mine = () => exchange.order('ann', { clientOrderId: 'mine' });
const spec = () => exchange.listing(PERP.symbol)?.spec;
const status = () => exchange.ticker(PERP.symbol)?.status;
const ON = { symbol: PERP.symbol };

interface Row {
	readonly name: HappeningName;
	readonly parameters: object;
	readonly truth: () => unknown;
	readonly after: unknown;
	/** What it is again when `forMs` have gone by; unset: it stays as it is. */
	readonly later?: unknown;
	readonly told: readonly ExchangeEvent['kind'][];
}

const ROWS: readonly Row[] = [
	{
		name: 'auto-deleverage',
		parameters: { ...ON, percent: 25 },
		truth: () => [held()?.qtyLotsSigned, exchange.executions('ann', PERP.symbol).at(-1)],
		after: [750, { reason: 'adl', qtyLots: 250, feeAtoms: 0n }],
		told: ['order', 'execution', 'position'],
	},
	{
		name: 'manual-trade',
		parameters: { ...ON, side: 'sell', minimums: 100 },
		truth: () => [held()?.qtyLotsSigned, exchange.executions('ann', PERP.symbol).at(-1)],
		after: [900, { reason: 'trade', qtyLots: 100, clientOrderId: '', maker: false }],
		told: ['order', 'execution', 'trade', 'position', 'balance'],
	},
	{
		name: 'self-match',
		parameters: ON,
		truth: () => exchange.closedOrders('ann', PERP.symbol).filter(({ cancelReason }) => cancelReason === 'self-trade').length,
		after: 1,
		told: ['order', 'book-level'],
	},
	{
		name: 'shrink-position',
		parameters: { ...ON, percent: 50 },
		truth: () => [held()?.qtyLotsSigned, exchange.order('ann', { clientOrderId: 'exit' })?.leavesLots],
		after: [500, 500],
		told: ['execution', 'position', 'book-level'],
	},
	{
		name: 'price-spike',
		parameters: { ...ON, bps: 500, forMs: 1_000 },
		truth: () => exchange.ticker(PERP.symbol)?.markTicks,
		after: 682_500,
		later: 650_000,
		told: ['ticker'],
	},
	{
		name: 'symbol-mode',
		parameters: { ...ON, mode: 'post-only', forMs: 1_000 },
		truth: status,
		after: 'post-only',
		later: 'trading',
		told: ['ticker'],
	},
	{
		name: 'filter-change',
		parameters: { ...ON, form: 'tick', times: 5, forMs: 1_000 },
		truth: () => [spec()?.tickSize, mine()?.status],
		after: ['0.5', 'new'],
		later: ['0.1', 'new'],
		told: ['ticker'],
	},
	{
		name: 'filter-change',
		parameters: { ...ON, form: 'lot', times: 10, forMs: 1_000 },
		truth: () => [spec()?.lotSize, spec()?.minQty, spec()?.maxQty],
		after: ['0.010', '0.010', '100.000'],
		later: ['0.001', '0.001', '100'],
		told: ['ticker'],
	},
	{
		name: 'filter-change',
		parameters: { ...ON, form: 'notional', times: 10, forMs: 1_000 },
		truth: () => spec()?.minNotional,
		after: '50',
		later: '5',
		told: ['ticker'],
	},
	{
		name: 'delisting',
		parameters: { ...ON, afterMs: 900 },
		truth: () => [status(), (exchange.ticker(PERP.symbol)?.deliveryAtMs ?? 0) > 0, mine()?.status, held()?.qtyLotsSigned],
		after: ['trading', true, 'new', 1_000],
		later: ['closed', true, 'cancelled', 0],
		told: ['ticker'],
	},
	{
		name: 'limit-shrink',
		parameters: { ...ON, form: 'quantity', parts: 100, forMs: 1_000 },
		truth: () => [spec()?.maxQty, spec()?.maxMarketQty],
		after: ['1.000', '0.500'],
		later: ['100', '50'],
		told: ['ticker'],
	},
	{
		name: 'limit-shrink',
		parameters: { ...ON, form: 'band', parts: 10, forMs: 1_000 },
		truth: () => spec()?.priceBand,
		after: '0.01',
		later: '0.1',
		told: ['ticker'],
	},
	{
		name: 'account-mode',
		parameters: { ...ON, form: 'hedge', forMs: 1_000 },
		truth: () => exchange.operator.accounts.isHedged('ann', PERP.symbol),
		after: true,
		later: false,
		told: ['position'],
	},
	{
		name: 'account-mode',
		parameters: { ...ON, form: 'leverage', leverage: 3, forMs: 1_000 },
		truth: () => held()?.leverageHundredths,
		after: 300,
		later: 1_000,
		told: ['position'],
	},
	{
		name: 'withdrawal',
		parameters: { coin: 'ETH', percent: 40 },
		truth: () => exchange.balances('ann').find(({ coin }) => coin === 'ETH')?.walletAtoms,
		after: 600_000_000n,
		told: ['balance'],
	},
	{
		name: 'dust',
		parameters: { ...ON, leaveLots: 3 },
		truth: () => exchange.openOrders('ann').filter(({ leavesLots }) => leavesLots === 3).length,
		after: 1,
		told: ['execution', 'order', 'trade', 'book-level', 'position'],
	},
	{
		name: 'fee-terms',
		parameters: { ...ON, form: 'rebate', forMs: 1_000 },
		truth: () => exchange.operator.accounts.feeRates('ann', PERP.symbol),
		after: { makerRateE8: -25_000, takerRateE8: -5_000 },
		later: null,
		told: [],
	},
	{
		name: 'foreign-order',
		parameters: { ...ON, side: 'buy', awayBps: 100 },
		truth: () =>
			exchange.openOrders('ann').filter(({ clientOrderId, priceTicks }) => clientOrderId === '' && priceTicks === 643_500).length,
		after: 1,
		told: ['order', 'book-level'],
	},
];

describe('what happens', () => {
	test.each(ROWS)('$name $parameters', ({ name, parameters, truth, after, later, told }) => {
		const events = record(exchange);
		world.inject(name, { ...parameters, count: 1, fromMs: 50 });
		world.pass(40);
		expect(events).toEqual([]);
		world.pass(10);
		expect(shown(truth())).toMatchObject(shown(after));
		for (const kind of told) expect(events.map((event) => event.kind)).toContain(kind);
		world.pass(3_000);
		expect(shown(truth())).toMatchObject(shown(later === undefined ? after : later));
		expect(world.desk.counts()[name]).toBe(1);
	});

	test('every happening of the catalogue is in this table', () => {
		expect([...new Set(ROWS.map(({ name }) => name))].sort()).toEqual([...HAPPENING_NAMES].sort());
	});

	test('a third coin pays the fees for a time', () => {
		world.inject('fee-terms', { ...ON, form: 'other-coin', coin: 'ETH', count: 1, forMs: 1_000 });
		const coinOfNextFee = (): string | undefined => {
			exchange.operator.accounts.trade({ accountId: 'ann', symbol: PERP.symbol, side: 'buy', qtyLots: 1 }, NOW_MS);
			return exchange.executions('ann', PERP.symbol).at(-1)?.feeCoin;
		};
		world.pass(10);
		expect(coinOfNextFee()).toBe('ETH');
		world.pass(2_000);
		expect(coinOfNextFee()).toBe('USDT');
	});

	test('foreign orders rest up to a number, and are then filled one after the other', () => {
		world.inject('foreign-order', { ...ON, side: 'buy', everyMs: 100, standing: 2 });
		world.pass(1_000);
		const foreign = exchange.closedOrders('ann', PERP.symbol).filter(({ createdAtMs }) => createdAtMs > NOW_MS);
		expect(foreign.length).toBeGreaterThan(2);
		expect(foreign.every((order) => order.status === 'filled' && order.clientOrderId === '')).toBe(true);
		expect(mine()?.filledLots).toBe(0);
	});
});

describe('when it happens', () => {
	test.each([
		{ name: 'at once and then every so often', more: { everyMs: 100 }, ms: 490, expected: 5 },
		{ name: 'a number of times', more: { everyMs: 100, count: 2 }, ms: 490, expected: 2 },
		{ name: 'until the window ends', more: { everyMs: 100, untilMs: 250 }, ms: 490, expected: 3 },
		{ name: 'after the first ones are let pass', more: { everyMs: 100, skip: 3 }, ms: 490, expected: 2 },
		{ name: 'never at no probability', more: { everyMs: 100, probability: 0 }, ms: 490, expected: 0 },
	])('$name', ({ more, ms, expected }) => {
		world.inject('manual-trade', { ...ON, side: 'buy', ...more });
		world.pass(ms);
		expect(world.desk.counts()['manual-trade']).toBe(expected);
		expect(held()?.qtyLotsSigned).toBe(1_000 + expected);
	});

	test('a moment at which there is nothing to hit costs the rule nothing', () => {
		exchange.cancelAll({ accountId: 'ann' }, NOW_MS);
		world.inject('self-match', { everyMs: 100, count: 1 });
		world.pass(500);
		expect(world.desk.counts()['self-match']).toBe(0);
		accepted(exchange.place(limitOrder('ann', 'buy', '1', '64000', { clientOrderId: 'late' }), NOW_MS));
		world.pass(500);
		expect(world.desk.counts()['self-match']).toBe(1);
		expect(world.desk.report().byNumber['F34']).toBe(1);
	});

	test('what lasts is not begun twice, and ends even if its rule is cleared', () => {
		world.inject('filter-change', { ...ON, everyMs: 100, times: 10, forMs: 1_000 });
		world.pass(900);
		expect([spec()?.tickSize, world.desk.counts()['filter-change']]).toEqual(['1.0', 1]);
		world.desk.clear();
		world.pass(200);
		expect(spec()?.tickSize).toBe('0.1');
	});

	test('only the accounts of clients and the symbols named are struck', () => {
		world.inject('auto-deleverage', { account: 'bob' });
		world.inject('manual-trade', { symbol: 'DOGE' });
		world.pass(100);
		expect(world.desk.counts()).toMatchObject({ 'auto-deleverage': 0, 'manual-trade': 0 });
	});

	test('the same seed gives the same fate, whatever is drawn', () => {
		const hashOf = (seed: number): string => {
			exchange = openExchange();
			for (const symbol of [PERP.symbol, SPOT.symbol]) exchange.setMarkPrice(symbol, 300_000, NOW_MS);
			const run = openWorld(seed);
			for (const name of HAPPENING_NAMES) run.inject(name, { everyMs: 50, probability: 0.3 });
			run.pass(2_000);
			return exchange.stateHash();
		};
		expect(hashOf(7)).toBe(hashOf(7));
		expect(hashOf(7)).not.toBe(hashOf(8));
	});
});

/** So that plain values can be matched as objects are. */
function shown(value: unknown): { value: unknown } {
	return { value };
}
