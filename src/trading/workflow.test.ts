/** The workflow over an engine on a perfect venue, with market data that a test writes down. */
import { describe, expect, test } from 'vitest';
import { DecidingDesk, MID } from '../../test/fixtures/decisions.ts';
import { makeTestInstrument } from '../../test/fixtures/instruments.ts';
import type { Bar, BookRead, PriceRead } from '../domain/market-read.ts';
import { timeMs } from '../domain/units.ts';
import type { RateRule } from '../domain/venue.ts';
import { failed, ok, type Result } from '../network/result.ts';
import { runUntilSettled } from '../simulation/promise-jobs.ts';
import { VirtualClock } from '../simulation/virtual-clock.ts';
import type { MarketData, Reads } from './market-data.ts';
import type { FedModel } from './model-feed.ts';
import { type TradeRequest, type TradeResult, TradingDesk, type WorkflowRules } from './workflow.ts';

const MINUTE = 60_000;
const READ_MS = 40;
const RULES: WorkflowRules = {
	name: 'trend',
	interval: '1m',
	barCount: 3,
	thresholds: { buyAbove: 0.5, sellBelow: -0.5, confidenceMin: 0 },
	entry: { type: 'market', slipBps: 10 },
	exits: { stopBps: 0, targetBps: 0, forMs: 0 },
	isDryRun: false,
};

/** Says the sign of the last close against the one before. */
class LastMove implements FedModel {
	readonly name = 'last-move';
	readonly barsNeeded = 2;
	readonly closes: number[] = [];
	bookCount = 0;

	get isReady(): boolean {
		return this.closes.length > 1;
	}

	get value(): number {
		return Math.sign((this.closes.at(-1) ?? 0) - (this.closes.at(-2) ?? 0));
	}

	get confidence(): number {
		return 1;
	}

	applyBar({ close }: Bar): void {
		this.closes.push(close);
	}

	applyBook(): void {
		this.bookCount += 1;
	}
}

/** Answers 40 ms later, with what the test has written down. */
class Market implements Pick<MarketData, 'fetchPricesBatch' | 'fetchOrderBooksBatch' | 'fetchKlinesBatch'> {
	readonly clock: VirtualClock;
	readonly failing = new Map<string, Result<never>>();
	closes: readonly number[] = [64_990, 65_000, 65_010];
	barCountSeen = 0;
	/** Bars have closed up to here. */
	endMs: number;
	/** How long books take. */
	bookMs = READ_MS;
	busy = 0;
	busyMax = 0;

	constructor(clock: VirtualClock) {
		this.clock = clock;
		this.endMs = Math.floor(clock.wallMs() / MINUTE) * MINUTE;
	}

	async fetchPricesBatch([symbol = '']: readonly string[]): Promise<Reads<PriceRead>> {
		return new Map([[symbol, await this.#one(symbol, () => this.#price())]]);
	}

	async fetchOrderBooksBatch([symbol = '']: readonly string[]): Promise<Reads<BookRead>> {
		return new Map([[symbol, await this.#one(symbol, () => this.#book(), this.bookMs)]]);
	}

	async fetchKlinesBatch([symbol = '']: readonly string[]): Promise<Reads<readonly Bar[]>> {
		return new Map([[symbol, await this.#one(symbol, () => this.#bars())]]);
	}

	async #one<Value>(symbol: string, value: () => Value, ms = READ_MS): Promise<Result<Value>> {
		this.busy += 1;
		this.busyMax = Math.max(this.busyMax, this.busy);
		await new Promise<void>((resolve) => this.clock.after(ms, resolve));
		this.busy -= 1;
		return this.failing.get(symbol) ?? ok(value());
	}

	#price(): PriceRead {
		const [last, rest] = [MID / 10, { mark: 0, fundingRate: 0, instrument: 0 as never }];
		return { last, bid: last - 0.1, ask: last + 0.1, ...rest, atMs: timeMs(this.clock.wallMs()) };
	}

	#book(): BookRead {
		return { bids: [], asks: [], instrument: 0 as never, atMs: timeMs(this.clock.wallMs()) };
	}

	#bars(): readonly Bar[] {
		return this.closes.map((close, index) => {
			const startAtMs = timeMs(this.endMs - (this.closes.length - index) * MINUTE);
			const prices = { open: close, high: close, low: close, close, volume: 1 };
			return { startAtMs, endAtMs: timeMs(startAtMs + MINUTE - 1), ...prices };
		});
	}
}

/** The venue answers orders 40 ms later, and fills them. */
function scene(symbols: number, settings: { concurrency?: number; withinMs?: number } = {}, rateRules: readonly RateRule[] = []) {
	const clock = new VirtualClock(1_767_225_600_000 + 1_000);
	const instruments = Array.from({ length: symbols }, (_, index) => makeTestInstrument({ index, symbol: `S${index}USDT` }));
	const desk = new DecidingDesk({ instruments, venue: { rateRules } });
	const market = new Market(clock);
	const models = new Map<string, LastMove>();
	const signals: object[] = [];
	/** What the door answers no more, as one that is closed. */
	const closing: { refuses?: 'decide' | 'keep' } = {};
	const follow = (): void => {
		desk.nowMs = clock.monotonicMs() + 1_000;
		for (const instrument of instruments) desk.book(instrument, MID - 1, MID + 1);
	};
	const answer = (): void => {
		follow();
		const placed = desk.sent.flatMap(({ commands }) => commands.map(({ orderId }) => orderId));
		desk.settle();
		for (const orderId of placed) {
			const order = desk.order(orderId);
			const tell = (): void => {
				const { state, filledLots } = order;
				trading.hear({ kind: 'decisionOrder', decisionId: '', orderId, state, filledLots });
			};
			tell();
			if (order.timeInForce !== 'ioc') continue;
			// The venue shows it, and then that it filled.
			clock.after(5, () => {
				follow();
				desk.fill(order, order.qtyLots);
				tell();
			});
		}
	};
	const trading = new TradingDesk({
		door: {
			control: (action) => {
				if (action.kind === closing.refuses) throw new Error('the engine is stopped');
				follow();
				const result = desk.ask({ kind: 'control', action, ...desk.at(), wallMs: timeMs(clock.wallMs()) });
				if (desk.sent.length > 0) clock.after(READ_MS, answer);
				if (result === undefined) throw new Error('a control has a result');
				return result;
			},
			orderOf: (orderId) => desk.engine.orders.get(orderId),
			orderFitsInMs: () => {
				follow();
				return desk.engine.orderFitsInMs(desk.instrument.index, desk.at().monoMs);
			},
			instrumentOf: (symbol) => instruments.find((each) => each.symbol === symbol),
		},
		marketData: market,
		makeModel: (_workflow, symbol) => {
			const model = new LastMove();
			models.set(symbol, model);
			return model;
		},
		portfolio: () => desk.engine.fillCount,
		onSignal: (said) => signals.push(said),
		clock,
		settings,
	});
	const run = <Value>(work: Promise<Value>): Promise<Value> => runUntilSettled(clock, work);
	const requests = instruments.map(({ symbol }): TradeRequest => ({ symbol, quantity: '0.01' }));
	return { clock, closing, desk, market, models, signals, trading, run, requests };
}

function done(result: TradeResult<number> | undefined) {
	if (result?.kind !== 'done') throw new Error(`expected a decision, got ${JSON.stringify(result)}`);
	return result;
}

describe('the workflow of a symbol', () => {
	test('fetches at once, decides, waits for the order, and says how long each took', async () => {
		const { trading, run, requests, desk, market, signals } = scene(1);
		const result = done(await run(trading.executeTradingWorkflow(RULES, requests[0] as TradeRequest)));
		expect(result).toMatchObject({
			symbol: 'S0USDT',
			decision: 'BUY',
			reasons: ['signal-above'],
			decisionId: `trend bybit:linear:S0USDT ${market.endMs - 1}`,
			signal: { value: 1, confidence: 1 },
			order: { state: 'filled', filledLots: 10 },
			portfolio: 1,
			stages: { fetchMs: 40, signalMs: 0, riskMs: 0, orderMs: 45, portfolioMs: 0 },
			executionDurationMs: 85,
		});
		expect(market.busyMax).toBe(3);
		expect(signals).toMatchObject([{ workflow: 'trend', symbol: 'S0USDT', value: 1, barEndAtMs: market.endMs - 1 }]);
		expect(desk.kept.filter(({ kind }) => kind === 'ran')).toMatchObject([
			{ decisionId: result.decisionId, executionDurationMs: 85, orderState: 'filled' },
		]);
	});

	test('reads one after the other where only one may be under way', async () => {
		const { trading, run, requests, market } = scene(1, { concurrency: 1 });
		const result = done(await run(trading.executeTradingWorkflow(RULES, requests[0] as TradeRequest)));
		expect([result.stages.fetchMs, market.busyMax]).toEqual([120, 1]);
	});

	test('of a bar that it has decided on asks for nothing twice', async () => {
		const { trading, run, requests, desk } = scene(1);
		const request = requests[0] as TradeRequest;
		const first = done(await run(trading.executeTradingWorkflow(RULES, request)));
		const again = done(await run(trading.executeTradingWorkflow(RULES, request)));
		expect([again.decisionId, again.order?.orderId]).toEqual([first.decisionId, first.order?.orderId]);
		expect(desk.history).toHaveLength(1);
	});

	test('feeds its model with new bars only, and anew where some are missing', async () => {
		const { trading, run, requests, market, models } = scene(1);
		const request = requests[0] as TradeRequest;
		await run(trading.executeTradingWorkflow(RULES, request));
		market.endMs += MINUTE;
		market.closes = [65_000, 65_010, 65_020];
		await run(trading.executeTradingWorkflow(RULES, request));
		expect(models.get('S0USDT')).toMatchObject({ closes: [64_990, 65_000, 65_010, 65_020], bookCount: 2 });
		market.endMs += 10 * MINUTE;
		await run(trading.executeTradingWorkflow(RULES, request));
		expect(models.get('S0USDT')).toMatchObject({ closes: [65_000, 65_010, 65_020] });
	});

	test('says that no model is ready, and places nothing', async () => {
		const { trading, run, requests, market, desk } = scene(1);
		market.closes = [65_000];
		const result = done(await run(trading.executeTradingWorkflow(RULES, requests[0] as TradeRequest)));
		expect(result).toMatchObject({ decision: 'HOLD', reasons: ['signal-missing'], order: undefined });
		expect(desk.history).toEqual([]);
	});

	test('in a dry run sends nothing', async () => {
		const { trading, run, requests, desk } = scene(1);
		const result = done(await run(trading.executeTradingWorkflow({ ...RULES, isDryRun: true }, requests[0] as TradeRequest)));
		expect(result).toMatchObject({ decision: 'BUY', reasons: ['signal-above', 'dry-run'], order: undefined });
		expect([desk.history, desk.openOrders()]).toEqual([[], []]);
	});

	test('buys for a worth, in whole lots', async () => {
		const { trading, run, desk } = scene(1);
		await run(trading.executeTradingWorkflow(RULES, { symbol: 'S0USDT', quantity: { notional: 1_000 } }));
		expect(desk.history[0]?.commands).toMatchObject([{ qtyLots: 15 }]);
	});

	test('says how old the oldest of what it has read is', async () => {
		const { trading, run, requests, desk, market, clock } = scene(1);
		const readAtMs = clock.wallMs() + READ_MS;
		market.bookMs = 3_000;
		const result = done(await run(trading.executeTradingWorkflow(RULES, requests[0] as TradeRequest)));
		expect(desk.kept.find(({ kind }) => kind === 'decision')).toMatchObject({ readings: { atMs: readAtMs } });
		expect(result.reasons).toEqual(['signal-above']);
	});

	test('is told as it went where its record is not taken any more', async () => {
		const { trading, run, requests, closing } = scene(1);
		closing.refuses = 'keep';
		const result = done(await run(trading.executeTradingWorkflow(RULES, requests[0] as TradeRequest)));
		expect(result).toMatchObject({ decision: 'BUY', order: { state: 'filled' } });
		closing.refuses = 'decide';
		const late = await run(trading.executeTradingWorkflow(RULES, { ...(requests[0] as TradeRequest), decisionId: 'late' }));
		expect(late).toMatchObject({ kind: 'failed', stage: 'risk' });
	});

	test('waits for a bar that is about to close', async () => {
		const { trading, run, clock, market } = scene(1);
		const barEndAtMs = timeMs(market.endMs + MINUTE - 1);
		clock.after(700, () => {
			market.endMs += MINUTE;
			market.closes = [65_000, 65_010, 65_020];
		});
		const request = { symbol: 'S0USDT', quantity: '0.01', barEndAtMs };
		const result = done(await run(trading.executeTradingWorkflow(RULES, request)));
		expect(result.decisionId).toContain(String(barEndAtMs));
		expect(result.stages.fetchMs).toBeGreaterThan(700);
	});

	test('a limit order is waited for until it stands', async () => {
		const { trading, run, requests } = scene(1);
		const rules = { ...RULES, entry: { type: 'limit', offsetTicks: 3, forMs: 60_000 } } as const;
		const result = done(await run(trading.executeTradingWorkflow(rules, requests[0] as TradeRequest)));
		expect(result).toMatchObject({ order: { state: 'live', filledLots: 0 }, executionDurationMs: 80 });
	});

	test('an order that nobody answers is waited for as long as there is time, and is there all the same', async () => {
		const { trading, run, requests, desk } = scene(1, { withinMs: 500 });
		desk.commits = 'held';
		const result = done(await run(trading.executeTradingWorkflow(RULES, requests[0] as TradeRequest)));
		expect(result).toMatchObject({ order: { state: 'intended' }, executionDurationMs: 500 });
	});
});

describe('many symbols', () => {
	test('take as long as one', async () => {
		const { trading, run, requests, desk } = scene(20);
		const results = await run(trading.executeMultiSymbolWorkflow(RULES, requests));
		expect(results.map(({ symbol }) => symbol)).toEqual(requests.map(({ symbol }) => symbol));
		expect(results.map((result) => done(result).executionDurationMs)).toEqual(Array.from({ length: 20 }, () => 85));
		expect(desk.engine.fillCount).toBe(20);
	});

	test('one after the other take as long as all together', async () => {
		const { trading, run, requests, clock } = scene(5, { concurrency: 1 });
		const startedMono = clock.monotonicMs();
		const results = await run(trading.executeMultiSymbolWorkflow(RULES, requests));
		expect(results.every(({ kind }) => kind === 'done')).toBe(true);
		expect(clock.monotonicMs() - startedMono).toBe(5 * 165);
	});

	test('wait for room in the limits of the venue instead of being refused', async () => {
		const rule = { venue: 'bybit', categories: ['linear'], verbs: ['place'], limit: 10, windowMs: 1_000 } as const;
		const { trading, run, requests, clock, desk } = scene(20, {}, [rule]);
		const startedMono = clock.monotonicMs();
		const results = await run(trading.executeMultiSymbolWorkflow(RULES, requests));
		expect(results.map((result) => done(result).reasons)).toEqual(requests.map(() => ['signal-above']));
		expect(desk.engine.gate.denials.PT13).toBe(0);
		// Eight in each window of a second, as our share is, and the windows a little longer than the venue's.
		expect(clock.monotonicMs() - startedMono).toBeGreaterThan(2_000);
		expect(clock.monotonicMs() - startedMono).toBeLessThan(2_250);
	});

	test('one that is unknown, one that is not answered and one that the engine refuses leave the others as they are', async () => {
		const { trading, run, requests, market } = scene(5);
		const late = failed({ reason: 'timeout', class: 'transient', detail: 'no answer within 500 ms' });
		market.failing.set('S1USDT', late);
		const asked = [...requests, { symbol: 'NOPE', quantity: '1' }];
		asked[2] = { symbol: 'S2USDT', quantity: 'many' };
		const results = await run(trading.executeMultiSymbolWorkflow(RULES, asked));
		expect(results.map(({ kind }) => kind)).toEqual(['done', 'failed', 'failed', 'done', 'done', 'failed']);
		const reasons = results.flatMap((result) => (result.kind === 'failed' ? [[result.stage, result.class, result.reason]] : []));
		expect(reasons).toEqual([
			['fetch', 'transient', 'no answer within 500 ms'],
			['risk', 'fatal', 'the quantity of S2USDT is not-a-decimal'],
			['fetch', 'fatal', 'NOPE is not among the symbols that are followed'],
		]);
	});

	test('a model that throws fails its symbol alone', async () => {
		const { trading, run, requests, models } = scene(3);
		await run(trading.executeMultiSymbolWorkflow(RULES, requests));
		const broken = models.get('S1USDT');
		if (broken === undefined) throw new Error('it was fed');
		broken.applyBook = () => {
			throw new Error('a bug in a model');
		};
		const results = await run(trading.executeMultiSymbolWorkflow(RULES, requests));
		expect(results.map(({ kind }) => kind)).toEqual(['done', 'failed', 'done']);
		expect(results[1]).toMatchObject({ symbol: 'S1USDT', stage: 'signal', reason: 'Error: a bug in a model' });
	});

	test('called off while they read or wait for room ask for nothing more', async () => {
		const rule = { venue: 'bybit', categories: ['linear'], verbs: ['place'], limit: 10, windowMs: 1_000 } as const;
		const waiting = scene(20, {}, [rule]);
		const whileWaiting = new AbortController();
		waiting.clock.after(READ_MS + 100, () => whileWaiting.abort());
		await waiting.run(waiting.trading.executeMultiSymbolWorkflow(RULES, waiting.requests, whileWaiting.signal));
		const placedCount = waiting.desk.history.flatMap(({ commands }) => commands).length;
		expect([placedCount, waiting.desk.kept.filter(({ kind }) => kind === 'decision').length]).toEqual([8, 8]);

		const { trading, run, requests, desk, clock, signals } = scene(3);
		const whileReading = new AbortController();
		clock.after(READ_MS / 2, () => whileReading.abort());
		const results = await run(trading.executeMultiSymbolWorkflow(RULES, requests, whileReading.signal));
		expect(results.map((result) => result.kind === 'failed' && result.stage)).toEqual(['fetch', 'fetch', 'fetch']);
		expect([desk.history, desk.kept.filter(({ kind }) => kind === 'decision'), signals]).toEqual([[], [], []]);
	});

	test('are called off', async () => {
		const { trading, run, requests } = scene(3, { concurrency: 1 });
		const controller = new AbortController();
		controller.abort();
		const results = await run(trading.executeMultiSymbolWorkflow(RULES, requests, controller.signal));
		expect(results.map(({ kind }) => kind)).toEqual(['failed', 'failed', 'failed']);
	});
});
