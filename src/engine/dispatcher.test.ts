import { beforeEach, expect, test } from 'vitest';
import type { Batch, Command } from '../domain/command.ts';
import { monoMs, timeMs } from '../domain/units.ts';
import { OrderManager } from '../execution/order-manager.ts';
import { BTC, cancelOf, id, placeOf } from '../execution/orders.suite.ts';
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
