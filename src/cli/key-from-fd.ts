/** A key that a parent process hands over through an open file: it never stands in the environment or on the disk. */
import { closeSync, readSync } from 'node:fs';
import { UsageError } from './usage-error.ts';

/** A key and a private RSA key in PEM are not a tenth of this. */
const BYTES_MAX = 65_536;

/** The first line is the key, all the rest is the secret, which may have several lines. */
export function keyFromFd(fd: number): { readonly apiKey: string; readonly apiSecret: string } {
	const text = textOf(fd);
	const end = text.indexOf('\n');
	const [apiKey, apiSecret] = end < 0 ? ['', ''] : [text.slice(0, end).trim(), text.slice(end + 1).trim()];
	if (apiKey === '' || apiSecret === '') {
		throw new UsageError(`--key-fd ${fd} holds no key: the first line has to be the API key, the rest its secret`);
	}
	return { apiKey, apiSecret };
}

function textOf(fd: number): string {
	const buffer = Buffer.alloc(BYTES_MAX);
	let length = 0;
	try {
		for (;;) {
			const count = readSync(fd, buffer, length, buffer.length - length, null);
			if (count === 0) break;
			length += count;
			if (length === buffer.length) throw new UsageError(`--key-fd ${fd} holds more than a key can be`);
		}
		closeSync(fd);
	} catch (error) {
		if (error instanceof UsageError) throw error;
		throw new UsageError(`--key-fd ${fd} cannot be read: it has to be an open file or pipe, such as in 3< key.txt`);
	}
	return buffer.toString('utf8', 0, length);
}
