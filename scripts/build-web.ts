/** `npm run build:web`: the dashboard into web/dist. `npm start` does so by itself when it is missing or old. */
import { fileURLToPath } from 'node:url';
import { BUILT, buildDashboard } from './dashboard.ts';

const { ok, output } = await buildDashboard(fileURLToPath(new URL('../', import.meta.url)), BUILT);
process.stderr.write(output);
process.exitCode = ok ? 0 : 1;
