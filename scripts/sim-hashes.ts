/**
 * `node scripts/sim-hashes.ts MINUTES SEED…`: runs the seeds in this order and prints `SEED HASH` for each; one half of
 * `npm run test:sim -- --twice`. Exit code 2: the command line is wrong.
 */
import { drawSim } from '../test/fixtures/sim-plan.ts';
import { runSim } from '../test/fixtures/sim-run.ts';

const [minutes = Number.NaN, ...seeds] = process.argv.slice(2).map(Number);
if (!(minutes > 0) || !seeds.every((seed) => Number.isSafeInteger(seed))) {
	console.error('usage: node scripts/sim-hashes.ts MINUTES SEED…');
	process.exitCode = 2;
} else {
	for (const seed of seeds) {
		const plan = drawSim(seed, minutes);
		const { digest } = await runSim({ ...plan, options: { ...plan.options, isHashed: true } });
		console.log(`${seed} ${digest}`);
	}
}
