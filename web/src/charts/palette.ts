/** The charts' colours as the style sheet has them, read when something is drawn: a canvas knows no style sheet. */
import type { Theme } from '../store/theme.ts';
import { type Ramp, type Rgba, rampOf } from './heat.ts';

const NAMES = [
	'bid',
	'ask',
	'mid',
	'fair',
	'reservation',
	'total',
	'spread',
	'inventory',
	'fees',
	'funding',
	'first',
	'second',
	'third',
	'fourth',
	'fifth',
	'sixth',
	'ink',
	'strong',
	'grid',
	'ground',
	'band',
	'bid-bar',
	'ask-bar',
] as const;

export type ChartColour = (typeof NAMES)[number];

export interface Palette {
	readonly colour: (name: ChartColour) => string;
	readonly heat: Ramp;
}

const HEAT_STOPS = [0, 1, 2, 3, 4] as const;
const known = new Map<Theme, Palette>();

/** Call when the page wears this theme already: in an effect or a picture frame, not while components are made. */
export function palette(theme: Theme): Palette {
	const made = known.get(theme);
	if (made !== undefined) return made;
	// The style sheet says colours by other colours and for two themes; the browser works them out for a real element only.
	const probe = document.body.appendChild(document.createElement('i'));
	const worn = (name: string): string => {
		probe.style.color = `var(--chart-${name})`;
		return getComputedStyle(probe).color;
	};
	const colours = new Map(NAMES.map((name) => [name, worn(name)]));
	const heat = rampOf(HEAT_STOPS.map((stop) => rgbaOf(worn(`heat-${stop}`))));
	probe.remove();
	const fresh: Palette = { colour: (name) => colours.get(name) ?? 'gray', heat };
	known.set(theme, fresh);
	return fresh;
}

/** Of `rgb(1, 2, 3)`, as browsers write it. */
function rgbaOf(text: string): Rgba {
	const [red = 0, green = 0, blue = 0, alpha = 1] = (text.match(/[\d.]+/g) ?? []).map(Number);
	return { red, green, blue, alpha };
}
