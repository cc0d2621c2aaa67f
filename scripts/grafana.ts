/** Writes the dashboards of `ops/grafana` anew: `node scripts/grafana.ts`. A test compares (test/house/ops.test.ts). */
import { writeFileSync } from 'node:fs';
import { BOARDS, textOf } from './grafana/boards.ts';

for (const [name, plan] of Object.entries(BOARDS)) {
	writeFileSync(new URL(`../ops/grafana/${name}`, import.meta.url), textOf(plan));
}
