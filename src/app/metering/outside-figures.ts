/** What is around the engine, told as figures when somebody looks: the process, its connections, its outlets. */
import type { Transport } from '../../network/transport.ts';
import type { FigureSource } from '../../telemetry/figures-catalogue.ts';
import type { OutletFigures } from '../outlets.ts';
import type { ProcessWatch } from '../process-figures.ts';
import type { Tallies } from './tallies.ts';

export interface Outside {
	readonly transport: Pick<Transport, 'pools'>;
	readonly outlets: { readonly figures: OutletFigures };
	readonly process: Pick<ProcessWatch, 'figures'>;
	readonly run: { readonly mode: string; readonly version: string };
	/** Of calls that were turned away. */
	readonly exhausted: Tallies;
}

export function outsideFigures({ transport, outlets, process, run, exhausted }: Outside): FigureSource {
	return (tell) => {
		tell('run', run, 1);
		const { loopDelayP50Ms, loopDelayP99Ms, loopDelayMaxMs, heapBytes, residentBytes, cpuSeconds, startedAtMs } = process.figures;
		tell('loopDelay', { stat: 'p50' }, loopDelayP50Ms / 1_000);
		tell('loopDelay', { stat: 'p99' }, loopDelayP99Ms / 1_000);
		tell('loopDelay', { stat: 'max' }, loopDelayMaxMs / 1_000);
		tell('heapUsed', {}, heapBytes);
		tell('resident', {}, residentBytes);
		tell('cpu', {}, cpuSeconds);
		tell('startedAt', {}, startedAtMs / 1_000);
		for (const [pool, { active, idle, waiting }] of sumsByPool(transport)) {
			tell('poolConnections', { pool, state: 'active' }, active);
			tell('poolConnections', { pool, state: 'idle' }, idle);
			tell('poolWaiting', { pool }, waiting);
			// It adds to what was counted: none of it is told as 0.
			tell('poolExhausted', { pool }, 0);
		}
		exhausted.tell(tell);
		const { influxdb, redis } = outlets.figures;
		if (influxdb !== undefined) {
			tell('outletLost', { outlet: 'influxdb' }, influxdb.lostCount);
			tell('outletWaiting', { outlet: 'influxdb' }, influxdb.waitingCount);
			tell('outletAway', { outlet: 'influxdb' }, influxdb.isAway ? 1 : 0);
		}
		if (redis !== undefined) tell('outletAway', { outlet: 'redis' }, redis.isAway ? 1 : 0);
	};
}

/** One name may have connections to several hosts. */
function sumsByPool(transport: Outside['transport']): ReadonlyMap<string, { active: number; idle: number; waiting: number }> {
	const sums = new Map<string, { active: number; idle: number; waiting: number }>();
	for (const { pool, active, idle, queued } of transport.pools()) {
		const sum = sums.get(pool) ?? { active: 0, idle: 0, waiting: 0 };
		sums.set(pool, { active: sum.active + active, idle: sum.idle + idle, waiting: sum.waiting + queued });
	}
	return sums;
}
