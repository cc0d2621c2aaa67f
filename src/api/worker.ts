/** The thread of the API: whatever pages and programs ask, the engine's thread has no part in but the answers. */
import { parentPort, workerData } from 'node:worker_threads';
import { systemClock } from '../network/system-clock.ts';
import { systemDisk } from '../storage/system-disk.ts';
import { ThreadDoor } from './engine-door.ts';
import type { EngineHears, ThreadHears, ThreadStart } from './link.ts';
import { serve } from './serve.ts';

const start = workerData as ThreadStart;
const clock = systemClock();
const door = new ThreadDoor(clock, say);
const opened = serve({ ...start, clock, disk: systemDisk(), door, onSay: (sentence) => say({ kind: 'say', sentence }) });

parentPort?.on('message', (heard: ThreadHears) => {
	if (heard.kind === 'end') void end();
	else door.hear(heard);
});

const served = await opened;
if (served.kind === 'refused') say(served);
else say({ kind: 'listening', url: served.api.url, link: served.api.link });

async function end(): Promise<void> {
	const { api } = { api: undefined, ...(await opened) };
	await api?.[Symbol.asyncDispose]();
	// Nothing is left to wait for.
	parentPort?.close();
}

function say(said: EngineHears): void {
	parentPort?.postMessage(said);
}
