/** Two venues of a few lines behind the reader port, in virtual time, and market data over them. */
import { makeTestInstrument } from '../../test/fixtures/instruments.ts';
import type { Instrument } from '../domain/instrument.ts';
import type { Bar, BarHeard, BookRead, MarketRead, MarketReader, PriceRead } from '../domain/market-read.ts';
import type { TimeMs } from '../domain/units.ts';
import { virtualClock } from '../network/in-virtual-time.suite.ts';
import type { Result } from '../network/result.ts';
import { MarketData, type MarketDataParts } from './market-data.ts';

export const LATENCY_MS = 40;

interface Call {
	readonly atMono: number;
	readonly what: string;
}

/** Two venues that answer after 40 ms, apart from symbols that they never answer for, or refuse. */
export function open(given: Partial<MarketDataParts> = {}, symbols: readonly string[] = ['AAA', 'BBB', 'CCC', 'DDD']) {
	const clock = virtualClock();
	const calls: Call[] = [];
	const state = { active: 0, activeMost: 0, price: 100, room: 1 };
	const silent = new Set<string>();
	const refused = new Set<string>();
	const listeners = new Set<BarHeard>();
	const errors: unknown[] = [];
	const instruments = new Map(
		[...symbols, 'HALTED'].map((symbol, index): [string, Instrument] => [
			symbol,
			makeTestInstrument({
				...{ index, symbol, venue: index % 2 === 0 ? 'bybit' : 'binance' },
				status: symbol === 'HALTED' ? 'halted' : 'trading',
			}),
		]),
	);

	const answer = <Value>(
		what: string,
		of: { readonly symbol: string; readonly signal: AbortSignal | undefined },
		value: () => Value,
	): Promise<MarketRead<Value>> => {
		calls.push({ atMono: clock.monotonicMs(), what });
		state.active += 1;
		state.activeMost = Math.max(state.activeMost, state.active);
		return new Promise((resolve) => {
			const end = (read: MarketRead<Value>): void => {
				state.active -= 1;
				resolve(read);
			};
			if (silent.has(of.symbol)) {
				of.signal?.addEventListener('abort', () => end({ kind: 'failed', class: 'transient', sentence: 'called off' }));
				return;
			}
			clock.after(LATENCY_MS, () => {
				if (refused.has(of.symbol)) end({ kind: 'failed', class: 'fatal', sentence: 'the venue refuses it' });
				else end({ kind: 'ok', value: value() });
			});
		});
	};
	const atMs = (): TimeMs => clock.wallMs() as TimeMs;
	const readerOf = (venue: string): MarketReader => ({
		venue,
		callCount: () => 1,
		async prices(of, signal) {
			const symbolsOf = of.map(({ symbol }) => symbol).join();
			await answer(`prices ${venue} ${symbolsOf}`, { symbol: '', signal }, () => undefined);
			const found = await Promise.all(
				of.map(async ({ index, symbol }) => {
					const value = { instrument: index, last: state.price, bid: 99, ask: 101, mark: 100, fundingRate: 0, atMs: atMs() };
					if (silent.has(symbol)) await new Promise((resolve) => signal?.addEventListener('abort', resolve));
					const read: MarketRead<PriceRead> = refused.has(symbol)
						? { kind: 'failed', class: 'fatal', sentence: 'the venue refuses it' }
						: { kind: 'ok', value };
					return [index, read] as const;
				}),
			);
			return new Map(found);
		},
		orderBook: ({ index, symbol }, depth, signal) =>
			answer<BookRead>(`book ${symbol} ${depth}`, { symbol, signal }, () => {
				return { instrument: index, bids: [{ price: state.price, qty: 1 }], asks: [], atMs: atMs() };
			}),
		bars: ({ symbol }, { count }, signal) =>
			answer<readonly Bar[]>(`bars ${symbol} ${count}`, { symbol, signal }, () => [barAt(0)]),
		followBars: (_instrument, _interval, heard) => {
			if (listeners.size >= state.room) return undefined;
			listeners.add(heard);
			return { [Symbol.dispose]: () => void listeners.delete(heard) };
		},
	});
	const data = new MarketData({
		readers: [readerOf('bybit'), readerOf('binance')],
		instrumentOf: (symbol) => instruments.get(symbol),
		clock,
		listenerFailed: (error) => errors.push(error),
		...given,
	});
	return { clock, data, calls, state, silent, refused, listeners, errors, instruments };
}

export function barAt(minute: number): Bar {
	const startAtMs = minute * 60_000;
	const ends = { startAtMs: startAtMs as TimeMs, endAtMs: (startAtMs + 59_999) as TimeMs };
	return { ...ends, open: 1, high: 2, low: 1, close: 2, volume: 3 };
}

export function said(results: ReadonlyMap<string, Result<unknown>> | undefined): readonly string[] {
	return [...(results ?? [])].map(([name, result]) => `${name}: ${result.kind === 'ok' ? 'ok' : result.detail}`);
}
