/** The desk of a program of somebody's own, over real sockets: plain text in and out, and what is wrong is said at once. */
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { openPlace, type Place } from '../../test/fixtures/loop-place.ts';
import { timeMs } from '../domain/units.ts';
import type { LoopApp } from './loop-app.ts';
import type { WorkflowDone, WorkflowResult } from './loop-desk.ts';

let place: Place;
let app: LoopApp;
beforeAll(async () => {
	place = await openPlace();
	app = await place.app('alice');
});
afterAll(async () => {
	await app.stop();
	await place[Symbol.asyncDispose]();
});

function done(result: WorkflowResult | undefined): WorkflowDone {
	if (result?.kind === 'done') return result;
	throw new Error(result === undefined ? 'no result' : `${result.symbol} failed: ${result.reason}`);
}

async function say(symbol: string, type: 'BUY' | 'SELL', source: string): Promise<void> {
	const said = await app.signals.createSignal({ symbol, type, source, expiresAtMs: Date.now() + 60_000 });
	expect(said.kind).toBe('done');
}

test('many at once: one result each in their order, as text, whatever becomes of the others', async () => {
	await say('BTCUSDT', 'BUY', 'one');
	const desk = app.desk({ models: [], source: 'one' });
	const results = await desk.executeMultiSymbolWorkflow([
		{ symbol: 'BTCUSDT', quantity: '0.0129' },
		{ symbol: 'NOSUCH', quantity: '1' },
		{ symbol: 'ETHUSDT', quantity: { notional: 500 } },
	]);
	expect(results.map(({ symbol }) => symbol)).toEqual(['BTCUSDT', 'NOSUCH', 'ETHUSDT']);
	expect(results[1]).toMatchObject({
		...{ kind: 'failed', stage: 'fetch', reason: 'NOSUCH is not among the symbols that are followed' },
	});
	const [bought, held] = [done(results[0]), done(results[2])];
	expect(bought).toMatchObject({
		...{ decision: 'BUY', signal: { value: 1, confidence: 1 } },
		reasons: [{ code: 'signal-above', reason: 'the signal is at or above the threshold for buying' }],
		// What is between two lots is left out.
		order: { state: 'filled', filledQty: '0.012' },
	});
	expect(bought.portfolio.positions).toMatchObject([{ symbol: 'BTCUSDT', qtySigned: '0.012' }]);
	const { fetchMs, signalMs, riskMs, orderMs, portfolioMs } = bought.stages;
	expect(fetchMs + signalMs + riskMs + orderMs + portfolioMs).toBeLessThanOrEqual(bought.executionDurationMs);
	expect([held.decision, held.order]).toEqual(['HOLD', undefined]);
	expect(app.position('BTCUSDT')).toBe('0.012');
	expect(app.order(bought.order?.clientOrderId ?? '')).toMatchObject({ symbol: 'BTCUSDT', side: 'buy', filled: '0.012' });
});

test('a decision is made once, whoever asks, a dry run places nothing, and the gate gives its reason', async () => {
	await say('ETHUSDT', 'SELL', 'two');
	const dry = app.desk({ name: 'dry', models: [], source: 'two', isDryRun: true });
	const request = { symbol: 'ETHUSDT', quantity: '0.1', decisionId: 'mine' };
	const thought = done(await dry.executeTradingWorkflow(request));
	expect(thought.reasons.map(({ code }) => code)).toEqual(['signal-below', 'dry-run']);
	const wet = app.desk({ name: 'wet', models: [], source: 'two' });
	const again = done(await wet.executeTradingWorkflow(request));
	expect([again.decision, again.reasons, again.order]).toEqual([thought.decision, thought.reasons, undefined]);
	expect(app.position('ETHUSDT')).toBe('0.00');
	const large = done(await wet.executeTradingWorkflow({ symbol: 'ETHUSDT', quantity: '1000000' }));
	expect(large.decision).toBe('HOLD');
	const [, refused] = large.reasons;
	expect(refused).toEqual({ code: 'PT7', reason: 'the order is worth more than one order may be' });
});

test('an entry that rests is told of as it stands', async () => {
	await say('ETHUSDT', 'BUY', 'three');
	const desk = app.desk({
		name: 'resting',
		models: [],
		source: 'three',
		entry: { type: 'limit', offsetTicks: 5, forMs: 60_000 },
	});
	// The other source says sell just as strongly, which is no stronger.
	const { order } = done(await desk.executeTradingWorkflow({ symbol: 'ETHUSDT', quantity: '0.1' }));
	expect(order).toMatchObject({ state: 'live', filledQty: '0.00' });
	expect(await place.openAtVenue('alice')).toEqual([order?.clientOrderId]);
});

test.each([
	['an unknown kind', { models: [{ kind: 'hunch' }] }, /^hunch: kind is hunch, expected one of sma-cross, /],
	['an unknown parameter', { models: [{ kind: 'rsi', perod: 3 }] }, /^rsi: perod is 3, expected no such key/],
	[
		'parameters against each other',
		{ models: [{ kind: 'macd', fast: 30 }] },
		/^macd: slow is the default, expected more than fast, which is 30/,
	],
	['nothing to listen to', { models: [], name: 'deaf' }, /^deaf has neither a model nor a source$/],
])('%s is a RangeError', (_what, options, says) => {
	expect(() => app.desk(options)).toThrow(RangeError);
	expect(() => app.desk(options)).toThrow(says);
});

/** Would be waited for longer than any test may take. */
const NEVER_CLOSED = { symbol: 'BTCUSDT', quantity: '0.01', barEndAtMs: timeMs(Date.now() + 3_600_000) };
const PATIENT = { models: [], source: 'one', withinMs: 3_600_000 };

test('one that is ended calls off what runs, and hears and asks for nothing more', async () => {
	const desk = app.desk({ name: 'ended', ...PATIENT });
	const hear = vi.spyOn(desk.desk, 'hear');
	const told = (): number => {
		app.pause('to be told of');
		app.resume();
		const { length } = hear.mock.calls;
		hear.mockClear();
		return length;
	};
	const running = desk.executeTradingWorkflow(NEVER_CLOSED);
	expect(told()).toBeGreaterThan(0);
	desk[Symbol.dispose]();
	expect(told()).toBe(0);
	expect(await running).toMatchObject({ kind: 'failed', stage: 'fetch' });
	const late = await desk.executeMultiSymbolWorkflow([NEVER_CLOSED], new AbortController().signal);
	expect(late).toMatchObject([{ kind: 'failed', reason: 'called off before it began' }]);
});

test('the end of the app is the end of its desks', async () => {
	const other = await place.app('bob');
	const running = other.desk(PATIENT).executeTradingWorkflow(NEVER_CLOSED);
	expect(await other.stop()).toEqual([]);
	const ended = await running;
	expect(ended.kind === 'failed' ? ended.reason : 'done').toMatch(/^called off/);
	expect(() => other.desk(PATIENT)).toThrow('the app has been stopped');
});
