/** Where the keystore is. */
import { homedir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { keystorePath } from './key-ring.ts';

const FILE = join('evenkeel', 'keys', 'keystore.json');
const USUAL = join(homedir(), '.config', FILE);

test.each([
	['beside the other settings of the user', {}, USUAL],
	['where the system keeps such settings', { XDG_CONFIG_HOME: '/etc/mine' }, join('/etc/mine', FILE)],
	['nowhere else for a variable that is empty', { XDG_CONFIG_HOME: '' }, USUAL],
	['nor for one that names a place beside wherever we are', { XDG_CONFIG_HOME: 'mine' }, USUAL],
	['where its own variable says', { EVENKEEL_KEYSTORE: '/k.json', XDG_CONFIG_HOME: '/etc/mine' }, '/k.json'],
])('the keystore is %s', (_, environment, path) => {
	expect(keystorePath(environment)).toBe(path);
});
