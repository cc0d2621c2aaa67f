/** Which numbers of docs/numbers.md a plan can bring about. What no venue can cause is in docs/exchange-in-a-box.md. */
import { expect, test } from 'vitest';
import { FAULT_NAMES, specOf } from './catalogue.ts';

/** All that a venue, its gateway or the network can do to a client. */
const BY_VENUE = [
	...['F01', 'F02', 'F03', 'F04', 'F05', 'F06', 'F07', 'F08', 'F09', 'F10', 'F11', 'F13', 'F14', 'F15', 'F16', 'F17', 'F18'],
	...['F19', 'F20', 'F21', 'F22', 'F23', 'F24', 'F26', 'F27', 'F28', 'F29', 'F30', 'F31', 'F32', 'F33', 'F34', 'F35', 'F36'],
	...['F37', 'F38', 'F39', 'F40', 'F41', 'F42', 'F43', 'F44', 'F45', 'F46', 'F48', 'F49', 'F52', 'F53', 'F54', 'F55', 'F56'],
	...['F59', 'F60', 'F61', 'F62', 'F63', 'F64', 'F67', 'F83', 'F87'],
];

test('each of these has a fault by name', () => {
	const covered = new Set(FAULT_NAMES.flatMap((name) => specOf(name).numbers));
	expect(BY_VENUE.filter((number) => !covered.has(number))).toEqual([]);
});

test('every fault stands for a number, and says what it does', () => {
	for (const name of FAULT_NAMES) {
		expect(specOf(name).numbers, name).not.toEqual([]);
		expect(specOf(name).about, name).toMatch(/^[A-Z].*\.$/);
	}
});
