/** The pages about settings tell of settings, files, names and lines that exist. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { changeText, reload } from '../../src/app/config/changes.ts';
import { type ConfigRead, readConfig } from '../../src/app/config/config.ts';
import { configReference } from '../../src/app/config/reference.ts';
import * as network from '../../src/network/index.ts';

const ROOT = join(import.meta.dirname, '../..');
const page = (name: string): string => readFileSync(join(ROOT, 'docs', name), 'utf8');

const SETTINGS = new Set([...configReference().matchAll(/^\| `([^`]+)` \|/gm)].map(([, path = '']) => path));
const SECTIONS = new Set([...SETTINGS].map((path) => path.split(/[.[]/, 1)[0] ?? ''));

function rowsOf(text: string, heading: string): string[][] {
	const [, section = ''] = text.split(`## ${heading}\n`);
	const rows = section.split('\n## ', 1)[0]?.match(/^\|.*\|$/gm) ?? [];
	return rows.slice(2).map((row) =>
		row
			.slice(1, -1)
			.split('|')
			.map((cell) => cell.trim()),
	);
}

const codes = (cell: string): string[] => [...cell.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code);

describe('from the Python bots', () => {
	const text = page('from-python-bots.md');

	test.each(rowsOf(text, 'Old names, new names'))('%s', (_old, here = '') => {
		// The last code of each part says where the others are.
		let names: string[] = [];
		for (const code of codes(here)) {
			if (!code.includes('/')) names.push(code);
			else {
				for (const name of names) expect(isThere(name, code), `${name} in ${code}`).toBe(true);
				names = [];
			}
		}
	});

	test.each(rowsOf(text, 'Settings that mean something else than you may think').flatMap(([cell = '']) => codes(cell)))(
		'%s is a setting',
		(code) => {
			const path = code.split(':', 1)[0] ?? '';
			// Of what is refused the page tells, too.
			if (path === 'api_key' || path === 'api_secret') expect(readText(`binance: { ${path}: x }`).kind).toBe('bad');
			else expect(SETTINGS).toContain(path);
		},
	);
});

function isThere(name: string, where: string): boolean {
	if (where === 'evenkeel/network') return name in network;
	const path = join(ROOT, where);
	return (
		existsSync(path) && new RegExp(`^export (class|interface|function|const) ${name}\\b`, 'm').test(readFileSync(path, 'utf8'))
	);
}

function readText(text: string): ConfigRead {
	return readConfig({ file: { name: 'evenkeel.yaml', text } });
}

describe('lines that the pages show', () => {
	const example = readFileSync(join(ROOT, 'examples/evenkeel.yaml'), 'utf8');
	const edited = example
		.replace('enabled: true', 'enabled: false')
		.replace('order_notional_max: 10000', 'order_notional_max: 5000')
		.replace('40ms±5', '80ms');
	const [before, after] = [readText(example), readText(edited)];
	if (before.kind === 'bad' || after.kind === 'bad') throw new Error('the example is right, before and after');
	const lines = reload(before, after).changes.map(changeText);

	test('of edits of the example are those that one sees', () => {
		expect(page('configuration.md')).toContain(`\`\`\`\n${lines.join('\n')}\n\`\`\``);
		expect(page('rollback.md')).toContain(`\`\`\`\n${lines[0] ?? 'none'}\n\`\`\``);
	});
});

test.each(['configuration.md', 'rollback.md', 'tuning.md'])('settings that %s names are settings', (name) => {
	const [text = ''] = page(name).split('<!-- made by');
	const named = [...text.matchAll(/`([a-z_]+\.[a-z_.<>[\]]+)(?:: [^`]+)?`/g)].map(([, path = '']) =>
		path.replace('venues.main.', 'venues.<name>.'),
	);
	const unknown = named.filter((path) => {
		const [section = ''] = path.split(/[.[]/, 1);
		if (!SECTIONS.has(section)) return false;
		return ![...SETTINGS].some((each) => each === path || each.startsWith(`${path}.`) || each.startsWith(`${path}[`));
	});
	expect(unknown).toEqual([]);
});
