/** Whoever meets a number such as I3 or F21 in a comment finds its meaning in docs/numbers.md. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');
const CITED = /\b(?:I\d{1,2}|F\d{2}|PT\d{1,2}|KL\d)\b/g;
const RANGE = /\b(I|F|PT|KL)(\d+)–\1(\d+)\b/g;

function explained(): Set<string> {
	const text = readFileSync(join(ROOT, 'docs/numbers.md'), 'utf8');
	const numbers = new Set(text.match(CITED));
	for (const [, letters = '', from = '', to = ''] of text.matchAll(RANGE)) {
		for (let number = Number(from); number <= Number(to); number += 1) {
			numbers.add(`${letters}${String(number).padStart(from.length, '0')}`);
		}
	}
	return numbers;
}

test('every number that code or a test cites is explained', () => {
	const known = explained();
	const missing = new Map<string, string>();
	for (const folder of ['src', 'test', 'bench']) {
		for (const name of readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })) {
			if (!name.endsWith('.ts') || name.includes('node_modules')) continue;
			const text = readFileSync(join(ROOT, folder, name), 'utf8');
			for (const number of text.match(CITED) ?? []) if (!known.has(number)) missing.set(number, `${folder}/${name}`);
		}
	}
	expect(Object.fromEntries(missing)).toEqual({});
	expect(known.size).toBeGreaterThan(60);
});
