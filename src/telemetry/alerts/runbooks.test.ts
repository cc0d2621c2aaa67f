import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { ALERTS } from './alert-codes.ts';

const [OURS = ''] = readFileSync(new URL('../../../docs/runbooks.md', import.meta.url), 'utf8').split('\n## From Prometheus');
const CHAPTERS = new Map(
	OURS.split('\n### ')
		.slice(1)
		.map((chapter) => [chapter.split('\n', 1)[0] ?? '', chapter] as const),
);

test('docs/runbooks.md has a chapter for each alert and no other', () => {
	expect([...CHAPTERS.keys()].sort()).toEqual(Object.keys(ALERTS).sort());
});

describe.each(Object.entries(ALERTS))('the chapter of %s', (code, { severity, means }) => {
	const chapter = CHAPTERS.get(code) ?? '';

	test('says how grave it is and what it means, as the code does', () => {
		expect(chapter).toContain(`*${severity}*: ${means}.`);
	});

	test('says where to look and what to do', () => {
		expect(chapter).toMatch(/\*\*Look at\.\*\* \S/);
		expect(chapter).toMatch(/\*\*Do\.\*\* \S/);
	});
});
