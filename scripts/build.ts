/**
 * `npm run build`: JavaScript and declarations of `src/` into `dist/`, for the package only, since Node does not strip types
 * below node_modules. From a clone nothing needs to be built. `npm pack` and `npm publish` call it as `prepack`.
 */
import { rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { runTool } from './check/tool.ts';

const root = fileURLToPath(new URL('../', import.meta.url));
rmSync(new URL('../dist', import.meta.url), { recursive: true, force: true });
const { ok, output } = await runTool(root, '@typescript/native/bin/tsc', ['--project', 'tsconfig.build.json']);
process.stderr.write(output); // not stdout: npm pack --json has that
process.exitCode = ok ? 0 : 1;
