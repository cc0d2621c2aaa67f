/** docs/errors.md has every code that anybody can meet, with what it says, and none that is gone. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { API_ERRORS } from '../../src/api/api-error.ts';
import { REFUSALS } from '../../src/app/console/actions.ts';
import { DENIALS } from '../../src/risk/denial.ts';

const ROOT = join(import.meta.dirname, '../..');
const DOCUMENT = readFileSync(join(ROOT, 'docs/errors.md'), 'utf8');

/** The cells of each row of a chapter, the code without its marks. */
function rowsOf(title: string): readonly (readonly string[])[] {
	const [, chapter = ''] = DOCUMENT.split(`\n## ${title}\n`);
	const [own = ''] = chapter.split('\n## ');
	const rows = own.split('\n').filter((line) => line.startsWith('| `'));
	return rows.map((row) => row.split(' | ').map((cell) => cell.replaceAll(/^\| | \|$|`/g, '')));
}

const codes = (title: string): string[] => rowsOf(title).map(([code = '']) => code);
const said = (title: string): Record<string, string> =>
	Object.fromEntries(rowsOf(title).map(([code = '', sentence = '']) => [code, sentence]));

/** Codes that stand in the text of a refusal, wherever the app makes one; its type may name several. */
function writtenCodes(): string[] {
	const files = globSync('src/app/**/*.ts', { cwd: ROOT }).filter((name) => !name.endsWith('.test.ts'));
	const texts = files.map((name) => readFileSync(join(ROOT, name), 'utf8'));
	const refusals = /(?:kind: 'refused',\s*code:|kind: 'refused'; readonly code:|\brefused\()\s*((?:'[a-z-]+'(?: \| )?)+)/g;
	return texts.flatMap((text) => [...text.matchAll(refusals)].flatMap(([, written = '']) => quotedIn(written)));
}

function quotedIn(text: string): string[] {
	return [...text.matchAll(/'([A-Za-z_-]+)'/g)].map(([, code = '']) => code);
}

describe('docs/errors.md', () => {
	test('has the refusals of the gate', () => {
		expect(said('Refusals of the gate')).toMatchObject(DENIALS);
		expect(codes('Refusals of the gate')).toEqual(Object.keys(DENIALS));
	});

	test('has the refusals of requests', () => {
		const ours = Object.keys(REFUSALS).filter((code) => !(code in DENIALS));
		const written = writtenCodes();
		expect(written.length).toBeGreaterThan(5);
		expect(codes('Refusals of requests').sort()).toEqual([...new Set([...ours, ...written])].sort());
		const texts = said('Refusals of requests');
		for (const code of ours) expect(texts[code]).toBe(REFUSALS[code as keyof typeof REFUSALS]);
	});

	test('has the answers of the API with their status', () => {
		const rows = rowsOf('Answers of the API').map(([code, status, sentence]) => ({ code, status: Number(status), sentence }));
		expect(rows).toEqual(Object.entries(API_ERRORS).map(([code, { status, sentence }]) => ({ code, status, sentence })));
	});

	test('has the errors of the client', () => {
		const source = readFileSync(join(ROOT, 'src/api/client.ts'), 'utf8');
		const written = [...source.matchAll(/new ApiFailure\(\{\s*code: ('[A-Z_]+')/g)].flatMap(([, code = '']) => quotedIn(code));
		expect(written.length).toBeGreaterThan(0);
		expect(codes('Errors of the client').sort()).toEqual([...new Set(written)].sort());
	});

	test('has the errors of the library', () => {
		const source = readFileSync(join(ROOT, 'src/app/app-error.ts'), 'utf8');
		const [, union = ''] = /type AppErrorCode = ([^;]+);/.exec(source) ?? [];
		expect(codes('Errors of the library').sort()).toEqual(quotedIn(union).sort());
	});

	test('says of each what to do', () => {
		const refusals = ['Refusals of the gate', 'Refusals of requests', 'Answers of the API'];
		const titles = [...refusals, 'Errors of the client', 'Errors of the library'];
		for (const row of titles.flatMap(rowsOf)) expect((row.at(-1) ?? '').length, row[0]).toBeGreaterThan(5);
	});
});
