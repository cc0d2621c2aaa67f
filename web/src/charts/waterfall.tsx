/** The parts of the profit as steps from nothing to the total. */
import type { JSX } from 'preact';
import { useRef } from 'preact/hooks';
import { signedMoney } from '../format.ts';
import { ChartFrame } from './frame.tsx';
import { type ProfitParts, waterfall } from './profit-split.ts';
import { useWidth } from './use-width.ts';

const HEIGHT = 190;
const TOP = 22;
const BOTTOM = 26;

export function Waterfall({ parts, currency }: { readonly parts: ProfitParts; readonly currency: string }): JSX.Element {
	const host = useRef<HTMLDivElement>(null);
	const width = useWidth(host).value;
	const steps = waterfall(parts);
	const ends = steps.flatMap(({ from, to }) => [from, to]);
	const [low, high] = [Math.min(0, ...ends), Math.max(0, ...ends)];
	const range = high - low || 1;
	const y = (value: number): number => TOP + ((high - value) / range) * (HEIGHT - TOP - BOTTOM);
	const slot = width / steps.length;
	return (
		<ChartFrame
			summary={`${steps.map(({ label, value }) => `${label} ${signedMoney(value)}`).join(', ')} ${currency}.`}
			table={() => ({ head: ['Part', currency], rows: steps.map(({ label, value }) => [label, signedMoney(value)]) })}
		>
			<div ref={host}>
				<svg class="chart-drawing" viewBox={`0 0 ${width} ${HEIGHT}`} aria-hidden="true">
					<line class="zero" x1="0" x2={width} y1={y(0)} y2={y(0)} />
					{steps.map(({ name, label, value, from, to }, index) => {
						const [top, bottom] = [y(Math.max(from, to)), y(Math.min(from, to))];
						const middle = (index + 0.5) * slot;
						return (
							<g key={name}>
								<rect
									x={index * slot + slot * 0.18}
									y={top}
									width={slot * 0.64}
									height={Math.max(1.5, bottom - top)}
									rx="2"
									fill={`var(--chart-${name})`}
								/>
								<text class="strong" x={middle} y={top - 6} text-anchor="middle">
									{signedMoney(value)}
								</text>
								<text x={middle} y={HEIGHT - 6} text-anchor="middle">
									{label}
								</text>
							</g>
						);
					})}
				</svg>
			</div>
		</ChartFrame>
	);
}
