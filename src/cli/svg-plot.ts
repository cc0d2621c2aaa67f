/** Plots as SVG text, for a page that needs nothing but itself. Colours come from the page's classes. */

export interface Line {
	readonly name: string;
	/** As many as there are places on the x axis; null where nothing is known. */
	readonly values: readonly (number | null)[];
}

export interface LinePlot {
	readonly title: string;
	readonly x: readonly number[];
	readonly xText: (x: number) => string;
	readonly yText: (y: number) => string;
	readonly lines: readonly Line[];
}

const WIDTH = 760;
const HEIGHT = 240;
const LEFT = 76;
const RIGHT = 12;
const TOP = 10;
const BOTTOM = 26;
/** About so many lines across. */
const TICKS_Y = 5;
const TICKS_X = 5;
/** The page has no more colours. */
const COLOURS = 6;

/** A sentence in place of a plot where there is nothing to draw. */
export function linePlot(plot: LinePlot): string {
	const { title, x, lines } = plot;
	const known = lines.flatMap(({ values }) => values.filter((value) => value !== null && Number.isFinite(value)));
	const [first, last] = [x[0], x.at(-1)];
	if (known.length === 0 || first === undefined || last === undefined || first === last) {
		return `<p class="none">${escaped(title)}: nothing was measured.</p>`;
	}
	const { low, high } = spanOf(known as readonly number[]);
	const xAt = (value: number): number => LEFT + ((value - first) / (last - first)) * (WIDTH - LEFT - RIGHT);
	const yAt = (value: number): number => HEIGHT - BOTTOM - ((value - low) / (high - low)) * (HEIGHT - TOP - BOTTOM);
	const parts = [
		...axisY({ low, high, yAt, text: plot.yText }),
		...axisX({ first, last, xAt, text: plot.xText }),
		...lines.map(({ values }, at) => `<path class="line c${at % COLOURS}" d="${pathOf(values, x, xAt, yAt)}"/>`),
	];
	return figure(title, lines, parts);
}

function figure(title: string, lines: readonly Line[], parts: readonly string[]): string {
	const keys = lines.map(({ name }, at) => `<span class="key c${at % COLOURS}">${escaped(name)}</span>`).join(' ');
	const label = `${title}: ${lines.map(lineText).join('; ')}`;
	return `<figure><figcaption>${escaped(title)} ${keys}</figcaption><svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escaped(label)}">${parts.join('')}</svg></figure>`;
}

/** What somebody is told who does not see it. */
function lineText({ name, values }: Line): string {
	const known = values.filter((value) => value !== null);
	if (known.length === 0) return `${name} unknown`;
	const [first = 0, last = 0] = [known[0], known.at(-1)];
	return `${name} from ${short(first)} to ${short(last)}, lowest ${short(least(known))}, highest ${short(most(known))}`;
}

function spanOf(values: readonly number[]): { readonly low: number; readonly high: number } {
	const [low, high] = [least(values), most(values)];
	const room = high === low ? Math.max(Math.abs(high) * 0.01, 1e-9) : (high - low) * 0.05;
	return { low: low - room, high: high + room };
}

interface AxisY {
	readonly low: number;
	readonly high: number;
	readonly yAt: (value: number) => number;
	readonly text: (value: number) => string;
}

function axisY({ low, high, yAt, text }: AxisY): string[] {
	const step = roundStep((high - low) / TICKS_Y);
	const from = Math.ceil(low / step);
	return Array.from({ length: Math.floor(high / step) - from + 1 }, (_, at) => {
		const value = (from + at) * step;
		const y = yAt(value).toFixed(1);
		return `<path class="grid" d="M${LEFT} ${y}H${WIDTH - RIGHT}"/><text class="y" x="${LEFT - 6}" y="${y}">${escaped(text(value))}</text>`;
	});
}

/** The next of 1, 2 and 5 with noughts. */
function roundStep(least: number): number {
	const power = 10 ** Math.floor(Math.log10(least));
	return power * ([1, 2, 5].find((each) => each * power >= least) ?? 10);
}

interface AxisX {
	readonly first: number;
	readonly last: number;
	readonly xAt: (value: number) => number;
	readonly text: (value: number) => string;
}

function axisX({ first, last, xAt, text }: AxisX): string[] {
	return Array.from({ length: TICKS_X + 1 }, (_, step) => {
		const value = first + ((last - first) * step) / TICKS_X;
		const anchor = step === 0 ? 'start' : step === TICKS_X ? 'end' : 'middle';
		return `<text class="x" text-anchor="${anchor}" x="${xAt(value).toFixed(1)}" y="${HEIGHT - 8}">${escaped(text(value))}</text>`;
	});
}

function pathOf(
	values: readonly (number | null)[],
	x: readonly number[],
	xAt: (value: number) => number,
	yAt: (value: number) => number,
): string {
	let path = '';
	let isOn = false;
	for (const [at, value] of values.entries()) {
		const place = x[at];
		if (value === null || place === undefined || !Number.isFinite(value)) {
			isOn = false;
			continue;
		}
		path += `${isOn ? 'L' : 'M'}${xAt(place).toFixed(1)} ${yAt(value).toFixed(1)}`;
		isOn = true;
	}
	return path;
}

export interface Bar {
	readonly name: string;
	/** From 0 to 1. */
	readonly share: number;
	readonly text: string;
}

const BAR_HEIGHT = 26;
const BAR_LEFT = 110;
const BAR_RIGHT = 170;

export function barPlot(title: string, bars: readonly Bar[]): string {
	if (bars.length === 0) return `<p class="none">${escaped(title)}: nothing was measured.</p>`;
	const height = bars.length * BAR_HEIGHT;
	const rows = bars.map(({ name, share, text }, at) => {
		const y = at * BAR_HEIGHT;
		const width = (Math.min(1, Math.max(0, share)) * (WIDTH - BAR_LEFT - BAR_RIGHT)).toFixed(1);
		return `<text class="name" x="${BAR_LEFT - 8}" y="${y + 17}">${escaped(name)}</text><rect class="bar" x="${BAR_LEFT}" y="${y + 4}" width="${width}" height="${BAR_HEIGHT - 8}"/><text class="amount" x="${(BAR_LEFT + Number(width) + 8).toFixed(1)}" y="${y + 17}">${escaped(text)}</text>`;
	});
	const label = `${title}: ${bars.map(({ name, text }) => `${name} ${text}`).join('; ')}`;
	return `<figure><figcaption>${escaped(title)}</figcaption><svg viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${escaped(label)}">${rows.join('')}</svg></figure>`;
}

/** Names and reasons come from venues and other people (SEC9). */
export function escaped(text: string): string {
	return text.replaceAll(/[&<>"']/g, (sign) => `&#${sign.codePointAt(0) ?? 0};`);
}

function short(value: number): string {
	return String(Number(value.toPrecision(6)));
}

function least(values: readonly number[]): number {
	return values.reduce((one, other) => Math.min(one, other), Number.POSITIVE_INFINITY);
}

function most(values: readonly number[]): number {
	return values.reduce((one, other) => Math.max(one, other), Number.NEGATIVE_INFINITY);
}
