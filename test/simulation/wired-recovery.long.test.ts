/** The same as `wired-recovery.test.ts` with a hundred seeds, for percentiles. */
import { expect, test } from 'vitest';
import { type RecoveryReport, recoverMany } from '../fixtures/wired-recovery.ts';

const SEEDS = 100;

test(`${SEEDS} recoveries of 512 open and 10,000 journaled orders`, { timeout: 900_000 }, async () => {
	const reports: RecoveryReport[] = [];
	for (let seed = 1; seed <= SEEDS; seed += 1) reports.push(await recoverMany(seed));
	const p99 = (figure: (report: RecoveryReport) => number): number => {
		const sorted = reports.map(figure).sort((a, b) => a - b);
		return sorted[Math.ceil(sorted.length * 0.99) - 1] ?? Number.NaN;
	};
	const [knownMs, provenMs, cleanMs] = [
		p99(({ knownAfterMs }) => knownAfterMs),
		p99(({ provenAfterMs }) => provenAfterMs),
		p99(({ cleanAfterMs }) => cleanAfterMs),
	];
	console.log(`p99: known after ${knownMs} ms, what never was after ${provenMs} ms, all cancelled after ${cleanMs} ms`);
	expect(knownMs).toBeLessThanOrEqual(10_000);
	expect(provenMs).toBeLessThanOrEqual(20_000);
	expect(reports.every(({ lostStayed }) => lostStayed)).toBe(true);
});
