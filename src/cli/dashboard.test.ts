import { Command } from 'commander';
import { expect, test } from 'vitest';
import { addDashboardCommand } from './dashboard.ts';

test('the help does not make the link an argument, where every user of the machine can read its code', () => {
	const program = new Command();
	let text = '';
	addDashboardCommand(program);
	const [command] = program.commands;
	command?.configureOutput({ writeOut: (part) => (text += part) }).outputHelp();
	expect(text).toContain('evenkeel dashboard --config evenkeel.yaml');
	expect(text).not.toMatch(/\$\(|`|xargs/);
});
