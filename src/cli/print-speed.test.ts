import { expect, test } from 'vitest';
import { speedText } from './print-speed.ts';

test('a table of the rows, and what they are about', () => {
	const side = (calls: number, value: number) => ({ calls, value });
	expect(
		speedText({
			...{ symbols: 5, roundTripMs: 40 },
			rows: [
				{
					...{ name: 'workflow', about: 'all of it', unit: 'seconds', ratio: 4.26 },
					...{ before: side(20, 1.0123), after: side(16, 0.23761) },
				},
				{
					...{ name: 'batching', about: 'refused', unit: 'share', ratio: 3.5 },
					...{ before: side(1250, 0.07), after: side(250, 0.02) },
				},
				{ ...{ name: 'retry', about: 'failed', unit: 'share', ratio: undefined }, before: side(400, 0.05), after: side(421, 0) },
				{ ...{ name: 'reads', about: 'nothing', unit: 'share', ratio: undefined }, before: side(1, 0), after: side(1, 0) },
			],
		}),
	).toBe(
		`5 symbols, 40 ms to the exchange and back

          calls  before  calls     after  times
workflow     20  1.01 s     16  237.6 ms  4.3 x
batching   1250   7.0 %    250     2.0 %  3.5 x
retry       400   5.0 %    421     0.0 %    all
reads         1   0.0 %      1     0.0 %

workflow: all of it
batching: refused
retry: failed
reads: nothing
before: one call after the other, or with the switch off. The venue's limits are lifted but for batching.
`,
	);
});
