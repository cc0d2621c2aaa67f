import { describe, expect, test } from 'vitest';
import { executionRow, FakeAccount, orderRow, type Row } from '../../../test/fixtures/bybit-account.ts';
import { BTCUSDT, ETHUSDT, SOLUSDT_SPOT } from '../../../test/fixtures/instruments.ts';
import type { EngineEvent } from '../../domain/event.ts';
import type { OrderId } from '../../domain/order-id.ts';
import { timeMs } from '../../domain/units.ts';
import type { LookUp } from '../../engine/ports.ts';
import { VirtualClock } from '../../simulation/virtual-clock.ts';
import { InstrumentTable } from '../wire/instrument-table.ts';
import { LookUps } from './look-up.ts';
import type { ReadAnswer } from './pages.ts';

const START_MS = 1_771_000_000_000;
const OURS = 'BTCUSDT-Buy-1-1-abcd' as OrderId;
const REALTIME = '/v5/order/realtime';
const HISTORY = '/v5/order/history';
const EXECUTIONS = '/v5/execution/list';

function openLookUps() {
	const clock = new VirtualClock(START_MS);
	const account = new FakeAccount(clock);
	const table = new InstrumentTable();
	for (const each of [BTCUSDT, ETHUSDT, SOLUSDT_SPOT]) table.set(each);
	const events: EngineEvent[] = [];
	const lookUps = new LookUps({
		clock,
		read: account.read,
		table,
		sink: (event) => events.push(event),
		venueNowMs: () => clock.wallMs() + 0.5,
	});
	return { clock, account, events, lookUps };
}

function ask(orderId: string = OURS, venueOrderId?: string): LookUp {
	return { orderId: orderId as OrderId, instrument: BTCUSDT, venueOrderId };
}

const mine = (told: Partial<Parameters<typeof orderRow>[0]>): Row => orderRow({ id: 'v1', link: OURS, ...told });
const fill = (id: string, qty: string): Row => executionRow({ id, order: 'v1', link: OURS, qty });

interface Case {
	readonly name: string;
	readonly set: (account: FakeAccount) => void;
	readonly venueOrderId?: string;
	readonly told: readonly string[];
	readonly isFound: boolean;
	readonly isComplete: boolean;
	readonly paths: readonly string[];
}

const failed: ReadAnswer = { kind: 'failed', detail: 'test' };
const cut: ReadAnswer = { kind: 'ok', result: { list: 7 }, venueAtMs: timeMs(START_MS) };

const cases: readonly Case[] = [
	{
		name: 'an order that stands',
		set: (account) => void (account.openOrders = [mine({})]),
		told: ['working 0'],
		isFound: true,
		isComplete: true,
		paths: [REALTIME],
	},
	{
		name: 'an order with fills, asked for by the venue’s id where it is known',
		set: (account) => {
			account.openOrders = [mine({ status: 'PartiallyFilled', filled: '0.004' })];
			account.executions = [fill('e1', '0.001'), fill('e2', '0.003')];
		},
		venueOrderId: 'v1',
		told: ['working 4', 'e1', 'e2'],
		isFound: true,
		isComplete: true,
		paths: [REALTIME, EXECUTIONS],
	},
	{
		name: 'an order that is over and only in the history (F30)',
		set: (account) => {
			account.history = [mine({ status: 'Filled', filled: '0.010' })];
			account.executions = [fill('e1', '0.010')];
		},
		told: ['filled 10', 'e1'],
		isFound: true,
		isComplete: true,
		paths: [REALTIME, HISTORY, EXECUTIONS],
	},
	{
		name: 'an order of which only executions are left (F30)',
		set: (account) => void (account.executions = [fill('e1', '0.010')]),
		told: ['e1'],
		isFound: true,
		isComplete: true,
		paths: [REALTIME, HISTORY, EXECUTIONS],
	},
	{
		name: 'an order that was never there',
		set: () => undefined,
		told: [],
		isFound: false,
		isComplete: true,
		paths: [REALTIME, HISTORY, EXECUTIONS],
	},
	{
		name: 'fills that are not listed yet: half an answer',
		set: (account) => {
			account.openOrders = [mine({ status: 'PartiallyFilled', filled: '0.004' })];
			account.executions = [fill('e1', '0.001')];
		},
		told: ['working 4', 'e1'],
		isFound: true,
		isComplete: false,
		paths: [REALTIME, EXECUTIONS],
	},
	...[REALTIME, HISTORY, EXECUTIONS].flatMap((path) =>
		[failed, cut].map(
			(answer): Case => ({
				name: `nothing, where ${path} ${answer === failed ? 'fails' : 'cannot be read'}: proves nothing (F32)`,
				set: (account) => void account.spoiled.set(path, () => answer),
				told: [],
				isFound: false,
				isComplete: false,
				paths: [REALTIME, HISTORY, EXECUTIONS],
			}),
		),
	),
	{
		name: 'a row that cannot be read: proves nothing',
		set: (account) => void (account.openOrders = [mine({ status: 'Frozen' })]),
		told: [],
		isFound: false,
		isComplete: false,
		paths: [REALTIME, HISTORY, EXECUTIONS],
	},
	{
		name: 'somebody else’s order in the answer: is not told of, and proves nothing (F10)',
		set: (account) =>
			void account.spoiled.set(REALTIME, (answer) =>
				answer.kind === 'ok'
					? { ...answer, result: { category: 'linear', list: [orderRow({ id: 'v9', link: 'theirs' })], nextPageCursor: '' } }
					: answer,
			),
		told: [],
		isFound: false,
		isComplete: false,
		paths: [REALTIME, HISTORY, EXECUTIONS],
	},
];

describe('one order', () => {
	test.each(cases)('$name', ({ set, venueOrderId, told, isFound, isComplete, paths }) => {
		const { clock, account, events, lookUps } = openLookUps();
		set(account);
		lookUps.ask([ask(OURS, venueOrderId)]);
		expect(events, 'nothing from inside the call').toEqual([]);
		const askedAtMs = clock.wallMs();
		clock.run(10_000);
		expect(
			events.slice(0, -1).map((event) => {
				if (event.kind === 'orderReport') return `${event.report.status} ${event.report.filledLots}`;
				return event.kind === 'execution' ? event.execution.executionId : event.kind;
			}),
		).toEqual(told);
		expect(events.at(-1)).toMatchObject({ kind: 'lookedUp', orderId: OURS, isFound, isComplete });
		expect(account.asked.map(({ path }) => path)).toEqual(paths);
		const key = venueOrderId === undefined ? { orderLinkId: OURS } : { orderId: venueOrderId };
		expect(account.asked[0]?.params).toEqual({ category: 'linear', symbol: 'BTCUSDT', ...key, limit: '50' });
		const last = events.at(-1);
		// What is missing was missing at the first answer, not at the last one.
		if (last?.kind === 'lookedUp' && isComplete) expect(last.venueAtMs).toBe(askedAtMs);
		expect(events.every((event) => event.kind !== 'orderReport' || event.report.source === 'lookup')).toBe(true);
	});
});

describe('many orders', () => {
	test('each is answered exactly once, a few at a time', () => {
		const { clock, account, events, lookUps } = openLookUps();
		let [open, most] = [0, 0];
		const count = (answer: ReadAnswer): ReadAnswer => {
			open += 1;
			most = Math.max(most, open);
			clock.after(20, () => {
				open -= 1;
			});
			return answer;
		};
		for (const path of [REALTIME, HISTORY, EXECUTIONS]) account.spoiled.set(path, count);
		const asked = Array.from({ length: 100 }, (_, i) => ask(`order-${i}`));
		lookUps.ask(asked);
		clock.run(60_000);
		const answered = events.flatMap((event) => (event.kind === 'lookedUp' ? [event.orderId] : []));
		expect(answered.toSorted()).toEqual(asked.map(({ orderId }) => orderId).toSorted());
		expect(most).toBe(5);
	});

	test('a second question about the same order shares the answer; after it, it is asked anew', () => {
		const { clock, account, events, lookUps } = openLookUps();
		lookUps.ask([ask(), ask()]);
		clock.run(10);
		lookUps.ask([ask()]);
		clock.run(10_000);
		expect([events.length, account.asked.length]).toEqual([1, 3]);
		lookUps.ask([ask()]);
		clock.run(10_000);
		expect([events.length, account.asked.length]).toEqual([2, 6]);
	});

	test('what does not fit into the queue is answered too, as incomplete', () => {
		const { clock, events, lookUps } = openLookUps();
		lookUps.ask(Array.from({ length: 1_500 }, (_, i) => ask(`order-${i}`)));
		expect(events).toEqual([]);
		clock.run(1);
		expect(events.length).toBe(500);
		expect(events.every((event) => event.kind === 'lookedUp' && !event.isComplete && !event.isFound)).toBe(true);
		clock.run(600_000);
		expect(new Set(events.flatMap((event) => (event.kind === 'lookedUp' ? [event.orderId] : []))).size).toBe(1_500);
		expect(events).toHaveLength(1_500);
	});

	test('what is stopped tells nothing more', () => {
		const { clock, events, lookUps } = openLookUps();
		lookUps.ask([ask()]);
		lookUps.stop();
		clock.run(10_000);
		expect(events).toEqual([]);
	});
});
