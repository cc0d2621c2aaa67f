/** What the pages for programs of one's own show must run as it stands there, and print what it says. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { emptyScratch, root } from './scratch.ts';
import { snippetsOf, wordsOf } from './snippets.ts';

const door = pathToFileURL(join(root, 'src/index.ts')).href;
const snippets = ['docs/library.md', 'docs/market-data.md', 'docs/trading.md'].flatMap(snippetsOf);
const files = snippets.map(({ code }, index) => [`${index}.ts`, code.replace("'evenkeel'", `'${door}'`)] as const);
const main = files.map(([name]) => `await import('./${name}');\nconsole.log('---');\n`).join('');
const folder = emptyScratch({ ...Object.fromEntries(files), 'main.ts': main });
afterAll(() => folder[Symbol.dispose]());

test('each program on these pages prints what its page says, and the process ends by itself', async () => {
	const child = spawn(process.execPath, [join(folder.path, 'main.ts')], { stdio: ['ignore', 'pipe', 'pipe'] });
	const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
	const printed = stdout.split('---\n').slice(0, -1).map(wordsOf);
	expect(printed, stderr).toEqual(snippets.map(({ prints }) => prints));
	expect(snippets.length).toBeGreaterThan(6);
	for (const { prints } of snippets) expect(prints.length).toBeGreaterThan(0);
});
