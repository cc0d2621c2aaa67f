// @ts-check
/**
 * Runs npm: the one that called us, on the Node that it runs on, or the npm of the shell. Never straight from the Node in
 * node_modules, which npm scripts find first in their path: an install would delete the program under its own feet.
 * All that npm says goes to standard error.
 */
import { existsSync } from 'node:fs';
import { delimiter, dirname } from 'node:path';
import { runChild } from './child.mjs';
import { Refusal } from './refusal.mjs';

/**
 * @param {string} root
 * @param {string[]} args
 * @param {string} [node] the Node to run it on, instead of the one that npm usually runs on
 * @returns {Promise<import('./child.mjs').Ended>}
 */
export async function npm(root, args, node) {
	const { npm_execpath: cli, npm_node_execpath: usual } = process.env;
	const runtime = node ?? usual;
	/** @type {import('node:child_process').SpawnOptions} */
	const options = { cwd: root, stdio: ['ignore', 2, 2] };
	try {
		if (cli?.endsWith('npm-cli.js') === true && runtime !== undefined && existsSync(runtime)) {
			return await runChild(runtime, [cli, ...args], options);
		}
		const windows = process.platform === 'win32'; // npm is a .cmd file there, and those need a shell
		// The npm of the shell takes the first Node of the path.
		const env = node === undefined ? process.env : { ...process.env, PATH: `${dirname(node)}${delimiter}${process.env['PATH']}` };
		return await runChild(windows ? 'npm.cmd' : 'npm', args, { ...options, env, shell: windows });
	} catch (error) {
		const reason = error instanceof Error ? error.message : String(error);
		throw new Refusal(`npm could not be started (${reason}): install Node with npm and run this again`, 2);
	}
}
