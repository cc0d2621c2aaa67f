/** `evenkeel config`: what is wrong with a configuration, what is in force, and what there is to write. */
import type { Command } from 'commander';
import { configJsonSchema } from '../app/config/config.ts';
import { printConfig } from '../app/config/print.ts';
import { type Problem, problemLine } from '../app/config/problem.ts';
import { configReference } from '../app/config/reference.ts';
import { type Warning, warningLine } from '../app/config/warnings.ts';
import { readSettings } from './read-settings.ts';

interface ConfigFlags {
	readonly json?: boolean;
}

export function addConfigCommand(program: Command): void {
	const config = program.command('config').description('check, print and describe the configuration');
	config
		.command('check')
		.description('say all that is wrong with a configuration, and with the fault plan that it names')
		.argument('<file>', 'the configuration, in YAML')
		.option('--json', 'print one JSON object')
		.addHelpText('after', '\nExample:\n  evenkeel config check examples/evenkeel.yaml')
		.action((file: string, flags: ConfigFlags) => {
			process.exitCode = checkConfig(file, flags);
		});
	config
		.command('print')
		.description('print all settings in force, and where each comes from: the file, the environment or the default')
		.argument('[file]', 'the configuration, in YAML; only environment and defaults without it')
		.option('--json', 'print one JSON object')
		.addHelpText('after', '\nExample:\n  evenkeel config print examples/evenkeel.yaml')
		.action((file: string | undefined, flags: ConfigFlags) => {
			process.exitCode = print(file, flags);
		});
	config
		.command('schema')
		.description('print the JSON schema of the configuration, for editors')
		.option('--json', 'print it in one line')
		.addHelpText('after', '\nExample:\n  evenkeel config schema > evenkeel.schema.json')
		.action(({ json = false }: ConfigFlags) => {
			process.stdout.write(`${JSON.stringify(configJsonSchema(), null, json ? 0 : '\t')}\n`);
		});
	config
		.command('reference')
		.description('print all settings as Markdown tables: what each is for, its bounds and its default')
		.addHelpText('after', '\nExample:\n  evenkeel config reference | less')
		.action(() => {
			process.stdout.write(configReference());
		});
}

function checkConfig(file: string, { json = false }: ConfigFlags): number {
	const read = readSettings(file);
	const problems = read.kind === 'bad' ? read.problems : [];
	const warnings = read.kind === 'bad' ? [] : read.known.warnings;
	if (json) {
		process.stdout.write(`${JSON.stringify({ ok: problems.length === 0, problems, warnings })}\n`);
		return problems.length === 0 ? 0 : 2;
	}
	if (problems.length > 0) return sayProblems(problems);
	sayWarnings(warnings);
	process.stdout.write(`${file}: nothing is wrong\n`);
	return 0;
}

function print(file: string | undefined, { json = false }: ConfigFlags): number {
	const read = readSettings(file);
	if (read.kind === 'bad') return sayProblems(read.problems);
	const { written, settings, warnings } = read.known;
	if (!json) sayWarnings(warnings);
	process.stdout.write(json ? `${JSON.stringify({ config: written, settings, warnings })}\n` : printConfig(written, settings));
	return 0;
}

/** One line each, in the form that editors and terminals can jump to. */
export function sayProblems(problems: readonly Problem[]): 2 {
	process.stderr.write(problems.map((problem) => `${problemLine(problem)}\n`).join(''));
	return 2;
}

/** For the reader; what is printed stays free of them. */
export function sayWarnings(warnings: readonly Warning[]): void {
	process.stderr.write(warnings.map((warning) => `${warningLine(warning)}\n`).join(''));
}
