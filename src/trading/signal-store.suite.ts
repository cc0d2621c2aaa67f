/** One long story of operations, told to a store and to a plain map: for every shelf there is. */
import fc from 'fast-check';
import { expect } from 'vitest';
import type { Signal, SignalOperation, SignalShelf, SignalType } from '../domain/signal.ts';
import { timeMs } from '../domain/units.ts';
import { seededRng } from '../simulation/seeded-rng.ts';
import { VirtualClock } from '../simulation/virtual-clock.ts';
import { SignalStore } from './signal-store.ts';

const START_MS = Date.UTC(2026, 0, 1);
const SYMBOLS = ['BTCUSDT', 'linear:BTCUSDT', 'bybit:linear:BTCUSDT', 'binance:spot:BTCUSDT', 'ETHUSDT', 'bybit:linear:ETHUSDT'];

type Step =
	| { readonly kind: 'wait'; readonly forMs: number }
	| { readonly kind: 'process'; readonly operations: readonly SignalOperation[] };

const ids = fc.constantFrom('a', 'b', 'c', 'd', 'e');
const types = fc.constantFrom<SignalType>('BUY', 'SELL', 'HOLD');
/** Some of them fit the type, some do not. */
const values = fc.oneof(fc.constantFrom(-1, -0.5, 0, 0.5, 1, 1.5), fc.double({ min: -1, max: 1, noNaN: true }));
const ends = fc.integer({ min: -100, max: 5_000 }).map((forMs) => timeMs(START_MS + 1_000 + forMs));
const fields = { symbol: fc.constantFrom(...SYMBOLS), type: types, source: fc.constantFrom('desk', 'model'), expiresAtMs: ends };

const operation: fc.Arbitrary<SignalOperation> = fc.oneof(
	fc
		.record({
			...fields,
			id: ids,
			value: fc.option(values, { nil: undefined }),
			confidence: fc.constantFrom(undefined, 0, 0.5, 2),
		})
		.map((draft) => ({ kind: 'create', draft }) as const),
	fc
		.record({
			id: ids,
			patch: fc.record(
				{ type: types, value: values, confidence: fc.constantFrom(0.25, 1, -1), expiresAtMs: ends },
				{ requiredKeys: [] },
			),
		})
		.map((each) => ({ kind: 'update', ...each }) as const),
	ids.map((id) => ({ kind: 'delete', id }) as const),
	fc
		.record({
			...fields,
			id: ids,
			value: values,
			createdAtMs: fc.constant(timeMs(5)),
			updatedAtMs: fc.integer({ min: 5, max: 9 }).map(timeMs),
		})
		.map((signal) => ({ kind: 'put', signal: { ...signal, confidence: 1 } }) as const),
);
const step: fc.Arbitrary<Step> = fc.oneof(
	{
		weight: 3,
		arbitrary: fc
			.array(operation, { minLength: 1, maxLength: 6 })
			.map((operations) => ({ kind: 'process', operations }) as const),
	},
	{ weight: 1, arbitrary: fc.integer({ min: 1, max: 1_500 }).map((forMs) => ({ kind: 'wait', forMs }) as const) },
);

export interface AgainstAMap {
	/** A new one each time. */
	readonly shelf: (clock: VirtualClock) => Promise<SignalShelf>;
	readonly runs: number;
}

export async function againstAMap({ shelf, runs }: AgainstAMap): Promise<void> {
	await fc.assert(
		fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 25 }), async (steps) => {
			const clock = new VirtualClock(START_MS);
			const opened = await SignalStore.open({ shelf: await shelf(clock), clock, rng: seededRng(3) });
			if (opened.kind === 'refused') throw new Error(opened.sentence);
			await using store = opened.store;
			/** Made of nothing but what is told. */
			const replica = new Map<string, Signal>();
			store.onChange((changes) => {
				for (const { kind, signal } of changes) {
					if (kind === 'put') replica.set(signal.id, signal);
					else expect(replica.delete(signal.id)).toBe(true);
				}
			});
			const plain = new Map<string, Signal>();
			for (const each of steps) {
				if (each.kind === 'wait') clock.run(each.forMs);
				const nowMs = timeMs(clock.wallMs());
				for (const { id, expiresAtMs } of [...plain.values()]) if (expiresAtMs <= nowMs) plain.delete(id);
				if (each.kind === 'process') {
					const results = await store.processSignals(each.operations);
					const expected = each.operations.map((said) => plainly(plain, said, nowMs));
					expect(
						results.map((result) => (result.kind === 'done' ? 'done' : result.kind === 'refused' && result.refusal)),
					).toEqual(expected);
				}
				compare(store, plain);
				expect(sorted(replica.values())).toEqual(sorted(plain.values()));
			}
		}),
		{ numRuns: runs },
	);
}

function compare(store: SignalStore, plain: ReadonlyMap<string, Signal>): void {
	expect(sorted(store.allSignals())).toEqual(sorted(plain.values()));
	for (const id of ['a', 'b', 'c', 'd', 'e', 'f']) expect(store.getSignal(id)).toEqual(plain.get(id));
	for (const [asked, found] of store.getSignalsForSymbols(SYMBOLS)) {
		const meant = [...plain.values()].filter(
			({ symbol }) => `:${symbol}`.endsWith(`:${asked}`) || `:${asked}`.endsWith(`:${symbol}`),
		);
		expect(sorted(found)).toEqual(sorted(meant));
		expect(found.map(({ updatedAtMs }) => updatedAtMs)).toEqual(
			found.map(({ updatedAtMs }) => updatedAtMs).sort((a, b) => b - a),
		);
	}
}

/** The rules once more, in as few words as they take. */
function plainly(plain: Map<string, Signal>, said: SignalOperation, nowMs: Signal['createdAtMs']): string {
	const id = said.kind === 'create' ? (said.draft.id ?? '') : said.kind === 'put' ? said.signal.id : said.id;
	const before = plain.get(id);
	if (before === undefined && (said.kind === 'update' || said.kind === 'delete')) return 'unknown';
	if (said.kind === 'delete') {
		plain.delete(id);
		return 'done';
	}
	const signal = wished(said, before, nowMs);
	const isRight =
		{ BUY: signal.value > 0, SELL: signal.value < 0, HOLD: true }[signal.type] &&
		Math.abs(signal.value) <= 1 &&
		signal.confidence >= 0 &&
		signal.confidence <= 1;
	if (!isRight) return 'invalid';
	if (signal.expiresAtMs <= nowMs) return 'expired';
	if (said.kind === 'create' && before !== undefined) return 'exists';
	plain.set(id, { ...signal, value: signal.value + 0 });
	return 'done';
}

function wished(
	said: Exclude<SignalOperation, { kind: 'delete' }>,
	before: Signal | undefined,
	nowMs: Signal['createdAtMs'],
): Signal {
	if (said.kind === 'put') return said.signal;
	if (said.kind === 'update') return { ...before, ...said.patch, updatedAtMs: nowMs } as Signal;
	const { value = { BUY: 1, SELL: -1, HOLD: 0 }[said.draft.type], confidence = 1 } = said.draft;
	return { ...said.draft, value, confidence, createdAtMs: nowMs, updatedAtMs: nowMs } as Signal;
}

function sorted(signals: Iterable<Signal>): readonly Signal[] {
	return [...signals].sort((one, other) => (one.id < other.id ? -1 : 1));
}
