/**
 * Finds the benchmarks: every `*.bench.ts` below this folder, named by its path. Whoever adds one adds a file, and no list.
 */
import { globSync } from 'node:fs';
import { sep } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Benchmark } from './harness.ts';

const SUFFIX = '.bench.ts';
const FOLDER = fileURLToPath(new URL('./', import.meta.url));

export function benchmarkNames(): string[] {
	return globSync(`**/*${SUFFIX}`, { cwd: FOLDER, exclude: ['**/node_modules'] })
		.map((file) => file.slice(0, -SUFFIX.length).split(sep).join('/'))
		.sort();
}

export async function loadBenchmark(name: string): Promise<Benchmark> {
	const module = (await import(pathToFileURL(`${FOLDER}${name}${SUFFIX}`).href)) as { readonly default?: Benchmark };
	const benchmark = module.default;
	if (typeof benchmark?.run !== 'function' || benchmark.name !== name) {
		throw new Error(
			`bench/${name}${SUFFIX} must export by default { name: '${name}', run }, found the name '${benchmark?.name}'`,
		);
	}
	return benchmark;
}
