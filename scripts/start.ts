/**
 * `npm start`: builds the dashboard where it is missing or older than its sources, then is `evenkeel run`, in this very
 * process, so that signals reach it as they would the command. An engine without a dashboard is better than none, so a
 * build that fails is said and no more.
 */
import { fileURLToPath } from 'node:url';
import { BUILT, buildDashboard, isDashboardFresh } from './dashboard.ts';

const root = fileURLToPath(new URL('../', import.meta.url));
const program = fileURLToPath(new URL('../src/cli/main.ts', import.meta.url));

if (!isDashboardFresh(root)) {
	process.stderr.write('building the dashboard (once, about 2 s)\n');
	const { ok, output } = await buildDashboard(root, BUILT);
	if (!ok) process.stderr.write(`${output}\nthe dashboard could not be built; the engine starts without it\n`);
}
// The command starts programs of its own by the path that it finds here.
process.argv.splice(1, 1, program, 'run');
await import('../src/cli/main.ts');
