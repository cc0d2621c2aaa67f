import { expect, test } from 'vitest';
import { makeTestExecution } from '../../../test/fixtures/executions.ts';
import { BTCUSDT } from '../../../test/fixtures/instruments.ts';
import type { Execution, OrderReport } from '../../domain/execution.ts';
import { parseQty } from '../../domain/instrument.ts';
import { lots, ticks, timeMs } from '../../domain/units.ts';
import { FillWatch } from './fill-watch.ts';

function report(id: string, filled: string): OrderReport {
	const filledLots = parseQty(BTCUSDT, filled);
	if (filledLots.kind === 'refused') throw new Error(`${filled} is no quantity`);
	return {
		...{ instrument: BTCUSDT, clientOrderId: '', venueOrderId: id, side: 'buy', status: 'working', reason: undefined },
		...{ priceTicks: ticks(650_000), qtyLots: lots(10), filledLots: filledLots.value },
		...{ updatedAtMs: timeMs(1_771_000_000_000), source: 'stream' },
	};
}

function execution(id: string, order: string, qty: string): Execution {
	return { ...makeTestExecution({ id, qty }), venueOrderId: order };
}

test('an order waits for its fills from the report on, and not before half a second is an order due', () => {
	const watch = new FillWatch();
	watch.applyReport(report('o1', '0.003'), 0);
	expect([watch.isWaiting, watch.due(499)]).toEqual([true, []]);
	expect(watch.due(500)).toEqual([{ instrument: BTCUSDT, venueOrderId: 'o1' }]);
	watch.applyExecution(execution('e1', 'o1', '0.002'), 600);
	expect(watch.isWaiting).toBe(true);
	watch.applyExecution(execution('e1', 'o1', '0.002'), 700);
	expect(watch.isWaiting, 'the same one counts once').toBe(true);
	watch.applyExecution(execution('e2', 'o1', '0.001'), 800);
	expect([watch.isWaiting, watch.due(60_000)]).toEqual([false, []]);
});

test('it is due again after twice as long each time, up to a bound', () => {
	const watch = new FillWatch();
	watch.applyReport(report('o1', '0.003'), 0);
	const dueAt: number[] = [];
	for (let nowMono = 0; nowMono <= 100_000; nowMono += 100) if (watch.due(nowMono).length > 0) dueAt.push(nowMono);
	const gaps = dueAt.map((at, index) => at - (dueAt[index - 1] ?? 0));
	expect(gaps).toEqual([500, 1_000, 2_000, 4_000, 8_000, 16_000, 16_000, 16_000, 16_000, 16_000]);
});

test('fills in front of their report, repeated and older reports make nobody wait', () => {
	const watch = new FillWatch();
	watch.applyExecution(execution('e1', 'o1', '0.003'), 0);
	for (const filled of ['0.003', '0.003', '0.001', '0']) watch.applyReport(report('o1', filled), 1);
	expect(watch.isWaiting).toBe(false);
});

test('what was filled before our time is not waited for; what fills after it is', () => {
	const watch = new FillWatch();
	watch.applyOpening(report('o1', '0.004'));
	watch.applyReport(report('o1', '0.004'), 0);
	expect(watch.isWaiting).toBe(false);
	watch.applyReport(report('o1', '0.005'), 1);
	expect(watch.isWaiting).toBe(true);
});

test('it remembers a bounded number of orders, those that moved last', () => {
	const watch = new FillWatch();
	watch.applyReport(report('first', '0.001'), 0);
	watch.applyReport(report('second', '0.001'), 0);
	for (let i = 0; i < 4_095; i += 1) watch.applyExecution(execution(`e${i}`, `o${i}`, '0.001'), 0);
	expect(watch.due(1_000).map(({ venueOrderId }) => venueOrderId)).toEqual(['second']);
});
