/**
 * Real servers for tests: each on loopback with a folder of its own, killed and started again at the same port as often
 * as a test likes. What is not installed is said in the name of a skipped test (docs/time-series.md says how to get it).
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { test } from 'vitest';

export interface Installed {
	readonly name: string;
	/** Of Debian. */
	readonly packageName: string;
}

interface Program extends Installed {
	args(place: { readonly folder: string; readonly port: number; readonly otherPort: number }): readonly string[];
	isReady(port: number): Promise<boolean>;
}

const READY_WITHIN_MS = 20_000;
/** Of a whole test, on a machine that does other things as well. */
const WITHIN_MS = 400_000;

export const INFLUX: Program = {
	name: 'influxd',
	packageName: 'influxdb',
	args({ folder, port, otherPort }) {
		const path = join(folder, 'influxdb.conf');
		writeFileSync(
			path,
			`reporting-disabled = true
bind-address = "127.0.0.1:${otherPort}"
[meta]
  dir = "${folder}/meta"
[data]
  dir = "${folder}/data"
  wal-dir = "${folder}/wal"
[monitor]
  store-enabled = false
[http]
  bind-address = "127.0.0.1:${port}"
  log-enabled = false
`,
		);
		return ['run', '-config', path];
	},
	isReady: (port) => answers(`http://127.0.0.1:${port}/ping`),
};

export const VICTORIA: Program = {
	name: 'victoria-metrics',
	packageName: 'victoria-metrics',
	args: ({ folder, port }) => [
		`-httpListenAddr=127.0.0.1:${port}`,
		`-storageDataPath=${folder}`,
		'-retentionPeriod=100y',
		'-search.latencyOffset=0s',
	],
	isReady: (port) => answers(`http://127.0.0.1:${port}/health`),
};

export const REDIS: Program = {
	name: 'redis-server',
	packageName: 'redis-server',
	args: ({ folder, port }) => [
		'--bind',
		'127.0.0.1',
		'--port',
		String(port),
		'--save',
		'',
		'--appendonly',
		'no',
		'--dir',
		folder,
	],
	isReady: speaksRedis,
};

/** With the settings and rules of this folder, where they are `prometheus.yml`. */
export function prometheusIn(settings: string): Program {
	return {
		name: 'prometheus',
		packageName: 'prometheus',
		args: ({ folder, port }) => [
			`--config.file=${join(settings, 'prometheus.yml')}`,
			`--storage.tsdb.path=${folder}`,
			`--web.listen-address=127.0.0.1:${port}`,
			'--log.level=error',
		],
		isReady: (port) => answers(`http://127.0.0.1:${port}/-/ready`),
	};
}

/** Asks for this password. */
export function redisWith(password: string): Program {
	return { ...REDIS, args: (place) => [...REDIS.args(place), '--requirepass', password] };
}

/** A test where the servers are installed, and one that is skipped and says what is missing where they are not. */
export function testWith(
	...programs: readonly Installed[]
): (name: string, body: () => Promise<void>, patience?: { readonly withinMs: number }) => void {
	const missing = programs.filter(({ name }) => spawnSync('sh', ['-c', `command -v ${name}`]).status !== 0);
	return (name, body, { withinMs } = { withinMs: WITHIN_MS }) => {
		const packages = missing.map(({ packageName }) => packageName).join(' ');
		if (packages === '') test(name, body, withinMs);
		else test.skip(`${name} (not installed: apt-get install ${packages})`, body);
	};
}

export class ServerProcess implements AsyncDisposable {
	readonly port: number;
	readonly #program: Program;
	readonly #args: readonly string[];
	readonly #folder: string;
	#child: ChildProcess | undefined;

	private constructor(program: Program, place: { readonly folder: string; readonly port: number; readonly otherPort: number }) {
		this.#program = program;
		this.port = place.port;
		this.#folder = place.folder;
		this.#args = program.args(place);
	}

	static async start(program: Program): Promise<ServerProcess> {
		const folder = mkdtempSync(join(tmpdir(), `evenkeel-${program.name}-`));
		const made = new ServerProcess(program, { folder, port: await freePort(), otherPort: await freePort() });
		await made.start();
		return made;
	}

	get url(): string {
		return `http://127.0.0.1:${this.port}`;
	}

	/** With what it has on disk. */
	async start(): Promise<void> {
		this.#child = spawn(this.#program.name, [...this.#args], { stdio: 'ignore' });
		const deadlineMs = Date.now() + READY_WITHIN_MS;
		while (!(await this.#program.isReady(this.port))) {
			if (Date.now() > deadlineMs || this.#child.exitCode !== null) throw new Error(`${this.#program.name} did not come up`);
			await sleep(50);
		}
	}

	/** As if the machine had lost it: no good-bye. */
	async kill(): Promise<void> {
		await this.#end('SIGKILL');
	}

	/** It may put in order what it has. */
	async stop(): Promise<void> {
		await this.#end('SIGTERM');
	}

	/** Its sockets stay open, and nothing answers any more. */
	freeze(): void {
		this.#child?.kill('SIGSTOP');
	}

	thaw(): void {
		this.#child?.kill('SIGCONT');
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await this.kill();
		rmSync(this.#folder, { recursive: true, force: true });
	}

	async #end(signal: NodeJS.Signals): Promise<void> {
		const child = this.#child;
		this.#child = undefined;
		if (child === undefined || child.exitCode !== null) return;
		const gone = once(child, 'exit');
		child.kill(signal);
		await gone;
	}
}

async function answers(url: string): Promise<boolean> {
	try {
		const answer = await fetch(url);
		await answer.arrayBuffer();
		return answer.ok;
	} catch {
		return false;
	}
}

/** That it asks for a password is an answer as well. */
function speaksRedis(port: number): Promise<boolean> {
	return new Promise((resolve) => {
		const socket = connect(port, '127.0.0.1', () => socket.write('PING\r\n'));
		socket.once('data', (bytes) => {
			socket.destroy();
			resolve(/^(\+PONG|-NOAUTH)/.test(bytes.toString()));
		});
		socket.once('error', () => resolve(false));
		socket.once('close', () => resolve(false));
	});
}

export async function freePort(): Promise<number> {
	const server = createServer();
	await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
	const address = server.address();
	await new Promise((resolve) => server.close(resolve));
	if (address === null || typeof address === 'string') throw new Error('no port');
	return address.port;
}
