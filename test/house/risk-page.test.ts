/** docs/risk.md tells of every check that the gate makes, and names tests that are there. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { DENIAL_CODES } from '../../src/risk/denial.ts';

const ROOT = join(import.meta.dirname, '../..');
const PAGE = readFileSync(join(ROOT, 'docs/risk.md'), 'utf8');

test('every check has a row', () => {
	const told = PAGE.split('\n').flatMap((line) => (line.startsWith('| PT') ? (line.split('|')[1]?.match(/PT\d+/g) ?? []) : []));
	expect(told).toEqual([...DENIAL_CODES].sort((a, b) => Number(a.slice(2)) - Number(b.slice(2))));
});

test('every file that it names is there', () => {
	const files = ['src', 'test'].flatMap((folder) =>
		readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).map((name) => `${folder}/${name}`),
	);
	const missing = [...PAGE.matchAll(/`([\w./-]+\.ts)`/g)].flatMap(([, name = '']) =>
		files.some((file) => file.endsWith(`/${name}`) || file === name) ? [] : [name],
	);
	expect(missing).toEqual([]);
});
