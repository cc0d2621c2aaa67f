/** Proves that lint bites: what src may not take from the air, and the rules that need types. One run over many faults. */
import { writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { checks } from '../../scripts/check/checks.ts';
import { scratch } from './scratch.ts';

/** Each line of code is one fault; the message must name what was found and, for the first ones, the port to use. */
const ambient = [
	{ code: 'export const a = Date.now();', found: 'Date.now', instead: 'src/ports/clock.ts' },
	{ code: 'export const a = new Date();', found: 'new Date() without a time', instead: 'src/ports/clock.ts' },
	{ code: 'const { now } = Date; export const a = now;', found: 'Date.now' },
	{ code: 'export const a = performance.now();', found: 'performance' },
	{ code: 'export const a = globalThis.performance;', found: 'globalThis.performance' },
	{ code: "import { performance as p } from 'node:perf_hooks'; export const a = p;", found: 'performance of node:perf_hooks' },
	{ code: 'export const a = process.hrtime.bigint();', found: 'process.hrtime' },
	{ code: 'setTimeout(() => {}, 1);', found: 'setTimeout', instead: 'Clock.after' },
	{ code: 'setInterval(() => {}, 1);', found: 'setInterval' },
	{ code: 'setImmediate(() => {});', found: 'setImmediate' },
	{
		code: "import { setTimeout as sleep } from 'node:timers/promises'; export const a = sleep;",
		found: 'importing node:timers/promises',
	},
	{ code: 'export const a = AbortSignal.timeout(5);', found: 'AbortSignal.timeout' },
	{ code: 'export const a = Math.random();', found: 'Math.random', instead: 'src/ports/rng.ts' },
	{ code: 'export const a = crypto.randomUUID();', found: 'crypto' },
	{ code: "import { randomBytes } from 'node:crypto'; export const a = randomBytes;", found: 'randomBytes of node:crypto' },
	{ code: "import * as c from 'crypto'; export const a = c;", found: 'all of crypto' },
	{ code: "import { gzip } from 'node:zlib'; export const a = gzip;", found: 'gzip of node:zlib' },
	{ code: "export const a = await import('node:zlib');", found: 'all of node:zlib' },
	{ code: "export const a = fetch('http://x');", found: 'fetch', instead: 'Transport' },
	{ code: "export const a = new WebSocket('ws://x');", found: 'WebSocket' },
	{ code: "import { connect } from 'node:net'; export const a = connect;", found: 'importing node:net' },
	{ code: "import { readFileSync } from 'fs'; export const a = readFileSync;", found: 'importing fs' },
	{ code: "export * from 'node:http';", found: 'importing node:http' },
	{ code: "export const a = process.env['HOME'];", found: 'process' },
	{ code: "import { spawn } from 'node:child_process'; export const a = spawn;", found: 'importing node:child_process' },
	{ code: "import { Worker } from 'node:worker_threads'; export const a = Worker;", found: 'importing node:worker_threads' },
];

const innocent = `
import { createHmac } from 'node:crypto';
import { createHistogram } from 'node:perf_hooks';
import { gzipSync } from 'node:zlib';
import type { Socket } from 'node:net';
export const a = [new Date(5), Date.UTC(2026), Date.parse('2026-01-01'), createHmac, createHistogram, gzipSync];
export function f(performance: { now(): number }, own: { setTimeout: number; random: number }, socket: Socket) {
	return [performance.now(), own.setTimeout, own.random, socket];
}
`;

const typed = [
	{ rule: 'no-floating-promises', code: 'async function f(): Promise<void> {}\nexport function a(): void { f(); }' },
	{ rule: 'no-misused-promises', code: 'export const a = [1].forEach(async () => { await Promise.resolve(); });' },
	{
		rule: 'switch-exhaustiveness-check',
		code: "export function a(side: 'buy' | 'sell'): number { switch (side) { case 'buy': return 1; } return 0; }",
	},
	{ rule: 'no-explicit-any', code: 'export const a: any = 1;' },
	{ rule: 'no-unsafe-member-access', code: "export const a: unknown = JSON.parse('{}').x;" },
	{ rule: 'no-non-null-assertion', code: 'export const a = (list: number[]): number => list[0]!;' },
	{ rule: 'only-throw-error', code: "export function a(): void { throw 'text'; }" },
	{ rule: 'no-console', code: "console.log('x');" },
	{ rule: 'no-default-export', code: 'export default 1;' },
];

function lint(path: string) {
	const check = checks.find(({ name }) => name === 'lint');
	if (check === undefined) throw new Error('there is no check named lint');
	return check.run(path);
}

function linesAbout(output: string, file: string): string[] {
	return output.split('\n').filter((line) => line.includes(`${file}:`));
}

test('what comes from the air is refused in the engine, with the port to use instead', async () => {
	const files = ambient.map(({ code }, index) => [`src/engine/fault-${index}.ts`, `${code}\n`] as const);
	using folder = scratch({ ...Object.fromEntries(files), 'src/engine/innocent.ts': innocent });
	const { ok, output } = await lint(folder.path);
	expect(ok).toBe(false);
	for (const [index, { code, found, instead = '' }] of ambient.entries()) {
		const here = linesAbout(output, `fault-${index}.ts`);
		expect(
			here.some((line) => line.includes(`${found} is not for this file`) && line.includes(instead)),
			`${code}\n${here.join('\n')}`,
		).toBe(true);
	}
	expect(output).not.toContain('innocent.ts');
});

test('the files that implement a port may take what the port stands for, and nothing else', async () => {
	using folder = scratch({
		'src/network/system-clock.ts': 'export const wallMs = (): number => Date.now();\n',
		'src/network/real-socket.ts': "import { connect } from 'node:net';\nexport const open = connect;\n",
		'src/storage/journal.ts': "import { openSync } from 'node:fs';\nexport const open = openSync;\n",
		'src/cli/main.ts': 'console.log(process.argv);\n',
		'src/engine/step.test.ts': 'setTimeout(() => {}, 1);\n',
	});
	const right = await lint(folder.path);
	expect(right).toEqual({ ok: true, output: '' });

	using wrong = scratch({
		'src/network/real-socket.ts': "import { openSync } from 'node:fs';\nexport const open = openSync;\n",
		'src/storage/journal.ts': 'export const at = Date.now();\n',
		'src/cli/main.ts': 'setTimeout(() => {}, 1);\n',
		'src/network/retry.ts': 'setTimeout(() => {}, 1);\n',
	});
	expect((await lint(wrong.path)).output).toContain('4 problems');
});

test('faults that only types can show are found', async () => {
	const files = typed.map(({ rule, code }) => [`src/domain/${rule}.ts`, `${code}\n`] as const);
	using folder = scratch(Object.fromEntries(files));
	const { ok, output } = await lint(folder.path);
	expect(ok).toBe(false);
	for (const { rule } of typed) expect(linesAbout(output, `${rule}.ts`).join('\n'), rule).toContain(`(${rule})`);
});

test('a tsconfig that cannot be read fails the check, since without types half of it would be skipped in silence', async () => {
	using folder = scratch({ 'src/domain/a.ts': 'export const a = 1;\n' });
	using broken = scratch({ 'src/domain/a.ts': 'async function f(): Promise<void> {}\nexport function a(): void { f(); }\n' });
	expect((await lint(folder.path)).ok).toBe(true);
	writeFileSync(`${broken.path}/tsconfig.json`, '{ "compilerOptions": { "module": "nonsense", ');
	expect((await lint(broken.path)).ok).toBe(false);
});
