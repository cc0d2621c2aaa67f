/** The thread that writes to InfluxDB: parcels of points come in, and what became of them is told. */
import { parentPort, workerData } from 'node:worker_threads';
import { systemClock } from '../../network/system-clock.ts';
import { systemRng } from '../../network/system-rng.ts';
import { systemDisk } from '../system-disk.ts';
import { influxSender } from './influx-client.ts';
import type { InfluxTarget } from './influx-target.ts';
import { type DeliveryFigures, LineDelivery } from './line-delivery.ts';
import { LineMaker } from './line-maker.ts';
import type { PointParcel } from './point.ts';
import { Spill } from './spill.ts';

export interface WorkerStart {
	readonly target: InfluxTarget;
	readonly batchSize: number;
	readonly flushMs: number;
	readonly spillFolder: string;
	readonly spillBytesMax: number;
}

export type WorkerHears = { readonly kind: 'parcel'; readonly parcel: PointParcel } | { readonly kind: 'end' };

export interface FarFigures extends DeliveryFigures {
	/** Points that could not become a line. */
	readonly unfitCount: number;
	/** Files of an earlier time that could not be read, or not all of them. */
	readonly damagedCount: number;
}

export type WorkerSays =
	/** `count` more points have arrived here. */
	| { readonly kind: 'figures'; readonly count: number; readonly figures: FarFigures }
	| { readonly kind: 'say'; readonly sentence: string }
	/** All that can be written is written, and the rest is on disk. */
	| { readonly kind: 'ended'; readonly figures: FarFigures };

const FIGURES_EVERY_MS = 1_000;

const start = workerData as WorkerStart;
const clock = systemClock();
const maker = new LineMaker();
const { spill, leftCount } = await Spill.open({ disk: systemDisk(), folder: start.spillFolder, bytesMax: start.spillBytesMax });
const delivery = new LineDelivery({
	clock,
	rng: systemRng(),
	spill,
	send: influxSender(start.target),
	name: `InfluxDB at ${start.target.url}`,
	batchSize: start.batchSize,
	flushMs: start.flushMs,
	say: (sentence) => say({ kind: 'say', sentence }),
});
if (leftCount > 0)
	say({ kind: 'say', sentence: `points that an earlier run could not write are in ${start.spillFolder}, and go first` });
delivery.start();
tellFigures();

parentPort?.on('message', (heard: WorkerHears) => {
	if (heard.kind === 'end') {
		void end();
		return;
	}
	delivery.add(maker.linesOf(heard.parcel));
	say({ kind: 'figures', count: heard.parcel.count, figures: figures() });
});

function tellFigures(): void {
	clock.after(FIGURES_EVERY_MS, () => {
		say({ kind: 'figures', count: 0, figures: figures() });
		tellFigures();
	});
}

async function end(): Promise<void> {
	await delivery[Symbol.asyncDispose]();
	say({ kind: 'ended', figures: figures() });
}

function figures(): FarFigures {
	return { ...delivery.figures, unfitCount: maker.unfitCount, damagedCount: spill.damagedCount };
}

function say(said: WorkerSays): void {
	parentPort?.postMessage(said);
}
