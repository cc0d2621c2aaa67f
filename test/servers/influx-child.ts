/** A process that writes numbered points, 2,000 a second, until somebody kills it. Says on stdout how many there are by now. */
import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock } from '../../src/network/system-clock.ts';
import { InfluxWriter } from '../../src/storage/influx/influx-writer.ts';

const [url = '', spillFolder = ''] = process.argv.slice(2);
const PER_TURN = 40;
const TURN_MS = 20;

const writer = new InfluxWriter({
	clock: systemClock(),
	target: { url, api: 'v1', database: 'evenkeel', org: 'o' },
	...{ batchSize: 1_000, flushMs: 500, spillFolder, spillBytesMax: 1e9 },
	onSay: () => {},
});
const series = writer.series({ measurement: 'm', tags: {}, fields: ['n', 'twice'] });
for (let next = 0; ; ) {
	for (let i = 0; i < PER_TURN; i += 1, next += 1) series.write(Date.now(), next, 2 * next);
	process.stdout.write(`${next}\n`);
	await sleep(TURN_MS);
}
