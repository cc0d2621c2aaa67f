/** What may go wrong with an engine, as data: what is done to it, and which rules of `ops/prometheus/alerts.yml` then fire. */
import type { EnginePlan, ScrapedEngine } from '../scraped-engine.ts';
import type { Installed } from '../server-process.ts';

export interface Trouble {
	readonly what: string;
	/** Of the box, until it is over. */
	readonly faults?: readonly Fault[];
	/** `isOver` when all that should fire has fired, for what has to be done again and again until then. */
	act?(engine: ScrapedEngine, isOver: AbortSignal): Promise<void>;
	after?(engine: ScrapedEngine): Promise<void>;
	/** None of them does before, but for those of pace. */
	readonly fires: readonly string[];
	/** It may strike one that does not quote as well. */
	readonly strikesAnytime?: true;
}

export interface Fault {
	readonly name: string;
	readonly parameters: object;
}

/** They strike one engine, one after the other. */
export interface Scene {
	readonly where: string;
	readonly plan?: EnginePlan;
	/** Besides Prometheus. */
	readonly needs?: readonly Installed[];
	readonly troubles: readonly Trouble[];
}
