/** The dashboards by the name of their file in `ops/grafana`, as the text that stands there. */
import { type BoardPlan, dashboardOf } from './board.ts';
import { OVERVIEW } from './overview.ts';
import { SYMBOLS } from './symbols.ts';

export const BOARDS: Readonly<Record<string, BoardPlan>> = { 'mm_bot_overview.json': OVERVIEW, 'symbols.json': SYMBOLS };

export function textOf(plan: BoardPlan): string {
	return `${JSON.stringify(dashboardOf(plan), null, '\t')}\n`;
}
