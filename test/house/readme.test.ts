/** What the README shows must run as it stands there. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');

test('the strategy in the README is one', () => {
	const blocks = [...readFileSync(join(ROOT, 'README.md'), 'utf8').matchAll(/```ts\n(.*?)```/gs)].map(([, code = '']) => code);
	expect(blocks.length).toBe(1);
	const door = pathToFileURL(join(ROOT, 'src/strategy/index.ts')).href;
	const program = `${blocks[0]?.replace("'evenkeel/strategy'", `'${door}'`)}\nconsole.log(strategy.name, typeof strategy.quote);\n`;
	const folder = mkdtempSync(join(tmpdir(), 'evenkeel-readme-'));
	try {
		writeFileSync(join(folder, 'example.ts'), program);
		const { stdout, stderr } = spawnSync(process.execPath, [join(folder, 'example.ts')], { encoding: 'utf8' });
		expect(stdout.trim(), stderr).toBe('ladder function');
	} finally {
		rmSync(folder, { recursive: true });
	}
});
