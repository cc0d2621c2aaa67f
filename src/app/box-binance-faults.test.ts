/**
 * Binance behind faults, in virtual time: whatever a drawn plan does and whatever is asked, nothing throws, every answer is
 * one that clients know, and no money is made or lost.
 */
import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Exchange } from '../exchange/core/exchange.ts';
import { ActiveFaults } from '../exchange/faults/active-faults.ts';
import { BINANCE_DIALECT } from '../exchange/faults/binance-dialect.ts';
import { FAULT_NAMES } from '../exchange/faults/catalogue.ts';
import { createFaultDesk } from '../exchange/faults/desk.ts';
import { drawPlan } from '../exchange/faults/draw-plan.ts';
import { FaultyFacade } from '../exchange/faults/faulty-facade.ts';
import { FaultyLine } from '../exchange/faults/faulty-line.ts';
import { Happenings } from '../exchange/faults/happenings.ts';
import { seededRng } from '../simulation/seeded-rng.ts';
import { VirtualClock } from '../simulation/virtual-clock.ts';
import { isOwnPlace } from './box-binance.ts';
import { createBoxVenue } from './box-venue.ts';

const START_MS = 1_771_000_000_000;
const SYMBOL = 'symbol=BTCUSDT';
const ORDER = `${SYMBOL}&type=LIMIT&timeInForce=GTC&quantity=0.01`;
const BATCH = encodeURIComponent(
	JSON.stringify(
		['a', 'b', 'c'].map((newClientOrderId) => ({
			...{ symbol: 'BTCUSDT', side: 'BUY', type: 'LIMIT', timeInForce: 'GTC', quantity: '0.010', price: '64000.00' },
			newClientOrderId,
		})),
	),
);
/** One takes money out by a withdrawal. */
const NAMES = FAULT_NAMES.filter((name) => name !== 'withdrawal');
const CALLS = [
	...['BUY&price=65100.00', 'SELL&price=64900.00', 'BUY&price=64000.00', 'SELL&price=66000.00'].flatMap((side) => [
		`POST /api/v3/order?${ORDER}&side=${side}&newClientOrderId=a`,
		`POST /fapi/v1/order?${ORDER}&side=${side}&newClientOrderId=a`,
	]),
	`POST /api/v3/order/cancelReplace?${ORDER}&side=BUY&price=64010.00&cancelReplaceMode=ALLOW_FAILURE&cancelOrigClientOrderId=a`,
	`PUT /api/v3/order/amend/keepPriority?${SYMBOL}&origClientOrderId=a&newQty=0.005`,
	`DELETE /api/v3/order?${SYMBOL}&origClientOrderId=a`,
	`PUT /fapi/v1/order?${SYMBOL}&side=BUY&quantity=0.02&price=64020.00&origClientOrderId=a`,
	`POST /fapi/v1/batchOrders?batchOrders=${BATCH}`,
	`DELETE /fapi/v1/batchOrders?${SYMBOL}&origClientOrderIdList=${encodeURIComponent('["a","b"]')}`,
	`DELETE /fapi/v1/allOpenOrders?${SYMBOL}`,
	...['openOrders', 'allOrders', 'account', 'myTrades'].map((path) => `GET /api/v3/${path}?${SYMBOL}`),
	...['openOrders', 'allOrders', 'userTrades', 'countdown'].map((path) => `GET /fapi/v1/${path}?${SYMBOL}`),
];

function openScene(seed: number) {
	const clock = new VirtualClock(START_MS);
	const rng = seededRng(seed);
	const faults = new ActiveFaults({ rng: rng.fork('faults'), clock });
	const venue = createBoxVenue({
		rng: rng.fork('venue'),
		market: 'quiet',
		symbols: ['BTCUSDT'],
		nowMs: START_MS,
		limitFactor: Number.POSITIVE_INFINITY,
		binanceMarkets: ['spot', 'futures'],
		faults: { faults, clock },
	});
	venue.step(START_MS);
	const { binance, accounts } = venue;
	const [account] = accounts;
	if (binance === undefined || account === undefined) throw new Error('the box has no Binance, or nobody in it');
	const facade = new FaultyFacade(binance, { faults, clock, dialect: BINANCE_DIALECT });
	const line = new FaultyLine(facade, { faults, clock, dialect: BINANCE_DIALECT });
	const happenings = new Happenings({
		faults,
		clock,
		venue: { exchange: venue.exchange, accounts: () => venue.holders(), trades: isOwnPlace },
	});
	const statuses: number[] = [];

	function call(text: string): void {
		const [line0 = '', given = ''] = text.split('?');
		const [method = '', path = ''] = line0.split(' ');
		const signed = `${given}&timestamp=${clock.wallMs()}`;
		const query = `${signed}&signature=${createHmac('sha256', account?.apiSecret ?? '')
			.update(signed)
			.digest('hex')}`;
		const headers = { 'x-mbx-apikey': account?.apiKey ?? '' };
		line.handle({ method, path, query, body: '', headers, remote: '10.0.0.1' }, clock.wallMs(), (outcome) => {
			if (outcome.kind === 'reply') statuses.push(outcome.reply.status);
		});
	}

	function pass(ms: number): void {
		clock.run(ms);
		happenings.tick(clock.wallMs());
		venue.step(clock.wallMs());
		facade.tick(clock.wallMs());
	}

	return { exchange: venue.exchange, desk: createFaultDesk(faults), statuses, call, pass };
}

/** Over all accounts and the house, with what positions have made on paper. */
function totals(exchange: Exchange): Readonly<Record<string, bigint>> {
	const sums: Record<string, bigint> = {};
	const add = (coin: string, amount: bigint): void => {
		sums[coin] = (sums[coin] ?? 0n) + amount;
	};
	for (const { coin, walletAtoms } of exchange.accounts().flatMap((id) => exchange.balances(id))) add(coin, walletAtoms);
	for (const { coin, atoms } of exchange.houseBalances()) add(coin, atoms);
	for (const held of exchange.accounts().flatMap((id) => exchange.positions(id))) add('USDT', -held.costAtomsSigned);
	for (const held of exchange.housePositions()) add('USDT', -held.costAtomsSigned);
	return sums;
}

test('nothing throws, every status is known, and money stands still', () => {
	const seen = new Set<number>();
	const struck = new Set<string>();
	const property = fc.property(
		fc.nat(100_000),
		fc.array(fc.record({ text: fc.constantFrom(...CALLS), waitMs: fc.constantFrom(0, 0, 40, 1_500) }), {
			minLength: 5,
			maxLength: 40,
		}),
		(seed, calls) => {
			const scene = openScene(seed);
			const before = totals(scene.exchange);
			scene.desk.apply(drawPlan(seededRng(seed), { durationMs: 2_000, names: NAMES }));
			for (const { text, waitMs } of calls) {
				scene.call(text);
				scene.pass(waitMs);
			}
			scene.pass(10_000);
			expect(totals(scene.exchange)).toEqual(before);
			for (const status of scene.statuses) seen.add(status);
			for (const { name, injected } of scene.desk.report().byName) if (injected > 0) struck.add(name);
		},
	);
	// What the same seed draws is the same every time, so of that it can be asked what struck.
	fc.assert(property, { numRuns: 60, seed: 7 });
	expect([...seen].filter((status) => ![200, 400, 401, 404, 409, 413, 418, 429, 500, 502, 503, 504].includes(status))).toEqual(
		[],
	);
	for (const name of ['server-error', 'drop-reply', 'late-reject', 'fill-before-cancel']) expect(struck).toContain(name);
	fc.assert(property, { numRuns: 20 });
});

test('what a person does by hand, he does with the wallet that the symbol is traded from', () => {
	const { exchange, desk, pass } = openScene(3);
	const places = new Set<string>();
	exchange.subscribe((event) => {
		if (event.kind !== 'execution') return;
		const { accountId, symbol } = event.execution;
		if (/^(alice|bob)/.test(accountId)) places.add(`${accountId.replace(/^\w+/, '')} ${symbol}`);
	});
	desk.inject('manual-trade', { everyMs: 100, minimums: 500 });
	pass(10);
	for (let round = 0; round < 60; round += 1) pass(100);
	const own = [' BTCUSDT', ' spot:BTCUSDT', '@binance-futures binance-futures:BTCUSDT', '@binance-spot binance-spot:BTCUSDT'];
	expect([...places].filter((each) => !own.includes(each))).toEqual([]);
	expect(places).toContain('@binance-futures binance-futures:BTCUSDT');
});
