/**
 * `npm run build`: JavaScript and declarations of `src/` into `dist/`, for the package only, since Node does not strip types
 * below node_modules, and the dashboard into `dist/web/`. From a clone nothing of `src/` needs to be built. `npm pack` and
 * `npm publish` call it as `prepack`.
 */
import { rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { runTool } from './check/tool.ts';
import { buildDashboard } from './dashboard.ts';

const root = fileURLToPath(new URL('../', import.meta.url));
rmSync(new URL('../dist', import.meta.url), { recursive: true, force: true });
const { ok, output } = await runTool(root, '@typescript/native/bin/tsc', ['--project', 'tsconfig.build.json']);
const dashboard = await buildDashboard(root, 'dist/web');
process.stderr.write(`${output}${dashboard.output}`); // not stdout: npm pack --json has that
process.exitCode = ok && dashboard.ok ? 0 : 1;
