import { expect, test } from 'vitest';
import { causesText } from './causes.ts';

test.each([
	['an error', new Error('the disk is full'), 'the disk is full'],
	['something else', 'no', 'no'],
])('%s as it is', (_what, error, text) => {
	expect(causesText(error)).toBe(text);
});

test('what went first comes first', async () => {
	const failing = (message: string): AsyncDisposable => ({
		[Symbol.asyncDispose]: () => Promise.reject(new Error(message)),
	});
	const work = async (): Promise<void> => {
		await using _box = failing('the box stays');
		await using _app = failing('an order is left');
		throw new Error('the disk is full');
	};
	await expect(work().catch(causesText)).resolves.toBe('the disk is full; then an order is left; then the box stays');
});
