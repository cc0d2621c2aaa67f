import { expect, test } from 'vitest';
import { table } from './table.ts';

test('a result prints as aligned columns with its ratios below', () => {
	const percentiles = { p50: 131.6, p90: 150, p95: 170, p99: 200.4, p999: 1_234.5, p9999: 2_000, max: 12_345 };
	const cases = [
		{ name: 'ours', unit: 'ns/message', sampleCount: 200, ...percentiles, perSec: 7_598_784, checksum: 255 },
		{ name: 'a peer', unit: 'ms', sampleCount: 9, ...percentiles, p50: 0.5 },
	];
	expect(table('domain/x', { cases, ratios: { oursVsPeer: 4.256 } })).toMatchInlineSnapshot(`
		"domain/x
		            p50  p90  p95  p99  p99.9  p99.99    max        unit  samples  per second  checksum
		  ours      132  150  170  200   1235    2000  12345  ns/message      200   7,598,784        ff
		  a peer  0.500  150  170  200   1235    2000  12345          ms        9
		  oursVsPeer: 4.26
		"
	`);
});
