/** What docs/network.md shows must run as it stands there, and print what it says. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { emptyScratch, root } from './scratch.ts';
import { snippetsOf, wordsOf } from './snippets.ts';

const door = pathToFileURL(join(root, 'src/network/index.ts')).href;
const snippets = snippetsOf('docs/network.md');
const files = snippets.map(({ code }, index) => [`${index}.ts`, code.replace("'evenkeel/network'", `'${door}'`)] as const);
const main = files.map(([name]) => `await import('./${name}');\nconsole.log('---');\n`).join('');
const folder = emptyScratch({ ...Object.fromEntries(files), 'main.ts': main });
afterAll(() => folder[Symbol.dispose]());

test('each program on the page prints what the page says', () => {
	const { stdout, stderr } = spawnSync(process.execPath, [join(folder.path, 'main.ts')], { encoding: 'utf8' });
	const printed = stdout.split('---\n').slice(0, -1).map(wordsOf);
	expect(printed, stderr).toEqual(snippets.map(({ prints }) => prints));
	expect(snippets.length).toBeGreaterThan(6);
	for (const { prints } of snippets) expect(prints.length).toBeGreaterThan(0);
});
