/**
 * What is measured while we trade, as a thing that is handed in: whoever measures writes here and knows nothing of who
 * reads. Timings and tallies are asked for once, when the measuring part is made, and kept; recording is a few
 * nanoseconds and never throws. Nothing can be read back, so no decision can depend on a measurement.
 */
export interface Timing {
	/** What is no duration (negative, not a number) is not counted. */
	record(ms: number): void;
}

export interface Tally {
	add(count: number): void;
}

/** What a request to a venue is about; a `read` is everything that changes nothing. */
export type RequestVerb = 'place' | 'amend' | 'cancel' | 'read';

/** The road that a request takes, and whether it carries several commands. */
export type RequestApi = 'rest' | 'rest-batch' | 'ws' | 'ws-batch';

/** `decide`: one tick or a piece of a large one, compute only. `journal`: until a commit is safe. `reconcile`: one comparison with the venue. */
export type Stage = 'decide' | 'journal' | 'reconcile';

export interface Meter {
	/** From the first event of a flush to its last answer. */
	readonly flush: Timing;
	/** From the call that hands a request over to its answer; what is never answered is not recorded. */
	request(verb: RequestVerb, api: RequestApi): Timing;
	stage(stage: Stage): Timing;
	/** REST calls that brought no answer to what was asked: lost, unreadable, or turned away before anybody looked at it. */
	restErrors(exchange: string): Tally;
	/** Streams that came back after they were down. */
	reconnects(exchange: string): Tally;
}

const NO_TIMING: Timing = { record: () => {} };
const NO_TALLY: Tally = { add: () => {} };

/** Where nobody looks. */
export const NO_METER: Meter = {
	flush: NO_TIMING,
	request: () => NO_TIMING,
	stage: () => NO_TIMING,
	restErrors: () => NO_TALLY,
	reconnects: () => NO_TALLY,
};
