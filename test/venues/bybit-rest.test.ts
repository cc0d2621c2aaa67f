/** Our REST client, reads, instruments and doctor over real sockets against the exchange in a box, which shares no code with them. */
import { afterEach, expect, test } from 'vitest';
import type { Box, BoxOptions } from '../../src/app/box.ts';
import { systemClock } from '../../src/network/system-clock.ts';
import { systemRng } from '../../src/network/system-rng.ts';
import { systemTransport } from '../../src/network/system-transport.ts';
import type { Clock } from '../../src/ports/clock.ts';
import { NO_METER } from '../../src/ports/meter.ts';
import { bybitCapabilities } from '../../src/venues/bybit/capabilities.ts';
import { examine, type Finding, hasProblem } from '../../src/venues/bybit/doctor.ts';
import { streamFindings } from '../../src/venues/bybit/doctor-streams.ts';
import { BybitInstruments } from '../../src/venues/bybit/instruments.ts';
import { BybitReads } from '../../src/venues/bybit/reads.ts';
import { BybitRest, ORDER_POOL, type RestAnswer } from '../../src/venues/bybit/rest.ts';
import { Credentials } from '../../src/venues/bybit/sign.ts';
import { boxUrls, isAllowedUrl } from '../../src/venues/bybit/urls.ts';
import type { WantedSymbol } from '../../src/venues/wire/instruments.ts';
import { NO_PATIENCE } from '../../src/venues/wire/patience.ts';
import { VenueClock } from '../../src/venues/wire/venue-clock.ts';
import { control, openRealBox } from '../fixtures/real-box.ts';

const toDispose: AsyncDisposable[] = [];
const bugs: unknown[] = [];

afterEach(async () => {
	for (const each of toDispose.splice(0).reverse()) await each[Symbol.asyncDispose]();
	expect(bugs).toEqual([]);
});

interface Given {
	readonly apiKey?: string;
	readonly apiSecret?: string;
	/** How far the clock of this machine is ahead of the true time. */
	readonly clockAheadMs?: number;
	readonly isClockKept?: boolean;
}

async function open(more: Partial<BoxOptions> = {}): Promise<Box> {
	const box = await openRealBox(bugs, more);
	toDispose.push(box);
	return box;
}

function connect({ listening }: Box, given: Given = {}) {
	const { clockAheadMs = 0, isClockKept = true } = given;
	const [alice] = listening.accounts;
	if (alice === undefined) throw new Error('the box has no account');
	const { apiKey = alice.apiKey, apiSecret = alice.apiSecret } = given;
	const real = systemClock();
	const clock: Clock = {
		wallMs: () => real.wallMs() + clockAheadMs,
		monotonicMs: () => real.monotonicMs(),
		after: (delayMs, callback) => real.after(delayMs, callback),
	};
	const urls = boxUrls(listening.bybit);
	const transport = systemTransport({ clock, isAllowed: (url) => isAllowedUrl('box', url) });
	toDispose.push(transport);
	const venueClock = new VenueClock({ venue: 'bybit', clock, sink: () => {} });
	const credentials = new Credentials(apiKey, apiSecret);
	const rest = new BybitRest({
		...{ transport, clock, venueClock, credentials },
		venue: 'bybit',
		meter: NO_METER,
		rng: systemRng(),
		origin: urls.rest,
	});
	if (isClockKept) venueClock.start((heard) => rest.askVenueTime(heard));
	const reads = new BybitReads(rest, NO_PATIENCE);
	const instruments = new BybitInstruments({
		venue: 'bybit',
		reads,
		clock,
		venueNowMs: () => venueClock.venueNowMs(),
		hasFees: true,
		sink: () => {},
	});
	toDispose.push({ [Symbol.asyncDispose]: async () => venueClock.stop() });
	const doctor = (wanted: readonly WantedSymbol[] = [{ category: 'linear', symbol: 'BTCUSDT' }]) =>
		examine({
			environment: 'box',
			host: new URL(urls.rest).host,
			reads,
			venueClock,
			capabilities: bybitCapabilities('bybit', 'box'),
			load: (symbols) => instruments.load(symbols),
			streams: ({ categories, hasKey }) => {
				const key = hasKey ? credentials : undefined;
				const venueNowMs = (): number => venueClock.venueNowMs();
				return streamFindings({ transport, clock, urls, credentials: key, venueNowMs, orderEntry: 'ws' }, categories);
			},
			wanted,
			withdrawal: 'refused',
			leverageMax: 3,
			hasKey: true,
		});
	return { rest, reads, instruments, venueClock, doctor };
}

function create(rest: BybitRest, orderLinkId: string, more: object = {}): Promise<RestAnswer> {
	const order = {
		category: 'linear',
		symbol: 'BTCUSDT',
		side: 'Buy',
		orderType: 'Limit',
		qty: '0.010',
		price: '60000.0',
		timeInForce: 'PostOnly',
		orderLinkId,
		...more,
	};
	const body = JSON.stringify(order);
	return rest.askAsync({
		method: 'POST',
		path: '/v5/order/create',
		body,
		signed: true,
		kind: 'order',
		pool: ORDER_POOL,
		timeoutMs: 2_000,
	});
}

function troublesOf(findings: readonly Finding[]): string[] {
	return findings.filter(({ level }) => level === 'problem').map(({ sentence }) => sentence);
}

test('orders, refusals, lists and settings: what the venue knows is what we read', async () => {
	const box = await open();
	const { rest, reads } = connect(box);
	const made = await create(rest, 'mm-1');
	expect(made).toMatchObject({ kind: 'ok', result: { orderLinkId: 'mm-1' }, limits: { limit: 10, remaining: 9 } });
	expect(await create(rest, 'mm-1')).toMatchObject({
		kind: 'refused',
		code: 110072,
		verdict: { class: 'ambiguous' },
	});
	expect(await create(rest, 'mm-2', { qty: '0.0105' })).toMatchObject({
		kind: 'refused',
		code: 10001,
		verdict: { class: 'fatal' },
	});
	expect(await create(rest, 'mm-3', { qty: '900' })).toMatchObject({ kind: 'refused', verdict: { class: 'fatal' } });

	const orders = await reads.openOrderRows({ category: 'linear', symbol: 'BTCUSDT' });
	expect(orders).toMatchObject({ kind: 'ok', value: [{ orderLinkId: 'mm-1', orderStatus: 'New' }] });
	expect(await reads.cancelAll({ category: 'linear', symbol: 'BTCUSDT' })).toMatchObject({
		kind: 'ok',
		value: [{ orderLinkId: 'mm-1' }],
	});
	expect(await reads.setLeverage('linear', 'BTCUSDT', '5')).toMatchObject({ kind: 'ok' });
	expect(await reads.setLeverage('linear', 'BTCUSDT', '5')).toMatchObject({ kind: 'ok' });
	expect(await reads.positions({ category: 'linear', symbol: 'BTCUSDT' })).toMatchObject({
		kind: 'ok',
		value: [{ leverage: '5', size: '0' }],
	});
	expect(await reads.wallet(['USDT'])).toMatchObject({
		kind: 'ok',
		value: { coin: [{ coin: 'USDT', walletBalance: '100000' }] },
	});
	expect(await reads.setDcp('DERIVATIVES', 10)).toMatchObject({ kind: 'ok' });
	expect(await reads.dcp()).toMatchObject({ kind: 'ok', value: [{ product: 'DERIVATIVES', timeWindow: '10' }] });
});

test('market data, fees and history are of the shape that we demand', async () => {
	const { reads } = connect(await open());
	const found = await Promise.all([
		reads.serverTimeMs(),
		reads.tickers('linear', 'BTCUSDT'),
		reads.tickers('spot'),
		reads.orderBook('linear', 'BTCUSDT', 50),
		reads.klines('linear', 'BTCUSDT', { interval: '1', limit: 5 }),
		reads.fees('linear'),
		reads.orderHistoryRows({ category: 'linear' }),
		reads.executionRows({ category: 'spot' }),
		reads.positions({ category: 'linear', settleCoin: 'USDT' }),
		reads.account(),
		reads.key(),
	]);
	expect(found.map((read) => (read.kind === 'failed' ? read.sentence : 'ok'))).toEqual(found.map(() => 'ok'));
});

test('more orders than a page holds are all found', async () => {
	const box = await open({ limitFactor: Number.POSITIVE_INFINITY });
	const { rest, reads } = connect(box);
	for (let batch = 0; batch < 6; batch += 1) {
		const request = Array.from({ length: 10 }, (_, index) => ({
			symbol: 'BTCUSDT',
			side: 'Buy',
			orderType: 'Limit',
			qty: '0.001',
			price: `${59_000 + batch * 10 + index}.0`,
			orderLinkId: `p-${batch}-${index}`,
		}));
		const body = JSON.stringify({ category: 'linear', request });
		const call = {
			method: 'POST',
			path: '/v5/order/create-batch',
			body,
			signed: true,
			kind: 'order',
			pool: ORDER_POOL,
			timeoutMs: 2_000,
		} as const;
		expect(await rest.askAsync(call)).toMatchObject({ kind: 'ok' });
	}
	const all = await reads.openOrderRows({ category: 'linear', settleCoin: 'USDT' });
	const ids = all.kind === 'ok' ? all.value.map((row) => (row as { orderLinkId: string }).orderLinkId) : [];
	expect(new Set(ids).size).toBe(60);
});

test('the doctor finds nothing wrong with a demo account', async () => {
	const { doctor } = connect(await open());
	const wanted = [
		{ category: 'linear', symbol: 'ETHUSDT' },
		{ category: 'spot', symbol: 'BTCUSDT' },
	] as const;
	const findings = await doctor(wanted);
	expect(troublesOf(findings)).toEqual([]);
	expect(hasProblem(findings)).toBe(false);
	expect(findings.filter(({ check }) => check.endsWith(' stream')).map(({ level }) => level)).toEqual(['ok', 'ok', 'ok', 'ok']);
});

test.each<[string, Given, RegExp]>([
	['a wrong key', { apiKey: 'someOtherKey' }, /^the exchange in a box does not know this API key/],
	['a wrong secret', { apiSecret: 'someOtherSecret' }, /^the API secret does not belong to the API key/],
	['a clock that is 10 s ahead', { clockAheadMs: 10_000 }, /^the clock of this machine is 10\.0 s ahead of the venue's: set it/],
	['a clock that is 10 s behind', { clockAheadMs: -10_000 }, /^the clock of this machine is 10\.0 s behind the venue's: set it/],
])('the doctor says %s in one sentence', async (_name, given, sentence) => {
	const { doctor } = connect(await open(), given);
	const findings = await doctor();
	const troubles = troublesOf(findings);
	expect(troubles.some((each) => sentence.test(each))).toBe(true);
	expect(hasProblem(findings)).toBe(true);
	expect(JSON.stringify(findings)).not.toContain('someOtherSecret');
});

test('the doctor says that a symbol does not exist, and which was meant', async () => {
	const { doctor } = connect(await open());
	const findings = await doctor([
		{ category: 'linear', symbol: 'BTCUSTD' },
		{ category: 'spot', symbol: 'XRPUSDT' },
	]);
	expect(troublesOf(findings)).toEqual([
		'Bybit has no symbol "BTCUSTD" in category linear; did you mean BTCUSDT?',
		expect.stringContaining('XRPUSDT is no symbol of category spot; there is one in category linear'),
	]);
	expect(hasProblem(findings)).toBe(true);
});

test.each([
	['permission', /permission|rights/],
	['expired', /^the API key has expired/],
] as const)('the doctor says that the key is refused: %s', async (reason, sentence) => {
	const box = await open();
	await control(box, 'POST /v1/faults', { name: 'revoke-key', parameters: { reason } });
	const findings = await connect(box).doctor();
	expect(troublesOf(findings)[0]).toMatch(sentence);
	expect(hasProblem(findings)).toBe(true);
});

test('the doctor says that nobody listens', async () => {
	const box = await open();
	const { doctor } = connect(box);
	await box[Symbol.asyncDispose]();
	const findings = await doctor();
	expect(findings).toMatchObject([
		{ check: 'reachable', level: 'problem', sentence: expect.stringMatching(/^127\.0\.0\.1:\d+ cannot be reached/) as string },
	]);
});

test('a venue whose clock steps by 10 s is followed: the next order goes through, sent twice and placed once', async () => {
	const box = await open();
	const { rest, venueClock } = connect(box);
	await new Promise<void>((resolve) => venueClock.remeasure(() => resolve()));
	await control(box, 'POST /v1/faults', { name: 'venue-clock', parameters: { offsetMs: 10_000 } });
	await control(box, 'DELETE /v1/tap');
	expect(await create(rest, 'mm-clock')).toMatchObject({ kind: 'ok' });
	expect(Math.abs(venueClock.offsetMs - 10_000)).toBeLessThan(200);
	const tap = JSON.stringify(await control(box, 'GET /v1/tap'));
	expect(tap.match(/"\/v5\/order\/create"/g)).toHaveLength(2);
	const [alice] = box.listening.accounts;
	const { orders } = await control(box, `GET /v1/accounts/${alice?.name}/orders?state=open`);
	expect(orders).toHaveLength(1);
});

test.each([
	['server-error', {}, { verdict: { class: 'ambiguous' } }],
	['mangled-body', {}, { kind: 'unreadable', verdict: { class: 'ambiguous' } }],
	['ban', {}, { kind: 'refused', isBan: true }],
	['rate-limit', {}, { kind: 'refused', verdict: { class: 'rate-limited' } }],
] as const)('the fault "%s" is judged as it must be, and an order is sent once', async (name, parameters, expected) => {
	const box = await open();
	const { rest } = connect(box, { isClockKept: false });
	expect(await control(box, 'POST /v1/faults', { name, parameters: { count: 1, ...parameters } })).toHaveProperty('id');
	await control(box, 'DELETE /v1/tap');
	expect(await create(rest, 'mm-fault')).toMatchObject(expected);
	const tap = JSON.stringify(await control(box, 'GET /v1/tap'));
	expect(tap.match(/"\/v5\/order\/create"/g)).toHaveLength(1);
});
