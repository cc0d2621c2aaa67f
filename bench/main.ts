/**
 * `npm run bench -- [names...] [--json] [--tiny] [--venue <name>] [--only <text>]`: runs all benchmarks, or those named, one
 * after the other, each in a fresh process; those that can be are measured at the venue, and of those that have parts only
 * the parts with the text in their title. Results go to stdout (a table, or with --json one line for each benchmark), all
 * else to stderr.
 * Exit code 0: all ran; 1: one failed; 2: the command line is wrong.
 */
import { execFileSync, spawn } from 'node:child_process';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { benchmarkNames } from './catalog.ts';
import type { ChildMessage } from './child.ts';
import { BENCH_VENUES, type BenchVenue } from './harness.ts';
import { table } from './table.ts';

interface Request {
	readonly names: readonly string[];
	readonly json: boolean;
	readonly tiny: boolean;
	readonly venue: BenchVenue | undefined;
	readonly only: string | undefined;
}

const FLAGS = ['--json', '--tiny', '--venue', '--only'];

process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
	const request = parse(args);
	if (typeof request === 'string') {
		console.error(request);
		return 2;
	}
	const meta = machine();
	let exitCode = 0;
	for (const name of request.names) {
		console.error(`bench ${name}${request.tiny ? ' (tiny: figures mean nothing)' : ''}`);
		const message = await runInChild(name, request);
		if (message.kind === 'failed') {
			console.error(`${name} failed: ${message.reason}`);
			exitCode = 1;
		} else if (request.json) console.log(JSON.stringify({ name, ...message.result, meta }));
		else console.log(table(name, message.result));
	}
	if (!request.json) console.log(`node ${meta.node} · ${meta.cpu} × ${meta.cores} · commit ${meta.commit}`);
	return exitCode;
}

/** The request, or one line about what is wrong with it. */
function parse(args: readonly string[]): Request | string {
	const options = {
		json: { type: 'boolean', default: false },
		tiny: { type: 'boolean', default: false },
		venue: { type: 'string' },
		only: { type: 'string' },
	} as const;
	const flags = args.filter((arg) => arg.startsWith('-'));
	const isFlag = (flag: string): boolean => FLAGS.includes(flag) || flag.startsWith('--venue=') || flag.startsWith('--only=');
	const wrongFlag = flags.find((flag) => !isFlag(flag));
	if (wrongFlag !== undefined) return `unknown flag ${wrongFlag}; there are ${FLAGS.join(', ')}`;
	if (args.at(-1) === '--venue') return `--venue needs one of: ${BENCH_VENUES.join(', ')}`;
	if (args.at(-1) === '--only') return '--only needs a part of a title, as tables show them';
	const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
	const venue = BENCH_VENUES.find((each) => each === values.venue);
	if (values.venue !== undefined && venue === undefined) {
		return `unknown venue ${values.venue}; there are: ${BENCH_VENUES.join(', ')}`;
	}
	const known = benchmarkNames();
	const wrongName = positionals.find((name) => !known.includes(name));
	if (wrongName !== undefined) return `unknown benchmark ${wrongName}; there are: ${known.join(', ')}`;
	return { names: positionals.length > 0 ? positionals : known, json: values.json, tiny: values.tiny, venue, only: values.only };
}

function runInChild(name: string, { tiny, venue, only }: Request): Promise<ChildMessage> {
	const script = fileURLToPath(new URL('./child.ts', import.meta.url));
	const said = { venue, only };
	const asked = Object.entries(said).flatMap(([flag, value]) => (value === undefined ? [] : [`--${flag}=${value}`]));
	const flags = [...(tiny ? ['--tiny'] : []), ...asked];
	const args = [...process.execArgv, '--expose-gc', script, name, ...flags];
	// The child's stdout joins our stderr: whatever a peer prints must not get between the JSON lines.
	const child = spawn(process.execPath, args, { stdio: ['ignore', 2, 2, 'ipc'] });
	return new Promise((resolve) => {
		let message: ChildMessage | undefined;
		child.on('message', (received) => {
			message = received as ChildMessage;
		});
		child.on('error', (error) => resolve({ kind: 'failed', reason: error.message }));
		child.on('close', (code, signal) => {
			resolve(message ?? { kind: 'failed', reason: `ended without a result (exit ${code ?? signal})` });
		});
	});
}

/** What the figures depend on besides the code. */
function machine() {
	const processors = cpus();
	return { node: process.version, cpu: processors[0]?.model ?? 'unknown', cores: processors.length, commit: commit() };
}

function commit(): string {
	try {
		return execFileSync('git', ['rev-parse', '--short', 'HEAD'], { stdio: ['ignore', 'pipe', 'ignore'] })
			.toString()
			.trim();
	} catch {
		return 'unknown'; // no git, or no repository: an unpacked archive
	}
}
