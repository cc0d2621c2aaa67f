/** The section `alerts`: who is told when something is wrong. Secrets are in variables of the environment (see secrets.ts). */
import * as z from 'zod';
import { oneOf, seconds, textUpTo, urlOf, variableName, wholeNumber } from './kinds.ts';

const SINKS_MAX = 10;
const WORDS_MAX = 50;
const WORDS = 'a list of words, the program first';

function isSafe(text: string): boolean {
	// What is no URL at all has been told of.
	if (!URL.canParse(text)) return true;
	const { protocol, hostname } = new URL(text);
	return protocol === 'https:' || ['127.0.0.1', '[::1]', 'localhost'].includes(hostname);
}

const sink = z.strictObject({
	kind: oneOf(['webhook', 'telegram', 'command']),
	name: textUpTo(1, 100).describe('how it is called in lists and messages'),
	url: urlOf('http|https')
		.refine(isSafe, 'a URL that begins with https://, unless it is on this machine')
		.describe('where a webhook is; of telegram, the path to the token: none is its own')
		.optional(),
	url_env: variableName().describe('the variable with the URL of a webhook, where its path is a secret').optional(),
	token_env: variableName().describe("the variable with a webhook's bearer token, or a bot's token").optional(),
	chat: textUpTo(1, 100).describe('number or @name of the chat; of telegram alone').optional(),
	command: z
		.array(textUpTo(1, 1_000), WORDS)
		.min(1, WORDS)
		.max(WORDS_MAX, `a list of at most ${WORDS_MAX} words`)
		.describe('program and arguments, started without a shell; it reads the text from its standard input')
		.optional(),
});

export type SinkEntry = z.output<typeof sink>;
type Key = Exclude<keyof SinkEntry, 'kind' | 'name'>;

/** What a kind of sink must have, and what it may have besides; nothing else means anything to it. */
const KEYS: Readonly<Record<SinkEntry['kind'], { readonly needed: readonly Key[]; readonly allowed: readonly Key[] }>> = {
	webhook: { needed: [], allowed: ['url', 'url_env', 'token_env'] },
	telegram: { needed: ['token_env', 'chat'], allowed: ['url', 'token_env', 'chat'] },
	command: { needed: ['command'], allowed: ['command'] },
};

export const alertsSection = z
	.strictObject({
		min_severity: oneOf(['info', 'warning', 'critical']).describe('less grave alerts are shown and not sent').prefault('warning'),
		bundle_seconds: seconds(0, 60)
			.describe('seconds that an alert waits for others; a critical one waits for one at most')
			.prefault(2),
		max_per_minute: wholeNumber(1, 60).describe('messages to one sink; critical ones are not held back by it').prefault(6),
		sinks: z.array(sink).max(SINKS_MAX, `at most ${SINKS_MAX} sinks`).describe('where alerts are sent').prefault([]),
	})
	.superRefine(({ sinks }, context) => {
		const refuse = (path: (string | number)[], message: string, found?: string): void => {
			const params = found === undefined ? {} : { params: { found } };
			context.addIssue({ code: 'custom', path: ['sinks', ...path], message, ...params });
		};
		for (const [index, entry] of sinks.entries()) {
			if (sinks.findIndex(({ name }) => name === entry.name) < index) refuse([index, 'name'], 'a name that no other sink has');
			checkKeys(entry, (key, message, found) => refuse([index, key], message, found));
		}
	})
	.prefault({});

function checkKeys(entry: SinkEntry, refuse: (key: Key, message: string, found?: string) => void): void {
	const { needed, allowed } = KEYS[entry.kind];
	const keys = ['url', 'url_env', 'token_env', 'chat', 'command'] as const;
	for (const key of keys) {
		if (entry[key] !== undefined && !allowed.includes(key)) refuse(key, `nothing: a ${entry.kind} has no ${key}`);
		if (entry[key] === undefined && needed.includes(key)) refuse(key, `a value, which a ${entry.kind} needs`, 'none');
	}
	const isNamedOnce = (entry.url === undefined) !== (entry.url_env === undefined);
	if (entry.kind === 'webhook' && !isNamedOnce) {
		refuse('url', 'either url or url_env', entry.url === undefined ? 'none' : 'both');
	}
}
