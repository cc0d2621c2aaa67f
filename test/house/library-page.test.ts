/** What docs/library.md shows must run as it stands there, and print what it says. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { emptyScratch, root } from './scratch.ts';
import { snippetsOf, wordsOf } from './snippets.ts';

const door = pathToFileURL(join(root, 'src/index.ts')).href;
const snippets = snippetsOf('docs/library.md');
const files = snippets.map(({ code }, index) => [`${index}.ts`, code.replace("'evenkeel'", `'${door}'`)] as const);
const main = files.map(([name]) => `await import('./${name}');\nconsole.log('---');\n`).join('');
const folder = emptyScratch({ ...Object.fromEntries(files), 'main.ts': main });
afterAll(() => folder[Symbol.dispose]());

test('each program on the page prints what the page says, and the process ends by itself', async () => {
	const child = spawn(process.execPath, [join(folder.path, 'main.ts')], { stdio: ['ignore', 'pipe', 'pipe'] });
	const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
	const printed = stdout.split('---\n').slice(0, -1).map(wordsOf);
	expect(printed, stderr).toEqual(snippets.map(({ prints }) => prints));
	expect(snippets.length).toBeGreaterThan(6);
	for (const { prints } of snippets) expect(prints.length).toBeGreaterThan(0);
});
