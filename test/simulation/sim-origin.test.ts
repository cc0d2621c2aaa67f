import { expect, test } from 'vitest';
import { hashOf, originOf } from '../../scripts/sim-origin.ts';
import { drawSim } from '../fixtures/sim-plan.ts';

test('names the commit and the settings', () => {
	expect(originOf(drawSim(1, 2))).toMatch(/^commit ([0-9a-f]{12}( with changes)?|unknown), settings [0-9a-f]{16}$/);
});

test('the same settings have one hash, and any other have another', () => {
	const { options } = drawSim(1, 2);
	expect(hashOf(drawSim(1, 2).options)).toBe(hashOf(options));
	expect(hashOf({ ...options, journalMs: 1 })).not.toBe(hashOf(options));
	const [lifted, none] = [Number.POSITIVE_INFINITY, Number.NaN].map((limitFactor) => hashOf({ ...options, limitFactor }));
	expect(lifted).not.toBe(none);
});
