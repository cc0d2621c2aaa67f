import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { timeMs } from '../domain/units.ts';
import { FactMemory, type FactMemorySnapshot, type FactSide, type Novelty } from './fact-memory.ts';

function memoryOf(max: number, facts: readonly (readonly [id: string, atMs: number])[]): FactMemory {
	const memory = new FactMemory(max);
	for (const [id, atMs] of facts) memory.take(id, timeMs(atMs));
	return memory;
}

/** What a memory promises, as a list that is sorted anew each time. */
class PlainMemory {
	readonly #max: number;
	#facts: { readonly id: string; readonly atMs: number; readonly side: FactSide }[] = [];
	#horizonMs = -1;

	constructor(max: number) {
		this.#max = max;
	}

	take(id: string, atMs: number, side: FactSide): Novelty {
		if (this.#facts.some((fact) => fact.id === id && fact.side === side)) return 'duplicate';
		if (atMs <= this.#horizonMs) return 'beyondMemory';
		this.#facts = [...this.#facts, { id, atMs, side }].sort((a, b) => a.atMs - b.atMs);
		for (const { atMs: forgottenMs } of this.#facts.splice(0, this.#facts.length - this.#max))
			this.#horizonMs = Math.max(this.#horizonMs, forgottenMs);
		return 'new';
	}

	snapshot(): FactMemorySnapshot {
		return {
			ids: this.#facts.map(({ id }) => id),
			sides: this.#facts.map(({ side }) => side[0]).join(''),
			timesMs: this.#facts.map(({ atMs }) => atMs),
			horizonMs: this.#horizonMs,
		};
	}
}

describe('the memory of facts', () => {
	test('takes a fact once, however often it comes', () => {
		const memory = new FactMemory(10);
		expect(memory.take('a', timeMs(5))).toBe('new');
		expect(memory.take('a', timeMs(5))).toBe('duplicate');
		expect(memory.take('b', timeMs(5))).toBe('new');
		expect(memory.newestMs).toBe(5);
	});

	test('takes a late fact, as long as nothing has been forgotten', () => {
		const memory = memoryOf(10, [['b', 9]]);
		expect(memory.take('a', timeMs(0))).toBe('new');
		expect(memory.newestMs).toBe(9);
	});

	test('forgets the oldest by time, not by arrival, and cannot judge what is as old as that', () => {
		// the newest comes first, as in a page of a venue's history
		const memory = memoryOf(2, [
			['c', 30],
			['a', 10],
			['b', 20],
		]);
		expect(memory.snapshot()).toEqual({ ids: ['b', 'c'], sides: 'nn', timesMs: [20, 30], horizonMs: 10 });
		expect(memory.take('a', timeMs(10))).toBe('beyondMemory');
		expect(memory.take('other', timeMs(10))).toBe('beyondMemory');
		expect(memory.take('d', timeMs(11))).toBe('new');
		expect(memory.take('c', timeMs(30))).toBe('duplicate');
	});

	test('one fact with a time from the far future does not make the rest unknowable', () => {
		const memory = memoryOf(3, [
			['wrong', 9e15],
			['a', 1],
			['b', 2],
			['c', 3],
			['d', 4],
		]);
		expect(memory.take('e', timeMs(5))).toBe('new');
	});

	test('a memory for no facts is a bug of ours, and so is a snapshot with a fact without a time', () => {
		expect(() => new FactMemory(0)).toThrow(RangeError);
		expect(() => FactMemory.restore(5, { ids: ['a', 'b'], sides: 'nn', timesMs: [1], horizonMs: -1 })).toThrow(
			'fact b has no time',
		);
		expect(() => FactMemory.restore(5, { ids: ['a', 'b'], sides: 'b', timesMs: [1, 2], horizonMs: -1 })).toThrow(
			'fact b has no side',
		);
	});

	test('remembers what a plain list would, also one id on both sides and facts that come in any order', () => {
		const fact = fc.record({
			id: fc.nat({ max: 20 }).map((n) => `f${n}`),
			atMs: fc.nat({ max: 100 }).map((ms) => timeMs(ms)),
			side: fc.constantFrom<FactSide>('buy', 'sell', 'none'),
		});
		fc.assert(
			fc.property(fc.integer({ min: 1, max: 40 }), fc.array(fact, { maxLength: 150, size: 'max' }), (max, facts) => {
				const [memory, plain] = [new FactMemory(max), new PlainMemory(max)];
				for (const { id, atMs, side } of facts) {
					expect(memory.take(id, atMs, side)).toBe(plain.take(id, atMs, side));
					expect(memory.snapshot()).toEqual(plain.snapshot());
					expect(memory.newestMs).toBe(plain.snapshot().timesMs.at(-1));
				}
			}),
			{ numRuns: 300 },
		);
	});

	test('never counts a fact twice, stays within its bound, and goes on the same after a restart', () => {
		// a fact has one time for ever, so the time is made from the id
		const SIDES = ['buy', 'sell', 'none'] as const;
		const fact = fc.tuple(fc.nat({ max: 60 }), fc.constantFrom(...SIDES)).map(([n, side]) => {
			return { id: `f${n}`, side, name: `${side} f${n}`, atMs: timeMs((n * 7919) % 40) };
		});
		fc.assert(
			fc.property(
				fc.integer({ min: 1, max: 12 }),
				fc.array(fact, { maxLength: 150, size: 'max' }),
				fc.nat({ max: 150 }),
				(max, facts, cut) => {
					let memory = new FactMemory(max);
					const steady = new FactMemory(max);
					const counted = new Set<string>();
					facts.forEach(({ id, side, name, atMs }, step) => {
						if (step === cut) memory = FactMemory.restore(max, structuredClone(memory.snapshot()));
						const answer = memory.take(id, atMs, side);
						expect(answer).toBe(steady.take(id, atMs, side));
						if (answer === 'new') expect(counted.has(name), `${name} counted twice`).toBe(false);
						if (answer === 'duplicate') expect(counted.has(name), `${name} was never counted`).toBe(true);
						if (answer === 'new') counted.add(name);
						const { ids, timesMs } = memory.snapshot();
						expect(ids.length).toBeLessThanOrEqual(max);
						expect(timesMs).toEqual([...timesMs].sort((a, b) => a - b));
					});
				},
			),
			{ numRuns: 500 },
		);
	});
});
