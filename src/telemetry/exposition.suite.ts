/**
 * Reads the text that Prometheus scrapes (version 0.0.4 of the format), for tests: strictly, so that whatever a scraper
 * would refuse, or would take for something else than was meant, throws here.
 */
export interface Family {
	readonly type: string;
	readonly help: string;
	readonly samples: readonly Sample[];
}

export interface Sample {
	readonly name: string;
	readonly labels: Readonly<Record<string, string>>;
	readonly value: number;
}

const NAME = '[a-zA-Z_:][a-zA-Z0-9_:]*';
const HELP = new RegExp(`^# HELP (${NAME}) (\\S.*)$`);
const TYPE = new RegExp(`^# TYPE (${NAME}) (counter|gauge|histogram|summary|untyped)$`);
const SAMPLE = new RegExp(`^(${NAME})(?:\\{(.*)\\})? (\\S+)$`);
const LABEL = /^([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\[\\n"])*)"(?:,(?=.)|$)/;
const VALUE = /^(?:[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?|NaN|[-+]Inf)$/;

export function parseExposition(text: string): ReadonlyMap<string, Family> {
	if (!text.endsWith('\n')) throw new Error('the last line does not end');
	const families = new Map<string, { type: string; help: string; samples: Sample[] }>();
	const seen = new Set<string>();
	let help: RegExpExecArray | null = null;
	let current: { name: string; type: string; help: string; samples: Sample[] } | undefined;
	for (const line of text.slice(0, -1).split('\n')) {
		if (line === '') continue;
		const type = TYPE.exec(line);
		if (type !== null) {
			const [, name = '', kind = ''] = type;
			if (help?.[1] !== name) throw new Error(`${name} has no help before its type`);
			if (families.has(name)) throw new Error(`${name} comes twice`);
			current = { name, type: kind, help: help[2] ?? '', samples: [] };
			families.set(name, current);
		} else if (line.startsWith('#')) {
			help = HELP.exec(line);
			if (help === null) throw new Error(`a comment that nobody needs: ${line}`);
			current = undefined;
		} else {
			const sample = parseSample(line);
			if (current === undefined || !belongs(sample, current)) throw new Error(`a sample outside its family: ${line}`);
			const series = `${sample.name} ${keyOf(sample.labels)}`;
			if (seen.has(series)) throw new Error(`the same series twice: ${line}`);
			seen.add(series);
			current.samples.push(sample);
		}
	}
	for (const [name, family] of families) if (family.type === 'histogram') checkHistogram(name, family.samples);
	return families;
}

function parseSample(line: string): Sample {
	const [, name = '', inBraces = '', value = ''] = SAMPLE.exec(line) ?? [];
	if (name === '' || !VALUE.test(value)) throw new Error(`not a sample: ${line}`);
	const labels: Record<string, string> = {};
	for (let rest = inBraces; rest !== ''; ) {
		const label = LABEL.exec(rest);
		if (label === null) throw new Error(`not a label: ${rest}`);
		const [whole, key = '', quoted = ''] = label;
		if (key in labels) throw new Error(`the label ${key} comes twice: ${line}`);
		labels[key] = quoted.replaceAll(/\\(.)/g, (_, escaped: string) => (escaped === 'n' ? '\n' : escaped));
		rest = rest.slice(whole.length);
	}
	return { name, labels, value: value.endsWith('Inf') ? Number(value.replace('Inf', 'Infinity')) : Number(value) };
}

function belongs({ name, labels }: Sample, family: { readonly name: string; readonly type: string }): boolean {
	if (family.type !== 'histogram') return name === family.name;
	const part = name.startsWith(`${family.name}_`) ? name.slice(family.name.length + 1) : '';
	return part === 'bucket' ? 'le' in labels : (part === 'sum' || part === 'count') && !('le' in labels);
}

/** The same for the same labels in any order. */
function keyOf(labels: Sample['labels'], except?: string): string {
	const names = Object.keys(labels).filter((name) => name !== except);
	return JSON.stringify(names.sort().map((name) => [name, labels[name]]));
}

/** Every series of it has rising bounds, counts that never fall, and a last bound that has them all. */
function checkHistogram(name: string, samples: readonly Sample[]): void {
	const bySeries = Map.groupBy(samples, ({ labels }) => keyOf(labels, 'le'));
	for (const [series, own] of bySeries) {
		const valuesOf = (part: string) => own.filter((sample) => sample.name === `${name}_${part}`);
		const buckets = valuesOf('bucket').map(({ labels, value }) => ({
			bound: labels['le'] === '+Inf' ? Number.POSITIVE_INFINITY : Number(labels['le']),
			value,
		}));
		for (const [i, { bound, value }] of buckets.entries()) {
			const before = buckets[i - 1] ?? { bound: Number.NEGATIVE_INFINITY, value: 0 };
			if (!(bound > before.bound && value >= before.value)) throw new Error(`${name} ${series} is not cumulative`);
		}
		const [count, ...others] = valuesOf('count');
		const last = buckets.at(-1);
		if (last?.bound !== Number.POSITIVE_INFINITY || count === undefined || last.value !== count.value || others.length > 0) {
			throw new Error(`${name} ${series}: its last bucket is not its count`);
		}
		if (valuesOf('sum').length !== 1) throw new Error(`${name} ${series} has no sum`);
	}
}
