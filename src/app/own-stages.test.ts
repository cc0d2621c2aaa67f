import { expect, test } from 'vitest';
import { VirtualClock } from '../simulation/virtual-clock.ts';
import { PrometheusMeter } from '../telemetry/prometheus-meter.ts';
import { OwnStages } from './own-stages.ts';

function stages() {
	const meter = new PrometheusMeter();
	return { meter, stages: new OwnStages(new VirtualClock(0), meter) };
}

test.each(['model', 'fair-price', 'step_2', 'others', 'a'.repeat(32)])("a stage may be called '%s'", (name) => {
	const { meter, stages: own } = stages();
	own.timed(name, () => {})();
	expect([...meter.latencies()].map(({ labels }) => labels['stage'])).toEqual([name]);
});

test.each([...['decide', 'rest', 'tick', 'exchange', 'other'], ...['Model', '2nd', '', 'a'.repeat(33), 'x y', 'a"b']])(
	"a stage cannot be called '%s'",
	(name) => {
		const { meter, stages: own } = stages();
		const measured = () => own.timed(name, () => {});
		expect(measured).toThrow(RangeError);
		expect(measured).toThrow(`a stage cannot be called '${name}'`);
		expect([...meter.latencies()]).toEqual([]);
	},
);
