/** Venues of plain objects: what is asked of which, what is refused before any is asked, and that none stays open then. */
import { describe, expect, test, vi } from 'vitest';
import { BTC_RECORD } from '../../test/fixtures/journal-records.ts';
import type { InstrumentSpec } from '../domain/instrument.ts';
import type { InstrumentRecord } from '../domain/journal-record.ts';
import type { LeftOrder } from '../engine/recovery.ts';
import { VirtualClock } from '../simulation/virtual-clock.ts';
import type { InstrumentsLoaded, WantedSymbol } from '../venues/wire/instruments.ts';
import type { Venue, VenueParts, VenueSetup } from '../venues/wire/venue.ts';
import { openVenues, type TradedSymbol } from './open-venues.ts';

const BTC: InstrumentSpec = {
	...{ venue: 'one', category: 'linear', symbol: 'BTCUSDT', status: 'trading' },
	...{ baseCurrency: 'BTC', quoteCurrency: 'USDT', settleCurrency: 'USDT' },
	...{ tickSize: '0.1', lotSize: '0.001', priceMin: '0.1', priceMax: '1000000', qtyMin: '0.001', qtyMax: '100' },
	...{ notionalMin: '5', reduceOnlySkipsNotionalMin: true, makerFeeRate: '0.0001', takerFeeRate: '0.0005' },
};

type Load = (wanted: readonly WantedSymbol[], followed?: readonly WantedSymbol[]) => Promise<InstrumentsLoaded>;

function venue(name: string, load?: Load) {
	const loaded = vi.fn<Load>(
		load ??
			(async (wanted, followed = []) => ({
				kind: 'loaded',
				specs: [...wanted, ...followed].map((each) => ({ ...BTC, ...each, venue: name })),
			})),
	);
	const dispose = vi.fn<() => Promise<void>>(async () => {});
	const setup: VenueSetup = { name, open: () => ({ name, load: loaded, [Symbol.asyncDispose]: dispose }) as unknown as Venue };
	return { setup, loaded, dispose };
}

const linear = (symbol: string, at?: string): TradedSymbol => ({
	...{ category: 'linear', symbol },
	...(at === undefined ? {} : { venue: at }),
});
const left = (instrumentId: string) => ({ orderId: `${instrumentId} order`, instrumentId }) as unknown as LeftOrder;

async function open(
	venues: readonly { setup: VenueSetup }[],
	symbols: readonly TradedSymbol[],
	leftOrders: readonly LeftOrder[] = [],
	grids: readonly InstrumentRecord[] = [],
) {
	const setups = venues.map(({ setup }) => setup);
	return await openVenues({ setups, symbols, left: leftOrders, grids }, new VirtualClock(0), () => ({}) as VenueParts);
}

test('each is asked for its own symbols, and an index means one instrument of all', async () => {
	const [one, two] = [venue('one'), venue('two')];
	const opened = await open(
		[one, two],
		[linear('A1', 'two'), linear('A1', 'one'), { venue: 'two', category: 'spot', symbol: 'A1' }],
		[left('two:linear:OLD1'), left('two:linear:OLD1'), left('one:linear:A1')],
	);
	if (opened.kind === 'refused') throw new Error(opened.sentences.join());
	expect(one.loaded).toHaveBeenCalledExactlyOnceWith([linear('A1')], []);
	expect(two.loaded).toHaveBeenCalledExactlyOnceWith([linear('A1'), { category: 'spot', symbol: 'A1' }], [linear('OLD1')]);
	const ids = opened.instruments.map(({ index, id }) => `${index} ${id}`);
	expect(ids).toEqual(['0 one:linear:A1', '1 two:linear:A1', '2 two:spot:A1', '3 two:linear:OLD1']);
	expect([one.dispose.mock.calls.length, two.dispose.mock.calls.length]).toEqual([0, 0]);
});

test('what is only held there may be gone, unless an order was left there, too', async () => {
	const one = venue('one');
	const held = (id: string) => ({ ...left(id), mayBeGone: true });
	await open([one], [linear('A1')], [held('one:linear:B1'), held('one:linear:C1'), left('one:linear:C1')]);
	expect(one.loaded).toHaveBeenCalledExactlyOnceWith([linear('A1')], [{ ...linear('B1'), mayBeGone: true }, linear('C1')]);
});

test('the only venue need not be named', async () => {
	const one = venue('one');
	expect(await open([one], [linear('A1')])).toMatchObject({ kind: 'open', instruments: [{ id: 'one:linear:A1' }] });
});

/** As an earlier run knew it. */
function grid({ symbol = 'BTCUSDT', lotSize = '0.001' }: Partial<InstrumentSpec>, version: number): InstrumentRecord {
	return { ...BTC_RECORD, instrumentId: `one:linear:${symbol}`, venue: 'one', symbol, tickSize: '0.1', lotSize, version };
}

test('a grid keeps its number over runs, and a new one gets the next: others are told as what they were (F59)', async () => {
	const one = venue('one');
	const [finer, now, elsewhere] = [grid({ lotSize: '0.0005' }, 3), grid({}, 4), grid({ symbol: 'OTHER' }, 9)];
	const same = await open([one], [linear('BTCUSDT')], [], [finer, now, elsewhere]);
	const changed = await open([one], [linear('BTCUSDT')], [], [now, finer]);
	const news = await open([one], [linear('BTCUSDT')]);
	expect(same).toMatchObject({ instruments: [{ version: 4 }], former: [{ version: 3, index: 0, qtyGrid: { step: '0.0005' } }] });
	expect(changed).toMatchObject({
		instruments: [{ version: 4 }],
		former: [{ version: 3, index: 0, qtyGrid: { step: '0.0005' } }],
	});
	expect(news).toMatchObject({ instruments: [{ version: 1 }], former: [] });
});

describe('is refused before any venue is asked', () => {
	test.each<[string, readonly TradedSymbol[], readonly LeftOrder[], string]>([
		['no symbol', [], [], 'no symbol is named: name at least one, such as BTCUSDT'],
		['no word on where', [linear('A1')], [], 'A1 is to be traded at no venue of these: one, two'],
		['a venue that is not there', [linear('A1', 'three')], [], 'A1 is to be traded at no venue of these: one, two'],
		['a symbol twice', [linear('A1', 'one'), linear('A1', 'one')], [], 'A1 is named twice among the symbols: name it once'],
		[
			'an order elsewhere',
			[linear('A1', 'one')],
			[left('onetwo:linear:A1')],
			'onetwo:linear:A1 order may be open as onetwo:linear:A1, which is not traded here',
		],
	])('%s', async (_, symbols, orders, sentence) => {
		const [one, two] = [venue('one'), venue('two')];
		expect(await open([one, two], symbols, orders)).toEqual({ kind: 'refused', sentences: [sentence] });
		expect([one.loaded.mock.calls.length, two.loaded.mock.calls.length]).toEqual([0, 0]);
	});

	test('two of one name', async () => {
		expect(await open([venue('one'), venue('one')], [linear('A1', 'one')])).toEqual({
			kind: 'refused',
			sentences: ['two venues are called one'],
		});
	});
});

test.each<[string, Load]>([
	['refuses', async () => ({ kind: 'refused', sentences: ['two has no such symbol'] })],
	['breaks', () => Promise.reject(new Error('a bug'))],
	['has what cannot be counted in', async () => ({ kind: 'loaded', specs: [{ ...BTC, tickSize: '0' }] })],
])('where one of them %s, none stays open', async (_, load) => {
	const [one, two] = [venue('one'), venue('two', load)];
	const opened = await open([one, two], [linear('A1', 'one'), linear('A1', 'two')]).catch(() => ({ kind: 'refused' }));
	expect(opened.kind).toBe('refused');
	expect([one.dispose.mock.calls.length, two.dispose.mock.calls.length]).toEqual([1, 1]);
});
