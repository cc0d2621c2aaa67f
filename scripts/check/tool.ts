/** Runs a tool from node_modules on the Node that runs us and hands back whether it was content, and all it said. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface Verdict {
	readonly ok: boolean;
	/** For a person, when it is not ok. */
	readonly output: string;
}

/** @param bin path of a script below node_modules; no shell and no PATH, so the pinned tool runs and nothing else. */
export async function runTool(root: string, bin: string, args: readonly string[]): Promise<Verdict> {
	const { exitCode, stdout, stderr } = await runForOutput(root, bin, args);
	return { ok: exitCode === 0, output: `${stdout}${stderr}` };
}

/** A tool that hangs must not hang whoever waits for the check. */
const TOOL_MS_MAX = 5 * 60_000;

export interface ToolOutput {
	readonly exitCode: number;
	readonly stdout: string;
	readonly stderr: string;
}

export function runForOutput(root: string, bin: string, args: readonly string[]): Promise<ToolOutput> {
	const path = fileURLToPath(new URL(join('../../node_modules', bin), import.meta.url));
	const child = spawn(process.execPath, [path, ...args], {
		cwd: root,
		stdio: ['ignore', 'pipe', 'pipe'],
		timeout: TOOL_MS_MAX,
		killSignal: 'SIGKILL',
	});
	let stdout = '';
	let stderr = '';
	child.stdout.setEncoding('utf8').on('data', (text: string) => {
		stdout += text;
	});
	child.stderr.setEncoding('utf8').on('data', (text: string) => {
		stderr += text;
	});
	return new Promise((settle, fail) => {
		child.once('error', fail);
		child.once('close', (code) => settle({ exitCode: code ?? 1, stdout, stderr }));
	});
}
