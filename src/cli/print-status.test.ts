import { describe, expect, test } from 'vitest';
import type { QueryAnswer } from '../app/console/contract.ts';
import { statusText } from './print-status.ts';

type Overview = QueryAnswer<'overview'>;
type Row = QueryAnswer<'symbols'>['symbols'][number];

const OVERVIEW: Overview = {
	atMs: 1_767_225_600_000 + 3_723_000,
	run: { id: '1000', mode: 'sim', version: '0.1.0', startedAtMs: 1_767_225_600_000, settings: 'abc', instance: 'here' },
	...{ level: 'run', reason: null, pauses: [], isFlattening: false, isComparing: false },
	tick: { count: 900, overruns: 2, p50: 1.04, p95: 2.5, p99: 9 },
	commands: { before: 300, after: 200, calls: 20, saved: 180 },
	...{ openOrders: 12, unknownOrders: 1, fills: 7 },
	profit: {
		...{ currency: 'USDT', total: '-1.5', realised: '0.5', unrealised: '-1', fees: '-1', funding: '0' },
		...{ spread: '2', inventory: '-2.5', isComplete: false },
	},
	...{ equity: '9998.5', drawdown: '3', grossExposure: '500', netExposure: '-100' },
	process: { loopDelayP99Ms: 4.2, journalDelayMs: 0.3, heapMb: 61.7, lostBesides: 0 },
	venues: [
		{
			...{ name: 'bybit', kind: 'bybit', environment: 'box', isReady: false, clockOffsetMs: 1, restErrors: 3, reconnects: 4 },
			streams: [
				{ name: 'public', isUp: true, downSinceMs: null },
				{ name: 'private', isUp: false, downSinceMs: 1 },
			],
			budget: [
				{ name: 'cancel', left: 0.25, limit: 10 },
				{ name: 'place', left: 0.8, limit: 10 },
			],
			pool: { open: 1, idle: 1, waiting: 0 },
		},
	],
	alerts: { critical: 1, warning: 2 },
};

const ROW: Row = {
	...{ id: 'bybit:linear:BTCUSDT', name: 'BTCUSDT', venue: 'bybit', category: 'linear', base: 'BTC', quote: 'USDT' },
	...{ bid: 64_999.9, ask: 65_000, mid: 64_999.95, mark: 65_000, spreadBps: 0.016, fair: 65_000, reservation: 64_999 },
	...{
		ownBid: 64_990,
		ownAsk: 65_010,
		bookAgeMs: 3,
		isBookTrusted: true,
		position: '-0.5',
		positionWorth: -32_500,
		positionMax: 1,
	},
	...{ openOrders: 5, fills: 7, profit: -1.5, uptime: 0.5, holds: [] },
	buy: { isQuoting: true, why: '5 orders stand, the best at 64990' },
	sell: { isQuoting: false, why: 'refused (PT10): the worst\u001b[31m case' },
};

describe('the status for a person', () => {
	test('says how the whole goes, then each symbol', () => {
		expect(statusText(OVERVIEW, [ROW])).toBe(`sim 0.1.0, up 1 h 2 min: running
profit   -1.50 USDT = spread 2.00, inventory -2.50, fees -1.00, funding 0.00; not all of it is known
account  equity 9998.50, drawdown 3.00, gross 500.00, net -100.00
orders   12 open, 1 in doubt, 7 fills
tick     p50 1.0, p95 2.5, p99 9.0 ms; 900 so far, 2 over their deadline
calls    20 for 300 commands; 180 saved
process  loop late by 4.2 ms (p99), journal behind by 0.3 ms, heap 62 MB
venue    bybit (box) down: private, 25 % of its limits left, 3 errors, 4 reconnects
alerts   1 critical, 2 warnings

symbol        mid   bps  position  orders  fills  profit  up %  buy    sell
BTCUSDT  64999.95  0.02      -0.5       5      7   -1.50  50.0  64990  refused (PT10): the worst [31m case
`);
	});

	test('says what stands still and why, each reason once', () => {
		const pauses = ['lunch', 'the journal\u001b[2J is slow'].map((reason) => ({ cause: 'x', reason, liftsByItself: false }));
		const text = statusText(
			{ ...OVERVIEW, level: 'pauseQuoting', reason: 'lunch', pauses, isFlattening: true, isComparing: true },
			[],
		);
		expect(text.split('\n').slice(0, 4)).toEqual([
			'sim 0.1.0, up 1 h 2 min: paused (lunch)',
			'  paused: the journal [2J is slow',
			'  positions are being closed',
			'  what we know is being compared with the venues',
		]);
		expect(text.endsWith('\n\nno symbols\n')).toBe(true);
	});
});
