import { describe, expect, test } from 'vitest';
import { alertSettings } from './alert-settings.ts';
import { readConfig } from './config.ts';
import { problemLine } from './problem.ts';

function read(alerts: unknown) {
	return readConfig({ file: { name: 't.yaml', text: JSON.stringify({ alerts }) } });
}

function told(...sinks: readonly unknown[]): string[] {
	const known = read({ sinks });
	return known.kind === 'bad' ? known.problems.map((each) => problemLine(each).replace(/^.*?: /, '')) : [];
}

const hook = { kind: 'webhook', name: 'one', url: 'https://a.example/hook' };

describe('sinks', () => {
	test('of each kind are read', () => {
		const known = read({
			sinks: [
				hook,
				{ kind: 'telegram', name: 'two', token_env: 'A_TOKEN', chat: '@me' },
				{ kind: 'command', name: 'three', command: ['mail', 'me'] },
			],
		});
		if (known.kind === 'bad') throw new Error(known.problems.map(problemLine).join('\n'));
		expect(alertSettings(known.config)).toEqual({
			...{ least: 'warning', bundleMs: 2_000, perMinuteMax: 6 },
			sinks: [
				{ kind: 'webhook', name: 'one', url: 'https://a.example/hook', urlEnv: undefined, tokenEnv: undefined },
				{ kind: 'telegram', name: 'two', url: 'https://api.telegram.org', tokenEnv: 'A_TOKEN', chat: '@me' },
				{ kind: 'command', name: 'three', command: ['mail', 'me'] },
			],
		});
	});

	test.each([
		['a webhook over plain HTTP to elsewhere', { ...hook, url: 'http://a.example/' }, 'begins with https://'],
		['a URL with a password', { ...hook, url: 'https://me:secret@a.example/' }, 'password'],
		['a webhook without a URL', { ...hook, url: undefined }, 'either url or url_env'],
		['a webhook with two', { ...hook, url_env: 'A_URL' }, 'either url or url_env'],
		[
			'a secret where its variable belongs',
			{ kind: 'telegram', name: 'x', token_env: '12:secret', chat: '1' },
			'never the secret itself',
		],
		['a chat without a token', { kind: 'telegram', name: 'x', chat: '1' }, 'which a telegram needs'],
		['a command with a chat', { kind: 'command', name: 'x', command: ['mail'], chat: '1' }, 'a command has no chat'],
		['a command that is one text', { kind: 'command', name: 'x', command: 'mail me' }, 'a list of words'],
		['a kind that is none', { ...hook, kind: 'pager' }, 'one of webhook, telegram, command'],
	])('refused: %s', (_name, sink, says) => {
		const problems = told(sink);
		expect(problems).toHaveLength(1);
		expect(problems[0]).toContain(says);
		expect(problems[0]).not.toContain('12:secret');
	});

	test('refused: two of one name', () => {
		expect(told(hook, { ...hook, url: 'https://b.example/' })).toMatchObject([
			expect.stringContaining('a name that no other sink has'),
		]);
	});

	test('on this machine need no TLS', () => {
		expect(told({ ...hook, url: 'http://127.0.0.1:9/' })).toEqual([]);
	});
});
