/** `evenkeel completion <shell>`: a script that completes commands and options, made from the commands themselves. */
import { Argument, type Command } from 'commander';

const SHELLS = ['bash', 'zsh', 'fish'] as const;
type Shell = (typeof SHELLS)[number];

/** What can follow one command. */
interface Place {
	/** The commands that lead here, such as `config check`; empty for the program itself. */
	readonly path: string;
	readonly words: readonly { readonly word: string; readonly help: string; readonly takesValue: boolean }[];
	/** Of its own commands, which lead on. */
	readonly commands: readonly string[];
}

export function addCompletionCommand(program: Command): void {
	program
		.command('completion')
		.description('print a script that completes commands and options in your shell')
		.addArgument(new Argument('<shell>', 'the shell').choices(SHELLS))
		.addHelpText('after', '\nExample:\n  evenkeel completion bash > ~/.local/share/bash-completion/completions/evenkeel')
		.action((shell: Shell) => {
			process.stdout.write(completionText(shell, program));
		});
}

export function completionText(shell: Shell, program: Command): string {
	return PRINTERS[shell](program.name(), placesOf(program, []));
}

function placesOf(command: Command, path: readonly string[]): readonly Place[] {
	const inner = command.createHelp().visibleCommands(command);
	const options = command.createHelp().visibleOptions(command);
	const choices = command.registeredArguments.flatMap(({ argChoices = [] }) => argChoices);
	const place: Place = {
		path: path.join(' '),
		words: [
			...inner.map((each) => ({ word: each.name(), help: each.description(), takesValue: false })),
			...choices.map((word) => ({ word, help: '', takesValue: false })),
			...options.map(({ long, short, description, required, optional }) => {
				return { word: long ?? short ?? '', help: description, takesValue: required || optional };
			}),
		],
		commands: inner.map((each) => each.name()),
	};
	return [place, ...inner.filter((each) => each.name() !== 'help').flatMap((each) => placesOf(each, [...path, each.name()]))];
}

const PRINTERS: Readonly<Record<Shell, (name: string, places: readonly Place[]) => string>> = {
	bash: (name, places) => `# Completes ${name} in bash.
_${name}() {
	local cur="\${COMP_WORDS[COMP_CWORD]}" place="" words="" i
	COMPREPLY=()
	for ((i = 1; i < COMP_CWORD; i++)); do
		case "$place/\${COMP_WORDS[i]}" in
${steps(places)
	.map(([from, word, to]) => `\t\t\t"${from}/${word}") place="${to}" ;;`)
	.join('\n')}
		esac
	done
	case "$place/\${COMP_WORDS[COMP_CWORD-1]}" in
${withValues(places)
	.map(([path, word]) => `\t\t"${path}/${word}") return ;;`)
	.join('\n')}
	esac
	case "$place" in
${places.map(({ path, words }) => `\t\t"${path}") words="${words.map(({ word }) => word).join(' ')}" ;;`).join('\n')}
	esac
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
}
complete -o default -F _${name} ${name}
`,
	zsh: (name, places) => `#compdef ${name}
# Completes ${name} in zsh.
_${name}() {
	local place="" i
	local -a words_here
	for ((i = 2; i < CURRENT; i++)); do
		case "$place/\${words[i]}" in
${steps(places)
	.map(([from, word, to]) => `\t\t\t"${from}/${word}") place="${to}" ;;`)
	.join('\n')}
		esac
	done
	case "$place/\${words[CURRENT-1]}" in
${withValues(places)
	.map(([path, word]) => `\t\t"${path}/${word}") _files; return ;;`)
	.join('\n')}
	esac
	case "$place" in
${places
	.map(({ path, words }) => `\t\t"${path}") words_here=(${words.map(({ word, help }) => zshWord(word, help)).join(' ')}) ;;`)
	.join('\n')}
	esac
	_describe '${name}' words_here || _files
}
if [ "$funcstack[1]" = "_${name}" ]; then _${name} "$@"; else compdef _${name} ${name}; fi
`,
	fish: (name, places) => `# Completes ${name} in fish.
function __${name}_place
	set -l place ""
	for word in (commandline -opc)[2..-1]
		switch "$place/$word"
${steps(places)
	.map(([from, word, to]) => `\t\t\tcase "${from}/${word}"\n\t\t\t\tset place "${to}"`)
	.join('\n')}
		end
	end
	echo "$place"
end
${places.flatMap(({ path, words }) => words.map((each) => fishLine(name, path, each))).join('\n')}
`,
};

/** From where which word leads where. */
function steps(places: readonly Place[]): readonly (readonly [from: string, word: string, to: string])[] {
	return places.flatMap(({ path, commands }) =>
		commands.filter((word) => word !== 'help').map((word) => [path, word, path === '' ? word : `${path} ${word}`] as const),
	);
}

/** Options behind which something stands that we do not know: names of files for one. */
function withValues(places: readonly Place[]): readonly (readonly [path: string, word: string])[] {
	return places.flatMap(({ path, words }) =>
		words.filter(({ takesValue }) => takesValue).map(({ word }) => [path, word] as const),
	);
}

function zshWord(word: string, help: string): string {
	return quoted(help === '' ? word : `${word}:${help.replaceAll(':', ' -')}`);
}

function fishLine(name: string, path: string, { word, help, takesValue }: Place['words'][number]): string {
	const condition = `-n 'test (__${name}_place) = "${path}"'`;
	const what = word.startsWith('--') ? `-l ${word.slice(2)}${takesValue ? ' -r' : ''}` : `-f -a ${word}`;
	return `complete -c ${name} ${condition} ${what}${help === '' ? '' : ` -d ${quoted(help)}`}`;
}

/** In single quotes for any of the three. */
function quoted(text: string): string {
	return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "'\\''")}'`;
}
