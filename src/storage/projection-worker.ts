/** The thread that keeps the tables. Hears how far the journal is safe, and says when it has got there or cannot. */
import { parentPort, workerData } from 'node:worker_threads';
import { JournalFollower, type SafeEnd } from './journal-follower.ts';
import { Projection } from './projection.ts';

export interface WorkerStart {
	readonly folder: string;
	readonly path: string;
}

export type WorkerSays =
	| { readonly kind: 'upTo'; readonly nextNumber: number }
	| { readonly kind: 'failed'; readonly detail: string };

export type WorkerHears = { readonly kind: 'follow'; readonly end: SafeEnd } | { readonly kind: 'end' };

const { folder, path } = workerData as WorkerStart;
const { projection } = Projection.open(path);
const follower = new JournalFollower(folder, projection);

parentPort?.on('message', (heard: WorkerHears) => {
	if (heard.kind === 'end') {
		projection[Symbol.dispose]();
		parentPort?.close();
		return;
	}
	try {
		// Tables that know more than the journal are of another journal, or of a time that a power cut took back.
		if (projection.nextNumber > heard.end.nextNumber) throw new Error('the tables are ahead of the journal');
		follower.follow(heard.end);
		say({ kind: 'upTo', nextNumber: projection.nextNumber });
	} catch (error) {
		say({ kind: 'failed', detail: error instanceof Error ? error.message : String(error) });
	}
});

function say(said: WorkerSays): void {
	parentPort?.postMessage(said);
}
