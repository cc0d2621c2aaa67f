/**
 * Runs one benchmark in a process of its own and sends the result over the IPC channel, because peers may print to
 * stdout. Started by main.ts only: `child.ts <name> [--tiny] [--venue=<name>] [--only=<text>]`.
 */
import { loadBenchmark } from './catalog.ts';
import { BENCH_VENUES, type BenchResult } from './harness.ts';
import { PeerMissingError } from './peers.ts';

export type ChildMessage =
	| { readonly kind: 'result'; readonly result: BenchResult }
	| { readonly kind: 'failed'; readonly reason: string };

async function main([name = '', ...flags]: readonly string[]): Promise<ChildMessage> {
	try {
		const benchmark = await loadBenchmark(name);
		const only = flags.find((flag) => flag.startsWith('--only='))?.slice('--only='.length);
		const venue = BENCH_VENUES.find((each) => flags.includes(`--venue=${each}`));
		return {
			kind: 'result',
			result: await benchmark.run({
				tiny: flags.includes('--tiny'),
				...(venue === undefined ? {} : { venue }),
				...(only === undefined ? {} : { only }),
			}),
		};
	} catch (error) {
		if (error instanceof PeerMissingError) return { kind: 'failed', reason: error.message };
		return { kind: 'failed', reason: error instanceof Error ? (error.stack ?? error.message) : String(error) };
	}
}

const message = await main(process.argv.slice(2));
process.send?.(message, () => process.exit(message.kind === 'result' ? 0 : 1));
