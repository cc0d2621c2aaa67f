/**
 * What we hear of an account at the exchange in a box, in virtual time and over roads that lose, repeat and cut: when the
 * road is good again, fills, orders, positions and coins are what the exchange has, whatever went past us.
 */
import { createHmac, generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { createBoxVenue } from '../../src/app/box-venue.ts';
import type { EngineEvent } from '../../src/domain/event.ts';
import type { Execution, OrderReport } from '../../src/domain/execution.ts';
import type { Instrument } from '../../src/domain/instrument.ts';
import { MONEY_SCALE } from '../../src/domain/money.ts';
import type { OrderId } from '../../src/domain/order-id.ts';
import { shownOrderId } from '../../src/exchange/binance/ids.ts';
import { accountAt, type BinanceMarket } from '../../src/exchange/binance/venue.ts';
import type { Facade } from '../../src/exchange/facade.ts';
import { RECONNECT_POLICY } from '../../src/network/reconnect.ts';
import { NO_METER } from '../../src/ports/meter.ts';
import type { Rng } from '../../src/ports/rng.ts';
import { runWithJobs } from '../../src/simulation/promise-jobs.ts';
import { seededRng } from '../../src/simulation/seeded-rng.ts';
import { VirtualClock } from '../../src/simulation/virtual-clock.ts';
import { VirtualNetwork } from '../../src/simulation/virtual-network.ts';
import { Ban } from '../../src/venues/binance/ban.ts';
import type { Market } from '../../src/venues/binance/codec/frames.ts';
import { BinanceLookUps } from '../../src/venues/binance/look-up.ts';
import { BinanceReads } from '../../src/venues/binance/reads.ts';
import { BinanceRest } from '../../src/venues/binance/rest.ts';
import { makeCredentials } from '../../src/venues/binance/sign.ts';
import { boxUrlsBeside } from '../../src/venues/binance/urls.ts';
import { BinanceUserStreams } from '../../src/venues/binance/user-streams.ts';
import { Weights } from '../../src/venues/binance/weights.ts';
import { InstrumentTable } from '../../src/venues/wire/instrument-table.ts';
import type { StreamNote } from '../../src/venues/wire/stream-note.ts';
import { VenueClock } from '../../src/venues/wire/venue-clock.ts';
import { makeTestInstrument } from '../fixtures/instruments.ts';

/** The exchange counts in eight decimals. */
const MONEY_PER_ATOM = 10n ** BigInt(MONEY_SCALE - 8);
const START_MS = 1_771_000_000_000;
const ORIGIN = 'http://127.0.0.1:4720';
const HOUR_MS = 3_600_000;
const NAME = 'alice';
const MARKETS = ['spot', 'linear'] as const;
const AT: Record<Market, BinanceMarket> = { spot: 'spot', linear: 'futures' };
const ORDER_PATH: Record<Market, string> = { spot: '/api/v3/order', linear: '/fapi/v1/order' };

/** Each for a frame of the account's: gone, told twice, or the connection breaks instead. */
interface Road {
	lose: number;
	repeat: number;
	cut: number;
}

/** What the venue says to private connections passes over the road, answers to requests excepted. */
function withRoad(facade: Facade, road: Road, rng: Rng): Facade {
	return {
		request: (request, nowMs) => facade.request(request, nowMs),
		tick: (nowMs) => facade.tick(nowMs),
		connect: (target, peer, nowMs) =>
			facade.connect(
				target,
				{
					close: (code, reason) => peer.close(code, reason),
					send: (text) => {
						const isNews = text.includes('"e":');
						if (isNews && rng.next() < road.lose) return;
						if (isNews && rng.next() < road.cut) return peer.close(1006, 'test');
						peer.send(text);
						if (isNews && rng.next() < road.repeat) peer.send(text);
					},
				},
				nowMs,
			),
	};
}

const INSTRUMENTS: readonly Instrument[] = [
	makeTestInstrument({ venue: 'binance', category: 'spot', index: 0, tickSize: '0.01', lotSize: '0.00001', qtyMin: '0.00001' }),
	makeTestInstrument({ venue: 'binance', category: 'linear', index: 1, tickSize: '0.10', lotSize: '0.001', qtyMin: '0.001' }),
];

function openWorld(seed: number, options: { readonly keyKind?: 'hmac' | 'ed25519' } = {}) {
	const clock = new VirtualClock(START_MS);
	const rng = seededRng(seed);
	const road: Road = { lose: 0, repeat: 0, cut: 0 };
	const venue = createBoxVenue({
		...{ rng: rng.fork('venue'), market: 'quiet', symbols: ['BTCUSDT'], nowMs: START_MS, limitFactor: 1, categories: [] },
		binanceMarkets: ['spot', 'futures'],
	});
	venue.step(START_MS);
	const { binance, exchange } = venue;
	const account = venue.accounts.find(({ name }) => name === NAME);
	if (binance === undefined || account === undefined) throw new Error('the box has no Binance, or nobody in it');
	const facade = withRoad(binance, road, rng.fork('road'));
	const link = { requestMs: { fromMs: 10, toMs: 30 }, replyMs: { fromMs: 10, toMs: 30 } };
	const network = new VirtualNetwork({ clock, rng: rng.fork('network'), hosts: new Map([[ORIGIN, { facade, link }]]) });
	const transport = network.transport();
	const credentials = credentialsOf(venue, account, options.keyKind ?? 'hmac');
	const events: EngineEvent[] = [];
	const notes: StreamNote[] = [];
	const sink = (event: EngineEvent): void => void events.push(event);
	const venueClock = new VenueClock({ venue: 'binance', clock, sink: () => undefined });
	const urls = boxUrlsBeside(ORIGIN);
	const table = new InstrumentTable();
	for (const each of INSTRUMENTS) table.set(each);
	const ban = new Ban(clock);
	const restOf = (market: Market): BinanceRest =>
		new BinanceRest({
			...{ market, transport, clock, rng: rng.fork(market), venueClock, ban, meter: NO_METER, venue: 'binance', credentials },
			...{ weights: new Weights(market), origin: ORIGIN },
		});
	const rests = { spot: restOf('spot'), linear: restOf('linear') };
	const user = new BinanceUserStreams({
		...{ transport, clock, rng: rng.fork('user'), policy: { ...RECONNECT_POLICY, baseDelayMs: 50, connectsPer5MinMax: 250 } },
		...{ venue: 'binance', urls, credentials, rests, venueClock, table, instruments: () => INSTRUMENTS, sink },
		watch: (note) => notes.push(note),
	});
	const reads = { spot: new BinanceReads(rests.spot), linear: new BinanceReads(rests.linear) };
	const lookUps = new BinanceLookUps({ clock, reads, table, sink, venueNowMs: () => venueClock.venueNowMs() });
	venueClock.start((heard) => rests.spot.askVenueTime(heard));

	/** By somebody whose way to the venue is short. */
	function call(method: string, path: string, params: Readonly<Record<string, string>>): void {
		const nowMs = clock.wallMs();
		const text = new URLSearchParams({ ...params, timestamp: String(nowMs) }).toString();
		const signature = createHmac('sha256', account?.apiSecret ?? '')
			.update(text)
			.digest('hex');
		const headers = { 'x-mbx-apikey': account?.apiKey ?? '' };
		binance?.request({ method, path, query: `${text}&signature=${signature}`, headers, body: '', remote: '10.0.0.9' }, nowMs);
	}

	async function run(durationMs: number): Promise<void> {
		const untilMono = clock.monotonicMs() + durationMs;
		clock.after(durationMs, () => undefined);
		await runWithJobs(clock, () => clock.monotonicMs() < untilMono);
	}

	return { clock, rng, road, exchange, binance, account, network, events, notes, user, lookUps, call, run };
}

function credentialsOf(
	venue: ReturnType<typeof createBoxVenue>,
	account: { readonly apiKey: string; readonly apiSecret: string },
	kind: 'hmac' | 'ed25519',
) {
	const pair = generateKeyPairSync('ed25519', {
		publicKeyEncoding: { type: 'spki', format: 'pem' },
		privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
	});
	const apiKey = kind === 'hmac' ? account.apiKey : (venue.addPublicKey(NAME, pair.publicKey) ?? '');
	const made = makeCredentials({ apiKey, apiSecret: kind === 'hmac' ? account.apiSecret : pair.privateKey });
	if (made.kind === 'refused') throw new Error(made.sentence);
	return made.credentials;
}

type World = ReturnType<typeof openWorld>;

/** Whoever holds the contract pays or is paid. */
function fund({ exchange, clock }: World): void {
	exchange.applyFunding('binance-futures:BTCUSDT', { rateE8: 10_000, markTicks: 650_000 }, clock.wallMs());
}

interface Placed {
	readonly orderId: OrderId;
	readonly market: Market;
}

/** Rests, fills at once, fills in parts or is cancelled, as chance has it. */
function act({ rng, call }: World, count: number): Placed {
	const market = rng.next() < 0.5 ? 'spot' : 'linear';
	const id = `our-${count}`;
	const side = rng.next() < 0.5 ? 'BUY' : 'SELL';
	const common = { symbol: 'BTCUSDT', side, newClientOrderId: id };
	const kind = rng.next();
	if (kind < 0.5) call('POST', ORDER_PATH[market], { ...common, type: 'MARKET', quantity: '0.004' });
	else {
		const price = side === 'BUY' ? '63000.00' : '67000.00';
		call('POST', ORDER_PATH[market], { ...common, type: 'LIMIT', timeInForce: 'GTC', quantity: '0.010', price });
	}
	const before = `our-${Math.floor(rng.next() * count)}`;
	if (rng.next() < 0.3) call('DELETE', ORDER_PATH[market], { symbol: 'BTCUSDT', origClientOrderId: before });
	return { orderId: id as OrderId, market };
}

/** Of one account: lots by the order that they filled, and what is held. */
function truthOf({ exchange }: World, market: Market) {
	const accountId = accountAt(AT[market], NAME);
	const filled = new Map<string, number>();
	const executions = exchange.executions(accountId, `binance-${AT[market]}:BTCUSDT`);
	for (const execution of executions) {
		if (execution.kind !== 'trade') continue;
		const id = String(shownOrderId(AT[market], execution.orderId));
		filled.set(id, (filled.get(id) ?? 0) + execution.qtyLots);
	}
	const positionLots = exchange.positions(accountId).reduce((sum, { qtyLotsSigned }) => sum + qtyLotsSigned, 0);
	const fundedAtoms = executions.reduce((sum, each) => sum - (each.kind === 'funding' ? each.feeAtoms : 0n), 0n);
	const coin = exchange.balances(accountId).find((each) => each.coin === 'USDT');
	return { filled, positionLots, fundedAtoms, walletAtoms: coin?.walletAtoms ?? 0n };
}

function heardOf({ events }: World, market: Market) {
	const ours = INSTRUMENTS.find(({ category }) => category === market);
	const executions = new Map<string, Execution>();
	const reports = new Map<string, OrderReport>();
	for (const event of events) {
		if (event.kind === 'execution' && event.execution.instrument === ours)
			executions.set(event.execution.executionId, event.execution);
		if (event.kind !== 'orderReport' || event.report.instrument !== ours) continue;
		const { report } = event;
		const known = reports.get(report.clientOrderId);
		if (known === undefined || isNewer(report, known)) reports.set(report.clientOrderId, report);
	}
	const filled = new Map<string, number>();
	for (const { venueOrderId, qtyLots } of executions.values())
		filled.set(venueOrderId, (filled.get(venueOrderId) ?? 0) + qtyLots);
	const position = events.findLast((event) => event.kind === 'position' && event.instrument === ours?.index);
	const payments = new Map(
		events.flatMap((event) => (event.kind === 'funding' ? [[event.fundingId, event.amount] as const] : [])),
	);
	const funded = [...payments.values()].reduce((sum, amount) => sum + amount, 0n);
	return {
		filled,
		reports,
		funded: market === 'linear' ? funded : 0n,
		position: position?.kind === 'position' ? position.positionLotsSigned : 0,
	};
}

function isNewer(report: OrderReport, known: OrderReport): boolean {
	const isOver = (each: OrderReport): boolean => each.status !== 'working';
	return isOver(report) || (!isOver(known) && report.filledLots >= known.filledLots);
}

/** What the engine would do: whatever a census does not list and nobody has seen the end of is looked up. */
async function reconcile(world: World, placed: readonly Placed[]): Promise<void> {
	const { user, lookUps, run, events } = world;
	for (let round = 0; round < 3; round += 1) {
		user.takeCensus();
		await run(5_000);
	}
	const open = placed.flatMap(({ orderId, market }) => {
		const instrument = INSTRUMENTS.find(({ category }) => category === market);
		const isDoubtful = (heardOf(world, market).reports.get(orderId)?.status ?? 'working') === 'working';
		return instrument === undefined || !isDoubtful ? [] : [{ orderId, instrument, venueOrderId: undefined }];
	});
	const told = events.length;
	lookUps.ask(open);
	await run(30_000);
	expect(events.slice(told).filter(({ kind }) => kind === 'lookedUp')).toHaveLength(
		new Set(open.map(({ orderId }) => orderId)).size,
	);
}

function expectAgreement(world: World, placed: readonly Placed[]): void {
	const { exchange, events } = world;
	for (const market of MARKETS) {
		const [truth, heard] = [truthOf(world, market), heardOf(world, market)];
		expect(heard.filled, market).toEqual(truth.filled);
		expect(heard.funded, 'funding').toBe(truth.fundedAtoms * MONEY_PER_ATOM);
		if (market === 'linear') expect(heard.position).toBe(truth.positionLots);
		const balance = events.findLast(
			(event) => event.kind === 'balance' && event.wallet === AT[market] && event.currency === 'USDT',
		);
		const accountId = accountAt(AT[market], NAME);
		const profit = exchange.positions(accountId).reduce((sum, { unrealisedAtoms }) => sum + unrealisedAtoms, 0n);
		const worth = truth.walletAtoms + (market === 'linear' ? profit : 0n);
		expect(balance?.kind === 'balance' && balance.total, `${market} is worth`).toBe(worth * MONEY_PER_ATOM);
	}
	for (const { orderId, market } of placed) {
		const order = exchange.order(accountAt(AT[market], NAME), { clientOrderId: orderId });
		const isWorking = order?.status === 'new' || order?.status === 'partially-filled';
		expect(heardOf(world, market).reports.get(orderId)?.status === 'working', `${market} ${orderId}`).toBe(isWorking);
	}
}

describe.each(['hmac', 'ed25519'] as const)('a good road, with a key of the kind %s', (keyKind) => {
	test('all is heard as it happens, on both markets', async () => {
		const world = openWorld(1, { keyKind });
		const { user, run, events, notes } = world;
		user.start();
		await run(2_000);
		expect(user.isUp).toBe(true);
		const placed: Placed[] = [];
		for (let count = 0; count < 40; count += 1) {
			placed.push(act(world, count));
			if (count === 20) fund(world);
			await run(100);
		}
		await run(3_000);
		expectAgreement(world, placed);
		expect(heardOf(world, 'spot').filled.size).toBeGreaterThan(3);
		expect(heardOf(world, 'linear').filled.size).toBeGreaterThan(3);
		expect(heardOf(world, 'linear').funded).not.toBe(0n);
		expect(events.flatMap((event) => (event.kind === 'stream' ? [event.up] : []))).toEqual([false, true]);
		expect(notes.filter(({ kind }) => kind !== 'session')).toEqual([]);
		user.stop();
	});
});

test.each([1, 2, 3, 4, 5, 6, 7, 8])('a road that loses, repeats and cuts, seed %i', async (seed) => {
	const world = openWorld(seed);
	const { user, road, run, network, rng, events } = world;
	user.start();
	await run(2_000);
	Object.assign(road, { lose: 0.1, repeat: 0.2, cut: 0.06 });
	const placed: Placed[] = [];
	for (let count = 0; count < 80; count += 1) {
		placed.push(act(world, count));
		if (count % 20 === 10) fund(world);
		if (count % 25 === 24) network.silence(ORIGIN);
		await run(rng.next() * 500);
	}
	Object.assign(road, { lose: 0, repeat: 0, cut: 0 });
	await run(60_000);
	expect(user.isUp).toBe(true);
	await reconcile(world, placed);
	expectAgreement(world, placed);
	expect(events.filter((event) => event.kind === 'stream' && !event.up).length, 'it was cut').toBeGreaterThan(1);
	user.stop();
});

test('an hour without a word renews the listen key; one that is closed behind our back is replaced', async () => {
	const world = openWorld(3);
	const { user, run, binance, account, clock, notes } = world;
	user.start();
	await run(2_000);
	const opened = notes.filter((note) => note.kind === 'session' && note.state === 'open').length;
	await run(1.2 * HOUR_MS);
	expect([user.isUp, notes.filter((note) => note.kind === 'session' && note.state === 'open').length]).toEqual([true, opened]);
	const placed = [act(world, 0)];
	await run(2_000);
	expectAgreement(world, placed);

	const headers = { 'x-mbx-apikey': account.apiKey };
	const gone = { method: 'DELETE', path: '/fapi/v1/listenKey', query: '', headers, body: '', remote: '10.0.0.9' };
	expect(binance.request(gone, clock.wallMs()).status).toBe(200);
	for (let count = 1; count < 20; count += 1) placed.push(act(world, count));
	await run(0.6 * HOUR_MS);
	expect(user.isUp).toBe(true);
	await reconcile(world, placed);
	expectAgreement(world, placed);
	expect(notes.filter((note) => note.kind === 'session' && note.state === 'open').length).toBe(opened + 1);
	user.stop();
});

test('a listen key that nobody could renew expires aloud, and another takes its place', async () => {
	const world = openWorld(4);
	const { user, run, network, events } = world;
	user.start();
	await run(2_000);
	// The venue hears of nobody for more than an hour, and then of us again.
	network.partition(ORIGIN, true);
	await run(1.1 * HOUR_MS);
	const placed = [act(world, 0), act(world, 1), act(world, 2)];
	network.partition(ORIGIN, false);
	await run(120_000);
	expect(user.isUp).toBe(true);
	await reconcile(world, placed);
	expectAgreement(world, placed);
	expect(events.filter((event) => event.kind === 'stream' && !event.up).length).toBeGreaterThan(1);
	user.stop();
});
