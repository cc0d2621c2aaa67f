/** Instruments: from the venue's rows to ours, refusals in one sentence, and refreshes in virtual time. */
import { afterEach, describe, expect, test } from 'vitest';
import type { InstrumentEvent } from '../../domain/event.ts';
import { type Category, instrumentIndex, makeInstrument } from '../../domain/instrument.ts';
import { timeMs } from '../../domain/units.ts';
import { nearest } from '../wire/instruments-search.ts';
import { NO_PATIENCE } from '../wire/patience.ts';
import { type Answering, json, reply, settle } from '../wire/rest-scene.suite.ts';
import { BybitInstruments } from './instruments.ts';
import { specOf } from './instruments-spec.ts';
import { BybitReads } from './reads.ts';
import { envelope, makeScene, START_MS } from './rest-scene.suite.ts';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

const BTC = {
	symbol: 'BTCUSDT',
	symbolId: 5,
	contractType: 'LinearPerpetual',
	status: 'Trading',
	baseCoin: 'BTC',
	quoteCoin: 'USDT',
	settleCoin: 'USDT',
	deliveryTime: '0',
	priceFilter: { minPrice: '0.10', maxPrice: '2000000.00', tickSize: '0.10' },
	lotSizeFilter: { minOrderQty: '0.001', maxOrderQty: '1000.000', qtyStep: '0.001', minNotionalValue: '5' },
	fundingInterval: 480,
};
const BTC_SPOT = {
	symbol: 'BTCUSDT',
	baseCoin: 'BTC',
	quoteCoin: 'USDT',
	status: 'Trading',
	priceFilter: { tickSize: '0.1' },
	lotSizeFilter: {
		basePrecision: '0.000001',
		quotePrecision: '0.0000001',
		minOrderQty: '0.000010',
		maxOrderQty: '90',
		minOrderAmt: '5',
		maxLimitOrderQty: '83',
	},
};
const FEES = [
	{ symbol: 'BTCUSDT', takerFeeRate: '0.0006', makerFeeRate: '-0.0001' },
	{ symbol: 'ETHUSDT', takerFeeRate: '0.00055', makerFeeRate: '0.0002' },
];
const context = { venue: 'bybit', category: 'linear', venueNowMs: START_MS, fee: undefined } as const;

describe('a row becomes a specification', () => {
	test('of a contract', () => {
		expect(specOf(BTC, { ...context, fee: FEES[0] })).toEqual({
			venue: 'bybit',
			category: 'linear',
			symbol: 'BTCUSDT',
			baseCurrency: 'BTC',
			quoteCurrency: 'USDT',
			settleCurrency: 'USDT',
			status: 'trading',
			tickSize: '0.10',
			lotSize: '0.001',
			priceMin: '0.10',
			priceMax: '2000000.00',
			qtyMin: '0.001',
			qtyMax: '1000.000',
			notionalMin: '5',
			reduceOnlySkipsNotionalMin: true,
			makerFeeRate: '-0.0001',
			takerFeeRate: '0.0006',
		});
	});

	test('of a spot pair: its step is the base precision, its highest price none', () => {
		const spec = specOf(BTC_SPOT, { ...context, category: 'spot' });
		expect(spec).toMatchObject({
			category: 'spot',
			settleCurrency: 'USDT',
			tickSize: '0.1',
			lotSize: '0.000001',
			priceMin: '0.1',
			qtyMin: '0.000010',
			qtyMax: '83',
			notionalMin: '5',
			reduceOnlySkipsNotionalMin: false,
			makerFeeRate: '0.001',
			takerFeeRate: '0.001',
		});
		if (spec === undefined) throw new Error('no specification');
		expect(makeInstrument(spec, { index: instrumentIndex(0), version: 1, refreshedAtMs: timeMs(0) }).kind).toBe('made');
	});

	test.each([
		['Trading, without an end', 'Trading', 0, 'trading'],
		['Trading, ends in two days', 'Trading', START_MS + 2 * DAY_MS, 'trading'],
		['Trading, ends in 25 hours and a bit', 'Trading', START_MS + 25 * HOUR_MS + 1, 'trading'],
		['Trading, ends within a day', 'Trading', START_MS + DAY_MS, 'delisting'],
		['Trading, ended a moment ago', 'Trading', START_MS - 1, 'delisting'],
		['PreLaunch', 'PreLaunch', 0, 'halted'],
		['Delivering', 'Delivering', START_MS, 'halted'],
		['Closed', 'Closed', 0, 'halted'],
		['a word of tomorrow', 'Resting', 0, 'halted'],
	])('%s', (_name, status, deliveryTime, expected) => {
		expect(specOf({ ...BTC, status, deliveryTime: String(deliveryTime) }, context)?.status).toBe(expected);
	});

	test.each([
		['nothing', null],
		['a spot pair', BTC_SPOT],
		['no lot', { ...BTC, lotSizeFilter: {} }],
		['a tick that is a number', { ...BTC, priceFilter: { ...BTC.priceFilter, tickSize: 0.1 } }],
	])('%s is no contract', (_what, row) => {
		expect(specOf(row, context)).toBeUndefined();
	});
});

test.each([
	['BTCUSD', 'BTCUSDT'],
	['btcusdt', 'BTCUSDT'],
	['BTC-USDT', 'BTCUSDT'],
	['BTC/USDT', 'BTCUSDT'],
	['ETHUSTD', 'ETHUSDT'],
	['DOGE', undefined],
	['', undefined],
	['x'.repeat(500), undefined],
])('for %j the nearest is %s', (word, expected) => {
	expect(nearest(word, ['ETHUSDT', 'BTCUSDT', 'SOLUSDT'])).toBe(expected);
});

interface Listing {
	linear: object[];
	spot: object[];
	inverse: object[];
	isDown: boolean;
	feesDown: boolean;
}

const opened: BybitInstruments[] = [];
afterEach(() => {
	for (const instruments of opened.splice(0)) instruments.stop();
});

function open(given: Partial<Listing> = {}, hasFees = true) {
	const listing: Listing = {
		linear: [BTC, { ...BTC, symbol: 'ETHUSDT', baseCoin: 'ETH' }],
		spot: [BTC_SPOT],
		inverse: [],
		isDown: false,
		feesDown: false,
		...given,
	};
	const answering: Answering = ({ target }) => {
		const { pathname, searchParams } = new URL(target, 'https://venue.test');
		if (listing.isDown || (listing.feesDown && pathname.endsWith('fee-rate'))) return reply('', { status: 502 });
		const category = searchParams.get('category') as Category;
		return json(envelope({ result: pathname.endsWith('fee-rate') ? { list: FEES } : { category, list: listing[category] } }));
	};
	const scene = makeScene(answering);
	const events: InstrumentEvent[] = [];
	const instruments = new BybitInstruments({
		venue: 'bybit',
		reads: new BybitReads(scene.rest, NO_PATIENCE),
		clock: scene.clock,
		venueNowMs: () => scene.clock.wallMs(),
		hasFees,
		sink: (event) => event.kind === 'instrument' && events.push(event),
	});
	opened.push(instruments);
	return Object.assign(scene, { instruments, events, listing });
}

type Opened = ReturnType<typeof open>;

async function follow(scene: Opened, symbols = ['BTCUSDT']): Promise<void> {
	const loaded = await settle(scene.clock, scene.instruments.load(symbols.map((symbol) => ({ category: 'linear', symbol }))));
	if (loaded.kind === 'refused') throw new Error(loaded.sentences.join('; '));
	scene.instruments.follow(
		loaded.specs.map((spec, index) => {
			const made = makeInstrument(spec, {
				index: instrumentIndex(index),
				version: 1,
				refreshedAtMs: timeMs(scene.clock.wallMs()),
			});
			if (made.kind === 'refused') throw new Error(made.field);
			return made.instrument;
		}),
	);
}

/** Virtual time with turns of the job queue in between, since reads are promises. */
async function pass(scene: Opened, ms: number): Promise<void> {
	let isOver = false;
	scene.clock.after(ms, () => {
		isOver = true;
	});
	while (!isOver) {
		for (let turn = 0; turn < 40; turn += 1) await Promise.resolve();
		scene.clock.step();
	}
}

describe('loading', () => {
	test('gives what was asked for, in that order, with the fees of the account', async () => {
		const { clock, instruments } = open();
		const wanted = [
			{ category: 'linear', symbol: 'ETHUSDT' },
			{ category: 'spot', symbol: 'BTCUSDT' },
			{ category: 'linear', symbol: 'BTCUSDT' },
		] as const;
		const loaded = await settle(clock, instruments.load(wanted));
		expect(loaded).toMatchObject({
			kind: 'loaded',
			specs: [
				{ symbol: 'ETHUSDT', takerFeeRate: '0.00055' },
				{ category: 'spot', symbol: 'BTCUSDT' },
				{ category: 'linear', symbol: 'BTCUSDT', makerFeeRate: '-0.0001' },
			],
		});
	});

	test.each([
		['a typo', 'linear', 'BTCUSTD', 'Bybit has no symbol "BTCUSTD" in category linear; did you mean BTCUSDT?'],
		['small letters', 'linear', 'ethusdt', 'Bybit has no symbol "ethusdt" in category linear; did you mean ETHUSDT?'],
		[
			'another category',
			'spot',
			'ETHUSDT',
			'ETHUSDT is no symbol of category spot; there is one in category linear: name that category, or another symbol',
		],
		['not open yet', 'linear', 'NEWUSDT', 'NEWUSDT is listed in category linear but not trading'],
		['about to end', 'linear', 'OLDUSDT', 'OLDUSDT in category linear ends within a day: it takes no new risk'],
		['unreadable row', 'linear', 'ODDUSDT', 'ODDUSDT is listed in category linear, but its description cannot be read'],
		[
			'hostile text',
			'linear',
			'\u001b[2J',
			'Bybit has no symbol "\\u001b[2J" in category linear; 5 are listed there, such as BTCUSDT, ETHUSDT, NEWUSDT',
		],
	] as const)('%s is refused in one sentence', async (_what, category, symbol, sentence) => {
		const { clock, instruments } = open({
			linear: [
				BTC,
				{ ...BTC, symbol: 'ETHUSDT' },
				{ ...BTC, symbol: 'NEWUSDT', status: 'PreLaunch' },
				{ ...BTC, symbol: 'OLDUSDT', deliveryTime: String(START_MS + HOUR_MS) },
				{ ...BTC, symbol: 'ODDUSDT', lotSizeFilter: null },
			],
		});
		const loaded = await settle(clock, instruments.load([{ category, symbol }]));
		expect(loaded).toEqual({ kind: 'refused', sentences: [sentence] });
	});

	test('what is only followed may stand still or be about to end, listed or not (F54, F60)', async () => {
		const scene = open({ linear: [BTC, { ...BTC, symbol: 'OLDUSDT', deliveryTime: String(START_MS + HOUR_MS) }] });
		const { answering } = scene;
		scene.answering = (call, nowMs) => {
			const { searchParams } = new URL(call.target, 'https://venue.test');
			if (!searchParams.has('status')) return answering(call, nowMs);
			const isAsked = searchParams.get('symbol') === 'GONEUSDT' && searchParams.get('status') === 'Closed';
			const list = isAsked ? [{ ...BTC, symbol: 'GONEUSDT', status: 'Closed' }] : [];
			return json(envelope({ result: { category: 'linear', list } }));
		};
		const of = (symbol: string) => ({ category: 'linear', symbol }) as const;
		const load = (...followed: readonly string[]) =>
			settle(scene.clock, scene.instruments.load([of('BTCUSDT')], followed.map(of)));
		expect(await load('OLDUSDT', 'GONEUSDT')).toMatchObject({
			kind: 'loaded',
			specs: [{ symbol: 'BTCUSDT' }, { symbol: 'OLDUSDT', status: 'delisting' }, { symbol: 'GONEUSDT', status: 'halted' }],
		});
		expect(await load('NEVERUSDT')).toMatchObject({ kind: 'refused', sentences: [expect.stringContaining('NEVERUSDT')] });
		const maybe = (symbol: string) =>
			settle(scene.clock, scene.instruments.load([of('BTCUSDT')], [{ ...of(symbol), mayBeGone: true }]));
		expect(await maybe('NEVERUSDT')).toMatchObject({ kind: 'loaded', specs: [{ symbol: 'BTCUSDT' }] });
		expect(await maybe('GONEUSDT')).toMatchObject({ kind: 'loaded', specs: [{ symbol: 'BTCUSDT' }, { symbol: 'GONEUSDT' }] });
	});

	test('what does not trade is listed for those alone who ask for its status; fees are of no interest there', async () => {
		const closed = { ...BTC, symbol: 'GONEUSDT', status: 'Closed' };
		const scene = open({ linear: [BTC] });
		const { answering } = scene;
		scene.answering = (call, nowMs) => {
			const { searchParams } = new URL(call.target, 'https://venue.test');
			const isAsked = searchParams.get('symbol') === 'GONEUSDT' && searchParams.get('status') === 'Closed';
			const list = isAsked && searchParams.get('category') === 'linear' ? [closed] : [];
			return searchParams.has('status') ? json(envelope({ result: { category: 'linear', list } })) : answering(call, nowMs);
		};
		const load = (symbol: string) => settle(scene.clock, scene.instruments.load([{ category: 'linear', symbol }]));
		expect(await load('GONEUSDT')).toEqual({
			kind: 'refused',
			sentences: ['GONEUSDT is listed in category linear but not trading: its status is Closed'],
		});
		expect(scene.calls.filter(({ target }) => target.includes('fee-rate')).map(({ target }) => target)).toEqual([
			'/v5/account/fee-rate?category=linear',
		]);
	});

	test('a filter that we cannot count in is refused by name', async () => {
		const { clock, instruments } = open({ linear: [{ ...BTC, priceFilter: { ...BTC.priceFilter, tickSize: '0' } }] });
		const loaded = await settle(clock, instruments.load([{ category: 'linear', symbol: 'BTCUSDT' }]));
		expect(loaded).toMatchObject({ kind: 'refused', sentences: [expect.stringContaining('tickSize is 0')] });
	});

	test('all that is wrong is said at once; a venue that does not answer says nothing about symbols', async () => {
		const { clock, instruments, listing } = open();
		const wanted = ['AAA', 'BBB'].map((symbol) => ({ category: 'linear', symbol }) as const);
		expect(await settle(clock, instruments.load(wanted))).toMatchObject({
			sentences: [/AAA/, /BBB/].map((name) => expect.stringMatching(name) as string),
		});
		listing.isDown = true;
		const down = await settle(clock, instruments.load([{ category: 'linear', symbol: 'AAA' }]));
		expect(down).toMatchObject({ kind: 'refused', sentences: [expect.stringContaining('/v5/market/instruments-info')] });
	});

	test('where the venue tells no fees its published ones are taken, and none are asked for', async () => {
		const { clock, instruments, calls } = open({}, false);
		const loaded = await settle(clock, instruments.load([{ category: 'linear', symbol: 'BTCUSDT' }]));
		expect(loaded).toMatchObject({ specs: [{ makerFeeRate: '0.0002', takerFeeRate: '0.00055' }] });
		expect(calls.some(({ target }) => target.includes('fee-rate'))).toBe(false);
	});
});

test.each([404, 200])(
	'an environment without fees (HTTP %i) is no reason to refuse: the published ones are taken',
	async (status) => {
		const missing = json(envelope({ retCode: 10017 }), { status });
		const scene = makeScene(({ target }) =>
			target.includes('fee-rate') ? missing : json(envelope({ result: { category: 'linear', list: [BTC] } })),
		);
		const { clock, rest } = scene;
		const reads = new BybitReads(rest, NO_PATIENCE);
		const parts = { venue: 'bybit', reads, clock, venueNowMs: () => clock.wallMs(), hasFees: true, sink: () => {} };
		const loaded = await settle(clock, new BybitInstruments(parts).load([{ category: 'linear', symbol: 'BTCUSDT' }]));
		expect(loaded).toMatchObject({ specs: [{ makerFeeRate: '0.0002' }] });
	},
);

describe('refreshing', () => {
	test('tells of every instrument every half hour; without a change the version stays', async () => {
		const scene = open();
		await follow(scene, ['BTCUSDT', 'ETHUSDT']);
		await pass(scene, HOUR_MS + 1_000);
		expect(scene.events.map(({ instrument }) => [instrument.symbol, instrument.index, instrument.version])).toEqual([
			['BTCUSDT', 0, 1],
			['ETHUSDT', 1, 1],
			['BTCUSDT', 0, 1],
			['ETHUSDT', 1, 1],
		]);
		expect(scene.events[0]?.instrument.refreshedAtMs).toBeGreaterThan(START_MS + HOUR_MS / 2 - 1);
	});

	test('a new tick size is a new version, once (F59)', async () => {
		const scene = open();
		await follow(scene);
		scene.listing.linear = [{ ...BTC, priceFilter: { ...BTC.priceFilter, tickSize: '0.50' } }];
		await pass(scene, HOUR_MS + 1_000);
		expect(scene.events.map(({ instrument }) => [instrument.version, instrument.priceGrid.step])).toEqual([
			[2, '0.5'],
			[2, '0.5'],
		]);
	});

	test('a lot size that has changed is looked at again until it stays: nobody tells when it is taken back (F59)', async () => {
		const scene = open();
		await follow(scene);
		const lotOf = (qtyStep: string) => [{ ...BTC, lotSizeFilter: { ...BTC.lotSizeFilter, qtyStep } }];
		const before = scene.listing.linear;
		scene.listing.linear = lotOf('0.1');
		await pass(scene, HOUR_MS / 2 + 1_000);
		scene.listing.linear = before;
		await pass(scene, 60_000);
		expect(scene.events.map(({ instrument }) => [instrument.version, instrument.qtyGrid.step])).toEqual([
			[2, '0.1'],
			[3, '0.001'],
			[3, '0.001'],
		]);
		await pass(scene, HOUR_MS / 4);
		expect(scene.events).toHaveLength(3);
	});

	test('so is one that has changed while the symbol stood still', async () => {
		const scene = open();
		await follow(scene);
		const coarse = { ...BTC, lotSizeFilter: { ...BTC.lotSizeFilter, qtyStep: '0.1' } };
		scene.listing.linear = [{ ...BTC, status: 'Settling' }];
		await pass(scene, HOUR_MS / 2 + 1_000);
		scene.listing.linear = [coarse];
		await pass(scene, 20_000);
		scene.listing.linear = [BTC];
		await pass(scene, 20_000);
		expect(scene.events.map(({ instrument: { status, qtyGrid } }) => [status, qtyGrid.step])).toEqual([
			['halted', '0.001'],
			['trading', '0.1'],
			['trading', '0.001'],
		]);
	});

	test('a symbol that stands still is looked at again soon: nobody tells when it trades (F54)', async () => {
		const scene = open();
		await follow(scene);
		scene.listing.linear = [{ ...BTC, status: 'Settling' }];
		await pass(scene, HOUR_MS / 2 + 1_000);
		scene.listing.linear = [BTC];
		await pass(scene, 25_000);
		expect(scene.events.map(({ instrument }) => instrument.status)).toEqual(['halted', 'trading']);
		await pass(scene, HOUR_MS / 4);
		expect(scene.events).toHaveLength(2);
	});

	test('a tick size that is written in another way is none', async () => {
		const scene = open();
		await follow(scene);
		scene.listing.linear = [{ ...BTC, priceFilter: { ...BTC.priceFilter, tickSize: '0.1' } }];
		await pass(scene, HOUR_MS / 2 + 1_000);
		expect(scene.events.map(({ instrument }) => instrument.version)).toEqual([1]);
	});

	test.each([
		['halted', [{ ...BTC, status: 'Closed' }], 'halted'],
		['gone from the list', [{ ...BTC, symbol: 'ETHUSDT' }], 'halted'],
		['about to end', [{ ...BTC, deliveryTime: String(START_MS + DAY_MS) }], 'delisting'],
		['something we cannot count in', [{ ...BTC, lotSizeFilter: { ...BTC.lotSizeFilter, qtyStep: '0' } }], 'halted'],
	] as const)('one that is %s stands still (F60)', async (_what, linear, status) => {
		const scene = open();
		await follow(scene);
		scene.listing.linear = [...linear];
		await pass(scene, HOUR_MS / 2 + 1_000);
		expect(scene.events.map(({ instrument }) => [instrument.version, instrument.status])).toEqual([[2, status]]);
		scene.listing.linear = [BTC];
		await pass(scene, HOUR_MS / 2);
		expect(scene.events.at(-1)?.instrument).toMatchObject({ version: 3, status: 'trading' });
	});

	test.each(['isDown', 'feesDown'] as const)(
		'a read that fails (%s) changes nothing, and is made again a minute later',
		async (what) => {
			const scene = open();
			await follow(scene);
			scene.listing[what] = true;
			await pass(scene, HOUR_MS / 2 + 30_000);
			expect(scene.events).toEqual([]);
			scene.listing[what] = false;
			await pass(scene, 90_000);
			expect(scene.events).toHaveLength(1);
		},
	);

	test('a refusal for a filter brings a refresh at once, a swarm of them one (F61)', async () => {
		const scene = open();
		await follow(scene);
		for (let count = 0; count < 100; count += 1) {
			scene.instruments.refreshSoon();
			await pass(scene, 10);
		}
		expect(scene.events).toHaveLength(1);
		await pass(scene, 10_000);
		expect(scene.events).toHaveLength(2);
		await pass(scene, 60_000);
		expect(scene.events).toHaveLength(2);
	});

	test('once stopped it is silent, also in the middle of a read', async () => {
		const scene = open();
		await follow(scene);
		scene.instruments.refreshSoon();
		await pass(scene, 10);
		scene.instruments.stop();
		await pass(scene, 2 * HOUR_MS);
		expect(scene.events).toEqual([]);
	});
});
