/**
 * What every venue adapter must do, numbered. The numbers stand in docs/venues/contract.md and never change their meaning;
 * a new one goes to the end. Each is asked of the port alone, in a world of its own.
 */
import { expect } from 'vitest';
import { exchangeKeyOf } from '../../../src/app/wired-places.ts';
import { stepsToNumber } from '../../../src/domain/grid.ts';
import { instrumentIndex, priceToNumber } from '../../../src/domain/instrument.ts';
import { lots, ticks } from '../../../src/domain/units.ts';
import { ContractWorld, type Place } from './contract-world.ts';

export interface Behaviour {
	readonly number: string;
	readonly says: string;
	prove(place: Place): Promise<void>;
}

type Proof = (world: ContractWorld) => Promise<void>;

/** In a world in which everything is up. */
function up(proof: Proof): Behaviour['prove'] {
	return async (place) => {
		await using world = await ContractWorld.subscribed(place);
		await proof(world);
	};
}

const ONE_CREATE = { operation: 'order.create', probability: 1, count: 1 };

export const BEHAVIOURS: readonly Behaviour[] = [
	{
		number: 'VC1',
		says: 'A symbol that the venue does not have is refused by name, before anything is subscribed.',
		prove: async (place) => {
			await using world = await ContractWorld.open(place);
			const refused = await world.settle(world.venue.load([{ category: place.category, symbol: 'NOSUCHUSDT' }]));
			expect(refused).toMatchObject({ kind: 'refused', sentences: [expect.stringContaining('NOSUCHUSDT') as string] });
		},
	},
	{
		number: 'VC2',
		says: 'Once every stream is up it is ready, and its books become whole and are those of the exchange.',
		prove: async (place) => {
			await using world = await ContractWorld.open(place);
			world.venue.subscribe(world.instruments);
			const isWhole = (): boolean => world.instruments.every(({ index }) => world.book(index).trust.kind === 'whole');
			await world.until('books', () => world.venue.isReady && isWhole());
			for (const instrument of world.instruments) {
				const book = world.book(instrument.index);
				expect({ bidTicks: book.bestBidTicks, askTicks: book.bestAskTicks }).toEqual(world.touch(instrument));
			}
		},
	},
	{
		number: 'VC3',
		says: 'A batch is answered once, with one outcome a command, in their order; what is accepted stands at the exchange under our id.',
		prove: up(async (world) => {
			const orders = [world.order(), world.order({ qtyLots: lots(0) }), world.order()];
			const batchMax = world.venue.capabilities.categories[world.place.category]?.verbs.place.batchMax ?? 1;
			const outcomes: string[] = [];
			for (const batch of batchMax === 1 ? orders.map((order) => [order]) : [orders]) {
				outcomes.push(...(await world.outcomes(batch)));
			}
			expect(outcomes).toEqual(['accepted', 'fatal', 'accepted']);
			expect(world.open()).toEqual([orders[0], orders[2]].map((order) => `${order?.orderId} at ${order?.priceTicks}`).toSorted());
		}),
	},
	{
		number: 'VC4',
		says: 'A full batch of each verb that is declared is taken in one call.',
		prove: up(async (world) => {
			const { verbs, canAmend } = world.venue.capabilities.categories[world.place.category] ?? {};
			const [places, amends, cancels] = [verbs?.place.batchMax ?? 1, verbs?.amend.batchMax ?? 1, verbs?.cancel.batchMax ?? 1];
			const orders = Array.from({ length: Math.max(places, amends, cancels) }, (_, i) =>
				world.order({ priceTicks: ticks(world.farTicks() - i) }),
			);
			const outcomes: string[] = [];
			for (let at = 0; at < orders.length; at += places) outcomes.push(...(await world.outcomes(orders.slice(at, at + places))));
			expect(new Set(outcomes)).toEqual(new Set(['accepted']));
			if (canAmend === true) {
				const amended = orders.slice(0, amends).map((order) => world.amendOf(order, -50));
				expect(new Set(await world.outcomes(amended))).toEqual(new Set(['accepted']));
			}
			const cancelled = orders.slice(0, cancels);
			expect(new Set(await world.outcomes(cancelled.map((order) => world.cancelOf(order))))).toEqual(new Set(['accepted']));
			expect(world.open()).toHaveLength(orders.length - cancelled.length);
		}),
	},
	{
		number: 'VC5',
		says: 'A post-only order never trades, however fast the market is.',
		prove: up(async (world) => {
			const order = world.order({ priceTicks: ticks(world.touch().askTicks + 5) });
			await world.outcomes([order]);
			await world.run(1_000);
			expect(world.executionsOf(order)).toEqual([]);
			expect(world.open()).toEqual([]);
		}),
	},
	{
		number: 'VC6',
		says: 'Where changes are declared an order keeps its id and takes the new price; elsewhere nothing else is declared.',
		prove: up(async (world) => {
			const capability = world.venue.capabilities.categories[world.place.category];
			const order = world.order();
			await world.outcomes([order]);
			if (capability?.canAmend !== true) {
				expect([capability?.amendsPrice, capability?.amendsQty]).toEqual([false, false]);
				return;
			}
			expect(await world.outcomes([world.amendOf(order, -7)])).toEqual(['accepted']);
			expect(world.open()).toEqual([`${order.orderId} at ${order.priceTicks - 7}`]);
			await world.until('a report', () => world.reportsOf(order).some(({ priceTicks }) => priceTicks === order.priceTicks - 7));
		}),
	},
	{
		number: 'VC7',
		says: 'An order’s life is told: working, each fill once with its fee, and its end.',
		prove: up(async (world) => {
			const order = world.near();
			await world.outcomes([order]);
			await world.until('working', () => world.reportsOf(order).some(({ status }) => status === 'working'));
			const half = Math.floor(order.qtyLots / 2);
			world.fill(order, half);
			world.fill(order, order.qtyLots - half);
			await world.until('the end', () => world.reportsOf(order).some(({ status }) => status === 'filled'));
			await world.run(1_000);
			const executions = world.executionsOf(order);
			expect(executions.map(({ qtyLots, priceTicks, isMaker }) => [qtyLots, priceTicks, isMaker])).toEqual([
				[half, order.priceTicks, true],
				[order.qtyLots - half, order.priceTicks, true],
			]);
			for (const { fee, feeCurrency } of executions) expect([fee > 0n, feeCurrency.length > 0]).toEqual([true, true]);
		}),
	},
	{
		number: 'VC8',
		says: 'A cancel is told as such; one that finds nothing says that the order is gone, and nothing of how it ended.',
		prove: up(async (world) => {
			const order = world.order();
			await world.outcomes([order]);
			expect(await world.outcomes([world.cancelOf(order)])).toEqual(['accepted']);
			await world.until('the end', () => world.reportsOf(order).some(({ status }) => status === 'cancelled'));
			expect(await world.outcomes([world.cancelOf(order)])).toEqual(['gone']);
			expect(await world.outcomes([world.cancelOf(world.order())])).toEqual(['gone']);
		}),
	},
	{
		number: 'VC9',
		says: 'A create whose answer is lost is unknown, is not sent again, and a look-up by our id finds it.',
		prove: up(async (world) => {
			// An answer on a socket does not say what it answers.
			const isWs = world.place.orderEntry === 'ws';
			world.inject('drop-reply', isWs ? { channel: 'ws-trade', probability: 1, count: 1 } : ONE_CREATE);
			const order = world.order();
			expect(await world.outcomes([order])).toEqual(['unknown']);
			expect(world.open()).toHaveLength(1);
			world.endFaults();
			world.venue.gateway.lookUp([{ orderId: order.orderId, instrument: order.instrument, venueOrderId: undefined }]);
			await world.until('the look-up', () => world.all('lookedUp').length > 0);
			expect(world.all('lookedUp')).toMatchObject([{ orderId: order.orderId, isFound: true }]);
			expect(world.reportsOf(order).some(({ status }) => status === 'working')).toBe(true);
		}),
	},
	{
		number: 'VC10',
		says: 'A create that never arrived is unknown, and a look-up says that there is nothing.',
		prove: up(async (world) => {
			world.inject('drop-request', ONE_CREATE);
			const order = world.order();
			expect(await world.outcomes([order])).toEqual(['unknown']);
			world.endFaults();
			world.venue.gateway.lookUp([{ orderId: order.orderId, instrument: order.instrument, venueOrderId: undefined }]);
			await world.until('the look-up', () => world.all('lookedUp').length > 0);
			expect(world.all('lookedUp')).toMatchObject([{ orderId: order.orderId, isFound: false, isComplete: true }]);
			expect(world.open()).toEqual([]);
		}),
	},
	{
		number: 'VC11',
		says: 'What happens while nobody listens is told afterwards: every fill, each under one id, and what is open.',
		prove: up(async (world) => {
			const [filled, standing] = [world.near(), world.order()];
			await world.outcomes([filled]);
			await world.outcomes([standing]);
			const third = Math.floor(filled.qtyLots / 3);
			world.fill(filled, third);
			await world.until('a fill', () => world.executionsOf(filled).length > 0);
			world.unreachable(true);
			await world.until('silence', () => world.all('stream').some(({ stream, up: isUp }) => stream === 'private' && !isUp));
			world.fill(filled, third);
			world.fill(filled, filled.qtyLots - 2 * third);
			await world.run(3_000);
			const censusCount = world.all('census').length;
			world.unreachable(false);
			await world.until('a comparison', () => world.all('census').length > censusCount && world.venue.isReady);
			await world.run(2_000);
			const byId = new Map(world.executionsOf(filled).map((execution) => [execution.executionId, execution.qtyLots]));
			expect([...byId.values()].reduce((sum, qty) => sum + qty, 0)).toBe(filled.qtyLots);
			const census = world.all('census').at(-1);
			expect(census?.found?.orders.map(({ clientOrderId }) => clientOrderId)).toEqual([standing.orderId]);
		}),
	},
	{
		number: 'VC12',
		says: 'A book that has lost its place says so and comes back whole by itself.',
		prove: up(async (world) => {
			const { index } = world.instrument;
			await world.until('a book', () => world.book(index).trust.kind === 'whole');
			world.unreachable(true);
			await world.until('distrust', () => world.book(index).trust.kind !== 'whole');
			world.unreachable(false);
			await world.until('a book again', () => world.book(index).trust.kind === 'whole');
			expect(world.book(index).bestBidTicks).toBe(world.touch().bidTicks);
		}),
	},
	{
		number: 'VC13',
		says: 'One too many is refused as such, and the budget hears of it before the answer.',
		prove: up(async (world) => {
			world.inject('rate-limit', ONE_CREATE);
			const before = world.events.length;
			expect(await world.outcomes([world.order()])).toEqual(['rate-limited']);
			const told = world.events.slice(before);
			const refusalAt = told.findIndex((event) => event.kind === 'rate' && event.isRefusal);
			expect(refusalAt).toBeGreaterThanOrEqual(0);
			expect(refusalAt).toBeLessThan(told.findIndex(({ kind }) => kind === 'answer'));
		}),
	},
	{
		number: 'VC14',
		says: 'A clock that has moved is measured anew, and what was refused for it goes once more.',
		prove: up(async (world) => {
			world.inject('venue-clock', { offsetMs: 4_000 });
			expect(await world.outcomes([world.order()])).toEqual(['accepted']);
		}),
	},
	{
		number: 'VC15',
		says: 'A key that is not taken any more is no passing trouble.',
		prove: up(async (world) => {
			world.inject('revoke-key', { reason: 'invalid' });
			expect(await world.outcomes([world.order()])).toEqual(['auth']);
			expect(world.open()).toEqual([]);
		}),
	},
	{
		number: 'VC16',
		says: 'The venue itself can be asked which ids stand open.',
		prove: up(async (world) => {
			const orders = [world.order(), world.order()];
			for (const order of orders) await world.outcomes([order]);
			const { ids, unread } = await world.settle(world.venue.openOrderIds(world.instruments));
			expect([ids.toSorted(), unread]).toEqual([orders.map(({ orderId }) => orderId).toSorted(), []]);
		}),
	},
	{
		number: 'VC17',
		says: 'Once disposed it says nothing more and leaves nothing running.',
		prove: async (place) => {
			const world = await ContractWorld.subscribed(place);
			await world[Symbol.asyncDispose]();
			await world.run(1_000);
			const before = world.events.length;
			await world.run(600_000);
			expect(world.events.length).toBe(before);
		},
	},
	{
		number: 'VC18',
		says: 'Prices of many symbols come as numbers in as few calls as it says, and one that the venue does not have fails alone.',
		prove: up(async (world) => {
			const { market } = world.venue;
			const before = world.readCount;
			const prices = await world.settle(market.prices(world.instruments));
			expect(world.readCount - before).toBe(market.callCount({ kind: 'prices', instruments: world.instruments }));
			for (const instrument of world.instruments) {
				const { bidTicks, askTicks } = world.touch(instrument);
				const [bid, ask] = [bidTicks, askTicks].map((each) => priceToNumber(instrument, each));
				const isFuture = instrument.category !== 'spot';
				const read = prices.get(instrument.index);
				expect(read).toMatchObject({ kind: 'ok', value: { instrument: instrument.index, bid, ask } });
				if (read?.kind === 'ok') expect([read.value.mark > 0, read.value.last > 0]).toEqual([isFuture, isFuture]);
			}
			const unknown = { ...world.instrument, index: instrumentIndex(7), symbol: 'NOSUCHUSDT' };
			const mixed = await world.settle(market.prices([unknown, ...world.instruments]));
			expect([...mixed].map(([index, { kind }]) => `${index} ${kind}`).toSorted()).toEqual(['0 ok', '1 ok', '7 failed']);
			const alone = await world.settle(market.prices([unknown]));
			expect(alone.get(unknown.index)).toMatchObject({ kind: 'failed' });
		}),
	},
	{
		number: 'VC19',
		says: 'A book comes as numbers, best first, with at most the levels asked for; a symbol that there is not is a failure.',
		prove: up(async (world) => {
			const { instrument } = world;
			const read = await world.settle(world.venue.market.orderBook(instrument, 7));
			if (read.kind === 'failed') throw new Error(read.sentence);
			const { bids, asks } = read.value;
			expect([bids.length, asks.length]).toEqual([7, 7]);
			const shown = world.box.exchange.book(exchangeKeyOf(instrument), 7);
			const rows = (levels: readonly { readonly priceTicks: number; readonly qtyLots: number }[] = []) =>
				levels.map(({ priceTicks, qtyLots }) => ({
					price: priceToNumber(instrument, priceTicks),
					qty: stepsToNumber(instrument.qtyGrid, qtyLots),
				}));
			expect({ bids, asks }).toEqual({ bids: rows(shown?.bids), asks: rows(shown?.asks) });
			const unknown = { ...instrument, symbol: 'NOSUCHUSDT' };
			expect(await world.settle(world.venue.market.orderBook(unknown, 7))).toMatchObject({ kind: 'failed' });
		}),
	},
	{
		number: 'VC20',
		says: 'Bars come closed, oldest first, each once, up to the moment asked for; fewer where there are no more.',
		prove: up(async (world) => {
			const { instrument } = world;
			const { market } = world.venue;
			await world.trade(3, 60_000);
			const nowMs = world.clock.wallMs();
			const read = await world.settle(market.bars(instrument, { interval: '1m', count: 2 }));
			if (read.kind === 'failed') throw new Error(read.sentence);
			const runningAtMs = Math.floor(nowMs / 60_000) * 60_000;
			expect(read.value.map(({ startAtMs, endAtMs }) => [startAtMs, endAtMs])).toEqual([
				[runningAtMs - 120_000, runningAtMs - 60_001],
				[runningAtMs - 60_000, runningAtMs - 1],
			]);
			for (const { open, high, low, close, volume } of read.value) {
				expect([low <= Math.min(open, close), high >= Math.max(open, close), volume > 0]).toEqual([true, true, true]);
			}
			const all = await world.settle(market.bars(instrument, { interval: '1m', count: 1_500 }));
			const [older] = read.value;
			if (all.kind === 'failed' || older === undefined) throw new Error('no bars');
			expect(all.value.length).toBeGreaterThan(1);
			expect(all.value.length).toBeLessThan(10);
			expect(all.value.slice(-2)).toEqual(read.value);
			const until = { interval: '1m', count: 1, endAtMs: older.endAtMs } as const;
			expect(await world.settle(market.bars(instrument, until))).toEqual({ kind: 'ok', value: [older] });
		}),
	},
	{
		number: 'VC21',
		says: 'Bars that are followed are told while they run and once more when they close, until nobody listens.',
		prove: up(async (world) => {
			const { instrument } = world;
			const heard: string[] = [];
			const following = world.venue.market.followBars(instrument, '1m', (bar, isClosed) =>
				heard.push(`${bar.startAtMs} ${isClosed}`),
			);
			await world.trade(2, 60_000);
			const read = await world.settle(world.venue.market.bars(instrument, { interval: '1m', count: 1 }));
			if (read.kind === 'failed') throw new Error(read.sentence);
			const [last] = read.value;
			expect(heard.filter((each) => each === `${last?.startAtMs} true`)).toHaveLength(1);
			expect(heard.some((each) => each.endsWith('false'))).toBe(true);
			following?.[Symbol.dispose]();
			const before = heard.length;
			await world.trade(1, 60_000);
			expect([before > 0, heard.length]).toEqual([true, before]);
		}),
	},
	{
		number: 'VC22',
		says: 'Who calls a read of the market off hears at once that it failed, and nothing more is sent for it.',
		prove: async (place) => {
			// Nothing else asks: streams would read their books anew.
			await using world = await ContractWorld.open(place);
			world.unreachable(true);
			const off = new AbortController();
			const read = world.venue.market.orderBook(world.instrument, 5, off.signal);
			await world.until('a first failure', () => world.errorCount > 0);
			off.abort();
			expect(await read).toMatchObject({ kind: 'failed', sentence: expect.stringContaining('called off') as string });
			world.unreachable(false);
			const counts = (): readonly number[] => [world.errorCount, world.readCount];
			const before = counts();
			await world.run(3_000);
			expect(counts()).toEqual(before);
		},
	},
];
