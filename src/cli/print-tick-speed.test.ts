import { expect, test } from 'vitest';
import { tickSpeedText } from './print-tick-speed.ts';

const ASKED = {
	symbols: 50,
	levels: 5,
	roundTripMs: 40,
	ticks: 200,
	road: 'ws',
	folder: '/srv/data',
	isInMemory: false,
} as const;
const MEASURED = {
	...{ ticks: 200, commandsPerTick: 1000, callsPerTick: 50.04, cutShort: 0, sentOver: ['ws-batch'] as const },
	bareMs: { p50: 40.4, p95: 41, p99: 42.125 },
	tickMs: { p50: 44.44, p95: 51.25, p99: 60 },
	tickInRoundTrips: { p50: 1.1, p95: 1.2685, p99: 1.485 },
	journalMs: { p50: 0.91, p95: 3.1, p99: 4 },
	cpuMsPerTick: { p50: 8, p95: 12.5, p99: 20 },
};

test('a table, and what it is about', () => {
	expect(tickSpeedText(ASKED, MEASURED)).toBe(
		`200 ticks of 50 symbols x (10 cancels + 10 creates) over WebSocket, 40 ms to the exchange and back

                                 p50    p95    p99
bare round trip, ms            40.40  41.00  42.13
tick, ms                       44.44  51.25  60.00
tick, in bare round trips       1.10   1.27   1.49
a commit of the journal, ms     0.91   3.10   4.00
our processor time a tick, ms   8.00  12.50  20.00

1000 commands in 50 calls a tick (ws-batch). The venue's rate limits are lifted; the journal lay below /srv/data.
`,
	);
});

test('says what was left out', () => {
	const text = tickSpeedText({ ...ASKED, road: 'rest' }, { ...MEASURED, cutShort: 3 });
	expect(text).toContain('over REST, 40 ms');
	expect(text).toContain('Left out: 3 more ticks that did not go through');
	expect(tickSpeedText(ASKED, { ...MEASURED, cutShort: 1 })).toContain('Left out: 1 more tick that did not go through');
});

test('one of each is one', () => {
	const text = tickSpeedText({ ...ASKED, symbols: 1 }, { ...MEASURED, ticks: 1 });
	expect(text).toMatch(/^1 tick of 1 symbol x \(10 cancels/);
});

test('says where there was no disk', () => {
	const text = tickSpeedText({ ...ASKED, folder: '/tmp', isInMemory: true }, MEASURED);
	expect(text).toContain('the journal lay below /tmp, which is memory and not a disk: name a folder on your disk by --folder.\n');
});
