import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { BOUNDS_MS } from './buckets.ts';
import { METRICS, type MetricEntry } from './catalogue.ts';

const DOCUMENT = readFileSync(new URL('../../docs/metrics.md', import.meta.url), 'utf8');

function row({ name, kind, labels, help }: MetricEntry): string {
	const said = Object.entries(labels).map(([label, values]) => {
		return `\`${label}\`: ${typeof values === 'string' ? values : values.map((value) => `\`${value}\``).join(', ')}`;
	});
	return `| \`${name}\` | ${kind} | ${said.join('; ')} | ${help} |`;
}

test('docs/metrics.md has one row for each metric, as the catalogue has it', () => {
	const found = DOCUMENT.split('\n').filter((line) => line.startsWith('| `'));
	expect(found, 'put these rows into docs/metrics.md').toEqual(METRICS.map(row));
});

test('docs/metrics.md has the bounds of the histograms', () => {
	expect(DOCUMENT.replaceAll(/\s+/g, ' ')).toContain(`Histograms have bounds at ${BOUNDS_MS.join(', ')} ms.`);
});
