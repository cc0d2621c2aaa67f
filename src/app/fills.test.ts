/** Listeners hear each fill once, after the step that booked it, and cannot hurt it. */
import { expect, test } from 'vitest';
import { makeTestInstrument } from '../../test/fixtures/instruments.ts';
import type { Execution } from '../domain/execution.ts';
import { moneyOf } from '../domain/money.ts';
import { lots, ticks, timeMs } from '../domain/units.ts';
import { type Fill, Fills } from './fills.ts';

const instrument = makeTestInstrument({ index: 0, symbol: 'BTCUSDT' });

function execution(executionId: string): Execution {
	return {
		...{ executionId, instrument, clientOrderId: 'c', venueOrderId: 'v', side: 'sell', isMaker: true, feeCurrency: 'USDT' },
		...{ priceTicks: ticks(640_005), qtyLots: lots(12), fee: moneyOf(-5n * 10n ** 17n), tradedAtMs: timeMs(1_000) },
	};
}

/** Long enough for whatever waits for the end of a step. */
const afterStep = (): Promise<void> => Promise.resolve().then(() => undefined);

test('fills are told in text and in order, after the step', async () => {
	const fills = new Fills();
	const heard: Fill[] = [];
	fills.listen((fill) => heard.push(fill));
	fills.hear(execution('1'));
	fills.hear(execution('2'));
	expect(heard).toEqual([]);
	await afterStep();
	expect(heard.map(({ executionId }) => executionId)).toEqual(['1', '2']);
	expect(heard[0]).toEqual({
		...{ symbol: 'BTCUSDT', clientOrderId: 'c', executionId: '1', side: 'sell', price: '64000.5', qty: '0.012' },
		...{ fee: '-0.5', feeCurrency: 'USDT', isMaker: true, tradedAtMs: 1_000 },
	});
	fills.hear(execution('3'));
	await afterStep();
	expect(heard).toHaveLength(3);
});

test('whoever has ended listening hears nothing more', async () => {
	const fills = new Fills();
	const heard: string[] = [];
	const end = fills.listen(({ executionId }) => heard.push(executionId));
	fills.hear(execution('1'));
	await afterStep();
	end();
	fills.hear(execution('2'));
	await afterStep();
	expect(heard).toEqual(['1']);
});

test('a listener that throws keeps no other from hearing; its first error is kept until it is taken', async () => {
	const fills = new Fills();
	const heard: string[] = [];
	fills.listen(({ executionId }) => {
		throw new Error(`cannot take ${executionId}`);
	});
	fills.listen(({ executionId }) => heard.push(executionId));
	fills.hear(execution('1'));
	fills.hear(execution('2'));
	await afterStep();
	expect(heard).toEqual(['1', '2']);
	expect(fills.takeFailure()).toEqual({ error: new Error('cannot take 1') });
	expect(fills.takeFailure()).toBeUndefined();
});
