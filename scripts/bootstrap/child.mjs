// @ts-check
/**
 * Runs a program to its end and hands back its exit code, passing on the signals that end programs. We stay until the
 * child is gone, so that whoever waits for us waits for its clean-up too.
 *
 * In a terminal Ctrl-C reaches the whole process group, npm passes it on once more and so do we: a child may see one
 * key press as several SIGINTs within some milliseconds. Children that treat a second SIGINT as "stop at once" must
 * count those that come within 300 ms as one.
 */
import { spawn } from 'node:child_process';
import { constants } from 'node:os';

const FORWARDED = /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']);

/**
 * @typedef {object} Ended
 * @property {number} code the exit code; 128 + the signal's number when a signal ended it, as shells have it
 * @property {NodeJS.Signals | undefined} passedOn the last signal that came for it
 */

/**
 * @param {string} command
 * @param {string[]} args
 * @param {import('node:child_process').SpawnOptions} options
 * @returns {Promise<Ended>}
 */
export function runChild(command, args, options) {
	return new Promise((settle, fail) => {
		const child = spawn(command, args, options);
		/** @type {NodeJS.Signals | undefined} */
		let passedOn;
		const forwards = FORWARDED.map((signal) => {
			// On Windows kill() means terminate; there the console itself has told the child.
			const forward = () => {
				passedOn = signal;
				if (process.platform !== 'win32') child.kill(signal);
			};
			process.on(signal, forward);
			return () => process.off(signal, forward);
		});
		const stopForwarding = () => forwards.forEach((stop) => void stop());
		child.once('error', (error) => {
			stopForwarding();
			fail(error);
		});
		child.once('exit', (code, signal) => {
			stopForwarding();
			settle({ code: code ?? 128 + (signal === null ? 0 : constants.signals[signal]), passedOn });
		});
	});
}
