/** Long quiet quoting must not use up margin that no order holds any more. */
import { expect, test } from 'vitest';
import { DEMO } from '../../src/app/demo.ts';
import { seededRng } from '../../src/simulation/seeded-rng.ts';
import { VirtualClock } from '../../src/simulation/virtual-clock.ts';
import { World } from '../../src/simulation/world.ts';

test('quotes that come and go for minutes leave the margin as free as it was (PT17)', () => {
	const clock = new VirtualClock(Date.UTC(2026, 0, 1));
	const world = new World({ ...DEMO, clock, rng: seededRng(3) });
	world.start();
	clock.run(180_000);
	expect(world.engine.getStats().coalesce_stats.place.sent).toBeGreaterThan(500);
	expect(world.engine.gate.denials.PT17).toBe(0);
});
