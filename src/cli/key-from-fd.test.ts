/** Keys that come by an open file. */
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { keyFromFd } from './key-from-fd.ts';

const folder = mkdtempSync(join(tmpdir(), 'evenkeel-key-'));
afterAll(() => rmSync(folder, { recursive: true }));

function fdOf(text: string): number {
	const path = join(folder, 'key');
	writeFileSync(path, text);
	return openSync(path, 'r');
}

test('the first line is the key, and the rest the secret, however many lines that has', () => {
	expect(keyFromFd(fdOf('abc\ndef\n'))).toEqual({ apiKey: 'abc', apiSecret: 'def' });
	expect(keyFromFd(fdOf('abc\r\n-----BEGIN\nX\n-----END\n'))).toEqual({ apiKey: 'abc', apiSecret: '-----BEGIN\nX\n-----END' });
});

test.each([
	['nothing', ''],
	['a key alone', 'abc'],
	['a key and an empty line', 'abc\n\n'],
	['no key', '\ndef'],
])('%s is refused, and not shown', (_name, text) => {
	const fd = fdOf(text);
	expect(() => keyFromFd(fd)).toThrow(`--key-fd ${fd} holds no key: the first line has to be the API key, the rest its secret`);
});

test('what is too long, or not open, is refused', () => {
	expect(() => keyFromFd(fdOf('x'.repeat(70_000)))).toThrow(/holds more than a key can be/);
	const fd = fdOf('abc\ndef');
	closeSync(fd);
	expect(() => keyFromFd(fd)).toThrow(/cannot be read: it has to be an open file/);
});
