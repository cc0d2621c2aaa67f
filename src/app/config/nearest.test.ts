import { expect, test } from 'vitest';
import { nearest } from './nearest.ts';

const KEYS = ['bybit_port', 'control_port', 'seed', 'market', 'latency'];

test.each([
	['bybit_prt', 'bybit_port'],
	['bybit-port', 'bybit_port'],
	['BYBIT_PORT', 'bybit_port'],
	['sede', 'seed'],
	['seeds', 'seed'],
	['latnecy', 'latency'],
	['port', undefined],
	['x', undefined],
	['', undefined],
	['seed'.repeat(30), undefined],
])('%s: %s', (word, expected) => {
	expect(nearest(word, KEYS)).toBe(expected);
});
