import { beforeEach, expect, test } from 'vitest';
import type { Batch, Command, PlaceCommand } from '../domain/command.ts';
import { monoMs, timeMs } from '../domain/units.ts';
import { OrderManager } from '../execution/order-manager.ts';
import { amendOf, BTC, cancelOf, id, placeOf, reportOf } from '../execution/orders.suite.ts';
import { NO_TRACER } from '../ports/tracer.ts';
import { Dispatcher } from './dispatcher.ts';
import type { EngineEffect } from './ports.ts';
import { TickStats } from './tick-stats.ts';

const NOW = monoMs(1_000);

let orders: OrderManager;
let effects: EngineEffect[];
let stats: TickStats;
let wayOut: ReadonlySet<string>;
let dispatcher: Dispatcher;

beforeEach(() => {
	orders = new OrderManager();
	orders.follow(BTC);
	orders.addQuoter(0);
	effects = [];
	stats = new TickStats();
	wayOut = new Set();
	dispatcher = new Dispatcher({
		...{ orders, stats, effects },
		spendCall: () => {},
		giveBack: () => {},
		besides: () => [],
		isWayOut: ({ orderId }) => wayOut.has(orderId),
		tracer: NO_TRACER,
		options: { parallel: true, maxParallelSymbols: 10, tickDeadlineMs: 200 },
	});
});

function batchOf(batchId: number, commands: readonly Command[]): Batch {
	const [first] = commands;
	return { batchId, venue: 'bybit', category: 'linear', verb: first?.kind ?? 'place', commands, symbolOnly: undefined };
}

function places(...names: string[]): Batch {
	const commands = names.map((name, slot) => placeOf(name, { slot }));
	for (const command of commands) orders.intendPlace(command, timeMs(0), NOW);
	return batchOf(1, commands);
}

function confirm(): void {
	for (const effect of effects.splice(0)) if (effect.kind === 'commit') dispatcher.applyJournaled(effect.flushId, true, NOW);
}

function sent(): readonly string[] {
	return effects.flatMap((effect) => (effect.kind === 'send' ? effect.batch.commands.map(({ orderId }) => orderId) : []));
}

test('what was taken back while the journal wrote does not leave; the rest of its call does', () => {
	const batch = places('a', 'b', 'c');
	dispatcher.begin([batch], NOW);
	const [, second] = batch.commands;
	if (second !== undefined) orders.applyDrop(second);
	confirm();
	expect(sent()).toEqual(['a', 'c']);
	expect(['a', 'b', 'c'].map((name) => orders.get(id(name))?.state)).toEqual(['sent', 'rejected', 'sent']);
});

test('an amend does not leave when its order fell into doubt while the journal wrote; the rest of its call does', () => {
	dispatcher.begin([places('a', 'b')], NOW);
	confirm();
	for (const name of ['a', 'b']) orders.applyReport(reportOf(name), NOW);
	effects.length = 0;
	const amends = ['a', 'b'].map((name) => amendOf(name, { price: 1_005 }));
	for (const amend of amends) orders.intendAmend(amend, NOW);
	dispatcher.begin([batchOf(2, amends)], NOW);
	// A look-up that was asked before the venue showed it is answered now, and lags behind (F29).
	orders.applyProvenAbsent(id('a'));
	confirm();
	expect(sent()).toEqual(['b']);
	expect(['a', 'b'].map((name) => orders.get(id(name))?.state)).toEqual(['unknown', 'amending']);
});

test.each([
	{ to: 'another price', price: 1_007, qty: 10, isWritten: true },
	{ to: 'another size', price: 1_005, qty: 14, isWritten: true },
	{ to: 'another price, and the journal failed', price: 1_007, qty: 10, isWritten: false },
])('an amend that was taken back makes way for the one after it: $to', ({ price, qty, isWritten }) => {
	dispatcher.begin([places('a')], NOW);
	confirm();
	orders.applyReport(reportOf('a'), NOW);
	effects.length = 0;
	const [first, second] = [amendOf('a', { price: 1_005, qty: 10 }), amendOf('a', { price, qty })];
	orders.intendAmend(first, NOW);
	dispatcher.begin([batchOf(2, [first])], NOW);
	orders.applyProvenAbsent(id('a'));
	orders.applyReport(reportOf('a', { at: 2 }), NOW);
	orders.intendAmend(second, NOW);
	dispatcher.begin([batchOf(3, [second])], NOW);
	if (!isWritten) dispatcher.applyJournaled(effects.find((effect) => effect.kind === 'commit')?.flushId ?? 0, false, NOW);
	expect(stats.dropped).toBe(0);
	confirm();
	expect(effects.flatMap((effect) => (effect.kind === 'send' ? effect.batch.commands : []))).toEqual([second]);
});

test.each([
	{ to: 'all that is new', drop: () => dispatcher.dropNew(NOW), left: ['stands'] },
	{ to: 'what does not reduce (KL3)', drop: () => dispatcher.dropNewButReducing(NOW), left: ['stands', 'out', 'exit'] },
])('dropped is $to, of a call that waits for its turn or for the journal', ({ drop, left }) => {
	dispatcher.options = { ...dispatcher.options, parallel: false };
	dispatcher.begin([places('stands')], NOW);
	confirm();
	orders.applyReport(reportOf('stands'), NOW);
	effects.length = 0;
	orders.intendCancel(id('stands'));
	dispatcher.begin([{ ...batchOf(2, [cancelOf('stands')]) }], NOW);
	const reducing = (name: string, slot: number) => ({ ...placeOf(name, { slot }), reduceOnly: true }) as PlaceCommand;
	const ready = [placeOf('more', { slot: 3 }), reducing('out', 4)];
	const written = [reducing('exit', 5), placeOf('yet more', { slot: 6 })];
	for (const command of [...ready, ...written]) orders.intendPlace(command, timeMs(0), NOW);
	dispatcher.begin([batchOf(3, ready)], NOW);
	confirm();
	dispatcher.begin([batchOf(4, written)], NOW);
	drop();
	confirm();
	for (const batchId of [1, 2, 3, 4]) {
		dispatcher.applyAnswer(batchId, [], NOW);
		dispatcher.resume(NOW);
	}
	expect(sent()).toEqual(left);
	expect(stats.dropped).toBe(5 - left.length);
	expect(dispatcher.isIdle).toBe(true);
});

test('behind a gate that is shut cancels leave and places do not, but for a way out (I10, I11)', () => {
	dispatcher.begin([places('stands')], NOW);
	confirm();
	dispatcher.shutGate(NOW);
	effects.length = 0;
	orders.intendCancel(id('stands'));
	dispatcher.begin([{ ...batchOf(2, [cancelOf('stands')]) }], NOW);
	expect(sent()).toEqual(['stands']);
	effects.length = 0;
	const late = placeOf('late', { slot: 3 });
	const out = placeOf('out', { slot: 4 });
	for (const command of [late, out]) orders.intendPlace(command, timeMs(0), NOW);
	wayOut = new Set(['out']);
	dispatcher.begin([batchOf(3, [late]), batchOf(4, [out])], NOW);
	confirm();
	expect(sent()).toEqual(['out']);
	expect(orders.get(id('late'))?.state).toBe('rejected');
	expect(stats.dropped).toBe(1);
});
