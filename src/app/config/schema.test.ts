/** The JSON schema as an editor uses it: it takes what is right, and marks what is wrong. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { configJsonSchema, readConfig } from './config.ts';
import { readYaml } from './yaml-document.ts';

const EXAMPLES = join(import.meta.dirname, '../../../examples');

// Through text, since that is what an editor gets.
const schema = z.fromJSONSchema(JSON.parse(JSON.stringify(configJsonSchema())) as Parameters<typeof z.fromJSONSchema>[0]);

function takes(text: string): boolean {
	const read = readYaml(text);
	if (read.kind === 'bad') throw new Error(`not YAML: ${text}`);
	return schema.safeParse(read.document.value).success;
}

test.each(readdirSync(EXAMPLES).filter((name) => name.endsWith('.yaml') && name !== 'faults.yaml'))(
	'takes examples/%s',
	(name) => {
		expect(takes(readFileSync(join(EXAMPLES, name), 'utf8'))).toBe(true);
	},
);

describe('marks', () => {
	test.each([
		['a misspelt section', 'bx: {}'],
		['a misspelt key', 'async_batch: { enable: true }'],
		['a misspelt key of a strategy', 'strategies: [{ name: s, params: { levels: { cuont: 3 } } }]'],
		['another kind of value', 'async_batch: { enabled: 1 }'],
		['a number out of range', 'risk: { leverage_max: 126 }'],
		['a broken number', 'async_batch: { max_batch_size: 2.5 }'],
		['a wrong word', 'mode: real'],
		['what is needed and missing', 'strategies: [{ params: {} }]'],
		['a symbol in small letters', 'venues: { a: { symbols: [btcusdt] } }'],
	])('%s', (_, text) => {
		expect(takes(text)).toBe(false);
		expect(readConfig({ file: { name: 't.yaml', text } }).kind).toBe('bad');
	});
});

test('tells at each setting what it is for and what it is without a word', () => {
	const { properties } = configJsonSchema() as { properties: Record<string, { properties: Record<string, object> }> };
	expect(properties['async_batch']?.properties['enabled']).toMatchObject({
		type: 'boolean',
		default: true,
		description: expect.stringContaining('one call an order') as string,
	});
});
