/** What a person is told of the file that is followed, beside the status line. */
import { expect, test } from 'vitest';
import { changesBetween, type KnownConfig } from '../app/config/changes.ts';
import { readConfig } from '../app/config/config.ts';
import { followedFile } from './followed-file.ts';
import { StatusLine, type StatusScreen } from './status-line.ts';

function read(text: string) {
	return readConfig({ file: { name: 't.yaml', text } });
}

function known(text: string): KnownConfig {
	const config = read(text);
	if (config.kind === 'bad') throw new Error('the text is right');
	return config;
}

function scene() {
	const said: string[] = [];
	const start = { text: 'redis: { url: "redis://host" }', known: known('redis: { url: "redis://host" }') };
	return { said, start, followed: followedFile({ path: 't.yaml', start, say: (line) => said.push(line) }) };
}

test('each change with its place, but for what is gone', () => {
	const { said, start, followed } = scene();
	followed.onChanged(changesBetween(start.known, known('\nasync_batch: { enabled: false }')));
	expect(said).toEqual([
		't.yaml:2:25: async_batch.enabled: true -> false, now',
		'redis.url: "redis://host" -> nothing, after a restart',
	]);
});

test('that what waited was taken back', () => {
	const { said, followed } = scene();
	followed.onChanged([]);
	expect(said).toEqual(['t.yaml: nothing waits for a restart any more']);
});

test('mistakes, and that nothing changes for them', () => {
	const { said, followed } = scene();
	const bad = read('async_batch: { enabled: maybe }');
	followed.onRefused(bad.kind === 'bad' ? bad.problems : []);
	expect(said).toEqual([
		't.yaml has mistakes, so nothing changes:',
		expect.stringMatching(/^t\.yaml:1:25: async_batch\.enabled: found 'maybe', expected true or false/),
	]);
});

test.each([
	[true, '\r\u001b[2Ka line\n'],
	[false, 'a line\n'],
])('a line of its own takes the place of the status on a terminal (%s)', (isTTY, expected) => {
	let written = '';
	const out: StatusScreen = {
		isTTY,
		write: (text) => {
			written += text;
		},
	};
	new StatusLine(out).say('a line');
	expect(written).toBe(expected);
});
