/** `npm run format [-- files...]`: puts layout and the order of imports right, in the whole repository or in some files. */
import { fileURLToPath } from 'node:url';
import { runTool } from './check/tool.ts';

const root = fileURLToPath(new URL('../', import.meta.url));
const files = process.argv.slice(2);
const { ok, output } = await runTool(root, '@biomejs/biome/bin/biome', ['check', '--write', ...files]);
process.stdout.write(output);
process.exitCode = ok ? 0 : 1;
