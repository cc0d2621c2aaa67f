/** Both markets of Binance as one venue, over real sockets against the exchange in a box, which shares no code with it. */
import { afterEach, describe, expect, test } from 'vitest';
import type { Box } from '../../src/app/box.ts';
import { createBook, type OrderBook } from '../../src/domain/book.ts';
import type { CancelCommand, Command, PlaceCommand } from '../../src/domain/command.ts';
import type { EngineEvent } from '../../src/domain/event.ts';
import {
	type Instrument,
	instrumentIndex,
	makeInstrument,
	parsePrice,
	printPrice,
	printQty,
} from '../../src/domain/instrument.ts';
import { OrderIdSource, runTagOf } from '../../src/domain/order-id.ts';
import type { ItemOutcome } from '../../src/domain/outcome.ts';
import { lots, ticks, timeMs } from '../../src/domain/units.ts';
import { RECONNECT_POLICY } from '../../src/network/reconnect.ts';
import { systemClock } from '../../src/network/system-clock.ts';
import { systemRng } from '../../src/network/system-rng.ts';
import { systemTransport } from '../../src/network/system-transport.ts';
import { NO_METER } from '../../src/ports/meter.ts';
import { GATEWAY_OPTIONS } from '../../src/venues/binance/gateway.ts';
import { makeCredentials } from '../../src/venues/binance/sign.ts';
import { boxUrls, isAllowedUrl } from '../../src/venues/binance/urls.ts';
import { Binance, type BinanceOptions } from '../../src/venues/binance/venue.ts';
import { hasProblem } from '../../src/venues/wire/finding.ts';
import type { WantedSymbol } from '../../src/venues/wire/instruments.ts';
import { control, openRealBox } from '../fixtures/real-box.ts';

const toDispose: AsyncDisposable[] = [];
const bugs: unknown[] = [];

afterEach(async () => {
	for (const each of toDispose.splice(0).reverse()) await each[Symbol.asyncDispose]();
	expect(bugs).toEqual([]);
});

const SPOT: WantedSymbol = { category: 'spot', symbol: 'BTCUSDT' };
const FUTURES: WantedSymbol = { category: 'linear', symbol: 'BTCUSDT' };

async function openBox(): Promise<Box> {
	const box = await openRealBox(bugs, { symbols: ['BTCUSDT'], binancePort: 0 });
	toDispose.push(box);
	return box;
}

function openVenue(box: Box, given: Partial<BinanceOptions> = {}) {
	const { binance, accounts } = box.listening;
	const [alice] = accounts;
	if (alice === undefined || binance === undefined) throw new Error('the box has no account, or no Binance');
	const made = makeCredentials(alice);
	if (made.kind === 'refused') throw new Error(made.sentence);
	const clock = systemClock();
	const transport = systemTransport({ clock, isAllowed: (url) => isAllowedUrl('box', url) });
	toDispose.push(transport);
	const events: EngineEvent[] = [];
	const guards: boolean[] = [];
	const books = new Map<number, OrderBook>();
	const sink = (event: EngineEvent): void => {
		if (event.kind === 'book') books.get(event.instrument)?.apply(event.delta);
		else events.push(event);
		if (event.kind === 'bookLost') books.get(event.instrument)?.distrust(event.reason);
	};
	const options: BinanceOptions = {
		urls: boxUrls(binance),
		credentials: made.credentials,
		recvWindowMs: 5_000,
		orderCalls: GATEWAY_OPTIONS,
		reconnect: RECONNECT_POLICY,
		warmConnections: 0,
		...given,
	};
	const venue = new Binance(options, {
		...{ transport, clock, rng: systemRng(), meter: NO_METER, sink },
		bookOf: (index) => books.get(index),
		guardChanged: ({ isArmed }) => guards.push(isArmed),
	});
	toDispose.push(venue);
	return { venue, events, books, guards, clock };
}

type Opened = ReturnType<typeof openVenue>;

/** Loaded, subscribed, and everything up. */
async function bringUp(opened: Opened, wanted: readonly WantedSymbol[]): Promise<readonly Instrument[]> {
	const loaded = await opened.venue.load(wanted);
	if (loaded.kind === 'refused') throw new Error(loaded.sentences.join());
	const instruments = loaded.specs.map((spec, at) => {
		const made = makeInstrument(spec, { index: instrumentIndex(at), version: 1, refreshedAtMs: timeMs(0) });
		if (made.kind === 'refused') throw new Error(JSON.stringify(made));
		opened.books.set(at, createBook());
		return made.instrument;
	});
	opened.venue.subscribe(instruments);
	const isWhole = (): boolean => instruments.every(({ index }) => opened.books.get(index)?.trust.kind === 'whole');
	await until('the venue is up', () => opened.venue.isReady && isWhole());
	return instruments;
}

async function until(what: string, isSo: () => boolean): Promise<void> {
	for (let tries = 0; tries < 400; tries += 1) {
		if (isSo()) return;
		await new Promise((resolve) => setTimeout(resolve, 10));
	}
	throw new Error(`it never came to this: ${what}`);
}

const [NO_TICKS, NO_LOTS] = [ticks(0), lots(0)];
const ids = new OrderIdSource(runTagOf(4_711), undefined);

/** Post-only, far below the market: nothing fills. */
function placeOf(instrument: Instrument, price: string): PlaceCommand {
	const parsed = parsePrice(instrument, price);
	if (parsed.kind === 'refused') throw new Error(parsed.reason);
	const qtyLots = instrument.qtyLotsMin * 10;
	const orderId = ids.next(instrument.symbol, 'buy', timeMs(Date.now()));
	const terms = { side: 'buy', orderType: 'limit', timeInForce: 'postOnly', reduceOnly: false, quoter: 0, slot: 0 } as const;
	// As the gate would have approved it, which is not what is tried here.
	return { kind: 'place', instrument, orderId, priceTicks: parsed.value, qtyLots, ...terms } as unknown as PlaceCommand;
}

function cancelOf({ instrument, orderId }: Command): CancelCommand {
	return { kind: 'cancel', instrument, orderId };
}

function kindsOf(items: readonly ItemOutcome[]): readonly string[] {
	return items.map(({ outcome }) => outcome.kind);
}

describe.each<[string, readonly WantedSymbol[], Partial<BinanceOptions>]>([
	['spot', [SPOT], {}],
	['futures', [FUTURES], {}],
	['both', [FUTURES, SPOT], {}],
	['both over REST', [SPOT, FUTURES], { orderCalls: { ...GATEWAY_OPTIONS, orderEntry: 'rest' }, warmConnections: 1 }],
])('%s', (_name, wanted, given) => {
	test('comes up, trades, hears of it, and leaves nothing behind', async () => {
		const opened = openVenue(await openBox(), given);
		const { venue, events, books } = opened;
		const instruments = await bringUp(opened, wanted);
		expect(instruments.map(({ id }) => id)).toEqual(wanted.map(({ category }) => `binance:${category}:BTCUSDT`));
		for (const { index } of instruments) {
			const book = books.get(index);
			expect(book?.isTwoSided).toBe(true);
			expect(book?.isCrossed).toBe(false);
		}
		const places = instruments.flatMap((instrument) => ['60000', '60001'].map((price) => placeOf(instrument, price)));
		expect(kindsOf(await venue.gateway.batchPlaceOrders(places))).toEqual(places.map(() => 'accepted'));
		const reported = (status: string, id: string): boolean =>
			events.some((event) => event.kind === 'orderReport' && event.report.status === status && event.report.clientOrderId === id);
		await until('all are reported', () => places.every(({ orderId }) => reported('working', orderId)));
		const open = await venue.openOrderIds(instruments);
		expect(open.unread).toEqual([]);
		expect([...open.ids].sort()).toEqual(places.map(({ orderId }) => orderId).sort());

		events.length = 0;
		venue.gateway.takeCensus();
		await until('a census', () => events.some(({ kind }) => kind === 'census'));
		const census = events.find((event) => event.kind === 'census');
		expect(census?.kind === 'census' && census.found?.orders.map(({ clientOrderId }) => clientOrderId).sort()).toEqual(
			places.map(({ orderId }) => orderId).sort(),
		);
		const [first] = places;
		if (first === undefined) throw new Error('nothing was placed');
		venue.gateway.lookUp([{ orderId: first.orderId, instrument: first.instrument, venueOrderId: undefined }]);
		await until('a look-up', () => events.some(({ kind }) => kind === 'lookedUp'));
		expect(events.find(({ kind }) => kind === 'lookedUp')).toMatchObject({ isFound: true, isComplete: true });

		expect(kindsOf(await venue.gateway.batchCancelOrders(places.map(cancelOf)))).toEqual(places.map(() => 'accepted'));
		await until('all are gone', () => places.every(({ orderId }) => reported('cancelled', orderId)));
		expect(await venue.openOrderIds(instruments)).toEqual({ ids: [], unread: [] });
	});
});

test('books are those of the box, level by level', async () => {
	const box = await openBox();
	const opened = openVenue(box);
	const instruments = await bringUp(opened, [SPOT, FUTURES]);
	const { binance } = box.listening;
	const urls = [`${binance?.spot.rest}/api/v3/depth`, `${binance?.futures.rest}/fapi/v1/depth`];
	for (const [at, instrument] of instruments.entries()) {
		const reply = await fetch(`${urls[at]}?symbol=BTCUSDT&limit=1000`);
		const { bids } = (await reply.json()) as { bids: [string, string][] };
		const book = opened.books.get(instrument.index);
		const ours = Array.from({ length: book?.bidCount ?? 0 }, (_, row) => [
			Number(printPrice(instrument, book?.bidTicksAt(row) ?? NO_TICKS)),
			Number(printQty(instrument, book?.bidLotsAt(row) ?? NO_LOTS)),
		]);
		expect(ours).toEqual(bids.map((level) => level.map(Number)));
		expect(ours.length).toBeGreaterThan(5);
	}
	expect(opened.events.filter(({ kind }) => kind === 'bookLost')).toEqual([]);
});

test('futures count down while we are there, and no longer once we stood down', async () => {
	const opened = openVenue(await openBox(), { countdownMs: 60_000 });
	await bringUp(opened, [FUTURES, SPOT]);
	expect(opened.guards).toEqual([true]);
	expect(await opened.venue.standDown()).toBeUndefined();
});

test('without a key there is market data, and nothing else', async () => {
	const opened = openVenue(await openBox(), { credentials: undefined });
	await bringUp(opened, [SPOT, FUTURES]);
	expect(opened.events.some(({ kind }) => kind === 'census')).toBe(false);
	const findings = await opened.venue.examine({ wanted: [SPOT, FUTURES], withdrawal: 'refused', leverageMax: 3 });
	expect(hasProblem(findings)).toBe(false);
});

test('the doctor finds nothing wrong with a box, and what was made wrong', async () => {
	const box = await openBox();
	const look = async () => await openVenue(box).venue.examine({ wanted: [SPOT, FUTURES], withdrawal: 'refused', leverageMax: 3 });
	const fine = await look();
	expect(fine.filter(({ level }) => level !== 'ok' && level !== 'note').map(({ sentence }) => sentence)).toEqual([
		'the API key works from any address: bind it to the address of this machine',
	]);
	const [alice] = box.listening.accounts;
	await control(box, `POST /v1/accounts/${alice?.name}/key`, { contracts: false, withdraw: true });
	const spotKey = await look();
	expect(spotKey.filter(({ level }) => level === 'problem').map(({ sentence }) => sentence)).toEqual([
		expect.stringContaining('the API key is good for spot, and futures do not take it'),
	]);
	const spotAlone = await openVenue(box).venue.examine({ wanted: [SPOT], withdrawal: 'refused', leverageMax: 3 });
	expect(spotAlone.filter(({ level }) => level === 'problem').map(({ sentence }) => sentence)).toEqual([
		expect.stringContaining('the API key can withdraw money'),
	]);
});
