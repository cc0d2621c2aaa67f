/**
 * A dashboard as a list of what it shows: rows of panels, each a title, what it tells, and its questions to Prometheus.
 * Grafana's own builders make the JSON of it, so that the compiler knows when a panel is none.
 */
import {
	BigValueGraphMode,
	GraphDrawStyle,
	LegendDisplayMode,
	LegendPlacement,
	SortOrder,
	StackingConfigBuilder,
	StackingMode,
	TooltipDisplayMode,
	VizLegendOptionsBuilder,
	VizTooltipOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common';
import {
	type Dashboard,
	DashboardBuilder,
	DashboardCursorSync,
	DatasourceVariableBuilder,
	QueryVariableBuilder,
	RowBuilder,
	type Threshold,
	ThresholdsConfigBuilder,
	ThresholdsMode,
	VariableRefresh,
	VariableSort,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { DataqueryBuilder } from '@grafana/grafana-foundation-sdk/prometheus';
import { PanelBuilder as StatBuilder } from '@grafana/grafana-foundation-sdk/stat';
import { PanelBuilder as TimeSeriesBuilder } from '@grafana/grafana-foundation-sdk/timeseries';

export interface Question {
	readonly expr: string;
	readonly legend?: string;
}

export interface PanelPlan {
	/** One figure with its colour, or lines over time; lines unless said. */
	readonly kind?: 'figure' | 'lines' | 'stacked';
	readonly title: string;
	/** What it tells, for the little `i` beside the title. */
	readonly about: string;
	readonly unit: string;
	/** Of 24. */
	readonly width: number;
	readonly height?: number;
	readonly ask: readonly Question[];
	/** From this value upwards in this colour, beginning with green. */
	readonly colours?: readonly (readonly [from: number, colour: 'green' | 'yellow' | 'orange' | 'red'])[];
	readonly min?: number;
	readonly max?: number;
}

export interface BoardPlan {
	readonly uid: string;
	readonly title: string;
	readonly about: string;
	/** Choices at the top: a name and the metric whose label of that name has the values. */
	readonly choices: readonly { readonly name: string; readonly metric: string }[];
	readonly rows: readonly { readonly title: string; readonly panels: readonly PanelPlan[] }[];
}

const SOURCE = { type: 'prometheus', uid: '$datasource' };
/** What Grafana calls the questions of a panel. */
const REF_IDS = 'ABCDEFGH';
const HEIGHTS = { figure: 4, lines: 8, stacked: 8 };

export function dashboardOf({ uid, title, about, choices, rows }: BoardPlan): Dashboard {
	const board = new DashboardBuilder(title)
		.uid(uid)
		.description(about)
		.tags(['evenkeel'])
		.timezone('browser')
		.tooltip(DashboardCursorSync.Crosshair)
		.time({ from: 'now-30m', to: 'now' })
		.refresh('10s')
		.withVariable(new DatasourceVariableBuilder('datasource').label('Prometheus').type('prometheus'));
	for (const { name, metric } of choices) board.withVariable(choiceOf(name, metric));
	for (const row of rows) {
		board.withRow(new RowBuilder(row.title));
		for (const panel of row.panels) board.withPanel(panelOf(panel));
	}
	return board.build();
}

function choiceOf(name: string, metric: string): QueryVariableBuilder {
	return new QueryVariableBuilder(name)
		.datasource(SOURCE)
		.query(`label_values(${metric}, ${name})`)
		.refresh(VariableRefresh.OnTimeRangeChanged)
		.sort(VariableSort.AlphabeticalAsc)
		.multi(true)
		.includeAll(true)
		.allValue('.*');
}

function panelOf(plan: PanelPlan): StatBuilder | TimeSeriesBuilder {
	const { kind = 'lines', height = HEIGHTS[kind] } = plan;
	const panel = kind === 'figure' ? new StatBuilder().graphMode(BigValueGraphMode.Area) : linesOf(kind);
	panel.title(plan.title).description(plan.about).datasource(SOURCE).unit(plan.unit).span(plan.width).height(height);
	if (plan.min !== undefined) panel.min(plan.min);
	if (plan.max !== undefined) panel.max(plan.max);
	if (plan.colours !== undefined) panel.thresholds(thresholdsOf(plan.colours));
	for (const [at, { expr, legend = '' }] of plan.ask.entries()) {
		panel.withTarget(new DataqueryBuilder().refId(`${REF_IDS[at]}`).expr(expr).legendFormat(legend));
	}
	return panel;
}

function linesOf(kind: 'lines' | 'stacked'): TimeSeriesBuilder {
	const lines = new TimeSeriesBuilder()
		.drawStyle(GraphDrawStyle.Line)
		.lineWidth(1)
		.fillOpacity(kind === 'stacked' ? 30 : 5)
		.legend(new VizLegendOptionsBuilder().displayMode(LegendDisplayMode.List).placement(LegendPlacement.Bottom).showLegend(true))
		.tooltip(new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi).sort(SortOrder.Descending));
	return kind === 'stacked' ? lines.stacking(new StackingConfigBuilder().mode(StackingMode.Normal).group('A')) : lines;
}

function thresholdsOf(colours: NonNullable<PanelPlan['colours']>): ThresholdsConfigBuilder {
	// What is below all of them has no bound; Grafana writes that as null.
	const base = { value: null, color: 'green' } as unknown as Threshold;
	return new ThresholdsConfigBuilder()
		.mode(ThresholdsMode.Absolute)
		.steps([base, ...colours.map(([value, color]) => ({ value, color }))]);
}
