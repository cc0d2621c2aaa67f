/** Each command says what it is for with an example that it understands, speaks JSON, and stands in the manual. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { describe, expect, test } from 'vitest';
import { evenkeel } from './program.ts';

const MANUAL = readFileSync(join(import.meta.dirname, '../../docs/command-line.md'), 'utf8');

/** They print a file for another program, or a table for a page, and nothing else. */
const PRINTING = ['completion', 'config reference', 'signals export'];
/** They ask a person for secrets, and say one sentence. */
const ASKING = ['keys add', 'keys rotate', 'keys remove', 'keys passphrase'];
const WITHOUT_JSON: ReadonlySet<string> = new Set([...PRINTING, ...ASKING]);

interface Leaf {
	readonly path: string;
	readonly command: Command;
}

function leavesOf(command: Command, path: readonly string[]): readonly Leaf[] {
	if (command.commands.length === 0) return [{ path: path.join(' '), command }];
	return command.commands.flatMap((each) => leavesOf(each, [...path, each.name()]));
}

function helpOf(command: Command): string {
	let help = '';
	command.configureOutput({ writeOut: (text) => void (help += text) }).outputHelp();
	return help;
}

describe.each(leavesOf(evenkeel(), []))('evenkeel $path', ({ path, command }) => {
	test('shows an example, all of whose options it has', () => {
		const example = helpOf(command).split('\nExample:\n  ')[1] ?? '';
		const [, ours = ''] = example.split(`evenkeel ${path}`);
		expect(example).toContain(`evenkeel ${path}`);
		const known = new Set(command.options.map(({ long }) => long));
		const used = ours.match(/--[a-z][\w-]*/g) ?? [];
		expect(used.filter((option) => !known.has(option))).toEqual([]);
	});

	test('speaks JSON where it is asked to', () => {
		expect(command.options.some(({ long }) => long === '--json')).toBe(!WITHOUT_JSON.has(path));
	});

	test('stands in the manual', () => {
		expect(MANUAL.includes(`\`evenkeel ${path}\``)).toBe(true);
	});
});

test('the manual names no command that there is not', () => {
	const known = new Set(leavesOf(evenkeel(), []).map(({ path }) => path));
	const named = [...MANUAL.matchAll(/`evenkeel ([a-z][a-z -]*?)(?: --[\w-]+)?`/g)].map(([, path]) => path ?? '');
	expect(named.filter((path) => !known.has(path))).toEqual([]);
});
