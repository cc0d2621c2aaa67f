/** Turning batching off and on while calls are out: a few flips here, minutes of them in `wired-rollback.long.test.ts`. */
import { describe, expect, test } from 'vitest';
import { tradingAt } from '../fixtures/wired.ts';
import { flipUnderLoad } from '../fixtures/wired-rollback.ts';

describe('batching turned off and on every second, while calls are out (T3)', () => {
	test('over WS: nothing is lost or doubled, and the mode is what was asked for', async () => {
		const { on, off, comparedCount, tradeCount } = await flipUnderLoad(1, { flips: 12, options: { orderEntry: 'ws' } });
		expect(off).toMatchObject({ batches: 0, outMax: 1 });
		expect(off.lone).toBeGreaterThan(20);
		expect(on.batches).toBeGreaterThan(20);
		expect(comparedCount, 'both sides were compared while orders stood').toBeGreaterThan(50);
		expect(tradeCount).toBeGreaterThan(5);
	});

	test('over REST at Binance, where some of a batch fail', async () => {
		const { on, off, comparedCount, struck } = await flipUnderLoad(3, {
			flips: 12,
			options: { ...tradingAt('binance-futures'), orderEntry: 'rest' },
			faults: [{ name: 'partial-batch', parameters: { form: 'scattered', probability: 0.3 } }],
		});
		expect(off).toMatchObject({ batches: 0, outMax: 1 });
		expect(on.batches).toBeGreaterThan(20);
		expect(comparedCount).toBeGreaterThan(50);
		expect(struck).toEqual(['partial-batch']);
	});

	test('over REST, where one reply of ten is lost', async () => {
		const { off, comparedCount, struck } = await flipUnderLoad(2, {
			flips: 12,
			options: { orderEntry: 'rest' },
			faults: [{ name: 'drop-reply', parameters: { operation: 'order.', probability: 0.1 } }],
		});
		expect(off).toMatchObject({ batches: 0, outMax: 1 });
		expect(comparedCount).toBeGreaterThan(50);
		expect(struck).toEqual(['drop-reply']);
	});
});
