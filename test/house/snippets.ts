/**
 * The programs on a page of the documentation, and what they say they print: `// → ` at the end of a line, in the order
 * of the page; several lines of output may stand in one comment.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './scratch.ts';

export interface Snippet {
	readonly code: string;
	/** Words, since a comment may stand for several lines. */
	readonly prints: readonly string[];
}

export function snippetsOf(page: string): readonly Snippet[] {
	const text = readFileSync(join(root, page), 'utf8');
	return [...text.matchAll(/```ts\n(.*?)```/gs)].map(([, code = '']) => ({
		code,
		prints: wordsOf([...code.matchAll(/\/\/ → (.*)$/gm)].map(([, printed = '']) => printed).join(' ')),
	}));
}

export function wordsOf(output: string): readonly string[] {
	return output.split(/\s+/).filter((word) => word !== '');
}
