/** Percentiles of each stage on one scale by powers of ten: the short stages stay readable beside the long. */
import type { JSX } from 'preact';
import { useRef } from 'preact/hooks';
import type { LatencyView } from '../../../src/api/types.ts';
import { ms } from '../format.ts';
import { ChartFrame } from './frame.tsx';
import { powerScale } from './power-scale.ts';
import { useWidth } from './use-width.ts';

type Stage = LatencyView['stages'][number];

const NAME_WIDTH = 120;
const FIGURES_WIDTH = 70;
const ROW = 26;
const TOP = 8;
const BOTTOM = 24;

export function StageBars({ stages }: { readonly stages: readonly Stage[] }): JSX.Element {
	const host = useRef<HTMLDivElement>(null);
	const width = useWidth(host).value;
	const scale = powerScale(
		stages.flatMap(({ p50, p99 }) => [p50, p99]),
		{ from: NAME_WIDTH, to: Math.max(NAME_WIDTH + 1, width - FIGURES_WIDTH) },
	);
	const height = TOP + stages.length * ROW + BOTTOM;
	return (
		<ChartFrame
			summary={`By stage: ${stages.map(({ name, p50, p99 }) => `${name} ${ms(p50)} in the median, ${ms(p99)} in the worst hundredth`).join('; ')}.`}
			table={() => ({
				head: ['Stage', 'Median', '95 %', '99 %'],
				rows: stages.map(({ name, p50, p95, p99 }) => [name, ms(p50), ms(p95), ms(p99)]),
			})}
		>
			<div ref={host}>
				<svg class="chart-drawing" viewBox={`0 0 ${width} ${height}`} aria-hidden="true">
					{scale.ticks.map((tick) => (
						<g key={tick}>
							<line class="axis" x1={scale.at(tick)} x2={scale.at(tick)} y1={TOP} y2={height - BOTTOM} />
							<text x={scale.at(tick)} y={height - 6} text-anchor="middle">
								{tickText(tick)}
							</text>
						</g>
					))}
					{stages.map((stage, index) => (
						<StageRow key={stage.name} stage={stage} at={scale.at} end={width} middle={TOP + (index + 0.5) * ROW} />
					))}
				</svg>
			</div>
		</ChartFrame>
	);
}

function StageRow({
	stage: { name, p50, p95, p99 },
	at,
	middle,
	end,
}: {
	readonly stage: Stage;
	readonly at: (value: number | null) => number;
	readonly middle: number;
	readonly end: number;
}): JSX.Element {
	return (
		<g>
			<text class="strong" x={NAME_WIDTH - 12} y={middle + 4} text-anchor="end">
				{name}
			</text>
			<rect x={at(p50)} y={middle - 5} width={Math.max(1, at(p99) - at(p50))} height="10" rx="2" fill="var(--chart-band)" />
			<rect
				x={at(p50)}
				y={middle - 5}
				width={Math.max(1, at(p95) - at(p50))}
				height="10"
				rx="2"
				fill="var(--chart-first)"
				opacity="0.45"
			/>
			<circle cx={at(p50)} cy={middle} r="5" fill="var(--chart-first)" />
			<line x1={at(p99)} x2={at(p99)} y1={middle - 7} y2={middle + 7} stroke="var(--chart-third)" stroke-width="2.5" />
			<text class="strong" x={end} y={middle + 4} text-anchor="end">
				{ms(p50)}
			</text>
		</g>
	);
}

/** Ticks are powers of ten: `1 ms`, not `1.0 ms`. */
function tickText(tick: number): string {
	if (tick < 1) return `${Math.round(tick * 1_000)} µs`;
	return tick < 1_000 ? `${tick} ms` : `${tick / 1_000} s`;
}
