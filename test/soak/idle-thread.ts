/** Does nothing but notice how late it is, and tells when asked. */
import { parentPort } from 'node:worker_threads';
import { LoopLag } from './lag.ts';

const lag = new LoopLag();
lag.start();
parentPort?.on('message', () => parentPort?.postMessage(lag.read()));
