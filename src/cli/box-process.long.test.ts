/** An exchange that does not go when it is let go. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { startBox } from './box-process.ts';

const folder = mkdtempSync(join(tmpdir(), 'evenkeel-box-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('is killed', async () => {
	const path = join(folder, 'stubborn.mjs');
	writeFileSync(path, 'setInterval(() => {}, 1_000); console.log(JSON.stringify({ listening: true, pid: process.pid }));');
	const started = await startBox([], {}, path);
	if (started.kind === 'failed') throw new Error(started.message);
	const { pid } = started.box.listening as unknown as { readonly pid: number };
	expect(process.kill(pid, 0)).toBe(true);
	await started.box[Symbol.asyncDispose]();
	expect(() => process.kill(pid, 0)).toThrow('ESRCH');
});
