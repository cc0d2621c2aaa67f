/** In bash as bash does it; of the other shells, that each command and option is there and every text is closed. */
import { spawnSync } from 'node:child_process';
import { Command } from 'commander';
import { describe, expect, test } from 'vitest';
import { addCompletionCommand, completionText } from './completion.ts';

function tool(): Command {
	const program = new Command('evenkeel');
	const config = program.command('config').description("what it's set to");
	config.command('check').argument('<file>').option('--json', 'one object').option('--data <folder>', 'a: folder');
	program.command('kill').requiredOption('--reason <text>', 'why');
	addCompletionCommand(program);
	return program;
}

function completed(...words: readonly string[]): readonly string[] {
	const script = `${completionText('bash', tool())}\nCOMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _evenkeel; printf '%s\\n' "\${COMPREPLY[@]}"`;
	const { stdout, stderr } = spawnSync('bash', ['-c', script, 'bash', 'evenkeel', ...words], { encoding: 'utf8' });
	expect(stderr).toBe('');
	return stdout.split('\n').filter((word) => word !== '');
}

describe('in bash', () => {
	test.each([
		{ name: 'commands', words: [''], expected: ['config', 'kill', 'completion', 'help', '--help'] },
		{ name: 'what begins so', words: ['co'], expected: ['config', 'completion'] },
		{ name: 'commands of a command', words: ['config', ''], expected: ['check', 'help', '--help'] },
		{ name: 'options of the innermost', words: ['config', 'check', '--'], expected: ['--json', '--data', '--help'] },
		{ name: 'also behind an option', words: ['config', 'check', '--json', '--d'], expected: ['--data'] },
		{ name: 'choices of an argument', words: ['completion', ''], expected: ['bash', 'zsh', 'fish', '--help'] },
		{ name: 'nothing of ours where a value has to come', words: ['config', 'check', '--data', ''], expected: [] },
		{ name: 'nothing that belongs to another command', words: ['kill', '--j'], expected: [] },
	])('$name', ({ words, expected }) => {
		expect(completed(...words)).toEqual(expected);
	});
});

describe.each(['zsh', 'fish'] as const)('in %s', (shell) => {
	const text = completionText(shell, tool());

	test('each command and option is there, with what it is for', () => {
		for (const word of ['config', 'check', 'kill', 'completion', 'json', 'data', 'reason'])
			expect(text).toMatch(new RegExp(`\\b${word}\\b`));
		expect(text).toContain('one object');
	});

	test('texts are closed, whatever is in them', () => {
		// Quotes of both kinds are read as this shell and bash read them alike.
		const { status } = spawnSync('bash', ['-n', '-c', text.replaceAll(/^complete -c/gm, 'true')]);
		if (shell === 'zsh') expect(status).toBe(0);
		expect(text).toContain(String.raw`what it'\''s set to`);
		expect((text.replaceAll(String.raw`\'`, '').match(/'/g) ?? []).length % 2).toBe(0);
	});
});
