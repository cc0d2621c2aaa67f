// @ts-check
import { readFileSync } from 'node:fs';

/**
 * The content of a JSON file; the caller says what shape it has. Throws when the file is missing or cut short.
 * @param {string} path
 * @returns {unknown}
 */
export function readJson(path) {
	return JSON.parse(readFileSync(path, 'utf8'));
}
