/** The page about the trading desk says what each word of the engine's answers means, and nothing of words that there are not. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { DECISION_REASONS, EXIT_REASONS } from '../../src/domain/decision.ts';
import { root } from './scratch.ts';

const page = readFileSync(join(root, 'docs/trading.md'), 'utf8');

function table(head: string): readonly string[] {
	const from = page.indexOf(head);
	const rows = page.slice(from, page.indexOf('\n\n', from)).split('\n').slice(2);
	return rows.flatMap((row) => [...(row.split('|')[1] ?? '').matchAll(/`([^`]+)`/g)].map(([, word = '']) => word));
}

test('every reason of a decision is in its table', () => {
	const words = table('| reason | meaning |').filter((word) => !/^PT\d+$/.test(word));
	expect(words.toSorted()).toEqual(Object.keys(DECISION_REASONS).toSorted());
});

test('every way out of a position is told of', () => {
	const told = EXIT_REASONS.filter((reason) => page.includes(`**${reason}**`));
	expect(told).toEqual(EXIT_REASONS);
});

test('the settings that are explained are those of the example', () => {
	const example = parse(readFileSync(join(root, 'examples/config/trading.yaml'), 'utf8')) as {
		trading: Record<string, unknown[]>;
	};
	const blocks = [...page.matchAll(/```yaml\n(.*?)```/gs)].map(([, text = '']) => text).join('');
	const shown = parse(blocks) as { trading: Record<string, unknown[]> };
	expect(shown.trading['signals']).toEqual(example.trading['signals']);
	expect(shown.trading['workflows']).toEqual(example.trading['workflows']?.slice(0, 1));
});
