/** Where an engine keeps what it knows. */
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { readConfig } from '../app/config/config.ts';
import { dataFolderOf, folderOfUser, passingPlace, placeOf } from './data-place.ts';

const root = mkdtempSync(join(tmpdir(), 'evenkeel-place-'));
afterAll(() => rmSync(root, { recursive: true }));

function known(text: string, environment: Readonly<Record<string, string>> = {}) {
	const read = readConfig({ file: { name: 'conf/t.yaml', text }, environment });
	if (read.kind === 'bad') throw new Error(JSON.stringify(read.problems));
	return read;
}

const PLAIN = 'mode: sim\n';
const NAMED = 'storage: { folder: kept }\n';

describe('the data folder', () => {
	test.each([
		['is data where the engine is started, unless anything is said', known(PLAIN), {}, 'data'],
		['stands beside the file that names it', known(NAMED), { config: 'conf/t.yaml' }, 'conf/kept'],
		[
			'is the one of the variable, where a person stands',
			known(PLAIN, { EVENKEEL_STORAGE__FOLDER: 'kept' }),
			{ config: 'conf/t.yaml' },
			'kept',
		],
		['is the one of the flag before all others', known(NAMED), { config: 'conf/t.yaml', data: 'here' }, 'here'],
		['may be named as a whole', known('storage: { folder: /var/lib/evenkeel }'), { config: 'conf/t.yaml' }, '/var/lib/evenkeel'],
	])('%s', (_, config, flags, folder) => {
		expect(dataFolderOf(config, flags)).toBe(resolve(folder));
	});

	test('of an exchange that goes with its session goes too, unless the settings name it', () => {
		const passing = passingPlace(known(PLAIN), join(root, 'unused'));
		expect(existsSync(passing.place.folder)).toBe(true);
		passing[Symbol.dispose]();
		expect([existsSync(passing.place.folder), existsSync(join(root, 'unused'))]).toEqual([false, false]);
		const parent = join(root, 'kept');
		const [one, other] = [passingPlace(known(NAMED), parent), passingPlace(known(NAMED), parent)];
		expect([one.place.signalsFolder, other.place.signalsFolder]).toEqual([parent, parent]);
		for (const each of [one, other]) each[Symbol.dispose]();
		expect(readdirSync(parent).length).toBe(2);
	});
});

test.each([
	['/var/mine', '/var/mine'],
	['', join(homedir(), '.local', 'state')],
	['mine', join(homedir(), '.local', 'state')],
	[undefined, join(homedir(), '.local', 'state')],
])('a folder of the user that is named %j is %s', (named, folder) => {
	expect(folderOfUser(named, '.local', 'state')).toBe(folder);
});

test('a build is named by its version and its files', () => {
	expect(placeOf('/x').build).toMatch(/^\d+\.\d+\.\d+\+[0-9a-f]{12}$/);
	expect(placeOf('/x')).toMatchObject({ build: placeOf('/y').build, rearmCommand: 'evenkeel rearm --data /x' });
});
