/** What a person types or pastes, at a terminal that is none. */
import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { askHidden } from './passphrase.ts';

const PEM = ['-----BEGIN PRIVATE KEY-----', 'canary1', 'canary2', '-----END PRIVATE KEY-----'];

function terminal() {
	return Object.assign(new PassThrough(), { isTTY: true });
}

test('an answer is one line', async () => {
	const input = terminal();
	const answer = askHidden('secret: ', input);
	input.write('one\r');
	expect(await answer).toBe('one');
});

test('a key of several lines is read to its end, so that nothing of it is left for the shell', async () => {
	const input = terminal();
	const answer = askHidden('secret: ', input);
	const [first, ...rest] = PEM;
	input.write(`${first}\r`);
	await new Promise((resolve) => setImmediate(resolve));
	input.write(`${rest.join('\r')}\r`);
	expect(await answer).toBe(PEM.join('\n'));
	const atOnce = askHidden('secret: ', input);
	input.write(`${PEM.join('\r')}\r`);
	expect(await atOnce).toBe(PEM.join('\n'));
});

test('one that never ends is given up with the terminal', async () => {
	const input = terminal();
	const answer = askHidden('secret: ', input);
	input.write(`${PEM.slice(0, 2).join('\r')}\r`);
	input.end();
	await expect(answer).rejects.toThrow('what was typed ends before its -----END line; nothing has changed');
});
