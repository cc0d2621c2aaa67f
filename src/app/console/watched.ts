/** What the views are made of: an app that runs, who it is, and what is remembered of it besides its own state. */
import type { Clock } from '../../ports/clock.ts';
import type { Figures } from './figures.ts';
import type { Memory } from './memory.ts';
import type { WatchedApp } from './watched-app.ts';

export interface RunFacts {
	readonly id: string;
	readonly mode: string;
	readonly version: string;
	readonly startedAtMs: number;
	/** A hash of the settings in force. */
	settings(): string;
	/** Which of several engines it is. */
	readonly instance: string;
}

export interface Watched {
	readonly app: WatchedApp;
	readonly clock: Clock;
	readonly memory: Memory;
	readonly figures: Figures;
}
