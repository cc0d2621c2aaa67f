/** The page that people read tells of the configuration that is really read. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { configJsonSchema, readConfig } from './config.ts';
import { configReference } from './reference.ts';
import { NOT_USED_YET } from './warnings.ts';

const PAGE = join(import.meta.dirname, '../../../docs/configuration.md');
const FROM = '<!-- made by `evenkeel config reference` from here on -->\n\n';

test('docs/configuration.md ends with the reference as it is today', () => {
	const [, reference] = readFileSync(PAGE, 'utf8').split(FROM);
	expect(reference, 'run: evenkeel config reference, and put what it prints behind the mark').toBe(configReference());
});

test('every setting has a row, with its default', () => {
	const text = `venues: { a: { symbols: [BTCUSDT] } }`;
	const read = readConfig({ file: { name: 't.yaml', text } });
	if (read.kind === 'bad') throw new Error('the text is right');
	const rows = configReference();
	for (const { path, value } of read.settings) {
		const row = rows.split('\n').find((line) => line.startsWith(`| \`${path.replace('venues.a', 'venues.<name>')}`));
		expect(row ?? (rows.includes(`\`${path}[]`) ? path : undefined), path).toBeDefined();
		if (typeof value === 'number' && !path.startsWith('venues')) expect(row, path).toContain(`| \`${value}\` |`);
	}
});

test('what is not used yet is a section or a key that exists', () => {
	const schema = configJsonSchema() as { properties: Record<string, { properties?: Record<string, unknown> }> };
	for (const path of Object.keys(NOT_USED_YET)) {
		const [section = '', key] = path.split('.');
		const there = schema.properties[section];
		expect(key === undefined ? there : there?.properties?.[key], path).toBeDefined();
	}
});
