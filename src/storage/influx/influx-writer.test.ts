import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { systemClock } from '../../network/system-clock.ts';
import { InfluxWriter } from './influx-writer.ts';
import type { Point } from './point.ts';

test('when the thread fails, what waited in its memory is lost and counted', async () => {
	const folder = mkdtempSync(join(tmpdir(), 'evenkeel-influx-'));
	try {
		const said: string[] = [];
		await using writer = new InfluxWriter({
			clock: systemClock(),
			target: { url: 'http://127.0.0.1:1', api: 'v1', database: 'd', org: 'o', username: undefined, token: undefined },
			...{ batchSize: 1_000, flushMs: 3_600_000, spillFolder: folder, spillBytesMax: 1e6 },
			onSay: (sentence) => said.push(sentence),
		});
		const point: Point = { measurement: 'm', tags: {}, fields: { f: 1 }, atMs: 1 };
		writer.writePoints([point, point]);
		await vi.waitFor(() => expect(writer.figures.waitingCount).toBe(2), { timeout: 5_000 });
		// No point at all, as only a mistake of ours could make it.
		writer.writePoint({ ...point, fields: undefined as unknown as Point['fields'] });
		await vi.waitFor(() => expect(said.join()).toContain('nothing is written to InfluxDB any more'), { timeout: 5_000 });
		expect(writer.figures).toMatchObject({ writtenCount: 0, waitingCount: 0, lostCount: 3 });
	} finally {
		rmSync(folder, { recursive: true });
	}
});
