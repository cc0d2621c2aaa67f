import fc from 'fast-check';
import { expect, test } from 'vitest';
import { TRANSPORT_LIMITS } from './transport-limits.ts';
import { type Pool, Pools } from './transport-pools.ts';

interface Lane {
	call: number | undefined;
	isWarming: boolean;
	isOpen: boolean;
}

const STEPS = fc.array(
	fc.oneof(
		{ weight: 6, arbitrary: fc.constant({ kind: 'offer' } as const) },
		{ weight: 5, arbitrary: fc.record({ kind: fc.constant('end' as const), pick: fc.nat(), breaks: fc.boolean() }) },
		{ weight: 2, arbitrary: fc.record({ kind: fc.constant('withdraw' as const), pick: fc.nat() }) },
		{ weight: 1, arbitrary: fc.record({ kind: fc.constant('die' as const), pick: fc.nat() }) },
		{ weight: 1, arbitrary: fc.record({ kind: fc.constant('warm' as const), count: fc.nat({ max: 6 }) }) },
	),
	{ maxLength: 200 },
);

/** Whatever happens: the bounds hold, no call is carried twice or forgotten, and those who wait are served in order. */
test('a pool keeps its bounds and its promises to every call', () => {
	fc.assert(
		fc.property(STEPS, fc.integer({ min: 1, max: 4 }), fc.nat({ max: 4 }), (steps, connections, waitingMax) => {
			const lanes: Lane[] = [];
			const carried: number[] = [];
			const limits = { ...TRANSPORT_LIMITS, plans: { p: { connections, waitingMax } } };
			const pools = new Pools<Lane, number>(limits, {
				open: () => {
					const lane = { call: undefined, isWarming: false, isOpen: false };
					lanes.push(lane);
					return lane;
				},
				isOpen: (lane) => lane.isOpen,
				carry: (lane, call) => {
					expect([lane.call, lane.isWarming], 'a busy connection got a call').toEqual([undefined, false]);
					const isOneOpen = lanes.some((each) => each.isOpen && !busy().includes(each));
					if (isOneOpen) expect(lane.isOpen, 'a closed connection was preferred to an open one').toBe(true);
					lane.call = call;
					carried.push(call);
				},
				warm: (lane) => {
					lane.isWarming = true;
				},
			});
			const pool = pools.find('http://a', 'p', () => true) as Pool<Lane, number>;
			const waiting: number[] = [];
			const accepted: number[] = [];
			let withdrawn = 0;
			const busy = () => lanes.filter((lane) => lane.call !== undefined || lane.isWarming);
			const serveNext = () => {
				while (waiting.length > 0 && carried.includes(waiting[0]!)) waiting.shift();
			};
			for (const [number, step] of steps.entries()) {
				if (step.kind === 'offer') {
					const isFull = busy().length === connections && waiting.length === waitingMax;
					const before = carried.length;
					expect(pool.offer(number)).toBe(!isFull);
					if (!isFull) accepted.push(number);
					if (!isFull && carried.length === before) waiting.push(number);
				} else if (step.kind === 'withdraw') {
					const call = accepted[step.pick % Math.max(1, accepted.length)];
					if (call === undefined) continue;
					const at = waiting.indexOf(call);
					expect(pool.withdraw(call)).toBe(at !== -1);
					if (at !== -1) waiting.splice(at, 1);
					if (at !== -1) withdrawn += 1;
				} else if (step.kind === 'die') {
					const idle = lanes.filter((lane) => lane.isOpen && !busy().includes(lane));
					const lane = idle[step.pick % Math.max(1, idle.length)];
					if (lane !== undefined) lane.isOpen = false;
				} else if (step.kind === 'warm') {
					pool.warm(step.count);
				} else {
					const lane = busy()[step.pick % Math.max(1, busy().length)];
					if (lane === undefined) continue;
					lane.call = undefined;
					lane.isWarming = false;
					lane.isOpen = !step.breaks;
					const first = waiting[0];
					pool.release(lane);
					serveNext();
					if (first !== undefined) expect(carried.at(-1)).toBe(first);
				}
				expect(lanes.length).toBeLessThanOrEqual(connections);
				const idle = lanes.filter((lane) => lane.isOpen && !busy().includes(lane)).length;
				const active = busy().length;
				const figures = { origin: 'http://a', pool: 'p', connections: active + idle, active, idle, queued: waiting.length };
				expect(pools.figures()).toEqual([figures]);
				expect(accepted.length).toBe(new Set(carried).size + waiting.length + withdrawn);
				expect(carried.length).toBe(new Set(carried).size);
			}
		}),
	);
});

test('there are only so many pools', () => {
	const never = (): never => {
		throw new Error('nothing is opened here');
	};
	const pools = new Pools<Lane, number>(TRANSPORT_LIMITS, { open: never, isOpen: never, carry: never, warm: never });
	const found = Array.from({ length: 101 }, (_, i) => typeof pools.find(`http://h${i}`, 'p', () => true));
	expect(found.filter((kind) => kind === 'object')).toHaveLength(100);
	expect(found.at(-1)).toBe('string');
});
