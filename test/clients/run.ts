/**
 * The suite `clients`: vitest in a network namespace that has only loopback, so that other people's clients cannot reach a
 * real exchange however wrong their options are. Where the machine permits no namespace, the tests see that and skip
 * themselves, which is counted and said.
 */
import { spawn, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { countsLine, isSuccess } from '../../scripts/test/counts.ts';
import { runVitest } from '../../scripts/test/run-vitest.ts';

/** In a user namespace of its own, for anybody; as root without one. */
const NAMESPACES = [['-rn'], ['-n']] as const;
const LOOPBACK_UP = 'ip link set lo up && exec "$@"';
const INSIDE = '--inside';
const FILES = 'test/clients/**/*.long.test.ts';

process.exitCode = process.argv.includes(INSIDE) ? await runTests() : await runIsolated();

async function runTests(): Promise<number> {
	process.env['LOG_LEVEL'] = 'error'; // the official connectors of Binance tell each step otherwise
	const counts = await runVitest({ include: [FILES], files: [], name: undefined });
	console.log(countsLine(counts));
	return isSuccess(counts) ? 0 : 1;
}

function runIsolated(): Promise<number> {
	const namespace = NAMESPACES.find(
		(flags) => spawnSync('unshare', [...flags, 'sh', '-c', LOOPBACK_UP, 'sh', 'true'], { stdio: 'ignore' }).status === 0,
	);
	if (namespace === undefined) {
		console.log('SKIPPED: this machine permits no network namespace (unshare -rn), and without one no client is let loose');
		return runTests();
	}
	const again = [process.execPath, ...process.execArgv, fileURLToPath(import.meta.url), INSIDE];
	const child = spawn('unshare', [...namespace, 'sh', '-c', LOOPBACK_UP, 'sh', ...again], {
		stdio: ['ignore', 'inherit', 'inherit'],
	});
	return new Promise((settle, fail) => {
		child.once('error', fail);
		child.once('close', (code) => settle(code ?? 1));
	});
}
